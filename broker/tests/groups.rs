//! Classic groups over the wire: joining, sharing, committing, and what survives whom.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_broker::Broker;
use ottla_wire::ErrorCode;
use ottla_wire::messages::join_group_request::JoinGroupRequestProtocol;
use ottla_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use ottla_wire::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use ottla_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use ottla_wire::messages::{
    FindCoordinatorRequest, GroupId, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse,
    LeaveGroupRequest, OffsetCommitRequest, OffsetFetchRequest, SyncGroupRequest,
};
use ottla_wire::protocol::StrBytes;
use support::{Client, broker, create_topic, topic_name};

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn group(name: &str) -> GroupId {
    GroupId(text(name))
}

/// A consumer's subscription to `topics`.
fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(topics.len() as i32);
    for topic in topics {
        bytes.put_i16(topic.len() as i16);
        bytes.put_slice(topic.as_bytes());
    }
    bytes.put_i32(-1);
    bytes.freeze()
}

fn join_request(member_id: &str, instance: Option<&str>) -> JoinGroupRequest {
    JoinGroupRequest::default()
        .with_group_id(group("group"))
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(10_000)
        .with_member_id(text(member_id))
        .with_group_instance_id(instance.map(text))
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![
            JoinGroupRequestProtocol::default()
                .with_name(text("range"))
                .with_metadata(subscription(&["topic"])),
        ])
}

