//! Reading a partition back with nothing but the wire crate.

use super::LIMIT;
use bytes::BytesMut;
use ottla_broker::Broker;
use ottla_wire::batch::{Batches, DecompressLimits, Scratch};
use ottla_wire::codec;
use ottla_wire::frame::FrameDecoder;
use ottla_wire::messages::fetch_request::{FetchPartition, FetchTopic};
use ottla_wire::messages::{BrokerId, FetchRequest, TopicName};
use ottla_wire::protocol::StrBytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A record as read back.
#[derive(Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) offset: i64,
    pub(crate) timestamp_ms: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// Everything in a partition.
pub(crate) async fn read_all(broker: &Broker, topic: &str, partition: i32) -> Vec<Stored> {
    const VERSION: i16 = 12;
    let mut stream = TcpStream::connect(broker.addresses()[0]).await.unwrap();
    let mut buffer = BytesMut::new();
    let mut decoder = FrameDecoder::new(usize::MAX);
    let mut stored: Vec<Stored> = Vec::new();
    loop {
        let from = stored.last().map_or(0, |last| last.offset + 1);
        let mut part = FetchPartition::default();
        part.partition = partition;
        part.fetch_offset = from;
        part.partition_max_bytes = 64 << 20;
        let mut wanted = FetchTopic::default();
        wanted.topic = TopicName(StrBytes::from_string(topic.to_owned()));
        wanted.partitions = vec![part];
        let mut request = FetchRequest::default();
        request.replica_id = BrokerId(-1);
        request.max_bytes = 64 << 20;
        request.session_epoch = -1;
        request.topics = vec![wanted];
        let frame = codec::encode_request(VERSION, 1, Some("test"), &request).unwrap();
        stream.write_all(&frame.to_bytes().unwrap()).await.unwrap();
        let frame = loop {
            if let Some(frame) = decoder.decode(&mut buffer).unwrap() {
                break frame;
            }
            let read = tokio::time::timeout(LIMIT, stream.read_buf(&mut buffer)).await.unwrap().unwrap();
            assert_ne!(read, 0, "the broker closed instead of answering");
        };
        let (_, body) = codec::split_response(1, VERSION, frame).unwrap();
        let mut response = codec::decode_response::<FetchRequest>(VERSION, body).unwrap();
        let part = response.responses.remove(0).partitions.remove(0);
        assert_eq!(part.error_code, 0);
        let before = stored.len();
        for batch in Batches::new(part.records.unwrap_or_default()) {
            let batch = batch.unwrap();
            batch.verify_crc().unwrap();
            let mut scratch = Scratch::new();
            for record in batch.records(&DecompressLimits::default(), &mut scratch).unwrap() {
                let record = record.unwrap();
                stored.push(Stored {
                    offset: record.offset,
                    timestamp_ms: record.timestamp_ms,
                    key: record.key.map(<[u8]>::to_vec),
                    value: record.value.map(<[u8]>::to_vec),
                    headers: record
                        .headers
                        .iter()
                        .map(|(k, v)| (k.to_vec(), v.map(<[u8]>::to_vec)))
                        .collect(),
                });
            }
        }
        if stored.len() == before {
            return stored;
        }
    }
}
