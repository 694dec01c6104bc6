//! Consumed records: light objects over batches that own their bytes. Python bytes are made when a field is touched.

use crate::consumer::Consumer;
use ottla::consumer::{RebalanceEvent, RecordBatch, Records as Core, TimestampType};
use parking_lot::Mutex;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyList, PySlice, PyString, PyTuple};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A batch with what all its records share, as Python's.
struct Shared {
    batch: RecordBatch,
    topic: Py<PyString>,
}

/// A record read from a partition.
#[pyclass(module = "ottla", frozen)]
pub(crate) struct Record {
    shared: Arc<Shared>,
    index: u32,
}

impl Record {
    fn view(&self) -> ottla::consumer::ConsumerRecord<'_> {
        self.shared.batch.get(self.index as usize).expect("records are made for the places a batch has")
    }
}

#[pymethods]
impl Record {
    /// The topic.
    #[getter]
    fn topic(&self, py: Python<'_>) -> Py<PyString> {
        self.shared.topic.clone_ref(py)
    }

    /// The partition's number.
    #[getter]
    fn partition(&self) -> i32 {
        self.shared.batch.partition().partition
    }

    /// Offset in the partition. Gaps are normal: compaction, transactions.
    #[getter]
    fn offset(&self) -> i64 {
        self.view().offset()
    }

    /// Milliseconds since the Unix epoch.
    #[getter]
    fn timestamp(&self) -> i64 {
        self.view().timestamp_ms()
    }

    /// Who set the timestamp: "create" (the producer) or "log_append" (the broker).
    #[getter]
    fn timestamp_type(&self) -> &'static str {
        match self.view().timestamp_type() {
            TimestampType::LogAppendTime => "log_append",
            TimestampType::CreateTime => "create",
        }
    }

    /// The key; None is Kafka's null, which differs from empty.
    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.view().key().map(|key| PyBytes::new(py, key))
    }

    /// The value; None is Kafka's null: a tombstone in a compacted topic.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.view().value().map(|value| PyBytes::new(py, value))
    }

    /// The headers in order, as (key, value) pairs; keys may repeat, values may be None.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let headers = PyList::empty(py);
        for (key, value) in self.view().headers() {
            headers.append((String::from_utf8_lossy(key), value.map(|value| PyBytes::new(py, value))))?;
        }
        Ok(headers)
    }

    /// Epoch of the leader that appended the record; None where it is not known.
    #[getter]
    fn leader_epoch(&self) -> Option<i32> {
        self.view().leader_epoch()
    }

    fn __repr__(&self) -> String {
        // Contents stay out of logs.
        let view = self.view();
        let length = |field: Option<&[u8]>| {
            field.map_or_else(|| "None".to_owned(), |bytes| format!("{} bytes", bytes.len()))
        };
        format!(
            "<Record {}-{}@{} key={} value={}>",
            view.topic(),
            view.partition(),
            view.offset(),
            length(view.key()),
            length(view.value())
        )
    }
}

/// What one poll returned: a sequence of records, and the changes of the assignment that came with it.
#[pyclass(module = "ottla", frozen)]
pub(crate) struct Records {
    core: Core,
    batches: Vec<Arc<Shared>>,
    /// Number of records before each batch.
    starts: Vec<usize>,
}

impl Records {
    pub(crate) fn new(py: Python<'_>, core: Core) -> Self {
        let mut starts = Vec::with_capacity(core.batches().len());
        let mut before = 0;
        let batches = core
            .batches()
            .iter()
            .map(|batch| {
                starts.push(before);
                before += batch.len();
                let topic = PyString::intern(py, &batch.partition().topic).unbind();
                Arc::new(Shared { batch: batch.clone(), topic })
            })
            .collect();
        Self { core, batches, starts }
    }

    /// The record at `at`, which is less than the number of records.
    fn record(&self, at: usize) -> Record {
        let batch = self.starts.partition_point(|start| *start <= at) - 1;
        Record { shared: Arc::clone(&self.batches[batch]), index: (at - self.starts[batch]) as u32 }
    }
}

pub(crate) fn show_event<'py>(py: Python<'py>, event: &RebalanceEvent) -> PyResult<Bound<'py, PyTuple>> {
    let (kind, partitions) = match event {
        RebalanceEvent::Assigned(partitions) => ("assigned", partitions),
        RebalanceEvent::Revoked(partitions) => ("revoked", partitions),
        RebalanceEvent::Lost(partitions) => ("lost", partitions),
    };
    (kind, crate::values::show_partitions(py, partitions)?).into_pyobject(py)
}

