//! What an answer, or its absence, means for the batches of a request. Part of the sender **machine**.

use super::{
    BatchSource, Link, OPERATION, PartitionAnswer, PartitionIndex, RequestFailure, RequestId, Sender,
};
use crate::error::{Error, ErrorKind};
use crate::producer::batch::Batch;
use crate::producer::delivery::Fate;
use crate::producer::verdict::{Verdict, verdict};
use ottla_wire::ErrorCode;
use std::time::{Duration, Instant};

/// A Produce response.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProduceAnswer {
    pub(crate) parts: Vec<PartitionAnswer>,
    /// For how long the broker wants no requests.
    pub(crate) throttle: Duration,
}

impl Sender {
    /// A request that asked for no answer (`acks=0`) was written.
    pub(crate) fn handle_written(&mut self, request: RequestId, source: &mut dyn BatchSource) {
        let Some(parts) = self.end_request(request) else { return };
        for (partition, mut batch) in parts {
            self.succeed(partition, &mut batch, None, None);
            drop(batch);
            self.reschedule(partition, source);
        }
    }

    /// The answer to a request, or how it failed. Every partition of the request is settled: one the answer leaves out counts
    /// as unanswered.
    pub(crate) fn handle_response(
        &mut self,
        request: RequestId,
        answer: Result<ProduceAnswer, RequestFailure>,
        source: &mut dyn BatchSource,
        now: Instant,
    ) {
        let node = self.requests.get(&request).map(|in_flight| in_flight.node);
        let Some(parts) = self.end_request(request) else { return };
        let mut answer = match answer {
            Ok(answer) => {
                if let Some(node) = node
                    && !answer.throttle.is_zero()
                {
                    self.node(node).throttled_until = Some(now + answer.throttle);
                }
                answer
            }
            Err(failure) => {
                if let Some(node) = node
                    && failure.disconnected
                {
                    let node = self.node(node);
                    node.last_error = Some(failure.error.clone());
                    if node.link == Link::Up {
                        node.link = Link::Down { retry_at: None };
                    }
                }
                self.metadata_wanted = true;
                for (partition, batch) in parts {
                    self.lose(partition, batch, &failure, now);
                    self.reschedule(partition, source);
                }
                return;
            }
        };
        for (partition, batch) in parts {
            let at = answer.parts.iter().position(|part| part.partition == partition);
            match at.map(|at| answer.parts.swap_remove(at)) {
                Some(part) => self.settle(partition, batch, part, now),
                None => {
                    let text = "the response leaves out a partition of the request";
                    let failure = RequestFailure {
                        error: Error::new(ErrorKind::Protocol, OPERATION, text),
                        may_have_arrived: true,
                        disconnected: false,
                        retriable: true,
                    };
                    self.lose(partition, batch, &failure, now);
                }
            }
            self.reschedule(partition, source);
        }
    }

    fn end_request(&mut self, request: RequestId) -> Option<Vec<(PartitionIndex, Batch)>> {
        let in_flight = self.requests.remove(&request)?;
        let node = self.node(in_flight.node);
        node.in_flight = node.in_flight.saturating_sub(1);
        for (partition, _) in &in_flight.parts {
            self.partitions[partition.0 as usize].on_wire.retain(|(id, _)| *id != request);
        }
        Some(in_flight.parts)
    }

    /// The request of `batch` failed as a whole.
    fn lose(&mut self, partition: PartitionIndex, mut batch: Batch, failure: &RequestFailure, now: Instant) {
        if batch.created_at().is_none() {
            return;
        }
        let may_be_appended = batch.may_be_appended() || failure.may_have_arrived;
        batch.set_may_be_appended(may_be_appended);
        if !failure.may_have_arrived {
            // It never left, so it does not count among `retries`.
            batch.attempts = batch.attempts.saturating_sub(1);
        }
        if failure.retriable {
            self.retry(partition, batch, failure.error.clone(), now);
        } else {
            self.fail(partition, &mut batch, failure.error.clone());
        }
    }

