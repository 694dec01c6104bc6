//! The admin client: its handle, and the ways of values through JSON that the generated operations go.

use crate::boundary::{enter, timeout, wait, wait_closing};
use crate::config::{options, ottla_config_t};
use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use crate::pointers::{argument, c_text, give, handle, optional_text, out, quietly, slice, take_back, text};
use ottla::facade::Admin;
use ottla::{Error, ErrorKind};
use serde_json::{Map, Value};
use std::any::Any;
use std::ffi::{c_char, c_void};

/// Administers a cluster. Made by ottla_admin_new(), owned by the caller: free it with ottla_admin_free(). Thread-safe but
/// for that.
pub struct ottla_admin_t {
    admin: Admin,
}

/// Makes an admin client; `config` is copied. It connects in the background. `*admin` is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_new(
    config: *const ottla_config_t,
    admin: *mut *mut ottla_admin_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let admin = out(admin, "admin")?;
        *admin = std::ptr::null_mut();
        give(admin, ottla_admin_t { admin: Admin::start(options(config)?)? });
        Ok(())
    })
}

/// Closes all connections, by `timeout_ms`; calls under way end with OTTLA_CLOSED. Does not free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_close(
    admin: *mut ottla_admin_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let patience = timeout(timeout_ms)?;
        wait_closing(handle(admin, "admin")?.admin.close(patience), patience, "close the admin client")
    })
}

/// Frees the handle, at once, closing connections. No other call of it may be under way. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_free(admin: *mut ottla_admin_t) {
    take_back(admin);
}

/// What a result's values point to: vectors, because a pointer into a box that is moved afterwards counts as dangling.
#[derive(Default)]
pub(crate) struct Arena(Vec<Box<dyn Any>>);

impl Arena {
    /// Keeps a value; where it is.
    pub(crate) fn keep<T: 'static>(&mut self, value: T) -> *const T {
        self.keep_all(vec![value]).0
    }

    fn c_text(&mut self, text: &str) -> *const c_char {
        self.keep_all(c_text(text).into_bytes_with_nul()).0.cast()
    }

    /// A text; NULL for null.
    pub(crate) fn text(&mut self, json: &Value) -> Result<*const c_char, Error> {
        match json {
            Value::Null => Ok(std::ptr::null()),
            Value::String(text) => Ok(self.c_text(text)),
            _ => Err(unexpected("a text")),
        }
    }

    /// An error; NULL for null.
    pub(crate) fn error(&mut self, json: &Value) -> *const ottla_error_t {
        if json.is_null() { std::ptr::null() } else { self.keep(ottla_error_t::from_json(json)) }
    }

    /// The elements of an array; NULL for null, and not NULL for none.
    pub(crate) fn list<T: 'static>(
        &mut self,
        json: &Value,
        mut one: impl FnMut(&Value, &mut Self) -> Result<T, Error>,
    ) -> Result<(*const T, usize), Error> {
        let elements = match json {
            Value::Null => return Ok((std::ptr::null(), 0)),
            Value::Array(elements) => elements,
            _ => return Err(unexpected("a list")),
        };
        let items: Result<Vec<T>, Error> = elements.iter().map(|element| one(element, self)).collect();
        Ok(self.keep_all(items?))
    }

    /// The members of an object, each with its name.
    pub(crate) fn map<T: Named + 'static>(
        &mut self,
        json: &Value,
        mut one: impl FnMut(&Value, &mut Self) -> Result<T, Error>,
    ) -> Result<(*const T, usize), Error> {
        let members = match json {
            Value::Null => return Ok((std::ptr::null(), 0)),
            Value::Object(members) => members,
            _ => return Err(unexpected("an object")),
        };
        let mut items = Vec::with_capacity(members.len());
        for (name, member) in members {
            let mut item = one(member, self)?;
            item.set_name(self.c_text(name));
            items.push(item);
        }
        Ok(self.keep_all(items))
    }

    fn keep_all<T: 'static>(&mut self, items: Vec<T>) -> (*const T, usize) {
        let place = (items.as_ptr(), items.len());
        self.0.push(Box::new(items));
        place
    }
}

/// An entry of a map.
pub(crate) trait Named {
    fn set_name(&mut self, name: *const c_char);
}

fn unexpected(wanted: &str) -> Error {
    Error::new(
        ErrorKind::Internal,
        "call the admin client",
        format!("the client gave no {wanted} where one is due"),
    )
}

pub(crate) fn told_bool(json: &Value) -> Result<bool, Error> {
    json.as_bool().ok_or_else(|| unexpected("flag"))
}

pub(crate) fn told_number<T: TryFrom<i64>>(json: &Value) -> Result<T, Error> {
    json.as_i64().and_then(|number| T::try_from(number).ok()).ok_or_else(|| unexpected("number"))
}

/// The number of a word; 0 for null and for words this version does not know.
pub(crate) fn told_word(json: &Value, words: &[&str]) -> i32 {
    let place = json.as_str().and_then(|word| words.iter().position(|known| *known == word));
    place.and_then(|place| i32::try_from(place + 1).ok()).unwrap_or(0)
}

