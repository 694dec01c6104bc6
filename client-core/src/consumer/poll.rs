//! Polling: events first, then data, then waiting for either.

use crate::config::IsolationLevel;
use crate::consumer::core::{PollStep, UserEvent};
use crate::consumer::fetch_buffer::{CompletedFetch, Read, ReadError, ReadOptions};
use crate::consumer::position::Position;
use crate::consumer::{Consumer, OwnedRecord, RebalanceEvent, RecordBatch, Records};
use crate::error::{Error, ErrorKind};
use crate::group::{OffsetAndMetadata, Offsets};
use crate::record::TopicPartition;
use futures_util::Stream;
use ottla_wire::batch::DecompressLimits;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A poll inside `recv`, which waits for as long as it takes, looks up this often.
const RECV_POLL: Duration = Duration::from_secs(60);

/// What every poll that lasts as long gives brokers that were never reached.
const CHANCE: Duration = Duration::from_secs(1);

/// A batch that `recv` is in the middle of.
pub(super) struct Received {
    batch: RecordBatch,
    next: usize,
}

/// Marks a poll under way; its end starts the clock of `max.poll.interval.ms`.
struct PollGuard<'a>(&'a Consumer);

impl<'a> PollGuard<'a> {
    fn enter(consumer: &'a Consumer) -> Result<Self, Error> {
        consumer.check_open("poll")?;
        if consumer.polling.swap(true, Ordering::AcqRel) {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "poll",
                "another poll of this consumer is under way",
            )
            .with_hint("poll from one task at a time"));
        }
        let guard = Self(consumer);
        let unseen = consumer.unseen();
        let mut state = consumer.shared.state.lock();
        if matches!(state.core.subscription, crate::consumer::subscription::Subscription::None) {
            drop(state);
            return Err(Error::new(ErrorKind::InvalidState, "poll", "nothing is subscribed or assigned")
                .with_hint("subscribe to topics or assign partitions first"));
        }
        state.core.poll_started(&unseen);
        drop(state);
        consumer.shared.driver_wake.notify_one();
        Ok(guard)
    }
}

impl Drop for PollGuard<'_> {
    fn drop(&mut self) {
        let now = self.0.shared.env.now();
        self.0.shared.state.lock().core.poll_finished(now);
        self.0.polling.store(false, Ordering::Release);
    }
}

impl Consumer {
    /// Records that are there, or come within `timeout`: at most `max.poll.records`, empty when none came.
    ///
    /// Asking for more says that what was handed out before has been handled: that is what background commits commit.
    /// Changes of the assignment are told here too, see [`Records::rebalances`] and
    /// [`RebalanceListener`](crate::consumer::RebalanceListener); without a listener a poll returns at once with them, and
    /// a revocation waits for the next poll. Dropping the future loses no record.
    ///
    /// Errors: `MaxPollExceeded` when the poll before was too long ago (this one joined the group again),
    /// `OffsetOutOfRange` and `LogTruncation` without a reset policy, `Corrupt` for bytes that cannot be read (seek past
    /// them to go on), `Authorization`, `Fenced`.
    pub async fn poll(&self, timeout: Duration) -> Result<Records, Error> {
        self.poll_at_most(timeout, self.shared.config.max_poll_records).await
    }

