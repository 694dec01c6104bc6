//! The test broker.

use crate::operation::{self, Operation, wait};
use crate::values::seconds;
use ottla_testing::TestBroker as Core;
use pyo3::prelude::*;

/// The native test broker; `ottla.testing.TestBroker` is what users make.
#[pyclass(module = "ottla._ottla", frozen)]
pub(crate) struct TestBroker(Core);

#[pymethods]
impl TestBroker {
    /// Starts a broker: it is ready when this returns.
    #[new]
    fn new(py: Python<'_>, properties: Vec<(String, String)>) -> PyResult<Self> {
        wait(py, Core::start(properties)).map(Self)
    }

    fn bootstrap(&self) -> &str {
        self.0.bootstrap()
    }

    fn create_topic(&self, name: &str, partitions: i32, configs: Vec<(String, String)>) -> Operation {
        operation::of_nothing(self.0.create_topic(name, partitions, configs))
    }

    fn stop(&self, py: Python<'_>, timeout: f64) -> PyResult<Operation> {
        Ok(operation::of_nothing(self.0.stop(seconds(py, timeout)?)))
    }
}
