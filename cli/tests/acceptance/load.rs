//! Writers that never give up, readers that miss nothing, and what must hold between the two.

use crate::broker::Broker;
use ottla::consumer::Consumer;
use ottla::producer::Producer;
use ottla::record::{Record, RecordMetadata, TopicPartition};
use ottla_env::Env;
use rand::Rng;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpSocket;

/// Longer than any test: a record is given up only when the producer is wrong.
const DELIVERY_TIMEOUT_MS: u64 = 180_000;

/// A broker on a port that stays its own over restarts, so that clients find it again.
pub(crate) struct Node<'a> {
    folder: &'a Path,
    settings: Vec<String>,
    broker: Option<Broker>,
    pub(crate) address: String,
    /// Held for as long as the node may come back.
    _port: TcpSocket,
}

impl<'a> Node<'a> {
    /// Starts a broker on a port the system gives.
    pub(crate) async fn start(folder: &'a Path, settings: &[&str]) -> Self {
        let (port, address) = reserve_port();
        let mut all = vec![format!("listeners=PLAINTEXT://{address}")];
        all.extend(settings.iter().map(|setting| (*setting).to_owned()));
        let mut node = Self { folder, settings: all, broker: None, address, _port: port };
        node.restart().await;
        node
    }

    async fn launch(&self) -> Result<Broker, crate::broker::Refused> {
        let settings: Vec<&str> = self.settings.iter().map(String::as_str).collect();
        Broker::try_start(self.folder, &settings).await
    }

    /// Kills the broker without a word.
    pub(crate) async fn kill(&mut self) {
        if let Some(broker) = self.broker.take() {
            broker.kill().await;
        }
    }

    /// Asks the broker to end and waits until it did.
    pub(crate) async fn terminate(&mut self) {
        if let Some(broker) = self.broker.take() {
            let status = broker.terminate().await;
            assert!(status.success(), "the broker ended with {status}:\n{}", self.log());
        }
    }

    /// Starts the broker again on its data and port.
    pub(crate) async fn restart(&mut self) {
        match self.launch().await {
            Ok(broker) => self.broker = Some(broker),
            Err(refused) => panic!("the broker ended with {}:\n{}", refused.status, refused.stderr),
        }
    }

    /// Starts the broker and kills it `after` that, wherever it is then: most likely it recovers its logs.
    pub(crate) async fn restart_and_kill(&self, after: Duration) {
        let settings: Vec<&str> = self.settings.iter().map(String::as_str).collect();
        if let Err(refused) = Broker::start_and_kill(self.folder, &settings, after).await {
            panic!("the broker ended with {}:\n{}", refused.status, refused.stderr);
        }
    }

    /// Everything the broker logged, over restarts.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("broker.log")).unwrap_or_default()
    }
}

/// A port that stays taken while the broker is down. A socket that is bound and never listens keeps the system from giving
/// the port to anyone else, and as both sides let their address be shared, does not stand in the broker's way.
fn reserve_port() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().expect("a socket can be had");
    socket.set_reuseaddr(true).expect("a socket can be shared");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("there is a free port");
    let address = socket.local_addr().expect("a bound socket has an address");
    (socket, address.to_string())
}

/// An idempotent producer that outlives the broker's restarts.
pub(crate) async fn producer(address: &str, compression: &str) -> Producer {
    let built = Producer::builder()
        .set("bootstrap.servers", address)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", compression)
        .set("delivery.timeout.ms", DELIVERY_TIMEOUT_MS)
        .set("request.timeout.ms", 10_000)
        .set("linger.ms", 1)
        .set("retry.backoff.ms", 10)
        .set("retry.backoff.max.ms", 50)
        .set("reconnect.backoff.ms", 10)
        .set("reconnect.backoff.max.ms", 50)
        .build()
        .await;
    built.unwrap_or_else(|error| panic!("no producer: {error}"))
}

/// A record that was acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Acked {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
}

/// When writers stop, and how far they are.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) stop: AtomicBool,
    pub(crate) sent: AtomicU64,
    pub(crate) acked: AtomicU64,
}

impl Progress {
    /// Records that were handed to a producer and that nobody knows the fate of yet.
    pub(crate) fn in_flight(&self) -> u64 {
        // In this order the count may be too small, never too large.
        let sent = self.sent.load(Ordering::SeqCst);
        sent.saturating_sub(self.acked.load(Ordering::SeqCst))
    }
}

