//! The records of the metadata log, in Kafka's schemas.
//!
//! Owns how a change of metadata is written and read back; each value is `frame version, record key, version` as unsigned
//! varints, then the body. Does not know what a record means (`apply`).

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::protocol::StrBytes;
use ottla_wire::schema::value::{self, StructValue, Value};
use ottla_wire::schema::{self, Kind};
use ottla_wire::varint;
use std::sync::Arc;
use uuid::Uuid;

use super::{BrokerImage, PartitionImage};

/// The only frame version there is.
const FRAME_VERSION: u32 = 1;

/// A change of the cluster's metadata.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MetadataRecord {
    /// A broker came, or came again.
    RegisterBroker {
        broker: BrokerImage,
        /// New for each start of the broker's process.
        incarnation_id: Uuid,
    },
    /// A broker was removed from the cluster.
    UnregisterBroker { node_id: i32, broker_epoch: i64 },
    /// A broker became able, or unable, to lead.
    BrokerFenced { node_id: i32, broker_epoch: i64, fenced: bool },
    /// A topic without partitions.
    Topic { name: Arc<str>, id: Uuid },
    /// A partition of a topic, new.
    Partition { topic_id: Uuid, index: i32, partition: PartitionImage },
    /// What changed of a partition. `None`: as before.
    PartitionChange {
        topic_id: Uuid,
        index: i32,
        leader: Option<i32>,
        isr: Option<Vec<i32>>,
        replicas: Option<Vec<i32>>,
    },
    /// A topic is gone, with its partitions and configuration.
    RemoveTopic { id: Uuid },
    /// A value of a resource's configuration; `None` takes it back to the default.
    Config { resource_type: i8, resource_name: Arc<str>, name: Arc<str>, value: Option<Arc<str>> },
    /// Producer ids below `next_producer_id` are given out.
    ProducerIds { node_id: i32, broker_epoch: i64, next_producer_id: i64 },
    /// The finalized level of a feature; 0 removes it.
    FeatureLevel { name: Arc<str>, level: i16 },
    /// Nothing: a sign of life.
    NoOp,
    /// A record of a kind this broker has no use for; kept out of the image.
    Other { key: i16 },
}

/// A record that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("metadata record {record}: {problem}")]
pub(crate) struct RecordProblem {
    record: String,
    problem: String,
}

impl RecordProblem {
    pub(super) fn new(record: impl ToString, problem: impl ToString) -> Self {
        Self { record: record.to_string(), problem: problem.to_string() }
    }
}

impl MetadataRecord {
    /// The record's bytes, as the value of a record of the log.
    pub(crate) fn encode(&self) -> Result<Bytes, RecordProblem> {
        let (name, version, body) = self.body();
        let message =
            schema::by_name(name).ok_or_else(|| RecordProblem::new(name, "there is no such schema"))?;
        let body = value::encode(message, version, &body).map_err(|error| RecordProblem::new(name, error))?;
        let mut bytes = BytesMut::with_capacity(body.len() + 4);
        for number in [FRAME_VERSION, message.key as u32, version as u32] {
            varint::put_unsigned_varint(&mut bytes, number);
        }
        bytes.put_slice(&body);
        Ok(bytes.freeze())
    }

    /// Reads what [`Self::encode`], or Kafka, wrote.
    pub(crate) fn decode(bytes: &Bytes) -> Result<Self, RecordProblem> {
        let mut position = 0;
        let mut number = |what: &str| {
            varint::read_unsigned_varint(bytes, &mut position)
                .ok_or_else(|| RecordProblem::new("frame", format!("no {what}")))
        };
        let frame = number("frame version")?;
        if frame != FRAME_VERSION {
            return Err(RecordProblem::new("frame", format!("version {frame} is not known")));
        }
        let (key, version) = (number("key")?, number("version")?);
        let key = i16::try_from(key).map_err(|error| RecordProblem::new("frame", error))?;
        let version = i16::try_from(version).map_err(|error| RecordProblem::new("frame", error))?;
        // An unknown record at a known metadata version is fatal: guessing would corrupt the image.
        let message = schema::message(Kind::MetadataRecord, key)
            .ok_or_else(|| RecordProblem::new(key, "this broker is too old to know it"))?;
        let body = bytes.slice(position..);
        let body = value::decode(message, version, &body)
            .map_err(|error| RecordProblem::new(message.name, error))?;
        Self::from_body(message.name, key, &body)
            .ok_or_else(|| RecordProblem::new(message.name, "a field is missing"))
    }

