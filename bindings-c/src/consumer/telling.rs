//! Whose turn it is to run the rebalance callback: one thread's at a time, which others can wait for.

use crate::boundary::Deadline;
use ottla::{Error, ErrorKind};
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::thread::{ThreadId, current};

#[derive(Default)]
pub(super) struct Telling {
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Default)]
struct State {
    by: Option<ThreadId>,
    /// Whether the callback asked the call around it to return.
    is_woken: bool,
}

/// While it lives, no other thread runs the callback.
pub(super) struct Turn<'a>(&'a Telling);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.state.lock().by = None;
        self.0.over.notify_all();
    }
}

impl Telling {
    /// Errors: `InvalidState` within the callback, or while another thread runs it.
    pub(super) fn check_not_running(&self, operation: &'static str) -> Result<(), Error> {
        if self.state.lock().by.is_some() { Err(running(operation)) } else { Ok(()) }
    }

    /// Waits until no other thread runs the callback. Errors: `InvalidState` within the callback, `Timeout`.
    pub(super) fn wait_over(&self, operation: &'static str, deadline: Deadline) -> Result<(), Error> {
        self.locked_when_over(operation, deadline).map(drop)
    }

    /// As [`Self::wait_over`], and takes the next turn.
    pub(super) fn begin(&self, operation: &'static str, deadline: Deadline) -> Result<Turn<'_>, Error> {
        let mut state = self.locked_when_over(operation, deadline)?;
        *state = State { by: Some(current().id()), is_woken: false };
        Ok(Turn(self))
    }

    fn locked_when_over(
        &self,
        operation: &'static str,
        deadline: Deadline,
    ) -> Result<MutexGuard<'_, State>, Error> {
        let mut state = self.state.lock();
        loop {
            match state.by {
                None => return Ok(state),
                Some(by) if by == current().id() => return Err(running(operation)),
                Some(_) if deadline.left().is_zero() => {
                    return Err(Error::timeout(
                        operation,
                        "another thread was still running the rebalance callback",
                    )
                    .with_hint("let the callback return sooner, or give the call a longer timeout_ms"));
                }
                Some(_) => {
                    // Whether it is over is looked up above.
                    let _ = self.over.wait_for(&mut state, deadline.left());
                }
            }
        }
    }

    /// Within the callback: notes that the call around it shall return. False elsewhere.
    pub(super) fn wake_own(&self) -> bool {
        let mut state = self.state.lock();
        let is_own = state.by == Some(current().id());
        state.is_woken |= is_own;
        is_own
    }

    /// Whether the callback that just ran asked for the return; reading it sets it to false.
    pub(super) fn take_woken(&self) -> bool {
        std::mem::take(&mut self.state.lock().is_woken)
    }
}

fn running(operation: &'static str) -> Error {
    Error::new(ErrorKind::InvalidState, operation, "the rebalance callback is running")
        .with_hint("do this when the call that runs the callback has returned")
}
