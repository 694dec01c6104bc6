//! LZ4 frames: independent 64 KiB blocks on write; on read any block size, linked blocks, checksums and content size.

use super::output::Output;
use super::xxh32::xxh32;
use super::{Codec, CompressError, DecompressError};
use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into, decompress_into_with_dict,
    get_maximum_output_size,
};
use std::cell::RefCell;

const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
/// Version 1, independent blocks; 64 KiB blocks; their checksum.
const DESCRIPTOR: [u8; 3] = [0x60, 0x40, 0x82];
const BLOCK_BYTES: usize = 64 << 10;
const END_MARK: [u8; 4] = [0; 4];
/// Set in a block's size when the block is stored as it is.
const STORED: u32 = 1 << 31;

const FLAG_DICTIONARY: u8 = 0x01;
const FLAG_CONTENT_CHECKSUM: u8 = 0x04;
const FLAG_CONTENT_SIZE: u8 = 0x08;
const FLAG_BLOCK_CHECKSUM: u8 = 0x10;
const FLAG_INDEPENDENT: u8 = 0x20;
const VERSION_MASK: u8 = 0xc0;
const VERSION: u8 = 0x40;
/// How far a linked block reaches back.
const WINDOW_BYTES: usize = 64 << 10;
/// No sequence of a block gives more than this for a byte of input.
const MAX_RATIO: usize = 256;

thread_local! {
    // Always the large table: the small one is traded for it at the first full block.
    static TABLE: RefCell<CompressTable> = RefCell::new(CompressTable::large());
}

pub(super) fn compress(input: &[u8], output: &mut Vec<u8>) -> Result<(), CompressError> {
    output.extend_from_slice(&MAGIC);
    output.extend_from_slice(&DESCRIPTOR);
    TABLE.with_borrow_mut(|table| {
        for block in input.chunks(BLOCK_BYTES) {
            let start = output.len();
            output.resize(start + 4 + get_maximum_output_size(block.len()), 0);
            let size = compress_into_with_table(block, &mut output[start + 4..], table).map_err(|error| {
                CompressError::Codec { codec: Codec::Lz4, reason: error.to_string().into() }
            })?;
            let field = if size < block.len() {
                output.truncate(start + 4 + size);
                size as u32
            } else {
                output.truncate(start + 4);
                output.extend_from_slice(block);
                block.len() as u32 | STORED
            };
            output[start..start + 4].copy_from_slice(&field.to_le_bytes());
        }
        output.extend_from_slice(&END_MARK);
        Ok(())
    })
}

/// `wrong_descriptor_checksum`: format 0 messages carry a checksum over other bytes, which is not looked at.
pub(super) fn decompress(
    input: &[u8],
    output: &mut Output<'_>,
    wrong_descriptor_checksum: bool,
) -> Result<(), DecompressError> {
    let mut rest = input;
    loop {
        rest = frame(rest, output, wrong_descriptor_checksum)?;
        if rest.is_empty() {
            return Ok(());
        }
    }
}

/// Decodes the frame at the start of `input` and returns what is behind it.
fn frame<'i>(
    input: &'i [u8],
    output: &mut Output<'_>,
    wrong_descriptor_checksum: bool,
) -> Result<&'i [u8], DecompressError> {
    let mut rest = input.strip_prefix(&MAGIC).ok_or_else(|| corrupt("not an LZ4 frame"))?;
    let descriptor = rest;
    let [flags, block_descriptor] = *take::<2>(&mut rest)?;
    if flags & VERSION_MASK != VERSION {
        return Err(corrupt("unknown frame version"));
    }
    if flags & FLAG_DICTIONARY != 0 {
        return Err(corrupt("frame needs a dictionary"));
    }
    let max_block = match (block_descriptor >> 4) & 7 {
        4 => 64 << 10,
        5 => 256 << 10,
        6 => 1 << 20,
        7 => 4 << 20,
        _ => return Err(corrupt("unknown block size")),
    };
    let content_size =
        if flags & FLAG_CONTENT_SIZE == 0 { None } else { Some(u64::from_le_bytes(*take::<8>(&mut rest)?)) };
    let descriptor = &descriptor[..descriptor.len() - rest.len()];
    let [checksum] = *take::<1>(&mut rest)?;
    if !wrong_descriptor_checksum && checksum != (xxh32(descriptor) >> 8) as u8 {
        return Err(corrupt("descriptor checksum mismatch"));
    }
    if content_size.is_some_and(|size| size > output.remaining() as u64) {
        return Err(output.too_large());
    }
    let frame_start = output.bytes.len();
    loop {
        let field = u32::from_le_bytes(*take::<4>(&mut rest)?);
        if field == 0 {
            break;
        }
        let size = (field & !STORED) as usize;
        // A compressed block may not be larger than its contents: writers store it instead.
        if size > max_block {
            return Err(corrupt("block larger than the frame allows"));
        }
        let block = rest.get(..size).ok_or_else(|| corrupt("truncated block"))?;
        rest = &rest[size..];
        if flags & FLAG_BLOCK_CHECKSUM != 0 && u32::from_le_bytes(*take::<4>(&mut rest)?) != xxh32(block) {
            return Err(corrupt("block checksum mismatch"));
        }
        if field & STORED != 0 {
            output.extend(block)?;
        } else {
            let window = if flags & FLAG_INDEPENDENT != 0 { None } else { Some(frame_start) };
            decode_block(block, max_block, window, output)?;
        }
    }
    let content = &output.bytes[frame_start..];
    if content_size.is_some_and(|size| size != content.len() as u64) {
        return Err(corrupt("content size mismatch"));
    }
    if flags & FLAG_CONTENT_CHECKSUM != 0 && u32::from_le_bytes(*take::<4>(&mut rest)?) != xxh32(content) {
        return Err(corrupt("content checksum mismatch"));
    }
    Ok(rest)
}

