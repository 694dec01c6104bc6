//! Which batches are not done yet, and waiting for those that were there when `flush` was called.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// The batches of a producer that have no fate yet, by age.
#[derive(Debug)]
pub(crate) struct Incomplete {
    /// Id of a batch → how many parts it was split into are not done.
    batches: Mutex<Batches>,
    changed: Notify,
    flushing: AtomicUsize,
}

#[derive(Debug, Default)]
struct Batches {
    next_id: u64,
    open: BTreeMap<u64, u32>,
}

impl Incomplete {
    /// No batch yet.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { batches: Mutex::default(), changed: Notify::new(), flushing: AtomicUsize::new(0) })
    }

    /// A new batch.
    pub(crate) fn open(self: &Arc<Self>) -> Ticket {
        let mut batches = self.batches.lock();
        let id = batches.next_id;
        batches.next_id += 1;
        batches.open.insert(id, 1);
        Ticket { incomplete: Arc::clone(self), id }
    }

    /// How many batches have no fate yet.
    pub(crate) fn count(&self) -> usize {
        self.batches.lock().open.len()
    }

    /// Whether somebody waits in [`Self::flushed`]: batches should leave without lingering.
    pub(crate) fn is_flushing(&self) -> bool {
        self.flushing.load(Ordering::Acquire) > 0
    }

    /// Waits until every batch opened before this call is done. The caller sets the deadline.
    ///
    /// From here until the future is dropped [`Self::is_flushing`] is true.
    pub(crate) fn flushed(self: &Arc<Self>) -> impl Future<Output = ()> + Send + 'static {
        let target = self.batches.lock().next_id;
        let flushing = Flushing::new(Arc::clone(self));
        async move {
            let incomplete = &flushing.0;
            loop {
                let changed = incomplete.changed.notified();
                let oldest = incomplete.batches.lock().open.keys().next().copied();
                if oldest.is_none_or(|oldest| oldest >= target) {
                    return;
                }
                changed.await;
            }
        }
    }
}

struct Flushing(Arc<Incomplete>);

impl Flushing {
    fn new(incomplete: Arc<Incomplete>) -> Self {
        incomplete.flushing.fetch_add(1, Ordering::AcqRel);
        Self(incomplete)
    }
}

impl Drop for Flushing {
    fn drop(&mut self) {
        self.0.flushing.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A batch's entry among the incomplete ones; dropping it is the batch being done.
#[derive(Debug)]
pub(crate) struct Ticket {
    incomplete: Arc<Incomplete>,
    id: u64,
}

impl Ticket {
    /// One for a part of the same batch.
    pub(crate) fn fork(&self) -> Self {
        if let Some(parts) = self.incomplete.batches.lock().open.get_mut(&self.id) {
            *parts += 1;
        }
        Self { incomplete: Arc::clone(&self.incomplete), id: self.id }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        {
            let mut batches = self.incomplete.batches.lock();
            if let Some(parts) = batches.open.get_mut(&self.id) {
                *parts -= 1;
                if *parts == 0 {
                    batches.open.remove(&self.id);
                }
            }
        }
        if self.incomplete.is_flushing() {
            self.incomplete.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn flush_waits_for_earlier_batches_and_their_parts_but_not_for_later_ones() {
        let incomplete = Incomplete::new();
        let first = incomplete.open();
        let mut flushed = Box::pin(incomplete.flushed());
        assert!(incomplete.is_flushing());
        let later = incomplete.open();
        assert!(flushed.as_mut().now_or_never().is_none());
        let part = first.fork();
        drop(first);
        assert!(flushed.as_mut().now_or_never().is_none());
        drop(part);
        assert!(flushed.as_mut().now_or_never().is_some());
        drop(flushed);
        assert!(!incomplete.is_flushing());
        assert_eq!(incomplete.count(), 1);
        drop(later);
        assert_eq!(incomplete.count(), 0);
    }
}
