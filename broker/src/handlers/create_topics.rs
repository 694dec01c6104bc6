//! CreateTopics, versions 2 to 7: topics come to be.
//!
//! 4 lets counts default to the broker's; 5 tells what was made; 7 tells topic ids.

use super::describe_configs::{Sources, Synonym};
use crate::config::{ConfigKey, TOPIC_KEYS};
use crate::context::BrokerContext;
use crate::controller::NewTopic;
use crate::metadata::MetadataImage;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use ottla_wire::messages::create_topics_response::{
    CreatableTopicConfigs, CreatableTopicResult, CreateTopicsResponse,
};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Creates each topic by itself; one named twice is refused in both places.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    version: i16,
    request: CreateTopicsRequest,
) -> CreateTopicsResponse {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &request.topics {
        *times.entry(&topic.name).or_default() += 1;
    }
    let (once, twice): (Vec<_>, Vec<_>) = request.topics.iter().partition(|topic| times[&**topic.name] == 1);
    let created = broker
        .controller
        .create_topics(
            once.iter().map(|topic| new_topic(topic)).collect(),
            request.validate_only,
            context.peer,
        )
        .await;
    let image = broker.metadata.snapshot();
    let mut results: Vec<CreatableTopicResult> = once
        .iter()
        .zip(created)
        .map(|(asked, created)| {
            let result = CreatableTopicResult::default().with_name(asked.name.clone());
            match created {
                Ok(created) => {
                    let id = if request.validate_only { uuid::Uuid::nil() } else { created.topic.id };
                    let result = result.with_topic_id(if version >= 7 { id } else { uuid::Uuid::nil() });
                    result
                        .with_num_partitions(if version >= 5 {
                            created.topic.partitions.len() as i32
                        } else {
                            -1
                        })
                        .with_replication_factor(if version >= 5 { created.replication_factor } else { -1 })
                        .with_configs(Some(configs(broker, &image, asked)))
                }
                Err((code, message)) => refused(result, code, message),
            }
        })
        .collect();
    let mut named: Vec<_> = twice.iter().map(|topic| &topic.name).collect();
    named.sort();
    named.dedup();
    results.extend(named.into_iter().map(|name| {
        let result = CreatableTopicResult::default().with_name(name.clone());
        refused(result, ErrorCode::INVALID_REQUEST, "Duplicate topic name.".to_owned())
    }));
    CreateTopicsResponse::default().with_topics(results)
}

/// The effective configuration of a new topic: its own values over the broker's over the defaults.
fn configs(
    broker: &BrokerContext,
    image: &MetadataImage,
    topic: &CreatableTopic,
) -> Vec<CreatableTopicConfigs> {
    let mut sources = Sources::of(broker, image);
    // Of a topic that was only validated, the image knows nothing.
    let own = topic
        .configs
        .iter()
        .filter_map(|config| Some((Arc::from(&*config.name), Arc::from(&**config.value.as_ref()?))));
    sources.own = own.collect();
    let rows = TOPIC_KEYS.values().filter_map(|key| Some((key, sources.of_topic(key).into_iter().next()?)));
    let row = |(key, effective): (&'static ConfigKey, Synonym)| {
        CreatableTopicConfigs::default()
            .with_name(StrBytes::from_static_str(key.name))
            .with_value(effective.value.shown().map(StrBytes::from_string))
            .with_config_source(effective.source)
            .with_is_sensitive(false)
            .with_read_only(false)
    };
    rows.map(row).collect()
}

fn refused(result: CreatableTopicResult, code: ErrorCode, message: String) -> CreatableTopicResult {
    result
        .with_error_code(code.0)
        .with_error_message(Some(StrBytes::from_string(message)))
        .with_num_partitions(-1)
        .with_replication_factor(-1)
        .with_configs(Some(Vec::new()))
}

fn new_topic(topic: &CreatableTopic) -> NewTopic {
    let assignments = topic.assignments.iter().map(|assignment| {
        (assignment.partition_index, assignment.broker_ids.iter().map(|id| id.0).collect())
    });
    let configs = topic.configs.iter();
    let configs =
        configs.map(|config| (config.name.to_string(), config.value.as_ref().map(|value| value.to_string())));
    NewTopic {
        name: topic.name.to_string(),
        partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: assignments.collect(),
        configs: configs.collect(),
    }
}
