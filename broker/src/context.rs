//! What handlers share: one value per broker.

use crate::config::BrokerConfig;
use crate::controller::Controller;
use crate::coordinator::GroupCoordinator;
use crate::limits::LimitHits;
use crate::metadata::MetadataPublisher;
use crate::replication::ReplicaManager;
use crate::replication::decompression::Decompression;
use crate::replication::fetch_session::FetchSessions;
use ottla_env::{Env, Rng};
use parking_lot::Mutex;
use std::ops::Range;
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
    /// The cluster's metadata.
    pub(crate) metadata: Arc<MetadataPublisher>,
    /// Changes to the cluster's metadata.
    pub(crate) controller: Arc<Controller>,
    /// The partitions of this node.
    pub(crate) replicas: Arc<ReplicaManager>,
    /// The groups this node coordinates.
    pub(crate) groups: GroupCoordinator,
    /// Sessions of incremental fetches, and where their ids come from.
    pub(crate) fetch_sessions: Mutex<FetchSessionCache>,
    /// `fetch.max.bytes`, looked up once.
    pub(crate) fetch_max_bytes: usize,
    /// What is left of this broker's block of producer ids.
    pub(crate) producer_ids: tokio::sync::Mutex<Range<i64>>,
    /// What peers ran into.
    pub(crate) limits: Arc<LimitHits>,
    /// Room for batches that swell when they are decompressed.
    pub(crate) decompression: Decompression,
    /// Set once, when the broker begins to stop.
    pub(crate) stopping: AtomicBool,
}

/// [`FetchSessions`] with the randomness its ids are made of.
#[derive(Debug)]
pub(crate) struct FetchSessionCache {
    pub(crate) sessions: FetchSessions,
    pub(crate) rng: Rng,
}

impl BrokerContext {
    /// Whether the broker is about to end: nothing new should be begun.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}
