//! A disk that fails on command, for tests of crash consistency.
//!
//! It keeps apart what is written and what is synced, of contents and of names. A power cut at any chosen write leaves the
//! synced state and, by [`Survival`], none, some or torn parts of the rest, in any combination a real disk could.

use super::{DirectoryEntry, DirectoryLock, Disk, DiskFile, OpenMode};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IoSlice};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SECTOR_BYTES: usize = 512;

/// What a power cut leaves of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survival {
    /// Nothing.
    None,
    /// Each write and each change of a name, or not.
    Some,
    /// As `Some`, and of each write any sectors of 512 bytes.
    Torn,
    /// Everything: the process died, the machine did not.
    All,
}

/// A change that is not synced.
#[derive(Clone, Debug)]
enum Change {
    Write { position: usize, bytes: Vec<u8> },
    Truncate(usize),
}

#[derive(Clone, Debug, Default)]
struct Content {
    synced: Vec<u8>,
    current: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Set { path: PathBuf, file: usize },
    Remove { path: PathBuf },
    Rename { from: PathBuf, to: PathBuf, file: usize },
}

impl NameChange {
    fn directory(&self) -> Option<&Path> {
        match self {
            Self::Set { path, .. } | Self::Remove { path } | Self::Rename { to: path, .. } => path.parent(),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Set { path, file } => {
                names.insert(path.clone(), *file);
            }
            Self::Remove { path } => {
                names.remove(path);
            }
            Self::Rename { from, to, file } => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
        }
    }
}

#[derive(Debug, Default)]
struct State {
    files: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    name_changes: Vec<NameChange>,
    /// Directories are durable at once: what matters of them is in the names of their files.
    directories: BTreeSet<PathBuf>,
    locks: BTreeSet<PathBuf>,
    writes: u64,
    power_off_at: Option<u64>,
    fail_sync_at: Option<u64>,
    syncs: u64,
    capacity_bytes: Option<usize>,
    reads_fail: bool,
    failed_reads: u64,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultyDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct FaultyFile {
    state: Arc<Mutex<State>>,
    file: usize,
}

#[derive(Debug)]
struct FaultyLock {
    state: Arc<Mutex<State>>,
    path: PathBuf,
}

impl DirectoryLock for FaultyLock {}

impl Drop for FaultyLock {
    fn drop(&mut self) {
        self.state.lock().locks.remove(&self.path);
    }
}

fn not_found() -> io::Error {
    io::Error::from(io::ErrorKind::NotFound)
}

/// A small generator (SplitMix64): the disk must replay from its seed alone.
struct Coin(u64);

impl Coin {
    fn toss(&mut self) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) & 1 == 0
    }
}

fn write_into(content: &mut Vec<u8>, position: usize, bytes: &[u8]) {
    if content.len() < position + bytes.len() {
        content.resize(position + bytes.len(), 0);
    }
    content[position..position + bytes.len()].copy_from_slice(bytes);
}

impl Content {
    fn after_power_cut(&self, survival: Survival, coin: &mut Coin) -> Vec<u8> {
        if survival == Survival::All {
            return self.current.clone();
        }
        let mut content = self.synced.clone();
        for change in &self.changes {
            match (survival, change) {
                (Survival::None, _) => {}
                (Survival::Torn, Change::Write { position, bytes }) => {
                    for (index, sector) in bytes.chunks(SECTOR_BYTES).enumerate() {
                        if coin.toss() {
                            write_into(&mut content, position + index * SECTOR_BYTES, sector);
                        }
                    }
                }
                (_, Change::Write { position, bytes }) => {
                    if coin.toss() {
                        write_into(&mut content, *position, bytes);
                    }
                }
                (_, Change::Truncate(len)) => {
                    if coin.toss() {
                        content.resize(*len, 0);
                    }
                }
            }
        }
        content
    }
}

impl State {
    /// Counts a write; fails once the power is off.
    fn write(&mut self) -> io::Result<()> {
        self.powered()?;
        self.writes += 1;
        if self.power_off_at.is_some_and(|at| self.writes > at) {
            return Err(io::Error::other("power is off"));
        }
        Ok(())
    }

