//! Peers that send what they should not: their connection ends or they get an error, and nobody else notices.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

mod support;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_broker::Broker;
use ottla_wire::codec;
use ottla_wire::messages::create_topics_request::CreatableTopic;
use ottla_wire::messages::{
    ApiVersionsRequest, CreateTopicsRequest, FetchRequest, ListOffsetsRequest, MetadataRequest,
};
use ottla_wire::protocol::{Request, StrBytes};
use ottla_wire::{ErrorCode, codec::CodecError};
use std::time::{Duration, Instant};
use support::{Client, LIMIT, batch, broker, create_topic, fetch, produce, topic_name};

/// A request's bytes without the length prefix.
fn payload<R: Request>(version: i16, request: &R) -> Bytes {
    codec::encode_request(version, 7, Some("test"), request).unwrap().to_bytes().unwrap().slice(4..)
}

fn framed(payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_i32(payload.len() as i32);
    frame.put_slice(payload);
    frame.freeze()
}

/// A connection past its first request.
async fn greeted(broker: &Broker) -> Client {
    let mut client = Client::connect(broker).await;
    client.call(0, &ApiVersionsRequest::default()).await;
    client
}

/// Passes when the broker still answers somebody who was connected before.
async fn is_undisturbed(bystander: &mut Client) {
    let started = Instant::now();
    bystander.call(1, &MetadataRequest::default().with_topics(None)).await;
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn requests_cut_anywhere_end_their_connection_alone() {
    let broker = broker(&[]).await;
    let mut bystander = greeted(&broker).await;
    create_topic(&mut bystander, "topic", 1).await;
    let new = CreatableTopic::default().with_name(topic_name("new")).with_num_partitions(1);
    let requests = [
        payload(12, &MetadataRequest::default().with_topics(None)),
        payload(1, &MetadataRequest::default().with_topics(None)),
        payload(9, &produce("topic", 0, 1, batch(&["one"]))),
        payload(12, &fetch("topic", &[(0, 0)])),
        payload(4, &fetch("topic", &[(0, 0)]).with_session_epoch(-1)),
        payload(7, &CreateTopicsRequest::default().with_topics(vec![new])),
        payload(7, &ListOffsetsRequest::default()),
    ];
    for request in &requests {
        for len in 0..request.len() {
            let mut client = greeted(&broker).await;
            client.write(&framed(&request[..len])).await;
            client.expect_close().await;
        }
    }
    is_undisturbed(&mut bystander).await;
}

#[tokio::test]
async fn requests_with_a_byte_changed_are_answered_or_closed() {
    let broker = broker(&[("auto.create.topics.enable", "false")]).await;
    let mut bystander = greeted(&broker).await;
    create_topic(&mut bystander, "topic", 1).await;
    let requests = [
        payload(12, &MetadataRequest::default().with_topics(None)),
        payload(9, &produce("topic", 0, 1, batch(&["one"]))),
        payload(4, &fetch("topic", &[(0, 0)])),
    ];
    for request in &requests {
        // The API, its version and the correlation id stay, so that an answer can be told from none.
        for place in 8..request.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut damaged = request.to_vec();
                damaged[place] = value;
                let mut client = greeted(&broker).await;
                client.write(&framed(&damaged)).await;
                // acks=0 has no answer: a second request tells it from a broker that hangs.
                client.write(&framed(&payload(0, &ApiVersionsRequest::default()))).await;
                client.finish_writing().await;
                while client.frame().await.is_some() {}
            }
        }
    }
    is_undisturbed(&mut bystander).await;
}

#[tokio::test]
async fn unknown_apis_and_versions_end_the_connection() {
    let broker = broker(&[]).await;
    let mut bystander = greeted(&broker).await;
    for (key, version) in
        [(-1, 0), (94, 0), (1000, 0), (4, 0), (3, -1), (3, 99), (0, 2), (52, 0), (i16::MAX, 0)]
    {
        let mut request = BytesMut::new();
        request.put_i16(key);
        request.put_i16(version);
        request.put_i32(7);
        request.put_i16(-1);
        request.put_u8(0);
        let mut client = greeted(&broker).await;
        client.write(&framed(&request)).await;
        client.expect_close().await;
    }
    is_undisturbed(&mut bystander).await;
}

#[tokio::test]
async fn frames_too_large_or_below_zero_end_the_connection_before_they_come() {
    let broker = broker(&[]).await;
    let mut bystander = greeted(&broker).await;
    let start = |size: i32, key: i16| {
        let mut start = BytesMut::new();
        start.put_i32(size);
        start.put_i16(key);
        start.put_i16(1);
        start.freeze()
    };
    let mut first = Client::connect(&broker).await;
    first.write(&start(16 * 1024 + 1, 0)).await;
    first.expect_close().await;
    for (size, key) in
        [(-1, 3), (i32::MIN, 3), (i32::MAX, 0), (100 * 1024 * 1024 + 1, 0), (16 * 1024 * 1024 + 1, 3)]
    {
        let mut client = greeted(&broker).await;
        client.write(&start(size, key)).await;
        client.expect_close().await;
    }
    is_undisturbed(&mut bystander).await;
}

