//! A bare client on a blocking socket: creates topics and gets one record acknowledged, with nothing else to measure.

use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{BatchBuilder, BatchOptions, ProducerStamp};
use ottla_wire::codec::{decode_response, encode_request, split_response};
use ottla_wire::messages::create_topics_request::CreatableTopic;
use ottla_wire::messages::delete_topics_request::DeleteTopicState;
use ottla_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ottla_wire::messages::{ApiKey, CreateTopicsRequest, DeleteTopicsRequest, ProduceRequest, TopicName};
use ottla_wire::protocol::{Request, StrBytes};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Connects as soon as the port answers, creates a topic and produces one record with acks=all.
pub fn first_ack(bootstrap: &str, patience: Duration) -> Result<(), String> {
    let give_up = Instant::now() + patience;
    loop {
        let outcome = attempt(bootstrap);
        match outcome {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > give_up => return Err(format!("no acknowledged record from {bootstrap}: {error}")),
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

fn attempt(bootstrap: &str) -> Result<(), String> {
    create_topic(bootstrap, "first-ack", 1)?;
    let mut stream = connect(bootstrap)?;
    let mut batch = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
    batch.append(0, None, Some(b"first"), &[]);
    let records = batch.finish(ProducerStamp::NONE).map_err(|error| error.to_string())?;
    let partition = PartitionProduceData::default().with_index(0).with_records(Some(records));
    let topic = TopicProduceData::default().with_name(name("first-ack")).with_partition_data(vec![partition]);
    let request = ProduceRequest::default().with_acks(-1).with_timeout_ms(1_000).with_topic_data(vec![topic]);
    let response = call(&mut stream, ApiKey::Produce as i16, 9, &request)?;
    let code = response.responses[0].partition_responses[0].error_code;
    if code == 0 { Ok(()) } else { Err(format!("produce answered {code}")) }
}

/// Creates a topic; one that is there already is fine.
pub fn create_topic(bootstrap: &str, topic: &str, partitions: i32) -> Result<(), String> {
    let mut stream = connect(bootstrap)?;
    let topic = CreatableTopic::default().with_name(name(topic)).with_num_partitions(partitions).with_replication_factor(1);
    let request = CreateTopicsRequest::default().with_topics(vec![topic]).with_timeout_ms(5_000);
    let response = call(&mut stream, ApiKey::CreateTopics as i16, 5, &request)?;
    match response.topics[0].error_code {
        0 | 36 => Ok(()),
        code => Err(format!("create topic answered {code}")),
    }
}

/// Deletes a topic, so that one measurement does not fill the disk of the next.
pub fn delete_topic(bootstrap: &str, topic: &str) -> Result<(), String> {
    let mut stream = connect(bootstrap)?;
    let state = DeleteTopicState::default().with_name(Some(name(topic)));
    let request = DeleteTopicsRequest::default().with_topics(vec![state]).with_timeout_ms(5_000);
    let response = call(&mut stream, ApiKey::DeleteTopics as i16, 6, &request)?;
    match response.responses[0].error_code {
        0 => Ok(()),
        code => Err(format!("delete topic answered {code}")),
    }
}

fn name(text: &str) -> TopicName {
    TopicName(StrBytes::from_string(text.to_owned()))
}

fn connect(bootstrap: &str) -> Result<TcpStream, String> {
    let stream = TcpStream::connect(bootstrap).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    Ok(stream)
}

fn call<R: Request>(stream: &mut TcpStream, api_key: i16, version: i16, request: &R) -> Result<R::Response, String> {
    let frame = encode_request(version, 1, Some("bench-probe"), request).map_err(|error| error.to_string())?;
    let bytes = frame.to_bytes().ok_or("a frame with a file in it")?;
    stream.write_all(&bytes).map_err(|error| error.to_string())?;
    let mut length = [0; 4];
    stream.read_exact(&mut length).map_err(|error| error.to_string())?;
    let mut answer = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut answer).map_err(|error| error.to_string())?;
    let (_, body) = split_response(api_key, version, Bytes::from(answer)).map_err(|error| error.to_string())?;
    decode_response::<R>(version, body).map_err(|error| error.to_string())
}
