//! Questions about offsets: committed ones, beginnings, ends, times.

use crate::client::{Client, Decision};
use crate::consumer::Consumer;
use crate::consumer::driver::OFFSET_FETCH_VERSIONS;
use crate::consumer::lookups::{self, CommittedAnswer, FoundOffset, TimeQuery};
use crate::error::{Error, ErrorKind};
use crate::group::{GroupMetadata, Offsets};
use crate::metadata::NodeId;
use crate::record::TopicPartition;
use ottla_wire::messages::OffsetFetchRequest;
use std::collections::BTreeMap;
use std::time::Instant;

/// An offset found by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetAndTimestamp {
    /// The first offset whose record is no older than the time asked for.
    pub offset: i64,
    /// That record's timestamp.
    pub timestamp_ms: i64,
    /// Epoch of the leader that wrote it, where it is known.
    pub leader_epoch: Option<i32>,
}

impl Consumer {
    /// The group's committed offsets; partitions without one are missing. Waits for open transactions to end.
    pub async fn committed(&self, partitions: &[TopicPartition]) -> Result<Offsets, Error> {
        let Some(group_id) = self.shared.config.group_id.clone() else {
            return Err(no_group("fetch committed offsets"));
        };
        let member =
            GroupMetadata { group_id, generation_id: -1, member_id: String::new(), group_instance_id: None };
        let deadline = self.api_deadline();
        self.shared
            .client
            .call_with_retry::<OffsetFetchRequest, _>(
                "fetch committed offsets",
                || self.shared.group(),
                OFFSET_FETCH_VERSIONS,
                |version| lookups::committed(&member, partitions, version),
                |response| match lookups::read_committed(&response) {
                    CommittedAnswer::Offsets(offsets) => Decision::Done(offsets),
                    CommittedAnswer::Again(code) => {
                        Decision::Retry(Error::from_code(code, "fetch committed offsets"))
                    }
                    CommittedAnswer::Refused(error) => Decision::Fail(error),
                },
                deadline,
            )
            .await
    }

    /// The first offsets of partitions.
    pub async fn beginning_offsets(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, i64>, Error> {
        self.edge_offsets(partitions, -2).await
    }

    /// The offsets the next records will get; with `isolation.level=read_committed`, the last stable ones.
    pub async fn end_offsets(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, i64>, Error> {
        self.edge_offsets(partitions, -1).await
    }

    async fn edge_offsets(
        &self,
        partitions: &[TopicPartition],
        timestamp: i64,
    ) -> Result<BTreeMap<TopicPartition, i64>, Error> {
        let asked: Vec<_> = partitions.iter().map(|partition| (partition.clone(), timestamp)).collect();
        let found = self.find_offsets(asked).await?;
        Ok(found.into_iter().filter_map(|(p, found)| Some((p, found.position?.offset))).collect())
    }

    /// For each partition the first offset whose record is no older than a time in milliseconds since the Unix epoch;
    /// partitions without such a record are missing.
    pub async fn offsets_for_times(
        &self,
        times: &BTreeMap<TopicPartition, i64>,
    ) -> Result<BTreeMap<TopicPartition, OffsetAndTimestamp>, Error> {
        if let Some((partition, time)) = times.iter().find(|(_, time)| **time < 0) {
            return Err(Error::new(ErrorKind::InvalidArgument, "list offsets", "a time cannot be negative")
                .with_context("topic", &partition.topic)
                .with_context("partition", partition.partition)
                .with_context("time", time));
        }
        let asked = times.iter().map(|(partition, time)| (partition.clone(), *time)).collect();
        let found = self.find_offsets(asked).await?;
        let at_time = |found: FoundOffset| {
            found.position.map(|position| OffsetAndTimestamp {
                offset: position.offset,
                timestamp_ms: found.timestamp_ms,
                leader_epoch: position.offset_epoch,
            })
        };
        Ok(found.into_iter().filter_map(|(p, found)| Some((p, at_time(found)?))).collect())
    }

    /// Asks the leaders until all have answered or the time is over.
    async fn find_offsets(
        &self,
        mut asked: Vec<(TopicPartition, i64)>,
    ) -> Result<BTreeMap<TopicPartition, FoundOffset>, Error> {
        const OPERATION: &str = "list offsets";
        let deadline = self.api_deadline();
        let client = &self.shared.client;
        let mut found = BTreeMap::new();
        let mut failures = 0;
        while !asked.is_empty() {
            let mut last_error = None;
            let by_leader = by_leader(client, &asked, deadline, &mut last_error).await?;
            for (node, queries) in by_leader {
                match self.shared.list_offsets(node, &queries, deadline).await {
                    Ok(answers) => {
                        for (partition, answer) in answers {
                            match answer {
                                Ok(answer) => {
                                    found.insert(partition, answer);
                                }
                                Err(code) => {
                                    let error = Error::from_code(code, OPERATION)
                                        .with_context("topic", &partition.topic)
                                        .with_context("partition", partition.partition)
                                        .with_context("broker", node);
                                    if !error.is_retriable() {
                                        return Err(error);
                                    }
                                    last_error = Some(error);
                                }
                            }
                        }
                    }
                    Err(error) if error.is_retriable() => last_error = Some(error),
                    Err(error) => return Err(error.with_operation(OPERATION)),
                }
            }
            asked.retain(|(partition, _)| !found.contains_key(partition));
            if !asked.is_empty() {
                failures += 1;
                client.metadata().refresh("offsets could not be listed");
                let error = last_error.unwrap_or_else(|| {
                    Error::new(ErrorKind::Protocol, OPERATION, "the broker left partitions out of its answer")
                });
                client.pause(OPERATION, failures, error, deadline).await?;
            }
        }
        Ok(found)
    }
}

type Queries = Vec<(TopicPartition, TimeQuery)>;

async fn by_leader(
    client: &Client,
    asked: &[(TopicPartition, i64)],
    deadline: Instant,
    last_error: &mut Option<Error>,
) -> Result<BTreeMap<NodeId, Queries>, Error> {
    let mut by_leader: BTreeMap<NodeId, Queries> = BTreeMap::new();
    for (partition, timestamp) in asked {
        client.metadata().topic(&partition.topic, "list offsets", deadline).await?;
        match client.leader(&partition.topic, partition.partition) {
            Ok(leader) => {
                let query = TimeQuery { timestamp: *timestamp, leader_epoch: leader.epoch.unwrap_or(-1) };
                by_leader.entry(leader.node).or_default().push((partition.clone(), query));
            }
            Err(error) if error.is_retriable() => *last_error = Some(error),
            Err(error) => return Err(error.with_operation("list offsets")),
        }
    }
    Ok(by_leader)
}

pub(super) fn no_group(operation: &'static str) -> Error {
    Error::new(ErrorKind::InvalidState, operation, "this consumer has no group").with_hint("set group.id")
}
