//! DeleteRecords, versions 0 to 2: forget the beginning of a log.

use crate::context::BrokerContext;
use crate::metadata::image::is_internal;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::delete_records_request::DeleteRecordsRequest;
use ottla_wire::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsResponse, DeleteRecordsTopicResult,
};
use std::sync::Arc;

/// Deletes partition by partition; -1 as the offset means everything below the high watermark.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|asked| {
            let (code, low_watermark) = match delete(broker, &topic.name, asked.partition_index, asked.offset)
            {
                Ok(low_watermark) => (ErrorCode::NONE, low_watermark),
                Err(code) => (code, -1),
            };
            DeleteRecordsPartitionResult::default()
                .with_partition_index(asked.partition_index)
                .with_error_code(code.0)
                .with_low_watermark(low_watermark)
        });
        let partitions = partitions.collect();
        DeleteRecordsTopicResult::default().with_name(topic.name).with_partitions(partitions)
    });
    DeleteRecordsResponse::default().with_topics(topics.collect())
}

fn delete(broker: &BrokerContext, topic: &str, index: i32, offset: i64) -> Result<i64, ErrorCode> {
    let partition = broker.replicas.get(topic, index)?;
    if is_internal(topic) {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    partition.check_leader(-1)?;
    // A log that is only compacted promises the last value of every key.
    let config = partition.config();
    if !config.cleanup_delete && config.cleanup_compact {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    partition.delete_records(offset, broker.env.wall_ms())
}
