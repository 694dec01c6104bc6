//! Which batches go to which broker, and what becomes of them. A **machine**.
//!
//! Owns every batch from the moment it leaves its partition's queue until its fate is decided, the sequence numbers, and what is
//! known of leaders and links. Does not know how a request is encoded, what a socket is, or who waits for a delivery.
//!
//! ```text
//! queue ──poll_request──► on the wire ──answer──► told
//!                           ▲     │ retriable        ▲
//!                           └── retry ── expired ────┘
//! ```
//!
//! Order within a partition: a batch keeps its place (`order`) for life. What is to be retried goes before what was never
//! sent; of several to be retried only the first unresolved one goes out. While requests to a former leader are unanswered,
//! nothing goes to the new one. So batches reach the log in the order of their sequences whatever fails.

mod answer;
mod expiry;
mod request;
mod schedule;
mod types;

#[cfg(test)]
mod tests;

use super::batch::{Batch, Claim};
use super::delivery::Fate;
use super::sequence::{Identity, InitFailure, PartitionSequence, Sequencer};
use crate::error::{Error, ErrorKind};
use ottla_env::Rng;
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

pub(crate) use answer::ProduceAnswer;
pub(crate) use request::ProduceRequest;
pub(crate) use types::{
    BatchSource, Leader, NodeId, PartitionAnswer, PartitionIndex, RequestFailure, RequestId, SenderConfig,
    SenderCounters,
};

/// What errors of this file were doing.
const OPERATION: &str = "send records";

/// Batches of an idempotent producer that may be unresolved in one partition: what a broker remembers of a producer.
const MAX_UNRESOLVED: usize = 5;

#[derive(Debug)]
struct Partition {
    topic: Arc<str>,
    number: i32,
    topic_id: Uuid,
    leader: Option<Leader>,
    sequence: PartitionSequence,
    /// Records given an `order` so far.
    ordered_count: u64,
    /// Sent and to be sent again, by `order`.
    retry: VecDeque<Batch>,
    /// `order` of each batch that was sent and has no fate yet, on the wire or in `retry`.
    unresolved: VecDeque<u64>,
    /// Requests that carry a batch of it, and the broker they went to.
    on_wire: SmallVec<[(RequestId, NodeId); 5]>,
    /// Failed attempts in a row, for the backoff.
    failures: u32,
    backoff_until: Option<Instant>,
    last_error: Option<Error>,
    last_request: Option<RequestId>,
    /// Its entry in a node's schedule.
    scheduled: Option<(NodeId, Instant)>,
    /// Its entry among the expiries.
    expiry: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// No connection; none is tried before that time.
    Down { retry_at: Option<Instant> },
    /// The driver is at it.
    Connecting,
    /// Requests can be written.
    Up,
}

#[derive(Debug)]
struct Node {
    link: Link,
    in_flight: usize,
    throttled_until: Option<Instant>,
    failures: u32,
    last_error: Option<Error>,
    /// Partitions it leads that have something to send, by when that is due.
    schedule: BTreeSet<(Instant, PartitionIndex)>,
    /// Since when something is due that could not be written (`partitioner.availability.timeout.ms`).
    blocked_since: Option<Instant>,
}

#[derive(Debug)]
struct InFlight {
    node: NodeId,
    parts: Vec<(PartitionIndex, Batch)>,
}

/// The machine.
#[derive(Debug)]
pub(crate) struct Sender {
    config: SenderConfig,
    sequencer: Sequencer,
    partitions: Vec<Partition>,
    nodes: BTreeMap<NodeId, Node>,
    /// Where the next look for a node to send to begins, so that each gets its turn.
    last_node: NodeId,
    requests: BTreeMap<RequestId, InFlight>,
    next_request: u64,
    /// Partitions with something to send and nobody to send it to.
    leaderless: BTreeSet<PartitionIndex>,
    next_leader_query: Option<Instant>,
    metadata_wanted: bool,
    expiries: BTreeSet<(Instant, PartitionIndex)>,
    told: VecDeque<(Claim, Fate)>,
    fatal: Option<Error>,
    rng: Rng,
    counters: SenderCounters,
}

impl Sender {
    /// A sender that knows no partition. `rng` is for the jitter of its backoff.
    pub(crate) fn new(config: SenderConfig, rng: Rng) -> Self {
        Self {
            config,
            sequencer: Sequencer::new(),
            partitions: Vec::new(),
            nodes: BTreeMap::new(),
            last_node: NodeId::MIN,
            requests: BTreeMap::new(),
            next_request: 0,
            leaderless: BTreeSet::new(),
            next_leader_query: None,
            metadata_wanted: false,
            expiries: BTreeSet::new(),
            told: VecDeque::new(),
            fatal: None,
            rng,
            counters: SenderCounters::default(),
        }
    }

