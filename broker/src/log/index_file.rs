//! A file of entries of one fixed size, appended in order: what the offset and the time index are made of.
//!
//! New entries gather in memory and are written a few hundred at a time; a crash loses them, and recovery rebuilds the index
//! from the log. The file is opened when it is first needed, so that an idle partition holds no handle.

use crate::storage::{Disk, DiskFile, OpenMode, read_exact_at};
use std::io::{self, IoSlice};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// So much of an index may be lost in a crash, and rebuilt.
const PENDING_BYTES_MAX: usize = 4096;

/// `ENTRY_BYTES` bytes each, sorted by their first field.
#[derive(Debug)]
pub(crate) struct IndexFile<const ENTRY_BYTES: usize> {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    file: OnceLock<Arc<dyn DiskFile>>,
    /// Entries in the file.
    written: u64,
    /// Entries behind those of the file.
    pending: Vec<u8>,
    last: Option<[u8; ENTRY_BYTES]>,
    /// Written to since the last [`Self::take_unsynced`].
    unsynced: bool,
}

impl<const ENTRY_BYTES: usize> IndexFile<ENTRY_BYTES> {
    /// An index that is or will be at `path`, with the `size_bytes` found there. A cut last entry is ignored and overwritten.
    pub(crate) fn open(disk: Arc<dyn Disk>, path: PathBuf, size_bytes: u64) -> io::Result<Self> {
        let mut index = Self {
            disk,
            path,
            file: OnceLock::new(),
            written: size_bytes / ENTRY_BYTES as u64,
            pending: Vec::new(),
            last: None,
            unsynced: false,
        };
        index.last = index.count().checked_sub(1).map(|last| index.entry(last)).transpose()?;
        Ok(index)
    }

    /// How many entries there are.
    pub(crate) fn count(&self) -> u64 {
        self.written + (self.pending.len() / ENTRY_BYTES) as u64
    }

    /// The last entry.
    pub(crate) fn last(&self) -> Option<[u8; ENTRY_BYTES]> {
        self.last
    }

    /// The entry at `index`, which must be below [`Self::count`].
    pub(crate) fn entry(&self, index: u64) -> io::Result<[u8; ENTRY_BYTES]> {
        let mut entry = [0; ENTRY_BYTES];
        if index < self.written {
            read_exact_at(&**self.handle()?, index * ENTRY_BYTES as u64, &mut entry)?;
        } else {
            let start = (index - self.written) as usize * ENTRY_BYTES;
            entry.copy_from_slice(&self.pending[start..start + ENTRY_BYTES]);
        }
        Ok(entry)
    }

    /// Adds an entry behind the others.
    pub(crate) fn push(&mut self, entry: [u8; ENTRY_BYTES]) -> io::Result<()> {
        self.pending.extend_from_slice(&entry);
        self.last = Some(entry);
        if self.pending.len() >= PENDING_BYTES_MAX { self.write_out() } else { Ok(()) }
    }

    /// How many entries at the front satisfy `holds`, which must hold for a prefix only.
    pub(crate) fn partition_point(
        &self,
        mut holds: impl FnMut(&[u8; ENTRY_BYTES]) -> bool,
    ) -> io::Result<u64> {
        // Most questions are about the end, whose entries are in memory.
        let (mut low, mut high) = (0, self.count());
        if self.written < high && self.written > 0 {
            if holds(&self.entry(self.written)?) {
                low = self.written + 1;
            } else {
                high = self.written;
            }
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(&self.entry(middle)?) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Drops all entries from `count` on.
    pub(crate) fn truncate(&mut self, count: u64) -> io::Result<()> {
        if count >= self.count() {
            return Ok(());
        }
        if count <= self.written {
            self.pending = Vec::new();
            if count < self.written {
                self.handle()?.truncate(count * ENTRY_BYTES as u64)?;
                self.written = count;
                self.unsynced = true;
            }
        } else {
            self.pending.truncate((count - self.written) as usize * ENTRY_BYTES);
        }
        self.last = count.checked_sub(1).map(|last| self.entry(last)).transpose()?;
        Ok(())
    }

    /// Puts the entries that are only in memory into the file, creating it if need be.
    pub(crate) fn write_out(&mut self) -> io::Result<()> {
        let position = self.written * ENTRY_BYTES as u64;
        let file = self.handle()?;
        if !self.pending.is_empty() {
            file.write_at(position, &[IoSlice::new(&self.pending)])?;
            self.written += (self.pending.len() / ENTRY_BYTES) as u64;
            self.pending.clear();
            self.unsynced = true;
        }
        Ok(())
    }

    /// The file, if it was written to since the last call and so needs a sync.
    pub(crate) fn take_unsynced(&mut self) -> Option<Arc<dyn DiskFile>> {
        if std::mem::take(&mut self.unsynced) { self.file.get().cloned() } else { None }
    }

    /// Writes all out, gives memory back and closes the file: this index will only be read, and rarely.
    pub(crate) fn release(&mut self) -> io::Result<()> {
        if !self.pending.is_empty() {
            self.write_out()?;
        }
        self.pending = Vec::new();
        if !self.unsynced {
            self.file = OnceLock::new();
        }
        Ok(())
    }

    /// Says that the file has another name now.
    pub(crate) fn set_path(&mut self, path: PathBuf) {
        self.path = path;
    }

    fn handle(&self) -> io::Result<&Arc<dyn DiskFile>> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = self.disk.open(&self.path, OpenMode::Create)?;
        Ok(self.file.get_or_init(|| file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryDisk;
    use std::path::Path;

    fn open(disk: &Arc<MemoryDisk>, size_bytes: u64) -> IndexFile<8> {
        let disk: Arc<dyn Disk> = Arc::<MemoryDisk>::clone(disk);
        IndexFile::open(disk, Path::new("x").to_owned(), size_bytes).unwrap()
    }

    #[test]
    fn finds_entries_in_file_and_memory_alike() {
        let disk = Arc::new(MemoryDisk::default());
        let mut index = open(&disk, 0);
        for value in 0..1000u64 {
            index.push((value * 2).to_be_bytes()).unwrap();
        }
        for wanted in 0..2001u64 {
            let found = index.partition_point(|entry| u64::from_be_bytes(*entry) <= wanted).unwrap();
            assert_eq!(found, (wanted / 2 + 1).min(1000), "{wanted}");
        }
        index.write_out().unwrap();
        let reopened = open(&disk, 8003);
        assert_eq!(reopened.count(), 1000);
        assert_eq!(reopened.last(), Some(1998u64.to_be_bytes()));
    }

    #[test]
    fn truncates_in_memory_and_in_the_file() {
        let disk = Arc::new(MemoryDisk::default());
        for keep in [0, 1, 511, 512, 513, 600] {
            let mut index = open(&disk, 0);
            for value in 0..600u64 {
                index.push(value.to_be_bytes()).unwrap();
            }
            index.truncate(keep).unwrap();
            assert_eq!(index.count(), keep);
            assert_eq!(index.last(), keep.checked_sub(1).map(u64::to_be_bytes));
            index.push(7777u64.to_be_bytes()).unwrap();
            assert_eq!(index.entry(keep).unwrap(), 7777u64.to_be_bytes());
        }
    }
}
