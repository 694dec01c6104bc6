//! Transactions: list, describe, fence, abort those that hang.

use super::fan_out::{Results, Route, fan_out, single};
use super::producers::ProducerStateDescription;
use super::wire_types::{by_topic, check, text, topic_name};
use super::{Admin, CallOptions};
use crate::client::CoordinatorKind;
use crate::error::Error;
use crate::metadata::NodeId;
use crate::record::TopicPartition;
use ottla_wire::messages::write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic};
use ottla_wire::messages::{
    DescribeTransactionsRequest, InitProducerIdRequest, ListTransactionsRequest, ProducerId, TransactionalId,
    WriteTxnMarkersRequest,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const LIST: &str = "list transactions";
const DESCRIBE: &str = "describe transactions";
const FENCE: &str = "fence producers";
const ABORT: &str = "abort transaction";

/// Which transactions to list; empty sets mean all.
#[derive(Clone, Debug, Default)]
pub struct ListTransactionsFilter {
    /// Only those in these states, by Kafka's names, such as `Ongoing`.
    pub states: BTreeSet<String>,
    /// Only those of these producer ids.
    pub producer_ids: BTreeSet<i64>,
    /// Only those running for longer than this.
    pub running_longer_than: Option<Duration>,
}

/// A transactional id in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionListing {
    /// The transactional id.
    pub transactional_id: String,
    /// The producer's id.
    pub producer_id: i64,
    /// Kafka's name of the state.
    pub state: String,
}

/// A transactional id described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionDescription {
    /// Its coordinator.
    pub coordinator: Option<NodeId>,
    /// Kafka's name of the state.
    pub state: String,
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// `transaction.timeout.ms` of the producer.
    pub timeout: Duration,
    /// When the open transaction began, in ms since the Unix epoch; `None` without one.
    pub start_time_ms: Option<i64>,
    /// The partitions in it.
    pub partitions: BTreeSet<TopicPartition>,
}

/// A producer fenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FencedProducer {
    /// The transactional id's producer id.
    pub producer_id: i64,
    /// The epoch below which everything is refused now.
    pub producer_epoch: i16,
}

impl Admin {
    /// Lists transactional ids of all coordinators. A broker that cannot be asked fails the call.
    pub async fn list_transactions(
        &self,
        filter: ListTransactionsFilter,
        options: CallOptions,
    ) -> Result<BTreeMap<String, TransactionListing>, Error> {
        let deadline = self.deadline(options.timeout);
        let filter = &filter;
        let snapshot = self.client.metadata().refreshed(LIST, deadline).await?;
        let results = fan_out(
            &self.client,
            LIST,
            snapshot.brokers.keys().copied(),
            |node| Route::Node(*node),
            deadline,
            |target, nodes: Vec<NodeId>| async move {
                let oldest = if filter.running_longer_than.is_some() { 1 } else { 0 };
                let response = self
                    .client
                    .call(
                        target,
                        oldest..=2,
                        |version| {
                            let request = ListTransactionsRequest::default()
                                .with_state_filters(filter.states.iter().map(|state| text(state)).collect())
                                .with_producer_id_filters(
                                    filter.producer_ids.iter().map(|id| ProducerId(*id)).collect(),
                                );
                            match filter.running_longer_than {
                                Some(longer) if version >= 1 => request.with_duration_filter(
                                    i64::try_from(longer.as_millis()).unwrap_or(i64::MAX),
                                ),
                                _ => request,
                            }
                        },
                        deadline,
                    )
                    .await?;
                check(response.error_code, None, LIST)?;
                let listings: Vec<_> = response
                    .transaction_states
                    .into_iter()
                    .map(|row| TransactionListing {
                        transactional_id: row.transactional_id.0.to_string(),
                        producer_id: row.producer_id.0,
                        state: row.transaction_state.to_string(),
                    })
                    .collect();
                Ok(nodes.into_iter().map(|node| (node, Ok(listings.clone()))).collect())
            },
        )
        .await;
        let mut transactions = BTreeMap::new();
        for listings in results.into_values() {
            for listing in listings? {
                transactions.insert(listing.transactional_id.clone(), listing);
            }
        }
        Ok(transactions)
    }

