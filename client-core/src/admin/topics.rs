//! Topics: create, delete, list, describe.

use super::fan_out::{Results, Route, fan_out, single};
use super::wire_types::{check, final_if_missing, operations, text, topic_name};
use super::{Admin, CallOptions, ChangeOptions};
use crate::error::{Error, ErrorKind};
use crate::metadata::{NodeId, PartitionMetadata};
use ottla_wire::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use ottla_wire::messages::delete_topics_request::DeleteTopicState;
use ottla_wire::messages::metadata_request::MetadataRequestTopic;
use ottla_wire::messages::metadata_response::MetadataResponseTopic;
use ottla_wire::messages::{
    BrokerId, CreateTopicsRequest, DeleteTopicsRequest, MetadataRequest, MetadataResponse, TopicName,
};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

/// A topic to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// How many partitions; `None` takes the broker's `num.partitions`.
    pub num_partitions: Option<i32>,
    /// How many replicas of each; `None` takes the broker's `default.replication.factor`.
    pub replication_factor: Option<i16>,
    /// Replicas chosen by hand, by partition; then the two counts must be `None`.
    pub replica_assignments: BTreeMap<i32, Vec<NodeId>>,
    /// Topic options, such as `cleanup.policy`.
    pub configs: BTreeMap<String, String>,
}

impl NewTopic {
    /// A topic of so many partitions and replicas.
    pub fn new(name: impl Into<String>, num_partitions: i32, replication_factor: i16) -> Self {
        Self {
            num_partitions: Some(num_partitions),
            replication_factor: Some(replication_factor),
            ..Self::with_defaults(name)
        }
    }

    /// A topic with the broker's default counts.
    pub fn with_defaults(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            num_partitions: None,
            replication_factor: None,
            replica_assignments: BTreeMap::new(),
            configs: BTreeMap::new(),
        }
    }

    /// Sets one topic option.
    #[must_use]
    pub fn config(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.configs.insert(name.into(), value.to_string());
        self
    }
}

/// A topic as it was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedTopic {
    /// Its id; nil from brokers that know none, and when only validated.
    pub id: Uuid,
    /// Its partitions, where the broker says.
    pub num_partitions: Option<i32>,
    /// Its replicas, where the broker says.
    pub replication_factor: Option<i16>,
}

/// A topic, by name or by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicSelector {
    /// By name.
    Name(String),
    /// By id.
    Id(Uuid),
}

impl fmt::Display for TopicSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Id(id) => write!(f, "id {id}"),
        }
    }
}

impl From<&str> for TopicSelector {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for TopicSelector {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<Uuid> for TopicSelector {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

/// A topic in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicListing {
    /// Its name.
    pub name: String,
    /// Its id; nil from brokers that know none.
    pub id: Uuid,
    /// Whether it is one of Kafka's own.
    pub is_internal: bool,
}

/// A topic described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicDescription {
    /// Its name.
    pub name: String,
    /// Its id; nil from brokers that know none.
    pub id: Uuid,
    /// Whether it is one of Kafka's own.
    pub is_internal: bool,
    /// Its partitions, by number.
    pub partitions: Vec<PartitionMetadata>,
    /// What this principal may do, as the bits of Kafka's ACL operations; `None` when the broker does not say.
    pub authorized_operations: Option<i32>,
}

const CREATE: &str = "create topics";
const DELETE: &str = "delete topics";
const LIST: &str = "list topics";
const DESCRIBE: &str = "describe topics";

impl Admin {
    /// Creates topics; per topic `TOPIC_ALREADY_EXISTS` and the like.
    ///
    /// A retry after a lost answer may find the topic already there: an existing topic may be this call's own.
    pub async fn create_topics(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
        options: ChangeOptions,
    ) -> Result<Results<String, CreatedTopic>, Error> {
        let topics: BTreeMap<String, NewTopic> =
            topics.into_iter().map(|topic| (topic.name.clone(), topic)).collect();
        for topic in topics.values() {
            if !topic.replica_assignments.is_empty()
                && (topic.num_partitions.is_some() || topic.replication_factor.is_some())
            {
                return Err(Error::new(
                    ErrorKind::InvalidArgument,
                    CREATE,
                    "replica_assignments already say how many partitions and replicas there are",
                )
                .with_context("topic", &topic.name)
                .with_hint("leave num_partitions and replication_factor at None"));
            }
        }
        let deadline = self.deadline(options.timeout);
        let results = fan_out(
            &self.client,
            CREATE,
            topics.keys().cloned(),
            |_| Route::Controller,
            deadline,
            |target, names| {
                let rows =
                    names.iter().filter_map(|name| topics.get(name)).map(creatable).collect::<Vec<_>>();
                async move {
                    let response = self
                        .client
                        .call(
                            target,
                            2..=7,
                            |_| {
                                CreateTopicsRequest::default()
                                    .with_topics(rows)
                                    .with_timeout_ms(self.remaining_ms(deadline))
                                    .with_validate_only(options.validate_only)
                            },
                            deadline,
                        )
                        .await?;
                    Ok(response
                        .topics
                        .into_iter()
                        .map(|row| {
                            let name = row.name.0.to_string();
                            let result = check(row.error_code, row.error_message.as_ref(), CREATE)
                                .map_err(|error| error.with_context("topic", &name))
                                .map(|()| CreatedTopic {
                                    id: row.topic_id,
                                    num_partitions: Some(row.num_partitions).filter(|count| *count > 0),
                                    replication_factor: Some(row.replication_factor)
                                        .filter(|factor| *factor > 0),
                                });
                            (name, result)
                        })
                        .collect())
                }
            },
        )
        .await;
        self.client.metadata().refresh("topics were created");
        Ok(results)
    }

