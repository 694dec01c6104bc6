//! Producers that are active on partitions.

use super::fan_out::{Results, Route, fan_out};
use super::wire_types::{by_topic, check, topic_name};
use super::{Admin, CallOptions};
use crate::error::Error;
use crate::record::TopicPartition;
use ottla_wire::messages::DescribeProducersRequest;
use ottla_wire::messages::describe_producers_request::TopicRequest;
use std::sync::Arc;

const DESCRIBE: &str = "describe producers";

/// An idempotent or transactional producer, as a partition's leader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerStateDescription {
    /// Its id.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i32,
    /// Sequence of its last record.
    pub last_sequence: i32,
    /// Timestamp of its last batch, in ms.
    pub last_timestamp_ms: i64,
    /// Epoch of the coordinator that wrote its last transaction marker; `None` without one.
    pub coordinator_epoch: Option<i32>,
    /// First offset of its open transaction; `None` without one.
    pub current_transaction_start_offset: Option<i64>,
}

impl Admin {
    /// Describes the producers that are active on partitions, asked at their leaders.
    pub async fn describe_producers(
        &self,
        partitions: impl IntoIterator<Item = TopicPartition>,
        options: CallOptions,
    ) -> Result<Results<TopicPartition, Vec<ProducerStateDescription>>, Error> {
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            DESCRIBE,
            partitions,
            |partition| Route::Leader(partition.clone()),
            deadline,
            |target, partitions| async move {
                let topics = by_topic(&partitions)
                    .into_iter()
                    .map(|(topic, numbers)| {
                        TopicRequest::default().with_name(topic_name(&topic)).with_partition_indexes(numbers)
                    })
                    .collect();
                let response = self
                    .client
                    .call(
                        target,
                        0..=0,
                        |_| DescribeProducersRequest::default().with_topics(topics),
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
                            let result = check(row.error_code, row.error_message.as_ref(), DESCRIBE)
                                .map_err(|error| error.with_context("partition", &partition))
                                .map(|()| {
                                    row.active_producers
                                        .iter()
                                        .map(|producer| ProducerStateDescription {
                                            producer_id: producer.producer_id.0,
                                            producer_epoch: producer.producer_epoch,
                                            last_sequence: producer.last_sequence,
                                            last_timestamp_ms: producer.last_timestamp,
                                            coordinator_epoch: (producer.coordinator_epoch >= 0)
                                                .then_some(producer.coordinator_epoch),
                                            current_transaction_start_offset: (producer
                                                .current_txn_start_offset
                                                >= 0)
                                                .then_some(producer.current_txn_start_offset),
                                        })
                                        .collect()
                                });
                            (partition, result)
                        })
                    })
                    .collect())
            },
        )
        .await)
    }
}