    /// Adds a partition; indexes are given in order from 0.
    pub(crate) fn add_partition(&mut self, topic: Arc<str>, number: i32) -> PartitionIndex {
        let index = PartitionIndex(self.partitions.len() as u32);
        self.partitions.push(Partition {
            topic,
            number,
            topic_id: Uuid::nil(),
            leader: None,
            sequence: PartitionSequence::default(),
            ordered_count: 0,
            retry: VecDeque::new(),
            unresolved: VecDeque::new(),
            on_wire: SmallVec::new(),
            failures: 0,
            backoff_until: None,
            last_error: None,
            last_request: None,
            scheduled: None,
            expiry: None,
        });
        index
    }

    /// Topics with something to send and nobody to send it to.
    pub(crate) fn leaderless_topics(&self) -> BTreeSet<Arc<str>> {
        self.leaderless
            .iter()
            .map(|partition| Arc::clone(&self.partitions[partition.0 as usize].topic))
            .collect()
    }

    /// What was counted.
    pub(crate) fn counters(&self) -> SenderCounters {
        self.counters
    }

    /// The error after which nothing can be sent any more.
    pub(crate) fn fatal(&self) -> Option<&Error> {
        self.fatal.as_ref()
    }

    /// The queue of a partition has a batch that is new or newly full.
    pub(crate) fn handle_pending(&mut self, partition: PartitionIndex, source: &mut dyn BatchSource) {
        if let Some(error) = self.fatal.clone() {
            self.fail_queue(partition, &error, source);
            return;
        }
        self.arm_expiry(partition, source);
        self.reschedule(partition, source);
    }

    /// The metadata names a partition's leader, or that it has none. Older news of the same topic than an error response gave
    /// is passed over; a topic with another id was made anew and begins from the first epoch.
    pub(crate) fn handle_leader(
        &mut self,
        partition: PartitionIndex,
        topic_id: Uuid,
        leader: Option<Leader>,
        source: &mut dyn BatchSource,
    ) {
        let state = &mut self.partitions[partition.0 as usize];
        let is_same_topic = state.topic_id == topic_id;
        state.topic_id = topic_id;
        if state.leader == leader {
            return;
        }
        if let (Some(new), Some(known)) = (leader, state.leader)
            && is_same_topic
            && new.epoch >= 0
            && new.epoch < known.epoch
        {
            return;
        }
        if leader.is_some() {
            // What failed at the former leader says nothing about this one.
            state.backoff_until = None;
        }
        state.leader = leader;
        self.reschedule(partition, source);
    }

    /// True when a producer id is to be asked for; the caller then owes a [`Self::handle_init`].
    pub(crate) fn poll_init(&mut self, now: Instant) -> bool {
        let needed = !self.leaderless.is_empty() || self.nodes.values().any(|node| !node.schedule.is_empty());
        self.config.idempotence && self.fatal.is_none() && needed && self.sequencer.poll_init(now)
    }

    /// The answer to what [`Self::poll_init`] asked for.
    pub(crate) fn handle_init(
        &mut self,
        answer: Result<Identity, InitFailure>,
        source: &mut dyn BatchSource,
        now: Instant,
    ) {
        let (backoff, rng) = (self.config.backoff, &mut self.rng);
        self.sequencer.handle_init(answer, now, |failures| backoff.pause(failures, rng));
        if let Some(error) = self.sequencer.fatal() {
            let error = error.clone();
            self.fail_all(&error, source);
            self.fatal = Some(error);
        }
    }

    /// True once when leaders should be asked for.
    pub(crate) fn poll_metadata(&mut self) -> bool {
        std::mem::take(&mut self.metadata_wanted)
    }

    /// The next fate to tell.
    pub(crate) fn poll_delivery(&mut self) -> Option<(Claim, Fate)> {
        self.told.pop_front()
    }

    /// A broker to connect to; the caller owes a [`Self::handle_connected`] or [`Self::handle_connect_failed`].
    pub(crate) fn poll_connect(&mut self, now: Instant, rush: bool) -> Option<NodeId> {
        for (id, node) in &mut self.nodes {
            let due = node.schedule.first().is_some_and(|(due, _)| rush || *due <= now);
            if let Link::Down { retry_at } = node.link
                && due
                && retry_at.is_none_or(|retry_at| retry_at <= now)
            {
                node.link = Link::Connecting;
                return Some(*id);
            }
        }
        None
    }

