//! Broker configuration as the log manager wants it, and the disk it works on.

use crate::config::{BrokerConfig, StorageConfig};
use crate::log::{CleanerConfig, LogConfig, LogConfigError, LogManagerConfig};
use crate::storage::{Disk, FileDisk, MemoryDisk};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The directory logs are in when there is no disk.
const MEMORY_DIRECTORY: &str = "/memory";

/// The disk the configuration names, with the log directories on it.
pub(crate) fn disk(config: &BrokerConfig) -> (Arc<dyn Disk>, Vec<PathBuf>) {
    match config.storage() {
        StorageConfig::Memory => (Arc::new(MemoryDisk::default()), vec![PathBuf::from(MEMORY_DIRECTORY)]),
        StorageConfig::Directories(directories) => (Arc::new(FileDisk), directories.clone()),
    }
}

/// What the log manager goes by.
pub(crate) fn settings(
    config: &BrokerConfig,
    directories: Vec<PathBuf>,
    cluster_id: &str,
) -> Result<LogManagerConfig, LogConfigError> {
    let millis = |name: &str| u64::try_from(config.long(name)).unwrap_or(0);
    let bytes = |name: &str| u64::try_from(config.long(name)).unwrap_or(0);
    Ok(LogManagerConfig {
        directories,
        cluster_id: cluster_id.to_owned(),
        node_id: config.node_id(),
        default_config: Arc::new(LogConfig::new(&BTreeMap::new(), &config.log_properties())?),
        recovery_threads_per_directory: config.size("num.recovery.threads.per.data.dir"),
        recovery_point_checkpoint_interval_ms: millis("log.flush.offset.checkpoint.interval.ms"),
        log_start_checkpoint_interval_ms: millis("log.flush.start.offset.checkpoint.interval.ms"),
        high_watermark_checkpoint_interval_ms: millis("replica.high.watermark.checkpoint.interval.ms"),
        retention_check_interval_ms: millis("log.retention.check.interval.ms"),
        initial_task_delay_ms: millis("log.initial.task.delay.ms"),
        producer_id_expiration_ms: config.long("producer.id.expiration.ms"),
        producer_id_expiration_check_interval_ms: millis("producer.id.expiration.check.interval.ms"),
        tail_cache_bytes: bytes("ottla.log.tail.cache.bytes"),
        cleaner: CleanerConfig {
            enable: config.boolean("log.cleaner.enable"),
            threads: config.size("log.cleaner.threads"),
            dedupe_buffer_size_bytes: bytes("log.cleaner.dedupe.buffer.size"),
            io_buffer_load_factor: config.double("log.cleaner.io.buffer.load.factor"),
            io_max_bytes_per_second: config.double("log.cleaner.io.max.bytes.per.second"),
            backoff_ms: millis("log.cleaner.backoff.ms"),
        },
    })
}