/// Sends what `next` makes until told to stop, at most `window` records unacknowledged; panics when a record fails.
pub(crate) async fn write(
    producer: Producer,
    progress: Arc<Progress>,
    window: usize,
    mut next: impl FnMut() -> Record + Send,
) -> Vec<Acked> {
    let mut acked = Vec::new();
    let mut waiting: VecDeque<(Record, ottla::producer::Delivery)> = VecDeque::new();
    while !progress.stop.load(Ordering::Relaxed) {
        let record = next();
        let delivery = producer.send(record.clone()).await.unwrap_or_else(|error| panic!("{error}"));
        waiting.push_back((record, delivery));
        progress.sent.fetch_add(1, Ordering::SeqCst);
        while waiting.len() >= window {
            settle(&mut waiting, &mut acked, &progress).await;
        }
    }
    while !waiting.is_empty() {
        settle(&mut waiting, &mut acked, &progress).await;
    }
    producer.close(Duration::from_secs(30)).await.unwrap_or_else(|error| panic!("{error}"));
    acked
}

async fn settle(
    waiting: &mut VecDeque<(Record, ottla::producer::Delivery)>,
    acked: &mut Vec<Acked>,
    progress: &Progress,
) {
    let Some((record, delivery)) = waiting.pop_front() else { return };
    let metadata: RecordMetadata =
        delivery.await.unwrap_or_else(|error| panic!("a record was given up: {error}\n{error:?}"));
    let offset = metadata.offset.expect("acks=all tells the offset");
    acked.push(Acked {
        partition: metadata.partition,
        offset,
        key: record.key.map(|key| key.to_vec()),
        value: record.value.map(|value| value.to_vec()),
    });
    progress.acked.fetch_add(1, Ordering::SeqCst);
}

/// Waits until `count` more records are acknowledged; panics when the writers make no progress.
pub(crate) async fn until_acked(progress: &Progress, count: u64, log: impl Fn() -> String) {
    let env = Env::system();
    let goal = progress.acked.load(Ordering::Relaxed) + count;
    let deadline = env.now() + Duration::from_secs(60);
    while progress.acked.load(Ordering::Relaxed) < goal {
        assert!(env.now() < deadline, "nothing is acknowledged any more; the broker's log:\n{}", log());
        env.sleep(Duration::from_millis(2)).await;
    }
}

/// A record as read back.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) offset: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
}

/// Everything a partition holds, from its first record to its end.
pub(crate) async fn read_all(address: &str, topic: &str, partition: i32) -> Vec<Read> {
    let env = Env::system();
    let consumer = Consumer::builder()
        .set("bootstrap.servers", address)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("check.crcs", "true")
        .build()
        .await
        .unwrap_or_else(|error| panic!("no consumer: {error}"));
    let place = TopicPartition::new(topic, partition);
    consumer.assign([place.clone()]).unwrap_or_else(|error| panic!("cannot assign: {error}"));
    consumer.seek_to_beginning(std::slice::from_ref(&place)).unwrap_or_else(|error| panic!("{error}"));
    let mut found = Vec::new();
    let deadline = env.now() + Duration::from_secs(60);
    loop {
        let records = consumer
            .poll(Duration::from_millis(500))
            .await
            .unwrap_or_else(|error| panic!("cannot read {topic}-{partition}: {error}"));
        for record in records.iter() {
            found.push(Read {
                offset: record.offset(),
                key: record.key().map(<[u8]>::to_vec),
                value: record.value().map(<[u8]>::to_vec),
            });
        }
        if consumer.lag(&place) == Some(0) {
            break;
        }
        assert!(env.now() < deadline, "{topic}-{partition} does not end; {} records so far", found.len());
    }
    consumer.close(Duration::from_secs(10)).await.unwrap_or_else(|error| panic!("{error}"));
    found
}

/// The seed of a test's random choices: `OTTLA_SEED`, else a fresh one. Printed, so that a failure can be run again.
pub(crate) fn seed(test: &str) -> u64 {
    let given = std::env::var("OTTLA_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| Env::system().rng("seed").next_u64());
    println!("{test}: OTTLA_SEED={seed}");
    seed
}
