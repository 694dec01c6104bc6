//! One of the broker's log directories: its lock, identity, checkpoints and the mark of a clean shutdown.

use super::checkpoint::{
    CLEANER_CHECKPOINT, LOG_START_CHECKPOINT, RECOVERY_POINT_CHECKPOINT, REPLICATION_CHECKPOINT,
    TopicPartition, read_offsets, uuid_from_text, uuid_to_text, write_offsets,
};
use super::health::DirectoryHealth;
use super::segment::remove_if_there;
use crate::storage::{DirectoryLock, Disk, read_file, replace_file};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

const META_PROPERTIES: &str = "meta.properties";
const LOCK: &str = ".lock";
const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
const SMALL_FILE_BYTES_MAX: u64 = 64 << 10;

/// Why a log directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectoryError {
    #[error("another process uses {}; stop it, or name another directory in log.dirs", .0.display())]
    Locked(PathBuf),
    #[error("{} belongs to cluster {found}, not {wanted}", .path.display())]
    OtherCluster { path: PathBuf, found: String, wanted: String },
    #[error("{} belongs to node {found}, not {wanted}", .path.display())]
    OtherNode { path: PathBuf, found: i32, wanted: i32 },
    #[error("{} cannot be used", .path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// The kinds of offsets that are checkpointed per directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CheckpointKind {
    RecoveryPoint,
    HighWatermark,
    LogStart,
    Cleaner,
}

impl CheckpointKind {
    fn file_name(self) -> &'static str {
        match self {
            Self::RecoveryPoint => RECOVERY_POINT_CHECKPOINT,
            Self::HighWatermark => REPLICATION_CHECKPOINT,
            Self::LogStart => LOG_START_CHECKPOINT,
            Self::Cleaner => CLEANER_CHECKPOINT,
        }
    }
}

/// The offsets of a directory's checkpoints.
#[derive(Debug, Default)]
pub(crate) struct Checkpoints {
    pub(crate) recovery_points: BTreeMap<TopicPartition, i64>,
    pub(crate) high_watermarks: BTreeMap<TopicPartition, i64>,
    pub(crate) log_starts: BTreeMap<TopicPartition, i64>,
    pub(crate) cleaned: BTreeMap<TopicPartition, i64>,
}

/// A log directory in use.
#[derive(Debug)]
pub(crate) struct LogDirectory {
    disk: Arc<dyn Disk>,
    path: Arc<Path>,
    id: Uuid,
    health: DirectoryHealth,
    /// Held until the directory is closed.
    lock: Mutex<Option<Box<dyn DirectoryLock>>>,
    /// Broker epoch of the clean shutdown before this start; `None` after a crash.
    clean_shutdown_epoch: Option<i64>,
    /// What each checkpoint holds, so that one that would not change is not written.
    written: Mutex<BTreeMap<CheckpointKind, BTreeMap<TopicPartition, i64>>>,
}

/// Who a directory must belong to.
#[derive(Clone, Debug)]
pub(crate) struct DirectoryOwner {
    pub(crate) cluster_id: String,
    pub(crate) node_id: i32,
}

impl LogDirectory {
    /// Takes a directory into use, creating it if need be; `new_id` is for one that has no identity yet.
    ///
    /// The mark of a clean shutdown is taken away: from here on an end without a new one is a crash.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        path: &Path,
        owner: &DirectoryOwner,
        new_id: Uuid,
    ) -> Result<Self, DirectoryError> {
        let io_error = |source| DirectoryError::Io { path: path.to_owned(), source };
        disk.create_dir_all(path).map_err(io_error)?;
        let lock = disk
            .lock(&path.join(LOCK))
            .map_err(io_error)?
            .ok_or_else(|| DirectoryError::Locked(path.to_owned()))?;
        let id = settle_identity(&*disk, path, owner, new_id)?;
        let clean_shutdown_epoch = read_clean_shutdown(&*disk, path).map_err(io_error)?;
        remove_if_there(&*disk, &path.join(CLEAN_SHUTDOWN)).map_err(io_error)?;
        disk.sync_dir(path).map_err(io_error)?;
        Ok(Self {
            disk,
            path: Arc::from(path),
            id,
            health: DirectoryHealth::online(),
            lock: Mutex::new(Some(lock)),
            clean_shutdown_epoch,
            written: Mutex::default(),
        })
    }

    pub(crate) fn path(&self) -> &Arc<Path> {
        &self.path
    }

    /// The `directory.id` of its `meta.properties`.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a replica is placed by directory once there are several nodes")
    )]
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) fn health(&self) -> &DirectoryHealth {
        &self.health
    }

    /// Whether the directory was closed in order before this start.
    pub(crate) fn was_clean(&self) -> bool {
        self.clean_shutdown_epoch.is_some()
    }

    /// Broker epoch the clean shutdown noted; -1 when it noted none.
    #[cfg(test)]
    pub(crate) fn clean_shutdown_epoch(&self) -> Option<i64> {
        self.clean_shutdown_epoch
    }

    /// All checkpoints. A damaged one counts as empty after a warning: recovery then reads more than it would have to.
    pub(crate) fn read_checkpoints(&self) -> io::Result<Checkpoints> {
        let read = |kind: CheckpointKind| match read_offsets(&*self.disk, &self.path.join(kind.file_name())) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(%error, "checkpoint is lost");
                Ok(BTreeMap::new())
            }
            other => other,
        };
        Ok(Checkpoints {
            recovery_points: read(CheckpointKind::RecoveryPoint)?,
            high_watermarks: read(CheckpointKind::HighWatermark)?,
            log_starts: read(CheckpointKind::LogStart)?,
            cleaned: read(CheckpointKind::Cleaner)?,
        })
    }

    /// Replaces a checkpoint if it changed. Blocks on the disk.
    pub(crate) fn write_checkpoint(
        &self,
        kind: CheckpointKind,
        offsets: BTreeMap<TopicPartition, i64>,
    ) -> io::Result<()> {
        if self.health.is_offline() {
            return Err(io::Error::other("the log directory is offline"));
        }
        let mut written = self.written.lock();
        if written.get(&kind) == Some(&offsets) {
            return Ok(());
        }
        let path = self.path.join(kind.file_name());
        let entries = offsets.iter().map(|(partition, offset)| (partition, *offset));
        if let Err(error) = write_offsets(&*self.disk, &path, entries) {
            // The old one stands; only a disk that lost something it took is out of use.
            if !super::health::is_full(&error) {
                self.health.fail("write a checkpoint", &error);
            }
            return Err(error);
        }
        written.insert(kind, offsets);
        Ok(())
    }

    /// Lets others use the directory: nothing more is written to it.
    pub(crate) fn release(&self) {
        *self.lock.lock() = None;
    }

    /// Notes that everything was closed in order. The last thing written to a directory.
    pub(crate) fn mark_clean_shutdown(&self, broker_epoch: i64) -> io::Result<()> {
        if self.health.is_offline() {
            return Err(io::Error::other("the log directory is offline"));
        }
        let content = format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}");
        replace_file(&*self.disk, &self.path.join(CLEAN_SHUTDOWN), content.as_bytes(), true)
    }
}

