//! Log lines on their way to SLF4J.

use ottla::facade::{Level, log_queue, set_log_level};
use serde_json::json;
use std::sync::Once;

/// Logs this much from here on; 0 is nothing, 5 everything. `wake` is called when lines begin to wait.
pub(crate) fn set_level(level: i32, wake: fn()) {
    static WOKEN: Once = Once::new();
    WOKEN.call_once(|| log_queue().set_wake(Some(Box::new(wake))));
    set_log_level(Level::from_number(u8::try_from(level).unwrap_or(0)));
}

/// The lines that wait: `[[level, target, message], …]`, the last one telling how many were dropped, if any were.
pub(crate) fn lines() -> String {
    let mut lines = Vec::new();
    log_queue().drain(&mut lines);
    let mut told: Vec<_> =
        lines.into_iter().map(|line| json!([line.level as u8, line.target, line.message])).collect();
    let dropped = log_queue().take_dropped();
    if dropped > 0 {
        let message = format!("{dropped} log lines were dropped: nobody took those before in time");
        told.push(json!([Level::Warn as u8, "ottla::logging", message]));
    }
    serde_json::Value::from(told).to_string()
}
