//! The producer: records go in borrowed, fates come back in ranges, by handle, or with the next flush.

mod loose;

use crate::boundary::{Deadline, enter, timeout, wait, wait_closing};
use crate::config::{options, ottla_config_t};
use crate::delivery::ottla_delivery_t;
use crate::error::ottla_error_t;
use crate::event_fd::EventFd;
use crate::generated::ottla_status_t;
use crate::partitions::ottla_partition_infos_t;
use crate::pointers::{argument, give, handle, out, quietly, slice, take_back, text};
use crate::record::{Parts, ottla_producer_record_t};
use crate::reports::{ottla_report_callback_t, ottla_reports_t};
use loose::Loose;
use ottla::facade::{Guarded, Producer};
use ottla::producer::{AppendError, Delivery, TopicHandle};
use ottla::{Error, ErrorKind};
use parking_lot::Mutex;
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

/// Sends records, in batches, in the background. Made by ottla_producer_new(), owned by the caller: free it with
/// ottla_producer_free(). Every function but that one may be called from any thread at any time.
pub struct ottla_producer_t {
    inner: Guarded<Arc<Inner>>,
}

pub(crate) struct Inner {
    producer: Producer,
    loose: Loose,
    event_fd: Mutex<Option<EventFd>>,
}

/// What a producer counted so far.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct ottla_producer_metrics_t {
    /// Records the brokers acknowledged.
    pub records_acknowledged: u64,
    /// Records told as failed: they are in no log.
    pub records_failed: u64,
    /// Records told as of unknown outcome.
    pub records_unknown: u64,
    /// Produce requests sent.
    pub requests: u64,
    /// Batches sent, retries included.
    pub batches: u64,
    /// Bytes of batches sent, after compression, retries included.
    pub bytes_sent: u64,
    /// Batches sent again.
    pub retries: u64,
    /// Batches split because a broker found them too large.
    pub splits: u64,
    /// Times the producer's epoch was raised.
    pub epoch_bumps: u64,
    /// Batches that have no fate yet.
    pub batches_incomplete: u64,
    /// "buffer.memory", in bytes.
    pub buffer_total_bytes: u64,
    /// What of it is free.
    pub buffer_available_bytes: u64,
    /// Callers that wait for memory.
    pub waiting_count: u64,
}

const SEND: &str = "send records";
const REPORTS: &str = "poll reports";
const CLOSE: &str = "close the producer";

/// What a handle holds, in the process it was made in.
unsafe fn borrow<'a>(
    producer: *const ottla_producer_t,
    operation: &'static str,
) -> Result<&'a Arc<Inner>, Error> {
    handle(producer, "producer")?.inner.get(operation)
}

/// As [`borrow`], for calls during which a callback may free the handle.
unsafe fn hold(producer: *const ottla_producer_t, operation: &'static str) -> Result<Arc<Inner>, Error> {
    borrow(producer, operation).map(Arc::clone)
}

/// Makes a producer. It connects in the background: what is wrong with the addresses is told by the first send.
///
/// `config` is copied. `*producer` is owned by the caller; NULL on failure. Errors: OTTLA_CONFIG_ERROR for an option that
/// is unknown, malformed, or not a producer's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_new(
    config: *const ottla_config_t,
    producer: *mut *mut ottla_producer_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let producer = out(producer, "producer")?;
        *producer = std::ptr::null_mut();
        let made = Producer::start(options(config)?)?;
        let inner = Inner { producer: made, loose: Loose::default(), event_fd: Mutex::default() };
        give(producer, ottla_producer_t { inner: Guarded::new(Arc::new(inner)) });
        Ok(())
    })
}

/// Why a record was not taken without waiting.
enum Obstacle {
    Full,
    Unknown,
}