    /// Deletes topics, by name or by id.
    pub async fn delete_topics(
        &self,
        topics: impl IntoIterator<Item = impl Into<TopicSelector>>,
        options: CallOptions,
    ) -> Result<Results<TopicSelector, ()>, Error> {
        let deadline = self.deadline(options.timeout);
        let results = fan_out(
            &self.client,
            DELETE,
            topics.into_iter().map(Into::into),
            |_| Route::Controller,
            deadline,
            |target, topics: Vec<TopicSelector>| async move {
                let mut answers = Vec::new();
                for (by_id, topics) in by_sort(topics) {
                    let versions = if by_id { 6..=6 } else { 1..=6 };
                    let response = self
                        .client
                        .call(
                            target.clone(),
                            versions,
                            |version| deletion(&topics, version, self.remaining_ms(deadline)),
                            deadline,
                        )
                        .await?;
                    for row in response.responses {
                        let Some(topic) = selector(by_id, row.name.as_ref(), row.topic_id) else { continue };
                        let result = check(row.error_code, row.error_message.as_ref(), DELETE)
                            .map_err(|error| final_if_missing(error.with_context("topic", &topic)));
                        answers.push((topic, result));
                    }
                }
                Ok(answers)
            },
        )
        .await;
        self.client.metadata().refresh("topics were deleted");
        Ok(results)
    }

    /// Lists topics by name; Kafka's own only with `include_internal`.
    pub async fn list_topics(
        &self,
        include_internal: bool,
        options: CallOptions,
    ) -> Result<BTreeMap<String, TopicListing>, Error> {
        let deadline = self.deadline(options.timeout);
        let response = self.topic_metadata(LIST, None, false, deadline).await?;
        Ok(response
            .topics
            .into_iter()
            .filter(|topic| topic.error_code == 0 && (include_internal || !topic.is_internal))
            .filter_map(|topic| {
                let name = topic.name?.0.to_string();
                let listing =
                    TopicListing { name: name.clone(), id: topic.topic_id, is_internal: topic.is_internal };
                Some((name, listing))
            })
            .collect())
    }

