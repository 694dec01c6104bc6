//! Writes the first corpus of every target: logs as this broker writes them, and the records of the vectors, as Kafka
//! encodes them.
//!
//! Run in this folder: `cargo run --example seed_corpus`.

use bytes::{Bytes, BytesMut};
use ottla_wire::batch::control::EndTransactionMarker;
use ottla_wire::batch::{BatchBuilder, BatchHeader, BatchOptions, ProducerStamp, patch_base_offset};
use std::{fs, path::Path};

/// Places in the list of file names of the target.
const LOG: u8 = 0;
const EPOCHS: u8 = 5;
const SWAP: u8 = 6;

fn main() {
    seed_logs();
    seed_records();
}

/// Directories of one and more segments, whole and cut, trusted and not.
fn seed_logs() {
    let first =
        [batch(0, ProducerStamp::NONE), batch(2, producer(false)), batch(4, ProducerStamp::NONE)].concat();
    let transaction = [batch(6, producer(true)), marker(8)].concat();
    let second = [&transaction[..], &batch(9, ProducerStamp::NONE)].concat();
    let epochs = b"0\n1\n0 0\n".to_vec();
    let cut = second[..second.len() - 7].to_vec();
    let directories = [
        ("one-segment", vec![(LOG, 0, first.clone())]),
        ("two-segments", vec![(LOG, 0, first.clone()), (LOG, 6, second.clone()), (EPOCHS, 0, epochs)]),
        ("cut-segment", vec![(LOG, 0, first.clone()), (LOG, 6, cut)]),
        ("overlap", vec![(LOG, 0, [&first[..], &second].concat()), (LOG, 6, second.clone())]),
        ("swap", vec![(SWAP, 0, first.clone()), (LOG, 0, first.clone()), (LOG, 6, second.clone())]),
        ("swap-alone", vec![(SWAP, 0, first), (LOG, 6, second)]),
    ];
    for (name, files) in directories {
        for trust in [0, 1, 3] {
            // How far it is trusted, the recovery point, the log's start.
            let mut input = vec![trust, 8, 1];
            for (kind, offset, content) in &files {
                // Checksums are mended, so that a changed batch is not just a damaged one.
                input.extend([kind | 16, *offset]);
                input.extend((content.len() as u16).to_be_bytes());
                input.extend(content);
            }
            write("log_recovery", &format!("{name}-{trust}"), &input);
        }
    }
}

fn producer(transactional: bool) -> ProducerStamp {
    let base_sequence = if transactional { 2 } else { 0 };
    ProducerStamp { producer_id: 7, producer_epoch: 0, base_sequence, transactional, control: false }
}

/// Two records at `base_offset`.
fn batch(base_offset: i64, producer: ProducerStamp) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
    builder.set_base_offset(base_offset);
    for value in ["first", "second"] {
        builder.append(1_000_000, Some(b"k"), Some(value.as_bytes()), &[]);
    }
    builder.finish(producer).expect("a small batch")
}

fn marker(base_offset: i64) -> Bytes {
    let marker = EndTransactionMarker { committed: false, coordinator_epoch: 1 };
    let mut bytes = BytesMut::from(&marker.encode_batch(7, 0, 1_000_000)[..]);
    assert!(BatchHeader::parse(&bytes).is_ok(), "a marker is a batch");
    patch_base_offset(&mut bytes, base_offset);
    bytes.freeze()
}

/// Records of the metadata log, and keys and values of `__consumer_offsets`.
fn seed_records() {
    let text = fs::read_to_string("../../wire/tests/vectors/message-codec-records.json");
    let file: serde_json::Value = serde_json::from_str(&text.expect("the vectors are there")).expect("JSON");
    let vectors = file["vectors"].as_array().expect("a list of vectors");
    let of = |kind: &str| vectors.iter().filter(move |vector| vector["type"] == kind).collect::<Vec<_>>();
    for vector in of("metadata") {
        // The frame's version, then key and version of the record; all of them are below 128.
        let mut record = vec![1, number(vector, "key") as u8, number(vector, "version") as u8];
        record.extend(body(vector));
        let mut input = (record.len() as u16).to_be_bytes().to_vec();
        input.extend(record);
        write("metadata_records", &name(vector), &input);
    }
    for key in of("coordinator-key") {
        for value in of("coordinator-value").into_iter().filter(|value| value["key"] == key["key"]) {
            let of_key = [&number(key, "key").to_be_bytes()[..], &body(key)].concat();
            let of_value = [&number(value, "version").to_be_bytes()[..], &body(value)].concat();
            // Loaded after one record, and none of a transaction.
            let mut input = vec![1, 0];
            input.extend((of_key.len() as u16).to_be_bytes());
            input.extend((of_value.len() as u16).to_be_bytes());
            input.extend([of_key, of_value].concat());
            write("coordinator_records", &format!("{}-{}", name(key), name(value)), &input);
        }
    }
}

fn number(vector: &serde_json::Value, field: &str) -> i16 {
    vector[field].as_i64().and_then(|number| i16::try_from(number).ok()).expect("a small number")
}

fn name(vector: &serde_json::Value) -> String {
    let text = |field: &str| vector[field].as_str().expect("a text");
    format!("{}-{}-{}", text("message"), number(vector, "version"), text("variant"))
}

fn body(vector: &serde_json::Value) -> Vec<u8> {
    let digits = vector["hex"].as_str().expect("hexadecimal digits");
    let pair =
        |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("digits");
    digits.as_bytes().chunks(2).map(pair).collect()
}

fn write(target: &str, file: &str, bytes: &[u8]) {
    let folder = Path::new("corpus").join(target);
    fs::create_dir_all(&folder).expect("the corpus folder can be made");
    fs::write(folder.join(file), bytes).expect("a seed can be written");
}
