//! All logs of a broker: opened at start, created and deleted as metadata says, closed in order.
//!
//! Owns which log is in which directory. What happens to them in the background is [`super::driver`]'s.

use super::checkpoint::TopicPartition;
use super::cleaner::CleanerConfig;
use super::config::LogConfig;
use super::directory::{CheckpointKind, Checkpoints, DirectoryError, DirectoryOwner, LogDirectory};
use super::driver;
use super::error::LogError;
use super::file_names::{DELETE_DIRECTORY_SUFFIX, parse_partition_directory, partition_directory};
use super::flush::FlushStart;
use super::partition_log::{LogContext, PartitionLog};
use super::recovery::OpenOptions;
use super::tail_cache::TailBudget;
use crate::storage::Disk;
use hashbrown::HashMap;
use ottla_env::{Env, Task};
use parking_lot::{Mutex, RwLock};
use rand::RngExt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// A log as its users hold it: the lock is taken for the length of one append or lookup.
pub(crate) type SharedLog = Arc<Mutex<PartitionLog>>;

/// The one log in these directories that is not the manager's: its only writer opens it by [`LogManager::metadata_storage`].
const METADATA_TOPIC: &str = "__cluster_metadata";

/// So long a step of the background work may take when the broker stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// What the log manager goes by. Defaults are Kafka's.
#[derive(Clone, Debug)]
pub(crate) struct LogManagerConfig {
    /// `log.dirs`; at least one.
    pub(crate) directories: Vec<PathBuf>,
    pub(crate) cluster_id: String,
    pub(crate) node_id: i32,
    /// What a log found on disk goes by until its topic's configuration is known.
    pub(crate) default_config: Arc<LogConfig>,
    /// `num.recovery.threads.per.data.dir`
    pub(crate) recovery_threads_per_directory: usize,
    /// `log.flush.offset.checkpoint.interval.ms`
    pub(crate) recovery_point_checkpoint_interval_ms: u64,
    /// `log.flush.start.offset.checkpoint.interval.ms`
    pub(crate) log_start_checkpoint_interval_ms: u64,
    /// `replica.high.watermark.checkpoint.interval.ms`
    pub(crate) high_watermark_checkpoint_interval_ms: u64,
    /// `log.retention.check.interval.ms`
    pub(crate) retention_check_interval_ms: u64,
    /// `log.initial.task.delay.ms`
    pub(crate) initial_task_delay_ms: u64,
    /// `producer.id.expiration.ms`
    pub(crate) producer_id_expiration_ms: i64,
    /// `producer.id.expiration.check.interval.ms`
    pub(crate) producer_id_expiration_check_interval_ms: u64,
    /// How much of the logs' tails stays in memory, all together.
    pub(crate) tail_cache_bytes: u64,
    pub(crate) cleaner: CleanerConfig,
}

impl Default for LogManagerConfig {
    fn default() -> Self {
        Self {
            directories: Vec::new(),
            cluster_id: String::new(),
            node_id: -1,
            default_config: Arc::default(),
            recovery_threads_per_directory: 2,
            recovery_point_checkpoint_interval_ms: 60_000,
            log_start_checkpoint_interval_ms: 60_000,
            high_watermark_checkpoint_interval_ms: 5_000,
            retention_check_interval_ms: 300_000,
            initial_task_delay_ms: 30_000,
            producer_id_expiration_ms: 86_400_000,
            producer_id_expiration_check_interval_ms: 600_000,
            tail_cache_bytes: 64 << 20,
            cleaner: CleanerConfig::default(),
        }
    }
}

/// Why logs could not be opened, created, deleted or closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogManagerError {
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("no log directory is online")]
    NoDirectory,
    #[error("log of {topic}-{partition}")]
    Log {
        topic: String,
        partition: i32,
        #[source]
        source: LogError,
    },
    #[error("storage failed")]
    Io(#[from] io::Error),
}

/// A log with where it is.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) log: SharedLog,
    pub(super) directory: Arc<LogDirectory>,
}

