//! Which partition a record goes to. A **machine**: what is random or counted is handed in.

use crate::config::PartitionerKind;
use ottla_wire::{crc32, murmur2};
use std::sync::Arc;

/// A rule of the application's own.
pub trait Partitioner: Send + Sync + 'static {
    /// The record's partition, `0..partitions.count`; `None` leaves it to stickiness, as for a record without a key.
    ///
    /// Called on the sender's thread for each record: it should be quick.
    fn partition(
        &self,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        partitions: PartitionsView<'_>,
    ) -> Option<i32>;
}

/// A topic's partitions as a [`Partitioner`] sees them.
#[derive(Clone, Copy, Debug)]
pub struct PartitionsView<'a> {
    /// How many there are.
    pub count: i32,
    /// Those that have a leader.
    pub available: &'a [i32],
}

/// The rule of a producer.
#[derive(Clone)]
pub(crate) struct Rule {
    kind: PartitionerKind,
    ignore_keys: bool,
    custom: Option<Arc<dyn Partitioner>>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rule")
            .field("kind", &self.kind)
            .field("ignore_keys", &self.ignore_keys)
            .finish_non_exhaustive()
    }
}

impl Rule {
    /// As configured; `custom` goes before.
    pub(crate) fn new(
        kind: PartitionerKind,
        ignore_keys: bool,
        custom: Option<Arc<dyn Partitioner>>,
    ) -> Self {
        Self { kind, ignore_keys, custom }
    }

    /// Whether stickiness weighs the partitions by their queues (KIP-794) where the configuration allows it.
    pub(crate) fn is_adaptive(&self) -> bool {
        self.kind == PartitionerKind::Default
    }

    /// The partition, or `None` for the one that is sticky now. `turn` counts the records of the topic.
    pub(crate) fn choose(
        &self,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        partitions: PartitionsView<'_>,
        turn: impl FnOnce() -> u32,
    ) -> Option<i32> {
        if let Some(custom) = &self.custom {
            return custom.partition(topic, key, value, partitions);
        }
        let key = if self.ignore_keys { None } else { key };
        match self.kind {
            PartitionerKind::Default => key.map(|key| murmur2::partition(key, partitions.count)),
            PartitionerKind::Murmur2 => Some(murmur2::partition(key.unwrap_or_default(), partitions.count)),
            PartitionerKind::Consistent => {
                Some(crc32::consistent_partition(key.unwrap_or_default(), partitions.count))
            }
            // librdkafka takes an empty key for none here, and sticks to one random partition for a while.
            PartitionerKind::ConsistentRandom => key
                .filter(|key| !key.is_empty())
                .map(|key| crc32::consistent_partition(key, partitions.count)),
            PartitionerKind::Random => None,
            PartitionerKind::RoundRobin => {
                let turn = turn() as usize;
                match partitions.available.len() {
                    0 => Some((turn % partitions.count.max(1) as usize) as i32),
                    available => Some(partitions.available[turn % available]),
                }
            }
        }
    }
}

/// What stickiness knows of a partition when it moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    /// Batches that wait to be sent.
    pub(crate) queue_length: u32,
    /// Whether it has a leader that takes requests.
    pub(crate) is_available: bool,
}

/// The next sticky partition (KIP-794): at random, the more likely the shorter its queue, if `adaptive`.
///
/// `None` when there are no partitions.
pub(crate) fn next_sticky(
    loads: impl Iterator<Item = Load> + Clone,
    adaptive: bool,
    random: u32,
) -> Option<i32> {
    let available = || loads.clone().enumerate().filter(|(_, load)| load.is_available);
    let longest = available().map(|(_, load)| load.queue_length).max();
    let Some(longest) = longest else {
        // Nothing is available: any of them may come back first.
        let count = loads.count() as u32;
        return random.checked_rem(count).map(|at| at as i32);
    };
    let weight = |load: &Load| if adaptive { u64::from(longest + 1 - load.queue_length) } else { 1 };
    let total: u64 = available().map(|(_, load)| weight(&load)).sum();
    let mut point = u64::from(random) % total.max(1);
    for (number, load) in available() {
        match point.checked_sub(weight(&load)) {
            Some(left) => point = left,
            None => return Some(number as i32),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUR: PartitionsView<'static> = PartitionsView { count: 4, available: &[0, 2, 3] };

    fn choose(kind: PartitionerKind, key: Option<&[u8]>) -> Option<i32> {
        Rule::new(kind, false, None).choose("t", key, None, FOUR, || 4)
    }

    #[test]
    fn keys_go_where_java_and_librdkafka_put_them() {
        assert_eq!(choose(PartitionerKind::Default, Some(b"a")), Some(murmur2::partition(b"a", 4)));
        assert_eq!(
            choose(PartitionerKind::Consistent, Some(b"a")),
            Some(crc32::consistent_partition(b"a", 4))
        );
        assert_eq!(choose(PartitionerKind::ConsistentRandom, Some(b"")), None);
        assert_eq!(choose(PartitionerKind::Default, Some(b"")), Some(murmur2::partition(b"", 4)));
        assert_eq!(choose(PartitionerKind::Murmur2, None), Some(murmur2::partition(b"", 4)));
        assert_eq!(choose(PartitionerKind::Default, None), None);
        assert_eq!(choose(PartitionerKind::Random, Some(b"a")), None);
    }

    #[test]
    fn round_robin_takes_turns_among_the_available() {
        assert_eq!(choose(PartitionerKind::RoundRobin, Some(b"a")), Some(2));
        let none = PartitionsView { count: 4, available: &[] };
        let rule = Rule::new(PartitionerKind::RoundRobin, false, None);
        assert_eq!(rule.choose("t", None, None, none, || 7), Some(3));
    }

    #[test]
    fn ignored_keys_are_as_if_there_were_none() {
        let rule = Rule::new(PartitionerKind::Default, true, None);
        assert_eq!(rule.choose("t", Some(b"a"), None, FOUR, || 0), None);
    }

    fn spread(loads: &[(u32, bool)], adaptive: bool) -> Vec<u32> {
        let mut hits = vec![0; loads.len()];
        let loads = loads.iter().map(|(queue_length, is_available)| Load {
            queue_length: *queue_length,
            is_available: *is_available,
        });
        for random in 0..1_200 {
            hits[next_sticky(loads.clone(), adaptive, random).unwrap() as usize] += 1;
        }
        hits
    }

    #[test]
    fn shorter_queues_are_likelier_in_proportion() {
        assert_eq!(spread(&[(0, true), (3, true), (1, true)], true), [600, 150, 450]);
        assert_eq!(spread(&[(0, true), (3, true), (1, true)], false), [400, 400, 400]);
    }

    #[test]
    fn partitions_without_a_leader_are_left_out_unless_there_is_no_other() {
        assert_eq!(spread(&[(0, true), (0, false), (0, true)], true), [600, 0, 600]);
        assert_eq!(spread(&[(0, false), (9, false), (0, false)], true), [400, 400, 400]);
        assert_eq!(next_sticky(std::iter::empty(), true, 5), None);
    }
}
