//! Randomness from one root: every part asks for a generator by name.

use parking_lot::Mutex;
use rand::SeedableRng;
use rand::rngs::StdRng;

/// The generator drivers hand to machines.
pub type Rng = StdRng;

/// The seed everything random in a process descends from.
#[derive(Debug)]
pub struct RngRoot {
    seed: u64,
    /// How often each name was asked for, so that two connections of one name differ and still replay.
    draws: Mutex<std::collections::BTreeMap<String, u64>>,
}

impl RngRoot {
    /// A root that replays: the same seed and the same sequence of names give the same generators.
    pub fn from_seed(seed: u64) -> Self {
        Self { seed, draws: Mutex::new(std::collections::BTreeMap::new()) }
    }

    /// A root seeded by the operating system.
    pub fn from_system() -> Self {
        // `RandomState` is seeded by the operating system and needs no error path.
        use std::hash::{BuildHasher, Hasher};
        let seed = std::collections::hash_map::RandomState::new().build_hasher().finish();
        Self::from_seed(seed)
    }

    /// The generator for the next part called `name`.
    pub fn child(&self, name: &str) -> Rng {
        let draw = {
            let mut draws = self.draws.lock();
            // Names come from code, not from peers, so the map stays small.
            let draw = draws.entry(name.to_owned()).or_insert(0);
            *draw += 1;
            *draw
        };
        StdRng::seed_from_u64(mix(self.seed, name.as_bytes(), draw))
    }
}

/// FNV-1a over the parts, finished with SplitMix64's avalanche.
fn mix(seed: u64, name: &[u8], draw: u64) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in seed.to_le_bytes().into_iter().chain(name.iter().copied()).chain(draw.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn same_seed_and_name_replay_and_others_differ() {
        let draw = |seed, name: &str| RngRoot::from_seed(seed).child(name).random::<u64>();
        assert_eq!(draw(7, "linger"), draw(7, "linger"));
        assert_ne!(draw(7, "linger"), draw(8, "linger"));
        assert_ne!(draw(7, "linger"), draw(7, "backoff"));
    }

    #[test]
    fn second_child_of_a_name_differs_from_the_first() {
        let root = RngRoot::from_seed(7);
        assert_ne!(root.child("connection").random::<u64>(), root.child("connection").random::<u64>());
    }
}
