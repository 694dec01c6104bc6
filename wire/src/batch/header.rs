//! The 61 header bytes of a batch.

use super::BatchError;
use crate::compression::Codec;

/// The format this module reads and writes.
pub const MAGIC: i8 = 2;
/// Base offset and batch length: what every format starts with.
pub const LOG_OVERHEAD_BYTES: usize = 12;
/// Bytes of a batch without records.
pub const BATCH_OVERHEAD_BYTES: usize = 61;

pub(crate) const LENGTH_AT: usize = 8;
pub(crate) const LEADER_EPOCH_AT: usize = 12;
pub(crate) const MAGIC_AT: usize = 16;
pub(crate) const CRC_AT: usize = 17;
pub(crate) const ATTRIBUTES_AT: usize = 21;
pub(crate) const LAST_OFFSET_DELTA_AT: usize = 23;
pub(crate) const BASE_TIMESTAMP_AT: usize = 27;
pub(crate) const MAX_TIMESTAMP_AT: usize = 35;
pub(crate) const PRODUCER_ID_AT: usize = 43;
pub(crate) const PRODUCER_EPOCH_AT: usize = 51;
pub(crate) const BASE_SEQUENCE_AT: usize = 53;
pub(crate) const RECORDS_COUNT_AT: usize = 57;

/// Who set the records' timestamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TimestampType {
    /// The producer, record by record.
    #[default]
    CreateTime,
    /// The broker on append: every record has the batch's max timestamp.
    LogAppendTime,
}

/// A batch's attribute bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Attributes(pub i16);

impl Attributes {
    pub(crate) const CODEC: i16 = 0x07;
    pub(crate) const LOG_APPEND_TIME: i16 = 0x08;
    pub(crate) const TRANSACTIONAL: i16 = 0x10;
    pub(crate) const CONTROL: i16 = 0x20;
    pub(crate) const DELETE_HORIZON: i16 = 0x40;

    /// Id of the codec, known or not.
    pub const fn compression_id(self) -> u8 {
        (self.0 & Self::CODEC) as u8
    }
}

/// A batch's header, parsed.
///
/// Exists only for format 2 with a known codec, a plausible length and offsets within range, so that its methods
/// need no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record when it was produced. Producers send 0.
    pub base_offset: i64,
    /// Bytes behind the length field.
    pub batch_length: i32,
    /// Epoch of the leader that appended the batch, -1 from producers.
    pub partition_leader_epoch: i32,
    /// Format, always 2 here.
    pub magic: i8,
    /// CRC-32C of everything from the attributes to the end.
    pub crc: u32,
    /// Codec, timestamp type and flags.
    pub attributes: Attributes,
    /// Distance from base offset to last offset. Survives compaction, so there may be no record there.
    pub last_offset_delta: i32,
    /// What timestamp deltas add to; the delete horizon once compaction set one.
    pub base_timestamp: i64,
    /// Largest timestamp of the records, or the append time of all. -1 without one.
    pub max_timestamp: i64,
    /// -1 when not idempotent.
    pub producer_id: i64,
    /// -1 when not idempotent.
    pub producer_epoch: i16,
    /// Sequence of the first record, -1 when not idempotent.
    pub base_sequence: i32,
    /// Records in the batch; 0 in a batch kept only for its producer state.
    pub records_count: i32,
}

impl BatchHeader {
    /// Reads the header at the start of `bytes`; the records need not be there.
    pub fn parse(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
        let Some(header) = bytes.first_chunk::<BATCH_OVERHEAD_BYTES>() else {
            return Err(Self::parse_short(bytes));
        };
        let magic = header[MAGIC_AT] as i8;
        if magic != MAGIC {
            return Err(BatchError::Magic(magic));
        }
        let batch_length = i32_at(header, LENGTH_AT);
        if batch_length < (BATCH_OVERHEAD_BYTES - LOG_OVERHEAD_BYTES) as i32 {
            return Err(BatchError::Length(batch_length));
        }
        let attributes = Attributes(i16_at(header, ATTRIBUTES_AT));
        if Codec::from_id(attributes.compression_id()).is_none() {
            return Err(BatchError::UnknownCompression(attributes.compression_id()));
        }
        let base_offset = i64_at(header, 0);
        let last_offset_delta = i32_at(header, LAST_OFFSET_DELTA_AT);
        // One below the top, so that `next_offset` exists.
        let last_offset = base_offset.checked_add(i64::from(last_offset_delta));
        if last_offset_delta < 0 || last_offset.is_none_or(|last| last == i64::MAX) {
            return Err(BatchError::Offsets { base_offset, last_offset_delta });
        }
        let records_count = i32_at(header, RECORDS_COUNT_AT);
        // Compaction leaves fewer records than offsets, nothing makes more.
        if records_count < 0 || i64::from(records_count) > i64::from(last_offset_delta) + 1 {
            return Err(BatchError::Count { count: records_count, last_offset_delta });
        }
        Ok(BatchHeader {
            base_offset,
            batch_length,
            partition_leader_epoch: i32_at(header, LEADER_EPOCH_AT),
            magic,
            crc: i32_at(header, CRC_AT) as u32,
            attributes,
            last_offset_delta,
            base_timestamp: i64_at(header, BASE_TIMESTAMP_AT),
            max_timestamp: i64_at(header, MAX_TIMESTAMP_AT),
            producer_id: i64_at(header, PRODUCER_ID_AT),
            producer_epoch: i16_at(header, PRODUCER_EPOCH_AT),
            base_sequence: i32_at(header, BASE_SEQUENCE_AT),
            records_count,
        })
    }

