//! Producers: records in blocks, fates in reports.

use crate::boundary::argument;
use crate::events::{Event, push};
use crate::values::{text, timeout};
use ottla::Error;
use ottla::facade::{Operation, Producer};
use serde_json::{Value, json};
use std::sync::Arc;

/// A producer whose reports are told under its handle.
pub(crate) struct Producing(pub(crate) Producer);

impl Producing {
    pub(crate) fn start(handle: i64, options: Vec<(String, String)>) -> Result<Self, Error> {
        let producer = Producer::start(options)?;
        // Not the reports themselves: they would own what wakes for them.
        let reports = Arc::downgrade(producer.reports());
        producer.reports().set_wake(Some(Box::new(move || {
            if let Some(reports) = reports.upgrade() {
                push(Event::Reports(handle, reports));
            }
        })));
        Ok(Self(producer))
    }
}

/// A call that does not wait.
pub(crate) fn ask(producer: &Producer, what: &str, arguments: &Value) -> Result<Value, Error> {
    match what {
        "topic_number" => Ok(producer.topic_number(text(arguments, "topic")?).into()),
        "metrics" => {
            let metrics = producer.metrics()?;
            Ok(json!({
                "records_acknowledged": metrics.records_acknowledged,
                "records_failed": metrics.records_failed,
                "records_unknown": metrics.records_unknown,
                "requests": metrics.requests,
                "batches": metrics.batches,
                "bytes_sent": metrics.bytes_sent,
                "retries": metrics.retries,
                "splits": metrics.splits,
                "epoch_bumps": metrics.epoch_bumps,
                "batches_incomplete": metrics.batches_incomplete,
                "buffer_total_bytes": metrics.buffer_total_bytes,
                "buffer_available_bytes": metrics.buffer_available_bytes,
                "waiting_count": metrics.waiting_count,
            }))
        }
        other => Err(argument("operation", format!("a producer has no {other}"))),
    }
}

/// A call that may wait.
pub(crate) fn begin(producer: &Producer, what: &str, arguments: &Value) -> Result<Operation<Value>, Error> {
    match what {
        "flush" => Ok(producer.flush(timeout(arguments)?).map(|()| Value::Null)),
        "close" => Ok(producer.close(timeout(arguments)?).map(|()| Value::Null)),
        "partitions_for" => Ok(producer.partitions_for(text(arguments, "topic")?).map(|partitions| {
            let shown = partitions.into_iter().map(|partition| {
                let ids = |nodes: &[ottla::NodeId]| nodes.iter().map(|node| node.0).collect::<Vec<_>>();
                json!({
                    "partition": partition.partition,
                    "leader": partition.leader.map(|node| node.0),
                    "leader_epoch": partition.leader_epoch,
                    "replicas": ids(&partition.replicas),
                    "isr": ids(&partition.isr),
                    "offline_replicas": ids(&partition.offline_replicas),
                })
            });
            shown.collect::<Vec<_>>().into()
        })),
        other => Err(argument("operation", format!("a producer has no {other}"))),
    }
}
