//! The soak of the Rust client (bench/soak/README.md says what it is told, does and reports).
#![allow(clippy::print_stdout, clippy::print_stderr)] // Its report.
#![allow(clippy::disallowed_methods)] // A program of its own, by the machine's clock.

use ottla::admin::{Admin, CallOptions};
use ottla::consumer::{Consumer, ConsumerRecord, RebalanceListener, Records};
use ottla::producer::{Delivery, Producer};
use ottla::record::{Record, TopicPartition};
use ottla::{Error, ErrorKind};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep_until};

const PARTITIONS: usize = 3;
const TICK: Duration = Duration::from_millis(50);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(60);
/// Larger than max.request.size.
const TOO_LARGE_BYTES: usize = 2_000_000;

type Failure = Box<dyn std::error::Error>;

#[derive(Default)]
struct Counts {
    sent: u64,
    acknowledged: u64,
    failed: u64,
    read: u64,
    doubled: u64,
    lost: u64,
    out_of_order: u64,
    clients: u64,
    refused: u64,
    cancelled: u64,
    dropped: u64,
    unexpected: u64,
}

/// Commits what was read of partitions before others get them.
struct Committing(Arc<AtomicU64>);

impl RebalanceListener for Committing {
    fn on_revoked<'a>(
        &'a self,
        consumer: &'a Consumer,
        partitions: &'a [TopicPartition],
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            self.0.fetch_add(partitions.len() as u64, Ordering::Relaxed);
            if let Err(error) = consumer.commit_sync().await {
                eprintln!("{error}");
            }
        })
    }
}

struct Soak {
    bootstrap: String,
    topic: String,
    side: String,
    per_tick: u64,
    counts: Counts,
    handovers: Arc<AtomicU64>,
    deliveries: VecDeque<Delivery>,
    acknowledged_to: [i64; PARTITIONS],
    read_to: [i64; PARTITIONS],
    last_number: [i64; PARTITIONS],
    producer: Producer,
    consumer: Consumer,
    second: Option<Consumer>,
}

async fn producer(bootstrap: &str, option: &str, value: u64) -> Result<Producer, Error> {
    Producer::builder().set("bootstrap.servers", bootstrap).set(option, value).build().await
}

async fn consumer(bootstrap: &str, group: Option<(&str, Committing)>) -> Result<Consumer, Error> {
    let builder = Consumer::builder()
        .set("bootstrap.servers", bootstrap)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", false);
    let Some((topic, listener)) = group else { return builder.build().await };
    let consumer = builder.set("group.id", topic).rebalance_listener(listener).build().await?;
    consumer.subscribe([topic])?;
    Ok(consumer)
}

impl Soak {
    async fn start(told: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let of = |name: &str| told.get(name).cloned().ok_or_else(|| format!("{name} is missing"));
        let (bootstrap, topic) = (of("--bootstrap")?, of("--topic")?);
        let handovers = Arc::new(AtomicU64::new(0));
        let listener = Committing(Arc::clone(&handovers));
        let tick_ms = u64::try_from(TICK.as_millis())?;
        Ok(Self {
            per_tick: of("--rate")?.parse::<u64>()? * tick_ms / 1000,
            counts: Counts { clients: 1, ..Counts::default() },
            deliveries: VecDeque::new(),
            acknowledged_to: [0; PARTITIONS],
            read_to: [0; PARTITIONS],
            last_number: [-1; PARTITIONS],
            producer: producer(&bootstrap, "linger.ms", 5).await?,
            consumer: consumer(&bootstrap, Some((&topic, listener))).await?,
            second: None,
            side: format!("{topic}-side"),
            bootstrap,
            topic,
            handovers,
        })
    }

    fn report(&self, done: bool) {
        let Counts { sent, acknowledged, failed, read, doubled, lost, out_of_order, .. } = &self.counts;
        let Counts { clients, refused, cancelled, dropped, unexpected, .. } = &self.counts;
        let handovers = self.handovers.load(Ordering::Relaxed);
        println!(
            "{{\"sent\":{sent},\"acknowledged\":{acknowledged},\"failed\":{failed},\"read\":{read},\"doubled\":{doubled},\
             \"lost\":{lost},\"out_of_order\":{out_of_order},\"handovers\":{handovers},\"clients\":{clients},\
             \"refused\":{refused},\"cancelled\":{cancelled},\"dropped\":{dropped},\"unexpected\":{unexpected},\"done\":{done}}}"
        );
    }

