//! The client's view of the cluster at one moment: brokers, topics, partitions, leaders. A **machine**: no I/O, no clock.
//!
//! A snapshot never changes; a newer one takes its place. How a response becomes a snapshot is decided here: a leader
//! epoch never goes back unless the topic was created anew, which its id tells.

use crate::config::HostPort;
use ottla_wire::ErrorCode;
use ottla_wire::messages::MetadataResponse;
use ottla_wire::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// A broker's number in its cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub i32);

impl NodeId {
    /// Kafka's -1 stands for no node.
    pub(crate) fn from_wire(id: i32) -> Option<Self> {
        (id >= 0).then_some(Self(id))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A broker as the cluster advertises it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Its number.
    pub id: NodeId,
    /// Its advertised address.
    pub address: HostPort,
    /// Its rack.
    pub rack: Option<Arc<str>>,
}

/// A partition and where its replicas are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionMetadata {
    /// Its number.
    pub partition: i32,
    /// Its leader; `None` while there is none.
    pub leader: Option<NodeId>,
    /// The leader's epoch, where the broker knows epochs.
    pub leader_epoch: Option<i32>,
    /// All replicas, the preferred leader first.
    pub replicas: Vec<NodeId>,
    /// Replicas in sync.
    pub isr: Vec<NodeId>,
    /// Replicas that are down.
    pub offline_replicas: Vec<NodeId>,
    /// Why there is no leader, `NONE` when all is well.
    pub error: ErrorCode,
}

/// A topic and its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicMetadata {
    /// Its name.
    pub name: Arc<str>,
    /// Its id; nil from brokers that know none.
    pub id: Uuid,
    /// Whether it is one of Kafka's own.
    pub is_internal: bool,
    /// Its partitions by number, none left out.
    pub partitions: Vec<PartitionMetadata>,
}

impl TopicMetadata {
    /// One partition.
    pub fn partition(&self, partition: i32) -> Option<&PartitionMetadata> {
        self.partitions.get(usize::try_from(partition).ok()?)
    }
}

/// The cluster at one moment.
#[derive(Clone, Debug, Default)]
pub struct ClusterSnapshot {
    /// Counts up with every change.
    pub generation: u64,
    /// The cluster's id.
    pub cluster_id: Option<Arc<str>>,
    /// The controller, or with KRaft some broker that forwards to it.
    pub controller: Option<NodeId>,
    /// Brokers by number; empty before the first answer.
    pub brokers: BTreeMap<NodeId, Broker>,
    topics: BTreeMap<Arc<str>, Arc<TopicMetadata>>,
    names_by_id: BTreeMap<Uuid, Arc<str>>,
    /// Topics asked for that have an error instead of partitions.
    errors: BTreeMap<Arc<str>, ErrorCode>,
}

/// What a metadata request asked for, which says how to read the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryTopics {
    /// Every topic of the cluster.
    All,
    /// These topics.
    Named(Vec<Arc<str>>),
}

/// An address learned on the side of another response (KIP-951), or from the coordinator look-up.
#[derive(Clone, Debug)]
pub(crate) struct LeaderHint {
    pub(crate) partition: i32,
    pub(crate) leader: NodeId,
    pub(crate) leader_epoch: i32,
}

impl ClusterSnapshot {
    /// A topic by name.
    pub fn topic(&self, name: &str) -> Option<&Arc<TopicMetadata>> {
        self.topics.get(name)
    }

    /// A topic by id.
    pub fn topic_by_id(&self, id: Uuid) -> Option<&Arc<TopicMetadata>> {
        self.topics.get(self.names_by_id.get(&id)?)
    }

    /// Every known topic, by name.
    pub fn topics(&self) -> impl Iterator<Item = &Arc<TopicMetadata>> {
        self.topics.values()
    }

    /// A partition.
    pub fn partition(&self, topic: &str, partition: i32) -> Option<&PartitionMetadata> {
        self.topic(topic)?.partition(partition)
    }

    /// Why a topic that was asked for is not here; `None` when it is, or was never asked for.
    pub fn topic_error(&self, name: &str) -> Option<ErrorCode> {
        self.errors.get(name).copied()
    }

    /// Whether any topic or partition answered with an error that a later refresh may mend.
    pub(crate) fn has_transient_errors(&self) -> bool {
        self.errors.values().any(|code| code.is_retriable())
            || self
                .topics
                .values()
                .any(|topic| topic.partitions.iter().any(|partition| partition.leader.is_none()))
    }

    /// The next snapshot after a response to a question for `asked`.
    pub(crate) fn updated(&self, asked: &QueryTopics, response: &MetadataResponse) -> Self {
        let mut next = Self {
            generation: self.generation + 1,
            cluster_id: response.cluster_id.as_ref().map(|id| Arc::from(id.as_str())),
            controller: NodeId::from_wire(response.controller_id.0),
            brokers: response
                .brokers
                .iter()
                .filter_map(|broker| {
                    let id = NodeId::from_wire(broker.node_id.0)?;
                    let address = HostPort::new(
                        broker.host.as_str(),
                        u16::try_from(broker.port).ok().filter(|p| *p > 0)?,
                    );
                    let rack = broker.rack.as_ref().map(|rack| Arc::from(rack.as_str()));
                    Some((id, Broker { id, address, rack }))
                })
                .collect(),
            topics: BTreeMap::new(),
            names_by_id: BTreeMap::new(),
            errors: BTreeMap::new(),
        };
        if let QueryTopics::Named(names) = asked {
            // Topics not asked for stay as they were; those asked for and not answered are gone.
            next.topics = self.topics.clone();
            next.errors = self.errors.clone();
            for name in names {
                next.topics.remove(name);
                next.errors.remove(name);
            }
        }
        for topic in &response.topics {
            let Some(name) = topic.name.as_ref().map(|name| name.0.as_str()) else { continue };
            let known = self.topics.get(name);
            let code = ErrorCode(topic.error_code);
            // LEADER_NOT_AVAILABLE at the topic's level comes with a topic that is just being created.
            if code.is_err() {
                let name = known.map_or_else(|| Arc::from(name), |known| known.name.clone());
                if code.is_retriable() && code != ErrorCode::UNKNOWN_TOPIC_OR_PARTITION {
                    // Keep what was known: it may still serve.
                    if let Some(known) = known {
                        next.topics.insert(known.name.clone(), known.clone());
                    }
                }
                next.errors.insert(name, code);
                continue;
            }
            let merged = merge_topic(known, name, topic);
            next.topics.insert(merged.name.clone(), merged);
        }
        next.names_by_id = next
            .topics
            .values()
            .filter(|topic| !topic.id.is_nil())
            .map(|topic| (topic.id, topic.name.clone()))
            .collect();
        next
    }

