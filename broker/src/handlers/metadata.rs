//! Metadata, versions 0 to 13: brokers, topics, leaders.
//!
//! 1 tells null (all topics) from empty (none) and names the controller; 4 lets the client forbid auto-creation; 7 has
//! leader epochs; 8 to 10 authorized operations of the cluster; 10 topic ids, by which 12 may ask; 13 an error for the
//! whole (rebootstrap), which is never sent. A topic that is created on being asked for is there in the same answer.

use super::authorized_operations;
use crate::context::BrokerContext;
use crate::controller::NewTopic;
use crate::metadata::image::{is_internal, topic_name_problem};
use crate::metadata::{BrokerImage, MetadataImage, PartitionImage, TopicImage};
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::metadata_response::{
    MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::messages::{BrokerId, MetadataRequest, TopicName};
use ottla_wire::messages::{fetch_response, produce_response};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Topics one request may bring into being.
const MAX_CREATED: usize = 1000;

/// Answers, creating missing topics where that is allowed and wanted.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    version: i16,
    request: MetadataRequest,
) -> MetadataResponse {
    let wants_all = match &request.topics {
        None => true,
        Some(topics) => version == 0 && topics.is_empty(),
    };
    let may_create = (version < 4 || request.allow_auto_topic_creation)
        && broker.config.boolean("auto.create.topics.enable");
    let mut topics = Vec::new();
    if wants_all {
        let image = broker.metadata.snapshot();
        topics.extend(image.topics.values().map(|topic| known(&image, topic)));
    } else {
        let asked = request.topics.as_deref().unwrap_or_default();
        if may_create {
            let image = broker.metadata.snapshot();
            let names = asked.iter().filter(|topic| topic.topic_id.is_nil());
            let names = names.filter_map(|topic| topic.name.as_deref());
            let missing =
                names.filter(|name| image.topic(name).is_none() && topic_name_problem(name).is_none());
            let missing: BTreeSet<&str> = missing.take(MAX_CREATED).map(|name| &**name).collect();
            create(broker, context, missing).await;
        }
        let image = broker.metadata.snapshot();
        for topic in asked {
            topics.push(if topic.topic_id.is_nil() {
                by_name(&image, topic.name.as_ref())
            } else {
                by_id(&image, topic.topic_id)
            });
        }
    }
    if version >= 8 && request.include_topic_authorized_operations {
        for topic in topics.iter_mut().filter(|topic| topic.error_code == 0) {
            topic.topic_authorized_operations = authorized_operations::TOPIC;
        }
    }
    let image = broker.metadata.snapshot();
    let operations = (8..=10).contains(&version) && request.include_cluster_authorized_operations;
    MetadataResponse::default()
        .with_brokers(brokers(&image, context))
        .with_cluster_id(Some(StrBytes::from_string(image.cluster_id.to_string())))
        .with_controller_id(BrokerId(image.controller_id))
        .with_topics(topics)
        .with_cluster_authorized_operations(if operations {
            authorized_operations::CLUSTER
        } else {
            authorized_operations::UNKNOWN
        })
}

/// Creates what can be created; what cannot is told as unknown afterwards.
async fn create(broker: &Arc<BrokerContext>, context: &RequestContext, names: BTreeSet<&str>) {
    if names.is_empty() {
        return;
    }
    let topics = names.into_iter().map(|name| NewTopic::automatic(&broker.config, name));
    for result in broker.controller.create_topics(topics.collect(), false, context.peer).await {
        match result {
            Ok(created) => tracing::info!(topic = %created.topic.name, "topic created on being asked for"),
            // Somebody else was first, or the limit that was reached was told of.
            Err((ErrorCode::TOPIC_ALREADY_EXISTS | ErrorCode::POLICY_VIOLATION, _)) => {}
            Err((code, problem)) => tracing::warn!(code = code.name(), problem, "topic could not be created"),
        }
    }
}

fn by_name(image: &MetadataImage, name: Option<&TopicName>) -> MetadataResponseTopic {
    let missing = |code: ErrorCode| {
        MetadataResponseTopic::default()
            .with_name(name.cloned().or_else(|| Some(TopicName::default())))
            .with_error_code(code.0)
    };
    match name {
        None => missing(ErrorCode::INVALID_TOPIC_EXCEPTION),
        Some(text) => match image.topic(text) {
            Some(topic) => known(image, topic),
            None if topic_name_problem(text).is_some() => missing(ErrorCode::INVALID_TOPIC_EXCEPTION),
            None => missing(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION).with_is_internal(is_internal(text)),
        },
    }
}

