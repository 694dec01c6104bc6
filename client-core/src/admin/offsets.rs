//! Offsets: of logs, and those groups committed.

use super::fan_out::{Results, Route, fan_out, single};
use super::wire_types::{by_topic, check, final_if_missing, group_id, text, topic_name};
use super::{Admin, CallOptions};
use crate::client::CoordinatorKind;
use crate::config::IsolationLevel;
use crate::error::Error;
use crate::record::TopicPartition;
use ottla_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ottla_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use ottla_wire::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use ottla_wire::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use ottla_wire::messages::{
    BrokerId, ListOffsetsRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
    OffsetFetchResponse,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LIST: &str = "list offsets";
const LIST_GROUP: &str = "list consumer group offsets";
const ALTER_GROUP: &str = "alter consumer group offsets";
const DELETE_GROUP: &str = "delete consumer group offsets";

/// Which offset of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first one.
    Earliest,
    /// The one the next record gets (with `read_committed`, the last stable one).
    Latest,
    /// That of the record with the largest timestamp.
    MaxTimestamp,
    /// The first one at or after this time, in ms since the Unix epoch.
    ForTimestamp(i64),
    /// The first one still on the leader's disk, with tiered storage.
    EarliestLocal,
    /// The last one in tiered storage.
    LatestTiered,
}

impl OffsetSpec {
    fn timestamp(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
            Self::EarliestLocal => -4,
            Self::LatestTiered => -5,
            Self::ForTimestamp(timestamp_ms) => timestamp_ms,
        }
    }

    fn oldest_version(self) -> i16 {
        match self {
            Self::Latest | Self::Earliest | Self::ForTimestamp(_) => 1,
            Self::MaxTimestamp => 7,
            Self::EarliestLocal => 8,
            Self::LatestTiered => 9,
        }
    }
}

/// An offset found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOffsetsResultInfo {
    /// The offset; `None` when no record matches.
    pub offset: Option<i64>,
    /// Timestamp of its record, in ms; `None` where there is none.
    pub timestamp_ms: Option<i64>,
    /// Leader epoch of its record, where known.
    pub leader_epoch: Option<i32>,
}

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetAndMetadata {
    /// The offset of the next record to read.
    pub offset: i64,
    /// Leader epoch of the last record read.
    pub leader_epoch: Option<i32>,
    /// What the committer noted beside it.
    pub metadata: String,
}

impl OffsetAndMetadata {
    /// An offset alone.
    pub fn new(offset: i64) -> Self {
        Self { offset, leader_epoch: None, metadata: String::new() }
    }
}

