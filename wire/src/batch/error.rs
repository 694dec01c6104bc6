//! Why bytes are not a record batch.

use crate::compression::DecompressError;

/// Bytes that are not a valid record batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The bytes end before the batch does.
    #[error("batch needs {needed_bytes} bytes, {available_bytes} are there")]
    Truncated {
        /// Bytes the batch, or its header, takes.
        needed_bytes: usize,
        /// Bytes given.
        available_bytes: usize,
    },
    /// The batch length is below what a header takes.
    #[error("batch length {0} is below the minimum")]
    Length(i32),
    /// More bytes than the batch's length says.
    #[error("{0} bytes are left over behind the batch")]
    BytesAfterBatch(usize),
    /// Not a format the reader reads; see [`legacy`](crate::batch::legacy) for 0 and 1.
    #[error("unsupported magic {0}")]
    Magic(i8),
    /// The checksum does not match the bytes.
    #[error("checksum mismatch: stored {stored:#010x}, computed {computed:#010x}")]
    Crc {
        /// In the header.
        stored: u32,
        /// Of the bytes.
        computed: u32,
    },
    /// The attributes name a codec that does not exist.
    #[error("unknown compression id {0}")]
    UnknownCompression(u8),
    /// The count of records is negative or not what the offsets say.
    #[error("records count {count} does not fit last offset delta {last_offset_delta}")]
    Count {
        /// Header's count.
        count: i32,
        /// Header's last offset delta.
        last_offset_delta: i32,
    },
    /// The last offset delta is negative or leads past the largest offset.
    #[error(
        "offsets of base offset {base_offset} and last offset delta {last_offset_delta} are out of range"
    )]
    Offsets {
        /// Header's base offset.
        base_offset: i64,
        /// Header's last offset delta.
        last_offset_delta: i32,
    },
    /// A record inside the batch is malformed.
    #[error("record {index}: {reason}")]
    Record {
        /// Position in the batch, from 0.
        index: usize,
        /// What is wrong.
        reason: RecordError,
    },
    /// Bytes are left over behind the last record.
    #[error("{0} bytes are left over behind the last record")]
    BytesAfterRecords(usize),
    /// A control batch's records are not markers.
    #[error("malformed control batch: {0}")]
    Control(&'static str),
    /// The records could not be decompressed.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
}

/// What is wrong with one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes end inside the record, or an integer is too long.
    #[error("the bytes end inside the record")]
    Truncated,
    /// The record's length is negative.
    #[error("negative length")]
    NegativeLength,
    /// The fields do not fill the record's length exactly.
    #[error("fields do not fill the record's length")]
    Size,
    /// Key or value length below -1.
    #[error("invalid key or value length")]
    FieldLength,
    /// Header count negative or beyond what the record could hold.
    #[error("invalid header count")]
    HeaderCount,
    /// A header's key is null.
    #[error("null header key")]
    NullHeaderKey,
    /// The offset is not the one the record's position asks for.
    #[error("offset delta out of order")]
    OffsetDelta,
    /// The topic is compacted and the record has no key.
    #[error("no key in a compacted topic")]
    MissingKey,
    /// The checksum of a format 0 or 1 message does not match.
    #[error("checksum mismatch")]
    Crc,
    /// Compressed messages inside compressed messages.
    #[error("nested compression")]
    Nested,
}
