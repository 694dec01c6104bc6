//! Commands for a consumer.

use crate::command::{Command, number, partition, show_bytes, show_partition, show_partitions};
use crate::fault::Fault;
use ottla::consumer::{
    Consumer, ConsumerRecord, OffsetAndMetadata, Offsets, RebalanceEvent, Records, TimestampType,
};
use ottla::record::TopicPartition;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

pub(crate) const OPERATIONS: &[&str] = &[
    "consumer.create",
    "consumer.subscribe",
    "consumer.unsubscribe",
    "consumer.assign",
    "consumer.assignment",
    "consumer.poll",
    "consumer.wakeup",
    "consumer.seek",
    "consumer.seek_to_beginning",
    "consumer.seek_to_end",
    "consumer.pause",
    "consumer.resume",
    "consumer.position",
    "consumer.committed",
    "consumer.beginning_offsets",
    "consumer.end_offsets",
    "consumer.offsets_for_times",
    "consumer.commit",
    "consumer.close",
];

const DROPPED: &[&str] = &["max.block.ms"];

pub(crate) struct ConsumerHandle {
    consumer: Option<Consumer>,
    wakeup: Arc<Notify>,
    /// Records a poll returned beyond what its command asked for.
    leftover: VecDeque<Value>,
}

impl ConsumerHandle {
    pub(crate) fn new(wakeup: Arc<Notify>) -> Self {
        Self { consumer: None, wakeup, leftover: VecDeque::new() }
    }

    pub(crate) async fn execute(&mut self, command: &Command) -> Result<Value, Fault> {
        if command.op == "consumer.create" {
            let options = command.config(DROPPED);
            let builder = options
                .into_iter()
                .fold(Consumer::builder(), |builder, (name, value)| builder.set(name, value));
            self.consumer = Some(builder.build().await?);
            return Ok(json!({}));
        }
        let consumer = self.consumer.as_ref().ok_or_else(|| Fault::state("no consumer".to_owned()))?;
        match command.op.as_str() {
            "consumer.poll" => return poll(consumer, &self.wakeup, &mut self.leftover, command).await,
            "consumer.subscribe" => match command.field("pattern").and_then(Value::as_str) {
                Some(pattern) => consumer.subscribe_pattern(pattern)?,
                None => consumer.subscribe(command.texts("topics")?)?,
            },
            "consumer.unsubscribe" => consumer.unsubscribe().await?,
            "consumer.assign" => {
                consumer.assign(command.partitions("partitions")?)?;
                for json in command.list("partitions")? {
                    if let Some(offset) = json["offset"].as_i64() {
                        consumer.seek(&partition(json)?, offset)?;
                    }
                }
            }
            "consumer.assignment" => {
                return Ok(json!({"assignment": show_partitions(&consumer.assignment())}));
            }
            "consumer.seek" => {
                for json in command.list("offsets")? {
                    consumer.seek(&partition(json)?, number(json, "offset")?)?;
                }
                self.leftover.clear();
            }
            "consumer.seek_to_beginning" => {
                consumer.seek_to_beginning(&command.partitions("partitions")?)?;
                self.leftover.clear();
            }
            "consumer.seek_to_end" => {
                consumer.seek_to_end(&command.partitions("partitions")?)?;
                self.leftover.clear();
            }
            "consumer.pause" => consumer.pause(&command.partitions("partitions")?)?,
            "consumer.resume" => consumer.resume(&command.partitions("partitions")?)?,
            "consumer.position" => {
                let partitions = command.partitions("partitions")?;
                return Ok(offsets(&partitions, |partition| consumer.position(partition)));
            }
            "consumer.beginning_offsets" => {
                let partitions = command.partitions("partitions")?;
                let found = consumer.beginning_offsets(&partitions).await?;
                return Ok(offsets(&partitions, |partition| found.get(partition).copied()));
            }
            "consumer.end_offsets" => {
                let partitions = command.partitions("partitions")?;
                let found = consumer.end_offsets(&partitions).await?;
                return Ok(offsets(&partitions, |partition| found.get(partition).copied()));
            }
            "consumer.committed" => return committed(consumer, command).await,
            "consumer.offsets_for_times" => return offsets_for_times(consumer, command).await,
            "consumer.commit" => match command.field("offsets") {
                Some(_) => {
                    let mut chosen = Offsets::new();
                    for json in command.list("offsets")? {
                        chosen.insert(partition(json)?, committed_offset(json)?);
                    }
                    consumer.commit(chosen).await?;
                }
                None => consumer.commit_sync().await?,
            },
            "consumer.close" => consumer.close(command.patience()).await?,
            other => return Err(Fault::Own("UNSUPPORTED", other.to_owned())),
        }
        Ok(json!({}))
    }
}

