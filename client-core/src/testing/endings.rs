//! Closing and dropping clients whose brokers do not answer: within the time given, with nothing left behind.

use super::mistakes::with_ids;
use super::outages::working;
use super::roles::{closed_port, log, world};
use super::{FakeBroker, Reply};
use crate::admin::{Admin, CallOptions};
use crate::consumer::Consumer;
use crate::error::ErrorKind;
use crate::producer::Producer;
use crate::record::{Record, TopicPartition};
use futures_util::FutureExt;
use ottla_env::Env;
use ottla_wire::ApiKey;
use ottla_wire::messages::join_group_response::JoinGroupResponse;
use ottla_wire::messages::{JoinGroupRequest, SyncGroupRequest, SyncGroupResponse};
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_millis(300);

pub(super) fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn in_time<T>(env: &Env, what: &str, ending: impl Future<Output = T>) -> T {
    let started = env.now();
    let ended = ending.await;
    let took = env.now() - started;
    assert!(took <= TIMEOUT, "{what} took {took:?}");
    ended
}

pub(super) async fn producer(env: &Env, bootstrap: &str) -> Producer {
    Producer::builder().set("bootstrap.servers", bootstrap).env(env.clone()).build().await.unwrap()
}

pub(super) async fn consumer(env: &Env, bootstrap: &str) -> Consumer {
    Consumer::builder()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "g")
        .set("auto.offset.reset", "earliest")
        .env(env.clone())
        .build()
        .await
        .unwrap()
}

async fn admin(env: &Env, bootstrap: &str) -> Admin {
    Admin::builder().set("bootstrap.servers", bootstrap).env(env.clone()).build().await.unwrap()
}

