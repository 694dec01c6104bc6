//! What members tell each other through the coordinator: subscriptions and assignments of the `consumer` protocol type.
//!
//! The bytes are Java's and librdkafka's, so that members of all three share a group. Decoding trusts no length: the bytes
//! come from another member. Newer versions are read as far as version 3 reaches, which is how the format grows.

use crate::record::TopicPartition;
use bytes::{BufMut, Bytes, BytesMut};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The highest version of subscription and assignment written here.
pub const VERSION: i16 = 3;

/// A member's subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// Subscribed topics.
    pub topics: Vec<String>,
    /// Bytes of the assignor's own.
    pub user_data: Option<Bytes>,
    /// Partitions owned at the time of joining (version 1).
    pub owned: Vec<TopicPartition>,
    /// The generation they were owned in, -1 for none (version 2).
    pub generation: Option<i32>,
    /// `client.rack` (version 3).
    pub rack: Option<String>,
}

/// What a member is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The partitions.
    pub partitions: Vec<TopicPartition>,
    /// Bytes of the assignor's own.
    pub user_data: Option<Bytes>,
}

/// Bytes from another member that are not a subscription or assignment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed {what}: {detail}")]
pub struct MalformedError {
    what: &'static str,
    detail: &'static str,
}

impl Subscription {
    /// The bytes for `JoinGroup`, of the given version.
    pub fn encode(&self, version: i16) -> Bytes {
        let mut out = BytesMut::new();
        out.put_i16(version);
        let mut topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        topics.sort_unstable();
        out.put_i32(topics.len() as i32);
        for topic in topics {
            put_string(&mut out, topic);
        }
        put_bytes(&mut out, self.user_data.as_ref());
        if version >= 1 {
            let mut owned = self.owned.clone();
            owned.sort_unstable();
            put_partitions(&mut out, &owned);
        }
        if version >= 2 {
            out.put_i32(self.generation.unwrap_or(-1));
        }
        if version >= 3 {
            match &self.rack {
                Some(rack) => put_string(&mut out, rack),
                None => out.put_i16(-1),
            }
        }
        out.freeze()
    }

    /// Reads any version.
    pub fn decode(bytes: &Bytes) -> Result<Self, MalformedError> {
        let mut input = Input { bytes, at: 0, what: "subscription" };
        let version = input.version()?;
        let count = input.count(2)?;
        let topics = (0..count).map(|_| input.string()).collect::<Result<_, _>>()?;
        let user_data = input.nullable_bytes()?;
        Ok(Self {
            topics,
            user_data,
            owned: if version >= 1 { input.partitions()? } else { Vec::new() },
            // Absent below version 2, and -1 says that nothing was ever owned.
            generation: if version >= 2 {
                Some(input.i32()?).filter(|generation| *generation >= 0)
            } else {
                None
            },
            rack: if version >= 3 { input.nullable_string()? } else { None },
        })
    }
}

impl Assignment {
    /// The bytes for `SyncGroup`. Version 0 has all there is; what the version says is what the reader could send.
    pub fn encode(&self) -> Bytes {
        self.encode_as(VERSION)
    }

    fn encode_as(&self, version: i16) -> Bytes {
        let mut out = BytesMut::new();
        out.put_i16(version);
        put_partitions(&mut out, &self.partitions);
        put_bytes(&mut out, self.user_data.as_ref());
        out.freeze()
    }

    /// Reads any version; no bytes at all are an empty assignment.
    pub fn decode(bytes: &Bytes) -> Result<Self, MalformedError> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut input = Input { bytes, at: 0, what: "assignment" };
        input.version()?;
        Ok(Self { partitions: input.partitions()?, user_data: input.nullable_bytes()? })
    }
}

/// User data of Java's `StickyAssignor`: what was owned, and in which generation.
pub fn encode_sticky_user_data(owned: &[TopicPartition], generation: i32) -> Bytes {
    let mut out = BytesMut::new();
    put_partitions(&mut out, owned);
    out.put_i32(generation);
    out.freeze()
}

