//! Groups: list, describe, delete, remove members.

use super::fan_out::{Results, Route, fan_out, single};
use super::wire_types::{check, group_id, operations, text};
use super::{Admin, CallOptions};
use crate::client::{CoordinatorKind, Target};
use crate::error::{Error, ErrorKind};
use crate::group::subscription::Assignment;
use crate::metadata::NodeId;
use crate::record::TopicPartition;
use ottla_wire::ErrorCode;
use ottla_wire::messages::leave_group_request::MemberIdentity;
use ottla_wire::messages::{
    ConsumerGroupDescribeRequest, DeleteGroupsRequest, DescribeGroupsRequest, LeaveGroupRequest,
    ListGroupsRequest, consumer_group_describe_response, describe_groups_response,
};
use std::collections::{BTreeMap, BTreeSet};

const LIST: &str = "list groups";
const DESCRIBE: &str = "describe consumer groups";
const DELETE: &str = "delete consumer groups";
const REMOVE: &str = "remove members from consumer group";

/// Which protocol a group is kept by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupType {
    /// Members assign.
    Classic,
    /// The coordinator assigns (KIP-848).
    Consumer,
    /// Records are shared (KIP-932).
    Share,
    /// Kafka Streams (KIP-1071).
    Streams,
    /// Newer than this library, or not said.
    Other(String),
}

impl GroupType {
    fn read(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "classic" => Self::Classic,
            "consumer" => Self::Consumer,
            "share" => Self::Share,
            "streams" => Self::Streams,
            _ => Self::Other(text.to_owned()),
        }
    }
}

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupListing {
    /// Its id.
    pub group_id: String,
    /// `consumer` for classic consumer groups, else whatever its members call it.
    pub protocol_type: String,
    /// Kafka's name of its state, such as `Stable`; empty from old brokers.
    pub state: String,
    /// Which protocol it is kept by.
    pub group_type: GroupType,
}

/// Which groups to list; empty sets mean all.
#[derive(Clone, Debug, Default)]
pub struct ListGroupsFilter {
    /// Only groups in these states, by Kafka's names.
    pub states: BTreeSet<String>,
    /// Only groups of these types: `classic`, `consumer`, `share`, `streams`.
    pub types: BTreeSet<String>,
}

/// A group described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    /// Its id.
    pub group_id: String,
    /// Kafka's name of its state, such as `Stable`.
    pub state: String,
    /// Which protocol it is kept by.
    pub group_type: GroupType,
    /// The assignor in use.
    pub assignor: String,
    /// Its coordinator.
    pub coordinator: Option<NodeId>,
    /// Epoch of the group, with the consumer protocol.
    pub group_epoch: Option<i32>,
    /// Epoch of its target assignment, with the consumer protocol.
    pub assignment_epoch: Option<i32>,
    /// Its members.
    pub members: Vec<MemberDescription>,
    /// What this principal may do, as the bits of Kafka's ACL operations; `None` when the broker does not say.
    pub authorized_operations: Option<i32>,
}

/// A member described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDescription {
    /// Its id.
    pub member_id: String,
    /// Its `group.instance.id`.
    pub group_instance_id: Option<String>,
    /// Its `client.id`.
    pub client_id: String,
    /// The address it came from.
    pub host: String,
    /// Its rack, with the consumer protocol.
    pub rack_id: Option<String>,
    /// Its epoch, with the consumer protocol.
    pub member_epoch: Option<i32>,
    /// The partitions it has.
    pub assignment: BTreeSet<TopicPartition>,
    /// The partitions it shall have, with the consumer protocol.
    pub target_assignment: Option<BTreeSet<TopicPartition>>,
}

/// A member to remove.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberToRemove {
    /// By member id.
    MemberId(String),
    /// By `group.instance.id`.
    GroupInstanceId(String),
}

impl Admin {
    /// Lists the groups of all brokers. A broker that cannot be asked fails the call: a list with holes would mislead.
    pub async fn list_groups(
        &self,
        filter: ListGroupsFilter,
        options: CallOptions,
    ) -> Result<BTreeMap<String, GroupListing>, Error> {
        let deadline = self.deadline(options.timeout);
        let filter = &filter;
        let snapshot = self.client.metadata().refreshed(LIST, deadline).await?;
        let results = fan_out(
            &self.client,
            LIST,
            snapshot.brokers.keys().copied(),
            |node| Route::Node(*node),
            deadline,
            |target, nodes: Vec<NodeId>| async move {
                let oldest = if !filter.types.is_empty() {
                    5
                } else if !filter.states.is_empty() {
                    4
                } else {
                    0
                };
                let response = self
                    .client
                    .call(
                        target,
                        oldest..=5,
                        |_| {
                            ListGroupsRequest::default()
                                .with_states_filter(filter.states.iter().map(|state| text(state)).collect())
                                .with_types_filter(filter.types.iter().map(|kind| text(kind)).collect())
                        },
                        deadline,
                    )
                    .await?;
                check(response.error_code, None, LIST)?;
                let listings: Vec<_> = response
                    .groups
                    .into_iter()
                    .map(|group| GroupListing {
                        group_id: group.group_id.0.to_string(),
                        protocol_type: group.protocol_type.to_string(),
                        state: group.group_state.to_string(),
                        group_type: GroupType::read(&group.group_type),
                    })
                    .collect();
                Ok(nodes.into_iter().map(|node| (node, Ok(listings.clone()))).collect())
            },
        )
        .await;
        let mut groups = BTreeMap::new();
        for listings in results.into_values() {
            for listing in listings? {
                groups.insert(listing.group_id.clone(), listing);
            }
        }
        Ok(groups)
    }

