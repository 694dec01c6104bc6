//! Pointers of the caller's: what they may be, what is behind them, and who owns it.

use ottla::{Error, ErrorKind};
use std::ffi::{CStr, CString, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A length that stands for "up to the NUL".
pub const OTTLA_NUL_TERMINATED: usize = usize::MAX;

/// Runs an entry that cannot fail, or whose failure is `otherwise`.
pub(crate) fn quietly<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
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
