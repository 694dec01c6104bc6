//! DescribeQuorum, versions 0 to 2: who keeps the metadata log, and how far each is.
//!
//! 2 tells the voters' directories and endpoints.

use crate::context::BrokerContext;
use crate::quorum::METADATA_TOPIC;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::describe_quorum_request::DescribeQuorumRequest;
use ottla_wire::messages::describe_quorum_response::{
    DescribeQuorumResponse, Listener, Node, PartitionData, ReplicaState, TopicData,
};
use ottla_wire::messages::{BrokerId, TopicName};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;

/// Describes the metadata partition; the request may name no other.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: DescribeQuorumRequest,
) -> DescribeQuorumResponse {
    let [topic] = &request.topics[..] else {
        return DescribeQuorumResponse::default().with_error_code(ErrorCode::INVALID_REQUEST.0);
    };
    let image = broker.metadata.snapshot();
    let end_offset = image.offset + 1;
    let now_ms = broker.env.wall_ms();
    let partitions = topic.partitions.iter().map(|partition| {
        let data = PartitionData::default().with_partition_index(partition.partition_index);
        if &**topic.topic_name != METADATA_TOPIC || partition.partition_index != 0 {
            return data.with_error_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
        }
        let voter = ReplicaState::default()
            .with_replica_id(BrokerId(image.controller_id))
            .with_log_end_offset(end_offset);
        let voter = if version >= 1 {
            voter.with_last_fetch_timestamp(now_ms).with_last_caught_up_timestamp(now_ms)
        } else {
            voter
        };
        data.with_leader_id(BrokerId(image.controller_id))
            .with_leader_epoch(image.controller_epoch)
            .with_high_watermark(end_offset)
            .with_current_voters(vec![voter])
    });
    let data = TopicData::default()
        .with_topic_name(TopicName(StrBytes::from_static_str(METADATA_TOPIC)))
        .with_partitions(partitions.collect());
    let nodes = image.brokers.values().map(|node| {
        let listeners = node.endpoints.iter().map(|(name, host, port)| {
            Listener::default()
                .with_name(StrBytes::from_string(name.to_string()))
                .with_host(StrBytes::from_string(host.to_string()))
                .with_port(*port)
        });
        Node::default().with_node_id(BrokerId(node.node_id)).with_listeners(listeners.collect())
    });
    let nodes = if version >= 2 { nodes.collect() } else { Vec::new() };
    DescribeQuorumResponse::default().with_topics(vec![data]).with_nodes(nodes)
}
