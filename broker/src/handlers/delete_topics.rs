//! DeleteTopics, versions 1 to 6: topics go, with their records and configuration.
//!
//! 5 tells why in words; 6 names topics by name or id.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::TopicName;
use ottla_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use ottla_wire::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Deletes each topic by itself; one named twice is refused the second time.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: DeleteTopicsRequest,
) -> DeleteTopicsResponse {
    let asked: Vec<DeleteTopicState> = if version >= 6 {
        request.topics
    } else {
        request
            .topic_names
            .into_iter()
            .map(|name| DeleteTopicState::default().with_name(Some(name)))
            .collect()
    };
    if !broker.config.boolean("delete.topic.enable") {
        let code = if version < 3 { ErrorCode::INVALID_REQUEST } else { ErrorCode::TOPIC_DELETION_DISABLED };
        let refused =
            asked.iter().map(|topic| answer(topic, Err((code, "Topic deletion is disabled.".to_owned()))));
        return DeleteTopicsResponse::default().with_responses(refused.collect());
    }
    let image = broker.metadata.snapshot();
    let mut named = BTreeSet::new();
    let resolved: Vec<Result<Uuid, (ErrorCode, String)>> = asked
        .iter()
        .map(|topic| {
            let found = match &topic.name {
                Some(_) if !topic.topic_id.is_nil() => {
                    return Err((
                        ErrorCode::INVALID_REQUEST,
                        "Topic name and topic id can not both be specified.".to_owned(),
                    ));
                }
                Some(name) => image.topic(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                None => image.topic_by_id(topic.topic_id).ok_or(ErrorCode::UNKNOWN_TOPIC_ID),
            };
            let id = found.map_err(|code| (code, code.message().to_owned()))?.id;
            if named.insert(id) {
                Ok(id)
            } else {
                Err((ErrorCode::INVALID_REQUEST, "Duplicate topic.".to_owned()))
            }
        })
        .collect();
    let ids = resolved.iter().filter_map(|resolved| resolved.as_ref().ok().copied()).collect();
    let mut deleted = broker.controller.delete_topics(ids).await.into_iter();
    let responses = asked.iter().zip(resolved).map(|(topic, resolved)| {
        let outcome = resolved.and_then(|_| match deleted.next() {
            Some(deleted) => deleted.map(|topic| (topic.name.to_string(), topic.id)),
            None => Err((ErrorCode::UNKNOWN_SERVER_ERROR, "the controller gave no answer".to_owned())),
        });
        answer(topic, outcome)
    });
    DeleteTopicsResponse::default().with_responses(responses.collect())
}

fn answer(
    asked: &DeleteTopicState,
    outcome: Result<(String, Uuid), (ErrorCode, String)>,
) -> DeletableTopicResult {
    match outcome {
        Ok((name, id)) => DeletableTopicResult::default()
            .with_name(Some(TopicName(StrBytes::from_string(name))))
            .with_topic_id(id),
        Err((code, message)) => DeletableTopicResult::default()
            .with_name(asked.name.clone())
            .with_topic_id(asked.topic_id)
            .with_error_code(code.0)
            .with_error_message(Some(StrBytes::from_string(message))),
    }
}
