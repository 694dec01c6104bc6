//! Bounds that all connections of a broker share: how many there may be, from where, how fast they may come, and how much
//! they may hold.
//!
//! The bounds per address that nobody configured do not count connections from this machine: whoever runs here has other
//! means already, and tools and tests open many. A bound that is set counts for every address, as in Kafka.

use super::connection_rate::ConnectionRate;
use crate::config::BrokerConfig;
use crate::limits::{Limit, LimitHits};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Frames at least this large count against the shared budget; smaller ones fit the read buffer each connection has.
const COUNTED_FRAME_BYTES: usize = 64 * 1024;
const BUDGET_UNIT_BYTES: usize = 1024;
/// No connection waits for longer because its address is too fast: its client would have given up.
const MAX_RATE_WAIT: Duration = Duration::from_secs(5);

/// What [`Limits`] go by.
#[derive(Debug)]
pub(crate) struct LimitSettings {
    /// `max.connections`.
    pub(crate) max_connections: usize,
    /// `max.connections.per.ip`.
    pub(crate) max_connections_per_ip: usize,
    /// `max.connections.per.ip.overrides`, resolved.
    pub(crate) overrides: BTreeMap<IpAddr, usize>,
    /// `max.connection.creation.rate`.
    pub(crate) connections_per_second: usize,
    /// `ottla.max.connection.creation.rate.per.ip`.
    pub(crate) connections_per_second_per_ip: usize,
    /// Whether connections from this machine count in `max_connections_per_ip`.
    pub(crate) counts_loopback: bool,
    /// Whether connections from this machine count in `connections_per_second_per_ip`.
    pub(crate) paces_loopback: bool,
    /// `ottla.socket.max.inflight.bytes`: what frames in flight may take together.
    pub(crate) max_inflight_bytes: usize,
}

impl LimitSettings {
    /// What `config` says; `overrides` are its hosts, resolved.
    pub(crate) fn new(config: &BrokerConfig, overrides: BTreeMap<IpAddr, usize>) -> Self {
        let per_ip = Limit::ConnectionsPerIp.setting();
        let rate_per_ip = Limit::ConnectionRatePerIp.setting();
        Self {
            max_connections: config.size("max.connections"),
            max_connections_per_ip: config.size("max.connections.per.ip"),
            overrides,
            connections_per_second: config.size("max.connection.creation.rate"),
            connections_per_second_per_ip: config.size("ottla.max.connection.creation.rate.per.ip"),
            counts_loopback: config.is_explicit(per_ip),
            paces_loopback: config.is_explicit(rate_per_ip),
            max_inflight_bytes: config.size("ottla.socket.max.inflight.bytes"),
        }
    }
}

/// Shared by every listener of one broker.
#[derive(Debug)]
pub(crate) struct Limits {
    settings: LimitSettings,
    hits: Arc<LimitHits>,
    connections: Mutex<Connections>,
    budget: Arc<Semaphore>,
    budget_units: usize,
}

#[derive(Debug)]
struct Connections {
    total: usize,
    per_ip: BTreeMap<IpAddr, usize>,
    rate: ConnectionRate<()>,
    rate_per_ip: ConnectionRate<IpAddr>,
}

/// The right to one connection; dropping it gives the place back.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    limits: Arc<Limits>,
    ip: IpAddr,
    /// How long it has to wait before it is served.
    pub(crate) wait: Duration,
}

