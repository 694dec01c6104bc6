//! One segment: a `.log` file with its indexes.
//!
//! Owns where batches are in the file and what the indexes say of them. Does not know producers, epochs or what is visible;
//! nor when to roll, only what the decision needs.

use super::error::LogError;
use super::file_names::{
    LOG_SUFFIX, OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX, file_of, with_suffix,
};
use super::health::is_full;
use super::offset_index::OffsetIndex;
use super::segment_scan::{HeaderScan, ScanError};
use super::time_index::TimeIndex;
use super::transaction_index::TransactionIndex;
use crate::storage::{Disk, DiskFile, OpenMode};
use ottla_wire::batch::BatchHeader;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Sizes of a segment's files as a directory listing shows them; 0 for those that are not there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SegmentFiles {
    pub(crate) log_bytes: u64,
    pub(crate) offset_index_bytes: Option<u64>,
    pub(crate) time_index_bytes: Option<u64>,
    pub(crate) transaction_index_bytes: Option<u64>,
}

/// A segment.
#[derive(Debug)]
pub(crate) struct Segment {
    disk: Arc<dyn Disk>,
    directory: Arc<Path>,
    base_offset: i64,
    /// Behind every file name: the cleaner's segments carry one until they are in place.
    name_suffix: &'static str,
    log: OnceLock<Arc<dyn DiskFile>>,
    size_bytes: u64,
    unsynced: bool,
    pub(crate) offset_index: OffsetIndex,
    pub(crate) time_index: TimeIndex,
    pub(crate) transaction_index: TransactionIndex,
    /// Largest timestamp and the last offset of the batch that has it; -1 without records.
    max_timestamp_ms: i64,
    max_timestamp_offset: i64,
    /// Timestamp of the first batch, from which `segment.ms` counts.
    first_timestamp_ms: Option<i64>,
    created_ms: i64,
    bytes_since_index_entry: u64,
}

impl Segment {
    /// A segment of the files found. Nothing is read but the last entries of its indexes.
    pub(crate) fn open(
        disk: &Arc<dyn Disk>,
        directory: &Arc<Path>,
        base_offset: i64,
        name_suffix: &'static str,
        files: SegmentFiles,
        now_ms: i64,
    ) -> io::Result<Self> {
        let path = |suffix| path_of(directory, base_offset, suffix, name_suffix);
        let offset_index = OffsetIndex::open(
            Arc::clone(disk),
            path(OFFSET_INDEX_SUFFIX),
            base_offset,
            files.offset_index_bytes.unwrap_or(0),
        )?;
        let time_index = TimeIndex::open(
            Arc::clone(disk),
            path(TIME_INDEX_SUFFIX),
            base_offset,
            files.time_index_bytes.unwrap_or(0),
        )?;
        let transaction_index = TransactionIndex::open(
            Arc::clone(disk),
            path(TRANSACTION_INDEX_SUFFIX),
            files.transaction_index_bytes.unwrap_or(0),
        )?;
        let (max_timestamp_ms, max_timestamp_offset) = time_index.last().unwrap_or((-1, -1));
        Ok(Self {
            disk: Arc::clone(disk),
            directory: Arc::clone(directory),
            base_offset,
            name_suffix,
            log: OnceLock::new(),
            size_bytes: files.log_bytes,
            unsynced: false,
            offset_index,
            time_index,
            transaction_index,
            max_timestamp_ms,
            max_timestamp_offset,
            first_timestamp_ms: None,
            created_ms: now_ms,
            bytes_since_index_entry: 0,
        })
    }

    /// A new, empty segment. Its files are there when this returns; durable once the directory is synced.
    pub(crate) fn create(
        disk: &Arc<dyn Disk>,
        directory: &Arc<Path>,
        base_offset: i64,
        name_suffix: &'static str,
        now_ms: i64,
    ) -> io::Result<Self> {
        for suffix in [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX] {
            disk.open(&path_of(directory, base_offset, suffix, name_suffix), OpenMode::Truncate)?;
        }
        let transactions = path_of(directory, base_offset, TRANSACTION_INDEX_SUFFIX, name_suffix);
        remove_if_there(&**disk, &transactions)?;
        let log = disk.open(&path_of(directory, base_offset, LOG_SUFFIX, name_suffix), OpenMode::Truncate)?;
        let segment = Self::open(disk, directory, base_offset, name_suffix, SegmentFiles::default(), now_ms)?;
        let _ = segment.log.set(log);
        Ok(segment)
    }

