//! Partitions: add them to topics.

use super::fan_out::{Results, Route, fan_out};
use super::wire_types::{check, final_if_missing, topic_name};
use super::{Admin, ChangeOptions};
use crate::error::Error;
use crate::metadata::NodeId;
use ottla_wire::messages::create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
use ottla_wire::messages::{BrokerId, CreatePartitionsRequest};
use std::collections::BTreeMap;

const CREATE: &str = "create partitions";

/// How many partitions a topic shall have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPartitions {
    /// Their number altogether, above the present one.
    pub total_count: i32,
    /// Replicas of each new partition, chosen by hand; `None` leaves it to the controller.
    pub new_assignments: Option<Vec<Vec<NodeId>>>,
}

impl NewPartitions {
    /// So many altogether.
    pub fn increase_to(total_count: i32) -> Self {
        Self { total_count, new_assignments: None }
    }
}

impl Admin {
    /// Raises the number of partitions. Records with a key go to other partitions afterwards.
    pub async fn create_partitions(
        &self,
        topics: impl IntoIterator<Item = (impl Into<String>, NewPartitions)>,
        options: ChangeOptions,
    ) -> Result<Results<String, ()>, Error> {
        let topics: BTreeMap<String, NewPartitions> =
            topics.into_iter().map(|(name, partitions)| (name.into(), partitions)).collect();
        let deadline = self.deadline(options.timeout);
        let results = fan_out(
            &self.client,
            CREATE,
            topics.keys().cloned(),
            |_| Route::Controller,
            deadline,
            |target, names| {
                let rows: Vec<_> =
                    names.iter().filter_map(|name| topics.get(name).map(|new| row(name, new))).collect();
                async move {
                    let response = self
                        .client
                        .call(
                            target,
                            0..=3,
                            |_| {
                                CreatePartitionsRequest::default()
                                    .with_topics(rows)
                                    .with_timeout_ms(self.remaining_ms(deadline))
                                    .with_validate_only(options.validate_only)
                            },
                            deadline,
                        )
                        .await?;
                    Ok(response
                        .results
                        .into_iter()
                        .map(|row| {
                            let name = row.name.0.to_string();
                            let result = check(row.error_code, row.error_message.as_ref(), CREATE)
                                .map_err(|error| final_if_missing(error.with_context("topic", &name)));
                            (name, result)
                        })
                        .collect())
                }
            },
        )
        .await;
        self.client.metadata().refresh("partitions were created");
        Ok(results)
    }
}

fn row(name: &str, new: &NewPartitions) -> CreatePartitionsTopic {
    let assignments = new.new_assignments.as_ref().map(|assignments| {
        assignments
            .iter()
            .map(|nodes| {
                CreatePartitionsAssignment::default()
                    .with_broker_ids(nodes.iter().map(|node| BrokerId(node.0)).collect())
            })
            .collect()
    });
    CreatePartitionsTopic::default()
        .with_name(topic_name(name))
        .with_count(new.total_count)
        .with_assignments(assignments)
}
