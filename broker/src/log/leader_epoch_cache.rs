//! **machine** Which leader epoch starts at which offset (KIP-101, KIP-279).
//!
//! Owns the ordered list of epochs of one log. Does not know when it is written to its checkpoint; it only says that it changed.

/// Epochs of a log, rising, with rising start offsets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeaderEpochCache {
    entries: Vec<(i32, i64)>,
    changed: bool,
}

impl LeaderEpochCache {
    /// The cache of a checkpoint's entries; those out of order are dropped as assignment would.
    pub(crate) fn from_entries(entries: impl IntoIterator<Item = (i32, i64)>) -> Self {
        let mut cache = Self::default();
        for (epoch, start_offset) in entries {
            cache.assign(epoch, start_offset);
        }
        cache.changed = false;
        cache
    }

    /// Notes that `epoch` starts at `start_offset`. Entries this contradicts (a higher epoch, or a start at or behind it) go.
    pub(crate) fn assign(&mut self, epoch: i32, start_offset: i64) {
        if epoch < 0 || start_offset < 0 || self.entries.last().is_some_and(|(latest, _)| *latest == epoch) {
            return;
        }
        // Recovery reads batches again whose epochs are known.
        if self.epoch_for_offset(start_offset) == Some(epoch) {
            return;
        }
        self.entries.retain(|(known, start)| *known < epoch && *start < start_offset);
        self.entries.push((epoch, start_offset));
        self.changed = true;
    }

    /// The epoch of the last entry.
    pub(crate) fn latest_epoch(&self) -> Option<i32> {
        self.entries.last().map(|(epoch, _)| *epoch)
    }

    /// Epoch of the record at `offset`.
    pub(crate) fn epoch_for_offset(&self, offset: i64) -> Option<i32> {
        let index = self.entries.partition_point(|(_, start)| *start <= offset);
        Some(self.entries.get(index.checked_sub(1)?)?.0)
    }

    /// The largest known epoch not above `requested`, and the offset where it ends; `None` when there is none such or
    /// `requested` is above all.
    pub(crate) fn end_offset_for(&self, requested: i32, log_end_offset: i64) -> Option<(i32, i64)> {
        if requested < 0 {
            return None;
        }
        if self.latest_epoch() == Some(requested) {
            return Some((requested, log_end_offset));
        }
        let higher = self.entries.partition_point(|(epoch, _)| *epoch <= requested);
        let (_, end_offset) = *self.entries.get(higher)?;
        match higher.checked_sub(1) {
            Some(floor) => Some((self.entries[floor].0, end_offset)),
            // All epochs are above: the log's first one tells where anything older ended.
            None => Some((requested, end_offset)),
        }
    }

    /// Forgets epochs that start at or behind `end_offset`, because the log now ends there.
    pub(crate) fn truncate_from_end(&mut self, end_offset: i64) {
        if self.entries.last().is_some_and(|(_, start)| *start >= end_offset) {
            self.entries.retain(|(_, start)| *start < end_offset);
            self.changed = true;
        }
    }

    /// Forgets epochs that end at or before `start_offset`; the one that covers it then starts there.
    pub(crate) fn truncate_from_start(&mut self, start_offset: i64) {
        let covering = self.entries.partition_point(|(_, start)| *start <= start_offset);
        let Some(covering) = covering.checked_sub(1) else { return };
        if covering > 0 || self.entries[0].1 < start_offset {
            self.entries.drain(..covering);
            self.entries[0].1 = start_offset;
            self.changed = true;
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.changed |= !self.entries.is_empty();
        self.entries.clear();
    }

    /// The entries, when they changed since the last call.
    pub(crate) fn take_changed(&mut self) -> Option<Vec<(i32, i64)>> {
        std::mem::take(&mut self.changed).then(|| self.entries.clone())
    }

    /// All entries.
    pub(crate) fn entries(&self) -> &[(i32, i64)] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> LeaderEpochCache {
        LeaderEpochCache::from_entries([(2, 10), (4, 20), (5, 30)])
    }

    #[test]
    fn end_offset_of_an_epoch_is_where_the_next_starts() {
        let cache = cache();
        assert_eq!(cache.end_offset_for(5, 44), Some((5, 44)));
        assert_eq!(cache.end_offset_for(4, 44), Some((4, 30)));
        assert_eq!(cache.end_offset_for(3, 44), Some((2, 20)));
        assert_eq!(cache.end_offset_for(1, 44), Some((1, 10)));
        assert_eq!(cache.end_offset_for(6, 44), None);
        assert_eq!(cache.end_offset_for(-1, 44), None);
        assert_eq!(LeaderEpochCache::default().end_offset_for(0, 0), None);
    }

    #[test]
    fn assignment_drops_what_contradicts_it() {
        let mut cache = cache();
        cache.assign(5, 99);
        assert_eq!(cache.entries(), [(2, 10), (4, 20), (5, 30)]);
        cache.assign(4, 29);
        assert_eq!(cache.entries(), [(2, 10), (4, 20), (5, 30)]);
        cache.assign(6, 20);
        assert_eq!(cache.entries(), [(2, 10), (6, 20)]);
        cache.assign(3, 50);
        assert_eq!(cache.entries(), [(2, 10), (3, 50)]);
    }

    #[test]
    fn truncation_keeps_the_epoch_that_covers_the_new_start() {
        let mut truncated = cache();
        truncated.truncate_from_start(25);
        assert_eq!(truncated.entries(), [(4, 25), (5, 30)]);
        truncated.truncate_from_start(10);
        assert_eq!(truncated.entries(), [(4, 25), (5, 30)]);
        truncated.truncate_from_end(30);
        assert_eq!(truncated.entries(), [(4, 25)]);
        assert_eq!(truncated.epoch_for_offset(24), None);
        assert_eq!(truncated.epoch_for_offset(25), Some(4));
    }
}
