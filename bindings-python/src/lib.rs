//! The native part of the Python package `ottla`: producer, consumer, admin client and test broker over the facade.
//!
//! What users import is `python/ottla`; this module is `ottla._ottla`. It knows how to move values between Python and the
//! facade and how to wait without the GIL; it holds no Kafka logic. One class a file; `operation` and `bridge` are the two
//! ways to wait (a thread, an event loop), `arrow` is records in columns.

mod admin;
mod arrow;
mod bridge;
mod consumer;
mod delivery;
mod error;
mod logging;
mod operation;
mod producer;
mod record;
mod testing;
mod values;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
fn _ottla(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<admin::Admin>()?;
    module.add_class::<bridge::Bridge>()?;
    module.add_class::<consumer::Consumer>()?;
    module.add_class::<delivery::Delivery>()?;
    module.add_class::<delivery::RecordMetadata>()?;
    module.add_class::<operation::Operation>()?;
    module.add_class::<producer::Producer>()?;
    module.add_class::<record::Record>()?;
    module.add_class::<record::Records>()?;
    module.add_class::<record::RecordIterator>()?;
    module.add_class::<testing::TestBroker>()?;
    module.add_function(wrap_pyfunction!(logging::set_log_level, module)?)?;
    module.add_function(wrap_pyfunction!(logging::wait_logs, module)?)?;
    module.add_function(wrap_pyfunction!(logging::take_logs, module)?)?;
    Ok(())
}
