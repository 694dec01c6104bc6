//! What becomes of one record, for threads (`result`) and for event loops (`await`).

use crate::bridge::Bridge;
use crate::error::{Raise, raised};
use crate::values::seconds;
use ottla::facade::{Guarded, Operation};
use ottla::producer::Delivery as Core;
use ottla::{Error, ErrorKind};
use parking_lot::Mutex;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

pub(crate) type Outcome = Result<ottla::record::RecordMetadata, Error>;

enum Fate {
    /// It waits for room in the buffer. The operation wakes one waker; whoever looks is woken through that.
    Turn(Operation<Core>, Arc<Everyone>),
    /// It is in a batch.
    Sent(Core),
    Known(Outcome),
}

/// What becomes of one record. Awaited in a coroutine, or waited for with :meth:`result`.
///
/// Dropping it cancels nothing.
#[pyclass(module = "ottla", frozen)]
pub(crate) struct Delivery(Guarded<Mutex<Fate>>);

/// Where a record is.
#[pyclass(module = "ottla", frozen)]
pub(crate) struct RecordMetadata {
    topic: Arc<str>,
    /// The partition's number.
    #[pyo3(get)]
    partition: i32,
    /// The record's offset; None where the broker did not say it (acks=0).
    #[pyo3(get)]
    offset: Option<i64>,
    /// Milliseconds since the Unix epoch.
    #[pyo3(get)]
    timestamp: i64,
}

#[pymethods]
impl RecordMetadata {
    /// The topic.
    #[getter]
    fn topic(&self) -> &str {
        &self.topic
    }

    fn __repr__(&self) -> String {
        let offset = self.offset.map_or_else(|| "None".to_owned(), |offset| offset.to_string());
        format!(
            "RecordMetadata(topic={:?}, partition={}, offset={offset}, timestamp={})",
            self.topic, self.partition, self.timestamp
        )
    }
}

pub(crate) fn metadata(py: Python<'_>, found: &ottla::record::RecordMetadata) -> PyResult<Py<PyAny>> {
    let metadata = RecordMetadata {
        topic: Arc::clone(&found.topic),
        partition: found.partition,
        offset: found.offset,
        timestamp: found.timestamp_ms,
    };
    Ok(Py::new(py, metadata)?.into_any())
}

impl Delivery {
    pub(crate) fn sent(delivery: Core) -> Self {
        Self(Guarded::new(Mutex::new(Fate::Sent(delivery))))
    }

    /// The record waits its turn, or was refused.
    pub(crate) fn in_turn(operation: Operation<Core>) -> Self {
        Self(Guarded::new(Mutex::new(Fate::Turn(operation, Arc::default()))))
    }

    /// The outcome if it is known; else `waker` is woken when there is something new.
    pub(crate) fn look(&self, waker: &Waker) -> Option<Outcome> {
        self.step(Some(waker))
    }

    /// The outcome if it is known.
    pub(crate) fn known(&self) -> Option<Outcome> {
        self.step(None)
    }

    fn step(&self, waker: Option<&Waker>) -> Option<Outcome> {
        // In a forked child nobody tells a fate any more.
        let mut fate = match self.0.get("wait for a delivery") {
            Ok(fate) => fate.lock(),
            Err(forked) => return Some(Err(forked)),
        };
        loop {
            let next = match &mut *fate {
                Fate::Known(outcome) => return Some(outcome.clone()),
                Fate::Turn(operation, everyone) => {
                    everyone.add(waker);
                    let waker = Waker::from(Arc::clone(everyone));
                    match Pin::new(operation).poll(&mut Context::from_waker(&waker)) {
                        Poll::Pending => return None,
                        Poll::Ready(Ok(delivery)) => {
                            // Who waited for the turn waits for the batch now.
                            everyone.wake_by_ref();
                            Fate::Sent(delivery)
                        }
                        Poll::Ready(Err(error)) => Fate::Known(Err(error)),
                    }
                }
                Fate::Sent(delivery) => {
                    let outcome = match waker {
                        None => delivery.try_result(),
                        Some(waker) => match Pin::new(delivery).poll(&mut Context::from_waker(waker)) {
                            Poll::Pending => None,
                            Poll::Ready(outcome) => Some(outcome),
                        },
                    };
                    Fate::Known(outcome?)
                }
            };
            *fate = next;
        }
    }