pub(crate) fn show_events(py: Python<'_>, events: &[RebalanceEvent]) -> PyResult<Py<PyAny>> {
    let list = PyList::empty(py);
    for event in events {
        list.append(show_event(py, event)?)?;
    }
    Ok(list.into_any().unbind())
}

#[pymethods]
impl Records {
    fn __len__(&self) -> usize {
        self.core.len()
    }

    fn __bool__(&self) -> bool {
        !self.core.is_empty()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let count = self.core.len();
        if let Ok(slice) = index.cast::<PySlice>() {
            let places = slice.indices(count as isize)?;
            let list = PyList::empty(py);
            let mut at = places.start;
            for _ in 0..places.slicelength {
                list.append(self.record(at as usize))?;
                at += places.step;
            }
            return Ok(list.into_any());
        }
        let index: isize = index.extract()?;
        let at = if index < 0 { count.checked_sub(index.unsigned_abs()) } else { Some(index.unsigned_abs()) };
        let at = at.filter(|at| *at < count).ok_or_else(|| PyIndexError::new_err("no such record"))?;
        Ok(Bound::new(py, self.record(at))?.into_any())
    }

    fn __iter__(&self) -> RecordIterator {
        RecordIterator(Mutex::new(Iteration::of(self.batches.clone(), None)))
    }

    /// Changes of the assignment since the poll before: ("assigned" | "revoked" | "lost", [(topic, partition), ...]).
    #[getter]
    fn rebalances(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        show_events(py, self.core.rebalances())
    }

    /// The Arrow schema of the records as columns.
    #[staticmethod]
    fn __arrow_c_schema__(py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
        crate::arrow::schema(py)
    }

    /// The records as an Arrow struct array. Another schema that is asked for is not made: the reader casts.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let _ = requested_schema;
        Ok((crate::arrow::schema(py)?, crate::arrow::array(py, &self.core)?))
    }

    /// The records as an Arrow stream of one batch, or of none.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        crate::arrow::stream(py, &self.core)
    }

    fn __repr__(&self) -> String {
        format!("<Records: {}>", self.core.len())
    }
}

struct Iteration {
    batches: Vec<Arc<Shared>>,
    batch: usize,
    index: usize,
    yielded: usize,
    consumer: Option<Watched>,
}

/// Of whose records these are: taking one shows that the application is alive, however long it takes for each.
struct Watched {
    consumer: Py<Consumer>,
    told: Instant,
}

/// How often a consumer is told that its records are being taken.
const TELL_EVERY: Duration = Duration::from_secs(1);

impl Iteration {
    fn of(batches: Vec<Arc<Shared>>, consumer: Option<Watched>) -> Self {
        Self { batches, batch: 0, index: 0, yielded: 0, consumer }
    }
}

/// Goes through what a poll returned.
#[pyclass(module = "ottla._ottla", frozen)]
pub(crate) struct RecordIterator(Mutex<Iteration>);

impl RecordIterator {
    /// Through records that a consumer holds until they were given out.
    pub(crate) fn held(consumer: Py<Consumer>, records: &Records) -> Self {
        let watched = Watched { consumer, told: now() };
        Self(Mutex::new(Iteration::of(records.batches.clone(), Some(watched))))
    }
}

#[allow(clippy::disallowed_methods)] // How long the host takes, on the host's clock.
fn now() -> Instant {
    Instant::now()
}

#[pymethods]
impl RecordIterator {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self) -> Option<Record> {
        let mut at = self.0.lock();
        let yielded = at.yielded;
        if let Some(watched) = &mut at.consumer {
            let now = now();
            if now.duration_since(watched.told) >= TELL_EVERY {
                watched.told = now;
                watched.consumer.get().note_seen(yielded);
            }
        }
        loop {
            let shared = at.batches.get(at.batch)?;
            if at.index < shared.batch.len() {
                let record = Record { shared: Arc::clone(shared), index: at.index as u32 };
                at.index += 1;
                at.yielded += 1;
                return Some(record);
            }
            at.batch += 1;
            at.index = 0;
        }
    }

    /// Ends it: there is no next one.
    fn stop(&self) {
        let mut at = self.0.lock();
        at.batches = Vec::new();
        at.consumer = None;
    }

    /// How many records were given out.
    #[getter]
    fn yielded(&self) -> usize {
        self.0.lock().yielded
    }
}
