//! The admin client: an operation's name and its arguments as JSON text; `ottla/_admin.py` makes methods of it.

use crate::error::{Raise, raised};
use crate::operation::{self, Operation};
use crate::values::seconds;
use ottla::facade;
use ottla::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The native admin client.
#[pyclass(module = "ottla._ottla", frozen)]
pub(crate) struct Admin(facade::Admin);

#[pymethods]
impl Admin {
    #[new]
    fn new(py: Python<'_>, options: Vec<(String, String)>) -> PyResult<Self> {
        py.detach(|| facade::Admin::start(options)).raise(py).map(Self)
    }

    fn call(&self, py: Python<'_>, name: &str, arguments: &str) -> PyResult<Operation> {
        let arguments = serde_json::from_str(arguments).map_err(|error| {
            let error = Error::new(ErrorKind::InvalidArgument, "call the admin client", error.to_string());
            raised(py, &error)
        })?;
        Ok(operation::of(self.0.call(name, arguments), |py, answer| {
            Ok(PyString::new(py, &answer.to_string()).into_any().unbind())
        }))
    }

    fn close(&self, py: Python<'_>, timeout: f64) -> PyResult<Operation> {
        Ok(operation::of_nothing(self.0.close(seconds(py, timeout)?)))
    }
}
