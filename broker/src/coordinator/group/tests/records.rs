//! Records are Kafka's: written as its schemas say, and a log that Kafka wrote is understood.

use super::super::records::{CommittedOffset, GroupMetadata, MemberMetadata};
use super::*;
use ottla_wire::batch::{Batches, DecompressLimits, Scratch};
use ottla_wire::schema::{self, Kind, value};

fn encoded(record: &GroupRecord) -> (Bytes, Bytes) {
    let (mut key, mut value) = (BytesMut::new(), BytesMut::new());
    assert!(record.encode(&mut key, &mut value).unwrap());
    (key.freeze(), value.freeze())
}

/// Decodes with the schema of `kind` and `key`; the version stands in front.
fn by_schema(kind: Kind, key: i16, bytes: &Bytes) -> (i16, value::Value) {
    let version = i16::from_be_bytes([bytes[0], bytes[1]]);
    let message = schema::message(kind, key).unwrap();
    let schema_version = if kind == Kind::GroupKey { 0 } else { version };
    (version, value::decode(message, schema_version, &bytes.slice(2..)).unwrap())
}

fn offset(expire_timestamp_ms: i64, topic_id: uuid::Uuid) -> GroupRecord {
    GroupRecord::Offset {
        group: id(),
        topic: Arc::from("t"),
        partition: 7,
        value: Some(CommittedOffset {
            offset: 42,
            leader_epoch: if expire_timestamp_ms < 0 { 3 } else { -1 },
            metadata: Arc::from("note"),
            commit_timestamp_ms: 1_000,
            expire_timestamp_ms,
            topic_id,
        }),
    }
}

#[test]
fn offsets_are_written_as_the_schema_says() {
    let (key, value) = encoded(&offset(-1, uuid::Uuid::from_u128(9)));
    let (key_version, key) = by_schema(Kind::GroupKey, 1, &key);
    assert_eq!(key_version, 1);
    assert_eq!(key.get("group").unwrap().as_str(), Some("group"));
    assert_eq!(key.get("topic").unwrap().as_str(), Some("t"));
    assert_eq!(key.get("partition").unwrap().as_int(), Some(7));
    let (version, value) = by_schema(Kind::GroupValue, 1, &value);
    assert_eq!(version, 4);
    assert_eq!(value.get("offset").unwrap().as_int(), Some(42));
    assert_eq!(value.get("leaderEpoch").unwrap().as_int(), Some(3));
    assert_eq!(value.get("metadata").unwrap().as_str(), Some("note"));
    assert_eq!(value.get("commitTimestamp").unwrap().as_int(), Some(1_000));
    assert_eq!(value.get("topicId"), Some(&value::Value::Uuid(uuid::Uuid::from_u128(9))));
    let (_, value) = encoded(&offset(2_000, uuid::Uuid::nil()));
    let (version, value) = by_schema(Kind::GroupValue, 1, &value);
    assert_eq!(version, 1);
    assert_eq!(value.get("expireTimestamp").unwrap().as_int(), Some(2_000));
}

fn metadata() -> GroupRecord {
    let member = |instance: Option<&str>| MemberMetadata {
        member_id: Arc::from("m"),
        group_instance_id: instance.map(Arc::from),
        client_id: Arc::from("c"),
        client_host: Arc::from("/h"),
        rebalance_timeout_ms: 2,
        session_timeout_ms: 3,
        subscription: Bytes::from_static(b"s"),
        assignment: Bytes::from_static(b""),
    };
    GroupRecord::Metadata {
        group: id(),
        value: Some(GroupMetadata {
            protocol_type: Arc::from("consumer"),
            generation: 5,
            protocol: Some(Arc::from("range")),
            leader: None,
            current_state_timestamp_ms: 99,
            members: vec![member(None), member(Some("i"))],
        }),
    }
}

#[test]
fn generations_are_written_as_the_schema_says() {
    let (key, value) = encoded(&metadata());
    assert_eq!(by_schema(Kind::GroupKey, 2, &key).0, 2);
    let (version, value) = by_schema(Kind::GroupValue, 2, &value);
    assert_eq!(version, 3);
    assert_eq!(value.get("generation").unwrap().as_int(), Some(5));
    assert_eq!(value.get("leader"), Some(&value::Value::Null));
    let members = value.get("members").unwrap().as_array().unwrap();
    assert_eq!(members[1].get("groupInstanceId").unwrap().as_str(), Some("i"));
    assert_eq!(members[0].get("rebalanceTimeout").unwrap().as_int(), Some(2));
}

