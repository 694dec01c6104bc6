//! `cooperative-sticky`: the sticky assignment minus what its present owner must give up first (KIP-429).

use super::sticky;
use super::{Previous, Problem, Slot};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn assign(problem: &Problem<'_>, previous: &[Previous]) -> Vec<Vec<Slot>> {
    let sticky::Outcome { mut shares, transferring } = sticky::assign(problem, previous);
    let transferring = transferring.unwrap_or_else(|| moved_between_owners(problem, &shares));
    for (slot, receiver) in transferring {
        shares[receiver].retain(|other| *other != slot);
    }
    shares
}

/// Partitions added to one member and taken from another, with the receiver.
fn moved_between_owners(problem: &Problem<'_>, shares: &[Vec<Slot>]) -> BTreeMap<Slot, usize> {
    let mut added = BTreeMap::new();
    let mut revoked = BTreeSet::new();
    for (member, share) in shares.iter().enumerate() {
        let owned: BTreeSet<Slot> =
            problem.members[member].owned.iter().filter_map(|partition| problem.slot(partition)).collect();
        let share: BTreeSet<Slot> = share.iter().copied().collect();
        added.extend(share.difference(&owned).map(|slot| (*slot, member)));
        revoked.extend(owned.difference(&share).copied());
    }
    added.retain(|slot, _| revoked.contains(slot));
    added
}
