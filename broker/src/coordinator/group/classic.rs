//! A classic group: who is in it, and which generation it is in. **machine**
//!
//! Owns membership and its states; [`super::join`], [`super::sync`] and [`super::presence`] are its
//! handlers. Who waits for an answer is known
//! by ticket. Timers, writes and answers go through [`Effects`]. Does not know offsets.
//!
//! What is durable of it is a [`GroupMetadata`] per generation; members that join meanwhile are in memory only, as in
//! Kafka: after a restart the members of the last generation are back, and have to say so within their session.

use super::effects::{Effects, Identity, JoinReply, SyncReply, TimerKey};
use super::member::{Member, Protocol};
use super::records::{GroupMetadata, MemberMetadata, subscribed_topics};
use crate::coordinator::shard::Now;
use bytes::Bytes;
use indexmap::IndexMap;
use ottla_wire::ErrorCode;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The protocol type of consumers.
pub(crate) const CONSUMER: &str = "consumer";

/// What a group is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupState {
    /// No members; perhaps offsets. A join begins a rebalance.
    Empty,
    /// Members are asked to join; answers wait until all have or their time is over.
    PreparingRebalance,
    /// All have joined; the leader works out the assignment, the others wait for it.
    CompletingRebalance,
    /// Everyone can have its assignment. Any change of members begins a rebalance.
    Stable,
}

impl GroupState {
    /// Kafka's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }

    /// Whether a group may go from here to `next`.
    fn may_become(self, next: Self) -> bool {
        use GroupState::{CompletingRebalance, Empty, PreparingRebalance, Stable};
        match next {
            Empty => self == PreparingRebalance,
            PreparingRebalance => matches!(self, Empty | CompletingRebalance | Stable),
            CompletingRebalance => self == PreparingRebalance,
            Stable => self == CompletingRebalance,
        }
    }
}

/// A classic group. There is no dead state: a group that is gone is not in the shard.
#[derive(Clone, Debug)]
pub(crate) struct ClassicGroup {
    pub(crate) group_id: Arc<str>,
    pub(super) state: GroupState,
    /// When it came into its state; -1: not known.
    pub(super) state_since_ms: i64,
    pub(super) generation: i32,
    /// None while nobody ever joined: a group of offsets only.
    pub(super) protocol_type: Option<Arc<str>>,
    pub(super) protocol: Option<Arc<str>>,
    pub(super) leader: Option<Arc<str>>,
    /// In order of joining.
    pub(super) members: IndexMap<Arc<str>, Member>,
    /// Member ids by instance id.
    pub(super) static_members: BTreeMap<Arc<str>, Arc<str>>,
    /// Ids given out whose owners have not joined with them yet.
    pub(super) pending_joins: BTreeSet<Arc<str>>,
    /// Members of the generation that have not asked for their assignment.
    pub(super) pending_syncs: BTreeSet<Arc<str>>,
    /// The rebalance began with an empty group, and waits a while for more members.
    pub(super) initial: Option<InitialDelay>,
    /// What the members read, if they are consumers and say so.
    pub(super) subscribed: Option<Arc<BTreeSet<Arc<str>>>>,
}

/// How long a first rebalance goes on waiting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InitialDelay {
    /// What is being waited now.
    pub(super) delay: Duration,
    /// What may be waited after that, if members go on coming.
    pub(super) remaining: Duration,
    pub(super) member_came: bool,
}

impl ClassicGroup {
    /// A group nobody is in.
    pub(crate) fn new(group_id: Arc<str>, now_ms: i64) -> Self {
        Self {
            group_id,
            state: GroupState::Empty,
            state_since_ms: now_ms,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: IndexMap::new(),
            static_members: BTreeMap::new(),
            pending_joins: BTreeSet::new(),
            pending_syncs: BTreeSet::new(),
            initial: None,
            subscribed: None,
        }
    }

    /// The group as a record tells it.
    pub(crate) fn from_metadata(group_id: Arc<str>, metadata: &GroupMetadata) -> Self {
        let mut group = Self::new(group_id, metadata.current_state_timestamp_ms);
        group.generation = metadata.generation;
        group.protocol_type = (!metadata.protocol_type.is_empty()).then(|| metadata.protocol_type.clone());
        group.protocol = metadata.protocol.clone();
        group.leader = metadata.leader.clone();
        for member in &metadata.members {
            let protocol = metadata.protocol.clone().unwrap_or_default();
            group.insert(Member {
                member_id: member.member_id.clone(),
                group_instance_id: member.group_instance_id.clone(),
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                rebalance_timeout_ms: member.rebalance_timeout_ms,
                session_timeout_ms: member.session_timeout_ms,
                protocols: vec![(protocol, member.subscription.clone())],
                assignment: member.assignment.clone(),
                awaiting_join: None,
                awaiting_sync: None,
                is_new: false,
            });
        }
        if !group.members.is_empty() {
            group.state = GroupState::Stable;
        }
        group.subscribed = group.find_subscribed();
        group
    }

