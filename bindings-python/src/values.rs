//! Small values between Python and the library: texts, bytes, partitions, offsets, timeouts.

use crate::error::raised;
use ottla::consumer::{OffsetAndMetadata, Offsets};
use ottla::record::TopicPartition;
use ottla::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyString, PyTuple};
use std::time::Duration;

/// Seconds as Python counts them; infinity and what no clock can show are no limit.
pub(crate) fn seconds(py: Python<'_>, timeout: f64) -> PyResult<Duration> {
    if timeout.is_nan() || timeout < 0.0 {
        return Err(invalid(py, "a timeout is a number of seconds from 0 on; math.inf is no limit"));
    }
    Ok(Duration::try_from_secs_f64(timeout).unwrap_or(Duration::MAX))
}

pub(crate) fn invalid(py: Python<'_>, message: &'static str) -> PyErr {
    raised(py, &Error::new(ErrorKind::InvalidArgument, "read an argument", message))
}

/// A key, a value, a header's value: bytes as they are, text as UTF-8, other buffers copied once.
pub(crate) enum Octets<'py> {
    Bytes(Bound<'py, PyBytes>),
    Text(Bound<'py, PyString>),
    Copied(Vec<u8>),
}

impl Octets<'_> {
    pub(crate) fn of<'py>(value: &Bound<'py, PyAny>, what: &'static str) -> PyResult<Option<Octets<'py>>> {
        if let Ok(bytes) = value.cast::<PyBytes>() {
            return Ok(Some(Octets::Bytes(bytes.clone())));
        }
        if value.is_none() {
            return Ok(None);
        }
        if let Ok(text) = value.cast::<PyString>() {
            return Ok(Some(Octets::Text(text.clone())));
        }
        if let Ok(bytes) = value.cast::<PyByteArray>() {
            return Ok(Some(Octets::Copied(bytes.to_vec())));
        }
        // What else has a buffer: bytes() knows. Not numbers, of which it makes as many zeros.
        let py = value.py();
        let is_buffer = value.hasattr("__buffer__")?
            || value.is_instance(&memoryview(py)?)?
            || value.hasattr("typecode")?;
        if is_buffer {
            let bytes = py.get_type::<PyBytes>().call1((value,))?;
            return Ok(Some(Octets::Bytes(bytes.cast_into::<PyBytes>()?)));
        }
        let message = format!("a {what} is bytes, str, a buffer or None, not {}", value.get_type().name()?);
        Err(raised(py, &Error::new(ErrorKind::InvalidArgument, "send records", message)))
    }

    pub(crate) fn bytes(&self) -> PyResult<&[u8]> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.as_bytes()),
            Self::Text(text) => text.to_str().map(str::as_bytes),
            Self::Copied(bytes) => Ok(bytes),
        }
    }
}

fn memoryview(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    PyModule::import(py, "builtins")?.getattr("memoryview")
}

/// Headers: a mapping, or pairs whose keys may repeat.
pub(crate) fn headers<'py>(
    value: Option<&Bound<'py, PyAny>>,
) -> PyResult<Vec<(Bound<'py, PyString>, Option<Octets<'py>>)>> {
    let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(Vec::new()) };
    let pairs = match value.cast::<PyDict>() {
        Ok(mapping) => mapping.items().into_any(),
        Err(_) => value.clone(),
    };
    let mut headers = Vec::new();
    for pair in pairs.try_iter()? {
        let (key, value): (Bound<'py, PyString>, Bound<'py, PyAny>) = pair?.extract()?;
        headers.push((key, Octets::of(&value, "header's value")?));
    }
    Ok(headers)
}

/// `(topic, partition)`.
pub(crate) fn partition(value: &Bound<'_, PyAny>) -> PyResult<TopicPartition> {
    let (topic, partition): (String, i32) = value.extract()?;
    Ok(TopicPartition::new(topic, partition))
}

pub(crate) fn partitions(values: &Bound<'_, PyAny>) -> PyResult<Vec<TopicPartition>> {
    values.try_iter()?.map(|value| partition(&value?)).collect()
}

pub(crate) fn show_partition<'py>(py: Python<'py>, of: &TopicPartition) -> PyResult<Bound<'py, PyTuple>> {
    (&*of.topic, of.partition).into_pyobject(py)
}

pub(crate) fn show_partitions(py: Python<'_>, of: &[TopicPartition]) -> PyResult<Py<PyAny>> {
    let list = pyo3::types::PyList::empty(py);
    for partition in of {
        list.append(show_partition(py, partition)?)?;
    }
    Ok(list.into_any().unbind())
}

/// `{(topic, partition): (offset, metadata, leader_epoch)}`, each of the last two optional.
pub(crate) fn offsets(value: &Bound<'_, PyDict>) -> PyResult<Offsets> {
    value
        .iter()
        .map(|(of, offset)| {
            let (offset, metadata, leader_epoch): (i64, String, Option<i32>) = offset.extract()?;
            Ok((partition(&of)?, OffsetAndMetadata { offset, leader_epoch, metadata }))
        })
        .collect()
}
