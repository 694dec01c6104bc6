//! Zstandard frames.

use super::output::Output;
use super::{Codec, CompressError, DecompressError};
use std::cell::RefCell;
use std::io::Cursor;
use zstd::zstd_safe::{
    CCtx, CParameter, DCtx, InBuffer, OutBuffer, ResetDirective, compress_bound, find_frame_compressed_size,
    get_error_name, get_frame_content_size, max_c_level, min_c_level,
};

/// A context above this size, left by a high level or a wide window, is not kept for the next batch.
const MAX_KEPT_CONTEXT_BYTES: usize = 8 << 20;
/// A claimed content size is trusted with memory up to this factor of the input; beyond it the frame is streamed.
const TRUSTED_RATIO: usize = 64;

thread_local! {
    // Contexts take longer to set up than a small batch takes to compress.
    static COMPRESS: RefCell<Option<(i32, CCtx<'static>)>> = const { RefCell::new(None) };
    static DECOMPRESS: RefCell<Option<DCtx<'static>>> = const { RefCell::new(None) };
}

pub(super) fn compress(level: i32, input: &[u8], output: &mut Vec<u8>) -> Result<(), CompressError> {
    if level < min_c_level() || level > max_c_level() {
        return Err(compress_error(format!("level {level} is not {} to {}", min_c_level(), max_c_level())));
    }
    COMPRESS.with_borrow_mut(|slot| {
        if slot.as_ref().is_none_or(|(at, _)| *at != level) {
            let mut context = CCtx::try_create().ok_or_else(|| compress_error("out of memory".into()))?;
            context
                .set_parameter(CParameter::CompressionLevel(level))
                .map_err(|code| compress_error(get_error_name(code).into()))?;
            *slot = Some((level, context));
        }
        let (_, context) = slot.as_mut().expect("set above");
        let start = output.len();
        output.reserve(compress_bound(input.len()));
        let mut target = Cursor::new(&mut *output);
        target.set_position(start as u64);
        let result = context.compress2(&mut target, input);
        if result.is_err() || context.sizeof() > MAX_KEPT_CONTEXT_BYTES {
            *slot = None;
        }
        result.map(|_| ()).map_err(|code| compress_error(get_error_name(code).into()))
    })
}

pub(super) fn decompress(input: &[u8], output: &mut Output<'_>) -> Result<(), DecompressError> {
    DECOMPRESS.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Some(DCtx::try_create().ok_or_else(|| corrupt("out of memory"))?);
        }
        let context = slot.as_mut().expect("set above");
        let result = match one_frame_size(input, output) {
            Some(size) => at_once(context, input, size, output),
            None => stream(context, input, output),
        };
        if context.sizeof() > MAX_KEPT_CONTEXT_BYTES || context.reset(ResetDirective::SessionOnly).is_err() {
            *slot = None;
        }
        result
    })
}

/// Content size of the input when it is one frame that says its size, and the size is believable.
fn one_frame_size(input: &[u8], output: &Output<'_>) -> Option<usize> {
    let size = usize::try_from(get_frame_content_size(input).ok()??).ok()?;
    let whole = find_frame_compressed_size(input).is_ok_and(|size| size == input.len());
    let trusted = size <= output.remaining() && size <= input.len().saturating_mul(TRUSTED_RATIO);
    (whole && trusted).then_some(size)
}

/// Decodes straight into the output, without the copy through a window.
fn at_once(
    context: &mut DCtx<'static>,
    input: &[u8],
    size: usize,
    output: &mut Output<'_>,
) -> Result<(), DecompressError> {
    let start = output.bytes.len();
    output.bytes.reserve_exact(size);
    let mut target = Cursor::new(&mut *output.bytes);
    target.set_position(start as u64);
    context.decompress(&mut target, input).map_err(|code| corrupt(get_error_name(code)))?;
    output.check()
}

fn stream(context: &mut DCtx<'static>, input: &[u8], output: &mut Output<'_>) -> Result<(), DecompressError> {
    context.reset(ResetDirective::SessionOnly).map_err(|code| corrupt(get_error_name(code)))?;
    let mut source = InBuffer::around(input);
    loop {
        output.grow(input.len())?;
        let at = output.bytes.len();
        let room = output.bytes.capacity() - at;
        let mut target = OutBuffer::around_pos(&mut *output.bytes, at);
        let hint = context
            .decompress_stream(&mut target, &mut source)
            .map_err(|code| corrupt(get_error_name(code)))?;
        let written = target.pos() - at;
        output.check()?;
        let all_read = source.pos() == input.len();
        match hint {
            // The end of a frame; others may follow.
            0 if all_read => return Ok(()),
            0 => {}
            _ if all_read && written < room => return Err(corrupt("truncated")),
            _ => {}
        }
    }
}

fn compress_error(reason: String) -> CompressError {
    CompressError::Codec { codec: Codec::Zstd, reason: reason.into() }
}

fn corrupt(reason: &'static str) -> DecompressError {
    DecompressError::corrupt(Codec::Zstd, reason)
}

#[cfg(test)]
mod tests {
    use super::super::{Compression, compress, decompress};
    use super::*;

    #[test]
    fn frames_with_and_without_content_size_and_several_of_them_are_read() {
        let input = b"some text, some more text".repeat(100);
        let mut sized = Vec::new();
        compress(Compression::Zstd { level: 3 }, &input, &mut sized).unwrap();
        assert_eq!(get_frame_content_size(&sized).unwrap(), Some(input.len() as u64));
        let streamed = zstd::stream::encode_all(&input[..], 5).unwrap();
        let mut several = sized.clone();
        several.extend_from_slice(&streamed);
        assert!(decompress(Codec::Zstd, &sized, input.len()).unwrap() == input);
        assert!(decompress(Codec::Zstd, &streamed, input.len()).unwrap() == input);
        assert!(decompress(Codec::Zstd, &several, 2 * input.len()).unwrap() == input.repeat(2));
        for bytes in [sized, streamed] {
            let limit_bytes = input.len() - 1;
            let error = decompress(Codec::Zstd, &bytes, limit_bytes).unwrap_err();
            assert_eq!(error, DecompressError::TooLarge { limit_bytes });
            for end in 0..bytes.len() {
                assert!(decompress(Codec::Zstd, &bytes[..end], 1 << 20).is_err(), "cut at {end}");
            }
        }
    }

    #[test]
    fn a_failure_does_not_spoil_the_next_batch() {
        let mut bytes = Vec::new();
        compress(Compression::Zstd { level: 3 }, b"hello hello hello hello hello", &mut bytes).unwrap();
        assert!(decompress(Codec::Zstd, &bytes[..bytes.len() - 3], 100).is_err());
        assert_eq!(&decompress(Codec::Zstd, &bytes, 100).unwrap()[..], b"hello hello hello hello hello");
    }

    #[test]
    fn levels_out_of_range_are_refused() {
        let mut output = Vec::new();
        for level in [23, -131_073] {
            assert!(compress(Compression::Zstd { level }, b"", &mut output).is_err());
        }
        for level in [-131_072, 1, 22] {
            output.clear();
            compress(Compression::Zstd { level }, b"abc", &mut output).unwrap();
            assert_eq!(&decompress(Codec::Zstd, &output, 3).unwrap()[..], b"abc");
        }
    }
}
