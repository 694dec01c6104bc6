//! Produce, versions 3 to 13: records into logs. The hot path in.
//!
//! 7 allows zstd; 8 names the records at fault; 10 tells the new leader (KIP-951); 12 adds to transactions implicitly;
//! 13 names topics by id. acks=0 is not answered: after an error the connection is closed instead, so that the client
//! notices. A partition named twice is refused in both places, as nobody could tell its answers apart. Left out:
//! transactions; a transactional batch is refused before it is appended.

use crate::context::BrokerContext;
use crate::limits::Limit;
use crate::log::{AppendError, AppendInfo};
use crate::metadata::image::is_internal;
use crate::replication::partition::AppendRefused;
use crate::replication::{Partition, decompression};
use crate::server::{Outcome, RequestContext};
use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::batch::BatchHeader;
use ottla_wire::codec::{self, RequestHeader};
use ottla_wire::compression::Codec;
use ottla_wire::messages::BrokerId;
use ottla_wire::messages::produce_request::{PartitionProduceData, ProduceRequest};
use ottla_wire::messages::produce_response::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, PartitionProduceResponse, ProduceResponse,
    TopicProduceResponse,
};
use ottla_wire::produce::decode_produce_request;
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Records up to this size get a buffer of their own, so that a small batch in memory does not hold a whole read buffer.
const COPY_BELOW_BYTES: usize = 8 * 1024;
/// Kafka's own admin client may write to internal topics.
const ADMIN_CLIENT_ID: &str = "__admin_client";
/// Codec of zstd in a batch's attributes.
const ZSTD: u8 = 4;

/// Why a partition's records were not appended.
struct Refused {
    code: ErrorCode,
    message: Option<String>,
    record_errors: Vec<BatchIndexAndErrorMessage>,
}

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: None, record_errors: Vec::new() }
    }
}

impl Refused {
    fn because(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()), record_errors: Vec::new() }
    }
}

/// Handles a whole request, from its undecoded body to its answer.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    header: &RequestHeader,
    body: Bytes,
) -> Outcome {
    let version = header.api_version;
    let request = match decode_produce_request(version, body) {
        Ok(request) => request,
        Err(error) => return Outcome::Close(error.to_string()),
    };
    let acks = request.acks;
    let (response, failed) = respond(broker, context, version, request).await;
    if acks == 0 {
        return match failed {
            None => Outcome::Silent,
            Some(code) => Outcome::Close(format!("produce without acks failed: {}", code.name())),
        };
    }
    match codec::encode_response(header.api_key, version, header.correlation_id, &response) {
        Ok(frame) => Outcome::Respond(frame.into()),
        Err(error) => {
            tracing::error!(%error, "a produce response could not be encoded");
            Outcome::Close(error.to_string())
        }
    }
}