impl Inner {
    /// Hands a record over: at once where that is possible, else by the deadline.
    fn send(&self, parts: &Parts<'_>, deadline: Deadline) -> Result<(), Error> {
        let obstacle = match self.producer.topic(parts.topic)? {
            None => Obstacle::Unknown,
            Some(topic) => match self.append(&topic, parts) {
                Ok(()) => return Ok(()),
                Err(AppendError::QueueFull) => Obstacle::Full,
                Err(AppendError::UnknownPartition) => Obstacle::Unknown,
                Err(AppendError::Refused(error)) => return Err(error),
                Err(other) => return Err(Error::new(ErrorKind::Internal, SEND, other.to_string())),
            },
        };
        let record = parts.to_record();
        let sent = match parts.tag {
            0 => {
                let mut operation = self.producer.send(record);
                operation.wait(deadline.left()).map(|sent| sent.map(|delivery| self.loose.add(delivery)))
            }
            tag => self.producer.send_tagged(record, tag).wait(deadline.left()),
        };
        sent.unwrap_or_else(|| Err(too_late(&obstacle, parts.topic)))
    }

    fn append(&self, topic: &TopicHandle, parts: &Parts<'_>) -> Result<(), AppendError> {
        let Parts { partition, timestamp_ms, key, value, headers, tag, .. } = parts;
        match tag {
            0 => {
                let sent = self.producer.append(topic, *partition, *timestamp_ms, *key, *value, headers)?;
                self.loose.add(sent);
                Ok(())
            }
            tag => {
                let (partition, timestamp_ms) = (*partition, *timestamp_ms);
                self.producer.append_tagged(topic, partition, timestamp_ms, *key, *value, headers, *tag)
            }
        }
    }

    fn send_tracked(&self, parts: &Parts<'_>, deadline: Deadline) -> Result<Delivery, Error> {
        let Parts { partition, timestamp_ms, key, value, headers, .. } = parts;
        let obstacle = match self.producer.topic(parts.topic)? {
            None => Obstacle::Unknown,
            Some(topic) => {
                match self.producer.append(&topic, *partition, *timestamp_ms, *key, *value, headers) {
                    Ok(delivery) => return Ok(delivery),
                    Err(AppendError::QueueFull) => Obstacle::Full,
                    Err(AppendError::UnknownPartition) => Obstacle::Unknown,
                    Err(AppendError::Refused(error)) => return Err(error),
                    Err(other) => {
                        return Err(Error::new(ErrorKind::Internal, SEND, other.to_string()));
                    }
                }
            }
        };
        let mut operation = self.producer.send(parts.to_record());
        operation.wait(deadline.left()).unwrap_or_else(|| Err(too_late(&obstacle, parts.topic)))
    }
}

fn too_late(obstacle: &Obstacle, topic: &str) -> Error {
    match obstacle {
        Obstacle::Full => Error::new(ErrorKind::QueueFull, SEND, "the buffer has no room for the record")
            .with_hint("wait for deliveries, send with a longer timeout_ms, or raise buffer.memory"),
        Obstacle::Unknown => Error::timeout(SEND, "the topic's partitions are not known yet")
            .with_hint("send with a longer timeout_ms; the first record of a topic waits for its metadata"),
    }
    .with_context("topic", topic)
}

/// Hands a record over, copied straight into a batch. Waits up to `timeout_ms` (and no longer than "max.block.ms") while
/// the topic's partitions are not known or "buffer.memory" is used up; 0 never waits.
///
/// OTTLA_OK says that the record was taken, not that it arrived: for that see `tag`. Anything else says that it was not
/// and will not be sent: OTTLA_QUEUE_FULL when there was no room in time, OTTLA_TIMEOUT when the topic's partitions were not
/// known in time (both may be tried again), OTTLA_RECORD_TOO_LARGE, OTTLA_UNKNOWN_TOPIC_OR_PARTITION, OTTLA_CLOSED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_send(
    producer: *mut ottla_producer_t,
    record: *const ottla_producer_record_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = borrow(producer, SEND)?;
        let parts = Parts::read(handle(record, "record")?)?;
        inner.send(&parts, Deadline::after(timeout(timeout_ms)?))
    })
}