#[tokio::test]
async fn counts_that_the_frame_cannot_hold_are_not_believed() {
    let broker = broker(&[]).await;
    let mut bystander = greeted(&broker).await;
    for count in [i32::MAX, 1 << 30, -2] {
        // A Metadata request of 30 bytes that claims so many topics.
        let mut request = BytesMut::new();
        request.put_i16(3);
        request.put_i16(1);
        request.put_i32(7);
        request.put_i16(-1);
        request.put_i32(count);
        request.put_slice(&[0; 16]);
        let mut client = greeted(&broker).await;
        client.write(&framed(&request)).await;
        client.expect_close().await;
    }
    is_undisturbed(&mut bystander).await;
}

#[tokio::test]
async fn bad_topic_names_are_refused_by_name() {
    let broker = broker(&[]).await;
    let mut client = greeted(&broker).await;
    let long = "x".repeat(250);
    for name in ["", ".", "..", "a/b", "a b", "\u{e4}", &long] {
        let topic = CreatableTopic::default()
            .with_name(topic_name(name))
            .with_num_partitions(1)
            .with_replication_factor(1);
        let response = client.call(7, &CreateTopicsRequest::default().with_topics(vec![topic])).await;
        assert_eq!(ErrorCode(response.topics[0].error_code), ErrorCode::INVALID_TOPIC_EXCEPTION, "{name}");
    }
}

#[tokio::test]
async fn one_byte_at_a_time_is_slow_and_fine() {
    let broker = broker(&[]).await;
    let mut bystander = greeted(&broker).await;
    let mut client = Client::connect(&broker).await;
    let request = framed(&payload(12, &MetadataRequest::default().with_topics(None)));
    for byte in &request {
        client.write(&[*byte]).await;
        tokio::task::yield_now().await;
    }
    is_undisturbed(&mut bystander).await;
    let frame = client.frame().await.unwrap();
    assert_eq!(codec::split_response(3, 12, frame).map(|(id, _)| id), Ok::<_, CodecError>(7));
}

#[tokio::test]
async fn who_says_nothing_is_closed() {
    let broker =
        broker(&[("ottla.connection.first.request.timeout.ms", "200"), ("connections.max.idle.ms", "400")])
            .await;
    let started = Instant::now();
    let greeted = greeted(&broker).await;
    Client::connect(&broker).await.expect_close().await;
    assert!(started.elapsed() >= Duration::from_millis(200));
    greeted.expect_close().await;
    assert!(started.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn who_does_not_read_is_closed() {
    let broker = broker(&[("ottla.connection.write.timeout.ms", "300")]).await;
    let mut bystander = greeted(&broker).await;
    create_topic(&mut bystander, "topic", 1).await;
    let value = "x".repeat(1_000_000);
    bystander.call(9, &produce("topic", 0, 1, batch(&[&value]))).await;
    let mut client = greeted(&broker).await;
    // Far more than the sockets' buffers hold.
    for _ in 0..64 {
        client.send(12, &fetch("topic", &[(0, 0)])).await;
    }
    let deadline = Instant::now() + LIMIT;
    while broker.connection_count() > 1 {
        assert!(Instant::now() < deadline, "the connection stays");
        is_undisturbed(&mut bystander).await;
    }
}

#[tokio::test]
async fn who_leaves_while_waiting_is_not_kept() {
    let broker = broker(&[]).await;
    let mut bystander = greeted(&broker).await;
    create_topic(&mut bystander, "topic", 1).await;
    let mut client = greeted(&broker).await;
    let request: FetchRequest = fetch("topic", &[(0, 0)]).with_max_wait_ms(i32::MAX);
    client.send(12, &request).await;
    drop(client);
    let deadline = Instant::now() + LIMIT;
    while broker.connection_count() > 1 {
        assert!(Instant::now() < deadline, "the connection stays");
        is_undisturbed(&mut bystander).await;
    }
}

#[tokio::test]
async fn connections_over_the_limit_are_closed_at_once() {
    let broker = broker(&[("max.connections", "2")]).await;
    let mut first = greeted(&broker).await;
    let second = greeted(&broker).await;
    Client::connect(&broker).await.expect_close().await;
    drop(second);
    let deadline = Instant::now() + LIMIT;
    while broker.connection_count() > 1 {
        assert!(Instant::now() < deadline, "the place is not given back");
        is_undisturbed(&mut first).await;
    }
    greeted(&broker).await;
}

#[tokio::test]
async fn client_software_that_is_no_name_is_told_so() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    let request = ApiVersionsRequest::default()
        .with_client_software_name(StrBytes::from_static_str("a name with spaces"))
        .with_client_software_version(StrBytes::from_static_str("1"));
    let response = client.call(3, &request).await;
    assert_eq!(ErrorCode(response.error_code), ErrorCode::INVALID_REQUEST);
}
