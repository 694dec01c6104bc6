//! Errors as Python exceptions: one class for each kind, made in `ottla/_errors.py` from the table of kinds.

use ottla::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The exception for an error, with all it says as attributes.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    match exception(py, error) {
        Ok(exception) => PyErr::from_value(exception),
        // The package is broken; what its import says is the better error then.
        Err(broken) => broken,
    }
}

pub(crate) fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let context = PyDict::new(py);
    for (name, value) in error.context() {
        context.set_item(name, value)?;
    }
    let make = MAKE
        .get_or_try_init(py, || PyModule::import(py, "ottla._errors")?.getattr("_make").map(Bound::unbind))?;
    let facts = PyDict::new(py);
    facts.set_item("kind", error.kind().name())?;
    facts.set_item("message", error.to_string())?;
    facts.set_item("code", error.code().map(|code| code.0))?;
    facts.set_item("code_name", error.code().map(|code| code.name()))?;
    facts.set_item("operation", error.operation())?;
    facts.set_item("context", context)?;
    facts.set_item("hint", error.hint())?;
    facts.set_item("retriable", error.is_retriable())?;
    facts.set_item("fatal", error.is_fatal())?;
    facts.set_item("requires_abort", error.requires_abort())?;
    facts.set_item("outcome_unknown", error.is_outcome_unknown())?;
    make.bind(py).call((), Some(&facts))
}

/// What `?` needs to turn the library's errors into exceptions.
pub(crate) trait Raise<T> {
    fn raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> Raise<T> for Result<T, Error> {
    fn raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raised(py, &error))
    }
}
