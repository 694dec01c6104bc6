//! The batches of a log, and what they tell of its producers.

use super::*;
use ottla_wire::batch::{BatchView, DecompressLimits, Scratch};
use std::collections::VecDeque;

/// A batch that is in the log.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) base: i64,
    pub(super) last: i64,
    pub(super) epoch: i32,
    pub(super) bytes: Bytes,
    /// Offsets and times of its records.
    pub(super) records: Vec<(i64, i64)>,
}

impl Known {
    fn new(batch: BatchView) -> Self {
        batch.verify_crc().unwrap();
        let mut scratch = Scratch::new();
        let records = batch.records(&DecompressLimits::default(), &mut scratch).unwrap();
        let records = records.map(|record| record.unwrap());
        let records = records.map(|record| (record.offset, record.timestamp_ms)).collect();
        let header = &batch.header;
        Self {
            base: header.base_offset,
            last: header.last_offset(),
            epoch: header.partition_leader_epoch,
            records,
            bytes: batch.into_bytes(),
        }
    }

    /// Every batch of `bytes`.
    pub(super) fn all(bytes: Bytes) -> impl Iterator<Item = Self> {
        Batches::new(bytes).map(|batch| Self::new(batch.unwrap()))
    }

    pub(super) fn max_ms(&self) -> i64 {
        self.records.iter().map(|(_, time)| *time).max().unwrap_or(-1)
    }
}

/// A batch of a producer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Written {
    pub(super) first_sequence: i32,
    pub(super) last_sequence: i32,
    pub(super) first_offset: i64,
    pub(super) last_offset: i64,
}

/// A producer, as the batches tell of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Writer {
    pub(super) epoch: i16,
    /// The last five, oldest first.
    pub(super) batches: VecDeque<Written>,
    pub(super) coordinator_epoch: i32,
    /// First offset of the open transaction.
    pub(super) open_since: Option<i64>,
}

impl Writer {
    pub(super) fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |batch| batch.last_sequence)
    }
}

/// Producers by id.
pub(super) type Writers = BTreeMap<i64, Writer>;

/// Takes one more batch into account.
pub(super) fn note(writers: &mut Writers, known: &Known) {
    let batch = Batches::new(known.bytes.clone()).next().unwrap().unwrap();
    let header = &batch.header;
    if !header.has_producer_id() {
        return;
    }
    let writer = writers.entry(header.producer_id).or_insert_with(|| Writer {
        epoch: header.producer_epoch,
        coordinator_epoch: -1,
        ..Writer::default()
    });
    if writer.epoch != header.producer_epoch {
        writer.epoch = header.producer_epoch;
        writer.batches.clear();
    }
    if header.is_control() {
        writer.coordinator_epoch = batch.end_transaction_marker().unwrap().unwrap().coordinator_epoch;
        writer.open_since = None;
        return;
    }
    writer.batches.push_back(Written {
        first_sequence: header.base_sequence,
        last_sequence: header.last_sequence(),
        first_offset: known.base,
        last_offset: known.last,
    });
    if writer.batches.len() > 5 {
        writer.batches.pop_front();
    }
    if header.is_transactional() && writer.open_since.is_none() {
        writer.open_since = Some(known.base);
    }
}

/// The producers that these batches tell of.
pub(super) fn writers_of(batches: &[Known]) -> Writers {
    let mut writers = Writers::new();
    for known in batches {
        note(&mut writers, known);
    }
    writers
}

/// The producers that a log knows.
pub(super) fn writers_in(log: &PartitionLog) -> Writers {
    let writer = |(id, entry): (i64, &ProducerEntry)| {
        let batches = entry.batches.iter().map(|batch| Written {
            first_sequence: batch.last_sequence.wrapping_sub(batch.offset_delta) & i32::MAX,
            last_sequence: batch.last_sequence,
            first_offset: batch.first_offset(),
            last_offset: batch.last_offset,
        });
        let writer = Writer {
            epoch: entry.producer_epoch,
            batches: batches.collect(),
            coordinator_epoch: entry.coordinator_epoch,
            open_since: entry.txn_first_offset,
        };
        (id, writer)
    };
    log.producers().sorted().into_iter().map(writer).collect()
}
