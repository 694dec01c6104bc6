//! The producer: records go from Python's objects straight into a batch, without an object in between.

use crate::delivery::Delivery;
use crate::error::{Raise, raised};
use crate::operation::{self, Operation, wait};
use crate::values::{Octets, headers, seconds};
use ottla::facade::{self, Guarded};
use ottla::producer::{AppendError, TopicHandle};
use ottla::record::{Header, Record};
use ottla::{Error, ErrorKind};
use parking_lot::RwLock;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use smallvec::SmallVec;
use std::sync::Arc;

/// The native producer; `ottla.Producer` and `ottla.aio.Producer` are what users make.
#[pyclass(module = "ottla._ottla", frozen)]
pub(crate) struct Producer {
    inner: facade::Producer,
    /// Refuses a forked child before a lock is touched that some thread of the parent may have held.
    own: Guarded<()>,
    /// The topics of late, found by the identity of the text first: programs send to the same constants.
    topics: RwLock<Vec<(Arc<str>, TopicHandle)>>,
}

/// What to do when a record has to wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Full {
    /// Wait on this thread, up to `max.block.ms`.
    Block,
    /// Say so.
    Fail,
    /// Let the record wait behind those before it.
    InTurn,
}

/// A header's key and value.
type HeaderRef<'a> = (&'a [u8], Option<&'a [u8]>);

/// A record as Python gives it.
struct Parts<'py> {
    topic: Bound<'py, PyString>,
    partition: Option<i32>,
    timestamp_ms: Option<i64>,
    key: Option<Octets<'py>>,
    value: Option<Octets<'py>>,
    headers: Vec<(Bound<'py, PyString>, Option<Octets<'py>>)>,
}

impl Producer {
    fn topic(&self, py: Python<'_>, name: &str) -> PyResult<Option<TopicHandle>> {
        if let Some((_, handle)) = self.topics.read().iter().find(|(known, _)| **known == *name) {
            return Ok(Some(handle.clone()));
        }
        let found = self.inner.topic(name).raise(py)?;
        if let Some(handle) = &found {
            let mut topics = self.topics.write();
            // Programs that send to very many topics look them up in the client.
            if topics.len() >= 16 {
                topics.remove(0);
            }
            topics.push((Arc::clone(handle.name()), handle.clone()));
        }
        Ok(found)
    }

    fn append(&self, parts: &Parts<'_>, topic: &TopicHandle) -> PyResult<Result<Delivery, AppendError>> {
        let key = parts.key.as_ref().map(Octets::bytes).transpose()?;
        let value = parts.value.as_ref().map(Octets::bytes).transpose()?;
        let mut headers: SmallVec<[HeaderRef<'_>; 4]> = SmallVec::new();
        for (name, value) in &parts.headers {
            headers.push((name.to_str()?.as_bytes(), value.as_ref().map(Octets::bytes).transpose()?));
        }
        let appended = self.inner.append(topic, parts.partition, parts.timestamp_ms, key, value, &headers);
        Ok(appended.map(Delivery::sent))
    }

    fn send_parts(&self, py: Python<'_>, parts: &Parts<'_>, full: Full) -> PyResult<Delivery> {
        self.own.get("send records").raise(py)?;
        let name = parts.topic.to_str()?;
        // What waits in turn must not be overtaken.
        let at_once = full != Full::InTurn || self.inner.waiting_in_turn() == 0;
        if at_once && let Some(topic) = self.topic(py, name)? {
            match self.append(parts, &topic)? {
                Ok(delivery) => return Ok(delivery),
                Err(AppendError::Refused(error)) => return Err(raised(py, &error)),
                Err(AppendError::QueueFull) if full == Full::Fail => {
                    return Err(raised(py, &queue_full(name)));
                }
                Err(_) => {}
            }
        }
        let record = parts.to_record(name)?;
        match full {
            Full::InTurn => Ok(Delivery::in_turn(self.inner.send_in_turn(record))),
            // Without its partitions a topic cannot be sent to: that is waited for in any case.
            Full::Block | Full::Fail => Ok(Delivery::sent(wait(py, self.inner.send(record))?)),
        }
    }
}

fn queue_full(topic: &str) -> Error {
    Error::new(ErrorKind::QueueFull, "send records", "the buffer has no room for the record")
        .with_context("topic", topic)
        .with_hint("wait for deliveries, flush, or send with block=True")
}

impl Parts<'_> {
    fn to_record(&self, topic: &str) -> PyResult<Record> {
        let owned = |octets: &Option<Octets<'_>>| -> PyResult<Option<bytes::Bytes>> {
            octets.as_ref().map(|octets| octets.bytes().map(bytes::Bytes::copy_from_slice)).transpose()
        };
        let mut record = Record::to(topic);
        record.partition = self.partition;
        record.timestamp_ms = self.timestamp_ms;
        record.key = owned(&self.key)?;
        record.value = owned(&self.value)?;
        let headers: PyResult<Vec<Header>> = self
            .headers
            .iter()
            .map(|(key, value)| Ok(Header { key: key.to_str()?.to_owned(), value: owned(value)? }))
            .collect();
        record.headers = headers?.into_iter().collect();
        Ok(record)
    }
}

#[pymethods]
impl Producer {
    #[new]
    fn new(py: Python<'_>, options: Vec<(String, String)>) -> PyResult<Self> {
        let inner = py.detach(|| facade::Producer::start(options)).raise(py)?;
        Ok(Self { inner, own: Guarded::new(()), topics: RwLock::default() })
    }

