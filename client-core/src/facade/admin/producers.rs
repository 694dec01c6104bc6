//! Producers that are active on partitions.

use super::common::{TopicPartition, call};
use super::shape::{PerItem, operations, told};
use crate::admin::{Admin, ProducerStateDescription as CoreProducer};
use crate::error::Error;
use std::time::Duration;

told! {
    /// An idempotent or transactional producer, as a partition's leader knows it.
    ProducerStateDescription {
        /// Its id.
        producer_id: i64,
        /// Its epoch.
        producer_epoch: i32,
        /// Sequence of its last record.
        last_sequence: i32,
        /// Timestamp of its last batch, in ms since the Unix epoch.
        last_timestamp_ms: i64,
        /// Epoch of the coordinator that wrote its last transaction marker; nothing without one.
        coordinator_epoch: Option<i32>,
        /// First offset of its open transaction; nothing without one.
        current_transaction_start_offset: Option<i64>,
    }
}

operations! {
    /// Describes the producers that are active on partitions, asked at their leaders.
    describe_producers: DescribeProducers {
        /// The partitions.
        partitions: Vec<TopicPartition>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<TopicPartition, Vec<ProducerStateDescription>>,
    errors "Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED.",
    source "DescribeProducers (KIP-664)";
}

async fn describe_producers(
    admin: Admin,
    given: DescribeProducers,
) -> Result<PerItem<TopicPartition, Vec<ProducerStateDescription>>, Error> {
    let partitions = given.partitions.into_iter().map(Into::into);
    let results = admin.describe_producers(partitions, call(given.timeout)).await?;
    let producers =
        |producers: Vec<CoreProducer>| producers.into_iter().map(ProducerStateDescription::from).collect();
    Ok(PerItem::from(results, TopicPartition::from, producers))
}

impl From<CoreProducer> for ProducerStateDescription {
    fn from(producer: CoreProducer) -> Self {
        Self {
            producer_id: producer.producer_id,
            producer_epoch: producer.producer_epoch,
            last_sequence: producer.last_sequence,
            last_timestamp_ms: producer.last_timestamp_ms,
            coordinator_epoch: producer.coordinator_epoch,
            current_transaction_start_offset: producer.current_transaction_start_offset,
        }
    }
}
