//! Memory for batches, bounded by `buffer.memory`.
//!
//! A batch reserves what it may grow to when it is opened and gives it back when its fate is decided and no request holds
//! its bytes any more. Waiting is first come, first served and safe to give up at any time.

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// The pool; shared by all partitions of a producer.
#[derive(Debug)]
pub(crate) struct BufferPool {
    /// One permit stands for `unit_bytes`.
    permits: Semaphore,
    unit_bytes: usize,
    total_permits: usize,
    /// What an ordinary batch reserves, and the capacity of the buffers kept for reuse.
    chunk_bytes: usize,
    free: Mutex<Vec<BytesMut>>,
    waiting: AtomicUsize,
    /// How many [`Held`] there are, and the permits that came back meanwhile.
    holders: AtomicUsize,
    held_permits: AtomicUsize,
}

/// Reserved bytes; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    pool: Arc<BufferPool>,
    permits: u32,
    size_bytes: usize,
}

impl BufferPool {
    /// A pool of `total_bytes` for batches of `chunk_bytes`.
    pub(crate) fn new(total_bytes: u64, chunk_bytes: usize) -> Arc<Self> {
        // The semaphore counts a request in 32 bits; beyond 2 GiB a permit stands for more than one byte.
        let unit_bytes = usize::try_from(total_bytes >> 31).unwrap_or(usize::MAX).saturating_add(1);
        let total_permits =
            usize::try_from(total_bytes / unit_bytes as u64).unwrap_or(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            permits: Semaphore::new(total_permits),
            unit_bytes,
            total_permits,
            chunk_bytes,
            free: Mutex::new(Vec::new()),
            waiting: AtomicUsize::new(0),
            holders: AtomicUsize::new(0),
            held_permits: AtomicUsize::new(0),
        })
    }

    /// The whole of the pool.
    pub(crate) fn total_bytes(&self) -> usize {
        self.total_permits * self.unit_bytes
    }

    /// What is not reserved.
    pub(crate) fn available_bytes(&self) -> usize {
        self.permits.available_permits() * self.unit_bytes
    }

    /// Whether somebody waits for memory: batches should leave without lingering.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.waiting.load(Ordering::Acquire) > 0
    }

    /// How many callers wait for memory.
    pub(crate) fn waiting_count(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    fn permits_for(&self, size_bytes: usize) -> Option<u32> {
        let permits = size_bytes.div_ceil(self.unit_bytes);
        if permits > self.total_permits { None } else { u32::try_from(permits).ok() }
    }

    /// What comes back until this is dropped is given out then, all at once: whoever waits is woken for all the batches of
    /// an answer, not for each.
    pub(crate) fn hold(&self) -> Held<'_> {
        self.holders.fetch_add(1, Ordering::SeqCst);
        Held(self)
    }

    fn give_back(&self, permits: u32) {
        self.held_permits.fetch_add(permits as usize, Ordering::SeqCst);
        // Whoever holds now gives it out; one that let go before the line above did not see it.
        if self.holders.load(Ordering::SeqCst) == 0 {
            self.give_out();
        }
    }

    fn give_out(&self) {
        let permits = self.held_permits.swap(0, Ordering::SeqCst);
        if permits > 0 {
            self.permits.add_permits(permits);
        }
    }

    /// Reserves `size_bytes` if they are free now.
    pub(crate) fn try_reserve(self: &Arc<Self>, size_bytes: usize) -> Option<Reservation> {
        let permits = self.permits_for(size_bytes)?;
        self.permits.try_acquire_many(permits).ok()?.forget();
        Some(Reservation { pool: Arc::clone(self), permits, size_bytes })
    }

    /// Waits for `size_bytes`; `None` when the pool will never have as many. The caller sets the deadline.
    pub(crate) async fn reserve(self: &Arc<Self>, size_bytes: usize) -> Option<Reservation> {
        let permits = self.permits_for(size_bytes)?;
        let _waiting = Waiting::new(&self.waiting);
        self.permits.acquire_many(permits).await.ok()?.forget();
        Some(Reservation { pool: Arc::clone(self), permits, size_bytes })
    }

    /// An empty buffer for a batch that may grow to `size_bytes`.
    pub(crate) fn buffer(&self, size_bytes: usize) -> BytesMut {
        if size_bytes == self.chunk_bytes
            && let Some(buffer) = self.free.lock().pop()
        {
            return buffer;
        }
        if size_bytes > self.chunk_bytes {
            // Kept buffers count as free memory; they make room for a large one.
            let keep = self.available_bytes() / self.chunk_bytes.max(1);
            let mut free = self.free.lock();
            if free.len() > keep {
                free.truncate(keep);
            }
        }
        BytesMut::with_capacity(size_bytes)
    }

    /// Gives the memory kept for reuse back to the system: no more batches are to come.
    pub(crate) fn forget_kept(&self) {
        *self.free.lock() = Vec::new();
    }

    /// Keeps the memory of a finished batch for the next one, if nobody else holds it and it is of the usual size.
    pub(crate) fn recycle(&self, bytes: Bytes) {
        if let Ok(mut buffer) = bytes.try_into_mut() {
            buffer.clear();
            if buffer.capacity() >= self.chunk_bytes && buffer.capacity() < self.chunk_bytes.saturating_mul(2)
            {
                let mut free = self.free.lock();
                // What is kept must fit beside what is reserved.
                if (free.len() + 1) * self.chunk_bytes <= self.available_bytes() + self.chunk_bytes {
                    free.push(buffer);
                }
            }
        }
    }
}

