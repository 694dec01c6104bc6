//! DescribeLogDirs, versions 1 to 4: what each log directory holds, and how much room it has.
//!
//! 3 has an error for the whole; 4 tells the size of the volume.

use crate::config::StorageConfig;
use crate::context::BrokerContext;
use crate::replication::Partition;
use crate::server::RequestContext;
use ottla_wire::messages::TopicName;
use ottla_wire::messages::describe_log_dirs_request::DescribeLogDirsRequest;
use ottla_wire::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use ottla_wire::protocol::StrBytes;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Describes every directory, with those of the asked partitions that live there.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: DescribeLogDirsRequest,
) -> DescribeLogDirsResponse {
    let asked: Option<HashSet<(String, i32)>> = request.topics.map(|topics| {
        let pairs = topics.into_iter().flat_map(|topic| {
            let name = topic.topic.to_string();
            topic.partitions.into_iter().map(move |partition| (name.clone(), partition))
        });
        pairs.collect()
    });
    let mut directories: BTreeMap<PathBuf, BTreeMap<Arc<str>, Vec<DescribeLogDirsPartition>>> =
        BTreeMap::new();
    if let StorageConfig::Directories(configured) = broker.config.storage() {
        directories.extend(configured.iter().map(|path| (path.clone(), BTreeMap::new())));
    }
    for partition in broker.replicas.all() {
        let wanted = |asked: &HashSet<_>| asked.contains(&(partition.topic.to_string(), partition.index));
        if asked.as_ref().is_none_or(wanted) {
            let (directory, row) = describe(&partition);
            let topics = directories.entry(directory).or_default();
            topics.entry(partition.topic.clone()).or_default().push(row);
        }
    }
    let results = directories.into_iter().map(|(directory, topics)| {
        let (total_bytes, usable_bytes) = volume_bytes(&directory);
        let topics = topics.into_iter().map(|(name, mut partitions)| {
            partitions.sort_by_key(|partition| partition.partition_index);
            DescribeLogDirsTopic::default()
                .with_name(TopicName(StrBytes::from_string(name.to_string())))
                .with_partitions(partitions)
        });
        DescribeLogDirsResult::default()
            .with_log_dir(StrBytes::from_string(directory.to_string_lossy().into_owned()))
            .with_topics(topics.collect())
            .with_total_bytes(total_bytes)
            .with_usable_bytes(usable_bytes)
    });
    DescribeLogDirsResponse::default().with_results(results.collect())
}

fn describe(partition: &Partition) -> (PathBuf, DescribeLogDirsPartition) {
    let log = partition.log();
    let directory = log.directory().parent().unwrap_or(Path::new("")).to_path_buf();
    let row = DescribeLogDirsPartition::default()
        .with_partition_index(partition.index)
        .with_partition_size(i64::try_from(log.size_bytes()).unwrap_or(i64::MAX))
        .with_offset_lag(0)
        .with_is_future_key(false);
    (directory, row)
}

/// Size and free room of the volume a directory is on; -1 when that is not known, as in memory.
fn volume_bytes(directory: &Path) -> (i64, i64) {
    match rustix::fs::statvfs(directory) {
        Ok(volume) => {
            let bytes =
                |blocks: u64| i64::try_from(blocks.saturating_mul(volume.f_frsize)).unwrap_or(i64::MAX);
            (bytes(volume.f_blocks), bytes(volume.f_bavail))
        }
        Err(_) => (-1, -1),
    }
}
