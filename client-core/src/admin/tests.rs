use super::*;
use crate::config::IsolationLevel;
use crate::error::ErrorKind;
use crate::metadata::NodeId;
use crate::record::TopicPartition;
use crate::testing::FakeBroker;
use crate::testing::world::World;
use ottla_wire::messages::create_topics_response::CreatableTopicResult;
use ottla_wire::messages::delete_groups_response::DeletableGroupResult;
use ottla_wire::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use ottla_wire::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, CreateTopicsRequest, CreateTopicsResponse,
    DeleteGroupsRequest, DeleteGroupsResponse, DescribeClusterRequest, DescribeGroupsRequest,
    DescribeGroupsResponse, ListOffsetsRequest, ListOffsetsResponse, OffsetFetchRequest, OffsetFetchResponse,
    consumer_group_describe_response, describe_groups_response, offset_fetch_response,
};
use ottla_wire::protocol::StrBytes;
use ottla_wire::{ApiKey, ErrorCode};
use std::collections::BTreeSet;

async fn admin(env: &Env, broker: &FakeBroker) -> Admin {
    Admin::builder()
        .set("bootstrap.servers", broker.bootstrap())
        .set("retry.backoff.ms", 5)
        .set("retry.backoff.max.ms", 20)
        .set("default.api.timeout.ms", 5_000)
        .env(env.clone())
        .build()
        .await
        .unwrap()
}

fn code<V: std::fmt::Debug>(result: &Result<V, Error>) -> Option<ErrorCode> {
    result.as_ref().unwrap_err().code()
}

#[tokio::test]
async fn one_topic_that_fails_does_not_hide_the_others() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on::<CreateTopicsRequest>(|_, request| {
        let rows = request.topics.into_iter().map(|topic| {
            let exists = topic.name.0.as_str() == "old";
            CreatableTopicResult::default()
                .with_name(topic.name)
                .with_error_code(if exists { ErrorCode::TOPIC_ALREADY_EXISTS.0 } else { 0 })
                .with_error_message(exists.then(|| StrBytes::from_static_str("it is there since yesterday")))
                .with_num_partitions(topic.num_partitions)
        });
        CreateTopicsResponse::default().with_topics(rows.collect())
    });
    let admin = admin(&env, &broker).await;
    let topics = [NewTopic::new("new", 3, 1), NewTopic::new("old", 1, 1)];
    let results = admin.create_topics(topics, ChangeOptions::default()).await.unwrap();
    assert_eq!(results["new"].as_ref().unwrap().num_partitions, Some(3));
    assert_eq!(code(&results["old"]), Some(ErrorCode::TOPIC_ALREADY_EXISTS));
    let text = results["old"].as_ref().unwrap_err().to_string();
    assert!(
        text.starts_with("create topics: TOPIC_ALREADY_EXISTS (36): it is there since yesterday"),
        "{text}"
    );
    assert_eq!(broker.count(ApiKey::CREATE_TOPICS), 1, "neither outcome is worth a retry");
}

