//! The controller: the only writer of the cluster's metadata.
//!
//! Owns the rules by which topics come to be and producer ids are given out; every change becomes a new image that
//! [`MetadataPublisher`] hands out. Does not know the network nor logs.

mod topics;

pub(crate) use topics::{NewTopic, TopicCreated};

use crate::config::BrokerConfig;
use crate::metadata::{BrokerImage, MetadataDelta, MetadataImage, MetadataPublisher};
use ottla_env::{Env, Rng};
use parking_lot::Mutex;
use std::ops::Range;
use std::sync::Arc;

/// How many producer ids a broker takes at once (KIP-730).
const PRODUCER_ID_BLOCK: i64 = 1000;

/// The one place metadata changes.
pub(crate) struct Controller {
    config: Arc<BrokerConfig>,
    publisher: Arc<MetadataPublisher>,
    /// Held while a change is made, so that changes come one after another; topic ids come from it.
    changing: Mutex<Rng>,
}

impl Controller {
    /// A controller over what `publisher` shows.
    pub(crate) fn new(env: &Env, config: Arc<BrokerConfig>, publisher: Arc<MetadataPublisher>) -> Self {
        Self { config, publisher, changing: Mutex::new(env.rng("controller")) }
    }

    /// Registers this node.
    pub(crate) fn register_broker(&self, broker: BrokerImage) {
        let _changing = self.changing.lock();
        let mut image = MetadataImage::clone(&self.publisher.image());
        image.controller_id = broker.node_id;
        image.offset += 1;
        image.brokers.insert(broker.node_id, Arc::new(broker));
        self.publisher.publish(&MetadataDelta { changed_brokers: true, ..MetadataDelta::default() }, image);
    }

    /// A block of producer ids nobody else gets.
    pub(crate) async fn allocate_producer_ids(&self) -> Range<i64> {
        let _changing = self.changing.lock();
        let mut image = MetadataImage::clone(&self.publisher.image());
        let first = image.next_producer_id;
        image.next_producer_id += PRODUCER_ID_BLOCK;
        image.offset += 1;
        let block = first..image.next_producer_id;
        self.publisher.publish(&MetadataDelta::default(), image);
        block
    }
}
