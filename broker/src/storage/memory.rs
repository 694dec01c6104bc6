//! A disk in memory, for brokers that live no longer than a test.

use super::{DirectoryEntry, DirectoryLock, Disk, DiskFile, OpenMode};
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file system whose content is gone with its last handle.
#[derive(Debug, Default)]
pub(crate) struct MemoryDisk {
    tree: Arc<Mutex<Tree>>,
}

#[derive(Debug, Default)]
struct Tree {
    directories: BTreeSet<PathBuf>,
    files: BTreeMap<PathBuf, Arc<MemoryFile>>,
    locks: BTreeSet<PathBuf>,
}

/// Chunks of a fixed size but for the last, so that a growing file is never copied whole.
#[derive(Debug, Default)]
struct MemoryFile {
    chunks: RwLock<Vec<Vec<u8>>>,
}

const CHUNK_BYTES: usize = 256 << 10;

#[derive(Debug)]
struct MemoryLock {
    tree: Arc<Mutex<Tree>>,
    path: PathBuf,
}

impl DirectoryLock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.tree.lock().locks.remove(&self.path);
    }
}

fn not_found(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{} is not there", path.display()))
}

impl Tree {
    fn has_directory(&self, path: &Path) -> bool {
        path.parent().is_none() || path.as_os_str().is_empty() || self.directories.contains(path)
    }
}

impl Disk for MemoryDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut tree = self.tree.lock();
        if let Some(file) = tree.files.get(path) {
            if mode == OpenMode::Truncate {
                file.chunks.write().clear();
            }
            return Ok(Arc::<MemoryFile>::clone(file));
        }
        if mode == OpenMode::Existing || !tree.has_directory(path.parent().unwrap_or(Path::new(""))) {
            return Err(not_found(path));
        }
        let file = Arc::new(MemoryFile::default());
        tree.files.insert(path.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut tree = self.tree.lock();
        if let Some(file) = tree.files.remove(from) {
            tree.files.insert(to.to_owned(), file);
            return Ok(());
        }
        if !tree.directories.contains(from) {
            return Err(not_found(from));
        }
        let moved = |path: &PathBuf| path.strip_prefix(from).map(|rest| join(to, rest)).ok();
        tree.directories =
            tree.directories.iter().map(|path| moved(path).unwrap_or_else(|| path.clone())).collect();
        tree.files = std::mem::take(&mut tree.files)
            .into_iter()
            .map(|(path, file)| (moved(&path).unwrap_or(path), file))
            .collect();
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.tree.lock().files.remove(path).map(drop).ok_or_else(|| not_found(path))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut tree = self.tree.lock();
        for directory in path.ancestors() {
            tree.directories.insert(directory.to_owned());
        }
        Ok(())
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut tree = self.tree.lock();
        if !tree.directories.contains(path) {
            return Err(not_found(path));
        }
        tree.directories.retain(|directory| !directory.starts_with(path));
        tree.files.retain(|file, _| !file.starts_with(path));
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let tree = self.tree.lock();
        if !tree.has_directory(directory) {
            return Err(not_found(directory));
        }
        let name_of = |path: &PathBuf| {
            (path.parent() == Some(directory))
                .then(|| path.file_name().and_then(|name| name.to_str()).map(str::to_owned))
                .flatten()
        };
        let directories = tree.directories.iter().filter_map(name_of).map(|name| DirectoryEntry {
            name,
            is_directory: true,
            size_bytes: 0,
        });
        let files = tree.files.iter().filter_map(|(path, file)| {
            let size_bytes = len_of(&file.chunks.read());
            name_of(path).map(|name| DirectoryEntry { name, is_directory: false, size_bytes })
        });
        let mut entries: Vec<_> = directories.chain(files).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn sync_dir(&self, directory: &Path) -> io::Result<()> {
        if self.tree.lock().has_directory(directory) { Ok(()) } else { Err(not_found(directory)) }
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DirectoryLock>>> {
        self.open(path, OpenMode::Create)?;
        if !self.tree.lock().locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(MemoryLock { tree: Arc::clone(&self.tree), path: path.to_owned() })))
    }
}

/// `Path::join` of an empty rest would add a trailing separator.
fn join(to: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) }
}

fn len_of(chunks: &[Vec<u8>]) -> u64 {
    chunks.last().map_or(0, |last| ((chunks.len() - 1) * CHUNK_BYTES + last.len()) as u64)
}

fn resize(chunks: &mut Vec<Vec<u8>>, len_bytes: u64) -> io::Result<()> {
    let len_bytes = usize::try_from(len_bytes).map_err(io::Error::other)?;
    let count = len_bytes.div_ceil(CHUNK_BYTES);
    chunks.truncate(count);
    while chunks.len() < count {
        if let Some(last) = chunks.last_mut() {
            last.resize(CHUNK_BYTES, 0);
        }
        chunks.push(Vec::new());
    }
    if let Some(last) = chunks.last_mut() {
        last.resize(len_bytes - (count - 1) * CHUNK_BYTES, 0);
    }
    Ok(())
}

impl DiskFile for MemoryFile {
    fn len_bytes(&self) -> io::Result<u64> {
        Ok(len_of(&self.chunks.read()))
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let chunks = self.chunks.read();
        let mut position = usize::try_from(position).map_err(io::Error::other)?;
        let mut filled = 0;
        while filled < buffer.len() {
            let Some(chunk) = chunks.get(position / CHUNK_BYTES) else { break };
            let rest = chunk.get(position % CHUNK_BYTES..).unwrap_or_default();
            let take = rest.len().min(buffer.len() - filled);
            if take == 0 {
                break;
            }
            buffer[filled..filled + take].copy_from_slice(&rest[..take]);
            filled += take;
            position += take;
        }
        Ok(filled)
    }

    fn write_at(&self, position: u64, buffers: &[IoSlice<'_>]) -> io::Result<()> {
        let mut chunks = self.chunks.write();
        let total: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        let end = position + total as u64;
        if end > len_of(&chunks) {
            resize(&mut chunks, end)?;
        }
        let mut position = usize::try_from(position).map_err(io::Error::other)?;
        for buffer in buffers {
            let mut rest: &[u8] = buffer;
            while !rest.is_empty() {
                let (chunk, start) = (&mut chunks[position / CHUNK_BYTES], position % CHUNK_BYTES);
                let take = rest.len().min(chunk.len() - start);
                chunk[start..start + take].copy_from_slice(&rest[..take]);
                rest = &rest[take..];
                position += take;
            }
        }
        Ok(())
    }

    fn truncate(&self, len_bytes: u64) -> io::Result<()> {
        resize(&mut self.chunks.write(), len_bytes)
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