fn by_id(image: &MetadataImage, id: Uuid) -> MetadataResponseTopic {
    match image.topic_by_id(id) {
        Some(topic) => known(image, topic),
        None => MetadataResponseTopic::default()
            .with_topic_id(id)
            .with_name(None)
            .with_error_code(ErrorCode::UNKNOWN_TOPIC_ID.0),
    }
}

fn known(image: &MetadataImage, topic: &TopicImage) -> MetadataResponseTopic {
    let partitions = topic.partitions.iter().enumerate();
    let partitions = partitions.map(|(index, partition)| {
        let (leader, code) = leader_of(image, partition);
        MetadataResponsePartition::default()
            .with_error_code(code.0)
            .with_partition_index(index as i32)
            .with_leader_id(BrokerId(leader))
            .with_leader_epoch(partition.leader_epoch)
            .with_replica_nodes(partition.replicas.iter().copied().map(BrokerId).collect())
            .with_isr_nodes(partition.isr.iter().copied().map(BrokerId).collect())
            .with_offline_replicas(
                partition
                    .replicas
                    .iter()
                    .copied()
                    .filter(|node| !image.is_alive(*node))
                    .map(BrokerId)
                    .collect(),
            )
    });
    MetadataResponseTopic::default()
        .with_name(Some(TopicName(StrBytes::from_string(topic.name.to_string()))))
        .with_topic_id(topic.id)
        .with_is_internal(is_internal(&topic.name))
        .with_partitions(partitions.collect())
}

/// The leader clients should go to, and the error when there is none.
pub(crate) fn leader_of(image: &MetadataImage, partition: &PartitionImage) -> (i32, ErrorCode) {
    if partition.leader >= 0 && image.is_alive(partition.leader) {
        (partition.leader, ErrorCode::NONE)
    } else {
        (-1, ErrorCode::LEADER_NOT_AVAILABLE)
    }
}

fn brokers(image: &MetadataImage, context: &RequestContext) -> Vec<MetadataResponseBroker> {
    endpoints(image, context)
        .map(|(node_id, host, port, rack)| {
            MetadataResponseBroker::default()
                .with_node_id(BrokerId(node_id))
                .with_host(StrBytes::from_string(host))
                .with_port(port)
                .with_rack(rack.map(StrBytes::from_string))
        })
        .collect()
}

/// Live brokers as this client should reach them.
pub(crate) fn endpoints<'a>(
    image: &'a MetadataImage,
    context: &'a RequestContext,
) -> impl Iterator<Item = (i32, String, i32, Option<String>)> + 'a {
    image.brokers.values().filter(|broker| !broker.fenced).filter_map(|broker| {
        let (host, port) = host_for(broker, context)?;
        Some((broker.node_id, host, port, broker.rack.as_deref().map(str::to_owned)))
    })
}

/// Where a client reaches a broker: by the listener it came in by, and where the configuration names no host, by the
/// very address it came in by.
pub(crate) fn host_for(broker: &BrokerImage, context: &RequestContext) -> Option<(String, i32)> {
    let endpoint = broker.endpoints.iter().find(|(listener, ..)| *listener == context.listener);
    let (_, host, port) = endpoint?;
    let host = if host.is_empty() { context.local.ip().to_canonical().to_string() } else { host.to_string() };
    Some((host, i32::from(*port)))
}

/// Where to find the brokers that a Produce answer points to (KIP-951).
pub(crate) fn produce_endpoints(
    image: &MetadataImage,
    context: &RequestContext,
) -> Vec<produce_response::NodeEndpoint> {
    endpoints(image, context)
        .map(|(node_id, host, port, rack)| {
            produce_response::NodeEndpoint::default()
                .with_node_id(BrokerId(node_id))
                .with_host(StrBytes::from_string(host))
                .with_port(port)
                .with_rack(rack.map(StrBytes::from_string))
        })
        .collect()
}

/// Where to find the brokers that a Fetch answer points to (KIP-951).
pub(crate) fn fetch_endpoints(
    image: &MetadataImage,
    context: &RequestContext,
) -> Vec<fetch_response::NodeEndpoint> {
    endpoints(image, context)
        .map(|(node_id, host, port, rack)| {
            fetch_response::NodeEndpoint::default()
                .with_node_id(BrokerId(node_id))
                .with_host(StrBytes::from_string(host))
                .with_port(port)
                .with_rack(rack.map(StrBytes::from_string))
        })
        .collect()
}
