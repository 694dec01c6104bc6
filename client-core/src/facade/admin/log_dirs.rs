//! Log directories of brokers.

use super::common::{call, nodes};
use super::shape::{PerItem, operations, told};
use crate::admin::{Admin, LogDirDescription as CoreDescription};
use crate::error::Error;
use std::collections::BTreeMap;
use std::time::Duration;

told! {
    /// A directory of a broker.
    LogDirDescription {
        /// KAFKA_STORAGE_ERROR when the directory is offline; nothing when all is well.
        error: Option<Error>,
        /// Bytes of the file system; nothing where the broker does not say.
        total_bytes: Option<i64>,
        /// Bytes still free; nothing where the broker does not say.
        usable_bytes: Option<i64>,
        /// The replicas in it, by topic and partition.
        replicas: Vec<ReplicaInfo>,
    }

    /// A replica in a directory.
    ReplicaInfo {
        /// The topic's name.
        topic: String,
        /// The partition's number.
        partition: i32,
        /// Size of its segments.
        size_bytes: i64,
        /// How many offsets it is behind: the high watermark for the present one, the present one for a future one.
        offset_lag: i64,
        /// Whether it is being moved here and will replace the present one.
        is_future: bool,
    }
}

operations! {
    /// Describes the log directories of brokers, by path.
    describe_log_dirs: DescribeLogDirs {
        /// The brokers' numbers.
        brokers: Vec<i32>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<i32, BTreeMap<String, LogDirDescription>>,
    errors "Per broker: CLUSTER_AUTHORIZATION_FAILED, Timeout or Network when it does not answer. Of a directory: KAFKA_STORAGE_ERROR.",
    source "DescribeLogDirs (KIP-113, KIP-827)";
}

async fn describe_log_dirs(
    admin: Admin,
    given: DescribeLogDirs,
) -> Result<PerItem<i32, BTreeMap<String, LogDirDescription>>, Error> {
    let results = admin.describe_log_dirs(nodes(given.brokers), call(given.timeout)).await?;
    let directories = |directories: BTreeMap<String, CoreDescription>| {
        directories.into_iter().map(|(path, directory)| (path, directory.into())).collect()
    };
    Ok(PerItem::from(results, |node| node.0, directories))
}

impl From<CoreDescription> for LogDirDescription {
    fn from(directory: CoreDescription) -> Self {
        let replicas = directory.replicas.into_iter().map(|(partition, replica)| ReplicaInfo {
            topic: partition.topic.to_string(),
            partition: partition.partition,
            size_bytes: replica.size_bytes,
            offset_lag: replica.offset_lag,
            is_future: replica.is_future,
        });
        Self {
            error: directory.error,
            total_bytes: directory.total_bytes,
            usable_bytes: directory.usable_bytes,
            replicas: replicas.collect(),
        }
    }
}
