//! Typical first mistakes, each made with every kind of client and default options: each ends within ten seconds in an
//! error that names cause and next step. Those that need no cluster are in `tests/mistakes.rs`.

use super::roles::{Role, all_are_told, closed_port, log, world};
use super::{FakeBroker, Reply};
use crate::admin::{Admin, CallOptions};
use crate::consumer::Consumer;
use crate::error::ErrorKind;
use crate::producer::Producer;
use crate::record::{Record, TopicPartition};
use bytes::Bytes;
use ottla_env::Env;
use ottla_wire::messages::find_coordinator_response::Coordinator;
use ottla_wire::messages::join_group_response::JoinGroupResponse;
use ottla_wire::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use ottla_wire::messages::metadata_response::{MetadataResponseBroker, MetadataResponseTopic};
use ottla_wire::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use ottla_wire::messages::{BrokerId, ProducerId};
use ottla_wire::messages::{
    FindCoordinatorRequest, FindCoordinatorResponse, InitProducerIdRequest, InitProducerIdResponse,
    JoinGroupRequest, ListOffsetsRequest, MetadataRequest, MetadataResponse, ProduceRequest, ProduceResponse,
};
use ottla_wire::{ApiKey, ErrorCode};
use std::time::Duration;

/// A listener that answers whatever comes first with `answer`, and nothing more.
async fn answering(env: &Env, answer: &'static [u8]) -> FakeBroker {
    let broker = FakeBroker::start(env).await;
    broker.on_raw(ApiKey::API_VERSIONS, move |_| Reply::Close(Bytes::from_static(answer)));
    broker
}

/// Gives producer ids.
pub(super) fn with_ids(broker: &FakeBroker) {
    broker.on::<InitProducerIdRequest>(|_, _| {
        InitProducerIdResponse::default().with_producer_id(ProducerId(7)).with_producer_epoch(0)
    });
}

/// Answers every produce request with this code.
pub(super) fn produced_with(broker: &FakeBroker, code: ErrorCode) {
    broker.on::<ProduceRequest>(move |_, request| {
        let topics = request.topic_data.iter().map(|topic| {
            let partitions = topic.partition_data.iter().map(|partition| {
                PartitionProduceResponse::default().with_index(partition.index).with_error_code(code.0)
            });
            TopicProduceResponse::default()
                .with_name(topic.name.clone())
                .with_topic_id(topic.topic_id)
                .with_partition_responses(partitions.collect())
        });
        ProduceResponse::default().with_responses(topics.collect())
    });
}

/// Runs each as a task of its own: most of their time is waiting for brokers that do not answer.
macro_rules! at_once {
    ($($mistake:ident,)*) => {
        #[tokio::test]
        async fn every_mistake_is_told_in_time() {
            log();
            let running = [$((stringify!($mistake), tokio::spawn($mistake()))),*];
            let mut failed = Vec::new();
            for (name, mistake) in running {
                if mistake.await.is_err() {
                    failed.push(name);
                }
            }
            assert!(failed.is_empty(), "{failed:?}: see the panics above");
        }
    };
}

at_once! {
    a_port_where_nothing_listens,
    a_host_that_never_answers,
    a_name_that_does_not_exist,
    plaintext_to_a_tls_port,
    the_port_of_a_web_server,
    a_port_that_accepts_and_says_nothing,
    an_advertised_name_that_does_not_exist,
    an_advertised_port_where_nothing_listens,
    an_advertised_host_that_never_answers,
    a_topic_that_does_not_exist,
    a_topic_this_principal_may_not_use,
    writing_that_is_not_allowed,
    a_group_this_principal_may_not_use,
    a_join_that_is_not_allowed,
    a_cluster_that_cannot_make_its_offsets_topic,
    a_coordinator_nobody_can_reach,
    a_leader_that_gives_no_offsets,
    a_broker_too_old,
    a_record_too_large,
    a_group_forgotten,
    an_assigned_partition_the_topic_does_not_have,
}

async fn a_port_where_nothing_listens() {
    let world = world();
    let env = world.env.clone();
    let address = closed_port(&env).await.to_string();
    let expected = ["nothing listens on that port", &address, "check host and port in bootstrap.servers"];
    all_are_told(&Role::ALL, &env, &address, ErrorKind::Network, &expected).await;
}

