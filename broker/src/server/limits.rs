//! Bounds that all connections of a broker share: how many there may be, from where, and how much they may hold.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Frames at least this large count against the shared budget; smaller ones fit the read buffer each connection has.
const COUNTED_FRAME_BYTES: usize = 64 * 1024;
const BUDGET_UNIT_BYTES: usize = 1024;

/// Shared by every listener of one broker.
#[derive(Debug)]
pub(crate) struct Limits {
    max_connections: usize,
    max_connections_per_ip: usize,
    connections: Mutex<Connections>,
    budget: Arc<Semaphore>,
    budget_units: usize,
}

#[derive(Debug, Default)]
struct Connections {
    total: usize,
    per_ip: BTreeMap<IpAddr, usize>,
}

/// The right to one connection; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limits: Arc<Limits>,
    ip: IpAddr,
}

impl Limits {
    /// `max.connections`, `max.connections.per.ip` and the bytes that frames in flight may take together.
    pub(crate) fn new(
        max_connections: usize,
        max_connections_per_ip: usize,
        max_inflight_bytes: usize,
    ) -> Self {
        let budget_units = (max_inflight_bytes / BUDGET_UNIT_BYTES).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            max_connections,
            max_connections_per_ip,
            connections: Mutex::default(),
            budget: Arc::new(Semaphore::new(budget_units)),
            budget_units,
        }
    }

    /// A place for a connection from `ip`, or `None` when there is none left. Connections from this machine are not
    /// counted per address: whoever runs here has other means already.
    pub(crate) fn connect(self: &Arc<Self>, ip: IpAddr) -> Option<ConnectionPermit> {
        let mut connections = self.connections.lock();
        if connections.total >= self.max_connections {
            return None;
        }
        let from_here = connections.per_ip.entry(ip).or_insert(0);
        if *from_here >= self.max_connections_per_ip && !ip.to_canonical().is_loopback() {
            return None;
        }
        *from_here += 1;
        connections.total += 1;
        Some(ConnectionPermit { limits: self.clone(), ip })
    }

    /// Room for a frame of `size_bytes`; `None` when it is too small to count. Waits while the budget is taken.
    pub(crate) async fn reserve(&self, size_bytes: usize) -> Option<OwnedSemaphorePermit> {
        if size_bytes < COUNTED_FRAME_BYTES {
            return None;
        }
        // A frame larger than the whole budget may pass alone.
        let units = size_bytes.div_ceil(BUDGET_UNIT_BYTES).min(self.budget_units);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        self.budget.clone().acquire_many_owned(units).await.ok()
    }

    /// Connections there are now.
    pub(crate) fn connection_count(&self) -> usize {
        self.connections.lock().total
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut connections = self.limits.connections.lock();
        connections.total -= 1;
        if let Some(from_here) = connections.per_ip.get_mut(&self.ip) {
            *from_here -= 1;
            if *from_here == 0 {
                connections.per_ip.remove(&self.ip);
            }
        }
    }
}

/// Lets one log line a minute through, so that a peer cannot fill the log; the line tells how many were kept back.
#[derive(Debug)]
pub(crate) struct LogGate {
    next_ms: AtomicI64,
    suppressed: AtomicU64,
}

impl LogGate {
    /// A gate that is open.
    pub(crate) const fn new() -> Self {
        Self { next_ms: AtomicI64::new(i64::MIN), suppressed: AtomicU64::new(0) }
    }

    /// `Some` with the number of lines kept back since the last, when a line may be written.
    pub(crate) fn pass(&self, now_ms: i64) -> Option<u64> {
        let next_ms = self.next_ms.load(Ordering::Relaxed);
        let passed = now_ms >= next_ms
            && self
                .next_ms
                .compare_exchange(next_ms, now_ms + 60_000, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if passed {
            return Some(self.suppressed.swap(0, Ordering::Relaxed));
        }
        self.suppressed.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let limits = Arc::new(Limits::new(3, 2, 1 << 20));
        let far: IpAddr = "10.0.0.1".parse().unwrap();
        let near: IpAddr = "127.0.0.1".parse().unwrap();
        let first = limits.connect(far).unwrap();
        let _second = limits.connect(far).unwrap();
        assert!(limits.connect(far).is_none(), "two per address");
        let _third = limits.connect(near).unwrap();
        assert!(limits.connect(near).is_none(), "three in all");
        drop(first);
        assert!(limits.connect(far).is_some());
    }

    #[test]
    fn loopback_is_not_counted_per_address() {
        let limits = Arc::new(Limits::new(10, 1, 1 << 20));
        let near: IpAddr = "::ffff:127.0.0.1".parse().unwrap();
        let kept: Vec<_> = (0..3).map(|_| limits.connect(near).unwrap()).collect();
        assert_eq!(limits.connection_count(), kept.len());
    }

    #[tokio::test]
    async fn large_frames_wait_for_room_and_giants_pass_alone() {
        let limits = Limits::new(1, 1, 1 << 20);
        assert!(limits.reserve(100).await.is_none());
        let giant = limits.reserve(1 << 30).await;
        assert!(giant.is_some());
        let mut waiting = Box::pin(limits.reserve(1 << 17));
        assert!(futures_util::FutureExt::now_or_never(waiting.as_mut()).is_none());
        drop(giant);
        assert!(waiting.await.is_some());
    }

    #[test]
    fn one_line_a_minute() {
        let gate = LogGate::new();
        assert_eq!(gate.pass(1_000), Some(0));
        assert_eq!(gate.pass(2_000), None);
        assert_eq!(gate.pass(61_000), Some(1));
    }
}