async fn until(env: &Env, what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = env.now() + Duration::from_secs(8);
    while !is_so() {
        assert!(env.now() < deadline, "waited in vain until {what}");
        env.sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn clients_that_reached_nobody_close_in_time() {
    log();
    let world = world();
    let env = world.env.clone();
    for bootstrap in [closed_port(&env).await.to_string(), "blackhole:9092".to_owned()] {
        let producer = producer(&env, &bootstrap).await;
        let sending = producer.send(Record::to("t").value("v"));
        assert!(sending.now_or_never().is_none(), "there is no metadata");
        in_time(&env, "producer", producer.close(TIMEOUT)).await.unwrap();
        let consumer = consumer(&env, &bootstrap).await;
        consumer.subscribe(["t"]).unwrap();
        consumer.poll(Duration::from_millis(50)).await.unwrap();
        in_time(&env, "consumer", consumer.close(TIMEOUT)).await.unwrap();
        let admin = admin(&env, &bootstrap).await;
        let listing = env.spawn("list", {
            let admin = admin.clone();
            async move { admin.list_topics(false, CallOptions::default()).await }
        });
        env.sleep(Duration::from_millis(20)).await;
        in_time(&env, "admin", admin.close(TIMEOUT)).await;
        let error = in_time(&env, "call", listing).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    }
}

#[tokio::test]
async fn a_producer_with_records_nobody_answers_for_closes_in_time_and_tells_their_fate() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    let producer = producer(&env, &broker.bootstrap()).await;
    producer.send(Record::to("t").value("v")).await.unwrap().await.unwrap();
    broker.on_raw(ApiKey::PRODUCE, |_| Reply::Silence);
    let asked = broker.count(ApiKey::PRODUCE);
    let sent = producer.send(Record::to("t").value("v")).await.unwrap();
    until(&env, "the record is on its way", || broker.count(ApiKey::PRODUCE) > asked).await;
    let error = in_time(&env, "producer", producer.close(TIMEOUT)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("1 of unknown outcome"), "{error}");
    assert_eq!(sent.await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
}

#[tokio::test]
async fn a_producer_whose_broker_is_gone_closes_in_time_and_says_that_nothing_was_sent() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    let producer = producer(&env, &broker.bootstrap()).await;
    producer.send(Record::to("t").value("v")).await.unwrap().await.unwrap();
    drop(broker);
    let unsent = producer.send(Record::to("t").value("v")).await.unwrap();
    let error = in_time(&env, "producer", producer.close(TIMEOUT)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let error = unsent.await.unwrap_err();
    assert!(error.to_string().contains("closed before the records were delivered"), "{error}");
    assert!(error.hint().is_some(), "{error}");
}

/// Lets a member join and assigns it partition 0 of `t`, which it asked for as the only one.
pub(super) fn with_group(broker: &FakeBroker) {
    broker.on::<JoinGroupRequest>(|_, request| {
        let member = if request.member_id.is_empty() { "m".into() } else { request.member_id };
        JoinGroupResponse::default()
            .with_generation_id(1)
            .with_protocol_name(Some(request.protocols[0].name.clone()))
            .with_leader("another".to_owned().into())
            .with_member_id(member)
    });
    broker.on::<SyncGroupRequest>(|_, _| {
        // Version 0, one topic, `t`, with one partition, 0; no user data.
        let assignment: &[u8] =
            &[0, 0, 0, 0, 0, 1, 0, 1, b't', 0, 0, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
        SyncGroupResponse::default().with_assignment(assignment.into())
    });
}

#[tokio::test]
async fn a_member_in_the_middle_of_a_rebalance_closes_in_time() {
    log();
    let world = world();
    let env = world.env.clone();
    for (held, is_known) in [(ApiKey::JOIN_GROUP, false), (ApiKey::SYNC_GROUP, true)] {
        let broker = working(&env, anywhere()).await;
        with_group(&broker);
        broker.on_raw(held, |_| Reply::Silence);
        broker.on_raw(ApiKey::LEAVE_GROUP, |_| Reply::Silence);
        let consumer = consumer(&env, &broker.bootstrap()).await;
        consumer.subscribe(["t"]).unwrap();
        while broker.count(held) == 0 {
            consumer.poll(Duration::from_millis(10)).await.unwrap();
        }
        let closed = in_time(&env, "consumer", consumer.close(TIMEOUT)).await;
        closed.unwrap_or_else(|error| panic!("nothing was there to be committed: {error}"));
        assert_eq!(broker.count(ApiKey::LEAVE_GROUP) > 0, is_known, "{held:?}: who has an id says goodbye");
    }
}

#[tokio::test]
async fn a_commit_nobody_answers_ends_with_the_close() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    with_group(&broker);
    broker.on_raw(ApiKey::OFFSET_FETCH, |_| Reply::Silence);
    broker.on_raw(ApiKey::OFFSET_COMMIT, |_| Reply::Silence);
    broker.on_raw(ApiKey::HEARTBEAT, |_| Reply::Silence);
    broker.on_raw(ApiKey::LEAVE_GROUP, |_| Reply::Silence);
    let consumer = consumer(&env, &broker.bootstrap()).await;
    consumer.subscribe(["t"]).unwrap();
    while consumer.assignment().is_empty() {
        consumer.poll(Duration::from_millis(10)).await.unwrap();
    }
    consumer.seek(&TopicPartition::new("t", 0), 5).unwrap();
    let error = in_time(&env, "consumer", consumer.close(TIMEOUT)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let text = error.to_string();
    assert!(text.contains("commit offsets") && text.contains("group=g"), "{text}");
    assert!(error.is_outcome_unknown() && error.hint().is_some(), "{text}");
}

/// How many tasks there are, those of the test's own broker included.
fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn dropped_clients_leave_no_task_behind() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    with_group(&broker);
    broker.on_raw(ApiKey::OFFSET_FETCH, |_| Reply::Silence);
    broker.on_raw(ApiKey::HEARTBEAT, |_| Reply::Silence);
    broker.on_raw(ApiKey::LEAVE_GROUP, |_| Reply::Silence);
    let before = tasks();
    let bootstrap = broker.bootstrap();
    {
        let producer = producer(&env, &bootstrap).await;
        let delivery = producer.send(Record::to("t").value("v")).await.unwrap();
        drop(producer);
        delivery.await.unwrap();
        let consumer = consumer(&env, &bootstrap).await;
        consumer.subscribe(["t"]).unwrap();
        while consumer.assignment().is_empty() {
            consumer.poll(Duration::from_millis(10)).await.unwrap();
        }
        drop(consumer);
        let admin = admin(&env, &bootstrap).await;
        admin.list_topics(false, CallOptions::default()).await.unwrap();
    }
    until(&env, "all tasks ended", || tasks() <= before).await;
}

#[tokio::test]
async fn clients_dropped_while_nobody_can_be_reached_leave_no_task_behind() {
    log();
    let world = world();
    let env = world.env.clone();
    let before = tasks();
    for bootstrap in [closed_port(&env).await.to_string(), "blackhole:9092".to_owned()] {
        let producer = producer(&env, &bootstrap).await;
        assert!(producer.send(Record::to("t").value("v")).now_or_never().is_none());
        let consumer = consumer(&env, &bootstrap).await;
        consumer.subscribe(["t"]).unwrap();
        consumer.poll(Duration::from_millis(20)).await.unwrap();
        let admin = admin(&env, &bootstrap).await;
        assert!(admin.list_topics(false, CallOptions::default()).now_or_never().is_none());
    }
    until(&env, "all tasks ended", || tasks() <= before).await;
}

#[tokio::test]
async fn records_of_a_dropped_producer_are_given_up_at_their_timeout_and_its_task_with_them() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    with_ids(&broker);
    broker.on_raw(ApiKey::PRODUCE, |_| Reply::Silence);
    let before = tasks();
    let builder = Producer::builder()
        .set("bootstrap.servers", broker.bootstrap())
        .set("request.timeout.ms", 400)
        .set("delivery.timeout.ms", 500)
        .env(env.clone());
    let producer = builder.build().await.unwrap();
    let delivery = producer.send(Record::to("t").value("v")).await.unwrap();
    drop(producer);
    assert_eq!(delivery.await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    until(&env, "all tasks ended", || tasks() <= before).await;
}

#[test]
fn a_runtime_that_ends_before_flush_tells_the_records_fate() {
    log();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (delivery, producer) = runtime.block_on(async {
        let world = world();
        let env = world.env.clone();
        let broker = working(&env, anywhere()).await;
        broker.on_raw(ApiKey::PRODUCE, |_| Reply::Silence);
        let producer = producer(&env, &broker.bootstrap()).await;
        (producer.send(Record::to("t").value("v")).await.unwrap(), producer)
    });
    drop(runtime);
    let error = delivery.now_or_never().expect("nobody else is left to tell it").unwrap_err();
    assert!(error.to_string().contains("closed before the records were delivered"), "{error}");
    assert!(error.to_string().contains("flush before"), "{error}");
    drop(producer);
}
