//! Blocks against the golden file that the encoders and decoders of every language are tested against.

use super::{produce, records, reports};
use crate::consumer::RecordBatch;
use crate::consumer::test_batches::of_records;
use crate::error::{Error, ErrorKind};
use crate::producer::{Appended, Report, Run};
use ottla_wire::batch::HeaderRef;
use proptest::prelude::*;
use serde_json::{Value, json};

struct Sample {
    key: Option<&'static [u8]>,
    value: Option<&'static [u8]>,
    headers: &'static [HeaderRef<'static>],
}

/// Null and empty fields, a repeated header key, a header without value, more than a word of each.
const SAMPLES: &[Sample] = &[
    Sample { key: Some(b"key"), value: Some(b"value"), headers: &[] },
    Sample { key: None, value: Some(b""), headers: &[(b"a", Some(b"1")), (b"a", None), (b"", Some(b""))] },
    Sample { key: Some(b""), value: None, headers: &[] },
    Sample {
        key: Some("schl\u{fc}ssel".as_bytes()),
        value: Some(&[0, 255, 128]),
        headers: &[("k\u{f6}pfe".as_bytes(), Some(&[255]))],
    },
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn shown(bytes: Option<&[u8]>) -> Value {
    bytes.map_or(Value::Null, |bytes| hex(bytes).into())
}

fn headers<'a>(headers: impl Iterator<Item = HeaderRef<'a>>) -> Value {
    headers.map(|(key, value)| json!([hex(key), shown(value)])).collect()
}

fn produce_sample() -> Value {
    let mut packer = produce::Packer::new();
    for (index, sample) in SAMPLES.iter().enumerate() {
        let partition = (index % 2 == 1).then_some(7);
        let timestamp_ms = (index != 2).then_some(1_700_000_000_000 + index as i64);
        packer.push(
            3,
            partition,
            timestamp_ms,
            sample.key,
            sample.value,
            sample.headers,
            (1 << 33) + index as u64,
        );
    }
    let block = packer.finish();
    let parsed = produce::Block::parse(&block).unwrap();
    let records: Vec<Value> = parsed
        .records()
        .map(|record| {
            json!({
                "topic": record.topic, "partition": record.partition, "timestamp_ms": record.timestamp_ms,
                "key": shown(record.key), "value": shown(record.value), "headers": headers(record.headers()),
                "tag": record.tag,
            })
        })
        .collect();
    for (record, sample) in parsed.records().zip(SAMPLES) {
        assert_eq!((record.key, record.value), (sample.key, sample.value));
        assert!(record.headers().eq(sample.headers.iter().copied()));
    }
    json!({"block": hex(&block), "records": records})
}

fn batches() -> Vec<RecordBatch> {
    let all: Vec<_> = SAMPLES.iter().map(|sample| (sample.key, sample.value, sample.headers)).collect();
    vec![
        of_records("orders", 2, 40, &all[..3]),
        of_records("zahlungen", 0, 7, &all[3..]),
        of_records("leer", 1, 0, &[(None, None, &[])]),
    ]
}

fn records_sample() -> Value {
    let batches = batches();
    let mut block = Vec::new();
    records::pack(&batches, &mut block);
    let shown: Vec<Value> = batches
        .iter()
        .flat_map(RecordBatch::iter)
        .map(|record| {
            json!({
                "topic": record.topic(), "partition": record.partition(), "offset": record.offset(),
                "timestamp_ms": record.timestamp_ms(), "leader_epoch": record.leader_epoch(), "timestamp_type": "create",
                "key": shown(record.key()), "value": shown(record.value()), "headers": headers(record.headers()),
            })
        })
        .collect();
    json!({"block": hex(&block), "records": shown})
}

fn reports_sample() -> Value {
    let run = |first_tag, first_index, count| Run { first_tag, first_index, count };
    let told = |partition, outcome, runs| Report { topic: "orders".into(), partition, outcome, runs };
    let appended = |base_offset, log_append_time_ms| Ok(Appended { base_offset, log_append_time_ms });
    let refused = Err(Error::new(ErrorKind::RecordTooLarge, "send records", "it is too large"));
    let reports = vec![
        told(3, appended(Some(1 << 40), None), vec![run(5, 0, 3), run(1 << 35, 3, 1)]),
        told(-1, refused, vec![run(8, 0, 1)]),
        told(0, appended(None, Some(1_700_000_000_123)), vec![run(9, 2, 2)]),
    ];
    let mut block = Vec::new();
    let shown: Vec<Value> = reports
        .iter()
        .map(|report| {
            let appended = report.outcome.as_ref().ok();
            json!({
                "partition": report.partition, "error": report.outcome.is_err().then_some(0),
                "base_offset": appended.and_then(|appended| appended.base_offset),
                "log_append_time_ms": appended.and_then(|appended| appended.log_append_time_ms),
                "runs": report.runs.iter().map(|run| json!([run.first_tag, run.first_index, run.count])).collect::<Value>(),
            })
        })
        .collect();
    let errors = reports::pack(reports, &mut block);
    assert_eq!(errors.len(), 1);
    json!({"block": hex(&block), "reports": shown, "errors": 1})
}