impl Admin {
    /// Looks up offsets of logs, asked at the partitions' leaders.
    pub async fn list_offsets(
        &self,
        partitions: impl IntoIterator<Item = (TopicPartition, OffsetSpec)>,
        isolation_level: IsolationLevel,
        options: CallOptions,
    ) -> Result<Results<TopicPartition, ListOffsetsResultInfo>, Error> {
        let specs: BTreeMap<_, _> = partitions.into_iter().collect();
        let specs = &specs;
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            LIST,
            specs.keys().cloned(),
            |partition| Route::Leader(partition.clone()),
            deadline,
            |target, partitions| async move {
                let mut topics: BTreeMap<Arc<str>, Vec<ListOffsetsPartition>> = BTreeMap::new();
                let mut oldest = 1;
                for partition in &partitions {
                    let Some(spec) = specs.get(partition) else { continue };
                    oldest = oldest.max(spec.oldest_version());
                    topics.entry(partition.topic.clone()).or_default().push(
                        ListOffsetsPartition::default()
                            .with_partition_index(partition.partition)
                            .with_current_leader_epoch(-1)
                            .with_timestamp(spec.timestamp()),
                    );
                }
                if isolation_level == IsolationLevel::ReadCommitted {
                    oldest = oldest.max(2);
                }
                let response = self
                    .client
                    .call(
                        target,
                        oldest..=10,
                        |version| {
                            let request = ListOffsetsRequest::default()
                                .with_replica_id(BrokerId(-1))
                                .with_isolation_level(isolation_level.code())
                                .with_topics(
                                    topics
                                        .into_iter()
                                        .map(|(topic, partitions)| {
                                            ListOffsetsTopic::default()
                                                .with_name(topic_name(&topic))
                                                .with_partitions(partitions)
                                        })
                                        .collect(),
                                );
                            if version >= 10 {
                                request.with_timeout_ms(self.remaining_ms(deadline))
                            } else {
                                request
                            }
                        },
                        deadline,
                    )
                    .await?;
                Ok(response
                    .topics
                    .into_iter()
                    .flat_map(|topic| {
                        let name: Arc<str> = Arc::from(topic.name.0.as_str());
                        topic.partitions.into_iter().map(move |row| {
                            let partition = TopicPartition::new(name.clone(), row.partition_index);
                            let result = check(row.error_code, None, LIST)
                                .map_err(|error| error.with_context("partition", &partition))
                                .map(|()| ListOffsetsResultInfo {
                                    offset: (row.offset >= 0).then_some(row.offset),
                                    timestamp_ms: (row.timestamp >= 0).then_some(row.timestamp),
                                    leader_epoch: (row.leader_epoch >= 0).then_some(row.leader_epoch),
                                });
                            (partition, result)
                        })
                    })
                    .collect())
            },
        )
        .await)
    }

    /// The offsets groups committed; `partitions` of `None` means all a group has. A partition without a commit has no
    /// entry.
    pub async fn list_consumer_group_offsets(
        &self,
        groups: impl IntoIterator<Item = (impl Into<String>, Option<BTreeSet<TopicPartition>>)>,
        require_stable: bool,
        options: CallOptions,
    ) -> Result<Results<String, BTreeMap<TopicPartition, OffsetAndMetadata>>, Error> {
        let groups: BTreeMap<String, Option<BTreeSet<TopicPartition>>> =
            groups.into_iter().map(|(group, partitions)| (group.into(), partitions)).collect();
        let groups = &groups;
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            LIST_GROUP,
            groups.keys().cloned(),
            |group| Route::Coordinator(CoordinatorKind::Group, group.clone()),
            deadline,
            |target, names: Vec<String>| async move {
                let mut answers = Vec::new();
                // Before version 8 a request is about one group; a call rarely is about more.
                for name in names {
                    let wanted = groups.get(&name).and_then(Option::as_ref);
                    let oldest = if require_stable {
                        7
                    } else if wanted.is_none() {
                        2
                    } else {
                        1
                    };
                    let response = self
                        .client
                        .call(
                            target.clone(),
                            oldest..=9,
                            |version| committed_request(&name, wanted, require_stable, version),
                            deadline,
                        )
                        .await?;
                    let result =
                        read_committed(&name, response).map_err(|error| error.with_context("group", &name));
                    answers.push((name, result));
                }
                Ok(answers)
            },
        )
        .await)
    }

    /// Sets the offsets of a group without members.
    pub async fn alter_consumer_group_offsets(
        &self,
        group: &str,
        offsets: impl IntoIterator<Item = (TopicPartition, OffsetAndMetadata)>,
        options: CallOptions,
    ) -> Result<Results<TopicPartition, ()>, Error> {
        let offsets: BTreeMap<_, _> = offsets.into_iter().collect();
        let offsets = &offsets;
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            ALTER_GROUP,
            offsets.keys().cloned(),
            |_| Route::Coordinator(CoordinatorKind::Group, group.to_owned()),
            deadline,
            |target, partitions: Vec<TopicPartition>| async move {
                let topics: Vec<_> = by_topic(&partitions)
                    .into_iter()
                    .map(|(topic, numbers)| {
                        let rows = numbers
                            .into_iter()
                            .filter_map(|number| {
                                let offset = offsets.get(&TopicPartition::new(topic.clone(), number))?;
                                Some(
                                    OffsetCommitRequestPartition::default()
                                        .with_partition_index(number)
                                        .with_committed_offset(offset.offset)
                                        .with_committed_leader_epoch(offset.leader_epoch.unwrap_or(-1))
                                        .with_committed_metadata(Some(text(&offset.metadata))),
                                )
                            })
                            .collect();
                        OffsetCommitRequestTopic::default()
                            .with_name(topic_name(&topic))
                            .with_partitions(rows)
                    })
                    .collect();
                let response = self
                    .client
                    .call(
                        target,
                        2..=9,
                        |_| {
                            OffsetCommitRequest::default()
                                .with_group_id(group_id(group))
                                .with_generation_id_or_member_epoch(-1)
                                .with_topics(topics)
                        },
                        deadline,
                    )
                    .await?;
                Ok(response
                    .topics
                    .into_iter()
                    .flat_map(|topic| {
                        let name: Arc<str> = Arc::from(topic.name.0.as_str());
                        topic.partitions.into_iter().map(move |row| {
                            let partition = TopicPartition::new(name.clone(), row.partition_index);
                            let result = check(row.error_code, None, ALTER_GROUP).map_err(|error| {
                                group_error(error, group).with_context("partition", &partition)
                            });
                            (partition, result)
                        })
                    })
                    .collect())
            },
        )
        .await)
    }

    /// Deletes committed offsets of topics the group's members do not subscribe to.
    pub async fn delete_consumer_group_offsets(
        &self,
        group: &str,
        partitions: impl IntoIterator<Item = TopicPartition>,
        options: CallOptions,
    ) -> Result<Results<TopicPartition, ()>, Error> {
        let deadline = self.deadline(options.timeout);
        let partitions: BTreeSet<_> = partitions.into_iter().collect();
        let partitions = &partitions;
        let results = fan_out(
            &self.client,
            DELETE_GROUP,
            [()],
            |()| Route::Coordinator(CoordinatorKind::Group, group.to_owned()),
            deadline,
            |target, _| async move {
                let topics = by_topic(partitions)
                    .into_iter()
                    .map(|(topic, numbers)| {
                        OffsetDeleteRequestTopic::default().with_name(topic_name(&topic)).with_partitions(
                            numbers
                                .into_iter()
                                .map(|number| {
                                    OffsetDeleteRequestPartition::default().with_partition_index(number)
                                })
                                .collect(),
                        )
                    })
                    .collect();
                let response = self
                    .client
                    .call(
                        target,
                        0..=0,
                        |_| OffsetDeleteRequest::default().with_group_id(group_id(group)).with_topics(topics),
                        deadline,
                    )
                    .await?;
                check(response.error_code, None, DELETE_GROUP).map_err(|error| group_error(error, group))?;
                let mut deleted = Results::new();
                for topic in response.topics {
                    for row in topic.partitions {
                        let partition = TopicPartition::new(topic.name.0.as_str(), row.partition_index);
                        let result = check(row.error_code, None, DELETE_GROUP)
                            .map_err(|error| group_error(error, group).with_context("partition", &partition));
                        deleted.insert(partition, result);
                    }
                }
                Ok(vec![((), Ok(deleted))])
            },
        )
        .await;
        single(DELETE_GROUP, results)
    }
}

