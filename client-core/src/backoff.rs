//! Exponential pauses with seeded jitter. A **machine**: randomness is handed in.

use ottla_env::Rng;
use rand::RngExt;
use std::time::Duration;

/// Kafka's jitter: ± 20 %.
const JITTER: f64 = 0.2;

/// Grows a pause twofold per failure up to a bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
}

impl Backoff {
    /// From `first`, twofold, up to `longest`.
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self { first: first.min(longest), longest }
    }

    /// The pause after `failures` failures in a row (1 after the first), with jitter.
    pub(crate) fn pause(&self, failures: u32, rng: &mut Rng) -> Duration {
        let doublings = failures.saturating_sub(1).min(30);
        let plain = self.first.saturating_mul(1 << doublings).min(self.longest);
        if plain.is_zero() {
            return plain;
        }
        let factor = rng.random_range(1.0 - JITTER..=1.0 + JITTER);
        plain.mul_f64(factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_env::RngRoot;

    #[test]
    fn pauses_double_up_to_the_bound_within_the_jitter() {
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        let mut rng = RngRoot::from_seed(1).child("backoff");
        for (failures, plain) in [(1, 100u64), (2, 200), (3, 400), (4, 800), (5, 1_000), (4_000, 1_000)] {
            let pause = backoff.pause(failures, &mut rng).as_micros();
            let plain = u128::from(plain) * 1_000;
            assert!((plain * 8 / 10..=plain * 12 / 10).contains(&pause), "{failures}: {pause}");
        }
    }

    #[test]
    fn zero_stays_zero() {
        let backoff = Backoff::new(Duration::ZERO, Duration::ZERO);
        assert_eq!(backoff.pause(3, &mut RngRoot::from_seed(1).child("backoff")), Duration::ZERO);
    }
}
