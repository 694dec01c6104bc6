//! Integers, checksums, hashes and ids as Apache Kafka's own classes give them.

#![allow(clippy::unwrap_used, clippy::panic)] // A helper's panic is a test's failure.

use bytes::BytesMut;
use ottla_wire::{crc32c, java_hash, murmur2, uuid_text, varint};
use serde_json::Value;

fn vectors(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    let vectors = file["vectors"].as_array().unwrap().clone();
    assert!(!vectors.is_empty());
    vectors
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn primitives() {
    for vector in vectors(include_str!("vectors/primitives.json")) {
        let text = || vector["value"].as_str().unwrap();
        let mut buffer = BytesMut::new();
        let mut at = 0;
        match vector["type"].as_str().unwrap() {
            "varint(zigzag32)" => {
                let value = text().parse().unwrap();
                varint::put_varint(&mut buffer, value);
                assert_eq!(varint::read_varint(&buffer, &mut at), Some(value));
            }
            "varlong(zigzag64)" => {
                let value = text().parse().unwrap();
                varint::put_varlong(&mut buffer, value);
                assert_eq!(varint::read_varlong(&buffer, &mut at), Some(value));
            }
            "uvarint32" => {
                let value = text().parse().unwrap();
                varint::put_unsigned_varint(&mut buffer, value);
                assert_eq!(varint::read_unsigned_varint(&buffer, &mut at), Some(value));
            }
            "crc32c" => {
                let expected = vector["value"].as_u64().unwrap();
                assert_eq!(u64::from(crc32c::crc32c(&hex(&vector["input_hex"]))), expected);
                continue;
            }
            "uuid" | "uuid(base64url, no padding)" => {
                let id = uuid_text::from_text(text()).unwrap();
                assert_eq!(uuid_text::to_text(id), text());
                if vector["hex"].is_string() {
                    assert_eq!(id.as_bytes()[..], hex(&vector["hex"])[..]);
                }
                continue;
            }
            other => panic!("unknown kind of vector: {other}"),
        }
        assert_eq!(buffer[..], hex(&vector["hex"])[..], "{vector}");
        assert_eq!(at, buffer.len());
    }
}

#[test]
fn murmur2_partitions() {
    for vector in vectors(include_str!("vectors/murmur2-partitioner.json")) {
        let key = hex(&vector["key_hex"]);
        assert_eq!(i64::from(murmur2::murmur2(&key)), vector["murmur2"].as_i64().unwrap());
        for (count, partition) in vector["partitions"].as_object().unwrap() {
            let got = murmur2::partition(&key, count.parse().unwrap());
            assert_eq!(i64::from(got), partition.as_i64().unwrap(), "{vector}");
        }
    }
}

#[test]
fn coordinator_partitions() {
    for vector in vectors(include_str!("vectors/coordinator-partitions.json")) {
        let id = vector["key"].as_str().unwrap();
        assert_eq!(i64::from(java_hash::string_hash(id)), vector["java_hash"].as_i64().unwrap());
        for (count, partition) in vector["partition_of"].as_object().unwrap() {
            let got = java_hash::coordinator_partition(id, count.parse().unwrap());
            assert_eq!(i64::from(got), partition.as_i64().unwrap(), "{vector}");
        }
    }
}
