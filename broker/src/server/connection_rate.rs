//! When the next connection may be served, at so many a second. **machine**
//!
//! A clock per key that runs ahead of time by what was let in: who comes in too fast is asked to wait, not refused, so that
//! many clients that start together behind one address all get in, a few seconds apart. Who would wait for too long is refused
//! and not counted: it takes nobody's turn.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Keys that are looked at before the idle ones among them are forgotten.
const KEYS_BEFORE_CLEANUP: usize = 1024;

/// At most `per_second` a second for each key, after as many at once.
#[derive(Debug)]
pub(super) struct ConnectionRate<K> {
    interval: Duration,
    burst: Duration,
    /// When what a key had so far will have been earned.
    earned_at: BTreeMap<K, Instant>,
    cleanup_at: usize,
}

impl<K: Ord> ConnectionRate<K> {
    pub(super) fn new(per_second: usize) -> Self {
        let per_second = u32::try_from(per_second.max(1)).unwrap_or(u32::MAX);
        let interval = Duration::from_secs(1) / per_second;
        Self {
            interval,
            burst: interval * (per_second - 1),
            earned_at: BTreeMap::new(),
            cleanup_at: KEYS_BEFORE_CLEANUP,
        }
    }

    /// Counts one for `key` and gives how long it has to wait; `None` when that is longer than `max_wait`.
    pub(super) fn admit(&mut self, key: K, now: Instant, max_wait: Duration) -> Option<Duration> {
        if self.earned_at.len() >= self.cleanup_at {
            self.earned_at.retain(|_, earned_at| *earned_at > now);
            self.cleanup_at = (self.earned_at.len() * 2).max(KEYS_BEFORE_CLEANUP);
        }
        let earned_at = self.earned_at.entry(key).or_insert(now);
        let start = (*earned_at).max(now);
        let wait = start.saturating_duration_since(now).saturating_sub(self.burst);
        if wait > max_wait {
            return None;
        }
        *earned_at = start + self.interval;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_env::Env;

    impl<K: Ord> ConnectionRate<K> {
        /// The wait of one that waits for as long as it takes.
        fn wait(&mut self, key: K, now: Instant) -> Duration {
            self.admit(key, now, Duration::MAX).unwrap()
        }
    }

    #[test]
    fn who_would_wait_for_too_long_is_refused_and_takes_no_turn() {
        let mut rate = ConnectionRate::new(2);
        let now = Env::system().now();
        let max_wait = Duration::from_secs(1);
        let waits: Vec<_> = (0..100).filter_map(|_| rate.admit("one", now, max_wait)).collect();
        assert_eq!(waits.iter().map(Duration::as_millis).collect::<Vec<_>>(), [0, 0, 500, 1000]);
        let later = now + Duration::from_millis(500);
        assert_eq!(rate.admit("one", later, max_wait), Some(max_wait), "the refused have no turn");
        assert_eq!(rate.admit("one", later, max_wait), None);
    }

    #[test]
    fn a_burst_passes_and_then_each_waits_its_turn() {
        let mut rate = ConnectionRate::new(50);
        let now = Env::system().now();
        let waits: Vec<_> = (0..60).map(|_| rate.wait("one", now).as_millis()).collect();
        assert!(waits[..50].iter().all(|wait| *wait == 0), "{waits:?}");
        assert_eq!(waits[50..], [20, 40, 60, 80, 100, 120, 140, 160, 180, 200]);
        assert_eq!(rate.wait("other", now), Duration::ZERO);
        assert_eq!(rate.wait("one", now + Duration::from_secs(1)), Duration::ZERO);
    }

    #[test]
    fn one_a_second_is_one_a_second() {
        let mut rate = ConnectionRate::new(1);
        let now = Env::system().now();
        assert_eq!(rate.wait((), now), Duration::ZERO);
        assert_eq!(rate.wait((), now), Duration::from_secs(1));
    }

    #[test]
    fn who_is_idle_is_forgotten() {
        let mut rate = ConnectionRate::new(50);
        let now = Env::system().now();
        for key in 0..100_000_u64 {
            // A thousand addresses a second, each of them once.
            rate.wait(key, now + Duration::from_millis(key));
        }
        assert!(rate.earned_at.len() <= KEYS_BEFORE_CLEANUP, "{}", rate.earned_at.len());
    }
}
