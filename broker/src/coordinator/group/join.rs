//! JoinGroup: how a classic group comes to its next generation. **machine**

use super::classic::{ClassicGroup, GroupState, InitialDelay, millis, release};
use super::effects::{Done, Effects, Identity, JoinReply, JoinRequest, Replaced, Reply, TimerKey};
use super::member::Member;
use super::records::{GroupRecord, subscribed_topics};
use crate::coordinator::shard::{Now, Ticket};
use bytes::Bytes;
use ottla_wire::ErrorCode;
use rand::RngExt;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A member that does not know its id yet cannot send heartbeats; so long its first join may take.
const NEW_MEMBER_JOIN_TIMEOUT: Duration = Duration::from_secs(300);

/// While nobody who is there has joined, a group is looked at no more often.
const REJOIN_WAIT_MIN: Duration = Duration::from_secs(1);

impl ClassicGroup {
    /// A member joins, or joins again.
    pub(crate) fn handle_join(&mut self, fx: &mut Effects, ticket: Ticket, request: JoinRequest, now: Now) {
        let member_id = request.member_id.clone();
        if !self.accepts(fx, &member_id) {
            self.remove(fx, &member_id);
            fx.join(ticket, JoinReply::refused(ErrorCode::GROUP_MAX_SIZE_REACHED, Arc::from("")));
        } else if !self.supports(&request.protocol_type, &request.protocols) {
            fx.join(ticket, JoinReply::refused(ErrorCode::INCONSISTENT_GROUP_PROTOCOL, member_id));
        } else if member_id.is_empty() {
            self.join_without_id(fx, ticket, request, now);
        } else if self.pending_joins.contains(&member_id) {
            if request.group_instance_id.is_some() {
                // Only dynamic members are given an id before they join.
                fx.join(ticket, JoinReply::refused(ErrorCode::UNKNOWN_MEMBER_ID, member_id));
            } else {
                self.add(fx, ticket, request, member_id, now);
            }
        } else {
            self.join_again(fx, ticket, request, now);
        }
    }

    /// Whether there is room for the member.
    fn accepts(&self, fx: &Effects, member_id: &str) -> bool {
        let max_size = fx.config.max_size;
        match self.state {
            GroupState::Empty => true,
            GroupState::PreparingRebalance => {
                let is_in = self.members.get(member_id).is_some_and(|member| member.awaiting_join.is_some());
                is_in || self.joined_count() < max_size
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                self.members.contains_key(member_id) || self.members.len() < max_size
            }
        }
    }

    fn join_without_id(&mut self, fx: &mut Effects, ticket: Ticket, request: JoinRequest, now: Now) {
        let prefix = request.group_instance_id.as_ref().unwrap_or(&request.client_id);
        let unique = uuid::Builder::from_random_bytes(fx.rng.random()).into_uuid();
        let member_id: Arc<str> = Arc::from(format!("{prefix}-{unique}"));
        match request.group_instance_id.clone() {
            None if request.requires_known_member_id => {
                // So that a client that gives up on its first join leaves no member behind.
                self.pending_joins.insert(member_id.clone());
                let deadline = now.instant + millis(request.session_timeout_ms);
                fx.timers.schedule(self.member_timer(&member_id), deadline);
                fx.join(ticket, JoinReply::refused(ErrorCode::MEMBER_ID_REQUIRED, member_id));
            }
            None => self.add(fx, ticket, request, member_id, now),
            Some(instance) => match self.static_members.get(&instance).cloned() {
                None => self.add(fx, ticket, request, member_id, now),
                Some(old) => self.replace_static(fx, ticket, request, &instance, &old, &member_id, now),
            },
        }
    }