    /// Sends one record. `mode` 0 blocks when the buffer is full, 1 fails, 2 lets the record wait in turn.
    #[pyo3(signature = (mode, topic, value=None, key=None, partition=None, timestamp=None, headers=None))]
    #[allow(clippy::too_many_arguments)] // A record's parts.
    fn send<'py>(
        &self,
        py: Python<'py>,
        mode: u8,
        topic: Bound<'py, PyString>,
        value: Option<Bound<'py, PyAny>>,
        key: Option<Bound<'py, PyAny>>,
        partition: Option<i32>,
        timestamp: Option<i64>,
        headers: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Delivery> {
        let octets = |value: &Option<Bound<'py, PyAny>>, what| match value {
            Some(value) => Octets::of(value, what),
            None => Ok(None),
        };
        let parts = Parts {
            topic,
            partition,
            timestamp_ms: timestamp,
            key: octets(&key, "key")?,
            value: octets(&value, "value")?,
            headers: self::headers(headers.as_ref())?,
        };
        self.send_parts(py, &parts, full(mode))
    }

    /// Sends many values, or `(value, key)` pairs, or dicts of `send`'s arguments, to one topic; their deliveries.
    fn send_many<'py>(
        &self,
        py: Python<'py>,
        mode: u8,
        topic: Bound<'py, PyString>,
        records: Bound<'py, PyAny>,
    ) -> PyResult<Vec<Delivery>> {
        let mut deliveries = Vec::with_capacity(records.len().unwrap_or(0));
        for record in records.try_iter()? {
            let parts = one_of_many(topic.clone(), &record?)?;
            deliveries.push(self.send_parts(py, &parts, full(mode))?);
        }
        Ok(deliveries)
    }

    fn flush(&self, py: Python<'_>, timeout: f64) -> PyResult<Operation> {
        Ok(operation::of_nothing(self.inner.flush(seconds(py, timeout)?)))
    }

    fn close(&self, py: Python<'_>, timeout: f64) -> PyResult<Operation> {
        Ok(operation::of_nothing(self.inner.close(seconds(py, timeout)?)))
    }

    /// How many records wait for room, handed over in turn.
    fn waiting_in_turn(&self, py: Python<'_>) -> PyResult<usize> {
        self.own.get("wait for room").raise(py)?;
        Ok(self.inner.waiting_in_turn())
    }

    fn partitions_for(&self, topic: &str) -> Operation {
        operation::of(self.inner.partitions_for(topic), |py, partitions| {
            let list = pyo3::types::PyList::empty(py);
            for found in partitions {
                let leader = found.leader.map(|leader| leader.0);
                let replicas: Vec<i32> = found.replicas.iter().map(|node| node.0).collect();
                let isr: Vec<i32> = found.isr.iter().map(|node| node.0).collect();
                list.append((found.partition, leader, replicas, isr))?;
            }
            Ok(list.into_any().unbind())
        })
    }

    fn metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counted = self.inner.metrics().raise(py)?;
        let metrics = PyDict::new(py);
        metrics.set_item("records_acknowledged", counted.records_acknowledged)?;
        metrics.set_item("records_failed", counted.records_failed)?;
        metrics.set_item("records_unknown", counted.records_unknown)?;
        metrics.set_item("requests", counted.requests)?;
        metrics.set_item("batches", counted.batches)?;
        metrics.set_item("bytes_sent", counted.bytes_sent)?;
        metrics.set_item("retries", counted.retries)?;
        metrics.set_item("splits", counted.splits)?;
        metrics.set_item("epoch_bumps", counted.epoch_bumps)?;
        metrics.set_item("batches_incomplete", counted.batches_incomplete)?;
        metrics.set_item("buffer_total_bytes", counted.buffer_total_bytes)?;
        metrics.set_item("buffer_available_bytes", counted.buffer_available_bytes)?;
        metrics.set_item("waiting_count", counted.waiting_count)?;
        Ok(metrics)
    }
}

fn full(mode: u8) -> Full {
    match mode {
        0 => Full::Block,
        1 => Full::Fail,
        _ => Full::InTurn,
    }
}

fn one_of_many<'py>(topic: Bound<'py, PyString>, record: &Bound<'py, PyAny>) -> PyResult<Parts<'py>> {
    let mut parts =
        Parts { topic, partition: None, timestamp_ms: None, key: None, value: None, headers: Vec::new() };
    if let Ok(fields) = record.cast::<PyDict>() {
        for (name, field) in fields.iter() {
            match name.cast::<PyString>()?.to_str()? {
                "value" => parts.value = Octets::of(&field, "value")?,
                "key" => parts.key = Octets::of(&field, "key")?,
                "partition" => parts.partition = field.extract()?,
                "timestamp" => parts.timestamp_ms = field.extract()?,
                "headers" => parts.headers = headers(Some(&field))?,
                other => {
                    let message = format!(
                        "a record has no {other:?}: there are value, key, partition, timestamp, headers"
                    );
                    let error = Error::new(ErrorKind::InvalidArgument, "send records", message);
                    return Err(raised(record.py(), &error));
                }
            }
        }
    } else if let Ok((value, key)) = record.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>() {
        parts.value = Octets::of(&value, "value")?;
        parts.key = Octets::of(&key, "key")?;
    } else {
        parts.value = Octets::of(record, "value")?;
    }
    Ok(parts)
}
