//! Promises: the fate of a batch, told once to everyone who holds a [`Delivery`] of it.
//!
//! One allocation and one wake-up per batch, not per record. Knows nothing of how the fate came about.

use super::reports::{Reports, Runs};
use crate::error::{Error, ErrorKind};
use crate::record::RecordMetadata;
use parking_lot::Mutex;
use smallvec::SmallVec;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

/// What became of a batch.
#[derive(Debug)]
pub(crate) enum Fate {
    /// In the log, as far as `acks` promises; the offset is missing where the broker did not say it.
    Appended { base_offset: Option<i64>, log_append_time_ms: Option<i64> },
    /// The same error for each record: refused, never sent, or of unknown outcome (the error says which).
    Failed(Error),
    /// Refused because of some of its records: those have errors of their own, `rest` is for the others (KIP-467).
    Refused { records: Vec<(u32, Error)>, rest: Error },
    /// Cut into smaller batches; each with the index its first record had here.
    Split(Vec<(u32, Arc<BatchPromise>)>),
}

/// The state of one batch that its deliveries share.
#[derive(Debug)]
pub(crate) struct BatchPromise {
    topic: Arc<str>,
    partition: i32,
    fate: OnceLock<Fate>,
    waiting: Mutex<SmallVec<[Waker; 1]>>,
}

impl BatchPromise {
    /// Registers `waker` in the slot it had, or in a shared or new one. False when the fate is known by now.
    fn register(&self, waker: &Waker, slot: &mut Slot) -> bool {
        let mut waiting = self.waiting.lock();
        if self.fate.get().is_some() {
            return false;
        }
        match slot {
            Slot::Own(index) => {
                if let Some(known) = waiting.get_mut(*index as usize) {
                    known.clone_from(waker);
                    return true;
                }
            }
            Slot::Shared(index) => {
                // Another delivery of the same task registered here; it may not be overwritten, only relied upon.
                if waiting.get(*index as usize).is_some_and(|known| known.will_wake(waker)) {
                    return true;
                }
            }
            Slot::None => {
                if let Some(last) = waiting.last()
                    && last.will_wake(waker)
                {
                    *slot = Slot::Shared(waiting.len() as u32 - 1);
                    return true;
                }
            }
        }
        *slot = Slot::Own(waiting.len() as u32);
        waiting.push(waker.clone());
        true
    }

    fn resolve(&self, fate: Fate) {
        if self.fate.set(fate).is_err() {
            // The completer is unique and consumed by completing, so there is no second fate.
            debug_assert!(false, "a batch was completed twice");
            return;
        }
        let waiting = std::mem::take(&mut *self.waiting.lock());
        for waker in waiting {
            waker.wake();
        }
    }
}

/// The one right to decide a batch's fate. Dropped unused, it reports that the producer is gone: no delivery hangs.
#[derive(Debug)]
pub(crate) struct Completer {
    promise: Option<Arc<BatchPromise>>,
    may_be_appended: bool,
    tags: Runs,
    reports: Option<Arc<Reports>>,
}

impl Completer {
    /// A batch of `partition`, undecided.
    pub(crate) fn new(topic: Arc<str>, partition: i32) -> Self {
        let promise =
            BatchPromise { topic, partition, fate: OnceLock::new(), waiting: Mutex::new(SmallVec::new()) };
        Self {
            promise: Some(Arc::new(promise)),
            may_be_appended: false,
            tags: Runs::default(),
            reports: None,
        }
    }

    /// Tells the fate of tagged records there as well.
    pub(crate) fn reporting_to(mut self, reports: Arc<Reports>) -> Self {
        self.reports = Some(reports);
        self
    }

    /// The record at `index` is reported under `tag`.
    pub(crate) fn tag(&mut self, index: u32, tag: u64) {
        self.tags.push(index, tag);
    }

    /// An undecided batch of the same partition, with the tags of `count` records from `first` on.
    pub(crate) fn sibling(&self, first: u32, count: u32) -> Self {
        let mut sibling = Self::new(Arc::clone(&self.promise().topic), self.promise().partition);
        sibling.tags = self.tags.part(first, count);
        sibling.reports.clone_from(&self.reports);
        sibling
    }

    /// The promise that record `index` of the batch shares.
    pub(crate) fn delivery(&self, index: u32, timestamp_ms: i64) -> Delivery {
        Delivery { promise: Arc::clone(self.promise()), index, timestamp_ms, slot: Slot::None }
    }

