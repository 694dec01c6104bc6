//! The last offset of every key of a stretch of log, in bounded memory.

use hashbrown::HashMap;
use std::hash::{BuildHasher, RandomState};

/// What an entry takes, with the table's slack.
const ENTRY_BYTES: u64 = 32;

/// Keys are kept as 128 bits of two keyed hashes: who does not know the keys cannot make two collide, and by chance they
/// do not within the age of the log.
#[derive(Debug)]
pub(super) struct OffsetMap {
    hashers: [RandomState; 2],
    offsets: HashMap<(u64, u64), i64, foldhash::fast::FixedState>,
    max_count: usize,
}

impl OffsetMap {
    /// A map that takes about `max_bytes`; never less than a few keys.
    pub(super) fn new(max_bytes: u64) -> Self {
        let max_count = usize::try_from(max_bytes / ENTRY_BYTES).unwrap_or(usize::MAX).max(16);
        Self { hashers: [RandomState::new(), RandomState::new()], offsets: HashMap::default(), max_count }
    }

    fn hash(&self, key: &[u8]) -> (u64, u64) {
        (self.hashers[0].hash_one(key), self.hashers[1].hash_one(key))
    }

    /// Notes a key's offset, which is above all others so far; false when there is no room.
    pub(super) fn put(&mut self, key: &[u8], offset: i64) -> bool {
        let hash = self.hash(key);
        if let Some(known) = self.offsets.get_mut(&hash) {
            *known = offset;
            return true;
        }
        if self.offsets.len() >= self.max_count {
            return false;
        }
        self.offsets.insert(hash, offset);
        true
    }

    /// The last offset of a key.
    pub(super) fn get(&self, key: &[u8]) -> Option<i64> {
        self.offsets.get(&self.hash(key)).copied()
    }
}
