//! Leader elections on demand.

use super::fan_out::{Results, Route, fan_out, single};
use super::wire_types::{by_topic, check, topic_name};
use super::{Admin, CallOptions};
use crate::error::Error;
use crate::record::TopicPartition;
use ottla_wire::ErrorCode;
use ottla_wire::messages::ElectLeadersRequest;
use ottla_wire::messages::elect_leaders_request::TopicPartitions;
use std::collections::BTreeSet;

const ELECT: &str = "elect leaders";

/// Which replica may become leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElectionType {
    /// The first in the list of replicas, if it is in sync.
    Preferred,
    /// Any live one, even out of sync: records may be lost.
    Unclean,
}

impl Admin {
    /// Elects leaders of these partitions, or of all with `None`. A partition that needed no election is no error: it is
    /// left out with `None`, and succeeds when it was named.
    pub async fn elect_leaders(
        &self,
        election: ElectionType,
        partitions: Option<BTreeSet<TopicPartition>>,
        options: CallOptions,
    ) -> Result<Results<TopicPartition, ()>, Error> {
        let deadline = self.deadline(options.timeout);
        let partitions = partitions.as_ref();
        let results = fan_out(
            &self.client,
            ELECT,
            [()],
            |()| Route::Controller,
            deadline,
            |target, _| async move {
                let versions = if election == ElectionType::Preferred { 0..=2 } else { 1..=2 };
                let response = self
                    .client
                    .call(
                        target,
                        versions,
                        |_| {
                            ElectLeadersRequest::default()
                                .with_election_type(if election == ElectionType::Preferred { 0 } else { 1 })
                                .with_timeout_ms(self.remaining_ms(deadline))
                                .with_topic_partitions(partitions.map(|partitions| {
                                    by_topic(partitions)
                                        .into_iter()
                                        .map(|(topic, numbers)| {
                                            TopicPartitions::default()
                                                .with_topic(topic_name(&topic))
                                                .with_partitions(numbers)
                                        })
                                        .collect()
                                }))
                        },
                        deadline,
                    )
                    .await?;
                check(response.error_code, None, ELECT)?;
                let mut elected = Results::new();
                for topic in response.replica_election_results {
                    for row in topic.partition_result {
                        let partition = TopicPartition::new(topic.topic.0.as_str(), row.partition_id);
                        let result = match ErrorCode(row.error_code) {
                            ErrorCode::ELECTION_NOT_NEEDED if partitions.is_none() => continue,
                            ErrorCode::ELECTION_NOT_NEEDED => Ok(()),
                            code => check(code.0, row.error_message.as_ref(), ELECT)
                                .map_err(|error| error.with_context("partition", &partition)),
                        };
                        elected.insert(partition, result);
                    }
                }
                Ok(vec![((), Ok(elected))])
            },
        )
        .await;
        self.client.metadata().refresh("leaders were elected");
        single(ELECT, results)
    }
}