    /// Describes consumer groups of either protocol. A group that does not exist is `GROUP_ID_NOT_FOUND`; brokers before
    /// 4.0 describe it as `Dead`.
    pub async fn describe_consumer_groups(
        &self,
        groups: impl IntoIterator<Item = impl Into<String>>,
        options: CallOptions,
    ) -> Result<Results<String, GroupDescription>, Error> {
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            DESCRIBE,
            groups.into_iter().map(Into::into),
            |group: &String| Route::Coordinator(CoordinatorKind::Group, group.clone()),
            deadline,
            |target, groups: Vec<String>| async move {
                let coordinator = target.node();
                let mut answers = Vec::new();
                let mut classic = Vec::new();
                let response = self
                    .client
                    .call(
                        target.clone(),
                        0..=1,
                        |_| {
                            ConsumerGroupDescribeRequest::default()
                                .with_group_ids(groups.iter().map(|group| group_id(group)).collect())
                                .with_include_authorized_operations(true)
                        },
                        deadline,
                    )
                    .await;
                match response {
                    Ok(response) => {
                        for group in response.groups {
                            let name = group.group_id.0.to_string();
                            // The coordinator has no such group of the consumer protocol: ask for a classic one.
                            if matches!(
                                ErrorCode(group.error_code),
                                ErrorCode::GROUP_ID_NOT_FOUND | ErrorCode::UNSUPPORTED_VERSION
                            ) {
                                classic.push(name);
                                continue;
                            }
                            let result = check(group.error_code, group.error_message.as_ref(), DESCRIBE)
                                .map_err(|error| error.with_context("group", &name))
                                .map(|()| consumer_description(group, coordinator));
                            answers.push((name, result));
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::Unsupported => classic = groups,
                    Err(error) => return Err(error),
                }
                if !classic.is_empty() {
                    answers.extend(self.describe_classic(target, classic, coordinator, deadline).await?);
                }
                Ok(answers)
            },
        )
        .await)
    }

    async fn describe_classic(
        &self,
        target: Target,
        groups: Vec<String>,
        coordinator: Option<NodeId>,
        deadline: std::time::Instant,
    ) -> Result<Vec<(String, Result<GroupDescription, Error>)>, Error> {
        let response = self
            .client
            .call(
                target,
                0..=6,
                |version| {
                    DescribeGroupsRequest::default()
                        .with_groups(groups.iter().map(|group| group_id(group)).collect())
                        .with_include_authorized_operations(version >= 3)
                },
                deadline,
            )
            .await?;
        Ok(response
            .groups
            .into_iter()
            .map(|group| {
                let name = group.group_id.0.to_string();
                let result = check(group.error_code, group.error_message.as_ref(), DESCRIBE)
                    .map_err(|error| error.with_context("group", &name))
                    .map(|()| classic_description(group, coordinator));
                (name, result)
            })
            .collect())
    }

