//! Waking an environment's event loop from any thread, and holding it open while something is under way.
//!
//! One threadsafe function for each environment; JavaScript that runs on it takes everything that is ready. The function
//! does not hold the loop open unless [`Wake::hold`] says so.
#![allow(unsafe_code)] // Node-API; see `crate::js`.

use crate::js::{Env, Value};
use crate::thrown::Thrown;
use napi_sys as sys;
use parking_lot::Mutex;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The way to an event loop; harmless once the environment has ended.
#[derive(Default)]
pub(crate) struct Wake {
    /// Node frees it with the environment: it is only used under the lock, and is gone before that happens.
    function: Mutex<Option<Threadsafe>>,
    /// A wake-up is on its way.
    pending: AtomicBool,
}

struct Threadsafe(sys::napi_threadsafe_function);

// SAFETY: threadsafe functions are called from any thread; that is what they are for.
unsafe impl Send for Threadsafe {}

impl Wake {
    /// Calls `on_wake` on the environment's thread whenever [`Self::wake`] was called.
    pub(crate) fn install(self: &Arc<Self>, env: Env<'_>, on_wake: Value<'_>) -> Result<(), Thrown> {
        let name = env.text("ottla")?;
        // One count of the Arc for the two callbacks, which `ended` gives back: Node calls it last.
        let context = Arc::into_raw(Arc::clone(self)).cast_mut().cast::<c_void>();
        let mut function = ptr::null_mut();
        // SAFETY: the environment and the values are those of the call under way; the context lives until `ended`.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                on_wake.raw(),
                ptr::null_mut(),
                name.raw(),
                0,
                1,
                context,
                Some(ended),
                context,
                Some(woken),
                &raw mut function,
            )
        };
        if status != sys::Status::napi_ok {
            // SAFETY: Node did not take it.
            drop(unsafe { Arc::from_raw(context.cast::<Self>().cast_const()) });
            return Err(Thrown::defect("Node gives no threadsafe function"));
        }
        *self.function.lock() = Some(Threadsafe(function));
        self.hold(env, false)
    }

    /// Runs the JavaScript soon. From any thread; never waits.
    pub(crate) fn wake(&self) {
        if self.pending.swap(true, Ordering::AcqRel) {
            return;
        }
        if let Some(function) = &*self.function.lock() {
            // SAFETY: Node frees it only behind `ended`, which takes this lock first. Should the loop be closing, nobody
            // is left to be woken.
            unsafe {
                sys::napi_call_threadsafe_function(
                    function.0,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                )
            };
        }
    }

    /// Whether the loop stays alive for what is under way.
    pub(crate) fn hold(&self, env: Env<'_>, holds: bool) -> Result<(), Thrown> {
        let function = self.function.lock();
        let Some(function) = &*function else { return Ok(()) };
        // SAFETY: called on the environment's own thread, with its function.
        let status = unsafe {
            match holds {
                true => sys::napi_ref_threadsafe_function(env.raw(), function.0),
                false => sys::napi_unref_threadsafe_function(env.raw(), function.0),
            }
        };
        match status {
            sys::Status::napi_ok => Ok(()),
            _ => Err(Thrown::defect("Node does not hold its loop")),
        }
    }

    /// Nothing is woken any more.
    pub(crate) fn end(&self) {
        self.function.lock().take();
    }
}

/// On the environment's thread. Without an environment it is ending.
unsafe extern "C" fn woken(
    env: sys::napi_env,
    on_wake: sys::napi_value,
    context: *mut c_void,
    _: *mut c_void,
) {
    if env.is_null() || on_wake.is_null() {
        return;
    }
    // SAFETY: the context is there until `ended`.
    let wake = unsafe { &*context.cast::<Wake>() };
    // What becomes ready from here on wakes again.
    wake.pending.store(false, Ordering::Release);
    // SAFETY: on this thread, with values of this call. What the JavaScript throws goes the way of uncaught exceptions.
    unsafe {
        let mut receiver = ptr::null_mut();
        sys::napi_get_undefined(env, &raw mut receiver);
        let mut result = ptr::null_mut();
        let status = sys::napi_call_function(env, receiver, on_wake, 0, ptr::null(), &raw mut result);
        if status == sys::Status::napi_pending_exception {
            let mut exception = ptr::null_mut();
            if sys::napi_get_and_clear_last_exception(env, &raw mut exception) == sys::Status::napi_ok {
                sys::napi_fatal_exception(env, exception);
            }
        }
    }
}

/// The last that Node does with the function before it frees it.
unsafe extern "C" fn ended(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: the count that `install` set aside.
    let wake = unsafe { Arc::from_raw(data.cast::<Wake>().cast_const()) };
    wake.end();
}