    fn join_again(&mut self, fx: &mut Effects, ticket: Ticket, request: JoinRequest, now: Now) {
        let member_id = request.member_id.clone();
        let who = Identity { member_id: &member_id, group_instance_id: request.group_instance_id.as_deref() };
        if let Err(code) = self.check_member(who) {
            fx.join(ticket, JoinReply::refused(code, member_id));
            return;
        }
        let is_unchanged =
            self.members.get(&member_id).is_some_and(|member| member.protocols == request.protocols);
        match self.state {
            GroupState::Empty => fx.join(ticket, JoinReply::refused(ErrorCode::UNKNOWN_MEMBER_ID, member_id)),
            GroupState::PreparingRebalance => self.update(fx, ticket, request, now),
            // It may not have got the answer to its join.
            GroupState::CompletingRebalance if is_unchanged => {
                fx.join(ticket, self.joined(&member_id, self.is_leader(&member_id)));
            }
            // A leader joins again to share anew, the others when what they want changed.
            GroupState::Stable if is_unchanged && !self.is_leader(&member_id) => {
                fx.join(ticket, self.joined(&member_id, false));
            }
            GroupState::CompletingRebalance | GroupState::Stable => self.update(fx, ticket, request, now),
        }
    }

    /// The answer to a member of the present generation.
    fn joined(&self, member_id: &Arc<str>, with_members: bool) -> JoinReply {
        JoinReply {
            code: ErrorCode::NONE,
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            skip_assignment: false,
            member_id: member_id.clone(),
            members: if with_members { self.member_list() } else { Vec::new() },
        }
    }

