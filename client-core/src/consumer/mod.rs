//! The consumer: subscribes or is assigned partitions, polls records, commits offsets.
//!
//! [`Consumer`] is a handle. Decisions are in machines ([`core`] binds them: `partitions`, `fetcher`, and the group's), one
//! task ([`driver`]) performs requests, and the application's calls act on the core under a short lock. Fetched data is
//! checked and decompressed on the application's side, in [`Consumer::poll`], outside the lock.

mod aborted;
mod builder;
mod commit;
mod core;
mod driver;
mod fetch_buffer;
mod fetch_session;
mod fetcher;
#[cfg(test)]
mod fetcher_tests;
mod lookups;
mod offsets;
mod partitions;
mod poll;
mod position;
mod rebalance;
mod records;
mod subscription;
#[cfg(test)]
pub(crate) mod test_batches;
#[cfg(test)]
mod tests;

pub use builder::ConsumerBuilder;
pub use commit::CommitHandle;
pub use offsets::OffsetAndTimestamp;
pub use rebalance::{RebalanceEvent, RebalanceListener};
pub use records::{ConsumerRecord, OwnedRecord, RecordBatch, Records};

pub use crate::group::{GroupMetadata, OffsetAndMetadata, Offsets};
pub use ottla_wire::batch::{HeadersView, TimestampType};

use crate::client::LONGEST_WAIT;
use crate::config::ConsumerConfig;
use crate::consumer::driver::Shared;
use crate::consumer::poll::Received;
use crate::consumer::position::{Position, ResetTo};
use crate::consumer::subscription::Subscription;
use crate::error::{Error, ErrorKind};
use crate::group::requests::LeaveParts;
use crate::metadata::ClusterSnapshot;
use crate::record::TopicPartition;
use ottla_env::Env;
use parking_lot::Mutex;
use regex::Regex;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Reads records from topics, alone or as a member of a group.
///
/// Methods take `&self`: seeks, pauses and commits may come from other tasks while one of them polls. Dropping it never
/// blocks: it leaves its group in the background and commits nothing; [`Consumer::close`] does both properly.
///
/// ```no_run
/// # async fn example() -> Result<(), ottla::Error> {
/// use ottla::consumer::Consumer;
/// use std::time::Duration;
/// let consumer = Consumer::builder()
///     .set("bootstrap.servers", "localhost:9092")
///     .set("group.id", "billing")
///     .set("auto.offset.reset", "earliest")
///     .build()
///     .await?;
/// consumer.subscribe(["orders"])?;
/// for record in consumer.poll(Duration::from_secs(1)).await?.iter() {
///     println!("{}-{}@{}", record.topic(), record.partition(), record.offset());
/// }
/// consumer.close(Duration::from_secs(10)).await
/// # }
/// ```
pub struct Consumer {
    shared: Arc<Shared>,
    listener: Option<Arc<dyn RebalanceListener>>,
    /// Whether a poll is under way: there may be only one.
    polling: AtomicBool,
    /// A close began: nothing is polled or changed any more, but what is given up can be committed.
    closing: AtomicBool,
    closed: AtomicBool,
    /// What `recv` polled and has not returned yet.
    received: Mutex<VecDeque<Received>>,
    /// How many records of the last `poll_held` the application was given.
    seen: AtomicUsize,
}

impl Consumer {
    /// Options by Kafka's names.
    pub fn builder() -> ConsumerBuilder {
        ConsumerBuilder::default()
    }

    /// Starts a consumer by a checked configuration, within a tokio runtime.
    pub async fn from_config(config: ConsumerConfig) -> Result<Self, Error> {
        builder::start(Env::system(), config, None)
    }

    /// The configuration.
    pub fn config(&self) -> &ConsumerConfig {
        &self.shared.config
    }

    /// Reads these topics as a member of the group, instead of what was subscribed before. Polling joins the group.
    pub fn subscribe<T: AsRef<str>>(&self, topics: impl IntoIterator<Item = T>) -> Result<(), Error> {
        let topics: BTreeSet<Arc<str>> = topics.into_iter().map(|topic| Arc::from(topic.as_ref())).collect();
        if topics.is_empty() {
            return Err(Error::new(ErrorKind::InvalidArgument, "subscribe", "no topic was named")
                .with_hint("use unsubscribe to stop reading"));
        }
        if topics.iter().any(|topic| topic.trim().is_empty()) {
            return Err(Error::new(ErrorKind::InvalidArgument, "subscribe", "a topic's name is empty"));
        }
        self.subscribe_to(Subscription::Topics(topics))
    }

