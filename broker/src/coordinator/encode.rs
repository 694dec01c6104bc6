//! Turns what a shard wants written into record batches.

use super::shard::{BadRecord, Shard, Write};
use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{BATCH_OVERHEAD_BYTES, BatchBuilder, BatchOptions, ProducerStamp};
use ottla_wire::compression::{CompressError, Compression};
use std::ops::Range;

/// Why records cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum EncodeError {
    /// Records that belong together, or one alone, are more than a batch may hold.
    #[error("the records do not fit a batch of {0} bytes")]
    TooLarge(usize),
    #[error(transparent)]
    Record(#[from] BadRecord),
    #[error(transparent)]
    Compress(#[from] CompressError),
}

/// Some of the records of a write.
#[derive(Debug)]
pub(super) struct EncodedBatch {
    /// Which of them.
    pub(super) records: Range<usize>,
    pub(super) bytes: Bytes,
}

/// The records of `write` in batches of at most `max_bytes` before compression; in one if they belong together.
pub(super) fn batches<S: Shard>(
    write: &Write<S::Record, S::Done>,
    compression: Compression,
    max_bytes: usize,
    now_ms: i64,
) -> Result<Vec<EncodedBatch>, EncodeError> {
    let stamp = match write.producer {
        None => ProducerStamp::NONE,
        Some(producer) => ProducerStamp {
            producer_id: producer.producer_id,
            producer_epoch: producer.producer_epoch,
            base_sequence: -1,
            transactional: true,
            control: false,
        },
    };
    let options = BatchOptions { compression, ..BatchOptions::default() };
    let new_builder = || BatchBuilder::new(options, BytesMut::with_capacity(256));
    let mut batches = Vec::with_capacity(1);
    let mut builder = new_builder();
    let (mut key, mut value) = (BytesMut::new(), BytesMut::new());
    let mut first = 0;
    for (place, record) in write.records.iter().enumerate() {
        key.clear();
        value.clear();
        let has_value = S::encode(record, &mut key, &mut value)?;
        let size_bytes = BatchBuilder::record_size_bytes(key.len(), value.len(), &[]);
        if builder.count() > 0 && builder.size_bytes() + size_bytes > max_bytes && !write.atomic {
            let full = std::mem::replace(&mut builder, new_builder());
            batches.push(EncodedBatch { records: first..place, bytes: full.finish(stamp)? });
            first = place;
        }
        if builder.size_bytes().max(BATCH_OVERHEAD_BYTES) + size_bytes > max_bytes {
            return Err(EncodeError::TooLarge(max_bytes));
        }
        builder.append(now_ms, Some(&key), has_value.then_some(&value[..]), &[]);
    }
    if builder.count() > 0 {
        batches.push(EncodedBatch { records: first..write.records.len(), bytes: builder.finish(stamp)? });
    }
    Ok(batches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coordinator::group::tests_only::{Shard as GroupShard, forgotten};
    use ottla_wire::batch::Batches;

    #[test]
    fn what_need_not_stay_together_is_spread_over_batches() {
        let write = forgotten(100, false);
        let batches = batches::<GroupShard>(&write, Compression::None, 1_000, 5).unwrap();
        assert!(batches.len() > 2, "{}", batches.len());
        let mut next = 0;
        for batch in batches {
            assert!(batch.bytes.len() <= 1_000);
            assert_eq!(batch.records.start, next);
            next = batch.records.end;
            let view = Batches::new(batch.bytes).next().unwrap().unwrap();
            assert_eq!(view.header.records_count as usize, batch.records.len());
        }
        assert_eq!(next, 100);
    }

    #[test]
    fn what_belongs_together_is_in_one_batch_or_refused() {
        let write = forgotten(100, true);
        assert_eq!(batches::<GroupShard>(&write, Compression::None, 100_000, 5).unwrap().len(), 1);
        let refused = batches::<GroupShard>(&write, Compression::None, 1_000, 5);
        assert!(matches!(refused, Err(EncodeError::TooLarge(1_000))));
        let refused = batches::<GroupShard>(&forgotten(1, false), Compression::None, 70, 5);
        assert!(matches!(refused, Err(EncodeError::TooLarge(70))));
    }
}
