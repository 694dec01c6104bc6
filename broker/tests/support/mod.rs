//! A client of a few lines on the wire crate, and a broker to talk to.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file is a program of its own, which needs a part of this"
)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_types)]

use bytes::{Bytes, BytesMut};
use ottla_broker::{Broker, BrokerConfig};
use ottla_wire::batch::{BatchBuilder, BatchOptions, Batches, DecompressLimits, ProducerStamp, Scratch};
use ottla_wire::codec;
use ottla_wire::frame::FrameDecoder;
use ottla_wire::messages::create_topics_request::CreatableTopic;
use ottla_wire::messages::fetch_request::{FetchPartition, FetchTopic};
use ottla_wire::messages::fetch_response::PartitionData;
use ottla_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ottla_wire::messages::produce_response::PartitionProduceResponse;
use ottla_wire::messages::{CreateTopicsRequest, FetchRequest, ProduceRequest, ProduceResponse, TopicName};
use ottla_wire::protocol::{Request, StrBytes};
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
        Self::over(TcpStream::connect(broker.addresses()[0]).await.unwrap())
    }

    /// Many at once: none is accepted by a broker on the same thread before all of them are there.
    pub fn connect_together(broker: &Broker, count: usize) -> Vec<Self> {
        let connect = |_| {
            let stream = std::net::TcpStream::connect(broker.addresses()[0]).unwrap();
            stream.set_nonblocking(true).unwrap();
            Self::over(TcpStream::from_std(stream).unwrap())
        };
        (0..count).map(connect).collect()
    }

    fn over(stream: TcpStream) -> Self {
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
}

/// A batch of `values`, from no producer in particular.
pub fn batch(values: &[&str]) -> Bytes {
    stamped_batch(values, ProducerStamp::NONE)
}

/// A batch of `values` with a producer's identity.
pub fn stamped_batch(values: &[&str], producer: ProducerStamp) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
    for value in values {
        builder.append(now_ms(), Some(b"key"), Some(value.as_bytes()), &[]);
    }
    builder.finish(producer).unwrap()
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// Creates a topic.
pub async fn create_topic(client: &mut Client, name: &str, partitions: i32) {
    let topic = CreatableTopic::default()
        .with_name(topic_name(name))
        .with_num_partitions(partitions)
        .with_replication_factor(1);
    let response = client.call(7, &CreateTopicsRequest::default().with_topics(vec![topic])).await;
    assert_eq!(response.topics[0].error_code, 0, "{response:?}");
}

pub fn topic_name(name: &str) -> TopicName {
    TopicName(StrBytes::from_string(name.to_owned()))
}

/// A Produce request for one partition, by name.
pub fn produce(topic: &str, partition: i32, acks: i16, records: Bytes) -> ProduceRequest {
    let data = PartitionProduceData::default().with_index(partition).with_records(Some(records));
    ProduceRequest::default().with_acks(acks).with_timeout_ms(10_000).with_topic_data(vec![
        TopicProduceData::default().with_name(topic_name(topic)).with_partition_data(vec![data]),
    ])
}

/// The only partition's part of an answer.
pub fn produced(response: &ProduceResponse) -> &PartitionProduceResponse {
    &response.responses[0].partition_responses[0]
}

/// A Fetch request without a session, by name, for each `(partition, offset)`.
pub fn fetch(topic: &str, from: &[(i32, i64)]) -> FetchRequest {
    let partitions = from.iter().map(|(partition, offset)| {
        FetchPartition::default()
            .with_partition(*partition)
            .with_fetch_offset(*offset)
            .with_partition_max_bytes(1 << 20)
            .with_current_leader_epoch(-1)
    });
    FetchRequest::default()
        .with_max_wait_ms(0)
        .with_min_bytes(1)
        .with_max_bytes(50 << 20)
        .with_session_epoch(-1)
        .with_topics(vec![
            FetchTopic::default().with_topic(topic_name(topic)).with_partitions(partitions.collect()),
        ])
}

/// Offset and value of every record of an answer's partition.
pub fn records(data: &PartitionData) -> Vec<(i64, String)> {
    let mut records = Vec::new();
    let mut scratch = Scratch::new();
    for batch in Batches::new(data.records.clone().unwrap_or_default()) {
        let batch = batch.unwrap();
        batch.verify_crc().unwrap();
        for record in batch.records(&DecompressLimits::default(), &mut scratch).unwrap() {
            let record = record.unwrap();
            records.push((record.offset, String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
        }
    }
    records
}

impl Client {
    /// Says that no more requests will come.
    pub async fn finish_writing(&mut self) {
        let _ = self.stream.shutdown().await;
    }
}
