//! Record batches of every codec and format as Apache Kafka writes them, and the files of a real broker's log.

#![allow(clippy::unwrap_used, clippy::panic)] // A helper's panic is a test's failure.

use bytes::{Bytes, BytesMut};
use ottla_wire::batch::control::{ControlType, EndTransactionMarker};
use ottla_wire::batch::legacy::{AnyBatch, AnyBatches, LegacyBatch};
use ottla_wire::batch::*;
use ottla_wire::compression::Compression;
use serde_json::Value;

const LIMITS: DecompressLimits = DecompressLimits { max_decompressed_bytes: 1 << 20 };

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn nullable_hex(value: &Value) -> Option<Vec<u8>> {
    (!value.is_null()).then(|| hex(value))
}

fn file() -> Value {
    serde_json::from_str(include_str!("vectors/record-batches.json")).unwrap()
}

type Record = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(Vec<u8>, Option<Vec<u8>>)>);

fn expected_records(batch: &Value) -> Vec<Record> {
    let records = batch["records"].as_array().unwrap();
    let header =
        |header: &Value| (header["key"].as_str().unwrap().into(), nullable_hex(&header["value_hex"]));
    let record = |record: &Value| {
        (
            record["offset"].as_i64().unwrap(),
            record["timestamp"].as_i64().unwrap(),
            nullable_hex(&record["key_hex"]),
            nullable_hex(&record["value_hex"]),
            record["headers"].as_array().unwrap().iter().map(header).collect(),
        )
    };
    records.iter().map(record).collect()
}

fn records(batch: &BatchView) -> Vec<Record> {
    let mut scratch = Scratch::new();
    let own = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
    batch
        .records(&LIMITS, &mut scratch)
        .unwrap()
        .map(Result::unwrap)
        .map(|record| {
            let headers = record.headers.map(|(key, value)| (key.to_vec(), own(value))).collect();
            (record.offset, record.timestamp_ms, own(record.key), own(record.value), headers)
        })
        .collect()
}

fn check_header(header: &BatchHeader, expected: &Value) {
    let int = |name: &str| expected[name].as_i64().unwrap();
    assert_eq!(i64::from(header.magic), int("magic"));
    assert_eq!(header.base_offset, int("base_offset"));
    assert_eq!(header.last_offset(), int("last_offset"));
    assert_eq!(header.size_bytes() as i64, int("size"));
    assert_eq!(i64::from(header.partition_leader_epoch), int("partition_leader_epoch"));
    assert_eq!(i64::from(header.crc), int("crc"));
    assert_eq!(header.compression().name(), expected["compression"].as_str().unwrap());
    assert_eq!(format!("{:?}", header.timestamp_type()), expected["timestamp_type"].as_str().unwrap());
    assert_eq!(header.max_timestamp, int("max_timestamp"));
    assert_eq!(header.is_transactional(), expected["transactional"].as_bool().unwrap());
    assert_eq!(header.is_control(), expected["control"].as_bool().unwrap());
    assert_eq!(header.delete_horizon_ms(), expected["delete_horizon_ms"].as_i64());
    assert_eq!(header.producer_id, int("producer_id"));
    assert_eq!(i64::from(header.producer_epoch), int("producer_epoch"));
    assert_eq!(i64::from(header.base_sequence), int("base_sequence"));
    assert_eq!(i64::from(header.last_sequence()), int("last_sequence"));
    assert_eq!(i64::from(header.records_count), int("count"));
}

fn check_legacy(batch: &LegacyBatch, expected: &Value) {
    let int = |name: &str| expected[name].as_i64().unwrap();
    assert_eq!(i64::from(batch.magic), int("magic"));
    assert_eq!(batch.last_offset, int("last_offset"));
    assert_eq!(batch.bytes().len() as i64, int("size"));
    assert_eq!(i64::from(batch.crc), int("crc"));
    assert_eq!(batch.timestamp_ms, int("max_timestamp"));
    assert_eq!(batch.compression.name(), expected["compression"].as_str().unwrap());
    let records = batch.records(&LIMITS).unwrap();
    let own = |bytes: &Option<Bytes>| bytes.as_ref().map(|bytes| bytes.to_vec());
    let records: Vec<Record> = records
        .iter()
        .map(|record| (record.offset, record.timestamp_ms, own(&record.key), own(&record.value), vec![]))
        .collect();
    assert_eq!(records, expected_records(expected));
}