#[tokio::test]
async fn only_the_items_that_may_mend_are_asked_about_again() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 3);
    let mut asked: Vec<Vec<i32>> = Vec::new();
    let (report, seen) = std::sync::mpsc::channel();
    broker.on::<ListOffsetsRequest>(move |_, request| {
        let partitions: Vec<i32> =
            request.topics[0].partitions.iter().map(|row| row.partition_index).collect();
        let first = asked.is_empty();
        asked.push(partitions.clone());
        report.send(partitions.clone()).unwrap();
        let rows = partitions
            .into_iter()
            .map(|partition| {
                let code = match partition {
                    1 if first => ErrorCode::NOT_LEADER_OR_FOLLOWER,
                    2 => ErrorCode::TOPIC_AUTHORIZATION_FAILED,
                    _ => ErrorCode::NONE,
                };
                ListOffsetsPartitionResponse::default()
                    .with_partition_index(partition)
                    .with_error_code(code.0)
                    .with_offset(100 + i64::from(partition))
            })
            .collect();
        let topic = ListOffsetsTopicResponse::default()
            .with_name(request.topics[0].name.clone())
            .with_partitions(rows);
        ListOffsetsResponse::default().with_topics(vec![topic])
    });
    let admin = admin(&env, &broker).await;
    let partitions = (0..3).map(|partition| (TopicPartition::new("t", partition), OffsetSpec::Latest));
    let results = admin
        .list_offsets(partitions, IsolationLevel::ReadUncommitted, CallOptions::default())
        .await
        .unwrap();
    let offset = |partition| results[&TopicPartition::new("t", partition)].as_ref().map(|info| info.offset);
    assert_eq!(offset(0).unwrap(), Some(100));
    assert_eq!(offset(1).unwrap(), Some(101));
    assert_eq!(code(&results[&TopicPartition::new("t", 2)]), Some(ErrorCode::TOPIC_AUTHORIZATION_FAILED));
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [vec![0, 1, 2], vec![1]]);
}

#[tokio::test]
async fn a_partition_the_topic_does_not_have_is_told_at_the_deadline_with_its_number() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    let admin = admin(&env, &broker).await;
    let options = CallOptions { timeout: Some(Duration::from_millis(800)) };
    let results = admin
        .list_offsets(
            [(TopicPartition::new("t", 9), OffsetSpec::Earliest)],
            IsolationLevel::ReadUncommitted,
            options,
        )
        .await
        .unwrap();
    let text = results[&TopicPartition::new("t", 9)].as_ref().unwrap_err().to_string();
    assert!(text.contains("partition=9") && text.contains("the topic has 1 partitions"), "{text}");
}

#[tokio::test]
async fn groups_are_followed_to_their_new_coordinator() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    let mut answers = 0;
    broker.on::<DeleteGroupsRequest>(move |_, request| {
        answers += 1;
        let rows = request
            .groups_names
            .into_iter()
            .map(|group| {
                let code = match group.0.as_str() {
                    "busy" => ErrorCode::NON_EMPTY_GROUP,
                    _ if answers == 1 => ErrorCode::NOT_COORDINATOR,
                    _ => ErrorCode::NONE,
                };
                DeletableGroupResult::default().with_group_id(group).with_error_code(code.0)
            })
            .collect();
        DeleteGroupsResponse::default().with_results(rows)
    });
    let admin = admin(&env, &broker).await;
    let results = admin.delete_consumer_groups(["idle", "busy"], CallOptions::default()).await.unwrap();
    results["idle"].as_ref().unwrap();
    let busy = results["busy"].as_ref().unwrap_err();
    assert!(busy.to_string().contains("stop the group's members first"), "{busy}");
    assert_eq!(broker.count(ApiKey::DELETE_GROUPS), 2);
    assert_eq!(broker.count(ApiKey::FIND_COORDINATOR), 3, "two groups, then the one that moved");
}

#[tokio::test]
async fn classic_groups_are_described_beside_those_of_the_consumer_protocol() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on::<ConsumerGroupDescribeRequest>(|_, request| {
        let groups = request.group_ids.into_iter().map(|group| {
            let is_new = group.0.as_str() == "new";
            consumer_group_describe_response::DescribedGroup::default()
                .with_group_id(group)
                .with_error_code(if is_new { 0 } else { ErrorCode::GROUP_ID_NOT_FOUND.0 })
                .with_group_state(StrBytes::from_static_str("Stable"))
                .with_group_epoch(4)
        });
        ConsumerGroupDescribeResponse::default().with_groups(groups.collect())
    });
    broker.on::<DescribeGroupsRequest>(|_, request| {
        let groups = request.groups.into_iter().map(|group| {
            let member = describe_groups_response::DescribedGroupMember::default()
                .with_member_id(StrBytes::from_static_str("m"))
                .with_member_assignment(bytes::Bytes::from_static(&[0, 3, 0, 0, 0, 9]));
            describe_groups_response::DescribedGroup::default()
                .with_group_id(group)
                .with_group_state(StrBytes::from_static_str("Empty"))
                .with_protocol_type(StrBytes::from_static_str("consumer"))
                .with_members(vec![member])
        });
        DescribeGroupsResponse::default().with_groups(groups.collect())
    });
    let admin = admin(&env, &broker).await;
    let results = admin.describe_consumer_groups(["new", "old"], CallOptions::default()).await.unwrap();
    let new = results["new"].as_ref().unwrap();
    assert_eq!((&new.group_type, new.group_epoch), (&GroupType::Consumer, Some(4)));
    let old = results["old"].as_ref().unwrap();
    assert_eq!((&old.group_type, old.state.as_str()), (&GroupType::Classic, "Empty"));
    assert!(
        old.members[0].assignment.is_empty(),
        "a malformed assignment of another member is no reason to fail"
    );
    assert_eq!(old.coordinator, Some(NodeId(1)));
}

