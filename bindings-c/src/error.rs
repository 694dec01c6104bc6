//! Errors as C sees them: a handle with texts that were made when it was.

use crate::generated::{ottla_status_t, status_of};
use crate::pointers::{c_text, quietly, take_back};
use ottla::{Error, ErrorCode, ErrorKind};
use serde_json::Value;
use std::ffi::{CStr, CString, c_char};

/// What went wrong. Owned by whoever was given it through an `ottla_error_t **`: free it with ottla_error_free(). Its
/// texts live as long as it does. All its functions may be called from any thread and accept NULL, which is no error.
pub struct ottla_error_t {
    status: ottla_status_t,
    code: i32,
    text: CString,
    message: CString,
    operation: CString,
    hint: Option<CString>,
    context: Vec<(CString, CString)>,
    is_retriable: bool,
    is_fatal: bool,
    requires_abort: bool,
    is_outcome_unknown: bool,
}

impl From<Error> for ottla_error_t {
    fn from(error: Error) -> Self {
        Self {
            status: status_of(error.kind()),
            code: error.code().map_or(0, |code| i32::from(code.0)),
            text: c_text(&error.to_string()),
            message: c_text(error.message()),
            operation: c_text(error.operation()),
            hint: error.hint().map(c_text),
            context: error.context().map(|(name, value)| (c_text(name), c_text(value))).collect(),
            is_retriable: error.is_retriable(),
            is_fatal: error.is_fatal(),
            requires_abort: error.requires_abort(),
            is_outcome_unknown: error.is_outcome_unknown(),
        }
    }
}

impl ottla_error_t {
    /// What `facade::error_json` wrote.
    pub(crate) fn from_json(json: &Value) -> Self {
        let text = |name: &str| c_text(json[name].as_str().unwrap_or_default());
        let flag = |name: &str| json[name].as_bool().unwrap_or_default();
        let kind = ErrorKind::ALL.iter().find(|kind| Some(kind.name()) == json["kind"].as_str());
        let context = json["context"].as_object().into_iter().flatten();
        Self {
            status: kind.map_or(ottla_status_t::OTTLA_INTERNAL_ERROR, |kind| status_of(*kind)),
            code: json["code"].as_i64().and_then(|code| i32::try_from(code).ok()).unwrap_or(0),
            text: text("text"),
            message: text("message"),
            operation: text("operation"),
            hint: json["hint"].as_str().map(c_text),
            context: context
                .map(|(name, value)| (c_text(name), c_text(value.as_str().unwrap_or_default())))
                .collect(),
            is_retriable: flag("retriable"),
            is_fatal: flag("fatal"),
            requires_abort: flag("requires_abort"),
            is_outcome_unknown: flag("outcome_unknown"),
        }
    }

    pub(crate) fn status(&self) -> ottla_status_t {
        self.status
    }
}

unsafe fn ask<T>(error: *const ottla_error_t, none: T, answer: impl FnOnce(&'static ottla_error_t) -> T) -> T
where
    T: Copy,
{
    // The reference ends with the call; what is returned points into the error, which the caller owns.
    quietly(none, || error.as_ref().map_or(none, answer))
}

/// Frees an error. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_free(error: *mut ottla_error_t) {
    take_back(error);
}

/// What sort of failure it is, that is: what a caller can do about it. OTTLA_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_status(error: *const ottla_error_t) -> ottla_status_t {
    ask(error, ottla_status_t::OTTLA_OK, |error| error.status)
}

/// The broker's error code, one of ottla_code_t or a newer one; OTTLA_CODE_NONE (0) when no broker sent one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_code(error: *const ottla_error_t) -> i32 {
    ask(error, 0, |error| error.code)
}

/// All of it in one line: operation, code, message, context, hint. "no error" for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_text(error: *const ottla_error_t) -> *const c_char {
    ask(error, c"no error".as_ptr(), |error| error.text.as_ptr())
}

/// What went wrong, without operation, context and hint. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_message(error: *const ottla_error_t) -> *const c_char {
    ask(error, std::ptr::null(), |error| error.message.as_ptr())
}

/// What was being done, as "send records". NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_operation(error: *const ottla_error_t) -> *const c_char {
    ask(error, std::ptr::null(), |error| error.operation.as_ptr())
}

/// What a person should do next; NULL when the library has no advice.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_hint(error: *const ottla_error_t) -> *const c_char {
    ask(error, std::ptr::null(), |error| error.hint.as_ref().map_or(std::ptr::null(), |hint| hint.as_ptr()))
}

/// How many facts the error carries: broker, topic, partition, group, offset …
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_context_count(error: *const ottla_error_t) -> usize {
    ask(error, 0, |error| error.context.len())
}

/// The name of a fact; NULL behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_context_name(
    error: *const ottla_error_t,
    index: usize,
) -> *const c_char {
    ask(error, std::ptr::null(), |error| {
        error.context.get(index).map_or(std::ptr::null(), |(name, _)| name.as_ptr())
    })
}

/// The value of a fact; NULL behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_context_value(
    error: *const ottla_error_t,
    index: usize,
) -> *const c_char {
    ask(error, std::ptr::null(), |error| {
        error.context.get(index).map_or(std::ptr::null(), |(_, value)| value.as_ptr())
    })
}

/// The value of the fact called `name`; NULL when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_context(
    error: *const ottla_error_t,
    name: *const c_char,
) -> *const c_char {
    ask(error, std::ptr::null(), |error| {
        if name.is_null() {
            return std::ptr::null();
        }
        let name = CStr::from_ptr(name);
        let found = error.context.iter().find(|(known, _)| known.as_c_str() == name);
        found.map_or(std::ptr::null(), |(_, value)| value.as_ptr())
    })
}

/// Whether the same call may succeed later without a change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_is_retriable(error: *const ottla_error_t) -> bool {
    ask(error, false, |error| error.is_retriable)
}

/// Whether the client must be closed: no later call of it can succeed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_is_fatal(error: *const ottla_error_t) -> bool {
    ask(error, false, |error| error.is_fatal)
}

/// Whether the open transaction can only be aborted; the producer stays usable afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_requires_abort(error: *const ottla_error_t) -> bool {
    ask(error, false, |error| error.requires_abort)
}

/// Whether what was asked for may have taken effect although it failed here.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_error_is_outcome_unknown(error: *const ottla_error_t) -> bool {
    ask(error, false, |error| error.is_outcome_unknown)
}

/// Kafka's name of an error code, as "NOT_LEADER_OR_FOLLOWER". Lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn ottla_code_name(code: i32) -> *const c_char {
    quietly(std::ptr::null(), || crate::generated::code_name(code))
}

/// Whether Kafka calls the code retriable: the same request may succeed later.
#[unsafe(no_mangle)]
pub extern "C" fn ottla_code_is_retriable(code: i32) -> bool {
    quietly(false, || i16::try_from(code).is_ok_and(|code| ErrorCode(code).is_retriable()))
}
