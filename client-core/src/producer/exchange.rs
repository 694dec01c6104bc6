//! Produce and InitProducerId as they go over the wire: from the sender's requests to frames, from answers to what the
//! sender understands.

use super::sender::{Leader, PartitionAnswer, ProduceAnswer, ProduceRequest, RequestFailure};
use super::sequence::{Identity, InitFailure};
use super::shared::OPERATION;
use super::topics::Slot;
use crate::client::{Client, Target};
use crate::config::HostPort;
use crate::connection::{Connection, Expect, PendingResponse};
use crate::error::{Error, ErrorKind};
use crate::metadata::{Broker, LeaderHint, NodeId};
use bytes::Bytes;
use ottla_wire::batch::BatchHeader;
use ottla_wire::codec::decode_response;
use ottla_wire::compression::Codec;
use ottla_wire::messages::{self, InitProducerIdRequest, ProduceResponse, ProducerId};
use ottla_wire::produce::{ProducePartition, ProduceParts, ProduceTopic, encode_produce_request};
use ottla_wire::{ApiKey, ErrorCode};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// First and last version spoken; up to 12 topics go by name.
const OLDEST: i16 = 3;
const LAST_BY_NAME: i16 = 12;
const NEWEST: i16 = 13;
/// First version whose brokers read zstd.
const ZSTD_FROM: i16 = 7;

/// What is the same for all requests of a producer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) acks: i16,
    pub(crate) request_timeout: Duration,
}

/// Queues the request on the connection. `topic_ids` is by topic number.
pub(crate) fn write(
    connection: &Connection,
    request: &ProduceRequest,
    slots: &[Arc<Slot>],
    topic_ids: &[Uuid],
    terms: Terms,
    now: Instant,
) -> Result<(PendingResponse, i16), RequestFailure> {
    let id_of = |number: u32| topic_ids.get(number as usize).copied().unwrap_or_default();
    let mut parts: Vec<(&Slot, &Bytes)> =
        request.parts.iter().map(|part| (&*slots[part.partition.0 as usize], &part.records)).collect();
    parts.sort_by_key(|(slot, _)| (slot.topic_number, slot.number));
    let mut topics: Vec<ProduceTopic<'_>> = Vec::new();
    let mut last = None;
    for (slot, records) in parts {
        if last != Some(slot.topic_number) {
            last = Some(slot.topic_number);
            topics.push(ProduceTopic {
                name: &slot.topic,
                topic_id: id_of(slot.topic_number),
                partitions: Vec::new(),
            });
        }
        if let Some(topic) = topics.last_mut() {
            topic.partitions.push(ProducePartition::new(slot.number, records.clone()));
        }
    }
    let all_have_ids = topics.iter().all(|topic| !topic.topic_id.is_nil());
    let has_zstd = request.parts.iter().any(|part| {
        BatchHeader::parse(&part.records).is_ok_and(|header| header.compression() == Codec::Zstd)
    });
    let oldest = if has_zstd { ZSTD_FROM } else { OLDEST };
    let newest = if all_have_ids { NEWEST } else { LAST_BY_NAME };
    let version = connection.version(ApiKey::PRODUCE, oldest..=newest).map_err(|error| RequestFailure {
        error,
        may_have_arrived: false,
        disconnected: false,
        retriable: false,
    })?;
    let produce = ProduceParts {
        transactional_id: None,
        acks: terms.acks,
        timeout_ms: i32::try_from(terms.request_timeout.as_millis()).unwrap_or(i32::MAX),
        topics,
    };
    let expect = if terms.acks == 0 { Expect::Nothing } else { Expect::Response };
    let client_id = Some(connection.client_id());
    connection
        .send(
            ApiKey::PRODUCE,
            version,
            |correlation_id| encode_produce_request(version, correlation_id, client_id, &produce),
            expect,
            now + terms.request_timeout,
        )
        .map(|pending| (pending, version))
        .map_err(|error| {
            let retriable = error.kind() != ErrorKind::Internal;
            RequestFailure { error, may_have_arrived: false, disconnected: connection.is_closed(), retriable }
        })
}

/// What a connection said instead of an answer.
pub(crate) fn failure(error: Error, connection_closed: bool) -> RequestFailure {
    let may_have_arrived = error.is_outcome_unknown();
    RequestFailure { error, may_have_arrived, disconnected: connection_closed, retriable: true }
}

