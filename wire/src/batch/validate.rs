//! What a broker checks of a producer's batch before it appends it.

use super::record::RawRecord;
use super::{BatchError, BatchHeader, BatchView, DecompressLimits, RecordError, Scratch, TimestampType};

/// What to ask of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ValidateOptions {
    /// How much the batch may grow.
    pub limits: DecompressLimits,
    /// Whether every record needs a key, as in a compacted topic.
    pub require_keys: bool,
}

/// What the records of a valid batch say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchStats {
    /// Number of records.
    pub count: u32,
    /// Largest timestamp; the batch's own with log-append time.
    pub max_timestamp_ms: i64,
    /// Smallest timestamp; the batch's own with log-append time.
    pub min_timestamp_ms: i64,
    /// Offset of the first record with the largest timestamp; the last one's with log-append time.
    pub max_timestamp_offset: i64,
    /// Size of the records, decompressed.
    pub records_size_bytes: usize,
}

impl BatchHeader {
    /// The part of the checks that needs no record: at least one, and as many as offsets.
    pub fn validate(&self) -> Result<(), BatchError> {
        if self.records_count == 0 || i64::from(self.records_count) != i64::from(self.last_offset_delta) + 1 {
            return Err(BatchError::Count {
                count: self.records_count,
                last_offset_delta: self.last_offset_delta,
            });
        }
        Ok(())
    }
}

impl BatchView {
    /// Checks a batch as a producer must send it: records as many as the header says, at offset deltas 0, 1, 2 …,
    /// each filling its length exactly, and nothing behind the last.
    ///
    /// Does not check the CRC. `scratch` holds decompressed records.
    pub fn validate_records(
        &self,
        options: &ValidateOptions,
        scratch: &mut Scratch,
    ) -> Result<BatchStats, BatchError> {
        self.header.validate()?;
        let payload = self.payload_in(&options.limits, scratch)?;
        let walk = walk(&self.header, payload, options.require_keys)?;
        Ok(match self.header.timestamp_type() {
            TimestampType::CreateTime => walk,
            TimestampType::LogAppendTime => BatchStats {
                max_timestamp_ms: self.header.max_timestamp,
                min_timestamp_ms: self.header.max_timestamp,
                max_timestamp_offset: self.header.last_offset(),
                ..walk
            },
        })
    }
}

fn walk(header: &BatchHeader, payload: &[u8], require_keys: bool) -> Result<BatchStats, BatchError> {
    let mut at = 0;
    let mut max_delta = i64::MIN;
    let mut min_delta = i64::MAX;
    let mut max_index = 0;
    for index in 0..header.records_count {
        let fail = |reason| BatchError::Record { index: index as usize, reason };
        let record = RawRecord::parse(payload, at).map_err(fail)?;
        if record.offset_delta != index {
            return Err(fail(RecordError::OffsetDelta));
        }
        if require_keys && !record.has_key() {
            return Err(fail(RecordError::MissingKey));
        }
        if record.timestamp_delta > max_delta {
            max_delta = record.timestamp_delta;
            max_index = index;
        }
        min_delta = min_delta.min(record.timestamp_delta);
        at = record.end();
    }
    if at != payload.len() {
        return Err(BatchError::BytesAfterRecords(payload.len() - at));
    }
    Ok(BatchStats {
        count: header.records_count as u32,
        max_timestamp_ms: header.base_timestamp.wrapping_add(max_delta),
        min_timestamp_ms: header.base_timestamp.wrapping_add(min_delta),
        max_timestamp_offset: header.base_offset + i64::from(max_index),
        records_size_bytes: payload.len(),
    })
}
