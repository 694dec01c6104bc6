//! A whole producer against brokers that answer as told, on a clock that jumps.

use super::*;
use crate::testing::world::World;
use crate::testing::{FakeBroker, Reply, encoded};
use ottla_wire::messages::produce_response::{
    LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse, TopicProduceResponse,
};
use ottla_wire::messages::{
    BrokerId, InitProducerIdRequest, InitProducerIdResponse, ProduceRequest, ProduceResponse, ProducerId,
};
use ottla_wire::protocol::{Request, StrBytes};
use ottla_wire::{ApiKey, ErrorCode};
use std::net::SocketAddr;
use tokio::sync::oneshot;

/// The same for every partition that records came for.
fn answer(request: &ProduceRequest, partition: &PartitionProduceResponse) -> ProduceResponse {
    let topics = request.topic_data.iter().map(|topic| {
        let partitions = topic.partition_data.iter().map(|sent| partition.clone().with_index(sent.index));
        TopicProduceResponse::default()
            .with_name(topic.name.clone())
            .with_topic_id(topic.topic_id)
            .with_partition_responses(partitions.collect())
    });
    ProduceResponse::default().with_responses(topics.collect())
}

#[tokio::test]
async fn records_follow_the_leader_that_a_refusal_names_without_asking_for_metadata() {
    let world = World::new();
    let env = &world.env;
    let old = FakeBroker::start(env).await;
    old.topic("t", 1);
    let new = FakeBroker::start_node(env, 2, SocketAddr::from(([10, 0, 0, 2], 9092))).await;
    for broker in [&old, &new] {
        broker.on::<InitProducerIdRequest>(|_, _| {
            InitProducerIdResponse::default().with_producer_id(ProducerId(7)).with_producer_epoch(0)
        });
    }
    let (release, released) = oneshot::channel();
    let mut released = Some(released);
    old.on_raw(ApiKey::PRODUCE, move |asked| {
        let moved = LeaderIdAndEpoch::default().with_leader_id(BrokerId(2)).with_leader_epoch(5);
        let refusal = PartitionProduceResponse::default()
            .with_error_code(ErrorCode::NOT_LEADER_OR_FOLLOWER.0)
            .with_base_offset(-1)
            .with_current_leader(moved);
        let endpoint = NodeEndpoint::default()
            .with_node_id(BrokerId(2))
            .with_host(StrBytes::from_static_str("10.0.0.2"))
            .with_port(9092);
        let response = answer(&asked.decode(), &refusal).with_node_endpoints(vec![endpoint]);
        let released = released.take().expect("the former leader is asked once");
        Reply::When(released, encoded(ProduceRequest::KEY, &asked, &response))
    });
    new.on::<ProduceRequest>(|_, request| {
        answer(&request, &PartitionProduceResponse::default().with_base_offset(40))
    });
    let builder = Producer::builder().set("bootstrap.servers", old.bootstrap()).env(env.clone());
    let producer = builder.build().await.unwrap();
    let delivery = producer.send(Record::to("t").value("v")).await.unwrap();
    while old.count(ApiKey::PRODUCE) == 0 {
        env.sleep(Duration::from_millis(1)).await;
    }
    let asked_before = old.count(ApiKey::METADATA);
    release.send(()).unwrap();
    assert_eq!(delivery.await.unwrap().offset, Some(40));
    assert_eq!((old.count(ApiKey::PRODUCE), new.count(ApiKey::PRODUCE)), (1, 1));
    let asked = old.count(ApiKey::METADATA) + new.count(ApiKey::METADATA);
    assert_eq!(asked, asked_before);
    producer.close(Duration::from_secs(5)).await.unwrap();
}
