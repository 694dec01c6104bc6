//! Polling behind an event descriptor: one poll is under way in the background, and what it brought waits to be taken.
//!
//! The next one begins only when the application asks for more than there is: asking says that it is done with what it
//! had, which is what commits and revocations go by.

use crate::boundary::Deadline;
use crate::event_fd::EventFd;
use ottla::Error;
use ottla::consumer::Records;
use ottla::facade::Consumer;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::time::Duration;

/// How long a poll in the background lasts before it comes back empty.
const LASTS: Duration = Duration::from_secs(3600);

enum Poll {
    Idle,
    /// `stale`: what it brings is of positions that do not count any more.
    UnderWay {
        stale: bool,
    },
    Done(Result<Records, Error>),
}

struct State {
    poll: Poll,
    is_woken: bool,
}

pub(super) struct Background {
    state: Mutex<State>,
    changed: Condvar,
    event_fd: EventFd,
}

impl Background {
    pub(super) fn new() -> Result<Arc<Self>, Error> {
        let event_fd = EventFd::new()?;
        // Readable at first, so that a loop polls, which begins the first poll in the background.
        event_fd.signal();
        let state = State { poll: Poll::Idle, is_woken: false };
        Ok(Arc::new(Self { state: Mutex::new(state), changed: Condvar::new(), event_fd }))
    }

    pub(super) fn event_fd(&self) -> &EventFd {
        &self.event_fd
    }

    /// What a poll brought, by the deadline; nothing when it is still under way then.
    pub(super) fn take(
        self: &Arc<Self>,
        consumer: &Consumer,
        deadline: Deadline,
        max_records: Option<usize>,
    ) -> Result<Records, Error> {
        let mut state = self.state.lock();
        loop {
            if std::mem::take(&mut state.is_woken) {
                return Ok(Records::default());
            }
            match std::mem::replace(&mut state.poll, Poll::Idle) {
                // Stays readable: there may be more, which only another poll finds out.
                Poll::Done(outcome) => return outcome,
                Poll::Idle => {
                    state.poll = Poll::UnderWay { stale: false };
                    self.event_fd.clear();
                    drop(state);
                    let told = Arc::clone(self);
                    consumer.poll(LASTS, max_records).on_done(move |outcome| told.finish(outcome));
                    state = self.state.lock();
                }
                under_way @ Poll::UnderWay { .. } => {
                    state.poll = under_way;
                    let left = deadline.left().min(LASTS);
                    let is_late = self.changed.wait_for(&mut state, left).timed_out();
                    if is_late && !state.is_woken && matches!(state.poll, Poll::UnderWay { .. }) {
                        return Ok(Records::default());
                    }
                }
            }
        }
    }

    fn finish(&self, outcome: Result<Records, Error>) {
        let mut state = self.state.lock();
        let is_stale = matches!(state.poll, Poll::UnderWay { stale: true });
        state.poll = Poll::Done(outcome);
        if is_stale {
            state.forget();
        }
        drop(state);
        self.changed.notify_all();
        self.event_fd.signal();
    }

    /// Makes the call that waits in [`Self::take`], or else the next one, return empty.
    pub(super) fn wake(&self) {
        self.state.lock().is_woken = true;
        self.changed.notify_all();
    }

    /// Positions changed: what was not taken is polled again.
    pub(super) fn forget(&self) {
        self.state.lock().forget();
        self.event_fd.signal();
    }
}

impl State {
    fn forget(&mut self) {
        match &mut self.poll {
            Poll::UnderWay { stale } => *stale = true,
            // Changes of the assignment that it brought come with the next one: nobody was told of them.
            Poll::Done(Ok(_)) => self.poll = Poll::Idle,
            Poll::Done(Err(_)) | Poll::Idle => {}
        }
    }
}