/// Reads the answer to a request for `slots` (in the request's order), taking new leaders over into the client's metadata.
pub(crate) fn read(
    client: &Client,
    version: i16,
    body: Bytes,
    slots: &[Arc<Slot>],
    topic_ids: &[Uuid],
) -> Result<ProduceAnswer, RequestFailure> {
    let response =
        decode_response::<messages::ProduceRequest>(version, body).map_err(|error| RequestFailure {
            error: Error::new(ErrorKind::Protocol, OPERATION, "the response cannot be read")
                .with_source(error),
            may_have_arrived: true,
            disconnected: false,
            retriable: true,
        })?;
    let endpoints = endpoints(&response);
    let throttle = Duration::from_millis(u64::try_from(response.throttle_time_ms).unwrap_or(0));
    let mut answer = ProduceAnswer { parts: Vec::with_capacity(slots.len()), throttle };
    for topic in &response.responses {
        let is_ours = |slot: &Slot| {
            if version > LAST_BY_NAME {
                topic_ids.get(slot.topic_number as usize) == Some(&topic.topic_id)
            } else {
                *slot.topic == *topic.name.0
            }
        };
        // Answers come in the request's order from every broker we know; the search is for those we do not.
        let mut expected = slots.iter().position(|slot| is_ours(slot)).unwrap_or(slots.len());
        let mut hints = Vec::new();
        let mut name = None;
        for part in &topic.partition_responses {
            let fits = |slot: &&Arc<Slot>| slot.number == part.index && is_ours(slot);
            let Some(slot) = slots.get(expected).filter(fits).or_else(|| slots.iter().find(fits)) else {
                // Not asked for: a broker's fault that harms nobody.
                continue;
            };
            expected += 1;
            name = Some(&slot.topic);
            let leader = NodeId::from_wire(part.current_leader.leader_id.0).map(|leader| {
                let leader_epoch = part.current_leader.leader_epoch;
                hints.push(LeaderHint { partition: part.index, leader, leader_epoch });
                Leader { node: leader.0, epoch: leader_epoch }
            });
            answer.parts.push(PartitionAnswer {
                partition: slot.index,
                code: ErrorCode(part.error_code),
                message: part.error_message.as_ref().map(ToString::to_string),
                base_offset: part.base_offset,
                log_append_time_ms: part.log_append_time_ms,
                record_errors: part
                    .record_errors
                    .iter()
                    .filter_map(|error| {
                        let index = u32::try_from(error.batch_index).ok()?;
                        Some((index, error.batch_index_error_message.as_ref().map(ToString::to_string)))
                    })
                    .collect(),
                leader,
            });
        }
        if let (Some(name), false) = (name, hints.is_empty()) {
            client.metadata().apply_leader_hint(name, &hints, &endpoints);
        }
    }
    // A leader whose address nobody knows is no leader to go to.
    let snapshot = client.metadata().snapshot();
    for part in &mut answer.parts {
        part.leader = part.leader.filter(|leader| snapshot.brokers.contains_key(&NodeId(leader.node)));
    }
    Ok(answer)
}

fn endpoints(response: &ProduceResponse) -> Vec<Broker> {
    response
        .node_endpoints
        .iter()
        .filter_map(|endpoint| {
            Some(Broker {
                id: NodeId::from_wire(endpoint.node_id.0)?,
                address: HostPort::new(&*endpoint.host, u16::try_from(endpoint.port).ok()?),
                rack: endpoint.rack.as_ref().map(|rack| Arc::from(&**rack)),
            })
        })
        .collect()
}

/// Asks the cluster for a producer id.
pub(crate) async fn init_producer_id(client: Client, deadline: Instant) -> Result<Identity, InitFailure> {
    const INIT: &str = "get a producer id";
    let build = |_| {
        InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_transaction_timeout_ms(i32::MAX)
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1)
    };
    let response = match client.call(Target::AnyBroker, 0..=5, build, deadline).await {
        Ok(response) => response,
        Err(error) => {
            let error = error.with_operation(INIT);
            let retriable =
                !matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Closed | ErrorKind::Internal);
            let error = if error.kind() == ErrorKind::Unsupported {
                error.with_hint("set enable.idempotence=false, or use brokers from 0.11 on")
            } else {
                error
            };
            return Err(InitFailure { error, retriable });
        }
    };
    let code = ErrorCode(response.error_code);
    if code.is_ok() {
        return Ok(Identity { producer_id: response.producer_id.0, producer_epoch: response.producer_epoch });
    }
    let error = Error::from_code(code, INIT);
    let error = if code == ErrorCode::CLUSTER_AUTHORIZATION_FAILED {
        error.with_hint(
            "grant IdempotentWrite on the cluster or Write on a topic, or set enable.idempotence=false",
        )
    } else {
        error
    };
    Err(InitFailure { error, retriable: code.is_retriable() })
}
