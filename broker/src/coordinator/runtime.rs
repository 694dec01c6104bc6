//! Hosts the shards of one coordinator topic: loading, appending, answering once committed, timers, fencing.
//!
//! A shard lives for as long as this node leads its partition in one leader epoch. When that ends, whoever waits is told
//! to look for the coordinator anew, and a later epoch starts from the log. Does not know what a shard is about.
//!
//! One task drives all timers of a topic, and nothing runs while there is nothing to wait for.

use super::encode::{self, EncodeError, EncodedBatch};
use super::loader;
use super::shard::{Now, Shard, Ticket, Write};
use super::slot::{Active, Answer, Pending, Slot, State};
use super::timer::Timers;
use crate::replication::purgatory::FetchWaiter;
use crate::replication::{Partition, ReplicaManager};
use bytes::Bytes;
use ottla_env::{Env, Task};
use ottla_wire::ErrorCode;
use ottla_wire::compression::Compression;
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Pause after a shard could not be loaded; it doubles up to the largest.
const LOAD_BACKOFF: Duration = Duration::from_millis(100);
const LOAD_BACKOFF_MAX: Duration = Duration::from_secs(60);

type ShardFactory<S> = Box<dyn Fn(i32) -> S + Send + Sync>;

/// The shards of one topic.
pub(crate) struct Runtime<S: Shard> {
    env: Env,
    topic: &'static str,
    replicas: Arc<ReplicaManager>,
    new_shard: ShardFactory<S>,
    /// Of what is written; any can be read.
    compression: Compression,
    /// How long a write may wait for other replicas before whoever asked is told to try again.
    write_timeout: Duration,
    slots: Mutex<BTreeMap<i32, Arc<Slot<S>>>>,
    wakeups: Mutex<Timers<i32>>,
    /// Topics whose deletion the shards have not heard of.
    deleted_topics: Mutex<Vec<Arc<str>>>,
    /// Metadata changed since the driver last looked.
    metadata_changed: AtomicBool,
    notify: Notify,
}

impl<S: Shard> Runtime<S> {
    /// A runtime over `topic` with the task that drives it.
    pub(crate) fn start(
        env: Env,
        topic: &'static str,
        replicas: Arc<ReplicaManager>,
        compression: Compression,
        write_timeout: Duration,
        new_shard: impl Fn(i32) -> S + Send + Sync + 'static,
    ) -> (Arc<Self>, Task<()>) {
        let runtime = Arc::new(Self {
            env: env.clone(),
            topic,
            replicas,
            new_shard: Box::new(new_shard),
            compression,
            write_timeout,
            slots: Mutex::default(),
            wakeups: Mutex::default(),
            deleted_topics: Mutex::default(),
            metadata_changed: AtomicBool::new(true),
            notify: Notify::new(),
        });
        let driven = runtime.clone();
        let task = env.spawn("coordinator timers", async move { driven.drive().await });
        (runtime, task)
    }

    /// Metadata changed: shards come and go soon, and those there are hear of topics that were deleted.
    pub(crate) fn metadata_changed(&self, deleted_topics: impl Iterator<Item = Arc<str>>) {
        self.deleted_topics.lock().extend(deleted_topics);
        self.metadata_changed.store(true, Ordering::Release);
        self.notify.notify_one();
    }

    /// Both clocks.
    fn now(&self) -> Now {
        Now { instant: self.env.now(), wall_ms: self.env.wall_ms() }
    }

    /// Gives a request to the shard of `partition` and waits for the answer: `request` gets a ticket, which the shard
    /// answers now or later.
    pub(crate) async fn call(
        self: &Arc<Self>,
        partition: i32,
        deadline: Option<Duration>,
        request: impl FnOnce(&mut S, Ticket, Now),
    ) -> Answer<S> {
        let slot = self.slot(partition)?;
        let answer = {
            let mut state = slot.state.lock();
            let active = state.active()?;
            let ticket = Ticket(active.next_ticket);
            active.next_ticket += 1;
            let now = self.now();
            request(&mut active.shard, ticket, now);
            if let Some(answer) = self.settle(&slot, active, now, Some(ticket)) {
                return answer;
            }
            let (sender, receiver) = oneshot::channel();
            active.waiting.insert(ticket, sender);
            receiver
        };
        let answer = async { answer.await.unwrap_or(Err(ErrorCode::NOT_COORDINATOR)) };
        match deadline {
            None => answer.await,
            Some(limit) => {
                let answered = self.env.timeout_at(self.env.now() + limit, answer).await;
                answered.unwrap_or(Err(ErrorCode::REQUEST_TIMED_OUT))
            }
        }
    }

