//! Metadata is made, changed, and survives a restart.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

mod support;

use ottla_broker::{Broker, BrokerConfig};
use ottla_wire::ErrorCode;
use ottla_wire::messages::create_partitions_request::CreatePartitionsTopic;
use ottla_wire::messages::delete_topics_request::DeleteTopicState;
use ottla_wire::messages::describe_configs_request::DescribeConfigsResource;
use ottla_wire::messages::describe_configs_response::DescribeConfigsResourceResult;
use ottla_wire::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use ottla_wire::messages::metadata_request::MetadataRequestTopic;
use ottla_wire::messages::metadata_response::MetadataResponseTopic;
use ottla_wire::messages::{
    CreatePartitionsRequest, DeleteTopicsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest,
    InitProducerIdRequest, MetadataRequest,
};
use ottla_wire::protocol::StrBytes;
use std::path::Path;
use std::time::Duration;
use support::{Client, LIMIT, batch, create_topic, fetch, produce, produced, records, topic_name};

async fn start(directory: &Path) -> Broker {
    let mut config = BrokerConfig::in_dir(directory).unwrap();
    config.set("listeners", "PLAINTEXT://127.0.0.1:0").unwrap();
    Broker::start(config).await.unwrap()
}

async fn described(client: &mut Client, topic: &str) -> MetadataResponseTopic {
    let topics = vec![MetadataRequestTopic::default().with_name(Some(topic_name(topic)))];
    let request = MetadataRequest::default().with_topics(Some(topics)).with_allow_auto_topic_creation(false);
    client.call(12, &request).await.topics.remove(0)
}

async fn alter(client: &mut Client, kind: i8, name: &str, changes: &[(&str, i8, Option<&str>)]) -> i16 {
    let configs = changes.iter().map(|(key, operation, value)| {
        AlterableConfig::default()
            .with_name(StrBytes::from_string((*key).to_owned()))
            .with_config_operation(*operation)
            .with_value(value.map(|value| StrBytes::from_string(value.to_owned())))
    });
    let resource = AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(StrBytes::from_string(name.to_owned()))
        .with_configs(configs.collect());
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    client.call(1, &request).await.responses[0].error_code
}

async fn config(client: &mut Client, topic: &str, key: &str) -> DescribeConfigsResourceResult {
    let resource = DescribeConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(StrBytes::from_string(topic.to_owned()))
        .with_configuration_keys(Some(vec![StrBytes::from_string(key.to_owned())]));
    let request =
        DescribeConfigsRequest::default().with_resources(vec![resource]).with_include_synonyms(true);
    client.call(4, &request).await.results.remove(0).configs.remove(0)
}

