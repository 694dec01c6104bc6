//! Partition logs in Kafka's on-disk format.
//!
//! Owns segments, indexes, checkpoints, producers, recovery, retention and compaction. Knows record batches and disks; does
//! not know replicas, topics' metadata or requests.

mod batch_validator;
mod checkpoint;
mod cleaner;
mod cleaner_driver;
mod cleaner_rewrite;
mod cleaner_swap;
mod config;
mod directory;
mod driver;
mod error;
mod file_names;
mod flush;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod health;
mod index_file;
mod leader_epoch_cache;
mod manager;
mod offset_index;
mod offset_map;
mod partition_log;
mod producer_snapshot;
mod producer_state;
mod read;
mod recovery;
mod retention;
mod segment;
mod segment_scan;
mod tail_cache;
mod time_index;
mod transaction_index;
mod truncate;

#[cfg(test)]
mod tests;

pub(crate) use batch_validator::CheckedBatch;
pub(crate) use cleaner::CleanerConfig;
pub(crate) use config::{LogConfig, LogConfigError};
pub(crate) use directory::{DirectoryError, read_cluster_id};
pub(crate) use error::{AppendError, LogError};
pub(crate) use flush::FlushStart;
pub(crate) use manager::{LogManager, LogManagerConfig, LogManagerError};
pub(crate) use partition_log::{AppendInfo, AppendOrigin, LogContext, PartitionLog};
pub(crate) use read::{ANY_GROWTH, LogRead, LogSlice, MaxGrown};
pub(crate) use recovery::OpenOptions;
pub(crate) use transaction_index::AbortedTxn;
