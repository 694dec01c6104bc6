//! Writes the first corpus of every target from the vectors: each message and version, and each kind of batch, as
//! Kafka encodes it.
//!
//! Run in this folder: `cargo run --example seed_corpus`.

use std::{fs, path::Path};

use bytes::{BufMut, BytesMut};
use ottla_wire::{
    ApiKey,
    schema::{self, Kind},
};

fn main() {
    for file in ["requests", "responses", "records"] {
        let path = format!("../tests/vectors/message-codec-{file}.json");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let file: serde_json::Value = serde_json::from_str(&text).expect("the vectors are JSON");
        for vector in file["vectors"].as_array().expect("a list of vectors") {
            seed(vector);
        }
    }
    seed_batches();
}

/// Every batch for the readers of batches, and the records of compressed ones for their codec.
fn seed_batches() {
    let text = fs::read_to_string("../tests/vectors/record-batches.json").expect("the vectors are there");
    let file: serde_json::Value = serde_json::from_str(&text).expect("the vectors are JSON");
    let lists = [&file["vectors"], &file["negative"]].map(|list| list.as_array().expect("a list of vectors"));
    for vector in lists.into_iter().flatten() {
        let name = vector["name"].as_str().expect("a name").replace(' ', "-");
        let bytes = unhex(vector["hex"].as_str().expect("hexadecimal digits"));
        let target = if name.starts_with("legacy") { "legacy" } else { "record_batch" };
        write(target, &name, &bytes);
        let codec = ["gzip", "snappy", "lz4", "zstd"].into_iter().find(|codec| name.contains(codec));
        if let (Some(codec), "record_batch") = (codec, target) {
            write(&format!("decompress_{codec}"), &name, &bytes[61..]);
        }
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.as_bytes().chunks(2).map(pair).collect()
}

fn seed(vector: &serde_json::Value) {
    let name = vector["message"].as_str().expect("a message name");
    let version = vector["version"].as_i64().expect("a version") as i16;
    let body = unhex(vector["hex"].as_str().expect("hexadecimal digits"));
    let index = schema::messages().iter().position(|message| message.name == name).expect("a schema");
    let message = &schema::messages()[index];
    let file = format!("{name}-{version}-{}", vector["variant"].as_str().expect("a variant"));

    let mut value = BytesMut::from(&(index as u16).to_be_bytes()[..]);
    value.put_u8(version as u8);
    value.put_slice(&body);
    write("value", &file, &value);
    let api = ApiKey(message.key);
    match message.kind {
        Kind::Request => {
            let mut frame = BytesMut::new();
            frame.put_i16(message.key);
            frame.put_i16(version);
            frame.put_i32(1);
            frame.put_i16(-1);
            if api.request_header_version(version) >= 2 {
                frame.put_u8(0);
            }
            frame.put_slice(&body);
            write("request", &file, &frame);
        }
        Kind::Response => {
            let mut frame = BytesMut::from(&[message.key as u8, version as u8][..]);
            frame.put_i32(1);
            if api.response_header_version(version) >= 1 {
                frame.put_u8(0);
            }
            frame.put_slice(&body);
            write("response", &file, &frame);
        }
        _ => {}
    }
}

fn write(target: &str, file: &str, bytes: &[u8]) {
    let folder = Path::new("corpus").join(target);
    fs::create_dir_all(&folder).expect("the corpus folder can be made");
    fs::write(folder.join(file), bytes).expect("a seed can be written");
}
