//! Options by Kafka's names.

use crate::boundary::enter;
use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use crate::pointers::{argument, handle, optional_text, quietly, take_back, text};
use ottla::Error;
use parking_lot::Mutex;
use std::ffi::c_char;

/// Options by Kafka's names, as "bootstrap.servers". A client copies them when it is made, so one may serve many clients;
/// names and values are checked then. Owned by the caller: free it with ottla_config_free(). Thread-safe.
pub struct ottla_config_t {
    options: Mutex<Vec<(String, String)>>,
    /// What was wrong when it was made.
    fault: Option<Error>,
}

/// The options of a config, none for NULL.
pub(crate) unsafe fn options(config: *const ottla_config_t) -> Result<Vec<(String, String)>, Error> {
    match config.as_ref() {
        None => Ok(Vec::new()),
        Some(ottla_config_t { fault: Some(fault), .. }) => Err(fault.clone()),
        Some(config) => Ok(config.options.lock().clone()),
    }
}

/// An empty set of options, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn ottla_config_new() -> *mut ottla_config_t {
    quietly(std::ptr::null_mut(), || {
        Box::into_raw(Box::new(ottla_config_t { options: Mutex::default(), fault: None }))
    })
}

/// A set of options from names and values in turn, ended by two NULLs; see the macro OTTLA_CONFIG(). Texts are copied. What
/// is wrong with them is told when a client is made of it. Owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_config_of(names_and_values: *const *const c_char) -> *mut ottla_config_t {
    quietly(std::ptr::null_mut(), || {
        let mut config = ottla_config_t { options: Mutex::default(), fault: None };
        match read_pairs(names_and_values) {
            Ok(options) => config.options = Mutex::new(options),
            Err(fault) => config.fault = Some(fault),
        }
        Box::into_raw(Box::new(config))
    })
}

unsafe fn read_pairs(mut at: *const *const c_char) -> Result<Vec<(String, String)>, Error> {
    let mut options = Vec::new();
    if at.is_null() {
        return Err(argument("names_and_values", "it is NULL"));
    }
    while let Some(name) = optional_text(*at, "name")? {
        let value = optional_text(*at.add(1), "value")?
            .ok_or_else(|| argument("value", "an option has none").with_context("option", name))?;
        options.push((name.to_owned(), value.to_owned()));
        at = at.add(2);
    }
    Ok(options)
}

/// Sets an option; a later value of the same name counts. Texts are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_config_set(
    config: *mut ottla_config_t,
    name: *const c_char,
    value: *const c_char,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let config = handle(config, "config")?;
        let (name, value) = (text(name, "name")?.to_owned(), text(value, "value")?.to_owned());
        let mut options = config.options.lock();
        match options.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = value,
            None => options.push((name, value)),
        }
        Ok::<(), Error>(())
    })
}

/// A copy, owned by the caller. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_config_copy(config: *const ottla_config_t) -> *mut ottla_config_t {
    quietly(std::ptr::null_mut(), || {
        let Some(config) = config.as_ref() else { return std::ptr::null_mut() };
        let options = Mutex::new(config.options.lock().clone());
        Box::into_raw(Box::new(ottla_config_t { options, fault: config.fault.clone() }))
    })
}

/// Frees a set of options. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_config_free(config: *mut ottla_config_t) {
    take_back(config);
}
