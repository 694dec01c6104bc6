//! What handlers share: one value per broker.

use crate::config::BrokerConfig;
use crate::controller::Controller;
use crate::metadata::MetadataPublisher;
use ottla_env::Env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Everything a handler may reach.
pub(crate) struct BrokerContext {
    /// Clock, randomness, network, tasks.
    pub(crate) env: Env,
    /// The configuration the broker started with.
    pub(crate) config: Arc<BrokerConfig>,
    /// `node.id`, looked up once.
    pub(crate) node_id: i32,
    /// The principal of whoever did not authenticate.
    pub(crate) anonymous: Arc<str>,
    /// The cluster's metadata.
    pub(crate) metadata: Arc<MetadataPublisher>,
    /// Changes to the cluster's metadata.
    pub(crate) controller: Arc<Controller>,
    pub(crate) stopping: AtomicBool,
}

impl BrokerContext {
    /// Whether the broker is about to end: nothing new should be begun.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}
