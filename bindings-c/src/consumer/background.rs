//! Polling behind an event descriptor: one poll is under way in the background, and what it brought waits to be taken.
//!
//! The next one begins only when the application asks for more than there is: asking says that it is done with what it
//! had, which is what commits and revocations go by.

use crate::event_fd::EventFd;
use ottla::Error;
use ottla::consumer::Records;
use ottla::facade::Consumer;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a poll in the background lasts before it comes back empty.
const LASTS: Duration = Duration::from_secs(3600);

enum State {
    Idle,
    /// `stale`: what it brings is of positions that do not count any more.
    Polling {
        stale: bool,
    },
    Done(Result<Records, Error>),
}

pub(super) struct Background {
    state: Mutex<State>,
    done: Condvar,
    event_fd: EventFd,
}

impl Background {
    pub(super) fn new() -> Result<Arc<Self>, Error> {
        let event_fd = EventFd::new()?;
        // Readable at first, so that a loop polls, which begins the first poll in the background.
        event_fd.signal();
        Ok(Arc::new(Self { state: Mutex::new(State::Idle), done: Condvar::new(), event_fd }))
    }

    pub(super) fn event_fd(&self) -> &EventFd {
        &self.event_fd
    }

    /// What a poll brought, within `at_most`; nothing when it is still under way then.
    pub(super) fn take(
        self: &Arc<Self>,
        consumer: &Consumer,
        at_most: Duration,
        max_records: Option<usize>,
    ) -> Result<Records, Error> {
        #[allow(clippy::disallowed_methods)] // A thread of the host is held up, which no simulation does.
        let deadline = Instant::now() + at_most.min(LASTS);
        let mut state = self.state.lock();
        loop {
            match std::mem::replace(&mut *state, State::Idle) {
                State::Done(outcome) => {
                    // Stays readable: there may be more, which only another poll finds out.
                    return outcome;
                }
                State::Idle => {
                    *state = State::Polling { stale: false };
                    self.event_fd.clear();
                    drop(state);
                    let told = Arc::clone(self);
                    consumer.poll_held(LASTS, max_records).on_done(move |outcome| told.finish(outcome));
                    state = self.state.lock();
                }
                polling @ State::Polling { .. } => {
                    *state = polling;
                    let is_late = self.done.wait_until(&mut state, deadline).timed_out();
                    if is_late && matches!(*state, State::Polling { .. }) {
                        return Ok(Records::default());
                    }
                }
            }
        }
    }

    fn finish(&self, outcome: Result<Records, Error>) {
        let mut state = self.state.lock();
        let is_stale = matches!(*state, State::Polling { stale: true });
        *state = State::Done(if is_stale { outcome.map(|_| Records::default()) } else { outcome });
        self.done.notify_all();
        drop(state);
        self.event_fd.signal();
    }

    /// Positions changed: what was not taken is polled again.
    pub(super) fn forget(&self) {
        let mut state = self.state.lock();
        match &mut *state {
            State::Polling { stale } => *stale = true,
            State::Done(Ok(_)) => *state = State::Idle,
            State::Done(Err(_)) | State::Idle => {}
        }
        drop(state);
        self.event_fd.signal();
    }
}
