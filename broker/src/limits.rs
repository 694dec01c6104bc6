//! The bounds that a peer can run into: each is counted, and told of in the log once a minute.
//!
//! Owns what there is to be counted and which setting moves each bound. Does not know the bounds themselves: they are
//! kept where what they bound is.

use ottla_env::Env;
use std::fmt::Display;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// Connections at once.
    Connections,
    /// Connections at once from one address.
    ConnectionsPerIp,
    /// New connections per second.
    ConnectionRate,
    /// New connections per second from one address.
    ConnectionRatePerIp,
    /// Size of a request.
    RequestBytes,
    /// Bytes of all large requests that are being read or handled.
    InflightBytes,
    /// What a batch may decompress to.
    DecompressedBytes,
    /// What all batches that are being checked may decompress to.
    DecompressedInflightBytes,
    /// Topics of the cluster.
    Topics,
    /// Partitions of the cluster.
    Partitions,
    /// Groups of a broker.
    Groups,
    /// Producers that a partition remembers.
    ProducerIds,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 12] = [
        Self::Connections,
        Self::ConnectionsPerIp,
        Self::ConnectionRate,
        Self::ConnectionRatePerIp,
        Self::RequestBytes,
        Self::InflightBytes,
        Self::DecompressedBytes,
        Self::DecompressedInflightBytes,
        Self::Topics,
        Self::Partitions,
        Self::Groups,
        Self::ProducerIds,
    ];

    /// The configuration that moves it; the size of a request goes by what it asks and whether it is the first.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Connections => "max.connections",
            Self::ConnectionsPerIp => "max.connections.per.ip",
            Self::ConnectionRate => "max.connection.creation.rate",
            Self::ConnectionRatePerIp => "ottla.max.connection.creation.rate.per.ip",
            Self::RequestBytes => {
                "socket.request.max.bytes, ottla.request.max.bytes, ottla.first.request.max.bytes"
            }
            Self::InflightBytes => "ottla.socket.max.inflight.bytes",
            Self::DecompressedBytes => "max.decompressed.message.bytes",
            Self::DecompressedInflightBytes => "ottla.max.decompressed.inflight.bytes",
            Self::Topics => "ottla.max.topics",
            Self::Partitions => "ottla.max.partitions",
            Self::Groups => "ottla.max.groups",
            Self::ProducerIds => "ottla.max.producer.ids.per.partition",
        }
    }
}

/// How often each limit was run into since the broker started.
#[derive(Debug)]
pub struct LimitHits {
    env: Env,
    limits: [Hits; Limit::ALL.len()],
}

#[derive(Debug)]
struct Hits {
    count: AtomicU64,
    gate: LogGate,
}

impl LimitHits {
    /// Nothing happened yet.
    pub(crate) fn new(env: Env) -> Self {
        Self { env, limits: Limit::ALL.map(|_| Hits { count: AtomicU64::new(0), gate: LogGate::new() }) }
    }

    /// How often `limit` was run into.
    pub fn count(&self, limit: Limit) -> u64 {
        self.limits[limit as usize].count.load(Ordering::Relaxed)
    }

    /// `peer` ran into `limit`.
    pub(crate) fn hit(&self, limit: Limit, peer: &dyn Display) {
        let hits = &self.limits[limit as usize];
        hits.count.fetch_add(1, Ordering::Relaxed);
        if let Some(more) = hits.gate.pass(self.env.wall_ms()) {
            tracing::warn!(?limit, %peer, setting = limit.setting(), more, "a limit is reached");
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
    use crate::config::BROKER_KEYS;
    use parking_lot::Mutex;
    use std::io;
    use std::sync::Arc;

    #[test]
    fn one_line_a_minute() {
        let gate = LogGate::new();
        assert_eq!(gate.pass(1_000), Some(0));
        assert_eq!(gate.pass(2_000), None);
        assert_eq!(gate.pass(61_000), Some(1));
    }

    /// What was logged.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_line_names_limit_peer_and_setting() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let hits = LimitHits::new(Env::system());
            for peer in ["first", "second"] {
                hits.hit(Limit::Topics, &peer);
            }
        });
        let text = String::from_utf8(lines.0.lock().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        for part in ["Topics", "peer=first", "ottla.max.topics"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn every_limit_has_its_own_count_and_settings_that_exist() {
        let hits = LimitHits::new(Env::system());
        for (before, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, before);
            hits.hit(limit, &"somebody");
            assert_eq!(hits.count(limit), 1);
            for setting in limit.setting().split(", ") {
                assert!(BROKER_KEYS.contains_key(setting), "{setting}");
            }
        }
    }
}