    /// Reads every topic whose whole name matches, as they come and go. The pattern is this client's (Rust's regex).
    pub fn subscribe_pattern(&self, pattern: &str) -> Result<(), Error> {
        let pattern = Regex::new(pattern).map_err(|error| {
            Error::new(ErrorKind::InvalidArgument, "subscribe", "the pattern is no regular expression")
                .with_context("pattern", pattern)
                .with_source(error)
        })?;
        self.subscribe_to(Subscription::Pattern { pattern, matching: BTreeSet::new() })
    }

    fn subscribe_to(&self, subscription: Subscription) -> Result<(), Error> {
        self.check_open("subscribe")?;
        if self.shared.config.group_id.is_none() {
            return Err(offsets::no_group("subscribe"));
        }
        let mut state = self.shared.state.lock();
        if matches!(state.core.subscription, Subscription::Manual) && !state.core.partitions.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "subscribe",
                "partitions were assigned by hand, and the two ways exclude each other",
            )
            .with_hint("unsubscribe first"));
        }
        state.core.subscribe(subscription, self.shared.env.now());
        drop(state);
        self.shared.driver_wake.notify_one();
        Ok(())
    }

    /// Reads exactly these partitions, outside the group's rebalancing; positions of those read already are kept. With a
    /// group, reading starts at its committed offsets.
    pub fn assign(&self, partitions: impl IntoIterator<Item = TopicPartition>) -> Result<(), Error> {
        self.check_open("assign")?;
        let partitions: Vec<TopicPartition> = partitions.into_iter().collect();
        if let Some(partition) = partitions.iter().find(|p| p.partition < 0 || p.topic.is_empty()) {
            return Err(Error::new(ErrorKind::InvalidArgument, "assign", "there can be no such partition")
                .with_context("topic", &partition.topic)
                .with_context("partition", partition.partition));
        }
        let mut state = self.shared.state.lock();
        if state.core.subscription.is_by_group() {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "assign",
                "topics are subscribed, and the two ways exclude each other",
            )
            .with_hint("unsubscribe first"));
        }
        state.core.assign(&partitions, self.shared.env.wall_ms());
        drop(state);
        self.forget_received(|partition| !partitions.contains(partition));
        self.shared.driver_wake.notify_one();
        Ok(())
    }

    /// Stops reading, lets the listener give partitions up while they are still owned, and leaves the group. Nothing is
    /// committed unless the listener does so. Dropping the future stops the waiting; what was subscribed is given up.
    pub async fn unsubscribe(&self) -> Result<(), Error> {
        self.check_open("unsubscribe")?;
        let (lost, owned) = self.shared.state.lock().core.prepare_unsubscribe();
        let giving_up = GiveUp(Some(self));
        self.tell_given_up(&lost, &owned).await;
        if let Some(parts) = giving_up.now() {
            self.shared.leave(&parts, self.api_deadline()).await;
        }
        Ok(())
    }

    /// What unsubscribing or closing now gives up, as events; nothing of it is handed out any more. For callers that tell
    /// the application by themselves, before they call [`Self::unsubscribe`] or [`Self::close`].
    pub fn giving_up(&self) -> Vec<RebalanceEvent> {
        let (lost, owned) = self.shared.state.lock().core.prepare_unsubscribe();
        let mut events = Vec::new();
        if !lost.is_empty() {
            events.push(RebalanceEvent::Lost(lost));
        }
        if !owned.is_empty() {
            events.push(RebalanceEvent::Revoked(owned));
        }
        events
    }

    async fn tell_given_up(&self, lost: &[TopicPartition], owned: &[TopicPartition]) {
        let Some(listener) = &self.listener else { return };
        if !lost.is_empty() {
            listener.on_lost(self, lost).await;
        }
        if !owned.is_empty() {
            listener.on_revoked(self, owned).await;
        }
    }

    /// The subscribed topics; of a pattern, those that match as far as known.
    pub fn subscription(&self) -> Vec<String> {
        self.shared.state.lock().core.subscription.topics()
    }

    /// The partitions being read.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.shared.state.lock().core.partitions.iter().map(|(partition, _)| partition.clone()).collect()
    }

    /// Goes on at this offset with the next poll; what was fetched of the partition is dropped.
    pub fn seek(&self, partition: &TopicPartition, offset: i64) -> Result<(), Error> {
        self.seek_to(partition, OffsetAndMetadata::new(offset))
    }

    /// As [`Self::seek`]; a leader epoch lets a truncated log be noticed (KIP-320).
    pub fn seek_to(&self, partition: &TopicPartition, to: OffsetAndMetadata) -> Result<(), Error> {
        if to.offset < 0 {
            return Err(Error::new(ErrorKind::InvalidArgument, "seek", "an offset cannot be negative")
                .with_context("offset", to.offset));
        }
        let position = Position { offset: to.offset, offset_epoch: to.leader_epoch };
        self.reposition(std::slice::from_ref(partition), |core, p| core.partitions.seek(p, position))
    }

    /// Goes on at the beginning of these partitions, of all that are assigned when none is named.
    pub fn seek_to_beginning(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.reset(partitions, ResetTo::Earliest)
    }

    /// Goes on at the end of these partitions, of all that are assigned when none is named.
    pub fn seek_to_end(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.reset(partitions, ResetTo::Latest)
    }

    fn reset(&self, partitions: &[TopicPartition], to: ResetTo) -> Result<(), Error> {
        let all = if partitions.is_empty() { self.assignment() } else { partitions.to_vec() };
        self.reposition(&all, |core, partition| core.partitions.reset(partition, to))
    }

    fn reposition(
        &self,
        partitions: &[TopicPartition],
        change: impl Fn(&mut core::Core, &TopicPartition) -> bool,
    ) -> Result<(), Error> {
        self.check_open("seek")?;
        {
            let mut state = self.shared.state.lock();
            check_assigned(&state.core, partitions, "seek")?;
            for partition in partitions {
                change(&mut state.core, partition);
            }
        }
        self.forget_received(|partition| partitions.contains(partition));
        self.shared.driver_wake.notify_one();
        Ok(())
    }

    /// Hands out nothing of these partitions until [`Self::resume`]; survives cooperative rebalances that keep them.
    pub fn pause(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.rewind_received(partitions);
        self.set_paused(partitions, true, "pause")
    }

    /// Ends a [`Self::pause`].
    pub fn resume(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.set_paused(partitions, false, "resume")
    }

    fn set_paused(
        &self,
        partitions: &[TopicPartition],
        paused: bool,
        operation: &'static str,
    ) -> Result<(), Error> {
        self.check_open(operation)?;
        {
            let mut state = self.shared.state.lock();
            check_assigned(&state.core, partitions, operation)?;
            for partition in partitions {
                if let Some(partition) = state.core.partitions.get_mut(partition) {
                    partition.paused = paused;
                }
            }
        }
        self.shared.driver_wake.notify_one();
        self.shared.user_wake.notify_one();
        Ok(())
    }

    /// The partitions that are paused.
    pub fn paused(&self) -> Vec<TopicPartition> {
        let state = self.shared.state.lock();
        state.core.partitions.iter().filter(|(_, state)| state.paused).map(|(p, _)| p.clone()).collect()
    }

    /// The next offset to hand out; `None` while it is not known yet, or the partition is not assigned.
    pub fn position(&self, partition: &TopicPartition) -> Option<i64> {
        self.received_position(partition).map(|position| position.offset)
    }

    /// How many offsets lie between the position and the end of the partition as of the last fetch; `None` before that.
    /// With `isolation.level=read_committed` the end is the last stable offset.
    pub fn lag(&self, partition: &TopicPartition) -> Option<i64> {
        let position = self.position(partition)?;
        let state = self.shared.state.lock();
        let known = state.core.partitions.get(partition)?;
        let end = match self.shared.config.isolation_level {
            crate::config::IsolationLevel::ReadCommitted => known.last_stable_offset,
            crate::config::IsolationLevel::ReadUncommitted => known.high_watermark,
        };
        Some((end? - position).max(0))
    }

    /// Who this consumer is in its group, for transactional producers. `None` without a group.
    pub fn group_metadata(&self) -> Option<GroupMetadata> {
        self.shared.state.lock().core.member.as_ref().map(|member| member.metadata())
    }

    /// The view of the cluster.
    pub fn cluster(&self) -> Arc<ClusterSnapshot> {
        self.shared.client.metadata().snapshot()
    }

    /// Bytes fetched that wait to be handed out.
    pub fn buffered_bytes(&self) -> usize {
        self.shared.state.lock().core.fetcher.buffered_bytes()
    }

    /// Commits (with `enable.auto.commit`), lets the listener give partitions up, leaves the group if it is a dynamic
    /// member, and disconnects. Returns by `timeout`, with the commit's error if that failed. Later calls do nothing.
    pub async fn close(&self, timeout: Duration) -> Result<(), Error> {
        self.close_with(timeout, false).await
    }

    /// As [`Self::close`], but stays in the group: partitions are kept until the session expires, so that a quick restart
    /// under the same `group.instance.id` causes no rebalance.
    pub async fn close_and_remain(&self, timeout: Duration) -> Result<(), Error> {
        self.close_with(timeout, true).await
    }

    async fn close_with(&self, timeout: Duration, remain: bool) -> Result<(), Error> {
        if self.closing.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let deadline = self.deadline_in(timeout);
        let (lost, owned) = {
            let mut state = self.shared.state.lock();
            state.core.stop_fetching();
            state.core.prepare_unsubscribe()
        };
        let committed = if self.shared.config.enable_auto_commit {
            self.commit_offsets(self.handed_out(), deadline).await
        } else if self.shared.config.group_id.is_some() {
            // Commits that were started are seen through.
            self.commit_offsets(Offsets::new(), deadline).await
        } else {
            Ok(())
        };
        let told = self.shared.env.timeout_at(deadline, self.tell_given_up(&lost, &owned)).await;
        if told.is_none() {
            tracing::warn!("the rebalance listener did not return before the consumer's close had to");
        }
        self.closed.store(true, Ordering::Release);
        let (leave, sessions) = {
            let mut state = self.shared.state.lock();
            let last = state.core.end(remain);
            state.settle_commits();
            last
        };
        self.forget_received(|_| true);
        self.shared.driver_wake.notify_one();
        self.shared.user_wake.notify_one();
        self.shared.say_goodbye(leave, sessions, deadline).await;
        self.shared.client.close();
        committed
    }

    fn check_open(&self, operation: &'static str) -> Result<(), Error> {
        if self.closing.load(Ordering::Acquire) { Err(Error::closed(operation)) } else { Ok(()) }
    }

    /// `timeout` from now; the longest of waits still is a time that a clock can show.
    fn deadline_in(&self, timeout: Duration) -> Instant {
        self.shared.env.now() + timeout.min(LONGEST_WAIT)
    }

    fn api_deadline(&self) -> Instant {
        self.shared.env.now() + self.shared.config.common.default_api_timeout
    }
}

