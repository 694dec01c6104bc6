//! OffsetForLeaderEpoch, versions 2 to 4: where a leader epoch ends, by which clients notice truncation (KIP-320).

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition,
};
use ottla_wire::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
};
use std::sync::Arc;

/// Answers partition by partition; -1 and -1 for an epoch the log knows nothing of.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let (code, (epoch, end_offset)) = match look_up(broker, &topic.topic, asked) {
                Ok(found) => (ErrorCode::NONE, found.unwrap_or((-1, -1))),
                Err(code) => (code, (-1, -1)),
            };
            EpochEndOffset::default()
                .with_partition(asked.partition)
                .with_error_code(code.0)
                .with_leader_epoch(epoch)
                .with_end_offset(end_offset)
        });
        let partitions = partitions.collect();
        OffsetForLeaderTopicResult::default().with_topic(topic.topic).with_partitions(partitions)
    });
    OffsetForLeaderEpochResponse::default().with_topics(topics.collect())
}

fn look_up(
    broker: &BrokerContext,
    topic: &str,
    asked: &OffsetForLeaderPartition,
) -> Result<Option<(i32, i64)>, ErrorCode> {
    let partition = broker.replicas.get(topic, asked.partition)?;
    partition.check_leader(asked.current_leader_epoch)?;
    let log = partition.log();
    Ok(log.end_offset_for_epoch(asked.leader_epoch))
}
