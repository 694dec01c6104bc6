//! From the library's threads to an event loop: outcomes are queued, and one eventfd says that there are some.
//!
//! The loop watches the descriptor (`loop.add_reader`) and calls [`Bridge::drain`] when it is readable; futures are completed
//! there, on the loop's own thread. Nothing is ever called from a thread of the library.

use crate::delivery::{Delivery, Outcome, metadata};
use crate::error::Raise as _;
use crate::operation::Finish;
use ottla::{Error, ErrorKind};
use parking_lot::Mutex;
use pyo3::intern;
use pyo3::prelude::*;
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

/// A future and what to complete it with.
type Told = (Py<PyAny>, Result<Finish, Error>);

/// Wakes the loop. One signal until the loop has looked, however many things happened.
struct Signal {
    fd: OwnedFd,
    raised: AtomicBool,
    outcomes: Mutex<Vec<Told>>,
}

impl Signal {
    fn raise(&self) {
        if !self.raised.swap(true, Ordering::AcqRel) {
            // An eventfd takes a one unless its counter is full, and then it is readable anyway.
            let _ = rustix::io::write(&self.fd, &1u64.to_ne_bytes());
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.raise();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.raise();
    }
}

/// Deliveries of one batch that are awaited: the first of them is registered to be woken, and speaks for all.
struct Group {
    deliveries: Vec<(Py<Delivery>, Py<PyAny>)>,
}

/// What an event loop watches.
#[pyclass(module = "ottla._ottla", frozen)]
pub(crate) struct Bridge {
    signal: Arc<Signal>,
    groups: Mutex<Vec<Group>>,
}

impl Bridge {
    /// Queues an outcome for `future`.
    pub(crate) fn teller(&self, future: Py<PyAny>) -> impl FnOnce(Result<Finish, Error>) + Send + 'static {
        let signal = Arc::clone(&self.signal);
        move |outcome| {
            signal.outcomes.lock().push((future, outcome));
            signal.raise();
        }
    }

    /// Completes `future` when the delivery is done.
    pub(crate) fn await_delivery(&self, delivery: Py<Delivery>, future: Py<PyAny>) {
        let mut groups = self.groups.lock();
        // Records of one batch are awaited one after the other: the group is among the last ones.
        let group = groups.iter_mut().rev().take(16).find(|group| {
            group.deliveries.first().is_some_and(|(first, _)| delivery.get().is_same_batch(first.get()))
        });
        match group {
            Some(group) => group.deliveries.push((delivery, future)),
            None => {
                if self.poll(delivery.get()).is_some() {
                    // It was done in between; the next look finds it.
                    self.signal.raise();
                }
                groups.push(Group { deliveries: vec![(delivery, future)] });
            }
        }
    }

    /// Looks at a delivery and registers the loop to be woken.
    fn poll(&self, delivery: &Delivery) -> Option<Outcome> {
        delivery.look(&Waker::from(Arc::clone(&self.signal)))
    }

    fn drain_deliveries(&self, done: &mut Vec<(Py<PyAny>, Outcome)>) {
        let mut groups = std::mem::take(&mut *self.groups.lock());
        groups.retain_mut(|group| {
            let Some((first, _)) = group.deliveries.first() else { return false };
            if self.poll(first.get()).is_none() {
                return true;
            }
            let mut left = Vec::new();
            for (delivery, future) in group.deliveries.drain(..) {
                // A batch that was split has several fates.
                match self.poll(delivery.get()) {
                    Some(outcome) => done.push((future, outcome)),
                    None => left.push((delivery, future)),
                }
            }
            group.deliveries = left;
            !group.deliveries.is_empty()
        });
        let mut current = self.groups.lock();
        groups.append(&mut current);
        *current = groups;
    }
}

#[pymethods]
impl Bridge {
    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        let fd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(|error| {
            crate::error::raised(
                py,
                &Error::new(ErrorKind::Internal, "watch for outcomes", "the system gives no descriptor")
                    .with_source(std::io::Error::from(error))
                    .with_hint("look at the limit of open files (ulimit -n)"),
            )
        })?;
        let signal = Signal { fd, raised: AtomicBool::new(false), outcomes: Mutex::default() };
        Ok(Self { signal: Arc::new(signal), groups: Mutex::default() })
    }

    /// The descriptor to watch.
    fn fileno(&self) -> i32 {
        self.signal.fd.as_raw_fd()
    }

    /// Completes the futures whose outcomes are there. To be called on the loop's thread.
    fn drain(&self, py: Python<'_>) -> PyResult<()> {
        let mut count = [0u8; 8];
        // Nothing to read means that somebody was faster; what they left is looked at all the same.
        let _ = rustix::io::read(&self.signal.fd, &mut count);
        self.signal.raised.store(false, Ordering::Release);
        let outcomes = std::mem::take(&mut *self.signal.outcomes.lock());
        let mut failed = Ok(());
        for (future, outcome) in outcomes {
            failed = failed.and(settle(py, &future, || outcome.raise(py)?(py)));
        }
        let mut done = Vec::new();
        self.drain_deliveries(&mut done);
        for (future, outcome) in done {
            failed = failed.and(settle(py, &future, || metadata(py, &outcome.raise(py)?)));
        }
        // The loop reports it; nobody's outcome was left out for it.
        failed
    }
}

/// Completes a future, unless its waiter has given up: then its value is not made.
fn settle(py: Python<'_>, future: &Py<PyAny>, value: impl FnOnce() -> PyResult<Py<PyAny>>) -> PyResult<()> {
    let future = future.bind(py);
    if future.call_method0(intern!(py, "done"))?.is_truthy()? {
        return Ok(());
    }
    match value() {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,))?,
        Err(error) => future.call_method1(intern!(py, "set_exception"), (error.into_value(py),))?,
    };
    Ok(())
}
