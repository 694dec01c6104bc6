//! Any bytes as records of the metadata log.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| ottla_broker::fuzzing::metadata_records(input));
