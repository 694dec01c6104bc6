//! One command and its one answer.

use crate::base64;
use crate::fault::Fault;
use ottla::record::TopicPartition;
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is left before the deadline when a client's own timeout should have fired, so that its error is the one told.
const MARGIN: Duration = Duration::from_millis(50);

/// Standard output, a line at a time.
#[derive(Clone, Default)]
pub(crate) struct Output(Arc<Mutex<()>>);

impl Output {
    fn print(&self, line: &Value) {
        let _turn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = std::io::stdout().lock();
        // A reader that is gone needs no answer; the end of standard input ends the process.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// A command with the way back for its answer.
pub(crate) struct Command {
    id: Value,
    pub(crate) op: String,
    fields: Map<String, Value>,
    pub(crate) deadline: Duration,
    output: Output,
}

impl Command {
    pub(crate) fn parse(line: &str, output: &Output) -> Result<Self, String> {
        let Ok(Value::Object(fields)) = serde_json::from_str(line) else {
            return Err("no JSON object".to_owned());
        };
        let op = fields.get("op").and_then(Value::as_str).ok_or("no op")?.to_owned();
        let deadline_ms = fields.get("deadline_ms").and_then(Value::as_u64).ok_or("no deadline_ms")?;
        let id = fields.get("id").cloned().unwrap_or_default();
        Ok(Self { id, op, fields, deadline: Duration::from_millis(deadline_ms), output: output.clone() })
    }

    pub(crate) fn succeed(&self, result: Value) {
        self.output.print(&json!({"id": self.id, "ok": result}));
    }

    pub(crate) fn fail(&self, fault: &Fault) {
        self.output.print(&json!({"id": self.id, "error": fault.json()}));
    }

    pub(crate) fn answer(&self, outcome: Result<Value, Fault>) {
        match outcome {
            Ok(result) => self.succeed(result),
            Err(fault) => self.fail(&fault),
        }
    }

    /// How long a client call may take.
    pub(crate) fn patience(&self) -> Duration {
        self.deadline.saturating_sub(MARGIN)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, Fault> {
        self.field(name)
            .and_then(Value::as_str)
            .ok_or_else(|| Fault::argument(format!("missing text {name}")))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.field(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn list(&self, name: &str) -> Result<&[Value], Fault> {
        let list = self.field(name).and_then(Value::as_array);
        list.map(Vec::as_slice).ok_or_else(|| Fault::argument(format!("missing list {name}")))
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Fault> {
        Ok(self.list(name)?.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect())
    }

    pub(crate) fn partitions(&self, name: &str) -> Result<Vec<TopicPartition>, Fault> {
        self.list(name)?.iter().map(partition).collect()
    }

    /// The options but those the protocol allows this client to drop.
    pub(crate) fn config(&self, dropped: &[&str]) -> Vec<(String, String)> {
        let config = self.field("config").and_then(Value::as_object).into_iter().flatten();
        config
            .filter(|(name, _)| !dropped.contains(&name.as_str()))
            .map(|(name, value)| {
                (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect()
    }
}

pub(crate) fn partition(json: &Value) -> Result<TopicPartition, Fault> {
    let number = json["partition"].as_i64().and_then(|number| i32::try_from(number).ok());
    match (json["topic"].as_str(), number) {
        (Some(topic), Some(partition)) => Ok(TopicPartition::new(topic, partition)),
        _ => Err(Fault::argument(format!("no partition: {json}"))),
    }
}

pub(crate) fn number(json: &Value, name: &str) -> Result<i64, Fault> {
    json[name].as_i64().ok_or_else(|| Fault::argument(format!("missing number {name} in {json}")))
}

pub(crate) fn bytes(json: &Value) -> Result<Option<Vec<u8>>, Fault> {
    match json {
        Value::Null => Ok(None),
        Value::String(text) => {
            base64::decode(text).map(Some).ok_or_else(|| Fault::argument(format!("no base64: {text:?}")))
        }
        other => Err(Fault::argument(format!("no base64: {other}"))),
    }
}

pub(crate) fn show_bytes(bytes: Option<&[u8]>) -> Value {
    bytes.map_or(Value::Null, |bytes| base64::encode(bytes).into())
}

pub(crate) fn show_partition(partition: &TopicPartition) -> Value {
    json!({"topic": &*partition.topic, "partition": partition.partition})
}

pub(crate) fn show_partitions<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Value {
    partitions.into_iter().map(show_partition).collect::<Vec<_>>().into()
}
