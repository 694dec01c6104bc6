//! Disks: what the log may ask of one, and the kinds there are.
//!
//! Owns files, directories and their durability. Knows nothing of Kafka. All calls block: they are short while the page
//! cache answers; the slow ones ([`DiskFile::sync`], [`Disk::sync_dir`]) are made from blocking tasks and never under a lock.
//!
//! Durability is what a power cut leaves: written bytes survive once the file was synced, and a created, renamed or removed
//! name once its directory was synced. After a failed sync nothing more may rest on that file (reliability rule I20).

#[cfg(test)]
mod faulty;
mod file;
mod memory;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use faulty::{FaultyDisk, Survival};
pub(crate) use file::FileDisk;
pub(crate) use memory::MemoryDisk;

use std::fmt::Debug;
use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::sync::Arc;

/// A tree of directories and files.
pub(crate) trait Disk: Debug + Send + Sync + 'static {
    /// Opens a file.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>>;
    /// Gives a file or directory a new name, replacing a file of that name in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file's name; who has it open can go on reading it.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Creates a directory and those above it.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Removes a directory with all it holds.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
    /// The entries of a directory, in the order of their names.
    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>>;
    /// Makes the names in a directory survive a power cut.
    fn sync_dir(&self, directory: &Path) -> io::Result<()>;
    /// Takes an exclusive lock on a file, creating it; `None` when another holds it.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DirectoryLock>>>;
}

/// An open file. Positions are the caller's business: there is no cursor.
pub(crate) trait DiskFile: Debug + Send + Sync + 'static {
    /// Size in bytes.
    fn len_bytes(&self) -> io::Result<u64>;
    /// Reads up to `buffer.len()` bytes; fewer only at the end of the file.
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes all of `buffers`, one after the other, at `position`, in one system call where the kernel takes it.
    /// After an error any part of it may have been written.
    fn write_at(&self, position: u64, buffers: &[IoSlice<'_>]) -> io::Result<()>;
    /// Cuts or zero-extends the file.
    fn truncate(&self, len_bytes: u64) -> io::Result<()>;
    /// Makes the content survive a power cut.
    fn sync(&self) -> io::Result<()>;
    /// The kernel's handle, for sending the file to a socket without a copy; `None` when the file lives elsewhere.
    fn as_fd(&self) -> Option<BorrowedFd<'_>>;
}

/// Held for as long as a directory is in use.
pub(crate) trait DirectoryLock: Debug + Send + Sync {}

/// How [`Disk::open`] treats what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenMode {
    /// The file must exist.
    Existing,
    /// The file is created when missing.
    Create,
    /// The file is created, or emptied.
    Truncate,
}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DirectoryEntry {
    pub(crate) name: String,
    pub(crate) is_directory: bool,
    /// Size of a file; meaningless for a directory.
    pub(crate) size_bytes: u64,
}

/// Fills `buffer` from `position`; `UnexpectedEof` when the file ends before.
pub(crate) fn read_exact_at(file: &dyn DiskFile, position: u64, buffer: &mut [u8]) -> io::Result<()> {
    if file.read_at(position, buffer)? < buffer.len() {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    }
    Ok(())
}

/// A whole file of at most `limit_bytes`; `None` when it is not there.
pub(crate) fn read_file(disk: &dyn Disk, path: &Path, limit_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match disk.open(path, OpenMode::Existing) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let len_bytes = file.len_bytes()?;
    if len_bytes > limit_bytes {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} holds {len_bytes} bytes, more than the {limit_bytes} it may", path.display()),
        ));
    }
    let mut content = vec![0; usize::try_from(len_bytes).map_err(io::Error::other)?];
    read_exact_at(&*file, 0, &mut content)?;
    Ok(Some(content))
}

/// Replaces a small file so that a crash at any point leaves the old or the new content, whole.
///
/// With `durable` the new content survives a power cut once this returns; without, it may take until the system writes it.
pub(crate) fn replace_file(disk: &dyn Disk, path: &Path, content: &[u8], durable: bool) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = Path::new(&temporary);
    let file = disk.open(temporary, OpenMode::Truncate)?;
    file.write_at(0, &[IoSlice::new(content)])?;
    // Unsynced content under a durable name would be an empty file after a power cut: always sync before the rename.
    file.sync()?;
    disk.rename(temporary, path)?;
    if durable && let Some(directory) = path.parent() {
        disk.sync_dir(directory)?;
    }
    Ok(())
}
