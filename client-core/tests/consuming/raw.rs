//! A few lines on the wire crate to put records into a broker without a producer.

use bytes::{Bytes, BytesMut};
use ottla_broker::{Broker, BrokerConfig};
use ottla_wire::ErrorCode;
use ottla_wire::batch::{BatchBuilder, BatchOptions, ProducerStamp};
use ottla_wire::codec;
use ottla_wire::compression::Compression;
use ottla_wire::frame::FrameDecoder;
use ottla_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use ottla_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ottla_wire::messages::{CreateTopicsRequest, ProduceRequest, TopicName};
use ottla_wire::protocol::{Request, StrBytes};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Nothing in these tests should take as long.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A broker in memory, with what `properties` change.
pub(crate) async fn broker(properties: &[(&str, &str)]) -> Broker {
    let mut config = BrokerConfig::in_memory();
    properties.iter().for_each(|(name, value)| config.set(name, value).unwrap());
    Broker::start(config).await.unwrap()
}

/// One connection.
pub(crate) struct Raw {
    stream: TcpStream,
    buffer: BytesMut,
    decoder: FrameDecoder,
    next_correlation_id: i32,
}

impl Raw {
    pub(crate) async fn connect(broker: &Broker) -> Self {
        Self::connect_to(&broker.addresses()[0].to_string()).await
    }

    pub(crate) async fn connect_to(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: BytesMut::new(),
            decoder: FrameDecoder::new(64 * 1024 * 1024),
            next_correlation_id: 1,
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        let id = self.next_correlation_id;
        self.next_correlation_id += 1;
        let frame = codec::encode_request(version, id, Some("raw"), request).unwrap();
        self.stream.write_all(&frame.to_bytes().unwrap()).await.unwrap();
        loop {
            if let Some(frame) = self.decoder.decode(&mut self.buffer).unwrap() {
                let (answered, body) = codec::split_response(R::KEY, version, frame).unwrap();
                assert_eq!(answered, id);
                return codec::decode_response::<R>(version, body).unwrap();
            }
            let read = tokio::time::timeout(LIMIT, self.stream.read_buf(&mut self.buffer)).await;
            assert_ne!(read.expect("an answer in time").unwrap(), 0, "the broker closed");
        }
    }

    /// Without retention by time: batches of tests are of 1970, and a broker is right to delete such at any moment.
    pub(crate) async fn create_topic(&mut self, name: &str, partitions: i32) {
        let retention =
            CreatableTopicConfig::default().with_name("retention.ms".into()).with_value(Some("-1".into()));
        let topic = CreatableTopic::default()
            .with_name(topic_name(name))
            .with_num_partitions(partitions)
            .with_replication_factor(1)
            .with_configs(vec![retention]);
        let request = CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(10_000);
        let response = self.call(7, &request).await;
        assert_eq!(response.topics[0].error_code, 0, "{response:?}");
    }

    /// Appends one batch; its base offset.
    pub(crate) async fn produce(&mut self, topic: &str, partition: i32, records: Bytes) -> i64 {
        let data = PartitionProduceData::default().with_index(partition).with_records(Some(records));
        let topic = TopicProduceData::default().with_name(topic_name(topic)).with_partition_data(vec![data]);
        let request =
            ProduceRequest::default().with_acks(-1).with_timeout_ms(10_000).with_topic_data(vec![topic]);
        // A topic of a moment ago may have no leader yet.
        let limit = std::time::Instant::now() + LIMIT;
        loop {
            let response = self.call(9, &request).await;
            let answer = &response.responses[0].partition_responses[0];
            match ErrorCode(answer.error_code) {
                ErrorCode::NONE => return answer.base_offset,
                code if code.refreshes_metadata() && std::time::Instant::now() < limit => {}
                _ => panic!("{answer:?}"),
            }
        }
    }

    /// Appends `count` records numbered from `first`, in batches of `per_batch`.
    pub(crate) async fn produce_numbers(
        &mut self,
        topic: &str,
        partition: i32,
        first: usize,
        count: usize,
        per_batch: usize,
    ) {
        let numbers: Vec<String> = (first..first + count).map(|n| n.to_string()).collect();
        for chunk in numbers.chunks(per_batch) {
            let values: Vec<&str> = chunk.iter().map(String::as_str).collect();
            self.produce(topic, partition, batch(&values, Compression::None)).await;
        }
    }
}

pub(crate) fn topic_name(name: &str) -> TopicName {
    TopicName(StrBytes::from_string(name.to_owned()))
}

/// A batch of `values`; each record has its value as the key too, and two headers of one key.
pub(crate) fn batch(values: &[&str], compression: Compression) -> Bytes {
    let options = BatchOptions { compression, ..BatchOptions::default() };
    let mut builder = BatchBuilder::new(options, BytesMut::new());
    for (i, value) in values.iter().enumerate() {
        let headers =
            [("h", Some(value.as_bytes())), ("h", None)].map(|(key, value)| (key.as_bytes(), value));
        builder.append(1_000_000 + i as i64, Some(value.as_bytes()), Some(value.as_bytes()), &headers);
    }
    builder.finish(ProducerStamp::NONE).unwrap()
}