#[tokio::test]
async fn committed_offsets_are_read_from_old_and_new_answers() {
    let world = World::new();
    let env = world.env.clone();
    for versions in [2..=5, 8..=8] {
        let broker = FakeBroker::start(&env).await;
        broker.offer(ApiKey::OFFSET_FETCH, versions.clone());
        broker.on::<OffsetFetchRequest>(|version, request| {
            let topic = crate::admin::wire_types::topic_name("t");
            if version >= 8 {
                let rows = [(0, 5), (1, -1)].map(|(partition, offset)| {
                    offset_fetch_response::OffsetFetchResponsePartitions::default()
                        .with_partition_index(partition)
                        .with_committed_offset(offset)
                });
                let topic = offset_fetch_response::OffsetFetchResponseTopics::default()
                    .with_name(topic)
                    .with_partitions(rows.to_vec());
                let group = offset_fetch_response::OffsetFetchResponseGroup::default()
                    .with_group_id(request.groups[0].group_id.clone())
                    .with_topics(vec![topic]);
                OffsetFetchResponse::default().with_groups(vec![group])
            } else {
                let rows = [(0, 5), (1, -1)].map(|(partition, offset)| {
                    offset_fetch_response::OffsetFetchResponsePartition::default()
                        .with_partition_index(partition)
                        .with_committed_offset(offset)
                });
                let topic = offset_fetch_response::OffsetFetchResponseTopic::default()
                    .with_name(topic)
                    .with_partitions(rows.to_vec());
                OffsetFetchResponse::default().with_topics(vec![topic])
            }
        });
        let admin = admin(&env, &broker).await;
        let none: Option<BTreeSet<TopicPartition>> = None;
        let results =
            admin.list_consumer_group_offsets([("g", none)], false, CallOptions::default()).await.unwrap();
        let offsets = results["g"].as_ref().unwrap();
        assert_eq!(offsets.len(), 1, "{versions:?}: a partition without a commit has no entry");
        assert_eq!(offsets[&TopicPartition::new("t", 0)].offset, 5);
    }
}

#[tokio::test]
async fn an_answer_that_leaves_an_item_out_is_an_error_of_that_item() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on::<CreateTopicsRequest>(|_, _| CreateTopicsResponse::default());
    let admin = admin(&env, &broker).await;
    let results = admin.create_topics([NewTopic::new("t", 1, 1)], ChangeOptions::default()).await.unwrap();
    assert_eq!(results["t"].as_ref().unwrap_err().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn what_may_mend_and_does_not_ends_at_the_deadline() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on::<CreateTopicsRequest>(|_, request| {
        let row = CreatableTopicResult::default()
            .with_name(request.topics[0].name.clone())
            .with_error_code(ErrorCode::THROTTLING_QUOTA_EXCEEDED.0);
        CreateTopicsResponse::default().with_topics(vec![row])
    });
    let admin = admin(&env, &broker).await;
    let options = ChangeOptions { timeout: Some(Duration::from_millis(600)), validate_only: false };
    let results = admin.create_topics([NewTopic::new("t", 1, 1)], options).await.unwrap();
    assert_eq!(code(&results["t"]), Some(ErrorCode::THROTTLING_QUOTA_EXCEEDED));
    assert!(broker.count(ApiKey::CREATE_TOPICS) > 2);
}

