//! The partitions of this node, found by name or id, kept in step with the cluster's metadata.
//!
//! Lookups take no lock: the table is replaced whole when metadata changes.

use super::partition::Partition;
use crate::config::BrokerConfig;
use crate::limits::Limit;
use crate::log::LogConfig;
use crate::log::LogManager;
use crate::metadata::image::{BROKER_RESOURCE, TOPIC_RESOURCE};
use crate::metadata::{MetadataDelta, MetadataImage, TopicImage};
use arc_swap::ArcSwap;
use imbl::HashMap;
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// The partitions of one topic.
#[derive(Debug)]
pub(crate) struct TopicReplicas {
    pub(crate) id: Uuid,
    pub(crate) name: Arc<str>,
    /// By number; `None` where this node holds no replica, or could not open its log.
    pub(crate) partitions: Vec<Option<Arc<Partition>>>,
}

#[derive(Clone, Debug, Default)]
struct Table {
    by_name: HashMap<Arc<str>, Arc<TopicReplicas>>,
    by_id: HashMap<Uuid, Arc<TopicReplicas>>,
}

/// All partitions of this node.
pub(crate) struct ReplicaManager {
    node_id: i32,
    config: Arc<BrokerConfig>,
    logs: Arc<LogManager>,
    table: ArcSwap<Table>,
}

impl ReplicaManager {
    /// Without partitions yet; they come with the first image.
    pub(crate) fn new(config: Arc<BrokerConfig>, logs: Arc<LogManager>) -> Self {
        Self { node_id: config.node_id(), config, logs, table: ArcSwap::default() }
    }

    /// The logs' owner.
    pub(crate) fn logs(&self) -> &Arc<LogManager> {
        &self.logs
    }

    /// The topic called `name`.
    pub(crate) fn topic(&self, name: &str) -> Result<Arc<TopicReplicas>, ErrorCode> {
        self.table.load().by_name.get(name).cloned().ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    }

    /// The topic with `id`.
    pub(crate) fn topic_by_id(&self, id: Uuid) -> Result<Arc<TopicReplicas>, ErrorCode> {
        self.table.load().by_id.get(&id).cloned().ok_or(ErrorCode::UNKNOWN_TOPIC_ID)
    }

    /// A partition by its topic's name.
    pub(crate) fn get(&self, topic: &str, partition: i32) -> Result<Arc<Partition>, ErrorCode> {
        self.topic(topic)?.partition(partition)
    }

    /// A partition by its topic's id.
    pub(crate) fn get_by_id(&self, topic_id: Uuid, partition: i32) -> Result<Arc<Partition>, ErrorCode> {
        self.topic_by_id(topic_id)?.partition(partition)
    }

    /// Every partition this node holds.
    pub(crate) fn all(&self) -> Vec<Arc<Partition>> {
        let table = self.table.load();
        let topics = table.by_id.values().flat_map(|topic| topic.partitions.iter().flatten().cloned());
        topics.collect()
    }

    /// Takes a change of the metadata over: opens, deletes and reconfigures logs.
    pub(crate) fn apply(&self, delta: &MetadataDelta, image: &MetadataImage) {
        if delta.deleted_topics.is_empty()
            && delta.changed_topics.is_empty()
            && delta.changed_configs.is_empty()
        {
            return;
        }
        let mut table = Table::clone(&self.table.load());
        let mut retired = Vec::new();
        for (id, name) in &delta.deleted_topics {
            if let Some(topic) = table.by_id.remove(id) {
                // A topic of the same name may have been created in the same breath.
                if table.by_name.get(name).is_some_and(|named| named.id == *id) {
                    table.by_name.remove(name);
                }
                retired.extend(topic.partitions.iter().flatten().cloned());
            }
        }
        // First nobody finds them, then nobody waits for them, then their files go.
        self.table.store(Arc::new(table.clone()));
        for partition in retired {
            partition.retire();
            if let Err(error) = self.logs.delete(&partition.topic, partition.index) {
                tracing::error!(topic = %partition.topic, partition = partition.index, %error, "a deleted partition's log stays");
            }
        }
        for id in &delta.changed_topics {
            let Some(topic) = image.topic_by_id(*id) else { continue };
            let held = self.hold(topic, image, table.by_id.get(id));
            let held = Arc::new(held);
            table.by_id.insert(*id, held.clone());
            table.by_name.insert(held.name.clone(), held);
        }
        self.table.store(Arc::new(table.clone()));
        // A value of a broker is the default of every topic.
        let all = delta.changed_configs.iter().any(|(resource, _)| *resource == BROKER_RESOURCE);
        let topics = table
            .by_name
            .values()
            .filter(|topic| all || delta.changed_configs.contains(&(TOPIC_RESOURCE, topic.name.clone())));
        for topic in topics {
            let config = self.log_config(image, &topic.name);
            for partition in topic.partitions.iter().flatten() {
                partition.set_config(config.clone());
            }
        }
    }

    /// Opens what is not open of `topic` and tells every partition its leader.
    fn hold(
        &self,
        topic: &TopicImage,
        image: &MetadataImage,
        before: Option<&Arc<TopicReplicas>>,
    ) -> TopicReplicas {
        let mut config = None;
        let partitions = topic.partitions.iter().enumerate().map(|(index, partition)| {
            if !partition.replicas.contains(&self.node_id) {
                return None;
            }
            let number = index as i32;
            let known = before.and_then(|before| before.partitions.get(index).cloned().flatten());
            let held = match known {
                Some(held) => held,
                None => {
                    let config = config.get_or_insert_with(|| self.log_config(image, &topic.name)).clone();
                    match self.logs.open_or_create(&topic.name, topic.id, number, config) {
                        Ok(log) => {
                            let max_producers = self.config.size(Limit::ProducerIds.setting());
                            Arc::new(Partition::new(topic.name.clone(), number, log, max_producers))
                        }
                        Err(error) => {
                            tracing::error!(topic = %topic.name, partition = number, %error, "a partition's log cannot be opened");
                            return None;
                        }
                    }
                }
            };
            held.update(self.node_id, partition.leader, partition.leader_epoch, partition.isr.len());
            Some(held)
        });
        TopicReplicas { id: topic.id, name: topic.name.clone(), partitions: partitions.collect() }
    }

    /// What a topic's logs go by.
    fn log_config(&self, image: &MetadataImage, topic: &str) -> Arc<LogConfig> {
        let own = image.topic_configs(topic);
        let own: BTreeMap<String, String> =
            own.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        match LogConfig::new(&own, &image.effective_broker_config(&self.config).log_properties()) {
            Ok(config) => Arc::new(config),
            Err(error) => {
                // The controller checks before it commits, so this is a value of another version of the broker.
                tracing::error!(topic, ?error, "topic configuration not understood; defaults are used");
                Arc::new(LogConfig::default())
            }
        }
    }
}

impl TopicReplicas {
    /// A partition of the topic.
    pub(crate) fn partition(&self, index: i32) -> Result<Arc<Partition>, ErrorCode> {
        let place = usize::try_from(index).ok().filter(|place| *place < self.partitions.len());
        let place = place.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        self.partitions[place].clone().ok_or(ErrorCode::NOT_LEADER_OR_FOLLOWER)
    }
}
