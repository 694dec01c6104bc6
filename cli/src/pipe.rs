//! Whether anybody still reads what is written.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::AsFd;

/// Whether the other end of a pipe is closed. Only the next write would tell; a program with nothing to write asks.
pub(crate) fn reader_has_gone(out: impl AsFd) -> bool {
    // Errors and hang-ups are told without being asked for.
    let mut asked = [PollFd::new(&out, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&at_once)).is_ok() && asked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipe_without_reader_is_noticed_before_the_next_write() {
        let (reader, writer) = std::io::pipe().unwrap();
        assert!(!reader_has_gone(&writer));
        drop(reader);
        assert!(reader_has_gone(&writer));
    }
}
