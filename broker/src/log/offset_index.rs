//! Where in a segment an offset is, to within `index.interval.bytes`: entries of relative offset and position.

use super::index_file::IndexFile;
use crate::storage::{Disk, DiskFile};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

const ENTRY_BYTES: usize = 8;

/// A segment's offset index. An entry names the *last* offset of the batch at its position.
#[derive(Debug)]
pub(crate) struct OffsetIndex {
    base_offset: i64,
    entries: IndexFile<ENTRY_BYTES>,
}

fn relative(entry: &[u8; ENTRY_BYTES]) -> i64 {
    i64::from(i32::from_be_bytes([entry[0], entry[1], entry[2], entry[3]]))
}

fn position(entry: &[u8; ENTRY_BYTES]) -> u64 {
    u64::from(u32::from_be_bytes([entry[4], entry[5], entry[6], entry[7]]))
}

impl OffsetIndex {
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        path: PathBuf,
        base_offset: i64,
        size_bytes: u64,
    ) -> io::Result<Self> {
        Ok(Self { base_offset, entries: IndexFile::open(disk, path, size_bytes)? })
    }

    /// Offset and position of the last entry.
    pub(crate) fn last(&self) -> Option<(i64, u64)> {
        self.entries.last().map(|entry| (self.offset_of(&entry), position(&entry)))
    }

    /// Notes that the batch ending with `last_offset` is at `position`. Callers keep both rising and within 31 bits.
    pub(crate) fn push(&mut self, last_offset: i64, position: u64) -> io::Result<()> {
        let (Ok(relative), Ok(position)) =
            (i32::try_from(last_offset - self.base_offset), i32::try_from(position))
        else {
            return Err(io::Error::other("an index entry does not fit its segment"));
        };
        let mut entry = [0; ENTRY_BYTES];
        entry[..4].copy_from_slice(&relative.to_be_bytes());
        entry[4..].copy_from_slice(&position.to_be_bytes());
        self.entries.push(entry)
    }

    /// A position at or before the batch that holds `offset`: that of the largest entry not above it.
    pub(crate) fn position_at_or_before(&self, offset: i64) -> io::Result<u64> {
        let relative_offset = offset - self.base_offset;
        let above = self.entries.partition_point(|entry| relative(entry) <= relative_offset)?;
        // The entry names the last offset of its batch, so even an equal one starts at or before `offset`.
        above.checked_sub(1).map_or(Ok(0), |index| Ok(position(&self.entries.entry(index)?)))
    }

    /// The start of a batch at or before byte `limit` of the segment: the last such in the index.
    pub(crate) fn boundary_at_or_before(&self, limit: u64) -> io::Result<u64> {
        let above = self.entries.partition_point(|entry| position(entry) <= limit)?;
        above.checked_sub(1).map_or(Ok(0), |index| Ok(position(&self.entries.entry(index)?)))
    }

    /// Drops entries of batches at or behind `position`.
    pub(crate) fn truncate_to_position(&mut self, limit: u64) -> io::Result<()> {
        let keep = self.entries.partition_point(|entry| position(entry) < limit)?;
        self.entries.truncate(keep)
    }

    pub(crate) fn is_full(&self, index_bytes_max: u64) -> bool {
        self.entries.count() >= index_bytes_max / ENTRY_BYTES as u64
    }

    /// Whether the entries can be right for a segment of `size_bytes`: what is looked at when a clean shutdown is trusted.
    pub(crate) fn is_plausible(&self, file_bytes: u64, segment_bytes: u64) -> bool {
        file_bytes.is_multiple_of(ENTRY_BYTES as u64)
            && self
                .last()
                .is_none_or(|(offset, position)| offset >= self.base_offset && position < segment_bytes)
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

    /// All entries as offset and position.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> Vec<(i64, u64)> {
        (0..self.entries.count())
            .map(|index| self.entries.entry(index).unwrap())
            .map(|entry| (self.base_offset + relative(&entry), position(&entry)))
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
    fn index_of_a_segment_at_the_end_of_all_offsets_is_read_without_overflow() {
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let path = Path::new("x");
        disk.open(path, OpenMode::Create).unwrap().write_at(0, &[IoSlice::new(&[1; ENTRY_BYTES])]).unwrap();
        let index = OffsetIndex::open(disk, path.to_owned(), i64::MAX - 1, ENTRY_BYTES as u64).unwrap();
        assert_eq!(index.last().unwrap().0, i64::MAX);
    }
}
