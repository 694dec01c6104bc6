//! Bounds that are on without being asked for: over each there is an answer, a count, and no harm to anybody else.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::disallowed_types)]

mod support;

use bytes::{BufMut, BytesMut};
use ottla_broker::{Broker, BrokerConfig, Limit};
use ottla_env::{BoxFuture, Clock, Env, RngRoot, SystemNet};
use ottla_wire::ErrorCode;
use ottla_wire::batch::ProducerStamp;
use ottla_wire::messages::create_partitions_request::CreatePartitionsTopic;
use ottla_wire::messages::create_topics_request::CreatableTopic;
use ottla_wire::messages::create_topics_response::CreatableTopicResult;
use ottla_wire::messages::metadata_request::MetadataRequestTopic;
use ottla_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use ottla_wire::messages::{
    ApiVersionsRequest, CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
    FindCoordinatorRequest, GroupId, MetadataRequest, OffsetCommitRequest,
};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{Client, broker, create_topic, produce, produced, stamped_batch, topic_name};

async fn connect_all(broker: &Broker, count: usize) -> Duration {
    let started = Instant::now();
    let mut clients = Client::connect_together(broker, count);
    for client in &mut clients {
        client.call(0, &ApiVersionsRequest::default()).await;
    }
    started.elapsed()
}

async fn try_create(client: &mut Client, name: &str, partitions: i32) -> CreatableTopicResult {
    let topic = CreatableTopic::default()
        .with_name(topic_name(name))
        .with_num_partitions(partitions)
        .with_replication_factor(1);
    client.call(7, &CreateTopicsRequest::default().with_topics(vec![topic])).await.topics.remove(0)
}

/// Passes when the topic is refused and the answer names what would have to be changed.
fn assert_over(result: &CreatableTopicResult, setting: &str) {
    assert_eq!(ErrorCode(result.error_code), ErrorCode::POLICY_VIOLATION);
    let message = result.error_message.as_deref().unwrap();
    assert!(message.contains(setting), "{message}");
}

#[tokio::test]
async fn connections_of_one_address_that_come_too_fast_are_served_later() {
    let broker = broker(&[("ottla.max.connection.creation.rate.per.ip", "5")]).await;
    // Five at once, then one in each 200 ms.
    assert!(connect_all(&broker, 12).await >= Duration::from_millis(1400 - 10));
    assert!(broker.limits().count(Limit::ConnectionRatePerIp) > 0);
}

/// A clock that stands still: who waits for it, waits.
struct Stopped(Instant);

impl Clock for Stopped {
    fn now(&self) -> Instant {
        self.0
    }

    fn wall_ms(&self) -> i64 {
        1_700_000_000_000
    }

    fn sleep_until(&self, deadline: Instant) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if deadline > self.0 {
                std::future::pending().await
            }
        })
    }
}

#[tokio::test]
async fn whoever_would_wait_for_too_long_is_closed_and_whoever_leaves_gives_its_place_back() {
    let clock = Arc::new(Stopped(Instant::now()));
    let env = Env::new(clock, Arc::new(SystemNet), RngRoot::from_seed(1));
    let config = BrokerConfig::in_memory().with("ottla.max.connection.creation.rate.per.ip", "1").unwrap();
    let broker = Broker::start_in(env, config).await.unwrap();
    // One is served and five wait, for up to five seconds.
    let mut clients = Client::connect_together(&broker, 6);
    clients[0].call(0, &ApiVersionsRequest::default()).await;
    Client::connect(&broker).await.expect_close().await;
    Client::connect(&broker).await.expect_close().await;
    assert_eq!(broker.connection_count(), 6);
    // What one of them said before does not keep it.
    clients[5].send(0, &ApiVersionsRequest::default()).await;
    clients.truncate(2);
    let left = async {
        while broker.connection_count() > 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(support::LIMIT, left).await.expect("their places are free");
}

#[tokio::test]
async fn connections_that_come_too_fast_together_are_accepted_later() {
    let broker = broker(&[("max.connection.creation.rate", "5")]).await;
    assert!(connect_all(&broker, 9).await >= Duration::from_millis(800 - 10));
    assert!(broker.limits().count(Limit::ConnectionRate) > 0);
}

#[tokio::test]
async fn nobody_on_this_machine_waits_for_a_rate_that_was_not_set() {
    let broker = broker(&[]).await;
    connect_all(&broker, 300).await;
    assert_eq!(broker.limits().count(Limit::ConnectionRatePerIp), 0);
}

#[tokio::test]
async fn an_override_is_for_the_host_it_names() {
    let broker = broker(&[("max.connections.per.ip.overrides", "10.1.1.1:9, localhost:1")]).await;
    let mut first = Client::connect(&broker).await;
    first.call(0, &ApiVersionsRequest::default()).await;
    Client::connect(&broker).await.expect_close().await;
    assert_eq!(broker.limits().count(Limit::ConnectionsPerIp), 1);
    assert_eq!(broker.limits().count(Limit::Connections), 0);
}

#[tokio::test]
async fn a_frame_too_large_is_counted() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    let mut start = BytesMut::new();
    start.put_i32(16 * 1024 + 1);
    client.write(&start).await;
    client.expect_close().await;
    assert_eq!(broker.limits().count(Limit::RequestBytes), 1);
}

