//! DescribeGroups, versions 0 to 6: state and members of classic groups.
//!
//! 3 can ask for authorized operations; 4 knows static members; 6 says GROUP_ID_NOT_FOUND where earlier versions say that
//! a group is dead.

use super::authorized_operations;
use super::join_group::text;
use crate::context::BrokerContext;
use crate::coordinator::group::{Group, GroupState};
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::describe_groups_response::{
    DescribeGroupsResponse, DescribedGroup, DescribedGroupMember,
};
use ottla_wire::messages::{DescribeGroupsRequest, GroupId};
use std::sync::Arc;

/// Answers group by group.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let mut groups = Vec::with_capacity(request.groups.len());
    for group_id in request.groups {
        let described =
            broker.groups.look(&group_id, |group| group.map(|group| describe(version, group))).await;
        let mut described = match described {
            Ok(Some(described)) => described,
            Ok(None) if version >= 6 => {
                let message = format!("Group {} not found.", &**group_id);
                refused(ErrorCode::GROUP_ID_NOT_FOUND)
                    .with_group_state(text("Dead"))
                    .with_error_message(Some(text(&message)))
            }
            Ok(None) => refused(ErrorCode::NONE).with_group_state(text("Dead")),
            Err(code) => refused(code),
        };
        if version >= 3 && request.include_authorized_operations && described.error_code == 0 {
            described.authorized_operations = authorized_operations::GROUP;
        }
        groups.push(described.with_group_id(GroupId(group_id.0.clone())));
    }
    DescribeGroupsResponse::default().with_groups(groups)
}

fn refused(code: ErrorCode) -> DescribedGroup {
    DescribedGroup::default().with_error_code(code.0)
}

fn describe(version: i16, group: &Group) -> DescribedGroup {
    let classic = &group.classic;
    // Before that the members' words are in flux.
    let is_stable = classic.state() == GroupState::Stable;
    let metadata = classic.metadata(None);
    let members = metadata.members.into_iter().map(|member| {
        let described = DescribedGroupMember::default()
            .with_member_id(text(&member.member_id))
            .with_group_instance_id(member.group_instance_id.as_deref().filter(|_| version >= 4).map(text))
            .with_client_id(text(&member.client_id))
            .with_client_host(text(&member.client_host));
        if is_stable {
            described.with_member_metadata(member.subscription).with_member_assignment(member.assignment)
        } else {
            described
        }
    });
    DescribedGroup::default()
        .with_group_state(text(classic.state().name()))
        .with_protocol_type(text(&metadata.protocol_type))
        .with_protocol_data(text(metadata.protocol.as_deref().filter(|_| is_stable).unwrap_or("")))
        .with_members(members.collect())
}