/// A value that means nothing, beside an error.
pub(crate) fn zeroed<T: Copy>() -> T {
    // SAFETY: the generated structs are made of pointers, numbers, flags and structs of those, all of which may be zero.
    unsafe { std::mem::zeroed() }
}

pub(crate) unsafe fn given_text(given: *const c_char, name: &'static str) -> Result<Value, Error> {
    Ok(text(given, name)?.into())
}

#[allow(dead_code)] // Whether an operation takes one, the table says.
pub(crate) unsafe fn given_optional_text(given: *const c_char, name: &'static str) -> Result<Value, Error> {
    Ok(optional_text(given, name)?.map_or(Value::Null, Value::from))
}

#[allow(dead_code)] // Whether an operation takes one, the table says.
pub(crate) fn given_word(given: i32, words: &[&str], name: &'static str) -> Result<Value, Error> {
    let place = usize::try_from(given).ok().and_then(|number| number.checked_sub(1));
    let word = place.and_then(|place| words.get(place));
    word.map(|word| Value::from(*word))
        .ok_or_else(|| argument(name, "there is no such value").with_context("value", given))
}

pub(crate) unsafe fn given_list<'a, T: 'a>(
    items: *const T,
    count: usize,
    name: &'static str,
    one: impl FnMut(&'a T) -> Result<Value, Error>,
) -> Result<Value, Error> {
    slice(items, count, name)?.iter().map(one).collect()
}

pub(crate) unsafe fn given_map<'a, T: 'a>(
    items: *const T,
    count: usize,
    name: &'static str,
    mut one: impl FnMut(&'a T) -> Result<(*const c_char, Value), Error>,
) -> Result<Value, Error> {
    let mut object = Map::new();
    for item in slice(items, count, name)? {
        let (key, value) = one(item)?;
        object.insert(text(key, name)?.to_owned(), value);
    }
    Ok(Value::Object(object))
}

pub(crate) unsafe fn argument_struct<'a, T>(arguments: *const T) -> Result<&'a T, Error> {
    handle(arguments, "arguments")
}

/// Does an operation by the deadline.
pub(crate) unsafe fn call(
    admin: *mut ottla_admin_t,
    operation: &'static str,
    mut arguments: Value,
    timeout_ms: i64,
    told_ms: Option<i64>,
) -> Result<Value, Error> {
    let admin = handle(admin, "admin")?;
    let at_most = timeout(timeout_ms)?;
    if let (Some(told_ms), Value::Object(object)) = (told_ms, &mut arguments) {
        object.insert("timeout".to_owned(), told_ms.into());
    }
    // The client's own timeout comes first and says more.
    let slack = std::time::Duration::from_millis(500);
    wait(admin.admin.call(operation, arguments), at_most.saturating_add(slack), operation)
}

/// Nothing yet.
pub(crate) unsafe fn begin<T>(result: *mut *const T) -> Result<(), Error> {
    *out(result, "result")? = std::ptr::null();
    Ok(())
}

/// A result with what it points to. Callers have a pointer to `value`; what is in front of it is found from there.
#[repr(C, align(16))]
struct Root<T> {
    arena: *mut Arena,
    drop_root: unsafe fn(*mut c_void),
    value: T,
}

unsafe fn drop_root<T>(root: *mut c_void) {
    let root = Box::from_raw(root.cast::<Root<T>>());
    drop(Box::from_raw(root.arena));
}

/// Gives the caller what `read` makes of the JSON.
pub(crate) unsafe fn give_result<T: 'static>(
    result: *mut *const T,
    json: &Value,
    read: impl FnOnce(&Value, &mut Arena) -> Result<T, Error>,
) -> Result<(), Error> {
    const { assert!(std::mem::offset_of!(Root<T>, value) == FRONT) };
    let mut arena = Arena::default();
    let value = read(json, &mut arena)?;
    let arena = Box::into_raw(Box::new(arena));
    let root = Box::into_raw(Box::new(Root { arena, drop_root: drop_root::<T>, value }));
    result.write(&raw const (*root).value);
    Ok(())
}

/// How far in front of its value a root begins.
const FRONT: usize = 16;

/// Frees what an admin call gave through `result`, with everything it points to. NULL is accepted; anything else must be
/// such a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_result_free(result: *const c_void) {
    if result.is_null() {
        return;
    }
    quietly((), || {
        let root = result.cast_mut().byte_sub(FRONT);
        let drop_root = (*root.cast::<Root<()>>()).drop_root;
        drop_root(root);
    });
}

/// The error of the first item that failed.
pub(crate) fn first_failure(json: &Value) -> Result<(), ottla_error_t> {
    let failed =
        json.as_array().into_iter().flatten().map(|item| &item["error"]).find(|error| !error.is_null());
    failed.map_or(Ok(()), |error| Err(ottla_error_t::from_json(error)))
}
