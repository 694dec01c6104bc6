//! What the reference broker does not do, or no broker of today: answers made by hand.

use super::*;
use crate::testing::FakeBroker;
use crate::testing::world::World;
use ottla_wire::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use ottla_wire::messages::describe_transactions_response::{TopicData, TransactionState};
use ottla_wire::messages::list_groups_response::ListedGroup;
use ottla_wire::messages::list_transactions_response::TransactionState as Listed;
use ottla_wire::messages::write_txn_markers_response::{
    WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
};
use ottla_wire::messages::{
    BrokerId, DescribeConfigsRequest, DescribeConfigsResponse, DescribeTransactionsRequest,
    DescribeTransactionsResponse, FindCoordinatorRequest, FindCoordinatorResponse, GroupId,
    InitProducerIdRequest, InitProducerIdResponse, ListGroupsRequest, ListGroupsResponse,
    ListTransactionsRequest, ListTransactionsResponse, ProducerId, TopicName, TransactionalId,
    WriteTxnMarkersRequest, WriteTxnMarkersResponse, find_coordinator_response,
};
use ottla_wire::protocol::StrBytes;
use std::sync::{Arc, Mutex};

struct Fake {
    _world: World,
    broker: FakeBroker,
    admin: Core,
}

impl Fake {
    async fn start() -> Self {
        let world = World::new();
        let broker = FakeBroker::start(&world.env).await;
        broker.topic("t", 1);
        let (node, port) = (broker.node_id().0, i32::from(broker.address.port()));
        let host = StrBytes::from_string(broker.address.ip().to_string());
        broker.on::<FindCoordinatorRequest>(move |_, request| {
            let coordinators = request.coordinator_keys.into_iter().map(|key| {
                find_coordinator_response::Coordinator::default()
                    .with_key(key)
                    .with_node_id(BrokerId(node))
                    .with_host(host.clone())
                    .with_port(port)
            });
            FindCoordinatorResponse::default()
                .with_node_id(BrokerId(node))
                .with_host(host.clone())
                .with_port(port)
                .with_coordinators(coordinators.collect())
        });
        let admin = Core::builder()
            .set("bootstrap.servers", broker.bootstrap())
            .env(world.env.clone())
            .build()
            .await
            .unwrap();
        Self { _world: world, broker, admin }
    }

    async fn call(&self, operation: &str, arguments: Value) -> Value {
        let entry = entries().find(|entry| entry.row.name == operation).unwrap();
        let result = (entry.run)(self.admin.clone(), arguments).await.unwrap();
        fits(operation, &result, &entry.row.result);
        result
    }
}

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

#[tokio::test]
async fn groups_of_a_type_newer_than_this_library_are_unknown() {
    let fake = Fake::start().await;
    fake.broker.on::<ListGroupsRequest>(|_, _| {
        let group = ListedGroup::default()
            .with_group_id(GroupId(text("g")))
            .with_group_type(text("Telepathic"))
            .with_group_state(text("Dreaming"));
        ListGroupsResponse::default().with_groups(vec![group])
    });
    let listed = fake.call("list_groups", json!({})).await;
    assert_eq!((&listed["g"]["group_type"], &listed["g"]["state"]), (&json!("UNKNOWN"), &json!("Dreaming")));
}

#[tokio::test]
async fn config_sources_newer_than_this_library_are_unknown() {
    let fake = Fake::start().await;
    fake.broker.on::<DescribeConfigsRequest>(|_, request| {
        let synonym =
            DescribeConfigsSynonym::default().with_name(text("b")).with_source(9).with_value(Some(text("1")));
        let entry = DescribeConfigsResourceResult::default()
            .with_name(text("a"))
            .with_config_source(9)
            .with_synonyms(vec![synonym]);
        let results = request.resources.into_iter().map(|resource| {
            DescribeConfigsResult::default()
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name)
                .with_configs(vec![entry.clone()])
        });
        DescribeConfigsResponse::default().with_results(results.collect())
    });
    let resource = json!({"resource_type": "GROUP", "name": "g"});
    let described =
        fake.call("describe_configs", json!({"resources": [resource], "include_synonyms": true})).await;
    let entry = &described[0]["value"]["a"];
    assert_eq!((&entry["source"], &entry["synonyms"][0]["source"]), (&json!("UNKNOWN"), &json!("UNKNOWN")));
}