fn group_error(error: Error, group: &str) -> Error {
    use ottla_wire::ErrorCode;
    let error = final_if_missing(error.with_context("group", group));
    match error.code() {
        // What the coordinator says to a commit from outside while members are there.
        Some(ErrorCode::UNKNOWN_MEMBER_ID) => error.with_hint("stop the group's members first"),
        _ => error,
    }
}

fn committed_request(
    group: &str,
    wanted: Option<&BTreeSet<TopicPartition>>,
    require_stable: bool,
    version: i16,
) -> OffsetFetchRequest {
    let request = OffsetFetchRequest::default().with_require_stable(require_stable);
    if version >= 8 {
        let topics = wanted.map(|partitions| {
            by_topic(partitions)
                .into_iter()
                .map(|(topic, numbers)| {
                    OffsetFetchRequestTopics::default()
                        .with_name(topic_name(&topic))
                        .with_partition_indexes(numbers)
                })
                .collect()
        });
        return request.with_groups(vec![
            OffsetFetchRequestGroup::default()
                .with_group_id(group_id(group))
                .with_member_epoch(-1)
                .with_topics(topics),
        ]);
    }
    let topics = wanted.map(|partitions| {
        by_topic(partitions)
            .into_iter()
            .map(|(topic, numbers)| {
                OffsetFetchRequestTopic::default()
                    .with_name(topic_name(&topic))
                    .with_partition_indexes(numbers)
            })
            .collect()
    });
    request.with_group_id(group_id(group)).with_topics(topics)
}

fn read_committed(
    group: &str,
    response: OffsetFetchResponse,
) -> Result<BTreeMap<TopicPartition, OffsetAndMetadata>, Error> {
    check(response.error_code, None, LIST_GROUP)?;
    let mut committed = BTreeMap::new();
    let mut insert = |topic: &str, partition, code, offset, epoch: i32, metadata: Option<String>| {
        let partition = TopicPartition::new(topic, partition);
        check(code, None, LIST_GROUP).map_err(|error| error.with_context("partition", &partition))?;
        if offset >= 0 {
            let leader_epoch = (epoch >= 0).then_some(epoch);
            let metadata = metadata.unwrap_or_default();
            committed.insert(partition, OffsetAndMetadata { offset, leader_epoch, metadata });
        }
        Ok::<(), Error>(())
    };
    for topic in response.topics {
        for row in topic.partitions {
            let metadata = row.metadata.map(|metadata| metadata.to_string());
            insert(
                &topic.name.0,
                row.partition_index,
                row.error_code,
                row.committed_offset,
                row.committed_leader_epoch,
                metadata,
            )?;
        }
    }
    for answered in response.groups.into_iter().filter(|answered| answered.group_id.0.as_str() == group) {
        check(answered.error_code, None, LIST_GROUP)?;
        for topic in answered.topics {
            for row in topic.partitions {
                let metadata = row.metadata.map(|metadata| metadata.to_string());
                insert(
                    &topic.name.0,
                    row.partition_index,
                    row.error_code,
                    row.committed_offset,
                    row.committed_leader_epoch,
                    metadata,
                )?;
            }
        }
    }
    Ok(committed)
}