    /// Describes transactional ids, asked at their coordinators.
    pub async fn describe_transactions(
        &self,
        transactional_ids: impl IntoIterator<Item = impl Into<String>>,
        options: CallOptions,
    ) -> Result<Results<String, TransactionDescription>, Error> {
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            DESCRIBE,
            transactional_ids.into_iter().map(Into::into),
            |id: &String| Route::Coordinator(CoordinatorKind::Transaction, id.clone()),
            deadline,
            |target, ids: Vec<String>| async move {
                let coordinator = target.node();
                let ids = ids.iter().map(|id| TransactionalId(text(id))).collect();
                let response = self
                    .client
                    .call(
                        target,
                        0..=0,
                        |_| DescribeTransactionsRequest::default().with_transactional_ids(ids),
                        deadline,
                    )
                    .await?;
                Ok(response
                    .transaction_states
                    .into_iter()
                    .map(|row| {
                        let id = row.transactional_id.0.to_string();
                        let result = check(row.error_code, None, DESCRIBE)
                            .map_err(|error| error.with_context("transactional_id", &id))
                            .map(|()| TransactionDescription {
                                coordinator,
                                state: row.transaction_state.to_string(),
                                producer_id: row.producer_id.0,
                                producer_epoch: row.producer_epoch,
                                timeout: Duration::from_millis(
                                    u64::try_from(row.transaction_timeout_ms).unwrap_or(0),
                                ),
                                start_time_ms: Some(row.transaction_start_time_ms).filter(|ms| *ms >= 0),
                                partitions: row
                                    .topics
                                    .iter()
                                    .flat_map(|topic| {
                                        let name: std::sync::Arc<str> = topic.topic.0.as_str().into();
                                        topic
                                            .partitions
                                            .iter()
                                            .map(move |number| TopicPartition::new(name.clone(), *number))
                                    })
                                    .collect(),
                            });
                        (id, result)
                    })
                    .collect())
            },
        )
        .await)
    }

    /// Fences the producers of transactional ids: their open transactions abort, and they cannot go on.
    pub async fn fence_producers(
        &self,
        transactional_ids: impl IntoIterator<Item = impl Into<String>>,
        options: CallOptions,
    ) -> Result<Results<String, FencedProducer>, Error> {
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            FENCE,
            transactional_ids.into_iter().map(Into::into),
            |id: &String| Route::Coordinator(CoordinatorKind::Transaction, id.clone()),
            deadline,
            |target, ids: Vec<String>| async move {
                let mut answers = Vec::new();
                // A request is about one transactional id.
                for id in ids {
                    let response = self
                        .client
                        .call(
                            target.clone(),
                            0..=5,
                            |_| {
                                InitProducerIdRequest::default()
                                    .with_transactional_id(Some(TransactionalId(text(&id))))
                                    // Taken as the timeout of the next transaction, which never comes.
                                    .with_transaction_timeout_ms(self.remaining_ms(deadline).max(1))
                                    .with_producer_id(ProducerId(-1))
                                    .with_producer_epoch(-1)
                            },
                            deadline,
                        )
                        .await?;
                    let result = check(response.error_code, None, FENCE)
                        .map_err(|error| error.with_context("transactional_id", &id))
                        .map(|()| FencedProducer {
                            producer_id: response.producer_id.0,
                            producer_epoch: response.producer_epoch,
                        });
                    answers.push((id, result));
                }
                Ok(answers)
            },
        )
        .await)
    }

    /// Aborts a transaction that hangs on one partition, found by [`Self::describe_producers`]. Its coordinator is not
    /// asked: only for transactions it no longer knows.
    pub async fn abort_transaction(
        &self,
        partition: TopicPartition,
        producer: &ProducerStateDescription,
        options: CallOptions,
    ) -> Result<(), Error> {
        let deadline = self.deadline(options.timeout);
        let partition = &partition;
        let results = fan_out(
            &self.client,
            ABORT,
            [()],
            |()| Route::Leader(partition.clone()),
            deadline,
            |target, _| async move {
                let topics = by_topic([partition])
                    .into_iter()
                    .map(|(topic, numbers)| {
                        WritableTxnMarkerTopic::default()
                            .with_name(topic_name(&topic))
                            .with_partition_indexes(numbers)
                    })
                    .collect();
                let marker = WritableTxnMarker::default()
                    .with_producer_id(ProducerId(producer.producer_id))
                    .with_producer_epoch(i16::try_from(producer.producer_epoch).unwrap_or(i16::MAX))
                    .with_transaction_result(false)
                    .with_coordinator_epoch(producer.coordinator_epoch.unwrap_or(0))
                    .with_topics(topics);
                let response = self
                    .client
                    .call(
                        target,
                        1..=1,
                        |_| WriteTxnMarkersRequest::default().with_markers(vec![marker]),
                        deadline,
                    )
                    .await?;
                let code = response
                    .markers
                    .iter()
                    .flat_map(|marker| &marker.topics)
                    .flat_map(|topic| &topic.partitions)
                    .find(|row| row.partition_index == partition.partition)
                    .map(|row| row.error_code);
                // An answer without the partition counts as left out.
                let Some(code) = code else { return Ok(Vec::new()) };
                Ok(vec![(
                    (),
                    check(code, None, ABORT).map_err(|error| error.with_context("partition", partition)),
                )])
            },
        )
        .await;
        single(ABORT, results)
    }
}
