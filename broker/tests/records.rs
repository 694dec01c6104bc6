//! Records in and out: every version of Produce and Fetch, waiting, sessions, offsets.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

mod support;

use ottla_broker::{Broker, BrokerConfig};
use ottla_wire::ErrorCode;
use ottla_wire::batch::ProducerStamp;
use ottla_wire::messages::fetch_request::FetchTopic;
use ottla_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ottla_wire::messages::metadata_request::MetadataRequestTopic;
use ottla_wire::messages::{
    FetchRequest, InitProducerIdRequest, ListOffsetsRequest, MetadataRequest, ProducerId,
};
use std::time::{Duration, Instant};
use support::{
    Client, batch, broker, create_topic, fetch, produce, produced, records, stamped_batch, topic_name,
};
use uuid::Uuid;

async fn topic_id(client: &mut Client, name: &str) -> Uuid {
    let topic = MetadataRequestTopic::default().with_name(Some(topic_name(name)));
    let response = client.call(13, &MetadataRequest::default().with_topics(Some(vec![topic]))).await;
    response.topics[0].topic_id
}

#[tokio::test]
async fn records_come_back_as_they_went_in_every_version() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    let id = topic_id(&mut client, "topic").await;
    let mut offset = 0;
    for version in 3..=13 {
        let mut request = produce("topic", 0, [1, -1][offset as usize % 2], batch(&["one", "two"]));
        if version >= 13 {
            request.topic_data[0].topic_id = id;
            request.topic_data[0].name = topic_name("");
        }
        let response = client.call(version, &request).await;
        let answer = produced(&response);
        assert_eq!((answer.error_code, answer.base_offset), (0, offset), "version {version}: {answer:?}");
        offset += 2;
    }
    for version in 4..=18 {
        let mut request = fetch("topic", &[(0, 0)]);
        if version >= 13 {
            request.topics[0].topic_id = id;
            request.topics[0].topic = topic_name("");
        }
        let response = client.call(version, &request).await;
        let data = &response.responses[0].partitions[0];
        assert_eq!((data.error_code, data.high_watermark), (0, offset), "version {version}");
        let records = records(data);
        assert_eq!(records.len() as i64, offset);
        for (place, (at, value)) in records.iter().enumerate() {
            assert_eq!(*at, place as i64);
            assert_eq!(value, ["one", "two"][place % 2]);
        }
    }
}

