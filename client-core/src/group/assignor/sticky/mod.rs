//! `sticky`: balanced, and moving as little as possible from the previous assignment.
//!
//! Two algorithms, as in the Java client: [`constrained`] when all members subscribe to the same topics (quotas, linear),
//! [`general`] otherwise (move partitions while that improves the balance). Both start from the claims of the members,
//! settled here: of two claims to one partition the younger generation wins, and two of the same generation cancel out.

mod constrained;
mod general;
mod movements;
mod racks;

use super::{Previous, Problem, Slot, java_order};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Outcome {
    /// Per member.
    pub(super) shares: Vec<Vec<Slot>>,
    /// Partitions that move from one owner to another, with the receiver; `None` when the algorithm did not keep track.
    pub(super) transferring: Option<BTreeMap<Slot, usize>>,
}

pub(super) fn assign(problem: &Problem<'_>, previous: &[Previous]) -> Outcome {
    let claims = Claims::settle(problem, previous);
    let racks = racks::Racks::new(problem);
    if same_subscription(problem) {
        constrained::assign(problem, &racks, claims)
    } else {
        Outcome { shares: general::assign(problem, &racks, claims, previous), transferring: None }
    }
}

/// Previous ownership after conflicts are settled.
struct Claims {
    /// Per member, in the order claimed.
    owned: Vec<Vec<Slot>>,
    /// Claimed by several members of the same generation; belongs to none of them.
    disputed: BTreeSet<Slot>,
    /// Members in the order the Java client walks them.
    walk: Vec<usize>,
    max_generation: i32,
}

impl Claims {
    fn settle(problem: &Problem<'_>, previous: &[Previous]) -> Self {
        let hashes: Vec<u32> = problem.members.iter().map(|m| java_order::string_hash(&m.id)).collect();
        let walk = java_order::walk(&hashes);
        let mut owned: Vec<Vec<Slot>> = vec![Vec::new(); problem.members.len()];
        let mut disputed = BTreeSet::new();
        let mut owner_of: BTreeMap<Slot, usize> = BTreeMap::new();
        let mut max_generation = -1;
        for &member in &walk {
            let generation = previous[member].generation.unwrap_or(-1);
            max_generation = max_generation.max(generation);
            for slot in previous[member].owned.iter().filter_map(|partition| problem.slot(partition)) {
                let Some(&other) = owner_of.get(&slot) else {
                    owned[member].push(slot);
                    owner_of.insert(slot, member);
                    continue;
                };
                // The other's generation is the one of its subscription, also where the claim came in user data.
                let other_generation = problem.members[other].generation.unwrap_or(-1);
                if generation < other_generation {
                    continue;
                }
                owned[other].retain(|claimed| *claimed != slot);
                owner_of.insert(slot, member);
                if generation == other_generation {
                    disputed.insert(slot);
                } else {
                    owned[member].push(slot);
                }
            }
        }
        Self { owned, disputed, walk, max_generation }
    }
}

fn same_subscription(problem: &Problem<'_>) -> bool {
    // Topics that do not exist count too: they may appear, and Java compares what was subscribed.
    let mut sets = problem.members.iter().map(|m| m.topics.iter().collect::<BTreeSet<_>>());
    let Some(first) = sets.next() else { return true };
    sets.all(|set| set == first)
}
