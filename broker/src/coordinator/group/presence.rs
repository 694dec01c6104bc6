//! Heartbeat, LeaveGroup and silence: who is still in a classic group. **machine**

use super::classic::{ClassicGroup, GroupState};
use super::effects::{Effects, Identity, Reply};
use crate::coordinator::shard::{Now, Ticket};
use ottla_wire::ErrorCode;
use std::sync::Arc;

impl ClassicGroup {
    /// A member says that it is there.
    pub(crate) fn handle_heartbeat(
        &self,
        fx: &mut Effects,
        who: Identity<'_>,
        generation: i32,
        now: Now,
    ) -> ErrorCode {
        if let Err(code) = self.check_member(who) {
            return code;
        }
        if generation != self.generation {
            return ErrorCode::ILLEGAL_GENERATION;
        }
        match self.state {
            GroupState::Empty => ErrorCode::UNKNOWN_MEMBER_ID,
            GroupState::PreparingRebalance => {
                self.restart_session(fx, who.member_id, now);
                ErrorCode::REBALANCE_IN_PROGRESS
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                self.restart_session(fx, who.member_id, now);
                ErrorCode::NONE
            }
        }
    }

    /// Members leave, or are taken out by their instance id.
    pub(crate) fn handle_leave(
        &mut self,
        fx: &mut Effects,
        ticket: Ticket,
        leaving: &[(Arc<str>, Option<Arc<str>>)],
        now: Now,
    ) {
        let mut changed = false;
        let mut codes = Vec::with_capacity(leaving.len());
        for (member_id, instance) in leaving {
            let known = if member_id.is_empty() {
                let known = instance.as_ref().and_then(|instance| self.static_members.get(instance)).cloned();
                known.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)
            } else if self.pending_joins.contains(member_id) {
                Ok(member_id.clone())
            } else {
                let who = Identity { member_id, group_instance_id: instance.as_deref() };
                self.check_member(who).map(|()| member_id.clone())
            };
            codes.push(match known {
                Ok(member_id) => {
                    if self.pending_joins.remove(&member_id) {
                        fx.timers.cancel(&self.member_timer(&member_id));
                    }
                    self.remove(fx, &member_id);
                    changed = true;
                    ErrorCode::NONE
                }
                Err(code) => code,
            });
        }
        fx.reply(ticket, Reply::Leave(Ok(codes)));
        if changed {
            self.members_changed(fx, now);
        }
    }

    /// A member was silent for its session, or a new one never came back with its id.
    pub(crate) fn handle_session_expired(&mut self, fx: &mut Effects, member_id: &Arc<str>, now: Now) {
        if self.pending_joins.remove(member_id) {
            self.members_changed(fx, now);
            return;
        }
        let Some(member) = self.members.get(member_id) else { return };
        // Whoever waits for us is not silent; only a new member may have left without our noticing.
        let waits = member.awaiting_join.is_some() || member.awaiting_sync.is_some();
        if waits && !member.is_new {
            return;
        }
        tracing::debug!(group = %self.group_id, member = %member_id, "a member was silent for too long");
        self.remove(fx, member_id);
        self.members_changed(fx, now);
    }

    /// Members went: those that stay share anew.
    pub(super) fn members_changed(&mut self, fx: &mut Effects, now: Now) {
        match self.state {
            GroupState::Empty => {}
            GroupState::PreparingRebalance => self.maybe_complete_join(fx, now),
            GroupState::CompletingRebalance | GroupState::Stable => self.prepare_rebalance(fx, now),
        }
    }
}