#[tokio::test]
async fn topics_configs_and_producer_ids_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let broker = start(directory.path()).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "kept", 2).await;
    let before = described(&mut client, "kept").await;
    assert_eq!(alter(&mut client, 2, "kept", &[("retention.ms", 0, Some("5000"))]).await, 0);
    let response = client.call(9, &produce("kept", 1, -1, batch(&["a", "b"]))).await;
    assert_eq!(produced(&response).error_code, 0);
    let init = InitProducerIdRequest::default().with_transactional_id(None);
    let first_id = client.call(4, &init).await.producer_id;
    assert!(first_id.0 >= 0);
    drop(client);
    broker.stop(LIMIT).await.unwrap();

    let broker = start(directory.path()).await;
    let mut client = Client::connect(&broker).await;
    let after = described(&mut client, "kept").await;
    assert_eq!((after.topic_id, after.partitions.len()), (before.topic_id, 2));
    let retention = config(&mut client, "kept", "retention.ms").await;
    assert_eq!((retention.value.as_deref(), retention.config_source), (Some("5000"), 1));
    let response = client.call(12, &fetch("kept", &[(1, 0)])).await;
    let values = records(&response.responses[0].partitions[0]);
    assert_eq!(values, [(0, "a".to_owned()), (1, "b".to_owned())]);
    assert!(client.call(4, &init).await.producer_id > first_id);
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test]
async fn a_deleted_topic_is_gone_and_its_name_free() {
    let directory = tempfile::tempdir().unwrap();
    let broker = start(directory.path()).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "gone", 1).await;
    let id = described(&mut client, "gone").await.topic_id;
    client.call(9, &produce("gone", 0, -1, batch(&["old"]))).await;
    let delete = |name: &str| {
        let topic = DeleteTopicState::default().with_name(Some(topic_name(name)));
        DeleteTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(1_000)
    };
    assert_eq!(client.call(6, &delete("gone")).await.responses[0].error_code, 0);
    let code = client.call(6, &delete("gone")).await.responses[0].error_code;
    assert_eq!(code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    create_topic(&mut client, "gone", 1).await;
    assert_ne!(described(&mut client, "gone").await.topic_id, id);
    let response = client.call(12, &fetch("gone", &[(0, 0)]).with_max_wait_ms(0)).await;
    assert!(records(&response.responses[0].partitions[0]).is_empty());
    broker.stop(LIMIT).await.unwrap();
    // What was deleted stays deleted, and what was created again is found.
    let broker = start(directory.path()).await;
    let mut client = Client::connect(&broker).await;
    assert_ne!(described(&mut client, "gone").await.topic_id, id);
    broker.stop(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn partitions_grow_and_never_shrink() {
    let broker = support::broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "grows", 1).await;
    let grow = |count| {
        let topic = CreatePartitionsTopic::default()
            .with_name(topic_name("grows"))
            .with_count(count)
            .with_assignments(None);
        CreatePartitionsRequest::default().with_topics(vec![topic]).with_timeout_ms(1_000)
    };
    assert_eq!(client.call(3, &grow(3)).await.results[0].error_code, 0);
    assert_eq!(described(&mut client, "grows").await.partitions.len(), 3);
    for count in [2, 3, 0, -1, i32::MAX] {
        let code = client.call(3, &grow(count)).await.results[0].error_code;
        assert_eq!(code, ErrorCode::INVALID_PARTITIONS.0, "{count}");
    }
    let response = client.call(9, &produce("grows", 2, -1, batch(&["x"]))).await;
    assert_eq!(produced(&response).error_code, 0);
}

#[tokio::test]
async fn configs_are_set_listed_and_taken_back() {
    let broker = support::broker(&[("log.retention.hours", "2")]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "t", 1).await;
    let retention = config(&mut client, "t", "retention.ms").await;
    assert_eq!((retention.value.as_deref(), retention.config_source), (Some("7200000"), 4));
    assert_eq!(alter(&mut client, 4, "", &[("log.retention.ms", 0, Some("60000"))]).await, 0);
    let retention = config(&mut client, "t", "retention.ms").await;
    assert_eq!((retention.value.as_deref(), retention.config_source), (Some("60000"), 3));
    assert_eq!(alter(&mut client, 2, "t", &[("cleanup.policy", 2, Some("compact"))]).await, 0);
    assert_eq!(config(&mut client, "t", "cleanup.policy").await.value.as_deref(), Some("delete,compact"));
    assert_eq!(alter(&mut client, 2, "t", &[("cleanup.policy", 1, None)]).await, 0);
    assert_eq!(config(&mut client, "t", "cleanup.policy").await.config_source, 5);
    for (kind, name, change, code) in [
        (2, "t", ("retention.msec", 0, Some("1")), ErrorCode::INVALID_CONFIG),
        (2, "t", ("retention.ms", 0, Some("soon")), ErrorCode::INVALID_CONFIG),
        (2, "t", ("retention.ms", 2, Some("1")), ErrorCode::INVALID_CONFIG),
        (2, "none", ("retention.ms", 0, Some("1")), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (4, "", ("listeners", 0, Some("x")), ErrorCode::INVALID_CONFIG),
        (4, "77", ("log.retention.ms", 0, Some("1")), ErrorCode::BROKER_ID_NOT_REGISTERED),
        (2, "t", ("retention.ms", 9, Some("1")), ErrorCode::INVALID_REQUEST),
    ] {
        assert_eq!(alter(&mut client, kind, name, &[change]).await, code.0, "{kind} {name} {change:?}");
    }
}
