//! The groups of one partition of `__consumer_offsets`. **machine**
//!
//! Owns which groups there are, their offsets, and when either is forgotten.

use super::classic::{ClassicGroup, GroupState};
use super::config::GroupConfig;
use super::effects::{
    CommitRequest, Done, Effects, Identity, JoinReply, JoinRequest, Reply, SyncReply, SyncRequest, TimerKey,
};
use super::offsets::{Expiry, Offsets};
use super::places::{Place, Places};
use super::records::GroupRecord;
use crate::coordinator::shard::{BadRecord, Now, Shard, Ticket, TransactionalProducer, Write};
use crate::coordinator::timer::Timers;
use bytes::BytesMut;
use ottla_env::Rng;
use ottla_wire::ErrorCode;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// A group and its offsets.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) classic: ClassicGroup,
    pub(crate) offsets: Offsets,
    /// Counts it.
    _place: Place,
}

/// The groups of one partition.
#[derive(Debug)]
pub(crate) struct GroupShard {
    groups: BTreeMap<Arc<str>, Group>,
    /// Taken by the groups of this shard and its neighbours.
    places: Places,
    fx: Effects,
    /// The log is being replayed: records are the whole truth. Afterwards a group's own record only says what it did.
    is_loading: bool,
}

impl GroupShard {
    /// Without groups, before its log is replayed.
    pub(crate) fn new(config: Arc<GroupConfig>, places: Places, rng: Rng) -> Self {
        Self {
            groups: BTreeMap::new(),
            places,
            fx: Effects {
                config,
                timers: Timers::default(),
                writes: VecDeque::new(),
                replies: VecDeque::new(),
                rng,
            },
            is_loading: true,
        }
    }

