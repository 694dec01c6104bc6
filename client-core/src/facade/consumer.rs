//! The consumer for bindings. Rebalances are told as values with a poll's records; a revocation is held until the next one.

use super::fork::Guarded;
use super::operation::Operation;
use super::runtime::{Runtime, runtime};
use crate::config::ConsumerConfig;
use crate::consumer::{
    Consumer as Core, GroupMetadata, OffsetAndMetadata, OffsetAndTimestamp, Offsets, RebalanceEvent, Records,
};
use crate::error::Error;
use crate::record::TopicPartition;
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Reads records. Dropping it leaves the group in the background and commits nothing.
///
/// What asks brokers is over by `default.api.timeout.ms`, unless it takes a timeout of its own. Errors of every call: `Forked`
/// in a child of the process that made it, `Closed` behind [`Self::close`]; others as of the client's own
/// ([`crate::consumer::Consumer`]).
#[derive(Debug)]
pub struct Consumer {
    core: Guarded<Arc<Core>>,
    runtime: Runtime,
    wakeup: Arc<Notify>,
    /// What held polls brought and the application has not been told of.
    untold: Arc<Mutex<VecDeque<RebalanceEvent>>>,
}

impl Consumer {
    /// Checks the options (Kafka's names) and starts. Errors: `Config`.
    pub fn start(options: Vec<(String, String)>) -> Result<Self, Error> {
        let runtime = runtime()?;
        let config = ConsumerConfig::from_map(options)?;
        let core = Operation::start(&runtime, Core::from_config(config)).wait_done()?;
        Ok(Self {
            core: Guarded::new(Arc::new(core)),
            runtime,
            wakeup: Arc::default(),
            untold: Arc::default(),
        })
    }

    /// Reads these topics as a member of the group.
    pub fn subscribe(&self, topics: Vec<String>) -> Result<(), Error> {
        self.core.get("subscribe")?.subscribe(topics)
    }

    /// Reads every topic whose whole name matches (Rust's regex), as they come and go.
    pub fn subscribe_pattern(&self, pattern: &str) -> Result<(), Error> {
        self.core.get("subscribe")?.subscribe_pattern(pattern)
    }

    /// Stops reading and leaves the group; sees itself through. Tell the application of [`Self::giving_up`] before.
    pub fn unsubscribe(&self) -> Operation<()> {
        self.detached("unsubscribe", |core| async move { core.unsubscribe().await })
    }

    /// Reads exactly these partitions.
    pub fn assign(&self, partitions: Vec<TopicPartition>) -> Result<(), Error> {
        self.core.get("assign")?.assign(partitions)
    }

    /// The partitions being read.
    pub fn assignment(&self) -> Result<Vec<TopicPartition>, Error> {
        Ok(self.core.get("read the assignment")?.assignment())
    }

    /// The subscribed topics.
    pub fn subscription(&self) -> Result<Vec<String>, Error> {
        Ok(self.core.get("read the subscription")?.subscription())
    }

    /// The partitions that are paused.
    pub fn paused(&self) -> Result<Vec<TopicPartition>, Error> {
        Ok(self.core.get("read what is paused")?.paused())
    }

    /// Records that are there, or come within `timeout`, at most `max_records` (`max.poll.records` if `None`), with the
    /// rebalances since the last poll. Made for hosts that hand records on one by one, or may lose an outcome on its way: what
    /// [`Self::seen`] does not say was seen counts as not handed out and is polled again, and rebalances come again until
    /// [`Self::told`]. Dropping the operation before it is done loses nothing.
    pub fn poll(&self, timeout: Duration, max_records: Option<usize>) -> Operation<Records> {
        let core = match self.core.get("poll") {
            Err(error) => return Operation::done(Err(error)),
            Ok(core) => Arc::clone(core),
        };
        let untold: Vec<RebalanceEvent> = self.untold.lock().iter().cloned().collect();
        if !untold.is_empty() {
            // No look at the client before: a poll of it says that the application has dealt with a revocation.
            return Operation::done(Ok(Records::of_rebalances(untold)));
        }
        let wakeup = Arc::clone(&self.wakeup);
        let came = Arc::clone(&self.untold);
        let max_records = max_records.unwrap_or(core.config().max_poll_records);
        Operation::start(&self.runtime, async move {
            tokio::select! {
                biased;
                () = wakeup.notified() => Ok(Records::default()),
                polled = core.poll_held(timeout, max_records) => polled,
            }
        })
        .map(move |records| {
            came.lock().extend(records.rebalances().iter().cloned());
            records
        })
    }

    /// The first of the rebalances that [`Self::told`] has not been said of.
    pub fn untold(&self) -> Result<Option<RebalanceEvent>, Error> {
        self.core.get("poll")?;
        Ok(self.untold.lock().front().cloned())
    }

    /// The application is told of the first `count` rebalances of those that [`Self::poll`] brought.
    pub fn told(&self, count: usize) -> Result<(), Error> {
        self.core.get("poll")?;
        let mut untold = self.untold.lock();
        let count = count.min(untold.len());
        untold.drain(..count);
        Ok(())
    }

    /// The application was given the first `count` records of the last [`Self::poll`]; see [`Core::seen`].
    pub fn seen(&self, count: usize) -> Result<(), Error> {
        self.core.get("poll")?.seen(count);
        Ok(())
    }

    /// Makes a poll under way, or else the next one, return at once and empty. From any thread; it never waits.
    pub fn wakeup(&self) {
        self.wakeup.notify_one();
    }

