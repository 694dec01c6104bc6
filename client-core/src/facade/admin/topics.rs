//! Topics: create, delete, list, describe.

use super::common::{AclOperation, call, change, id_text, ids, keyed, nodes, read_id, wrong_item};
use super::shape::{PerItem, given, operations, told};
use crate::admin::{
    Admin, NewTopic as CoreTopic, Results, TopicDescription as CoreDescription, TopicListing as CoreListing,
    TopicSelector,
};
use crate::error::Error;
use crate::metadata::PartitionMetadata;
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::time::Duration;

given! {
    /// A topic to create.
    NewTopic {
        /// Its name.
        name: String,
        /// How many partitions; if left out, the broker's `num.partitions`.
        num_partitions: Option<i32> = "null",
        /// How many replicas of each; if left out, the broker's `default.replication.factor`.
        replication_factor: Option<i16> = "null",
        /// Brokers chosen by hand: those of partition 0, of partition 1 and so on, the preferred leader first. Then the two
        /// counts must be left out.
        replica_assignments: Option<Vec<Vec<i32>>> = "null",
        /// Topic options, such as `cleanup.policy`.
        configs: BTreeMap<String, String> = "{}",
    }
}

told! {
    /// A topic as it was created.
    CreatedTopic {
        /// Its id; nothing from brokers that know none, and when only validated.
        id: Option<String>,
        /// Its partitions, where the broker says.
        num_partitions: Option<i32>,
        /// Its replicas, where the broker says.
        replication_factor: Option<i16>,
    }

    /// A topic in a list.
    TopicListing {
        /// Its name.
        name: String,
        /// Its id; nothing from brokers that know none.
        id: Option<String>,
        /// Whether it is one of Kafka's own.
        is_internal: bool,
    }

    /// A topic described.
    TopicDescription {
        /// Its name.
        name: String,
        /// Its id; nothing from brokers that know none.
        id: Option<String>,
        /// Whether it is one of Kafka's own.
        is_internal: bool,
        /// Its partitions, by number.
        partitions: Vec<TopicPartitionInfo>,
        /// What this principal may do with it; nothing when the broker does not say.
        authorized_operations: Option<Vec<AclOperation>>,
    }

    /// A partition and where its replicas are.
    TopicPartitionInfo {
        /// Its number.
        partition: i32,
        /// The broker that leads it; nothing while there is none.
        leader: Option<i32>,
        /// The leader's epoch, where the broker knows epochs.
        leader_epoch: Option<i32>,
        /// Brokers of all replicas, the preferred leader first.
        replicas: Vec<i32>,
        /// Brokers of replicas in sync.
        isr: Vec<i32>,
        /// Brokers of replicas that are down.
        offline_replicas: Vec<i32>,
        /// Why there is no leader; nothing when all is well.
        error: Option<Error>,
    }
}

