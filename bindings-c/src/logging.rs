//! Log lines, given to a callback within a call of the host's own.

use crate::boundary::{enter, timeout};
use crate::error::ottla_error_t;
use crate::event_fd::EventFd;
use crate::generated::ottla_status_t;
use crate::pointers::{argument, c_text, out, quietly};
use ottla::facade::{Guarded, Level, log_queue, set_log_level};
use parking_lot::Mutex;
use std::ffi::{c_char, c_int, c_void};

/// How much is logged; each level has what the ones before have.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_log_level_t {
    /// Nothing.
    OTTLA_LOG_OFF = 0,
    /// What failed for good.
    OTTLA_LOG_ERROR = 1,
    /// What may need attention.
    OTTLA_LOG_WARN = 2,
    /// What happens to clients: connections, groups, topics.
    OTTLA_LOG_INFO = 3,
    /// Decisions.
    OTTLA_LOG_DEBUG = 4,
    /// Every request.
    OTTLA_LOG_TRACE = 5,
}

/// Given a line, within ottla_poll_logs(). `target` is the part of the library, as "ottla::consumer"; both texts are valid
/// until the callback returns. Must not throw or jump out.
pub type ottla_log_callback_t = Option<
    unsafe extern "C" fn(
        level: ottla_log_level_t,
        target: *const c_char,
        message: *const c_char,
        user_data: *mut c_void,
    ),
>;

/// Logs this much from here on, for the whole process; one of ottla_log_level_t, at first OTTLA_LOG_OFF. Lines wait, up to
/// 1024 of them, until ottla_poll_logs() takes them; nothing is written anywhere.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_set_log_level(level: i32, error: *mut *mut ottla_error_t) -> ottla_status_t {
    enter(error, || {
        let number = u8::try_from(level).ok().filter(|number| *number <= Level::Trace as u8);
        let number =
            number.ok_or_else(|| argument("level", "there is no such level").with_context("level", level))?;
        set_log_level(Level::from_number(number));
        Ok(())
    })
}

/// Gives the lines that wait, or come within `timeout_ms`, to `callback`, on this thread. `*dropped`, where it is not NULL,
/// is how many lines were lost since the last call because nobody took them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_poll_logs(
    timeout_ms: i64,
    callback: ottla_log_callback_t,
    user_data: *mut c_void,
    dropped: *mut u64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let callback = callback.ok_or_else(|| argument("callback", "it is NULL"))?;
        let queue = log_queue();
        queue.wait(timeout(timeout_ms)?);
        if let Some(event_fd) = own(&EVENT_FD.lock()) {
            event_fd.clear();
        }
        let mut lines = Vec::new();
        queue.drain(&mut lines);
        if !dropped.is_null() {
            dropped.write(queue.take_dropped());
        }
        for line in lines {
            let (target, message) = (c_text(&line.target), c_text(&line.message));
            callback(level(line.level), target.as_ptr(), message.as_ptr(), user_data);
        }
        Ok(())
    })
}

static EVENT_FD: Mutex<Option<Guarded<EventFd>>> = Mutex::new(None);

/// The descriptor, unless it is one that a forked child shares with its parent.
fn own(event_fd: &Option<Guarded<EventFd>>) -> Option<&EventFd> {
    event_fd.as_ref()?.get("look for log lines").ok()
}

/// A descriptor that is readable while log lines wait. Owned by the library: do not read, write or close it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_log_event_fd(
    fd: *mut c_int,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let fd = out(fd, "fd")?;
        let mut event_fd = EVENT_FD.lock();
        if own(&event_fd).is_none() {
            let made = EventFd::new()?;
            let signalled = made.clone();
            log_queue().set_wake(Some(Box::new(move || signalled.signal())));
            if log_queue().wait(std::time::Duration::ZERO) {
                made.signal();
            }
            *event_fd = Some(Guarded::new(made));
        }
        *fd = own(&event_fd).map_or(-1, EventFd::number);
        Ok(())
    })
}

/// The name of a log level, as "info"; lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn ottla_log_level_name(level: i32) -> *const c_char {
    quietly(std::ptr::null(), || {
        let name = match level {
            0 => c"off",
            1 => c"error",
            2 => c"warn",
            3 => c"info",
            4 => c"debug",
            5 => c"trace",
            _ => c"unknown",
        };
        name.as_ptr()
    })
}

fn level(level: Level) -> ottla_log_level_t {
    match level {
        Level::Off => ottla_log_level_t::OTTLA_LOG_OFF,
        Level::Error => ottla_log_level_t::OTTLA_LOG_ERROR,
        Level::Warn => ottla_log_level_t::OTTLA_LOG_WARN,
        Level::Info => ottla_log_level_t::OTTLA_LOG_INFO,
        Level::Debug => ottla_log_level_t::OTTLA_LOG_DEBUG,
        Level::Trace => ottla_log_level_t::OTTLA_LOG_TRACE,
    }
}
