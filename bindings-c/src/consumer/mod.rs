//! The consumer's handle: what it is made of, polling, closing. Files below: `control` is every other call.

mod background;
mod control;
mod telling;

pub use control::*;

use crate::boundary::{Deadline, enter, timeout, wait_closing};
use crate::config::{options, ottla_config_t};
use crate::error::ottla_error_t;
use crate::event_fd::EventFd;
use crate::generated::ottla_status_t;
use crate::pointers::{give, handle, out, quietly, take_back};
use crate::rebalance::{Events, ottla_rebalance_callback_t, ottla_rebalance_event_t};
use crate::records::{ottla_record_t, ottla_records_t};
use background::Background;
use ottla::consumer::Records;
use ottla::facade::{Consumer, Guarded};
use ottla::{Error, ErrorKind};
use parking_lot::Mutex;
use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::time::Duration;
use telling::Telling;

const CLOSE: &str = "close the consumer";

/// Reads records from topics, alone or as a member of a group. Made by ottla_consumer_new(), owned by the caller: free it
/// with ottla_consumer_free(). Every function but that one may be called from any thread at any time; but only one thread
/// at a time may poll.
pub struct ottla_consumer_t {
    inner: Guarded<Arc<Inner>>,
}

pub(crate) struct Inner {
    consumer: Consumer,
    listener: Mutex<Option<Listener>>,
    held: Mutex<Held>,
    background: Mutex<Option<Arc<Background>>>,
    telling: Telling,
}

/// What ottla_consumer_next() goes through.
#[derive(Default)]
struct Held {
    records: Option<Arc<ottla_records_t>>,
    next: usize,
}

#[derive(Clone, Copy)]
struct Listener {
    callback: unsafe extern "C" fn(*mut ottla_consumer_t, *const ottla_rebalance_event_t, *mut c_void),
    user_data: *mut c_void,
}

// SAFETY: the pointer is the application's, handed back to its callback and never looked into.
unsafe impl Send for Listener {}

/// What a handle holds, in the process it was made in.
pub(crate) unsafe fn inner(consumer: *const ottla_consumer_t) -> Result<Arc<Inner>, Error> {
    handle(consumer, "consumer")?.inner.get("use the consumer").map(Arc::clone)
}

/// Makes a consumer. It connects in the background.
///
/// `config` is copied. `*consumer` is owned by the caller; NULL on failure. Errors: OTTLA_CONFIG_ERROR for an option that
/// is unknown, malformed, or not a consumer's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_new(
    config: *const ottla_config_t,
    consumer: *mut *mut ottla_consumer_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let consumer = out(consumer, "consumer")?;
        *consumer = std::ptr::null_mut();
        let inner = Inner {
            consumer: Consumer::start(options(config)?)?,
            listener: Mutex::default(),
            held: Mutex::default(),
            background: Mutex::default(),
            telling: Telling::default(),
        };
        give(consumer, ottla_consumer_t { inner: Guarded::new(Arc::new(inner)) });
        Ok(())
    })
}

/// Sets who is told of changes of the assignment; NULL for nobody, which is so at first. Without a callback they are values
/// in what ottla_consumer_poll() returns. Set it before polling.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_on_rebalance(
    consumer: *mut ottla_consumer_t,
    callback: ottla_rebalance_callback_t,
    user_data: *mut c_void,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let listener = callback.map(|callback| Listener { callback, user_data });
        *inner(consumer)?.listener.lock() = listener;
        Ok(())
    })
}

impl Inner {
    /// Calls the callback with each event, without any lock; whether there is one.
    unsafe fn tell(
        &self,
        consumer: *mut ottla_consumer_t,
        events: &[ottla_rebalance_event_t],
        operation: &'static str,
        deadline: Deadline,
    ) -> Result<bool, Error> {
        let listener = *self.listener.lock();
        let (Some(Listener { callback, user_data }), false) = (listener, events.is_empty()) else {
            return Ok(false);
        };
        let _turn = self.telling.begin(operation, deadline)?;
        for event in events {
            callback(consumer, event, user_data);
        }
        Ok(true)
    }

