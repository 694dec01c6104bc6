//! What may be done to a log, drawn at random.

use proptest::prelude::*;

/// Ids of the producers are below it.
const PRODUCERS: i64 = 3;

/// How a batch's sequence relates to what its producer wrote before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sequence {
    Next,
    /// The batch so many before the last one, again.
    Again(usize),
    /// So far from the next one.
    Off(i32),
    NewEpoch,
    OldEpoch,
}

/// A batch as a client would send it.
#[derive(Clone, Debug)]
pub(super) struct Append {
    /// Timestamp of each record.
    pub(super) times: Vec<i64>,
    pub(super) value_bytes: usize,
    /// Kafka's number of the codec.
    pub(super) codec: u8,
    pub(super) producer: Option<Writing>,
}

/// Who wrote a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writing {
    pub(super) producer_id: i64,
    pub(super) sequence: Sequence,
    pub(super) transactional: bool,
}

/// A place in the log as a share of it, so that it stays one while the rest of a history shrinks: 1 is its start, 254 its
/// end, 0 and 255 are just outside.
pub(super) type Place = u8;

/// One step of a history.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Append(Append),
    /// Batches of the leader, each so many offsets behind the one before.
    Replicate {
        gaps: Vec<u8>,
        time: i64,
    },
    EndTransaction {
        producer_id: i64,
        committed: bool,
    },
    NewLeader,
    Roll,
    /// The high watermark rises.
    Commit(Place),
    Flush,
    Read {
        from: Place,
        max_bytes: usize,
        bound: Place,
        min_one_batch: bool,
    },
    DeleteRecords(Place),
    Truncate(Place),
    /// Retention, so long after the records were written.
    Retention {
        age_ms: i64,
    },
    Close,
    /// The process dies, the disk lives on.
    Crash,
    /// What was not synced may be lost.
    PowerCut {
        /// An index into the modes of survival.
        survival: usize,
        seed: u64,
    },
}

fn append() -> impl Strategy<Value = Append> {
    let sequence = prop_oneof![
        6 => Just(Sequence::Next),
        2 => (0usize..7).prop_map(Sequence::Again),
        1 => prop_oneof![Just(-1), Just(1), Just(5)].prop_map(Sequence::Off),
        1 => Just(Sequence::NewEpoch),
        1 => Just(Sequence::OldEpoch),
    ];
    let writing = (0..PRODUCERS, sequence, any::<bool>())
        .prop_map(|(producer_id, sequence, transactional)| Writing { producer_id, sequence, transactional });
    let time = prop_oneof![9 => 999_000i64..1_001_000, 1 => Just(-1i64)];
    (proptest::collection::vec(time, 1..5), 0usize..300, 0u8..5, proptest::option::of(writing))
        .prop_map(|(times, value_bytes, codec, producer)| Append { times, value_bytes, codec, producer })
}

/// A history.
pub(super) fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let operation = prop_oneof![
        24 => append().prop_map(Operation::Append),
        2 => (proptest::collection::vec(0u8..4, 1..4), 999_000i64..1_001_000)
            .prop_map(|(gaps, time)| Operation::Replicate { gaps, time }),
        4 => (0..PRODUCERS, any::<bool>())
            .prop_map(|(producer_id, committed)| Operation::EndTransaction { producer_id, committed }),
        1 => Just(Operation::NewLeader),
        1 => Just(Operation::Roll),
        4 => any::<Place>().prop_map(Operation::Commit),
        2 => Just(Operation::Flush),
        8 => (any::<Place>(), 0usize..2000, any::<Place>(), any::<bool>()).prop_map(
            |(from, max_bytes, bound, min_one_batch)| Operation::Read { from, max_bytes, bound, min_one_batch }
        ),
        2 => any::<Place>().prop_map(Operation::DeleteRecords),
        2 => any::<Place>().prop_map(Operation::Truncate),
        1 => (0i64..2000).prop_map(|age_ms| Operation::Retention { age_ms }),
        1 => Just(Operation::Close),
        1 => Just(Operation::Crash),
        1 => (0usize..4, any::<u64>()).prop_map(|(survival, seed)| Operation::PowerCut { survival, seed }),
    ];
    proptest::collection::vec(operation, 1..60)
}

/// Configurations under which a short history rolls segments and fills indexes.
pub(super) fn configs() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let pick = |name, values: &'static [&'static str]| {
        proptest::sample::select(values).prop_map(move |value| (name, value))
    };
    (
        pick("internal.segment.bytes", &["600", "1500", "6000"]),
        pick("index.interval.bytes", &["0", "200", "4096"]),
        pick("segment.index.bytes", &["24", "10485760"]),
        pick("message.timestamp.type", &["CreateTime", "LogAppendTime"]),
    )
        .prop_map(|(segment, interval, index, time)| {
            vec![segment, interval, index, time, ("retention.ms", "500"), ("file.delete.delay.ms", "0")]
        })
}
