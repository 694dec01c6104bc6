//! Node-API as safe Rust: values in, values out, and no panic or error that crosses as anything but an exception.
//!
//! The only other unsafe code of the crate is [`crate::wake`]. Knows nothing of Kafka.
#![allow(unsafe_code)] // Every call of Node-API is one.

use crate::thrown::Thrown;
use napi_sys as sys;
use std::ffi::{CString, c_void};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// The code of exceptions whose message is an error's JSON (`ottla::facade::error_json`).
const CODE: &str = "OTTLA";
/// Arguments a function can take.
const MOST_ARGUMENTS: usize = 6;

/// What a client's native part is taken for by the collector, which sees of it a few bytes only: without, closed clients by the
/// thousand would wait for a collection that nothing else calls for.
const NATIVE_BYTES: i64 = 256 * 1024;

/// A function for JavaScript.
pub(crate) type Function = for<'e> fn(Env<'e>, &[Value<'e>]) -> Result<Value<'e>, Thrown>;

/// The JavaScript environment (the main one, or a worker's) during one call into it.
#[derive(Clone, Copy)]
pub(crate) struct Env<'e>(sys::napi_env, PhantomData<&'e ()>);

/// A value that lives as long as the call.
#[derive(Clone, Copy)]
pub(crate) struct Value<'e>(sys::napi_value, PhantomData<&'e ()>);

fn check(status: sys::napi_status, what: &str) -> Result<(), Thrown> {
    if status == sys::Status::napi_ok {
        Ok(())
    } else {
        Err(Thrown::defect(&format!("{what}: Node-API says {status}")))
    }
}

/// Makes a value by one call that writes it.
macro_rules! make {
    ($what:literal, |$result:ident| $call:expr) => {{
        let mut made = ptr::null_mut();
        let $result = &raw mut made;
        // SAFETY: the environment is that of the call under way, and Node writes the value before it returns.
        check(unsafe { $call }, $what).map(|()| Value(made, PhantomData))
    }};
}

impl<'e> Env<'e> {
    /// # Safety
    ///
    /// `raw` must be the environment of a call under way on this thread, for `'e`.
    pub(crate) unsafe fn from_raw(raw: sys::napi_env) -> Self {
        Self(raw, PhantomData)
    }

    pub(crate) fn raw(self) -> sys::napi_env {
        self.0
    }

