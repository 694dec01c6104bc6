//! DescribeTopicPartitions, version 0: topics page by page (KIP-966), with eligible leader replicas.

use super::authorized_operations;
use super::metadata::leader_of;
use crate::context::BrokerContext;
use crate::metadata::image::{is_internal, topic_name_problem};
use crate::metadata::{MetadataImage, TopicImage};
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::describe_topic_partitions_request::DescribeTopicPartitionsRequest;
use ottla_wire::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
};
use ottla_wire::messages::{BrokerId, TopicName};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Describes topics in the order of their names, from the cursor on, until the page is full.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let image = broker.metadata.snapshot();
    let page = broker.config.size("max.request.partition.size.limit");
    let mut left = usize::try_from(request.response_partition_limit).unwrap_or(0).clamp(1, page);
    let wants_all = request.topics.is_empty();
    let mut names: BTreeSet<Arc<str>> = if wants_all {
        image.topics.keys().cloned().collect()
    } else {
        request.topics.iter().map(|topic| Arc::from(topic.name.as_str())).collect()
    };
    let mut first_partition = 0;
    if let Some(cursor) = &request.cursor {
        names = names.split_off(&*cursor.topic_name.0.to_string());
        if names.first().is_some_and(|name| **name == *cursor.topic_name.0) {
            first_partition = usize::try_from(cursor.partition_index).unwrap_or(0);
        }
    }
    let mut topics = Vec::new();
    let mut next = None;
    for name in names {
        let first = std::mem::take(&mut first_partition);
        let Some(topic) = image.topic(&name) else {
            let code = if topic_name_problem(&name).is_some() {
                ErrorCode::INVALID_TOPIC_EXCEPTION
            } else {
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            };
            topics.push(named(&name).with_error_code(code.0));
            continue;
        };
        let last = topic.partitions.len().min(first.saturating_add(left));
        if left == 0 {
            next = Some((name, first));
            break;
        }
        topics.push(describe(&image, topic, first.min(last)..last));
        left -= last.saturating_sub(first);
        if last < topic.partitions.len() {
            next = Some((name, last));
            break;
        }
    }
    let next = next.map(|(name, partition)| {
        Cursor::default().with_topic_name(topic_name(&name)).with_partition_index(partition as i32)
    });
    DescribeTopicPartitionsResponse::default().with_topics(topics).with_next_cursor(next)
}

fn topic_name(name: &str) -> TopicName {
    TopicName(StrBytes::from_string(name.to_owned()))
}

fn named(name: &str) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic::default()
        .with_name(Some(topic_name(name)))
        .with_is_internal(is_internal(name))
        .with_topic_authorized_operations(authorized_operations::UNKNOWN)
}

fn describe(
    image: &MetadataImage,
    topic: &TopicImage,
    range: std::ops::Range<usize>,
) -> DescribeTopicPartitionsResponseTopic {
    let ids = |nodes: &[i32]| nodes.iter().copied().map(BrokerId).collect::<Vec<_>>();
    let partitions = range.clone().zip(&topic.partitions[range]).map(|(index, partition)| {
        let (leader, code) = leader_of(image, partition);
        let offline = partition.replicas.iter().copied().filter(|node| !image.is_alive(*node));
        DescribeTopicPartitionsResponsePartition::default()
            .with_error_code(code.0)
            .with_partition_index(index as i32)
            .with_leader_id(BrokerId(leader))
            .with_leader_epoch(partition.leader_epoch)
            .with_replica_nodes(ids(&partition.replicas))
            .with_isr_nodes(ids(&partition.isr))
            .with_eligible_leader_replicas(Some(ids(&partition.elr)))
            .with_last_known_elr(Some(ids(&partition.last_known_elr)))
            .with_offline_replicas(offline.map(BrokerId).collect())
    });
    named(&topic.name)
        .with_topic_id(topic.id)
        .with_partitions(partitions.collect())
        .with_topic_authorized_operations(authorized_operations::TOPIC)
}
