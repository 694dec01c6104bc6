//! ElectLeaders, versions 0 to 2: a leader is chosen anew.
//!
//! 1 lets the caller allow an unclean election.

use crate::context::BrokerContext;
use crate::controller::ElectionType;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::TopicName;
use ottla_wire::messages::elect_leaders_request::ElectLeadersRequest;
use ottla_wire::messages::elect_leaders_response::{
    ElectLeadersResponse, PartitionResult, ReplicaElectionResult,
};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Elects for the partitions named, or for all; of all, those that need no election are left out of the answer.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: ElectLeadersRequest,
) -> ElectLeadersResponse {
    let kind = match request.election_type {
        0 => ElectionType::Preferred,
        1 => ElectionType::Unclean,
        _ => return ElectLeadersResponse::default().with_error_code(ErrorCode::INVALID_REQUEST.0),
    };
    let all = request.topic_partitions.is_none();
    let partitions: Vec<(String, i32)> = match request.topic_partitions {
        Some(topics) => topics
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(|partition| (topic.topic.to_string(), *partition)))
            .collect(),
        None => {
            let image = broker.metadata.snapshot();
            let topics = image.topics.values();
            topics
                .flat_map(|topic| {
                    (0..topic.partitions.len() as i32).map(|index| (topic.name.to_string(), index))
                })
                .collect()
        }
    };
    let outcomes = broker.controller.elect_leaders(kind, partitions.clone()).await;
    let mut results: BTreeMap<String, Vec<PartitionResult>> = BTreeMap::new();
    for ((topic, index), outcome) in partitions.into_iter().zip(outcomes) {
        let result = PartitionResult::default().with_partition_id(index);
        let result = match outcome {
            Err((ErrorCode::ELECTION_NOT_NEEDED, _)) if all => continue,
            Ok(()) => result,
            Err((code, message)) => {
                result.with_error_code(code.0).with_error_message(Some(StrBytes::from_string(message)))
            }
        };
        results.entry(topic).or_default().push(result);
    }
    let results = results.into_iter().map(|(topic, partitions)| {
        ReplicaElectionResult::default()
            .with_topic(TopicName(StrBytes::from_string(topic)))
            .with_partition_result(partitions)
    });
    ElectLeadersResponse::default().with_replica_election_results(results.collect())
}
