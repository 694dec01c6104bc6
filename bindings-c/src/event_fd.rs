//! A descriptor that is readable while there is something to look at, for epoll, libuv and their like.

use ottla::{Error, ErrorKind};
use rustix::event::{EventfdFlags, eventfd};
use std::ffi::c_int;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;

/// An eventfd. Cheap to clone; closed with the last clone.
#[derive(Clone)]
pub(crate) struct EventFd(Arc<OwnedFd>);

impl EventFd {
    pub(crate) fn new() -> Result<Self, Error> {
        let made = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(|error| {
            Error::new(ErrorKind::Internal, "make an event descriptor", "the system gives none")
                .with_source(std::io::Error::from(error))
                .with_hint("look at the limit of open files (ulimit -n)")
        })?;
        Ok(Self(Arc::new(made)))
    }

    /// Makes it readable.
    pub(crate) fn signal(&self) {
        // It fails only when it is readable anyway.
        let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
    }

    /// Makes it unreadable until the next signal.
    pub(crate) fn clear(&self) {
        // It fails only when it is not readable anyway.
        let _ = rustix::io::read(&*self.0, &mut [0; 8]);
    }

    pub(crate) fn number(&self) -> c_int {
        self.0.as_raw_fd()
    }
}
