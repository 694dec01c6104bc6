//! Log lines, for the thread that gives them to Python's `logging`.

use crate::values::seconds;
use ottla::facade::{self, Level, log_queue};
use pyo3::prelude::*;

/// Logs this much from here on: 0 off, 1 error, 2 warning, 3 info, 4 debug, 5 trace.
#[pyfunction]
pub(crate) fn set_log_level(level: u8) {
    facade::set_log_level(Level::from_number(level));
}

/// Waits up to `timeout` seconds for lines; whether there are some.
#[pyfunction]
pub(crate) fn wait_logs(py: Python<'_>, timeout: f64) -> PyResult<bool> {
    let timeout = seconds(py, timeout)?;
    Ok(py.detach(|| log_queue().wait(timeout)))
}

/// The lines that are there, [(level, target, message), ...], and how many were dropped.
#[pyfunction]
pub(crate) fn take_logs() -> (Vec<(u8, String, String)>, u64) {
    let mut lines = Vec::new();
    log_queue().drain(&mut lines);
    let lines = lines.into_iter().map(|line| (line.level as u8, line.target, line.message)).collect();
    (lines, log_queue().take_dropped())
}
