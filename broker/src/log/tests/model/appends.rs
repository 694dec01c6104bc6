//! Appends of all origins, and what the log must answer.

use super::history::{Known, note};
use super::operation::{Append, Sequence};
use super::*;
use ottla_wire::batch::control::EndTransactionMarker;
use ottla_wire::batch::{patch_base_offset, patch_leader_epoch};
use ottla_wire::compression::Compression;

/// The answer to an append.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Appended,
    /// It is there already, at these offsets.
    Duplicate(i64, i64),
    /// With the error of this name.
    Refused(&'static str),
}

impl World {
    /// What the log holds from `first` on, as it would be read, becomes the model's.
    fn take_from_log(&mut self, first: i64) {
        let read = self.log.read(first, usize::MAX, i64::MAX, true).unwrap();
        for known in Known::all(read.to_bytes().unwrap()) {
            self.end = known.last + 1;
            note(&mut self.writers, &known);
            self.history.push(known);
        }
        assert_eq!(self.end, self.log.log_end_offset());
    }

    pub(super) fn append(&mut self, append: &Append) {
        let Some((stamp, count, expected)) = self.expected(append) else { return };
        let compression = match append.codec {
            0 => Compression::None,
            1 => Compression::Gzip { level: -1 },
            2 => Compression::Snappy,
            3 => Compression::Lz4 { level: 9 },
            _ => Compression::Zstd { level: 3 },
        };
        let options = BatchOptions { compression, ..BatchOptions::default() };
        let mut builder = BatchBuilder::new(options, BytesMut::new());
        let value = vec![b'v'; append.value_bytes];
        for time in append.times.iter().cycle().take(count) {
            builder.append(*time, Some(b"k"), Some(&value), &[]);
        }
        let bytes = builder.finish(stamp).unwrap();
        let is_large = bytes.len() as u64 > self.log.config().segment_bytes;
        let expected = if is_large { Expected::Refused("RecordListTooLarge") } else { expected };
        match (expected, self.log.append(bytes, CLIENT, self.epoch, NOW_MS)) {
            (Expected::Appended, Ok(info)) => {
                assert!(!info.duplicate);
                let last = self.end + count as i64 - 1;
                assert_eq!((info.first_offset, info.last_offset), (self.end, last));
                self.take_from_log(info.first_offset);
            }
            (Expected::Duplicate(first, last), Ok(info)) => {
                assert!(info.duplicate);
                assert_eq!((info.first_offset, info.last_offset), (first, last));
            }
            (Expected::Refused(kind), Err(error)) => {
                assert!(format!("{error:?}").starts_with(kind), "{error:?} instead of {kind}");
            }
            (expected, result) => panic!("{expected:?}, but {result:?}"),
        }
    }

    /// The producer's stamp, how many records, and the answer; `None` for an epoch there cannot be.
    fn expected(&self, append: &Append) -> Option<(ProducerStamp, usize, Expected)> {
        let count = append.times.len();
        let Some(writing) = append.producer else {
            return Some((ProducerStamp::NONE, count, Expected::Appended));
        };
        let stamped = |epoch, base_sequence| ProducerStamp {
            transactional: writing.transactional,
            ..stamp(writing.producer_id, epoch, base_sequence)
        };
        let Some(writer) = self.writers.get(&writing.producer_id) else {
            // Whoever is not known may begin anywhere.
            let (epoch, base) = match writing.sequence {
                Sequence::Next | Sequence::Again(_) => (0, 0),
                Sequence::Off(by) => (0, by.max(0)),
                Sequence::NewEpoch => (1, 0),
                Sequence::OldEpoch => return None,
            };
            return Some((stamped(epoch, base), count, Expected::Appended));
        };
        let next = writer.last_sequence() + 1;
        let (epoch, base, count) = match writing.sequence {
            Sequence::Next => (writer.epoch, next, count),
            Sequence::Off(by) => (writer.epoch, (next + by).max(0), count),
            Sequence::NewEpoch => (writer.epoch + 1, 0, count),
            Sequence::OldEpoch => (writer.epoch - 1, 0, count),
            Sequence::Again(back) => {
                let again = writer.batches.iter().rev().nth(back).or(writer.batches.front());
                again.map_or((writer.epoch, 0, count), |batch| {
                    let count = batch.last_sequence - batch.first_sequence + 1;
                    (writer.epoch, batch.first_sequence, count as usize)
                })
            }
        };
        if epoch < 0 {
            return None;
        }
        let last = base + count as i32 - 1;
        let again =
            writer.batches.iter().find(|batch| (batch.first_sequence, batch.last_sequence) == (base, last));
        let expected = match again {
            Some(again) if epoch == writer.epoch => {
                Expected::Duplicate(again.first_offset, again.last_offset)
            }
            _ if epoch < writer.epoch => Expected::Refused("InvalidProducerEpoch"),
            _ if epoch > writer.epoch && base != 0 => Expected::Refused("OutOfOrderSequence"),
            _ if epoch == writer.epoch && base != next => Expected::Refused("OutOfOrderSequence"),
            _ if writer.open_since.is_some() && !writing.transactional => {
                Expected::Refused("InvalidTxnState")
            }
            _ => Expected::Appended,
        };
        Some((stamped(epoch, base), count, expected))
    }

    pub(super) fn replicate(&mut self, gaps: &[u8], time: i64) {
        let mut all = BytesMut::new();
        let mut next = self.end;
        for gap in gaps {
            next += i64::from(*gap);
            let mut one = BytesMut::from(&batch(time, 1)[..]);
            patch_base_offset(&mut one, next);
            patch_leader_epoch(&mut one, self.epoch);
            all.extend_from_slice(&one);
            next += 1;
        }
        let first = self.end;
        let is_large = all.len() as u64 > self.log.config().segment_bytes;
        match self.log.append(all.freeze(), AppendOrigin::Replication, 0, NOW_MS) {
            Ok(info) => {
                assert_eq!(info.last_offset, next - 1);
                self.take_from_log(first);
            }
            Err(AppendError::RecordListTooLarge { .. }) if is_large => {}
            Err(error) => panic!("{error:?}"),
        }
    }

    pub(super) fn end_transaction(&mut self, producer_id: i64, committed: bool) {
        let epoch = self.writers.get(&producer_id).map_or(0, |writer| writer.epoch);
        let marker = EndTransactionMarker { committed, coordinator_epoch: 1 };
        let marker = marker.encode_batch(producer_id, epoch, NOW_MS);
        let info = self.log.append(marker, AppendOrigin::Coordinator, self.epoch, NOW_MS).unwrap();
        assert_eq!(info.first_offset, self.end);
        self.take_from_log(info.first_offset);
    }
}