/// The state that the background driver shares.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) config: LogManagerConfig,
    pub(super) directories: Vec<Arc<LogDirectory>>,
    pub(super) logs: RwLock<HashMap<TopicPartition, Placed, foldhash::fast::FixedState>>,
    pub(super) tail_budget: Arc<TailBudget>,
    /// Directories of deleted partitions, with when they go.
    pub(super) deleted_directories: Mutex<Vec<(PathBuf, i64)>>,
}

/// All logs of a broker.
pub(crate) struct LogManager {
    env: Env,
    shared: Arc<Shared>,
    tasks: Mutex<Vec<Task<()>>>,
    stopping: watch::Sender<bool>,
    opening: Mutex<()>,
}

impl std::fmt::Debug for LogManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogManager").field("logs", &self.shared.logs.read().len()).finish_non_exhaustive()
    }
}

impl LogManager {
    /// Opens the directories and every log in them, and starts the background work.
    ///
    /// Errors: a directory that another process uses, or that belongs to another node or cluster; no directory at all.
    pub(crate) async fn start(
        env: Env,
        disk: Arc<dyn Disk>,
        config: LogManagerConfig,
    ) -> Result<Arc<Self>, LogManagerError> {
        let owner = DirectoryOwner { cluster_id: config.cluster_id.clone(), node_id: config.node_id };
        let mut directories = Vec::with_capacity(config.directories.len());
        for path in &config.directories {
            let new_id = uuid::Builder::from_random_bytes(env.rng("directory-id").random()).into_uuid();
            let (disk, path, owner) = (Arc::clone(&disk), path.clone(), owner.clone());
            let directory =
                env.spawn_blocking(move || LogDirectory::open(disk, &path, &owner, new_id)).await?;
            directories.push(Arc::new(directory));
        }
        if directories.is_empty() {
            return Err(LogManagerError::NoDirectory);
        }
        let shared = Arc::new(Shared {
            disk,
            tail_budget: Arc::new(TailBudget::new(config.tail_cache_bytes)),
            config,
            directories,
            logs: RwLock::default(),
            deleted_directories: Mutex::default(),
        });
        for directory in &shared.directories {
            shared.load(&env, directory).await?;
        }
        let stopping = watch::Sender::new(false);
        let tasks = driver::start(&env, &shared, &stopping);
        Ok(Arc::new(Self { env, shared, tasks: Mutex::new(tasks), stopping, opening: Mutex::new(()) }))
    }

    /// The log of a partition, created if there is none. One of another topic id is of a deleted topic, and goes.
    ///
    /// Blocks shortly on the disk; nothing is synced.
    pub(crate) fn open_or_create(
        &self,
        topic: &str,
        topic_id: Uuid,
        partition: i32,
        config: Arc<LogConfig>,
    ) -> Result<SharedLog, LogManagerError> {
        let _opening = self.opening.lock();
        if let Some(log) = self.get(topic, partition) {
            let mut locked = log.lock();
            if locked.topic_id().is_none_or(|found| found == topic_id) {
                locked.set_config(config);
                if locked.topic_id().is_none() {
                    locked.set_topic_id(topic_id).map_err(|source| named(topic, partition, source))?;
                }
                drop(locked);
                return Ok(log);
            }
            drop(locked);
            self.delete(topic, partition)?;
        }
        let directory = self.shared.least_used().ok_or(LogManagerError::NoDirectory)?;
        let options = OpenOptions {
            topic: Arc::from(topic),
            partition,
            topic_id: Some(topic_id),
            config,
            recovery_point: 0,
            log_start_offset: 0,
            high_watermark: 0,
            cleaned_to: 0,
            clean_shutdown: false,
            now_ms: self.env.wall_ms(),
        };
        self.shared.open(&directory, options).map_err(|source| named(topic, partition, source))
    }