    fn body(&self) -> (&'static str, i16, StructValue) {
        let mut body = StructValue::new();
        match self {
            Self::RegisterBroker { broker, incarnation_id } => {
                body.set("brokerId", int(broker.node_id));
                body.set("incarnationId", Value::Uuid(*incarnation_id));
                body.set("brokerEpoch", Value::Int(broker.broker_epoch));
                let endpoints = broker.endpoints.iter().map(|(name, host, port)| {
                    let mut endpoint = StructValue::new();
                    endpoint.set("name", text(name)).set("host", text(host));
                    endpoint.set("port", int(*port)).set("securityProtocol", Value::Int(0));
                    Value::Struct(endpoint)
                });
                body.set("endPoints", Value::Array(endpoints.collect()));
                body.set("features", Value::Array(Vec::new()));
                body.set("rack", broker.rack.as_ref().map_or(Value::Null, |rack| text(rack)));
                body.set("fenced", Value::Bool(broker.fenced));
                ("RegisterBrokerRecord", 1, body)
            }
            Self::UnregisterBroker { node_id, broker_epoch } => {
                body.set("brokerId", int(*node_id)).set("brokerEpoch", Value::Int(*broker_epoch));
                ("UnregisterBrokerRecord", 0, body)
            }
            Self::BrokerFenced { node_id, broker_epoch, fenced } => {
                body.set("brokerId", int(*node_id)).set("brokerEpoch", Value::Int(*broker_epoch));
                body.set("fenced", Value::Int(if *fenced { 1 } else { -1 }));
                ("BrokerRegistrationChangeRecord", 1, body)
            }
            Self::Topic { name, id } => {
                body.set("name", text(name)).set("topicId", Value::Uuid(*id));
                ("TopicRecord", 0, body)
            }
            Self::Partition { topic_id, index, partition } => {
                body.set("partitionId", int(*index)).set("topicId", Value::Uuid(*topic_id));
                body.set("replicas", ints(&partition.replicas)).set("isr", ints(&partition.isr));
                body.set("removingReplicas", ints(&[])).set("addingReplicas", ints(&[]));
                body.set("leader", int(partition.leader)).set("leaderEpoch", int(partition.leader_epoch));
                body.set("partitionEpoch", int(partition.partition_epoch));
                // Version 1 carries log directories, which one node with its own placement does not need.
                ("PartitionRecord", 0, body)
            }
            Self::PartitionChange { topic_id, index, leader, isr, replicas } => {
                body.set("partitionId", int(*index)).set("topicId", Value::Uuid(*topic_id));
                if let Some(leader) = leader {
                    body.set("leader", int(*leader));
                }
                if let Some(isr) = isr {
                    body.set("isr", ints(isr));
                }
                if let Some(replicas) = replicas {
                    body.set("replicas", ints(replicas));
                }
                ("PartitionChangeRecord", 0, body)
            }
            Self::RemoveTopic { id } => {
                body.set("topicId", Value::Uuid(*id));
                ("RemoveTopicRecord", 0, body)
            }
            Self::Config { resource_type, resource_name, name, value } => {
                body.set("resourceType", int(*resource_type)).set("resourceName", text(resource_name));
                body.set("name", text(name))
                    .set("value", value.as_ref().map_or(Value::Null, |value| text(value)));
                ("ConfigRecord", 0, body)
            }
            Self::ProducerIds { node_id, broker_epoch, next_producer_id } => {
                body.set("brokerId", int(*node_id)).set("brokerEpoch", Value::Int(*broker_epoch));
                body.set("nextProducerId", Value::Int(*next_producer_id));
                ("ProducerIdsRecord", 0, body)
            }
            Self::FeatureLevel { name, level } => {
                body.set("name", text(name)).set("featureLevel", int(*level));
                ("FeatureLevelRecord", 0, body)
            }
            Self::NoOp | Self::Other { .. } => ("NoOpRecord", 0, body),
        }
    }

