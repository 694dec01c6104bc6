//! What becomes of one record.

use crate::boundary::{Deadline, enter, timeout};
use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use crate::pointers::{c_text, handle, quietly, take_back};
use ottla::Error;
use ottla::facade::{Guarded, Operation, runtime};
use ottla::producer::Delivery;
use ottla::record::RecordMetadata;
use parking_lot::Mutex;
use std::ffi::{CString, c_char};
use std::sync::OnceLock;

const WAIT: &str = "wait for a delivery";

/// What becomes of one record. Made by ottla_producer_send_tracked(), owned by the caller: free it with
/// ottla_delivery_free(), at any time; the record goes on. Thread-safe but for that.
pub struct ottla_delivery_t {
    topic: CString,
    fate: Guarded<Fate>,
}

struct Fate {
    waiting: Mutex<Option<Operation<RecordMetadata>>>,
    outcome: OnceLock<Result<RecordMetadata, Error>>,
}

impl ottla_delivery_t {
    pub(crate) fn new(delivery: Delivery) -> Self {
        let topic = c_text(delivery.topic());
        let operation = match runtime() {
            Ok(runtime) => Operation::start(&runtime, delivery),
            Err(error) => Operation::done(Err(error)),
        };
        let fate = Fate { waiting: Mutex::new(Some(operation)), outcome: OnceLock::new() };
        Self { topic, fate: Guarded::new(fate) }
    }
}

/// Where a record was appended.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_record_metadata_t {
    /// The topic; lives as long as the delivery.
    pub topic: *const c_char,
    /// The partition's number.
    pub partition: i32,
    /// The record's offset; -1 when the broker was not asked (acks=0) or did not say.
    pub offset: i64,
    /// The record's timestamp in milliseconds: the producer's, or the broker's on a topic of log-append time.
    pub timestamp_ms: i64,
}

/// Waits up to `timeout_ms` until the record's fate is known and fills in where it is; 0 only looks. May be called again,
/// also when it is known.
///
/// Errors: OTTLA_TIMEOUT without a fate in time; else the record's: it is not in the log, unless
/// ottla_error_is_outcome_unknown().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_delivery_wait(
    delivery: *mut ottla_delivery_t,
    timeout_ms: i64,
    metadata: *mut ottla_record_metadata_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let delivery = handle(delivery, "delivery")?;
        let fate = delivery.fate.get(WAIT)?;
        let deadline = Deadline::after(timeout(timeout_ms)?);
        if fate.outcome.get().is_none() {
            let mut waiting = fate
                .waiting
                .try_lock_for(deadline.left())
                .ok_or_else(|| Error::timeout(WAIT, "another thread waits for it"))?;
            if let Some(operation) = &mut *waiting
                && let Some(outcome) = operation.wait(deadline.left())
            {
                *waiting = None;
                // Only who holds the lock sets it.
                let _ = fate.outcome.set(outcome);
            }
        }
        match fate.outcome.get() {
            None => Err(Error::timeout(WAIT, "the record's fate is not known yet")
                .with_hint("wait again: it is decided within delivery.timeout.ms")),
            Some(Err(error)) => Err(error.clone()),
            Some(Ok(found)) if !metadata.is_null() => {
                metadata.write(ottla_record_metadata_t {
                    topic: delivery.topic.as_ptr(),
                    partition: found.partition,
                    offset: found.offset.unwrap_or(-1),
                    timestamp_ms: found.timestamp_ms,
                });
                Ok(())
            }
            Some(Ok(_)) => Ok(()),
        }
    })
}

/// Whether the record's fate is known: ottla_delivery_wait() does not wait then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_delivery_is_done(delivery: *mut ottla_delivery_t) -> bool {
    let status = ottla_delivery_wait(delivery, 0, std::ptr::null_mut(), std::ptr::null_mut());
    quietly(false, || match delivery.as_ref() {
        None => false,
        Some(delivery) => {
            status == ottla_status_t::OTTLA_OK
                || delivery.fate.get(WAIT).is_ok_and(|fate| fate.outcome.get().is_some())
        }
    })
}

/// Frees the handle; the record goes on. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_delivery_free(delivery: *mut ottla_delivery_t) {
    take_back(delivery);
}