#[tokio::test]
async fn there_are_no_more_topics_than_may_be() {
    let broker = broker(&[("ottla.max.topics", "2")]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "one", 1).await;
    create_topic(&mut client, "two", 1).await;
    assert_over(&try_create(&mut client, "three", 1).await, "ottla.max.topics");
    assert_eq!(broker.limits().count(Limit::Topics), 1);
    // Nor do they come by being asked for.
    let asked = MetadataRequestTopic::default().with_name(Some(topic_name("four")));
    let request =
        MetadataRequest::default().with_topics(Some(vec![asked])).with_allow_auto_topic_creation(true);
    let response = client.call(12, &request).await;
    assert_eq!(ErrorCode(response.topics[0].error_code), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    // The broker's own do, or groups could not go on.
    find_coordinator(&mut client).await;
    for name in ["one", "two"] {
        let request = DeleteTopicsRequest::default().with_topic_names(vec![topic_name(name)]);
        assert_eq!(client.call(5, &request).await.responses[0].error_code, 0);
    }
    create_topic(&mut client, "five", 1).await;
}

#[tokio::test]
async fn there_are_no_more_partitions_than_may_be() {
    let broker = broker(&[("ottla.max.partitions", "5")]).await;
    let mut client = Client::connect(&broker).await;
    assert_over(&try_create(&mut client, "six", 6).await, "ottla.max.partitions");
    create_topic(&mut client, "topic", 3).await;
    for (count, code) in [(6, ErrorCode::POLICY_VIOLATION), (5, ErrorCode::NONE)] {
        let more = CreatePartitionsTopic::default()
            .with_name(topic_name("topic"))
            .with_count(count)
            .with_assignments(None);
        let request = CreatePartitionsRequest::default().with_topics(vec![more]);
        assert_eq!(ErrorCode(client.call(3, &request).await.results[0].error_code), code);
    }
    assert_over(&try_create(&mut client, "other", 1).await, "ottla.max.partitions");
    assert_eq!(broker.limits().count(Limit::Partitions), 3);
}

async fn find_coordinator(client: &mut Client) {
    let key = StrBytes::from_static_str("group");
    let request = FindCoordinatorRequest::default().with_coordinator_keys(vec![key]);
    assert_eq!(client.call(4, &request).await.coordinators[0].error_code, 0);
}

async fn commit(client: &mut Client, group: &'static str) -> ErrorCode {
    let partition = OffsetCommitRequestPartition::default().with_partition_index(0).with_committed_offset(1);
    let topic =
        OffsetCommitRequestTopic::default().with_name(topic_name("topic")).with_partitions(vec![partition]);
    let request = OffsetCommitRequest::default()
        .with_group_id(GroupId(StrBytes::from_static_str(group)))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic]);
    ErrorCode(client.call(8, &request).await.topics[0].partitions[0].error_code)
}

#[tokio::test]
async fn there_are_no_more_groups_than_may_be() {
    let broker = broker(&[("ottla.max.groups", "2")]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    find_coordinator(&mut client).await;
    // They are of different partitions of the offsets topic, and counted together.
    assert_eq!(commit(&mut client, "one").await, ErrorCode::NONE);
    assert_eq!(commit(&mut client, "two").await, ErrorCode::NONE);
    assert_eq!(commit(&mut client, "three").await, ErrorCode::POLICY_VIOLATION);
    assert_eq!(commit(&mut client, "one").await, ErrorCode::NONE);
    assert_eq!(broker.limits().count(Limit::Groups), 1);
}

#[tokio::test]
async fn a_partition_knows_no_more_producers_than_it_may() {
    let broker = broker(&[("ottla.max.producer.ids.per.partition", "2")]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 2).await;
    let write = async |client: &mut Client, partition, producer_id, base_sequence| {
        let stamp = ProducerStamp {
            producer_id,
            producer_epoch: 0,
            base_sequence,
            transactional: false,
            control: false,
        };
        let request = produce("topic", partition, -1, stamped_batch(&["value"], stamp));
        produced(&client.call(9, &request).await).clone()
    };
    assert_eq!(write(&mut client, 0, 1, 0).await.error_code, 0);
    assert_eq!(write(&mut client, 0, 2, 0).await.error_code, 0);
    let refused = write(&mut client, 0, 3, 0).await;
    assert_eq!(ErrorCode(refused.error_code), ErrorCode::POLICY_VIOLATION);
    let message = refused.error_message.as_deref().unwrap();
    assert!(message.contains("ottla.max.producer.ids.per.partition"), "{message}");
    assert_eq!(broker.limits().count(Limit::ProducerIds), 1);
    assert_eq!(write(&mut client, 0, 1, 1).await.error_code, 0, "who is known goes on");
    assert_eq!(write(&mut client, 1, 3, 0).await.error_code, 0, "the other partition has room");
}