/// The broker epoch in the mark of a clean shutdown; -1 when it has none, `None` when there is no mark.
fn read_clean_shutdown(disk: &dyn Disk, path: &Path) -> io::Result<Option<i64>> {
    let content = read_file(disk, &path.join(CLEAN_SHUTDOWN), SMALL_FILE_BYTES_MAX)?;
    Ok(content.map(|content| {
        let text = String::from_utf8_lossy(&content);
        let digits =
            text.split_once("\"brokerEpoch\"").and_then(|(_, rest)| rest.split_once(':')).map(|(_, rest)| {
                rest.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect::<String>()
            });
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(-1)
    }))
}

/// Checks `meta.properties`, or writes it. Returns the directory's id.
fn settle_identity(
    disk: &dyn Disk,
    path: &Path,
    owner: &DirectoryOwner,
    new_id: Uuid,
) -> Result<Uuid, DirectoryError> {
    let io_error = |source| DirectoryError::Io { path: path.to_owned(), source };
    let file = path.join(META_PROPERTIES);
    let invalid = |reason: &str| {
        io_error(io::Error::new(io::ErrorKind::InvalidData, format!("{META_PROPERTIES}: {reason}")))
    };
    let Some(content) = read_file(disk, &file, SMALL_FILE_BYTES_MAX).map_err(io_error)? else {
        let text = format!(
            "#\nnode.id={}\ndirectory.id={}\nversion=1\ncluster.id={}\n",
            owner.node_id,
            uuid_to_text(new_id),
            owner.cluster_id
        );
        replace_file(disk, &file, text.as_bytes(), true).map_err(io_error)?;
        return Ok(new_id);
    };
    let text = String::from_utf8(content).map_err(|_| invalid("not text"))?;
    let properties: BTreeMap<&str, &str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect();
    match properties.get("version") {
        Some(&"1") => {}
        Some(other) => {
            return Err(invalid(&format!("its format has version {other}, and this broker knows version 1")));
        }
        None => return Err(invalid("no version")),
    }
    let found: i32 =
        properties.get("node.id").and_then(|id| id.parse().ok()).ok_or_else(|| invalid("no node.id"))?;
    if found != owner.node_id {
        return Err(DirectoryError::OtherNode { path: path.to_owned(), found, wanted: owner.node_id });
    }
    let cluster_id = properties.get("cluster.id").ok_or_else(|| invalid("no cluster.id"))?;
    if *cluster_id != owner.cluster_id {
        return Err(DirectoryError::OtherCluster {
            path: path.to_owned(),
            found: (*cluster_id).to_owned(),
            wanted: owner.cluster_id.clone(),
        });
    }
    properties.get("directory.id").and_then(|id| uuid_from_text(id)).ok_or_else(|| invalid("no directory.id"))
}

/// The cluster id in a directory's `meta.properties`, for a node that has not been told one.
pub(crate) fn read_cluster_id(disk: &dyn Disk, path: &Path) -> io::Result<Option<String>> {
    let Some(content) = read_file(disk, &path.join(META_PROPERTIES), SMALL_FILE_BYTES_MAX)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&content);
    Ok(text.lines().find_map(|line| line.strip_prefix("cluster.id=")).map(|id| id.trim().to_owned()))
}