    /// Looks at the shard of `partition`; what is seen is committed by the time this returns.
    pub(crate) async fn read<T>(
        self: &Arc<Self>,
        partition: i32,
        look: impl FnOnce(&S, Now) -> T,
    ) -> Result<T, ErrorCode> {
        let slot = self.slot(partition)?;
        let (seen, barrier) = {
            let mut state = slot.state.lock();
            let active = state.active()?;
            let seen = look(&active.shard, self.now());
            if active.appended_to <= slot.committed_to() {
                return Ok(seen);
            }
            let (sender, receiver) = oneshot::channel();
            active.pending.push_back((active.appended_to, Pending::Barrier(sender)));
            self.watch(&slot, active);
            (seen, receiver)
        };
        match self.env.timeout_at(self.env.now() + self.write_timeout, barrier).await {
            Some(Ok(())) => Ok(seen),
            Some(Err(_)) => Err(ErrorCode::NOT_COORDINATOR),
            None => Err(ErrorCode::REQUEST_TIMED_OUT),
        }
    }

    /// Partitions of the topic that this node leads and that hold anything.
    pub(crate) fn partitions_with_records(&self) -> Vec<i32> {
        let Ok(topic) = self.replicas.topic(self.topic) else { return Vec::new() };
        let led = topic.partitions.iter().flatten();
        let led = led.filter(|partition| partition.check_leader(-1).is_ok());
        let used = led.filter(|partition| {
            let has_records = {
                let log = partition.log();
                log.log_end_offset() > log.log_start_offset()
            };
            has_records || self.slots.lock().contains_key(&partition.index)
        });
        used.map(|partition| partition.index).collect()
    }

    /// The slot of a partition in its present epoch, loading it when it is new.
    fn slot(self: &Arc<Self>, index: i32) -> Result<Arc<Slot<S>>, ErrorCode> {
        let partition = self.replicas.get(self.topic, index).map_err(|_| ErrorCode::NOT_COORDINATOR)?;
        let leader_epoch = partition.leader_epoch();
        partition.check_leader(-1).map_err(|_| ErrorCode::NOT_COORDINATOR)?;
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.get(&index) {
            if slot.leader_epoch == leader_epoch && Arc::ptr_eq(&slot.partition, &partition) {
                return Ok(slot.clone());
            }
            slot.close(ErrorCode::NOT_COORDINATOR);
        }
        let log_is_empty = {
            let log = partition.log();
            log.log_end_offset() == log.log_start_offset()
        };
        let slot = Arc::new(Slot { partition, leader_epoch, state: Mutex::new(State::Loading(Vec::new())) });
        slots.insert(index, slot.clone());
        drop(slots);
        // With nothing to read there is nothing to wait for.
        if !log_is_empty || !self.load(&slot) {
            let (runtime, env, slot) = (Arc::downgrade(self), self.env.clone(), slot.clone());
            self.env.spawn("coordinator load", load_until_done(runtime, env, slot)).detach();
        }
        Ok(slot)
    }

    /// Loads the shard; `false` when that has to be tried again.
    fn load(self: &Arc<Self>, slot: &Arc<Slot<S>>) -> bool {
        let started = self.env.now();
        let index = slot.partition.index;
        let mut shard = (self.new_shard)(index);
        match loader::load(&slot.partition, &mut shard) {
            Ok(appended_to) => {
                let now = self.now();
                shard.handle_loaded(now);
                let mut state = slot.state.lock();
                let State::Loading(deleted_topics) = &*state else {
                    return true; // Another epoch took over meanwhile.
                };
                shard.handle_topics_deleted(deleted_topics, now);
                let took_ms = now.instant.saturating_duration_since(started).as_millis();
                tracing::debug!(
                    topic = self.topic,
                    partition = index,
                    epoch = slot.leader_epoch,
                    took_ms,
                    "coordinator loaded"
                );
                *state = State::Active(Box::new(Active {
                    shard,
                    waiting: BTreeMap::new(),
                    next_ticket: 0,
                    appended_to,
                    pending: VecDeque::new(),
                    armed: None,
                    watched: false,
                }));
                if let Ok(active) = state.active() {
                    self.settle(slot, active, now, None);
                }
                true
            }
            Err(error) => {
                let epoch = slot.leader_epoch;
                tracing::error!(topic = self.topic, partition = index, epoch, %error, "a coordinator cannot be loaded; it will be tried again");
                false
            }
        }
    }

