//! Every message and version of Kafka 4.4, as encoded by Kafka itself, through the guard, the value tree and the
//! typed messages.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test may fail it")]

mod typed;
mod vectors_file;

use ottla_wire::{
    api_version, guard,
    schema::{self, value},
};
use vectors_file::vectors;

#[test]
fn the_guard_accepts_what_kafka_encodes() {
    for vector in vectors() {
        guard::check_message(vector.schema(), vector.version, &vector.body())
            .unwrap_or_else(|error| panic!("{}: {error}", vector.name()));
        if let Some(direction) = vector.direction() {
            assert!(guard::check(vector.key, vector.version, direction, &vector.body()).is_ok());
        }
    }
}

#[test]
fn value_trees_say_what_kafka_says() {
    for vector in vectors() {
        let value = value::decode(vector.schema(), vector.version, &vector.body()).unwrap();
        for text in [value.to_string(), format!("{value:#}")] {
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json, vector.json, "{}", vector.name());
        }
    }
}

#[test]
fn value_trees_encode_to_kafkas_bytes() {
    for vector in vectors() {
        let value = value::decode(vector.schema(), vector.version, &vector.body()).unwrap();
        let value::Value::Struct(value) = value else { panic!("a message is a struct") };
        let bytes = value::encode(vector.schema(), vector.version, &value)
            .unwrap_or_else(|error| panic!("{}: {error}", vector.name()));
        assert_eq!(bytes, vector.body(), "{}", vector.name());
    }
}

#[test]
fn typed_messages_encode_to_kafkas_bytes() {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for vector in vectors() {
        let Some(direction) = vector.direction() else { continue };
        let supported =
            api_version::supported(vector.key).is_some_and(|range| range.contains(&vector.version));
        if !supported {
            continue;
        }
        match typed::round_trip(vector.key, vector.version, direction, &vector.body()).unwrap() {
            Ok(bytes) if bytes == vector.body() => compared += 1,
            Ok(_) => wrong.push(format!("{}: other bytes", vector.name())),
            Err(error) => wrong.push(format!("{}: {error}", vector.name())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(compared, 844, "fewer or more versions have typed messages than this test knows");
}

#[test]
fn a_body_cut_anywhere_is_refused() {
    for vector in vectors() {
        let body = vector.body();
        for len in 0..body.len() {
            let cut = body.slice(..len);
            assert!(
                guard::check_message(vector.schema(), vector.version, &cut).is_err(),
                "{} cut to {len}",
                vector.name()
            );
        }
    }
}

#[test]
fn a_body_with_a_byte_more_is_refused() {
    for vector in vectors() {
        let mut longer = vector.body().to_vec();
        longer.push(0);
        assert!(guard::check_message(vector.schema(), vector.version, &longer).is_err(), "{}", vector.name());
    }
}

#[test]
fn the_vectors_cover_every_message_and_version() {
    /// The vector files hold none of these: their encoding is not checked against Kafka's.
    const WITHOUT_VECTOR: &[(&str, i16)] = &[("TransactionLogValue", 0)];
    let vectors = vectors();
    for message in schema::messages() {
        for version in message.versions.min..=message.versions.max {
            let covered = vectors.iter().any(|v| v.message == message.name && v.version == version);
            let excused = WITHOUT_VECTOR.contains(&(message.name, version));
            assert!(covered != excused, "{} v{version}", message.name);
        }
    }
}
