//! Requests about positions: committed offsets, beginning, end and times, ends of leader epochs. A **machine**.
//!
//! Builds them for any version and reads the answers; knows nothing of who asks.

use crate::consumer::partitions::EpochEnd;
use crate::consumer::position::Position;
use crate::error::Error;
use crate::group::{GroupMetadata, OffsetAndMetadata};
use crate::record::TopicPartition;
use ottla_wire::ErrorCode;
use ottla_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ottla_wire::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use ottla_wire::messages::offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic};
use ottla_wire::messages::{
    BrokerId, GroupId, ListOffsetsRequest, ListOffsetsResponse, OffsetFetchRequest, OffsetFetchResponse,
    OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, TopicName,
};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeMap;

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// Calls `open` for each topic and `add` for each partition, grouping runs of one topic.
fn by_topic<'a, T, Q>(
    asked: impl IntoIterator<Item = &'a (TopicPartition, T)>,
    open: impl Fn(TopicName) -> Q,
    mut add: impl FnMut(&mut Q, i32, &'a T),
) -> Vec<Q>
where
    T: 'a,
{
    let mut topics: BTreeMap<&str, Q> = BTreeMap::new();
    for (partition, what) in asked {
        let topic = topics.entry(&partition.topic).or_insert_with(|| open(TopicName(text(&partition.topic))));
        add(topic, partition.partition, what);
    }
    topics.into_values().collect()
}

/// What is asked about one partition's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeQuery {
    pub(crate) timestamp: i64,
    /// -1 when unknown.
    pub(crate) leader_epoch: i32,
}

pub(crate) fn list_offsets(
    asked: &[(TopicPartition, TimeQuery)],
    isolation_level: i8,
    timeout_ms: i32,
    version: i16,
) -> ListOffsetsRequest {
    let topics = by_topic(
        asked,
        |name| ListOffsetsTopic::default().with_name(name),
        |topic, partition, query| {
            let mut asked = ListOffsetsPartition::default()
                .with_partition_index(partition)
                .with_timestamp(query.timestamp);
            if version >= 4 {
                asked.current_leader_epoch = query.leader_epoch;
            }
            topic.partitions.push(asked);
        },
    );
    let mut request = ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(topics);
    if version >= 2 {
        request.isolation_level = isolation_level;
    }
    if version >= 10 {
        request.timeout_ms = timeout_ms;
    }
    request
}

/// An offset found for a time: `None` when no record is that young.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FoundOffset {
    pub(crate) position: Option<Position>,
    pub(crate) timestamp_ms: i64,
}

pub(crate) fn read_list_offsets(
    response: &ListOffsetsResponse,
) -> Vec<(TopicPartition, Result<FoundOffset, ErrorCode>)> {
    let mut found = Vec::new();
    for topic in &response.topics {
        for partition in &topic.partitions {
            let position = (partition.offset >= 0).then_some(Position {
                offset: partition.offset,
                offset_epoch: Some(partition.leader_epoch).filter(|epoch| *epoch >= 0),
            });
            let result = ErrorCode(partition.error_code)
                .ok()
                .map(|()| FoundOffset { position, timestamp_ms: partition.timestamp });
            found.push((TopicPartition::new(&**topic.name, partition.partition_index), result));
        }
    }
    found
}

/// What is asked about an epoch: where it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EpochQuery {
    pub(crate) epoch: i32,
    /// -1 when unknown.
    pub(crate) leader_epoch: i32,
}

pub(crate) fn epoch_ends(
    asked: &[(TopicPartition, EpochQuery)],
    version: i16,
) -> OffsetForLeaderEpochRequest {
    let topics = by_topic(
        asked,
        |name| OffsetForLeaderTopic::default().with_topic(name),
        |topic, partition, query| {
            topic.partitions.push(
                OffsetForLeaderPartition::default()
                    .with_partition(partition)
                    .with_current_leader_epoch(query.leader_epoch)
                    .with_leader_epoch(query.epoch),
            );
        },
    );
    let mut request = OffsetForLeaderEpochRequest::default().with_topics(topics);
    if version >= 3 {
        request.replica_id = BrokerId(-1);
    }
    request
}

