//! The sticky assignment when members subscribe to different topics: keep what is valid, hand out the rest to whoever has
//! least, then move partitions while that makes the balance better.

use super::super::{Previous, Problem, Slot};
use super::Claims;
use super::movements::Movements;
use super::racks::Racks;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn assign(
    problem: &Problem<'_>,
    racks: &Racks<'_>,
    claims: Claims,
    previous: &[Previous],
) -> Vec<Vec<Slot>> {
    let former = former_owners(problem, &claims, previous);
    let mut builder = Builder::new(problem, racks, claims.owned, former);
    builder.keep_valid();
    builder.balance();
    builder.shares
}

/// Partitions claimed by members of an older generation, with the youngest such member: they go back to it if that helps.
fn former_owners(problem: &Problem<'_>, claims: &Claims, previous: &[Previous]) -> BTreeMap<Slot, usize> {
    let mut former: BTreeMap<Slot, (usize, i32)> = BTreeMap::new();
    for &member in &claims.walk {
        let generation = previous[member].generation;
        let old = generation.map_or(claims.max_generation > -1, |g| g < claims.max_generation);
        if !old {
            continue;
        }
        let generation = generation.unwrap_or(-1);
        for slot in previous[member].owned.iter().filter_map(|partition| problem.slot(partition)) {
            match former.get(&slot) {
                Some((_, youngest)) if generation <= *youngest => {}
                _ => {
                    former.insert(slot, (member, generation));
                }
            }
        }
    }
    former.into_iter().map(|(slot, (member, _))| (slot, member)).collect()
}

struct Builder<'a> {
    problem: &'a Problem<'a>,
    racks: &'a Racks<'a>,
    shares: Vec<Vec<Slot>>,
    owner: BTreeMap<Slot, usize>,
    /// Rank of each member by id, which breaks ties.
    rank: Vec<usize>,
    /// Members that take part in balancing, least loaded first: (partitions, rank, member).
    by_load: BTreeSet<(usize, usize, usize)>,
    /// Fewest potential members first, then by topic name and partition.
    all_sorted: Vec<Slot>,
    former: BTreeMap<Slot, usize>,
    movements: Movements,
    revocation_required: bool,
}

impl<'a> Builder<'a> {
    fn new(
        problem: &'a Problem<'a>,
        racks: &'a Racks<'a>,
        owned: Vec<Vec<Slot>>,
        former: BTreeMap<Slot, usize>,
    ) -> Self {
        let mut topics: Vec<usize> = (0..problem.topics.len()).collect();
        topics.sort_by_key(|topic| (problem.subscribers[*topic].len(), *topic));
        let mut by_id: Vec<usize> = (0..problem.members.len()).collect();
        by_id.sort_by(|a, b| problem.members[*a].id.cmp(&problem.members[*b].id));
        let mut rank = vec![0; by_id.len()];
        for (position, member) in by_id.into_iter().enumerate() {
            rank[member] = position;
        }
        Self {
            problem,
            racks,
            owner: owned
                .iter()
                .enumerate()
                .flat_map(|(member, slots)| slots.iter().map(move |slot| (*slot, member)))
                .collect(),
            shares: owned,
            rank,
            by_load: BTreeSet::new(),
            all_sorted: topics.iter().flat_map(|topic| problem.slots_of(*topic)).collect(),
            former,
            movements: Movements::default(),
            revocation_required: false,
        }
    }

    fn load(&self, member: usize) -> (usize, usize, usize) {
        (self.shares[member].len(), self.rank[member], member)
    }

    fn keep_valid(&mut self) {
        for member in 0..self.shares.len() {
            let subscribed = &self.problem.subscribed[member];
            let before = self.shares[member].len();
            let racks = self.racks;
            self.shares[member].retain(|slot| subscribed.contains(&slot.0) && !racks.mismatch(member, *slot));
            self.revocation_required |= self.shares[member].len() != before;
        }
    }

    fn balance(&mut self) {
        let assigned: BTreeSet<Slot> = self.shares.iter().flatten().copied().collect();
        let mut unassigned: Vec<Slot> =
            self.all_sorted.iter().copied().filter(|slot| !assigned.contains(slot)).collect();
        self.by_load = (0..self.shares.len()).map(|member| self.load(member)).collect();
        let initializing = self.by_load.last().is_some_and(|(count, ..)| *count == 0);

        let mut rest = unassigned.clone();
        if self.racks.matter {
            rest.retain(|slot| !self.hand_out(*slot, true));
        }
        for slot in rest {
            self.hand_out(slot, false);
        }

        // Only topics with a choice of members can move; only members that could have more or less take part.
        let movable = |topic: usize| self.problem.subscribers[topic].len() >= 2;
        self.all_sorted.retain(|slot| movable(slot.0));
        unassigned.retain(|slot| movable(slot.0));
        for member in 0..self.shares.len() {
            let has_all = self.shares[member].len() >= self.potential(member);
            if has_all && !self.shares[member].iter().any(|slot| movable(slot.0)) {
                let load = self.load(member);
                self.by_load.remove(&load);
            }
        }

        let before = (self.shares.clone(), self.score());
        if !self.revocation_required {
            self.reassign(&unassigned);
        }
        let all = std::mem::take(&mut self.all_sorted);
        let reassigned = self.reassign(&all);
        if !initializing && reassigned && self.score() >= before.1 {
            self.shares = before.0;
        }
    }

