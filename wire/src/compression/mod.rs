//! Compression of a batch's records: codecs, levels, and decompression under a limit.
//!
//! Owns Kafka's framing of each codec. Does not know what a record is.

use bytes::Bytes;

mod error;
mod gzip;
mod lz4;
mod output;
mod snappy;
mod xxh32;
mod zstd;

pub use error::{CompressError, DecompressError};
use output::Output;

/// Most bytes one batch may decompress to unless the caller says otherwise: 128 MiB.
pub const DEFAULT_MAX_DECOMPRESSED_BYTES: usize = 128 << 20;

/// How records are compressed, as the low three bits of a batch's attributes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum Codec {
    /// Not compressed.
    #[default]
    None = 0,
    /// RFC 1952 members.
    Gzip = 1,
    /// Snappy blocks in the xerial stream format.
    Snappy = 2,
    /// LZ4 frames of independent blocks.
    Lz4 = 3,
    /// Zstandard frames. Needs Produce 7 and Fetch 10.
    Zstd = 4,
}

impl Codec {
    /// Every codec, by id.
    pub const ALL: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    /// The codec with this id on the wire.
    pub const fn from_id(id: u8) -> Option<Codec> {
        match id {
            0 => Some(Codec::None),
            1 => Some(Codec::Gzip),
            2 => Some(Codec::Snappy),
            3 => Some(Codec::Lz4),
            4 => Some(Codec::Zstd),
            _ => None,
        }
    }

    /// Id on the wire.
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// Name in configurations (`compression.type`).
    pub const fn name(self) -> &'static str {
        match self {
            Codec::None => "none",
            Codec::Gzip => "gzip",
            Codec::Snappy => "snappy",
            Codec::Lz4 => "lz4",
            Codec::Zstd => "zstd",
        }
    }

    /// The codec of this configuration name.
    pub fn from_name(name: &str) -> Option<Codec> {
        Codec::ALL.into_iter().find(|codec| codec.name() == name)
    }
}

/// A codec with the level to compress at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Compression {
    /// Records as they are.
    #[default]
    None,
    /// Level 1 to 9, or -1 for the default (6).
    Gzip {
        /// `compression.gzip.level`
        level: i32,
    },
    /// Snappy has no levels.
    Snappy,
    /// Level 1 to 17. Only the fast method is implemented: every level compresses alike.
    Lz4 {
        /// `compression.lz4.level`
        level: i32,
    },
    /// Level -131072 to 22.
    Zstd {
        /// `compression.zstd.level`
        level: i32,
    },
}

impl Compression {
    /// The codec at Kafka's default level.
    pub const fn with_default_level(codec: Codec) -> Compression {
        match codec {
            Codec::None => Compression::None,
            Codec::Gzip => Compression::Gzip { level: -1 },
            Codec::Snappy => Compression::Snappy,
            Codec::Lz4 => Compression::Lz4 { level: 9 },
            Codec::Zstd => Compression::Zstd { level: 3 },
        }
    }

    /// The codec without its level.
    pub const fn codec(self) -> Codec {
        match self {
            Compression::None => Codec::None,
            Compression::Gzip { .. } => Codec::Gzip,
            Compression::Snappy => Codec::Snappy,
            Compression::Lz4 { .. } => Codec::Lz4,
            Compression::Zstd { .. } => Codec::Zstd,
        }
    }
}

impl From<Codec> for Compression {
    fn from(codec: Codec) -> Self {
        Compression::with_default_level(codec)
    }
}

/// Appends the compressed form of `input` to `output`.
pub fn compress(compression: Compression, input: &[u8], output: &mut Vec<u8>) -> Result<(), CompressError> {
    match compression {
        Compression::None => {
            output.extend_from_slice(input);
            Ok(())
        }
        Compression::Gzip { level } => gzip::compress(level, input, output),
        Compression::Snappy => snappy::compress(input, output),
        Compression::Lz4 { level: 1..=17 } => lz4::compress(input, output),
        Compression::Lz4 { level } => {
            let reason = format!("level {level} is not 1 to 17").into();
            Err(CompressError::Codec { codec: Codec::Lz4, reason })
        }
        Compression::Zstd { level } => zstd::compress(level, input, output),
    }
}

/// Decompresses `input` into fresh bytes; see [`decompress_into`].
pub fn decompress(codec: Codec, input: &[u8], limit_bytes: usize) -> Result<Bytes, DecompressError> {
    let mut output = Vec::new();
    decompress_into(codec, input, limit_bytes, &mut output)?;
    Ok(Bytes::from(output))
}

/// Replaces the contents of `output` by the decompressed `input`.
///
/// Stops with [`DecompressError::TooLarge`] once the output would pass `limit_bytes`; memory use stays within the
/// limit and a codec's window whatever the input claims. After an error `output` holds nothing of use.
pub fn decompress_into(
    codec: Codec,
    input: &[u8],
    limit_bytes: usize,
    output: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    output.clear();
    // One byte of room beyond the limit must be addressable.
    let output = &mut Output::new(output, limit_bytes.min(isize::MAX as usize - 1));
    match codec {
        Codec::None => output.extend(input),
        Codec::Gzip => gzip::decompress(input, output),
        Codec::Snappy => snappy::decompress(input, output),
        Codec::Lz4 => lz4::decompress(input, output, false),
        Codec::Zstd => zstd::decompress(input, output),
    }
}

/// As [`decompress_into`], for LZ4 in messages of format 0, whose frames carry a wrong checksum.
pub(crate) fn decompress_lz4_format_0(
    input: &[u8],
    limit_bytes: usize,
    output: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    output.clear();
    lz4::decompress(input, &mut Output::new(output, limit_bytes.min(isize::MAX as usize - 1)), true)
}

#[cfg(test)]
mod tests;