async fn a_host_that_never_answers() {
    let expected =
        ["waiting for 192.0.2.1:9092 to accept the TCP connection", "bootstrap.servers", "no firewall"];
    all_are_told(&Role::ALL, &world().env, "blackhole:9092", ErrorKind::Timeout, &expected).await;
}

async fn a_name_that_does_not_exist() {
    let expected =
        ["the name \"kafak.example\" cannot be resolved", "check the spelling in bootstrap.servers"];
    all_are_told(&Role::ALL, &world().env, "kafak.example:9092", ErrorKind::Network, &expected).await;
}

async fn plaintext_to_a_tls_port() {
    let world = world();
    let env = world.env.clone();
    let listener = answering(&env, &[0x15, 3, 3, 0, 2, 2, 70]).await;
    let expected = ["answered with TLS", "use the port of a PLAINTEXT listener"];
    all_are_told(&Role::ALL, &env, &listener.bootstrap(), ErrorKind::Protocol, &expected).await;
}

async fn the_port_of_a_web_server() {
    let world = world();
    let env = world.env.clone();
    let listener = answering(&env, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let expected = ["answered with HTTP", "use the port of a Kafka listener"];
    all_are_told(&Role::ALL, &env, &listener.bootstrap(), ErrorKind::Protocol, &expected).await;
}

async fn a_port_that_accepts_and_says_nothing() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::API_VERSIONS, |_| Reply::Silence);
    let expected = ["which accepted the connection, to answer ApiVersions", "PLAINTEXT"];
    all_are_told(&Role::ALL, &env, &broker.bootstrap(), ErrorKind::Timeout, &expected).await;
}

async fn an_advertised_name_that_does_not_exist() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    with_ids(&broker);
    broker.advertise("kafka-internal", 9092);
    let expected = ["kafka-internal:9092", "which cannot be reached from here", "set advertised.listeners"];
    all_are_told(&Role::ALL, &env, &broker.bootstrap(), ErrorKind::Network, &expected).await;
}

async fn an_advertised_port_where_nothing_listens() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    with_ids(&broker);
    broker.advertise("127.0.0.1", closed_port(&env).await.port());
    let expected = ["nothing listens on that port", "set advertised.listeners"];
    all_are_told(&Role::ALL, &env, &broker.bootstrap(), ErrorKind::Network, &expected).await;
}

async fn an_advertised_host_that_never_answers() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    with_ids(&broker);
    broker.advertise("blackhole", 9092);
    let expected = ["192.0.2.1:9092", "set advertised.listeners"];
    all_are_told(&Role::ALL, &env, &broker.bootstrap(), None, &expected).await;
}

async fn a_topic_that_does_not_exist() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::JOIN_GROUP, |_| Reply::Silence);
    broker.on_raw(ApiKey::OFFSET_FETCH, |_| Reply::Silence);
    let roles = [Role::Producer, Role::Member, Role::Reader, Role::GroupReader];
    let expected = ["UNKNOWN_TOPIC_OR_PARTITION (3)", "topic=t", "check its spelling, or create it"];
    let bootstrap = broker.bootstrap();
    let told = all_are_told(&roles, &env, &bootstrap, ErrorKind::UnknownTopicOrPartition, &expected);
    let described = async {
        let builder = Admin::builder().set("bootstrap.servers", broker.bootstrap()).env(env.clone());
        let admin = builder.build().await.unwrap();
        let described = admin.describe_topics(["t"], CallOptions::default()).await.unwrap();
        let error = described.into_iter().next().unwrap().1.unwrap_err();
        assert!(error.to_string().contains("topic=t"), "{error}");
        assert_eq!(error.kind(), ErrorKind::UnknownTopicOrPartition);
    };
    tokio::join!(told, described);
}

