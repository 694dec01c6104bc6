//! What every entry does: catch panics, judge arguments, hand errors out, wait by a deadline.

use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use crate::record::OTTLA_NUL_TERMINATED;
use ottla::facade::Operation;
use ottla::{Error, ErrorKind};
use std::any::Any;
use std::ffi::{CStr, CString, c_char, c_void};
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

/// Runs an entry that cannot fail, or whose failure is `otherwise`.
pub(crate) fn quietly<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
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

/// An argument that cannot be.
pub(crate) fn argument(name: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidArgument, "call the library", message).with_context("argument", name)
}

/// What a handle points to.
pub(crate) unsafe fn handle<'a, T>(pointer: *const T, name: &'static str) -> Result<&'a T, Error> {
    pointer.as_ref().ok_or_else(|| argument(name, "it is NULL"))
}

/// Where a result goes.
pub(crate) unsafe fn out<'a, T>(pointer: *mut T, name: &'static str) -> Result<&'a mut T, Error> {
    pointer.as_mut().ok_or_else(|| argument(name, "it is NULL; there is nowhere to put the result"))
}

/// A text that ends in NUL.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, name: &'static str) -> Result<&'a str, Error> {
    optional_text(pointer, name)?.ok_or_else(|| argument(name, "it is NULL"))
}

/// A text that ends in NUL, or none.
pub(crate) unsafe fn optional_text<'a>(
    pointer: *const c_char,
    name: &'static str,
) -> Result<Option<&'a str>, Error> {
    if pointer.is_null() {
        return Ok(None);
    }
    let text = CStr::from_ptr(pointer).to_str();
    text.map(Some).map_err(|error| argument(name, "the text is not UTF-8").with_source(error))
}

/// `count` values behind `pointer`.
pub(crate) unsafe fn slice<'a, T>(
    pointer: *const T,
    count: usize,
    name: &'static str,
) -> Result<&'a [T], Error> {
    match (pointer.is_null(), count) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(argument(name, "it is NULL, but its count is not 0")),
        (false, _) if count > isize::MAX as usize / size_of::<T>().max(1) => {
            Err(argument(name, "there cannot be so many"))
        }
        (false, _) => Ok(std::slice::from_raw_parts(pointer, count)),
    }
}

/// Bytes: NULL is null, [`OTTLA_NUL_TERMINATED`] measures up to the NUL.
pub(crate) unsafe fn bytes<'a>(
    data: *const c_void,
    len: usize,
    name: &'static str,
) -> Result<Option<&'a [u8]>, Error> {
    match (data.is_null(), len) {
        (true, 0 | OTTLA_NUL_TERMINATED) => Ok(None),
        (true, _) => Err(argument(name, "it is NULL, but its length is not 0")),
        (false, OTTLA_NUL_TERMINATED) => Ok(Some(CStr::from_ptr(data.cast()).to_bytes())),
        (false, _) => slice(data.cast::<u8>(), len, name).map(Some),
    }
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

/// A text for C; a NUL inside, which C cannot see past, becomes U+FFFD.
pub(crate) fn c_text(text: &str) -> CString {
    CString::new(text).unwrap_or_else(|_| CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default())
}

/// Gives a handle to the caller.
pub(crate) fn give<T>(to: &mut *mut T, value: T) {
    *to = Box::into_raw(Box::new(value));
}

/// Takes a handle back and drops it; NULL is nothing.
pub(crate) unsafe fn take_back<T>(pointer: *mut T) {
    if !pointer.is_null() {
        quietly((), || drop(Box::from_raw(pointer)));
    }
}
