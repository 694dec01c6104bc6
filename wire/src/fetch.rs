//! Fetch responses, the hot path out: encoded around record batches that stay where they are, in memory or in a
//! file, and decoded in one pass.
//!
//! Knows nothing of what the record batches hold.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::{
    messages::{
        BrokerId, FetchResponse, ProducerId, TopicName,
        fetch_response::{AbortedTransaction, FetchableTopicResponse, NodeEndpoint, PartitionData},
    },
    protocol::{Encodable, Message},
};
use uuid::Uuid;

use crate::{
    api_version::ApiKey,
    codec::{CodecError, put_response_header},
    frame::{Frame, FrameBuilder, Segment},
    guard::GuardError,
    produce::{nothing_left, put_length, put_no_tags, put_text, skip_tags, text},
    schema::{Fault, Reader},
    varint::put_unsigned_varint,
};

/// First version with compact lengths and tagged fields.
const FLEXIBLE_FROM: i16 = 12;
/// First version that names topics by id.
const TOPIC_ID_FROM: i16 = 13;

/// Encodes a Fetch response. The records of each partition come from `records(topic index, partition index)` as
/// segments of the frame, not copied; what `response` holds as records is not looked at.
///
/// Unknown tagged fields of `response` are not sent.
pub fn encode_fetch_response<R: AsRef<[Segment]>>(
    version: i16,
    correlation_id: i32,
    response: &FetchResponse,
    mut records: impl FnMut(usize, usize) -> R,
) -> Result<Frame, CodecError> {
    let error = |reason: &str| CodecError::encode(ApiKey::FETCH.0, version, reason);
    check_version(version).map_err(|_| error("there is no such version"))?;
    let flexible = version >= FLEXIBLE_FROM;
    let partitions: usize = response.responses.iter().map(|topic| topic.partitions.len()).sum();
    let mut builder = FrameBuilder::with_capacity(64 + response.responses.len() * 32 + partitions * 64);
    let buffer = builder.buffer();
    put_response_header(buffer, ApiKey::FETCH.0, version, correlation_id);
    buffer.put_i32(response.throttle_time_ms);
    if version >= 7 {
        buffer.put_i16(response.error_code);
        buffer.put_i32(response.session_id);
    } else if response.session_id != 0 {
        return Err(error("this version has no fetch sessions"));
    }
    put_length(buffer, response.responses.len(), flexible).ok_or_else(|| error("too many topics"))?;
    for (topic_index, topic) in response.responses.iter().enumerate() {
        let buffer = builder.buffer();
        if version >= TOPIC_ID_FROM {
            buffer.put_slice(topic.topic_id.as_bytes());
        } else {
            put_text(buffer, Some(&topic.topic.0), flexible)
                .ok_or_else(|| error("topic name is too long"))?;
        }
        put_length(buffer, topic.partitions.len(), flexible).ok_or_else(|| error("too many partitions"))?;
        for (partition_index, partition) in topic.partitions.iter().enumerate() {
            let buffer = builder.buffer();
            put_partition(buffer, version, partition).map_err(error)?;
            let segments = records(topic_index, partition_index);
            let segments = segments.as_ref();
            let size_bytes = segments.iter().map(Segment::len).sum();
            put_length(buffer, size_bytes, flexible).ok_or_else(|| error("records are too large"))?;
            for segment in segments {
                builder.push(segment.clone());
            }
            if flexible {
                put_partition_tags(builder.buffer(), version, partition)
                    .map_err(|reason| CodecError::encode(ApiKey::FETCH.0, version, reason))?;
            }
        }
        put_no_tags(builder.buffer(), flexible);
    }
    let buffer = builder.buffer();
    if version >= 16 && !response.node_endpoints.is_empty() {
        put_node_endpoints(buffer, &response.node_endpoints)
            .ok_or_else(|| error("node endpoints are too long"))?;
    } else {
        put_no_tags(buffer, flexible);
    }
    builder.finish().map_err(|too_large| error(&too_large.to_string()))
}

