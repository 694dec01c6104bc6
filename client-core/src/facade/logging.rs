//! Log lines as values: a host takes them from a bounded queue and gives them to its own logging. Off until it asks.

use super::fork;
use crate::producer::WakeFn;
use arc_swap::ArcSwapOption;
use parking_lot::{Condvar, Mutex};
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Lines that may wait; more are dropped and counted.
const BOUND_LINES: usize = 1024;

/// How much is logged; each level has what the ones before have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Nothing.
    Off = 0,
    /// What failed for good.
    Error = 1,
    /// What may need attention.
    Warn = 2,
    /// What happens to clients: connections, groups, topics.
    Info = 3,
    /// Decisions.
    Debug = 4,
    /// Every request.
    Trace = 5,
}

impl Level {
    /// The level of that number, `Trace` for larger ones.
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Off,
            1 => Self::Error,
            2 => Self::Warn,
            3 => Self::Info,
            4 => Self::Debug,
            _ => Self::Trace,
        }
    }

    fn of(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warn,
            tracing::Level::INFO => Self::Info,
            tracing::Level::DEBUG => Self::Debug,
            tracing::Level::TRACE => Self::Trace,
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// The part of the library it is from, such as `ottla::consumer`.
    pub target: String,
    /// What happened, with its values as `name=value`.
    pub message: String,
}

/// Lines that the host has not taken yet.
#[derive(Default)]
pub struct LogQueue {
    level: AtomicU8,
    lines: Mutex<Vec<LogLine>>,
    arrived: Condvar,
    dropped: AtomicU64,
    wake: Mutex<Option<Arc<WakeFn>>>,
}

/// Logs this much from here on, at any time. The first call installs the library as its own image's `tracing` subscriber,
/// unless the application has installed one.
pub fn set_log_level(level: Level) {
    log_queue().level.store(level as u8, Ordering::Relaxed);
    static INSTALLED: Once = Once::new();
    if level != Level::Off {
        INSTALLED.call_once(|| {
            // Where another subscriber is there already, the lines go to that one.
            let _ = tracing::subscriber::set_global_default(Lines);
        });
    }
    tracing::callsite::rebuild_interest_cache();
}

/// The lines of the whole process. A forked child begins one of its own, at the same level: a thread of the parent may have
/// held the lock of the inherited one.
pub fn log_queue() -> &'static LogQueue {
    static CURRENT: ArcSwapOption<(u32, &'static LogQueue)> = ArcSwapOption::const_empty();
    let generation = fork::generation();
    loop {
        let found = CURRENT.load();
        let level = match &*found {
            Some(current) if current.0 == generation => return current.1,
            Some(inherited) => inherited.1.level.load(Ordering::Relaxed),
            None => Level::Off as u8,
        };
        let fresh = LogQueue { level: AtomicU8::new(level), ..LogQueue::default() };
        // One for each generation of a process, to its end.
        let fresh: &'static LogQueue = Box::leak(Box::new(fresh));
        CURRENT.compare_and_swap(&found, Some(Arc::new((generation, fresh))));
    }
}

impl LogQueue {
    /// Moves all lines to the end of `into`.
    pub fn drain(&self, into: &mut Vec<LogLine>) {
        into.append(&mut self.lines.lock());
    }

    /// How many lines were dropped because nobody took those before; reading it sets it to zero.
    pub fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }

    /// Blocks the calling thread until there is a line, for `at_most` that long; whether there is.
    pub fn wait(&self, at_most: Duration) -> bool {
        #[allow(clippy::disallowed_methods)] // A thread of the host is held up, which no simulation does.
        let deadline = Instant::now() + at_most.min(Duration::from_secs(3600));
        let mut lines = self.lines.lock();
        while lines.is_empty() {
            if self.arrived.wait_until(&mut lines, deadline).timed_out() {
                break;
            }
        }
        !lines.is_empty()
    }

    /// Sets who is woken when lines come where there was none; it must only wake, and log nothing.
    pub fn set_wake(&self, wake: Option<WakeFn>) {
        *self.wake.lock() = wake.map(Arc::new);
    }

    fn push(&self, line: LogLine) {
        let mut lines = self.lines.lock();
        if lines.len() >= BOUND_LINES {
            drop(lines);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let first = lines.is_empty();
        lines.push(line);
        drop(lines);
        if first {
            self.arrived.notify_all();
            let wake = self.wake.lock().clone();
            if let Some(wake) = wake {
                wake();
            }
        }
    }
}

impl fmt::Debug for LogQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogQueue").field("waiting", &self.lines.lock().len()).finish_non_exhaustive()
    }
}

/// Turns events into lines; spans are not kept.
struct Lines;

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
            && metadata.target().starts_with("ottla")
            && Level::of(*metadata.level()) as u8 <= log_queue().level.load(Ordering::Relaxed)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        let message = text.message + &text.fields;
        log_queue().push(LogLine {
            level: Level::of(*metadata.level()),
            target: metadata.target().to_owned(),
            message,
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
