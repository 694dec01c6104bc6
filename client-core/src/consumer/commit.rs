//! Committing offsets.

use crate::consumer::{Consumer, offsets};
use crate::error::{Error, ErrorKind};
use crate::group::Offsets;
use crate::group::commit::not_a_member;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::oneshot;

/// A commit under way. Awaiting it gives the outcome; dropping it costs nothing, the commit goes on and a failure is logged.
#[derive(Debug)]
pub struct CommitHandle {
    id: u64,
    receiver: oneshot::Receiver<Result<(), Error>>,
}

impl Future for CommitHandle {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // The sender goes only with the consumer's state.
        Pin::new(&mut self.receiver)
            .poll(cx)
            .map(|told| told.unwrap_or_else(|_| Err(Error::closed("commit offsets"))))
    }
}

impl Consumer {
    /// Commits the positions of everything handed out so far, and waits for it.
    ///
    /// Commits keep their order: this one is sent after all that were started before. Errors that are not retriable mean
    /// that the partitions have, or may have, another owner: `ILLEGAL_GENERATION`, `UNKNOWN_MEMBER_ID`,
    /// `REBALANCE_IN_PROGRESS`.
    pub async fn commit_sync(&self) -> Result<(), Error> {
        self.check_committer()?;
        self.check_not_lost()?;
        self.commit_offsets(self.handed_out(), self.api_deadline()).await
    }

    /// Commits these offsets, each the next one to read, and waits for it.
    pub async fn commit(&self, offsets: Offsets) -> Result<(), Error> {
        self.check_committer()?;
        check_offsets(&offsets)?;
        self.commit_offsets(offsets, self.api_deadline()).await
    }

    /// Starts to commit the positions of everything handed out so far.
    pub fn commit_async(&self) -> Result<CommitHandle, Error> {
        self.check_committer()?;
        self.check_not_lost()?;
        self.start_commit(self.handed_out(), self.api_deadline())
    }

    /// Starts to commit these offsets.
    pub fn commit_offsets_async(&self, offsets: Offsets) -> Result<CommitHandle, Error> {
        self.check_committer()?;
        check_offsets(&offsets)?;
        self.start_commit(offsets, self.api_deadline())
    }

    fn check_committer(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::closed("commit offsets"));
        }
        match &self.shared.config.group_id {
            Some(_) => Ok(()),
            None => Err(offsets::no_group("commit offsets")),
        }
    }

    /// What was handed out is no longer ours to commit: to leave it out in silence would look like a commit.
    fn check_not_lost(&self) -> Result<(), Error> {
        if self.shared.state.lock().core.lost_since_poll() { Err(not_a_member()) } else { Ok(()) }
    }

    /// Starts to commit `offsets`, or the positions of everything handed out by now; [`Self::see_through`] waits for it.
    #[cfg(feature = "facade")]
    pub(crate) fn begin_commit(&self, offsets: Option<Offsets>) -> Result<(CommitHandle, Instant), Error> {
        let begun = match offsets {
            Some(offsets) => self.commit_offsets_async(offsets)?,
            None => self.commit_async()?,
        };
        Ok((begun, self.api_deadline()))
    }

    pub(super) async fn commit_offsets(&self, offsets: Offsets, deadline: Instant) -> Result<(), Error> {
        let handle = self.start_commit(offsets, deadline)?;
        self.see_through(handle, deadline).await
    }

    /// The outcome of a commit that is under way, by `deadline`.
    pub(crate) async fn see_through(&self, handle: CommitHandle, deadline: Instant) -> Result<(), Error> {
        let id = handle.id;
        match self.shared.env.timeout_at(deadline, handle).await {
            Some(outcome) => outcome,
            // It is on its way: the request has a deadline of its own.
            None => Err(self.commit_is_late(id)),
        }
    }

    fn commit_is_late(&self, id: u64) -> Error {
        let error = match self.shared.state.lock().core.commits.last_error(id) {
            Some(error) => error.with_kind(ErrorKind::Timeout),
            None => Error::timeout(
                "commit offsets",
                "the deadline passed while waiting for the group's coordinator",
            )
            .with_hint("look whether the brokers are up and reachable, then commit again"),
        };
        let group = self.shared.config.group_id.as_deref().unwrap_or_default();
        error.with_context("group", group).with_outcome_unknown()
    }

    fn start_commit(&self, offsets: Offsets, deadline: Instant) -> Result<CommitHandle, Error> {
        let (sender, receiver) = oneshot::channel();
        let id = {
            let mut state = self.shared.state.lock();
            let id = state.core.commits.push(offsets, deadline)?;
            state.waiters.insert(id, sender);
            id
        };
        self.shared.driver_wake.notify_one();
        Ok(CommitHandle { id, receiver })
    }
}

fn check_offsets(offsets: &Offsets) -> Result<(), Error> {
    match offsets.iter().find(|(_, offset)| offset.offset < 0) {
        None => Ok(()),
        Some((partition, offset)) => {
            Err(Error::new(ErrorKind::InvalidArgument, "commit offsets", "an offset cannot be negative")
                .with_context("topic", &partition.topic)
                .with_context("partition", partition.partition)
                .with_context("offset", offset.offset))
        }
    }
}