    async fn send(&mut self) -> Result<(), Error> {
        for _ in 0..self.per_tick {
            let number = self.counts.sent.to_string();
            let record = Record::to(self.topic.as_str())
                .key(format!("key-{}", self.counts.sent % 97))
                .value(format!("{number:.<100}"))
                .header("number", number);
            self.deliveries.push_back(self.producer.send(record).await?);
            self.counts.sent += 1;
        }
        Ok(())
    }

    fn learn_fates(&mut self) {
        while let Some(outcome) = self.deliveries.front_mut().and_then(Delivery::try_result) {
            self.deliveries.pop_front();
            let Ok(appended) = outcome else {
                self.counts.failed += 1;
                continue;
            };
            self.counts.acknowledged += 1;
            let to = &mut self.acknowledged_to[usize::try_from(appended.partition).unwrap_or_default()];
            *to = (*to).max(appended.offset.unwrap_or_default() + 1);
        }
    }

    async fn read(&mut self, second: bool, timeout: Duration) -> Result<usize, Error> {
        let from = if second { self.second.as_ref() } else { Some(&self.consumer) };
        let Some(from) = from else { return Ok(0) };
        let records = from.poll(timeout).await?;
        for record in records.iter() {
            self.note(&record);
        }
        Ok(records.len())
    }

    fn note(&mut self, record: &ConsumerRecord<'_>) {
        self.counts.read += 1;
        let partition = usize::try_from(record.partition()).unwrap_or_default();
        let expected = self.read_to[partition];
        if record.offset() < expected {
            self.counts.doubled += 1;
            return;
        }
        self.counts.lost += (record.offset() - expected).unsigned_abs();
        self.read_to[partition] = record.offset() + 1;
        let value = record.value().map(String::from_utf8_lossy).unwrap_or_default();
        let number = value.trim_end_matches('.').parse().unwrap_or(-1);
        let header = record.headers().next().and_then(|(_, value)| value);
        if number <= self.last_number[partition] || header != Some(number.to_string().as_bytes()) {
            self.counts.out_of_order += 1;
        }
        self.last_number[partition] = number;
    }

    async fn short_lived(&mut self) -> Result<(), Error> {
        let sender = producer(&self.bootstrap, "linger.ms", 0).await?;
        sender.send(Record::to(self.side.as_str()).partition(0).value("short-lived")).await?.await?;
        sender.close(CLOSE_TIMEOUT).await?;
        let reader = consumer(&self.bootstrap, None).await?;
        reader.assign([TopicPartition::new(self.side.as_str(), 0)])?;
        reader.poll_at_most(PATIENCE, 10).await?;
        reader.close(CLOSE_TIMEOUT).await?;
        let admin = Admin::builder().set("bootstrap.servers", &self.bootstrap).build().await?;
        if !admin.list_topics(false, CallOptions::default()).await?.contains_key(self.topic.as_str()) {
            self.counts.unexpected += 1;
        }
        admin.close(CLOSE_TIMEOUT).await;
        self.counts.clients += 3;
        Ok(())
    }

    async fn refused(&mut self) -> Result<(), Error> {
        let large = Record::to(self.topic.as_str()).value(vec![0_u8; TOO_LARGE_BYTES]);
        let outcome = self.producer.send(large).await;
        self.expect_refused(&[ErrorKind::RecordTooLarge], outcome);
        let sender = producer(&self.bootstrap, "max.block.ms", 200).await?;
        let missing = i32::try_from(PARTITIONS + 96).unwrap_or_default();
        let outcome = sender.send(Record::to(self.topic.as_str()).partition(missing)).await;
        // The latter on a machine so busy that metadata takes longer than max.block.ms.
        self.expect_refused(&[ErrorKind::UnknownTopicOrPartition, ErrorKind::Timeout], outcome);
        sender.close(CLOSE_TIMEOUT).await?;
        self.counts.clients += 1;
        // A poll that is given up loses no record: whatever it had found comes with the next one.
        let found = tokio::select! {
            biased;
            found = self.consumer.poll(PATIENCE) => Some(found?),
            () = std::future::ready(()) => None,
        };
        self.counts.cancelled += 1;
        found.iter().flat_map(Records::iter).for_each(|record| self.note(&record));
        Ok(())
    }