impl Limits {
    pub(crate) fn new(settings: LimitSettings, hits: Arc<LimitHits>) -> Self {
        let budget_units = (settings.max_inflight_bytes / BUDGET_UNIT_BYTES).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            hits,
            connections: Mutex::new(Connections {
                total: 0,
                per_ip: BTreeMap::new(),
                rate: ConnectionRate::new(settings.connections_per_second),
                rate_per_ip: ConnectionRate::new(settings.connections_per_second_per_ip),
            }),
            budget: Arc::new(Semaphore::new(budget_units)),
            budget_units,
            settings,
        }
    }

    /// How long to wait before the next connection is accepted at all.
    pub(crate) fn pace(&self, now: Instant) -> Duration {
        // What waits stays in the kernel's backlog, one at a time: no client waits for more than that.
        self.connections.lock().rate.admit((), now, Duration::MAX).unwrap_or_default()
    }

    /// A place for a connection from `ip`, or the limit that leaves none.
    ///
    /// One that comes too fast gets its place, and a wait with it: it is served late rather than refused, and since it
    /// counts meanwhile, those that wait are no more than one address may have. Nobody waits beyond [`MAX_RATE_WAIT`].
    pub(crate) fn connect(self: &Arc<Self>, ip: IpAddr, now: Instant) -> Result<ConnectionPermit, Limit> {
        let settings = &self.settings;
        let ip = ip.to_canonical();
        let mut connections = self.connections.lock();
        if connections.total >= settings.max_connections {
            return Err(Limit::Connections);
        }
        let from_here = connections.per_ip.get(&ip).copied().unwrap_or(0);
        let max_from_here = match settings.overrides.get(&ip) {
            Some(max) => *max,
            None if ip.is_loopback() && !settings.counts_loopback => usize::MAX,
            None => settings.max_connections_per_ip,
        };
        if from_here >= max_from_here {
            return Err(Limit::ConnectionsPerIp);
        }
        let wait = if ip.is_loopback() && !settings.paces_loopback {
            Duration::ZERO
        } else {
            connections.rate_per_ip.admit(ip, now, MAX_RATE_WAIT).ok_or(Limit::ConnectionRatePerIp)?
        };
        connections.per_ip.insert(ip, from_here + 1);
        connections.total += 1;
        Ok(ConnectionPermit { limits: self.clone(), ip, wait })
    }

    /// Room for a frame of `size_bytes` of `peer`; `None` when it is too small to count. Waits while the budget is taken.
    pub(crate) async fn reserve(
        &self,
        size_bytes: usize,
        peer: &(dyn Display + Sync),
    ) -> Option<OwnedSemaphorePermit> {
        if size_bytes < COUNTED_FRAME_BYTES {
            return None;
        }
        // A frame larger than the whole budget may pass alone.
        let units = size_bytes.div_ceil(BUDGET_UNIT_BYTES).min(self.budget_units);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        if let Ok(room) = self.budget.clone().try_acquire_many_owned(units) {
            return Some(room);
        }
        self.hits.hit(Limit::InflightBytes, &peer);
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

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_env::Env;

    fn settings(max_connections: usize, max_connections_per_ip: usize) -> LimitSettings {
        LimitSettings {
            max_connections,
            max_connections_per_ip,
            overrides: BTreeMap::new(),
            connections_per_second: 1000,
            connections_per_second_per_ip: 2,
            counts_loopback: false,
            paces_loopback: false,
            max_inflight_bytes: 1 << 20,
        }
    }

    fn limits(settings: LimitSettings) -> (Arc<Limits>, Instant) {
        let env = Env::system();
        let now = env.now();
        (Arc::new(Limits::new(settings, Arc::new(LimitHits::new(env)))), now)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_given_back() {
        let (limits, now) = limits(settings(3, 2));
        let (far, near) = (ip("10.0.0.1"), ip("127.0.0.1"));
        let first = limits.connect(far, now).unwrap();
        let _second = limits.connect(far, now).unwrap();
        assert_eq!(limits.connect(far, now).unwrap_err(), Limit::ConnectionsPerIp);
        let _third = limits.connect(near, now).unwrap();
        assert_eq!(limits.connect(near, now).unwrap_err(), Limit::Connections);
        drop(first);
        assert!(limits.connect(far, now).is_ok());
    }

    #[test]
    fn loopback_counts_only_where_that_was_set() {
        let near = ip("::ffff:127.0.0.1");
        let (spared, now) = limits(settings(10, 1));
        let kept: Vec<_> = (0..5).map(|_| spared.connect(near, now).unwrap()).collect();
        assert!(kept.iter().all(|permit| permit.wait.is_zero()));
        assert_eq!(spared.connection_count(), kept.len());
        let (counted, now) = limits(LimitSettings { counts_loopback: true, ..settings(10, 1) });
        let _first = counted.connect(near, now).unwrap();
        assert_eq!(counted.connect(near, now).unwrap_err(), Limit::ConnectionsPerIp);
        let overrides = BTreeMap::from([(ip("127.0.0.1"), 1)]);
        let (overridden, now) = limits(LimitSettings { overrides, ..settings(10, 9) });
        let _first = overridden.connect(near, now).unwrap();
        assert_eq!(overridden.connect(near, now).unwrap_err(), Limit::ConnectionsPerIp);
    }

    #[test]
    fn an_address_that_is_too_fast_waits_and_no_other_does() {
        let (limits, now) = limits(settings(100, 100));
        let far = ip("10.0.0.1");
        let permits: Vec<_> = (0..4).map(|_| limits.connect(far, now).unwrap()).collect();
        assert_eq!([0, 0, 500, 1000], [0, 1, 2, 3].map(|one: usize| permits[one].wait.as_millis()));
        assert!(limits.connect(ip("10.0.0.2"), now).unwrap().wait.is_zero());
        // The last of those that wait for as long as one may.
        let waiting: Vec<_> = std::iter::from_fn(|| limits.connect(far, now).ok()).collect();
        assert_eq!(waiting.last().unwrap().wait, MAX_RATE_WAIT);
        assert_eq!(limits.connect(far, now).unwrap_err(), Limit::ConnectionRatePerIp);
        assert_eq!(limits.connection_count(), permits.len() + waiting.len());
    }

    #[test]
    fn an_override_wins_both_ways() {
        let (one, many) = (ip("10.0.0.1"), ip("10.0.0.2"));
        let overrides = BTreeMap::from([(one, 0), (many, 3)]);
        let (limits, now) = limits(LimitSettings { overrides, ..settings(10, 1) });
        assert_eq!(limits.connect(one, now).unwrap_err(), Limit::ConnectionsPerIp);
        let kept: Vec<_> = (0..3).map(|_| limits.connect(many, now).unwrap()).collect();
        assert_eq!(limits.connect(many, now).unwrap_err(), Limit::ConnectionsPerIp);
        drop(kept);
    }

    #[tokio::test]
    async fn large_frames_wait_for_room_and_giants_pass_alone() {
        let (limits, _) = limits(settings(1, 1));
        assert!(limits.reserve(100, &"peer").await.is_none());
        let giant = limits.reserve(1 << 30, &"peer").await;
        assert!(giant.is_some());
        let mut waiting = Box::pin(limits.reserve(1 << 17, &"peer"));
        assert!(futures_util::FutureExt::now_or_never(waiting.as_mut()).is_none());
        assert_eq!(limits.hits.count(Limit::InflightBytes), 1);
        drop(giant);
        assert!(waiting.await.is_some());
    }
}