/// Reads what [`encode_sticky_user_data`] writes, and the older form without generation; `None` when it is neither.
pub fn decode_sticky_user_data(data: &[u8]) -> Option<(Vec<TopicPartition>, Option<i32>)> {
    let bytes = Bytes::copy_from_slice(data);
    let mut input = Input { bytes: &bytes, at: 0, what: "sticky user data" };
    let owned = input.partitions().ok()?;
    Some((owned, input.i32().ok()))
}

/// User data of Java's `CooperativeStickyAssignor`: the generation.
pub fn encode_generation_user_data(generation: i32) -> Bytes {
    Bytes::copy_from_slice(&generation.to_be_bytes())
}

/// Reads what [`encode_generation_user_data`] writes.
pub fn decode_generation_user_data(data: &[u8]) -> Option<i32> {
    Some(i32::from_be_bytes(data.get(..4)?.try_into().ok()?))
}

fn put_string(out: &mut BytesMut, text: &str) {
    // Topic names end at 249 characters and racks come from a configuration of the same bound.
    let text = &text.as_bytes()[..text.len().min(i16::MAX as usize)];
    out.put_i16(text.len() as i16);
    out.put_slice(text);
}

fn put_bytes(out: &mut BytesMut, bytes: Option<&Bytes>) {
    match bytes {
        Some(bytes) => {
            out.put_i32(bytes.len() as i32);
            out.put_slice(bytes);
        }
        None => out.put_i32(-1),
    }
}

/// Topics in order of first appearance, partitions in the order given.
fn put_partitions(out: &mut BytesMut, partitions: &[TopicPartition]) {
    let mut by_topic: Vec<(&Arc<str>, Vec<i32>)> = Vec::new();
    let mut index: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
    for partition in partitions {
        let at = *index.entry(&partition.topic).or_insert_with(|| {
            by_topic.push((&partition.topic, Vec::new()));
            by_topic.len() - 1
        });
        by_topic[at].1.push(partition.partition);
    }
    out.put_i32(by_topic.len() as i32);
    for (topic, partitions) in by_topic {
        put_string(out, topic);
        out.put_i32(partitions.len() as i32);
        for partition in partitions {
            out.put_i32(partition);
        }
    }
}

struct Input<'a> {
    bytes: &'a Bytes,
    at: usize,
    what: &'static str,
}