    /// One poll of the library.
    fn poll_once(
        &self,
        deadline: Deadline,
        max_records: Option<usize>,
        held: bool,
    ) -> Result<Records, Error> {
        let background = self.background.lock().clone();
        let records = match &background {
            Some(background) => background.take(&self.consumer, deadline, max_records)?,
            None => {
                let at_most = deadline.left();
                // It ends by itself; this is for a machine so busy that it does not get to.
                let patience = at_most.saturating_add(Duration::from_secs(1));
                let outcome = self.consumer.poll(at_most, max_records).wait(patience);
                outcome.unwrap_or_else(|| Ok(Records::default()))?
            }
        };
        self.consumer.told(records.rebalances().len())?;
        if !held {
            self.consumer.seen(records.len())?;
        }
        Ok(records)
    }

    /// Polls and tells the callback, until there are records or the time is over, or once where nobody is told. With
    /// whether whoever waits for more shall return without.
    unsafe fn poll(
        &self,
        consumer: *mut ottla_consumer_t,
        deadline: Deadline,
        max_records: Option<usize>,
        held: bool,
    ) -> Result<(ottla_records_t, bool), Error> {
        self.telling.check_not_running("poll")?;
        let mut before = Events::default();
        loop {
            let told = before.entries.len();
            let records = ottla_records_t::new(self.poll_once(deadline, max_records, held)?, before);
            let events = &records.events()[told..];
            let is_nothing = records.len() == 0 && events.is_empty();
            let is_told = self.tell(consumer, events, "poll", deadline)?;
            let is_woken = is_told && self.telling.take_woken();
            if records.len() > 0 || !is_told || is_woken || deadline.left().is_zero() {
                return Ok((records, is_woken || is_nothing));
            }
            before = records.into_events();
        }
    }

    /// Says how much of what is gone through record by record was given to the application.
    fn tell_seen(&self) -> Result<(), Error> {
        let held = self.held.lock();
        if held.records.is_some() { self.consumer.seen(held.next) } else { Ok(()) }
    }

    /// What was fetched but not given to the application is polled again.
    fn forget(&self) {
        *self.held.lock() = Held::default();
        let background = self.background.lock().clone();
        if let Some(background) = background {
            background.forget();
        }
    }

    /// Does what changes positions, or what they depend on.
    fn reposition(&self, change: impl FnOnce(&Consumer) -> Result<(), Error>) -> Result<(), Error> {
        self.tell_seen()?;
        let changed = change(&self.consumer);
        self.forget();
        changed
    }
}

/// Records that are there, or come within `timeout_ms`: at most `max_records`, "max.poll.records" for 0. Asking for more says
/// that what was given before has been handled: that is what background commits commit.
///
/// `*records` is owned by the caller: free it with ottla_records_free(). It is empty when nothing came in time, which is no
/// error. Changes of the assignment are told here, see ottla_consumer_on_rebalance() and ottla_records_event(); a revocation
/// waits for the next poll.
///
/// Errors: OTTLA_INVALID_STATE when nothing is subscribed or another thread polls; OTTLA_MAX_POLL_EXCEEDED when the poll
/// before was too long ago (this one joined the group again); OTTLA_OFFSET_OUT_OF_RANGE and OTTLA_LOG_TRUNCATION without a
/// reset policy; OTTLA_CORRUPT for bytes that cannot be read (seek past them to go on); OTTLA_AUTHORIZATION; OTTLA_FENCED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_poll(
    consumer: *mut ottla_consumer_t,
    timeout_ms: i64,
    max_records: usize,
    records: *mut *mut ottla_records_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let records = out(records, "records")?;
        *records = std::ptr::null_mut();
        let inner = inner(consumer)?;
        let deadline = Deadline::after(timeout(timeout_ms)?);
        inner.tell_seen()?;
        *inner.held.lock() = Held::default();
        let limit = (max_records > 0).then_some(max_records);
        let (polled, _) = inner.poll(consumer, deadline, limit, false)?;
        give(records, polled);
        Ok(())
    })
}