    /// The log of a partition, if there is one.
    pub(crate) fn get(&self, topic: &str, partition: i32) -> Option<SharedLog> {
        self.shared.logs.read().get(&Name { topic, partition }).map(|placed| Arc::clone(&placed.log))
    }

    /// Deletes a partition's log. Who holds it can read its tail no longer, and its files go a little later.
    pub(crate) fn delete(&self, topic: &str, partition: i32) -> Result<(), LogManagerError> {
        let removed = self.shared.logs.write().remove(&Name { topic, partition });
        let Some(placed) = removed else { return Ok(()) };
        let mut log = placed.log.lock();
        let delay_ms = log.config().file_delete_delay_ms;
        // From here on errors of what is still under way are expected and harm nobody.
        log.retire();
        let from = Arc::clone(log.directory());
        let unique = Uuid::from_bytes(self.env.rng("deleted-directory").random()).simple();
        let mut name = format!("{}.{unique}{DELETE_DIRECTORY_SUFFIX}", partition_directory(topic, partition));
        // File systems take 255 bytes; the topic's name gives way.
        const NAME_BYTES_MAX: usize = 255;
        if name.len() > NAME_BYTES_MAX {
            name = name.split_off(name.len() - NAME_BYTES_MAX);
        }
        let to = placed.directory.path().join(name);
        self.shared.disk.rename(&from, &to)?;
        let due_ms = self.env.wall_ms().saturating_add(delay_ms);
        self.shared.deleted_directories.lock().push((to, due_ms));
        Ok(())
    }

    /// What the metadata log shares with the others, and the directory it is in: the first.
    pub(crate) fn metadata_storage(&self) -> Result<(LogContext, PathBuf), LogManagerError> {
        let directory = self.shared.directories.first().ok_or(LogManagerError::NoDirectory)?;
        let context = LogContext {
            disk: Arc::clone(&self.shared.disk),
            health: directory.health().for_log(),
            tail_budget: Arc::clone(&self.shared.tail_budget),
        };
        Ok((context, directory.path().to_path_buf()))
    }

    /// The log directories.
    #[cfg(test)]
    pub(crate) fn directories(&self) -> &[Arc<LogDirectory>] {
        &self.shared.directories
    }

    /// The directory a partition's log is in.
    pub(crate) fn directory_of(&self, topic: &str, partition: i32) -> Option<Arc<LogDirectory>> {
        let logs = self.shared.logs.read();
        logs.get(&Name { topic, partition }).map(|placed| Arc::clone(&placed.directory))
    }

    /// Broker epoch of the clean shutdown before this start, if every directory had one.
    #[cfg(test)]
    pub(crate) fn clean_shutdown_epoch(&self) -> Option<i64> {
        self.shared.directories.iter().map(|directory| directory.clean_shutdown_epoch()).min().flatten()
    }

    /// Makes one log durable up to its present end.
    #[cfg(test)]
    pub(crate) async fn flush(&self, log: &SharedLog) -> Result<(), LogManagerError> {
        let wanted = log.lock().log_end_offset();
        loop {
            if driver::flush(&self.env, log).await? && log.lock().recovery_point() >= wanted {
                return Ok(());
            }
            if log.lock().is_offline() {
                return Err(io::Error::other("the log directory is offline").into());
            }
            // Another flush is on its way, or the log was cut meanwhile: what is not covered is next.
            self.env.sleep(std::time::Duration::from_millis(1)).await;
            if log.lock().log_end_offset() < wanted {
                return Err(io::Error::other("the log was truncated").into());
            }
        }
    }