async fn a_topic_this_principal_may_not_use() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::JOIN_GROUP, |_| Reply::Silence);
    broker.on_raw(ApiKey::OFFSET_FETCH, |_| Reply::Silence);
    let port = broker.address.port();
    broker.on::<MetadataRequest>(move |_, request| {
        let node = MetadataResponseBroker::default()
            .with_node_id(BrokerId(1))
            .with_host("127.0.0.1".to_owned().into())
            .with_port(i32::from(port));
        let topics = request.topics.unwrap_or_default().into_iter().map(|topic| {
            MetadataResponseTopic::default()
                .with_name(topic.name)
                .with_error_code(ErrorCode::TOPIC_AUTHORIZATION_FAILED.0)
        });
        MetadataResponse::default().with_brokers(vec![node]).with_topics(topics.collect())
    });
    let roles = [Role::Producer, Role::Member, Role::Reader];
    let expected = ["TOPIC_AUTHORIZATION_FAILED (29)", "topic=t", "grant this principal access to the topic"];
    all_are_told(&roles, &env, &broker.bootstrap(), ErrorKind::Authorization, &expected).await;
}

async fn writing_that_is_not_allowed() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    broker.on::<InitProducerIdRequest>(|_, _| {
        InitProducerIdResponse::default().with_error_code(ErrorCode::CLUSTER_AUTHORIZATION_FAILED.0)
    });
    let expected = ["CLUSTER_AUTHORIZATION_FAILED (31)", "or set enable.idempotence=false"];
    Role::Producer.is_told(&env, &broker.bootstrap(), ErrorKind::Authorization, &expected).await;
    with_ids(&broker);
    produced_with(&broker, ErrorCode::TOPIC_AUTHORIZATION_FAILED);
    let expected = ["TOPIC_AUTHORIZATION_FAILED (29)", "topic=t, partition=0", "grant this principal access"];
    Role::Producer.is_told(&env, &broker.bootstrap(), ErrorKind::Authorization, &expected).await;
}

/// Answers every search for a coordinator with this code.
pub(super) fn no_coordinator(broker: &FakeBroker, code: ErrorCode) {
    broker.on::<FindCoordinatorRequest>(move |_, request| {
        let rows = request
            .coordinator_keys
            .iter()
            .map(|key| Coordinator::default().with_key(key.clone()).with_error_code(code.0));
        FindCoordinatorResponse::default().with_coordinators(rows.collect())
    });
}

async fn a_group_this_principal_may_not_use() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    no_coordinator(&broker, ErrorCode::GROUP_AUTHORIZATION_FAILED);
    let expected = ["GROUP_AUTHORIZATION_FAILED (30)", "group=g", "grant this principal access to the group"];
    let roles = [Role::Member, Role::GroupReader];
    all_are_told(&roles, &env, &broker.bootstrap(), ErrorKind::Authorization, &expected).await;
}

async fn a_join_that_is_not_allowed() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    broker.on::<JoinGroupRequest>(|_, _| {
        JoinGroupResponse::default()
            .with_error_code(ErrorCode::GROUP_AUTHORIZATION_FAILED.0)
            .with_protocol_name(Some("".to_owned().into()))
    });
    let expected =
        ["join the group: GROUP_AUTHORIZATION_FAILED (30)", "group=g", "grant this principal access"];
    Role::Member.is_told(&env, &broker.bootstrap(), ErrorKind::Authorization, &expected).await;
}

async fn a_cluster_that_cannot_make_its_offsets_topic() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    no_coordinator(&broker, ErrorCode::COORDINATOR_NOT_AVAILABLE);
    let expected =
        ["COORDINATOR_NOT_AVAILABLE (15)", "group=g", "offsets.topic.replication.factor must not exceed"];
    let roles = [Role::Member, Role::GroupReader];
    all_are_told(&roles, &env, &broker.bootstrap(), ErrorKind::Broker, &expected).await;
}

async fn a_coordinator_nobody_can_reach() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    let port = closed_port(&env).await.port();
    broker.on::<FindCoordinatorRequest>(move |_, request| {
        let rows = request.coordinator_keys.iter().map(|key| {
            Coordinator::default()
                .with_key(key.clone())
                .with_node_id(BrokerId(9))
                .with_host("127.0.0.1".to_owned().into())
                .with_port(i32::from(port))
        });
        FindCoordinatorResponse::default().with_coordinators(rows.collect())
    });
    let expected = ["nothing listens on that port", "broker 9 (127.0.0.1:", "set advertised.listeners"];
    let roles = [Role::Member, Role::GroupReader];
    all_are_told(&roles, &env, &broker.bootstrap(), ErrorKind::Network, &expected).await;
}