impl Input<'_> {
    fn fail<T>(&self, detail: &'static str) -> Result<T, MalformedError> {
        Err(MalformedError { what: self.what, detail })
    }

    fn take(&mut self, len: usize) -> Result<Bytes, MalformedError> {
        if self.bytes.len() - self.at < len {
            return self.fail("ends too early");
        }
        self.at += len;
        Ok(self.bytes.slice(self.at - len..self.at))
    }

    fn i16(&mut self) -> Result<i16, MalformedError> {
        let bytes = self.take(2)?;
        Ok(i16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn i32(&mut self) -> Result<i32, MalformedError> {
        let bytes = self.take(4)?;
        Ok(i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn version(&mut self) -> Result<i16, MalformedError> {
        let version = self.i16()?;
        if version < 0 { self.fail("negative version") } else { Ok(version) }
    }

    /// An array's count, checked against the bytes that are left.
    fn count(&mut self, smallest_element_bytes: usize) -> Result<usize, MalformedError> {
        let Ok(count) = usize::try_from(self.i32()?) else { return self.fail("negative count") };
        if count > (self.bytes.len() - self.at) / smallest_element_bytes {
            return self.fail("count exceeds the bytes that follow");
        }
        Ok(count)
    }

    fn nullable_string(&mut self) -> Result<Option<String>, MalformedError> {
        let Ok(len) = usize::try_from(self.i16()?) else { return Ok(None) };
        let bytes = self.take(len)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => self.fail("string is not UTF-8"),
        }
    }

    fn string(&mut self) -> Result<String, MalformedError> {
        match self.nullable_string()? {
            Some(text) => Ok(text),
            None => self.fail("null string"),
        }
    }

    fn nullable_bytes(&mut self) -> Result<Option<Bytes>, MalformedError> {
        match usize::try_from(self.i32()?) {
            Ok(len) => self.take(len).map(Some),
            Err(_) => Ok(None),
        }
    }

    fn partitions(&mut self) -> Result<Vec<TopicPartition>, MalformedError> {
        let mut partitions = Vec::new();
        for _ in 0..self.count(6)? {
            let topic: Arc<str> = self.string()?.into();
            for _ in 0..self.count(4)? {
                partitions.push(TopicPartition { topic: topic.clone(), partition: self.i32()? });
            }
        }
        Ok(partitions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors() -> Vec<serde_json::Value> {
        let text = include_str!("../../tests/vectors/group-assignors.json");
        let all: serde_json::Value = serde_json::from_str(text).unwrap();
        all["vectors"].as_array().unwrap().clone()
    }

    fn hex(text: &str) -> Bytes {
        (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    fn partition(text: &str) -> TopicPartition {
        let (topic, partition) = text.rsplit_once('-').unwrap();
        TopicPartition::new(topic, partition.parse().unwrap())
    }

    fn partitions(list: &serde_json::Value) -> Vec<TopicPartition> {
        list.as_array().unwrap().iter().map(|p| partition(p.as_str().unwrap())).collect()
    }

    #[test]
    fn subscriptions_have_javas_bytes_in_every_version() {
        let mut seen = 0;
        for vector in vectors().iter().filter(|v| v["kind"] == "subscription") {
            let version = vector["version"].as_i64().unwrap() as i16;
            let subscription = Subscription {
                topics: vector["topics"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|t| t.as_str().unwrap().to_owned())
                    .collect(),
                user_data: vector["user_data_hex"].as_str().map(hex),
                owned: partitions(&vector["owned"]),
                generation: Some(vector["generation"].as_i64().unwrap() as i32),
                rack: vector["rack"].as_str().map(str::to_owned),
            };
            let expected = hex(vector["hex"].as_str().unwrap());
            assert_eq!(subscription.encode(version), expected, "{vector}");
            assert_eq!(Subscription::decode(&expected).unwrap().encode(version), expected, "{vector}");
            seen += 1;
        }
        assert_eq!(seen, 16);
    }

    #[test]
    fn assignments_have_javas_bytes_in_every_version() {
        let mut seen = 0;
        for vector in vectors().iter().filter(|v| v["kind"] == "assignment") {
            let assignment = Assignment {
                partitions: partitions(&vector["partitions"]),
                user_data: vector["user_data_hex"].as_str().map(hex),
            };
            let expected = hex(vector["hex"].as_str().unwrap());
            assert_eq!(
                assignment.encode_as(vector["version"].as_i64().unwrap() as i16),
                expected,
                "{vector}"
            );
            assert_eq!(Assignment::decode(&expected).unwrap(), assignment, "{vector}");
            seen += 1;
        }
        assert_eq!(seen, 8);
    }

    #[test]
    fn a_newer_version_is_read_as_far_as_it_is_known() {
        let subscription =
            Subscription { topics: vec!["t".into()], rack: Some("r".into()), ..Default::default() };
        let mut bytes = BytesMut::from(&subscription.encode(3)[..]);
        bytes[1] = 9;
        bytes.put_slice(b"more");
        assert_eq!(Subscription::decode(&bytes.freeze()).unwrap().rack.as_deref(), Some("r"));
    }

    #[test]
    fn every_truncation_is_an_error_and_no_count_is_trusted() {
        let subscription = Subscription {
            topics: vec!["t".into()],
            owned: vec![TopicPartition::new("t", 1)],
            rack: Some("r".into()),
            ..Default::default()
        };
        let bytes = subscription.encode(3);
        for len in 0..bytes.len() {
            assert!(Subscription::decode(&bytes.slice(..len)).is_err(), "{len}");
        }
        assert!(Assignment::decode(&Bytes::from_static(&[0, 0, 0x7f, 0xff, 0xff, 0xff])).is_err());
    }

    #[test]
    fn sticky_user_data_is_read_with_and_without_generation() {
        let owned = vec![TopicPartition::new("t", 1), TopicPartition::new("s", 0)];
        let bytes = encode_sticky_user_data(&owned, 7);
        assert_eq!(decode_sticky_user_data(&bytes), Some((owned.clone(), Some(7))));
        assert_eq!(decode_sticky_user_data(&bytes[..bytes.len() - 4]), Some((owned, None)));
        assert_eq!(decode_sticky_user_data(&[1, 2]), None);
    }
}