fn sync_request(join: &JoinGroupResponse, assignments: &[(&str, &'static str)]) -> SyncGroupRequest {
    SyncGroupRequest::default()
        .with_group_id(group("group"))
        .with_generation_id(join.generation_id)
        .with_member_id(join.member_id.clone())
        .with_protocol_type(Some(text("consumer")))
        .with_protocol_name(Some(text("range")))
        .with_assignments(
            assignments
                .iter()
                .map(|(member, assignment)| {
                    SyncGroupRequestAssignment::default()
                        .with_member_id(text(member))
                        .with_assignment(Bytes::from_static(assignment.as_bytes()))
                })
                .collect(),
        )
}

/// A client with the offsets topic in place.
async fn client(broker: &Broker) -> Client {
    let mut client = Client::connect(broker).await;
    let request = FindCoordinatorRequest::default().with_coordinator_keys(vec![text("group")]);
    let response = client.call(4, &request).await;
    let found = &response.coordinators[0];
    assert_eq!(found.error_code, 0, "{found:?}");
    assert_eq!(i32::from(broker.addresses()[0].port()), found.port);
    client
}

/// Joins as a new member: first for an id, then with it.
async fn first_join(client: &mut Client) -> String {
    let response = client.call(9, &join_request("", None)).await;
    assert_eq!(response.error_code, ErrorCode::MEMBER_ID_REQUIRED.0);
    response.member_id.to_string()
}

async fn heartbeat(client: &mut Client, member_id: &str, generation: i32) -> ErrorCode {
    let request = HeartbeatRequest::default()
        .with_group_id(group("group"))
        .with_generation_id(generation)
        .with_member_id(text(member_id));
    ErrorCode(client.call(4, &request).await.error_code)
}

async fn commit(client: &mut Client, member_id: &str, generation: i32, offset: i64) -> ErrorCode {
    let partition = OffsetCommitRequestPartition::default()
        .with_partition_index(0)
        .with_committed_offset(offset)
        .with_committed_leader_epoch(3)
        .with_committed_metadata(Some(text("note")));
    let request = OffsetCommitRequest::default()
        .with_group_id(group("group"))
        .with_generation_id_or_member_epoch(generation)
        .with_member_id(text(member_id))
        .with_topics(vec![
            OffsetCommitRequestTopic::default()
                .with_name(topic_name("topic"))
                .with_partitions(vec![partition]),
        ]);
    ErrorCode(client.call(8, &request).await.topics[0].partitions[0].error_code)
}

/// The offset, leader epoch and metadata of `topic`-0.
async fn fetch_offset(client: &mut Client) -> (i64, i32, String) {
    let topic =
        OffsetFetchRequestTopics::default().with_name(topic_name("topic")).with_partition_indexes(vec![0]);
    let asked = OffsetFetchRequestGroup::default()
        .with_group_id(group("group"))
        .with_member_epoch(-1)
        .with_topics(Some(vec![topic]));
    let response = client.call(9, &OffsetFetchRequest::default().with_groups(vec![asked])).await;
    let fetched = &response.groups[0];
    assert_eq!(fetched.error_code, 0);
    let partition = &fetched.topics[0].partitions[0];
    assert_eq!(partition.error_code, 0);
    let metadata = partition.metadata.as_ref().unwrap().to_string();
    (partition.committed_offset, partition.committed_leader_epoch, metadata)
}

/// A member alone in a stable group; its id and generation.
async fn stable_member(client: &mut Client) -> (String, i32) {
    let id = first_join(client).await;
    let joined = client.call(9, &join_request(&id, None)).await;
    assert_eq!((joined.error_code, &*joined.leader), (0, &*id));
    let synced = client.call(5, &sync_request(&joined, &[(&id, "all")])).await;
    assert_eq!((synced.error_code, &synced.assignment[..]), (0, &b"all"[..]));
    (id, joined.generation_id)
}

#[tokio::test]
async fn two_members_share_and_the_one_left_takes_over() {
    let broker = broker(&[]).await;
    let (mut one, mut two) = (client(&broker).await, client(&broker).await);
    create_topic(&mut one, "topic", 1).await;
    let (first, generation) = stable_member(&mut one).await;
    assert_eq!(generation, 1);
    let second = first_join(&mut two).await;
    let waiting = two.send(9, &join_request(&second, None)).await;
    // The first learns of it by its heartbeat, as soon as the join has arrived.
    while heartbeat(&mut one, &first, 1).await == ErrorCode::NONE {}
    assert_eq!(heartbeat(&mut one, &first, 1).await, ErrorCode::REBALANCE_IN_PROGRESS);
    let leader = one.call(9, &join_request(&first, None)).await;
    let follower = two.receive::<JoinGroupRequest>(9, waiting).await;
    assert_eq!((leader.error_code, leader.generation_id, leader.members.len()), (0, 2, 2));
    assert_eq!((follower.error_code, follower.generation_id, follower.members.len()), (0, 2, 0));
    assert_eq!(follower.leader, leader.member_id);
    assert_eq!(commit(&mut two, &second, 2, 1).await, ErrorCode::REBALANCE_IN_PROGRESS);
    let waiting = two.send(5, &sync_request(&follower, &[])).await;
    let synced = one.call(5, &sync_request(&leader, &[(&first, "a"), (&second, "b")])).await;
    assert_eq!(&synced.assignment[..], b"a");
    let synced = two.receive::<SyncGroupRequest>(5, waiting).await;
    assert_eq!((synced.error_code, &synced.assignment[..]), (0, &b"b"[..]));
    let leave = LeaveGroupRequest::default().with_group_id(group("group")).with_member_id(text(&first));
    assert_eq!(one.call(2, &leave).await.error_code, 0);
    assert_eq!(heartbeat(&mut two, &second, 2).await, ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(heartbeat(&mut one, &first, 2).await, ErrorCode::UNKNOWN_MEMBER_ID);
    let joined = two.call(9, &join_request(&second, None)).await;
    assert_eq!((joined.generation_id, &*joined.leader, joined.members.len()), (3, &*second, 1));
}

#[tokio::test]
async fn commits_are_checked_and_fetched() {
    let broker = broker(&[]).await;
    let mut client = client(&broker).await;
    assert_eq!(commit(&mut client, "", -1, 1).await, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    create_topic(&mut client, "topic", 1).await;
    assert_eq!(fetch_offset(&mut client).await, (-1, -1, String::new()));
    // Outside of a group, while nobody is in it.
    assert_eq!(commit(&mut client, "", -1, 5).await, ErrorCode::NONE);
    assert_eq!(fetch_offset(&mut client).await, (5, 3, "note".to_owned()));
    let (id, generation) = stable_member(&mut client).await;
    assert_eq!(commit(&mut client, "", -1, 6).await, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(commit(&mut client, &id, generation - 1, 6).await, ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(commit(&mut client, "nobody", generation, 6).await, ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(commit(&mut client, &id, generation, 7).await, ErrorCode::NONE);
    assert_eq!(fetch_offset(&mut client).await.0, 7);
}
