//! The aborted transactions of a segment, by the offset of their abort marker.

use super::index_file::IndexFile;
use crate::storage::{Disk, DiskFile};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

const ENTRY_BYTES: usize = 34;

/// A transaction that was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AbortedTxn {
    pub(crate) producer_id: i64,
    /// Offset of its first record.
    pub(crate) first_offset: i64,
    /// Offset of its abort marker.
    pub(crate) last_offset: i64,
    /// Last stable offset once it was aborted.
    pub(crate) last_stable_offset: i64,
}

impl AbortedTxn {
    fn encode(&self) -> [u8; ENTRY_BYTES] {
        // Two bytes of version 0 lead.
        let mut entry = [0; ENTRY_BYTES];
        let fields = [self.producer_id, self.first_offset, self.last_offset, self.last_stable_offset];
        for (chunk, field) in entry[2..].chunks_exact_mut(8).zip(fields) {
            chunk.copy_from_slice(&field.to_be_bytes());
        }
        entry
    }

    fn decode(entry: &[u8; ENTRY_BYTES]) -> Self {
        let mut fields = entry[2..].chunks_exact(8).map(|chunk| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(chunk);
            i64::from_be_bytes(bytes)
        });
        let mut next = || fields.next().unwrap_or_default();
        Self { producer_id: next(), first_offset: next(), last_offset: next(), last_stable_offset: next() }
    }
}

/// A segment's transaction index; most segments have none, and then no file.
#[derive(Debug)]
pub(crate) struct TransactionIndex {
    entries: IndexFile<ENTRY_BYTES>,
}

impl TransactionIndex {
    pub(crate) fn open(disk: Arc<dyn Disk>, path: PathBuf, size_bytes: u64) -> io::Result<Self> {
        Ok(Self { entries: IndexFile::open(disk, path, size_bytes)? })
    }

    pub(crate) fn push(&mut self, aborted: &AbortedTxn) -> io::Result<()> {
        self.entries.push(aborted.encode())
    }

    /// Collects those that reach into `from..to`; true when later segments can hold no more of them.
    pub(crate) fn collect(&self, from: i64, to: i64, into: &mut Vec<AbortedTxn>) -> io::Result<bool> {
        let first = self.entries.partition_point(|entry| AbortedTxn::decode(entry).last_offset < from)?;
        for index in first..self.entries.count() {
            let aborted = AbortedTxn::decode(&self.entries.entry(index)?);
            if aborted.first_offset < to {
                into.push(aborted);
            }
            if aborted.last_stable_offset >= to {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Drops those whose marker is at or behind `offset`.
    pub(crate) fn truncate_to_offset(&mut self, offset: i64) -> io::Result<()> {
        let keep = self.entries.partition_point(|entry| AbortedTxn::decode(entry).last_offset < offset)?;
        self.entries.truncate(keep)
    }

    /// All of them.
    pub(crate) fn entries(&self) -> io::Result<Vec<AbortedTxn>> {
        (0..self.entries.count()).map(|index| Ok(AbortedTxn::decode(&self.entries.entry(index)?))).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.count() == 0
    }

    pub(crate) fn is_plausible(&self, file_bytes: u64) -> bool {
        file_bytes.is_multiple_of(ENTRY_BYTES as u64)
    }

    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.entries.truncate(0)
    }

    pub(crate) fn write_out(&mut self) -> io::Result<()> {
        if self.is_empty() { Ok(()) } else { self.entries.write_out() }
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
}