    fn member_list(&self) -> Vec<(Arc<str>, Option<Arc<str>>, Bytes)> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let members = self.members.values();
        members
            .map(|member| {
                let metadata = member.metadata(protocol).cloned().unwrap_or_default();
                (member.member_id.clone(), member.group_instance_id.clone(), metadata)
            })
            .collect()
    }

    fn add(&mut self, fx: &mut Effects, ticket: Ticket, request: JoinRequest, member_id: Arc<str>, now: Now) {
        if self.members.is_empty() {
            self.protocol_type = Some(request.protocol_type.clone());
        }
        if let Some(initial) = &mut self.initial {
            initial.member_came = true;
        }
        self.insert(Member {
            member_id: member_id.clone(),
            group_instance_id: request.group_instance_id,
            client_id: request.client_id,
            client_host: request.client_host,
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols,
            assignment: Bytes::new(),
            awaiting_join: Some(ticket),
            awaiting_sync: None,
            is_new: true,
        });
        fx.timers.schedule(self.member_timer(&member_id), now.instant + NEW_MEMBER_JOIN_TIMEOUT);
        self.rebalance(fx, now);
    }

    fn update(&mut self, fx: &mut Effects, ticket: Ticket, request: JoinRequest, now: Now) {
        self.take_over(fx, ticket, &request);
        self.rebalance(fx, now);
    }

    /// Takes a join's words over for a member that is there.
    fn take_over(&mut self, fx: &mut Effects, ticket: Ticket, request: &JoinRequest) {
        let Some(member) = self.members.get_mut(&request.member_id) else { return };
        // The connection that asked before has given up, or will ask again.
        release(fx, member, ErrorCode::REBALANCE_IN_PROGRESS);
        member.protocols.clone_from(&request.protocols);
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        member.session_timeout_ms = request.session_timeout_ms;
        member.client_id = request.client_id.clone();
        member.client_host = request.client_host.clone();
        member.awaiting_join = Some(ticket);
    }

    /// A static member came back without its id: it takes its own place, and whoever still has the old id is fenced.
    #[allow(clippy::too_many_arguments)] // Each of the three ids is needed, and they differ in kind.
    fn replace_static(
        &mut self,
        fx: &mut Effects,
        ticket: Ticket,
        mut request: JoinRequest,
        instance: &Arc<str>,
        old_member_id: &Arc<str>,
        new_member_id: &Arc<str>,
        now: Now,
    ) {
        let Some(old) = self.members.get(old_member_id) else {
            fx.join(ticket, JoinReply::refused(ErrorCode::UNKNOWN_MEMBER_ID, request.member_id));
            return;
        };
        let old_leader = self.leader.clone();
        let old_protocols = old.protocols.clone();
        let (old_rebalance_timeout_ms, old_session_timeout_ms) =
            (old.rebalance_timeout_ms, old.session_timeout_ms);
        let reads_same = self.reads_same(old, &request);
        self.replace(fx, instance, old_member_id, new_member_id);
        request.member_id = new_member_id.clone();
        self.take_over(fx, ticket, &request);
        self.restart_session(fx, new_member_id, now);
        match self.state {
            GroupState::Stable if reads_same && self.vote() == self.protocol => {
                // Nobody but the broker has to know.
                if let Some(member) = self.members.get_mut(new_member_id) {
                    member.awaiting_join = None;
                }
                let is_leader = self.is_leader(new_member_id);
                let mut reply = self.joined(new_member_id, is_leader && request.supports_skipping_assignment);
                if request.supports_skipping_assignment {
                    reply.skip_assignment = is_leader;
                } else {
                    // A leader that cannot be told to leave the assignment alone must not take itself for one.
                    reply.leader = old_leader.unwrap_or_default();
                }
                let value = Some(self.metadata(None));
                let record = GroupRecord::Metadata { group: self.group_id.clone(), value };
                fx.write(
                    vec![record],
                    Done::Replaced(Box::new(Replaced {
                        group: self.group_id.clone(),
                        ticket,
                        reply,
                        old_member_id: old_member_id.clone(),
                        new_member_id: new_member_id.clone(),
                        group_instance_id: instance.clone(),
                        old_protocols,
                        old_rebalance_timeout_ms,
                        old_session_timeout_ms,
                    })),
                );
            }
            GroupState::Stable | GroupState::PreparingRebalance => self.rebalance(fx, now),
            // The leader may be giving the old id an assignment this very moment.
            GroupState::CompletingRebalance => self.prepare_rebalance(fx, now),
            GroupState::Empty => unreachable!("an empty group has no static members"),
        }
    }

    /// Whether a consumer's join reads the topics it read before; what it owned before it went away does not matter.
    fn reads_same(&self, old: &Member, request: &JoinRequest) -> bool {
        let Some(protocol) = self.protocol.as_deref().filter(|_| self.is_consumer()) else { return true };
        let new =
            request.protocols.iter().find(|(name, _)| &**name == protocol).map(|(_, metadata)| metadata);
        let topics = |metadata: Option<&Bytes>| {
            metadata.and_then(|metadata| subscribed_topics(metadata)).map(BTreeSet::from_iter)
        };
        topics(old.metadata(protocol)) == topics(new)
    }

    /// The write of a replaced static member is decided.
    pub(crate) fn handle_replaced(
        &mut self,
        fx: &mut Effects,
        done: Replaced,
        result: Result<(), ErrorCode>,
        now: Now,
    ) {
        if let Err(code) = result {
            let is_there = self.static_members.get(&done.group_instance_id) == Some(&done.new_member_id);
            if is_there {
                self.replace(fx, &done.group_instance_id, &done.new_member_id, &done.old_member_id);
                if let Some(member) = self.members.get_mut(&done.old_member_id) {
                    member.protocols = done.old_protocols;
                    member.rebalance_timeout_ms = done.old_rebalance_timeout_ms;
                    member.session_timeout_ms = done.old_session_timeout_ms;
                }
                self.restart_session(fx, &done.old_member_id, now);
            }
            fx.join(done.ticket, JoinReply::refused(code, Arc::from("")));
            return;
        }
        fx.join(done.ticket, done.reply);
    }

    /// Begins a rebalance, or goes on with the one there is.
    fn rebalance(&mut self, fx: &mut Effects, now: Now) {
        match self.state {
            GroupState::PreparingRebalance => self.maybe_complete_join(fx, now),
            GroupState::Empty | GroupState::CompletingRebalance | GroupState::Stable => {
                self.prepare_rebalance(fx, now);
            }
        }
    }

    /// Asks everybody to join.
    pub(super) fn prepare_rebalance(&mut self, fx: &mut Effects, now: Now) {
        if self.state == GroupState::CompletingRebalance {
            for member in self.members.values_mut() {
                member.assignment = Bytes::new();
                if let Some(ticket) = member.awaiting_sync.take() {
                    fx.sync(ticket, super::effects::SyncReply::refused(ErrorCode::REBALANCE_IN_PROGRESS));
                }
            }
        }
        self.pending_syncs.clear();
        fx.timers.cancel(&TimerKey::Sync(self.group_id.clone()));
        let is_initial = self.state == GroupState::Empty;
        self.become_state(GroupState::PreparingRebalance, now);
        let delay = fx.config.initial_rebalance_delay;
        if is_initial && !delay.is_zero() {
            // More members are likely on their way; each rebalance spared is one that nobody notices.
            let remaining = self.rebalance_timeout().saturating_sub(delay);
            self.initial = Some(InitialDelay { delay, remaining, member_came: false });
            fx.timers.schedule(TimerKey::Join(self.group_id.clone()), now.instant + delay);
        } else if self.all_joined() {
            self.complete_join(fx, now);
        } else {
            let deadline = now.instant + self.rebalance_timeout();
            fx.timers.schedule(TimerKey::Join(self.group_id.clone()), deadline);
        }
    }

    fn all_joined(&self) -> bool {
        self.pending_joins.is_empty() && self.joined_count() == self.members.len()
    }

    /// Ends the join phase when all are there, but for a first rebalance, which waits for its time.
    pub(super) fn maybe_complete_join(&mut self, fx: &mut Effects, now: Now) {
        if self.state == GroupState::PreparingRebalance && self.initial.is_none() && self.all_joined() {
            self.complete_join(fx, now);
        }
    }

    /// The time to join is over.
    pub(crate) fn handle_join_timeout(&mut self, fx: &mut Effects, now: Now) {
        if self.state != GroupState::PreparingRebalance {
            return;
        }
        if let Some(initial) = &mut self.initial
            && initial.member_came
            && !initial.remaining.is_zero()
        {
            let next = fx.config.initial_rebalance_delay.min(initial.remaining);
            initial.remaining = initial.remaining.saturating_sub(initial.delay);
            initial.delay = next;
            initial.member_came = false;
            fx.timers.schedule(TimerKey::Join(self.group_id.clone()), now.instant + next);
            return;
        }
        self.complete_join(fx, now);
    }

    /// Goes on with those who joined.
    fn complete_join(&mut self, fx: &mut Effects, now: Now) {
        fx.timers.cancel(&TimerKey::Join(self.group_id.clone()));
        self.initial = None;
        let late =
            self.members.values().filter(|member| member.awaiting_join.is_none() && !member.is_static());
        for member_id in late.map(|member| member.member_id.clone()).collect::<Vec<_>>() {
            tracing::debug!(group = %self.group_id, member = %member_id, "a member did not rejoin in time");
            self.remove(fx, &member_id);
        }
        if !self.members.is_empty() && !self.elect() {
            // Only static members, and none has come back yet: their sessions decide. How long they are to be waited for they
            // say themselves, and it may be no time at all.
            let deadline = now.instant + self.rebalance_timeout().max(REJOIN_WAIT_MIN);
            fx.timers.schedule(TimerKey::Join(self.group_id.clone()), deadline);
            return;
        }
        self.generation = self.generation.checked_add(1).unwrap_or(1);
        self.pending_syncs.clear();
        if self.members.is_empty() {
            self.protocol = None;
            self.leader = None;
            self.subscribed = Some(Arc::default()).filter(|_| self.is_consumer());
            self.become_state(GroupState::Empty, now);
            let value = Some(self.metadata(None));
            fx.write(vec![GroupRecord::Metadata { group: self.group_id.clone(), value }], Done::Nothing);
            return;
        }
        self.protocol = self.vote();
        self.subscribed = self.find_subscribed();
        self.become_state(GroupState::CompletingRebalance, now);
        let replies: Vec<_> =
            self.members.keys().map(|member_id| self.joined(member_id, self.is_leader(member_id))).collect();
        for reply in replies {
            let member_id = reply.member_id.clone();
            if let Some(member) = self.members.get_mut(&member_id) {
                member.is_new = false;
                if let Some(ticket) = member.awaiting_join.take() {
                    fx.reply(ticket, Reply::Join(reply));
                }
            }
            self.restart_session(fx, &member_id, now);
            self.pending_syncs.insert(member_id);
        }
        let deadline = now.instant + self.rebalance_timeout();
        fx.timers.schedule(TimerKey::Sync(self.group_id.clone()), deadline);
    }

    /// Makes sure that the leader is one who joined; false when nobody did.
    fn elect(&mut self) -> bool {
        let leader = self.leader.as_ref().and_then(|leader| self.members.get(leader));
        if leader.is_some_and(|leader| leader.awaiting_join.is_some()) {
            return true;
        }
        let joined = self.members.values().find(|member| member.awaiting_join.is_some());
        let Some(joined) = joined else { return false };
        self.leader = Some(joined.member_id.clone());
        true
    }
}
