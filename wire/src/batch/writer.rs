//! Building a batch record by record.

use super::header::{BATCH_OVERHEAD_BYTES, LOG_OVERHEAD_BYTES, MAGIC};
use super::patch::patch_crc;
use super::{Attributes, BatchHeader, TimestampType};
use crate::compression::{self, Codec, CompressError, Compression};
use crate::varint::{
    MAX_VARINT_BYTES, MAX_VARLONG_BYTES, varint_size, varlong_size, write_unsigned_varint, write_varint,
    write_varlong, zigzag32,
};
use bytes::{Bytes, BytesMut};

/// A header to write: key, and value or null.
pub type HeaderRef<'a> = (&'a [u8], Option<&'a [u8]>);

/// What is fixed for all records of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BatchOptions {
    /// Codec and level for the records.
    pub compression: Compression,
    /// Who sets the timestamps.
    pub timestamp_type: TimestampType,
}

/// A producer's identity and place in its sequence, written when a batch is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerStamp {
    /// -1 when not idempotent.
    pub producer_id: i64,
    /// -1 when not idempotent.
    pub producer_epoch: i16,
    /// -1 when not idempotent, and in control batches.
    pub base_sequence: i32,
    /// Whether the batch belongs to a transaction.
    pub transactional: bool,
    /// Whether the batch is a marker for the system.
    pub control: bool,
}

impl ProducerStamp {
    /// No producer id, no flags.
    pub const NONE: ProducerStamp = ProducerStamp {
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        transactional: false,
        control: false,
    };

    pub(super) fn attribute_bits(&self) -> i16 {
        let transactional = if self.transactional { Attributes::TRANSACTIONAL } else { 0 };
        let control = if self.control { Attributes::CONTROL } else { 0 };
        transactional | control
    }
}

impl Default for ProducerStamp {
    fn default() -> Self {
        Self::NONE
    }
}

/// An open batch: records are encoded straight into its buffer, behind the room its header will take.
///
/// Sizes are not limited here; a batch beyond the format's 2 GiB is refused by [`finish`](Self::finish).
#[derive(Debug)]
pub struct BatchBuilder {
    options: BatchOptions,
    buffer: BytesMut,
    count: u32,
    base_offset: i64,
    partition_leader_epoch: i32,
    /// Set by the first record, or by a delete horizon.
    base_timestamp: Option<i64>,
    delete_horizon: bool,
    max_timestamp: i64,
    last_offset_delta: i32,
}

impl BatchBuilder {
    /// An empty batch in `buffer`, whose contents are dropped and whose capacity is used.
    pub fn new(options: BatchOptions, mut buffer: BytesMut) -> Self {
        buffer.clear();
        buffer.resize(BATCH_OVERHEAD_BYTES, 0);
        BatchBuilder {
            options,
            buffer,
            count: 0,
            base_offset: 0,
            partition_leader_epoch: -1,
            base_timestamp: None,
            delete_horizon: false,
            max_timestamp: -1,
            last_offset_delta: -1,
        }
    }

    /// Sets the base offset; 0 without.
    pub fn set_base_offset(&mut self, base_offset: i64) {
        self.base_offset = base_offset;
    }

    /// Sets the leader epoch; -1 without.
    pub fn set_partition_leader_epoch(&mut self, leader_epoch: i32) {
        self.partition_leader_epoch = leader_epoch;
    }

    /// Sets the time from which tombstones may go. Before the first record, as their timestamps are relative to it.
    pub fn set_delete_horizon_ms(&mut self, delete_horizon_ms: i64) {
        debug_assert_eq!(self.count, 0, "timestamps of earlier records would change");
        self.base_timestamp = Some(delete_horizon_ms);
        self.delete_horizon = true;
    }

    /// Keeps the last offset of a batch whose last records were compacted away.
    pub fn set_last_offset_delta(&mut self, last_offset_delta: i32) {
        self.last_offset_delta = last_offset_delta;
    }

    /// Sets the time of append of a batch with log-append time, or the max timestamp of an empty batch.
    pub fn set_max_timestamp_ms(&mut self, max_timestamp_ms: i64) {
        self.max_timestamp = max_timestamp_ms;
    }