    /// How many partitions the member could have at most.
    fn potential(&self, member: usize) -> usize {
        self.problem.subscribed[member].iter().map(|topic| self.problem.partition_count(*topic)).sum()
    }

    /// Gives an unowned partition to the least loaded member that may have it.
    fn hand_out(&mut self, slot: Slot, near_only: bool) -> bool {
        let receiver = self.by_load.iter().map(|(.., member)| *member).find(|member| {
            self.problem.subscribed[*member].contains(&slot.0)
                && (!near_only || !self.racks.mismatch(*member, slot))
        });
        let Some(member) = receiver else { return false };
        let load = self.load(member);
        self.by_load.remove(&load);
        self.shares[member].push(slot);
        self.owner.insert(slot, member);
        let load = self.load(member);
        self.by_load.insert(load);
        true
    }

    /// Moves partitions until none of `slots` can improve the balance; whether any moved.
    fn reassign(&mut self, slots: &[Slot]) -> bool {
        let mut any = false;
        loop {
            let mut moved = false;
            for slot in slots {
                if self.is_balanced() {
                    break;
                }
                if self.improve(*slot) {
                    moved = true;
                    any = true;
                }
            }
            if !moved {
                return any;
            }
        }
    }

    fn improve(&mut self, slot: Slot) -> bool {
        let Some(&owner) = self.owner.get(&slot) else { return false };
        let participates = |b: &Self, member: usize| b.by_load.contains(&b.load(member));
        let lighter = |b: &Self, member: usize| b.shares[owner].len() > b.shares[member].len() + 1;
        if let Some(&former) = self.former.get(&slot)
            && participates(self, former)
            && lighter(self, former)
        {
            self.shift(slot, former);
            return true;
        }
        // Java looks first for a lighter member near the partition, then for any, and either way moves it to the
        // lightest subscriber: one search finds both.
        if !self.problem.subscribers[slot.0].iter().any(|member| lighter(self, *member)) {
            return false;
        }
        let lightest = self
            .by_load
            .iter()
            .map(|(.., member)| *member)
            .find(|member| self.problem.subscribed[*member].contains(&slot.0));
        let Some(receiver) = lightest else { return false };
        self.shift(slot, receiver);
        true
    }

    fn shift(&mut self, slot: Slot, to: usize) {
        let Some(&from) = self.owner.get(&slot) else { return };
        let slot = self.movements.actual(self.problem, slot, from, to);
        let Some(&from) = self.owner.get(&slot) else { return };
        for member in [from, to] {
            let load = self.load(member);
            self.by_load.remove(&load);
        }
        self.movements.record(slot, from, to);
        self.shares[from].retain(|other| *other != slot);
        self.shares[to].push(slot);
        self.owner.insert(slot, to);
        for member in [from, to] {
            let load = self.load(member);
            self.by_load.insert(load);
        }
    }

    /// Whether no partition could move to a member that has at least two fewer than its owner.
    fn is_balanced(&self) -> bool {
        let (Some((min, ..)), Some((max, ..))) = (self.by_load.first(), self.by_load.last()) else {
            return true;
        };
        if min + 1 >= *max {
            return true;
        }
        for &(count, _, member) in &self.by_load {
            if count == self.potential(member) {
                continue;
            }
            let could_move = self.problem.subscribed[member]
                .iter()
                .flat_map(|topic| self.problem.slots_of(*topic))
                .filter_map(|slot| self.owner.get(&slot))
                .any(|owner| *owner != member && count + 1 < self.shares[*owner].len());
            if could_move {
                return false;
            }
        }
        true
    }

    /// Sum of the pairwise differences in load of the members that take part; 0 is perfect.
    fn score(&self) -> usize {
        let loads: Vec<usize> = self.by_load.iter().map(|(.., member)| self.shares[*member].len()).collect();
        let mut score = 0;
        for (i, a) in loads.iter().enumerate() {
            score += loads[i + 1..].iter().map(|b| a.abs_diff(*b)).sum::<usize>();
        }
        score
    }
}