    /// The record of this generation, with `assignments` in place of what the members have.
    pub(crate) fn metadata(&self, assignments: Option<&BTreeMap<Arc<str>, Bytes>>) -> GroupMetadata {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let members = self.members.values().map(|member| MemberMetadata {
            member_id: member.member_id.clone(),
            group_instance_id: member.group_instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_timeout_ms: member.rebalance_timeout_ms,
            session_timeout_ms: member.session_timeout_ms,
            subscription: member.metadata(protocol).cloned().unwrap_or_default(),
            assignment: match assignments {
                Some(assignments) => assignments.get(&member.member_id).cloned().unwrap_or_default(),
                None => member.assignment.clone(),
            },
        });
        GroupMetadata {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            current_state_timestamp_ms: self.state_since_ms,
            members: members.collect(),
        }
    }

    /// Its state.
    pub(crate) fn state(&self) -> GroupState {
        self.state
    }

    /// What its members do; `None` for a group of offsets only.
    pub(crate) fn protocol_type(&self) -> Option<&str> {
        self.protocol_type.as_deref()
    }

    /// Moves to `next`. A move that no rule allows is a mistake of this file.
    pub(super) fn become_state(&mut self, next: GroupState, now: Now) {
        assert!(self.state.may_become(next), "a group went from {:?} to {next:?}", self.state);
        self.state = next;
        self.state_since_ms = now.wall_ms;
    }

    /// Whether it has nothing that would be missed: nobody is in it nor coming, and it never had a generation.
    pub(crate) fn is_trivial(&self) -> bool {
        self.members.is_empty() && self.pending_joins.is_empty() && self.generation == 0
    }

    /// Whether someone was given an id and has not joined with it yet.
    pub(crate) fn is_awaited(&self) -> bool {
        !self.pending_joins.is_empty()
    }

