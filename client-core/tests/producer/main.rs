//! The producer against a broker, over real sockets.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

mod proxy;
mod stored;

use futures_util::FutureExt;
use ottla::producer::{Producer, SendError};
use ottla::record::Record;
use ottla::{Error, ErrorKind};
use ottla_broker::{Broker, BrokerConfig};
use proxy::{Mood, Proxy};
use std::time::Duration;
use stored::{Stored, read_all};

/// Nothing here should take as long.
const LIMIT: Duration = Duration::from_secs(30);

async fn broker(properties: &[(&str, &str)]) -> Broker {
    let mut config = BrokerConfig::in_memory();
    properties.iter().for_each(|(name, value)| config.set(name, value).unwrap());
    Broker::start(config).await.unwrap()
}

async fn producer(servers: &str, options: &[(&str, &str)]) -> Producer {
    let options = options.iter().copied();
    Producer::builder().set("bootstrap.servers", servers).set_all(options).build().await.unwrap()
}

/// Waits until a topic is known to a producer whose `max.block.ms` is too short to count on.
async fn know(producer: &Producer, topic: &str) {
    let known = async { while producer.topic(topic).await.is_err() {} };
    tokio::time::timeout(LIMIT, known).await.unwrap();
}

#[tokio::test]
async fn records_arrive_whole_and_in_order() {
    let broker = broker(&[("num.partitions", "1")]).await;
    let producer = producer(&broker.bootstrap_servers(), &[]).await;
    let mut deliveries = Vec::new();
    for i in 0..500i64 {
        let record = Record::to("orders")
            .key(format!("k{i}"))
            .value(format!("v{i}"))
            .timestamp_ms(1_700_000_000_000 - i)
            .header("h", "1")
            .header("h", "2");
        deliveries.push(producer.send(record).await.unwrap());
    }
    for (i, delivery) in deliveries.into_iter().enumerate() {
        let metadata = delivery.await.unwrap();
        assert_eq!((metadata.partition, metadata.offset), (0, Some(i as i64)));
        assert_eq!(metadata.timestamp_ms, 1_700_000_000_000 - i as i64);
    }
    let stored = read_all(&broker, "orders", 0).await;
    assert_eq!(stored.len(), 500);
    for (i, record) in stored.iter().enumerate() {
        assert_eq!(record.key, Some(format!("k{i}").into_bytes()));
        assert_eq!(record.value, Some(format!("v{i}").into_bytes()));
        let headers = [(b"h".to_vec(), Some(b"1".to_vec())), (b"h".to_vec(), Some(b"2".to_vec()))];
        assert_eq!(record.headers, headers);
    }
    producer.close(LIMIT).await.unwrap();
    let metrics = producer.metrics();
    assert_eq!(metrics.records_acknowledged, 500);
    assert_eq!(metrics.buffer_available_bytes, metrics.buffer_total_bytes);
    let error = producer.send(Record::to("orders").value("late")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_senders_share_a_producer_and_a_small_buffer() {
    let broker = broker(&[("num.partitions", "4")]).await;
    let options = [("buffer.memory", "131072"), ("batch.size", "4096"), ("linger.ms", "1")];
    let producer = producer(&broker.bootstrap_servers(), &options).await;
    let senders: Vec<_> = (0..4)
        .map(|sender| {
            let producer = producer.clone();
            tokio::spawn(async move {
                let mut deliveries = Vec::new();
                for i in 0..2_000 {
                    let record = Record::to("t").key(format!("{sender}")).value(format!("{sender}-{i}"));
                    deliveries.push(producer.send(record).await.unwrap());
                }
                for delivery in deliveries {
                    delivery.await.unwrap();
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let mut next = [0; 4];
    for partition in 0..4 {
        for record in read_all(&broker, "t", partition).await {
            let value = String::from_utf8(record.value.unwrap()).unwrap();
            let (sender, i) = value.split_once('-').unwrap();
            let sender: usize = sender.parse().unwrap();
            assert_eq!(i.parse::<i32>().unwrap(), next[sender], "records of a key keep their order");
            next[sender] += 1;
        }
    }
    assert_eq!(next, [2_000; 4]);
    let metrics = producer.metrics();
    assert_eq!(metrics.buffer_available_bytes, metrics.buffer_total_bytes);
    producer.close(LIMIT).await.unwrap();
}

#[tokio::test]
async fn every_codec_and_every_acks_is_understood() {
    let broker = broker(&[("num.partitions", "1")]).await;
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        for acks in ["0", "1", "all"] {
            let topic = format!("{codec}-{acks}");
            let options = [("compression.type", codec), ("acks", acks)];
            let producer = producer(&broker.bootstrap_servers(), &options).await;
            for i in 0..50 {
                drop(producer.send(Record::to(topic.as_str()).value(format!("value {i}"))).await.unwrap());
            }
            let last = producer.send(Record::to(topic.as_str()).value("last")).await.unwrap().await.unwrap();
            assert_eq!(last.offset, (acks != "0").then_some(50), "{topic}");
            producer.close(LIMIT).await.unwrap();
            // Without acknowledgements the records may still be on their way.
            if acks != "0" {
                assert_eq!(read_all(&broker, &topic, 0).await.len(), 51, "{topic}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_neither_lose_nor_double_nor_reorder() {
    let (proxy, broker) = Proxy::before_broker(&[("num.partitions", "1")]).await;
    let options = [
        ("batch.size", "1000"),
        ("linger.ms", "0"),
        ("retry.backoff.ms", "5"),
        ("reconnect.backoff.ms", "5"),
        ("reconnect.backoff.max.ms", "20"),
    ];
    let producer = producer(&proxy.address, &options).await;
    let mut deliveries = Vec::new();
    for round in 0..10 {
        let acknowledged = producer.metrics().records_acknowledged as usize;
        // The first round only finds the topic.
        proxy.set(if round > 0 { Mood::SwallowAnswers } else { Mood::Pass });
        for i in 0..300 {
            let value = format!("{}", round * 300 + i);
            deliveries.push(producer.send(Record::to("t").value(value)).await.unwrap());
        }
        // Batches are in the log and nobody knows: only then is the connection cut.
        let in_the_log = async {
            while round > 0 && read_all(&broker, "t", 0).await.len() <= acknowledged {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, in_the_log).await.unwrap();
        proxy.set(Mood::Pass);
        proxy.cut();
        producer.flush(LIMIT).await.unwrap();
    }
    assert!(producer.metrics().retries >= 9);
    for delivery in deliveries {
        tokio::time::timeout(LIMIT, delivery).await.unwrap().unwrap();
    }
    let values: Vec<_> = read_all(&broker, "t", 0)
        .await
        .into_iter()
        .map(|record| String::from_utf8(record.value.unwrap()).unwrap().parse::<i32>().unwrap())
        .collect();
    assert_eq!(values, (0..3_000).collect::<Vec<_>>());
    producer.close(LIMIT).await.unwrap();
}

#[tokio::test]
async fn close_returns_by_its_deadline_and_tells_every_outcome() {
    let (proxy, _broker) = Proxy::before_broker(&[("num.partitions", "1")]).await;
    let options = [("batch.size", "200"), ("max.in.flight.requests.per.connection", "1"), ("linger.ms", "0")];
    let producer = producer(&proxy.address, &options).await;
    producer.send(Record::to("t").value("first")).await.unwrap().await.unwrap();
    proxy.set(Mood::Swallow);
    let mut deliveries = Vec::new();
    for _ in 0..20 {
        deliveries.push(producer.send(Record::to("t").value(vec![7; 100])).await.unwrap());
        // So that the first batch leaves before the others are there.
        tokio::task::yield_now().await;
    }
    let closing = tokio::time::timeout(Duration::from_secs(5), producer.close(Duration::from_millis(300)));
    let error = closing.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let mut unknown = 0;
    let mut closed = 0;
    for delivery in deliveries {
        let error: Error = delivery.await.unwrap_err();
        match error.kind() {
            ErrorKind::OutcomeUnknown => {
                assert!(error.is_outcome_unknown());
                unknown += 1;
            }
            ErrorKind::Closed => closed += 1,
            kind => panic!("{kind:?}: {error}"),
        }
    }
    assert!(unknown >= 1 && closed >= 1, "{unknown} unknown, {closed} closed");
}

#[tokio::test]
async fn a_full_buffer_refuses_waits_and_recovers() {
    let (proxy, broker) = Proxy::before_broker(&[("num.partitions", "1")]).await;
    let options = [
        ("batch.size", "1000"),
        ("buffer.memory", "10000"),
        ("max.block.ms", "200"),
        ("request.timeout.ms", "500"),
        ("delivery.timeout.ms", "20000"),
        ("retry.backoff.ms", "5"),
        ("reconnect.backoff.ms", "5"),
    ];
    let producer = producer(&proxy.address, &options).await;
    know(&producer, "t").await;
    producer.send(Record::to("t").value("first")).await.unwrap().await.unwrap();
    proxy.set(Mood::Swallow);
    let mut deliveries = Vec::new();
    let refused = loop {
        match producer.try_send(Record::to("t").value(vec![7; 500])) {
            Ok(delivery) => deliveries.push(delivery),
            Err(error) => break error,
        }
        assert!(deliveries.len() < 100, "the buffer has no bound");
    };
    assert!(matches!(&refused, SendError::QueueFull(record) if record.value.as_ref().unwrap().len() == 500));
    let error = producer.send(refused.into_record()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::QueueFull, "{error}");
    assert!(error.to_string().contains("max.block.ms"), "{error}");
    proxy.set(Mood::Pass);
    let count = deliveries.len();
    for delivery in deliveries {
        tokio::time::timeout(LIMIT, delivery).await.unwrap().unwrap();
    }
    producer.send(Record::to("t").value("again")).await.unwrap().await.unwrap();
    assert_eq!(read_all(&broker, "t", 0).await.len(), count + 2);
    let metrics = producer.metrics();
    assert_eq!(metrics.buffer_available_bytes, metrics.buffer_total_bytes);
}

#[tokio::test]
async fn a_topic_that_does_not_exist_is_named_with_a_next_step() {
    let broker = broker(&[("auto.create.topics.enable", "false")]).await;
    let producer = producer(&broker.bootstrap_servers(), &[("max.block.ms", "300")]).await;
    let told = async {
        loop {
            let error = producer.send(Record::to("nowhere").value("v")).await.unwrap_err();
            // On a busy machine the first answer may take longer than this producer waits.
            if error.kind() != ErrorKind::Timeout {
                return error;
            }
        }
    };
    let error = tokio::time::timeout(LIMIT, told).await.unwrap();
    assert_eq!(error.kind(), ErrorKind::UnknownTopicOrPartition, "{error}");
    assert!(error.to_string().contains("nowhere"), "{error}");
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn partitions_are_chosen_and_checked() {
    let broker = broker(&[("num.partitions", "3")]).await;
    let producer = producer(&broker.bootstrap_servers(), &[("max.block.ms", "300")]).await;
    know(&producer, "t").await;
    let there = producer.send(Record::to("t").partition(2).value("v")).await.unwrap();
    assert_eq!(there.partition(), 2);
    there.await.unwrap();
    let error = producer.send(Record::to("t").partition(3).value("v")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownTopicOrPartition, "{error}");
    let error = producer.send(Record::to("t").partition(-1).value("v")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert_eq!(producer.partitions_for("t").await.unwrap().len(), 3);
    let keyed = producer.send(Record::to("t").key("a").value("v")).await.unwrap();
    assert_eq!(keyed.partition(), ottla_wire::murmur2::partition(b"a", 3));
}

#[tokio::test]
async fn flush_sends_what_lingers() {
    let broker = broker(&[]).await;
    let producer =
        producer(&broker.bootstrap_servers(), &[("linger.ms", "60000"), ("delivery.timeout.ms", "120000")])
            .await;
    let mut delivery = producer.send(Record::to("t").value("v")).await.unwrap();
    assert!(delivery.try_result().is_none());
    producer.flush(LIMIT).await.unwrap();
    assert!(delivery.try_result().unwrap().is_ok());
}

#[tokio::test]
async fn a_forgotten_producer_still_delivers() {
    let broker = broker(&[]).await;
    let producer =
        producer(&broker.bootstrap_servers(), &[("linger.ms", "60000"), ("delivery.timeout.ms", "120000")])
            .await;
    let delivery = producer.send(Record::to("t").value("v")).await.unwrap();
    drop(producer);
    tokio::time::timeout(LIMIT, delivery).await.unwrap().unwrap();
}

#[test]
fn a_runtime_that_is_shut_down_leaves_nobody_waiting() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (producer, delivery, broker) = runtime.block_on(async {
        let broker = broker(&[]).await;
        let options = [("linger.ms", "60000"), ("delivery.timeout.ms", "120000")];
        let producer = producer(&broker.bootstrap_servers(), &options).await;
        let delivery = producer.send(Record::to("t").value("v")).await.unwrap();
        (producer, delivery, broker)
    });
    drop(broker);
    drop(runtime);
    let error = delivery.wait_blocking().unwrap_err();
    assert_eq!((error.kind(), error.is_outcome_unknown()), (ErrorKind::Closed, false));
    assert!(producer.try_send(Record::to("t").value("v")).is_err());
}

#[test]
fn synchronous_callers_block() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (producer, broker) = runtime.block_on(async {
        let broker = broker(&[]).await;
        (producer(&broker.bootstrap_servers(), &[("buffer.memory", "40000")]).await, broker)
    });
    let mut deliveries = Vec::new();
    for i in 0..500 {
        deliveries.push(producer.send_blocking(Record::to("t").value(vec![i as u8; 300])).unwrap());
    }
    for delivery in deliveries {
        delivery.wait_blocking().unwrap();
    }
    runtime.block_on(async {
        producer.close(LIMIT).await.unwrap();
        broker.stop(LIMIT).await.unwrap();
    });
}

#[tokio::test]
async fn records_are_appended_from_borrowed_parts() {
    let broker = broker(&[("num.partitions", "1")]).await;
    let producer = producer(&broker.bootstrap_servers(), &[]).await;
    let topic = producer.topic("t").await.unwrap();
    let headers: [(&[u8], Option<&[u8]>); 1] = [(b"h", None)];
    let first = producer.append(&topic, None, Some(5), Some(b"k"), None, &headers).unwrap();
    let second = producer.append_waiting(&topic, Some(0), Some(6), None, Some(b"v"), &[]).await.unwrap();
    assert!(first.is_same_batch(&second));
    assert_eq!((first.index(), second.index()), (0, 1));
    producer.flush(LIMIT).await.unwrap();
    let stored = read_all(&broker, "t", 0).await;
    assert_eq!(
        stored,
        [
            Stored {
                offset: 0,
                timestamp_ms: 5,
                key: Some(b"k".to_vec()),
                value: None,
                headers: vec![(b"h".to_vec(), None)],
            },
            Stored { offset: 1, timestamp_ms: 6, key: None, value: Some(b"v".to_vec()), headers: vec![] },
        ]
    );
}

#[tokio::test]
async fn an_application_may_choose_partitions_by_its_own_rule() {
    use ottla::producer::{Partitioner, PartitionsView};
    struct ByLength;
    impl Partitioner for ByLength {
        fn partition(
            &self,
            _topic: &str,
            _key: Option<&[u8]>,
            value: Option<&[u8]>,
            partitions: PartitionsView<'_>,
        ) -> Option<i32> {
            Some(value?.len() as i32 % partitions.count)
        }
    }
    let broker = broker(&[("num.partitions", "3")]).await;
    let producer = Producer::builder()
        .set("bootstrap.servers", broker.bootstrap_servers())
        .partitioner(ByLength)
        .build()
        .await
        .unwrap();
    for (value, partition) in [("", 0), ("a", 1), ("bb", 2), ("ccc", 0)] {
        let delivery = producer.send(Record::to("t").value(value)).await.unwrap();
        assert_eq!(delivery.partition(), partition);
        delivery.await.unwrap();
    }
}

#[tokio::test]
async fn keyless_records_use_every_partition() {
    let broker = broker(&[("num.partitions", "4")]).await;
    let options = [("batch.size", "500"), ("linger.ms", "1")];
    let producer = producer(&broker.bootstrap_servers(), &options).await;
    let mut hits = [0; 4];
    let mut deliveries = Vec::new();
    for _ in 0..2_000 {
        let delivery = producer.send(Record::to("t").value("0123456789")).await.unwrap();
        hits[delivery.partition() as usize] += 1;
        deliveries.push(delivery);
    }
    for delivery in deliveries {
        delivery.await.unwrap();
    }
    assert!(hits.iter().all(|hits| *hits > 100), "{hits:?}");
    assert!(producer.metrics().batches < 1_000, "records are batched: {:?}", producer.metrics());
}

#[tokio::test]
async fn a_buffer_smaller_than_a_batch_still_sends() {
    let broker = broker(&[]).await;
    let producer = producer(&broker.bootstrap_servers(), &[("buffer.memory", "2000")]).await;
    for _ in 0..20 {
        producer.send(Record::to("t").value(vec![7; 500])).await.unwrap().await.unwrap();
    }
    let error = producer.send(Record::to("t").value(vec![7; 3_000])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RecordTooLarge, "{error}");
    let error = producer.send(Record::to("t").value(vec![7; 2 << 20])).await.unwrap_err();
    assert!(error.to_string().contains("max.request.size"), "{error}");
}

#[tokio::test]
async fn giving_up_a_waiting_send_leaves_no_trace() {
    let (proxy, broker) = Proxy::before_broker(&[("num.partitions", "1")]).await;
    let options = [
        ("batch.size", "1000"),
        ("buffer.memory", "2000"),
        ("request.timeout.ms", "500"),
        ("delivery.timeout.ms", "20000"),
    ];
    let producer = producer(&proxy.address, &options).await;
    producer.send(Record::to("t").value("first")).await.unwrap().await.unwrap();
    proxy.set(Mood::Swallow);
    let mut kept = Vec::new();
    while let Ok(delivery) = producer.try_send(Record::to("t").value(vec![7; 600])) {
        kept.push(delivery);
    }
    for _ in 0..10 {
        let send = producer.send(Record::to("t").value("given up"));
        assert!(send.now_or_never().is_none());
    }
    assert_eq!(producer.metrics().waiting_count, 0);
    proxy.set(Mood::Pass);
    proxy.cut();
    for delivery in kept {
        tokio::time::timeout(LIMIT, delivery).await.unwrap().unwrap();
    }
    producer.close(LIMIT).await.unwrap();
    let stored = read_all(&broker, "t", 0).await;
    assert!(stored.iter().all(|record| record.value.as_deref() != Some(b"given up")));
    let metrics = producer.metrics();
    assert_eq!(metrics.buffer_available_bytes, metrics.buffer_total_bytes);
}