#[tokio::test]
async fn error_codes_newer_than_this_library_are_errors_of_their_items() {
    let fake = Fake::start().await;
    fake.broker.on::<DescribeConfigsRequest>(|_, request| {
        let results = request.resources.into_iter().map(|resource| {
            let is_first = resource.resource_name.as_str() == "a";
            DescribeConfigsResult::default()
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name)
                .with_error_code(if is_first { 999 } else { 0 })
        });
        DescribeConfigsResponse::default().with_results(results.collect())
    });
    let resource = |name: &str| json!({"resource_type": "TOPIC", "name": name});
    let described = fake.call("describe_configs", json!({"resources": [resource("a"), resource("b")]})).await;
    assert_eq!(
        (&described[0]["error"]["code"], &described[0]["error"]["retriable"]),
        (&json!(999), &json!(false))
    );
    assert_eq!(described[1]["value"], json!({}));
}

#[tokio::test]
async fn transactions_are_listed_described_and_their_producers_fenced() {
    let fake = Fake::start().await;
    fake.broker.on::<ListTransactionsRequest>(|_, request| {
        let listed = Listed::default()
            .with_transactional_id(TransactionalId(text("tx")))
            .with_producer_id(request.producer_id_filters[0])
            .with_transaction_state(request.state_filters[0].clone());
        assert_eq!(request.duration_filter, 60_000);
        ListTransactionsResponse::default().with_transaction_states(vec![listed])
    });
    let filter = json!({"states": ["Ongoing"], "producer_ids": ["7"], "running_longer_than": 60_000});
    let listed = fake.call("list_transactions", filter).await;
    assert_eq!(listed["tx"], json!({"transactional_id": "tx", "producer_id": 7, "state": "Ongoing"}));

    fake.broker.on::<DescribeTransactionsRequest>(|_, _| {
        let described = TransactionState::default()
            .with_transactional_id(TransactionalId(text("tx")))
            .with_transaction_state(text("Ongoing"))
            .with_transaction_timeout_ms(30_000)
            .with_transaction_start_time_ms(5)
            .with_topics(vec![
                TopicData::default().with_topic(TopicName(text("t"))).with_partitions(vec![0]),
            ]);
        DescribeTransactionsResponse::default().with_transaction_states(vec![described])
    });
    let described = fake.call("describe_transactions", json!({"transactional_ids": ["tx"]})).await;
    let transaction = &described[0]["value"];
    assert_eq!((&transaction["timeout"], &transaction["start_time_ms"]), (&json!(30_000), &json!(5)));
    assert_eq!(transaction["partitions"], json!([{"topic": "t", "partition": 0}]));

    fake.broker.on::<InitProducerIdRequest>(|_, _| {
        InitProducerIdResponse::default().with_producer_id(ProducerId(7)).with_producer_epoch(3)
    });
    let fenced = fake.call("fence_producers", json!({"transactional_ids": ["tx"]})).await;
    assert_eq!(fenced, json!([{"key": "tx", "value": {"producer_id": 7, "producer_epoch": 3}}]));
}

#[tokio::test]
async fn hanging_transactions_are_aborted_by_a_marker() {
    let fake = Fake::start().await;
    let markers = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&markers);
    fake.broker.on::<WriteTxnMarkersRequest>(move |_, request| {
        let marker = &request.markers[0];
        seen.lock().unwrap().push((
            marker.producer_id.0,
            marker.producer_epoch,
            marker.coordinator_epoch,
            marker.transaction_result,
        ));
        let partition = WritableTxnMarkerPartitionResult::default().with_partition_index(0);
        let topic = WritableTxnMarkerTopicResult::default()
            .with_name(TopicName(text("t")))
            .with_partitions(vec![partition]);
        let result = WritableTxnMarkerResult::default().with_topics(vec![topic]);
        WriteTxnMarkersResponse::default().with_markers(vec![result])
    });
    let partition = json!({"topic": "t", "partition": 0});
    let arguments =
        json!({"partition": partition, "producer_id": 7, "producer_epoch": 3, "coordinator_epoch": 2});
    assert_eq!(fake.call("abort_transaction", arguments).await, json!(null));
    assert_eq!(*markers.lock().unwrap(), [(7, 3, 2, false)]);
}
