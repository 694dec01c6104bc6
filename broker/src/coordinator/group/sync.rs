//! SyncGroup: how the leader's assignment reaches the members of a classic group. **machine**

use super::classic::{ClassicGroup, GroupState};
use super::effects::{Done, Effects, Identity, SyncReply, SyncRequest, TimerKey};
use super::records::GroupRecord;
use crate::coordinator::shard::{Now, Ticket};
use bytes::Bytes;
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::sync::Arc;

impl ClassicGroup {
    /// A member asks for its assignment; the leader brings everybody's.
    pub(crate) fn handle_sync(&mut self, fx: &mut Effects, ticket: Ticket, request: SyncRequest, now: Now) {
        if let Err(code) = self.check_sync(&request) {
            fx.sync(ticket, SyncReply::refused(code));
            return;
        }
        match self.state {
            GroupState::Empty => fx.sync(ticket, SyncReply::refused(ErrorCode::UNKNOWN_MEMBER_ID)),
            GroupState::PreparingRebalance => {
                fx.sync(ticket, SyncReply::refused(ErrorCode::REBALANCE_IN_PROGRESS));
            }
            GroupState::CompletingRebalance => {
                self.synced(fx, &request.member_id);
                if let Some(member) = self.members.get_mut(&request.member_id)
                    && let Some(before) = member.awaiting_sync.replace(ticket)
                {
                    fx.sync(before, SyncReply::refused(ErrorCode::REBALANCE_IN_PROGRESS));
                }
                if self.is_leader(&request.member_id) {
                    // Nobody has an assignment before everybody's is in the log.
                    let assignments = request.assignments;
                    let value = Some(self.metadata(Some(&assignments)));
                    let record = GroupRecord::Metadata { group: self.group_id.clone(), value };
                    let (group, generation) = (self.group_id.clone(), self.generation);
                    fx.write(vec![record], Done::Assign { group, generation, assignments });
                }
            }
            GroupState::Stable => {
                self.synced(fx, &request.member_id);
                let assignment = self.members.get(&request.member_id).map(|member| member.assignment.clone());
                fx.sync(ticket, self.assigned(assignment.unwrap_or_default()));
                self.restart_session(fx, &request.member_id, now);
            }
        }
    }

    fn check_sync(&self, request: &SyncRequest) -> Result<(), ErrorCode> {
        let who = Identity {
            member_id: &request.member_id,
            group_instance_id: request.group_instance_id.as_deref(),
        };
        self.check_member(who)?;
        if request.generation != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        let differs = |said: &Option<Arc<str>>, own: &Option<Arc<str>>| said.is_some() && said != own;
        if differs(&request.protocol_type, &self.protocol_type) || differs(&request.protocol, &self.protocol)
        {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        Ok(())
    }

    fn assigned(&self, assignment: Bytes) -> SyncReply {
        SyncReply {
            code: ErrorCode::NONE,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            assignment,
        }
    }

    /// A member asked; once all have, nobody is waited for.
    fn synced(&mut self, fx: &mut Effects, member_id: &str) {
        self.pending_syncs.remove(member_id);
        if self.pending_syncs.is_empty() {
            fx.timers.cancel(&TimerKey::Sync(self.group_id.clone()));
        }
    }

    /// The write of an assignment is decided.
    pub(crate) fn handle_assigned(
        &mut self,
        fx: &mut Effects,
        generation: i32,
        assignments: &BTreeMap<Arc<str>, Bytes>,
        result: Result<(), ErrorCode>,
        now: Now,
    ) {
        // Members may have come or gone while it was written.
        if self.state != GroupState::CompletingRebalance || self.generation != generation {
            return;
        }
        let mut waiting = Vec::new();
        for member in self.members.values_mut() {
            member.assignment = match result {
                Ok(()) => assignments.get(&member.member_id).cloned().unwrap_or_default(),
                Err(_) => Bytes::new(),
            };
            if let Some(ticket) = member.awaiting_sync.take() {
                waiting.push((ticket, member.member_id.clone(), member.assignment.clone()));
            }
        }
        for (ticket, member_id, assignment) in waiting {
            let reply = match result {
                Ok(()) => self.assigned(assignment),
                Err(code) => SyncReply::refused(code),
            };
            fx.sync(ticket, reply);
            self.restart_session(fx, &member_id, now);
        }
        match result {
            Ok(()) => self.become_state(GroupState::Stable, now),
            Err(_) => self.prepare_rebalance(fx, now),
        }
    }

    /// The time to ask for assignments is over.
    pub(crate) fn handle_sync_timeout(&mut self, fx: &mut Effects, now: Now) {
        if !matches!(self.state, GroupState::CompletingRebalance | GroupState::Stable) {
            return;
        }
        let silent = std::mem::take(&mut self.pending_syncs);
        if silent.is_empty() {
            return;
        }
        for member_id in silent {
            tracing::debug!(group = %self.group_id, member = %member_id, "a member never asked for its assignment");
            self.remove(fx, &member_id);
        }
        self.prepare_rebalance(fx, now);
    }
}
