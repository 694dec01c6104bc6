//! DescribeProducers, version 0: the producers a partition knows, by which hanging transactions are found.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::ProducerId;
use ottla_wire::messages::describe_producers_request::DescribeProducersRequest;
use ottla_wire::messages::describe_producers_response::{
    DescribeProducersResponse, PartitionResponse, ProducerState, TopicResponse,
};
use std::sync::Arc;

/// Describes partition by partition.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partition_indexes.iter().map(|index| {
            let (code, producers) = match producers(broker, &topic.name, *index) {
                Ok(producers) => (ErrorCode::NONE, producers),
                Err(code) => (code, Vec::new()),
            };
            PartitionResponse::default()
                .with_partition_index(*index)
                .with_error_code(code.0)
                .with_active_producers(producers)
        });
        let partitions = partitions.collect();
        TopicResponse::default().with_name(topic.name).with_partitions(partitions)
    });
    DescribeProducersResponse::default().with_topics(topics.collect())
}

fn producers(broker: &BrokerContext, topic: &str, index: i32) -> Result<Vec<ProducerState>, ErrorCode> {
    let partition = broker.replicas.get(topic, index)?;
    partition.check_leader(-1)?;
    let log = partition.log();
    let producers = log.producers().sorted().into_iter().map(|(id, entry)| {
        ProducerState::default()
            .with_producer_id(ProducerId(id))
            .with_producer_epoch(i32::from(entry.producer_epoch))
            .with_last_sequence(entry.last_sequence())
            .with_last_timestamp(entry.last_timestamp_ms)
            .with_coordinator_epoch(entry.coordinator_epoch)
            .with_current_txn_start_offset(entry.txn_first_offset.unwrap_or(-1))
    });
    Ok(producers.collect())
}