/// Writes what stands before the records.
fn put_partition(buffer: &mut BytesMut, version: i16, partition: &PartitionData) -> Result<(), &'static str> {
    let flexible = version >= FLEXIBLE_FROM;
    buffer.put_i32(partition.partition_index);
    buffer.put_i16(partition.error_code);
    buffer.put_i64(partition.high_watermark);
    buffer.put_i64(partition.last_stable_offset);
    if version >= 5 {
        buffer.put_i64(partition.log_start_offset);
    }
    match &partition.aborted_transactions {
        None if flexible => buffer.put_u8(0),
        None => buffer.put_i32(-1),
        Some(aborted) => {
            put_length(buffer, aborted.len(), flexible).ok_or("too many aborted transactions")?;
            for transaction in aborted {
                buffer.put_i64(transaction.producer_id.0);
                buffer.put_i64(transaction.first_offset);
                put_no_tags(buffer, flexible);
            }
        }
    }
    if version >= 11 {
        buffer.put_i32(partition.preferred_read_replica.0);
    } else if partition.preferred_read_replica.0 != -1 {
        return Err("this version has no preferred read replica");
    }
    Ok(())
}

/// Writes the tagged fields, rare on the hot path.
fn put_partition_tags(buffer: &mut BytesMut, version: i16, partition: &PartitionData) -> Result<(), String> {
    /// Encodes a struct with its tag; structs that hold their default are left out.
    fn put<T: Encodable + Default + PartialEq>(
        fields: &mut Vec<u8>,
        version: i16,
        tag: u8,
        value: &T,
    ) -> Result<u8, String> {
        if *value == T::default() {
            return Ok(0);
        }
        fields.put_u8(tag);
        // Each of the three has a fixed size of less than 128 bytes, so that its length is one byte.
        let length_at = fields.len();
        fields.put_u8(0);
        value.encode(fields, version).map_err(|error| error.to_string())?;
        let length = u8::try_from(fields.len() - length_at - 1).ok().filter(|length| *length < 0x80);
        fields[length_at] = length.ok_or("unknown tagged fields are too long")?;
        Ok(1)
    }
    let mut fields = Vec::new();
    let mut count = put(&mut fields, version, 0, &partition.diverging_epoch)?;
    count += put(&mut fields, version, 1, &partition.current_leader)?;
    count += put(&mut fields, version, 2, &partition.snapshot_id)?;
    buffer.put_u8(count);
    buffer.put_slice(&fields);
    Ok(())
}

/// Writes the one tagged field of the response; `None` if it is too long.
fn put_node_endpoints(buffer: &mut BytesMut, endpoints: &[NodeEndpoint]) -> Option<()> {
    let mut field = BytesMut::new();
    put_length(&mut field, endpoints.len(), true)?;
    for endpoint in endpoints {
        field.put_i32(endpoint.node_id.0);
        put_text(&mut field, Some(&endpoint.host), true)?;
        field.put_i32(endpoint.port);
        put_text(&mut field, endpoint.rack.as_deref(), true)?;
        put_no_tags(&mut field, true);
    }
    buffer.put_slice(&[1, 0]);
    put_unsigned_varint(buffer, u32::try_from(field.len()).ok()?);
    buffer.put_slice(&field);
    Some(())
}

/// Decodes the body of a Fetch response in one bounds-checked pass; names and records are slices of `body`.
///
/// Gives what [`crate::codec::decode_response`] gives, except that unknown tagged fields are dropped.
pub fn decode_fetch_response(version: i16, body: Bytes) -> Result<FetchResponse, CodecError> {
    let mut reader = Reader::new(&body);
    read_response(version, &body, &mut reader).map_err(|fault| {
        CodecError::Guard(GuardError {
            message: "FetchResponse",
            version,
            field: "",
            position: reader.position(),
            fault,
        })
    })
}

