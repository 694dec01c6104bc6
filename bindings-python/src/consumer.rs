//! The consumer. Rebalances come with a poll's records as values; `ottla/_consumer.py` tells the application of them.

use crate::error::Raise;
use crate::operation::{self, Operation};
use crate::record::{RecordIterator, Records, show_events};
use crate::values::{offsets, partition, partitions, seconds, show_partition, show_partitions};
use ottla::consumer::OffsetAndMetadata;
use ottla::facade;
use ottla::record::TopicPartition;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;

/// The native consumer; `ottla.Consumer` and `ottla.aio.Consumer` are what users make.
#[pyclass(module = "ottla._ottla", frozen)]
pub(crate) struct Consumer {
    core: facade::Consumer,
}

fn numbers(py: Python<'_>, found: &BTreeMap<TopicPartition, i64>) -> PyResult<Py<PyAny>> {
    let dict = PyDict::new(py);
    for (partition, offset) in found {
        dict.set_item(show_partition(py, partition)?, offset)?;
    }
    Ok(dict.into_any().unbind())
}

impl Consumer {
    /// As `seen`; an iteration that goes on in a forked child concerns nobody.
    pub(crate) fn note_seen(&self, count: usize) {
        let _ = self.core.seen(count);
    }
}

#[pymethods]
impl Consumer {
    #[new]
    fn new(py: Python<'_>, options: Vec<(String, String)>) -> PyResult<Self> {
        let core = py.detach(|| facade::Consumer::start(options)).raise(py)?;
        Ok(Self { core })
    }

    fn subscribe(&self, py: Python<'_>, topics: Vec<String>) -> PyResult<()> {
        self.core.subscribe(topics).raise(py)
    }

    fn subscribe_pattern(&self, py: Python<'_>, pattern: &str) -> PyResult<()> {
        self.core.subscribe_pattern(pattern).raise(py)
    }

    fn unsubscribe(&self) -> Operation {
        operation::of_nothing(self.core.unsubscribe())
    }

    fn assign(&self, py: Python<'_>, assigned: &Bound<'_, PyAny>) -> PyResult<()> {
        self.core.assign(partitions(assigned)?).raise(py)
    }

    fn assignment(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        show_partitions(py, &self.core.assignment().raise(py)?)
    }

    fn subscription(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.core.subscription().raise(py)
    }

    fn paused(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        show_partitions(py, &self.core.paused().raise(py)?)
    }

    /// Records that are there or come within `timeout` seconds; what `seen` does not count comes again, and so do changes of
    /// the assignment that `told` does not count.
    fn poll(&self, py: Python<'_>, timeout: f64, max_records: Option<usize>) -> PyResult<Operation> {
        let polling = self.core.poll(seconds(py, timeout)?, max_records);
        Ok(operation::of(polling, |py, records| Ok(Py::new(py, Records::new(py, records))?.into_any())))
    }

    /// The application is told of the first `count` changes of the assignment.
    fn told(&self, py: Python<'_>, count: usize) -> PyResult<()> {
        self.core.told(count).raise(py)
    }

    /// Through the records of the last poll one by one: giving one out says that the application is alive.
    fn iterate(slf: Bound<'_, Self>, records: &Records) -> RecordIterator {
        RecordIterator::held(slf.unbind(), records)
    }

    /// The application was given the first `count` records of the last held poll.
    fn seen(&self, py: Python<'_>, count: usize) -> PyResult<()> {
        self.core.seen(count).raise(py)
    }

    fn wakeup(&self, py: Python<'_>) -> PyResult<()> {
        // What is read is of no interest, but a forked child is refused.
        self.core.paused().raise(py)?;
        self.core.wakeup();
        Ok(())
    }

    /// Commits {(topic, partition): (offset, metadata, leader_epoch)}, or the positions.
    fn commit(&self, committed: Option<&Bound<'_, PyDict>>) -> PyResult<Operation> {
        let chosen = committed.map(offsets).transpose()?;
        Ok(operation::of_nothing(self.core.commit(chosen)))
    }

    fn committed(&self, of: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(operation::of(self.core.committed(partitions(of)?), |py, found| {
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
        self.core.seek(&partition(of)?, to).raise(py)
    }

    fn seek_to_beginning(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<()> {
        self.core.seek_to_beginning(&partitions(of)?).raise(py)
    }

    fn seek_to_end(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<()> {
        self.core.seek_to_end(&partitions(of)?).raise(py)
    }

    fn pause(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<()> {
        self.core.pause(&partitions(of)?).raise(py)
    }

    fn resume(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<()> {
        self.core.resume(&partitions(of)?).raise(py)
    }

    fn position(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
        self.core.position(&partition(of)?).raise(py)
    }

    fn lag(&self, py: Python<'_>, of: &Bound<'_, PyAny>) -> PyResult<Option<i64>> {
        self.core.lag(&partition(of)?).raise(py)
    }

    fn beginning_offsets(&self, of: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(operation::of(self.core.beginning_offsets(partitions(of)?), |py, found| numbers(py, &found)))
    }

    fn end_offsets(&self, of: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(operation::of(self.core.end_offsets(partitions(of)?), |py, found| numbers(py, &found)))
    }

    /// {(topic, partition): milliseconds} to {(topic, partition): (offset, milliseconds)}.
    fn offsets_for_times(&self, times: &Bound<'_, PyDict>) -> PyResult<Operation> {
        let times: PyResult<BTreeMap<_, i64>> =
            times.iter().map(|(of, time)| Ok((partition(&of)?, time.extract()?))).collect();
        Ok(operation::of(self.core.offsets_for_times(times?), |py, found| {
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
        let found = self.core.group_metadata().raise(py)?;
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

    /// What unsubscribing or closing now gives up, as events, behind those nobody was told of yet.
    fn giving_up(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        show_events(py, &self.core.giving_up().raise(py)?)
    }

    fn buffered_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.core.buffered_bytes().raise(py)
    }

    fn close(&self, py: Python<'_>, timeout: f64, remain: bool) -> PyResult<Operation> {
        let timeout = seconds(py, timeout)?;
        let closing = if remain { self.core.close_and_remain(timeout) } else { self.core.close(timeout) };
        Ok(operation::of_nothing(closing))
    }
}
