//! Partitions: add them to topics.

use super::common::{change, keyed, nodes};
use super::shape::{PerItem, given, operations};
use crate::admin::{Admin, NewPartitions as CorePartitions};
use crate::error::Error;
use std::time::Duration;

given! {
    /// How many partitions a topic shall have.
    NewPartitions {
        /// The topic's name.
        topic: String,
        /// The number of its partitions altogether, above the present one.
        total_count: i32,
        /// Brokers chosen by hand: those of the first new partition, of the second and so on, the preferred leader first. If
        /// left out, the controller chooses.
        new_assignments: Option<Vec<Vec<i32>>> = "null",
    }
}

operations! {
    /// Raises the number of partitions of topics. Records with a key go to other partitions afterwards.
    create_partitions: CreatePartitions {
        /// The topics, each once, and the number of partitions each shall have.
        topics: Vec<NewPartitions>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
        /// Only check whether the partitions could be created.
        validate_only: bool = "false",
    } -> PerItem<String, ()>,
    errors "Per topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS when there are as many or more, INVALID_REPLICA_ASSIGNMENT, REASSIGNMENT_IN_PROGRESS, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Of the call: InvalidArgument for a topic named twice.",
    source "CreatePartitions (KIP-195)";
}

async fn create_partitions(admin: Admin, given: CreatePartitions) -> Result<PerItem<String, ()>, Error> {
    let topics = given.topics.into_iter().map(|new| {
        let new_assignments =
            new.new_assignments.map(|assignments| assignments.into_iter().map(nodes).collect());
        (new.topic, CorePartitions { total_count: new.total_count, new_assignments })
    });
    let topics = keyed("create_partitions", "topics", topics)?;
    let results = admin.create_partitions(topics, change(given.timeout, given.validate_only)).await?;
    Ok(PerItem::from(results, |name| name, |()| ()))
}
