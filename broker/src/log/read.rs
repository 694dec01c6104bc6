//! Reading a log: from the tail in memory, else as ranges of files for the caller to send or read.

use super::error::LogError;
use super::partition_log::PartitionLog;
use super::segment::Segment;
use super::transaction_index::AbortedTxn;
use crate::storage::{DiskFile, read_exact_at};
use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{BatchError, BatchView, DecompressLimits, Scratch, TimestampType};
use ottla_wire::compression::DecompressError;
use smallvec::SmallVec;
use std::io;
use std::sync::Arc;

/// A piece of what was read.
#[derive(Clone, Debug)]
pub(crate) enum LogSlice {
    /// Buffers as they were appended.
    Memory(Bytes),
    /// A range of a file, whole batches.
    File { file: Arc<dyn DiskFile>, position: u64, len: usize },
}

impl LogSlice {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            Self::File { len, .. } => *len,
        }
    }

    /// The bytes, read if they are in a file.
    pub(crate) fn read(&self) -> io::Result<Bytes> {
        match self {
            Self::Memory(bytes) => Ok(bytes.clone()),
            Self::File { file, position, len } => {
                let mut bytes = BytesMut::zeroed(*len);
                read_exact_at(&**file, *position, &mut bytes)?;
                Ok(bytes.freeze())
            }
        }
    }
}

/// What a read found: whole batches, the first of which covers the offset asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogRead {
    pub(crate) slices: SmallVec<[LogSlice; 4]>,
    pub(crate) size_bytes: usize,
    /// Base offset of the first batch; at or before the offset asked for. -1 when nothing was read.
    pub(crate) first_offset: i64,
    /// Offset behind the last batch, or at most so far behind as no other batch begins.
    pub(crate) next_offset: i64,
    /// Aborted transactions that reach into what was read; filled by [`PartitionLog::read_committed`].
    pub(crate) aborted: Vec<AbortedTxn>,
}

impl LogRead {
    /// All bytes in one buffer, for callers that look into the batches.
    pub(crate) fn to_bytes(&self) -> io::Result<Bytes> {
        if let [slice] = &self.slices[..] {
            return slice.read();
        }
        let mut bytes = BytesMut::with_capacity(self.size_bytes);
        for slice in &self.slices {
            bytes.extend_from_slice(&slice.read()?);
        }
        Ok(bytes.freeze())
    }

    fn push(&mut self, slice: LogSlice) {
        self.size_bytes += slice.len();
        self.slices.push(slice);
    }
}

/// A record's place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimestampAndOffset {
    pub(crate) timestamp_ms: i64,
    pub(crate) offset: i64,
    pub(crate) leader_epoch: Option<i32>,
}

/// What a batch of so many bytes may be decompressed to while a record is looked for.
pub(crate) type MaxGrown = fn(usize) -> usize;

/// As far as a batch can.
pub(crate) const ANY_GROWTH: MaxGrown = |_| i32::MAX as usize;

