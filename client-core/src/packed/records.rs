//! Records that were polled, from core to host.
//!
//! ```text
//! block    u32 version   u32 batch count   u32 record count   u32 0
//!          batch*   record*   data
//! batch    u32 index of its first record   u32 how many records   i32 partition   i32 leader epoch, -1: unknown
//!          u32 topic position   u32 topic length   u32 timestamp type: 0 create time, 1 log append time   u32 0
//! record   i64 offset   i64 timestamp in milliseconds since the Unix epoch
//!          u32 key position   i32 key length, -1: null   u32 value position   i32 value length, -1: null
//!          u32 headers position   u32 header count
//! headers  for each: i32 key length, i32 value length (-1: null), key, value
//! ```
//!
//! Positions count from the block's start. Rebalances do not cross in it.

use super::{NULL, VERSION, put_i32, put_i64, put_u32};
use crate::consumer::{ConsumerRecord, RecordBatch, TimestampType};
use ottla_wire::batch::HeaderRef;

/// Size of the block's head.
pub const HEAD_BYTES: usize = 16;
/// Size of an entry of the table of batches.
pub const BATCH_BYTES: usize = 32;
/// Size of an entry of the table of records.
pub const RECORD_BYTES: usize = 40;

/// The bytes that [`pack`] will need for `batches`, more or less.
pub fn size_bytes(batches: &[RecordBatch]) -> usize {
    let of_batch = |batch: &RecordBatch| {
        let data = span(batch).map_or(0, |(start, end)| end - start);
        BATCH_BYTES + batch.partition().topic.len() + batch.len() * RECORD_BYTES + data
    };
    HEAD_BYTES + batches.iter().map(of_batch).sum::<usize>()
}

/// Appends the batches to `into`, which is empty or holds blocks.
///
/// Keys and values are copied as they lie between each other in the batch: one copy for all records of a batch.
pub fn pack(batches: &[RecordBatch], into: &mut Vec<u8>) {
    let start = into.len();
    let record_count: usize = batches.iter().map(RecordBatch::len).sum();
    into.reserve(size_bytes(batches));
    put_u32(into, VERSION);
    put_u32(into, batches.len() as u32);
    put_u32(into, record_count as u32);
    put_u32(into, 0);
    let tables_bytes = HEAD_BYTES + batches.len() * BATCH_BYTES + record_count * RECORD_BYTES;
    // Data is put where it will be once the tables are in front of it: topics first, then each batch's bytes.
    let topics_bytes: usize = batches.iter().map(|batch| batch.partition().topic.len()).sum();
    let mut topic_at = tables_bytes;
    let mut data_at = tables_bytes + topics_bytes;
    let mut first = 0;
    for batch in batches {
        let (partition, length) = (batch.partition(), batch.partition().topic.len());
        let record = batch.get(0);
        put_u32(into, first as u32);
        put_u32(into, batch.len() as u32);
        put_i32(into, partition.partition);
        put_i32(into, record.as_ref().and_then(ConsumerRecord::leader_epoch).unwrap_or(-1));
        put_u32(into, topic_at as u32);
        put_u32(into, length as u32);
        let appended = record.is_some_and(|record| record.timestamp_type() == TimestampType::LogAppendTime);
        put_u32(into, u32::from(appended));
        put_u32(into, 0);
        topic_at += length;
        first += batch.len();
    }
    let mut headers: Vec<u8> = Vec::new();
    for batch in batches {
        let (from, to) = span(batch).unwrap_or_default();
        // Headers of this batch lie behind its keys and values.
        let headers_at = data_at + (to - from);
        let headers_before = headers.len();
        for record in batch.iter() {
            let place = |range: Option<std::ops::Range<usize>>| match range {
                Some(range) => ((data_at + range.start - from) as u32, range.len() as i32),
                None => (0, NULL),
            };
            let (key_at, key_len) = place(record.key_range());
            let (value_at, value_len) = place(record.value_range());
            put_i64(into, record.offset());
            put_i64(into, record.timestamp_ms());
            put_u32(into, key_at);
            put_i32(into, key_len);
            put_u32(into, value_at);
            put_i32(into, value_len);
            put_u32(into, (headers_at + headers.len() - headers_before) as u32);
            let count_at = into.len();
            put_u32(into, 0);
            let count = pack_headers(record.headers(), &mut headers);
            into[count_at..].copy_from_slice(&count.to_le_bytes());
        }
        data_at = headers_at + (headers.len() - headers_before);
    }
    for batch in batches {
        into.extend_from_slice(batch.partition().topic.as_bytes());
    }
    // Batches with headers are rare, and so is this second walk over them.
    let mut rest = headers.as_slice();
    for batch in batches {
        if let Some((from, to)) = span(batch) {
            into.extend_from_slice(&batch.payload()[from..to]);
        }
        let own = if rest.is_empty() {
            0
        } else {
            batch.iter().map(|record| headers_bytes(record.headers())).sum()
        };
        let (packed, behind) = rest.split_at(own);
        into.extend_from_slice(packed);
        rest = behind;
    }
    debug_assert_eq!(into.len() - start, data_at, "every position above was counted from these lengths");
}

fn pack_headers<'a>(headers: impl Iterator<Item = HeaderRef<'a>>, into: &mut Vec<u8>) -> u32 {
    let mut count = 0;
    for (key, value) in headers {
        put_i32(into, key.len() as i32);
        put_i32(into, value.map_or(NULL, |value| value.len() as i32));
        into.extend_from_slice(key);
        into.extend_from_slice(value.unwrap_or_default());
        count += 1;
    }
    count
}

fn headers_bytes<'a>(headers: impl Iterator<Item = HeaderRef<'a>>) -> usize {
    headers.map(|(key, value)| 8 + key.len() + value.map_or(0, <[u8]>::len)).sum()
}

/// From the first byte of a key or value of the batch to behind the last one.
fn span(batch: &RecordBatch) -> Option<(usize, usize)> {
    let ranges =
        |record: ConsumerRecord<'_>| [record.key_range(), record.value_range()].into_iter().flatten();
    // Records lie in order: the ends are those of the first and the last that have a field at all.
    let start = batch.iter().flat_map(ranges).next()?.start;
    let end = (0..batch.len())
        .rev()
        .filter_map(|index| batch.get(index))
        .flat_map(|record| ranges(record).last())
        .next()?
        .end;
    Some((start, end))
}