    /// As [`Self::poll`], with at most `max_records` instead of `max.poll.records`.
    pub async fn poll_at_most(&self, timeout: Duration, max_records: usize) -> Result<Records, Error> {
        if max_records == 0 {
            return Err(Error::new(ErrorKind::InvalidArgument, "poll", "a poll for no record at all")
                .with_hint("ask for one record at least"));
        }
        let _guard = PollGuard::enter(self)?;
        let mut records = Records::default();
        self.return_received(&mut records, max_records);
        if !records.is_empty() {
            // What was fetched meanwhile comes along; whatever else there is to tell waits for the poll behind.
            self.collect(&mut records, max_records)?;
            return Ok(records);
        }
        let shared = &*self.shared;
        let deadline = self.deadline_in(timeout);
        loop {
            let step = shared.state.lock().core.poll_step();
            match step {
                PollStep::Fail(error) => return Err(error),
                PollStep::Event(event) => {
                    let acknowledge_now = self.tell(&event).await;
                    shared.state.lock().core.event_done(&event, acknowledge_now);
                    shared.driver_wake.notify_one();
                    records.push_rebalance(match event {
                        UserEvent::Assigned(partitions) => RebalanceEvent::Assigned(partitions),
                        UserEvent::Revoke { partitions, .. } => RebalanceEvent::Revoked(partitions),
                        UserEvent::Lost(partitions) => RebalanceEvent::Lost(partitions),
                        UserEvent::Failed(error) => return Err(error),
                    });
                    if self.listener.is_none() {
                        return Ok(records);
                    }
                }
                PollStep::Data => {
                    self.collect(&mut records, max_records)?;
                    if !records.is_empty() {
                        return Ok(records);
                    }
                }
                PollStep::Wait => {
                    self.check_open("poll")?;
                    // A wake-up since the look above is kept for this wait.
                    let woken = async {
                        tokio::select! {
                            biased;
                            () = shared.user_wake.notified() => Ok(()),
                            failed = self.never_connected() => Err(failed),
                        }
                    };
                    match shared.env.timeout_at(deadline, woken).await {
                        Some(Ok(())) => {}
                        Some(Err(error)) => return Err(error),
                        None => {
                            return match shared.client.out_of_reach("poll") {
                                Some(error) => Err(error),
                                None => Ok(records),
                            };
                        }
                    }
                }
            }
        }
    }

    /// As [`Self::poll_at_most`], for callers that hand records on one by one: what [`Self::seen`] does not say was seen
    /// counts as not handed out, for commits and positions, and is polled again, unless a seek, a pause or a lost partition
    /// made it meaningless.
    pub async fn poll_held(&self, timeout: Duration, max_records: usize) -> Result<Records, Error> {
        let records = self.poll_at_most(timeout, max_records).await?;
        let mut received = self.received.lock();
        // In front of what an earlier poll left and this one had no room for.
        for batch in records.batches().iter().rev() {
            received.push_front(Received { batch: batch.clone(), next: 0 });
        }
        self.seen.store(0, Ordering::Release);
        Ok(records)
    }

    /// The application was given the first `count` records of the last [`Self::poll_held`]. To be called before whatever
    /// depends on it: a commit, a position, a seek, a pause, the next poll, closing. After a seek, a pause, or a change of
    /// what is subscribed or assigned, what was held is not to be used any more: poll again.
    pub fn seen(&self, count: usize) {
        let mut received = self.received.lock();
        let mut more = count.saturating_sub(self.seen.fetch_max(count, Ordering::AcqRel));
        while more > 0 {
            let Some(front) = received.front_mut() else { break };
            let step = more.min(front.batch.len() - front.next);
            front.next += step;
            more -= step;
            if front.next >= front.batch.len() {
                received.pop_front();
            }
        }
        drop(received);
        // Taking records shows that the application is alive.
        let now = self.shared.env.now();
        self.shared.state.lock().core.poll_finished(now);
    }

    /// The next record, however long it takes. Does not lose a record when dropped.
    ///
    /// Background commits cover a record once the poll behind it has been followed by another: records of one poll are
    /// committed together, after the last of them was returned and the next one asked for.
    pub async fn recv(&self) -> Result<OwnedRecord, Error> {
        loop {
            if let Some(record) = self.next_received() {
                return Ok(record);
            }
            let records = self.poll(RECV_POLL).await?;
            let mut received = self.received.lock();
            received.extend(records.into_batches().into_iter().map(|batch| Received { batch, next: 0 }));
        }
    }

