//! Which offset a time corresponds to: entries of a timestamp and the offset up to which no record is later.

use super::index_file::IndexFile;
use crate::storage::{Disk, DiskFile};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

const ENTRY_BYTES: usize = 12;

/// A segment's time index. An entry `(timestamp, offset)` says that no record at or before `offset` is later than
/// `timestamp`, and that the batch ending there has a record of it.
#[derive(Debug)]
pub(crate) struct TimeIndex {
    base_offset: i64,
    entries: IndexFile<ENTRY_BYTES>,
}

fn timestamp(entry: &[u8; ENTRY_BYTES]) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&entry[..8]);
    i64::from_be_bytes(bytes)
}

fn relative(entry: &[u8; ENTRY_BYTES]) -> i64 {
    i64::from(i32::from_be_bytes([entry[8], entry[9], entry[10], entry[11]]))
}

impl TimeIndex {
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        path: PathBuf,
        base_offset: i64,
        size_bytes: u64,
    ) -> io::Result<Self> {
        Ok(Self { base_offset, entries: IndexFile::open(disk, path, size_bytes)? })
    }

    /// Timestamp and offset of the last entry.
    pub(crate) fn last(&self) -> Option<(i64, i64)> {
        self.entries.last().map(|entry| (timestamp(&entry), self.offset_of(&entry)))
    }

    /// Adds an entry if it is later than the last one. Records without a time (-1) get none, as in Kafka.
    pub(crate) fn maybe_push(&mut self, timestamp: i64, offset: i64) -> io::Result<()> {
        if timestamp <= self.last().map_or(-1, |(last, _)| last) {
            return Ok(());
        }
        let Ok(relative) = i32::try_from(offset - self.base_offset) else {
            return Err(io::Error::other("an index entry does not fit its segment"));
        };
        let mut entry = [0; ENTRY_BYTES];
        entry[..8].copy_from_slice(&timestamp.to_be_bytes());
        entry[8..].copy_from_slice(&relative.to_be_bytes());
        self.entries.push(entry)
    }

    /// An offset before which no record is at or after `target`: the search starts behind it.
    pub(crate) fn offset_before(&self, target: i64) -> io::Result<Option<i64>> {
        let at_or_after = self.entries.partition_point(|entry| timestamp(entry) < target)?;
        at_or_after.checked_sub(1).map(|index| Ok(self.offset_of(&self.entries.entry(index)?))).transpose()
    }

    /// Drops entries of offsets at or behind `offset`.
    pub(crate) fn truncate_to_offset(&mut self, offset: i64) -> io::Result<()> {
        let limit = offset - self.base_offset;
        let keep = self.entries.partition_point(|entry| relative(entry) < limit)?;
        self.entries.truncate(keep)
    }

    pub(crate) fn is_full(&self, index_bytes_max: u64) -> bool {
        // Closing the segment adds one more.
        self.entries.count() + 1 >= index_bytes_max / ENTRY_BYTES as u64
    }

    /// Whether the entries can be right: what is looked at when a clean shutdown is trusted.
    pub(crate) fn is_plausible(&self, file_bytes: u64) -> bool {
        file_bytes.is_multiple_of(ENTRY_BYTES as u64)
            && self.last().is_none_or(|(_, offset)| offset >= self.base_offset)
    }

    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.entries.truncate(0)
    }

    pub(crate) fn write_out(&mut self) -> io::Result<()> {
        self.entries.write_out()
    }

    pub(crate) fn take_unsynced(&mut self) -> Option<Arc<dyn DiskFile>> {
        self.entries.take_unsynced()
    }

    pub(crate) fn release(&mut self) -> io::Result<()> {
        self.entries.release()
    }

    pub(crate) fn set_path(&mut self, path: PathBuf) {
        self.entries.set_path(path);
    }

    /// Saturating, as the name of a file may be any offset.
    fn offset_of(&self, entry: &[u8; ENTRY_BYTES]) -> i64 {
        self.base_offset.saturating_add(relative(entry))
    }

    /// All entries as timestamp and offset.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> Vec<(i64, i64)> {
        (0..self.entries.count())
            .map(|index| self.entries.entry(index).unwrap())
            .map(|entry| (timestamp(&entry), self.base_offset + relative(&entry)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{MemoryDisk, OpenMode};
    use std::io::IoSlice;
    use std::path::Path;

    #[test]
    fn only_later_times_are_indexed_and_no_time_never() {
        let path = Path::new("x").to_owned();
        let mut index = TimeIndex::open(Arc::new(MemoryDisk::default()), path, 100, 0).unwrap();
        for (timestamp, offset) in [(-1, -1), (5, 100), (5, 101), (4, 102), (-1, 103), (6, 104)] {
            index.maybe_push(timestamp, offset).unwrap();
        }
        assert_eq!(index.entries(), [(5, 100), (6, 104)]);
    }
    #[test]
    fn index_of_a_segment_at_the_end_of_all_offsets_is_read_without_overflow() {
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let path = Path::new("x");
        disk.open(path, OpenMode::Create).unwrap().write_at(0, &[IoSlice::new(&[1; ENTRY_BYTES])]).unwrap();
        let index = TimeIndex::open(disk, path.to_owned(), i64::MAX - 1, ENTRY_BYTES as u64).unwrap();
        assert_eq!(index.last().unwrap().1, i64::MAX);
        assert_eq!(index.offset_before(i64::MAX).unwrap(), Some(i64::MAX));
    }
}
