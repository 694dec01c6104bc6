//! One partition's part of one fetch answer, and reading it batch by batch. A **machine**.
//!
//! Batches are checked (CRC), decompressed under a limit and walked here, once; the walk yields places, not copies. What is
//! skipped — control batches, aborted transactions, gaps of compaction, records before the position — still moves the
//! position. A batch cut off at the end is left for the next fetch.

use crate::consumer::aborted::AbortedFilter;
use crate::consumer::position::Position;
use crate::consumer::records::{DecodedBatch, NULL, RecordBatch, RecordPlace};
use crate::record::TopicPartition;
use bytes::Bytes;
use ottla_wire::batch::legacy::{AnyBatch, AnyBatches};
use ottla_wire::batch::{BatchError, BatchHeader, BatchView, DecompressLimits, RecordIter};
use std::sync::Arc;

/// How to read batches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadOptions {
    /// `check.crcs`.
    pub(crate) check_crcs: bool,
    /// `isolation.level` is `read_committed`.
    pub(crate) read_committed: bool,
    pub(crate) limits: DecompressLimits,
}

/// Data of one partition that has been fetched and not yet handed out.
pub(crate) struct CompletedFetch {
    pub(crate) partition: TopicPartition,
    /// The partition's incarnation when it was fetched: data of an older one is dropped.
    pub(crate) incarnation: u64,
    /// Bytes that count against the bound of fetched data.
    pub(crate) size_bytes: usize,
    batches: AnyBatches,
    aborted: AbortedFilter,
    /// A batch of which a part was handed out, and how much.
    open: Option<(Arc<DecodedBatch>, usize, Position)>,
    /// Next offset to hand out.
    position: Position,
}

/// One step of reading.
pub(crate) enum Read {
    /// Records, and the position behind them.
    Records(RecordBatch, Position),
    /// Something was skipped; the position behind it.
    Skipped(Position),
    /// Nothing is left.
    End,
}

/// Bytes that cannot be handed out, with the offset of the batch they are in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("batch at offset {offset}: {source}")]
pub(crate) struct ReadError {
    pub(crate) offset: i64,
    /// Behind the bad batch, where that is known: the caller may seek there.
    pub(crate) next_offset: Option<i64>,
    pub(crate) source: BatchError,
}

impl CompletedFetch {
    pub(crate) fn new(
        partition: TopicPartition,
        incarnation: u64,
        position: Position,
        records: Bytes,
        aborted: AbortedFilter,
    ) -> Self {
        let size_bytes = records.len();
        Self {
            partition,
            incarnation,
            size_bytes,
            batches: AnyBatches::new(records),
            aborted,
            open: None,
            position,
        }
    }

    /// Reads on until there are records (at most `max_records`), an end or an error. Errors repeat until the data is dropped.
    pub(crate) fn read(&mut self, max_records: usize, options: &ReadOptions) -> Result<Read, ReadError> {
        if let Some((decoded, at, behind)) = self.open.take() {
            return Ok(self.hand_out(decoded, at, behind, max_records));
        }
        let before = self.batches.clone();
        let Some(next) = self.batches.next() else { return Ok(Read::End) };
        let batch = match next {
            Ok(batch) => batch,
            Err(source) => {
                self.batches = before;
                return Err(self.error(None, source));
            }
        };
        if let Err(source) = if options.check_crcs { batch.verify_crc() } else { Ok(()) } {
            self.batches = before;
            return Err(self.error(current(&batch).map(|batch| &batch.header), source));
        }
        // Logs of old brokers hold older formats; they are rewritten, so that only one is read from here on.
        let batch = match batch.into_current(&options.limits) {
            Ok(batch) => batch,
            Err(source) => {
                self.batches = before;
                return Err(self.error(None, source));
            }
        };
        let behind = behind(&batch.header);
        if batch.header.next_offset() <= self.position.offset {
            // Before the position: the broker answers from the start of the batch that contains it.
            self.aborted.drops(&batch);
            return Ok(Read::Skipped(self.position));
        }
        let aborted = options.read_committed && self.aborted.drops(&batch);
        if batch.header.is_control() || aborted {
            self.position = behind;
            return Ok(Read::Skipped(behind));
        }
        match self.decode(&batch, options) {
            Ok(decoded) if decoded.records.is_empty() => {
                self.position = behind;
                Ok(Read::Skipped(behind))
            }
            Ok(decoded) => Ok(self.hand_out(Arc::new(decoded), 0, behind, max_records)),
            Err(source) => {
                self.batches = before;
                Err(self.error(Some(&batch.header), source))
            }
        }
    }