    fn from_body(name: &str, key: i16, body: &Value) -> Option<Self> {
        Some(match name {
            "RegisterBrokerRecord" => {
                let endpoints = body.get("endPoints")?.as_array()?.iter().map(|endpoint| {
                    let port = u16::try_from(get_int(endpoint, "port")?).ok()?;
                    Some((get_text(endpoint, "name")?, get_text(endpoint, "host")?, port))
                });
                let broker = BrokerImage {
                    node_id: get_int32(body, "brokerId")?,
                    broker_epoch: get_int(body, "brokerEpoch")?,
                    endpoints: endpoints.collect::<Option<_>>()?,
                    rack: get_text(body, "rack"),
                    fenced: matches!(body.get("fenced")?, Value::Bool(true)),
                };
                Self::RegisterBroker { broker, incarnation_id: get_uuid(body, "incarnationId")? }
            }
            "UnregisterBrokerRecord" => Self::UnregisterBroker {
                node_id: get_int32(body, "brokerId")?,
                broker_epoch: get_int(body, "brokerEpoch")?,
            },
            "BrokerRegistrationChangeRecord" => match get_int(body, "fenced").unwrap_or(0) {
                0 => Self::Other { key },
                change => Self::BrokerFenced {
                    node_id: get_int32(body, "brokerId")?,
                    broker_epoch: get_int(body, "brokerEpoch")?,
                    fenced: change > 0,
                },
            },
            "TopicRecord" => Self::Topic { name: get_text(body, "name")?, id: get_uuid(body, "topicId")? },
            "PartitionRecord" => Self::Partition {
                topic_id: get_uuid(body, "topicId")?,
                index: get_int32(body, "partitionId")?,
                partition: PartitionImage {
                    leader: get_int32(body, "leader")?,
                    leader_epoch: get_int32(body, "leaderEpoch")?,
                    partition_epoch: get_int32(body, "partitionEpoch")?,
                    replicas: get_ints(body, "replicas")?,
                    isr: get_ints(body, "isr")?,
                    elr: get_ints(body, "eligibleLeaderReplicas").unwrap_or_default(),
                    last_known_elr: get_ints(body, "lastKnownElr").unwrap_or_default(),
                },
            },
            "PartitionChangeRecord" => Self::PartitionChange {
                topic_id: get_uuid(body, "topicId")?,
                index: get_int32(body, "partitionId")?,
                // -2 stands for "as before" (Kafka's NO_LEADER_CHANGE).
                leader: get_int32(body, "leader").filter(|leader| *leader != -2),
                isr: get_ints(body, "isr"),
                replicas: get_ints(body, "replicas"),
            },
            "RemoveTopicRecord" => Self::RemoveTopic { id: get_uuid(body, "topicId")? },
            "ConfigRecord" => Self::Config {
                resource_type: i8::try_from(get_int(body, "resourceType")?).ok()?,
                resource_name: get_text(body, "resourceName")?,
                name: get_text(body, "name")?,
                value: get_text(body, "value"),
            },
            "ProducerIdsRecord" => Self::ProducerIds {
                node_id: get_int32(body, "brokerId")?,
                broker_epoch: get_int(body, "brokerEpoch")?,
                next_producer_id: get_int(body, "nextProducerId").filter(|id| *id >= 0)?,
            },
            "FeatureLevelRecord" => Self::FeatureLevel {
                name: get_text(body, "name")?,
                level: i16::try_from(get_int(body, "featureLevel")?).ok()?,
            },
            "NoOpRecord" => Self::NoOp,
            _ => Self::Other { key },
        })
    }
}

fn int(number: impl Into<i64>) -> Value {
    Value::Int(number.into())
}

