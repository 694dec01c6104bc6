//! Any bytes as the files of a partition's directory.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| ottla_broker::fuzzing::log_recovery(input));
