//! FindCoordinator, versions 0 to 6: which broker looks after a group.
//!
//! 1 has kinds of keys; 4 takes several keys; 5 knows TRANSACTION_ABORTABLE, which is not for this; 6 knows share groups.
//! The first one to ask brings the offsets topic into being. Left out: transactional ids and share groups, which have no
//! coordinator here.

use super::join_group::text;
use super::metadata::endpoints;
use crate::context::BrokerContext;
use crate::controller::NewTopic;
use crate::coordinator::group::OFFSETS_TOPIC;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::java_hash::coordinator_partition;
use ottla_wire::messages::find_coordinator_response::{Coordinator, FindCoordinatorResponse};
use ottla_wire::messages::{BrokerId, FindCoordinatorRequest};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;

/// Answers key by key.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    version: i16,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let key_type = if version >= 1 { request.key_type } else { GROUP };
    let mut coordinators = Vec::new();
    let keys = if version >= 4 { request.coordinator_keys } else { vec![request.key] };
    for key in keys {
        let (code, found) = match find(broker, context, key_type, &key).await {
            Ok(found) => (ErrorCode::NONE, found),
            Err(code) => (code, (-1, String::new(), -1)),
        };
        let (node_id, host, port) = found;
        let message = (code != ErrorCode::NONE).then(|| StrBytes::from_static_str(code.message()));
        coordinators.push(
            Coordinator::default()
                .with_key(key)
                .with_node_id(BrokerId(node_id))
                .with_host(text(&host))
                .with_port(port)
                .with_error_code(code.0)
                .with_error_message(message),
        );
    }
    let response = FindCoordinatorResponse::default();
    if version >= 4 {
        return response.with_coordinators(coordinators);
    }
    match coordinators.pop() {
        None => response.with_error_code(ErrorCode::INVALID_REQUEST.0),
        Some(only) => response
            .with_error_code(only.error_code)
            .with_error_message(only.error_message.filter(|_| version >= 1))
            .with_node_id(only.node_id)
            .with_host(only.host)
            .with_port(only.port),
    }
}

/// Node id, host and port of the coordinator of `key`.
async fn find(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    key_type: i8,
    key: &str,
) -> Result<(i32, String, i32), ErrorCode> {
    let topic = match key_type {
        GROUP => OFFSETS_TOPIC,
        TRANSACTION => return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
        _ => return Err(ErrorCode::INVALID_REQUEST),
    };
    if broker.metadata.image().topic(topic).is_none() {
        create(broker, context, topic).await?;
    }
    let image = broker.metadata.snapshot();
    let topic = image.topic(topic).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)?;
    let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
    let index = usize::try_from(coordinator_partition(key, count)).unwrap_or(0);
    let leader = topic.partitions.get(index).map_or(-1, |partition| partition.leader);
    let found = endpoints(&image, context).find(|(node_id, ..)| *node_id == leader);
    let (node_id, host, port, _) = found.ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)?;
    Ok((node_id, host, port))
}

/// Creates a coordinator's topic.
async fn create(broker: &Arc<BrokerContext>, context: &RequestContext, topic: &str) -> Result<(), ErrorCode> {
    let new = NewTopic::automatic(&broker.config, topic);
    match broker.controller.create_topics(vec![new], false, context.peer).await.pop() {
        // Or somebody else was first.
        Some(Ok(_) | Err((ErrorCode::TOPIC_ALREADY_EXISTS, _))) => Ok(()),
        Some(Err((code, problem))) => {
            tracing::warn!(topic, code = code.name(), problem, "a coordinator's topic could not be created");
            Err(ErrorCode::COORDINATOR_NOT_AVAILABLE)
        }
        None => Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
    }
}
