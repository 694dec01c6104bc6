//! What holds for every batch: what is written is read, and no bytes make the readers panic or outgrow their limit.
//!
//! `PROPTEST_CASES` scales the number of cases.

#![allow(clippy::unwrap_used, clippy::panic)] // A helper's panic is a test's failure.

use bytes::{Bytes, BytesMut};
use ottla_wire::batch::legacy::{AnyBatch, AnyBatches, LegacyBatch};
use ottla_wire::batch::*;
use ottla_wire::compression::{Compression, compress};
use ottla_wire::{crc32::crc32, crc32c::crc32c};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

const LIMITS: DecompressLimits = DecompressLimits { max_decompressed_bytes: 16 << 10 };

type Field = Option<Vec<u8>>;

#[derive(Debug, Clone, PartialEq)]
struct Record {
    timestamp_ms: i64,
    key: Field,
    value: Field,
    headers: Vec<(Vec<u8>, Field)>,
}

fn field(max: usize) -> impl Strategy<Value = Field> {
    option::of(vec(any::<u8>(), 0..max))
}

fn record() -> impl Strategy<Value = Record> {
    let timestamp_ms =
        prop_oneof![0i64..1000, 1_700_000_000_000i64..1_700_000_001_000, any::<i64>(), Just(-1)];
    let headers = vec((vec(any::<u8>(), 0..4), field(4)), 0..3);
    (timestamp_ms, field(8), field(80), headers).prop_map(|(timestamp_ms, key, value, headers)| Record {
        timestamp_ms,
        key,
        value,
        headers,
    })
}

fn compression() -> impl Strategy<Value = Compression> {
    prop_oneof![
        4 => Just(Compression::None),
        1 => (1..=9).prop_map(|level| Compression::Gzip { level }),
        1 => Just(Compression::Snappy),
        1 => (1..=17).prop_map(|level| Compression::Lz4 { level }),
        1 => (1..=3).prop_map(|level| Compression::Zstd { level }),
    ]
}

fn producer() -> impl Strategy<Value = ProducerStamp> {
    (any::<i64>(), any::<i16>(), any::<i32>(), any::<bool>()).prop_map(
        |(producer_id, producer_epoch, base_sequence, transactional)| ProducerStamp {
            producer_id,
            producer_epoch,
            base_sequence,
            transactional,
            control: false,
        },
    )
}

fn build(compression: Compression, records: &[Record], producer: ProducerStamp) -> Bytes {
    let mut builder =
        BatchBuilder::new(BatchOptions { compression, ..BatchOptions::default() }, BytesMut::new());
    for (index, record) in records.iter().enumerate() {
        let headers: Vec<HeaderRef<'_>> =
            record.headers.iter().map(|(key, value)| (&key[..], value.as_deref())).collect();
        let (key, value) = (record.key.as_deref(), record.value.as_deref());
        let before = builder.size_bytes();
        assert_eq!(builder.append(record.timestamp_ms, key, value, &headers), index);
        let bound = BatchBuilder::record_size_bytes(
            key.unwrap_or_default().len(),
            value.unwrap_or_default().len(),
            &headers,
        );
        assert!(builder.size_bytes() - before <= bound);
    }
    builder.finish(producer).unwrap()
}

fn own(view: &RecordView<'_>) -> Record {
    let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    Record {
        timestamp_ms: view.timestamp_ms,
        key: owned(view.key),
        value: owned(view.value),
        headers: view.headers.map(|(key, value)| (key.to_vec(), owned(value))).collect(),
    }
}

/// Reads everything a reader offers; only panics and memory beyond the limit are failures.
fn exercise(bytes: &Bytes) {
    let mut scratch = Scratch::new();
    let mut batches = AnyBatches::new(bytes.clone());
    for batch in batches.by_ref() {
        let Ok(batch) = batch else { break };
        let _ = batch.verify_crc();
        let batch = match batch {
            AnyBatch::Current(batch) => batch,
            AnyBatch::Legacy(batch) => {
                if let Ok(records) = batch.records(&LIMITS) {
                    let held: usize = records.iter().map(|r| r.value.as_ref().map_or(0, Bytes::len)).sum();
                    assert!(held <= LIMITS.max_decompressed_bytes.max(bytes.len()));
                    assert!(records.windows(2).all(|pair| pair[0].offset < pair[1].offset));
                }
                let _ = batch.upgrade(&LIMITS);
                continue;
            }
        };
        assert!(batch.header.last_offset() < batch.header.next_offset());
        let options = ValidateOptions { limits: LIMITS, require_keys: true };
        let _ = batch.validate_records(&options, &mut scratch);
        let valid =
            batch.validate_records(&ValidateOptions { require_keys: false, ..options }, &mut scratch).is_ok();
        let _ = batch.control_records();
        let _ = batch.end_transaction_marker();
        if let Ok(payload) = batch.payload(&LIMITS) {
            assert!(payload.len() <= LIMITS.max_decompressed_bytes.max(bytes.len()));
            for record in RecordIter::new(&batch.header, &payload) {
                let Ok(record) = record else {
                    assert!(!valid);
                    break;
                };
                assert_eq!(record.key, record.key_range().map(|range| &payload[range]));
                assert_eq!(record.value, record.value_range().map(|range| &payload[range]));
                let headers = &payload[record.headers_range()];
                assert_eq!(record.headers.count(), record.headers.len());
                assert_eq!(
                    HeadersView::from_parts(headers, record.headers.len()).count(),
                    record.headers.len()
                );
            }
        }
        assert!(scratch.capacity_bytes() <= LIMITS.max_decompressed_bytes + 1);
    }
    assert!(batches.trailing_bytes() <= bytes.len());
}

