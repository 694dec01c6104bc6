//! What a coordinator over one partition is: a state machine that says what to write and whom to answer.
//!
//! A handler changes nothing durable: it asks for a [`Write`]. The runtime appends it, hands each record back through
//! [`Shard::replay`], which is the only way durable state changes, and says with [`Shard::handle_written`] when it is
//! committed or that it cannot be.

use bytes::BytesMut;
use ottla_wire::ErrorCode;
use std::sync::Arc;
use std::time::Instant;

/// Both clocks at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// For timeouts.
    pub(crate) instant: Instant,
    /// For timestamps and retention, in milliseconds since the Unix epoch.
    pub(crate) wall_ms: i64,
}

/// Names a request that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Ticket(pub(crate) u64);

/// The producer on whose behalf records are written in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TransactionalProducer {
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
}

/// Records that a shard wants in its log.
#[derive(Debug)]
pub(crate) struct Write<R, D> {
    pub(crate) records: Vec<R>,
    /// All or none of them; else they may be spread over batches, of which a later one may fail.
    pub(crate) atomic: bool,
    /// Set when the records count only once the transaction commits.
    pub(crate) producer: Option<TransactionalProducer>,
    /// Handed back when it is known what became of them.
    pub(crate) then: D,
}

/// Bytes that are no record of this coordinator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BadRecord(pub(crate) String);

/// A coordinator over one partition. **machine**
pub(crate) trait Shard: Send + 'static {
    /// A record of its log.
    type Record: Send;
    /// An answer to a request.
    type Reply: Send;
    /// What it does once a write is decided.
    type Done: Send;

    /// Puts a record's key and value behind what the buffers hold; `false`: the value is null.
    fn encode(record: &Self::Record, key: &mut BytesMut, value: &mut BytesMut) -> Result<bool, BadRecord>;

    /// Reads a record; `None` for one of a kind that this version does not act upon.
    fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Option<Self::Record>, BadRecord>;

    /// Takes a record over that is in the log at `offset`.
    fn replay(&mut self, record: &Self::Record, offset: i64, producer: Option<TransactionalProducer>);

    /// Takes over that a transaction ended.
    fn replay_end_transaction(&mut self, producer: TransactionalProducer, committed: bool);

    /// The whole log was replayed; from here on requests come.
    fn handle_loaded(&mut self, now: Now);

    /// A write is committed, or was not appended.
    fn handle_written(&mut self, done: Self::Done, result: Result<(), ErrorCode>, now: Now);

    /// A deadline of [`Self::poll_timeout`] came.
    fn handle_timeout(&mut self, now: Now);

    /// Topics were deleted.
    fn handle_topics_deleted(&mut self, topics: &[Arc<str>], now: Now);

    /// The next records to append.
    fn poll_write(&mut self) -> Option<Write<Self::Record, Self::Done>>;

    /// The next answer.
    fn poll_reply(&mut self) -> Option<(Ticket, Self::Reply)>;

    /// When to call [`Self::handle_timeout`].
    fn poll_timeout(&self) -> Option<Instant>;
}