    /// Records one by one. Errors are items; the stream ends after one that is fatal, or with the consumer's close.
    pub fn stream(&self) -> impl Stream<Item = Result<OwnedRecord, Error>> + '_ {
        futures_util::stream::unfold(false, move |ended| async move {
            if ended {
                return None;
            }
            match self.recv().await {
                Err(error) if error.kind() == ErrorKind::Closed => None,
                Err(error) => {
                    let fatal = error.is_fatal();
                    Some((Err(error), fatal))
                }
                Ok(record) => Some((Ok(record), false)),
            }
        })
    }

    /// Ends when it is clear that no broker was ever reached: a wrong address must not look like an empty topic. Once one
    /// was, outages are waited out.
    async fn never_connected(&self) -> Error {
        let client = &self.shared.client;
        let mut changed = client.metadata().changed();
        let not_before = self.shared.env.now() + CHANCE;
        loop {
            if changed.changed().await.is_err() {
                return std::future::pending().await;
            }
            if self.shared.env.now() >= not_before
                && let Some(error) = client.out_of_reach("poll")
            {
                return error;
            }
        }
    }

    /// Tells the listener; whether a revocation is done with that.
    async fn tell(&self, event: &UserEvent) -> bool {
        if let (UserEvent::Revoke { .. }, true) = (event, self.shared.config.enable_auto_commit) {
            // Everything handed out was handled before this poll began.
            let offsets = self.shared.state.lock().core.committable(true);
            if let Err(error) = self.commit_offsets(offsets, self.api_deadline()).await {
                tracing::warn!(%error, "commit before giving partitions up failed: records may be read twice");
            }
        }
        let Some(listener) = &self.listener else { return false };
        self.shared.state.lock().core.event_begun(event);
        match event {
            UserEvent::Assigned(partitions) => listener.on_assigned(self, partitions).await,
            UserEvent::Revoke { partitions, .. } => listener.on_revoked(self, partitions).await,
            UserEvent::Lost(partitions) => listener.on_lost(self, partitions).await,
            UserEvent::Failed(_) => {}
        }
        true
    }

    /// Takes fetched data up to `max_records`. Reading is done outside the lock.
    fn collect(&self, records: &mut Records, max_records: usize) -> Result<(), Error> {
        let config = &self.shared.config;
        let options = ReadOptions {
            check_crcs: config.check_crcs,
            read_committed: config.isolation_level == IsolationLevel::ReadCommitted,
            limits: DecompressLimits::default(),
        };
        while records.len() < max_records {
            let leased = {
                let mut state = self.shared.state.lock();
                let core = &mut state.core;
                core.fetcher.lease(&core.partitions)
            };
            let Some(mut fetch) = leased else { break };
            let read = self.read(&mut fetch, records, max_records, &options);
            let mut state = self.shared.state.lock();
            let core = &mut state.core;
            match read {
                Ok(Done::Full) => core.fetcher.give_back(fetch, true),
                Ok(Done::Empty) => core.fetcher.release(&mut core.partitions, &fetch),
                Err(error) => {
                    let error = read_failed(&fetch.partition, &error);
                    // With records in hand the error waits for the next poll; without, other partitions go first then.
                    let in_front = !records.is_empty();
                    core.fetcher.give_back(fetch, in_front);
                    return if in_front { Ok(()) } else { Err(error) };
                }
            }
        }
        // There is room again.
        self.shared.driver_wake.notify_one();
        Ok(())
    }

    fn read(
        &self,
        fetch: &mut CompletedFetch,
        records: &mut Records,
        bound: usize,
        options: &ReadOptions,
    ) -> Result<Done, ReadError> {
        while records.len() < bound {
            let (batch, position) = match fetch.read(bound - records.len(), options)? {
                Read::Records(batch, position) => (Some(batch), position),
                Read::Skipped(position) => (None, position),
                Read::End => return Ok(Done::Empty),
            };
            let mut state = self.shared.state.lock();
            let core = &mut state.core;
            if !core.fetcher.advance(&mut core.partitions, fetch, position) {
                // Sought, paused or given up while it was read.
                let paused = core
                    .partitions
                    .get(&fetch.partition)
                    .is_some_and(|state| state.incarnation == fetch.incarnation);
                if paused {
                    core.refetch(&fetch.partition);
                }
                return Ok(Done::Empty);
            }
            if let Some(batch) = batch {
                records.push(batch);
            }
        }
        Ok(Done::Full)
    }

    // ---- what recv holds back -----------------------------------------------------------------------------------------

    fn next_received(&self) -> Option<OwnedRecord> {
        let mut received = self.received.lock();
        // Taking a record shows that the application is alive.
        let now = self.shared.env.now();
        let mut state = self.shared.state.lock();
        state.core.poll_finished(now);
        loop {
            let front = received.front_mut()?;
            // Lost partitions are others' now.
            let owned = state.core.partitions.contains(front.batch.partition());
            let record = front.batch.get(front.next).filter(|_| owned).map(|record| record.to_owned());
            front.next += 1;
            if record.is_none() || front.next >= front.batch.len() {
                received.pop_front();
            }
            if record.is_some() {
                return record;
            }
        }
    }

    /// What `recv` has not returned, or was held and not seen, goes to a poll; what it has no room for, to those behind.
    fn return_received(&self, records: &mut Records, max_records: usize) {
        let mut received = self.received.lock();
        while records.len() < max_records
            && let Some(mut front) = received.pop_front()
        {
            let room = max_records - records.len();
            records.push(front.batch.clone().behind(front.next).first(room));
            front.next += room;
            if front.next < front.batch.len() {
                received.push_front(front);
            }
        }
    }

    /// The positions of what the application has seen, of the partitions where something else was handed out.
    fn unseen(&self) -> Vec<(TopicPartition, Position)> {
        first_positions(self.received.lock().iter())
    }

    /// Drops records of partitions that are read from elsewhere now.
    pub(super) fn forget_received(&self, of: impl Fn(&TopicPartition) -> bool) {
        self.received.lock().retain(|received| !of(received.batch.partition()));
    }

    /// Puts positions back before what was not returned, as if it had not been polled.
    pub(super) fn rewind_received(&self, partitions: &[TopicPartition]) {
        let of = |received: &&Received| partitions.contains(received.batch.partition());
        let mut received = self.received.lock();
        let first = first_positions(received.iter().filter(of));
        received.retain(|received| !of(&received));
        drop(received);
        let mut state = self.shared.state.lock();
        for (partition, position) in first {
            state.core.partitions.rewind(&partition, position);
        }
    }

    /// The position of what the application has seen.
    pub(super) fn received_position(&self, partition: &TopicPartition) -> Option<Position> {
        if let Some((_, position)) = self.unseen().into_iter().find(|(of, _)| of == partition) {
            return Some(position);
        }
        self.shared.state.lock().core.partitions.get(partition)?.state.position()
    }

    /// Positions of all that the application has seen.
    pub(super) fn handed_out(&self) -> Offsets {
        let mut offsets = self.shared.state.lock().core.committable(false);
        for (partition, position) in self.unseen() {
            if let Some(offset) = offsets.get_mut(&partition) {
                *offset = OffsetAndMetadata {
                    offset: position.offset,
                    leader_epoch: position.offset_epoch,
                    metadata: String::new(),
                };
            }
        }
        offsets
    }
}