    pub(crate) fn undefined(self) -> Result<Value<'e>, Thrown> {
        make!("undefined", |result| sys::napi_get_undefined(self.0, result))
    }

    pub(crate) fn number(self, number: f64) -> Result<Value<'e>, Thrown> {
        make!("a number", |result| sys::napi_create_double(self.0, number, result))
    }

    pub(crate) fn text(self, text: &str) -> Result<Value<'e>, Thrown> {
        make!("a text", |result| sys::napi_create_string_utf8(
            self.0,
            text.as_ptr().cast(),
            text.len() as isize,
            result
        ))
    }

    /// JSON text; the other side parses it, which is faster than building the value from here. Whole numbers that
    /// JavaScript's own would round are written as texts, which the other side does not take for numbers.
    pub(crate) fn json(self, json: &serde_json::Value) -> Result<Value<'e>, Thrown> {
        self.text(&crate::json::exact(json).to_string())
    }

    pub(crate) fn array(self, values: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
        let array =
            make!("an array", |result| sys::napi_create_array_with_length(self.0, values.len(), result))?;
        for (index, value) in values.iter().enumerate() {
            // SAFETY: as in `make!`; both values are of this call.
            check(unsafe { sys::napi_set_element(self.0, array.0, index as u32, value.0) }, "an element")?;
        }
        Ok(array)
    }

    /// An `ArrayBuffer` with a copy of `bytes`: memory that is JavaScript's own needs no finalizer and works where Node
    /// allows no foreign buffers (Electron).
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<Value<'e>, Thrown> {
        let mut data: *mut c_void = ptr::null_mut();
        let buffer = make!("a buffer", |result| sys::napi_create_arraybuffer(
            self.0,
            bytes.len(),
            &raw mut data,
            result
        ))?;
        if !bytes.is_empty() && !data.is_null() {
            // SAFETY: Node just made the buffer of that length, and nobody else has seen it.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), data.cast(), bytes.len()) };
        }
        Ok(buffer)
    }

    /// Hands `native` to JavaScript, whose collector drops it; the end of the environment does so, too.
    pub(crate) fn external<T: Send + 'static>(self, native: T) -> Result<Value<'e>, Thrown> {
        let data = Box::into_raw(Box::new(native));
        let made = make!("a handle", |result| {
            sys::napi_create_external(self.0, data.cast(), Some(drop_boxed::<T>), ptr::null_mut(), result)
        });
        match made.is_ok() {
            true => weigh(self.0, NATIVE_BYTES),
            // SAFETY: Node did not take it.
            false => drop(unsafe { Box::from_raw(data) }),
        }
        made
    }

    /// Takes back the exception that is pending after a call into Node that failed, if there is one.
    pub(crate) fn forget_exception(self) {
        let mut exception = ptr::null_mut();
        // SAFETY: the environment is that of the call under way. Without an exception Node gives `undefined`.
        unsafe { sys::napi_get_and_clear_last_exception(self.0, &raw mut exception) };
    }

    fn function(self, name: &str, function: &'static Function) -> Result<Value<'e>, Thrown> {
        let data: *mut c_void = ptr::from_ref(function).cast_mut().cast();
        make!("a function", |result| {
            sys::napi_create_function(
                self.0,
                name.as_ptr().cast(),
                name.len() as isize,
                Some(call),
                data,
                result,
            )
        })
    }

    /// Puts the functions into `exports`.
    pub(crate) fn export(
        self,
        exports: Value<'e>,
        functions: &'static [(&'static str, Function)],
    ) -> Result<(), Thrown> {
        for (name, function) in functions {
            let value = self.function(name, function)?;
            let name = CString::new(*name).map_err(|_| Thrown::defect("a name"))?;
            // SAFETY: as in `make!`; the name ends with a zero.
            check(
                unsafe { sys::napi_set_named_property(self.0, exports.0, name.as_ptr(), value.0) },
                "an export",
            )?;
        }
        Ok(())
    }

    /// Throws unless something is thrown already.
    pub(crate) fn throw(self, thrown: &Thrown) {
        let code = CString::new(CODE).unwrap_or_default();
        let text = CString::new(thrown.0.replace('\0', "")).unwrap_or_default();
        // SAFETY: both texts end with a zero and outlive the call. When it fails an exception is pending, which is as good.
        unsafe { sys::napi_throw_error(self.0, code.as_ptr(), text.as_ptr()) };
    }
}

impl<'e> Value<'e> {
    /// # Safety
    ///
    /// `raw` must be a value of the call under way, for `'e`.
    pub(crate) unsafe fn from_raw(raw: sys::napi_value) -> Self {
        Self(raw, PhantomData)
    }

    pub(crate) fn raw(self) -> sys::napi_value {
        self.0
    }

    pub(crate) fn to_number(self, env: Env<'e>) -> Result<f64, Thrown> {
        let mut number = 0.0;
        // SAFETY: the value is of this call.
        check(
            unsafe { sys::napi_get_value_double(env.0, self.0, &raw mut number) },
            "a number was expected",
        )?;
        Ok(number)
    }

    pub(crate) fn to_bool(self, env: Env<'e>) -> Result<bool, Thrown> {
        let mut flag = false;
        // SAFETY: the value is of this call.
        check(
            unsafe { sys::napi_get_value_bool(env.0, self.0, &raw mut flag) },
            "true or false was expected",
        )?;
        Ok(flag)
    }

    pub(crate) fn to_text(self, env: Env<'e>) -> Result<String, Thrown> {
        let mut length = 0;
        // SAFETY: without a buffer Node only says the length.
        let status =
            unsafe { sys::napi_get_value_string_utf8(env.0, self.0, ptr::null_mut(), 0, &raw mut length) };
        check(status, "a text was expected")?;
        let mut text = vec![0_u8; length + 1];
        // SAFETY: the buffer has the length that is told, with room for the zero at the end.
        let status = unsafe {
            sys::napi_get_value_string_utf8(
                env.0,
                self.0,
                text.as_mut_ptr().cast(),
                text.len(),
                &raw mut length,
            )
        };
        check(status, "a text was expected")?;
        text.truncate(length);
        String::from_utf8(text).map_err(|_| Thrown::defect("a text that is not UTF-8"))
    }

