//! What a producer counted, for whoever asks.

/// A producer's figures at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProducerMetrics {
    /// Records the brokers acknowledged.
    pub records_acknowledged: u64,
    /// Records told as failed: they are in no log.
    pub records_failed: u64,
    /// Records told as of unknown outcome.
    pub records_unknown: u64,
    /// Produce requests sent.
    pub requests: u64,
    /// Batches sent, retries included.
    pub batches: u64,
    /// Bytes of batches sent, after compression, retries included.
    pub bytes_sent: u64,
    /// Batches sent again.
    pub retries: u64,
    /// Batches split because a broker found them too large.
    pub splits: u64,
    /// Times the producer's epoch was raised.
    pub epoch_bumps: u64,
    /// Batches that have no fate yet.
    pub batches_incomplete: usize,
    /// `buffer.memory`.
    pub buffer_total_bytes: usize,
    /// What of it is free.
    pub buffer_available_bytes: usize,
    /// Callers that wait for memory.
    pub waiting_count: usize,
}
