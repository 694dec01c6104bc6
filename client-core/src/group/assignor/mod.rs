//! Partition assignors of the classic group protocol, run by the group's leader.
//!
//! Owns the four assignors of the Java client and gives exactly its results, so that a group whose leader changes from one
//! client to another keeps its assignment. Knows nothing of the protocol around it: input is what the members said, output
//! is who gets what. Every assignor is a pure function.

mod cooperative_sticky;
mod java_order;
mod range;
mod round_robin;
mod sticky;

#[cfg(test)]
mod tests;

use crate::group::subscription::{Assignment, decode_generation_user_data, decode_sticky_user_data};
use crate::record::TopicPartition;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How partitions change hands in a rebalance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebalanceProtocol {
    /// Everything is given up before every join.
    Eager,
    /// Only what moves is given up, after the new assignment is known (KIP-429).
    Cooperative,
}

/// An assignor by Kafka's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assignor {
    /// `range`: per topic, consecutive partitions to members in order; rack-aware (KIP-881).
    Range,
    /// `roundrobin`: all partitions of all topics dealt out one by one.
    RoundRobin,
    /// `sticky`: balanced, moving as little as possible; eager.
    Sticky,
    /// `cooperative-sticky`: as sticky, with cooperative rebalancing.
    CooperativeSticky,
}

impl Assignor {
    /// By protocol name, or by the Java class name that configurations carry.
    pub fn from_name(name: &str) -> Option<Self> {
        let short = name.trim().strip_prefix("org.apache.kafka.clients.consumer.").unwrap_or(name.trim());
        match short {
            "range" | "RangeAssignor" => Some(Self::Range),
            "roundrobin" | "RoundRobinAssignor" => Some(Self::RoundRobin),
            "sticky" | "StickyAssignor" => Some(Self::Sticky),
            "cooperative-sticky" | "CooperativeStickyAssignor" => Some(Self::CooperativeSticky),
            _ => None,
        }
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::Sticky => "sticky",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// The protocols the assignor can run under, best first.
    pub fn supported_protocols(self) -> &'static [RebalanceProtocol] {
        match self {
            Self::CooperativeSticky => &[RebalanceProtocol::Cooperative, RebalanceProtocol::Eager],
            Self::Range | Self::RoundRobin | Self::Sticky => &[RebalanceProtocol::Eager],
        }
    }

    /// The best protocol that every one of `assignors` supports; what a member with this list of assignors runs.
    pub fn common_protocol(assignors: &[Self]) -> RebalanceProtocol {
        let cooperative = !assignors.is_empty()
            && assignors.iter().all(|a| a.supported_protocols().contains(&RebalanceProtocol::Cooperative));
        if cooperative { RebalanceProtocol::Cooperative } else { RebalanceProtocol::Eager }
    }

    /// Divides the partitions of `topics` among `members`. Every member has an entry in the result, sorted by topic and
    /// partition; a partition nobody subscribed to is in none.
    ///
    /// Under [`Assignor::CooperativeSticky`] partitions still owned by someone else are withheld: they come with the
    /// rebalance that follows their revocation.
    pub fn assign(
        self,
        topics: &TopicPartitions,
        members: &[Member],
    ) -> BTreeMap<String, Vec<TopicPartition>> {
        let problem = Problem::new(topics, members);
        let mut shares = match self {
            Self::Range => range::assign(&problem),
            Self::RoundRobin => round_robin::assign(&problem),
            Self::Sticky => sticky::assign(&problem, &previous_from_user_data(members)).shares,
            Self::CooperativeSticky => cooperative_sticky::assign(&problem, &previous_from_fields(members)),
        };
        for share in &mut shares {
            share.sort_unstable();
        }
        problem.name(shares)
    }
}

/// What one member told the group.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Given by the coordinator.
    pub id: String,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<String>,
    /// Subscribed topics.
    pub topics: Vec<String>,
    /// Partitions it says it owns (subscription v1 and later).
    pub owned: Vec<TopicPartition>,
    /// The generation in which it owned them (subscription v2 and later).
    pub generation: Option<i32>,
    /// Its rack (subscription v3).
    pub rack: Option<String>,
    /// Bytes of the assignor's own.
    pub user_data: Option<Bytes>,
}

/// Topics that exist, by name.
pub type TopicPartitions = BTreeMap<Arc<str>, TopicRacks>;

/// A topic's partitions: for each, the racks of its replicas (empty when unknown).
#[derive(Clone, Debug, Default)]
pub struct TopicRacks {
    /// Index is the partition.
    pub replica_racks: Vec<BTreeSet<String>>,
}

impl TopicRacks {
    /// A topic of `count` partitions with unknown racks.
    pub fn without_racks(count: usize) -> Self {
        Self { replica_racks: vec![BTreeSet::new(); count] }
    }
}

/// A member's claim to partitions.
#[derive(Clone, Debug, Default)]
struct Previous {
    owned: Vec<TopicPartition>,
    generation: Option<i32>,
}