    /// Commits `offsets`, each the next to read; without them the positions of everything handed out by the time of this
    /// call, whatever is polled or given up before the operation is done. Goes on when the operation is dropped.
    pub fn commit(&self, offsets: Option<Offsets>) -> Operation<()> {
        let core = match self.core.get("commit offsets") {
            Err(error) => return Operation::done(Err(error)),
            Ok(core) => Arc::clone(core),
        };
        match core.begin_commit(offsets) {
            Err(error) => Operation::done(Err(error)),
            Ok((begun, deadline)) => {
                Operation::start(&self.runtime, async move { core.see_through(begun, deadline).await })
            }
        }
    }

    /// Goes on at this offset with the next poll.
    pub fn seek(&self, partition: &TopicPartition, to: OffsetAndMetadata) -> Result<(), Error> {
        self.core.get("seek")?.seek_to(partition, to)
    }

    /// Goes on at the beginning of these partitions, of all assigned ones when none is named.
    pub fn seek_to_beginning(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.core.get("seek")?.seek_to_beginning(partitions)
    }

    /// Goes on at the end of these partitions, of all assigned ones when none is named.
    pub fn seek_to_end(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.core.get("seek")?.seek_to_end(partitions)
    }

    /// Hands out nothing of these partitions until [`Self::resume`].
    pub fn pause(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.core.get("pause")?.pause(partitions)
    }

    /// Ends a [`Self::pause`].
    pub fn resume(&self, partitions: &[TopicPartition]) -> Result<(), Error> {
        self.core.get("resume")?.resume(partitions)
    }

    /// The next offset to hand out; `None` while it is not known.
    pub fn position(&self, partition: &TopicPartition) -> Result<Option<i64>, Error> {
        Ok(self.core.get("read the position")?.position(partition))
    }

    /// How many offsets lie between the position and the end as of the last fetch; `None` before that.
    pub fn lag(&self, partition: &TopicPartition) -> Result<Option<i64>, Error> {
        Ok(self.core.get("read the lag")?.lag(partition))
    }

    /// The group's committed offsets of these partitions; those without one are left out.
    pub fn committed(&self, partitions: Vec<TopicPartition>) -> Operation<Offsets> {
        self.with("fetch committed offsets", move |core| async move { core.committed(&partitions).await })
    }

    /// The first offset of each partition.
    pub fn beginning_offsets(
        &self,
        partitions: Vec<TopicPartition>,
    ) -> Operation<BTreeMap<TopicPartition, i64>> {
        self.with("list offsets", move |core| async move { core.beginning_offsets(&partitions).await })
    }

    /// The offset behind the last readable record of each partition.
    pub fn end_offsets(&self, partitions: Vec<TopicPartition>) -> Operation<BTreeMap<TopicPartition, i64>> {
        self.with("list offsets", move |core| async move { core.end_offsets(&partitions).await })
    }

    /// For each partition the first offset whose timestamp is at least the given one; those without are left out.
    pub fn offsets_for_times(
        &self,
        times: BTreeMap<TopicPartition, i64>,
    ) -> Operation<BTreeMap<TopicPartition, OffsetAndTimestamp>> {
        self.with("list offsets", move |core| async move { core.offsets_for_times(&times).await })
    }

    /// Who this consumer is in its group; `None` without one.
    pub fn group_metadata(&self) -> Result<Option<GroupMetadata>, Error> {
        Ok(self.core.get("read group metadata")?.group_metadata())
    }

    /// Bytes fetched that wait to be handed out.
    pub fn buffered_bytes(&self) -> Result<usize, Error> {
        Ok(self.core.get("read what is buffered")?.buffered_bytes())
    }

    /// What unsubscribing or closing now gives up, behind what nobody was told of yet: tell the application, then do it.
    pub fn giving_up(&self) -> Result<Vec<RebalanceEvent>, Error> {
        let core = self.core.get("close the consumer")?;
        let mut events: Vec<RebalanceEvent> = std::mem::take(&mut *self.untold.lock()).into();
        events.extend(core.giving_up());
        Ok(events)
    }

    /// Commits (with `enable.auto.commit`), leaves the group, disconnects; by `timeout`. Ends a poll under way. Goes on when
    /// the operation is dropped.
    pub fn close(&self, timeout: Duration) -> Operation<()> {
        self.detached("close the consumer", move |core| async move { core.close(timeout).await })
    }

    /// As [`Self::close`], but stays in the group until the session expires.
    pub fn close_and_remain(&self, timeout: Duration) -> Operation<()> {
        self.detached("close the consumer", move |core| async move { core.close_and_remain(timeout).await })
    }

    fn with<T, F, R>(&self, operation: &'static str, run: F) -> Operation<T>
    where
        T: Send + 'static,
        F: FnOnce(Arc<Core>) -> R,
        R: Future<Output = Result<T, Error>> + Send + 'static,
    {
        match self.core.get(operation) {
            Err(error) => Operation::done(Err(error)),
            Ok(core) => Operation::start(&self.runtime, run(Arc::clone(core))),
        }
    }

    fn detached<T, F, R>(&self, operation: &'static str, run: F) -> Operation<T>
    where
        T: Send + 'static,
        F: FnOnce(Arc<Core>) -> R,
        R: Future<Output = Result<T, Error>> + Send + 'static,
    {
        match self.core.get(operation) {
            Err(error) => Operation::done(Err(error)),
            Ok(core) => Operation::detached(&self.runtime, run(Arc::clone(core))),
        }
    }
}