async fn a_leader_that_gives_no_offsets() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    broker.on::<ListOffsetsRequest>(|_, request| {
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| {
                ListOffsetsPartitionResponse::default()
                    .with_partition_index(partition.partition_index)
                    .with_error_code(ErrorCode::LEADER_NOT_AVAILABLE.0)
            });
            ListOffsetsTopicResponse::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions.collect())
        });
        ListOffsetsResponse::default().with_topics(topics.collect())
    });
    let expected = [
        "LEADER_NOT_AVAILABLE (5)",
        "the offset to start at",
        "topic=t, partition=0",
        "brokers that are down",
    ];
    Role::Reader.is_told(&env, &broker.bootstrap(), ErrorKind::Broker, &expected).await;
}

async fn a_broker_too_old() {
    let world = world();
    let env = world.env.clone();
    let cases: [(Role, ApiKey, &str); 5] = [
        (Role::Producer, ApiKey::PRODUCE, "Produce is needed in version 3"),
        (Role::Producer, ApiKey::INIT_PRODUCER_ID, "set enable.idempotence=false"),
        (Role::Reader, ApiKey::LIST_OFFSETS, "ListOffsets is needed in version 1"),
        (Role::Member, ApiKey::JOIN_GROUP, "JoinGroup is needed in version 0"),
        (Role::Admin, ApiKey::METADATA, "Metadata is needed in version 0"),
    ];
    for (role, api, expected) in cases {
        let broker = FakeBroker::start(&env).await;
        broker.topic("t", 1);
        with_ids(&broker);
        #[allow(clippy::reversed_empty_ranges)] // None at all.
        broker.offer(api, 1..=0);
        role.is_told(
            &env,
            &broker.bootstrap(),
            ErrorKind::Unsupported,
            &[expected, "the broker offers none"],
        )
        .await;
    }
}

async fn a_record_too_large() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    with_ids(&broker);
    produced_with(&broker, ErrorCode::MESSAGE_TOO_LARGE);
    let expected = ["MESSAGE_TOO_LARGE (10)", "topic=t, partition=0", "raise max.message.bytes of the topic"];
    Role::Producer.is_told(&env, &broker.bootstrap(), ErrorKind::RecordTooLarge, &expected).await;
    let builder = Producer::builder().set("bootstrap.servers", broker.bootstrap()).env(env.clone());
    let producer = builder.build().await.unwrap();
    let error = producer.send(Record::to("t").value(vec![0; 2 << 20])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RecordTooLarge);
    let text = error.to_string();
    assert!(text.contains("max.request.size is 1048576") && text.contains("send a smaller record"), "{text}");
}

async fn a_group_forgotten() {
    let consumer = Consumer::builder().set("bootstrap.servers", "127.0.0.1:1").build().await.unwrap();
    for error in [
        consumer.subscribe(["t"]).unwrap_err(),
        consumer.commit_sync().await.unwrap_err(),
        consumer.commit_async().unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.contains("group.id"), "{text}");
        assert!(error.hint().is_some(), "{text}");
    }
    let error = consumer.poll(Duration::ZERO).await.unwrap_err();
    assert!(error.to_string().contains("subscribe to topics or assign partitions first"), "{error}");
}

async fn an_assigned_partition_the_topic_does_not_have() {
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    let builder = Consumer::builder().set("bootstrap.servers", broker.bootstrap()).env(env.clone());
    let consumer = builder.build().await.unwrap();
    consumer.assign([TopicPartition::new("t", 5)]).unwrap();
    let started = env.now();
    let error = loop {
        if let Err(error) = consumer.poll(Duration::from_secs(1)).await {
            break error;
        }
        assert!(env.now() < started + super::roles::PROMISE, "nothing is told");
    };
    let text = error.to_string();
    assert!(text.contains("topic=t, partition=5") && text.contains("the topic has 1 partitions"), "{text}");
}

#[test]
fn no_runtime() {
    use futures_util::FutureExt;
    let options = [("bootstrap.servers", "127.0.0.1:1")];
    let errors = [
        Producer::builder().set_all(options).build().now_or_never().unwrap().unwrap_err(),
        Consumer::builder().set_all(options).build().now_or_never().unwrap().unwrap_err(),
        Admin::builder().set_all(options).build().now_or_never().unwrap().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        let text = error.to_string();
        assert!(text.contains("no tokio runtime") && text.contains("within a tokio runtime"), "{text}");
    }
}
