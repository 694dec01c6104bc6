//! Kafka's `.snapshot` files: the producers of a log as they were at the offset in the file's name.
//!
//! Layout, version 1: int16 version, uint32 CRC-32C of what follows, int32 count, then per producer int64 id, int16 epoch,
//! int32 last sequence, int64 last offset, int32 offset delta, int64 timestamp, int32 coordinator epoch, int64 first offset
//! of the open transaction or -1.
//!
//! Kafka keeps a producer's last batch only. Here a producer has an entry for each batch that is remembered, oldest first,
//! as a producer may send any of its last five again after a restart and must find that they are in the log. Kafka reads
//! such a file as well: of entries with one id it keeps the last.

use super::producer_state::{BATCHES_MAX, BatchMetadata, ProducerEntry, ProducerStates};
use bytes::{Buf, BufMut};
use ottla_wire::crc32c::crc32c;
use std::collections::VecDeque;

const VERSION: i16 = 1;
const HEADER_BYTES: usize = 6;
const ENTRY_BYTES: usize = 46;

/// The file's content.
pub(crate) fn encode(states: &ProducerStates) -> Vec<u8> {
    let producers = states.sorted();
    let count: usize = producers.iter().map(|(_, entry)| entry.batches.len().max(1)).sum();
    let mut out = Vec::with_capacity(HEADER_BYTES + 4 + count * ENTRY_BYTES);
    out.put_i16(VERSION);
    out.put_u32(0);
    out.put_i32(i32::try_from(count).unwrap_or(i32::MAX));
    for (producer_id, entry) in producers {
        let mut put = |last_sequence, last_offset, offset_delta, timestamp_ms| {
            out.put_i64(producer_id);
            out.put_i16(entry.producer_epoch);
            out.put_i32(last_sequence);
            out.put_i64(last_offset);
            out.put_i32(offset_delta);
            out.put_i64(timestamp_ms);
            out.put_i32(entry.coordinator_epoch);
            out.put_i64(entry.txn_first_offset.unwrap_or(-1));
        };
        for (place, batch) in entry.batches.iter().enumerate() {
            // A marker may have come after the last batch.
            let is_last = place + 1 == entry.batches.len();
            let timestamp_ms = if is_last { entry.last_timestamp_ms } else { batch.timestamp_ms };
            put(batch.last_sequence, batch.last_offset, batch.offset_delta, timestamp_ms);
        }
        if entry.batches.is_empty() {
            put(-1, -1, 0, entry.last_timestamp_ms);
        }
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
    let mut open: Option<(i64, ProducerEntry)> = None;
    for _ in 0..count {
        let producer_id = content.get_i64();
        let producer_epoch = content.get_i16();
        let last_sequence = content.get_i32();
        let last_offset = content.get_i64();
        let offset_delta = content.get_i32();
        let last_timestamp_ms = content.get_i64();
        let coordinator_epoch = content.get_i32();
        let txn_first_offset = content.get_i64();
        if offset_delta < 0 {
            return Err("negative offset delta");
        }
        let batch =
            BatchMetadata { last_sequence, last_offset, offset_delta, timestamp_ms: last_timestamp_ms };
        let mut batches = match open.take() {
            Some((id, before)) if id == producer_id && before.producer_epoch == producer_epoch => {
                before.batches
            }
            Some((id, before)) => {
                states.restore(id, before);
                VecDeque::new()
            }
            None => VecDeque::new(),
        };
        if last_offset >= 0 {
            batches.push_back(batch);
        }
        if batches.len() > BATCHES_MAX {
            batches.pop_front();
        }
        let entry = ProducerEntry {
            batches,
            producer_epoch,
            coordinator_epoch,
            last_timestamp_ms,
            txn_first_offset: (txn_first_offset >= 0).then_some(txn_first_offset),
        };
        open = Some((producer_id, entry));
    }
    if let Some((id, last)) = open {
        states.restore(id, last);
    }
    Ok(states)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn producers_come_back_with_their_batches_and_transaction() {
        let mut states = ProducerStates::default();
        let batch = BatchMetadata { last_sequence: 9, last_offset: 19, offset_delta: 4, timestamp_ms: 77 };
        let before = BatchMetadata { last_sequence: 4, last_offset: 11, offset_delta: 0, timestamp_ms: 70 };
        let entry = ProducerEntry {
            batches: VecDeque::from([before, batch]),
            producer_epoch: 3,
            coordinator_epoch: 5,
            last_timestamp_ms: 77,
            txn_first_offset: Some(15),
        };
        states.restore(1000, entry.clone());
        let one = ProducerEntry { batches: VecDeque::from([batch]), txn_first_offset: None, ..entry };
        states.restore(1001, one);
        states.restore(7, ProducerEntry { batches: VecDeque::new(), txn_first_offset: None, ..entry });
        let decoded = decode(&encode(&states)).unwrap();
        assert_eq!(decoded.sorted(), states.sorted());
        assert_eq!(decoded.first_open_offset(), Some(15));
    }

    #[test]
    fn negative_offset_delta_is_refused() {
        let batch =
            BatchMetadata { last_sequence: 0, last_offset: i64::MAX, offset_delta: -1, timestamp_ms: 0 };
        let entry = ProducerEntry {
            batches: VecDeque::from([batch]),
            producer_epoch: 0,
            coordinator_epoch: -1,
            last_timestamp_ms: 0,
            txn_first_offset: None,
        };
        let mut states = ProducerStates::default();
        states.restore(1, entry);
        assert_eq!(decode(&encode(&states)).unwrap_err(), "negative offset delta");
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