    /// Describes topics, by name or by id.
    pub async fn describe_topics(
        &self,
        topics: impl IntoIterator<Item = impl Into<TopicSelector>>,
        options: CallOptions,
    ) -> Result<Results<TopicSelector, TopicDescription>, Error> {
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            DESCRIBE,
            topics.into_iter().map(Into::into),
            |_| Route::AnyBroker,
            deadline,
            |_, topics: Vec<TopicSelector>| async move {
                let mut answers = Vec::new();
                for (by_id, topics) in by_sort(topics) {
                    let response = self.topic_metadata(DESCRIBE, Some(&topics), true, deadline).await?;
                    for row in response.topics {
                        let Some(topic) = selector(by_id, row.name.as_ref(), row.topic_id) else { continue };
                        let result = check(row.error_code, None, DESCRIBE)
                            .map_err(|error| final_if_missing(error.with_context("topic", &topic)))
                            .map(|()| description(row));
                        answers.push((topic, result));
                    }
                }
                Ok(answers)
            },
        )
        .await)
    }

    async fn topic_metadata(
        &self,
        operation: &'static str,
        topics: Option<&[TopicSelector]>,
        with_operations: bool,
        deadline: std::time::Instant,
    ) -> Result<MetadataResponse, Error> {
        let by_id =
            topics.is_some_and(|topics| topics.iter().any(|topic| matches!(topic, TopicSelector::Id(_))));
        let versions = if by_id { 12..=13 } else { 1..=13 };
        let results = fan_out(
            &self.client,
            operation,
            [()],
            |()| Route::AnyBroker,
            deadline,
            |target, _| {
                let versions = versions.clone();
                async move {
                    let response = self
                        .client
                        .call(
                            target,
                            versions,
                            |version| {
                                MetadataRequest::default()
                                    .with_topics(topics.map(|topics| topics.iter().map(selected).collect()))
                                    .with_allow_auto_topic_creation(version < 4)
                                    .with_include_topic_authorized_operations(with_operations && version >= 8)
                            },
                            deadline,
                        )
                        .await?;
                    check(response.error_code, None, operation)?;
                    Ok(vec![((), Ok(response))])
                }
            },
        )
        .await;
        single(operation, results)
    }
}

/// A request names topics either by name or by id, never both: false comes with names, true with ids.
fn by_sort(topics: Vec<TopicSelector>) -> impl Iterator<Item = (bool, Vec<TopicSelector>)> {
    let (by_id, by_name): (Vec<_>, Vec<_>) =
        topics.into_iter().partition(|topic| matches!(topic, TopicSelector::Id(_)));
    [(false, by_name), (true, by_id)].into_iter().filter(|(_, topics)| !topics.is_empty())
}

/// What a row of the answer was asked by.
fn selector(by_id: bool, name: Option<&TopicName>, id: Uuid) -> Option<TopicSelector> {
    if by_id { Some(TopicSelector::Id(id)) } else { Some(TopicSelector::Name(name?.0.to_string())) }
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    CreatableTopic::default()
        .with_name(topic_name(&topic.name))
        .with_num_partitions(topic.num_partitions.unwrap_or(-1))
        .with_replication_factor(topic.replication_factor.unwrap_or(-1))
        .with_assignments(
            topic
                .replica_assignments
                .iter()
                .map(|(partition, nodes)| {
                    CreatableReplicaAssignment::default()
                        .with_partition_index(*partition)
                        .with_broker_ids(nodes.iter().map(|node| BrokerId(node.0)).collect())
                })
                .collect(),
        )
        .with_configs(
            topic
                .configs
                .iter()
                .map(|(name, value)| {
                    CreatableTopicConfig::default().with_name(text(name)).with_value(Some(text(value)))
                })
                .collect(),
        )
}

fn deletion(topics: &[TopicSelector], version: i16, timeout_ms: i32) -> DeleteTopicsRequest {
    let request = DeleteTopicsRequest::default().with_timeout_ms(timeout_ms);
    if version >= 6 {
        let topics = topics.iter().map(|topic| match topic {
            TopicSelector::Name(name) => DeleteTopicState::default().with_name(Some(topic_name(name))),
            TopicSelector::Id(id) => DeleteTopicState::default().with_name(None).with_topic_id(*id),
        });
        request.with_topics(topics.collect())
    } else {
        let names = topics.iter().filter_map(|topic| match topic {
            TopicSelector::Name(name) => Some(topic_name(name)),
            TopicSelector::Id(_) => None,
        });
        request.with_topic_names(names.collect())
    }
}

fn selected(topic: &TopicSelector) -> MetadataRequestTopic {
    match topic {
        TopicSelector::Name(name) => MetadataRequestTopic::default().with_name(Some(topic_name(name))),
        TopicSelector::Id(id) => MetadataRequestTopic::default().with_name(None).with_topic_id(*id),
    }
}

fn description(topic: MetadataResponseTopic) -> TopicDescription {
    let mut partitions: Vec<_> = topic.partitions.iter().map(crate::metadata::read_partition).collect();
    partitions.sort_by_key(|partition| partition.partition);
    TopicDescription {
        name: topic.name.map(|name| name.0.to_string()).unwrap_or_default(),
        id: topic.topic_id,
        is_internal: topic.is_internal,
        partitions,
        authorized_operations: operations(topic.topic_authorized_operations),
    }
}