    /// Appends a record at the next offset and returns its index in the batch.
    #[inline]
    pub fn append(
        &mut self,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[HeaderRef<'_>],
    ) -> usize {
        self.append_at(
            self.last_offset_delta.wrapping_add(1),
            timestamp_ms,
            key,
            value,
            headers.iter().copied(),
        )
    }

    /// Appends a record at the next offset with headers from any owner, and returns its index in the batch.
    #[inline]
    pub fn append_with_headers<'h, H>(
        &mut self,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> usize
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        self.append_at(self.last_offset_delta.wrapping_add(1), timestamp_ms, key, value, headers)
    }

    /// Appends a record at an offset of its own, for batches with gaps; the deltas must grow.
    #[inline]
    pub fn append_at<'h, H>(
        &mut self,
        offset_delta: i32,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: H,
    ) -> usize
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        let timestamp_delta = timestamp_ms.wrapping_sub(*self.base_timestamp.get_or_insert(timestamp_ms));
        let header_count = headers.len() as i32;
        let mut body = 1 + varlong_size(timestamp_delta) + varint_size(offset_delta);
        body += field_size(key) + field_size(value) + varint_size(header_count);
        if header_count != 0 {
            body +=
                headers.clone().map(|(key, value)| field_size(Some(key)) + field_size(value)).sum::<usize>();
        }
        self.buffer.reserve(body + MAX_VARINT_BYTES);

        // Small fields are gathered on the stack: one copy into the buffer instead of one per field.
        let mut head = [0u8; 3 * MAX_VARINT_BYTES + MAX_VARLONG_BYTES + 1];
        let mut at = write_varint(&mut head, 0, body as i32);
        at += 1; // Attributes, always 0.
        at = write_varlong(&mut head, at, timestamp_delta);
        at = write_varint(&mut head, at, offset_delta);
        at = write_varint(&mut head, at, field_length(key));
        self.buffer.extend_from_slice(&head[..at]);
        if let Some(key) = key {
            self.buffer.extend_from_slice(key);
        }
        self.put_field(value);
        self.put_varint(header_count);
        for (key, value) in headers {
            self.put_field(Some(key));
            self.put_field(value);
        }

        self.last_offset_delta = offset_delta;
        self.max_timestamp = self.max_timestamp.max(timestamp_ms);
        self.count += 1;
        self.count as usize - 1
    }

    #[inline]
    fn put_varint(&mut self, value: i32) {
        let mut scratch = [0u8; MAX_VARINT_BYTES];
        let size = write_unsigned_varint(&mut scratch, 0, zigzag32(value));
        self.buffer.extend_from_slice(&scratch[..size]);
    }

    #[inline]
    fn put_field(&mut self, field: Option<&[u8]>) {
        self.put_varint(field_length(field));
        if let Some(field) = field {
            self.buffer.extend_from_slice(field);
        }
    }

    /// Upper bound of a record's encoded size, whatever its offset and timestamp.
    pub fn record_size_bytes(key_len: usize, value_len: usize, headers: &[HeaderRef<'_>]) -> usize {
        let headers = headers
            .iter()
            .map(|(key, value)| 2 * MAX_VARINT_BYTES + key.len() + value.map_or(0, <[u8]>::len))
            .sum::<usize>();
        1 + 5 * MAX_VARINT_BYTES + MAX_VARLONG_BYTES + key_len + value_len + headers
    }

    /// Size of the batch so far, with its header, before compression.
    pub fn size_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Bytes the buffer can hold.
    pub fn capacity_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    /// Records so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether there is no record yet.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Largest timestamp so far, -1 without one.
    pub fn max_timestamp_ms(&self) -> i64 {
        self.max_timestamp
    }

    /// Drops the records and gives back the buffer.
    pub fn into_buffer(self) -> BytesMut {
        self.buffer
    }

    /// Compresses, stamps the producer's fields, computes the CRC. The result is the whole batch.
    pub fn finish(self, producer: ProducerStamp) -> Result<Bytes, CompressError> {
        self.finish_with_buffer(producer).map(|(batch, _)| batch)
    }

    /// As [`finish`](Self::finish), and gives back the buffer when the batch does not live in it.
    pub fn finish_with_buffer(
        mut self,
        producer: ProducerStamp,
    ) -> Result<(Bytes, Option<BytesMut>), CompressError> {
        let too_large = CompressError::TooLarge { size_bytes: self.buffer.len(), count: self.count };
        // Lengths inside records fit 32 bits when the whole does.
        if i32::try_from(self.buffer.len()).is_err() || i32::try_from(self.count).is_err() {
            return Err(too_large);
        }
        if self.options.compression.codec() == Codec::None {
            let header = self.header(self.buffer.len(), &producer).ok_or(too_large)?;
            header.write(&mut self.buffer);
            patch_crc(&mut self.buffer);
            return Ok((self.buffer.freeze(), None));
        }
        let records = &self.buffer[BATCH_OVERHEAD_BYTES..];
        let mut batch = Vec::with_capacity(BATCH_OVERHEAD_BYTES + records.len() / 2 + 64);
        batch.resize(BATCH_OVERHEAD_BYTES, 0);
        compression::compress(self.options.compression, records, &mut batch)?;
        let header = self.header(batch.len(), &producer).ok_or(too_large)?;
        header.write(&mut batch);
        patch_crc(&mut batch);
        // The codecs' worst case would otherwise be held as long as the batch is.
        if batch.capacity() / 2 > batch.len() {
            batch.shrink_to_fit();
        }
        Ok((Bytes::from(batch), Some(self.buffer)))
    }

    fn header(&self, size_bytes: usize, producer: &ProducerStamp) -> Option<BatchHeader> {
        let mut attributes = i16::from(self.options.compression.codec().id()) | producer.attribute_bits();
        if self.options.timestamp_type == TimestampType::LogAppendTime {
            attributes |= Attributes::LOG_APPEND_TIME;
        }
        if self.delete_horizon {
            attributes |= Attributes::DELETE_HORIZON;
        }
        Some(BatchHeader {
            base_offset: self.base_offset,
            batch_length: i32::try_from(size_bytes - LOG_OVERHEAD_BYTES).ok()?,
            partition_leader_epoch: self.partition_leader_epoch,
            magic: MAGIC,
            crc: 0,
            attributes: Attributes(attributes),
            last_offset_delta: self.last_offset_delta.max(0),
            base_timestamp: self.base_timestamp.unwrap_or(-1),
            max_timestamp: self.max_timestamp,
            producer_id: producer.producer_id,
            producer_epoch: producer.producer_epoch,
            base_sequence: producer.base_sequence,
            records_count: i32::try_from(self.count).ok()?,
        })
    }
}