async fn respond(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    version: i16,
    request: ProduceRequest,
) -> (ProduceResponse, Option<ErrorCode>) {
    let now_ms = broker.env.wall_ms();
    let timeout = u64::try_from(request.timeout_ms).map_or(Duration::ZERO, Duration::from_millis);
    let room_deadline = broker.decompression.deadline(timeout);
    let twice = named_twice(&request);
    let acks = request.acks;
    let mut failed = None;
    let mut new_leader = false;
    let mut responses = Vec::with_capacity(request.topic_data.len());
    for topic in request.topic_data {
        let found = if version >= 13 {
            broker.replicas.topic_by_id(topic.topic_id)
        } else {
            broker.replicas.topic(&topic.name)
        };
        let allowed = |name: &str| !is_internal(name) || context.client_id_or_empty() == ADMIN_CLIENT_ID;
        let found = found.and_then(|topic| {
            if allowed(&topic.name) { Ok(topic) } else { Err(ErrorCode::INVALID_TOPIC_EXCEPTION) }
        });
        let mut partitions = Vec::with_capacity(topic.partition_data.len());
        for data in topic.partition_data {
            let index = data.index;
            let partition = found.as_ref().map_err(|code| *code).and_then(|topic| topic.partition(index));
            let is_twice = twice
                .as_ref()
                .is_some_and(|twice| twice.contains(&(topic_key(topic.topic_id, &topic.name), index)));
            let appended = match &partition {
                Err(code) => Err(Refused::from(*code)),
                Ok(_) if is_twice => {
                    Err(Refused::because(ErrorCode::INVALID_REQUEST, "the partition is named more than once"))
                }
                Ok(partition) => {
                    let growth = Growth { broker, context, room_deadline };
                    append(partition, version, acks, data, now_ms, growth).await
                }
            };
            let mut response = PartitionProduceResponse::default();
            response.index = index;
            match appended {
                Ok(appended) => {
                    response.base_offset = appended.first_offset;
                    response.log_append_time_ms = appended.log_append_time_ms;
                    response.log_start_offset = appended.log_start_offset;
                }
                Err(refused) => {
                    failed.get_or_insert(refused.code);
                    response.error_code = refused.code.0;
                    response.base_offset = -1;
                    response.log_append_time_ms = -1;
                    response.log_start_offset = -1;
                    if version >= 8 {
                        response.error_message = refused.message.map(StrBytes::from_string);
                        response.record_errors = refused.record_errors;
                    }
                    if version >= 10
                        && refused.code == ErrorCode::NOT_LEADER_OR_FOLLOWER
                        && let Ok(partition) = &partition
                    {
                        new_leader = true;
                        response.current_leader = LeaderIdAndEpoch::default()
                            .with_leader_id(BrokerId(partition.leader_id()))
                            .with_leader_epoch(partition.leader_epoch());
                    }
                }
            }
            partitions.push(response);
        }
        let mut response = TopicProduceResponse::default();
        response.name = topic.name;
        response.topic_id = topic.topic_id;
        response.partition_responses = partitions;
        responses.push(response);
    }
    let mut response = ProduceResponse::default();
    response.responses = responses;
    if new_leader {
        response.node_endpoints = super::metadata::produce_endpoints(&broker.metadata.image(), context);
    }
    (response, failed)
}

async fn append(
    partition: &Partition,
    version: i16,
    acks: i16,
    data: PartitionProduceData,
    now_ms: i64,
    growth: Growth<'_>,
) -> Result<AppendInfo, Refused> {
    if !matches!(acks, -1..=1) {
        return Err(ErrorCode::INVALID_REQUIRED_ACKS.into());
    }
    let Some(mut records) = data.records else {
        return Err(Refused::because(ErrorCode::INVALID_RECORD, "no records"));
    };
    let header = BatchHeader::parse(&records).map_err(|error| {
        let code = if records.is_empty() { ErrorCode::INVALID_RECORD } else { ErrorCode::CORRUPT_MESSAGE };
        Refused::because(code, error.to_string())
    })?;
    if header.is_transactional() {
        return Err(Refused::because(ErrorCode::INVALID_TXN_STATE, "this broker has no transactions yet"));
    }
    // The codec stands in the lowest bits of the second byte of the attributes.
    if version < 7 && records.get(22).is_some_and(|attributes| attributes & 0b111 == ZSTD) {
        let message = "Produce requests below version 7 are not allowed to use ZStandard compression";
        return Err(Refused::because(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE, message));
    }
    if acks == -1 && partition.in_sync_replicas() < partition.min_in_sync_replicas() {
        return Err(ErrorCode::NOT_ENOUGH_REPLICAS.into());
    }
    if records.len() < COPY_BELOW_BYTES {
        records = Bytes::copy_from_slice(&records);
    }
    growth.append(partition, records, header, now_ms).await.map_err(|refused| {
        let refused = match refused {
            NotAppended::NoRoom => {
                let message = "no room to decompress the batch: ottla.max.decompressed.inflight.bytes";
                return Refused::because(ErrorCode::REQUEST_TIMED_OUT, message);
            }
            NotAppended::TooMuch(max_bytes) => {
                let message = format!(
                    "the records decompress to more than ottla.max.decompressed.inflight.bytes, {max_bytes}"
                );
                return Refused::because(ErrorCode::MESSAGE_TOO_LARGE, message);
            }
            NotAppended::Refused(refused) => refused,
        };
        let record_errors = match &refused {
            AppendRefused::Log(error) => error.record_errors(),
            AppendRefused::NotLeader | AppendRefused::TooManyProducers(_) => &[],
        };
        let record_errors = record_errors.iter().map(|error| {
            BatchIndexAndErrorMessage::default()
                .with_batch_index(error.batch_index)
                .with_batch_index_error_message(Some(StrBytes::from_string(error.message.clone())))
        });
        Refused {
            code: refused.code(),
            record_errors: record_errors.collect(),
            message: Some(refused.to_string()),
        }
    })
}