    pub(crate) fn to_json(self, env: Env<'e>) -> Result<serde_json::Value, Thrown> {
        serde_json::from_str(&self.to_text(env)?).map_err(|_| Thrown::defect("JSON was expected"))
    }

    /// The first `length` bytes of a `Uint8Array`, for the time of the call.
    pub(crate) fn with_bytes<R>(
        self,
        env: Env<'e>,
        length: usize,
        look: impl FnOnce(&[u8]) -> R,
    ) -> Result<R, Thrown> {
        let (mut kind, mut has, mut data) = (0, 0, ptr::null_mut());
        let (mut buffer, mut at) = (ptr::null_mut(), 0);
        // SAFETY: the value is of this call, and every place to write to is there.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                env.0,
                self.0,
                &raw mut kind,
                &raw mut has,
                &raw mut data,
                &raw mut buffer,
                &raw mut at,
            )
        };
        check(status, "bytes were expected")?;
        if kind != sys::TypedarrayType::uint8_array || has < length {
            return Err(Thrown::defect("bytes of that length were expected"));
        }
        if length == 0 || data.is_null() {
            return Ok(look(&[]));
        }
        // SAFETY: the array has at least that many bytes, and no JavaScript runs while they are looked at.
        Ok(look(unsafe { std::slice::from_raw_parts(data.cast(), length) }))
    }

    /// What [`Env::external`] was given. The package's own code passes the right handle to the right function; every
    /// handle is of the one type [`crate::handle::Handle`].
    pub(crate) fn to_native(self, env: Env<'e>) -> Result<&'e crate::handle::Handle, Thrown> {
        let mut data = ptr::null_mut();
        // SAFETY: the value is of this call; Node refuses what is no external.
        check(
            unsafe { sys::napi_get_value_external(env.0, self.0, &raw mut data) },
            "a handle was expected",
        )?;
        // SAFETY: externals of this crate are boxes of that type, and the collector keeps it while the call has it.
        unsafe { data.cast::<crate::handle::Handle>().as_ref() }
            .ok_or_else(|| Thrown::defect("an empty handle"))
    }
}

/// Tells the collector of so many bytes more, or less, behind its objects. It is a hint: nothing depends on its success.
fn weigh(env: sys::napi_env, bytes: i64) {
    let mut all = 0;
    // SAFETY: the environment is that of the call or the finalizer under way.
    unsafe { sys::napi_adjust_external_memory(env, bytes, &raw mut all) };
}

/// Drops what an external held.
unsafe extern "C" fn drop_boxed<T>(env: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    weigh(env, -NATIVE_BYTES);
    // SAFETY: Node calls this once, with what `external` boxed.
    let native = unsafe { Box::from_raw(data.cast::<T>()) };
    // A panic in here would be the library's defect; there is nobody left to tell.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(native)));
}

/// What every function goes through.
unsafe extern "C" fn call(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let mut arguments = [ptr::null_mut(); MOST_ARGUMENTS];
    let mut count = MOST_ARGUMENTS;
    let mut data = ptr::null_mut();
    // SAFETY: Node's own arguments, and places of the length that is told.
    let status = unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &raw mut count,
            arguments.as_mut_ptr(),
            ptr::null_mut(),
            &raw mut data,
        )
    };
    // SAFETY: a call is under way until this function returns.
    let env = unsafe { Env::from_raw(env) };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        check(status, "arguments")?;
        // SAFETY: the data is the static function that `function` gave.
        let function = unsafe { *data.cast::<Function>() };
        let values = arguments.map(|raw| Value(raw, PhantomData));
        function(env, &values[..count.min(MOST_ARGUMENTS)])
    }));
    match outcome {
        Ok(Ok(value)) => value.0,
        Ok(Err(thrown)) => {
            env.throw(&thrown);
            ptr::null_mut()
        }
        Err(_) => {
            env.throw(&Thrown::defect("the library panicked"));
            ptr::null_mut()
        }
    }
}