/// Length as the format has it. A field beyond 2 GiB makes the batch too large, which `finish` refuses.
#[inline]
fn field_length(field: Option<&[u8]>) -> i32 {
    field.map_or(-1, |field| field.len() as i32)
}

#[inline]
fn field_size(field: Option<&[u8]>) -> usize {
    varint_size(field_length(field)) + field.map_or(0, <[u8]>::len)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{BatchView, DecompressLimits, Scratch, ValidateOptions};

    #[test]
    fn a_built_batch_reads_back_with_nulls_empties_and_repeated_headers() {
        let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
        let headers: &[HeaderRef<'_>] = &[(b"h", Some(b"1")), (b"h", None), (b"", Some(b""))];
        assert_eq!(builder.append(1000, Some(b"k"), Some(b"v"), headers), 0);
        assert_eq!(builder.append(900, None, Some(b""), &[]), 1);
        assert_eq!(builder.append(1100, Some(b""), None, &[]), 2);
        let producer =
            ProducerStamp { producer_id: 7, producer_epoch: 1, base_sequence: 5, ..ProducerStamp::NONE };
        let batch = BatchView::new(builder.finish(producer).unwrap()).unwrap();
        batch.verify_crc().unwrap();
        assert_eq!((batch.header.base_sequence, batch.header.last_sequence()), (5, 7));
        let mut scratch = Scratch::new();
        let stats = batch.validate_records(&ValidateOptions::default(), &mut scratch).unwrap();
        assert_eq!((stats.count, stats.max_timestamp_ms, stats.max_timestamp_offset), (3, 1100, 2));
        let records: Vec<_> = batch
            .records(&DecompressLimits::default(), &mut scratch)
            .unwrap()
            .map(|record| record.unwrap())
            .map(|r| (r.offset, r.timestamp_ms, r.key, r.value, r.headers.collect::<Vec<_>>()))
            .collect();
        assert_eq!(records[0], (0, 1000, Some(&b"k"[..]), Some(&b"v"[..]), headers.to_vec()));
        assert_eq!(records[1], (1, 900, None, Some(&b""[..]), vec![]));
        assert_eq!(records[2], (2, 1100, Some(&b""[..]), None, vec![]));
    }
}