    fn expect_refused(&mut self, expected: &[ErrorKind], outcome: Result<Delivery, Error>) {
        match outcome {
            Err(error) if expected.contains(&error.kind()) => self.counts.refused += 1,
            other => {
                eprintln!("expected {expected:?}, found {other:?}");
                self.counts.unexpected += 1;
            }
        }
    }

    /// Clients that nobody closes.
    async fn dropped(&mut self) -> Result<(), Error> {
        let sender = producer(&self.bootstrap, "linger.ms", 0).await?;
        sender.send(Record::to(self.side.as_str()).partition(0).value("dropped")).await?.await?;
        let reader = consumer(&self.bootstrap, None).await?;
        reader.assign([TopicPartition::new(self.side.as_str(), 0)])?;
        reader.poll(Duration::ZERO).await?;
        self.counts.dropped += 2;
        Ok(())
    }

    async fn change_members(&mut self) -> Result<(), Error> {
        if let Some(leaving) = self.second.take() {
            leaving.commit_sync().await?;
            return leaving.close(CLOSE_TIMEOUT).await;
        }
        self.counts.clients += 1;
        let listener = Committing(Arc::clone(&self.handovers));
        self.second = Some(consumer(&self.bootstrap, Some((&self.topic, listener))).await?);
        Ok(())
    }

    async fn tick(&mut self, number: u64) -> Result<(), Error> {
        let ends = Instant::now() + TICK;
        self.send().await?;
        self.learn_fates();
        if number % 20 == 5 {
            self.short_lived().await?;
        }
        if number % 40 == 15 {
            self.refused().await?;
        }
        if number % 60 == 25 {
            self.dropped().await?;
        }
        if number % 100 == 35 {
            self.change_members().await?;
        }
        let left = ends.saturating_duration_since(Instant::now()).max(Duration::from_millis(2));
        let share = if self.second.is_some() { left / 2 } else { left };
        self.read(false, share).await?;
        self.read(true, share).await?;
        if number.is_multiple_of(10) {
            for member in [Some(&self.consumer), self.second.as_ref()].into_iter().flatten() {
                member.commit_sync().await?;
            }
        }
        sleep_until(ends).await;
        Ok(())
    }

    fn missing(&self) -> u64 {
        let pairs = self.acknowledged_to.iter().zip(&self.read_to);
        pairs.map(|(to, read)| (to - read).max(0).unsigned_abs()).sum()
    }

    async fn finish(&mut self) -> Result<(), Error> {
        self.producer.flush(PATIENCE).await?;
        self.learn_fates();
        if self.second.is_some() {
            self.change_members().await?;
        }
        let mut patience = Instant::now() + PATIENCE;
        while Instant::now() < patience && self.missing() > 0 {
            if self.read(false, Duration::from_millis(500)).await? > 0 {
                patience = Instant::now() + PATIENCE;
            }
        }
        self.counts.lost += self.missing();
        self.consumer.commit_sync().await?;
        self.consumer.close(CLOSE_TIMEOUT).await?;
        self.producer.close(CLOSE_TIMEOUT).await
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let told = words.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    let mut soak = Soak::start(&told).await?;
    let seconds = told.get("--seconds").ok_or("--seconds is missing")?.parse()?;
    let ends = Instant::now() + Duration::from_secs(seconds);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut number = 1;
    while Instant::now() < ends {
        soak.tick(number).await?;
        let stopped =
            tokio::select! { biased; _ = terminate.recv() => true, () = std::future::ready(()) => false };
        if stopped {
            break;
        }
        if number.is_multiple_of(60) {
            soak.report(false);
        }
        number += 1;
    }
    soak.finish().await?;
    soak.report(true);
    Ok(())
}