    /// All groups by name.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (&Arc<str>, &Group)> {
        self.groups.iter()
    }

    /// A group.
    pub(crate) fn group(&self, group_id: &str) -> Option<&Group> {
        self.groups.get(group_id)
    }

    fn group_mut(&mut self, group_id: &Arc<str>, now_ms: i64) -> &mut Group {
        self.groups.entry(group_id.clone()).or_insert_with(|| Group {
            classic: ClassicGroup::new(group_id.clone(), now_ms),
            offsets: Offsets::default(),
            _place: self.places.take(),
        })
    }

    /// Whether `group_id` is there or may come to be.
    fn has_room(&self, group_id: &str) -> bool {
        self.groups.contains_key(group_id) || self.places.taken() < self.fx.config.max_groups
    }

    /// JoinGroup.
    pub(crate) fn handle_join(
        &mut self,
        ticket: Ticket,
        group_id: &Arc<str>,
        request: JoinRequest,
        now: Now,
    ) {
        let timeouts = self.fx.config.min_session_timeout_ms..=self.fx.config.max_session_timeout_ms;
        if !timeouts.contains(&request.session_timeout_ms) {
            let reply = JoinReply::refused(ErrorCode::INVALID_SESSION_TIMEOUT, request.member_id);
            return self.fx.join(ticket, reply);
        }
        if !request.member_id.is_empty() && !self.groups.contains_key(group_id) {
            let reply = JoinReply::refused(ErrorCode::UNKNOWN_MEMBER_ID, request.member_id);
            return self.fx.join(ticket, reply);
        }
        if !self.has_room(group_id) {
            let reply = JoinReply::refused(ErrorCode::POLICY_VIOLATION, request.member_id);
            return self.fx.join(ticket, reply);
        }
        self.group_mut(group_id, now.wall_ms);
        self.with_group(group_id, |group, fx| group.handle_join(fx, ticket, request, now));
        self.schedule_expiry(now);
    }

    /// SyncGroup.
    pub(crate) fn handle_sync(
        &mut self,
        ticket: Ticket,
        group_id: &Arc<str>,
        request: SyncRequest,
        now: Now,
    ) {
        let known = self.with_group(group_id, |group, fx| group.handle_sync(fx, ticket, request, now));
        if known.is_none() {
            self.fx.sync(ticket, SyncReply::refused(ErrorCode::UNKNOWN_MEMBER_ID));
        }
    }

    /// Heartbeat.
    pub(crate) fn handle_heartbeat(
        &mut self,
        ticket: Ticket,
        group_id: &str,
        who: Identity<'_>,
        generation: i32,
        now: Now,
    ) {
        let code = match self.groups.get(group_id) {
            Some(group) => group.classic.handle_heartbeat(&mut self.fx, who, generation, now),
            None => ErrorCode::UNKNOWN_MEMBER_ID,
        };
        self.fx.reply(ticket, Reply::Code(code));
    }

    /// LeaveGroup.
    pub(crate) fn handle_leave(
        &mut self,
        ticket: Ticket,
        group_id: &Arc<str>,
        leaving: &[(Arc<str>, Option<Arc<str>>)],
        now: Now,
    ) {
        let known = self.with_group(group_id, |group, fx| group.handle_leave(fx, ticket, leaving, now));
        if known.is_none() {
            let codes = vec![ErrorCode::UNKNOWN_MEMBER_ID; leaving.len()];
            self.fx.reply(ticket, Reply::Leave(Ok(codes)));
        }
    }

    /// OffsetCommit, and TxnOffsetCommit when it names a producer.
    pub(crate) fn handle_commit(
        &mut self,
        ticket: Ticket,
        group_id: &Arc<str>,
        request: &CommitRequest,
        now: Now,
    ) {
        let who = Identity {
            member_id: &request.member_id,
            group_instance_id: request.group_instance_id.as_deref(),
        };
        let transactional = request.producer.is_some();
        let checked = match self.groups.get(group_id) {
            Some(group) => group.classic.check_commit(who, request.generation, transactional),
            // A member of a group that is gone is to join again; only a commit that would make a group needs room.
            None if request.generation < 0 && !self.has_room(group_id) => Err(ErrorCode::POLICY_VIOLATION),
            None if request.generation < 0 => Ok(()),
            None if request.version >= 9 => Err(ErrorCode::GROUP_ID_NOT_FOUND),
            None => Err(ErrorCode::ILLEGAL_GENERATION),
        };
        if let Err(code) = checked {
            return self.fx.reply(ticket, Reply::Partitions(Err(code)));
        }
        if let Some(group) = self.groups.get(group_id) {
            // Whoever commits is there.
            group.classic.restart_session(&mut self.fx, who.member_id, now);
        }
        let max_bytes = self.fx.config.offset_metadata_max_bytes;
        let mut codes = Vec::with_capacity(request.offsets.len());
        let mut records = Vec::with_capacity(request.offsets.len());
        for offset in &request.offsets {
            if offset.metadata.len() > max_bytes {
                codes.push(ErrorCode::OFFSET_METADATA_TOO_LARGE);
                continue;
            }
            codes.push(ErrorCode::NONE);
            records.push(GroupRecord::Offset {
                group: group_id.clone(),
                topic: offset.topic.clone(),
                partition: offset.partition,
                value: Some(offset.committed(now.wall_ms)),
            });
        }
        let reply = Reply::Partitions(Ok(codes));
        if records.is_empty() {
            return self.fx.reply(ticket, reply);
        }
        let then = Done::Answer { ticket, reply };
        self.fx.writes.push_back(Write { records, atomic: true, producer: request.producer, then });
        self.schedule_expiry(now);
    }

    /// OffsetDelete: a group that goes on forgets partitions of topics it does not read.
    pub(crate) fn handle_delete_offsets(
        &mut self,
        ticket: Ticket,
        group_id: &Arc<str>,
        partitions: &[(Arc<str>, i32)],
    ) {
        let Some(group) = self.groups.get(group_id) else {
            return self.fx.reply(ticket, Reply::Partitions(Err(ErrorCode::GROUP_ID_NOT_FOUND)));
        };
        if group.classic.state() != GroupState::Empty && !group.classic.is_consumer() {
            return self.fx.reply(ticket, Reply::Partitions(Err(ErrorCode::NON_EMPTY_GROUP)));
        }
        let mut records = Vec::new();
        let codes = partitions.iter().map(|(topic, partition)| {
            if group.classic.state() != GroupState::Empty && group.classic.is_subscribed_to(topic) {
                return ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC;
            }
            if group.offsets.get(topic, *partition).is_some() {
                records.push(forget(group_id, topic, *partition));
            }
            ErrorCode::NONE
        });
        let reply = Reply::Partitions(Ok(codes.collect()));
        if records.is_empty() {
            return self.fx.reply(ticket, reply);
        }
        self.fx.write(records, Done::Answer { ticket, reply });
    }

    /// DeleteGroups, for one group.
    pub(crate) fn handle_delete(&mut self, ticket: Ticket, group_id: &Arc<str>) {
        let code = match self.groups.get(group_id) {
            None => ErrorCode::GROUP_ID_NOT_FOUND,
            Some(group) if group.classic.state() != GroupState::Empty => ErrorCode::NON_EMPTY_GROUP,
            Some(group) => {
                let mut records = Vec::new();
                for topic in group.offsets.topics() {
                    let partitions = group.offsets.partitions(topic).into_iter();
                    records.extend(partitions.map(|partition| forget(group_id, topic, partition)));
                }
                // Last, so that a part of it leaves the group there to be deleted again.
                records.push(GroupRecord::Metadata { group: group_id.clone(), value: None });
                let then = Done::Answer { ticket, reply: Reply::Code(ErrorCode::NONE) };
                self.fx.writes.push_back(Write { records, atomic: false, producer: None, then });
                return;
            }
        };
        self.fx.reply(ticket, Reply::Code(code));
    }

    /// Runs `act` on a group, and forgets the group if nothing is left of it that was ever written.
    fn with_group<T>(
        &mut self,
        group_id: &Arc<str>,
        act: impl FnOnce(&mut ClassicGroup, &mut Effects) -> T,
    ) -> Option<T> {
        let group = self.groups.get_mut(group_id)?;
        let outcome = act(&mut group.classic, &mut self.fx);
        if group.classic.is_trivial() && group.offsets.is_empty() {
            self.groups.remove(group_id);
        }
        Some(outcome)
    }

    fn schedule_expiry(&mut self, now: Now) {
        if !self.fx.timers.contains(&TimerKey::Expiry) {
            let at = now.instant + self.fx.config.offsets_retention_check_interval;
            self.fx.timers.schedule(TimerKey::Expiry, at);
        }
    }

    /// Forgets offsets that are too old, and groups that have none left.
    fn expire(&mut self, now: Now) {
        let mut records = Vec::new();
        let retention_ms = self.fx.config.offsets_retention_ms;
        for (group_id, group) in &self.groups {
            let expired = group.offsets.expired(&expiry(&group.classic), retention_ms, now.wall_ms);
            let kept =
                group.offsets.topics().map(|topic| group.offsets.partitions(topic).len()).sum::<usize>();
            let all = expired.len() == kept && !group.offsets.has_pending();
            records.extend(expired.iter().map(|(topic, partition)| forget(group_id, topic, *partition)));
            if all && group.classic.state() == GroupState::Empty && !group.classic.is_awaited() {
                records.push(GroupRecord::Metadata { group: group_id.clone(), value: None });
            }
        }
        if !records.is_empty() {
            tracing::debug!(records = records.len(), "old offsets are forgotten");
            self.fx.writes.push_back(Write { records, atomic: false, producer: None, then: Done::Nothing });
        }
        if !self.groups.is_empty() {
            self.schedule_expiry(now);
        }
    }
}

