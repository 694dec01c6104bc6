//! Batches whose time is up, and the end of all. Part of the sender **machine**.

use super::{BatchSource, Link, OPERATION, PartitionIndex, Sender};
use crate::error::{Error, ErrorKind};
use crate::producer::batch::Batch;
use std::time::Instant;

impl Sender {
    /// Linger, backoff, delivery timeouts: whatever [`Sender::poll_timeout`] announced.
    pub(crate) fn handle_timeout(&mut self, source: &mut dyn BatchSource, now: Instant) {
        while let Some((at, partition)) = self.expiries.first().copied()
            && at <= now
        {
            self.expiries.pop_first();
            self.partitions[partition.0 as usize].expiry = None;
            self.expire(partition, source, now);
            self.arm_expiry(partition, source);
            self.reschedule(partition, source);
        }
        if !self.leaderless.is_empty() && self.next_leader_query.is_none_or(|at| at <= now) {
            self.metadata_wanted = true;
            self.next_leader_query = Some(now + self.config.leader_query_interval);
        }
    }

    /// Makes sure somebody looks when the partition's oldest batch has had its time. One entry for each partition: it is not
    /// moved when that batch is done before, it is set anew when it comes up.
    pub(super) fn arm_expiry(&mut self, partition: PartitionIndex, source: &mut dyn BatchSource) {
        let state = &self.partitions[partition.0 as usize];
        if state.expiry.is_some() {
            return;
        }
        let on_wire = state.on_wire.iter().filter_map(|(id, _)| {
            let parts = &self.requests.get(id)?.parts;
            parts.iter().find(|(other, _)| *other == partition)?.1.created_at()
        });
        let waiting = state.retry.iter().filter_map(Batch::created_at);
        let Some(oldest) =
            on_wire.chain(waiting).chain(source.head(partition).map(|head| head.created_at)).min()
        else {
            return;
        };
        let at = oldest + self.config.delivery_timeout;
        self.partitions[partition.0 as usize].expiry = Some(at);
        self.expiries.insert((at, partition));
    }

    fn expire(&mut self, partition: PartitionIndex, source: &mut dyn BatchSource, now: Instant) {
        let timeout = self.config.delivery_timeout;
        let is_over =
            |batch: &Batch| batch.created_at().is_some_and(|created_at| created_at + timeout <= now);
        let error = self.explain_delay(partition);
        self.fail_on_wire(partition, &error, is_over);
        while self.partitions[partition.0 as usize].retry.front().is_some_and(is_over) {
            if let Some(mut batch) = self.partitions[partition.0 as usize].retry.pop_front() {
                self.fail_waiting(partition, &mut batch, &error);
            }
        }
        while source.head(partition).is_some_and(|head| head.created_at + timeout <= now) {
            let Some(mut batch) = source.take(partition) else { break };
            self.fail_waiting(partition, &mut batch, &error);
        }
    }

    /// Ends every batch there is, as unknown where it may be in the log and as `error` where it is not.
    pub(crate) fn fail_all(&mut self, error: &Error, source: &mut dyn BatchSource) {
        for index in 0..self.partitions.len() {
            let partition = PartitionIndex(index as u32);
            // That it was closed is no reason why the records were still there.
            let error = match self.waits_for(partition).1 {
                Some(cause) if error.kind() == ErrorKind::Closed => &error.clone().with_source(cause.clone()),
                _ => error,
            };
            self.fail_on_wire(partition, error, |_| true);
            while let Some(mut batch) = self.partitions[index].retry.pop_front() {
                self.fail_waiting(partition, &mut batch, error);
            }
            self.fail_queue(partition, error, source);
            self.reschedule(partition, source);
        }
    }

    /// No broker could ever be reached: what waits is told why now, since `delivery.timeout.ms` would only hide it. Later
    /// records try anew.
    pub(crate) fn handle_out_of_reach(&mut self, error: &Error, source: &mut dyn BatchSource) {
        self.fail_all(&error.clone().with_operation(OPERATION), source);
    }

    /// Ends every batch of a partition that was never sent.
    pub(super) fn fail_queue(
        &mut self,
        partition: PartitionIndex,
        error: &Error,
        source: &mut dyn BatchSource,
    ) {
        while let Some(mut batch) = source.take(partition) {
            self.fail_waiting(partition, &mut batch, error);
        }
    }

    fn fail_waiting(&mut self, partition: PartitionIndex, batch: &mut Batch, error: &Error) {
        let error = if batch.attempts == 0 && error.kind() == ErrorKind::Timeout {
            error.clone().with_kind(ErrorKind::NotSent)
        } else {
            error.clone()
        };
        self.fail(partition, batch, error);
    }

    /// The batches stay in their requests: the connection may still be writing their bytes.
    fn fail_on_wire(&mut self, partition: PartitionIndex, error: &Error, is_over: impl Fn(&Batch) -> bool) {
        let on_wire = self.partitions[partition.0 as usize].on_wire.clone();
        for (id, _) in on_wire {
            let Some(in_flight) = self.requests.get_mut(&id) else { continue };
            let Some(at) =
                in_flight.parts.iter().position(|(other, batch)| *other == partition && is_over(batch))
            else {
                continue;
            };
            // Out of the request for as long as it takes, because failing it needs the rest of the machine.
            let (_, mut batch) = in_flight.parts.swap_remove(at);
            batch.set_may_be_appended(true);
            self.fail(partition, &mut batch, error.clone());
            if let Some(in_flight) = self.requests.get_mut(&id) {
                in_flight.parts.push((partition, batch));
            }
        }
    }

    /// Why batches of the partition were not delivered in time: which step waits for whom.
    fn explain_delay(&self, partition: PartitionIndex) -> Error {
        let ms = self.config.delivery_timeout.as_millis();
        let (step, cause) = self.waits_for(partition);
        let text = match cause {
            Some(cause) => {
                format!("delivery.timeout.ms ({ms} ms) passed while waiting for {step}; last error: {cause}")
            }
            None => format!("delivery.timeout.ms ({ms} ms) passed while waiting for {step}"),
        };
        Error::timeout(OPERATION, text)
            .with_hint("check that the brokers are up and reachable, then send again")
    }

    /// What the partition's batches wait for, and what went wrong with that last.
    fn waits_for(&self, partition: PartitionIndex) -> (String, Option<&Error>) {
        let state = &self.partitions[partition.0 as usize];
        let node = state.leader.and_then(|leader| Some((leader.node, self.nodes.get(&leader.node)?)));
        let (step, cause) = match (state.leader, node) {
            (None, _) => ("a leader of the partition".to_owned(), None),
            _ if self.config.idempotence && self.sequencer.identity().is_none() => {
                ("a producer id".to_owned(), self.sequencer.last_failure())
            }
            (Some(_), Some((id, node))) if node.link != Link::Up => {
                (format!("a connection to broker {id}"), node.last_error.as_ref())
            }
            (Some(leader), _) => (format!("broker {}", leader.node), state.last_error.as_ref()),
        };
        (step, cause.or(state.last_error.as_ref()))
    }
}
