//! Groups: list, describe, delete, remove members.

use super::common::{AclOperation, TopicPartition, call, wrong_field, wrong_item};
use super::shape::{PerItem, given, operations, told, words};
use crate::admin::{
    Admin, GroupDescription as CoreDescription, GroupListing as CoreListing, GroupType as CoreType,
    ListGroupsFilter, MemberDescription as CoreMember, MemberToRemove as CoreToRemove,
};
use crate::error::Error;
use crate::record::TopicPartition as CorePartition;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

words! {
    /// Which protocol a group is kept by.
    GroupType {
        /// Members assign.
        Classic = "CLASSIC",
        /// The coordinator assigns (KIP-848).
        Consumer = "CONSUMER",
        /// Records are shared (KIP-932).
        Share = "SHARE",
        /// Kafka Streams (KIP-1071).
        Streams = "STREAMS",
        /// Newer than this library, or not said by the broker.
        Unknown = "UNKNOWN",
    }
}

given! {
    /// A member to remove from a group: by one of its two names.
    MemberToRemove {
        /// Its `group.instance.id`; then no member id.
        group_instance_id: Option<String> = "null",
        /// Its member id; then no `group.instance.id`.
        member_id: Option<String> = "null",
    }
}

told! {
    /// A group in a list.
    GroupListing {
        /// Its id.
        group_id: String,
        /// Which protocol it is kept by.
        group_type: GroupType,
        /// `consumer` for groups of consumers, else whatever its members call it.
        protocol_type: String,
        /// Kafka's name of its state, such as `Stable`; empty from old brokers.
        state: String,
    }

    /// A group described.
    GroupDescription {
        /// Its id.
        group_id: String,
        /// Which protocol it is kept by.
        group_type: GroupType,
        /// Kafka's name of its state, such as `Stable`.
        state: String,
        /// The assignor in use.
        assignor: String,
        /// The broker that coordinates it, where known.
        coordinator: Option<i32>,
        /// Epoch of the group, with the consumer protocol.
        group_epoch: Option<i32>,
        /// Epoch of its target assignment, with the consumer protocol.
        assignment_epoch: Option<i32>,
        /// Its members.
        members: Vec<MemberDescription>,
        /// What this principal may do with it; nothing when the broker does not say.
        authorized_operations: Option<Vec<AclOperation>>,
    }

    /// A member of a group.
    MemberDescription {
        /// Its id.
        member_id: String,
        /// Its `group.instance.id`, if it has one.
        group_instance_id: Option<String>,
        /// Its `client.id`.
        client_id: String,
        /// The address it came from.
        host: String,
        /// Its rack, with the consumer protocol.
        rack_id: Option<String>,
        /// Its epoch, with the consumer protocol.
        member_epoch: Option<i32>,
        /// The partitions it has.
        assignment: Vec<TopicPartition>,
        /// The partitions it shall have, with the consumer protocol.
        target_assignment: Option<Vec<TopicPartition>>,
    }
}

