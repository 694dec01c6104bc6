//! What a broker makes of connections: the handshake, many answers in one write, and bytes that are no requests.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

mod support;

use bytes::{BufMut, BytesMut};
use ottla_wire::messages::{ApiVersionsRequest, MetadataRequest};
use ottla_wire::protocol::StrBytes;
use ottla_wire::{ErrorCode, codec};
use std::time::{Duration, Instant};
use support::{Client, broker};

fn api_versions() -> ApiVersionsRequest {
    ApiVersionsRequest::default()
        .with_client_software_name(StrBytes::from_static_str("ottla-test"))
        .with_client_software_version(StrBytes::from_static_str("1.0"))
}

#[tokio::test]
async fn every_version_of_the_handshake_is_answered() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    for version in 0..=4 {
        let request = if version >= 3 { api_versions() } else { ApiVersionsRequest::default() };
        let response = client.call(version, &request).await;
        assert_eq!(response.error_code, 0);
        assert!(response.api_keys.iter().any(|row| row.api_key == 3 && row.max_version == 13));
    }
    broker.stop(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test]
async fn an_unknown_version_of_the_handshake_is_answered_in_version_0() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    for version in [5_i16, 99, i16::MAX] {
        let mut bytes = BytesMut::new();
        bytes.put_i32(11);
        bytes.put_i16(18);
        bytes.put_i16(version);
        bytes.put_i32(7);
        bytes.put_i16(-1);
        bytes.put_u8(0);
        client.write(&bytes).await;
        let frame = client.frame().await.unwrap();
        let (id, body) = codec::split_response(18, 0, frame).unwrap();
        let response = codec::decode_response::<ApiVersionsRequest>(0, body).unwrap();
        assert_eq!((id, response.error_code), (7, ErrorCode::UNSUPPORTED_VERSION.0));
        assert_eq!(response.api_keys.iter().map(|row| row.api_key).collect::<Vec<_>>(), [18]);
    }
}

#[tokio::test]
async fn the_broker_names_itself_by_the_address_one_came_in_by() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    for version in 0..=13 {
        let response = client.call(version, &MetadataRequest::default().with_topics(Some(Vec::new()))).await;
        let [row] = &response.brokers[..] else { panic!("{response:?}") };
        assert_eq!((&*row.host, row.port), ("127.0.0.1", i32::from(broker.addresses()[0].port())));
        assert_eq!(row.node_id.0, 1);
    }
}

#[tokio::test]
async fn requests_sent_together_are_answered_in_order() {
    let broker = broker(&[]).await;
    let mut client = Client::connect(&broker).await;
    let mut ids = Vec::new();
    for _ in 0..200 {
        ids.push(client.send(3, &api_versions()).await);
    }
    for id in ids {
        client.receive::<ApiVersionsRequest>(3, id).await;
    }
}

#[tokio::test]
async fn starting_and_stopping_take_no_time_and_leave_nothing() {
    let mut brokers = Vec::new();
    let mut quickest = Duration::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        brokers.push(broker(&[]).await);
        quickest = quickest.min(started.elapsed());
    }
    // Far less as a rule; a busy machine may hold one up, not all.
    assert!(quickest < Duration::from_millis(500), "{quickest:?}");
    for broker in brokers {
        let mut client = Client::connect(&broker).await;
        client.call(0, &ApiVersionsRequest::default()).await;
        broker.stop(Duration::from_secs(5)).await.unwrap();
        client.expect_close().await;
    }
}