fn previous_from_user_data(members: &[Member]) -> Vec<Previous> {
    let read = |member: &Member| match member.user_data.as_deref() {
        None | Some([]) => Previous::default(),
        Some(data) => match decode_sticky_user_data(data) {
            Some((owned, generation)) => Previous { owned, generation },
            // What cannot be read is no claim, of no generation.
            None => Previous { owned: Vec::new(), generation: Some(-1) },
        },
    };
    members.iter().map(read).collect()
}

fn previous_from_fields(members: &[Member]) -> Vec<Previous> {
    let read = |member: &Member| Previous {
        owned: member.owned.clone(),
        generation: member.generation.or_else(|| {
            member.user_data.as_deref().map(|data| decode_generation_user_data(data).unwrap_or(-1))
        }),
    };
    members.iter().map(read).collect()
}

/// A partition as (index of the topic by name, partition): orders as names do, and copies.
type Slot = (usize, i32);

/// The input with names turned into indexes that sort like them.
struct Problem<'a> {
    members: &'a [Member],
    /// Sorted by name; only topics that exist with a partition and that somebody subscribed to.
    topics: Vec<(&'a Arc<str>, &'a TopicRacks)>,
    /// Per member, the subscribed topics that exist, in subscription order without repetition.
    subscribed: Vec<Vec<usize>>,
    /// Per topic, the members subscribed to it, in member order.
    subscribers: Vec<Vec<usize>>,
}

impl<'a> Problem<'a> {
    fn new(topics: &'a TopicPartitions, members: &'a [Member]) -> Self {
        let wanted: BTreeSet<&str> =
            members.iter().flat_map(|m| m.topics.iter().map(String::as_str)).collect();
        let topics: Vec<_> = topics
            .iter()
            .filter(|(name, racks)| wanted.contains(&***name) && !racks.replica_racks.is_empty())
            .collect();
        let index: BTreeMap<&str, usize> =
            topics.iter().enumerate().map(|(i, (name, _))| (&***name, i)).collect();
        let mut subscribers = vec![Vec::new(); topics.len()];
        let mut subscribed = Vec::with_capacity(members.len());
        for (m, member) in members.iter().enumerate() {
            let mut mine = Vec::new();
            for topic in member.topics.iter().filter_map(|name| index.get(name.as_str())) {
                if subscribers[*topic].last() != Some(&m) {
                    subscribers[*topic].push(m);
                    mine.push(*topic);
                }
            }
            subscribed.push(mine);
        }
        Self { members, topics, subscribed, subscribers }
    }

    fn partition_count(&self, topic: usize) -> usize {
        self.topics[topic].1.replica_racks.len()
    }

    fn racks(&self, (topic, partition): Slot) -> &'a BTreeSet<String> {
        &self.topics[topic].1.replica_racks[partition as usize]
    }

    fn slots_of(&self, topic: usize) -> impl Iterator<Item = Slot> + use<> {
        (0..self.partition_count(topic)).map(move |partition| (topic, partition as i32))
    }

    fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        (0..self.topics.len()).flat_map(|topic| self.slots_of(topic))
    }

    /// The slot of a claimed partition; `None` when its topic is gone. A partition past the topic's end is gone too.
    fn slot(&self, partition: &TopicPartition) -> Option<Slot> {
        let topic = self.topics.binary_search_by(|(name, _)| (***name).cmp(&*partition.topic)).ok()?;
        let exists = usize::try_from(partition.partition).is_ok_and(|p| p < self.partition_count(topic));
        exists.then_some((topic, partition.partition))
    }

    /// Members in the order of Java's `MemberInfo`: static ones first by instance id, then dynamic ones by member id.
    fn member_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        order.sort_by(|a, b| {
            let (a, b) = (&self.members[*a], &self.members[*b]);
            match (&a.instance_id, &b.instance_id) {
                (Some(x), Some(y)) => x.cmp(y),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => a.id.cmp(&b.id),
            }
        });
        order
    }

    fn rack_of(&self, member: usize) -> Option<&'a str> {
        self.members[member].rack.as_deref().filter(|rack| !rack.is_empty())
    }

    fn name(&self, shares: Vec<Vec<Slot>>) -> BTreeMap<String, Vec<TopicPartition>> {
        let named = |share: Vec<Slot>| {
            share
                .into_iter()
                .map(|(topic, partition)| TopicPartition { topic: self.topics[topic].0.clone(), partition })
                .collect()
        };
        self.members.iter().map(|member| member.id.clone()).zip(shares.into_iter().map(named)).collect()
    }
}

/// Whether racks can make a difference (KIP-881): some member is near some replica, and not all partitions are everywhere.
fn racks_matter<'a>(
    member_racks: &BTreeSet<&str>,
    partition_racks: impl Iterator<Item = &'a BTreeSet<String>> + Clone,
) -> bool {
    let all: BTreeSet<&str> = partition_racks.clone().flatten().map(String::as_str).collect();
    if member_racks.is_disjoint(&all) {
        return false;
    }
    !partition_racks.into_iter().all(|racks| racks.len() == all.len())
}

/// Assignments as bytes for `SyncGroup`, one per member.
pub(crate) fn encode_assignments(shares: BTreeMap<String, Vec<TopicPartition>>) -> Vec<(String, Bytes)> {
    shares
        .into_iter()
        .map(|(member, partitions)| (member, Assignment { partitions, user_data: None }.encode()))
        .collect()
}
