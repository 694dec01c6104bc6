//! OffsetFetch, versions 1 to 9: what groups committed.
//!
//! 2 can ask for everything and tells one error for the whole; 5 has leader epochs; 7 can ask to wait for transactions
//! (UNSTABLE_OFFSET_COMMIT); 8 takes several groups; 9 names the member, which only other kinds of groups check.

use super::join_group::text;
use crate::context::BrokerContext;
use crate::coordinator::group::Group;
use crate::metadata::MetadataImage;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::TopicName;
use ottla_wire::messages::offset_fetch_request::OffsetFetchRequest;
use ottla_wire::messages::offset_fetch_response::{
    OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use std::sync::Arc;

/// Topics with the partitions asked for; `None` asks for all there are.
type Asked = Option<Vec<(TopicName, Vec<i32>)>>;

/// Answers group by group.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    let require_stable = version >= 7 && request.require_stable;
    let response = OffsetFetchResponse::default();
    if version >= 8 {
        let mut groups = Vec::with_capacity(request.groups.len());
        for group in request.groups {
            let topics = group.topics.map(|topics| {
                topics.into_iter().map(|topic| (topic.name, topic.partition_indexes)).collect()
            });
            let fetched = fetch(broker, &group.group_id, topics, require_stable).await;
            let response = OffsetFetchResponseGroup::default().with_group_id(group.group_id);
            groups.push(match fetched {
                Ok(topics) => response.with_topics(topics),
                Err((code, _)) => response.with_error_code(code.0),
            });
        }
        return response.with_groups(groups);
    }
    let topics = request
        .topics
        .map(|topics| topics.into_iter().map(|topic| (topic.name, topic.partition_indexes)).collect());
    match fetch(broker, &request.group_id, topics, require_stable).await {
        Ok(topics) => response.with_topics(topics.into_iter().map(old_topic).collect()),
        Err((code, _)) if version >= 2 => response.with_error_code(code.0),
        Err((code, asked)) => {
            // Version 1 has room for errors only with the partitions.
            let topics = asked.unwrap_or_default().into_iter().map(|(name, partitions)| {
                let partitions = partitions.into_iter().map(|index| nothing(index, code)).collect();
                old_topic(OffsetFetchResponseTopics::default().with_name(name).with_partitions(partitions))
            });
            response.with_topics(topics.collect())
        }
    }
}

async fn fetch(
    broker: &BrokerContext,
    group_id: &str,
    asked: Asked,
    require_stable: bool,
) -> Result<Vec<OffsetFetchResponseTopics>, (ErrorCode, Asked)> {
    let image = broker.metadata.snapshot();
    let looked = broker.groups.look(group_id, |group| match &asked {
        None => all(&image, group, require_stable),
        Some(topics) => topics
            .iter()
            .map(|(name, partitions)| some(&image, group, require_stable, name, partitions))
            .collect(),
    });
    looked.await.map_err(|code| (code, asked))
}

/// Everything the group committed.
fn all(image: &MetadataImage, group: Option<&Group>, require_stable: bool) -> Vec<OffsetFetchResponseTopics> {
    let Some(group) = group else { return Vec::new() };
    let topics = group.offsets.topics().filter_map(|topic| {
        let name = TopicName(text(topic));
        let mut of = some(image, Some(group), require_stable, &name, &group.offsets.partitions(topic));
        // What a topic of that name committed that is no more does not count.
        of.partitions.retain(|partition| partition.committed_offset >= 0 || partition.error_code != 0);
        (!of.partitions.is_empty()).then_some(of)
    });
    topics.collect()
}

fn some(
    image: &MetadataImage,
    group: Option<&Group>,
    require_stable: bool,
    topic: &TopicName,
    partitions: &[i32],
) -> OffsetFetchResponseTopics {
    let topic_id = image.topic(topic).map(|topic| topic.id);
    let partitions = partitions.iter().map(|&index| {
        let Some(group) = group else { return nothing(index, ErrorCode::NONE) };
        if require_stable && group.offsets.is_pending(topic, index) {
            return nothing(index, ErrorCode::UNSTABLE_OFFSET_COMMIT);
        }
        let committed = group.offsets.get(topic, index);
        // An offset of a topic that was deleted means nothing in a new one of the same name.
        let is_of = |id: uuid::Uuid| id.is_nil() || topic_id.is_none_or(|topic_id| topic_id == id);
        match committed.filter(|committed| is_of(committed.topic_id)) {
            None => nothing(index, ErrorCode::NONE),
            Some(committed) => OffsetFetchResponsePartitions::default()
                .with_partition_index(index)
                .with_committed_offset(committed.offset)
                .with_committed_leader_epoch(committed.leader_epoch)
                .with_metadata(Some(text(&committed.metadata))),
        }
    });
    let partitions = partitions.collect();
    OffsetFetchResponseTopics::default().with_name(topic.clone()).with_partitions(partitions)
}

/// No offset.
fn nothing(index: i32, code: ErrorCode) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions::default()
        .with_partition_index(index)
        .with_committed_offset(-1)
        .with_committed_leader_epoch(-1)
        .with_metadata(Some(text("")))
        .with_error_code(code.0)
}

/// The same in the shape of versions before 8.
fn old_topic(topic: OffsetFetchResponseTopics) -> OffsetFetchResponseTopic {
    let partitions = topic.partitions.into_iter().map(|partition| {
        OffsetFetchResponsePartition::default()
            .with_partition_index(partition.partition_index)
            .with_committed_offset(partition.committed_offset)
            .with_committed_leader_epoch(partition.committed_leader_epoch)
            .with_metadata(partition.metadata)
            .with_error_code(partition.error_code)
    });
    let partitions = partitions.collect();
    OffsetFetchResponseTopic::default().with_name(topic.name).with_partitions(partitions)
}
