//! The offsets a group committed. **machine**
//!
//! Owns which offset a partition has, which offsets wait for a transaction to end, and when an offset is too old. Does
//! not know who may commit.

use super::records::CommittedOffset;
use crate::coordinator::shard::TransactionalProducer;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type ByTopic<T> = BTreeMap<Arc<str>, BTreeMap<i32, T>>;

/// A value with the offset of its record, by which the newer of two is told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Recorded<T> {
    record_offset: i64,
    value: T,
}

/// The offsets of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offsets {
    committed: ByTopic<Recorded<CommittedOffset>>,
    /// By producer id; they count once its transaction commits.
    pending: BTreeMap<i64, ByTopic<Recorded<Option<CommittedOffset>>>>,
}

/// What makes offsets of a group expire.
#[derive(Clone, Debug)]
pub(crate) enum Expiry {
    /// Nothing does now.
    Never,
    /// The group is empty since a time; without one, the time of the commit counts.
    EmptySince(Option<i64>),
    /// Time since the commit.
    SinceCommit,
    /// Time since the commit, for topics the group does not read.
    Unsubscribed(Arc<BTreeSet<Arc<str>>>),
}

impl Offsets {
    /// Whether there is nothing, not even pending.
    pub(crate) fn is_empty(&self) -> bool {
        self.committed.is_empty() && self.pending.is_empty()
    }

    /// Whether a transaction that has not ended commits anything.
    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The offset of a partition.
    pub(crate) fn get(&self, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        self.committed.get(topic)?.get(&partition).map(|recorded| &recorded.value)
    }

    /// Whether a transaction that has not ended commits to the partition.
    pub(crate) fn is_pending(&self, topic: &str, partition: i32) -> bool {
        self.pending.values().any(|topics| topics.get(topic).is_some_and(|of| of.contains_key(&partition)))
    }

    /// Topics with a committed offset.
    pub(crate) fn topics(&self) -> impl Iterator<Item = &Arc<str>> {
        self.committed.keys()
    }

    /// Partitions of `topic` that have an offset.
    pub(crate) fn partitions(&self, topic: &str) -> Vec<i32> {
        self.committed.get(topic).map(|of| of.keys().copied().collect()).unwrap_or_default()
    }

    /// A commit (or, without a value, a removal) stands in the log.
    pub(crate) fn replay(
        &mut self,
        topic: &Arc<str>,
        partition: i32,
        value: Option<CommittedOffset>,
        record_offset: i64,
        producer: Option<TransactionalProducer>,
    ) {
        if let Some(producer) = producer {
            let topics = self.pending.entry(producer.producer_id).or_default();
            topics.entry(topic.clone()).or_default().insert(partition, Recorded { record_offset, value });
            return;
        }
        match value {
            Some(value) => {
                let value = Recorded { record_offset, value };
                if let Some(partitions) = self.committed.get_mut(topic) {
                    partitions.insert(partition, value);
                } else {
                    self.committed.insert(topic.clone(), BTreeMap::from([(partition, value)]));
                }
            }
            None => {
                if let Some(partitions) = self.committed.get_mut(topic) {
                    partitions.remove(&partition);
                    if partitions.is_empty() {
                        self.committed.remove(topic);
                    }
                }
                // A removal is newer than what the transaction wanted.
                self.pending.retain(|_, topics| {
                    if let Some(partitions) = topics.get_mut(topic) {
                        partitions.remove(&partition);
                        if partitions.is_empty() {
                            topics.remove(topic);
                        }
                    }
                    !topics.is_empty()
                });
            }
        }
    }

    /// A transaction ended. What it committed takes effect now, unless something newer was committed since.
    pub(crate) fn replay_end_transaction(&mut self, producer_id: i64, committed: bool) {
        let Some(topics) = self.pending.remove(&producer_id) else { return };
        if !committed {
            return;
        }
        for (topic, partitions) in topics {
            for (partition, Recorded { record_offset, value }) in partitions {
                let present = self.committed.get(&topic).and_then(|of| of.get(&partition));
                if present.is_none_or(|present| present.record_offset < record_offset) {
                    self.replay(&topic, partition, value, record_offset, None);
                }
            }
        }
    }