    /// The broker answered for this partition.
    fn settle(&mut self, partition: PartitionIndex, mut batch: Batch, answer: PartitionAnswer, now: Instant) {
        let hint_taken = answer.leader.is_some_and(|hint| self.take_hint(partition, hint));
        if answer.code.refreshes_metadata() && !hint_taken {
            self.metadata_wanted = true;
        }
        if batch.created_at().is_none() {
            // Told as unknown when its time was up; nobody listens any more, and the gap is noted.
            return;
        }
        // The answer speaks of this attempt; what an earlier one left open stays open.
        let may_be_appended = batch.may_be_appended();
        batch.set_may_be_appended(may_be_appended);
        let error = || Error::from_code_and_message(answer.code, OPERATION, answer.message.as_deref());
        match verdict(answer.code, self.config.acks) {
            Verdict::Appended | Verdict::Duplicate => {
                let base_offset = (answer.base_offset >= 0).then_some(answer.base_offset);
                let log_append_time_ms =
                    (answer.log_append_time_ms >= 0).then_some(answer.log_append_time_ms);
                self.succeed(partition, &mut batch, base_offset, log_append_time_ms);
            }
            // Halves of what may be in the log would be new records to the broker.
            Verdict::Split if batch.count() > 1 && !may_be_appended => self.split(partition, batch, error()),
            Verdict::Retry { may_be_appended: this_time } => {
                batch.set_may_be_appended(may_be_appended || this_time);
                let error = error();
                if hint_taken && self.may_retry(&batch, now) {
                    // The new leader is known: there is nothing to wait for.
                    self.requeue(partition, batch, error);
                } else {
                    self.retry(partition, batch, error, now);
                }
            }
            Verdict::OutOfSequence if batch.is_numbered() => {
                // The broker looked for this number and does not have it.
                batch.set_may_be_appended(false);
                let state = &mut self.partitions[partition.0 as usize];
                if state.unresolved.front() == Some(&batch.order) {
                    // Nothing before it is unresolved, so the numbers themselves are void.
                    state.sequence.open_gap();
                }
                self.retry(partition, batch, error(), now);
            }
            Verdict::Split | Verdict::Refused | Verdict::OutOfSequence => {
                if answer.code == ErrorCode::INVALID_RECORD
                    && !answer.record_errors.is_empty()
                    && !may_be_appended
                {
                    self.refuse_records(partition, batch, answer);
                } else {
                    self.fail(partition, &mut batch, error());
                }
            }
            Verdict::Unknown => {
                batch.set_may_be_appended(true);
                self.fail(partition, &mut batch, error());
            }
        }
    }

    fn succeed(
        &mut self,
        partition: PartitionIndex,
        batch: &mut Batch,
        base_offset: Option<i64>,
        log_append_time_ms: Option<i64>,
    ) {
        let state = &mut self.partitions[partition.0 as usize];
        state.unresolved.retain(|order| *order != batch.order);
        state.failures = 0;
        state.backoff_until = None;
        state.last_error = None;
        if let Some(claim) = batch.take_claim() {
            self.counters.records_acknowledged += u64::from(batch.count());
            self.told.push_back((claim, Fate::Appended { base_offset, log_append_time_ms }));
        }
    }

    fn may_retry(&self, batch: &Batch, now: Instant) -> bool {
        batch.attempts <= self.config.retries
            && batch.created_at().is_some_and(|created_at| now < created_at + self.config.delivery_timeout)
    }

    /// Puts the batch back in its place, to go out after the backoff; or fails it when its attempts or its time are used up.
    fn retry(&mut self, partition: PartitionIndex, mut batch: Batch, error: Error, now: Instant) {
        if !self.may_retry(&batch, now) {
            let error = if batch.attempts > self.config.retries {
                error.with_hint(
                    "every attempt that retries allows was made; raise retries or delivery.timeout.ms",
                )
            } else {
                error
            };
            self.fail(partition, &mut batch, error);
            return;
        }
        let state = &self.partitions[partition.0 as usize];
        // Batches that failed together count once.
        if state.backoff_until.is_none_or(|until| until <= now) {
            let failures = state.failures.saturating_add(1);
            let wait = self.config.backoff.pause(failures, &mut self.rng);
            let state = &mut self.partitions[partition.0 as usize];
            state.failures = failures;
            state.backoff_until = Some(now + wait);
        }
        self.requeue(partition, batch, error);
    }

    fn requeue(&mut self, partition: PartitionIndex, batch: Batch, error: Error) {
        let state = &mut self.partitions[partition.0 as usize];
        state.last_error = Some(error);
        let at = state.retry.partition_point(|other| other.order < batch.order);
        state.retry.insert(at, batch);
    }

    /// The halves take the place of the whole: same numbers, same order.
    fn split(&mut self, partition: PartitionIndex, batch: Batch, error: Error) {
        let order = batch.order;
        match batch.split() {
            Ok((claim, fate, halves)) => {
                self.counters.splits += 1;
                self.told.push_back((claim, fate));
                let state = &mut self.partitions[partition.0 as usize];
                let at = state.unresolved.iter().position(|known| *known == order).unwrap_or(0);
                state.unresolved.insert((at + 1).min(state.unresolved.len()), halves[1].order);
                for half in halves {
                    self.requeue(partition, half, error.clone());
                }
            }
            Err((mut batch, text)) => {
                self.fail(partition, &mut batch, error.with_context("splitting", text));
            }
        }
    }

    /// Some records are at fault; the others went down with them.
    fn refuse_records(&mut self, partition: PartitionIndex, mut batch: Batch, answer: PartitionAnswer) {
        let state = &mut self.partitions[partition.0 as usize];
        state.unresolved.retain(|order| *order != batch.order);
        if batch.is_numbered() {
            state.sequence.open_gap();
        }
        let Some(claim) = batch.take_claim() else { return };
        self.counters.records_failed += u64::from(batch.count());
        let records = answer
            .record_errors
            .iter()
            .map(|(index, message)| {
                let text = message.as_deref().or(answer.message.as_deref());
                (*index, self.locate(partition, Error::from_code_and_message(answer.code, OPERATION, text)))
            })
            .collect();
        let rest = Error::new(ErrorKind::Broker, OPERATION, "another record of the same batch was refused")
            .with_hint("this record was not appended either; send it again")
            .with_retriable(true);
        let rest = self.locate(partition, rest);
        self.told.push_back((claim, Fate::Refused { records, rest }));
    }
}
