//! Produce requests, the hot path in: encoded around record batches that stay where they are, decoded in one pass.
//!
//! Knows nothing of what the record batches hold.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::{
    messages::{
        ProduceRequest, TopicName, TransactionalId,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    protocol::{Message, StrBytes},
};
use smallvec::SmallVec;
use uuid::Uuid;

use crate::{
    api_version::ApiKey,
    codec::{CodecError, put_request_header},
    frame::{Frame, FrameBuilder, Segment},
    guard::GuardError,
    schema::{Fault, Reader},
    varint::put_unsigned_varint,
};

/// First version with compact lengths and tagged fields.
const FLEXIBLE_FROM: i16 = 9;
/// First version that names topics by id.
const TOPIC_ID_FROM: i16 = 13;

/// What a Produce request says.
#[derive(Debug, Clone, Default)]
pub struct ProduceParts<'a> {
    /// Set by transactional producers.
    pub transactional_id: Option<&'a str>,
    /// 0, 1 or -1 for all in-sync replicas.
    pub acks: i16,
    /// How long the broker waits for the replicas.
    pub timeout_ms: i32,
    /// The records.
    pub topics: Vec<ProduceTopic<'a>>,
}

/// The records of one topic.
#[derive(Debug, Clone, Default)]
pub struct ProduceTopic<'a> {
    /// Sent up to version 12.
    pub name: &'a str,
    /// Sent from version 13.
    pub topic_id: Uuid,
    /// The records.
    pub partitions: Vec<ProducePartition>,
}

/// The records of one partition.
#[derive(Debug, Clone, Default)]
pub struct ProducePartition {
    /// Which partition.
    pub index: i32,
    /// Whole record batches, as one or more pieces.
    pub records: SmallVec<[Bytes; 1]>,
}

impl ProducePartition {
    /// One piece of record batches for a partition.
    pub fn new(index: i32, records: Bytes) -> Self {
        Self { index, records: SmallVec::from_iter([records]) }
    }
}

/// Encodes a Produce request; the records become segments of the frame and are not copied.
pub fn encode_produce_request(
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
    parts: &ProduceParts<'_>,
) -> Result<Frame, CodecError> {
    let error = |reason: &str| CodecError::encode(ApiKey::PRODUCE.0, version, reason);
    check_version(version).map_err(|_| error("there is no such version"))?;
    let flexible = version >= FLEXIBLE_FROM;
    let partitions: usize = parts.topics.iter().map(|topic| topic.partitions.len()).sum();
    let mut builder = FrameBuilder::with_capacity(64 + parts.topics.len() * 32 + partitions * 16);
    let buffer = builder.buffer();
    put_request_header(buffer, ApiKey::PRODUCE.0, version, correlation_id, client_id)?;
    put_text(buffer, parts.transactional_id, flexible)
        .ok_or_else(|| error("transactional id is too long"))?;
    buffer.put_i16(parts.acks);
    buffer.put_i32(parts.timeout_ms);
    put_length(buffer, parts.topics.len(), flexible).ok_or_else(|| error("too many topics"))?;
    for topic in &parts.topics {
        let buffer = builder.buffer();
        if version >= TOPIC_ID_FROM {
            buffer.put_slice(topic.topic_id.as_bytes());
        } else {
            put_text(buffer, Some(topic.name), flexible).ok_or_else(|| error("topic name is too long"))?;
        }
        put_length(buffer, topic.partitions.len(), flexible).ok_or_else(|| error("too many partitions"))?;
        for partition in &topic.partitions {
            let buffer = builder.buffer();
            buffer.put_i32(partition.index);
            let size_bytes = partition.records.iter().map(Bytes::len).sum();
            put_length(buffer, size_bytes, flexible).ok_or_else(|| error("records are too large"))?;
            for piece in &partition.records {
                builder.push(Segment::Bytes(piece.clone()));
            }
            put_no_tags(builder.buffer(), flexible);
        }
        put_no_tags(builder.buffer(), flexible);
    }
    put_no_tags(builder.buffer(), flexible);
    builder.finish().map_err(|too_large| error(&too_large.to_string()))
}

/// Decodes the body of a Produce request in one bounds-checked pass; names and records are slices of `body`.
///
/// Gives what [`crate::codec::decode_request`] gives, except that unknown tagged fields are dropped.
pub fn decode_produce_request(version: i16, body: Bytes) -> Result<ProduceRequest, CodecError> {
    let mut reader = Reader::new(&body);
    read_request(version, &body, &mut reader).map_err(|fault| {
        CodecError::Guard(GuardError {
            message: "ProduceRequest",
            version,
            field: "",
            position: reader.position(),
            fault,
        })
    })
}

