//! `range`: per topic, consecutive partitions to members in order; the first members take one more.
//!
//! With racks (KIP-881) a first pass gives members partitions that have a replica in their rack, within the same quotas;
//! topics with equal partition counts and subscribers stay co-partitioned.

use super::{Problem, Slot, racks_matter};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn assign(problem: &Problem<'_>) -> Vec<Vec<Slot>> {
    let order = problem.member_order();
    let mut topics: Vec<TopicState<'_>> =
        (0..problem.topics.len()).map(|topic| TopicState::new(problem, topic, &order)).collect();
    let mut shares = vec![Vec::new(); problem.members.len()];
    if topics.iter().any(|topic| topic.racks_matter) {
        assign_near(&mut topics, &mut shares);
    }
    for topic in &mut topics {
        topic.assign_ranges(&mut shares, |_, _, _| true);
    }
    shares
}

/// The rack-aware pass.
fn assign_near(topics: &mut [TopicState<'_>], shares: &mut [Vec<Slot>]) {
    let mut co_partitioned: BTreeMap<(Vec<usize>, usize), Vec<usize>> = BTreeMap::new();
    for (i, topic) in topics.iter().enumerate() {
        // Java counts the partitions whose racks it looked at: none when no subscriber has a rack.
        let counted = if topic.some_member_has_rack { topic.partition_count } else { 0 };
        co_partitioned.entry((topic.members.clone(), counted)).or_default().push(i);
    }
    for ((members, count), group) in co_partitioned {
        if let [only] = group[..] {
            if topics[only].racks_matter {
                topics[only].assign_ranges(shares, TopicState::is_near);
            }
        } else {
            assign_near_together(topics, &group, &members, count, shares);
        }
    }
}

/// Gives partition p of all topics of the group to one member near all of them.
fn assign_near_together(
    topics: &mut [TopicState<'_>],
    group: &[usize],
    members: &[usize],
    partition_count: usize,
    shares: &mut [Vec<Slot>],
) {
    let mut remaining: Vec<usize> = (0..members.len()).collect();
    for partition in 0..partition_count as i32 {
        let near = remaining.iter().copied().find(|m| {
            group.iter().all(|t| topics[*t].is_near(*m, partition) && topics[*t].assignable(*m) > 0)
        });
        let Some(m) = near else { continue };
        for t in group {
            topics[*t].take(m, &[partition], shares);
        }
        if group.iter().all(|t| topics[*t].assignable(m) == 0) {
            remaining.retain(|other| *other != m);
            if remaining.is_empty() {
                break;
            }
        }
    }
}

struct TopicState<'a> {
    problem: &'a Problem<'a>,
    topic: usize,
    /// Subscribers in assignment order; positions in this list are what `m` means below.
    members: Vec<usize>,
    partition_count: usize,
    unassigned: BTreeSet<i32>,
    assigned_count: Vec<usize>,
    quota: usize,
    /// How many members may still take one above the quota.
    extra: usize,
    some_member_has_rack: bool,
    racks_matter: bool,
}

impl<'a> TopicState<'a> {
    fn new(problem: &'a Problem<'a>, topic: usize, order: &[usize]) -> Self {
        let members: Vec<usize> =
            order.iter().copied().filter(|m| problem.subscribed[*m].contains(&topic)).collect();
        let partition_count = problem.partition_count(topic);
        let member_racks: BTreeSet<&str> = members.iter().filter_map(|m| problem.rack_of(*m)).collect();
        Self {
            problem,
            topic,
            partition_count,
            unassigned: (0..partition_count as i32).collect(),
            assigned_count: vec![0; members.len()],
            quota: partition_count / members.len().max(1),
            extra: partition_count % members.len().max(1),
            some_member_has_rack: !member_racks.is_empty(),
            racks_matter: racks_matter(&member_racks, problem.topics[topic].1.replica_racks.iter()),
            members,
        }
    }

    fn is_near(&self, m: usize, partition: i32) -> bool {
        match self.problem.rack_of(self.members[m]) {
            None => true,
            Some(rack) => self.problem.racks((self.topic, partition)).contains(rack),
        }
    }

    fn assignable(&self, m: usize) -> usize {
        (self.quota + usize::from(self.extra > 0)).saturating_sub(self.assigned_count[m])
    }

    fn assign_ranges(&mut self, shares: &mut [Vec<Slot>], may: impl Fn(&Self, usize, i32) -> bool) {
        for m in 0..self.members.len() {
            let limit = self.assignable(m);
            let range: Vec<i32> =
                self.unassigned.iter().copied().filter(|p| may(self, m, *p)).take(limit).collect();
            self.take(m, &range, shares);
        }
    }

    fn take(&mut self, m: usize, partitions: &[i32], shares: &mut [Vec<Slot>]) {
        if partitions.is_empty() {
            return;
        }
        for partition in partitions {
            self.unassigned.remove(partition);
            shares[self.members[m]].push((self.topic, *partition));
        }
        self.assigned_count[m] += partitions.len();
        if self.assigned_count[m] > self.quota {
            self.extra -= 1;
        }
    }
}
