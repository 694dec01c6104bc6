//! What operations of several nouns take or give.

use super::refused;
use super::shape::{At, given, words};
use crate::admin::{CallOptions, ChangeOptions};
use crate::error::Error;
use crate::metadata::NodeId;
use crate::record::TopicPartition as CorePartition;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;
use uuid::Uuid;

given! {
    /// A partition of a topic.
    TopicPartition {
        /// The topic's name.
        topic: String,
        /// The partition's number, from 0.
        partition: i32,
    }
}

words! {
    /// What a principal may do (Kafka's ACL operations).
    AclOperation {
        /// Read records, offsets or group members.
        Read = "READ",
        /// Write records.
        Write = "WRITE",
        /// Create.
        Create = "CREATE",
        /// Delete.
        Delete = "DELETE",
        /// Alter.
        Alter = "ALTER",
        /// Describe.
        Describe = "DESCRIBE",
        /// Act as a broker of the cluster.
        ClusterAction = "CLUSTER_ACTION",
        /// Read configurations.
        DescribeConfigs = "DESCRIBE_CONFIGS",
        /// Change configurations.
        AlterConfigs = "ALTER_CONFIGS",
        /// Write as an idempotent producer.
        IdempotentWrite = "IDEMPOTENT_WRITE",
        /// Create delegation tokens for others.
        CreateTokens = "CREATE_TOKENS",
        /// Describe delegation tokens of others.
        DescribeTokens = "DESCRIBE_TOKENS",
        /// Take part in transactions of two phases.
        TwoPhaseCommit = "TWO_PHASE_COMMIT",
    }
}

impl AclOperation {
    /// By the number Kafka gives each, which is its bit.
    const NUMBERED: [(u32, Self); 13] = [
        (3, Self::Read),
        (4, Self::Write),
        (5, Self::Create),
        (6, Self::Delete),
        (7, Self::Alter),
        (8, Self::Describe),
        (9, Self::ClusterAction),
        (10, Self::DescribeConfigs),
        (11, Self::AlterConfigs),
        (12, Self::IdempotentWrite),
        (13, Self::CreateTokens),
        (14, Self::DescribeTokens),
        (15, Self::TwoPhaseCommit),
    ];

    /// What the broker packed into bits; those newer than this library are left out.
    pub(super) fn unpack(bits: Option<i32>) -> Option<Vec<Self>> {
        let bits = bits?;
        Some(
            Self::NUMBERED
                .into_iter()
                .filter(|(number, _)| bits & (1 << number) != 0)
                .map(|(_, operation)| operation)
                .collect(),
        )
    }
}

impl From<CorePartition> for TopicPartition {
    fn from(partition: CorePartition) -> Self {
        Self { topic: partition.topic.to_string(), partition: partition.partition }
    }
}

impl From<TopicPartition> for CorePartition {
    fn from(partition: TopicPartition) -> Self {
        Self::new(partition.topic, partition.partition)
    }
}

pub(super) fn call(timeout: Option<Duration>) -> CallOptions {
    CallOptions { timeout }
}

pub(super) fn change(timeout: Option<Duration>, validate_only: bool) -> ChangeOptions {
    ChangeOptions { timeout, validate_only }
}

/// The error of `list[index]`.
pub(super) fn wrong_item(
    operation: &'static str,
    list: &str,
    index: usize,
    problem: impl Into<String>,
) -> Error {
    refused(operation, At::Index(&At::Field(&At::Root, list), index).wrong(problem))
}

/// The error of `list[index].field`.
pub(super) fn wrong_field(
    operation: &'static str,
    list: &str,
    index: usize,
    field: &str,
    problem: impl Into<String>,
) -> Error {
    let list = At::Field(&At::Root, list);
    refused(operation, At::Field(&At::Index(&list, index), field).wrong(problem))
}

/// What is asked about each item. One that is there twice has two answers to one question, of which only one can be told.
pub(super) fn keyed<K: Ord + Debug, V>(
    operation: &'static str,
    list: &str,
    items: impl IntoIterator<Item = (K, V)>,
) -> Result<BTreeMap<K, V>, Error> {
    let mut by_key = BTreeMap::new();
    for (index, (key, value)) in items.into_iter().enumerate() {
        if by_key.contains_key(&key) {
            return Err(wrong_item(operation, list, index, format!("{key:?} is there twice")));
        }
        by_key.insert(key, value);
    }
    Ok(by_key)
}

pub(super) fn ids(nodes: &[NodeId]) -> Vec<i32> {
    nodes.iter().map(|node| node.0).collect()
}

pub(super) fn nodes(ids: Vec<i32>) -> Vec<NodeId> {
    ids.into_iter().map(NodeId).collect()
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// An id as Kafka writes it: 22 letters of URL-safe base64. `None` for the nil id, which stands for none.
pub(super) fn id_text(id: Uuid) -> Option<String> {
    if id.is_nil() {
        return None;
    }
    let bits = id.as_u128();
    let letter = |index: u32| {
        // 128 bits are 21 letters of six and one of two, which are its upper ones.
        let shifted = if index < 21 { bits >> (122 - 6 * index) } else { bits << 4 };
        char::from(LETTERS[(shifted & 63) as usize])
    };
    Some((0..22).map(letter).collect())
}

/// An id as Kafka writes it, or with hyphens.
pub(super) fn read_id(text: &str) -> Option<Uuid> {
    if text.len() != 22 {
        return Uuid::parse_str(text).ok();
    }
    let mut bits: u128 = 0;
    for (index, letter) in text.bytes().enumerate() {
        let value = LETTERS.iter().position(|known| *known == letter)? as u128;
        if index < 21 {
            bits = bits << 6 | value;
        } else if value & 15 == 0 {
            bits = bits << 2 | value >> 4;
        } else {
            return None;
        }
    }
    Some(Uuid::from_u128(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_kafka_does() {
        // What Kafka's Uuid.toString gives for these halves.
        let id = Uuid::from_u64_pair(0x3e3a_8f4b_0c5d_4e1f, 0x8a9b_0c1d_2e3f_4a5b);
        let text = id_text(id).unwrap();
        assert_eq!(text, "PjqPSwxdTh-KmwwdLj9KWw");
        assert_eq!(read_id(&text), Some(id));
        assert_eq!(read_id(&id.to_string()), Some(id));
        assert_eq!(id_text(Uuid::nil()), None);
        assert_eq!(read_id("PjqPSwxdTh-KmwwdLj9KW!"), None);
        assert_eq!(read_id("short"), None);
    }

    #[test]
    fn bits_newer_than_this_library_are_left_out() {
        let unpacked = AclOperation::unpack(Some(1 << 3 | 1 << 8 | 1 << 30));
        assert_eq!(unpacked, Some(vec![AclOperation::Read, AclOperation::Describe]));
        assert_eq!(AclOperation::unpack(None), None);
    }
}
