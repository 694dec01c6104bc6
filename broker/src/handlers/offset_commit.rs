//! OffsetCommit, versions 2 to 9: where a group's readers are.
//!
//! 2 to 4 may ask for a retention of their own; 6 has leader epochs; 7 knows static members; 9 says GROUP_ID_NOT_FOUND
//! for a group that is not there.

use crate::context::BrokerContext;
use crate::coordinator::group::effects::{CommitOffset, CommitRequest};
use crate::limits::Limit;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::offset_commit_request::OffsetCommitRequest;
use ottla_wire::messages::offset_commit_response::{
    OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use std::sync::Arc;
use uuid::Uuid;

/// Commits what names a partition that is there.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    version: i16,
    request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    let mut offsets = Vec::new();
    // In the order of the request; what is not settled here is settled by the coordinator.
    let mut topics = Vec::with_capacity(request.topics.len());
    {
        let image = broker.metadata.image();
        for asked in &request.topics {
            let topic = image.topic(&asked.name);
            let name: Arc<str> = topic.map_or_else(|| Arc::from(""), |topic| topic.name.clone());
            let topic_id = topic.map_or(Uuid::nil(), |topic| topic.id);
            let count = topic.map_or(0, |topic| topic.partitions.len());
            let partitions = asked.partitions.iter().map(|partition| {
                let index = partition.partition_index;
                let is_there = usize::try_from(index).is_ok_and(|index| index < count);
                let response = OffsetCommitResponsePartition::default().with_partition_index(index);
                if !is_there {
                    return response.with_error_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
                }
                offsets.push(CommitOffset {
                    topic: name.clone(),
                    topic_id,
                    partition: index,
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: Arc::from(partition.committed_metadata.as_deref().unwrap_or("")),
                    retention_ms: if version <= 4 { request.retention_time_ms } else { -1 },
                });
                response
            });
            let partitions = partitions.collect();
            topics.push(
                OffsetCommitResponseTopic::default()
                    .with_name(asked.name.clone())
                    .with_partitions(partitions),
            );
        }
    }
    let commit = CommitRequest {
        member_id: Arc::from(request.member_id.as_str()),
        group_instance_id: request.group_instance_id.as_deref().map(Arc::from),
        generation: request.generation_id_or_member_epoch,
        version,
        producer: None,
        offsets,
    };
    // Also with nothing left to commit: a request with nothing in it still says that the member is there.
    if !commit.offsets.is_empty() || request.topics.is_empty() {
        let committed = broker.groups.commit(&Arc::from(request.group_id.as_str()), &commit).await;
        if committed == Err(ErrorCode::POLICY_VIOLATION) {
            broker.limits.hit(Limit::Groups, &context.peer);
        }
        let open = topics.iter_mut().flat_map(|topic| &mut topic.partitions);
        let open = open.filter(|partition| partition.error_code == 0);
        match committed {
            Ok(codes) => open.zip(codes).for_each(|(partition, code)| partition.error_code = code.0),
            Err(code) => open.for_each(|partition| partition.error_code = code.0),
        }
    }
    OffsetCommitResponse::default().with_topics(topics)
}