    /// Offsets that are too old at `now_ms`.
    pub(crate) fn expired(&self, expiry: &Expiry, retention_ms: i64, now_ms: i64) -> Vec<(Arc<str>, i32)> {
        let mut expired = Vec::new();
        for (topic, partitions) in &self.committed {
            let since = match expiry {
                Expiry::Never => return expired,
                Expiry::EmptySince(since) => *since,
                Expiry::SinceCommit => None,
                Expiry::Unsubscribed(subscribed) if subscribed.contains(topic) => continue,
                Expiry::Unsubscribed(_) => None,
            };
            for (partition, Recorded { value: offset, .. }) in partitions {
                let is_old = if offset.expire_timestamp_ms >= 0 {
                    now_ms >= offset.expire_timestamp_ms
                } else {
                    now_ms.saturating_sub(since.unwrap_or(offset.commit_timestamp_ms)) >= retention_ms
                };
                if is_old && !self.is_pending(topic, *partition) {
                    expired.push((topic.clone(), *partition));
                }
            }
        }
        expired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(offset: i64, commit_timestamp_ms: i64) -> CommittedOffset {
        CommittedOffset {
            offset,
            leader_epoch: -1,
            metadata: Arc::from(""),
            commit_timestamp_ms,
            expire_timestamp_ms: -1,
            topic_id: uuid::Uuid::nil(),
        }
    }

    const PRODUCER: TransactionalProducer = TransactionalProducer { producer_id: 7, producer_epoch: 0 };

    #[test]
    fn offsets_of_a_transaction_count_once_it_commits() {
        let mut offsets = Offsets::default();
        let topic: Arc<str> = Arc::from("t");
        offsets.replay(&topic, 0, Some(offset(5, 0)), 1, None);
        offsets.replay(&topic, 0, Some(offset(9, 0)), 2, Some(PRODUCER));
        assert!(offsets.is_pending("t", 0) && !offsets.is_pending("t", 1));
        assert_eq!(offsets.get("t", 0).unwrap().offset, 5);
        let mut aborted = offsets.clone();
        aborted.replay_end_transaction(7, false);
        assert_eq!((aborted.get("t", 0).unwrap().offset, aborted.is_pending("t", 0)), (5, false));
        offsets.replay_end_transaction(7, true);
        assert_eq!((offsets.get("t", 0).unwrap().offset, offsets.is_pending("t", 0)), (9, false));
    }

    #[test]
    fn expiry_goes_by_the_group_or_by_the_commit() {
        let mut offsets = Offsets::default();
        let topics: [Arc<str>; 2] = [Arc::from("a"), Arc::from("b")];
        for topic in &topics {
            offsets.replay(topic, 0, Some(offset(1, 100)), 3, None);
        }
        let count = |expiry, now_ms| offsets.expired(&expiry, 50, now_ms).len();
        assert_eq!(count(Expiry::Never, 1000), 0);
        assert_eq!((count(Expiry::SinceCommit, 149), count(Expiry::SinceCommit, 150)), (0, 2));
        assert_eq!(
            (count(Expiry::EmptySince(Some(200)), 249), count(Expiry::EmptySince(Some(200)), 250)),
            (0, 2)
        );
        let subscribed = Arc::new(BTreeSet::from([topics[0].clone()]));
        assert_eq!(count(Expiry::Unsubscribed(subscribed), 150), 1);
    }

    #[test]
    fn a_retention_of_its_own_wins_and_pending_offsets_stay() {
        let mut offsets = Offsets::default();
        let topic: Arc<str> = Arc::from("t");
        offsets.replay(
            &topic,
            0,
            Some(CommittedOffset { expire_timestamp_ms: 110, ..offset(1, 100) }),
            4,
            None,
        );
        assert_eq!(offsets.expired(&Expiry::SinceCommit, 50, 110).len(), 1);
        offsets.replay(&topic, 0, Some(offset(2, 100)), 5, Some(PRODUCER));
        assert!(offsets.expired(&Expiry::SinceCommit, 50, 110).is_empty());
    }
}
