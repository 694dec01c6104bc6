//! The vectors in `tests/vectors/message-codec-*.json`: every message and version, encoded by Kafka.
#![allow(dead_code, reason = "each test uses its part")]

use std::sync::LazyLock;

use bytes::Bytes;
use ottla_wire::{
    guard::Direction,
    schema::{self, Kind},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize, Clone, Debug)]
pub(crate) struct Vector {
    pub(crate) message: String,
    pub(crate) key: i16,
    pub(crate) version: i16,
    pub(crate) variant: String,
    pub(crate) json: serde_json::Value,
    pub(crate) hex: String,
}

impl Vector {
    pub(crate) fn name(&self) -> String {
        format!("{} v{} {}", self.message, self.version, self.variant)
    }

    pub(crate) fn body(&self) -> Bytes {
        let digits = self.hex.as_bytes().chunks(2);
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    pub(crate) fn schema(&self) -> &'static schema::Message {
        schema::by_name(&self.message).unwrap_or_else(|| panic!("no schema {}", self.message))
    }

    pub(crate) fn direction(&self) -> Option<Direction> {
        match self.schema().kind {
            Kind::Request => Some(Direction::Request),
            Kind::Response => Some(Direction::Response),
            _ => None,
        }
    }
}

/// All of them, read once.
pub(crate) fn vectors() -> &'static [Vector] {
    static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
        let files = [
            include_str!("../vectors/message-codec-requests.json"),
            include_str!("../vectors/message-codec-responses.json"),
            include_str!("../vectors/message-codec-records.json"),
        ];
        let files = files.map(|file| serde_json::from_str::<File>(file).unwrap().vectors);
        let vectors: Vec<_> = files.into_iter().flatten().collect();
        assert_eq!(vectors.len(), 1165);
        vectors
    });
    &VECTORS
}
