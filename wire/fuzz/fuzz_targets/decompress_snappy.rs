//! Any bytes as a snappy stream: refused or within the limit, and what was read survives being compressed again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ottla_wire::compression::{Codec, compress, decompress, decompress_into};

const LIMIT_BYTES: usize = 1 << 20;

fuzz_target!(|input: &[u8]| {
    let mut output = Vec::new();
    let result = decompress_into(Codec::Snappy, input, LIMIT_BYTES, &mut output);
    assert!(output.capacity() <= LIMIT_BYTES + 1);
    if result.is_ok() {
        let mut again = Vec::new();
        compress(Codec::Snappy.into(), &output, &mut again).expect("any bytes can be compressed");
        assert!(decompress(Codec::Snappy, &again, output.len()).expect("our own stream") == output);
    }
});
