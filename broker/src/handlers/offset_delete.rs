//! OffsetDelete, version 0: forget what a group committed, for topics it does not read (KIP-496).

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::offset_delete_request::OffsetDeleteRequest;
use ottla_wire::messages::offset_delete_response::{
    OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use std::sync::Arc;

/// A group that is not there, or may not be changed, is an error of the whole.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let mut open = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    {
        let image = broker.metadata.image();
        for asked in &request.topics {
            let topic = image.topic(&asked.name);
            let count = topic.map_or(0, |topic| topic.partitions.len());
            let partitions = asked.partitions.iter().map(|partition| {
                let index = partition.partition_index;
                let response = OffsetDeleteResponsePartition::default().with_partition_index(index);
                match topic.filter(|_| usize::try_from(index).is_ok_and(|index| index < count)) {
                    Some(topic) => {
                        open.push((topic.name.clone(), index));
                        response
                    }
                    None => response.with_error_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0),
                }
            });
            let partitions = partitions.collect();
            topics.push(
                OffsetDeleteResponseTopic::default()
                    .with_name(asked.name.clone())
                    .with_partitions(partitions),
            );
        }
    }
    let response = OffsetDeleteResponse::default();
    match broker.groups.delete_offsets(&Arc::from(request.group_id.as_str()), &open).await {
        Err(code) => response.with_error_code(code.0),
        Ok(codes) => {
            let partitions = topics.iter_mut().flat_map(|topic| &mut topic.partitions);
            let partitions = partitions.filter(|partition| partition.error_code == 0);
            partitions.zip(codes).for_each(|(partition, code)| partition.error_code = code.0);
            response.with_topics(topics)
        }
    }
}
