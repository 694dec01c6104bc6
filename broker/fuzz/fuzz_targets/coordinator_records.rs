//! Any keys and values as the records of `__consumer_offsets`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| ottla_broker::fuzzing::coordinator_records(input));
