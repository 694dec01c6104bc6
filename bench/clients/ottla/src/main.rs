//! Produces or consumes with Ottla and prints what it cost as one JSON line (bench/README.md).

use ottla::consumer::Consumer;
use ottla::producer::Producer;
use ottla::record::TopicPartition;
use std::collections::HashMap;
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> Result<(), ottla::Error> {
    let mut arguments = std::env::args().skip(1);
    let verb = arguments.next().expect("produce or consume");
    let rest: Vec<String> = arguments.collect();
    let flags: HashMap<&str, &str> = rest.chunks(2).map(|pair| (&pair[0][2..], pair[1].as_str())).collect();
    let number = |name: &str, default: i64| flags.get(name).map_or(default, |text| text.parse().expect("a number"));
    let bootstrap = flags.get("bootstrap").copied().unwrap_or("127.0.0.1:9092");
    let topic = flags.get("topic").copied().unwrap_or("bench");
    let (records, warmup) = (number("records", 1_000_000) as u64, number("warmup", 100_000) as u64);
    let size = number("record-bytes", 100) as usize;
    match verb.as_str() {
        "produce" => {
            let mut builder = Producer::builder().set("bootstrap.servers", bootstrap);
            if number("batch-bytes", 0) > 0 {
                builder = builder.set("batch.size", number("batch-bytes", 0));
            }
            if number("linger-ms", -1) >= 0 {
                builder = builder.set("linger.ms", number("linger-ms", -1));
            }
            produce(builder.build().await?, topic, warmup, records, size).await
        }
        "consume" => {
            let builder = Consumer::builder().set("bootstrap.servers", bootstrap).set("auto.offset.reset", "earliest");
            consume(builder.set("enable.auto.commit", "false").build().await?, topic, warmup, records, size).await
        }
        other => panic!("produce or consume, not {other}"),
    }
}

async fn produce(producer: Producer, topic: &str, warmup: u64, records: u64, size: usize) -> Result<(), ottla::Error> {
    let value: Vec<u8> = (0..size).map(|index| b'a' + (index % 26) as u8).collect();
    let handle = producer.topic(topic).await?;
    for _ in 0..warmup {
        producer.append_waiting(&handle, None, None, None, Some(&value), &[]).await?;
    }
    producer.flush(TIMEOUT).await?;
    let warm = producer.metrics();
    let start = usage();
    for _ in 0..records {
        producer.append_waiting(&handle, None, None, None, Some(&value), &[]).await?;
    }
    producer.flush(TIMEOUT).await?;
    let done = producer.metrics();
    let failed = done.records_failed + done.records_unknown;
    report("produce", start, done.records_acknowledged - warm.records_acknowledged, failed);
    producer.close(TIMEOUT).await
}

async fn consume(consumer: Consumer, topic: &str, warmup: u64, records: u64, size: usize) -> Result<(), ottla::Error> {
    let partitions = (0..6).map(|partition| TopicPartition::new(topic, partition));
    consumer.assign(partitions)?;
    let (mut seen, mut bytes, mut from) = (0u64, 0u64, 0u64);
    let mut start = usage();
    let mut started = warmup == 0;
    while seen < warmup + records {
        for record in consumer.poll(TIMEOUT).await?.iter() {
            seen += 1;
            bytes += record.value().map_or(0, <[u8]>::len) as u64;
        }
        if !started && seen >= warmup {
            (started, from, start) = (true, seen, usage());
        }
    }
    report("consume", start, seen - from, u64::from(bytes != seen * size as u64));
    consumer.close(TIMEOUT).await
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
