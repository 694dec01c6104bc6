//! Formats 0 and 1, read only: message sets of old log files.
//!
//! A message is its own batch, unless it is a *wrapper*: then its value is a compressed message set. Brokers of
//! today neither write nor accept these formats, but keep and serve what was written once; [`LegacyBatch::upgrade`]
//! turns them into format 2, so that nothing further up needs to know.
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 8 | offset; in a wrapper that of its last message |
//! | 8 | 4 | message size: bytes behind this field |
//! | 12 | 4 | CRC-32 of everything behind it |
//! | 16 | 1 | magic, 0 or 1 |
//! | 17 | 1 | attributes |
//! | 18 | 8 | timestamp, format 1 only |
//! | | 4 + n | key, length -1 for null |
//! | | 4 + n | value, length -1 for null |
//!
//! Offsets inside a wrapper are absolute in format 0 and count from 0 in format 1.

use super::header::{Attributes, LENGTH_AT, LOG_OVERHEAD_BYTES, MAGIC_AT, i32_at, i64_at};
use super::{
    BatchBuilder, BatchError, BatchOptions, BatchView, DecompressLimits, ProducerStamp, RecordError,
    TimestampType,
};
use crate::compression::{self, Codec, DecompressError};
use crate::crc32::crc32;
use bytes::{Bytes, BytesMut};

const CRC_AT: usize = 12;
const ATTRIBUTES_AT: usize = 17;
const TIMESTAMP_AT: usize = 18;
/// Offset, size, CRC, magic, attributes and two lengths.
const OVERHEAD_FORMAT_0: usize = 26;
const OVERHEAD_FORMAT_1: usize = 34;

/// Size of the smallest message of a format.
pub(super) const fn min_size_bytes(magic: i8) -> usize {
    if magic == 0 { OVERHEAD_FORMAT_0 } else { OVERHEAD_FORMAT_1 }
}

/// A message of format 0 or 1, plain or a wrapper.
///
/// The CRC has not been checked until [`verify_crc`](Self::verify_crc) has.
#[derive(Debug, Clone)]
pub struct LegacyBatch {
    /// Offset of the message, or of a wrapper's last one.
    pub last_offset: i64,
    /// 0 or 1.
    pub magic: i8,
    /// CRC-32 of everything behind it.
    pub crc: u32,
    /// The message's timestamp, a wrapper's largest; -1 in format 0.
    pub timestamp_ms: i64,
    /// Codec of a wrapper's value, [`Codec::None`] for a plain message.
    pub compression: Codec,
    /// Who set the timestamps. Format 0 has none.
    pub timestamp_type: TimestampType,
    key: Option<Bytes>,
    value: Option<Bytes>,
    bytes: Bytes,
}

/// A message of format 0 or 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegacyRecord {
    /// Offset in the partition.
    pub offset: i64,
    /// -1 in format 0.
    pub timestamp_ms: i64,
    /// Null and empty differ.
    pub key: Option<Bytes>,
    /// Null is a tombstone in a compacted topic.
    pub value: Option<Bytes>,
}

impl LegacyBatch {
    /// The message that `bytes` are, all of them.
    pub fn new(bytes: Bytes) -> Result<LegacyBatch, BatchError> {
        let available_bytes = bytes.len();
        let Some(&magic) = bytes.get(MAGIC_AT) else {
            return Err(BatchError::Truncated { needed_bytes: OVERHEAD_FORMAT_0, available_bytes });
        };
        let magic = magic as i8;
        if !(0..=1).contains(&magic) {
            return Err(BatchError::Magic(magic));
        }
        let length = i32_at(&bytes, LENGTH_AT);
        let size = usize::try_from(length).map_or(0, |length| length + LOG_OVERHEAD_BYTES);
        if size < min_size_bytes(magic) {
            return Err(BatchError::Length(length));
        }
        if size > available_bytes {
            return Err(BatchError::Truncated { needed_bytes: size, available_bytes });
        }
        if size < available_bytes {
            return Err(BatchError::BytesAfterBatch(available_bytes - size));
        }
        let attributes = i16::from(bytes[ATTRIBUTES_AT]);
        let id = Attributes(attributes).compression_id();
        // Zstandard came after these formats.
        let compression = Codec::from_id(id).filter(|codec| *codec != Codec::Zstd);
        let compression = compression.ok_or(BatchError::UnknownCompression(id))?;
        let mut at = TIMESTAMP_AT;
        let (mut timestamp_ms, mut timestamp_type) = (-1, TimestampType::CreateTime);
        if magic == 1 {
            timestamp_ms = i64_at(&bytes, TIMESTAMP_AT);
            at += 8;
            if attributes & Attributes::LOG_APPEND_TIME != 0 {
                timestamp_type = TimestampType::LogAppendTime;
            }
        }
        let key = field(&bytes, &mut at)?;
        let value = field(&bytes, &mut at)?;
        if at != bytes.len() {
            return Err(record_error(0, RecordError::Size));
        }
        Ok(LegacyBatch {
            last_offset: i64_at(&bytes, 0),
            magic,
            crc: i32_at(&bytes, CRC_AT) as u32,
            timestamp_ms,
            compression,
            timestamp_type,
            key,
            value,
            bytes,
        })
    }

