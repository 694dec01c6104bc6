//! What a record of the metadata log does to the image. A **machine**: the same records give the same image.

use super::image::TOPIC_RESOURCE;
use super::{MetadataDelta, MetadataImage, MetadataRecord, RecordProblem, TopicImage};
use std::sync::Arc;
use uuid::Uuid;

impl MetadataImage {
    /// Applies a record and notes what it changed. A record about something that is not there changes nothing: it can only
    /// come from a log that was damaged before this image began.
    ///
    /// Errors: an epoch that cannot rise any more. The image is as it was then.
    pub(crate) fn apply(
        &mut self,
        record: MetadataRecord,
        delta: &mut MetadataDelta,
    ) -> Result<(), RecordProblem> {
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
                    Ok(())
                })?;
            }
            MetadataRecord::PartitionChange { topic_id, index, leader, isr, replicas } => {
                self.change_topic(topic_id, delta, |topic| {
                    let Some(partition) =
                        usize::try_from(index).ok().and_then(|index| topic.partitions.get_mut(index))
                    else {
                        return Ok(());
                    };
                    let partition_epoch = raised(partition.partition_epoch)?;
                    if let Some(leader) = leader {
                        partition.leader_epoch = raised(partition.leader_epoch)?;
                        partition.leader = leader;
                    }
                    if let Some(isr) = isr {
                        partition.isr = isr;
                    }
                    if let Some(replicas) = replicas {
                        partition.replicas = replicas;
                    }
                    partition.partition_epoch = partition_epoch;
                    Ok(())
                })?;
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
        Ok(())
    }

    fn change_topic(
        &mut self,
        id: Uuid,
        delta: &mut MetadataDelta,
        change: impl FnOnce(&mut TopicImage) -> Result<(), RecordProblem>,
    ) -> Result<(), RecordProblem> {
        let name = self.topic_names.get(&id).cloned();
        if let Some(topic) = name.and_then(|name| self.topics.get_mut(&name)) {
            change(Arc::make_mut(topic))?;
            delta.changed_topics.insert(id);
        }
        Ok(())
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

/// The epoch after this one.
fn raised(epoch: i32) -> Result<i32, RecordProblem> {
    epoch.checked_add(1).ok_or_else(|| RecordProblem::new("PartitionChangeRecord", "the epochs are used up"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::PartitionImage;

    fn image_with(partition: &PartitionImage) -> (MetadataImage, Uuid) {
        let id = Uuid::from_u128(7);
        let mut image = MetadataImage::empty(Arc::from("cluster"));
        let topic = MetadataRecord::Topic { name: Arc::from("t"), id };
        let partition = MetadataRecord::Partition { topic_id: id, index: 0, partition: partition.clone() };
        for record in [topic, partition] {
            image.apply(record, &mut MetadataDelta::default()).unwrap();
        }
        (image, id)
    }

    fn partition(leader_epoch: i32, partition_epoch: i32) -> PartitionImage {
        PartitionImage {
            leader: 1,
            leader_epoch,
            partition_epoch,
            replicas: vec![1, 2],
            isr: vec![1, 2],
            elr: Vec::new(),
            last_known_elr: Vec::new(),
        }
    }

    fn change(topic_id: Uuid, leader: Option<i32>) -> MetadataRecord {
        MetadataRecord::PartitionChange { topic_id, index: 0, leader, isr: Some(vec![2]), replicas: None }
    }

    #[test]
    fn change_raises_the_epochs_it_concerns() {
        for (leader, leader_epoch) in [(None, 3), (Some(2), 4)] {
            let (mut image, id) = image_with(&partition(3, 5));
            image.apply(change(id, leader), &mut MetadataDelta::default()).unwrap();
            let changed =
                PartitionImage { leader: leader.unwrap_or(1), isr: vec![2], ..partition(leader_epoch, 6) };
            assert_eq!(image.topic("t").unwrap().partitions, [changed]);
        }
    }

    #[test]
    fn epoch_that_cannot_rise_refuses_the_record_and_changes_nothing() {
        for before in [partition(i32::MAX, 5), partition(3, i32::MAX)] {
            let (mut image, id) = image_with(&before);
            let mut delta = MetadataDelta::default();
            image.apply(change(id, Some(2)), &mut delta).unwrap_err();
            assert_eq!(image.topic("t").unwrap().partitions, [before]);
            assert!(delta.changed_topics.is_empty());
        }
    }
}
