//! What a record of the metadata log does to the image. A **machine**: the same records give the same image.

use super::image::TOPIC_RESOURCE;
use super::{MetadataDelta, MetadataImage, MetadataRecord, TopicImage};
use std::sync::Arc;
use uuid::Uuid;

impl MetadataImage {
    /// Applies a record and notes what it changed. A record about something that is not there changes nothing: it can only
    /// come from a log that was damaged before this image began.
    pub(crate) fn apply(&mut self, record: MetadataRecord, delta: &mut MetadataDelta) {
        match record {
            MetadataRecord::RegisterBroker { broker, .. } => {
                self.brokers.insert(broker.node_id, Arc::new(broker));
                delta.changed_brokers = true;
            }
            MetadataRecord::UnregisterBroker { node_id, .. } => {
                self.brokers.remove(&node_id);
                delta.changed_brokers = true;
            }
            MetadataRecord::BrokerFenced { node_id, fenced, .. } => {
                if let Some(broker) = self.brokers.get_mut(&node_id) {
                    Arc::make_mut(broker).fenced = fenced;
                    delta.changed_brokers = true;
                }
            }
            MetadataRecord::Topic { name, id } => {
                self.topic_names.insert(id, name.clone());
                let topic = TopicImage { id, name: name.clone(), partitions: Vec::new() };
                self.topics.insert(name, Arc::new(topic));
                delta.changed_topics.insert(id);
            }
            MetadataRecord::Partition { topic_id, index, partition } => {
                self.change_topic(topic_id, delta, |topic| {
                    // Partitions are written in order; the index says so again.
                    if usize::try_from(index).is_ok_and(|index| index == topic.partitions.len()) {
                        topic.partitions.push(partition);
                    }
                });
            }
            MetadataRecord::PartitionChange { topic_id, index, leader, isr, replicas } => {
                self.change_topic(topic_id, delta, |topic| {
                    let Some(partition) =
                        usize::try_from(index).ok().and_then(|index| topic.partitions.get_mut(index))
                    else {
                        return;
                    };
                    if let Some(leader) = leader {
                        partition.leader = leader;
                        partition.leader_epoch += 1;
                    }
                    if let Some(isr) = isr {
                        partition.isr = isr;
                    }
                    if let Some(replicas) = replicas {
                        partition.replicas = replicas;
                    }
                    partition.partition_epoch += 1;
                });
            }
            MetadataRecord::RemoveTopic { id } => self.remove_topic(id, delta),
            MetadataRecord::Config { resource_type, resource_name, name, value } => {
                let resource = (resource_type, resource_name);
                let mut values = self.configs.get(&resource).cloned().unwrap_or_default();
                match value {
                    Some(value) => values.insert(name, value),
                    None => values.remove(&name),
                };
                if values.is_empty() {
                    self.configs.remove(&resource);
                } else {
                    self.configs.insert(resource.clone(), values);
                }
                delta.changed_configs.insert(resource);
            }
            MetadataRecord::ProducerIds { next_producer_id, .. } => self.next_producer_id = next_producer_id,
            MetadataRecord::FeatureLevel { name, level } => {
                if level == 0 {
                    self.features.remove(&name);
                } else {
                    self.features.insert(name, level);
                }
            }
            MetadataRecord::NoOp | MetadataRecord::Other { .. } => {}
        }
    }

    fn change_topic(&mut self, id: Uuid, delta: &mut MetadataDelta, change: impl FnOnce(&mut TopicImage)) {
        let name = self.topic_names.get(&id).cloned();
        if let Some(topic) = name.and_then(|name| self.topics.get_mut(&name)) {
            change(Arc::make_mut(topic));
            delta.changed_topics.insert(id);
        }
    }

    fn remove_topic(&mut self, id: Uuid, delta: &mut MetadataDelta) {
        let Some(name) = self.topic_names.remove(&id) else { return };
        self.topics.remove(&name);
        let resource = (TOPIC_RESOURCE, name.clone());
        if self.configs.remove(&resource).is_some() {
            delta.changed_configs.insert(resource);
        }
        delta.changed_topics.remove(&id);
        delta.deleted_topics.insert((id, name));
    }
}
