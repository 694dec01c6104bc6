//! What goes into the sender **machine** and what it counts.

use crate::backoff::Backoff;
use crate::error::Error;
use crate::producer::accumulator::Head;
use crate::producer::batch::Batch;
use ottla_wire::ErrorCode;
use std::time::Duration;

/// A broker.
pub(crate) type NodeId = i32;

/// A partition's place in the tables of one producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartitionIndex(pub(crate) u32);

/// A request of one producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RequestId(pub(crate) u64);

/// Where batches come from: the queues that callers append to.
pub(crate) trait BatchSource {
    /// The oldest batch of a partition.
    fn head(&mut self, partition: PartitionIndex) -> Option<Head>;
    /// Takes it, sealing it if it is open.
    fn take(&mut self, partition: PartitionIndex) -> Option<Batch>;
}

/// The part of the configuration the sender needs.
#[derive(Clone, Debug)]
pub(crate) struct SenderConfig {
    /// -1, 0 or 1.
    pub(crate) acks: i16,
    pub(crate) idempotence: bool,
    pub(crate) max_in_flight: usize,
    pub(crate) max_request_bytes: usize,
    pub(crate) linger: Duration,
    pub(crate) delivery_timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) backoff: Backoff,
    /// How often leaders are asked for while a partition has none.
    pub(crate) leader_query_interval: Duration,
}

/// Who leads a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leader {
    pub(crate) node: NodeId,
    /// -1 when the cluster does not say.
    pub(crate) epoch: i32,
}

/// One partition's part of a Produce response.
#[derive(Clone, Debug)]
pub(crate) struct PartitionAnswer {
    pub(crate) partition: PartitionIndex,
    pub(crate) code: ErrorCode,
    pub(crate) message: Option<String>,
    /// -1 when there is none.
    pub(crate) base_offset: i64,
    /// -1 when the topic keeps the producer's timestamps.
    pub(crate) log_append_time_ms: i64,
    /// Records that were refused by name (KIP-467).
    pub(crate) record_errors: Vec<(u32, Option<String>)>,
    /// Who leads now, said along with the error (KIP-951).
    pub(crate) leader: Option<Leader>,
}

/// How a request ended without an answer.
#[derive(Clone, Debug)]
pub(crate) struct RequestFailure {
    pub(crate) error: Error,
    /// Whether the broker may have got it.
    pub(crate) may_have_arrived: bool,
    /// Whether the connection is gone.
    pub(crate) disconnected: bool,
    /// Whether another attempt can help.
    pub(crate) retriable: bool,
}

/// What the sender has counted since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SenderCounters {
    pub(crate) requests: u64,
    pub(crate) batches: u64,
    pub(crate) records_acknowledged: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) records_failed: u64,
    pub(crate) records_unknown: u64,
    pub(crate) retries: u64,
    pub(crate) splits: u64,
    pub(crate) epoch_bumps: u64,
}
