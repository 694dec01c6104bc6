//! Time: monotonic for every timeout, wall time for timestamps.

use crate::net::BoxFuture;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A node's two clocks.
pub trait Clock: Send + Sync + 'static {
    /// Monotonic time.
    fn now(&self) -> Instant;
    /// Milliseconds since the Unix epoch; may jump in either direction.
    fn wall_ms(&self) -> i64;
    /// Completes once `now() >= deadline`.
    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'_, ()>;
}

/// The machine's clocks, through tokio's timer (so that a paused tokio clock in a test is obeyed).
#[derive(Debug, Default)]
pub struct SystemClock {}

impl SystemClock {
    /// A handle to the machine's clocks.
    pub fn new() -> Self {
        Self {}
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // This is the one place that may ask.
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    #[allow(clippy::disallowed_methods)] // This is the one place that may ask.
    fn wall_ms(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        }
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep_until(deadline.into()))
    }
}
