//! Something under way in the library, to be waited for by a thread or by an event loop.

use crate::bridge::Bridge;
use crate::error::{Raise, raised};
use ottla::facade::{self, Canceller};
use ottla::{Error, ErrorKind};
use parking_lot::Mutex;
use pyo3::prelude::*;
use std::time::Duration;

/// Makes the Python value of an outcome, once the GIL is held.
pub(crate) type Finish = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// How long a thread waits between two looks at pending signals: Ctrl-C acts within it.
const SLICE: Duration = Duration::from_millis(50);

/// A call of the library that may wait. Made by the native classes; not made by users.
#[pyclass(module = "ottla._ottla", frozen)]
pub(crate) struct Operation {
    state: Mutex<State>,
}

enum State {
    Waiting(facade::Operation<Finish>),
    Told(Canceller),
    Taken,
}

/// An operation whose outcome `finish` turns into a Python value.
pub(crate) fn of<T: Send + 'static>(
    operation: facade::Operation<T>,
    finish: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
) -> Operation {
    let operation = operation.map(|value| Box::new(move |py: Python<'_>| finish(py, value)) as Finish);
    Operation { state: Mutex::new(State::Waiting(operation)) }
}

/// An operation that is only done or not.
pub(crate) fn of_nothing(operation: facade::Operation<()>) -> Operation {
    of(operation, |py, ()| Ok(py.None()))
}

/// Waits on this thread, without the GIL, until the operation is done; signals are handled meanwhile.
pub(crate) fn wait<T: Send + 'static>(py: Python<'_>, mut operation: facade::Operation<T>) -> PyResult<T> {
    loop {
        if let Some(outcome) = operation.try_take() {
            return outcome.raise(py);
        }
        if let Some(outcome) = py.detach(|| operation.wait(SLICE)) {
            return outcome.raise(py);
        }
        py.check_signals()?;
    }
}

fn taken() -> Error {
    Error::new(ErrorKind::InvalidState, "wait for an operation", "its outcome was taken before")
}

#[pymethods]
impl Operation {
    /// Blocks until it is done and returns its value. Ctrl-C is handled within 50 ms.
    fn wait(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let State::Waiting(operation) = std::mem::replace(&mut *self.state.lock(), State::Taken) else {
            return Err(raised(py, &taken()));
        };
        wait(py, operation)?(py)
    }

    /// Its value in a tuple if it is done by now, else None: a future is not needed then.
    fn take(&self, py: Python<'_>) -> PyResult<Option<(Py<PyAny>,)>> {
        let outcome = match &mut *self.state.lock() {
            State::Waiting(operation) => operation.try_take(),
            State::Told(_) | State::Taken => return Err(raised(py, &taken())),
        };
        match outcome {
            None => Ok(None),
            Some(outcome) => Ok(Some((outcome.raise(py)?(py)?,))),
        }
    }

    /// Completes `future` on its loop, through `bridge`, when it is done.
    fn attach(&self, py: Python<'_>, bridge: &Bridge, future: Py<PyAny>) -> PyResult<()> {
        let State::Waiting(operation) = std::mem::replace(&mut *self.state.lock(), State::Taken) else {
            return Err(raised(py, &taken()));
        };
        let told = bridge.teller(future);
        let canceller = operation.on_done(told);
        *self.state.lock() = State::Told(canceller);
        Ok(())
    }

    /// Whether it is done, for those who wait for nothing.
    fn finished(&self) -> bool {
        match &mut *self.state.lock() {
            State::Waiting(operation) => match operation.wait(Duration::ZERO) {
                None => false,
                Some(outcome) => {
                    *operation = facade::Operation::done(outcome);
                    true
                }
            },
            State::Told(_) | State::Taken => true,
        }
    }

    /// Gives up waiting.
    fn cancel(&self) {
        match std::mem::replace(&mut *self.state.lock(), State::Taken) {
            State::Told(canceller) => canceller.cancel(),
            State::Waiting(_) | State::Taken => {}
        }
    }
}