#[test]
fn every_version_the_schema_knows_can_be_read() {
    for (key, versions) in [(1, 0..=4), (2, 0..=4)] {
        let message = schema::message(Kind::GroupValue, key).unwrap();
        for version in versions {
            let tree = value::default_struct(message.root, version);
            let mut bytes = BytesMut::new();
            bytes.put_i16(version);
            bytes.put_slice(&value::encode(message, version, &tree).unwrap());
            let mut name = BytesMut::new();
            name.put_i16(key);
            name.put_slice(if key == 1 { &b"\0\x01g\0\x01t\0\0\0\0"[..] } else { &b"\0\x01g"[..] });
            let decoded = GroupRecord::decode(&name, Some(&bytes));
            assert!(matches!(decoded, Ok(Some(_))), "{key} version {version}: {decoded:?}");
        }
    }
}

#[test]
fn a_cut_record_is_an_error_and_an_unknown_kind_is_not() {
    for record in [offset(-1, uuid::Uuid::from_u128(1)), offset(5, uuid::Uuid::nil()), metadata()] {
        let (key, value) = encoded(&record);
        for length in 0..value.len() {
            assert!(GroupRecord::decode(&key, Some(&value[..length])).is_err(), "{length}");
        }
        for length in 0..key.len() {
            assert!(GroupRecord::decode(&key[..length], Some(&value)).is_err(), "{length}");
        }
    }
    assert_eq!(GroupRecord::decode(&[0, 99, 1], None).unwrap(), None);
    assert!(GroupRecord::decode(&[0, 1, 0, 1, b'g', 0, 1, b't', 0, 0, 0, 0], Some(&[0, 9])).is_err());
}

/// The records of a log of Kafka's, from the vectors of the wire crate.
fn kafka_log(name: &str) -> Bytes {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../wire/tests/vectors/log-files.json")).unwrap();
    let files = vectors["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["name"] == name).unwrap();
    let hex = file["hex"].as_str().unwrap();
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
}

#[test]
fn a_log_that_kafka_wrote_is_understood() {
    for name in ["consumer-offsets-0", "consumer-offsets-1"] {
        let mut script = Script::new();
        script.shard =
            GroupShard::new(Arc::new(config()), Places::default(), RngRoot::from_seed(1).child("groups"));
        let mut written = Vec::new();
        let mut scratch = Scratch::new();
        for batch in Batches::new(kafka_log(name)) {
            let batch = batch.unwrap();
            let header = batch.header;
            let producer = header.is_transactional().then_some(TransactionalProducer {
                producer_id: header.producer_id,
                producer_epoch: header.producer_epoch,
            });
            if header.is_control() {
                let marker = batch.end_transaction_marker().unwrap().unwrap();
                script.shard.replay_end_transaction(producer.unwrap(), marker.committed);
                continue;
            }
            for record in batch.records(&DecompressLimits::default(), &mut scratch).unwrap() {
                let record = record.unwrap();
                let key = record.key.unwrap();
                let Some(decoded) = GroupRecord::decode(key, record.value).unwrap() else { continue };
                let (mut own_key, mut own_value) = (BytesMut::new(), BytesMut::new());
                let has_value = decoded.encode(&mut own_key, &mut own_value).unwrap();
                assert_eq!(&own_key[..], key, "{decoded:?}");
                assert_eq!(has_value.then_some(&own_value[..]), record.value, "{decoded:?}");
                script.shard.replay(&decoded, record.offset, producer);
                written.push(decoded);
            }
        }
        script.shard.handle_loaded(script.now);
        if name == "consumer-offsets-0" {
            assert!(written.len() > 20, "{}", written.len());
            let group = script.shard.group("g-classic").unwrap();
            assert_eq!(
                (group.classic.state(), group.classic.metadata(None).generation),
                (GroupState::Empty, 2)
            );
            let offsets = [0, 1, 2].map(|partition| group.offsets.get("t1", partition).unwrap().offset);
            assert_eq!(offsets, [12, 18, 16]);
            assert!(script.shard.group("app1").is_none(), "deleted");
        }
    }
}