    pub(crate) fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// What is behind its files' names.
    pub(crate) fn name_suffix(&self) -> &'static str {
        self.name_suffix
    }

    pub(crate) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Largest timestamp with the last offset of the batch that has it; `None` without records.
    pub(crate) fn max_timestamp(&self) -> Option<(i64, i64)> {
        (self.max_timestamp_ms >= 0).then_some((self.max_timestamp_ms, self.max_timestamp_offset))
    }

    /// Timestamp of the first batch; `None` for an empty segment.
    pub(crate) fn first_timestamp_ms(&mut self) -> Result<Option<i64>, LogError> {
        if self.first_timestamp_ms.is_none() && self.size_bytes > 0 {
            let first = self.scan(0)?.next();
            self.first_timestamp_ms = self.explain(first)?.map(|(_, header)| header.max_timestamp);
        }
        Ok(self.first_timestamp_ms)
    }

    pub(crate) fn created_ms(&self) -> i64 {
        self.created_ms
    }

    /// The log file, opened when it is first asked for.
    pub(crate) fn log_file(&self) -> io::Result<&Arc<dyn DiskFile>> {
        if let Some(file) = self.log.get() {
            return Ok(file);
        }
        let file = self.disk.open(&self.path(LOG_SUFFIX), OpenMode::Existing)?;
        Ok(self.log.get_or_init(|| file))
    }

    /// Writes batches whose headers are `headers` and whose bytes are `buffers`, all of them, behind the others.
    ///
    /// On an error nothing of it counts as written.
    pub(crate) fn append(
        &mut self,
        headers: &[BatchHeader],
        buffers: &[IoSlice<'_>],
        index_interval_bytes: u64,
    ) -> io::Result<()> {
        let position = self.size_bytes;
        let file = self.log_file()?;
        if let Err(error) = file.write_at(position, buffers) {
            // What was written of it lies behind the end, is never read and will be overwritten or cut by recovery; a file
            // on a full disk should not keep it, though.
            if let Err(truncate) = file.truncate(position) {
                tracing::warn!(error = %truncate, "cannot cut a partly written batch");
                return Err(truncate);
            }
            return Err(error);
        }
        self.unsynced = true;
        for header in headers {
            let position = self.size_bytes;
            self.note_batch(header, position, index_interval_bytes)?;
        }
        Ok(())
    }

    /// Takes a batch that is in the file at `position`, the current end, into account.
    pub(crate) fn note_batch(
        &mut self,
        header: &BatchHeader,
        position: u64,
        index_interval_bytes: u64,
    ) -> io::Result<()> {
        debug_assert_eq!(position, self.size_bytes);
        if self.first_timestamp_ms.is_none() {
            self.first_timestamp_ms = Some(header.max_timestamp);
        }
        // A batch that compaction emptied has no record left that could be looked for by time.
        if header.records_count > 0 && header.max_timestamp > self.max_timestamp_ms {
            self.max_timestamp_ms = header.max_timestamp;
            self.max_timestamp_offset = header.last_offset();
        }
        self.size_bytes += header.size_bytes() as u64;
        if self.bytes_since_index_entry > index_interval_bytes {
            self.bytes_since_index_entry = 0;
            tolerate_full(self.offset_index.push(header.last_offset(), position))?;
            tolerate_full(self.time_index.maybe_push(self.max_timestamp_ms, self.max_timestamp_offset))?;
        }
        self.bytes_since_index_entry += header.size_bytes() as u64;
        Ok(())
    }

    /// The first batch that ends at or behind `offset`; `None` when all end before.
    pub(crate) fn find(&self, offset: i64) -> Result<Option<(u64, BatchHeader)>, LogError> {
        let mut scan = self.scan(self.offset_index.position_at_or_before(offset)?)?;
        while let Some((position, header)) = self.explain(scan.next())? {
            if header.last_offset() >= offset {
                return Ok(Some((position, header)));
            }
        }
        Ok(None)
    }

    /// The end of the last batch that starts at or behind `start` and ends at or before byte `limit`, with the offset where
    /// what is behind it begins; `start` itself when not even the first one fits. Callers make sure that `start` is the start
    /// of a batch and `limit` is inside the segment.
    pub(crate) fn boundary(&self, start: u64, limit: u64) -> Result<(u64, i64), LogError> {
        let from = self.offset_index.boundary_at_or_before(limit)?.max(start);
        let (mut end, mut next_offset) = (from, self.base_offset);
        let mut scan = self.scan(from)?;
        while let Some((position, header)) = self.explain(scan.next())? {
            let next = position + header.size_bytes() as u64;
            if next > limit {
                // Compaction may leave a gap before this batch; what was passed still ends below its base.
                next_offset = next_offset.max(header.base_offset);
                break;
            }
            (end, next_offset) = (next, header.next_offset());
        }
        Ok((end, next_offset))
    }

    /// A walk over the headers from a batch's start on.
    pub(crate) fn scan(&self, position: u64) -> io::Result<HeaderScan<'_>> {
        // Writers only add behind `size_bytes`, so the walk is over whole batches.
        Ok(HeaderScan::new(&**self.log_file()?, position, self.size_bytes))
    }

    /// Names the segment in a walk's error.
    pub(crate) fn explain<T>(&self, result: Result<T, ScanError>) -> Result<T, LogError> {
        result.map_err(|error| match error {
            ScanError::Io(error) => LogError::Storage(error),
            ScanError::Corrupt { position, reason } => {
                LogError::Corrupt { base_offset: self.base_offset, position, reason }
            }
        })
    }

    /// Offset behind the last batch, by walking from the last index entry.
    pub(crate) fn read_next_offset(&self) -> Result<i64, LogError> {
        let start = self.offset_index.last().map_or(0, |(_, position)| position);
        let mut scan = self.scan(start)?;
        let mut next_offset = self.base_offset;
        while let Some((_, header)) = self.explain(scan.next())? {
            next_offset = header.next_offset();
        }
        Ok(next_offset)
    }

    /// Takes into account batches behind the last index entry, which a clean shutdown or an idle spell left unindexed:
    /// their largest timestamp and their distance from the entry. Returns the offset behind the last batch.
    pub(crate) fn resume(&mut self) -> Result<i64, LogError> {
        let start = self.offset_index.last().map_or(0, |(_, position)| position);
        let mut next_offset = self.base_offset;
        let (mut max, mut max_offset) = (self.max_timestamp_ms, self.max_timestamp_offset);
        let mut scan = self.scan(start)?;
        while let Some((_, header)) = self.explain(scan.next())? {
            next_offset = header.next_offset();
            if header.max_timestamp > max {
                (max, max_offset) = (header.max_timestamp, header.last_offset());
            }
        }
        (self.max_timestamp_ms, self.max_timestamp_offset) = (max, max_offset);
        self.bytes_since_index_entry = self.size_bytes - start;
        Ok(next_offset)
    }

    /// Cuts the file behind `position`, the end of a batch, with the indexes of what is cut; `end_offset` is the offset of
    /// the first batch that goes.
    pub(crate) fn truncate(&mut self, position: u64, end_offset: i64) -> Result<(), LogError> {
        self.log_file()?.truncate(position)?;
        self.size_bytes = position;
        self.unsynced = true;
        self.offset_index.truncate_to_position(position)?;
        self.time_index.truncate_to_offset(end_offset)?;
        self.transaction_index.truncate_to_offset(end_offset)?;
        if position == 0 {
            self.first_timestamp_ms = None;
        }
        (self.max_timestamp_ms, self.max_timestamp_offset) = self.time_index.last().unwrap_or((-1, -1));
        self.resume()?;
        Ok(())
    }

    /// Empties the indexes and forgets the file's content: what recovery starts from.
    pub(crate) fn begin_rebuild(&mut self) -> io::Result<()> {
        self.offset_index.clear()?;
        self.time_index.clear()?;
        self.transaction_index.clear()?;
        self.size_bytes = 0;
        self.first_timestamp_ms = None;
        (self.max_timestamp_ms, self.max_timestamp_offset) = (-1, -1);
        self.bytes_since_index_entry = 0;
        Ok(())
    }

    /// Ends a rebuild: the file is cut behind the last batch noted.
    pub(crate) fn finish_rebuild(&mut self) -> io::Result<()> {
        let size_bytes = self.size_bytes;
        let file = self.log_file()?;
        if file.len_bytes()? != size_bytes {
            file.truncate(size_bytes)?;
        }
        // Who recovers does not know which of what it read was synced before.
        self.unsynced = true;
        self.write_out_indexes()
    }

    /// Notes the largest timestamp as Kafka does when a segment is rolled or closed, and writes the indexes out.
    pub(crate) fn write_out_indexes(&mut self) -> io::Result<()> {
        if self.max_timestamp_ms >= 0 {
            self.time_index.maybe_push(self.max_timestamp_ms, self.max_timestamp_offset)?;
        }
        self.offset_index.write_out()?;
        self.time_index.write_out()?;
        self.transaction_index.write_out()
    }

    /// Files written to since the last call, for a sync.
    pub(crate) fn take_unsynced(&mut self, into: &mut Vec<Arc<dyn DiskFile>>) -> io::Result<()> {
        if std::mem::take(&mut self.unsynced) {
            into.push(Arc::clone(self.log_file()?));
        }
        into.extend(self.offset_index.take_unsynced());
        into.extend(self.time_index.take_unsynced());
        into.extend(self.transaction_index.take_unsynced());
        Ok(())
    }

    /// Gives back memory and handles that an idle segment does not need.
    pub(crate) fn release(&mut self) -> io::Result<()> {
        self.offset_index.release()?;
        self.time_index.release()?;
        if !self.transaction_index.is_empty() {
            self.transaction_index.release()?;
        }
        if !self.unsynced {
            self.log = OnceLock::new();
        }
        Ok(())
    }

    /// Gives all files another suffix; the log file last, for it is the one that counts.
    pub(crate) fn rename(&mut self, name_suffix: &'static str) -> io::Result<()> {
        for suffix in [TRANSACTION_INDEX_SUFFIX, OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, LOG_SUFFIX] {
            let to = path_of(&self.directory, self.base_offset, suffix, name_suffix);
            match self.disk.rename(&self.path(suffix), &to) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound && suffix != LOG_SUFFIX => {}
                Err(error) => return Err(error),
            }
        }
        self.name_suffix = name_suffix;
        self.offset_index.set_path(self.path(OFFSET_INDEX_SUFFIX));
        self.time_index.set_path(self.path(TIME_INDEX_SUFFIX));
        self.transaction_index.set_path(self.path(TRANSACTION_INDEX_SUFFIX));
        Ok(())
    }

    /// Paths of all files there may be.
    pub(crate) fn paths(&self) -> [PathBuf; 4] {
        [LOG_SUFFIX, OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]
            .map(|suffix| self.path(suffix))
    }

    fn path(&self, suffix: &str) -> PathBuf {
        path_of(&self.directory, self.base_offset, suffix, self.name_suffix)
    }
}

fn path_of(directory: &Path, base_offset: i64, suffix: &str, name_suffix: &str) -> PathBuf {
    let path = file_of(directory, base_offset, suffix);
    if name_suffix.is_empty() { path } else { with_suffix(&path, name_suffix) }
}

/// An index entry that finds no room stays in memory and is written with the next one; the records matter more.
fn tolerate_full(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if is_full(&error) => Ok(()),
        other => other,
    }
}

/// Removes a file that may not be there.
pub(crate) fn remove_if_there(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    match disk.remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