    fn hand_out(
        &mut self,
        decoded: Arc<DecodedBatch>,
        at: usize,
        behind: Position,
        max_records: usize,
    ) -> Read {
        let end = decoded.records.len().min(at.saturating_add(max_records.max(1)));
        self.position = if end == decoded.records.len() {
            // Behind the batch, not the record: the last offsets of a compacted batch may have none.
            behind
        } else {
            self.open = Some((decoded.clone(), end, behind));
            Position { offset: decoded.records[end - 1].offset + 1, offset_epoch: behind.offset_epoch }
        };
        Read::Records(RecordBatch::new(decoded, at..end), self.position)
    }

    fn decode(&self, batch: &BatchView, options: &ReadOptions) -> Result<DecodedBatch, BatchError> {
        let header = &batch.header;
        let payload = batch.payload(&options.limits)?;
        // The count comes from the peer; a record takes at least seven bytes.
        let mut records =
            Vec::with_capacity((header.records_count.max(0) as usize).min(payload.len() / 7 + 1));
        for record in RecordIter::new(header, &payload) {
            let record = record?;
            if record.offset < self.position.offset {
                continue;
            }
            // Ranges lie within a payload whose size is limited to far less than 4 GiB.
            let key = record.key_range().map_or((0, NULL), |range| (range.start as u32, range.len() as u32));
            let value =
                record.value_range().map_or((0, NULL), |range| (range.start as u32, range.len() as u32));
            let headers = record.headers_range();
            records.push(RecordPlace {
                offset: record.offset,
                timestamp_ms: record.timestamp_ms,
                key_start: key.0,
                key_len: key.1,
                value_start: value.0,
                value_len: value.1,
                headers_start: headers.start as u32,
                headers_len: headers.len() as u32,
                header_count: record.headers.len() as u32,
            });
        }
        Ok(DecodedBatch {
            partition: self.partition.clone(),
            payload,
            records,
            leader_epoch: epoch(header),
            timestamp_type: header.timestamp_type(),
        })
    }

    fn error(&self, header: Option<&BatchHeader>, source: BatchError) -> ReadError {
        ReadError {
            offset: header.map_or(self.position.offset, |header| header.base_offset),
            next_offset: header.map(BatchHeader::next_offset),
            source,
        }
    }
}

/// Where the next fetch goes on behind `records`, whose first offsets may lie before `from`. Looks at headers only.
pub(crate) fn position_behind(records: &Bytes, from: Position) -> Position {
    let mut position = from;
    for batch in AnyBatches::new(records.clone()) {
        // What cannot be read is reported when it is handed out; nothing is fetched beyond it.
        let Ok(batch) = batch else { break };
        if batch.last_offset() >= position.offset {
            position = match current(&batch) {
                Some(batch) => behind(&batch.header),
                None => Position::at(batch.last_offset().saturating_add(1)),
            };
        }
    }
    position
}

fn current(batch: &AnyBatch) -> Option<&BatchView> {
    match batch {
        AnyBatch::Current(batch) => Some(batch),
        AnyBatch::Legacy(_) => None,
    }
}

fn behind(header: &BatchHeader) -> Position {
    Position { offset: header.next_offset(), offset_epoch: epoch(header) }
}

