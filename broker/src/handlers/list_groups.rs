//! ListGroups, versions 0 to 5: the groups this broker coordinates. 4 can ask for states, 5 for types.

use super::join_group::text;
use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::messages::list_groups_response::{ListGroupsResponse, ListedGroup};
use ottla_wire::messages::{GroupId, ListGroupsRequest};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;

const CLASSIC: &str = "classic";

/// Lists what fits the filters; an empty filter fits all.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: ListGroupsRequest,
) -> ListGroupsResponse {
    let fits = |filter: &[StrBytes], value: &str| {
        filter.is_empty() || filter.iter().any(|wanted| wanted.trim().eq_ignore_ascii_case(value))
    };
    let mut groups = Vec::new();
    let listed = broker.groups.for_each(|group_id, group| {
        let state = group.classic.state().name();
        if !fits(&request.states_filter, state) || !fits(&request.types_filter, CLASSIC) {
            return;
        }
        let protocol_type = group.classic.protocol_type().unwrap_or_default();
        groups.push(
            ListedGroup::default()
                .with_group_id(GroupId(text(group_id)))
                .with_protocol_type(text(protocol_type))
                .with_group_state(text(if version >= 4 { state } else { "" }))
                .with_group_type(text(if version >= 5 { CLASSIC } else { "" })),
        );
    });
    let response = ListGroupsResponse::default();
    match listed.await {
        Ok(()) => response.with_groups(groups),
        Err(code) => response.with_error_code(code.0),
    }
}
