//! Racks of members and partitions, when they can make a difference (KIP-881).

use super::super::{Problem, Slot, racks_matter};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Racks<'a> {
    problem: &'a Problem<'a>,
    /// Whether racks take part in the assignment at all.
    pub(super) matter: bool,
    members_in_rack: BTreeMap<&'a str, usize>,
}

impl<'a> Racks<'a> {
    pub(super) fn new(problem: &'a Problem<'a>) -> Self {
        let mut members_in_rack = BTreeMap::new();
        for rack in (0..problem.members.len()).filter_map(|m| problem.rack_of(m)) {
            *members_in_rack.entry(rack).or_insert(0) += 1;
        }
        let member_racks: BTreeSet<&str> = members_in_rack.keys().copied().collect();
        let partition_racks = problem.topics.iter().flat_map(|(_, topic)| topic.replica_racks.iter());
        let matter = racks_matter(&member_racks, partition_racks);
        Self { problem, matter, members_in_rack }
    }

    /// The member's rack, where it counts.
    pub(super) fn of_member(&self, member: usize) -> Option<&'a str> {
        if self.matter { self.problem.rack_of(member) } else { None }
    }

    /// Whether the member has a rack in which the partition has no replica.
    pub(super) fn mismatch(&self, member: usize, slot: Slot) -> bool {
        self.of_member(member).is_some_and(|rack| !self.problem.racks(slot).contains(rack))
    }

    /// Partitions with the fewest members near them first.
    pub(super) fn scarce_first(&self, slots: &mut [Slot]) {
        if self.members_in_rack.is_empty() {
            return;
        }
        slots.sort_by_cached_key(|slot| {
            let racks = self.problem.racks(*slot);
            racks.iter().filter_map(|rack| self.members_in_rack.get(rack.as_str())).sum::<usize>()
        });
    }

    /// Index in `members`, from `first` on and around, of the next one in a rack of the partition.
    pub(super) fn next_near(&self, slot: Slot, members: &[usize], first: usize) -> Option<usize> {
        let racks = self.problem.racks(slot);
        (0..members.len())
            .map(|i| (first + i) % members.len())
            .find(|i| self.of_member(members[*i]).is_some_and(|rack| racks.contains(rack)))
    }
}
