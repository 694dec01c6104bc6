//! Random histories of a log against a list of batches.
//!
//! The model knows what a log promises, not how it keeps it: offsets without holes, reads that are runs of whole batches,
//! producers as a fold over the batches.

use super::*;
use operation::{configs, operations};
use proptest::prelude::*;
use world::{NOW_MS, World};

mod appends;
mod checks;
mod history;
mod operation;
mod world;

/// How many histories, unless `PROPTEST_CASES` says otherwise.
const CASES: u32 = 64;

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn log_agrees_with_a_list_of_batches(
        config in configs(),
        with_tail in any::<bool>(),
        operations in operations(),
    ) {
        let mut world = World::new(&config, with_tail);
        for operation in &operations {
            world.run(operation);
            world.check();
        }
    }
}