/// What makes a group's offsets old.
fn expiry(group: &ClassicGroup) -> Expiry {
    if group.protocol_type.is_none() {
        return Expiry::SinceCommit;
    }
    match (group.state, &group.subscribed) {
        (GroupState::Empty, _) => {
            Expiry::EmptySince((group.state_since_ms >= 0).then_some(group.state_since_ms))
        }
        (GroupState::Stable, Some(topics)) => Expiry::Unsubscribed(topics.clone()),
        _ => Expiry::Never,
    }
}

fn forget(group: &Arc<str>, topic: &Arc<str>, partition: i32) -> GroupRecord {
    GroupRecord::Offset { group: group.clone(), topic: topic.clone(), partition, value: None }
}

impl Shard for GroupShard {
    type Record = GroupRecord;
    type Reply = Reply;
    type Done = Done;

    fn encode(record: &GroupRecord, key: &mut BytesMut, value: &mut BytesMut) -> Result<bool, BadRecord> {
        record.encode(key, value)
    }

    fn decode(key: &[u8], value: Option<&[u8]>) -> Result<Option<GroupRecord>, BadRecord> {
        GroupRecord::decode(key, value)
    }

    fn replay(&mut self, record: &GroupRecord, offset: i64, producer: Option<TransactionalProducer>) {
        match record {
            GroupRecord::Offset { group, topic, partition, value } => {
                if value.is_none() && !self.groups.contains_key(group) {
                    return;
                }
                let of = self.group_mut(group, -1);
                of.offsets.replay(topic, *partition, value.clone(), offset, producer);
                if of.offsets.is_empty() && of.classic.is_trivial() {
                    self.groups.remove(group);
                }
            }
            GroupRecord::Metadata { group, value: Some(metadata) } if self.is_loading => {
                let classic = ClassicGroup::from_metadata(group.clone(), metadata);
                self.group_mut(group, -1).classic = classic;
            }
            GroupRecord::Metadata { value: Some(_), .. } => {}
            GroupRecord::Metadata { group, value: None } => {
                // What was committed meanwhile keeps its group; so does whoever is joining.
                let Some(of) = self.groups.get_mut(group) else { return };
                if of.classic.state() != GroupState::Empty && !self.is_loading {
                    return;
                }
                of.classic.forget_timers(&mut self.fx);
                if of.offsets.is_empty() {
                    self.groups.remove(group);
                } else {
                    of.classic = ClassicGroup::new(group.clone(), -1);
                }
            }
        }
    }