/// Gives up what is subscribed, also when the wait for the listener is broken off.
struct GiveUp<'a>(Option<&'a Consumer>);

impl GiveUp<'_> {
    /// What tells the coordinator.
    fn now(mut self) -> Option<LeaveParts> {
        self.0.take().and_then(Self::give_up)
    }

    fn give_up(consumer: &Consumer) -> Option<LeaveParts> {
        let leave = consumer.shared.state.lock().core.unsubscribe();
        consumer.forget_received(|_| true);
        consumer.shared.driver_wake.notify_one();
        leave
    }
}

impl Drop for GiveUp<'_> {
    fn drop(&mut self) {
        let Some(consumer) = self.0.take() else { return };
        if let Some(parts) = Self::give_up(consumer)
            && let Some(member) = &mut consumer.shared.state.lock().core.member
        {
            member.say_goodbye(parts);
            consumer.shared.driver_wake.notify_one();
        }
    }
}

fn check_assigned(
    core: &core::Core,
    partitions: &[TopicPartition],
    operation: &'static str,
) -> Result<(), Error> {
    match partitions.iter().find(|partition| !core.partitions.contains(partition)) {
        None => Ok(()),
        Some(partition) => Err(Error::new(
            ErrorKind::InvalidState,
            operation,
            "the partition is not assigned to this consumer",
        )
        .with_context("topic", &partition.topic)
        .with_context("partition", partition.partition)),
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        if !self.closed.load(Ordering::Acquire) {
            self.shared.state.lock().dropped = true;
            self.shared.driver_wake.notify_one();
        }
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consumer")
            .field("client_id", &self.shared.config.common.client_id)
            .field("group_id", &self.shared.config.group_id)
            .finish_non_exhaustive()
    }
}
