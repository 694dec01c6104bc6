//! The group's requests, independent of the version they are sent in.

use crate::group::classic::GroupMetadata;
use bytes::Bytes;
use ottla_wire::messages::join_group_request::JoinGroupRequestProtocol;
use ottla_wire::messages::leave_group_request::MemberIdentity;
use ottla_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use ottla_wire::messages::{
    GroupId, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest,
};
use ottla_wire::protocol::StrBytes;
use std::time::Duration;

/// The protocol type of consumers.
const PROTOCOL_TYPE: &str = "consumer";

/// A request to the coordinator.
#[derive(Clone, Debug)]
pub(crate) enum GroupRequest {
    Join(JoinParts),
    Sync(SyncParts),
    Heartbeat(HeartbeatParts),
    Leave(LeaveParts),
}

#[derive(Clone, Debug)]
pub(crate) struct JoinParts {
    pub(crate) member: GroupMetadata,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    pub(crate) protocols: Vec<(&'static str, Bytes)>,
    pub(crate) reason: &'static str,
    /// How long the answer may take.
    pub(crate) timeout: Duration,
}

#[derive(Clone, Debug)]
pub(crate) struct SyncParts {
    pub(crate) member: GroupMetadata,
    pub(crate) protocol_name: &'static str,
    /// The leader's; empty from others.
    pub(crate) assignments: Vec<(String, Bytes)>,
    /// How long the answer may take.
    pub(crate) timeout: Duration,
}

#[derive(Clone, Debug)]
pub(crate) struct HeartbeatParts {
    pub(crate) member: GroupMetadata,
}

#[derive(Clone, Debug)]
pub(crate) struct LeaveParts {
    pub(crate) member: GroupMetadata,
    pub(crate) reason: &'static str,
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn group(member: &GroupMetadata) -> GroupId {
    GroupId(text(&member.group_id))
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

impl GroupMetadata {
    /// Only versions that know static members may carry it.
    fn instance(&self, version: i16, since: i16) -> Option<StrBytes> {
        self.group_instance_id.as_deref().filter(|_| version >= since).map(text)
    }
}

impl JoinParts {
    pub(crate) fn to_request(&self, version: i16) -> JoinGroupRequest {
        let protocols = self
            .protocols
            .iter()
            .map(|(name, metadata)| {
                JoinGroupRequestProtocol::default().with_name(text(name)).with_metadata(metadata.clone())
            })
            .collect();
        let mut request = JoinGroupRequest::default()
            .with_group_id(group(&self.member))
            .with_session_timeout_ms(millis(self.session_timeout))
            .with_member_id(text(&self.member.member_id))
            .with_group_instance_id(self.member.instance(version, 5))
            .with_protocol_type(text(PROTOCOL_TYPE))
            .with_protocols(protocols);
        if version >= 1 {
            request.rebalance_timeout_ms = millis(self.rebalance_timeout);
        }
        if version >= 8 && !self.reason.is_empty() {
            request.reason = Some(text(self.reason));
        }
        request
    }
}

impl SyncParts {
    pub(crate) fn to_request(&self, version: i16) -> SyncGroupRequest {
        let assignments = self
            .assignments
            .iter()
            .map(|(member, assignment)| {
                SyncGroupRequestAssignment::default()
                    .with_member_id(text(member))
                    .with_assignment(assignment.clone())
            })
            .collect();
        let mut request = SyncGroupRequest::default()
            .with_group_id(group(&self.member))
            .with_generation_id(self.member.generation_id)
            .with_member_id(text(&self.member.member_id))
            .with_group_instance_id(self.member.instance(version, 3))
            .with_assignments(assignments);
        if version >= 5 {
            request.protocol_type = Some(text(PROTOCOL_TYPE));
            request.protocol_name = Some(text(self.protocol_name));
        }
        request
    }
}

impl HeartbeatParts {
    pub(crate) fn to_request(&self, version: i16) -> HeartbeatRequest {
        HeartbeatRequest::default()
            .with_group_id(group(&self.member))
            .with_generation_id(self.member.generation_id)
            .with_member_id(text(&self.member.member_id))
            .with_group_instance_id(self.member.instance(version, 3))
    }
}

impl LeaveParts {
    pub(crate) fn to_request(&self, version: i16) -> LeaveGroupRequest {
        let request = LeaveGroupRequest::default().with_group_id(group(&self.member));
        if version < 3 {
            return request.with_member_id(text(&self.member.member_id));
        }
        let identity = MemberIdentity::default()
            .with_member_id(text(&self.member.member_id))
            .with_group_instance_id(self.member.instance(version, 3))
            .with_reason((version >= 5).then(|| text(self.reason)));
        request.with_members(vec![identity])
    }
}