fn read_request(version: i16, body: &Bytes, reader: &mut Reader<'_>) -> Result<ProduceRequest, Fault> {
    check_version(version)?;
    let flexible = version >= FLEXIBLE_FROM;
    let mut request = ProduceRequest::default();
    request.transactional_id = text(body, reader.text_bytes(flexible)?)?.map(TransactionalId);
    request.acks = reader.i16()?;
    request.timeout_ms = reader.i32()?;
    // The smallest topic: its name or id, and a count.
    let smallest = if version >= TOPIC_ID_FROM {
        18
    } else if flexible {
        3
    } else {
        6
    };
    let topics = reader.count(flexible, smallest)?.ok_or(Fault::NullNotAllowed)?;
    request.topic_data = Vec::with_capacity(topics);
    for _ in 0..topics {
        let mut topic = TopicProduceData::default();
        if version >= TOPIC_ID_FROM {
            topic.topic_id = Uuid::from_bytes(reader.array()?);
        } else {
            topic.name = TopicName(text(body, reader.text_bytes(flexible)?)?.ok_or(Fault::NullNotAllowed)?);
        }
        let smallest = if flexible { 6 } else { 8 };
        let partitions = reader.count(flexible, smallest)?.ok_or(Fault::NullNotAllowed)?;
        topic.partition_data = Vec::with_capacity(partitions);
        for _ in 0..partitions {
            let mut partition = PartitionProduceData::default();
            partition.index = reader.i32()?;
            partition.records = reader.bytes(flexible)?.map(|records| body.slice_ref(records));
            skip_tags(reader, flexible)?;
            topic.partition_data.push(partition);
        }
        skip_tags(reader, flexible)?;
        request.topic_data.push(topic);
    }
    skip_tags(reader, flexible)?;
    // As everywhere in requests, bytes behind the last field are ignored.
    Ok(request)
}

fn check_version(version: i16) -> Result<(), Fault> {
    let versions = ProduceRequest::VERSIONS;
    if (versions.min..=versions.max).contains(&version) { Ok(()) } else { Err(Fault::NoSchema) }
}

/// A slice of `body` as text.
#[inline]
pub(crate) fn text(body: &Bytes, bytes: Option<&[u8]>) -> Result<Option<StrBytes>, Fault> {
    let Some(bytes) = bytes else { return Ok(None) };
    StrBytes::from_utf8(body.slice_ref(bytes)).map(Some).map_err(|_| Fault::NotUtf8)
}

#[inline]
pub(crate) fn skip_tags(reader: &mut Reader<'_>, flexible: bool) -> Result<(), Fault> {
    if flexible { reader.tagged_fields(|_, _| Ok(false)) } else { Ok(()) }
}

pub(crate) fn nothing_left(reader: &Reader<'_>) -> Result<(), Fault> {
    match reader.left() {
        0 => Ok(()),
        left => Err(Fault::Leftover(left)),
    }
}

/// Writes a string; `None` if its length cannot be said.
#[inline]
pub(crate) fn put_text(buffer: &mut BytesMut, text: Option<&str>, flexible: bool) -> Option<()> {
    let length = text.map(str::len);
    if flexible {
        put_unsigned_varint(buffer, length.map_or(Some(0), |length| u32::try_from(length + 1).ok())?);
    } else {
        buffer.put_i16(length.map_or(Some(-1), |length| i16::try_from(length).ok())?);
    }
    buffer.put_slice(text.unwrap_or_default().as_bytes());
    Some(())
}

/// Writes the length of bytes or an array; `None` if it cannot be said.
#[inline]
pub(crate) fn put_length(buffer: &mut BytesMut, length: usize, flexible: bool) -> Option<()> {
    // Compact lengths go further, but no frame does.
    let length = i32::try_from(length).ok().filter(|length| *length < i32::MAX)?;
    if flexible {
        put_unsigned_varint(buffer, length as u32 + 1)
    } else {
        buffer.put_i32(length)
    }
    Some(())
}

