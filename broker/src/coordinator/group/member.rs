//! A member of a classic group. **machine**

use crate::coordinator::shard::Ticket;
use bytes::Bytes;
use std::sync::Arc;

/// A protocol a member can follow, with what it has to say in it.
pub(crate) type Protocol = (Arc<str>, Bytes);

/// A member, and whether it waits for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) member_id: Arc<str>,
    pub(crate) group_instance_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) session_timeout_ms: i32,
    /// In order of preference.
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) assignment: Bytes,
    /// Its JoinGroup waits.
    pub(crate) awaiting_join: Option<Ticket>,
    /// Its SyncGroup waits.
    pub(crate) awaiting_sync: Option<Ticket>,
    /// It does not know its id yet: it can neither send heartbeats nor come back.
    pub(crate) is_new: bool,
}

impl Member {
    /// What it says in `protocol`.
    pub(crate) fn metadata(&self, protocol: &str) -> Option<&Bytes> {
        self.protocols.iter().find(|(name, _)| &**name == protocol).map(|(_, metadata)| metadata)
    }

    /// Whether it stays when it does not rejoin in time.
    pub(crate) fn is_static(&self) -> bool {
        self.group_instance_id.is_some()
    }
}
