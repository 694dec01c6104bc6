//! Transactions: list, describe, fence, abort those that hang.

use super::common::{TopicPartition, call};
use super::shape::{PerItem, operations, told};
use crate::admin::{
    Admin, ListTransactionsFilter, ProducerStateDescription, TransactionDescription as CoreDescription,
};
use crate::error::Error;
use std::collections::BTreeMap;
use std::time::Duration;

told! {
    /// A transactional id in a list.
    TransactionListing {
        /// The transactional id.
        transactional_id: String,
        /// The producer's id.
        producer_id: i64,
        /// Kafka's name of the state, such as `Ongoing`.
        state: String,
    }

    /// A transactional id described.
    TransactionDescription {
        /// The broker that coordinates it, where known.
        coordinator: Option<i32>,
        /// Kafka's name of the state, such as `Ongoing`.
        state: String,
        /// The producer's id.
        producer_id: i64,
        /// The producer's epoch.
        producer_epoch: i16,
        /// The producer's `transaction.timeout.ms`.
        timeout: Duration,
        /// When the open transaction began, in ms since the Unix epoch; nothing without one.
        start_time_ms: Option<i64>,
        /// The partitions in it.
        partitions: Vec<TopicPartition>,
    }

    /// A producer fenced.
    FencedProducer {
        /// The transactional id's producer id.
        producer_id: i64,
        /// The epoch below which everything is refused now.
        producer_epoch: i16,
    }
}

operations! {
    /// Lists the transactional ids of all coordinators. A broker that cannot be asked fails the call: a list with holes would
    /// mislead.
    list_transactions: ListTransactions {
        /// Only those in these states, by Kafka's names, such as `Ongoing`; if left out, in all.
        states: Vec<String> = "[]",
        /// Only those of these producer ids; if left out, of all.
        producer_ids: Vec<i64> = "[]",
        /// Only those whose transaction is open for longer than this.
        running_longer_than: Option<Duration> = "null",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> BTreeMap<String, TransactionListing>,
    errors "Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for running_longer_than at brokers before 3.8. Transactional ids that this principal may not describe are left out.",
    source "ListTransactions (KIP-664, KIP-994)";

    /// Describes transactional ids, asked at their coordinators.
    describe_transactions: DescribeTransactions {
        /// The transactional ids.
        transactional_ids: Vec<String>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<String, TransactionDescription>,
    errors "Per transactional id: TRANSACTIONAL_ID_NOT_FOUND, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE.",
    source "DescribeTransactions (KIP-664)";

    /// Fences the producers of transactional ids: their open transactions abort, and they cannot go on.
    fence_producers: FenceProducers {
        /// The transactional ids.
        transactional_ids: Vec<String>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<String, FencedProducer>,
    errors "Per transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE, CONCURRENT_TRANSACTIONS when the old transaction does not end in time.",
    source "InitProducerId (KIP-691)";

    /// Aborts a transaction that hangs on one partition, found by `describe_producers`. Its coordinator is not asked: only for
    /// transactions it no longer knows.
    abort_transaction: AbortTransaction {
        /// The partition.
        partition: TopicPartition,
        /// The producer's id.
        producer_id: i64,
        /// The producer's epoch.
        producer_epoch: i16,
        /// Epoch of the coordinator that wrote the producer's last transaction marker; nothing without one.
        coordinator_epoch: Option<i32> = "null",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> (),
    errors "Of the call: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, CLUSTER_AUTHORIZATION_FAILED.",
    source "WriteTxnMarkers (KIP-664)";
}

async fn list_transactions(
    admin: Admin,
    given: ListTransactions,
) -> Result<BTreeMap<String, TransactionListing>, Error> {
    let filter = ListTransactionsFilter {
        states: given.states.into_iter().collect(),
        producer_ids: given.producer_ids.into_iter().collect(),
        running_longer_than: given.running_longer_than,
    };
    let transactions = admin.list_transactions(filter, call(given.timeout)).await?;
    let listings = transactions.into_iter().map(|(id, listing)| {
        let told = TransactionListing {
            transactional_id: listing.transactional_id,
            producer_id: listing.producer_id,
            state: listing.state,
        };
        (id, told)
    });
    Ok(listings.collect())
}

async fn describe_transactions(
    admin: Admin,
    given: DescribeTransactions,
) -> Result<PerItem<String, TransactionDescription>, Error> {
    let results = admin.describe_transactions(given.transactional_ids, call(given.timeout)).await?;
    Ok(PerItem::from(results, |id| id, TransactionDescription::from))
}

async fn fence_producers(
    admin: Admin,
    given: FenceProducers,
) -> Result<PerItem<String, FencedProducer>, Error> {
    let results = admin.fence_producers(given.transactional_ids, call(given.timeout)).await?;
    Ok(PerItem::from(
        results,
        |id| id,
        |fenced| FencedProducer { producer_id: fenced.producer_id, producer_epoch: fenced.producer_epoch },
    ))
}

async fn abort_transaction(admin: Admin, given: AbortTransaction) -> Result<(), Error> {
    let producer = ProducerStateDescription {
        producer_id: given.producer_id,
        producer_epoch: given.producer_epoch.into(),
        last_sequence: -1,
        last_timestamp_ms: -1,
        coordinator_epoch: given.coordinator_epoch,
        current_transaction_start_offset: None,
    };
    admin.abort_transaction(given.partition.into(), &producer, call(given.timeout)).await
}

impl From<CoreDescription> for TransactionDescription {
    fn from(transaction: CoreDescription) -> Self {
        Self {
            coordinator: transaction.coordinator.map(|node| node.0),
            state: transaction.state,
            producer_id: transaction.producer_id,
            producer_epoch: transaction.producer_epoch,
            timeout: transaction.timeout,
            start_time_ms: transaction.start_time_ms,
            partitions: transaction.partitions.into_iter().map(TopicPartition::from).collect(),
        }
    }
}