    pub(crate) fn is_same_batch(&self, other: &Self) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        const LOOK: &str = "look at a delivery";
        let (Ok(one), Ok(other)) = (self.0.get(LOOK), other.0.get(LOOK)) else { return false };
        let (one, other) = (one.lock(), other.lock());
        matches!((&*one, &*other), (Fate::Sent(one), Fate::Sent(other)) if one.is_same_batch(other))
    }
}

/// All who want to look again.
#[derive(Default)]
struct Everyone(Mutex<Vec<Waker>>);

impl Everyone {
    fn add(&self, waker: Option<&Waker>) {
        let mut wakers = self.0.lock();
        if let Some(waker) = waker
            && !wakers.iter().any(|known| known.will_wake(waker))
        {
            wakers.push(waker.clone());
        }
    }
}

impl Wake for Everyone {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let wakers = std::mem::take(&mut *self.0.lock());
        wakers.into_iter().for_each(Waker::wake);
    }
}

static CURRENT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static SETTLED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// A function of `ottla/_loop.py`.
fn on_loop<'a, 'py>(
    py: Python<'py>,
    known: &'a PyOnceLock<Py<PyAny>>,
    name: &str,
) -> PyResult<&'a Bound<'py, PyAny>> {
    let found = known
        .get_or_try_init(py, || PyModule::import(py, "ottla._loop")?.getattr(name).map(Bound::unbind))?;
    Ok(found.bind(py))
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// How long a thread waits between two looks at pending signals.
const SLICE: Duration = Duration::from_millis(50);

#[pymethods]
impl Delivery {
    /// Whether the outcome is known.
    fn done(&self) -> bool {
        self.known().is_some()
    }

    /// Blocks until the outcome is known: at the latest after `delivery.timeout.ms`, or `timeout` seconds.
    #[pyo3(signature = (timeout=None))]
    #[allow(clippy::disallowed_methods)] // A thread of the host waits, on the host's clock.
    fn result(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<Py<PyAny>> {
        let deadline = seconds(py, timeout.unwrap_or(f64::INFINITY))
            .map(|timeout| Instant::now().checked_add(timeout))?;
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        loop {
            if let Some(outcome) = self.look(&waker) {
                return metadata(py, &outcome.raise(py)?);
            }
            let left = deadline.map_or(SLICE, |deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                let error = Error::timeout("wait for a delivery", "the record has no fate yet")
                    .with_hint("it goes on; wait again, or flush");
                return Err(raised(py, &error));
            }
            py.detach(|| std::thread::park_timeout(left.min(SLICE)));
            py.check_signals()?;
        }
    }

    /// The error, or None: of a record whose outcome is known.
    fn exception(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        match self.known() {
            Some(Err(error)) => Ok(Some(crate::error::exception(py, &error)?.unbind())),
            Some(Ok(_)) => Ok(None),
            None => {
                let error =
                    Error::new(ErrorKind::InvalidState, "look at a delivery", "the record has no fate yet");
                Err(raised(py, &error.with_hint("await it, or wait for result()")))
            }
        }
    }

    fn __await__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        let py = slf.py();
        if let Some(outcome) = slf.get().known() {
            let value = metadata(py, &outcome.raise(py)?)?;
            return on_loop(py, &SETTLED, "settled")?.call1((value,));
        }
        let current = on_loop(py, &CURRENT, "current")?.call0()?;
        let (future, bridge): (Bound<'_, PyAny>, Bound<'_, Bridge>) = current.extract()?;
        bridge.get().await_delivery(slf.unbind(), future.clone().unbind());
        future.call_method0(intern!(py, "__await__"))
    }

    fn __repr__(&self) -> &'static str {
        match self.known() {
            None => "<Delivery pending>",
            Some(Ok(_)) => "<Delivery done>",
            Some(Err(_)) => "<Delivery failed>",
        }
    }
}