    fn powered(&self) -> io::Result<()> {
        if self.power_off_at.is_some_and(|at| self.writes > at) {
            return Err(io::Error::other("power is off"));
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.write()?;
        self.syncs += 1;
        if self.fail_sync_at == Some(self.syncs) {
            return Err(io::Error::other("sync failed"));
        }
        Ok(())
    }

    fn change_names(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }
}

impl FaultyDisk {
    /// Lets `count` more writes, syncs and changes of names through; the next one finds the power off.
    pub(crate) fn cut_power_after(&self, count: u64) {
        let mut state = self.state.lock();
        state.power_off_at = Some(state.writes + count);
    }

    /// Lets the `nth` sync from now fail, once, with its data gone.
    pub(crate) fn fail_sync(&self, nth: u64) {
        let mut state = self.state.lock();
        state.fail_sync_at = Some(state.syncs + nth);
    }

    /// Lets no file content beyond so many bytes in; `None` for any.
    pub(crate) fn set_capacity(&self, bytes: Option<usize>) {
        self.state.lock().capacity_bytes = bytes;
    }

    /// Whether reads of files fail from now on.
    pub(crate) fn fail_reads(&self, fail: bool) {
        self.state.lock().reads_fail = fail;
    }

    /// How many reads failed so.
    pub(crate) fn failed_reads(&self) -> u64 {
        self.state.lock().failed_reads
    }

    /// How many writes, syncs and changes of names there were.
    pub(crate) fn writes(&self) -> u64 {
        self.state.lock().writes
    }