fn epoch(header: &BatchHeader) -> Option<i32> {
    Some(header.partition_leader_epoch).filter(|epoch| *epoch >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::test_batches::{data_bytes, marker_bytes};

    fn options(read_committed: bool) -> ReadOptions {
        ReadOptions { check_crcs: true, read_committed, limits: DecompressLimits::default() }
    }

    fn fetch(position: i64, parts: &[Bytes], aborted: AbortedFilter) -> CompletedFetch {
        let bytes: Bytes = parts.concat().into();
        CompletedFetch::new(TopicPartition::new("t", 0), 1, Position::at(position), bytes, aborted)
    }

    /// Reads all; the offsets handed out and the position at the end.
    fn read_all(mut fetch: CompletedFetch, max_records: usize, options: &ReadOptions) -> (Vec<i64>, i64) {
        let mut offsets = Vec::new();
        let mut end = fetch.position.offset;
        loop {
            match fetch.read(max_records, options).unwrap() {
                Read::Records(batch, position) => {
                    assert!(batch.len() <= max_records);
                    for record in batch.iter() {
                        assert_eq!(record.value(), Some(record.offset().to_string().as_bytes()));
                        offsets.push(record.offset());
                    }
                    end = position.offset;
                }
                Read::Skipped(position) => end = position.offset,
                Read::End => return (offsets, end),
            }
        }
    }

    #[test]
    fn records_before_the_position_are_left_out() {
        let fetch = fetch(12, &[data_bytes(10, 5, None, 0)], AbortedFilter::default());
        assert_eq!(read_all(fetch, 500, &options(false)), (vec![12, 13, 14], 15));
    }

    #[test]
    fn a_batch_is_handed_out_in_parts() {
        let fetch =
            fetch(0, &[data_bytes(0, 5, None, 0), data_bytes(5, 2, None, 0)], AbortedFilter::default());
        assert_eq!(read_all(fetch, 2, &options(false)), (vec![0, 1, 2, 3, 4, 5, 6], 7));
    }

    #[test]
    fn a_cut_batch_is_left_for_the_next_fetch() {
        let whole = data_bytes(0, 3, None, 0);
        let next = data_bytes(3, 3, None, 0);
        let bytes = [whole, next.slice(..next.len() - 1)];
        assert_eq!(position_behind(&bytes.concat().into(), Position::at(0)).offset, 3);
        assert_eq!(
            read_all(fetch(0, &bytes, AbortedFilter::default()), 500, &options(false)),
            (vec![0, 1, 2], 3)
        );
    }

    #[test]
    fn control_batches_move_the_position() {
        let bytes = [data_bytes(0, 2, Some(7), 0), marker_bytes(2, 7, true)];
        assert_eq!(
            read_all(fetch(0, &bytes, AbortedFilter::default()), 500, &options(false)),
            (vec![0, 1], 3)
        );
    }

    #[test]
    fn aborted_records_are_seen_only_uncommitted() {
        let bytes = [data_bytes(0, 2, Some(7), 0), marker_bytes(2, 7, false), data_bytes(3, 1, Some(7), 0)];
        let filter = || AbortedFilter::new([(7, 0)]);
        assert_eq!(read_all(fetch(0, &bytes, filter()), 500, &options(true)), (vec![3], 4));
        assert_eq!(read_all(fetch(0, &bytes, filter()), 500, &options(false)), (vec![0, 1, 3], 4));
    }

    #[test]
    fn the_position_takes_the_epoch_of_what_was_read() {
        let mut fetch = fetch(0, &[data_bytes(0, 2, None, 9)], AbortedFilter::default());
        let Ok(Read::Records(batch, position)) = fetch.read(1, &options(false)) else { panic!("no records") };
        assert_eq!(position, Position { offset: 1, offset_epoch: Some(9) });
        assert_eq!(batch.get(0).and_then(|record| record.leader_epoch()), Some(9));
    }

    #[test]
    fn a_flipped_bit_is_an_error_that_names_the_batch_and_repeats() {
        let mut bad = data_bytes(5, 2, None, 0).to_vec();
        *bad.last_mut().unwrap() ^= 1;
        let mut fetch = fetch(5, &[bad.into()], AbortedFilter::default());
        for _ in 0..2 {
            let Err(error) = fetch.read(500, &options(false)) else { panic!("read corrupt bytes") };
            assert_eq!((error.offset, error.next_offset), (5, Some(7)));
        }
        let unchecked = ReadOptions { check_crcs: false, ..options(false) };
        assert!(!matches!(
            fetch.read(500, &unchecked),
            Err(ReadError { source: BatchError::Crc { .. }, .. })
        ));
    }
}
