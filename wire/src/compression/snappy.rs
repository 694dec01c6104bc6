//! Snappy: the xerial block stream that Java clients write, and bare blocks that others do.

use super::output::Output;
use super::{Codec, CompressError, DecompressError};
use std::cell::RefCell;

/// Marks the xerial stream. No bare block starts so: its first element would copy from before the start.
const MAGIC: [u8; 8] = [0x82, b'S', b'N', b'A', b'P', b'P', b'Y', 0];
/// Version and lowest compatible version, both 1.
const VERSIONS: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 1];
const HEADER_BYTES: usize = 16;
/// Block size of the Java stream.
const BLOCK_BYTES: usize = 32 << 10;
/// A copy takes three bytes and gives at most 64, so no honest block grows beyond this factor.
const MAX_RATIO: usize = 22;

thread_local! {
    static ENCODER: RefCell<snap::raw::Encoder> = RefCell::new(snap::raw::Encoder::new());
}

pub(super) fn compress(input: &[u8], output: &mut Vec<u8>) -> Result<(), CompressError> {
    output.extend_from_slice(&MAGIC);
    output.extend_from_slice(&VERSIONS);
    ENCODER.with_borrow_mut(|encoder| {
        for block in input.chunks(BLOCK_BYTES) {
            let start = output.len();
            output.resize(start + 4 + snap::raw::max_compress_len(block.len()), 0);
            let size = encoder.compress(block, &mut output[start + 4..]).map_err(|error| {
                CompressError::Codec { codec: Codec::Snappy, reason: error.to_string().into() }
            })?;
            output[start..start + 4].copy_from_slice(&(size as i32).to_be_bytes());
            output.truncate(start + 4 + size);
        }
        Ok(())
    })
}

pub(super) fn decompress(input: &[u8], output: &mut Output<'_>) -> Result<(), DecompressError> {
    if !input.starts_with(&MAGIC) {
        return block(input, output);
    }
    let mut rest = input.get(HEADER_BYTES..).ok_or_else(|| corrupt("truncated header"))?;
    while !rest.is_empty() {
        // Streams may be concatenated; as a block's size the magic would be negative.
        if rest.starts_with(&MAGIC) {
            rest = rest.get(HEADER_BYTES..).ok_or_else(|| corrupt("truncated header"))?;
            continue;
        }
        let Some((size, behind)) = rest.split_first_chunk::<4>() else {
            return Err(corrupt("truncated block size"));
        };
        let size = usize::try_from(i32::from_be_bytes(*size)).map_err(|_| corrupt("negative block size"))?;
        let Some((bytes, behind)) = behind.split_at_checked(size) else {
            return Err(corrupt("truncated block"));
        };
        block(bytes, output)?;
        rest = behind;
    }
    Ok(())
}

fn block(bytes: &[u8], output: &mut Output<'_>) -> Result<(), DecompressError> {
    let size = snap::raw::decompress_len(bytes).map_err(|_| corrupt("invalid block size"))?;
    if size > output.remaining() {
        return Err(output.too_large());
    }
    if size > bytes.len().saturating_mul(MAX_RATIO) {
        return Err(corrupt("block claims more than it can hold"));
    }
    let start = output.reserve_block(size)?;
    let written = snap::raw::Decoder::new()
        .decompress(bytes, &mut output.bytes[start..])
        .map_err(|error| DecompressError::corrupt(Codec::Snappy, error.to_string()))?;
    output.bytes.truncate(start + written);
    Ok(())
}

fn corrupt(reason: &'static str) -> DecompressError {
    DecompressError::corrupt(Codec::Snappy, reason)
}

#[cfg(test)]
mod tests {
    use super::super::{Compression, compress, decompress};
    use super::*;

    #[test]
    fn bare_blocks_are_read_too() {
        let input = b"abcabcabc".repeat(1000);
        let bytes = snap::raw::Encoder::new().compress_vec(&input).unwrap();
        assert_eq!(&decompress(Codec::Snappy, &bytes, input.len()).unwrap()[..], &input[..]);
    }

    #[test]
    fn concatenated_streams_read_as_one() {
        let mut bytes = Vec::new();
        compress(Compression::Snappy, b"hello ", &mut bytes).unwrap();
        compress(Compression::Snappy, b"world", &mut bytes).unwrap();
        assert_eq!(&decompress(Codec::Snappy, &bytes, 100).unwrap()[..], b"hello world");
    }

    #[test]
    fn long_inputs_are_cut_into_blocks_of_32_kib() {
        let input = vec![7u8; 100_000];
        let mut bytes = Vec::new();
        compress(Compression::Snappy, &input, &mut bytes).unwrap();
        assert_eq!(bytes[..8], MAGIC);
        let first = i32::from_be_bytes(bytes[16..20].try_into().unwrap()) as usize;
        assert_eq!(snap::raw::decompress_len(&bytes[20..20 + first]).unwrap(), BLOCK_BYTES);
        assert_eq!(&decompress(Codec::Snappy, &bytes, 100_000).unwrap()[..], &input[..]);
    }

    #[test]
    fn a_block_that_claims_too_much_costs_no_memory() {
        // 2^26 bytes from a block of five.
        let claim = [0x80, 0x80, 0x80, 0x20, 0x00];
        let mut output = Vec::new();
        let error = super::super::decompress_into(Codec::Snappy, &claim, 1 << 30, &mut output).unwrap_err();
        assert!(matches!(error, DecompressError::Corrupt { .. }));
        assert!(output.capacity() < 1 << 16);
    }
}
