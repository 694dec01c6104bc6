//! ListOffsets, versions 1 to 10: the offset of a time, or of one of the marks of a log.
//!
//! 2 obeys the isolation level; 4 knows leader epochs; 7 the largest timestamp (-3); 8 the earliest local offset (-4);
//! 9 the latest tiered offset (-5), of which there is none; 10 a time limit for asking remote storage.

use crate::context::BrokerContext;
use crate::log::{ANY_GROWTH, LogError, MaxGrown, PartitionLog};
use crate::replication::{Partition, decompression};
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::compression::Codec;
use ottla_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest};
use ottla_wire::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;

/// An offset with its time and leader epoch; -1 for what is not known.
type Answer = (i64, i64, i32);
const NOTHING: Answer = (-1, -1, -1);

/// Answers partition by partition.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    version: i16,
    request: ListOffsetsRequest,
) -> ListOffsetsResponse {
    let committed_only = version >= 2 && request.isolation_level == 1;
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for topic in &request.topics {
        for partition in &topic.partitions {
            if !seen.insert((&topic.name, partition.partition_index)) {
                twice.insert((topic.name.clone(), partition.partition_index));
            }
        }
    }
    drop(seen);
    let room_deadline = broker.decompression.deadline(Duration::MAX);
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let is_twice = !twice.is_empty() && twice.contains(&(topic.name.clone(), asked.partition_index));
            let answer = if is_twice {
                Err(ErrorCode::INVALID_REQUEST)
            } else {
                match broker.replicas.get(&topic.name, asked.partition_index) {
                    Ok(partition) => {
                        let lookup = Lookup { partition: &partition, asked, version, committed_only };
                        lookup.run(broker, context, room_deadline).await
                    }
                    Err(code) => Err(code),
                }
            };
            let (code, (offset, timestamp_ms, epoch)) = match answer {
                Ok(answer) => (ErrorCode::NONE, answer),
                Err(code) => (code, NOTHING),
            };
            partitions.push(
                ListOffsetsPartitionResponse::default()
                    .with_partition_index(asked.partition_index)
                    .with_error_code(code.0)
                    .with_offset(offset)
                    .with_timestamp(timestamp_ms)
                    .with_leader_epoch(if version >= 4 { epoch } else { -1 }),
            );
        }
        topics.push(ListOffsetsTopicResponse::default().with_name(topic.name).with_partitions(partitions));
    }
    ListOffsetsResponse::default().with_topics(topics)
}

/// What is asked of one partition.
struct Lookup<'a> {
    partition: &'a Partition,
    asked: &'a ListOffsetsPartition,
    version: i16,
    committed_only: bool,
}

impl Lookup<'_> {
    /// Looks it up, waiting for room when the batch that holds a time grows beyond what is ordinary.
    async fn run(
        &self,
        broker: &BrokerContext,
        context: &RequestContext,
        room_deadline: Instant,
    ) -> Result<Answer, ErrorCode> {
        let found = match self.look_up(decompression::ordinary_bytes) {
            Err(Failed::Log(LogError::DecompressedTooLarge { .. })) => {
                let max_bytes = self.partition.config().max_decompressed_message_bytes;
                // Its codec is not known here.
                let held_bytes = decompression::held_bytes(Codec::Zstd, false, max_bytes);
                let room = broker.decompression.reserve(held_bytes, &context.peer, room_deadline).await;
                let _room = room.ok_or(ErrorCode::REQUEST_TIMED_OUT)?;
                self.look_up(ANY_GROWTH)
            }
            found => found,
        };
        found.map_err(|failed| match failed {
            Failed::Code(code) => code,
            Failed::Log(error) => {
                let Partition { topic, index, .. } = self.partition;
                tracing::error!(%topic, partition = index, %error, "an offset cannot be looked up");
                error.code()
            }
        })
    }

    fn look_up(&self, max_grown: MaxGrown) -> Result<Answer, Failed> {
        let Self { partition, asked, version, committed_only } = *self;
        partition.check_leader(asked.current_leader_epoch)?;
        let marks = partition.marks();
        let bound = if committed_only { marks.last_stable_offset } else { marks.high_watermark };
        let log = partition.log();
        match asked.timestamp {
            LATEST => Ok((bound, -1, partition.leader_epoch())),
            EARLIEST => Ok(earliest(&log)),
            MAX_TIMESTAMP if version >= 7 => {
                let found = log.max_timestamp(bound, max_grown)?;
                Ok(found.map_or(NOTHING, |found| {
                    (found.offset, found.timestamp_ms, found.leader_epoch.unwrap_or(-1))
                }))
            }
            EARLIEST_LOCAL if version >= 8 => Ok(earliest(&log)),
            LATEST_TIERED if version >= 9 => Ok(NOTHING),
            timestamp_ms if timestamp_ms >= 0 => {
                let found = log.offset_for_timestamp(timestamp_ms, bound, max_grown)?;
                Ok(found.map_or(NOTHING, |found| {
                    (found.offset, found.timestamp_ms, found.leader_epoch.unwrap_or(-1))
                }))
            }
            _ => Err(ErrorCode::UNSUPPORTED_VERSION.into()),
        }
    }
}

/// Why a lookup failed.
enum Failed {
    Code(ErrorCode),
    Log(LogError),
}

impl From<ErrorCode> for Failed {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

impl From<LogError> for Failed {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

fn earliest(log: &PartitionLog) -> Answer {
    let offset = log.log_start_offset();
    (offset, -1, log.epoch_for_offset(offset).unwrap_or(-1))
}
