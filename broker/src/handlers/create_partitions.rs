//! CreatePartitions, versions 0 to 3: a topic gets more partitions.

use crate::context::BrokerContext;
use crate::controller::MorePartitions;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic};
use ottla_wire::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes each topic by itself; one named twice is refused in both places.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    _version: i16,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &request.topics {
        *times.entry(&topic.name).or_default() += 1;
    }
    let once = request.topics.iter().filter(|topic| times[&**topic.name] == 1).map(more);
    let mut outcomes = broker
        .controller
        .create_partitions(once.collect(), request.validate_only, context.peer)
        .await
        .into_iter();
    let results = request.topics.iter().map(|topic| {
        let result = CreatePartitionsTopicResult::default().with_name(topic.name.clone());
        let outcome = if times[&**topic.name] == 1 {
            outcomes.next().unwrap_or(Ok(()))
        } else {
            Err((ErrorCode::INVALID_REQUEST, "Duplicate topic name.".to_owned()))
        };
        match outcome {
            Ok(()) => result.with_error_message(None),
            Err((code, message)) => {
                result.with_error_code(code.0).with_error_message(Some(StrBytes::from_string(message)))
            }
        }
    });
    CreatePartitionsResponse::default().with_results(results.collect())
}

fn more(topic: &CreatePartitionsTopic) -> MorePartitions {
    let assignments = topic
        .assignments
        .as_ref()
        .map(|rows| rows.iter().map(|row| row.broker_ids.iter().map(|broker| broker.0).collect()).collect());
    MorePartitions { name: topic.name.to_string(), count: topic.count, assignments }
}