    /// Deletes groups without members, and with them their offsets.
    pub async fn delete_consumer_groups(
        &self,
        groups: impl IntoIterator<Item = impl Into<String>>,
        options: CallOptions,
    ) -> Result<Results<String, ()>, Error> {
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            DELETE,
            groups.into_iter().map(Into::into),
            |group: &String| Route::Coordinator(CoordinatorKind::Group, group.clone()),
            deadline,
            |target, groups: Vec<String>| async move {
                let response = self
                    .client
                    .call(
                        target,
                        0..=2,
                        |_| {
                            DeleteGroupsRequest::default()
                                .with_groups_names(groups.iter().map(|group| group_id(group)).collect())
                        },
                        deadline,
                    )
                    .await?;
                Ok(response
                    .results
                    .into_iter()
                    .map(|row| {
                        let name = row.group_id.0.to_string();
                        let result = check(row.error_code, None, DELETE)
                            .map_err(|error| error.with_context("group", &name));
                        (name, result)
                    })
                    .collect())
            },
        )
        .await)
    }

    /// Removes members from a group, so that it rebalances without them at once.
    pub async fn remove_members_from_consumer_group(
        &self,
        group: &str,
        members: impl IntoIterator<Item = MemberToRemove>,
        reason: Option<&str>,
        options: CallOptions,
    ) -> Result<Results<MemberToRemove, ()>, Error> {
        let members: BTreeSet<_> = members.into_iter().collect();
        let members = &members;
        let deadline = self.deadline(options.timeout);
        let results = fan_out(
            &self.client,
            REMOVE,
            [()],
            |()| Route::Coordinator(CoordinatorKind::Group, group.to_owned()),
            deadline,
            |target, _| async move {
                let response = self
                    .client
                    .call(
                        target,
                        3..=5,
                        |version| {
                            let identities =
                                members.iter().map(|member| identity(member, reason, version)).collect();
                            LeaveGroupRequest::default()
                                .with_group_id(group_id(group))
                                .with_members(identities)
                        },
                        deadline,
                    )
                    .await?;
                check(response.error_code, None, REMOVE)
                    .map_err(|error| error.with_context("group", group))?;
                let removed = response
                    .members
                    .into_iter()
                    .map(|row| {
                        let member = match row.group_instance_id {
                            Some(instance) if row.member_id.is_empty() => {
                                MemberToRemove::GroupInstanceId(instance.to_string())
                            }
                            Some(instance)
                                if members
                                    .contains(&MemberToRemove::GroupInstanceId(instance.to_string())) =>
                            {
                                MemberToRemove::GroupInstanceId(instance.to_string())
                            }
                            _ => MemberToRemove::MemberId(row.member_id.to_string()),
                        };
                        let result = check(row.error_code, None, REMOVE)
                            .map_err(|error| error.with_context("group", group));
                        (member, result)
                    })
                    .collect::<Results<_, _>>();
                Ok(vec![((), Ok(removed))])
            },
        )
        .await;
        single(REMOVE, results)
    }
}

fn identity(member: &MemberToRemove, reason: Option<&str>, version: i16) -> MemberIdentity {
    let identity = match member {
        MemberToRemove::MemberId(id) => {
            MemberIdentity::default().with_member_id(text(id)).with_group_instance_id(None)
        }
        MemberToRemove::GroupInstanceId(id) => {
            MemberIdentity::default().with_group_instance_id(Some(text(id)))
        }
    };
    identity.with_reason(reason.filter(|_| version >= 5).map(text))
}

fn consumer_description(
    group: consumer_group_describe_response::DescribedGroup,
    coordinator: Option<NodeId>,
) -> GroupDescription {
    let assigned = |assignment: &consumer_group_describe_response::Assignment| {
        assignment
            .topic_partitions
            .iter()
            .flat_map(|topic| {
                topic
                    .partitions
                    .iter()
                    .map(|partition| TopicPartition::new(topic.topic_name.0.as_str(), *partition))
            })
            .collect()
    };
    GroupDescription {
        group_id: group.group_id.0.to_string(),
        state: group.group_state.to_string(),
        group_type: GroupType::Consumer,
        assignor: group.assignor_name.to_string(),
        coordinator,
        group_epoch: Some(group.group_epoch),
        assignment_epoch: Some(group.assignment_epoch),
        members: group
            .members
            .iter()
            .map(|member| MemberDescription {
                member_id: member.member_id.to_string(),
                group_instance_id: member.instance_id.as_ref().map(ToString::to_string),
                client_id: member.client_id.to_string(),
                host: member.client_host.to_string(),
                rack_id: member.rack_id.as_ref().map(ToString::to_string),
                member_epoch: Some(member.member_epoch),
                assignment: assigned(&member.assignment),
                target_assignment: Some(assigned(&member.target_assignment)),
            })
            .collect(),
        authorized_operations: operations(group.authorized_operations),
    }
}

fn classic_description(
    group: describe_groups_response::DescribedGroup,
    coordinator: Option<NodeId>,
) -> GroupDescription {
    let is_consumer = group.protocol_type.as_str() == "consumer";
    GroupDescription {
        group_id: group.group_id.0.to_string(),
        state: group.group_state.to_string(),
        group_type: GroupType::Classic,
        assignor: group.protocol_data.to_string(),
        coordinator,
        group_epoch: None,
        assignment_epoch: None,
        members: group
            .members
            .iter()
            .map(|member| MemberDescription {
                member_id: member.member_id.to_string(),
                group_instance_id: member.group_instance_id.as_ref().map(ToString::to_string),
                client_id: member.client_id.to_string(),
                host: member.client_host.to_string(),
                rack_id: None,
                member_epoch: None,
                // Other protocol types (Connect) have bytes of their own; during a rebalance there are none.
                assignment: if is_consumer && !member.member_assignment.is_empty() {
                    Assignment::decode(&member.member_assignment)
                        .map(|assignment| assignment.partitions.into_iter().collect())
                        .unwrap_or_default()
                } else {
                    BTreeSet::new()
                },
                target_assignment: None,
            })
            .collect(),
        authorized_operations: operations(group.authorized_operations),
    }
}
