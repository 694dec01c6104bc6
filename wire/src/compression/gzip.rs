//! Gzip: RFC 1952 members, one on write, any number behind one another on read.

use super::output::Output;
use super::{Codec, CompressError, DecompressError};
use flate2::{Compress, Crc, Decompress, FlushCompress, FlushDecompress, Status};
use std::cell::RefCell;

/// No name, no time, unknown system: what Java writes.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
const FLAG_HEADER_CRC: u8 = 2;
const FLAG_EXTRA: u8 = 4;
const FLAG_NAME: u8 = 8;
const FLAG_COMMENT: u8 = 16;
const FLAGS_RESERVED: u8 = 0xe0;
const DEFAULT_LEVEL: i32 = 6;

thread_local! {
    // A deflater is some 300 KiB to set up, far more than a batch is to compress.
    static DEFLATE: RefCell<Option<(u32, Compress)>> = const { RefCell::new(None) };
    static INFLATE: RefCell<Option<Decompress>> = const { RefCell::new(None) };
}

pub(super) fn compress(level: i32, input: &[u8], output: &mut Vec<u8>) -> Result<(), CompressError> {
    let level = match level {
        -1 => DEFAULT_LEVEL as u32,
        0..=9 => level as u32,
        _ => {
            let reason = format!("level {level} is not -1 or 0 to 9").into();
            return Err(CompressError::Codec { codec: Codec::Gzip, reason });
        }
    };
    DEFLATE.with_borrow_mut(|slot| {
        let deflate = match slot {
            Some((at, deflate)) if *at == level => {
                deflate.reset();
                deflate
            }
            _ => &mut slot.insert((level, Compress::new(flate2::Compression::new(level), false))).1,
        };
        output.extend_from_slice(&HEADER);
        let mut done = 0;
        output.reserve(input.len() / 2 + 64);
        loop {
            let before = deflate.total_in();
            let status =
                deflate.compress_vec(&input[done..], output, FlushCompress::Finish).map_err(|error| {
                    CompressError::Codec { codec: Codec::Gzip, reason: error.to_string().into() }
                })?;
            done += (deflate.total_in() - before) as usize;
            if status == Status::StreamEnd {
                break;
            }
            output.reserve(input.len() / 4 + 64);
        }
        output.extend_from_slice(&crc32(input).to_le_bytes());
        output.extend_from_slice(&(input.len() as u32).to_le_bytes());
        Ok(())
    })
}

pub(super) fn decompress(input: &[u8], output: &mut Output<'_>) -> Result<(), DecompressError> {
    INFLATE.with_borrow_mut(|slot| {
        let inflate = slot.get_or_insert_with(|| Decompress::new(false));
        let mut at = 0;
        loop {
            at = member(inflate, input, at, output)?;
            if at == input.len() {
                return Ok(());
            }
        }
    })
}

/// Decodes the member at `at` and returns the position behind it.
fn member(
    inflate: &mut Decompress,
    input: &[u8],
    at: usize,
    output: &mut Output<'_>,
) -> Result<usize, DecompressError> {
    let mut at = at + header_size(&input[at..]).map_err(corrupt)?;
    let start = output.bytes.len();
    inflate.reset(false);
    loop {
        output.grow(input.len())?;
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate
            .decompress_vec(&input[at..], output.bytes, FlushDecompress::None)
            .map_err(|error| DecompressError::corrupt(Codec::Gzip, error.to_string()))?;
        at += (inflate.total_in() - before_in) as usize;
        if status == Status::StreamEnd {
            break;
        }
        if inflate.total_in() == before_in && inflate.total_out() == before_out {
            return Err(corrupt("truncated"));
        }
    }
    output.check()?;
    let Some(&[c0, c1, c2, c3, s0, s1, s2, s3]) = input[at..].first_chunk::<8>() else {
        return Err(corrupt("truncated trailer"));
    };
    let plain = &output.bytes[start..];
    if u32::from_le_bytes([s0, s1, s2, s3]) != plain.len() as u32 {
        return Err(corrupt("size mismatch"));
    }
    if u32::from_le_bytes([c0, c1, c2, c3]) != crc32(plain) {
        return Err(corrupt("checksum mismatch"));
    }
    Ok(at + 8)
}

/// Size of a member's header with its optional fields.
fn header_size(input: &[u8]) -> Result<usize, &'static str> {
    let fixed = input.first_chunk::<10>().ok_or("truncated header")?;
    if fixed[..3] != HEADER[..3] {
        return Err("not a gzip member");
    }
    let flags = fixed[3];
    if flags & FLAGS_RESERVED != 0 {
        return Err("reserved flags");
    }
    let mut at = fixed.len();
    if flags & FLAG_EXTRA != 0 {
        let length = input[at..].first_chunk::<2>().ok_or("truncated header")?;
        at += 2 + usize::from(u16::from_le_bytes(*length));
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let text = input.get(at..).ok_or("truncated header")?;
            at += text.iter().position(|&byte| byte == 0).ok_or("truncated header")? + 1;
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        let sum = input.get(at..).and_then(|rest| rest.first_chunk::<2>()).ok_or("truncated header")?;
        if u16::from_le_bytes(*sum) != crc32(&input[..at]) as u16 {
            return Err("header checksum mismatch");
        }
        at += 2;
    }
    if at > input.len() { Err("truncated header") } else { Ok(at) }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fn corrupt(reason: &'static str) -> DecompressError {
    DecompressError::corrupt(Codec::Gzip, reason)
}

#[cfg(test)]
mod tests {
    use super::super::{Compression, compress, decompress};
    use super::*;

    #[test]
    fn concatenated_members_read_as_one_stream() {
        let mut bytes = Vec::new();
        compress(Compression::Gzip { level: 1 }, b"hello ", &mut bytes).unwrap();
        compress(Compression::Gzip { level: 9 }, b"", &mut bytes).unwrap();
        compress(Compression::Gzip { level: -1 }, b"world", &mut bytes).unwrap();
        assert_eq!(&decompress(Codec::Gzip, &bytes, 11).unwrap()[..], b"hello world");
        assert_eq!(decompress(Codec::Gzip, &bytes, 10), Err(DecompressError::TooLarge { limit_bytes: 10 }));
    }

    #[test]
    fn optional_header_fields_are_skipped() {
        let mut plain = Vec::new();
        compress(Compression::Gzip { level: 6 }, b"text", &mut plain).unwrap();
        let flags = FLAG_EXTRA | FLAG_NAME | FLAG_COMMENT | FLAG_HEADER_CRC;
        let mut bytes = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3, 2, 0, b'x', b'y', b'n', 0, b'c', 0];
        let sum = crc32(&bytes) as u16;
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes.extend_from_slice(&plain[10..]);
        assert_eq!(&decompress(Codec::Gzip, &bytes, 100).unwrap()[..], b"text");
        for end in 0..bytes.len() {
            assert!(decompress(Codec::Gzip, &bytes[..end], 100).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_wrong_trailer_is_refused() {
        let mut bytes = Vec::new();
        compress(Compression::Gzip { level: 6 }, b"text", &mut bytes).unwrap();
        for at in bytes.len() - 8..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(decompress(Codec::Gzip, &changed, 100).is_err());
        }
    }

    #[test]
    fn other_decoders_read_what_is_written() {
        let input = b"abcabcabc".repeat(1000);
        let mut bytes = Vec::new();
        compress(Compression::Gzip { level: 6 }, &input, &mut bytes).unwrap();
        let mut read = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut read).unwrap();
        assert_eq!(read, input);
    }
}