operations! {
    /// Lists the groups of all brokers, by id. A broker that cannot be asked fails the call: a list with holes would mislead.
    list_groups: ListGroups {
        /// Only groups in these states, by Kafka's names, such as `Stable`; if left out, in all.
        states: Vec<String> = "[]",
        /// Only groups of these types; if left out, of all.
        types: Vec<GroupType> = "[]",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> BTreeMap<String, GroupListing>,
    errors "Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for states at brokers before 2.6 and for types at brokers before 3.8, InvalidArgument for the type UNKNOWN. Groups that this principal may not describe are left out.",
    source "ListGroups (KIP-518, KIP-848)";

    /// Describes consumer groups of either protocol, asked at their coordinators.
    describe_consumer_groups: DescribeConsumerGroups {
        /// Ids of the groups.
        group_ids: Vec<String>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<String, GroupDescription>,
    errors "Per group: GROUP_ID_NOT_FOUND (brokers before 4.0 describe it as `Dead`), GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE.",
    source "ConsumerGroupDescribe, DescribeGroups (KIP-430, KIP-848, KIP-1043)";

    /// Deletes groups without members, and with them their offsets.
    delete_consumer_groups: DeleteConsumerGroups {
        /// Ids of the groups.
        group_ids: Vec<String>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<String, ()>,
    errors "Per group: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE.",
    source "DeleteGroups (KIP-229)";

    /// Removes members from a group, so that it rebalances without them at once.
    remove_members_from_consumer_group: RemoveMembersFromConsumerGroup {
        /// The group's id.
        group_id: String,
        /// The members to remove.
        members: Vec<MemberToRemove>,
        /// Why, for the broker's log.
        reason: Option<String> = "null",
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<MemberToRemove, ()>,
    errors "Per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Of the call: GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, InvalidArgument for a member with two names or none.",
    source "LeaveGroup (KIP-345, KIP-571, KIP-800)";
}

async fn list_groups(admin: Admin, given: ListGroups) -> Result<BTreeMap<String, GroupListing>, Error> {
    let mut types = BTreeSet::new();
    for (index, group_type) in given.types.into_iter().enumerate() {
        let name = match group_type {
            GroupType::Classic => "classic",
            GroupType::Consumer => "consumer",
            GroupType::Share => "share",
            GroupType::Streams => "streams",
            GroupType::Unknown => {
                let problem = "UNKNOWN comes in results only";
                return Err(wrong_item("list_groups", "types", index, problem));
            }
        };
        types.insert(name.to_owned());
    }
    let filter = ListGroupsFilter { states: given.states.into_iter().collect(), types };
    let groups = admin.list_groups(filter, call(given.timeout)).await?;
    Ok(groups.into_iter().map(|(id, group)| (id, group.into())).collect())
}

async fn describe_consumer_groups(
    admin: Admin,
    given: DescribeConsumerGroups,
) -> Result<PerItem<String, GroupDescription>, Error> {
    let results = admin.describe_consumer_groups(given.group_ids, call(given.timeout)).await?;
    Ok(PerItem::from(results, |group| group, GroupDescription::from))
}

async fn delete_consumer_groups(
    admin: Admin,
    given: DeleteConsumerGroups,
) -> Result<PerItem<String, ()>, Error> {
    let results = admin.delete_consumer_groups(given.group_ids, call(given.timeout)).await?;
    Ok(PerItem::from(results, |group| group, |()| ()))
}

async fn remove_members_from_consumer_group(
    admin: Admin,
    given: RemoveMembersFromConsumerGroup,
) -> Result<PerItem<MemberToRemove, ()>, Error> {
    let mut members = Vec::with_capacity(given.members.len());
    for (index, member) in given.members.into_iter().enumerate() {
        members.push(match (member.member_id, member.group_instance_id) {
            (Some(id), None) => CoreToRemove::MemberId(id),
            (None, Some(id)) => CoreToRemove::GroupInstanceId(id),
            (id, _) => {
                let problem = if id.is_some() {
                    "there must be no member id beside it"
                } else {
                    "this or a member id is required"
                };
                let operation = "remove_members_from_consumer_group";
                return Err(wrong_field(operation, "members", index, "group_instance_id", problem));
            }
        });
    }
    let results = admin
        .remove_members_from_consumer_group(
            &given.group_id,
            members,
            given.reason.as_deref(),
            call(given.timeout),
        )
        .await?;
    let member = |member| match member {
        CoreToRemove::MemberId(id) => MemberToRemove { group_instance_id: None, member_id: Some(id) },
        CoreToRemove::GroupInstanceId(id) => MemberToRemove { group_instance_id: Some(id), member_id: None },
    };
    Ok(PerItem::from(results, member, |()| ()))
}

impl From<CoreType> for GroupType {
    fn from(group_type: CoreType) -> Self {
        match group_type {
            CoreType::Classic => Self::Classic,
            CoreType::Consumer => Self::Consumer,
            CoreType::Share => Self::Share,
            CoreType::Streams => Self::Streams,
            CoreType::Other(_) => Self::Unknown,
        }
    }
}

impl From<CoreListing> for GroupListing {
    fn from(group: CoreListing) -> Self {
        Self {
            group_id: group.group_id,
            group_type: group.group_type.into(),
            protocol_type: group.protocol_type,
            state: group.state,
        }
    }
}

impl From<CoreDescription> for GroupDescription {
    fn from(group: CoreDescription) -> Self {
        Self {
            group_id: group.group_id,
            group_type: group.group_type.into(),
            state: group.state,
            assignor: group.assignor,
            coordinator: group.coordinator.map(|node| node.0),
            group_epoch: group.group_epoch,
            assignment_epoch: group.assignment_epoch,
            members: group.members.into_iter().map(MemberDescription::from).collect(),
            authorized_operations: AclOperation::unpack(group.authorized_operations),
        }
    }
}

impl From<CoreMember> for MemberDescription {
    fn from(member: CoreMember) -> Self {
        let partitions = |partitions: BTreeSet<CorePartition>| {
            partitions.into_iter().map(TopicPartition::from).collect::<Vec<_>>()
        };
        Self {
            member_id: member.member_id,
            group_instance_id: member.group_instance_id,
            client_id: member.client_id,
            host: member.host,
            rack_id: member.rack_id,
            member_epoch: member.member_epoch,
            assignment: partitions(member.assignment),
            target_assignment: member.target_assignment.map(partitions),
        }
    }
}
