//! Configuring and starting a producer.

use super::partitioner::{Partitioner, Rule};
use super::shared::Shared;
use super::{Handle, Producer, driver};
use crate::client::Client;
use crate::config::ProducerConfig;
use crate::error::{Error, ErrorKind};
use ottla_env::Env;
use std::sync::Arc;
use tokio::runtime::Handle as RuntimeHandle;

/// Collects options by Kafka's names; see [`Producer::builder`].
#[derive(Default)]
pub struct ProducerBuilder {
    options: Vec<(String, String)>,
    partitioner: Option<Arc<dyn Partitioner>>,
    env: Option<Env>,
}

impl ProducerBuilder {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Sets an option; the last value of a name counts.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.options.push((name.into(), value.to_string()));
        self
    }

    /// Sets several options.
    #[must_use]
    pub fn set_all<N: Into<String>, V: ToString>(
        mut self,
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.options.extend(options.into_iter().map(|(name, value)| (name.into(), value.to_string())));
        self
    }

    /// Chooses partitions by a rule of the application's own, for records that name none.
    #[must_use]
    pub fn partitioner(mut self, partitioner: impl Partitioner) -> Self {
        self.partitioner = Some(Arc::new(partitioner));
        self
    }

    /// Runs in a world of the caller's own making: simulated clock, network and randomness.
    #[must_use]
    pub fn env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// Checks the options and starts. Must be called within a tokio runtime, which must outlive the producer.
    ///
    /// Errors: `Config` for options that are unknown, malformed or contradict each other.
    pub async fn build(self) -> Result<Producer, Error> {
        let config = ProducerConfig::from_map(self.options)?;
        start(self.env.unwrap_or_else(Env::system), config, self.partitioner)
    }
}

impl std::fmt::Debug for ProducerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be secrets.
        let names: Vec<_> = self.options.iter().map(|(name, _)| name).collect();
        f.debug_struct("ProducerBuilder").field("options", &names).finish_non_exhaustive()
    }
}

pub(super) fn start(
    env: Env,
    config: ProducerConfig,
    partitioner: Option<Arc<dyn Partitioner>>,
) -> Result<Producer, Error> {
    let runtime = RuntimeHandle::try_current().map_err(|error| {
        Error::new(ErrorKind::InvalidState, "start a producer", "there is no tokio runtime here")
            .with_source(error)
            .with_hint("build the producer within a tokio runtime that outlives it")
    })?;
    let client = Client::start(env.clone(), config.common.clone())?;
    let rule = Rule::new(config.partitioner, config.partitioner_ignore_keys, partitioner);
    let shared = Arc::new(Shared::new(client, config, rule));
    env.spawn("producer", driver::run(Arc::clone(&shared))).detach();
    Ok(Producer(Arc::new(Handle { shared, runtime })))
}
