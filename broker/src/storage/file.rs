//! The machine's own file system.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // This is the one place that may name std's files.

use super::{DirectoryEntry, DirectoryLock, Disk, DiskFile, OpenMode};
use rustix::fs::FlockOperation;
use std::fs::{self, File};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// The machine's file system, through the page cache.
#[derive(Debug, Default)]
pub(crate) struct FileDisk;

#[derive(Debug)]
struct OsFile(File);

#[derive(Debug)]
struct OsLock {
    /// Closing it releases the locks.
    _file: File,
}

impl DirectoryLock for OsLock {}

impl Disk for FileDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(mode != OpenMode::Existing)
            .truncate(mode == OpenMode::Truncate)
            .open(path)?;
        Ok(Arc::new(OsFile(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            // No file of ours has a name that is not text; what others put here is not ours to touch.
            if let Ok(name) = entry.file_name().into_string() {
                let metadata = match entry.metadata() {
                    Ok(metadata) => metadata,
                    // Deleted between the listing and the question.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                let (is_directory, size_bytes) = (metadata.is_dir(), metadata.len());
                entries.push(DirectoryEntry { name, is_directory, size_bytes });
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn sync_dir(&self, directory: &Path) -> io::Result<()> {
        File::open(directory)?.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DirectoryLock>>> {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        // `fcntl` is what other Kafka brokers take, and it is per process; `flock` also tells two brokers of one process apart.
        for lock in [rustix::fs::flock, rustix::fs::fcntl_lock] {
            match lock(file.as_fd(), FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::ACCESS) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(Box::new(OsLock { _file: file })))
    }
}

impl DiskFile for OsFile {
    fn len_bytes(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read_at(&mut buffer[filled..], position + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, mut position: u64, buffers: &[IoSlice<'_>]) -> io::Result<()> {
        let mut left: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        // The common case is one call; the copy of the slice table is only made after a short write.
        let mut written = write_once(&self.0, position, buffers)?;
        if written == left {
            return Ok(());
        }
        let mut table = buffers.to_vec();
        let mut rest = table.as_mut_slice();
        loop {
            IoSlice::advance_slices(&mut rest, written);
            position += written as u64;
            left -= written;
            if left == 0 {
                return Ok(());
            }
            written = write_once(&self.0, position, rest)?;
        }
    }

    fn truncate(&self, len_bytes: u64) -> io::Result<()> {
        self.0.set_len(len_bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

/// One `pwritev`, at most as many buffers as the kernel takes, and never zero bytes of a non-empty write.
fn write_once(file: &File, position: u64, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
    const BUFFERS_MAX: usize = 1024;
    let buffers = &buffers[..buffers.len().min(BUFFERS_MAX)];
    loop {
        match rustix::io::pwritev(file, buffers, position) {
            Ok(0) if buffers.iter().any(|buffer| !buffer.is_empty()) => {
                return Err(io::Error::from(io::ErrorKind::WriteZero));
            }
            Ok(written) => return Ok(written),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
