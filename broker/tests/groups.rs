//! Classic groups over the wire: joining, sharing, committing, and what survives whom.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

mod support;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_broker::{Broker, BrokerConfig};
use ottla_wire::ErrorCode;
use ottla_wire::messages::join_group_request::JoinGroupRequestProtocol;
use ottla_wire::messages::leave_group_request::MemberIdentity;
use ottla_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use ottla_wire::messages::offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use ottla_wire::messages::offset_fetch_request::OffsetFetchRequestTopic;
use ottla_wire::messages::offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use ottla_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use ottla_wire::messages::{
    DeleteGroupsRequest, DescribeGroupsRequest, FindCoordinatorRequest, GroupId, HeartbeatRequest,
    JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, ListGroupsRequest, OffsetCommitRequest,
    OffsetDeleteRequest, OffsetFetchRequest, SyncGroupRequest,
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

/// Waits until the coordinator has replayed its log.
async fn loaded(client: &mut Client) {
    let deadline = std::time::Instant::now() + support::LIMIT;
    loop {
        let response = client.call(5, &ListGroupsRequest::default()).await;
        if response.error_code == 0 && !response.groups.is_empty() {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{response:?}");
    }
}

#[tokio::test]
async fn members_and_offsets_survive_a_restart_of_the_broker() {
    let directory = tempfile::tempdir().unwrap();
    let config =
        || BrokerConfig::in_dir(directory.path()).unwrap().with("offsets.topic.num.partitions", "4").unwrap();
    let broker = Broker::start(config()).await.unwrap();
    let mut one = client(&broker).await;
    create_topic(&mut one, "topic", 1).await;
    let (id, generation) = stable_member(&mut one).await;
    assert_eq!(commit(&mut one, &id, generation, 11).await, ErrorCode::NONE);
    drop(one);
    broker.stop(support::LIMIT).await.unwrap();
    let broker = Broker::start(config()).await.unwrap();
    let mut one = client(&broker).await;
    loaded(&mut one).await;
    assert_eq!(heartbeat(&mut one, &id, generation).await, ErrorCode::NONE);
    assert_eq!(heartbeat(&mut one, &id, generation + 1).await, ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(fetch_offset(&mut one).await, (11, 3, "note".to_owned()));
    assert_eq!(commit(&mut one, &id, generation, 12).await, ErrorCode::NONE);
    assert_eq!(
        commit(&mut one, &id, generation - 1, 9).await,
        ErrorCode::ILLEGAL_GENERATION,
        "a stale commit"
    );
    drop(one);
    // Without a farewell, as when it crashes.
    drop(broker);
    let broker = Broker::start(config()).await.unwrap();
    let mut one = client(&broker).await;
    loaded(&mut one).await;
    assert_eq!(fetch_offset(&mut one).await.0, 12);
    broker.stop(support::LIMIT).await.unwrap();
}

#[tokio::test]
async fn a_static_member_that_restarts_goes_on_where_it_was() {
    let broker = broker(&[]).await;
    let mut one = client(&broker).await;
    let joined = one.call(9, &join_request("", Some("instance"))).await;
    assert_eq!((joined.error_code, joined.generation_id), (0, 1), "its instance id is enough");
    let id = joined.member_id.to_string();
    let synced = one.call(5, &sync_request(&joined, &[(&id, "all")])).await;
    assert_eq!(&synced.assignment[..], b"all");
    let mut two = client(&broker).await;
    let again = two.call(9, &join_request("", Some("instance"))).await;
    assert_eq!((again.error_code, again.generation_id, again.skip_assignment), (0, 1, true));
    let synced = two.call(5, &sync_request(&again, &[])).await;
    assert_eq!(&synced.assignment[..], b"all");
    let old = HeartbeatRequest::default()
        .with_group_id(group("group"))
        .with_generation_id(1)
        .with_member_id(text(&id))
        .with_group_instance_id(Some(text("instance")));
    assert_eq!(one.call(4, &old).await.error_code, ErrorCode::FENCED_INSTANCE_ID.0);
}

#[tokio::test]
async fn a_member_that_went_silent_is_taken_out() {
    let broker = broker(&[("group.min.session.timeout.ms", "100")]).await;
    let (mut one, mut two) = (client(&broker).await, client(&broker).await);
    let short = |member: &str| join_request(member, None).with_session_timeout_ms(200);
    let id = one.call(9, &short("")).await.member_id.to_string();
    let joined = one.call(9, &short(&id)).await;
    one.call(5, &sync_request(&joined, &[(&id, "all")])).await;
    // It leaves without a word; the next one has to wait for its session to end, and no longer.
    drop(one);
    let id = first_join(&mut two).await;
    let joined = two.call(9, &join_request(&id, None)).await;
    assert_eq!((joined.error_code, joined.generation_id, joined.members.len()), (0, 2, 1));
}

#[tokio::test]
async fn whoever_hangs_up_while_waiting_keeps_its_place_and_blocks_nobody() {
    let broker = broker(&[]).await;
    let (mut one, mut two) = (client(&broker).await, client(&broker).await);
    let (first, _) = stable_member(&mut one).await;
    let second = first_join(&mut two).await;
    two.send(9, &join_request(&second, None)).await;
    while heartbeat(&mut one, &first, 1).await == ErrorCode::NONE {}
    drop(two);
    let leader = one.call(9, &join_request(&first, None)).await;
    assert_eq!(leader.members.len(), 2, "it may come back within its session");
    let mut two = client(&broker).await;
    let again = two.call(9, &join_request(&second, None)).await;
    assert_eq!((again.error_code, again.generation_id), (0, 2));
}

#[tokio::test]
async fn every_version_of_every_request_is_answered() {
    let broker = broker(&[]).await;
    let mut client = client(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    for version in 0..=6 {
        let mut request = FindCoordinatorRequest::default().with_key(text("group"));
        if version >= 4 {
            request =
                FindCoordinatorRequest::default().with_coordinator_keys(vec![text("group"), text("other")]);
        }
        let response = client.call(version, &request).await;
        let found = if version >= 4 { response.coordinators[1].node_id } else { response.node_id };
        assert_eq!(found.0, 1, "{response:?}");
        if version >= 1 {
            let response = client.call(version, &request.with_key_type(1)).await;
            let code = response.coordinators.first().map_or(response.error_code, |found| found.error_code);
            assert_eq!(code, ErrorCode::COORDINATOR_NOT_AVAILABLE.0);
        }
    }
    for version in 0..=9 {
        let mut joined = client.call(version, &join_request("", None)).await;
        if version >= 4 {
            assert_eq!(joined.error_code, ErrorCode::MEMBER_ID_REQUIRED.0);
            joined = client.call(version, &join_request(&joined.member_id, None)).await;
        }
        assert_eq!((joined.error_code, joined.members.len()), (0, 1), "{joined:?}");
        assert_eq!(joined.protocol_name.as_deref(), Some("range"));
        let id = joined.member_id.to_string();
        let refused = client.call(version, &join_request("nobody", None)).await;
        assert_eq!(refused.error_code, ErrorCode::UNKNOWN_MEMBER_ID.0);
        let mut sync = sync_request(&joined, &[(&id, "all")]);
        if version < 5 {
            sync.protocol_type = None;
            sync.protocol_name = None;
        }
        let synced = client.call(version.min(5), &sync).await;
        assert_eq!((synced.error_code, &synced.assignment[..]), (0, &b"all"[..]));
        let beat = HeartbeatRequest::default()
            .with_group_id(group("group"))
            .with_generation_id(joined.generation_id)
            .with_member_id(text(&id));
        assert_eq!(client.call(version.min(4), &beat).await.error_code, 0);
        let describe = DescribeGroupsRequest::default().with_groups(vec![group("group"), group("nothing")]);
        let described = client.call(version.min(6), &describe).await;
        let known = &described.groups[0];
        assert_eq!(
            (&*known.group_state, &*known.protocol_type, &*known.protocol_data),
            ("Stable", "consumer", "range")
        );
        let member = &known.members[0];
        assert_eq!((&*member.member_id, &member.member_assignment[..]), (&*id, &b"all"[..]));
        assert_eq!((&*member.client_id, &*member.client_host), ("test", "/127.0.0.1"));
        let missing = if version >= 6 { ErrorCode::GROUP_ID_NOT_FOUND.0 } else { 0 };
        assert_eq!((described.groups[1].error_code, &*described.groups[1].group_state), (missing, "Dead"));
        let listed = client.call(version.min(5), &ListGroupsRequest::default()).await;
        assert_eq!(
            (listed.groups.len(), &*listed.groups[0].group_id.0, &*listed.groups[0].protocol_type),
            (1, "group", "consumer")
        );
        assert_eq!(&*listed.groups[0].group_state, if version >= 4 { "Stable" } else { "" });
        let leave = if version < 3 {
            LeaveGroupRequest::default().with_member_id(text(&id))
        } else {
            LeaveGroupRequest::default()
                .with_members(vec![MemberIdentity::default().with_member_id(text(&id))])
        };
        let left = client.call(version.min(5), &leave.with_group_id(group("group"))).await;
        assert_eq!(left.error_code, 0);
        assert_eq!(left.members.len(), usize::from(version >= 3));
    }
    for version in 2..=9 {
        let partition = |index| {
            OffsetCommitRequestPartition::default()
                .with_partition_index(index)
                .with_committed_offset(i64::from(version))
        };
        let request = OffsetCommitRequest::default()
            .with_group_id(group("group"))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![
                OffsetCommitRequestTopic::default()
                    .with_name(topic_name("topic"))
                    .with_partitions(vec![partition(1), partition(0)]),
            ]);
        let committed = client.call(version, &request).await;
        let codes: Vec<_> =
            committed.topics[0].partitions.iter().map(|partition| partition.error_code).collect();
        assert_eq!(codes, [ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, 0]);
    }
    for version in 1..=9 {
        for all in [false, true] {
            if all && version < 2 {
                continue;
            }
            let request = if version >= 8 {
                let topic = OffsetFetchRequestTopics::default()
                    .with_name(topic_name("topic"))
                    .with_partition_indexes(vec![0]);
                let asked = OffsetFetchRequestGroup::default()
                    .with_group_id(group("group"))
                    .with_member_epoch(-1)
                    .with_topics((!all).then(|| vec![topic]));
                OffsetFetchRequest::default()
                    .with_groups(vec![asked.clone(), asked])
                    .with_require_stable(true)
            } else {
                let topic = OffsetFetchRequestTopic::default()
                    .with_name(topic_name("topic"))
                    .with_partition_indexes(vec![0]);
                OffsetFetchRequest::default()
                    .with_group_id(group("group"))
                    .with_topics((!all).then(|| vec![topic]))
            };
            let fetched = client.call(version, &request).await;
            let offset = if version >= 8 {
                assert_eq!(fetched.groups.len(), 2);
                fetched.groups[1].topics[0].partitions[0].committed_offset
            } else {
                fetched.topics[0].partitions[0].committed_offset
            };
            assert_eq!((fetched.error_code, offset), (0, 9), "version {version}");
        }
    }
    let delete = OffsetDeleteRequest::default().with_group_id(group("group")).with_topics(vec![
        OffsetDeleteRequestTopic::default().with_name(topic_name("topic")).with_partitions(vec![
            OffsetDeleteRequestPartition::default().with_partition_index(5),
            OffsetDeleteRequestPartition::default().with_partition_index(0),
        ]),
    ]);
    let deleted = client.call(0, &delete).await;
    let codes: Vec<_> = deleted.topics[0].partitions.iter().map(|partition| partition.error_code).collect();
    assert_eq!((deleted.error_code, codes), (0, vec![ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, 0]));
    assert_eq!(fetch_offset(&mut client).await.0, -1);
    for version in 0..=2 {
        let request = DeleteGroupsRequest::default().with_groups_names(vec![group("group")]);
        let deleted = client.call(version, &request).await;
        let expected = if version == 0 { ErrorCode::NONE } else { ErrorCode::GROUP_ID_NOT_FOUND };
        assert_eq!(deleted.results[0].error_code, expected.0);
    }
}

#[tokio::test]
async fn groups_are_listed_by_state_and_type() {
    let broker = broker(&[]).await;
    let mut client = client(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    assert_eq!(commit(&mut client, "", -1, 1).await, ErrorCode::NONE);
    let ask = |states: &[&str], types: &[&str]| {
        ListGroupsRequest::default()
            .with_states_filter(states.iter().map(|state| text(state)).collect())
            .with_types_filter(types.iter().map(|kind| text(kind)).collect())
    };
    for (states, types, count) in [
        (&[][..], &[][..], 1),
        (&["stable", "empty"], &[], 1),
        (&["Stable"], &[], 0),
        (&[], &["Classic"], 1),
        (&["Empty"], &["consumer"], 0),
    ] {
        let listed = client.call(5, &ask(states, types)).await;
        assert_eq!((listed.error_code, listed.groups.len()), (0, count), "{states:?} {types:?}");
        assert!(listed.groups.iter().all(|group| &*group.group_type == "classic"));
    }
}

#[tokio::test]
async fn offsets_go_with_their_topic() {
    let broker = broker(&[]).await;
    let mut client = client(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    assert_eq!(commit(&mut client, "", -1, 1).await, ErrorCode::NONE);
    let delete =
        ottla_wire::messages::DeleteTopicsRequest::default().with_topic_names(vec![topic_name("topic")]);
    assert_eq!(client.call(5, &delete).await.responses[0].error_code, 0);
    create_topic(&mut client, "topic", 1).await;
    assert_eq!(fetch_offset(&mut client).await.0, -1, "a new topic of the same name is another");
}

#[tokio::test]
async fn whoever_waits_is_told_when_the_coordinator_goes() {
    let broker = broker(&[]).await;
    let (mut one, mut two) = (client(&broker).await, client(&broker).await);
    let (first, generation) = stable_member(&mut one).await;
    let second = first_join(&mut two).await;
    let waiting = two.send(9, &join_request(&second, None)).await;
    while heartbeat(&mut one, &first, generation).await == ErrorCode::NONE {}
    let offsets = vec![topic_name("__consumer_offsets")];
    let delete = ottla_wire::messages::DeleteTopicsRequest::default().with_topic_names(offsets);
    assert_eq!(one.call(5, &delete).await.responses[0].error_code, 0);
    let refused = two.receive::<JoinGroupRequest>(9, waiting).await;
    assert_eq!(refused.error_code, ErrorCode::NOT_COORDINATOR.0);
    assert_eq!(heartbeat(&mut one, &first, generation).await, ErrorCode::NOT_COORDINATOR);
    let mut one = client(&broker).await;
    assert_eq!(
        heartbeat(&mut one, &first, generation).await,
        ErrorCode::UNKNOWN_MEMBER_ID,
        "a new beginning"
    );
}

#[tokio::test]
async fn offsets_can_be_written_compressed() {
    let directory = tempfile::tempdir().unwrap();
    for codec in 1..=4 {
        let config = BrokerConfig::in_dir(directory.path()).unwrap();
        let config = config.with("offsets.topic.num.partitions", "1").unwrap();
        let config = config.with("offsets.topic.compression.codec", &codec.to_string()).unwrap();
        let broker = Broker::start(config).await.unwrap();
        let mut client = client(&broker).await;
        if codec == 1 {
            create_topic(&mut client, "topic", 1).await;
        } else {
            loaded(&mut client).await;
            assert_eq!(fetch_offset(&mut client).await.0, codec - 1);
        }
        assert_eq!(commit(&mut client, "", -1, codec).await, ErrorCode::NONE);
        broker.stop(support::LIMIT).await.unwrap();
    }
}