fn read_response(version: i16, body: &Bytes, reader: &mut Reader<'_>) -> Result<FetchResponse, Fault> {
    check_version(version)?;
    let flexible = version >= FLEXIBLE_FROM;
    let mut response = FetchResponse::default();
    response.throttle_time_ms = reader.i32()?;
    if version >= 7 {
        response.error_code = reader.i16()?;
        response.session_id = reader.i32()?;
    }
    // The smallest topic: its name or id, and a count.
    let smallest = if version >= TOPIC_ID_FROM {
        18
    } else if flexible {
        3
    } else {
        6
    };
    let topics = reader.count(flexible, smallest)?.ok_or(Fault::NullNotAllowed)?;
    response.responses = Vec::with_capacity(topics);
    for _ in 0..topics {
        let mut topic = FetchableTopicResponse::default();
        if version >= TOPIC_ID_FROM {
            topic.topic_id = Uuid::from_bytes(reader.array()?);
        } else {
            topic.topic = TopicName(text(body, reader.text_bytes(flexible)?)?.ok_or(Fault::NullNotAllowed)?);
        }
        // Index, error, two offsets and two lengths.
        let smallest = if flexible { 25 } else { 30 };
        let partitions = reader.count(flexible, smallest)?.ok_or(Fault::NullNotAllowed)?;
        topic.partitions = Vec::with_capacity(partitions);
        for _ in 0..partitions {
            topic.partitions.push(read_partition(version, body, reader)?);
        }
        skip_tags(reader, flexible)?;
        response.responses.push(topic);
    }
    if flexible {
        reader.tagged_fields(|tag, field| match tag {
            0 if version >= 16 => {
                response.node_endpoints = read_node_endpoints(body, field)?;
                Ok(true)
            }
            _ => Ok(false),
        })?;
    }
    nothing_left(reader)?;
    Ok(response)
}

fn read_partition(version: i16, body: &Bytes, reader: &mut Reader<'_>) -> Result<PartitionData, Fault> {
    let flexible = version >= FLEXIBLE_FROM;
    let mut partition = PartitionData::default();
    partition.partition_index = reader.i32()?;
    partition.error_code = reader.i16()?;
    partition.high_watermark = reader.i64()?;
    partition.last_stable_offset = reader.i64()?;
    if version >= 5 {
        partition.log_start_offset = reader.i64()?;
    }
    partition.aborted_transactions = match reader.count(flexible, 16)? {
        None => None,
        Some(count) => {
            let mut aborted = Vec::with_capacity(count);
            for _ in 0..count {
                let mut transaction = AbortedTransaction::default();
                transaction.producer_id = ProducerId(reader.i64()?);
                transaction.first_offset = reader.i64()?;
                skip_tags(reader, flexible)?;
                aborted.push(transaction);
            }
            Some(aborted)
        }
    };
    if version >= 11 {
        partition.preferred_read_replica = BrokerId(reader.i32()?);
    }
    partition.records = reader.bytes(flexible)?.map(|records| body.slice_ref(records));
    if flexible {
        reader.tagged_fields(|tag, field| {
            match tag {
                0 => {
                    partition.diverging_epoch.epoch = field.i32()?;
                    partition.diverging_epoch.end_offset = field.i64()?;
                }
                1 => {
                    partition.current_leader.leader_id = BrokerId(field.i32()?);
                    partition.current_leader.leader_epoch = field.i32()?;
                }
                2 => {
                    partition.snapshot_id.end_offset = field.i64()?;
                    partition.snapshot_id.epoch = field.i32()?;
                }
                _ => return Ok(false),
            }
            skip_tags(field, true)?;
            Ok(true)
        })?;
    }
    Ok(partition)
}

