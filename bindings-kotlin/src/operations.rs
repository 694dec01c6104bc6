//! Operations under way, by the token that Kotlin gave them.

use crate::events::{Event, push};
use ottla::Error;
use ottla::facade::{Canceller, Operation};
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::BTreeMap;

static UNDER_WAY: Mutex<BTreeMap<i64, Canceller>> = Mutex::new(BTreeMap::new());

/// Tells `token` what the operation gives, as JSON.
pub(crate) fn begin(token: i64, operation: Operation<Value>) {
    begin_with(token, operation, move |value| Event::Done(token, value.to_string()));
}

/// Tells `token` what the operation gives, as an event.
pub(crate) fn begin_with<T: Send + 'static>(
    token: i64,
    mut operation: Operation<T>,
    tell: impl FnOnce(T) -> Event + Send + 'static,
) {
    let told = move |outcome: Result<T, Error>| match outcome {
        Ok(value) => push(tell(value)),
        Err(error) => push(Event::Failed(token, error)),
    };
    if let Some(outcome) = operation.try_take() {
        return told(outcome);
    }
    // Held until the canceller is in the map: the outcome, which takes it out, may come at once.
    let mut under_way = UNDER_WAY.lock();
    let canceller = operation.on_done(move |outcome| {
        UNDER_WAY.lock().remove(&token);
        told(outcome);
    });
    under_way.insert(token, canceller);
}

/// Gives up the operation of this token; nothing is told about it unless that was under way.
pub(crate) fn cancel(token: i64) {
    let canceller = UNDER_WAY.lock().remove(&token);
    if let Some(canceller) = canceller {
        canceller.cancel();
    }
}