/// Builds the batch anew from what was read of it.
fn rebuild(batch: &BatchView, compression: Compression) -> Bytes {
    let header = &batch.header;
    let timestamp_type = header.timestamp_type();
    let mut builder = BatchBuilder::new(BatchOptions { compression, timestamp_type }, BytesMut::new());
    builder.set_base_offset(header.base_offset);
    builder.set_partition_leader_epoch(header.partition_leader_epoch);
    if let Some(delete_horizon_ms) = header.delete_horizon_ms() {
        builder.set_delete_horizon_ms(delete_horizon_ms);
    }
    let mut scratch = Scratch::new();
    let mut timestamps = Vec::new();
    // Producer timestamps lie under those of the append.
    let mut create_time = *header;
    create_time.attributes = Attributes(header.attributes.0 & !8);
    let payload = batch.payload(&LIMITS).unwrap();
    for record in RecordIter::new(&create_time, &payload) {
        timestamps.push(record.unwrap().timestamp_ms);
    }
    for (record, timestamp_ms) in batch.records(&LIMITS, &mut scratch).unwrap().zip(timestamps) {
        let record = record.unwrap();
        let headers: Vec<_> = record.headers.collect();
        builder.append_at(
            record.offset_delta,
            timestamp_ms,
            record.key,
            record.value,
            headers.iter().copied(),
        );
    }
    builder.set_last_offset_delta(header.last_offset_delta);
    builder.set_max_timestamp_ms(header.max_timestamp);
    builder
        .finish(ProducerStamp {
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            base_sequence: header.base_sequence,
            transactional: header.is_transactional(),
            control: header.is_control(),
        })
        .unwrap()
}

#[test]
fn every_batch_decodes_and_encodes_again() {
    for vector in file()["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let bytes = Bytes::from(hex(&vector["hex"]));
        let expected = vector["batches"].as_array().unwrap();
        let mut batches = AnyBatches::new(bytes.clone());
        let decoded: Vec<_> = batches.by_ref().map(Result::unwrap).collect();
        assert_eq!((batches.trailing_bytes(), decoded.len()), (0, expected.len()), "{name}");
        for (batch, expected) in decoded.iter().zip(expected) {
            batch.verify_crc().unwrap();
            let batch = match batch {
                AnyBatch::Legacy(batch) => {
                    check_legacy(batch, expected);
                    let upgraded = batch.upgrade(&LIMITS).unwrap();
                    upgraded.verify_crc().unwrap();
                    assert_eq!(records(&upgraded), expected_records(expected), "{name}");
                    continue;
                }
                AnyBatch::Current(batch) => batch,
            };
            check_header(&batch.header, expected);
            assert_eq!(records(batch), expected_records(expected), "{name}");
            let again = BatchView::new(rebuild(batch, batch.header.compression().into())).unwrap();
            again.verify_crc().unwrap();
            if batch.header.compression().id() == 0 && batch.header.records_count > 0 {
                assert_eq!(again.bytes(), batch.bytes(), "{name}");
            }
            assert_eq!(records(&again), expected_records(expected), "{name}");
            let plain = BatchView::new(rebuild(batch, Compression::None)).unwrap();
            assert_eq!(plain.payload(&LIMITS).unwrap(), batch.payload(&LIMITS).unwrap(), "{name}");
        }
    }
}

#[test]
fn what_a_producer_sends_is_valid_and_what_compaction_leaves_is_not() {
    let mut scratch = Scratch::new();
    for vector in file()["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        if name.starts_with("legacy") {
            continue;
        }
        for batch in Batches::new(hex(&vector["hex"]).into()) {
            let batch = batch.unwrap();
            let result = batch.validate_records(&ValidateOptions::default(), &mut scratch);
            if name.contains("compacted") || name.contains("empty-batch") {
                assert!(matches!(result, Err(BatchError::Count { .. })), "{name}");
                continue;
            }
            let stats = result.unwrap();
            assert_eq!(stats.count, batch.header.records_count as u32);
            assert_eq!(stats.max_timestamp_ms, batch.header.max_timestamp, "{name}");
            let first = records(&batch).into_iter().find(|record| record.1 == stats.max_timestamp_ms);
            if batch.header.timestamp_type() == TimestampType::CreateTime {
                assert_eq!(stats.max_timestamp_offset, first.unwrap().0);
            }
        }
    }
}