    /// Whether its members are consumers.
    pub(crate) fn is_consumer(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER)
    }

    /// Whether the members may read `topic`; consumers that do not say what they read may read anything.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        self.subscribed.as_ref().map_or_else(|| self.is_consumer(), |topics| topics.contains(topic))
    }

    /// Whether `member_id` leads the generation.
    pub(super) fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    /// Whether it is who it says: `UNKNOWN_MEMBER_ID`, or `FENCED_INSTANCE_ID` when another took its instance id over.
    pub(crate) fn check_member(&self, who: Identity<'_>) -> Result<(), ErrorCode> {
        if let Some(instance) = who.group_instance_id {
            match self.static_members.get(instance) {
                None => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
                Some(member_id) if **member_id != *who.member_id => {
                    return Err(ErrorCode::FENCED_INSTANCE_ID);
                }
                Some(_) => {}
            }
        }
        if self.members.contains_key(who.member_id) { Ok(()) } else { Err(ErrorCode::UNKNOWN_MEMBER_ID) }
    }

    /// Whether someone may commit offsets.
    pub(crate) fn check_commit(
        &self,
        who: Identity<'_>,
        generation: i32,
        transactional: bool,
    ) -> Result<(), ErrorCode> {
        // A consumer without a group, or a tool.
        if generation < 0 && self.state == GroupState::Empty {
            return Ok(());
        }
        if generation >= 0 || !who.member_id.is_empty() || who.group_instance_id.is_some() {
            self.check_member(who)?;
            if generation != self.generation {
                return Err(ErrorCode::ILLEGAL_GENERATION);
            }
        } else if !transactional && self.state != GroupState::Empty {
            return Err(ErrorCode::UNKNOWN_MEMBER_ID);
        }
        // Its generation is right, but what it read belongs to the one before.
        if !transactional && self.state == GroupState::CompletingRebalance {
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        Ok(())
    }

    /// Puts a member in.
    pub(super) fn insert(&mut self, member: Member) {
        if let Some(instance) = &member.group_instance_id {
            self.static_members.insert(instance.clone(), member.member_id.clone());
        }
        self.pending_joins.remove(&member.member_id);
        if self.leader.is_none() {
            self.leader = Some(member.member_id.clone());
        }
        self.members.insert(member.member_id.clone(), member);
    }

    /// Takes a member out; whatever it waits for is answered.
    pub(super) fn remove(&mut self, fx: &mut Effects, member_id: &str) {
        self.pending_syncs.remove(member_id);
        self.pending_joins.remove(member_id);
        let Some(mut member) = self.members.shift_remove(member_id) else { return };
        fx.timers.cancel(&self.member_timer(&member.member_id));
        release(fx, &mut member, ErrorCode::UNKNOWN_MEMBER_ID);
        if let Some(instance) = &member.group_instance_id
            && self.static_members.get(instance) == Some(&member.member_id)
        {
            self.static_members.remove(instance);
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
    }

    /// Gives a static member a new id; whoever has the old one is fenced.
    pub(super) fn replace(
        &mut self,
        fx: &mut Effects,
        instance: &Arc<str>,
        old_member_id: &str,
        new_member_id: &Arc<str>,
    ) {
        let Some((place, _, mut member)) = self.members.shift_remove_full(old_member_id) else { return };
        fx.timers.cancel(&self.member_timer(&member.member_id));
        release(fx, &mut member, ErrorCode::FENCED_INSTANCE_ID);
        member.member_id = new_member_id.clone();
        self.members.shift_insert(place, new_member_id.clone(), member);
        if self.is_leader(old_member_id) {
            self.leader = Some(new_member_id.clone());
        }
        if self.pending_syncs.remove(old_member_id) {
            self.pending_syncs.insert(new_member_id.clone());
        }
        self.static_members.insert(instance.clone(), new_member_id.clone());
    }

    /// Whether a member that can follow `protocols` fits the group.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        if self.state == GroupState::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.iter().any(|(name, _)| self.is_common(name))
    }

    /// Whether all members can follow `protocol`.
    fn is_common(&self, protocol: &str) -> bool {
        self.members.values().all(|member| member.metadata(protocol).is_some())
    }

    /// The protocol most members like best among those all can follow; of several, the one the first member prefers.
    pub(super) fn vote(&self) -> Option<Arc<str>> {
        let (_, first) = self.members.first()?;
        let names = first.protocols.iter().map(|(name, _)| name);
        let candidates: Vec<&Arc<str>> = names.filter(|name| self.is_common(name)).collect();
        let mut votes = vec![0usize; candidates.len()];
        for member in self.members.values() {
            let mut liked = member.protocols.iter();
            let choice = liked.find_map(|(name, _)| candidates.iter().position(|other| *other == name));
            if let Some(choice) = choice {
                votes[choice] += 1;
            }
        }
        let most = votes.iter().max()?;
        let winner = votes.iter().position(|count| count == most)?;
        Some(candidates[winner].clone())
    }

    /// What the members read, as far as they are consumers that say so.
    pub(super) fn find_subscribed(&self) -> Option<Arc<BTreeSet<Arc<str>>>> {
        let protocol = self.protocol.as_deref().filter(|_| self.is_consumer())?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(subscribed_topics(member.metadata(protocol)?)?);
        }
        Some(Arc::new(topics))
    }

    /// The largest rebalance timeout of the members.
    pub(super) fn rebalance_timeout(&self) -> Duration {
        let timeouts = self.members.values().map(|member| member.rebalance_timeout_ms);
        millis(timeouts.max().unwrap_or(0))
    }

    /// Starts a member's session anew.
    pub(super) fn restart_session(&self, fx: &mut Effects, member_id: &str, now: Now) {
        if let Some(member) = self.members.get(member_id) {
            let deadline = now.instant + millis(member.session_timeout_ms);
            fx.timers.schedule(self.member_timer(&member.member_id), deadline);
        }
    }

    /// After a load: everybody has one session to say that it is still there.
    pub(crate) fn handle_loaded(&mut self, fx: &mut Effects, now: Now) {
        for member_id in self.members.keys() {
            self.restart_session(fx, member_id, now);
        }
        if self.members.len() > fx.config.max_size && self.state == GroupState::Stable {
            self.prepare_rebalance(fx, now);
        }
    }

    /// The group is removed: nothing of it may ring.
    pub(crate) fn forget_timers(&self, fx: &mut Effects) {
        fx.timers.cancel(&TimerKey::Join(self.group_id.clone()));
        fx.timers.cancel(&TimerKey::Sync(self.group_id.clone()));
        for member_id in self.members.keys().chain(&self.pending_joins) {
            fx.timers.cancel(&self.member_timer(member_id));
        }
    }

    pub(super) fn member_timer(&self, member_id: &Arc<str>) -> TimerKey {
        TimerKey::Member(self.group_id.clone(), member_id.clone())
    }

    /// Members that have joined the rebalance.
    pub(super) fn joined_count(&self) -> usize {
        self.members.values().filter(|member| member.awaiting_join.is_some()).count()
    }
}

/// Answers whatever a member waits for, with `code`.
pub(super) fn release(fx: &mut Effects, member: &mut Member, code: ErrorCode) {
    if let Some(ticket) = member.awaiting_join.take() {
        fx.join(ticket, JoinReply::refused(code, member.member_id.clone()));
    }
    if let Some(ticket) = member.awaiting_sync.take() {
        fx.sync(ticket, SyncReply::refused(code));
    }
}

/// A timeout of a member; negative counts as none.
pub(super) fn millis(timeout_ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0))
}
