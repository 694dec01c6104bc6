//! The cluster's metadata at one offset of the metadata log, immutable and cheap to clone.
//!
//! Owns the shape of the image. Does not know how it comes about (`controller`, `quorum`) nor who acts on it.

use crate::config::BrokerConfig;
use imbl::{HashMap, OrdMap};
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// What was set on one resource, by key.
pub(crate) type ConfigValues = OrdMap<Arc<str>, Arc<str>>;

/// Everything the cluster agreed upon.
#[derive(Clone, Debug)]
pub(crate) struct MetadataImage {
    /// Offset of the last record of the metadata log in this image; -1 before the first.
    pub(crate) offset: i64,
    /// Identity of the cluster, Kafka's 22 letters.
    pub(crate) cluster_id: Arc<str>,
    /// The node whose controller is active.
    pub(crate) controller_id: i32,
    /// Counts the controllers.
    pub(crate) controller_epoch: i32,
    /// Registered brokers by node id.
    pub(crate) brokers: OrdMap<i32, Arc<BrokerImage>>,
    /// Topics by name.
    pub(crate) topics: OrdMap<Arc<str>, Arc<TopicImage>>,
    /// Names of topics by id.
    pub(crate) topic_names: HashMap<Uuid, Arc<str>>,
    /// Values that were set on resources, by kind and name (Kafka's resource types: 2 topic, 4 broker, 32 group, …).
    pub(crate) configs: OrdMap<(i8, Arc<str>), ConfigValues>,
    /// Finalized feature levels.
    pub(crate) features: OrdMap<Arc<str>, i16>,
    /// First producer id of the next block.
    pub(crate) next_producer_id: i64,
}

/// Resource type of topics in [`MetadataImage::configs`].
pub(crate) const TOPIC_RESOURCE: i8 = 2;

/// Resource type of brokers; the empty name stands for all of them.
pub(crate) const BROKER_RESOURCE: i8 = 4;

/// Resource type of groups.
pub(crate) const GROUP_RESOURCE: i8 = 32;

/// A registered broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BrokerImage {
    /// Its node id.
    pub(crate) node_id: i32,
    /// Epoch of its registration.
    pub(crate) broker_epoch: i64,
    /// Listener name → host and port clients are told. An empty host: the address the client came in by.
    pub(crate) endpoints: Vec<(Arc<str>, Arc<str>, u16)>,
    /// `broker.rack`.
    pub(crate) rack: Option<Arc<str>>,
    /// A fenced broker leads nothing and is not shown to clients.
    pub(crate) fenced: bool,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicImage {
    /// Its id, new for each creation.
    pub(crate) id: Uuid,
    /// Its name.
    pub(crate) name: Arc<str>,
    /// Its partitions; the index is the partition's number.
    pub(crate) partitions: Vec<PartitionImage>,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartitionImage {
    /// Node id of the leader; -1 for none.
    pub(crate) leader: i32,
    /// Counts leaders.
    pub(crate) leader_epoch: i32,
    /// Counts changes of any kind.
    pub(crate) partition_epoch: i32,
    /// Node ids of the replicas, the preferred leader first.
    pub(crate) replicas: Vec<i32>,
    /// Node ids of the replicas in sync.
    pub(crate) isr: Vec<i32>,
    /// Eligible leader replicas (KIP-966).
    pub(crate) elr: Vec<i32>,
    /// Last known eligible leaders (KIP-966).
    pub(crate) last_known_elr: Vec<i32>,
}

impl MetadataImage {
    /// A cluster with nothing in it.
    pub(crate) fn empty(cluster_id: Arc<str>) -> Self {
        Self {
            offset: -1,
            cluster_id,
            controller_id: -1,
            controller_epoch: -1,
            brokers: OrdMap::new(),
            topics: OrdMap::new(),
            topic_names: HashMap::new(),
            configs: OrdMap::new(),
            features: OrdMap::new(),
            next_producer_id: 0,
        }
    }

    /// The topic called `name`.
    pub(crate) fn topic(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.topics.get(name)
    }

    /// The topic with `id`.
    pub(crate) fn topic_by_id(&self, id: Uuid) -> Option<&Arc<TopicImage>> {
        self.topic_names.get(&id).and_then(|name| self.topics.get(name))
    }

    /// What was set on the topic called `name`.
    pub(crate) fn topic_configs(&self, name: &str) -> OrdMap<Arc<str>, Arc<str>> {
        self.configs.get(&(TOPIC_RESOURCE, Arc::from(name))).cloned().unwrap_or_default()
    }

    /// `file`, the configuration a broker was started with, under the values set at run time on all brokers and on it.
    pub(crate) fn effective_broker_config<'a>(&self, file: &'a BrokerConfig) -> Cow<'a, BrokerConfig> {
        let layer = |name: &str| self.configs.get(&(BROKER_RESOURCE, Arc::from(name)));
        let layers = [layer(""), layer(&file.node_id().to_string())];
        if layers.iter().all(Option::is_none) {
            return Cow::Borrowed(file);
        }
        Cow::Owned(file.overridden(layers.into_iter().flatten()))
    }

    /// Whether the node is registered and not fenced.
    pub(crate) fn is_alive(&self, node_id: i32) -> bool {
        self.brokers.get(&node_id).is_some_and(|broker| !broker.fenced)
    }
}

/// Topics that belong to the broker itself; clients may read them and not write them.
pub(crate) fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}

/// Why `name` cannot name a topic, or `None` when it can: Kafka's rule.
pub(crate) fn topic_name_problem(name: &str) -> Option<&'static str> {
    const MAX_BYTES: usize = 249;
    if name.is_empty() {
        Some("Topic name is invalid: the empty string is not allowed")
    } else if name == "." || name == ".." {
        Some("Topic name is invalid: '.' and '..' are not allowed")
    } else if name.len() > MAX_BYTES {
        Some("Topic name is invalid: the length of the name cannot be longer than 249")
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
        Some(
            "Topic name is invalid: it contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
        )
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_names_follow_kafkas_rule() {
        for good in ["a", "...", "A.b_c-9", &"x".repeat(249)] {
            assert_eq!(topic_name_problem(good), None, "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "ä", "a\0", &"x".repeat(250)] {
            assert!(topic_name_problem(bad).is_some(), "{bad}");
        }
    }
}
