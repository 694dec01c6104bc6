//! Who frees what of the Arrow structures, seen by a consumer in C, which knows their layout and nothing else. Miri watches
//! these tests, too (`cargo run -p xtask -- miri`).
#![allow(unsafe_code)] // What is tested is an interface of C.
#![allow(clippy::unwrap_used, dead_code)] // A test; and a library's file without the library around it.

#[path = "../src/arrow/ffi.rs"]
mod ffi;

use ffi::{Array, Buffer, Schema, Stream};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::Arc;

/// `struct ArrowSchema` as its specification has it.
#[repr(C)]
struct CSchema {
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

/// `struct ArrowArray`.
#[repr(C)]
struct CArray {
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

/// `struct ArrowArrayStream`.
#[repr(C)]
struct CStream {
    get_schema: unsafe extern "C" fn(*mut Self, *mut CSchema) -> c_int,
    get_next: unsafe extern "C" fn(*mut Self, *mut CArray) -> c_int,
    get_last_error: unsafe extern "C" fn(*mut Self) -> *const c_char,
    release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

/// A batch of two columns, each with two numbers; `watch` is held twice more while the memory of a column is there.
fn batch(watch: &Arc<()>) -> Array {
    let column = |first: u64| {
        let values = vec![first, first + 1];
        let kept: Vec<Arc<()>> = vec![Arc::clone(watch), Arc::clone(watch)];
        Array::new(2, 0, vec![Buffer::NONE, Buffer::of(values), Buffer::of(kept)], Vec::new())
    };
    Array::new(2, 0, vec![Buffer::NONE], vec![column(10), column(20)])
}

fn schema() -> Schema {
    let field = |name| Schema::new(c"L", name, false, Vec::new());
    Schema::new(c"+s", c"", false, vec![field(c"offset"), field(c"timestamp")])
}

/// Moves a structure out of where it is, as the specification asks of a consumer.
unsafe fn taken(array: *mut CArray) -> CArray {
    // SAFETY: a valid structure by the caller's promise; its original is marked as released.
    unsafe {
        let moved = std::ptr::read(array);
        (*array).release = None;
        moved
    }
}

unsafe fn released(array: &mut CArray) {
    // SAFETY: the caller owns it.
    unsafe { array.release.unwrap()(array) };
    assert!(array.release.is_none(), "releasing marks it");
}

#[test]
fn what_nobody_took_is_freed_with_its_holder() {
    let watch = Arc::new(());
    let array = batch(&watch);
    assert_eq!(Arc::strong_count(&watch), 5);
    drop(array);
    assert_eq!(Arc::strong_count(&watch), 1);
    drop(Stream::of(schema, Some(batch(&watch))));
    assert_eq!(Arc::strong_count(&watch), 1);
    drop(schema());
}

#[test]
fn a_column_that_was_moved_out_outlives_its_batch() {
    let watch = Arc::new(());
    let mut array = batch(&watch);
    // SAFETY: the layout is the specification's, and the batch has two columns.
    let mut column = unsafe { taken(*(*(&raw mut array).cast::<CArray>()).children.add(1)) };
    drop(array);
    assert_eq!(Arc::strong_count(&watch), 3, "one of the columns is still there");
    // SAFETY: the second buffer has two numbers.
    let values = unsafe { std::slice::from_raw_parts((*column.buffers.add(1)).cast::<u64>(), 2) };
    assert_eq!(values, [20, 21]);
    // SAFETY: it was moved here.
    unsafe { released(&mut column) };
    assert_eq!(Arc::strong_count(&watch), 1);
}

#[test]
fn a_stream_gives_its_schema_as_often_as_asked_its_batch_once_and_then_its_end() {
    let watch = Arc::new(());
    let mut stream = Stream::of(schema, Some(batch(&watch)));
    let stream_c = (&raw mut stream).cast::<CStream>();
    for _ in 0..2 {
        let mut told = MaybeUninit::<CSchema>::uninit();
        // SAFETY: a stream that is not released; the schema is read after the stream wrote it, and released once.
        unsafe {
            assert_eq!(((*stream_c).get_schema)(stream_c, told.as_mut_ptr()), 0);
            let told = told.assume_init_mut();
            assert_eq!(CStr::from_ptr(told.format), c"+s");
            assert_eq!(told.n_children, 2);
            assert_eq!(CStr::from_ptr((**told.children.add(1)).name), c"timestamp");
            told.release.unwrap()(told);
        }
    }
    let next = || {
        let mut found = MaybeUninit::<CArray>::uninit();
        // SAFETY: as above.
        unsafe {
            assert_eq!(((*stream_c).get_next)(stream_c, found.as_mut_ptr()), 0);
            found.assume_init()
        }
    };
    let mut first = next();
    assert_eq!((first.length, first.n_children), (2, 2));
    assert!(next().release.is_none(), "that was all");
    // SAFETY: a stream that is not released.
    unsafe { (*stream_c).release.unwrap()(stream_c) };
    assert_eq!(Arc::strong_count(&watch), 5, "the batch outlives its stream");
    // SAFETY: the stream gave it away.
    unsafe { released(&mut first) };
    assert_eq!(Arc::strong_count(&watch), 1);
}