/// Hands `count` records over in order, as ottla_producer_send() does each, all by one deadline. Stops at the first that is
/// not taken, with its error. `*sent`, where it is not NULL, is how many were taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_send_many(
    producer: *mut ottla_producer_t,
    records: *const ottla_producer_record_t,
    count: usize,
    timeout_ms: i64,
    sent: *mut usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    let mut taken = 0;
    let status = enter(error, || {
        let inner = borrow(producer, SEND)?;
        let deadline = Deadline::after(timeout(timeout_ms)?);
        for record in slice(records, count, "records")? {
            let parts = Parts::read(record).map_err(|error| error.with_context("index", taken))?;
            inner.send(&parts, deadline).map_err(|error| error.with_context("index", taken))?;
            taken += 1;
        }
        Ok(())
    });
    if !sent.is_null() {
        sent.write(taken);
    }
    status
}

/// As ottla_producer_send(), and gives a handle that what becomes of this one record is read from. Costs an allocation;
/// tags are the way for many. The record's own `tag` must be 0. `*delivery` is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_send_tracked(
    producer: *mut ottla_producer_t,
    record: *const ottla_producer_record_t,
    timeout_ms: i64,
    delivery: *mut *mut ottla_delivery_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let delivery = out(delivery, "delivery")?;
        *delivery = std::ptr::null_mut();
        let inner = borrow(producer, SEND)?;
        let parts = Parts::read(handle(record, "record")?)?;
        if parts.tag != 0 {
            return Err(argument(
                "record.tag",
                "a record is told by its delivery or by its tag, not by both",
            ));
        }
        let sent = inner.send_tracked(&parts, Deadline::after(timeout(timeout_ms)?))?;
        give(delivery, ottla_delivery_t::new(sent));
        Ok(())
    })
}

/// What became of tagged records since the last call: waits up to `timeout_ms` until there is something. `*reports` is owned
/// by the caller: free it with ottla_reports_free(). It has no entry when nothing came in time, which is no error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_poll_reports(
    producer: *mut ottla_producer_t,
    timeout_ms: i64,
    reports: *mut *mut ottla_reports_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let reports = out(reports, "reports")?;
        *reports = std::ptr::null_mut();
        let inner = borrow(producer, REPORTS)?;
        give(reports, inner.drain(timeout_ms)?);
        Ok(())
    })
}

/// As ottla_producer_poll_reports(), but calls `callback` for each entry, on this thread, before it returns. The callback
/// may use the producer, also close it and free it. `*served`, where it is not NULL, is how many entries there were.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_serve_reports(
    producer: *mut ottla_producer_t,
    timeout_ms: i64,
    callback: ottla_report_callback_t,
    user_data: *mut c_void,
    served: *mut usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    let mut count = 0;
    let status = enter(error, || {
        let callback = callback.ok_or_else(|| argument("callback", "it is NULL"))?;
        let inner = hold(producer, REPORTS)?;
        for report in inner.drain(timeout_ms)?.entries() {
            callback(report, user_data);
            count += 1;
        }
        Ok(())
    });
    if !served.is_null() {
        served.write(count);
    }
    status
}

impl Inner {
    fn drain(&self, timeout_ms: i64) -> Result<ottla_reports_t, Error> {
        let queue = self.producer.reports();
        queue.wait(timeout(timeout_ms)?);
        if let Some(event_fd) = &*self.event_fd.lock() {
            event_fd.clear();
        }
        let mut drained = Vec::new();
        queue.drain(&mut drained);
        Ok(ottla_reports_t::new(drained))
    }
}

/// A descriptor that is readable while reports wait: give it to epoll, poll or libuv, and call
/// ottla_producer_poll_reports() or ottla_producer_serve_reports() with a timeout of 0 when it is. Owned by the producer: do
/// not read, write or close it. The same one at each call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_event_fd(
    producer: *mut ottla_producer_t,
    fd: *mut c_int,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let fd = out(fd, "fd")?;
        let inner = borrow(producer, REPORTS)?;
        let mut event_fd = inner.event_fd.lock();
        if event_fd.is_none() {
            let made = EventFd::new()?;
            let signalled = made.clone();
            let queue = inner.producer.reports();
            queue.set_wake(Some(Box::new(move || signalled.signal())));
            if !queue.is_empty() {
                made.signal();
            }
            *event_fd = Some(made);
        }
        *fd = event_fd.as_ref().map_or(-1, EventFd::number);
        Ok(())
    })
}

