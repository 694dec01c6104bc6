//! Produces or consumes with librdkafka and prints what it cost as one JSON line (bench/README.md).

use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const PARTITIONS: i32 = 6;

#[derive(Default)]
struct Count {
    acked: AtomicU64,
    failed: AtomicU64,
}

impl ClientContext for Count {}
impl ProducerContext for Count {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(_) => self.acked.fetch_add(1, Ordering::Relaxed),
            Err(_) => self.failed.fetch_add(1, Ordering::Relaxed),
        };
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let verb = arguments.next().expect("produce or consume");
    let rest: Vec<String> = arguments.collect();
    let flags: HashMap<&str, &str> = rest.chunks(2).map(|pair| (&pair[0][2..], pair[1].as_str())).collect();
    let number = |name: &str, default: i64| flags.get(name).map_or(default, |text| text.parse().expect("a number"));
    let bootstrap = flags.get("bootstrap").copied().unwrap_or("127.0.0.1:9092");
    let topic = flags.get("topic").copied().unwrap_or("bench");
    let (records, warmup) = (number("records", 1_000_000) as u64, number("warmup", 100_000) as u64);
    let size = number("record-bytes", 100) as usize;
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    match verb.as_str() {
        "produce" => {
            config.set("acks", "all").set("enable.idempotence", "true").set("queue.buffering.max.messages", "1000000");
            config.set("queue.buffering.max.kbytes", "32768");
            if number("batch-bytes", 0) > 0 {
                config.set("batch.size", number("batch-bytes", 0).to_string());
            }
            if number("linger-ms", -1) >= 0 {
                config.set("linger.ms", number("linger-ms", -1).to_string());
            }
            produce(&config, topic, warmup, records, size);
        }
        "consume" => {
            config.set("group.id", "bench").set("enable.auto.commit", "false");
            consume(&config, topic, warmup, records, size);
        }
        other => panic!("produce or consume, not {other}"),
    }
}

fn produce(config: &ClientConfig, topic: &str, warmup: u64, records: u64, size: usize) {
    let producer: BaseProducer<Count> = config.create_with_context(Count::default()).expect("a producer");
    let value: Vec<u8> = (0..size).map(|index| b'a' + (index % 26) as u8).collect();
    let send = |count: u64| {
        for _ in 0..count {
            let mut record = BaseRecord::<(), [u8], ()>::to(topic).payload(&value);
            while let Err((error, back)) = producer.send(record) {
                assert!(matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)), "{error}");
                producer.poll(Duration::from_millis(1));
                record = back;
            }
            // Reports are taken in bulk: a poll per record would be measured instead of librdkafka.
        }
        producer.flush(Duration::from_secs(120)).expect("all delivered");
    };
    send(warmup);
    producer.context().acked.store(0, Ordering::Relaxed);
    let start = usage();
    send(records);
    let count = producer.context();
    report("produce", start, count.acked.load(Ordering::Relaxed), count.failed.load(Ordering::Relaxed));
}

fn consume(config: &ClientConfig, topic: &str, warmup: u64, records: u64, size: usize) {
    read(config, topic, warmup, size);
    let start = usage();
    let (seen, wrong) = read(config, topic, records, size);
    report("consume", start, seen, wrong);
}

/// Reads from the beginning until `count` records were seen; how many were, and how many were not the next of their partition.
fn read(config: &ClientConfig, topic: &str, count: u64, size: usize) -> (u64, u64) {
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let mut partitions = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        partitions.add_partition_offset(topic, partition, Offset::Beginning).expect("an offset");
    }
    consumer.assign(&partitions).expect("assigned");
    let mut next = [0i64; PARTITIONS as usize];
    let (mut seen, mut wrong) = (0u64, 0u64);
    while seen < count {
        let message = consumer.poll(Duration::from_secs(10)).expect("a record in time").expect("a record");
        let next = &mut next[message.partition() as usize];
        let is_right = message.offset() == *next && message.payload().map(<[u8]>::len) == Some(size);
        wrong += u64::from(!is_right);
        *next = message.offset() + 1;
        seen += 1;
    }
    (seen, wrong)
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
        "{{\"client\":\"librdkafka\",\"verb\":\"{verb}\",\"records\":{records},\"failed\":{failed},\"seconds\":{:.6},\"cpu_seconds\":{:.6}}}",
        (end.0 - start.0).as_secs_f64(),
        end.1 - start.1
    );
}