impl Reservation {
    /// How many bytes are reserved.
    pub(crate) fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Two that together are this one.
    pub(crate) fn halve(mut self) -> (Self, Self) {
        let half =
            Self { pool: Arc::clone(&self.pool), permits: self.permits / 2, size_bytes: self.size_bytes / 2 };
        self.permits -= half.permits;
        self.size_bytes -= half.size_bytes;
        (self, half)
    }

    /// The pool it came from.
    pub(crate) fn pool(&self) -> &Arc<BufferPool> {
        &self.pool
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.pool.give_back(self.permits);
    }
}

/// See [`BufferPool::hold`].
#[derive(Debug)]
pub(crate) struct Held<'a>(&'a BufferPool);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.0.holders.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.give_out();
        }
    }
}

/// Counts a caller that waits, also when its future is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn never_more_than_the_total_and_back_to_all() {
        let pool = BufferPool::new(100, 40);
        let first = pool.try_reserve(40).unwrap();
        let second = pool.try_reserve(60).unwrap();
        assert!(pool.try_reserve(1).is_none());
        assert_eq!(pool.available_bytes(), 0);
        drop((first, second));
        assert_eq!(pool.available_bytes(), 100);
    }

    #[test]
    fn waiting_gets_memory_when_it_returns_and_leaves_no_trace_when_given_up() {
        let pool = BufferPool::new(100, 40);
        let held = pool.try_reserve(80).unwrap();
        let mut waiting = Box::pin(pool.reserve(40));
        assert!(waiting.as_mut().now_or_never().is_none());
        assert!(pool.is_exhausted());
        let mut given_up = Box::pin(pool.reserve(40));
        assert!(given_up.as_mut().now_or_never().is_none());
        drop(given_up);
        drop(held);
        let got = waiting.as_mut().now_or_never().unwrap().unwrap();
        assert_eq!(got.size_bytes(), 40);
        drop((waiting, got));
        assert!(!pool.is_exhausted());
        assert_eq!(pool.available_bytes(), 100);
    }

    #[test]
    fn what_returns_while_held_is_given_out_at_once() {
        let pool = BufferPool::new(100, 40);
        let (first, second) = (pool.try_reserve(50).unwrap(), pool.try_reserve(50).unwrap());
        let mut waiting = Box::pin(pool.reserve(40));
        assert!(waiting.as_mut().now_or_never().is_none());
        let held = pool.hold();
        drop(first);
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(second);
        drop(held);
        assert!(waiting.as_mut().now_or_never().is_some());
        assert_eq!(pool.available_bytes(), 100);
    }

    #[test]
    fn buffers_are_kept_for_reuse_until_the_end() {
        let pool = BufferPool::new(100, 40);
        pool.recycle(pool.buffer(40).freeze());
        assert_eq!(pool.free.lock().len(), 1);
        drop(pool.buffer(40));
        assert!(pool.free.lock().is_empty(), "the kept one was used");
        pool.recycle(pool.buffer(40).freeze());
        pool.forget_kept();
        assert!(pool.free.lock().is_empty());
    }

    #[test]
    fn more_than_the_whole_pool_is_refused_at_once() {
        let pool = BufferPool::new(100, 40);
        assert!(pool.try_reserve(101).is_none());
        assert!(pool.reserve(101).now_or_never().unwrap().is_none());
    }

    #[test]
    fn pools_beyond_two_gigabytes_count_in_larger_units() {
        let pool = BufferPool::new(1 << 34, 16_384);
        let held = pool.try_reserve(1 << 33).unwrap();
        assert!(pool.available_bytes() <= 1 << 33);
        drop(held);
        assert_eq!(pool.available_bytes(), pool.total_bytes());
    }

    #[test]
    fn buffers_are_reused_only_when_nobody_else_holds_them() {
        let pool = BufferPool::new(1_000, 100);
        let mut buffer = pool.buffer(100);
        buffer.extend_from_slice(b"abc");
        let address = buffer.as_ptr();
        let bytes = buffer.freeze();
        let held = bytes.clone();
        pool.recycle(bytes);
        assert_ne!(pool.buffer(100).as_ptr(), address);
        pool.recycle(held);
        let again = pool.buffer(100);
        assert_eq!(again.as_ptr(), address);
        assert!(again.is_empty());
    }
}