#[tokio::test]
async fn a_topic_is_created_on_being_asked_for_and_can_be_written_at_once() {
    let broker = broker(&[("num.partitions", "3")]).await;
    let mut client = Client::connect(&broker).await;
    let asked = |allow| {
        let topic = MetadataRequestTopic::default().with_name(Some(topic_name("new")));
        MetadataRequest::default().with_topics(Some(vec![topic])).with_allow_auto_topic_creation(allow)
    };
    let response = client.call(9, &asked(false)).await;
    assert_eq!(response.topics[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    let response = client.call(9, &asked(true)).await;
    assert_eq!((response.topics[0].error_code, response.topics[0].partitions.len()), (0, 3));
    let response = client.call(9, &produce("new", 2, -1, batch(&["one"]))).await;
    assert_eq!(produced(&response).error_code, 0);
}

#[tokio::test]
async fn a_fetch_waits_for_records_and_is_woken_by_them() {
    let broker = broker(&[]).await;
    let (mut reader, mut writer) = (Client::connect(&broker).await, Client::connect(&broker).await);
    create_topic(&mut writer, "topic", 2).await;
    let mut request = fetch("topic", &[(0, 0), (1, 0)]);
    request.max_wait_ms = 20_000;
    let waiting = reader.send(12, &request).await;
    let started = Instant::now();
    let response = writer.call(9, &produce("topic", 1, 1, batch(&["one"]))).await;
    assert_eq!(produced(&response).error_code, 0);
    let response = reader.receive::<FetchRequest>(12, waiting).await;
    assert_eq!(records(&response.responses[0].partitions[1]), [(0, "one".to_owned())]);
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_fetch_that_wants_more_than_comes_is_answered_at_its_deadline() {
    let broker = broker(&[]).await;
    let (mut reader, mut writer) = (Client::connect(&broker).await, Client::connect(&broker).await);
    create_topic(&mut writer, "topic", 1).await;
    let mut request = fetch("topic", &[(0, 0)]);
    (request.max_wait_ms, request.min_bytes) = (300, 1 << 20);
    let started = Instant::now();
    let waiting = reader.send(12, &request).await;
    writer.call(9, &produce("topic", 0, 1, batch(&["one"]))).await;
    let response = reader.receive::<FetchRequest>(12, waiting).await;
    assert_eq!(records(&response.responses[0].partitions[0]).len(), 1);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn one_batch_comes_even_when_it_is_larger_than_asked_for() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    for _ in 0..2 {
        client.call(9, &produce("topic", 0, 1, batch(&[&"x".repeat(10_000)]))).await;
    }
    let mut request = fetch("topic", &[(0, 0)]);
    (request.max_bytes, request.topics[0].partitions[0].partition_max_bytes) = (1, 1);
    let response = client.call(12, &request).await;
    assert_eq!(records(&response.responses[0].partitions[0]).len(), 1);
}

#[tokio::test]
async fn a_session_tells_only_what_changed() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 3).await;
    let open = fetch("topic", &[(0, 0), (1, 0), (2, 0)]).with_session_epoch(0);
    let response = client.call(12, &open).await;
    let session_id = response.session_id;
    assert!(session_id > 0);
    assert_eq!(response.responses[0].partitions.len(), 3);
    let next = |epoch: i32| {
        FetchRequest::default()
            .with_max_wait_ms(0)
            .with_min_bytes(1)
            .with_max_bytes(1 << 20)
            .with_session_id(session_id)
            .with_session_epoch(epoch)
    };
    let response = client.call(12, &next(1)).await;
    assert_eq!((response.error_code, response.responses.len()), (0, 0));
    client.call(9, &produce("topic", 1, 1, batch(&["one"]))).await;
    let response = client.call(12, &next(2)).await;
    let partitions = &response.responses[0].partitions;
    assert_eq!(partitions.iter().map(|data| data.partition_index).collect::<Vec<_>>(), [1]);
    assert_eq!(records(&partitions[0]).len(), 1);
    // The client moves on in the partition it got records of.
    let moved: Vec<FetchTopic> = fetch("topic", &[(1, 1)]).topics;
    let response = client.call(12, &next(3).with_topics(moved)).await;
    assert_eq!((response.error_code, response.responses.len()), (0, 0));
    let response = client.call(12, &next(9)).await;
    assert_eq!(response.error_code, ErrorCode::INVALID_FETCH_SESSION_EPOCH.0);
    let response = client.call(12, &next(1).with_session_id(session_id ^ 1)).await;
    assert_eq!(response.error_code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND.0);
}

#[tokio::test]
async fn a_sent_again_batch_of_an_idempotent_producer_is_there_once() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    let request = InitProducerIdRequest::default()
        .with_transactional_id(None)
        .with_transaction_timeout_ms(1000)
        .with_producer_id(ProducerId(-1))
        .with_producer_epoch(-1);
    let response = client.call(4, &request).await;
    assert_eq!(response.error_code, 0);
    let other = client.call(4, &request).await;
    assert_ne!(response.producer_id, other.producer_id);
    let stamp = |base_sequence| ProducerStamp {
        producer_id: response.producer_id.0,
        producer_epoch: response.producer_epoch,
        base_sequence,
        transactional: false,
        control: false,
    };
    for expected in [0, 0] {
        let sent = stamped_batch(&["one", "two"], stamp(0));
        let answer = client.call(9, &produce("topic", 0, -1, sent)).await;
        assert_eq!((produced(&answer).error_code, produced(&answer).base_offset), (0, expected));
    }
    let answer = client.call(9, &produce("topic", 0, -1, stamped_batch(&["x"], stamp(7)))).await;
    assert_eq!(produced(&answer).error_code, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER.0);
    let response = client.call(12, &fetch("topic", &[(0, 0)])).await;
    assert_eq!(records(&response.responses[0].partitions[0]).len(), 2);
}

#[tokio::test]
async fn offsets_are_found_by_mark_and_by_time() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    client.call(9, &produce("topic", 0, -1, batch(&["one", "two"]))).await;
    for (timestamp, offset) in [(-1, 2), (-2, 0), (-3, 0), (-4, 0), (0, 0), (i64::MAX, -1), (-5, -1)] {
        let partition =
            ListOffsetsPartition::default().with_timestamp(timestamp).with_current_leader_epoch(-1);
        let topic =
            ListOffsetsTopic::default().with_name(topic_name("topic")).with_partitions(vec![partition]);
        let response = client.call(10, &ListOffsetsRequest::default().with_topics(vec![topic])).await;
        let found = &response.topics[0].partitions[0];
        assert_eq!((found.error_code, found.offset), (0, offset), "timestamp {timestamp}");
    }
}

