//! Deadlines by key. **machine**
//!
//! Moving a deadline further away, which every heartbeat does, costs one lookup: the queue keeps the earlier time
//! and looks again when it comes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

#[derive(Debug, Clone, Copy)]
struct Entry {
    deadline: Instant,
    /// At or before `deadline`; what stands in the queue.
    queued: Instant,
}

/// A set of deadlines, one per key.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    entries: BTreeMap<K, Entry>,
    queue: BTreeSet<(Instant, K)>,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), queue: BTreeSet::new() }
    }
}

impl<K: Clone + Ord> Timers<K> {
    /// Sets the deadline of `key`, in place of an earlier one.
    pub(crate) fn schedule(&mut self, key: K, deadline: Instant) {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.deadline = deadline;
            if entry.queued <= deadline {
                return;
            }
            let before = std::mem::replace(&mut entry.queued, deadline);
            self.queue.remove(&(before, key.clone()));
        } else {
            self.entries.insert(key.clone(), Entry { deadline, queued: deadline });
        }
        self.queue.insert((deadline, key));
    }

    /// Forgets the deadline of `key`.
    pub(crate) fn cancel(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.queue.remove(&(entry.queued, key.clone()));
        }
    }

    /// Whether `key` has a deadline.
    pub(crate) fn contains(&self, key: &K) -> bool {
        self.entries.contains_key(key)
    }

    /// When to call [`Self::pop`] next; may be earlier than the first deadline.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes out a key whose deadline has come.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<K> {
        while let Some((at, _)) = self.queue.first() {
            if *at > now {
                return None;
            }
            let (_, key) = self.queue.pop_first()?;
            let Some(entry) = self.entries.get_mut(&key) else { continue };
            if entry.deadline <= now {
                self.entries.remove(&key);
                return Some(key);
            }
            entry.queued = entry.deadline;
            self.queue.insert((entry.queued, key));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn start() -> Instant {
        ottla_env::Env::system().now()
    }

    #[test]
    fn deadlines_come_in_order_and_once() {
        let mut timers = Timers::default();
        let t = start();
        let at = |seconds| t + Duration::from_secs(seconds);
        timers.schedule("late", at(3));
        timers.schedule("early", at(1));
        timers.schedule("gone", at(2));
        timers.cancel(&"gone");
        assert_eq!(timers.pop(t), None);
        assert_eq!(timers.poll_timeout(), Some(at(1)));
        assert_eq!(timers.pop(at(5)), Some("early"));
        assert_eq!(timers.pop(at(5)), Some("late"));
        assert_eq!((timers.pop(at(5)), timers.poll_timeout()), (None, None));
    }

    #[test]
    fn a_deadline_can_be_moved_either_way() {
        let mut timers = Timers::default();
        let t = start();
        let at = |seconds| t + Duration::from_secs(seconds);
        timers.schedule("a", at(2));
        timers.schedule("a", at(4));
        assert_eq!(timers.pop(at(3)), None, "moved away");
        assert_eq!(timers.poll_timeout(), Some(at(4)));
        timers.schedule("a", at(1));
        assert_eq!(timers.poll_timeout(), Some(at(1)), "moved near");
        assert_eq!(timers.pop(at(1)), Some("a"));
        assert!(timers.queue.is_empty() && timers.entries.is_empty());
    }
}