fn ints(numbers: &[i32]) -> Value {
    Value::Array(numbers.iter().map(|number| int(*number)).collect())
}

fn text(text: &str) -> Value {
    Value::String(StrBytes::from_string(text.to_owned()))
}

fn get_int(body: &Value, name: &str) -> Option<i64> {
    body.get(name)?.as_int()
}

fn get_int32(body: &Value, name: &str) -> Option<i32> {
    i32::try_from(get_int(body, name)?).ok()
}

fn get_text(body: &Value, name: &str) -> Option<Arc<str>> {
    body.get(name)?.as_str().map(Arc::from)
}

fn get_uuid(body: &Value, name: &str) -> Option<Uuid> {
    match body.get(name)? {
        Value::Uuid(id) => Some(*id),
        _ => None,
    }
}

fn get_ints(body: &Value, name: &str) -> Option<Vec<i32>> {
    let numbers = body.get(name)?.as_array()?.iter();
    numbers.map(|number| number.as_int().and_then(|number| i32::try_from(number).ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_reads_back_as_it_was_written() {
        let partition = PartitionImage {
            leader: 1,
            leader_epoch: 3,
            partition_epoch: 4,
            replicas: vec![1, 2],
            isr: vec![1],
            elr: Vec::new(),
            last_known_elr: Vec::new(),
        };
        let broker = BrokerImage {
            node_id: 1,
            broker_epoch: 5,
            endpoints: vec![("PLAINTEXT".into(), "localhost".into(), 9092)],
            rack: Some("a".into()),
            fenced: false,
        };
        let id = Uuid::from_u128(7);
        for record in [
            MetadataRecord::RegisterBroker { broker, incarnation_id: Uuid::from_u128(9) },
            MetadataRecord::UnregisterBroker { node_id: 1, broker_epoch: 5 },
            MetadataRecord::BrokerFenced { node_id: 1, broker_epoch: 5, fenced: true },
            MetadataRecord::BrokerFenced { node_id: 1, broker_epoch: 5, fenced: false },
            MetadataRecord::Topic { name: "t".into(), id },
            MetadataRecord::Partition { topic_id: id, index: 0, partition },
            MetadataRecord::PartitionChange {
                topic_id: id,
                index: 0,
                leader: Some(2),
                isr: Some(vec![2]),
                replicas: None,
            },
            MetadataRecord::PartitionChange {
                topic_id: id,
                index: 1,
                leader: None,
                isr: None,
                replicas: Some(vec![3]),
            },
            MetadataRecord::RemoveTopic { id },
            MetadataRecord::Config {
                resource_type: 2,
                resource_name: "t".into(),
                name: "a".into(),
                value: Some("b".into()),
            },
            MetadataRecord::Config {
                resource_type: 4,
                resource_name: "".into(),
                name: "a".into(),
                value: None,
            },
            MetadataRecord::ProducerIds { node_id: 1, broker_epoch: 5, next_producer_id: 2000 },
            MetadataRecord::FeatureLevel { name: "metadata.version".into(), level: 29 },
            MetadataRecord::NoOp,
        ] {
            let bytes = record.encode().unwrap();
            assert_eq!(MetadataRecord::decode(&bytes).unwrap(), record);
            for cut in 0..bytes.len() {
                assert!(MetadataRecord::decode(&bytes.slice(..cut)).is_err(), "{record:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn producer_ids_are_not_negative() {
        let record = |next_producer_id| {
            MetadataRecord::ProducerIds { node_id: 1, broker_epoch: 5, next_producer_id }.encode().unwrap()
        };
        assert!(MetadataRecord::decode(&record(0)).is_ok());
        assert!(MetadataRecord::decode(&record(-1)).is_err());
    }

    #[test]
    fn unknown_record_is_refused() {
        assert!(MetadataRecord::decode(&Bytes::from_static(&[1, 0xff, 0x01, 0])).is_err());
        assert!(MetadataRecord::decode(&Bytes::from_static(&[2, 2, 0])).is_err());
    }
}
