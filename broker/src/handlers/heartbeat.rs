//! Heartbeat, versions 0 to 4: a member is there, and learns whether it must join anew. 3 knows static members.

use crate::context::BrokerContext;
use crate::coordinator::group::effects::Identity;
use crate::server::RequestContext;
use ottla_wire::messages::{HeartbeatRequest, HeartbeatResponse};
use std::sync::Arc;

/// Restarts the member's session.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: HeartbeatRequest,
) -> HeartbeatResponse {
    let who =
        Identity { member_id: &request.member_id, group_instance_id: request.group_instance_id.as_deref() };
    let code = broker.groups.heartbeat(&request.group_id, who, request.generation_id).await;
    HeartbeatResponse::default().with_error_code(code.0)
}
