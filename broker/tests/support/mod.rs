//! A client of a few lines on the wire crate, and a broker to talk to.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::disallowed_types)]

use bytes::{Bytes, BytesMut};
use ottla_broker::{Broker, BrokerConfig};
use ottla_wire::codec;
use ottla_wire::frame::FrameDecoder;
use ottla_wire::protocol::Request;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Nothing in these tests should take as long.
pub const LIMIT: Duration = Duration::from_secs(30);

/// A broker in memory, with what `properties` change.
pub async fn broker(properties: &[(&str, &str)]) -> Broker {
    let mut config = BrokerConfig::in_memory();
    properties.iter().for_each(|(name, value)| config.set(name, value).unwrap());
    Broker::start(config).await.unwrap()
}

/// One connection.
pub struct Client {
    stream: TcpStream,
    buffer: BytesMut,
    decoder: FrameDecoder,
    next_correlation_id: i32,
}

impl Client {
    pub async fn connect(broker: &Broker) -> Self {
        let stream = TcpStream::connect(broker.addresses()[0]).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: BytesMut::new(),
            decoder: FrameDecoder::new(512 * 1024 * 1024),
            next_correlation_id: 1,
        }
    }

    /// Sends a request without waiting for its answer; gives its correlation id.
    pub async fn send<R: Request>(&mut self, version: i16, request: &R) -> i32 {
        let id = self.next_correlation_id;
        self.next_correlation_id += 1;
        let frame = codec::encode_request(version, id, Some("test"), request).unwrap();
        self.write(&frame.to_bytes().unwrap()).await;
        id
    }

    /// The answer to request `id`, which must be the next one.
    pub async fn receive<R: Request>(&mut self, version: i16, id: i32) -> R::Response {
        let frame = self.frame().await.expect("an answer instead of a close");
        let (answered, body) = codec::split_response(R::KEY, version, frame).unwrap();
        assert_eq!(answered, id, "answers come in the order of requests");
        codec::decode_response::<R>(version, body).unwrap()
    }

    /// Sends a request and waits for its answer.
    pub async fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        let id = self.send(version, request).await;
        self.receive::<R>(version, id).await
    }

    /// Sends raw bytes; a peer that closed meanwhile is no failure of the test.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = tokio::time::timeout(LIMIT, self.stream.write_all(bytes)).await.expect("the broker reads");
    }

    /// The next frame, or `None` when the broker closed.
    pub async fn frame(&mut self) -> Option<Bytes> {
        loop {
            if let Some(frame) = self.decoder.decode(&mut self.buffer).unwrap() {
                return Some(frame);
            }
            let read = tokio::time::timeout(LIMIT, self.stream.read_buf(&mut self.buffer)).await;
            match read.expect("an answer or a close in time") {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Passes when the broker closes without another answer.
    pub async fn expect_close(mut self) {
        if let Some(frame) = self.frame().await {
            panic!("{} bytes came instead of a close", frame.len());
        }
    }

    /// The socket, for tests that leave it alone.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }
}
