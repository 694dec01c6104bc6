//! Which partitions moved between which members during one assignment.
//!
//! When a partition of a topic is about to move from B to A although another of that topic moved from A to B before, that
//! other one is sent back instead: the result is as balanced and moves less.

use super::super::{Problem, Slot, java_order};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Movements {
    /// (topic, from, to) → partitions, in the order they moved.
    by_pair: BTreeMap<(usize, usize, usize), Vec<Slot>>,
    of_partition: BTreeMap<Slot, (usize, usize)>,
}

impl Movements {
    /// The partition to move from `from` to `to` so that `slot`'s move is achieved.
    pub(super) fn actual(&self, problem: &Problem<'_>, slot: Slot, from: usize, to: usize) -> Slot {
        // Where it came from counts, if it moved before.
        let from = self.of_partition.get(&slot).map_or(from, |(origin, _)| *origin);
        let Some(reverse) = self.by_pair.get(&(slot.0, to, from)) else { return slot };
        // The first in a Java `HashSet`'s order.
        let topic = problem.topics[slot.0].0;
        let hashes: Vec<u32> =
            reverse.iter().map(|(_, partition)| java_order::partition_hash(topic, *partition)).collect();
        java_order::walk(&hashes).first().map_or(slot, |i| reverse[*i])
    }

    pub(super) fn record(&mut self, slot: Slot, from: usize, to: usize) {
        let origin = match self.of_partition.remove(&slot) {
            None => from,
            Some((origin, destination)) => {
                let key = (slot.0, origin, destination);
                if let Some(slots) = self.by_pair.get_mut(&key) {
                    slots.retain(|other| *other != slot);
                    if slots.is_empty() {
                        self.by_pair.remove(&key);
                    }
                }
                origin
            }
        };
        if origin != to {
            self.of_partition.insert(slot, (origin, to));
            self.by_pair.entry((slot.0, origin, to)).or_default().push(slot);
        }
    }
}