enum NotAppended {
    /// Others held what may be decompressed at once for too long.
    NoRoom,
    /// It would take more than all batches together may.
    TooMuch(usize),
    Refused(AppendRefused),
}

/// Who appends, for a batch that grows when it is decompressed.
struct Growth<'a> {
    broker: &'a BrokerContext,
    context: &'a RequestContext,
    /// Of the whole request.
    room_deadline: Instant,
}

impl Growth<'_> {
    /// Appends a batch, waiting for room when it grows beyond what is ordinary.
    async fn append(
        self,
        partition: &Partition,
        records: Bytes,
        header: BatchHeader,
        now_ms: i64,
    ) -> Result<AppendInfo, NotAppended> {
        let Self { broker, context, room_deadline } = self;
        let decompression = &broker.decompression;
        let own_max_bytes = partition.config().max_decompressed_message_bytes;
        let max_bytes = own_max_bytes.min(decompression.max_bytes());
        let told = |appended: Result<AppendInfo, AppendRefused>| {
            appended.map_err(|refused| {
                match &refused {
                    AppendRefused::TooManyProducers(_) => {
                        broker.limits.hit(Limit::ProducerIds, &context.peer)
                    }
                    AppendRefused::Log(AppendError::DecompressedTooLarge { .. })
                        if max_bytes < own_max_bytes =>
                    {
                        broker.limits.hit(Limit::DecompressedInflightBytes, &context.peer);
                        return NotAppended::TooMuch(max_bytes);
                    }
                    AppendRefused::Log(AppendError::DecompressedTooLarge { .. }) => {
                        broker.limits.hit(Limit::DecompressedBytes, &context.peer);
                    }
                    _ => {}
                }
                NotAppended::Refused(refused)
            })
        };
        let ordinary_bytes = decompression::ordinary_bytes(records.len()).min(max_bytes);
        if ordinary_bytes == max_bytes || header.compression() == Codec::None {
            return told(partition.append_from_client(records, max_bytes, now_ms));
        }
        match partition.append_from_client(records.clone(), ordinary_bytes, now_ms) {
            Err(AppendRefused::Log(AppendError::DecompressedTooLarge { .. })) => {}
            appended => return told(appended),
        }
        let codec = header.compression();
        let is_rebuilt = partition.config().compression.is_some_and(|wanted| wanted.codec() != codec);
        let held_bytes = decompression::held_bytes(codec, is_rebuilt, max_bytes);
        let room = decompression.reserve(held_bytes, &context.peer, room_deadline).await;
        let room = room.ok_or(NotAppended::NoRoom)?;
        let appended = told(partition.append_from_client(records, max_bytes, now_ms));
        drop(room);
        appended
    }
}

/// A topic by whichever of its two keys the version uses.
fn topic_key(id: Uuid, name: &str) -> (Uuid, String) {
    (id, name.to_owned())
}

/// Partitions that come more than once; `None` in every honest request, which is told without allocating much.
fn named_twice(request: &ProduceRequest) -> Option<BTreeSet<((Uuid, String), i32)>> {
    const FEW: usize = 16;
    let all = || {
        request.topic_data.iter().flat_map(|topic| {
            topic.partition_data.iter().map(move |partition| (topic.topic_id, &*topic.name, partition.index))
        })
    };
    let count = all().count();
    let any = if count <= FEW {
        all().enumerate().any(|(place, one)| all().skip(place + 1).any(|other| other == one))
    } else {
        all().collect::<BTreeSet<_>>().len() < count
    };
    if !any {
        return None;
    }
    let mut seen = BTreeSet::new();
    let twice = all().filter(|one| !seen.insert(*one));
    Some(twice.map(|(id, name, index)| (topic_key(id, name), index)).collect())
}
