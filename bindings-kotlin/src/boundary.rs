//! What every entry does: catch panics, turn errors into exceptions, move bytes between Java's heap and ours.

use jni_sys::{JNI_TRUE, JNIEnv, jbyteArray, jclass, jint, jobject, jobjectArray};
use ottla::facade::error_json;
use ottla::{Error, ErrorKind};
use std::any::Any;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the exception holds is the error's JSON; Kotlin makes the public exception from it.
const FAILURE: &std::ffi::CStr = c"dev/ottla/internal/NativeFailure";

/// The JVM as the calling thread sees it. Lives for the length of an entry.
#[derive(Clone, Copy)]
pub(crate) struct Jvm(*mut JNIEnv);

macro_rules! call {
    ($jvm:expr, $function:ident $(, $argument:expr)*) => {
        // SAFETY: the pointer was given by the JVM to the entry that runs, for the thread that runs it, and every JVM that
        // loads the library (17 and later) has this function. The arguments are what the wrapper around it was given by
        // the JVM in the same entry, or memory of ours of the length passed along.
        unsafe { ((**$jvm.0).v1_4.$function)($jvm.0 $(, $argument)*) }
    };
}

/// Runs an entry: an error or a panic becomes a Java exception, and `otherwise` is returned, which Java never sees.
pub(crate) fn enter<T>(env: *mut JNIEnv, otherwise: T, body: impl FnOnce(Jvm) -> Result<T, Error>) -> T {
    let jvm = Jvm(env);
    let outcome =
        catch_unwind(AssertUnwindSafe(|| body(jvm))).unwrap_or_else(|panic| Err(panicked(panic.as_ref())));
    outcome.unwrap_or_else(|error| {
        jvm.throw(&error);
        otherwise
    })
}

/// An error as the bytes Kotlin reads.
pub(crate) fn error_text(error: &Error) -> String {
    error_json(error).to_string()
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
pub(crate) fn argument(name: &'static str, problem: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidArgument, "call the library", problem).with_context("argument", name)
}

fn out_of_memory() -> Error {
    Error::new(ErrorKind::Internal, "call the library", "the JVM has no memory left")
}

impl Jvm {
    fn throw(self, error: &Error) {
        if call!(self, ExceptionCheck) == JNI_TRUE {
            return;
        }
        let class = call!(self, FindClass, FAILURE.as_ptr());
        if class.is_null() {
            // FindClass has thrown what will be seen instead.
            return;
        }
        // The JVM reads modified UTF-8; ASCII, as which JSON can say everything, is the same in both.
        let text = CString::new(ascii(&error_text(error))).unwrap_or_default();
        call!(self, ThrowNew, class, text.as_ptr());
    }

    /// The bytes of an array.
    pub(crate) fn bytes(self, array: jbyteArray, name: &'static str) -> Result<Vec<u8>, Error> {
        if array.is_null() {
            return Err(argument(name, "it is null"));
        }
        let length = call!(self, GetArrayLength, array);
        let mut bytes = vec![0_u8; usize::try_from(length).unwrap_or_default()];
        call!(self, GetByteArrayRegion, array, 0, length, bytes.as_mut_ptr().cast());
        Ok(bytes)
    }

    /// The text of an array of UTF-8.
    pub(crate) fn text(self, array: jbyteArray, name: &'static str) -> Result<String, Error> {
        let bytes = self.bytes(array, name)?;
        String::from_utf8(bytes).map_err(|error| argument(name, "the text is not UTF-8").with_source(error))
    }

    /// What a direct buffer has in its first `length` bytes, given to `look` while this entry runs.
    pub(crate) fn buffer<T>(
        self,
        buffer: jobject,
        length: jint,
        look: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if buffer.is_null() {
            return Err(argument("block", "it is null"));
        }
        let (start, capacity) =
            (call!(self, GetDirectBufferAddress, buffer), call!(self, GetDirectBufferCapacity, buffer));
        let length = usize::try_from(length).map_err(|_| argument("length", "it is negative"))?;
        if start.is_null() || usize::try_from(capacity).is_ok_and(|capacity| capacity < length) {
            return Err(argument("block", "it is no direct buffer of that length"));
        }
        // SAFETY: the buffer is an argument of the entry that runs, which keeps it alive; its owner holds the lock under
        // which it is written, and was just seen to have so many bytes.
        look(unsafe { std::slice::from_raw_parts(start.cast::<u8>(), length) })
    }

    /// A new array of these bytes.
    pub(crate) fn new_bytes(self, bytes: &[u8]) -> Result<jbyteArray, Error> {
        let length = jint::try_from(bytes.len()).map_err(|_| out_of_memory())?;
        let array = call!(self, NewByteArray, length);
        if array.is_null() {
            return Err(out_of_memory());
        }
        call!(self, SetByteArrayRegion, array, 0, length, bytes.as_ptr().cast());
        Ok(array)
    }

    /// A new array of these numbers.
    pub(crate) fn new_longs(self, numbers: &[i64]) -> Result<jobject, Error> {
        let length = jint::try_from(numbers.len()).map_err(|_| out_of_memory())?;
        let array = call!(self, NewLongArray, length);
        if array.is_null() {
            return Err(out_of_memory());
        }
        call!(self, SetLongArrayRegion, array, 0, length, numbers.as_ptr());
        Ok(array)
    }

    /// A new array of objects, all null at first.
    pub(crate) fn new_objects(self, count: usize) -> Result<jobjectArray, Error> {
        let count = jint::try_from(count).map_err(|_| out_of_memory())?;
        let class: jclass = call!(self, FindClass, c"java/lang/Object".as_ptr());
        if class.is_null() {
            return Err(out_of_memory());
        }
        let array = call!(self, NewObjectArray, count, class, std::ptr::null_mut());
        call!(self, DeleteLocalRef, class);
        if array.is_null() { Err(out_of_memory()) } else { Ok(array) }
    }

    /// Puts an object into an array, which holds it from then on.
    pub(crate) fn put(self, array: jobjectArray, index: usize, object: jobject) {
        call!(self, SetObjectArrayElement, array, index as jint, object);
        call!(self, DeleteLocalRef, object);
    }
}

/// JSON with everything beyond ASCII escaped.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}
