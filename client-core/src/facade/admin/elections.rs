//! Leader elections on demand.

use super::common::{TopicPartition, call};
use super::shape::{PerItem, operations, words};
use crate::admin::{Admin, ElectionType as CoreType};
use crate::error::Error;
use std::time::Duration;

words! {
    /// Which replica may become leader.
    ElectionType {
        /// The first in the list of replicas, if it is in sync.
        Preferred = "PREFERRED",
        /// Any live one, even out of sync: records may be lost.
        Unclean = "UNCLEAN",
    }
}

operations! {
    /// Elects leaders of partitions. A partition that was named and needed no election is no error.
    elect_leaders: ElectLeaders {
        /// Which replica may become leader.
        election_type: ElectionType,
        /// The partitions; if left out, all that need an election, and those that needed none are not told of.
        partitions: Option<Vec<TopicPartition>> = "null",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<TopicPartition, ()>,
    errors "Per partition: PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION. Of the call: CLUSTER_AUTHORIZATION_FAILED, Unsupported for UNCLEAN at brokers before 2.4.",
    source "ElectLeaders (KIP-183, KIP-460)";
}

async fn elect_leaders(admin: Admin, given: ElectLeaders) -> Result<PerItem<TopicPartition, ()>, Error> {
    let election = match given.election_type {
        ElectionType::Preferred => CoreType::Preferred,
        ElectionType::Unclean => CoreType::Unclean,
    };
    let partitions = given.partitions.map(|partitions| partitions.into_iter().map(Into::into).collect());
    let results = admin.elect_leaders(election, partitions, call(given.timeout)).await?;
    Ok(PerItem::from(results, TopicPartition::from, |()| ()))
}
