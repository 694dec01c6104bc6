//! What happened, in order, until a thread of the JVM fetches it.

use crate::boundary::{Jvm, error_text};
use crate::logging;
use jni_sys::jobjectArray;
use ottla::Error;
use ottla::consumer::Records;
use ottla::packed;
use ottla::producer::{Report, Reports};
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many events are given at once.
const MOST_EVENTS: usize = 512;

/// Numbers of events as Kotlin knows them, see `dev.ottla.internal.Events`.
#[derive(Clone, Copy)]
#[repr(i64)]
enum Kind {
    Done = 1,
    Failed = 2,
    Records = 3,
    Reports = 4,
    Logs = 5,
}

/// Something to be told.
pub(crate) enum Event {
    /// The operation of this token gave this, as JSON.
    Done(i64, String),
    /// The operation of this token failed.
    Failed(i64, Error),
    /// The poll of this token gave records.
    Records(i64, Records),
    /// The producer of this handle has reports.
    Reports(i64, Arc<Reports>),
    /// There are log lines.
    Logs,
}

static QUEUE: Mutex<Vec<Event>> = Mutex::new(Vec::new());
static ARRIVED: Condvar = Condvar::new();

/// Queues an event and wakes whoever fetches.
pub(crate) fn push(event: Event) {
    let mut queue = QUEUE.lock();
    let first = queue.is_empty();
    queue.push(event);
    drop(queue);
    if first {
        ARRIVED.notify_one();
    }
}

/// An event as it crosses.
struct Told {
    kind: Kind,
    token: i64,
    block: Option<Vec<u8>>,
    text: Option<String>,
}

/// Waits up to `at_most` for events and gives them: an array of longs (kind and token of each), then for each event its
/// block and its text, bytes or null. Null when there is none.
pub(crate) fn next(jvm: Jvm, at_most: Duration) -> Result<jobjectArray, Error> {
    let events = fetch(at_most);
    if events.is_empty() {
        return Ok(std::ptr::null_mut());
    }
    let told: Vec<Told> = events.into_iter().map(tell).collect();
    let array = jvm.new_objects(1 + told.len() * 2)?;
    let heads: Vec<i64> = told.iter().flat_map(|told| [told.kind as i64, told.token]).collect();
    jvm.put(array, 0, jvm.new_longs(&heads)?);
    for (index, told) in told.iter().enumerate() {
        if let Some(block) = &told.block {
            jvm.put(array, 1 + index * 2, jvm.new_bytes(block)?);
        }
        if let Some(text) = &told.text {
            jvm.put(array, 2 + index * 2, jvm.new_bytes(text.as_bytes())?);
        }
    }
    Ok(array)
}

fn fetch(at_most: Duration) -> Vec<Event> {
    #[allow(clippy::disallowed_methods)] // A thread of the host is held up, which no simulation does.
    let deadline = Instant::now() + at_most.min(Duration::from_secs(3600));
    let mut queue = QUEUE.lock();
    while queue.is_empty() {
        if ARRIVED.wait_until(&mut queue, deadline).timed_out() {
            break;
        }
    }
    let count = queue.len().min(MOST_EVENTS);
    queue.drain(..count).collect()
}

fn tell(event: Event) -> Told {
    match event {
        Event::Done(token, json) => Told { kind: Kind::Done, token, block: None, text: Some(json) },
        Event::Failed(token, error) => {
            Told { kind: Kind::Failed, token, block: None, text: Some(error_text(&error)) }
        }
        Event::Records(token, records) => {
            let mut block = Vec::new();
            packed::records::pack(records.batches(), &mut block);
            Told { kind: Kind::Records, token, block: Some(block), text: None }
        }
        Event::Reports(handle, reports) => {
            let mut drained: Vec<Report> = Vec::new();
            reports.drain(&mut drained);
            let mut block = Vec::new();
            let errors = packed::reports::pack(drained, &mut block);
            let errors: Vec<String> = errors.iter().map(error_text).collect();
            let text = (!errors.is_empty()).then(|| format!("[{}]", errors.join(",")));
            Told { kind: Kind::Reports, token: handle, block: Some(block), text }
        }
        Event::Logs => Told { kind: Kind::Logs, token: 0, block: None, text: Some(logging::lines()) },
    }
}
