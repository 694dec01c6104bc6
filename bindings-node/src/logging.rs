//! Log lines for JavaScript. The log is the process's: the environment that set the level last is woken for them.

use crate::environment::{argument, hub};
use crate::js::{Env, Value};
use crate::thrown::Thrown;
use ottla::facade::{Level, log_queue, set_log_level};
use serde_json::json;
use std::sync::Arc;

/// `logLevel(number)`: 0 is off, 5 the most.
pub(crate) fn level<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let level = Level::from_number(argument(arguments, 0)?.to_number(env)? as u8);
    let hub = Arc::downgrade(&hub(env)?);
    log_queue().set_wake(Some(Box::new(move || {
        if let Some(hub) = hub.upgrade() {
            hub.wake.wake();
        }
    })));
    set_log_level(level);
    env.undefined()
}

/// `logTake()`: `{lines: [{level, target, message}], dropped}` as JSON.
pub(crate) fn take<'e>(env: Env<'e>, _: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let mut lines = Vec::new();
    log_queue().drain(&mut lines);
    let show = |line: &ottla::facade::LogLine| json!({"level": line.level as u8, "target": line.target, "message": line.message});
    let lines: Vec<_> = lines.iter().map(show).collect();
    env.json(&json!({"lines": lines, "dropped": log_queue().take_dropped()}))
}