    /// Names what is wrong with bytes too short for a header as exactly as they allow.
    fn parse_short(bytes: &[u8]) -> BatchError {
        if let Some(&magic) = bytes.get(MAGIC_AT)
            && magic as i8 != MAGIC
        {
            return BatchError::Magic(magic as i8);
        }
        BatchError::Truncated { needed_bytes: BATCH_OVERHEAD_BYTES, available_bytes: bytes.len() }
    }

    /// Size of the whole batch that starts at `bytes`, of any format, once its first 12 bytes are there.
    ///
    /// `None` before that, or when the length is negative.
    pub fn peek_size_bytes(bytes: &[u8]) -> Option<usize> {
        let start = bytes.first_chunk::<LOG_OVERHEAD_BYTES>()?;
        usize::try_from(i32_at(start, LENGTH_AT)).ok().map(|length| length + LOG_OVERHEAD_BYTES)
    }

    /// Codec of the records.
    pub fn compression(&self) -> Codec {
        Codec::from_id(self.attributes.compression_id()).expect("parse refuses unknown codecs")
    }

    /// Who set the timestamps.
    pub const fn timestamp_type(&self) -> TimestampType {
        if self.attributes.0 & Attributes::LOG_APPEND_TIME != 0 {
            TimestampType::LogAppendTime
        } else {
            TimestampType::CreateTime
        }
    }

    /// Whether the records belong to a transaction.
    pub const fn is_transactional(&self) -> bool {
        self.attributes.0 & Attributes::TRANSACTIONAL != 0
    }

    /// Whether the batch holds a marker for the system instead of records for applications.
    pub const fn is_control(&self) -> bool {
        self.attributes.0 & Attributes::CONTROL != 0
    }

    /// Whether compaction has set the time from which tombstones may go.
    pub const fn has_delete_horizon(&self) -> bool {
        self.attributes.0 & Attributes::DELETE_HORIZON != 0
    }

    /// Time from which tombstones in this batch may go, when compaction has set one.
    pub const fn delete_horizon_ms(&self) -> Option<i64> {
        if self.has_delete_horizon() { Some(self.base_timestamp) } else { None }
    }

    /// Whether a producer id is set.
    pub const fn has_producer_id(&self) -> bool {
        self.producer_id >= 0
    }

    /// Offset of the last record when the batch was produced.
    pub const fn last_offset(&self) -> i64 {
        self.base_offset + self.last_offset_delta as i64
    }

    /// Offset behind the batch.
    pub const fn next_offset(&self) -> i64 {
        self.last_offset() + 1
    }

    /// Sequence of the last record, wrapping from 2^31 - 1 to 0; -1 when not idempotent.
    pub const fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return self.base_sequence;
        }
        self.base_sequence.wrapping_add(self.last_offset_delta) & i32::MAX
    }

    /// Size of the whole batch.
    pub const fn size_bytes(&self) -> usize {
        LOG_OVERHEAD_BYTES + self.batch_length as usize
    }

    /// Size of the records as they are on the wire.
    pub const fn records_size_bytes(&self) -> usize {
        self.size_bytes() - BATCH_OVERHEAD_BYTES
    }

    /// Writes the header; the CRC field as it stands here.
    pub(crate) fn write(&self, out: &mut [u8]) {
        put(out, 0, &self.base_offset.to_be_bytes());
        put(out, LENGTH_AT, &self.batch_length.to_be_bytes());
        put(out, LEADER_EPOCH_AT, &self.partition_leader_epoch.to_be_bytes());
        put(out, MAGIC_AT, &self.magic.to_be_bytes());
        put(out, CRC_AT, &self.crc.to_be_bytes());
        put(out, ATTRIBUTES_AT, &self.attributes.0.to_be_bytes());
        put(out, LAST_OFFSET_DELTA_AT, &self.last_offset_delta.to_be_bytes());
        put(out, BASE_TIMESTAMP_AT, &self.base_timestamp.to_be_bytes());
        put(out, MAX_TIMESTAMP_AT, &self.max_timestamp.to_be_bytes());
        put(out, PRODUCER_ID_AT, &self.producer_id.to_be_bytes());
        put(out, PRODUCER_EPOCH_AT, &self.producer_epoch.to_be_bytes());
        put(out, BASE_SEQUENCE_AT, &self.base_sequence.to_be_bytes());
        put(out, RECORDS_COUNT_AT, &self.records_count.to_be_bytes());
    }
}

pub(crate) fn put(out: &mut [u8], at: usize, bytes: &[u8]) {
    out[at..at + bytes.len()].copy_from_slice(bytes);
}

/// `N` bytes at a position the caller knows to be inside.
fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    *bytes[at..].first_chunk::<N>().expect("callers stay inside the header")
}

pub(crate) fn i16_at(bytes: &[u8], at: usize) -> i16 {
    i16::from_be_bytes(array_at(bytes, at))
}

pub(crate) fn i32_at(bytes: &[u8], at: usize) -> i32 {
    i32::from_be_bytes(array_at(bytes, at))
}

pub(crate) fn i64_at(bytes: &[u8], at: usize) -> i64 {
    i64::from_be_bytes(array_at(bytes, at))
}