/// A message of format 0 or 1.
fn legacy_message(magic: i8, attributes: u8, offset: i64, record: &Record) -> Vec<u8> {
    let mut body = vec![magic as u8, attributes];
    if magic == 1 {
        body.extend_from_slice(&record.timestamp_ms.to_be_bytes());
    }
    for field in [&record.key, &record.value] {
        match field {
            None => body.extend_from_slice(&(-1i32).to_be_bytes()),
            Some(bytes) => {
                body.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
                body.extend_from_slice(bytes);
            }
        }
    }
    let mut message = offset.to_be_bytes().to_vec();
    message.extend_from_slice(&(body.len() as i32 + 4).to_be_bytes());
    message.extend_from_slice(&crc32(&body).to_be_bytes());
    message.extend_from_slice(&body);
    message
}

/// A wrapper around messages at `base_offset` and on, or the messages themselves.
fn legacy_set(magic: i8, compression: Compression, base_offset: i64, records: &[Record]) -> Vec<u8> {
    let plain = compression == Compression::None;
    let first = if magic == 1 && !plain { 0 } else { base_offset };
    let inner: Vec<u8> = records
        .iter()
        .enumerate()
        .flat_map(|(index, record)| legacy_message(magic, 0, first + index as i64, record))
        .collect();
    if plain {
        return inner;
    }
    let mut value = Vec::new();
    compress(compression, &inner, &mut value).unwrap();
    let timestamp_ms = records.iter().map(|record| record.timestamp_ms).max().unwrap();
    let wrapper = Record { timestamp_ms, key: None, value: Some(value), headers: vec![] };
    let last = base_offset + records.len() as i64 - 1;
    legacy_message(magic, compression.codec().id(), last, &wrapper)
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        compression in compression(),
        records in vec(record(), 1..12),
        producer in producer(),
        base_offset in 0i64..1 << 40,
        leader_epoch: i32,
    ) {
        let mut bytes = build(compression, &records, producer).to_vec();
        patch_base_offset(&mut bytes, base_offset);
        patch_leader_epoch(&mut bytes, leader_epoch);
        let mut batches = Batches::new(Bytes::from([&bytes[..], &bytes[..20]].concat()));
        let batch = batches.next().unwrap().unwrap();
        prop_assert!(batches.next().is_none());
        prop_assert_eq!(batches.trailing_bytes(), 20);
        batch.verify_crc().unwrap();
        let header = &batch.header;
        prop_assert_eq!(header.base_offset, base_offset);
        prop_assert_eq!(header.partition_leader_epoch, leader_epoch);
        prop_assert_eq!(header.next_offset(), base_offset + records.len() as i64);
        prop_assert_eq!(header.producer_id, producer.producer_id);
        prop_assert_eq!(header.producer_epoch, producer.producer_epoch);
        prop_assert_eq!(header.base_sequence, producer.base_sequence);
        prop_assert_eq!(header.is_transactional(), producer.transactional);
        let max = records.iter().map(|record| record.timestamp_ms).max().unwrap().max(-1);
        prop_assert_eq!(header.max_timestamp, max);

        let mut scratch = Scratch::new();
        let stats = batch.validate_records(&ValidateOptions::default(), &mut scratch).unwrap();
        prop_assert_eq!(stats.count as usize, records.len());
        let keys = ValidateOptions { require_keys: true, ..ValidateOptions::default() };
        let keyed = records.iter().all(|record| record.key.is_some());
        prop_assert_eq!(batch.validate_records(&keys, &mut scratch).is_ok(), keyed);
        let mut read = Vec::new();
        for (index, view) in batch.records(&LIMITS, &mut scratch).unwrap().enumerate() {
            let view = view.unwrap();
            prop_assert_eq!(view.offset, base_offset + index as i64);
            read.push(own(&view));
        }
        prop_assert_eq!(&read, &records);
    }

    #[test]
    fn a_changed_byte_is_noticed(
        compression in compression(),
        records in vec(record(), 1..6),
        at in any::<Index>(),
        change in 1u8..,
    ) {
        let mut bytes = build(compression, &records, ProducerStamp::NONE).to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        let result = BatchView::new(bytes.into()).and_then(|batch| batch.verify_crc());
        // Base offset and leader epoch are the broker's to change. An offset beyond the last one is refused.
        let outside_crc = at < 8 || (12..16).contains(&at);
        prop_assert!(result.is_err() || outside_crc, "byte {}", at);
    }

    #[test]
    fn damage_under_a_right_checksum_is_refused_or_read_within_bounds(
        compression in compression(),
        records in vec(record(), 1..6),
        damage in vec((any::<Index>(), any::<u8>()), 1..5),
        control: bool,
    ) {
        let mut bytes = build(compression, &records, ProducerStamp { control, ..ProducerStamp::NONE }).to_vec();
        for (at, byte) in damage {
            // The length and magic stay, so that the damage is reached.
            let at = 17 + at.index(bytes.len() - 17);
            bytes[at] = byte;
        }
        let crc = crc32c(&bytes[21..]);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        exercise(&bytes.into());
    }

    #[test]
    fn any_bytes_are_refused_or_read_within_bounds(
        mut bytes in vec(any::<u8>(), 0..160),
        magic in 0u8..4,
        length in -1i32..150,
    ) {
        exercise(&bytes.clone().into());
        if bytes.len() > 16 {
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            bytes[16] = magic;
            exercise(&bytes.into());
        }
    }

    #[test]
    fn restamping_changes_the_producer_alone(
        compression in compression(),
        records in vec(record(), 1..4),
        before in producer(),
        after in producer(),
        shared: bool,
    ) {
        let bytes = build(compression, &records, before);
        let other = shared.then(|| bytes.clone());
        let expected = build(compression, &records, after);
        prop_assert_eq!(restamp(bytes, &after), expected);
        if let Some(other) = other {
            BatchView::new(other).unwrap().verify_crc().unwrap();
        }
    }

    #[test]
    fn the_brokers_time_replaces_every_timestamp(records in vec(record(), 1..4), time in 0i64..1 << 45) {
        let mut bytes = build(Compression::None, &records, ProducerStamp::NONE).to_vec();
        patch_log_append_time(&mut bytes, time);
        let batch = BatchView::new(bytes.clone().into()).unwrap();
        batch.verify_crc().unwrap();
        let mut scratch = Scratch::new();
        prop_assert!(batch.records(&LIMITS, &mut scratch).unwrap().all(|record| record.unwrap().timestamp_ms == time));
        let stats = batch.validate_records(&ValidateOptions::default(), &mut scratch).unwrap();
        prop_assert_eq!((stats.max_timestamp_ms, stats.max_timestamp_offset), (time, batch.header.last_offset()));
        patch_max_timestamp(&mut bytes, 7);
        let batch = BatchView::new(bytes.into()).unwrap();
        batch.verify_crc().unwrap();
        prop_assert_eq!(batch.header.timestamp_type(), TimestampType::CreateTime);
        let read: Vec<_> = batch.records(&LIMITS, &mut scratch).unwrap().map(|record| own(&record.unwrap())).collect();
        prop_assert_eq!(read, records);
    }

    #[test]
    fn old_formats_are_read_and_upgraded(
        magic in 0i8..=1,
        compression in compression().prop_filter("zstd came later", |c| c.codec().id() != 4),
        records in vec(record(), 1..6),
        base_offset in 0i64..1 << 40,
    ) {
        let bytes = Bytes::from(legacy_set(magic, compression, base_offset, &records));
        let mut read = Vec::new();
        for batch in AnyBatches::new(bytes) {
            let batch = batch.unwrap();
            batch.verify_crc().unwrap();
            let upgraded = batch.into_current(&LIMITS).unwrap();
            upgraded.verify_crc().unwrap();
            prop_assert_eq!(upgraded.header.base_offset, base_offset + read.len() as i64);
            let mut scratch = Scratch::new();
            read.extend(upgraded.records(&LIMITS, &mut scratch).unwrap().map(|record| own(&record.unwrap())));
        }
        let expected: Vec<_> = records
            .into_iter()
            .map(|record| Record {
                timestamp_ms: if magic == 0 { -1 } else { record.timestamp_ms },
                headers: vec![],
                ..record
            })
            .collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn damaged_old_formats_are_refused_or_read_within_bounds(
        magic in 0i8..=1,
        compression in compression().prop_filter("zstd came later", |c| c.codec().id() != 4),
        records in vec(record(), 1..5),
        at in any::<Index>(),
        byte: u8,
    ) {
        let mut bytes = legacy_set(magic, compression, 5, &records);
        let at = 12 + at.index(bytes.len() - 12);
        let changed = bytes[at] != byte;
        bytes[at] = byte;
        let bytes = Bytes::from(bytes);
        exercise(&bytes);
        if changed && records.len() == 1 {
            let result = LegacyBatch::new(bytes).and_then(|batch| batch.verify_crc());
            prop_assert!(result.is_err());
        }
    }
}