#[test]
fn invalid_batches_are_refused_for_their_reason() {
    for vector in file()["negative"].as_array().unwrap() {
        let bytes = Bytes::from(hex(&vector["hex"]));
        let exact = BatchView::new(bytes.clone()).and_then(|batch| batch.verify_crc());
        let first = Batches::new(bytes.clone()).next();
        match vector["name"].as_str().unwrap() {
            "payload bit flip" => assert!(matches!(exact, Err(BatchError::Crc { .. }))),
            "unknown magic 3" => {
                assert_eq!(exact, Err(BatchError::Magic(3)));
                assert!(matches!(first, Some(Err(BatchError::Magic(3)))));
            }
            "truncated tail" => {
                assert!(matches!(exact, Err(BatchError::Truncated { .. })));
                let mut batches = Batches::new(bytes.clone());
                assert!(batches.next().is_none());
                assert_eq!(batches.trailing_bytes(), bytes.len());
            }
            "length below the minimum overhead" => {
                assert_eq!(exact, Err(BatchError::Length(10)));
                assert!(matches!(first, Some(Err(BatchError::Length(10)))));
            }
            "unknown compression id 7 (crc now wrong too)" => {
                assert_eq!(exact, Err(BatchError::UnknownCompression(7)));
            }
            "partition leader epoch changed" => exact.unwrap(),
            other => panic!("unknown negative case: {other}"),
        }
    }
}

#[test]
fn control_batches_carry_their_type_and_marker() {
    for vector in file()["vectors"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let Some(kind) = name.strip_prefix("control-") else { continue };
        let batch = BatchView::new(hex(&vector["hex"]).into()).unwrap();
        let (control_type, value) = batch.control_records().unwrap().remove(0);
        let expected = match kind {
            "commit" => ControlType::Commit,
            "abort" => ControlType::Abort,
            "leader-change" => ControlType::LeaderChange,
            "snapshot-header" => ControlType::SnapshotHeader,
            "snapshot-footer" => ControlType::SnapshotFooter,
            "kraft-version" => ControlType::KRaftVersion,
            "kraft-voters" => ControlType::KRaftVoters,
            other => panic!("unknown control batch: {other}"),
        };
        assert_eq!(control_type, expected);
        let marker = batch.end_transaction_marker().unwrap();
        assert_eq!(marker.is_some(), expected.ends_transaction());
        let header = &batch.header;
        let encoded = match marker {
            Some(marker) => {
                assert_eq!(
                    marker,
                    EndTransactionMarker { committed: kind == "commit", coordinator_epoch: 11 }
                );
                marker.encode_batch(header.producer_id, header.producer_epoch, header.max_timestamp)
            }
            None => control::encode_batch(expected, &value, header.max_timestamp, ProducerStamp::NONE),
        };
        let mut encoded = encoded.to_vec();
        patch_base_offset(&mut encoded, header.base_offset);
        patch_leader_epoch(&mut encoded, header.partition_leader_epoch);
        assert_eq!(encoded, batch.bytes()[..], "{name}");
    }
}

#[test]
fn the_files_of_a_brokers_log_are_read_to_their_end() {
    let file: Value = serde_json::from_str(include_str!("vectors/log-files.json")).unwrap();
    let mut read = 0;
    for log in file["files"].as_array().unwrap() {
        let name = log["name"].as_str().unwrap();
        // Indexes and text files are not logs.
        if name.ends_with("-index") || log.get("hex").is_none() {
            continue;
        }
        let mut next_offset = 0;
        let mut batches = Batches::new(hex(&log["hex"]).into());
        for batch in batches.by_ref() {
            let batch = batch.unwrap();
            batch.verify_crc().unwrap();
            assert!(batch.header.base_offset >= next_offset, "{name}");
            next_offset = batch.header.next_offset();
            if batch.header.is_control() {
                assert_eq!(batch.control_records().unwrap().len() as i32, batch.header.records_count);
            }
            let records = records(&batch);
            assert_eq!(records.len() as i32, batch.header.records_count);
            assert!(records.iter().all(|record| record.0 <= batch.header.last_offset()));
            read += records.len();
        }
        // One file is the head of a longer one.
        assert!(batches.trailing_bytes() == 0 || name == "kraft-metadata-log-head", "{name}");
    }
    assert!(read > 100, "{read}");
}
