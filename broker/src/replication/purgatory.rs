//! Fetches that wait for records.
//!
//! A fetch that found too little registers one [`FetchWaiter`] with every partition it reads. An append tells each
//! waiter how many bytes became visible, and wakes it only when that is enough: nobody reads a log to find out that
//! it must go on waiting.

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::task::Poll;

/// One fetch in waiting.
#[derive(Debug)]
pub(crate) struct FetchWaiter {
    /// Bytes that must still become visible; woken at 0 or below.
    missing_bytes: AtomicI64,
    waker: AtomicWaker,
}

impl FetchWaiter {
    /// A waiter for `missing_bytes` more bytes.
    pub(crate) fn new(missing_bytes: i64) -> Arc<Self> {
        Arc::new(Self { missing_bytes: AtomicI64::new(missing_bytes.max(1)), waker: AtomicWaker::new() })
    }

    /// Completes once enough bytes became visible, or something else happened that the fetch must look at.
    pub(crate) async fn woken(&self) {
        poll_fn(|cx| {
            self.waker.register(cx.waker());
            if self.is_woken() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn is_woken(&self) -> bool {
        self.missing_bytes.load(Ordering::Acquire) <= 0
    }

    fn add(&self, visible_bytes: i64) {
        let before = self.missing_bytes.fetch_sub(visible_bytes, Ordering::AcqRel);
        if before > 0 && before <= visible_bytes {
            self.waker.wake();
        }
    }
}

/// The waiters of one partition.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    /// Lets an append skip the lock when nobody waits.
    count: AtomicUsize,
    list: Mutex<Vec<Arc<FetchWaiter>>>,
}

impl Waiters {
    /// Adds a waiter. Afterwards the caller must look once more whether what it waits for has come already.
    pub(crate) fn register(&self, waiter: &Arc<FetchWaiter>) {
        let mut list = self.list.lock();
        list.push(waiter.clone());
        self.count.store(list.len(), Ordering::SeqCst);
    }

    /// Takes a waiter out again.
    pub(crate) fn deregister(&self, waiter: &Arc<FetchWaiter>) {
        let mut list = self.list.lock();
        if let Some(index) = list.iter().position(|other| Arc::ptr_eq(other, waiter)) {
            list.swap_remove(index);
        }
        self.count.store(list.len(), Ordering::SeqCst);
    }

    /// `visible_bytes` more bytes can be read.
    pub(crate) fn appended(&self, visible_bytes: usize) {
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        let visible_bytes = i64::try_from(visible_bytes).unwrap_or(i64::MAX / 2);
        for waiter in self.list.lock().iter() {
            waiter.add(visible_bytes);
        }
    }

    /// Something changed that every waiter must look at: the leader, the log's start, the end of the topic.
    pub(crate) fn wake_all(&self) {
        for waiter in self.list.lock().iter() {
            waiter.add(i64::MAX / 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn a_waiter_wakes_when_enough_has_come_and_not_before() {
        let waiters = Waiters::default();
        let waiter = FetchWaiter::new(100);
        waiters.register(&waiter);
        waiters.appended(60);
        assert!(waiter.woken().now_or_never().is_none());
        waiters.appended(40);
        assert!(waiter.woken().now_or_never().is_some());
    }

    #[test]
    fn a_waiter_that_left_is_not_kept() {
        let waiters = Waiters::default();
        let (first, second) = (FetchWaiter::new(1), FetchWaiter::new(1));
        waiters.register(&first);
        waiters.register(&second);
        waiters.deregister(&first);
        waiters.wake_all();
        assert!(first.woken().now_or_never().is_none());
        assert!(second.woken().now_or_never().is_some());
        waiters.deregister(&second);
        assert_eq!(waiters.count.load(Ordering::SeqCst), 0);
    }
}
