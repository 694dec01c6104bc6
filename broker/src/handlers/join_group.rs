//! JoinGroup, versions 0 to 9: become a member of a classic group.
//!
//! 1 has a rebalance timeout of its own; 4 gives out the member id before the member joins (KIP-394); 5 knows static
//! members; 7 tells the protocol type; 8 takes a reason; 9 can tell a leader to leave the assignment alone (KIP-814).

use crate::context::BrokerContext;
use crate::coordinator::group::effects::JoinRequest;
use crate::limits::Limit;
use crate::server::RequestContext;
use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::messages::JoinGroupRequest;
use ottla_wire::messages::join_group_response::{JoinGroupResponse, JoinGroupResponseMember};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;

/// Waits for the other members of the group.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    version: i16,
    request: JoinGroupRequest,
) -> JoinGroupResponse {
    if let Some(reason) = request.reason.as_deref().filter(|reason| !reason.is_empty()) {
        tracing::debug!(group = %&**request.group_id, member = %request.member_id, reason, "a member joins");
    }
    // Copied, so that a member does not hold on to the frame it came in.
    let protocols = request
        .protocols
        .iter()
        .map(|protocol| (Arc::from(protocol.name.as_str()), Bytes::copy_from_slice(&protocol.metadata)));
    let join = JoinRequest {
        member_id: Arc::from(request.member_id.as_str()),
        group_instance_id: request.group_instance_id.as_deref().map(Arc::from),
        client_id: Arc::from(context.client_id_or_empty()),
        client_host: Arc::from(format!("/{}", context.peer.ip().to_canonical())),
        session_timeout_ms: request.session_timeout_ms,
        rebalance_timeout_ms: if version >= 1 {
            request.rebalance_timeout_ms
        } else {
            request.session_timeout_ms
        },
        protocol_type: Arc::from(request.protocol_type.as_str()),
        protocols: protocols.collect(),
        requires_known_member_id: version >= 4,
        supports_skipping_assignment: version >= 9,
    };
    let reply = broker.groups.join(&Arc::from(request.group_id.as_str()), join).await;
    if reply.code == ErrorCode::POLICY_VIOLATION {
        broker.limits.hit(Limit::Groups, &context.peer);
    }
    let members = reply.members.into_iter().map(|(member_id, instance, metadata)| {
        JoinGroupResponseMember::default()
            .with_member_id(text(&member_id))
            .with_group_instance_id(instance.as_deref().filter(|_| version >= 5).map(text))
            .with_metadata(metadata)
    });
    // Until version 6 there is no null.
    let protocol = reply.protocol.as_deref().map(text).or_else(|| (version < 7).then(StrBytes::new));
    JoinGroupResponse::default()
        .with_error_code(reply.code.0)
        .with_generation_id(reply.generation)
        .with_protocol_type(reply.protocol_type.as_deref().filter(|_| version >= 7).map(text))
        .with_protocol_name(protocol)
        .with_leader(text(&reply.leader))
        .with_skip_assignment(version >= 9 && reply.skip_assignment)
        .with_member_id(text(&reply.member_id))
        .with_members(members.collect())
}

/// A string of a message.
pub(super) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}