    /// Does what the shard wants until it wants nothing more; gives the answer to `own`, if there is one by then.
    fn settle(
        self: &Arc<Self>,
        slot: &Arc<Slot<S>>,
        active: &mut Active<S>,
        now: Now,
        own: Option<Ticket>,
    ) -> Option<Answer<S>> {
        let mut answer = None;
        loop {
            if let Some(write) = active.shard.poll_write() {
                self.append(slot, active, write, now);
                continue;
            }
            if let Some((ticket, reply)) = active.shard.poll_reply() {
                active.pending.push_back((active.appended_to, Pending::Reply(ticket, reply)));
                continue;
            }
            let committed_to = slot.committed_to();
            match active.pending.pop_front() {
                None => break,
                Some((offset, pending)) if offset > committed_to => {
                    active.pending.push_front((offset, pending));
                    break;
                }
                Some((_, Pending::Done(done))) => active.shard.handle_written(done, Ok(()), now),
                Some((_, Pending::Barrier(sender))) => {
                    // Whoever asked may have left.
                    let _gone = sender.send(());
                }
                Some((_, Pending::Reply(ticket, reply))) => {
                    if own == Some(ticket) {
                        answer = Some(Ok(reply));
                    } else if let Some(sender) = active.waiting.remove(&ticket) {
                        let _gone = sender.send(Ok(reply));
                    }
                }
            }
        }
        if !active.pending.is_empty() {
            self.watch(slot, active);
        }
        self.arm(slot, active);
        answer
    }

    /// Appends what the shard wants written, and replays it.
    fn append(&self, slot: &Slot<S>, active: &mut Active<S>, write: Write<S::Record, S::Done>, now: Now) {
        let encoded =
            encode::batches::<S>(&write, self.compression, max_batch_bytes(&slot.partition), now.wall_ms);
        let batches = match encoded {
            Ok(batches) => batches,
            Err(error) => {
                tracing::warn!(topic = self.topic, partition = slot.partition.index, %error, "a coordinator's records cannot be written");
                let code = match error {
                    EncodeError::TooLarge(_) => ErrorCode::RECORD_LIST_TOO_LARGE,
                    EncodeError::Record(_) | EncodeError::Compress(_) => ErrorCode::UNKNOWN_SERVER_ERROR,
                };
                return active.shard.handle_written(write.then, Err(code), now);
            }
        };
        for EncodedBatch { records, bytes } in batches {
            let first_offset = match self.append_batch(slot, active, bytes, now) {
                Ok(first_offset) => first_offset,
                Err(code) => return active.shard.handle_written(write.then, Err(code), now),
            };
            for (record, offset) in write.records[records].iter().zip(first_offset..) {
                active.shard.replay(record, offset, write.producer);
            }
        }
        active.pending.push_back((active.appended_to, Pending::Done(write.then)));
    }

    /// Appends one batch; gives the offset of its first record.
    fn append_batch(
        &self,
        slot: &Slot<S>,
        active: &mut Active<S>,
        bytes: Bytes,
        now: Now,
    ) -> Result<i64, ErrorCode> {
        // A new epoch of the same leader must start from the log as well.
        if slot.partition.leader_epoch() != slot.leader_epoch {
            return Err(ErrorCode::NOT_COORDINATOR);
        }
        match slot.partition.append_from_coordinator(bytes, now.wall_ms) {
            Ok(appended) => {
                active.appended_to = appended.last_offset + 1;
                Ok(appended.first_offset)
            }
            Err(error) => {
                tracing::warn!(topic = self.topic, partition = slot.partition.index, %error, "a coordinator's records were not appended");
                Err(match error.code() {
                    ErrorCode::NOT_LEADER_OR_FOLLOWER => ErrorCode::NOT_COORDINATOR,
                    _ => ErrorCode::COORDINATOR_NOT_AVAILABLE,
                })
            }
        }
    }

    /// Has the driver come when the shard next needs it.
    fn arm(&self, slot: &Slot<S>, active: &mut Active<S>) {
        let next = active.shard.poll_timeout();
        if next == active.armed {
            return;
        }
        active.armed = next;
        let mut wakeups = self.wakeups.lock();
        let before = wakeups.poll_timeout();
        match next {
            Some(at) => wakeups.schedule(slot.partition.index, at),
            None => wakeups.cancel(&slot.partition.index),
        }
        if next.is_some_and(|at| before.is_none_or(|before| at < before)) {
            self.notify.notify_one();
        }
    }