    /// The whole message with its offset and size.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Checks the bytes against the CRC.
    pub fn verify_crc(&self) -> Result<(), BatchError> {
        let computed = crc32(&self.bytes[MAGIC_AT..]);
        if computed == self.crc {
            return Ok(());
        }
        Err(BatchError::Crc { stored: self.crc, computed })
    }

    /// The message, or those inside a wrapper, each of which has its CRC checked. Never empty.
    pub fn records(&self, limits: &DecompressLimits) -> Result<Vec<LegacyRecord>, BatchError> {
        if self.compression == Codec::None {
            return Ok(vec![LegacyRecord {
                offset: self.last_offset,
                timestamp_ms: self.timestamp_ms,
                key: self.key.clone(),
                value: self.value.clone(),
            }]);
        }
        let mut rest = self.decompress(limits)?;
        let mut records = Vec::new();
        while !rest.is_empty() {
            let fail = |reason| record_error(records.len(), reason);
            let size = super::BatchHeader::peek_size_bytes(&rest).ok_or(fail(RecordError::Truncated))?;
            if size > rest.len() {
                return Err(fail(RecordError::Truncated));
            }
            let inner = LegacyBatch::new(rest.split_to(size))?;
            inner.verify_crc().map_err(|_| fail(RecordError::Crc))?;
            if inner.compression != Codec::None {
                return Err(fail(RecordError::Nested));
            }
            if inner.magic != self.magic {
                return Err(BatchError::Magic(inner.magic));
            }
            records.push(LegacyRecord {
                offset: inner.last_offset,
                timestamp_ms: match self.timestamp_type {
                    TimestampType::CreateTime => inner.timestamp_ms,
                    TimestampType::LogAppendTime => self.timestamp_ms,
                },
                key: inner.key,
                value: inner.value,
            });
        }
        self.place(&mut records)?;
        Ok(records)
    }

    fn decompress(&self, limits: &DecompressLimits) -> Result<Bytes, BatchError> {
        let missing = || DecompressError::corrupt(self.compression, "no value in a compressed message");
        let value = self.value.as_ref().ok_or_else(missing)?;
        let limit_bytes = limits.max_decompressed_bytes;
        if self.magic == 0 && self.compression == Codec::Lz4 {
            let mut output = Vec::new();
            compression::decompress_lz4_format_0(value, limit_bytes, &mut output)?;
            return Ok(output.into());
        }
        Ok(compression::decompress(self.compression, value, limit_bytes)?)
    }

    /// Turns the offsets inside a wrapper into those of the partition and checks that they grow.
    fn place(&self, records: &mut [LegacyRecord]) -> Result<(), BatchError> {
        let Some(last) = records.last().map(|record| record.offset) else {
            return Err(
                DecompressError::corrupt(self.compression, "no message in a compressed message").into()
            );
        };
        let mut previous = None;
        for (index, record) in records.iter_mut().enumerate() {
            let wrong = || record_error(index, RecordError::OffsetDelta);
            if self.magic == 1 {
                let back = last.checked_sub(record.offset).ok_or_else(wrong)?;
                record.offset = self.last_offset.checked_sub(back).ok_or_else(wrong)?;
            }
            if previous.is_some_and(|previous| previous >= record.offset) {
                return Err(wrong());
            }
            previous = Some(record.offset);
        }
        Ok(())
    }