#[tokio::test]
async fn retries_bound_the_attempts() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on::<CreateTopicsRequest>(|_, request| {
        let row = CreatableTopicResult::default()
            .with_name(request.topics[0].name.clone())
            .with_error_code(ErrorCode::NOT_CONTROLLER.0);
        CreateTopicsResponse::default().with_topics(vec![row])
    });
    let admin = Admin::builder()
        .set_all([
            ("bootstrap.servers", broker.bootstrap().as_str()),
            ("retries", "2"),
            ("retry.backoff.ms", "5"),
        ])
        .env(env.clone())
        .build()
        .await
        .unwrap();
    let results = admin.create_topics([NewTopic::new("t", 1, 1)], ChangeOptions::default()).await.unwrap();
    assert_eq!(code(&results["t"]), Some(ErrorCode::NOT_CONTROLLER));
    assert_eq!(broker.count(ApiKey::CREATE_TOPICS), 3);
}

#[tokio::test]
async fn brokers_without_describe_cluster_are_described_from_metadata() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    #[allow(clippy::reversed_empty_ranges)] // None at all.
    broker.offer(ApiKey(<DescribeClusterRequest as ottla_wire::protocol::Request>::KEY), 1..=0);
    let admin = admin(&env, &broker).await;
    let cluster = admin.describe_cluster(CallOptions::default()).await.unwrap();
    assert_eq!(cluster.cluster_id.as_deref(), Some("fake"));
    assert_eq!(cluster.controller, Some(NodeId(1)));
    assert_eq!(cluster.nodes[0].address.port, broker.address.port());
}

#[tokio::test]
async fn topics_missing_when_described_are_told_at_once() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("here", 2);
    let admin = admin(&env, &broker).await;
    let started = env.now();
    let results = admin.describe_topics(["here", "gone"], CallOptions::default()).await.unwrap();
    assert_eq!(results[&TopicSelector::from("here")].as_ref().unwrap().partitions.len(), 2);
    assert_eq!(code(&results[&TopicSelector::from("gone")]), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    assert!(env.now() - started < Duration::from_secs(4));
    assert_eq!(admin.list_topics(false, CallOptions::default()).await.unwrap().len(), 1);
}

#[test]
fn secrets_of_brokers_do_not_show_in_debug() {
    let entry = ConfigEntry {
        name: "ssl.key.password".to_owned(),
        value: Some("hunter2".to_owned()),
        source: ConfigSource::StaticBroker,
        is_read_only: true,
        is_sensitive: true,
        synonyms: Vec::new(),
        documentation: None,
    };
    assert!(!format!("{entry:?}").contains("hunter2"));
}

#[test]
fn futures_of_admin_calls_can_move_between_threads() {
    fn check<T: Send>(_: &T) {}
    fn never(admin: &Admin) {
        check(&admin.create_topics([NewTopic::new("t", 1, 1)], ChangeOptions::default()));
        check(&admin.delete_topics(["t"], CallOptions::default()));
        check(&admin.describe_topics(["t"], CallOptions::default()));
        check(&admin.describe_consumer_groups(["g"], CallOptions::default()));
        check(&admin.list_groups(ListGroupsFilter::default(), CallOptions::default()));
        check(&admin.list_offsets([], IsolationLevel::ReadCommitted, CallOptions::default()));
        check(&admin.describe_cluster(CallOptions::default()));
        check(&admin.describe_log_dirs([NodeId(1)], CallOptions::default()));
        check(&admin.elect_leaders(ElectionType::Preferred, None, CallOptions::default()));
        check(&admin.describe_configs([ConfigResource::topic("t")], DescribeConfigsOptions::default()));
    }
    let _: fn(&Admin) = never;
}
