//! Records in columns: the Arrow C data interface, handed to Python in the capsules of Arrow's PyCapsule protocol.
//!
//! Any library that speaks it (pyarrow, polars, pandas, duckdb) takes a poll's records without a loop in Python; none of
//! them is needed here. `ffi` is the interface's structures and who frees them, `columns` what is in them.

mod columns;
mod ffi;

use ffi::{Array, Stream};
use ottla::consumer::Records;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

/// The type of what is exported: a struct with a field for each column.
pub(crate) fn schema(py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, columns::schema(), c"arrow_schema")
}

/// All records as one struct array.
pub(crate) fn array<'py>(py: Python<'py>, records: &Records) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, built(py, records)?, c"arrow_array")
}

/// All records as a stream of one record batch, or of none when there are no records.
pub(crate) fn stream<'py>(py: Python<'py>, records: &Records) -> PyResult<Bound<'py, PyCapsule>> {
    let batch = if records.is_empty() { None } else { Some(built(py, records)?) };
    PyCapsule::new_with_value(py, Stream::of(columns::schema, batch), c"arrow_array_stream")
}

fn built(py: Python<'_>, records: &Records) -> PyResult<Array> {
    py.detach(|| columns::array(records)).map_err(|error| crate::error::raised(py, &error))
}