    /// The same records, at the same offsets, as a batch of format 2.
    pub fn upgrade(&self, limits: &DecompressLimits) -> Result<BatchView, BatchError> {
        let records = self.records(limits)?;
        let base_offset = records.first().map_or(self.last_offset, |record| record.offset);
        let options = BatchOptions { timestamp_type: self.timestamp_type, ..BatchOptions::default() };
        let mut builder = BatchBuilder::new(options, BytesMut::with_capacity(2 * self.bytes.len() + 64));
        builder.set_base_offset(base_offset);
        for (index, record) in records.iter().enumerate() {
            let delta = record.offset.checked_sub(base_offset).and_then(|delta| i32::try_from(delta).ok());
            let delta = delta.ok_or_else(|| record_error(index, RecordError::OffsetDelta))?;
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            builder.append_at(delta, record.timestamp_ms, key, value, [].into_iter());
        }
        let limit_bytes = limits.max_decompressed_bytes;
        let batch = builder.finish(ProducerStamp::NONE);
        BatchView::new(batch.map_err(|_| DecompressError::TooLarge { limit_bytes })?)
    }
}

/// Reads a nullable field with a 4-byte length.
fn field(bytes: &Bytes, at: &mut usize) -> Result<Option<Bytes>, BatchError> {
    let truncated = || record_error(0, RecordError::Truncated);
    let rest = bytes.get(*at..).ok_or_else(truncated)?;
    let length = i32::from_be_bytes(*rest.first_chunk::<4>().ok_or_else(truncated)?);
    *at += 4;
    let Ok(length) = usize::try_from(length) else {
        return if length == -1 { Ok(None) } else { Err(record_error(0, RecordError::FieldLength)) };
    };
    if length > bytes.len() - *at {
        return Err(truncated());
    }
    let field = bytes.slice(*at..*at + length);
    *at += length;
    Ok(Some(field))
}

fn record_error(index: usize, reason: RecordError) -> BatchError {
    BatchError::Record { index, reason }
}

/// A batch of any format.
#[derive(Debug, Clone)]
pub enum AnyBatch {
    /// Format 2.
    Current(BatchView),
    /// Formats 0 and 1.
    Legacy(LegacyBatch),
}

impl AnyBatch {
    /// The batch that `bytes` are, all of them.
    pub fn new(bytes: Bytes) -> Result<AnyBatch, BatchError> {
        match bytes.get(MAGIC_AT) {
            Some(0 | 1) => LegacyBatch::new(bytes).map(AnyBatch::Legacy),
            _ => BatchView::new(bytes).map(AnyBatch::Current),
        }
    }

    /// Checks the bytes against the CRC.
    pub fn verify_crc(&self) -> Result<(), BatchError> {
        match self {
            AnyBatch::Current(batch) => batch.verify_crc(),
            AnyBatch::Legacy(batch) => batch.verify_crc(),
        }
    }

    /// The whole batch.
    pub fn bytes(&self) -> &Bytes {
        match self {
            AnyBatch::Current(batch) => batch.bytes(),
            AnyBatch::Legacy(batch) => batch.bytes(),
        }
    }

    /// Offset of the last record.
    pub fn last_offset(&self) -> i64 {
        match self {
            AnyBatch::Current(batch) => batch.header.last_offset(),
            AnyBatch::Legacy(batch) => batch.last_offset,
        }
    }

    /// The batch in format 2, rewritten when it is of an older one.
    pub fn into_current(self, limits: &DecompressLimits) -> Result<BatchView, BatchError> {
        match self {
            AnyBatch::Current(batch) => Ok(batch),
            AnyBatch::Legacy(batch) => batch.upgrade(limits),
        }
    }
}

/// As [`Batches`](super::Batches), over batches of any format.
#[derive(Debug, Clone)]
pub struct AnyBatches {
    rest: Bytes,
    failed: bool,
}

impl AnyBatches {
    /// Iterates over `bytes`.
    pub fn new(bytes: Bytes) -> AnyBatches {
        AnyBatches { rest: bytes, failed: false }
    }

    /// Bytes not yet given out; once the iteration has ended, those of a batch that was cut off.
    pub fn trailing_bytes(&self) -> usize {
        self.rest.len()
    }
}

impl Iterator for AnyBatches {
    type Item = Result<AnyBatch, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let result = super::reader::split_batch(&mut self.rest)?.and_then(AnyBatch::new);
        self.failed = result.is_err();
        Some(result)
    }
}
