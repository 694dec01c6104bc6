//! Making a consumer.

use crate::client::Client;
use crate::config::ConsumerConfig;
use crate::consumer::core::Core;
use crate::consumer::driver::{self, Shared, State};
use crate::consumer::{Consumer, RebalanceListener};
use crate::error::Error;
use ottla_env::Env;
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use tokio::sync::Notify;

/// Collects options by Kafka's names. Later values of one name win.
#[derive(Default)]
pub struct ConsumerBuilder {
    options: Vec<(String, String)>,
    listener: Option<Arc<dyn RebalanceListener>>,
    env: Option<Env>,
}

impl ConsumerBuilder {
    /// Sets one option, such as `bootstrap.servers` or `group.id`.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        let name = name.into();
        self.options.retain(|(known, _)| *known != name);
        self.options.push((name, value.to_string()));
        self
    }

    /// Sets several options.
    #[must_use]
    pub fn set_all<N: Into<String>, V: ToString>(self, options: impl IntoIterator<Item = (N, V)>) -> Self {
        options.into_iter().fold(self, |builder, (name, value)| builder.set(name, value))
    }

    /// Hooks that are awaited inside polls when the assignment changes.
    #[must_use]
    pub fn rebalance_listener(mut self, listener: impl RebalanceListener) -> Self {
        self.listener = Some(Arc::new(listener));
        self
    }

    /// The world the consumer lives in: clocks, network, randomness. The real one unless a simulation is wanted.
    #[must_use]
    pub fn env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// Checks the options and starts the consumer, within a tokio runtime. Brokers are connected to in the background.
    ///
    /// Errors: `Config` names the option and what is wrong with it.
    pub async fn build(self) -> Result<Consumer, Error> {
        let config = ConsumerConfig::from_map(self.options)?;
        start(self.env.unwrap_or_else(Env::system), config, self.listener)
    }
}

pub(super) fn start(
    env: Env,
    config: ConsumerConfig,
    listener: Option<Arc<dyn RebalanceListener>>,
) -> Result<Consumer, Error> {
    let config = Arc::new(config);
    let client = Client::start(env.clone(), config.common.clone())?;
    let core = Core::new(config.clone(), env.rng("group member"), env.rng("commits"), env.now());
    let shared = Arc::new(Shared {
        client,
        config,
        state: Mutex::new(State { core, waiters: BTreeMap::new(), dropped: false }),
        driver_wake: Notify::new(),
        user_wake: Notify::new(),
        env,
    });
    // It ends by itself when the consumer is closed or dropped.
    shared.env.spawn("consumer", driver::run(shared.clone())).detach();
    Ok(Consumer {
        shared,
        listener,
        polling: AtomicBool::new(false),
        closing: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        received: Mutex::new(VecDeque::new()),
        seen: AtomicUsize::new(0),
    })
}
