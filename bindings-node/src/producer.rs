//! The producer's functions. Records come in blocks and their fates go in blocks, by the numbers JavaScript gave them.

use crate::environment::{argument, hub};
use crate::handle::Handle;
use crate::hub::Outcome;
use crate::js::{Env, Value};
use crate::json;
use crate::thrown::Thrown;
use ottla::facade::{Producer, error_json};
use serde_json::json;
use std::sync::Arc;

/// `producerStart(options, number)`: the number is what `take` calls it when it has reports.
pub(crate) fn start<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let options = json::pairs(&argument(arguments, 0)?.to_json(env)?)?;
    let number = argument(arguments, 1)?.to_number(env)? as u32;
    let producer = Producer::start(options)?;
    let hub = Arc::downgrade(&hub(env)?);
    producer.reports().set_wake(Some(Box::new(move || {
        if let Some(hub) = hub.upgrade() {
            hub.reports_of(number);
        }
    })));
    env.external(Handle::Producer(producer))
}

/// `producerTopic(producer, name)`: the topic's number in blocks.
pub(crate) fn topic<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let producer = argument(arguments, 0)?.to_native(env)?.producer()?;
    env.number(f64::from(producer.topic_number(&argument(arguments, 1)?.to_text(env)?)))
}

/// `producerSend(producer, block, bytes)`: how many records were taken; the first of the others would have to wait.
pub(crate) fn send<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let producer = argument(arguments, 0)?.to_native(env)?.producer()?;
    let length = argument(arguments, 2)?.to_number(env)? as usize;
    let taken = argument(arguments, 1)?.with_bytes(env, length, |block| producer.send_packed(block))??;
    env.number(taken as f64)
}

/// `producerSendWaiting(producer, id, block, bytes, skip, milliseconds)`: the records behind the first `skip`, in order, which
/// have waited that long already.
pub(crate) fn send_waiting<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let producer = argument(arguments, 0)?.to_native(env)?.producer()?;
    let id = argument(arguments, 1)?.to_number(env)? as u32;
    let length = argument(arguments, 3)?.to_number(env)? as usize;
    let skip = argument(arguments, 4)?.to_number(env)? as usize;
    let waited = json::duration(argument(arguments, 5)?.to_number(env)?);
    let block = argument(arguments, 2)?.with_bytes(env, length, <[u8]>::to_vec)?;
    hub(env)?.run(id, producer.send_packed_waited(block, skip, waited), |()| Outcome::Nothing);
    env.undefined()
}

/// `producerReports(producer)`: `[block, errors]`, the errors as JSON or `undefined` when there is none.
pub(crate) fn reports<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let producer = argument(arguments, 0)?.to_native(env)?.producer()?;
    let mut reports = Vec::new();
    producer.reports().drain(&mut reports);
    let mut block = Vec::new();
    let errors = ottla::packed::reports::pack(reports, &mut block);
    let errors = match errors.is_empty() {
        true => env.undefined()?,
        false => env.json(&errors.iter().map(error_json).collect::<Vec<_>>().into())?,
    };
    env.array(&[env.bytes(&block)?, errors])
}

/// `producerMetrics(producer)`: JSON.
pub(crate) fn metrics<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let metrics = argument(arguments, 0)?.to_native(env)?.producer()?.metrics()?;
    env.json(&json!({
        "recordsAcknowledged": metrics.records_acknowledged,
        "recordsFailed": metrics.records_failed,
        "recordsUnknown": metrics.records_unknown,
        "requests": metrics.requests,
        "batches": metrics.batches,
        "bytesSent": metrics.bytes_sent,
        "retries": metrics.retries,
        "splits": metrics.splits,
        "epochBumps": metrics.epoch_bumps,
        "batchesIncomplete": metrics.batches_incomplete,
        "bufferTotalBytes": metrics.buffer_total_bytes,
        "bufferAvailableBytes": metrics.buffer_available_bytes,
        "waitingCount": metrics.waiting_count,
    }))
}

/// `producerCall(producer, id, operation, arguments)`.
pub(crate) fn call<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let producer = argument(arguments, 0)?.to_native(env)?.producer()?;
    let id = argument(arguments, 1)?.to_number(env)? as u32;
    let operation = argument(arguments, 2)?.to_text(env)?;
    let given = argument(arguments, 3)?.to_json(env)?;
    let hub = hub(env)?;
    match operation.as_str() {
        "flush" => hub.run(id, producer.flush(json::milliseconds(&given)?), |()| Outcome::Nothing),
        "close" => hub.run(id, producer.close(json::milliseconds(&given)?), |()| Outcome::Nothing),
        "partitionsFor" => hub.run(id, producer.partitions_for(&json::text(&given)?), |partitions| {
            let ids = |nodes: &[ottla::NodeId]| nodes.iter().map(|node| node.0).collect::<Vec<_>>();
            let show = |partition: &ottla::PartitionMetadata| {
                json!({
                    "partition": partition.partition, "leader": partition.leader.map(|node| node.0),
                    "replicas": ids(&partition.replicas), "isr": ids(&partition.isr),
                    "offlineReplicas": ids(&partition.offline_replicas),
                })
            };
            Outcome::Json(partitions.iter().map(show).collect::<Vec<_>>().into())
        }),
        _ => return Err(Thrown::defect("the producer has no such operation")),
    }
    env.undefined()
}
