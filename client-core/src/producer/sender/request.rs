//! Putting batches into requests. Part of the sender **machine**.

use super::{BatchSource, InFlight, Link, NodeId, PartitionIndex, RequestId, Sender};
use crate::error::{Error, ErrorKind};
use crate::producer::batch::Batch;
use bytes::Bytes;
use ottla_wire::batch::ProducerStamp;
use std::ops::Bound;
use std::time::Instant;

/// What a partition adds to a request besides its batch, roughly: topic name, lengths, tags.
const PART_OVERHEAD_BYTES: usize = 64;

/// A request to write; the caller owes a [`Sender::handle_response`].
#[derive(Clone, Debug)]
pub(crate) struct ProduceRequest {
    pub(crate) id: RequestId,
    pub(crate) node: NodeId,
    pub(crate) parts: Vec<RequestPart>,
}

/// One partition's batch in a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestPart {
    pub(crate) partition: PartitionIndex,
    pub(crate) records: Bytes,
}

impl Sender {
    /// The next request. With `rush` nothing lingers: somebody flushes, closes or waits for memory.
    pub(crate) fn poll_request(
        &mut self,
        source: &mut dyn BatchSource,
        now: Instant,
        rush: bool,
    ) -> Option<ProduceRequest> {
        if self.fatal.is_some() || (self.config.idempotence && self.sequencer.identity().is_none()) {
            return None;
        }
        let after = (Bound::Excluded(self.last_node), Bound::Unbounded);
        let until = (Bound::Unbounded, Bound::Included(self.last_node));
        let mut ready: smallvec::SmallVec<[NodeId; 8]> = smallvec::SmallVec::new();
        let mut blocked: smallvec::SmallVec<[NodeId; 8]> = smallvec::SmallVec::new();
        for (id, node) in self.nodes.range(after).chain(self.nodes.range(until)) {
            if !node.schedule.first().is_some_and(|(due, _)| rush || *due <= now) {
                continue;
            }
            let is_free = node.link == Link::Up
                && node.in_flight < self.config.max_in_flight
                && node.throttled_until.is_none_or(|until| until <= now);
            if is_free { ready.push(*id) } else { blocked.push(*id) }
        }
        for id in blocked {
            self.node(id).blocked_since.get_or_insert(now);
        }
        for id in ready {
            if let Some(request) = self.build(id, source, now) {
                self.last_node = id;
                self.node(id).blocked_since = None;
                return Some(request);
            }
        }
        None
    }

    /// One batch of each partition of the broker that may go, the longest due first, as many as fit. Those still lingering
    /// go along: the request costs the same.
    fn build(&mut self, id: NodeId, source: &mut dyn BatchSource, now: Instant) -> Option<ProduceRequest> {
        let request = RequestId(self.next_request);
        self.next_request += 1;
        let mut parts = Vec::new();
        let mut kept = Vec::new();
        let mut size_bytes = 0;
        let mut after: Option<(Instant, PartitionIndex)> = None;
        loop {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let Some(entry) = self.node(id).schedule.range((from, Bound::Unbounded)).next().copied() else {
                break;
            };
            after = Some(entry);
            let partition = entry.1;
            let state = &self.partitions[partition.0 as usize];
            if state.last_request == Some(request) || state.backoff_until.is_some_and(|until| until > now) {
                continue;
            }
            let next_bytes = match state.retry.front() {
                Some(batch) => batch.size_bytes(),
                None => source.head(partition).map_or(0, |head| head.size_bytes),
            };
            if !parts.is_empty()
                && size_bytes + next_bytes + PART_OVERHEAD_BYTES > self.config.max_request_bytes
            {
                break;
            }
            self.partitions[partition.0 as usize].last_request = Some(request);
            if let Some((batch, records)) = self.next_batch(partition, source) {
                size_bytes += records.len() + PART_OVERHEAD_BYTES;
                self.counters.bytes_sent += records.len() as u64;
                self.partitions[partition.0 as usize].on_wire.push((request, id));
                parts.push(RequestPart { partition, records });
                kept.push((partition, batch));
            }
            self.reschedule(partition, source);
        }
        if parts.is_empty() {
            return None;
        }
        self.counters.requests += 1;
        self.counters.batches += parts.len() as u64;
        self.node(id).in_flight += 1;
        self.requests.insert(request, InFlight { node: id, parts: kept });
        Some(ProduceRequest { id: request, node: id, parts })
    }

    /// The partition's next batch, numbered and framed.
    fn next_batch(
        &mut self,
        partition: PartitionIndex,
        source: &mut dyn BatchSource,
    ) -> Option<(Batch, Bytes)> {
        if self.config.idempotence && !self.settle_identity(partition) {
            return None;
        }
        let state = &mut self.partitions[partition.0 as usize];
        let mut batch = match state.retry.pop_front() {
            Some(batch) => batch,
            None => {
                let mut batch = source.take(partition)?;
                batch.order = state.ordered_count;
                state.ordered_count += u64::from(batch.count());
                state.unresolved.push_back(batch.order);
                if self.config.idempotence {
                    batch.assign(number(&mut state.sequence, batch.count()));
                }
                batch
            }
        };
        match batch.frame() {
            Ok(records) => {
                if batch.attempts > 0 {
                    self.counters.retries += 1;
                }
                batch.note_on_wire();
                Some((batch, records))
            }
            Err(text) => {
                let error =
                    Error::new(ErrorKind::Internal, super::OPERATION, format!("compress the batch: {text}"));
                self.fail(partition, &mut batch, error);
                None
            }
        }
    }

    /// Brings the partition's numbering under the present identity, if it is time. False when numbers cannot be given yet.
    fn settle_identity(&mut self, partition: PartitionIndex) -> bool {
        let Some(mut current) = self.sequencer.identity() else { return false };
        let state = &mut self.partitions[partition.0 as usize];
        if state.sequence.has_gap() {
            // A batch that may be in the log under its old numbers is asked about under those. When the first one is known
            // not to be there, none after it can be: the broker takes numbers only without a gap.
            if !state.on_wire.is_empty() || state.retry.front().is_some_and(Batch::may_be_appended) {
                return state.retry.front().is_some_and(Batch::may_be_appended);
            }
            if state.sequence.identity() == Some(current) {
                self.sequencer.bump();
                self.counters.epoch_bumps += 1;
                let Some(bumped) = self.sequencer.identity() else { return false };
                current = bumped;
            }
            state.sequence.restart(current);
            for batch in &mut state.retry {
                batch.set_may_be_appended(false);
                batch.assign(number(&mut state.sequence, batch.count()));
            }
        } else if state.unresolved.is_empty() && state.sequence.identity() != Some(current) {
            state.sequence.restart(current);
        }
        true
    }
}

/// The stamp for the next `count` records of a partition.
fn number(sequence: &mut crate::producer::sequence::PartitionSequence, count: u32) -> ProducerStamp {
    match sequence.identity() {
        Some(identity) => ProducerStamp {
            producer_id: identity.producer_id,
            producer_epoch: identity.producer_epoch,
            base_sequence: sequence.take(count),
            ..ProducerStamp::NONE
        },
        None => ProducerStamp::NONE,
    }
}
