//! The consumer. Rebalances come with a poll's records as values; `ottla/_consumer.py` tells the application of them.

use crate::error::Raise;
use crate::operation::{self, Operation};
use crate::producer::seconds;
use crate::record::{Records, show_events};
use crate::values::{offsets, partition, partitions, show_partition, show_partitions};
use ottla::consumer::OffsetAndMetadata;
use ottla::facade;
use ottla::record::TopicPartition;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;

/// The native consumer; `ottla.Consumer` and `ottla.aio.Consumer` are what users make.
#[pyclass(module = "ottla._ottla", frozen)]
pub(crate) struct Consumer(facade::Consumer);

fn numbers(py: Python<'_>, found: &BTreeMap<TopicPartition, i64>) -> PyResult<Py<PyAny>> {
    let dict = PyDict::new(py);
    for (partition, offset) in found {
        dict.set_item(show_partition(py, partition)?, offset)?;
    }
    Ok(dict.into_any().unbind())
}

#[pymethods]
impl Consumer {
    #[new]
    fn new(py: Python<'_>, options: Vec<(String, String)>) -> PyResult<Self> {
        py.detach(|| facade::Consumer::start(options)).raise(py).map(Self)
    }

    fn subscribe(&self, py: Python<'_>, topics: Vec<String>) -> PyResult<()> {
        self.0.subscribe(topics).raise(py)
    }

    fn subscribe_pattern(&self, py: Python<'_>, pattern: &str) -> PyResult<()> {
        self.0.subscribe_pattern(pattern).raise(py)
    }

    fn unsubscribe(&self) -> Operation {
        operation::of_nothing(self.0.unsubscribe())
    }

    fn assign(&self, py: Python<'_>, assigned: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.assign(partitions(assigned)?).raise(py)
    }

    fn assignment(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        show_partitions(py, &self.0.assignment().raise(py)?)
    }

    fn subscription(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.0.subscription().raise(py)
    }

    fn paused(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        show_partitions(py, &self.0.paused().raise(py)?)
    }

    /// Records that are there or come within `timeout` seconds; with `held`, what `seen` does not count comes again.
    fn poll(&self, timeout: f64, max_records: Option<usize>, held: bool) -> Operation {
        let timeout = seconds(timeout);
        let polling =
            if held { self.0.poll_held(timeout, max_records) } else { self.0.poll(timeout, max_records) };
        operation::of(polling, |py, records| Ok(Py::new(py, Records::new(py, records))?.into_any()))
    }

    /// The application was given the first `count` records of the last held poll.
    fn seen(&self, py: Python<'_>, count: usize) -> PyResult<()> {
        self.0.seen(count).raise(py)
    }

    fn wakeup(&self) {
        self.0.wakeup();
    }

    /// Commits {(topic, partition): (offset, metadata, leader_epoch)}, or the positions.
    fn commit(&self, committed: Option<&Bound<'_, PyDict>>) -> PyResult<Operation> {
        let chosen = committed.map(offsets).transpose()?;
        Ok(operation::of_nothing(self.0.commit(chosen)))
    }

    fn committed(&self, of: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(operation::of(self.0.committed(partitions(of)?), |py, found| {
            let dict = PyDict::new(py);
            for (partition, offset) in &found {
                let value = (offset.offset, offset.metadata.as_str(), offset.leader_epoch);
                dict.set_item(show_partition(py, partition)?, value)?;
            }
            Ok(dict.into_any().unbind())
        }))
    }

    fn seek(
        &self,
        py: Python<'_>,
        of: &Bound<'_, PyAny>,
        offset: i64,
        leader_epoch: Option<i32>,
    ) -> PyResult<()> {
        let to = OffsetAndMetadata { leader_epoch, ..OffsetAndMetadata::new(offset) };
        self.0.seek(&partition(of)?, to).raise(py)
    }

    fn seek_to_beginning(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.seek_to_beginning(&partitions(of)?).raise(py)
    }

    fn seek_to_end(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.seek_to_end(&partitions(of)?).raise(py)
    }

    fn pause(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.pause(&partitions(of)?).raise(py)
    }

    fn resume(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.resume(&partitions(of)?).raise(py)
    }

    fn position(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
        self.0.position(&partition(of)?).raise(py)
    }

    fn lag(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
        self.0.lag(&partition(of)?).raise(py)
    }

    fn beginning_offsets(&self, of: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(operation::of(self.0.beginning_offsets(partitions(of)?), |py, found| numbers(py, &found)))
    }

    fn end_offsets(&self, of: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(operation::of(self.0.end_offsets(partitions(of)?), |py, found| numbers(py, &found)))
    }

    /// {(topic, partition): milliseconds} to {(topic, partition): (offset, milliseconds)}.
    fn offsets_for_times(&self, times: &Bound<'_, PyDict>) -> PyResult<Operation> {
        let times: PyResult<BTreeMap<_, i64>> =
            times.iter().map(|(of, time)| Ok((partition(&of)?, time.extract()?))).collect();
        Ok(operation::of(self.0.offsets_for_times(times?), |py, found| {
            let dict = PyDict::new(py);
            for (partition, offset) in &found {
                dict.set_item(show_partition(py, partition)?, (offset.offset, offset.timestamp_ms))?;
            }
            Ok(dict.into_any().unbind())
        }))
    }

    /// (group id, generation id, member id, group instance id), or None without a group.
    #[allow(clippy::type_complexity)] // A tuple for Python, named there.
    fn group_metadata(&self, py: Python<'_>) -> PyResult<Option<(String, i32, String, Option<String>)>> {
        let found = self.0.group_metadata().raise(py)?;
        Ok(found.map(|member| {
            let text = |text: &str| text.to_owned();
            (
                text(&member.group_id),
                member.generation_id,
                text(&member.member_id),
                member.group_instance_id.as_deref().map(text),
            )
        }))
    }

    /// What unsubscribing or closing now gives up, as events.
    fn giving_up(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        show_events(py, &self.0.giving_up().raise(py)?)
    }

    fn buffered_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.0.buffered_bytes().raise(py)
    }

    fn close(&self, timeout: f64, remain: bool) -> Operation {
        let timeout = seconds(timeout);
        operation::of_nothing(if remain { self.0.close_and_remain(timeout) } else { self.0.close(timeout) })
    }
}
