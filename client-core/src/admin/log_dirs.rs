//! Log directories of brokers.

use super::fan_out::{Results, Route, fan_out};
use super::wire_types::check;
use super::{Admin, CallOptions};
use crate::error::Error;
use crate::metadata::NodeId;
use crate::record::TopicPartition;
use ottla_wire::messages::DescribeLogDirsRequest;
use std::collections::BTreeMap;
use std::sync::Arc;

const DESCRIBE: &str = "describe log dirs";

/// A directory of a broker.
#[derive(Clone, Debug)]
pub struct LogDirDescription {
    /// `KAFKA_STORAGE_ERROR` when the directory is offline.
    pub error: Option<Error>,
    /// Bytes of the file system; `None` where the broker does not say.
    pub total_bytes: Option<i64>,
    /// Bytes still free; `None` where the broker does not say.
    pub usable_bytes: Option<i64>,
    /// The replicas in it.
    pub replicas: BTreeMap<TopicPartition, ReplicaInfo>,
}

/// A replica in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaInfo {
    /// Size of its segments.
    pub size_bytes: i64,
    /// How far it is behind: the high watermark for the present one, the present one for a future one.
    pub offset_lag: i64,
    /// Whether it is being moved here and will replace the present one.
    pub is_future: bool,
}

impl Admin {
    /// Describes the log directories of brokers, by path.
    pub async fn describe_log_dirs(
        &self,
        brokers: impl IntoIterator<Item = NodeId>,
        options: CallOptions,
    ) -> Result<Results<NodeId, BTreeMap<String, LogDirDescription>>, Error> {
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            DESCRIBE,
            brokers,
            |node| Route::Node(*node),
            deadline,
            |target, nodes| async move {
                let response = self
                    .client
                    .call(target, 1..=4, |_| DescribeLogDirsRequest::default().with_topics(None), deadline)
                    .await?;
                check(response.error_code, None, DESCRIBE)?;
                let mut directories = BTreeMap::new();
                for row in response.results {
                    let mut replicas = BTreeMap::new();
                    for topic in row.topics {
                        let name: Arc<str> = Arc::from(topic.name.0.as_str());
                        for partition in topic.partitions {
                            replicas.insert(
                                TopicPartition::new(name.clone(), partition.partition_index),
                                ReplicaInfo {
                                    size_bytes: partition.partition_size,
                                    offset_lag: partition.offset_lag,
                                    is_future: partition.is_future_key,
                                },
                            );
                        }
                    }
                    let description = LogDirDescription {
                        error: check(row.error_code, None, DESCRIBE).err(),
                        total_bytes: Some(row.total_bytes).filter(|bytes| *bytes >= 0),
                        usable_bytes: Some(row.usable_bytes).filter(|bytes| *bytes >= 0),
                        replicas,
                    };
                    directories.insert(row.log_dir.to_string(), description);
                }
                Ok(nodes.into_iter().map(|node| (node, Ok(directories.clone()))).collect())
            },
        )
        .await)
    }
}
