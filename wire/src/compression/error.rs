//! Why a batch could not be compressed or decompressed.

use super::Codec;
use std::borrow::Cow;

/// A batch could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompressError {
    /// The codec refused its input or level.
    #[error("{} compression failed: {reason}", codec.name())]
    Codec {
        /// Which codec.
        codec: Codec,
        /// What it said.
        reason: Cow<'static, str>,
    },
    /// The finished batch, or one of its counts, does not fit the format's 32-bit fields.
    #[error("batch of {size_bytes} bytes and {count} records does not fit the batch format")]
    TooLarge {
        /// Size before compression, with the header.
        size_bytes: usize,
        /// Records in the batch.
        count: u32,
    },
}

/// Compressed bytes could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecompressError {
    /// The output would pass the limit.
    #[error("decompressed records exceed the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit that was passed.
        limit_bytes: usize,
    },
    /// The input is not what the codec says it is.
    #[error("corrupt {} data: {reason}", codec.name())]
    Corrupt {
        /// Which codec.
        codec: Codec,
        /// What is wrong.
        reason: Cow<'static, str>,
    },
}

impl DecompressError {
    pub(crate) fn corrupt(codec: Codec, reason: impl Into<Cow<'static, str>>) -> Self {
        DecompressError::Corrupt { codec, reason: reason.into() }
    }
}