impl PartitionLog {
    /// Whole batches from the one that holds `offset` on, at most `max_bytes` of them and only such as end below
    /// `upper_bound` (the high watermark or the last stable offset). With `min_one_batch` the first one comes whatever its
    /// size.
    ///
    /// Errors: an offset outside of the log. At its end the answer is empty.
    pub(crate) fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        upper_bound: i64,
        min_one_batch: bool,
    ) -> Result<LogRead, LogError> {
        if offset < self.log_start_offset || offset > self.log_end_offset {
            return Err(LogError::OffsetOutOfRange {
                offset,
                log_start_offset: self.log_start_offset,
                log_end_offset: self.log_end_offset,
            });
        }
        let mut read = LogRead { first_offset: -1, next_offset: offset, ..LogRead::default() };
        let upper_bound = upper_bound.min(self.log_end_offset);
        if offset >= upper_bound {
            return Ok(read);
        }
        if self.read_tail(offset, max_bytes, upper_bound, min_one_batch, &mut read) {
            return Ok(read);
        }
        if self.context.health.is_offline() {
            return Err(LogError::Offline);
        }
        let first = self.segment_index(offset);
        for (index, segment) in self.segments.iter().enumerate().skip(first) {
            let room = max_bytes.saturating_sub(read.size_bytes);
            let must_read = min_one_batch && read.size_bytes == 0;
            if segment.base_offset() >= upper_bound || (room == 0 && !must_read) {
                break;
            }
            let from = if index == first { offset } else { segment.base_offset() };
            let segment_end = self.segments.get(index + 1).map_or(self.log_end_offset, Segment::base_offset);
            let part =
                SegmentRead { from, max_bytes: room, upper_bound, segment_end, min_one_batch: must_read };
            if !part.run(segment, &mut read)? {
                break;
            }
        }
        Ok(read)
    }

    /// [`Self::read`] up to the last stable offset, with the aborted transactions a consumer must filter out.
    pub(crate) fn read_committed(
        &self,
        offset: i64,
        max_bytes: usize,
        last_stable_offset: i64,
        min_one_batch: bool,
    ) -> Result<LogRead, LogError> {
        let mut read = self.read(offset, max_bytes, last_stable_offset, min_one_batch)?;
        if read.size_bytes > 0 {
            read.aborted = self.aborted_transactions(offset, read.next_offset)?;
        }
        Ok(read)
    }

    /// Aborted transactions with records or their marker in `from..to`.
    pub(crate) fn aborted_transactions(&self, from: i64, to: i64) -> Result<Vec<AbortedTxn>, LogError> {
        let mut aborted = Vec::new();
        for segment in &self.segments[self.segment_index(from)..] {
            if segment.transaction_index.collect(from, to, &mut aborted)? {
                break;
            }
        }
        Ok(aborted)
    }

    /// Reads from memory; false when the batch that holds `offset` is not there.
    fn read_tail(
        &self,
        offset: i64,
        max_bytes: usize,
        upper_bound: i64,
        min_one_batch: bool,
        read: &mut LogRead,
    ) -> bool {
        let Some(entries) = self.tail.from(offset) else { return false };
        for entry in entries {
            if entry.last_offset >= upper_bound {
                break;
            }
            let is_first = read.size_bytes == 0;
            if read.size_bytes + entry.size_bytes() > max_bytes && !(is_first && min_one_batch) {
                break;
            }
            if is_first {
                read.first_offset = entry.base_offset;
            }
            read.next_offset = entry.last_offset + 1;
            read.push(LogSlice::Memory(entry.head.clone()));
            if !entry.body.is_empty() {
                read.push(LogSlice::Memory(entry.body.clone()));
            }
        }
        true
    }

    /// The first record at or after `target_ms`, looking below `upper_bound` only.
    ///
    /// With timestamps of the producers, records need not be in order of time: the earliest *offset* counts. A batch that
    /// grows beyond `max_grown` is an error.
    pub(crate) fn offset_for_timestamp(
        &self,
        target_ms: i64,
        upper_bound: i64,
        max_grown: MaxGrown,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        for segment in &self.segments {
            // The active segment's largest timestamp is exact; so are those of closed ones, whose index ends with it.
            if segment.max_timestamp().is_none_or(|(max_ms, _)| max_ms < target_ms) {
                continue;
            }
            let start = match segment.time_index.offset_before(target_ms)? {
                Some(offset) => segment.offset_index.position_at_or_before(offset)?,
                None => 0,
            };
            let mut scan = segment.scan(start)?;
            while let Some((position, header)) = segment.explain(scan.next())? {
                if header.base_offset >= upper_bound {
                    return Ok(None);
                }
                if header.max_timestamp < target_ms || header.last_offset() < self.log_start_offset {
                    continue;
                }
                let wanted = |record: &TimestampAndOffset| {
                    record.timestamp_ms >= target_ms
                        && record.offset >= self.log_start_offset
                        && record.offset < upper_bound
                };
                if let Some(found) = find_record(segment, position, header.size_bytes(), max_grown, wanted)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// The first of the records with the largest timestamp below `upper_bound`; `None` in an empty log. A batch that grows
    /// beyond `max_grown` is an error.
    pub(crate) fn max_timestamp(
        &self,
        upper_bound: i64,
        max_grown: MaxGrown,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        let candidates = self.segments.iter().filter_map(|segment| Some((segment.max_timestamp()?, segment)));
        // The earliest segment among those with the same largest timestamp.
        let best = candidates.reduce(|best, next| if next.0.0 > best.0.0 { next } else { best });
        let Some(((max_ms, last_offset), segment)) = best else { return Ok(None) };
        if let Some((position, header)) = segment.find(last_offset)? {
            let found = find_record(segment, position, header.size_bytes(), max_grown, |record| {
                record.timestamp_ms >= max_ms
                    && record.offset >= self.log_start_offset
                    && record.offset < upper_bound
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        // The largest one is not visible yet, or compaction took it: look for it.
        self.max_timestamp_by_scan(upper_bound, max_grown)
    }

    fn max_timestamp_by_scan(
        &self,
        upper_bound: i64,
        max_grown: MaxGrown,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        let mut best: Option<(i64, &Segment, u64, usize)> = None;
        for segment in &self.segments {
            let mut scan = segment.scan(0)?;
            while let Some((position, header)) = segment.explain(scan.next())? {
                if header.last_offset() >= upper_bound {
                    break;
                }
                if header.records_count <= 0 || header.last_offset() < self.log_start_offset {
                    continue;
                }
                let mut batch_max_ms = header.max_timestamp;
                if header.base_offset < self.log_start_offset {
                    // The record with the largest one may be among those deleted.
                    let left_ms = std::cell::Cell::new(-1);
                    find_record(segment, position, header.size_bytes(), max_grown, |record| {
                        if record.offset >= self.log_start_offset {
                            left_ms.set(left_ms.get().max(record.timestamp_ms));
                        }
                        false
                    })?;
                    batch_max_ms = left_ms.get();
                }
                if best.is_none_or(|(max, ..)| batch_max_ms > max) {
                    best = Some((batch_max_ms, segment, position, header.size_bytes()));
                }
            }
        }
        let Some((max_ms, segment, position, size_bytes)) = best else { return Ok(None) };
        find_record(segment, position, size_bytes, max_grown, |record| {
            record.timestamp_ms >= max_ms && record.offset >= self.log_start_offset
        })
    }

    /// The record at `log_start_offset` or the first behind it: what a lookup of the earliest timestamp answers.
    pub(crate) fn epoch_for_offset(&self, offset: i64) -> Option<i32> {
        self.epochs.epoch_for_offset(offset)
    }
}

/// A read of one segment.
struct SegmentRead {
    from: i64,
    max_bytes: usize,
    upper_bound: i64,
    /// Where the next segment begins, or the log ends.
    segment_end: i64,
    min_one_batch: bool,
}

impl SegmentRead {
    /// Adds the range of the segment's file that holds batches from `from` on; false when the read ends here.
    fn run(self, segment: &Segment, read: &mut LogRead) -> Result<bool, LogError> {
        // Compaction may leave only batches that end before.
        let Some((start, header)) = segment.find(self.from)? else { return Ok(true) };
        if header.last_offset() >= self.upper_bound {
            return Ok(false);
        }
        // Batches that end below the bound end where the first one that does not begins.
        let hidden =
            if self.upper_bound >= self.segment_end { None } else { segment.find(self.upper_bound)? };
        // The bound may lie inside of the batch that it hides, which begins before it.
        let (visible_end, visible_next) = hidden
            .map_or((segment.size_bytes(), self.segment_end), |(position, header)| {
                (position, header.base_offset)
            });
        let limit = start.saturating_add(self.max_bytes as u64);
        let (mut end, mut next_offset) = if limit >= visible_end {
            (visible_end, visible_next.min(self.upper_bound))
        } else {
            segment.boundary(start, limit)?
        };
        if end <= start {
            if !self.min_one_batch {
                return Ok(false);
            }
            (end, next_offset) = (start + header.size_bytes() as u64, header.next_offset());
        }
        if read.size_bytes == 0 {
            read.first_offset = header.base_offset;
        }
        read.next_offset = next_offset;
        let len = usize::try_from(end - start).map_err(io::Error::other)?;
        read.push(LogSlice::File { file: Arc::clone(segment.log_file()?), position: start, len });
        Ok(end == segment.size_bytes())
    }
}

/// The whole batch at `position`.
pub(super) fn read_batch(segment: &Segment, position: u64, size_bytes: usize) -> Result<BatchView, LogError> {
    let mut bytes = BytesMut::zeroed(size_bytes);
    read_exact_at(&**segment.log_file()?, position, &mut bytes)?;
    BatchView::new(bytes.freeze()).map_err(|error| corrupt(segment, position, &error))
}

fn corrupt(segment: &Segment, position: u64, error: &ottla_wire::batch::BatchError) -> LogError {
    LogError::Corrupt { base_offset: segment.base_offset(), position, reason: error.to_string() }
}

/// The first record of the batch at `position` that is `wanted`.
fn find_record(
    segment: &Segment,
    position: u64,
    size_bytes: usize,
    max_grown: MaxGrown,
    wanted: impl Fn(&TimestampAndOffset) -> bool,
) -> Result<Option<TimestampAndOffset>, LogError> {
    let batch = read_batch(segment, position, size_bytes)?;
    let epoch = batch.header.partition_leader_epoch;
    let leader_epoch = (epoch >= 0).then_some(epoch);
    if batch.header.timestamp_type() == TimestampType::LogAppendTime {
        let all = TimestampAndOffset {
            timestamp_ms: batch.header.max_timestamp,
            offset: batch.header.base_offset,
            leader_epoch,
        };
        if wanted(&all) {
            return Ok(Some(all));
        }
    }
    let mut scratch = Scratch::new();
    let limits = DecompressLimits { max_decompressed_bytes: max_grown(size_bytes) };
    let records = batch.records(&limits, &mut scratch).map_err(|error| match error {
        BatchError::Decompress(DecompressError::TooLarge { limit_bytes }) => {
            LogError::DecompressedTooLarge { max_bytes: limit_bytes }
        }
        error => corrupt(segment, position, &error),
    })?;
    for record in records {
        let record = record.map_err(|error| corrupt(segment, position, &error))?;
        let found =
            TimestampAndOffset { timestamp_ms: record.timestamp_ms, offset: record.offset, leader_epoch };
        if wanted(&found) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