pub(crate) fn read_epoch_ends(
    response: &OffsetForLeaderEpochResponse,
) -> Vec<(TopicPartition, Result<EpochEnd, ErrorCode>)> {
    let mut found = Vec::new();
    for topic in &response.topics {
        for partition in &topic.partitions {
            let end = EpochEnd { leader_epoch: partition.leader_epoch, end_offset: partition.end_offset };
            let result = ErrorCode(partition.error_code).ok().map(|()| end);
            found.push((TopicPartition::new(&**topic.topic, partition.partition), result));
        }
    }
    found
}

/// Asks for committed offsets, stable ones: those of open transactions are waited for.
pub(crate) fn committed(
    member: &GroupMetadata,
    partitions: &[TopicPartition],
    version: i16,
) -> OffsetFetchRequest {
    let asked: Vec<(TopicPartition, ())> = partitions.iter().map(|p| (p.clone(), ())).collect();
    let group_id = GroupId(text(&member.group_id));
    let mut request = OffsetFetchRequest::default();
    if version >= 7 {
        request.require_stable = true;
    }
    if version < 8 {
        let topics = by_topic(
            &asked,
            |name| OffsetFetchRequestTopic::default().with_name(name),
            |topic, partition, ()| topic.partition_indexes.push(partition),
        );
        return request.with_group_id(group_id).with_topics(Some(topics));
    }
    let topics = by_topic(
        &asked,
        |name| OffsetFetchRequestTopics::default().with_name(name),
        |topic, partition, ()| topic.partition_indexes.push(partition),
    );
    // The member's epoch is of the consumer protocol; a classic member names none.
    let group = OffsetFetchRequestGroup::default()
        .with_group_id(group_id)
        .with_member_epoch(-1)
        .with_topics(Some(topics));
    request.with_groups(vec![group])
}

/// What became of a question about committed offsets.
pub(crate) enum CommittedAnswer {
    /// Those without an offset are missing.
    Offsets(BTreeMap<TopicPartition, OffsetAndMetadata>),
    /// Ask again: the coordinator moved or loads, or a transaction is open.
    Again(ErrorCode),
    Refused(Error),
}

pub(crate) fn read_committed(response: &OffsetFetchResponse) -> CommittedAnswer {
    let mut group_code = ErrorCode(response.error_code);
    let mut found = Vec::new();
    for topic in &response.topics {
        for p in &topic.partitions {
            let partition = TopicPartition::new(&**topic.name, p.partition_index);
            found.push((partition, p.error_code, p.committed_offset, p.committed_leader_epoch, &p.metadata));
        }
    }
    for group in &response.groups {
        if group.error_code != 0 {
            group_code = ErrorCode(group.error_code);
        }
        for topic in &group.topics {
            for p in &topic.partitions {
                let partition = TopicPartition::new(&**topic.name, p.partition_index);
                found.push((
                    partition,
                    p.error_code,
                    p.committed_offset,
                    p.committed_leader_epoch,
                    &p.metadata,
                ));
            }
        }
    }
    if group_code != ErrorCode::NONE {
        return refusal(group_code, None);
    }
    let mut offsets = BTreeMap::new();
    for (partition, code, offset, epoch, metadata) in found {
        let code = ErrorCode(code);
        if code != ErrorCode::NONE {
            return refusal(code, Some(&partition));
        }
        if offset >= 0 {
            let leader_epoch = Some(epoch).filter(|epoch| *epoch >= 0);
            let metadata = metadata.as_ref().map_or(String::new(), |text| text.to_string());
            offsets.insert(partition, OffsetAndMetadata { offset, leader_epoch, metadata });
        }
    }
    CommittedAnswer::Offsets(offsets)
}

fn refusal(code: ErrorCode, partition: Option<&TopicPartition>) -> CommittedAnswer {
    if code.is_retriable() || matches!(code, ErrorCode::UNSTABLE_OFFSET_COMMIT | ErrorCode::NOT_COORDINATOR) {
        return CommittedAnswer::Again(code);
    }
    let mut error = Error::from_code(code, "fetch committed offsets");
    if let Some(partition) = partition {
        error = error.with_context("topic", &partition.topic).with_context("partition", partition.partition);
    }
    CommittedAnswer::Refused(error)
}
