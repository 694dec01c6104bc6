//! What is no mistake but a moment: brokers that come late, or go and come back. Nobody is told; the work is done.

use super::mistakes::{produced_with, with_ids};
use super::roles::{closed_port, log, world};
use super::{FakeBroker, Reply, encoded};
use crate::consumer::Consumer;
use crate::producer::Producer;
use crate::record::{Record, TopicPartition};
use ottla_env::Env;
use ottla_wire::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use ottla_wire::messages::{FetchResponse, ListOffsetsRequest};
use ottla_wire::{ApiKey, ErrorCode};
use std::net::SocketAddr;
use std::time::Duration;

/// Longer than any client waits for its first contact.
const OUTAGE: Duration = Duration::from_secs(9);

/// A broker with topic `t`, empty, that takes records.
pub(super) async fn working(env: &Env, address: SocketAddr) -> FakeBroker {
    let broker = FakeBroker::start_at(env, address).await;
    broker.topic("t", 1);
    with_ids(&broker);
    produced_with(&broker, ErrorCode::NONE);
    broker.on::<ListOffsetsRequest>(|_, request| {
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| {
                ListOffsetsPartitionResponse::default()
                    .with_partition_index(partition.partition_index)
                    .with_offset(0)
            });
            ListOffsetsTopicResponse::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions.collect())
        });
        ListOffsetsResponse::default().with_topics(topics.collect())
    });
    broker.on_raw(ApiKey::FETCH, |asked| {
        let nothing = encoded(ApiKey::FETCH.0, &asked, &FetchResponse::default());
        Reply::Later(Duration::from_millis(100), nothing)
    });
    broker
}

#[tokio::test]
async fn a_broker_that_restarts_under_a_producer_costs_no_record() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let address = broker.address;
    let builder = Producer::builder().set("bootstrap.servers", broker.bootstrap()).env(env.clone());
    let producer = builder.build().await.unwrap();
    producer.send(Record::to("t").value("before")).await.unwrap().await.unwrap();
    drop(broker);
    let during = producer.send(Record::to("t").value("during")).await.unwrap();
    env.sleep(OUTAGE).await;
    let later = producer.send(Record::to("t").value("later")).await.unwrap();
    let broker = working(&env, address).await;
    during.await.unwrap();
    later.await.unwrap();
    drop(broker);
    producer.close(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn a_broker_that_restarts_under_a_consumer_costs_no_error() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let address = broker.address;
    let builder = Consumer::builder()
        .set("bootstrap.servers", broker.bootstrap())
        .set("auto.offset.reset", "earliest")
        .env(env.clone());
    let consumer = builder.build().await.unwrap();
    consumer.assign([TopicPartition::new("t", 0)]).unwrap();
    while broker.count(ApiKey::FETCH) < 2 {
        consumer.poll(Duration::from_millis(50)).await.unwrap();
    }
    drop(broker);
    let back_at = env.now() + OUTAGE;
    while env.now() < back_at {
        consumer.poll(Duration::from_millis(500)).await.unwrap();
    }
    let broker = working(&env, address).await;
    while broker.count(ApiKey::FETCH) < 2 {
        assert!(env.now() < back_at + OUTAGE, "it does not come back");
        consumer.poll(Duration::from_millis(50)).await.unwrap();
    }
    consumer.close(Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn a_broker_that_starts_after_its_clients_is_found() {
    log();
    let world = world();
    let env = world.env.clone();
    let address = closed_port(&env).await;
    let builder = Producer::builder().set("bootstrap.servers", address).env(env.clone());
    let producer = builder.build().await.unwrap();
    let started = env.spawn("late broker", {
        let env = env.clone();
        async move {
            env.sleep(Duration::from_secs(2)).await;
            working(&env, address).await
        }
    });
    producer.send(Record::to("t").value("v")).await.unwrap().await.unwrap();
    producer.close(Duration::from_secs(1)).await.unwrap();
    drop(started);
}

#[tokio::test]
async fn after_the_error_the_same_producer_delivers_once_brokers_can_be_reached() {
    log();
    let world = world();
    let env = world.env.clone();
    let seed = working(&env, SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let address = closed_port(&env).await;
    seed.advertise("127.0.0.1", address.port());
    let builder = Producer::builder().set("bootstrap.servers", seed.bootstrap()).env(env.clone());
    let producer = builder.build().await.unwrap();
    let error = producer.send(Record::to("t").value("v")).await.unwrap().await.unwrap_err();
    assert!(error.to_string().contains("advertised.listeners") && !error.is_fatal(), "{error}");
    let broker = working(&env, address).await;
    producer.send(Record::to("t").value("v")).await.unwrap().await.unwrap();
    drop(broker);
    let _ = producer.close(Duration::ZERO).await;
}
