//! LeaveGroup, versions 0 to 5: members go, or are taken out. 3 takes several, by id or instance id (KIP-345).

use super::join_group::text;
use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use ottla_wire::messages::leave_group_response::{LeaveGroupResponse, MemberResponse};
use std::sync::Arc;

/// Before version 3 the one member's code is the code of the whole.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: LeaveGroupRequest,
) -> LeaveGroupResponse {
    let leaving = if version >= 3 {
        request.members
    } else {
        vec![MemberIdentity::default().with_member_id(request.member_id)]
    };
    for member in &leaving {
        if let Some(reason) = member.reason.as_deref().filter(|reason| !reason.is_empty()) {
            tracing::debug!(group = %&**request.group_id, member = %member.member_id, reason, "a member leaves");
        }
    }
    let members: Vec<(Arc<str>, Option<Arc<str>>)> = leaving
        .iter()
        .map(|member| {
            (Arc::from(member.member_id.as_str()), member.group_instance_id.as_deref().map(Arc::from))
        })
        .collect();
    let response = LeaveGroupResponse::default();
    match broker.groups.leave(&Arc::from(request.group_id.as_str()), &members).await {
        Err(code) => response.with_error_code(code.0),
        Ok(codes) if version < 3 => {
            response.with_error_code(codes.first().copied().unwrap_or(ErrorCode::NONE).0)
        }
        Ok(codes) => {
            let members = members.iter().zip(codes).map(|((member_id, instance), code)| {
                MemberResponse::default()
                    .with_member_id(text(member_id))
                    .with_group_instance_id(instance.as_deref().map(text))
                    .with_error_code(code.0)
            });
            response.with_members(members.collect())
        }
    }
}
