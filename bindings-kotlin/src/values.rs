//! Arguments and results of control calls as JSON.

use crate::boundary::argument;
use ottla::Error;
use ottla::consumer::{OffsetAndMetadata, Offsets, RebalanceEvent};
use ottla::record::TopicPartition;
use serde_json::{Value, json};
use std::time::Duration;

/// The options of a client: an object of texts.
pub(crate) fn options(arguments: &Value) -> Result<Vec<(String, String)>, Error> {
    let options = arguments.as_object().ok_or_else(|| argument("config", "it is no object"))?;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(options.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}

pub(crate) fn parse(json: &str) -> Result<Value, Error> {
    serde_json::from_str(json).map_err(|error| argument("arguments", "they are no JSON").with_source(error))
}

pub(crate) fn text<'a>(value: &'a Value, name: &'static str) -> Result<&'a str, Error> {
    value[name].as_str().ok_or_else(|| argument(name, "it must be a text"))
}

pub(crate) fn number(value: &Value, name: &'static str) -> Result<i64, Error> {
    value[name].as_i64().ok_or_else(|| argument(name, "it must be a whole number"))
}

pub(crate) fn list<'a>(value: &'a Value, name: &'static str) -> Result<&'a [Value], Error> {
    value[name].as_array().map(Vec::as_slice).ok_or_else(|| argument(name, "it must be a list"))
}

/// A time to wait, in milliseconds.
pub(crate) fn timeout(value: &Value) -> Result<Duration, Error> {
    milliseconds(number(value, "timeout_ms")?)
}

pub(crate) fn milliseconds(number: i64) -> Result<Duration, Error> {
    u64::try_from(number)
        .map(Duration::from_millis)
        .map_err(|_| argument("timeout", "a timeout cannot be negative"))
}

pub(crate) fn partition(value: &Value) -> Result<TopicPartition, Error> {
    let number = i32::try_from(number(value, "partition")?);
    let number = number.map_err(|_| argument("partition", "there is no such number of a partition"))?;
    Ok(TopicPartition::new(text(value, "topic")?, number))
}

pub(crate) fn partitions(value: &Value, name: &'static str) -> Result<Vec<TopicPartition>, Error> {
    list(value, name)?.iter().map(partition).collect()
}

pub(crate) fn offset(value: &Value) -> Result<OffsetAndMetadata, Error> {
    let mut offset = OffsetAndMetadata::new(number(value, "offset")?);
    offset.leader_epoch = value["leader_epoch"].as_i64().and_then(|epoch| i32::try_from(epoch).ok());
    offset.metadata = value["metadata"].as_str().unwrap_or_default().to_owned();
    Ok(offset)
}

pub(crate) fn offsets(value: &Value, name: &'static str) -> Result<Offsets, Error> {
    list(value, name)?.iter().map(|value| Ok((partition(value)?, offset(value)?))).collect()
}

pub(crate) fn show_partition(partition: &TopicPartition) -> Value {
    json!({"topic": &*partition.topic, "partition": partition.partition})
}

pub(crate) fn show_partitions<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Value {
    partitions.into_iter().map(show_partition).collect::<Vec<_>>().into()
}

/// Partitions with something about each: `[{"topic", "partition", "offset", …}, …]`.
pub(crate) fn show_each<'a, T: 'a>(
    each: impl IntoIterator<Item = (&'a TopicPartition, T)>,
    show: impl Fn(T, &mut Value),
) -> Value {
    let shown = each.into_iter().map(|(partition, about)| {
        let mut value = show_partition(partition);
        show(about, &mut value);
        value
    });
    shown.collect::<Vec<_>>().into()
}

pub(crate) fn show_rebalance(event: &RebalanceEvent) -> Value {
    let (kind, partitions) = match event {
        RebalanceEvent::Assigned(partitions) => ("assigned", partitions),
        RebalanceEvent::Revoked(partitions) => ("revoked", partitions),
        RebalanceEvent::Lost(partitions) => ("lost", partitions),
    };
    json!({"type": kind, "partitions": show_partitions(partitions)})
}