    /// The next snapshot when a broker named the new leaders of some partitions (KIP-951); `None` if that was no news.
    pub(crate) fn with_leader_hints(
        &self,
        topic: &str,
        hints: &[LeaderHint],
        endpoints: &[Broker],
    ) -> Option<Self> {
        let known = self.topics.get(topic)?;
        let mut changed: Option<TopicMetadata> = None;
        for hint in hints {
            let partitions = &changed.as_ref().unwrap_or(known).partitions;
            let Some(index) = usize::try_from(hint.partition).ok().filter(|index| *index < partitions.len())
            else {
                continue;
            };
            let reachable = self.brokers.contains_key(&hint.leader)
                || endpoints.iter().any(|endpoint| endpoint.id == hint.leader);
            let newer = partitions[index].leader_epoch.is_none_or(|epoch| hint.leader_epoch > epoch);
            if !reachable || !newer {
                continue;
            }
            let partition = &mut changed.get_or_insert_with(|| (**known).clone()).partitions[index];
            partition.leader = Some(hint.leader);
            partition.leader_epoch = Some(hint.leader_epoch);
            partition.error = ErrorCode::NONE;
        }
        let changed = changed?;
        let mut next = self.clone();
        next.generation += 1;
        for endpoint in endpoints {
            // Newer than what is known: a broker may have moved with its leadership.
            next.brokers.insert(endpoint.id, endpoint.clone());
        }
        next.topics.insert(changed.name.clone(), Arc::new(changed));
        Some(next)
    }

    /// Without topics nobody uses any more.
    pub(crate) fn without_topics(&self, gone: &[Arc<str>]) -> Self {
        let mut next = self.clone();
        next.generation += 1;
        for name in gone {
            if let Some(topic) = next.topics.remove(name) {
                next.names_by_id.remove(&topic.id);
            }
            next.errors.remove(name);
        }
        next
    }
}

fn merge_topic(
    known: Option<&Arc<TopicMetadata>>,
    name: &str,
    topic: &MetadataResponseTopic,
) -> Arc<TopicMetadata> {
    // Another id is another topic of the same name: its epochs start anew.
    let same =
        known.filter(|known| known.id == topic.topic_id || known.id.is_nil() || topic.topic_id.is_nil());
    let mut partitions: BTreeMap<i32, PartitionMetadata> = BTreeMap::new();
    for partition in &topic.partitions {
        let new = read_partition(partition);
        let old = same.and_then(|same| same.partition(new.partition));
        let stale = old.is_some_and(|old| match (old.leader_epoch, new.leader_epoch) {
            (Some(old), Some(new)) => new < old,
            _ => false,
        });
        let kept = match (stale, old) {
            (true, Some(old)) => old.clone(),
            _ => new,
        };
        partitions.insert(kept.partition, kept);
    }
    let id = match same {
        Some(same) if topic.topic_id.is_nil() => same.id,
        _ => topic.topic_id,
    };
    // Positions in the list are the numbers, whatever order or gap the broker sends.
    let count = partitions
        .last_key_value()
        .and_then(|(last, _)| usize::try_from(*last).ok())
        // A broker may name any number; only as many as it sent plus a margin can be real.
        .map_or(0, |last| (last + 1).min(partitions.len().saturating_mul(2)));
    let partitions = (0..i32::try_from(count).unwrap_or(0))
        .map(|number| {
            partitions.remove(&number).unwrap_or_else(|| PartitionMetadata {
                partition: number,
                leader: None,
                leader_epoch: None,
                replicas: Vec::new(),
                isr: Vec::new(),
                offline_replicas: Vec::new(),
                error: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            })
        })
        .collect();
    let name = known.map_or_else(|| Arc::from(name), |known| known.name.clone());
    Arc::new(TopicMetadata { name, id, is_internal: topic.is_internal, partitions })
}

pub(crate) fn read_partition(partition: &MetadataResponsePartition) -> PartitionMetadata {
    let nodes = |ids: &[ottla_wire::messages::BrokerId]| -> Vec<NodeId> {
        ids.iter().filter_map(|id| NodeId::from_wire(id.0)).collect()
    };
    PartitionMetadata {
        partition: partition.partition_index,
        leader: NodeId::from_wire(partition.leader_id.0),
        leader_epoch: (partition.leader_epoch >= 0).then_some(partition.leader_epoch),
        replicas: nodes(&partition.replica_nodes),
        isr: nodes(&partition.isr_nodes),
        offline_replicas: nodes(&partition.offline_replicas),
        error: ErrorCode(partition.error_code),
    }
}

#[cfg(test)]
mod tests;