    /// The shared state, for a batch that this one is split into.
    pub(crate) fn promise(&self) -> &Arc<BatchPromise> {
        self.promise
            .as_ref()
            .expect("only completing and dropping take the promise, and both end the completer")
    }

    /// From here on the batch may be in the log although nobody said so.
    pub(crate) fn mark_may_be_appended(&mut self, may_be_appended: bool) {
        self.may_be_appended = may_be_appended;
    }

    /// Decides.
    pub(crate) fn complete(mut self, fate: Fate) {
        self.decide(fate);
    }
}

impl Completer {
    fn decide(&mut self, fate: Fate) {
        let Some(promise) = self.promise.take() else { return };
        promise.resolve(fate);
        let (Some(reports), Some(fate)) = (&self.reports, promise.fate.get()) else { return };
        if !self.tags.is_empty() {
            reports.tell(&promise.topic, promise.partition, fate, &mut self.tags);
        }
    }
}

impl Drop for Completer {
    fn drop(&mut self) {
        let Some(promise) = &self.promise else { return };
        let error =
            Error::new(ErrorKind::Closed, "send records", "the producer ended before the batch was done")
                .with_context("topic", &promise.topic)
                .with_context("partition", promise.partition)
                .with_hint("close the producer before the runtime it was built on is shut down");
        let error = if self.may_be_appended { error.with_outcome_unknown() } else { error };
        self.decide(Fate::Failed(error));
    }
}

/// Where a delivery's waker is kept.
#[derive(Clone, Copy, Debug)]
enum Slot {
    None,
    Own(u32),
    Shared(u32),
}

/// What will become of one record. A future; dropping it costs nothing and cancels nothing.
///
/// Resolves within `delivery.timeout.ms` of the batch's first record, to one of
/// - the record's partition and offset;
/// - an error whose [`Error::is_outcome_unknown`] is false: the record is *not* in the log;
/// - an error whose [`Error::is_outcome_unknown`] is true: it was sent, no answer came, it may be in the log.
#[derive(Debug)]
pub struct Delivery {
    promise: Arc<BatchPromise>,
    index: u32,
    timestamp_ms: i64,
    slot: Slot,
}

impl Delivery {
    /// The partition the record was put in.
    pub fn partition(&self) -> i32 {
        self.promise.partition
    }

    /// The topic the record goes to.
    pub fn topic(&self) -> &Arc<str> {
        &self.promise.topic
    }

    /// The record's timestamp as the producer set it.
    pub fn timestamp_ms(&self) -> i64 {
        self.timestamp_ms
    }

    /// The record's place in its batch: deliveries of one batch resolve together, their offsets differ as their indexes do.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Whether both records went into the same batch.
    pub fn is_same_batch(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.promise, &other.promise)
    }

    /// The outcome if it is known by now.
    pub fn try_result(&mut self) -> Option<Result<RecordMetadata, Error>> {
        loop {
            match self.promise.fate.get()? {
                Fate::Appended { base_offset, log_append_time_ms } => {
                    return Some(Ok(RecordMetadata {
                        topic: Arc::clone(&self.promise.topic),
                        partition: self.promise.partition,
                        offset: base_offset.map(|base| base + i64::from(self.index)),
                        timestamp_ms: log_append_time_ms.unwrap_or(self.timestamp_ms),
                    }));
                }
                Fate::Failed(error) => return Some(Err(error.clone())),
                Fate::Refused { records, rest } => {
                    let own = records.iter().find(|(index, _)| *index == self.index);
                    return Some(Err(own.map_or(rest, |(_, error)| error).clone()));
                }
                Fate::Split(parts) => {
                    let at = parts.partition_point(|(first, _)| *first <= self.index).saturating_sub(1);
                    let Some((first, promise)) = parts.get(at) else {
                        return Some(Err(Error::new(
                            ErrorKind::Internal,
                            "send records",
                            "a batch was split into nothing",
                        )));
                    };
                    let (first, promise) = (*first, Arc::clone(promise));
                    self.index -= first;
                    self.promise = promise;
                    self.slot = Slot::None;
                }
            }
        }
    }

    /// Blocks the calling thread until the outcome is known (at the latest after `delivery.timeout.ms`).
    ///
    /// Not for async code: it would hold up the runtime's thread.
    pub fn wait_blocking(self) -> Result<RecordMetadata, Error> {
        super::blocking::block_on(self)
    }
}