/// Why reading stopped.
enum Done {
    /// The poll has enough.
    Full,
    /// Nothing is left of this data, or it became meaningless.
    Empty,
}

impl Received {
    fn position(&self) -> Option<Position> {
        let record = self.batch.get(self.next)?;
        Some(Position { offset: record.offset(), offset_epoch: record.leader_epoch() })
    }
}

/// Where the first of these stand, by partition.
fn first_positions<'a>(received: impl Iterator<Item = &'a Received>) -> Vec<(TopicPartition, Position)> {
    let mut first: Vec<(TopicPartition, Position)> = Vec::new();
    for received in received {
        let partition = received.batch.partition();
        if let (Some(position), false) = (received.position(), first.iter().any(|(of, _)| of == partition)) {
            first.push((partition.clone(), position));
        }
    }
    first
}

fn read_failed(partition: &TopicPartition, error: &ReadError) -> Error {
    let mut failed = Error::new(ErrorKind::Corrupt, "read fetched records", "a batch cannot be read")
        .with_context("topic", &partition.topic)
        .with_context("partition", partition.partition)
        .with_context("offset", error.offset)
        .with_source(error.source.clone());
    if let Some(next) = error.next_offset {
        failed =
            failed.with_context("next_offset", next).with_hint("seek to the next offset to skip the batch");
    }
    failed
}
