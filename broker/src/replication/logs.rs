//! Opens and deletes the logs of this node's partitions.

use crate::config::{BrokerConfig, StorageConfig};
use crate::log::{DirectoryHealth, LogConfig, LogContext, LogError, OpenOptions, PartitionLog, TailBudget};
use crate::storage::{Disk, FileDisk, MemoryDisk};
use ottla_env::Env;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Tail batches of all logs kept in memory.
const TAIL_BYTES: u64 = 64 << 20;

/// The logs' common ground.
pub(crate) struct LogManager {
    env: Env,
    context: LogContext,
    directory: PathBuf,
}

impl LogManager {
    /// On the storage the configuration names.
    pub(crate) fn new(env: Env, config: &BrokerConfig) -> Self {
        let (disk, directory): (Arc<dyn Disk>, PathBuf) = match config.storage() {
            StorageConfig::Memory => (Arc::new(MemoryDisk::default()), PathBuf::from("/memory")),
            StorageConfig::Directories(directories) => {
                (Arc::new(FileDisk), directories.first().cloned().unwrap_or_default())
            }
        };
        let tail_budget = Arc::new(TailBudget::new(TAIL_BYTES));
        let context = LogContext { disk, health: DirectoryHealth::online(), tail_budget };
        Self { env, context, directory }
    }

    /// Where the metadata log lives: with the first directory's logs.
    pub(crate) fn metadata_storage(&self) -> (LogContext, &Path) {
        (self.context.clone(), &self.directory)
    }

    /// A partition's log.
    pub(crate) fn open_or_create(
        &self,
        topic: &Arc<str>,
        topic_id: Uuid,
        partition: i32,
        config: Arc<LogConfig>,
    ) -> Result<Arc<Mutex<PartitionLog>>, LogError> {
        let directory: Arc<Path> = self.directory.join(format!("{topic}-{partition}")).into();
        let options = OpenOptions {
            topic: topic.clone(),
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
        let (log, _) = PartitionLog::open(self.context.clone(), directory, options)?;
        Ok(Arc::new(Mutex::new(log)))
    }

    /// Removes a partition's files.
    pub(crate) fn delete(&self, topic: &str, partition: i32) -> Result<(), LogError> {
        self.context.disk.remove_dir_all(&self.directory.join(format!("{topic}-{partition}")))?;
        Ok(())
    }
}