    /// The disk as it is found when the power is back.
    pub(crate) fn after_power_cut(&self, survival: Survival, seed: u64) -> Self {
        let state = self.state.lock();
        let mut coin = Coin(seed);
        let mut names = state.synced_names.clone();
        for change in &state.name_changes {
            let survives = match survival {
                Survival::None => false,
                Survival::All => true,
                Survival::Some | Survival::Torn => coin.toss(),
            };
            if survives {
                change.apply(&mut names);
            }
        }
        let contents = state.files.iter().map(|file| {
            let synced = file.after_power_cut(survival, &mut coin);
            Content { current: synced.clone(), synced, changes: Vec::new() }
        });
        let after = State {
            files: contents.collect(),
            synced_names: names.clone(),
            names,
            directories: state.directories.clone(),
            ..State::default()
        };
        Self { state: Arc::new(Mutex::new(after)) }
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.state.lock();
        state.powered()?;
        let file = match state.names.get(path).copied() {
            Some(file) => {
                if mode == OpenMode::Truncate && !state.files[file].current.is_empty() {
                    state.write()?;
                    state.files[file].current.clear();
                    state.files[file].changes.push(Change::Truncate(0));
                }
                file
            }
            None if mode == OpenMode::Existing => return Err(not_found()),
            None => {
                state.write()?;
                let file = state.files.len();
                state.files.push(Content::default());
                state.change_names(NameChange::Set { path: path.to_owned(), file });
                file
            }
        };
        Ok(Arc::new(FaultyFile { state: Arc::clone(&self.state), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        if state.directories.contains(from) {
            state.write()?;
            let moved = |path: &PathBuf| match path.strip_prefix(from) {
                Ok(rest) if rest.as_os_str().is_empty() => to.to_owned(),
                Ok(rest) => to.join(rest),
                Err(_) => path.clone(),
            };
            state.directories = state.directories.iter().map(moved).collect();
            state.names = state.names.iter().map(|(path, file)| (moved(path), *file)).collect();
            state.synced_names = state.synced_names.iter().map(|(path, file)| (moved(path), *file)).collect();
            for change in &mut state.name_changes {
                match change {
                    NameChange::Set { path, .. } | NameChange::Remove { path } => *path = moved(path),
                    NameChange::Rename { from, to, .. } => (*from, *to) = (moved(from), moved(to)),
                }
            }
            return Ok(());
        }
        let file = *state.names.get(from).ok_or_else(not_found)?;
        state.write()?;
        state.change_names(NameChange::Rename { from: from.to_owned(), to: to.to_owned(), file });
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        if !state.names.contains_key(path) {
            return Err(not_found());
        }
        state.write()?;
        state.change_names(NameChange::Remove { path: path.to_owned() });
        Ok(())
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.powered()?;
        state.directories.extend(path.ancestors().map(Path::to_owned));
        Ok(())
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let inside: Vec<_> =
            self.state.lock().names.keys().filter(|name| name.starts_with(path)).cloned().collect();
        for name in inside {
            self.remove_file(&name)?;
        }
        self.state.lock().directories.retain(|directory| !directory.starts_with(path));
        Ok(())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<DirectoryEntry>> {
        let state = self.state.lock();
        state.powered()?;
        if !state.directories.contains(directory) {
            return Err(not_found());
        }
        let name_of = |path: &Path| {
            (path.parent() == Some(directory))
                .then(|| path.file_name().and_then(|name| name.to_str()).map(str::to_owned))
                .flatten()
        };
        let directories = state.directories.iter().filter_map(|path| name_of(path));
        let directories = directories.map(|name| DirectoryEntry { name, is_directory: true, size_bytes: 0 });
        let files = state.names.iter().filter_map(|(path, file)| {
            let size_bytes = state.files[*file].current.len() as u64;
            name_of(path).map(|name| DirectoryEntry { name, is_directory: false, size_bytes })
        });
        let mut entries: Vec<_> = directories.chain(files).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn sync_dir(&self, directory: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.sync()?;
        let (here, elsewhere): (Vec<_>, Vec<_>) = std::mem::take(&mut state.name_changes)
            .into_iter()
            .partition(|change| change.directory() == Some(directory));
        for change in here {
            change.apply(&mut state.synced_names);
        }
        state.name_changes = elsewhere;
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DirectoryLock>>> {
        self.open(path, OpenMode::Create)?;
        if !self.state.lock().locks.insert(path.to_owned()) {
            return Ok(None);
        }
        Ok(Some(Box::new(FaultyLock { state: Arc::clone(&self.state), path: path.to_owned() })))
    }
}

impl DiskFile for FaultyFile {
    fn len_bytes(&self) -> io::Result<u64> {
        let state = self.state.lock();
        state.powered()?;
        Ok(state.files[self.file].current.len() as u64)
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.lock();
        state.powered()?;
        if state.reads_fail {
            state.failed_reads += 1;
            return Err(io::Error::other("read failed"));
        }
        let content = &state.files[self.file].current;
        let rest = content.get(position as usize..).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn write_at(&self, position: u64, buffers: &[IoSlice<'_>]) -> io::Result<()> {
        let mut state = self.state.lock();
        state.write()?;
        let mut bytes: Vec<u8> = buffers.iter().flat_map(|buffer| buffer.iter().copied()).collect();
        let mut result = Ok(());
        if let Some(capacity) = state.capacity_bytes {
            let used: usize = state.files.iter().map(|file| file.current.len()).sum();
            let end = position as usize + bytes.len();
            let growth = end.saturating_sub(state.files[self.file].current.len());
            if used + growth > capacity {
                // A full disk takes what fits.
                let excess = (used + growth - capacity).min(bytes.len());
                bytes.truncate(bytes.len() - excess);
                result = Err(io::Error::from(io::ErrorKind::StorageFull));
            }
        }
        let file = &mut state.files[self.file];
        write_into(&mut file.current, position as usize, &bytes);
        file.changes.push(Change::Write { position: position as usize, bytes });
        result
    }

    fn truncate(&self, len_bytes: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        state.write()?;
        let file = &mut state.files[self.file];
        file.current.resize(len_bytes as usize, 0);
        file.changes.push(Change::Truncate(len_bytes as usize));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        if let Err(error) = state.sync() {
            // What was dirty is gone, and the next sync would say that all is well.
            let file = &mut state.files[self.file];
            file.changes.clear();
            return Err(error);
        }
        let file = &mut state.files[self.file];
        file.synced = file.current.clone();
        file.changes.clear();
        Ok(())
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}
