//! The bounds that a peer can run into: each is counted, and told of in the log once a minute.
//!
//! Owns what there is to be counted and which setting moves each bound. Does not know the bounds themselves: they are
//! kept where what they bound is.

use ottla_env::Env;
use parking_lot::Mutex;
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

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
        if let Some(more) = hits.gate.pass(self.env.now()) {
            tracing::warn!(?limit, %peer, setting = limit.setting(), more, "a limit is reached");
        }
    }
}

/// Between two lines of one kind in the log.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Lets one log line a minute through, so that a peer cannot fill the log; the line tells how many were kept back.
#[derive(Debug)]
pub(crate) struct LogGate(Mutex<Gate>);

#[derive(Debug)]
struct Gate {
    /// `None` until the first line.
    opens_at: Option<Instant>,
    suppressed: u64,
}

impl LogGate {
    /// A gate that is open.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Gate { opens_at: None, suppressed: 0 }))
    }

    /// `Some` with the number of lines kept back since the last, when a line may be written.
    pub(crate) fn pass(&self, now: Instant) -> Option<u64> {
        let mut gate = self.0.lock();
        if gate.opens_at.is_some_and(|opens_at| now < opens_at) {
            gate.suppressed += 1;
            return None;
        }
        gate.opens_at = Some(now + LOG_INTERVAL);
        Some(std::mem::take(&mut gate.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::BROKER_KEYS;
    use std::io;
    use std::sync::Arc;

    #[test]
    fn one_line_a_minute() {
        let gate = LogGate::new();
        let start = Env::system().now();
        let passed = [0, 1, 59, 60, 61].map(|second| gate.pass(start + Duration::from_secs(second)));
        assert_eq!(passed, [Some(0), None, None, Some(2), None]);
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
