//! When a partition is due, and at which broker. Part of the sender **machine**.

use super::{BatchSource, Leader, MAX_UNRESOLVED, NodeId, Partition, PartitionIndex, Sender};
use std::time::Instant;

impl Sender {
    /// Puts the partition where its state says; to be called after every change of that state.
    pub(super) fn reschedule(&mut self, partition: PartitionIndex, source: &mut dyn BatchSource) {
        let due = self.due(partition, source);
        let state = &self.partitions[partition.0 as usize];
        let place = match (due, state.leader) {
            (Some(due), Some(leader)) => Some((leader.node, due)),
            _ => None,
        };
        let is_leaderless = due.is_some() && state.leader.is_none();
        self.place(partition, place);
        if !is_leaderless {
            self.leaderless.remove(&partition);
        } else if self.leaderless.insert(partition) {
            self.metadata_wanted = true;
        }
        if self.leaderless.is_empty() {
            self.next_leader_query = None;
        }
    }

    fn place(&mut self, partition: PartitionIndex, place: Option<(NodeId, Instant)>) {
        let state = &mut self.partitions[partition.0 as usize];
        if state.scheduled == place {
            return;
        }
        let former = std::mem::replace(&mut state.scheduled, place);
        if let Some((id, due)) = former {
            self.node(id).schedule.remove(&(due, partition));
        }
        if let Some((id, due)) = place {
            self.node(id).schedule.insert((due, partition));
        }
    }

    /// From when on the partition's next batch may go; nothing while it has none, or while something else must end first.
    fn due(&self, partition: PartitionIndex, source: &mut dyn BatchSource) -> Option<Instant> {
        let state = &self.partitions[partition.0 as usize];
        if state.waits_for_former_leader() || (self.config.max_in_flight == 1 && !state.on_wire.is_empty()) {
            return None;
        }
        let due = if let Some(first) = state.retry.front() {
            if state.unresolved.front() != Some(&first.order) {
                // An earlier one is on the wire. What it comes to decides about this one.
                return None;
            }
            if state.sequence.has_gap() && !first.may_be_appended() && !state.on_wire.is_empty() {
                // It needs new numbers, and those only once no request carries old ones.
                return None;
            }
            first.created_at()?
        } else {
            if self.config.idempotence && !state.on_wire.is_empty() {
                let is_stale = state.sequence.identity() != self.sequencer.identity();
                if state.sequence.has_gap() || is_stale || state.unresolved.len() >= MAX_UNRESOLVED {
                    return None;
                }
            }
            let head = source.head(partition)?;
            if head.is_full { head.created_at } else { head.created_at + self.config.linger }
        };
        Some(state.backoff_until.map_or(due, |until| until.max(due)))
    }

    /// A leader named along with an error; older news than what is known is passed over.
    pub(super) fn take_hint(&mut self, partition: PartitionIndex, hint: Leader) -> bool {
        let state = &mut self.partitions[partition.0 as usize];
        let is_news = hint.node >= 0 && state.leader.is_none_or(|known| known.epoch < hint.epoch);
        if is_news {
            state.leader = Some(hint);
        }
        is_news
    }
}

impl Partition {
    /// Whether a request to another broker than the present leader is unanswered: what it carries comes first.
    fn waits_for_former_leader(&self) -> bool {
        self.leader.is_some_and(|leader| self.on_wire.iter().any(|(_, node)| *node != leader.node))
    }
}