    /// A connection is ready for requests.
    pub(crate) fn handle_connected(&mut self, id: NodeId) {
        let node = self.node(id);
        node.link = Link::Up;
        node.failures = 0;
        node.last_error = None;
    }

    /// A broker could not be reached.
    pub(crate) fn handle_connect_failed(&mut self, id: NodeId, error: Error, now: Instant) {
        let failures = self.node(id).failures.saturating_add(1);
        let wait = self.config.backoff.pause(failures, &mut self.rng);
        let node = self.node(id);
        node.failures = failures;
        node.last_error = Some(error);
        node.link = Link::Down { retry_at: Some(now + wait) };
        // Perhaps its partitions have other leaders by now.
        self.metadata_wanted = true;
    }

    /// A connection ended; requests on it are reported one by one.
    pub(crate) fn handle_disconnected(&mut self, id: NodeId) {
        let node = self.node(id);
        if node.link == Link::Up {
            node.link = Link::Down { retry_at: None };
        }
    }

    /// Brokers that something was sent to or waits for, and whether they take no more requests before an answer comes.
    pub(crate) fn saturation(&self) -> impl Iterator<Item = (NodeId, bool)> {
        self.nodes.iter().map(|(id, node)| (*id, node.in_flight >= self.config.max_in_flight))
    }

    /// Who leads a partition, as far as the sender knows.
    pub(crate) fn leader(&self, partition: PartitionIndex) -> Option<Leader> {
        self.partitions.get(partition.0 as usize).and_then(|state| state.leader)
    }

    /// Since when something has been due for a broker that could not be written.
    pub(crate) fn blocked_since(&self, id: NodeId) -> Option<Instant> {
        self.nodes.get(&id).and_then(|node| node.blocked_since)
    }

    /// When [`Self::handle_timeout`] and the polls have something to do without an event; nothing: not before the next event.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let nodes = self.nodes.values().filter_map(|node| {
            let due = node.schedule.first().map(|(due, _)| *due)?;
            match node.link {
                Link::Up if node.in_flight < self.config.max_in_flight => {
                    Some(node.throttled_until.map_or(due, |until| until.max(due)))
                }
                Link::Down { retry_at } => Some(retry_at.map_or(due, |at| at.max(due))),
                Link::Up | Link::Connecting => None,
            }
        });
        // Without a producer id nothing is sent, so nothing else is due before it.
        let waits_for_identity = self.config.idempotence && self.sequencer.identity().is_none();
        let sending = if waits_for_identity { self.sequencer.poll_timeout() } else { nodes.min() };
        let expiry = self.expiries.first().map(|(at, _)| *at);
        [sending, expiry, self.next_leader_query].into_iter().flatten().min()
    }

    fn node(&mut self, id: NodeId) -> &mut Node {
        self.nodes.entry(id).or_insert_with(|| Node {
            link: Link::Down { retry_at: None },
            in_flight: 0,
            throttled_until: None,
            failures: 0,
            last_error: None,
            schedule: BTreeSet::new(),
            blocked_since: None,
        })
    }

    /// Adds where it happened.
    fn locate(&self, partition: PartitionIndex, error: Error) -> Error {
        let state = &self.partitions[partition.0 as usize];
        let error = error
            .with_operation(OPERATION)
            .with_context("topic", &state.topic)
            .with_context("partition", state.number);
        match state.leader {
            Some(leader) => error.with_context("broker", leader.node),
            None => error,
        }
    }

    /// Decides that `batch` failed. What may be in the log is told as unknown, whatever the last error says.
    fn fail(&mut self, partition: PartitionIndex, batch: &mut Batch, error: Error) {
        let state = &mut self.partitions[partition.0 as usize];
        state.unresolved.retain(|order| *order != batch.order);
        if batch.is_numbered() {
            state.sequence.open_gap();
        }
        let Some(claim) = batch.take_claim() else { return };
        let error = self.locate(partition, error).with_context("attempts", batch.attempts);
        let error = if batch.may_be_appended() {
            self.counters.records_unknown += u64::from(batch.count());
            error.with_kind(ErrorKind::OutcomeUnknown).with_outcome_unknown().with_retriable(false).with_hint(
                "the records may be in the log: look before sending them again, or rely on consumers to drop duplicates",
            )
        } else {
            self.counters.records_failed += u64::from(batch.count());
            error
        };
        self.told.push_back((claim, Fate::Failed(error)));
    }
}
