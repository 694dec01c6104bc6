//! Answers of a few bytes that ask for gigabytes: refused by every path that reads them, in bounded memory.
#![allow(clippy::disallowed_methods)] // Files of tests.

use super::mistakes::with_ids;
use super::outages::working;
use super::roles::{Role, log, world};
use super::{Asked, FakeBroker, Reply, encoded};
use crate::consumer::Consumer;
use crate::consumer::test_batches::data_bytes;
use crate::error::ErrorKind;
use crate::producer::Producer;
use crate::record::{Record, TopicPartition};
use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::ApiKey;
use ottla_wire::crc32c::crc32c;
use ottla_wire::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use ottla_wire::messages::{FetchRequest, FetchResponse};
use std::net::SocketAddr;
use std::time::Duration;

/// A compact array's count of two thousand million: for the elements of most messages that is more than 100 GB.
const COUNT: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];

/// A response in a flexible version: header, `before` as it is, then the count and next to nothing.
fn bomb(asked: &Asked, before: &[u8]) -> Reply {
    let mut frame = BytesMut::new();
    frame.put_u32(4 + 1 + before.len() as u32 + 5 + 1);
    frame.put_i32(asked.correlation_id);
    frame.put_u8(0);
    frame.put_slice(before);
    frame.put_slice(&COUNT);
    frame.put_u8(0);
    Reply::Bytes(frame.freeze())
}

/// The most memory this process ever had in use.
#[cfg(target_os = "linux")]
fn peak_memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[cfg(not(target_os = "linux"))]
fn peak_memory_bytes() -> u64 {
    0
}

#[tokio::test]
async fn counts_in_metadata_are_not_believed_by_any_client() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    // Throttle time, then the count of brokers.
    broker.on_raw(ApiKey::METADATA, |asked| bomb(&asked, &[0; 4]));
    let expected = ["the broker's answer cannot be read", "MetadataResponse"];
    super::roles::all_are_told(&Role::ALL, &env, &broker.bootstrap(), ErrorKind::Protocol, &expected).await;
}

#[tokio::test]
async fn counts_in_answers_to_a_producer_are_not_believed() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.topic("t", 1);
    with_ids(&broker);
    broker.on_raw(ApiKey::PRODUCE, |asked| bomb(&asked, &[]));
    let builder = Producer::builder()
        .set("bootstrap.servers", broker.bootstrap())
        .set("request.timeout.ms", 1_000)
        .set("delivery.timeout.ms", 1_500)
        .env(env.clone());
    let producer = builder.build().await.unwrap();
    let error = producer.send(Record::to("t").value("v")).await.unwrap().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
    assert!(error.to_string().contains("the response cannot be read"), "{error}");
    // Throttle time, error, id, epoch, then the count of tagged fields.
    broker.on_raw(ApiKey::INIT_PRODUCER_ID, |asked| bomb(&asked, &[0; 16]));
    let builder = Producer::builder()
        .set("bootstrap.servers", broker.bootstrap())
        .set("request.timeout.ms", 1_000)
        .set("delivery.timeout.ms", 1_500)
        .env(env.clone());
    let producer = builder.build().await.unwrap();
    let error = producer.send(Record::to("t").value("v")).await.unwrap().await.unwrap_err();
    assert!(error.to_string().contains("the broker's answer cannot be read"), "{error}");
}

#[tokio::test]
async fn counts_in_answers_to_a_consumer_are_not_believed() {
    log();
    let world = world();
    let env = world.env.clone();
    // Role, API, what stands before the count.
    let cases: [(Role, ApiKey, &[u8]); 5] = [
        (Role::Reader, ApiKey::FETCH, &[0; 10]),
        (Role::Reader, ApiKey::LIST_OFFSETS, &[0; 4]),
        (Role::GroupReader, ApiKey::FIND_COORDINATOR, &[0; 4]),
        (Role::GroupReader, ApiKey::OFFSET_FETCH, &[0; 4]),
        // Throttle time, error, generation, protocol type and name, leader, whether to skip the assignment, member id.
        (Role::Member, ApiKey::JOIN_GROUP, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1]),
    ];
    let each = cases.map(|(role, api, before)| {
        let env = env.clone();
        async move {
            let broker = working(&env, SocketAddr::from(([127, 0, 0, 1], 0))).await;
            broker.on_raw(api, move |asked| bomb(&asked, before));
            role.is_told(
                &env,
                &broker.bootstrap(),
                ErrorKind::Protocol,
                &["the broker's answer cannot be read"],
            )
            .await;
        }
    });
    futures_util::future::join_all(each).await;
}