    /// Looks after what waits for other replicas.
    fn watch(self: &Arc<Self>, slot: &Arc<Slot<S>>, active: &mut Active<S>) {
        if std::mem::replace(&mut active.watched, true) {
            return;
        }
        let (runtime, env, slot) = (Arc::downgrade(self), self.env.clone(), slot.clone());
        let write_timeout = self.write_timeout;
        let watching = async move {
            loop {
                let waiter = FetchWaiter::new(1);
                slot.partition.waiters().register(&waiter);
                let is_done = runtime.upgrade().is_none_or(|runtime| runtime.settle_watched(&slot));
                if !is_done {
                    // Nobody waits for longer; what is left is looked at again all the same.
                    let _timed_out = env.timeout_at(env.now() + write_timeout, waiter.woken()).await;
                }
                slot.partition.waiters().deregister(&waiter);
                if is_done {
                    return;
                }
            }
        };
        self.env.spawn("coordinator commits", watching).detach();
    }

    /// Lets out what is committed by now; true when nothing is left to look after.
    fn settle_watched(self: &Arc<Self>, slot: &Arc<Slot<S>>) -> bool {
        let mut state = slot.state.lock();
        let Ok(active) = state.active() else { return true };
        self.settle(slot, active, self.now(), None);
        active.watched = !active.pending.is_empty();
        !active.watched
    }

    /// The driver: timers, and partitions that come and go.
    async fn drive(self: Arc<Self>) {
        loop {
            let next = self.wakeups.lock().poll_timeout();
            match next {
                None => self.notify.notified().await,
                Some(at) => {
                    tokio::select! {
                        () = self.env.sleep_until(at) => {}
                        () = self.notify.notified() => {}
                    }
                }
            }
            if self.metadata_changed.swap(false, Ordering::AcqRel) {
                self.reconcile();
            }
            let now = self.now();
            loop {
                let due = self.wakeups.lock().pop(now.instant);
                let Some(index) = due else { break };
                let slot = self.slots.lock().get(&index).cloned();
                let Some(slot) = slot else { continue };
                let mut state = slot.state.lock();
                if let Ok(active) = state.active() {
                    active.armed = None;
                    active.shard.handle_timeout(now);
                    self.settle(&slot, active, now, None);
                }
            }
        }
    }

    /// Closes what this node no longer leads, loads what it leads now.
    fn reconcile(self: &Arc<Self>) {
        let deleted = std::mem::take(&mut *self.deleted_topics.lock());
        let stale: Vec<_> = {
            let slots = self.slots.lock();
            let stale = slots.iter().filter(|(_, slot)| {
                slot.partition.leader_epoch() != slot.leader_epoch || slot.partition.check_leader(-1).is_err()
            });
            stale.map(|(index, slot)| (*index, slot.clone())).collect()
        };
        for (index, slot) in stale {
            slot.close(ErrorCode::NOT_COORDINATOR);
            let mut slots = self.slots.lock();
            if slots.get(&index).is_some_and(|other| Arc::ptr_eq(other, &slot)) {
                slots.remove(&index);
                self.wakeups.lock().cancel(&index);
            }
        }
        for index in self.partitions_with_records() {
            // One that is led elsewhere by now is loaded there.
            let Ok(slot) = self.slot(index) else { continue };
            if deleted.is_empty() {
                continue;
            }
            let now = self.now();
            match &mut *slot.state.lock() {
                State::Loading(meanwhile) => meanwhile.extend(deleted.iter().cloned()),
                State::Active(active) => {
                    active.shard.handle_topics_deleted(&deleted, now);
                    self.settle(&slot, active, now, None);
                }
                State::Closed(_) => {}
            }
        }
    }
}

/// Loads a shard, again and again if need be, until it is loaded or another epoch takes over. Whoever asks meanwhile is
/// told that it is loading: nobody else can serve the partition, so that sending clients elsewhere would not help them.
async fn load_until_done<S: Shard>(runtime: Weak<Runtime<S>>, env: Env, slot: Arc<Slot<S>>) {
    let mut backoff = LOAD_BACKOFF;
    loop {
        let Some(runtime) = runtime.upgrade() else { return };
        let loading = slot.clone();
        if env.spawn_blocking(move || runtime.load(&loading)).await {
            return;
        }
        env.sleep(backoff).await;
        backoff = (backoff * 2).min(LOAD_BACKOFF_MAX);
        if !slot.is_loading() {
            return;
        }
    }
}

/// The largest batch the partition's log takes.
fn max_batch_bytes(partition: &Partition) -> usize {
    let log = partition.log();
    let config = log.config();
    config.max_message_bytes.min(usize::try_from(config.segment_bytes).unwrap_or(usize::MAX))
}

impl<S: Shard> std::fmt::Debug for Runtime<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("topic", &self.topic).finish_non_exhaustive()
    }
}
