//! What every entry does: catch panics, hand errors out, wait by a deadline.

use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use crate::pointers::argument;
use ottla::facade::Operation;
use ottla::{Error, ErrorKind};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Runs an entry: its error goes to `*error`, where the caller asks for it, and its kind is returned.
pub(crate) unsafe fn enter(
    error: *mut *mut ottla_error_t,
    body: impl FnOnce() -> Result<(), Error>,
) -> ottla_status_t {
    enter_any(error, || body().map_err(ottla_error_t::from))
}

/// As [`enter`], for what may fail with an error made already.
pub(crate) unsafe fn enter_any(
    error: *mut *mut ottla_error_t,
    body: impl FnOnce() -> Result<(), ottla_error_t>,
) -> ottla_status_t {
    let outcome =
        catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(panicked(panic.as_ref()).into()));
    let (status, detail) = match outcome {
        Ok(()) => (ottla_status_t::OTTLA_OK, std::ptr::null_mut()),
        Err(failed) if error.is_null() => (failed.status(), std::ptr::null_mut()),
        Err(failed) => (failed.status(), Box::into_raw(Box::new(failed))),
    };
    if !error.is_null() {
        error.write(detail);
    }
    status
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Error::new(
        ErrorKind::Internal,
        "call the library",
        format!("the library panicked: {}", text.as_deref().unwrap_or("no text")),
    )
    .with_hint("this is a defect of the library: please report it with this text")
}

/// A timeout of the caller's.
pub(crate) fn timeout(milliseconds: i64) -> Result<Duration, Error> {
    u64::try_from(milliseconds)
        .map(Duration::from_millis)
        .map_err(|_| argument("timeout_ms", "a timeout cannot be negative"))
}

/// A point in time that waiting ends at.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    #[allow(clippy::disallowed_methods)] // A thread of the host is held up, which no simulation does.
    pub(crate) fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    #[allow(clippy::disallowed_methods)]
    pub(crate) fn left(self) -> Duration {
        self.0.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

/// Waits on the calling thread, for `at_most` that long.
pub(crate) fn wait<T: Send + 'static>(
    mut operation: Operation<T>,
    at_most: Duration,
    doing: &'static str,
) -> Result<T, Error> {
    operation.wait(at_most).unwrap_or_else(|| {
        Err(Error::timeout(doing, format!("there is no answer after {at_most:?}"))
            .with_hint("give the call a longer timeout_ms"))
    })
}

/// Waits for a closing that has `timeout` itself and may take a moment more to say what it gave up.
pub(crate) fn wait_closing(
    operation: Operation<()>,
    timeout: Duration,
    doing: &'static str,
) -> Result<(), Error> {
    wait(operation, timeout.saturating_add(Duration::from_millis(500)), doing)
}
