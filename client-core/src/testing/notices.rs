//! Mistakes that no error can tell, because nothing failed: they are said once, in the log.

use super::endings::{anywhere, consumer, producer, with_group};
use super::mistakes::with_ids;
use super::outages::working;
use super::roles::{PROMISE, closed_port, world};
use super::{FakeBroker, Reply};
use crate::consumer::Consumer;
use crate::record::{Record, TopicPartition};
use ottla_env::Env;
use ottla_wire::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::messages::{
    BrokerId, HeartbeatRequest, HeartbeatResponse, MetadataRequest, MetadataResponse, SyncGroupRequest,
    SyncGroupResponse,
};
use ottla_wire::{ApiKey, ErrorCode};
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::fmt::MakeWriter;

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Collects what this thread logs, which is all of a test's runtime.
    fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn count(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.0.lock()).matches(text).count()
    }

    async fn says(&self, env: &Env, text: &str, mut step: impl AsyncFnMut()) {
        let deadline = env.now() + PROMISE;
        while self.count(text) == 0 {
            assert!(env.now() < deadline, "{}", String::from_utf8_lossy(&self.0.lock()));
            step().await;
        }
    }
}

#[tokio::test]
async fn a_consumer_that_starts_at_the_end_and_sees_nothing_says_so_once() {
    let (log, _guard) = Log::start();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    let builder = Consumer::builder().set("bootstrap.servers", broker.bootstrap()).env(env.clone());
    let consumer = builder.build().await.unwrap();
    consumer.assign([TopicPartition::new("t", 0)]).unwrap();
    let poll = async || {
        let records = consumer.poll(Duration::from_millis(200)).await.unwrap();
        assert!(records.is_empty());
    };
    log.says(&env, "auto.offset.reset=latest skips what was there before, earliest reads it", poll).await;
    let until = env.now() + Duration::from_secs(6);
    while env.now() < until {
        poll().await;
    }
    assert_eq!(log.count("auto.offset.reset=latest skips"), 1);
}

#[tokio::test]
async fn a_member_too_many_is_told_that_it_gets_nothing() {
    let (log, _guard) = Log::start();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    with_group(&broker);
    broker.on_raw(ApiKey::HEARTBEAT, |_| Reply::Silence);
    broker.on_raw(ApiKey::LEAVE_GROUP, |_| Reply::Silence);
    broker.on::<SyncGroupRequest>(|_, _| SyncGroupResponse::default().with_assignment(NOTHING.into()));
    let consumer = consumer(&env, &broker.bootstrap()).await;
    consumer.subscribe(["t"]).unwrap();
    let poll = async || drop(consumer.poll(Duration::from_millis(50)).await.unwrap());
    log.says(&env, "nothing is assigned to this member", poll).await;
    assert_eq!(log.count("add partitions, or stop members that are not needed"), 1);
}

/// Version 0, no topic, no user data.
const NOTHING: &[u8] = &[0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];

/// A member under the cooperative protocol that gets nothing.
async fn idle_member(env: &Env, broker: &FakeBroker) -> Consumer {
    with_group(broker);
    broker.on_raw(ApiKey::LEAVE_GROUP, |_| Reply::Silence);
    broker.on::<SyncGroupRequest>(|_, _| SyncGroupResponse::default().with_assignment(NOTHING.into()));
    let builder = Consumer::builder()
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "g")
        .set("partition.assignment.strategy", "cooperative-sticky")
        .env(env.clone());
    let consumer = builder.build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    consumer
}

#[tokio::test]
async fn a_cooperative_member_too_many_is_told_once_it_is_clear() {
    let (log, _guard) = Log::start();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    broker.on::<HeartbeatRequest>(|_, _| HeartbeatResponse::default());
    let consumer = idle_member(&env, &broker).await;
    let poll = async || drop(consumer.poll(Duration::from_millis(500)).await.unwrap());
    log.says(&env, "nothing is assigned to this member", poll).await;
    let until = env.now() + Duration::from_secs(60);
    while env.now() < until {
        poll().await;
    }
    assert_eq!(log.count("nothing is assigned to this member"), 1);
}

#[tokio::test]
async fn a_cooperative_member_that_waits_for_what_others_give_up_is_not_told_that_it_gets_nothing() {
    let (log, _guard) = Log::start();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    // What another member does after the first generation calls for the next one, and that again.
    broker.on::<HeartbeatRequest>(|_, _| {
        HeartbeatResponse::default().with_error_code(ErrorCode::REBALANCE_IN_PROGRESS.0)
    });
    let consumer = idle_member(&env, &broker).await;
    let until = env.now() + Duration::from_secs(60);
    while env.now() < until {
        consumer.poll(Duration::from_millis(500)).await.unwrap();
    }
    assert!(broker.count(ApiKey::SYNC_GROUP) > 5);
    assert_eq!(log.count("nothing is assigned to this member"), 0);
}

#[tokio::test]
async fn one_broker_of_several_that_cannot_be_reached_is_named_while_its_records_wait() {
    let (log, _guard) = Log::start();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, anywhere()).await;
    with_ids(&broker);
    let (good, bad) = (broker.address.port(), closed_port(&env).await.port());
    broker.on::<MetadataRequest>(move |_, request| {
        let node = |id, port| {
            MetadataResponseBroker::default()
                .with_node_id(BrokerId(id))
                .with_host("127.0.0.1".to_owned().into())
                .with_port(i32::from(port))
        };
        let topics = request.topics.unwrap_or_default().into_iter().map(|topic| {
            let partition = MetadataResponsePartition::default()
                .with_partition_index(0)
                .with_leader_id(BrokerId(2))
                .with_leader_epoch(0);
            MetadataResponseTopic::default().with_name(topic.name).with_partitions(vec![partition])
        });
        MetadataResponse::default()
            .with_brokers(vec![node(1, good), node(2, bad)])
            .with_topics(topics.collect())
    });
    let producer = producer(&env, &broker.bootstrap()).await;
    // Others were reached, so it may be a moment's trouble: the record has its time.
    let delivery = producer.send(Record::to("t").value("v")).await.unwrap();
    log.says(&env, "a broker cannot be reached, still trying", async || {
        env.sleep(Duration::from_millis(50)).await
    })
    .await;
    assert!(log.count("nothing listens on that port") > 0 && log.count("set advertised.listeners") > 0);
    let _ = producer.close(Duration::ZERO).await;
    let error = delivery.await.unwrap_err();
    for part in ["closed before", "nothing listens on that port", "give close a longer timeout"] {
        assert!(error.to_string().contains(part), "{part:?} is not in: {error}");
    }
}

#[test]
fn records_lost_with_their_runtime_are_an_error_in_the_log() {
    let (log, _guard) = Log::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let producer = runtime.block_on(async {
        let world = world();
        let env = world.env.clone();
        let broker = working(&env, anywhere()).await;
        broker.on_raw(ApiKey::PRODUCE, |_| Reply::Silence);
        let producer = producer(&env, &broker.bootstrap()).await;
        producer.send(Record::to("t").value("v")).await.unwrap();
        producer
    });
    drop(runtime);
    assert_eq!(log.count("await flush or close before it does"), 1);
    drop(producer);
}