fn committed_offset(json: &Value) -> Result<OffsetAndMetadata, Fault> {
    let mut offset = OffsetAndMetadata::new(number(json, "offset")?);
    offset.metadata = json["metadata"].as_str().unwrap_or_default().to_owned();
    Ok(offset)
}

async fn poll(
    consumer: &Consumer,
    wakeup: &Notify,
    leftover: &mut VecDeque<Value>,
    command: &Command,
) -> Result<Value, Fault> {
    let timeout = Duration::from_millis(command.field("timeout_ms").and_then(Value::as_u64).unwrap_or(100));
    let limit =
        command.field("max_records").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let mut events = Vec::new();
    if leftover.is_empty() {
        // A poll is a future: dropping it ends it and loses nothing.
        let polled = tokio::select! {
            polled = consumer.poll(timeout) => polled?,
            () = wakeup.notified() => Records::default(),
        };
        leftover.extend(polled.iter().map(|record| show_record(&record)));
        events.extend(polled.rebalances().iter().map(show_event));
    }
    let count = limit.unwrap_or(leftover.len()).min(leftover.len());
    let records: Vec<_> = leftover.drain(..count).collect();
    Ok(json!({"records": records, "events": events, "assignment": show_partitions(&consumer.assignment())}))
}

fn show_record(record: &ConsumerRecord<'_>) -> Value {
    let headers: Vec<_> = record
        .headers()
        .map(|(key, value)| json!({"key": String::from_utf8_lossy(key), "value": show_bytes(value)}))
        .collect();
    json!({
        "topic": record.topic(), "partition": record.partition(), "offset": record.offset(),
        "timestamp_ms": record.timestamp_ms(),
        "timestamp_type": if record.timestamp_type() == TimestampType::LogAppendTime { "log_append" } else { "create" },
        "key": show_bytes(record.key()), "value": show_bytes(record.value()), "headers": headers,
    })
}

fn show_event(event: &RebalanceEvent) -> Value {
    let (kind, partitions) = match event {
        RebalanceEvent::Assigned(partitions) => ("assigned", partitions),
        RebalanceEvent::Revoked(partitions) => ("revoked", partitions),
        RebalanceEvent::Lost(partitions) => ("lost", partitions),
    };
    json!({"type": kind, "partitions": show_partitions(partitions)})
}

fn offsets(partitions: &[TopicPartition], offset: impl Fn(&TopicPartition) -> Option<i64>) -> Value {
    let offsets = partitions.iter().map(|partition| {
        let mut json = show_partition(partition);
        json["offset"] = offset(partition).into();
        json
    });
    json!({"offsets": offsets.collect::<Vec<_>>()})
}

async fn committed(consumer: &Consumer, command: &Command) -> Result<Value, Fault> {
    let partitions = command.partitions("partitions")?;
    let found = consumer.committed(&partitions).await?;
    let mut answer = offsets(&partitions, |partition| found.get(partition).map(|offset| offset.offset));
    for (json, partition) in answer["offsets"].as_array_mut().into_iter().flatten().zip(&partitions) {
        json["metadata"] = found.get(partition).map(|offset| offset.metadata.clone()).into();
    }
    Ok(answer)
}

async fn offsets_for_times(consumer: &Consumer, command: &Command) -> Result<Value, Fault> {
    let partitions = command.partitions("times")?;
    let mut times = BTreeMap::new();
    for json in command.list("times")? {
        times.insert(partition(json)?, number(json, "timestamp_ms")?);
    }
    let found = consumer.offsets_for_times(&times).await?;
    let mut answer = offsets(&partitions, |partition| found.get(partition).map(|offset| offset.offset));
    for (json, partition) in answer["offsets"].as_array_mut().into_iter().flatten().zip(&partitions) {
        json["timestamp_ms"] = found.get(partition).map(|offset| offset.timestamp_ms).into();
    }
    Ok(answer)
}
