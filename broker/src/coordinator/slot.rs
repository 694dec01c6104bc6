//! A partition of a coordinator topic in one leader epoch: its shard, and who waits for it.

use super::shard::{Shard, Ticket};
use crate::replication::Partition;
use ottla_wire::ErrorCode;
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

/// A shard's answer, or why there is none.
pub(super) type Answer<S> = Result<<S as Shard>::Reply, ErrorCode>;

/// A partition in one leader epoch.
pub(super) struct Slot<S: Shard> {
    pub(super) partition: Arc<Partition>,
    pub(super) leader_epoch: i32,
    pub(super) state: Mutex<State<S>>,
}

/// What a slot is at.
pub(super) enum State<S: Shard> {
    /// The log is being replayed, or could not be and will be again; these topics were deleted meanwhile.
    Loading(Vec<Arc<str>>),
    Active(Box<Active<S>>),
    /// Another epoch took over.
    Closed(ErrorCode),
}

/// A shard that takes requests.
pub(super) struct Active<S: Shard> {
    pub(super) shard: S,
    /// Those whose answer did not come at once.
    pub(super) waiting: BTreeMap<Ticket, oneshot::Sender<Answer<S>>>,
    pub(super) next_ticket: u64,
    /// Behind the last record appended or loaded.
    pub(super) appended_to: i64,
    /// What may go on once the log is committed up to an offset; in order of offsets.
    pub(super) pending: VecDeque<(i64, Pending<S>)>,
    /// When the driver was asked to come.
    pub(super) armed: Option<Instant>,
    /// A task looks after `pending`.
    pub(super) watched: bool,
}

/// What waits for a commit.
pub(super) enum Pending<S: Shard> {
    Done(S::Done),
    Reply(Ticket, S::Reply),
    Barrier(oneshot::Sender<()>),
}

impl<S: Shard> Slot<S> {
    /// Up to where the log is committed.
    pub(super) fn committed_to(&self) -> i64 {
        self.partition.marks().high_watermark
    }

    /// Whether the log is still to be replayed.
    pub(super) fn is_loading(&self) -> bool {
        matches!(*self.state.lock(), State::Loading(_))
    }

    /// Ends the slot's service; whoever waits is told.
    pub(super) fn close(&self, code: ErrorCode) {
        let before = std::mem::replace(&mut *self.state.lock(), State::Closed(code));
        if let State::Active(active) = before {
            for sender in active.waiting.into_values() {
                let _gone = sender.send(Err(code));
            }
        }
    }
}

impl<S: Shard> State<S> {
    /// The shard, once it is loaded.
    pub(super) fn active(&mut self) -> Result<&mut Active<S>, ErrorCode> {
        match self {
            Self::Active(active) => Ok(active),
            Self::Loading(_) => Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS),
            Self::Closed(code) => Err(*code),
        }
    }
}