    fn replay_end_transaction(&mut self, producer: TransactionalProducer, committed: bool) {
        for group in self.groups.values_mut() {
            group.offsets.replay_end_transaction(producer.producer_id, committed);
        }
        self.groups.retain(|_, group| !group.offsets.is_empty() || !group.classic.is_trivial());
    }

    fn handle_loaded(&mut self, now: Now) {
        self.is_loading = false;
        for group in self.groups.values_mut() {
            group.classic.handle_loaded(&mut self.fx, now);
        }
        if !self.groups.is_empty() {
            self.schedule_expiry(now);
        }
    }

    fn handle_written(&mut self, done: Done, result: Result<(), ErrorCode>, now: Now) {
        match done {
            Done::Nothing => {
                if let Err(code) = result {
                    tracing::warn!(code = code.name(), "a group's record was not written");
                }
            }
            Done::Answer { ticket, reply } => {
                let reply = match (result, reply) {
                    (Ok(()), reply) => reply,
                    (Err(ErrorCode::RECORD_LIST_TOO_LARGE), Reply::Partitions(_)) => {
                        Reply::Partitions(Err(ErrorCode::INVALID_COMMIT_OFFSET_SIZE))
                    }
                    (Err(code), Reply::Partitions(_)) => Reply::Partitions(Err(told(code))),
                    (Err(code), Reply::Leave(_)) => Reply::Leave(Err(told(code))),
                    (Err(code), Reply::Code(_)) => Reply::Code(told(code)),
                    (Err(_), reply @ (Reply::Join(_) | Reply::Sync(_))) => reply,
                };
                self.fx.reply(ticket, reply);
            }
            Done::Assign { group, generation, assignments } => {
                let result = result.map_err(told);
                self.with_group(&group, |group, fx| {
                    group.handle_assigned(fx, generation, &assignments, result, now);
                });
            }
            Done::Replaced(done) => {
                let group = done.group.clone();
                let (ticket, result) = (done.ticket, result.map_err(told));
                let known =
                    self.with_group(&group, |group, fx| group.handle_replaced(fx, *done, result, now));
                if known.is_none() {
                    self.fx.join(ticket, JoinReply::refused(ErrorCode::UNKNOWN_MEMBER_ID, Arc::from("")));
                }
            }
        }
    }

    fn handle_timeout(&mut self, now: Now) {
        while let Some(key) = self.fx.timers.pop(now.instant) {
            match key {
                TimerKey::Join(group) => {
                    self.with_group(&group, |group, fx| group.handle_join_timeout(fx, now));
                }
                TimerKey::Sync(group) => {
                    self.with_group(&group, |group, fx| group.handle_sync_timeout(fx, now));
                }
                TimerKey::Member(group, member) => {
                    self.with_group(&group, |group, fx| group.handle_session_expired(fx, &member, now));
                }
                TimerKey::Expiry => self.expire(now),
            }
        }
    }

    fn handle_topics_deleted(&mut self, topics: &[Arc<str>], _now: Now) {
        let mut records = Vec::new();
        for (group_id, group) in &self.groups {
            for topic in topics {
                let partitions = group.offsets.partitions(topic).into_iter();
                records.extend(partitions.map(|partition| forget(group_id, topic, partition)));
            }
        }
        if !records.is_empty() {
            self.fx.writes.push_back(Write { records, atomic: false, producer: None, then: Done::Nothing });
        }
    }

    fn poll_write(&mut self) -> Option<Write<GroupRecord, Done>> {
        self.fx.writes.pop_front()
    }

    fn poll_reply(&mut self) -> Option<(Ticket, Reply)> {
        self.fx.replies.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.fx.timers.poll_timeout()
    }
}

/// What a client is told of a write that failed.
fn told(code: ErrorCode) -> ErrorCode {
    match code {
        ErrorCode::RECORD_LIST_TOO_LARGE => ErrorCode::UNKNOWN_SERVER_ERROR,
        code => code,
    }
}