#[inline]
pub(crate) fn put_no_tags(buffer: &mut BytesMut, flexible: bool) {
    if flexible {
        buffer.put_u8(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use proptest::prelude::*;

    type Topic = (String, u128, Vec<(i32, Vec<Vec<u8>>)>);
    type Topics = Vec<Topic>;

    fn topics() -> impl Strategy<Value = Topics> {
        let pieces = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..4);
        let partitions = prop::collection::vec((any::<i32>(), pieces), 0..4);
        prop::collection::vec(("[a-z.é]{0,40}", any::<u128>(), partitions), 0..4)
    }

    fn parts<'a>(transactional_id: Option<&'a str>, topics: &'a Topics) -> ProduceParts<'a> {
        let partition = |(index, pieces): &(i32, Vec<Vec<u8>>)| ProducePartition {
            index: *index,
            records: pieces.iter().map(|piece| Bytes::copy_from_slice(piece)).collect(),
        };
        let topic = |(name, id, partitions): &'a Topic| ProduceTopic {
            name,
            topic_id: Uuid::from_u128(*id),
            partitions: partitions.iter().map(partition).collect(),
        };
        ProduceParts {
            transactional_id,
            acks: -1,
            timeout_ms: 30_000,
            topics: topics.iter().map(topic).collect(),
        }
    }

    fn typed(version: i16, parts: &ProduceParts<'_>) -> ProduceRequest {
        let topic_data = parts.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| {
                let records = Bytes::from(partition.records.concat());
                PartitionProduceData::default().with_index(partition.index).with_records(Some(records))
            });
            let data = TopicProduceData::default().with_partition_data(partitions.collect());
            match version {
                TOPIC_ID_FROM.. => data.with_topic_id(topic.topic_id),
                _ => data.with_name(TopicName(StrBytes::from_string(topic.name.to_string()))),
            }
        });
        ProduceRequest::default()
            .with_transactional_id(
                parts.transactional_id.map(|id| TransactionalId(StrBytes::from_string(id.to_string()))),
            )
            .with_acks(parts.acks)
            .with_timeout_ms(parts.timeout_ms)
            .with_topic_data(topic_data.collect())
    }

    proptest! {
        #[test]
        fn the_frame_is_the_one_of_the_typed_message(
            version in 3_i16..=13,
            client_id in prop::option::of("[a-z]{0,20}"),
            transactional_id in prop::option::of("[a-z]{0,200}"),
            topics in topics(),
        ) {
            let parts = parts(transactional_id.as_deref(), &topics);
            let typed = typed(version, &parts);
            let ours = encode_produce_request(version, 77, client_id.as_deref(), &parts).unwrap();
            let theirs = codec::encode_request(version, 77, client_id.as_deref(), &typed).unwrap();
            let whole = ours.to_bytes().unwrap();
            prop_assert_eq!(ours.len(), whole.len());
            prop_assert_eq!(&whole, &theirs.to_bytes().unwrap());

            let mut body = whole.slice(4..);
            codec::decode_request_header(&mut body).unwrap();
            prop_assert_eq!(decode_produce_request(version, body.clone()).unwrap(), typed);
            for len in 0..body.len() {
                prop_assert!(decode_produce_request(version, body.slice(..len)).is_err());
            }
        }

        #[test]
        fn what_one_decoder_accepts_the_other_does_too(
            version in 3_i16..=13,
            topics in topics(),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let frame = encode_produce_request(version, 0, None, &parts(None, &topics)).unwrap();
            let mut body = frame.to_bytes().unwrap().slice(4..);
            codec::decode_request_header(&mut body).unwrap();
            let mut bytes = body.to_vec();
            for (at, byte) in flips {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let body = Bytes::from(bytes);
            let ours = decode_produce_request(version, body.clone());
            let theirs = codec::decode_request::<ProduceRequest>(version, body);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs);
        }
    }

    #[test]
    fn records_are_not_copied() {
        let records = Bytes::from_static(b"a whole record batch");
        let parts = ProduceParts {
            topics: vec![ProduceTopic {
                name: "t",
                topic_id: Uuid::nil(),
                partitions: vec![ProducePartition::new(0, records.clone())],
            }],
            ..ProduceParts::default()
        };
        let frame = encode_produce_request(9, 1, None, &parts).unwrap();
        let [_, Segment::Bytes(kept), _] = frame.segments() else { panic!("{frame:?}") };
        assert_eq!(kept.as_ptr(), records.as_ptr());
    }

    #[test]
    fn versions_that_do_not_exist_are_refused() {
        for version in [-1, 2, 14] {
            assert!(encode_produce_request(version, 0, None, &ProduceParts::default()).is_err());
            assert!(decode_produce_request(version, Bytes::from_static(&[0; 20])).is_err());
        }
    }
}