/// 16 KB of zstd that become 512 MB: blocks of one byte repeated, 128 KB each.
fn zstd_bomb() -> Vec<u8> {
    const BLOCK_BYTES: u32 = 128 << 10;
    const BLOCKS: u32 = 4096;
    // Magic, no content size, a window of 128 KB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
    for number in 1..=BLOCKS {
        let header = u32::from(number == BLOCKS) | 1 << 1 | BLOCK_BYTES << 3;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

/// A batch of one record whose payload is not what it was.
fn batch_with_payload(payload: &[u8], codec: u8) -> Bytes {
    const HEADER_BYTES: usize = 61;
    let mut batch = data_bytes(0, 1, None, 0)[..HEADER_BYTES].to_vec();
    batch.extend_from_slice(payload);
    let length = batch.len() as u32 - 12;
    batch[8..12].copy_from_slice(&length.to_be_bytes());
    batch[22] = codec;
    let crc = crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
    batch.into()
}

#[tokio::test]
async fn a_batch_that_swells_is_refused_where_it_is_read() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, SocketAddr::from(([127, 0, 0, 1], 0))).await;
    let bomb = zstd_bomb();
    assert!(bomb.len() < 17_000, "{}", bomb.len());
    let records = batch_with_payload(&bomb, 4);
    broker.on::<FetchRequest>(move |_, request| {
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| {
                PartitionData::default()
                    .with_partition_index(partition.partition)
                    .with_high_watermark(1)
                    .with_last_stable_offset(1)
                    .with_records(Some(records.clone()))
            });
            FetchableTopicResponse::default()
                .with_topic(topic.topic.clone())
                .with_topic_id(topic.topic_id)
                .with_partitions(partitions.collect())
        });
        FetchResponse::default().with_responses(topics.collect())
    });
    let before = peak_memory_bytes();
    let builder = Consumer::builder()
        .set("bootstrap.servers", broker.bootstrap())
        .set("auto.offset.reset", "earliest")
        .env(env.clone());
    let consumer = builder.build().await.unwrap();
    consumer.assign([TopicPartition::new("t", 0)]).unwrap();
    let started = env.now();
    let error = loop {
        match consumer.poll(Duration::from_secs(1)).await {
            Ok(records) => assert!(records.is_empty() && env.now() < started + super::roles::PROMISE),
            Err(error) => break error,
        }
    };
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{text}");
    for part in ["topic=t, partition=0, offset=0", "seek to the next offset to skip the batch"] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    // The limit is 128 MiB of records; whoever grows a buffer holds it twice for a moment.
    let grown = peak_memory_bytes().saturating_sub(before);
    assert!(grown < 400 << 20, "{} MB more", grown >> 20);
}

#[tokio::test]
async fn frames_larger_than_allowed_are_refused_before_they_come() {
    log();
    let world = world();
    let env = world.env.clone();
    let broker = working(&env, SocketAddr::from(([127, 0, 0, 1], 0))).await;
    broker.on_raw(ApiKey::FETCH, |_| Reply::Bytes(Bytes::from_static(&[0x7f, 0xff, 0xff, 0xff, 0, 0])));
    let expected = ["exceeds the limit", "raise receive.message.max.bytes"];
    Role::Reader.is_told(&env, &broker.bootstrap(), ErrorKind::Protocol, &expected).await;
    // What is left of it: an answer in its proper place.
    broker.on_raw(ApiKey::FETCH, |asked| {
        Reply::Bytes(encoded(ApiKey::FETCH.0, &asked, &FetchResponse::default()))
    });
}
