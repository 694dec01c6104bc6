//! What a driver may reach of the world: a clock, randomness, the network and tasks.
//!
//! Decisions in Ottla are pure state machines; the drivers that feed them get everything that is not a decision from an
//! [`Env`]. Production uses [`Env::system`]; tests hand in simulated parts, so that a whole cluster can run from one seed.
//! This crate knows nothing of Kafka. Disks are the broker's own affair and live there.

mod clock;
mod net;
mod rng;
mod task;

pub use clock::{Clock, SystemClock};
pub use net::{BoxFuture, ByteStream, ConnectOptions, Listener, Net, Stream, SystemNet};
pub use rng::{Rng, RngRoot};
pub use task::Task;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Handle to the world, cheap to clone.
#[derive(Clone)]
pub struct Env {
    clock: Arc<dyn Clock>,
    net: Arc<dyn Net>,
    rng: Arc<RngRoot>,
}

impl Env {
    /// The real clock, network and operating-system randomness.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock::new()), Arc::new(SystemNet), RngRoot::from_system())
    }

    /// A world of the caller's own making.
    pub fn new(clock: Arc<dyn Clock>, net: Arc<dyn Net>, rng: RngRoot) -> Self {
        Self { clock, net, rng: Arc::new(rng) }
    }

    /// Monotonic time: elections, sessions and timeouts use this one only.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Wall-clock time in milliseconds since the Unix epoch: record timestamps and retention. It may jump.
    pub fn wall_ms(&self) -> i64 {
        self.clock.wall_ms()
    }

    /// Waits until `deadline` on the monotonic clock.
    pub async fn sleep_until(&self, deadline: Instant) {
        self.clock.sleep_until(deadline).await;
    }

    /// Waits for `duration` on the monotonic clock.
    pub async fn sleep(&self, duration: Duration) {
        self.clock.sleep_until(self.now() + duration).await;
    }

    /// Runs `future` until `deadline`; `None` when the deadline came first.
    pub async fn timeout_at<F: Future>(&self, deadline: Instant, future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = self.clock.sleep_until(deadline) => None,
        }
    }

    /// The network.
    pub fn net(&self) -> &Arc<dyn Net> {
        &self.net
    }

    /// A generator of its own for the part called `name`: the same root seed and name give the same sequence.
    pub fn rng(&self, name: &str) -> Rng {
        self.rng.child(name)
    }

    /// Starts a task on the current tokio runtime. Dropping the [`Task`] aborts it; [`Task::detach`] lets it go on.
    ///
    /// Panics outside a tokio runtime: callers are drivers, which always have one.
    pub fn spawn<F>(&self, name: &'static str, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        task::spawn(name, future)
    }

    /// Runs blocking work (a sync, a scan of a file) beside the async tasks.
    pub async fn spawn_blocking<F, T>(&self, work: F) -> T
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        task::run_blocking(work).await
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env").finish_non_exhaustive()
    }
}