/// The next record, or NULL in `*record` when none came within `timeout_ms`. What it points to is valid until the next call
/// with this consumer. Records count as handed out one by one: a commit without offsets covers exactly those returned. For
/// one thread at a time; to learn of changes of the assignment, set a callback. Errors: as ottla_consumer_poll().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_next(
    consumer: *mut ottla_consumer_t,
    timeout_ms: i64,
    record: *mut *const ottla_record_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let record = out(record, "record")?;
        *record = std::ptr::null();
        let inner = inner(consumer)?;
        let deadline = Deadline::after(timeout(timeout_ms)?);
        loop {
            {
                let mut held = inner.held.lock();
                let next = held.next;
                if let Some(found) = held.records.as_ref().and_then(|records| records.get(next)) {
                    *record = found;
                    held.next += 1;
                    return Ok(());
                }
            }
            inner.tell_seen()?;
            // What the callback does meanwhile is not about records of before.
            *inner.held.lock() = Held::default();
            let (polled, is_over) = inner.poll(consumer, deadline, None, true)?;
            let is_empty = polled.len() == 0;
            *inner.held.lock() = Held { records: Some(Arc::new(polled)), next: 0 };
            if is_over || (is_empty && deadline.left().is_zero()) {
                return Ok(());
            }
        }
    })
}

/// Makes an ottla_consumer_poll() or ottla_consumer_next() under way, or else the next one, return at once and empty. For a
/// thread that wants the polling one back. Not to be called in a signal handler. In the rebalance callback: see there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_wakeup(
    consumer: *mut ottla_consumer_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        if inner.telling.wake_own() {
            return Ok(());
        }
        let background = inner.background.lock().clone();
        match background {
            Some(background) => background.wake(),
            None => inner.consumer.wakeup(),
        }
        Ok(())
    })
}

/// A descriptor that is readable while records, changes of the assignment or an error wait: give it to epoll, poll or
/// libuv. When it is readable, call ottla_consumer_poll() with a timeout of 0 until it returns nothing: that last call makes
/// it unreadable and lets the library fetch on. `max_records` of that call is how many come together at most the next time.
/// Owned by the consumer: do not read, write or close it. The same one at each call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_event_fd(
    consumer: *mut ottla_consumer_t,
    fd: *mut c_int,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let fd = out(fd, "fd")?;
        let inner = inner(consumer)?;
        let mut background = inner.background.lock();
        if background.is_none() {
            *background = Some(Background::new()?);
        }
        *fd = background.as_ref().map_or(-1, |background| EventFd::number(background.event_fd()));
        Ok(())
    })
}

/// Commits (with "enable.auto.commit"), tells the callback what is given up, leaves the group, disconnects; returns by
/// `timeout_ms`, not counting the callback it runs. A poll under way in another thread ends; while that one runs the callback,
/// this waits for it, and by `timeout_ms` closes without telling what is given up. Does not free.
///
/// Errors: OTTLA_INVALID_STATE within the callback; OTTLA_TIMEOUT; the commit's. It is closed but for the first of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_close(
    consumer: *mut ottla_consumer_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        let patience = timeout(timeout_ms)?;
        let deadline = Deadline::after(patience);
        let idle = inner.telling.wait_over(CLOSE, deadline);
        if let Err(error) = idle {
            if error.kind() == ErrorKind::InvalidState {
                return Err(error);
            }
            inner.tell_seen()?;
            let closing = inner.consumer.close(deadline.left());
            return wait_closing(closing, deadline.left(), CLOSE).and(Err(error));
        }
        inner.tell_seen()?;
        inner.tell_giving_up(consumer, CLOSE, deadline)?;
        wait_closing(inner.consumer.close(patience), patience, CLOSE)
    })
}

impl Inner {
    unsafe fn tell_giving_up(
        &self,
        consumer: *mut ottla_consumer_t,
        operation: &'static str,
        deadline: Deadline,
    ) -> Result<(), Error> {
        if self.listener.lock().is_some() {
            let events = Events::new(&self.consumer.giving_up()?);
            self.tell(consumer, &events.entries, operation, deadline)?;
        }
        Ok(())
    }
}

/// Frees the handle, at once. Without ottla_consumer_close() before, it leaves its group in the background and commits
/// nothing. No other call of this consumer may be under way. Records outlive it. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_free(consumer: *mut ottla_consumer_t) {
    if let Some(consumer) = consumer.as_ref() {
        // A poll in the background holds on to the library's consumer; it ends now.
        quietly((), || {
            // In a forked child nothing is touched that other threads may have locked.
            if let Ok(inner) = consumer.inner.get("free the consumer")
                && inner.background.lock().is_some()
            {
                inner.consumer.wakeup();
            }
        });
    }
    take_back(consumer);
}