impl Future for Delivery {
    type Output = Result<RecordMetadata, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            if let Some(result) = this.try_result() {
                return Poll::Ready(result);
            }
            if this.promise.register(cx.waker(), &mut this.slot) {
                return Poll::Pending;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::task::noop_waker;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Counter(AtomicUsize);

    impl std::task::Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn completer() -> Completer {
        Completer::new("t".into(), 3)
    }

    fn appended(base: i64) -> Fate {
        Fate::Appended { base_offset: Some(base), log_append_time_ms: None }
    }

    #[test]
    fn every_delivery_of_a_batch_gets_its_own_offset() {
        let completer = completer();
        let mut deliveries: Vec<_> = (0..3).map(|i| completer.delivery(i, 100 + i64::from(i))).collect();
        assert!(deliveries[0].try_result().is_none());
        completer.complete(appended(40));
        let offsets: Vec<_> = deliveries
            .iter_mut()
            .map(|d| d.try_result().unwrap().unwrap())
            .map(|m| (m.offset, m.timestamp_ms))
            .collect();
        assert_eq!(offsets, [(Some(40), 100), (Some(41), 101), (Some(42), 102)]);
    }

    #[test]
    fn one_task_waiting_for_a_whole_batch_is_woken_once() {
        let completer = completer();
        let mut deliveries: Vec<_> = (0..100).map(|i| completer.delivery(i, 0)).collect();
        let counter = Arc::new(Counter(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&counter));
        for _ in 0..3 {
            for delivery in &mut deliveries {
                assert!(Pin::new(delivery).poll(&mut Context::from_waker(&waker)).is_pending());
            }
        }
        completer.complete(appended(0));
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_delivery_that_moved_to_another_task_wakes_both_tasks() {
        let completer = completer();
        let mut first = completer.delivery(0, 0);
        let mut second = completer.delivery(1, 0);
        let (here, there) = (Arc::new(Counter(AtomicUsize::new(0))), Arc::new(Counter(AtomicUsize::new(0))));
        let (waker_here, waker_there) = (Waker::from(Arc::clone(&here)), Waker::from(Arc::clone(&there)));
        assert!(Pin::new(&mut first).poll(&mut Context::from_waker(&waker_here)).is_pending());
        assert!(Pin::new(&mut second).poll(&mut Context::from_waker(&waker_here)).is_pending());
        assert!(Pin::new(&mut second).poll(&mut Context::from_waker(&waker_there)).is_pending());
        completer.complete(appended(0));
        assert_eq!((here.0.load(Ordering::SeqCst), there.0.load(Ordering::SeqCst)), (1, 1));
    }

    #[test]
    fn split_batches_resolve_their_own_part() {
        let whole = completer();
        let mut deliveries: Vec<_> = (0..4).map(|i| whole.delivery(i, 0)).collect();
        let (left, right) = (completer(), completer());
        whole.complete(Fate::Split(vec![(0, Arc::clone(left.promise())), (2, Arc::clone(right.promise()))]));
        let waker = noop_waker();
        for delivery in &mut deliveries {
            assert!(Pin::new(delivery).poll(&mut Context::from_waker(&waker)).is_pending());
        }
        right.complete(appended(70));
        left.complete(Fate::Failed(Error::closed("test")));
        assert!(deliveries[1].try_result().unwrap().is_err());
        assert_eq!(deliveries[3].try_result().unwrap().unwrap().offset, Some(71));
    }

    #[test]
    fn a_dropped_completer_resolves_and_says_whether_the_outcome_is_known() {
        for sent in [false, true] {
            let mut owner = completer();
            owner.mark_may_be_appended(sent);
            let mut delivery = owner.delivery(0, 0);
            drop(owner);
            let error = delivery.try_result().unwrap().unwrap_err();
            assert_eq!((error.kind(), error.is_outcome_unknown()), (ErrorKind::Closed, sent));
        }
    }

    #[test]
    fn records_refused_by_name_get_their_own_error() {
        let owner = completer();
        let mut deliveries: Vec<_> = (0..2).map(|i| owner.delivery(i, 0)).collect();
        owner.complete(Fate::Refused {
            records: vec![(1, Error::new(ErrorKind::Broker, "send records", "bad"))],
            rest: Error::new(ErrorKind::Broker, "send records", "another record was bad"),
        });
        assert_eq!(deliveries[0].try_result().unwrap().unwrap_err().message(), "another record was bad");
        assert_eq!(deliveries[1].try_result().unwrap().unwrap_err().message(), "bad");
    }
}