operations! {
    /// Creates topics. A retry after a lost answer may find a topic already there: it may be this call's own.
    create_topics: CreateTopics {
        /// The topics to create, each once.
        topics: Vec<NewTopic>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
        /// Only check whether the topics could be created.
        validate_only: bool = "false",
    } -> PerItem<String, CreatedTopic>,
    errors "Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts beside assignments by hand, for a topic named twice.",
    source "CreateTopics (KIP-4, KIP-525)";

    /// Deletes topics and all their records.
    delete_topics: DeleteTopics {
        /// Names of topics to delete.
        topics: Vec<String> = "[]",
        /// Ids of topics to delete, as Kafka writes them.
        topic_ids: Vec<String> = "[]",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<String, ()>,
    errors "Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_DELETION_DISABLED, TOPIC_AUTHORIZATION_FAILED.",
    source "DeleteTopics (KIP-4, KIP-516)";

    /// Lists topics, by name.
    list_topics: ListTopics {
        /// Also Kafka's own.
        include_internal: bool = "false",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> BTreeMap<String, TopicListing>,
    errors "Of the call: Timeout or Network when no broker answers. Topics that this principal may not describe are left out.",
    source "Metadata (KIP-4, KIP-516)";

    /// Describes topics: ids, partitions, leaders, replicas.
    describe_topics: DescribeTopics {
        /// Names of topics to describe.
        topics: Vec<String> = "[]",
        /// Ids of topics to describe, as Kafka writes them.
        topic_ids: Vec<String> = "[]",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<String, TopicDescription>,
    errors "Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED.",
    source "Metadata (KIP-4, KIP-430, KIP-516)";
}

async fn create_topics(admin: Admin, given: CreateTopics) -> Result<PerItem<String, CreatedTopic>, Error> {
    let topics = given.topics.into_iter().map(|topic| CoreTopic {
        name: topic.name,
        num_partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        replica_assignments: (0..).zip(topic.replica_assignments.into_iter().flatten().map(nodes)).collect(),
        configs: topic.configs,
    });
    let topics = keyed("create_topics", "topics", topics.map(|topic| (topic.name.clone(), topic)))?;
    let options = change(given.timeout, given.validate_only);
    let results = admin.create_topics(topics.into_values(), options).await?;
    Ok(PerItem::from(
        results,
        |name| name,
        |topic| CreatedTopic {
            id: id_text(topic.id),
            num_partitions: topic.num_partitions,
            replication_factor: topic.replication_factor,
        },
    ))
}

async fn delete_topics(admin: Admin, given: DeleteTopics) -> Result<PerItem<String, ()>, Error> {
    let topics = selectors("delete_topics", given.topics, given.topic_ids)?;
    let results = admin.delete_topics(topics.keys().cloned(), call(given.timeout)).await?;
    Ok(by_text(results, &topics, |()| ()))
}

async fn list_topics(admin: Admin, given: ListTopics) -> Result<BTreeMap<String, TopicListing>, Error> {
    let topics = admin.list_topics(given.include_internal, call(given.timeout)).await?;
    let listing = |topic: CoreListing| TopicListing {
        name: topic.name,
        id: id_text(topic.id),
        is_internal: topic.is_internal,
    };
    Ok(topics.into_iter().map(|(name, topic)| (name, listing(topic))).collect())
}

async fn describe_topics(
    admin: Admin,
    given: DescribeTopics,
) -> Result<PerItem<String, TopicDescription>, Error> {
    let topics = selectors("describe_topics", given.topics, given.topic_ids)?;
    let results = admin.describe_topics(topics.keys().cloned(), call(given.timeout)).await?;
    Ok(by_text(results, &topics, description))
}

/// What was asked for, and the text it was asked for by.
fn selectors(
    operation: &'static str,
    names: Vec<String>,
    ids: Vec<String>,
) -> Result<BTreeMap<TopicSelector, String>, Error> {
    let mut selectors: BTreeMap<_, _> =
        names.into_iter().map(|name| (TopicSelector::Name(name.clone()), name)).collect();
    for (index, text) in ids.into_iter().enumerate() {
        let id = read_id(&text)
            .ok_or_else(|| wrong_item(operation, "topic_ids", index, format!("{text:?} is no topic id")))?;
        selectors.insert(TopicSelector::Id(id), text);
    }
    Ok(selectors)
}

/// Results under the texts the caller used.
fn by_text<A, V>(
    results: Results<TopicSelector, A>,
    asked: &BTreeMap<TopicSelector, String>,
    value: impl Fn(A) -> V,
) -> PerItem<String, V> {
    let text = |topic: TopicSelector| asked.get(&topic).cloned().unwrap_or_else(|| topic.to_string());
    PerItem::from(results, text, value)
}

fn description(topic: CoreDescription) -> TopicDescription {
    TopicDescription {
        name: topic.name,
        id: id_text(topic.id),
        is_internal: topic.is_internal,
        partitions: topic.partitions.iter().map(partition_info).collect(),
        authorized_operations: AclOperation::unpack(topic.authorized_operations),
    }
}

fn partition_info(partition: &PartitionMetadata) -> TopicPartitionInfo {
    TopicPartitionInfo {
        partition: partition.partition,
        leader: partition.leader.map(|leader| leader.0),
        leader_epoch: partition.leader_epoch,
        replicas: ids(&partition.replicas),
        isr: ids(&partition.isr),
        offline_replicas: ids(&partition.offline_replicas),
        error: (partition.error != ErrorCode::NONE)
            .then(|| Error::from_code(partition.error, "describe topics")),
    }
}
