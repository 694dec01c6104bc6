//! The end of each log in memory: the very buffers that were appended, so that readers of the tail touch no file.
//!
//! One budget bounds all logs of a broker. It is a clock that counts appended bytes: what was appended more than the budget
//! ago is expired, in whatever log it is. A log drops its expired entries when it is appended to; the others are swept from
//! time to time, and when [`TailBudget::needs_sweep`] says so.

use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

/// What an entry costs beside its bytes.
const ENTRY_OVERHEAD_BYTES: u64 = 192;

/// Shared by all logs of a broker.
#[derive(Debug)]
pub(crate) struct TailBudget {
    max_bytes: u64,
    appended_bytes: AtomicU64,
    swept_at: AtomicU64,
}

impl TailBudget {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self { max_bytes, appended_bytes: AtomicU64::new(0), swept_at: AtomicU64::new(0) }
    }

    fn charge(&self, bytes: u64) -> u64 {
        self.appended_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes
    }

    /// Entries charged at or before this are expired.
    fn horizon(&self) -> u64 {
        self.appended_bytes.load(Ordering::Relaxed).saturating_sub(self.max_bytes)
    }

    /// Whether logs that are not appended to may hold as much again as the budget. Answers true once per sweep.
    pub(crate) fn needs_sweep(&self) -> bool {
        let appended = self.appended_bytes.load(Ordering::Relaxed);
        let swept = self.swept_at.load(Ordering::Relaxed);
        appended.saturating_sub(swept) > self.max_bytes
            && self.swept_at.compare_exchange(swept, appended, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// A batch in memory: header and records may be two buffers, because the header was patched and the records were not.
#[derive(Clone, Debug)]
pub(crate) struct TailEntry {
    pub(crate) base_offset: i64,
    pub(crate) last_offset: i64,
    pub(crate) head: Bytes,
    pub(crate) body: Bytes,
    charged_at: u64,
}

impl TailEntry {
    pub(crate) fn size_bytes(&self) -> usize {
        self.head.len() + self.body.len()
    }
}

/// The cached end of one log: batches without a gap between the first entry and the log's end.
#[derive(Debug, Default)]
pub(crate) struct TailCache {
    entries: VecDeque<TailEntry>,
}

impl TailCache {
    /// Adds the newest batch.
    pub(crate) fn push(
        &mut self,
        base_offset: i64,
        last_offset: i64,
        head: Bytes,
        body: Bytes,
        budget: &TailBudget,
    ) {
        let charged_at = budget.charge((head.len() + body.len()) as u64 + ENTRY_OVERHEAD_BYTES);
        self.entries.push_back(TailEntry { base_offset, last_offset, head, body, charged_at });
    }

    /// Drops what is expired.
    pub(crate) fn expire(&mut self, budget: &TailBudget) {
        let horizon = budget.horizon();
        while self.entries.front().is_some_and(|entry| entry.charged_at <= horizon) {
            self.entries.pop_front();
        }
        if self.entries.is_empty() && self.entries.capacity() > 0 {
            self.entries = VecDeque::new();
        }
    }

    /// The entries from the batch that holds `offset` on; `None` when that batch is not here.
    pub(crate) fn from(&self, offset: i64) -> Option<impl Iterator<Item = &TailEntry>> {
        // Between two entries there is no gap, so the first one decides whether `offset` is covered.
        if self.entries.front()?.base_offset > offset {
            return None;
        }
        let start = self.entries.partition_point(|entry| entry.last_offset < offset);
        (start < self.entries.len()).then(|| self.entries.range(start..))
    }

    /// Drops batches that reach to or behind `offset`.
    pub(crate) fn truncate(&mut self, offset: i64) {
        let keep = self.entries.partition_point(|entry| entry.last_offset < offset);
        self.entries.truncate(keep);
    }

    /// Drops batches that begin before `offset`.
    pub(crate) fn drop_before(&mut self, offset: i64) {
        let gone = self.entries.partition_point(|entry| entry.base_offset < offset);
        self.entries.drain(..gone);
    }

    /// Drops all.
    pub(crate) fn clear(&mut self) {
        self.entries = VecDeque::new();
    }

    /// Bytes held.
    #[cfg(test)]
    pub(crate) fn size_bytes(&self) -> usize {
        self.entries.iter().map(TailEntry::size_bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_together_hold_no_more_than_the_budget() {
        let budget = TailBudget::new(10_000);
        let mut busy = TailCache::default();
        let mut idle = TailCache::default();
        idle.push(0, 0, Bytes::from(vec![0; 1000]), Bytes::new(), &budget);
        for offset in 0..100 {
            busy.push(offset, offset, Bytes::from(vec![0; 61]), Bytes::from(vec![0; 939]), &budget);
            busy.expire(&budget);
            assert!(busy.size_bytes() <= 10_000);
        }
        assert!(budget.needs_sweep());
        assert!(!budget.needs_sweep());
        idle.expire(&budget);
        assert_eq!(idle.size_bytes(), 0);
        assert!(busy.from(0).is_none());
        assert_eq!(busy.from(97).unwrap().map(|entry| entry.base_offset).collect::<Vec<_>>(), [97, 98, 99]);
        busy.truncate(98);
        assert!(busy.from(98).is_none());
    }
}