/// Written anew with `OTTLA_WRITE_PAGES`, as `make gen` does.
#[test]
#[allow(clippy::disallowed_methods)] // A file of the repository.
fn blocks_are_those_of_the_golden_file() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/packed.json");
    let made = json!({
        "note": "one block of each kind, version 1, bytes as hexadecimal text; written by the tests of client-core/src/packed",
        "produce": produce_sample(), "records": records_sample(), "reports": reports_sample(),
    });
    if std::env::var_os("OTTLA_WRITE_PAGES").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(made, golden, "the layout changed: raise its version, or run `make gen`");
}

fn u32_at(block: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(block[at..at + 4].try_into().unwrap())
}

fn slice(block: &[u8], at: u32, len: u32) -> Option<&[u8]> {
    (len != u32::MAX).then(|| &block[at as usize..(at + len) as usize])
}

/// Reads a block by its description alone, as a host does.
#[test]
fn every_field_lies_where_the_tables_say() {
    let batches = batches();
    let mut block = Vec::new();
    records::pack(&batches, &mut block);
    let (batch_count, record_count) = (u32_at(&block, 4) as usize, u32_at(&block, 8) as usize);
    assert_eq!((batch_count, record_count), (3, 5));
    for (index, batch) in batches.iter().enumerate() {
        let entry = records::HEAD_BYTES + index * records::BATCH_BYTES;
        let topic = slice(&block, u32_at(&block, entry + 16), u32_at(&block, entry + 20)).unwrap();
        assert_eq!(topic, batch.partition().topic.as_bytes());
        for (place, record) in batch.iter().enumerate() {
            let number = u32_at(&block, entry) as usize + place;
            let at =
                records::HEAD_BYTES + batch_count * records::BATCH_BYTES + number * records::RECORD_BYTES;
            assert_eq!(i64::from_le_bytes(block[at..at + 8].try_into().unwrap()), record.offset());
            assert_eq!(slice(&block, u32_at(&block, at + 16), u32_at(&block, at + 20)), record.key());
            assert_eq!(slice(&block, u32_at(&block, at + 24), u32_at(&block, at + 28)), record.value());
            let mut header = u32_at(&block, at + 32);
            assert_eq!(u32_at(&block, at + 36) as usize, record.headers().count());
            for (key, value) in record.headers() {
                let (key_len, value_len) =
                    (u32_at(&block, header as usize), u32_at(&block, header as usize + 4));
                assert_eq!(slice(&block, header + 8, key_len), Some(key));
                assert_eq!(slice(&block, header + 8 + key_len, value_len), value);
                header += 8 + key_len + if value_len == u32::MAX { 0 } else { value_len };
            }
        }
    }
}

#[test]
fn blocks_may_follow_each_other_in_one_buffer() {
    let batches = batches();
    let mut once = Vec::new();
    records::pack(&batches, &mut once);
    let mut twice = once.clone();
    records::pack(&batches, &mut twice);
    assert_eq!(twice[once.len()..], once);
}

proptest! {
    /// Whatever a host hands over, parsing it ends with records or with an error.
    #[test]
    fn parsing_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), versioned: bool) {
        if versioned && bytes.len() >= 8 {
            bytes[..4].copy_from_slice(&super::VERSION.to_le_bytes());
            bytes[5..8].fill(0);
        }
        if let Ok(block) = produce::Block::parse(&bytes) {
            for record in block.records() {
                record.headers().count();
            }
        }
    }

    /// A block with one byte changed is read as something else or refused, never beyond its end.
    #[test]
    fn a_changed_byte_does_no_harm(at: prop::sample::Index, to: u8) {
        let mut packer = produce::Packer::new();
        for (index, sample) in SAMPLES.iter().enumerate() {
            packer.push(0, None, None, sample.key, sample.value, sample.headers, index as u64);
        }
        let mut block = packer.finish();
        let at = at.index(block.len());
        block[at] = to;
        if let Ok(block) = produce::Block::parse(&block) {
            prop_assert_eq!(block.records().count(), block.len());
        }
    }
}
