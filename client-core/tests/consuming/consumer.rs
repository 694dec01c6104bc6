//! The consumer against a broker: assigned partitions, seeking, pausing, waking, closing.

use crate::raw::{LIMIT, Raw, batch, broker};
use ottla::ErrorKind;
use ottla::consumer::{Consumer, ConsumerBuilder, Records};
use ottla::record::TopicPartition;
use ottla_broker::Broker;
use ottla_wire::compression::Compression;
use std::collections::BTreeMap;
use std::time::Duration;

fn builder(broker: &Broker) -> ConsumerBuilder {
    Consumer::builder()
        .set("bootstrap.servers", broker.bootstrap_servers())
        .set("auto.offset.reset", "earliest")
        .set("fetch.max.wait.ms", 100)
}

fn values(records: &Records) -> Vec<String> {
    records.iter().map(|r| String::from_utf8(r.value().unwrap().to_vec()).unwrap()).collect()
}

/// Polls until `count` records came.
async fn read(consumer: &Consumer, count: usize) -> Vec<String> {
    let mut all = Vec::new();
    while all.len() < count {
        let records = consumer.poll(LIMIT).await.unwrap();
        assert!(!records.is_empty() || !records.rebalances().is_empty(), "nothing came; so far {all:?}");
        all.extend(values(&records));
    }
    all
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn reads_what_is_there_and_what_comes_in_order_and_whole() {
    let broker = broker(&[]).await;
    let mut raw = Raw::connect(&broker).await;
    raw.create_topic("t", 1).await;
    raw.produce_numbers("t", 0, 0, 100, 7).await;
    let consumer = builder(&broker).set("max.poll.records", 9).build().await.unwrap();
    let partition = TopicPartition::new("t", 0);
    consumer.assign([partition.clone()]).unwrap();
    assert_eq!(read(&consumer, 100).await, numbers(0..100));
    assert_eq!(consumer.position(&partition), Some(100));
    assert_eq!(consumer.lag(&partition), Some(0));
    assert!(consumer.poll(Duration::ZERO).await.unwrap().is_empty());

    let waiting = async { read(&consumer, 3).await };
    let sending = async { raw.produce_numbers("t", 0, 100, 3, 3).await };
    let (read, ()) = tokio::join!(waiting, sending);
    assert_eq!(read, numbers(100..103));
    let waiting = consumer.poll(Duration::MAX);
    let sending = async { raw.produce_numbers("t", 0, 103, 1, 1).await };
    let (records, ()) = tokio::join!(waiting, sending);
    assert_eq!(values(&records.unwrap()), numbers(103..104));
    consumer.close(LIMIT).await.unwrap();
    assert_eq!(consumer.poll(LIMIT).await.unwrap_err().kind(), ErrorKind::Closed);
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test]
async fn records_carry_everything_in_every_codec() {
    let broker = broker(&[]).await;
    let mut raw = Raw::connect(&broker).await;
    raw.create_topic("t", 1).await;
    let codecs = [
        Compression::None,
        Compression::Gzip { level: 6 },
        Compression::Snappy,
        Compression::Lz4 { level: 1 },
        Compression::Zstd { level: 3 },
    ];
    for codec in codecs {
        raw.produce("t", 0, batch(&["a", "b"], codec)).await;
    }
    let consumer = builder(&broker).build().await.unwrap();
    consumer.assign([TopicPartition::new("t", 0)]).unwrap();
    let mut seen = Vec::new();
    while seen.len() < 10 {
        let records = consumer.poll(LIMIT).await.unwrap();
        for record in &records {
            let owned = record.to_owned();
            assert_eq!(
                owned.headers.iter().map(|h| h.value.clone()).collect::<Vec<_>>(),
                [owned.value.clone(), None]
            );
            assert_eq!(owned.key, owned.value);
            assert_eq!(record.key_bytes().as_deref(), record.key());
            seen.push((owned.offset, owned.timestamp_ms, owned.value.unwrap()));
        }
    }
    for (i, (offset, timestamp_ms, value)) in seen.iter().enumerate() {
        assert_eq!(*offset, i as i64);
        assert_eq!(*timestamp_ms, 1_000_000 + (i as i64 % 2));
        assert_eq!(&value[..], [b"a", b"b"][i % 2]);
    }
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test]
async fn seeks_and_pauses_discard_what_was_fetched() {
    let broker = broker(&[]).await;
    let mut raw = Raw::connect(&broker).await;
    raw.create_topic("t", 2).await;
    let (first, second) = (TopicPartition::new("t", 0), TopicPartition::new("t", 1));
    raw.produce_numbers("t", 0, 0, 50, 5).await;
    let consumer = builder(&broker).set("max.poll.records", 4).build().await.unwrap();
    consumer.assign([first.clone(), second.clone()]).unwrap();
    assert_eq!(read(&consumer, 4).await, numbers(0..4));
    consumer.seek(&first, 40).unwrap();
    assert_eq!(read(&consumer, 10).await, numbers(40..50));
    consumer.seek_to_beginning(&[]).unwrap();
    assert_eq!(read(&consumer, 8).await, numbers(0..8));
    consumer.pause(std::slice::from_ref(&first)).unwrap();
    assert_eq!(consumer.paused(), std::slice::from_ref(&first));
    raw.produce_numbers("t", 1, 1000, 2, 2).await;
    assert_eq!(read(&consumer, 2).await, numbers(1000..1002));
    assert!(consumer.poll(Duration::from_millis(150)).await.unwrap().is_empty());
    consumer.resume(std::slice::from_ref(&first)).unwrap();
    assert_eq!(read(&consumer, 42).await, numbers(8..50));
    consumer.seek_to_end(std::slice::from_ref(&first)).unwrap();
    assert!(consumer.poll(Duration::from_millis(150)).await.unwrap().is_empty());
    assert_eq!(consumer.position(&first), Some(50));
    let error = consumer.seek(&TopicPartition::new("other", 0), 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test]
async fn outside_the_log_the_policy_decides() {
    let broker = broker(&[]).await;
    let mut raw = Raw::connect(&broker).await;
    raw.create_topic("t", 1).await;
    raw.produce_numbers("t", 0, 0, 10, 5).await;
    let partition = TopicPartition::new("t", 0);
    let consumer = builder(&broker).build().await.unwrap();
    consumer.assign([partition.clone()]).unwrap();
    consumer.seek(&partition, 1_000).unwrap();
    assert_eq!(read(&consumer, 10).await, numbers(0..10));

    let strict = builder(&broker).set("auto.offset.reset", "none").build().await.unwrap();
    strict.assign([partition.clone()]).unwrap();
    assert_eq!(strict.poll(LIMIT).await.unwrap_err().kind(), ErrorKind::OffsetOutOfRange);
    strict.seek(&partition, 1_000).unwrap();
    assert_eq!(strict.poll(LIMIT).await.unwrap_err().kind(), ErrorKind::OffsetOutOfRange);
    strict.seek(&partition, 7).unwrap();
    assert_eq!(read(&strict, 3).await, numbers(7..10));
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test]
async fn offsets_are_found_by_edge_and_time() {
    let broker = broker(&[]).await;
    let mut raw = Raw::connect(&broker).await;
    raw.create_topic("t", 2).await;
    raw.produce("t", 0, batch(&["a", "b", "c"], Compression::None)).await;
    let consumer = builder(&broker).build().await.unwrap();
    let (first, second) = (TopicPartition::new("t", 0), TopicPartition::new("t", 1));
    let both = [first.clone(), second.clone()];
    assert_eq!(consumer.beginning_offsets(&both).await.unwrap()[&first], 0);
    let ends = consumer.end_offsets(&both).await.unwrap();
    assert_eq!((ends[&first], ends[&second]), (3, 0));
    let times = BTreeMap::from([(first.clone(), 1_000_002), (second, 0)]);
    let found = consumer.offsets_for_times(&times).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[&first].offset, found[&first].timestamp_ms), (2, 1_000_002));
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test]
async fn recv_hands_out_one_by_one_and_a_stream_ends_with_the_close() {
    use futures_util::StreamExt;
    let broker = broker(&[]).await;
    let mut raw = Raw::connect(&broker).await;
    raw.create_topic("t", 1).await;
    raw.produce_numbers("t", 0, 0, 20, 20).await;
    let partition = TopicPartition::new("t", 0);
    let consumer = builder(&broker).build().await.unwrap();
    consumer.assign([partition.clone()]).unwrap();
    for n in 0..5 {
        assert_eq!(consumer.recv().await.unwrap().offset, n);
    }
    assert_eq!(consumer.position(&partition), Some(5), "not the end of what was polled");
    let rest = consumer.poll(LIMIT).await.unwrap();
    assert_eq!(values(&rest), numbers(5..20), "a poll goes on where recv stopped");
    raw.produce_numbers("t", 0, 20, 2, 2).await;
    let mut stream = Box::pin(consumer.stream());
    assert_eq!(stream.next().await.unwrap().unwrap().offset, 20);
    assert_eq!(stream.next().await.unwrap().unwrap().offset, 21);
    let (end, closed) = tokio::join!(stream.next(), consumer.close(LIMIT));
    closed.unwrap();
    assert!(end.is_none());
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test]
async fn misuse_is_told_and_nothing_hangs() {
    let broker = broker(&[]).await;
    let consumer = builder(&broker).build().await.unwrap();
    assert_eq!(consumer.poll(LIMIT).await.unwrap_err().kind(), ErrorKind::InvalidState);
    assert_eq!(consumer.subscribe(["t"]).unwrap_err().kind(), ErrorKind::InvalidState);
    assert_eq!(consumer.commit_sync().await.unwrap_err().kind(), ErrorKind::InvalidState);
    let error = Consumer::builder().set("bootstrap.server", "x:1").build().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    consumer.assign([TopicPartition::new("missing", 0)]).unwrap();
    assert!(consumer.poll(Duration::from_millis(200)).await.unwrap().is_empty());
    drop(consumer);
    broker.stop(LIMIT).await.unwrap();
}

#[tokio::test]
async fn an_address_nobody_answers_at_is_an_error_and_not_an_empty_topic() {
    // Bound and not listening: connections are refused.
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let consumer =
        Consumer::builder().set("bootstrap.servers", taken.local_addr().unwrap()).build().await.unwrap();
    consumer.assign([TopicPartition::new("t", 0)]).unwrap();
    let error = consumer.poll(LIMIT).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    drop(consumer);
}