#[tokio::test]
async fn errors_of_a_partition_are_its_own() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    let mut damaged = batch(&["one"]).to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let two = [batch(&["one"]), batch(&["two"])].concat();
    let large = "x".repeat(2 << 20);
    let cases = [
        (produce("topic", 0, 2, batch(&["one"])), ErrorCode::INVALID_REQUIRED_ACKS),
        (produce("topic", 1, 1, batch(&["one"])), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (produce("nobody", 0, 1, batch(&["one"])), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (produce("topic", 0, 1, damaged.into()), ErrorCode::CORRUPT_MESSAGE),
        (produce("topic", 0, 1, two.into()), ErrorCode::INVALID_RECORD),
        (produce("topic", 0, 1, batch(&[&large])), ErrorCode::MESSAGE_TOO_LARGE),
        (produce("topic", 0, 1, batch(&["one"]).slice(..40)), ErrorCode::CORRUPT_MESSAGE),
    ];
    for (request, code) in cases {
        let response = client.call(9, &request).await;
        assert_eq!(ErrorCode(produced(&response).error_code), code);
    }
    let mut twice = produce("topic", 0, 1, batch(&["one"]));
    let again = twice.topic_data[0].partition_data[0].clone();
    twice.topic_data[0].partition_data.push(again);
    let response = client.call(9, &twice).await;
    for answer in &response.responses[0].partition_responses {
        assert_eq!(ErrorCode(answer.error_code), ErrorCode::INVALID_REQUEST);
    }
    let response = client.call(12, &fetch("topic", &[(0, 99), (0, -5)])).await;
    for data in &response.responses[0].partitions {
        assert_eq!(ErrorCode(data.error_code), ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    let mut fenced = fetch("topic", &[(0, 0)]);
    fenced.topics[0].partitions[0].current_leader_epoch = 5;
    let response = client.call(12, &fenced).await;
    assert_eq!(ErrorCode(response.responses[0].partitions[0].error_code), ErrorCode::UNKNOWN_LEADER_EPOCH);
}

#[tokio::test]
async fn without_acks_only_a_failure_is_heard_of() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    client.send(9, &produce("topic", 0, 0, batch(&["one"]))).await;
    let response = client.call(12, &fetch("topic", &[(0, 0)])).await;
    assert_eq!(records(&response.responses[0].partitions[0]).len(), 1);
    client.send(9, &produce("nobody", 0, 0, batch(&["one"]))).await;
    client.expect_close().await;
}

#[tokio::test]
async fn records_that_memory_no_longer_holds_come_from_their_files() {
    let directory = tempfile::tempdir().unwrap();
    let config = BrokerConfig::in_dir(directory.path()).unwrap();
    let config = config.with("ottla.log.tail.cache.bytes", "0").unwrap();
    let broker = Broker::start(config.with("log.segment.bytes", "1048576").unwrap()).await.unwrap();
    let mut client = Client::connect(&broker).await;
    create_topic(&mut client, "topic", 1).await;
    let value = |round: usize| format!("{round}-{}", "x".repeat(100_000));
    for round in 0..30 {
        let response = client.call(9, &produce("topic", 0, 1, batch(&[&value(round), "small"]))).await;
        assert_eq!(produced(&response).error_code, 0);
    }
    let mut seen = Vec::new();
    while seen.len() < 60 {
        let response = client.call(12, &fetch("topic", &[(0, seen.len() as i64)])).await;
        let found = records(&response.responses[0].partitions[0]);
        assert!(!found.is_empty());
        seen.extend(found);
    }
    for (place, (offset, found)) in seen.iter().enumerate() {
        assert_eq!(*offset, place as i64);
        assert!(*found == if place % 2 == 0 { value(place / 2) } else { "small".to_owned() });
    }
    broker.stop(Duration::from_secs(10)).await.unwrap();
}

#[tokio::test]
async fn topics_and_records_are_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let start = || Broker::start(BrokerConfig::in_dir(directory.path()).unwrap());
    let mut ids = Vec::new();
    for round in 0..4 {
        let broker = start().await.unwrap();
        let mut client = Client::connect(&broker).await;
        if round == 0 {
            create_topic(&mut client, "topic", 2).await;
        }
        ids.push(topic_id(&mut client, "topic").await);
        let response = client.call(9, &produce("topic", 1, -1, batch(&["one"]))).await;
        let answer = produced(&response);
        assert_eq!((answer.error_code, answer.base_offset), (0, round));
        let response = client.call(12, &fetch("topic", &[(1, 0)])).await;
        assert_eq!(records(&response.responses[0].partitions[0]).len() as i64, round + 1);
        if round == 1 {
            drop(broker); // As a crash would end it.
        } else {
            broker.stop(Duration::from_secs(10)).await.unwrap();
        }
    }
    assert!(ids.iter().all(|id| *id == ids[0]));
    let second = start().await.unwrap();
    let refused = start().await.unwrap_err().to_string();
    assert!(refused.contains("another process"), "{refused}");
    second.stop(Duration::from_secs(10)).await.unwrap();
}
