//! Administration end to end, against the bundled broker.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

use ottla::admin::{
    Admin, CallOptions, ChangeOptions, ConfigResource, DescribeConfigsOptions, NewTopic, OffsetSpec,
    TopicSelector,
};
use ottla::config::IsolationLevel;
use ottla::record::TopicPartition;
use ottla::{ErrorCode, ErrorKind};
use ottla_broker::{Broker, BrokerConfig};
use std::time::Duration;

async fn start() -> (Broker, Admin) {
    let broker = Broker::start(BrokerConfig::in_memory()).await.unwrap();
    let admin = Admin::builder().set("bootstrap.servers", broker.bootstrap_servers()).build().await.unwrap();
    (broker, admin)
}

async fn stop(broker: Broker, admin: Admin) {
    admin.close(Duration::from_secs(5)).await;
    broker.stop(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn a_topic_is_created_listed_and_described() {
    let (broker, admin) = start().await;
    let created =
        admin.create_topics([NewTopic::new("orders", 3, 1)], ChangeOptions::default()).await.unwrap();
    let created = created["orders"].as_ref().unwrap();
    assert!(!created.id.is_nil());
    let listed = admin.list_topics(false, CallOptions::default()).await.unwrap();
    assert_eq!(listed["orders"].id, created.id);
    let by_id = TopicSelector::Id(created.id);
    let described = admin
        .describe_topics([TopicSelector::from("orders"), by_id.clone()], CallOptions::default())
        .await
        .unwrap();
    let by_name = described[&TopicSelector::from("orders")].as_ref().unwrap();
    assert_eq!(by_name.partitions.len(), 3);
    assert!(by_name.partitions.iter().all(|partition| partition.leader.is_some()));
    assert_eq!(described[&by_id].as_ref().unwrap().name, "orders");
    stop(broker, admin).await;
}

#[tokio::test]
async fn a_topic_created_twice_and_a_validated_one() {
    let (broker, admin) = start().await;
    let only_check = ChangeOptions { validate_only: true, ..ChangeOptions::default() };
    let checked = admin.create_topics([NewTopic::new("t", 1, 1)], only_check).await.unwrap();
    checked["t"].as_ref().unwrap();
    assert!(admin.list_topics(false, CallOptions::default()).await.unwrap().is_empty());
    for expected in [None, Some(ErrorCode::TOPIC_ALREADY_EXISTS)] {
        let results =
            admin.create_topics([NewTopic::new("t", 1, 1)], ChangeOptions::default()).await.unwrap();
        assert_eq!(results["t"].as_ref().err().and_then(|error| error.code()), expected);
    }
    let results = admin.create_topics([NewTopic::new("wide", 1, 3)], ChangeOptions::default()).await.unwrap();
    let error = results["wide"].as_ref().unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::INVALID_REPLICATION_FACTOR));
    assert!(error.to_string().contains("must not exceed the number of brokers"), "{error}");
    stop(broker, admin).await;
}

#[tokio::test]
async fn offsets_of_an_empty_log_are_zero() {
    let (broker, admin) = start().await;
    admin.create_topics([NewTopic::new("t", 2, 1)], ChangeOptions::default()).await.unwrap();
    let wanted = [
        (TopicPartition::new("t", 0), OffsetSpec::Earliest),
        (TopicPartition::new("t", 1), OffsetSpec::Latest),
    ];
    let results =
        admin.list_offsets(wanted, IsolationLevel::ReadCommitted, CallOptions::default()).await.unwrap();
    assert_eq!(results.len(), 2);
    for (partition, result) in results {
        assert_eq!(result.unwrap().offset, Some(0), "{partition}");
    }
    stop(broker, admin).await;
}

#[tokio::test]
async fn the_cluster_describes_itself() {
    let (broker, admin) = start().await;
    let cluster = admin.describe_cluster(CallOptions::default()).await.unwrap();
    assert_eq!(cluster.nodes.len(), 1);
    assert_eq!(cluster.nodes[0].address.to_string(), broker.bootstrap_servers());
    let features = admin.describe_features(None, CallOptions::default()).await.unwrap();
    assert!(features.api_versions.contains_key("Metadata"));
    let log_dirs = admin.describe_log_dirs([cluster.nodes[0].id], CallOptions::default()).await.unwrap();
    assert!(log_dirs[&cluster.nodes[0].id].is_ok());
    stop(broker, admin).await;
}

#[tokio::test]
async fn configs_of_a_missing_topic_are_told_at_once() {
    let (broker, admin) = start().await;
    let options = DescribeConfigsOptions { timeout: Some(Duration::from_secs(30)), ..Default::default() };
    let asked = admin.describe_configs([ConfigResource::topic("t")], options);
    let results = tokio::time::timeout(Duration::from_secs(10), asked).await.unwrap().unwrap();
    let error = results[&ConfigResource::topic("t")].as_ref().unwrap_err();
    assert!(!error.is_retriable(), "{error}");
    stop(broker, admin).await;
}

#[tokio::test]
async fn a_stopped_broker_is_named_when_its_client_calls() {
    let (broker, admin) = start().await;
    admin.list_topics(false, CallOptions::default()).await.unwrap();
    let address = broker.bootstrap_servers();
    broker.stop(Duration::from_secs(5)).await.unwrap();
    let options = CallOptions { timeout: Some(Duration::from_millis(500)) };
    let error = admin.list_topics(false, options).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    assert!(error.to_string().contains(&address), "{error}");
    admin.close(Duration::from_secs(1)).await;
}
