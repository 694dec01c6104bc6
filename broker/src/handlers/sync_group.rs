//! SyncGroup, versions 0 to 5: the leader brings the assignment, everyone fetches its own.
//!
//! 3 knows static members; 5 names protocol type and protocol, so that a member notices a mix-up.

use super::join_group::text;
use crate::context::BrokerContext;
use crate::coordinator::group::effects::SyncRequest;
use crate::server::RequestContext;
use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::messages::{SyncGroupRequest, SyncGroupResponse};
use std::sync::Arc;

/// Waits for the leader.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: SyncGroupRequest,
) -> SyncGroupResponse {
    // Version 5 requires what it brought; Kafka asks for it too.
    if version >= 5 && (request.protocol_type.is_none() || request.protocol_name.is_none()) {
        return SyncGroupResponse::default().with_error_code(ErrorCode::INCONSISTENT_GROUP_PROTOCOL.0);
    }
    let assignments = request.assignments.iter().map(|assignment| {
        (Arc::from(assignment.member_id.as_str()), Bytes::copy_from_slice(&assignment.assignment))
    });
    let sync = SyncRequest {
        member_id: Arc::from(request.member_id.as_str()),
        group_instance_id: request.group_instance_id.as_deref().map(Arc::from),
        generation: request.generation_id,
        protocol_type: request.protocol_type.as_deref().map(Arc::from),
        protocol: request.protocol_name.as_deref().map(Arc::from),
        assignments: assignments.collect(),
    };
    let reply = broker.groups.sync(&Arc::from(request.group_id.as_str()), sync).await;
    SyncGroupResponse::default()
        .with_error_code(reply.code.0)
        .with_protocol_type(reply.protocol_type.as_deref().filter(|_| version >= 5).map(text))
        .with_protocol_name(reply.protocol.as_deref().filter(|_| version >= 5).map(text))
        .with_assignment(reply.assignment)
}
