//! Commands for a producer.

use crate::command::{Command, bytes};
use crate::fault::Fault;
use ottla::producer::{Delivery, Producer};
use ottla::record::{Header, Record};
use serde_json::{Value, json};

pub(crate) const OPERATIONS: &[&str] =
    &["producer.create", "producer.send", "producer.flush", "producer.partitions", "producer.close"];

/// Options of other clients that mean nothing here: murmur2 is how keys are placed anyway.
const DROPPED: &[&str] = &["partitioner", "default.api.timeout.ms"];

/// A record handed over, or refused.
pub(crate) type Sent = Result<Delivery, Fault>;

#[derive(Default)]
pub(crate) struct ProducerHandle {
    producer: Option<Producer>,
    sent: Vec<Sent>,
}

impl ProducerHandle {
    /// `None`: the answer comes when what [`Self::take_sent`] gives is settled.
    pub(crate) async fn execute(&mut self, command: &Command) -> Result<Option<Value>, Fault> {
        if command.op == "producer.create" {
            self.producer = Some(Producer::builder().set_all(command.config(DROPPED)).build().await?);
            return Ok(Some(json!({})));
        }
        let producer = self.producer.as_ref().ok_or_else(|| Fault::state("no producer".to_owned()))?;
        match command.op.as_str() {
            "producer.send" => {
                for json in command.list("records")? {
                    let sent = match record(json) {
                        Ok(record) => producer.send(record).await.map_err(Fault::from),
                        Err(fault) => Err(fault),
                    };
                    self.sent.push(sent);
                }
                return Ok(None);
            }
            "producer.flush" => producer.flush(command.patience()).await?,
            "producer.close" => producer.close(command.patience()).await?,
            "producer.partitions" => {
                let mut partitions: Vec<_> = producer.partitions_for(command.text("topic")?).await?;
                partitions.sort_by_key(|partition| partition.partition);
                let numbers: Vec<_> = partitions.iter().map(|partition| partition.partition).collect();
                return Ok(Some(json!({"partitions": numbers})));
            }
            other => return Err(Fault::Own("UNSUPPORTED", other.to_owned())),
        }
        Ok(Some(json!({})))
    }

    pub(crate) fn take_sent(&mut self) -> Vec<Sent> {
        std::mem::take(&mut self.sent)
    }
}

/// Waits for all deliveries; the answer of `producer.send`.
pub(crate) async fn settle(sent: Vec<Sent>) -> Value {
    let mut results = Vec::with_capacity(sent.len());
    for sent in sent {
        let delivered = match sent {
            Ok(delivery) => delivery.await.map_err(Fault::from),
            Err(fault) => Err(fault),
        };
        results.push(match delivered {
            Ok(metadata) => json!({
                "topic": &*metadata.topic, "partition": metadata.partition, "offset": metadata.offset,
                "timestamp_ms": metadata.timestamp_ms,
            }),
            Err(fault) => json!({"error": fault.json()}),
        });
    }
    json!({ "results": results })
}

fn record(json: &Value) -> Result<Record, Fault> {
    let topic = json["topic"].as_str().ok_or_else(|| Fault::argument("a record without topic".to_owned()))?;
    let mut record = Record::to(topic);
    record.partition = match &json["partition"] {
        Value::Null => None,
        number => Some(
            number
                .as_i64()
                .and_then(|number| i32::try_from(number).ok())
                .ok_or_else(|| Fault::argument(format!("no partition: {number}")))?,
        ),
    };
    record.timestamp_ms = json["timestamp_ms"].as_i64();
    record.key = bytes(&json["key"])?.map(Into::into);
    record.value = bytes(&json["value"])?.map(Into::into);
    for header in json["headers"].as_array().into_iter().flatten() {
        let key = header["key"].as_str().unwrap_or_default().to_owned();
        record.headers = record
            .headers
            .into_iter()
            .chain([Header { key, value: bytes(&header["value"])?.map(Into::into) }])
            .collect();
    }
    Ok(record)
}