fn read_node_endpoints(body: &Bytes, reader: &mut Reader<'_>) -> Result<Vec<NodeEndpoint>, Fault> {
    let count = reader.count(true, 11)?.ok_or(Fault::NullNotAllowed)?;
    let mut endpoints = Vec::with_capacity(count);
    for _ in 0..count {
        let mut endpoint = NodeEndpoint::default();
        endpoint.node_id = BrokerId(reader.i32()?);
        endpoint.host = text(body, reader.text_bytes(true)?)?.ok_or(Fault::NullNotAllowed)?;
        endpoint.port = reader.i32()?;
        endpoint.rack = text(body, reader.text_bytes(true)?)?;
        skip_tags(reader, true)?;
        endpoints.push(endpoint);
    }
    Ok(endpoints)
}

fn check_version(version: i16) -> Result<(), Fault> {
    let versions = FetchResponse::VERSIONS;
    if (versions.min..=versions.max).contains(&version) { Ok(()) } else { Err(Fault::NoSchema) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use kafka_protocol::{messages::FetchRequest, protocol::StrBytes};
    use proptest::prelude::*;

    type Partition = (i32, i16, i64, Option<Vec<(i64, i64)>>, Vec<Vec<u8>>, [Option<(i32, i64)>; 3], i32);
    type Topics = Vec<(String, u128, Vec<Partition>)>;

    fn topics() -> impl Strategy<Value = Topics> {
        let aborted = prop::option::of(prop::collection::vec(any::<(i64, i64)>(), 0..3));
        let pieces = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..4);
        let partition = (
            any::<i32>(),
            any::<i16>(),
            any::<i64>(),
            aborted,
            pieces,
            any::<[Option<(i32, i64)>; 3]>(),
            any::<i32>(),
        );
        let partitions = prop::collection::vec(partition, 0..4);
        prop::collection::vec(("[a-zé]{0,40}", any::<u128>(), partitions), 0..4)
    }

    fn typed(version: i16, topics: &Topics, endpoints: &[(i32, String, Option<String>)]) -> FetchResponse {
        let partition = |(index, error, offset, aborted, pieces, tags, replica): &Partition| {
            let aborted = aborted.as_ref().map(|aborted| {
                let transaction = |(id, first): &(i64, i64)| {
                    AbortedTransaction::default().with_producer_id(ProducerId(*id)).with_first_offset(*first)
                };
                aborted.iter().map(transaction).collect()
            });
            let mut partition = PartitionData::default()
                .with_partition_index(*index)
                .with_error_code(*error)
                .with_high_watermark(*offset)
                .with_last_stable_offset(offset / 2)
                .with_aborted_transactions(aborted)
                .with_records(Some(Bytes::from(pieces.concat())));
            if version >= 5 {
                partition.log_start_offset = offset / 3;
            }
            if version >= 11 {
                partition.preferred_read_replica = BrokerId(*replica);
            }
            if version >= 12 {
                if let Some((epoch, offset)) = tags[0] {
                    partition.diverging_epoch.epoch = epoch;
                    partition.diverging_epoch.end_offset = offset;
                }
                if let Some((leader, epoch)) = tags[1] {
                    partition.current_leader.leader_id = BrokerId(leader);
                    partition.current_leader.leader_epoch = epoch as i32;
                }
                if let Some((epoch, offset)) = tags[2] {
                    partition.snapshot_id.epoch = epoch;
                    partition.snapshot_id.end_offset = offset;
                }
            }
            partition
        };
        let topic = |(name, id, partitions): &(String, u128, Vec<Partition>)| {
            let topic =
                FetchableTopicResponse::default().with_partitions(partitions.iter().map(partition).collect());
            match version {
                TOPIC_ID_FROM.. => topic.with_topic_id(Uuid::from_u128(*id)),
                _ => topic.with_topic(TopicName(StrBytes::from_string(name.clone()))),
            }
        };
        let endpoint = |(id, host, rack): &(i32, String, Option<String>)| {
            NodeEndpoint::default()
                .with_node_id(BrokerId(*id))
                .with_host(StrBytes::from_string(host.clone()))
                .with_port(9092)
                .with_rack(rack.clone().map(StrBytes::from_string))
        };
        let mut response = FetchResponse::default()
            .with_throttle_time_ms(5)
            .with_responses(topics.iter().map(topic).collect());
        if version >= 7 {
            response = response.with_error_code(3).with_session_id(9);
        }
        if version >= 16 {
            response.node_endpoints = endpoints.iter().map(endpoint).collect();
        }
        response
    }

    fn encode(version: i16, topics: &Topics, response: &FetchResponse) -> Frame {
        encode_fetch_response(version, 77, response, |topic, partition| {
            let pieces = &topics[topic].2[partition].4;
            pieces.iter().map(|piece| Bytes::copy_from_slice(piece).into()).collect::<Vec<Segment>>()
        })
        .unwrap()
    }

    fn endpoints() -> impl Strategy<Value = Vec<(i32, String, Option<String>)>> {
        prop::collection::vec((any::<i32>(), "[a-z]{0,200}", prop::option::of("[a-z]{0,9}")), 0..3)
    }

    proptest! {
        #[test]
        fn the_frame_is_the_one_of_the_typed_message(
            version in 4_i16..=18,
            topics in topics(),
            endpoints in endpoints(),
        ) {
            let typed = typed(version, &topics, &endpoints);
            let ours = encode(version, &topics, &typed);
            let theirs = codec::encode_response(1, version, 77, &typed).unwrap();
            let whole = ours.to_bytes().unwrap();
            prop_assert_eq!(ours.len(), whole.len());
            prop_assert_eq!(&whole, &theirs.to_bytes().unwrap());

            let (_, body) = codec::split_response(1, version, whole.slice(4..)).unwrap();
            prop_assert_eq!(decode_fetch_response(version, body.clone()).unwrap(), typed);
            for len in 0..body.len() {
                prop_assert!(decode_fetch_response(version, body.slice(..len)).is_err());
            }
        }

        #[test]
        fn what_one_decoder_accepts_the_other_does_too(
            version in 4_i16..=18,
            topics in topics(),
            endpoints in endpoints(),
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let frame = encode(version, &topics, &typed(version, &topics, &endpoints));
            let (_, body) = codec::split_response(1, version, frame.to_bytes().unwrap().slice(4..)).unwrap();
            let mut bytes = body.to_vec();
            for (at, byte) in flips {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let body = Bytes::from(bytes);
            let ours = decode_fetch_response(version, body.clone());
            let theirs = codec::decode_response::<FetchRequest>(version, body);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs);
        }
    }

    #[test]
    fn slices_of_a_file_are_only_counted() {
        let partition = PartitionData::default();
        let response = FetchResponse::default()
            .with_responses(vec![FetchableTopicResponse::default().with_partitions(vec![partition])]);
        let slice = Segment::External { len: 1_000_000, token: 3 };
        let frame = encode_fetch_response(12, 1, &response, |_, _| [slice.clone()]).unwrap();
        let [Segment::Bytes(head), kept, Segment::Bytes(tail)] = frame.segments() else {
            panic!("{frame:?}")
        };
        assert_eq!(kept, &slice);
        assert_eq!(frame.len(), head.len() + 1_000_000 + tail.len());
        assert_eq!(head[..4], i32::to_be_bytes(frame.len() as i32 - 4));
    }

    #[test]
    fn a_field_that_the_version_lacks_is_refused() {
        let response = FetchResponse::default().with_session_id(5);
        assert!(encode_fetch_response(4, 0, &response, |_, _| [] as [Segment; 0]).is_err());
        assert!(encode_fetch_response(7, 0, &response, |_, _| [] as [Segment; 0]).is_ok());
        assert!(encode_fetch_response(19, 0, &response, |_, _| [] as [Segment; 0]).is_err());
    }
}
