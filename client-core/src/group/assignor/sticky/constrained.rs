//! The sticky assignment when all members subscribe to the same topics: quotas, in time linear in the partitions.
//!
//! Everyone gets `min_quota` or `max_quota` partitions. Members keep what they own up to that; the rest is dealt out, first
//! to members below the minimum, then one each to as many members as the remainder demands.

use super::super::{Problem, Slot};
use super::racks::Racks;
use super::{Claims, Outcome};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) fn assign(problem: &Problem<'_>, racks: &Racks<'_>, claims: Claims) -> Outcome {
    let partition_count: usize = (0..problem.topics.len()).map(|topic| problem.partition_count(topic)).sum();
    let member_count = problem.members.len();
    if member_count == 0 {
        return Outcome { shares: Vec::new(), transferring: Some(BTreeMap::new()) };
    }
    let mut builder = Builder {
        problem,
        racks,
        min_quota: partition_count / member_count,
        max_quota: partition_count.div_ceil(member_count),
        over_min_expected: partition_count % member_count,
        over_min: 0,
        below_min: Vec::new(),
        at_min: VecDeque::new(),
        shares: vec![Vec::new(); member_count],
        maybe_revoked: BTreeMap::new(),
        transferring: BTreeMap::new(),
        claims,
    };
    builder.keep_owned();
    let kept: BTreeSet<Slot> = builder.shares.iter().flatten().copied().collect();
    let mut unassigned: Vec<Slot> = problem.slots().filter(|slot| !kept.contains(slot)).collect();
    builder.sort_unfilled();
    racks.scarce_first(&mut unassigned);
    builder.deal_near(&mut unassigned);
    builder.deal(&unassigned);
    Outcome { shares: builder.shares, transferring: Some(builder.transferring) }
}

struct Builder<'a> {
    problem: &'a Problem<'a>,
    racks: &'a Racks<'a>,
    claims: Claims,
    min_quota: usize,
    max_quota: usize,
    /// How many members end above the minimum.
    over_min_expected: usize,
    over_min: usize,
    /// Members that have less than the minimum.
    below_min: Vec<usize>,
    /// Members at the minimum that may still get one more.
    at_min: VecDeque<usize>,
    shares: Vec<Vec<Slot>>,
    /// Partitions their owner may not keep, with the owner.
    maybe_revoked: BTreeMap<Slot, usize>,
    transferring: BTreeMap<Slot, usize>,
}

impl Builder<'_> {
    fn keep_owned(&mut self) {
        for member in self.claims.walk.clone() {
            let mut owned = std::mem::take(&mut self.claims.owned[member]);
            owned.retain(|slot| {
                let mismatch = self.racks.mismatch(member, *slot);
                if mismatch {
                    self.maybe_revoked.insert(*slot, member);
                }
                !mismatch && !self.claims.disputed.contains(slot)
            });
            owned.sort_unstable_by_key(|(topic, partition)| (*partition, *topic));
            let keep = if owned.len() < self.min_quota {
                self.below_min.push(member);
                owned.len()
            } else if owned.len() >= self.max_quota && self.over_min < self.over_min_expected {
                self.over_min += 1;
                if self.over_min == self.over_min_expected {
                    self.at_min.clear();
                }
                self.max_quota
            } else {
                if self.over_min < self.over_min_expected {
                    self.at_min.push_back(member);
                }
                self.min_quota
            };
            self.maybe_revoked.extend(owned[keep..].iter().map(|slot| (*slot, member)));
            owned.truncate(keep);
            self.shares[member] = owned;
        }
    }

    fn sort_unfilled(&mut self) {
        let id = |member: &usize| self.problem.members[*member].id.as_str();
        self.below_min.sort_by(|a, b| id(a).cmp(id(b)));
        let mut at_min: Vec<usize> = self.at_min.drain(..).collect();
        at_min.sort_by(|a, b| id(a).cmp(id(b)));
        self.at_min = at_min.into();
    }

    /// Deals partitions to unfilled members in their rack; what finds nobody stays in `unassigned`.
    fn deal_near(&mut self, unassigned: &mut Vec<Slot>) {
        if !self.racks.matter {
            return;
        }
        let mut next = 0;
        let mut left = Vec::with_capacity(unassigned.len());
        for slot in unassigned.drain(..) {
            let receiver = if let Some(i) = self.racks.next_near(slot, &self.below_min, next) {
                let member = self.below_min[i];
                let count = self.shares[member].len() + 1;
                let mut following = i;
                if count >= self.min_quota {
                    self.below_min.remove(i);
                    // At the minimum a member is unfilled only while somebody may still go above it.
                    if count < self.max_quota && self.over_min < self.over_min_expected {
                        self.at_min.push_back(member);
                    }
                } else {
                    following += 1;
                }
                next = if self.below_min.is_empty() { 0 } else { following % self.below_min.len() };
                Some(member)
            } else {
                let at_min: Vec<usize> = self.at_min.iter().copied().collect();
                self.racks.next_near(slot, &at_min, 0).map(|i| {
                    let member = at_min[i];
                    if self.shares[member].len() + 1 == self.max_quota {
                        self.at_min.remove(i);
                        self.over_min += 1;
                        if self.over_min == self.over_min_expected {
                            self.at_min.clear();
                        }
                    }
                    member
                })
            };
            match receiver {
                Some(member) => self.give(slot, member),
                None => left.push(slot),
            }
        }
        *unassigned = left;
    }

    /// Deals the rest out: around the members below the minimum, then one each to those at it.
    fn deal(&mut self, unassigned: &[Slot]) {
        let mut next = 0;
        for slot in unassigned {
            let member = if self.below_min.is_empty() {
                match self.at_min.pop_front() {
                    Some(member) => member,
                    // The quotas add up to the number of partitions, so somebody has room; should that ever be wrong,
                    // an unbalanced assignment is better than a partition nobody reads.
                    None => (0..self.shares.len()).min_by_key(|m| self.shares[*m].len()).unwrap_or(0),
                }
            } else {
                next %= self.below_min.len();
                self.below_min[next]
            };
            let was_below = !self.below_min.is_empty();
            self.give(*slot, member);
            if was_below {
                if self.shares[member].len() == self.min_quota {
                    self.below_min.remove(next);
                    self.at_min.push_back(member);
                } else {
                    next += 1;
                }
            }
        }
    }

    fn give(&mut self, slot: Slot, member: usize) {
        self.shares[member].push(slot);
        let taken = self.maybe_revoked.get(&slot).is_some_and(|owner| *owner != member);
        if taken || self.claims.disputed.contains(&slot) {
            self.transferring.insert(slot, member);
        }
    }
}
