//! Rewriting header fields of a finished batch in place.
//!
//! The functions take the batch as a slice that starts at its first byte and is at least a header long; those that
//! touch bytes under the CRC need the whole batch and nothing behind it. They panic on anything shorter: callers
//! hold a batch whose header was parsed.

use super::header::{
    ATTRIBUTES_AT, Attributes, BASE_SEQUENCE_AT, CRC_AT, LEADER_EPOCH_AT, MAX_TIMESTAMP_AT,
    PRODUCER_EPOCH_AT, PRODUCER_ID_AT, i16_at, put,
};
use super::writer::ProducerStamp;
use crate::crc32c::crc32c;
use bytes::{Bytes, BytesMut};

/// Sets the base offset, which lies outside the CRC.
pub fn patch_base_offset(batch: &mut [u8], base_offset: i64) {
    put(batch, 0, &base_offset.to_be_bytes());
}

/// Sets the partition leader epoch, which lies outside the CRC.
pub fn patch_leader_epoch(batch: &mut [u8], leader_epoch: i32) {
    put(batch, LEADER_EPOCH_AT, &leader_epoch.to_be_bytes());
}

/// Gives every record the broker's time of append, and recomputes the CRC.
pub fn patch_log_append_time(batch: &mut [u8], log_append_time_ms: i64) {
    let attributes = i16_at(batch, ATTRIBUTES_AT) | Attributes::LOG_APPEND_TIME;
    put(batch, ATTRIBUTES_AT, &attributes.to_be_bytes());
    put(batch, MAX_TIMESTAMP_AT, &log_append_time_ms.to_be_bytes());
    patch_crc(batch);
}

/// Sets the max timestamp of a batch with producer timestamps, and recomputes the CRC.
pub fn patch_max_timestamp(batch: &mut [u8], max_timestamp_ms: i64) {
    let attributes = i16_at(batch, ATTRIBUTES_AT) & !Attributes::LOG_APPEND_TIME;
    put(batch, ATTRIBUTES_AT, &attributes.to_be_bytes());
    put(batch, MAX_TIMESTAMP_AT, &max_timestamp_ms.to_be_bytes());
    patch_crc(batch);
}

/// Sets the producer's fields and flags, and recomputes the CRC.
pub fn patch_producer(batch: &mut [u8], producer: &ProducerStamp) {
    let flags = Attributes::TRANSACTIONAL | Attributes::CONTROL;
    let attributes = (i16_at(batch, ATTRIBUTES_AT) & !flags) | producer.attribute_bits();
    put(batch, ATTRIBUTES_AT, &attributes.to_be_bytes());
    put(batch, PRODUCER_ID_AT, &producer.producer_id.to_be_bytes());
    put(batch, PRODUCER_EPOCH_AT, &producer.producer_epoch.to_be_bytes());
    put(batch, BASE_SEQUENCE_AT, &producer.base_sequence.to_be_bytes());
    patch_crc(batch);
}

/// A finished batch with other producer fields: a retry after an epoch bump.
///
/// Works in place when nobody else holds the bytes, else on a copy: a request still in flight keeps what it sends.
pub fn restamp(batch: Bytes, producer: &ProducerStamp) -> Bytes {
    let mut batch = batch.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    patch_producer(&mut batch, producer);
    batch.freeze()
}

/// Recomputes the CRC of a whole batch.
pub(crate) fn patch_crc(batch: &mut [u8]) {
    let crc = crc32c(&batch[ATTRIBUTES_AT..]);
    put(batch, CRC_AT, &crc.to_be_bytes());
}