/// Decodes one block to the end of `output`. `window` is where a linked block's history starts.
fn decode_block(
    block: &[u8],
    max_block: usize,
    window: Option<usize>,
    output: &mut Output<'_>,
) -> Result<(), DecompressError> {
    let room = max_block.min(block.len() * MAX_RATIO).min(output.remaining());
    let limited = room == output.remaining();
    let start = output.reserve_block(room)?;
    let (before, target) = output.bytes.split_at_mut(start);
    let result = match window {
        None => decompress_into(block, target),
        Some(frame_start) => {
            let history = frame_start.max(start.saturating_sub(WINDOW_BYTES));
            decompress_into_with_dict(block, target, &before[history..])
        }
    };
    match result {
        Ok(size) => {
            output.bytes.truncate(start + size);
            Ok(())
        }
        Err(lz4_flex::block::DecompressError::OutputTooSmall { .. }) if limited => Err(output.too_large()),
        Err(error) => Err(DecompressError::corrupt(Codec::Lz4, error.to_string())),
    }
}

fn take<'i, const N: usize>(rest: &mut &'i [u8]) -> Result<&'i [u8; N], DecompressError> {
    let (taken, behind) = rest.split_first_chunk::<N>().ok_or_else(|| corrupt("truncated"))?;
    *rest = behind;
    Ok(taken)
}

fn corrupt(reason: &'static str) -> DecompressError {
    DecompressError::corrupt(Codec::Lz4, reason)
}

#[cfg(test)]
mod tests {
    use super::super::{Compression, compress, decompress};
    use super::*;
    use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};
    use std::io::{Read, Write};

    fn sample(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i / 7 % 50) as u8 ^ (i / 5000) as u8).collect()
    }

    #[test]
    fn other_decoders_read_what_is_written() {
        for len in [0, 1, 100, BLOCK_BYTES, BLOCK_BYTES + 1, 300_000] {
            let input = sample(len);
            let mut bytes = Vec::new();
            compress(Compression::Lz4 { level: 9 }, &input, &mut bytes).unwrap();
            let mut read = Vec::new();
            FrameDecoder::new(&bytes[..]).read_to_end(&mut read).unwrap();
            assert!(read == input, "length {len}");
        }
    }

    #[test]
    fn every_kind_of_frame_is_read() {
        let input = sample(700_000);
        for mode in [BlockMode::Independent, BlockMode::Linked] {
            for size in [BlockSize::Max64KB, BlockSize::Max256KB, BlockSize::Max1MB, BlockSize::Max4MB] {
                for checks in [false, true] {
                    let info = FrameInfo::new()
                        .block_mode(mode)
                        .block_size(size)
                        .block_checksums(checks)
                        .content_checksum(checks)
                        .content_size(checks.then_some(input.len() as u64));
                    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
                    encoder.write_all(&input).unwrap();
                    let bytes = encoder.finish().unwrap();
                    assert!(decompress(Codec::Lz4, &bytes, input.len()).unwrap() == input);
                    let limit_bytes = input.len() - 1;
                    let error = decompress(Codec::Lz4, &bytes, limit_bytes).unwrap_err();
                    assert_eq!(error, DecompressError::TooLarge { limit_bytes });
                }
            }
        }
    }

    #[test]
    fn incompressible_blocks_are_stored() {
        let mut state = 1u64;
        let input: Vec<u8> = (0..70_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        let mut bytes = Vec::new();
        compress(Compression::Lz4 { level: 1 }, &input, &mut bytes).unwrap();
        assert_eq!(bytes.len(), input.len() + 7 + 2 * 4 + 4);
        assert!(decompress(Codec::Lz4, &bytes, input.len()).unwrap() == input);
    }

    #[test]
    fn cut_frames_are_refused() {
        let mut bytes = Vec::new();
        compress(Compression::Lz4 { level: 1 }, b"hello hello hello hello", &mut bytes).unwrap();
        for end in 0..bytes.len() {
            assert!(decompress(Codec::Lz4, &bytes[..end], 100).is_err(), "cut at {end}");
        }
    }
}
