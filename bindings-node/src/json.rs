//! The control surface's values to and from JSON.

use crate::thrown::Thrown;
use ottla::consumer::{OffsetAndMetadata, Offsets, RebalanceEvent};
use ottla::record::TopicPartition;
use ottla::{Error, ErrorKind};
use serde_json::{Number, Value, json};
use std::borrow::Cow;
use std::time::Duration;

fn wrong(what: &str) -> Thrown {
    Error::new(ErrorKind::InvalidArgument, "read the arguments", what.to_owned()).into()
}

/// An object of texts, as pairs.
pub(crate) fn pairs(json: &Value) -> Result<Vec<(String, String)>, Thrown> {
    let object = json.as_object().ok_or_else(|| wrong("an object of options was expected"))?;
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) => Ok((name.clone(), text.clone())),
        Value::Bool(_) | Value::Number(_) => Ok((name.clone(), value.to_string())),
        _ => Err(wrong(&format!("the option {name} must be a text, a number, or true or false"))),
    };
    object.iter().map(pair).collect()
}

/// Milliseconds, as long as a duration can be.
pub(crate) fn duration(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds.max(0.0) / 1000.0)
        .unwrap_or(Duration::from_secs(365 * 24 * 3600))
}

pub(crate) fn milliseconds(json: &Value) -> Result<Duration, Thrown> {
    json.as_f64().map(duration).ok_or_else(|| wrong("a time in milliseconds was expected"))
}

pub(crate) fn text(json: &Value) -> Result<String, Thrown> {
    json.as_str().map(str::to_owned).ok_or_else(|| wrong("a text was expected"))
}

pub(crate) fn texts(json: &Value) -> Result<Vec<String>, Thrown> {
    json.as_array().ok_or_else(|| wrong("a list of texts was expected"))?.iter().map(text).collect()
}

/// A whole number; a host that has larger ones than fit its own numbers writes them as text.
pub(crate) fn whole(json: &Value, what: &str) -> Result<i64, Thrown> {
    let whole = json.as_i64().or_else(|| json.as_str()?.parse().ok());
    whole.ok_or_else(|| wrong(&format!("{what} must be a whole number")))
}

/// The largest whole number that JavaScript's numbers have exactly, with all below it: 2^53 - 1.
const MAX_EXACT: u64 = (1 << 53) - 1;

fn is_exact(number: &Number) -> bool {
    number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64()).is_none_or(|size| size <= MAX_EXACT)
}

fn has_inexact(json: &Value) -> bool {
    match json {
        Value::Number(number) => !is_exact(number),
        Value::Array(items) => items.iter().any(has_inexact),
        Value::Object(fields) => fields.values().any(has_inexact),
        _ => false,
    }
}

fn spell_inexact(json: &mut Value) {
    match json {
        Value::Number(number) if !is_exact(number) => *json = Value::String(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(spell_inexact),
        Value::Object(fields) => fields.values_mut().for_each(spell_inexact),
        _ => {}
    }
}

/// The same JSON with every larger number as a text.
pub(crate) fn exact(json: &Value) -> Cow<'_, Value> {
    if !has_inexact(json) {
        return Cow::Borrowed(json);
    }
    let mut changed = json.clone();
    spell_inexact(&mut changed);
    Cow::Owned(changed)
}

pub(crate) fn partition(json: &Value) -> Result<TopicPartition, Thrown> {
    let topic = json["topic"].as_str().ok_or_else(|| wrong("a partition must name its topic"))?;
    let number = i32::try_from(whole(&json["partition"], "a partition")?);
    Ok(TopicPartition::new(topic, number.map_err(|_| wrong("a partition's number is out of range"))?))
}

pub(crate) fn partitions(json: &Value) -> Result<Vec<TopicPartition>, Thrown> {
    json.as_array().ok_or_else(|| wrong("a list of partitions was expected"))?.iter().map(partition).collect()
}

pub(crate) fn offset(json: &Value) -> Result<OffsetAndMetadata, Thrown> {
    let mut offset = OffsetAndMetadata::new(whole(&json["offset"], "an offset")?);
    if !json["leaderEpoch"].is_null() {
        let epoch = i32::try_from(whole(&json["leaderEpoch"], "a leader epoch")?);
        offset.leader_epoch = Some(epoch.map_err(|_| wrong("a leader epoch is out of range"))?);
    }
    json["metadata"].as_str().unwrap_or_default().clone_into(&mut offset.metadata);
    Ok(offset)
}

pub(crate) fn offsets(json: &Value) -> Result<Offsets, Thrown> {
    let list = json.as_array().ok_or_else(|| wrong("a list of offsets was expected"))?;
    list.iter().map(|item| Ok((partition(item)?, offset(item)?))).collect()
}

pub(crate) fn show_partition(partition: &TopicPartition) -> Value {
    json!({"topic": &*partition.topic, "partition": partition.partition})
}

pub(crate) fn show_partitions<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Value {
    partitions.into_iter().map(show_partition).collect::<Vec<_>>().into()
}

pub(crate) fn show_offset(partition: &TopicPartition, offset: &OffsetAndMetadata) -> Value {
    json!({
        "topic": &*partition.topic, "partition": partition.partition, "offset": offset.offset,
        "leaderEpoch": offset.leader_epoch, "metadata": offset.metadata,
    })
}

/// Rebalances in order.
pub(crate) fn events(events: &[RebalanceEvent]) -> Value {
    let show = |event: &RebalanceEvent| {
        let (sort, partitions) = match event {
            RebalanceEvent::Assigned(partitions) => ("assigned", partitions),
            RebalanceEvent::Revoked(partitions) => ("revoked", partitions),
            RebalanceEvent::Lost(partitions) => ("lost", partitions),
        };
        json!({"type": sort, "partitions": show_partitions(partitions)})
    };
    events.iter().map(show).collect::<Vec<_>>().into()
}
