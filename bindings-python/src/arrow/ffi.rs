//! The structures of the Arrow C data and stream interfaces, and who frees what.
//!
//! A structure belongs to whoever holds it: a consumer moves it bit by bit and marks the original as released by clearing
//! `release`. So `release` frees everything behind a structure but never the structure itself, and dropping a structure
//! that was not moved releases it. Source: <https://arrow.apache.org/docs/format/CDataInterface.html>.
#![allow(unsafe_code)] // An interface of C: raw pointers are what it is made of.

use std::any::Any;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};

/// The field may have nulls.
const NULLABLE: i64 = 2;

/// `struct ArrowSchema`: the type of an array.
#[repr(C)]
pub(super) struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Self,
    dictionary: *mut Self,
    release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

/// `struct ArrowArray`: an array's buffers.
#[repr(C)]
pub(super) struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Self,
    dictionary: *mut Self,
    release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

/// `struct ArrowArrayStream`: record batches of one schema, one after the other.
#[repr(C)]
pub(super) struct Stream {
    get_schema: unsafe extern "C" fn(*mut Self, *mut Schema) -> c_int,
    get_next: unsafe extern "C" fn(*mut Self, *mut Array) -> c_int,
    get_last_error: unsafe extern "C" fn(*mut Self) -> *const c_char,
    release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

// SAFETY: what the pointers lead to is owned by the structure alone and is not bound to a thread.
unsafe impl Send for Schema {}
// SAFETY: as for `Schema`; the buffers' owners are `Send`.
unsafe impl Send for Array {}
// SAFETY: as for `Schema`; the batch inside is `Send`.
unsafe impl Send for Stream {}

/// Structures of their own on the heap, as their parent's `children`. A child may have been moved out by then, which its
/// `release` says.
struct Children<T>(Vec<*mut T>);

impl<T> Children<T> {
    fn new(children: Vec<T>) -> Self {
        Self(children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect())
    }
}

impl<T> Drop for Children<T> {
    fn drop(&mut self) {
        for child in self.0.drain(..) {
            // SAFETY: made by `Box::into_raw` in `new`, and given back once, here.
            drop(unsafe { Box::from_raw(child) });
        }
    }
}

impl Schema {
    /// A field of this format, with these fields inside.
    pub(super) fn new(
        format: &'static CStr,
        name: &'static CStr,
        nullable: bool,
        children: Vec<Self>,
    ) -> Self {
        let mut children = Box::new(Children::new(children));
        Self {
            format: format.as_ptr(),
            name: name.as_ptr(),
            metadata: null(),
            flags: if nullable { NULLABLE } else { 0 },
            n_children: children.0.len() as i64,
            children: children.0.as_mut_ptr(),
            dictionary: null_mut(),
            release: Some(release_schema),
            private_data: Box::into_raw(children).cast(),
        }
    }
}

unsafe extern "C" fn release_schema(schema: *mut Schema) {
    // SAFETY: called once, by the structure's owner, with the structure made by `Schema::new`, whose private data this is.
    unsafe {
        drop(Box::from_raw((*schema).private_data.cast::<Children<Schema>>()));
        (*schema).release = None;
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: not released and not moved, so this is its owner.
            unsafe { release(self) };
        }
    }
}

/// What an array's pointers lead to.
struct Held {
    children: Children<Array>,
    pointers: Vec<*const c_void>,
    /// The buffers' memory.
    _owners: Vec<Box<dyn Any + Send>>,
}

/// A buffer: its first byte, and what keeps it.
pub(super) struct Buffer(*const c_void, Option<Box<dyn Any + Send>>);

impl Buffer {
    /// The buffer that is left out where nothing is null.
    pub(super) const NONE: Self = Self(null(), None);

    pub(super) fn of<T: Send + 'static>(values: Vec<T>) -> Self {
        Self(values.as_ptr().cast(), Some(Box::new(values)))
    }
}

impl Array {
    /// An array of this many items.
    pub(super) fn new(length: usize, null_count: usize, buffers: Vec<Buffer>, children: Vec<Self>) -> Self {
        let (pointers, owners): (Vec<_>, Vec<_>) =
            buffers.into_iter().map(|Buffer(at, owner)| (at, owner)).unzip();
        let mut held = Box::new(Held {
            children: Children::new(children),
            pointers,
            _owners: owners.into_iter().flatten().collect(),
        });
        Self {
            length: length as i64,
            null_count: null_count as i64,
            offset: 0,
            n_buffers: held.pointers.len() as i64,
            n_children: held.children.0.len() as i64,
            buffers: held.pointers.as_mut_ptr(),
            children: held.children.0.as_mut_ptr(),
            dictionary: null_mut(),
            release: Some(release_array),
            private_data: Box::into_raw(held).cast(),
        }
    }

    /// Released: the end of a stream.
    const fn released() -> Self {
        Self {
            length: 0,
            null_count: 0,
            offset: 0,
            n_buffers: 0,
            n_children: 0,
            buffers: null_mut(),
            children: null_mut(),
            dictionary: null_mut(),
            release: None,
            private_data: null_mut(),
        }
    }
}

unsafe extern "C" fn release_array(array: *mut Array) {
    // SAFETY: called once, by the structure's owner, with the structure made by `Array::new`, whose private data this is.
    unsafe {
        drop(Box::from_raw((*array).private_data.cast::<Held>()));
        (*array).release = None;
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: not released and not moved, so this is its owner.
            unsafe { release(self) };
        }
    }
}

/// What a stream gives.
struct Source {
    schema: fn() -> Schema,
    batch: Option<Array>,
}

impl Stream {
    /// A stream of this one batch, or of none.
    pub(super) fn of(schema: fn() -> Schema, batch: Option<Array>) -> Self {
        Self {
            get_schema: stream_schema,
            get_next: stream_next,
            get_last_error: stream_error,
            release: Some(release_stream),
            private_data: Box::into_raw(Box::new(Source { schema, batch })).cast(),
        }
    }
}

unsafe extern "C" fn stream_schema(stream: *mut Stream, out: *mut Schema) -> c_int {
    // SAFETY: a stream that is not released, and memory for a structure whose old content means nothing.
    unsafe {
        let source = (*stream).private_data.cast::<Source>();
        out.write(((*source).schema)());
    }
    0
}

unsafe extern "C" fn stream_next(stream: *mut Stream, out: *mut Array) -> c_int {
    // SAFETY: as in `stream_schema`; a stream is used by one thread at a time.
    unsafe {
        let source = (*stream).private_data.cast::<Source>();
        out.write((*source).batch.take().unwrap_or(Array::released()));
    }
    0
}

/// Nothing here fails.
unsafe extern "C" fn stream_error(_: *mut Stream) -> *const c_char {
    null()
}

unsafe extern "C" fn release_stream(stream: *mut Stream) {
    // SAFETY: called once, by the structure's owner, with the structure made by `Stream::of`, whose private data this is.
    unsafe {
        drop(Box::from_raw((*stream).private_data.cast::<Source>()));
        (*stream).release = None;
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: not released and not moved, so this is its owner.
            unsafe { release(self) };
        }
    }
}