    /// Cuts a log at `offset`, as a replica that diverged from its leader must, before it appends anything again.
    ///
    /// [`PartitionLog::truncate_to`] alone would leave a recovery point on disk that vouches for what is cut: after a crash,
    /// records appended in its place would be trusted without having been synced.
    #[expect(dead_code, reason = "replicas truncate by leader epoch; they come with the replicated cluster")]
    pub(crate) async fn truncate(&self, log: &SharedLog, offset: i64) -> Result<(), LogManagerError> {
        let now_ms = self.env.wall_ms();
        let (topic, partition) = {
            let mut log = log.lock();
            let name = (Arc::clone(log.topic()), log.partition());
            log.truncate_to(offset, now_ms).map_err(|source| named(&name.0, name.1, source))?;
            name
        };
        let Some(directory) = self.directory_of(&topic, partition) else { return Ok(()) };
        let shared = Arc::clone(&self.shared);
        let kinds = &[CheckpointKind::RecoveryPoint];
        self.env.spawn_blocking(move || driver::write_checkpoints(&shared, &directory, kinds)).await?;
        Ok(())
    }

    /// Stops the background work, syncs every log and marks the directories as closed in order.
    ///
    /// A directory in which anything fails is not marked, so that the next start recovers it.
    pub(crate) async fn stop(&self, broker_epoch: i64) -> Result<(), LogManagerError> {
        self.stopping.send_replace(true);
        let deadline = self.env.now() + STOP_TIMEOUT;
        let tasks = std::mem::take(&mut *self.tasks.lock());
        for task in tasks {
            // What is left behind at the deadline is stopped by dropping it.
            if self.env.timeout_at(deadline, task).await.is_none() {
                tracing::warn!("background work on the logs did not end in time");
            }
        }
        let mut outcome = Ok(());
        for directory in &self.shared.directories {
            let (shared, closing) = (Arc::clone(&self.shared), Arc::clone(directory));
            let now_ms = self.env.wall_ms();
            let closed = self.env.spawn_blocking(move || shared.close(&closing, now_ms, broker_epoch)).await;
            if let Err(error) = closed {
                tracing::error!(path = %directory.path().display(), %error, "log directory not closed in order");
                outcome = outcome.and(Err(error));
            }
            // A late append would be lost by the next user of the directory; it is refused instead.
            for log in self.shared.logs_of(directory) {
                log.lock().retire();
            }
            directory.release();
        }
        outcome
    }
}

impl Shared {
    /// Opens every log of a directory, several at a time.
    async fn load(self: &Arc<Self>, env: &Env, directory: &Arc<LogDirectory>) -> Result<(), LogManagerError> {
        let (checkpoints, names) = {
            let (shared, directory) = (Arc::clone(self), Arc::clone(directory));
            env.spawn_blocking(move || -> io::Result<_> {
                Ok((directory.read_checkpoints()?, shared.disk.list(directory.path())?))
            })
            .await?
        };
        let mut found = Vec::new();
        for entry in names.into_iter().filter(|entry| entry.is_directory) {
            if entry.name.ends_with(DELETE_DIRECTORY_SUFFIX) {
                self.deleted_directories.lock().push((directory.path().join(entry.name), i64::MIN));
            } else if let Some((topic, partition)) = parse_partition_directory(&entry.name)
                && topic != METADATA_TOPIC
            {
                found.push((topic.to_owned(), partition));
            }
        }
        let checkpoints = Arc::new(checkpoints);
        let queue = Arc::new(Mutex::new(found));
        let threads = (0..self.config.recovery_threads_per_directory.max(1)).map(|_| {
            let (shared, directory) = (Arc::clone(self), Arc::clone(directory));
            let (queue, checkpoints, now_ms) = (Arc::clone(&queue), Arc::clone(&checkpoints), env.wall_ms());
            env.spawn_blocking(move || {
                loop {
                    let Some((topic, partition)) = queue.lock().pop() else { return };
                    shared.load_one(&directory, &checkpoints, &topic, partition, now_ms);
                }
            })
        });
        futures_util::future::join_all(threads).await;
        Ok(())
    }

