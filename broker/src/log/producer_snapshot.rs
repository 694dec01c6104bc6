//! Kafka's `.snapshot` files: the producers of a log as they were at the offset in the file's name.
//!
//! Layout, version 1: int16 version, uint32 CRC-32C of what follows, int32 count, then per producer int64 id, int16 epoch,
//! int32 last sequence, int64 last offset, int32 offset delta, int64 timestamp, int32 coordinator epoch, int64 first offset
//! of the open transaction or -1.

use super::producer_state::{BatchMetadata, ProducerEntry, ProducerStates};
use bytes::{Buf, BufMut};
use ottla_wire::crc32c::crc32c;
use std::collections::VecDeque;

const VERSION: i16 = 1;
const HEADER_BYTES: usize = 6;
const ENTRY_BYTES: usize = 46;

/// The file's content.
pub(crate) fn encode(states: &ProducerStates) -> Vec<u8> {
    let producers = states.sorted();
    let mut out = Vec::with_capacity(HEADER_BYTES + 4 + producers.len() * ENTRY_BYTES);
    out.put_i16(VERSION);
    out.put_u32(0);
    out.put_i32(i32::try_from(producers.len()).unwrap_or(i32::MAX));
    for (producer_id, entry) in producers {
        let last = entry.batches.back();
        out.put_i64(producer_id);
        out.put_i16(entry.producer_epoch);
        out.put_i32(entry.last_sequence());
        out.put_i64(last.map_or(-1, |batch| batch.last_offset));
        out.put_i32(last.map_or(0, |batch| batch.offset_delta));
        out.put_i64(entry.last_timestamp_ms);
        out.put_i32(entry.coordinator_epoch);
        out.put_i64(entry.txn_first_offset.unwrap_or(-1));
    }
    let crc = crc32c(&out[HEADER_BYTES..]);
    out[2..HEADER_BYTES].copy_from_slice(&crc.to_be_bytes());
    out
}

/// Reads a file's content; the reason when it is none.
pub(crate) fn decode(mut content: &[u8]) -> Result<ProducerStates, &'static str> {
    if content.len() < HEADER_BYTES + 4 {
        return Err("too short");
    }
    if content.get_i16() != VERSION {
        return Err("unknown version");
    }
    if content.get_u32() != crc32c(content) {
        return Err("checksum mismatch");
    }
    let count = usize::try_from(content.get_i32()).map_err(|_| "negative count")?;
    if count.checked_mul(ENTRY_BYTES) != Some(content.len()) {
        return Err("count does not match the size");
    }
    let mut states = ProducerStates::default();
    for _ in 0..count {
        let producer_id = content.get_i64();
        let producer_epoch = content.get_i16();
        let last_sequence = content.get_i32();
        let last_offset = content.get_i64();
        let offset_delta = content.get_i32();
        let last_timestamp_ms = content.get_i64();
        let coordinator_epoch = content.get_i32();
        let txn_first_offset = content.get_i64();
        let batch =
            BatchMetadata { last_sequence, last_offset, offset_delta, timestamp_ms: last_timestamp_ms };
        let entry = ProducerEntry {
            batches: if last_offset >= 0 { VecDeque::from([batch]) } else { VecDeque::new() },
            producer_epoch,
            coordinator_epoch,
            last_timestamp_ms,
            txn_first_offset: (txn_first_offset >= 0).then_some(txn_first_offset),
        };
        states.restore(producer_id, entry);
    }
    Ok(states)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn producers_come_back_with_their_last_batch_and_transaction() {
        let mut states = ProducerStates::default();
        let batch = BatchMetadata { last_sequence: 9, last_offset: 19, offset_delta: 4, timestamp_ms: 77 };
        let entry = ProducerEntry {
            batches: VecDeque::from([batch]),
            producer_epoch: 3,
            coordinator_epoch: 5,
            last_timestamp_ms: 77,
            txn_first_offset: Some(15),
        };
        states.restore(1000, entry.clone());
        states.restore(7, ProducerEntry { batches: VecDeque::new(), txn_first_offset: None, ..entry });
        let decoded = decode(&encode(&states)).unwrap();
        assert_eq!(decoded.sorted(), states.sorted());
        assert_eq!(decoded.first_open_offset(), Some(15));
    }

    #[test]
    fn damage_anywhere_is_found() {
        let mut states = ProducerStates::default();
        let entry = ProducerEntry {
            batches: VecDeque::new(),
            producer_epoch: 3,
            coordinator_epoch: 5,
            last_timestamp_ms: 77,
            txn_first_offset: None,
        };
        states.restore(1, entry);
        let content = encode(&states);
        for at in 0..content.len() {
            let mut damaged = content.clone();
            damaged[at] ^= 0x10;
            assert!(decode(&damaged).is_err(), "byte {at}");
            assert!(decode(&content[..at]).is_err(), "cut at {at}");
        }
    }
}
