//! Produces or consumes with Ottla and prints what it cost as one JSON line (bench/README.md).

use ottla::consumer::Consumer;
use ottla::producer::{Delivery, Producer, TopicHandle};
use ottla::record::TopicPartition;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(120);

const PARTITIONS: i32 = 6;

struct Work<'a> {
    topic: &'a str,
    warmup: u64,
    records: u64,
    record_bytes: usize,
    every_report: bool,
}

#[tokio::main]
async fn main() -> Result<(), ottla::Error> {
    let mut arguments = std::env::args().skip(1);
    let verb = arguments.next().expect("produce or consume");
    let rest: Vec<String> = arguments.collect();
    let flags: HashMap<&str, &str> = rest.chunks(2).map(|pair| (&pair[0][2..], pair[1].as_str())).collect();
    let number = |name: &str, default: i64| flags.get(name).map_or(default, |text| text.parse().expect("a number"));
    let bootstrap = flags.get("bootstrap").copied().unwrap_or("127.0.0.1:9092");
    let work = Work {
        topic: flags.get("topic").copied().unwrap_or("bench"),
        records: number("records", 1_000_000) as u64,
        warmup: number("warmup", 100_000) as u64,
        record_bytes: number("record-bytes", 100) as usize,
        every_report: flags.get("reports") == Some(&"each"),
    };
    match verb.as_str() {
        "produce" => {
            let mut builder = Producer::builder().set("bootstrap.servers", bootstrap);
            if number("batch-bytes", 0) > 0 {
                builder = builder.set("batch.size", number("batch-bytes", 0));
            }
            if number("linger-ms", -1) >= 0 {
                builder = builder.set("linger.ms", number("linger-ms", -1));
            }
            produce(builder.build().await?, &work).await
        }
        "consume" => consume(bootstrap, &work).await,
        other => panic!("produce or consume, not {other}"),
    }
}

/// What became of the records, as the deliveries tell it.
#[derive(Default)]
struct Ledger {
    acked: u64,
    failed: u64,
}

impl Ledger {
    async fn settle(&mut self, delivery: Delivery, count: u64) {
        match delivery.await {
            Ok(_) => self.acked += count,
            Err(_) => self.failed += count,
        }
    }
}

async fn produce(producer: Producer, work: &Work<'_>) -> Result<(), ottla::Error> {
    let value: Vec<u8> = (0..work.record_bytes).map(|index| b'a' + (index % 26) as u8).collect();
    let handle = producer.topic(work.topic).await?;
    send(&producer, &handle, &value, work.warmup, work.every_report).await?;
    let start = usage();
    let ledger = send(&producer, &handle, &value, work.records, work.every_report).await?;
    report("produce", start, ledger.acked, ledger.failed);
    producer.close(TIMEOUT).await
}

/// Sends and learns the fate of every record: from a report for each run of records in one batch, or from one for each record.
async fn send(
    producer: &Producer,
    topic: &TopicHandle,
    value: &[u8],
    count: u64,
    every_report: bool,
) -> Result<Ledger, ottla::Error> {
    let mut ledger = Ledger::default();
    let mut waiting: VecDeque<(Delivery, u64)> = VecDeque::new();
    for _ in 0..count {
        let delivery = producer.append_waiting(topic, None, None, None, Some(value), &[]).await?;
        match waiting.back_mut() {
            Some((last, run)) if !every_report && last.is_same_batch(&delivery) => (*last, *run) = (delivery, *run + 1),
            _ => {
                waiting.push_back((delivery, 1));
                while let Some((oldest, run)) = waiting.front_mut() {
                    match oldest.try_result() {
                        None => break,
                        Some(Ok(_)) => ledger.acked += *run,
                        Some(Err(_)) => ledger.failed += *run,
                    }
                    waiting.pop_front();
                }
            }
        }
    }
    producer.flush(TIMEOUT).await?;
    for (delivery, run) in waiting {
        ledger.settle(delivery, run).await;
    }
    Ok(ledger)
}

async fn consume(bootstrap: &str, work: &Work<'_>) -> Result<(), ottla::Error> {
    read(bootstrap, work, work.warmup).await?;
    let start = usage();
    let (seen, failed) = read(bootstrap, work, work.records).await?;
    report("consume", start, seen, failed);
    Ok(())
}

/// Reads from the beginning until `count` records were seen; how many were, and how many were not the next of their partition.
async fn read(bootstrap: &str, work: &Work<'_>, count: u64) -> Result<(u64, u64), ottla::Error> {
    let builder = Consumer::builder().set("bootstrap.servers", bootstrap).set("auto.offset.reset", "earliest");
    let consumer = builder.set("enable.auto.commit", "false").build().await?;
    consumer.assign((0..PARTITIONS).map(|partition| TopicPartition::new(work.topic, partition)))?;
    let mut next = [0i64; PARTITIONS as usize];
    let (mut seen, mut wrong) = (0u64, 0u64);
    while seen < count {
        for record in consumer.poll(TIMEOUT).await?.iter() {
            let next = &mut next[record.partition() as usize];
            let is_right = record.offset() == *next && record.value().map(<[u8]>::len) == Some(work.record_bytes);
            wrong += u64::from(!is_right);
            *next = record.offset() + 1;
            seen += 1;
        }
    }
    consumer.close(TIMEOUT).await?;
    Ok((seen, wrong))
}

fn usage() -> (Instant, f64) {
    // SAFETY: a zeroed rusage is a valid value, and the call only writes it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    (Instant::now(), seconds(usage.ru_utime) + seconds(usage.ru_stime))
}

fn report(verb: &str, start: (Instant, f64), records: u64, failed: u64) {
    let end = usage();
    println!(
        "{{\"client\":\"ottla\",\"verb\":\"{verb}\",\"records\":{records},\"failed\":{failed},\"seconds\":{:.6},\"cpu_seconds\":{:.6}}}",
        (end.0 - start.0).as_secs_f64(),
        end.1 - start.1
    );
}