    /// Opens one log found on disk. One that cannot be opened is left alone: its partition stays offline.
    fn load_one(
        &self,
        directory: &Arc<LogDirectory>,
        checkpoints: &Checkpoints,
        topic: &str,
        partition: i32,
        now_ms: i64,
    ) {
        let key = (topic.to_owned(), partition);
        let offset = |offsets: &std::collections::BTreeMap<TopicPartition, i64>| {
            offsets.get(&key).copied().unwrap_or(0)
        };
        let options = OpenOptions {
            topic: Arc::from(topic),
            partition,
            topic_id: None,
            config: Arc::clone(&self.config.default_config),
            recovery_point: offset(&checkpoints.recovery_points),
            log_start_offset: offset(&checkpoints.log_starts),
            high_watermark: offset(&checkpoints.high_watermarks),
            cleaned_to: offset(&checkpoints.cleaned),
            clean_shutdown: directory.was_clean(),
            now_ms,
        };
        let opened = self.open(directory, options).map(|log| log.lock().await_config());
        if let Err(error) = opened {
            tracing::error!(topic, partition, %error, "log cannot be opened");
            if let LogError::Storage(error) = &error {
                directory.health().fail("open a log", error);
            }
        }
    }

    /// Opens a log and makes it known.
    fn open(&self, directory: &Arc<LogDirectory>, options: OpenOptions) -> Result<SharedLog, LogError> {
        let context = LogContext {
            disk: Arc::clone(&self.disk),
            health: directory.health().for_log(),
            tail_budget: Arc::clone(&self.tail_budget),
        };
        let key = (options.topic.to_string(), options.partition);
        let path: Arc<Path> =
            Arc::from(directory.path().join(partition_directory(&options.topic, options.partition)));
        let (log, _) = PartitionLog::open(context, path, options)?;
        let log = Arc::new(Mutex::new(log));
        let placed = Placed { log: Arc::clone(&log), directory: Arc::clone(directory) };
        self.logs.write().insert(key, placed);
        Ok(log)
    }

    /// The online directory with the fewest logs.
    fn least_used(&self) -> Option<Arc<LogDirectory>> {
        let logs = self.logs.read();
        let count = |directory: &Arc<LogDirectory>| {
            logs.values().filter(|placed| Arc::ptr_eq(&placed.directory, directory)).count()
        };
        let mut online = self.directories.iter().filter(|directory| !directory.health().is_offline());
        if self.directories.len() == 1 {
            return online.next().cloned();
        }
        online.min_by_key(|directory| count(directory)).cloned()
    }

    /// Every log of a directory.
    pub(super) fn logs_of(&self, directory: &Arc<LogDirectory>) -> Vec<SharedLog> {
        let logs = self.logs.read();
        let here = logs.values().filter(|placed| Arc::ptr_eq(&placed.directory, directory));
        here.map(|placed| Arc::clone(&placed.log)).collect()
    }

    fn close(
        &self,
        directory: &Arc<LogDirectory>,
        now_ms: i64,
        broker_epoch: i64,
    ) -> Result<(), LogManagerError> {
        for log in self.logs_of(directory) {
            let mut locked = log.lock();
            locked.prepare_close().map_err(io::Error::other)?;
            let start = locked.begin_flush(now_ms).map_err(io::Error::other)?;
            drop(locked);
            match start {
                FlushStart::Clean => {}
                FlushStart::Job(job) => {
                    let flushed = job.run()?;
                    log.lock().finish_flush(flushed);
                }
                FlushStart::Busy => {
                    return Err(io::Error::other("a flush was cut short by the shutdown").into());
                }
            }
        }
        driver::write_checkpoints(self, directory, driver::CHECKPOINTS)?;
        directory.mark_clean_shutdown(broker_epoch)?;
        Ok(())
    }
}

/// A key of the table that borrows its topic.
#[derive(Hash)]
struct Name<'a> {
    topic: &'a str,
    partition: i32,
}

impl hashbrown::Equivalent<TopicPartition> for Name<'_> {
    fn equivalent(&self, key: &TopicPartition) -> bool {
        self.topic == key.0 && self.partition == key.1
    }
}

fn named(topic: &str, partition: i32, source: LogError) -> LogManagerError {
    LogManagerError::Log { topic: topic.to_owned(), partition, source }
}
