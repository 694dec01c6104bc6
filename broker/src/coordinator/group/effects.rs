//! What group machines want done, and the messages they take and give.

use super::config::GroupConfig;
use super::member::Protocol;
use super::records::{CommittedOffset, GroupRecord};
use crate::coordinator::shard::{Ticket, TransactionalProducer, Write};
use crate::coordinator::timer::Timers;
use bytes::Bytes;
use ottla_env::Rng;
use ottla_wire::ErrorCode;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

/// What a deadline is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum TimerKey {
    /// The members of a group had their time to join.
    Join(Arc<str>),
    /// The members of a group had their time to fetch their assignment.
    Sync(Arc<str>),
    /// A member of a group was silent for too long.
    Member(Arc<str>, Arc<str>),
    /// Offsets may be too old.
    Expiry,
}

/// What comes after a write.
#[derive(Debug)]
pub(crate) enum Done {
    /// Nothing: it was nobody's request.
    Nothing,
    /// A request is answered.
    Answer { ticket: Ticket, reply: Reply },
    /// The leader's assignment of a generation goes to the members.
    Assign { group: Arc<str>, generation: i32, assignments: BTreeMap<Arc<str>, Bytes> },
    /// A static member that came back is answered; if the write fails it was never replaced.
    Replaced(Box<Replaced>),
}

/// A static member's place under a new id.
#[derive(Debug)]
pub(crate) struct Replaced {
    pub(crate) group: Arc<str>,
    pub(crate) ticket: Ticket,
    pub(crate) reply: JoinReply,
    pub(crate) old_member_id: Arc<str>,
    pub(crate) new_member_id: Arc<str>,
    pub(crate) group_instance_id: Arc<str>,
    pub(crate) old_protocols: Vec<Protocol>,
    pub(crate) old_rebalance_timeout_ms: i32,
    pub(crate) old_session_timeout_ms: i32,
}

/// An answer to a request that may have had to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Join(JoinReply),
    Sync(SyncReply),
    /// Heartbeat; DeleteGroups for one group.
    Code(ErrorCode),
    /// LeaveGroup: a code for the whole, or one for each member.
    Leave(Result<Vec<ErrorCode>, ErrorCode>),
    /// OffsetCommit, OffsetDelete: a code for the whole, or one for each partition in the order of the request.
    Partitions(Result<Vec<ErrorCode>, ErrorCode>),
}

/// JoinGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JoinRequest {
    pub(crate) member_id: Arc<str>,
    pub(crate) group_instance_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) session_timeout_ms: i32,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) protocol_type: Arc<str>,
    pub(crate) protocols: Vec<Protocol>,
    /// Version 4: a new member first gets its id and joins with it (KIP-394).
    pub(crate) requires_known_member_id: bool,
    /// Version 9: a leader can be told to leave the assignment as it is (KIP-814).
    pub(crate) supports_skipping_assignment: bool,
}

/// Answer to JoinGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JoinReply {
    pub(crate) code: ErrorCode,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Arc<str>,
    pub(crate) skip_assignment: bool,
    pub(crate) member_id: Arc<str>,
    /// For the leader: id, instance id and metadata of each member.
    pub(crate) members: Vec<(Arc<str>, Option<Arc<str>>, Bytes)>,
}

impl JoinReply {
    /// The member may not join.
    pub(crate) fn refused(code: ErrorCode, member_id: Arc<str>) -> Self {
        Self {
            code,
            generation: -1,
            protocol_type: None,
            protocol: None,
            leader: Arc::from(""),
            skip_assignment: false,
            member_id,
            members: Vec::new(),
        }
    }
}

/// SyncGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyncRequest {
    pub(crate) member_id: Arc<str>,
    pub(crate) group_instance_id: Option<Arc<str>>,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    /// The leader's; empty from all others.
    pub(crate) assignments: BTreeMap<Arc<str>, Bytes>,
}

/// Answer to SyncGroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyncReply {
    pub(crate) code: ErrorCode,
    pub(crate) protocol_type: Option<Arc<str>>,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) assignment: Bytes,
}

impl SyncReply {
    /// There is no assignment for the member.
    pub(crate) fn refused(code: ErrorCode) -> Self {
        Self { code, protocol_type: None, protocol: None, assignment: Bytes::new() }
    }
}

/// Who does something, as far as the request says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity<'a> {
    pub(crate) member_id: &'a str,
    pub(crate) group_instance_id: Option<&'a str>,
}

/// OffsetCommit.
#[derive(Clone, Debug)]
pub(crate) struct CommitRequest {
    pub(crate) member_id: Arc<str>,
    pub(crate) group_instance_id: Option<Arc<str>>,
    /// -1 outside of a group.
    pub(crate) generation: i32,
    /// Version 9 tells of a group that is not there in its own words.
    pub(crate) version: i16,
    /// Set by TxnOffsetCommit.
    pub(crate) producer: Option<TransactionalProducer>,
    pub(crate) offsets: Vec<CommitOffset>,
}

/// One partition of an OffsetCommit.
#[derive(Clone, Debug)]
pub(crate) struct CommitOffset {
    pub(crate) topic: Arc<str>,
    pub(crate) topic_id: Uuid,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) leader_epoch: i32,
    pub(crate) metadata: Arc<str>,
    /// -1: as long as others.
    pub(crate) retention_ms: i64,
}

impl CommitOffset {
    /// The offset as it is kept. A record that can say when it expires has no room for leader epoch and topic id.
    pub(crate) fn committed(&self, now_ms: i64) -> CommittedOffset {
        let expires = self.retention_ms >= 0;
        CommittedOffset {
            offset: self.offset,
            leader_epoch: if expires { -1 } else { self.leader_epoch },
            metadata: self.metadata.clone(),
            commit_timestamp_ms: now_ms,
            expire_timestamp_ms: if expires { now_ms.saturating_add(self.retention_ms) } else { -1 },
            topic_id: if expires { Uuid::nil() } else { self.topic_id },
        }
    }
}

/// Where machines put what they want done.
#[derive(Debug)]
pub(crate) struct Effects {
    pub(crate) config: Arc<GroupConfig>,
    pub(crate) timers: Timers<TimerKey>,
    pub(crate) writes: VecDeque<Write<GroupRecord, Done>>,
    pub(crate) replies: VecDeque<(Ticket, Reply)>,
    /// Member ids come from it.
    pub(crate) rng: Rng,
}

impl Effects {
    /// Answers a request.
    pub(crate) fn reply(&mut self, ticket: Ticket, reply: Reply) {
        self.replies.push_back((ticket, reply));
    }

    /// Answers a JoinGroup.
    pub(crate) fn join(&mut self, ticket: Ticket, reply: JoinReply) {
        self.reply(ticket, Reply::Join(reply));
    }

    /// Answers a SyncGroup.
    pub(crate) fn sync(&mut self, ticket: Ticket, reply: SyncReply) {
        self.reply(ticket, Reply::Sync(reply));
    }

    /// Writes records that belong together.
    pub(crate) fn write(&mut self, records: Vec<GroupRecord>, then: Done) {
        self.writes.push_back(Write { records, atomic: true, producer: None, then });
    }
}