/// Sends what is buffered without lingering and waits until every record sent before has its fate.
///
/// Errors: OTTLA_TIMEOUT when some have none after `timeout_ms` (they go on; call again); else the first failure among the
/// records without a tag since the last flush, so that none is lost unheard.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_flush(
    producer: *mut ottla_producer_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = borrow(producer, "flush")?;
        let patience = timeout(timeout_ms)?;
        wait_closing(inner.producer.flush(patience), patience, "flush")?;
        inner.loose.first_failure()
    })
}

/// Takes no more records, delivers what is buffered, ends; returns by `timeout_ms`. What had no fate by then is told as
/// failed where it was never sent and as unknown where it was. Reports can still be polled afterwards. Does not free.
///
/// Errors: OTTLA_TIMEOUT saying how many records were given up; else as ottla_producer_flush().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_close(
    producer: *mut ottla_producer_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = borrow(producer, CLOSE)?;
        let patience = timeout(timeout_ms)?;
        wait_closing(inner.producer.close(patience), patience, CLOSE)?;
        inner.loose.first_failure()
    })
}

/// Frees the handle, at once. Without ottla_producer_close() before, what was sent is still delivered in the background,
/// for up to "delivery.timeout.ms", while the process lives. No other call of this producer may be under way, except the
/// one whose callback this is called from. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_free(producer: *mut ottla_producer_t) {
    if let Some(producer) = producer.as_ref() {
        quietly((), || {
            // In a forked child nothing is touched that other threads may have locked.
            if let Ok(inner) = producer.inner.get(CLOSE) {
                inner.producer.reports().set_wake(None);
            }
        });
    }
    take_back(producer);
}

/// A topic's partitions and their leaders. `*partitions` is owned by the caller: ottla_partition_infos_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_partitions_for(
    producer: *mut ottla_producer_t,
    topic: *const c_char,
    timeout_ms: i64,
    partitions: *mut *mut ottla_partition_infos_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let partitions = out(partitions, "partitions")?;
        *partitions = std::ptr::null_mut();
        let inner = borrow(producer, "list partitions")?;
        let operation = inner.producer.partitions_for(text(topic, "topic")?);
        let found = wait(operation, timeout(timeout_ms)?, "list partitions")?;
        give(partitions, ottla_partition_infos_t::new(found));
        Ok(())
    })
}

/// Fills in what was counted so far. `size` is sizeof(ottla_producer_metrics_t): later versions count more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_producer_metrics(
    producer: *const ottla_producer_t,
    metrics: *mut ottla_producer_metrics_t,
    size: usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        if metrics.is_null() {
            return Err(argument("metrics", "it is NULL; there is nowhere to put the result"));
        }
        let counted = borrow(producer, "read metrics")?.producer.metrics()?;
        let counted = ottla_producer_metrics_t {
            records_acknowledged: counted.records_acknowledged,
            records_failed: counted.records_failed,
            records_unknown: counted.records_unknown,
            requests: counted.requests,
            batches: counted.batches,
            bytes_sent: counted.bytes_sent,
            retries: counted.retries,
            splits: counted.splits,
            epoch_bumps: counted.epoch_bumps,
            batches_incomplete: counted.batches_incomplete as u64,
            buffer_total_bytes: counted.buffer_total_bytes as u64,
            buffer_available_bytes: counted.buffer_available_bytes as u64,
            waiting_count: counted.waiting_count as u64,
        };
        let known = size_of::<ottla_producer_metrics_t>();
        std::ptr::write_bytes(metrics.cast::<u8>(), 0, size);
        std::ptr::copy_nonoverlapping(
            (&raw const counted).cast::<u8>(),
            metrics.cast::<u8>(),
            size.min(known),
        );
        Ok(())
    })
}
