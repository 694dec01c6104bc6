//! The assigned partitions and what is known of each: position, leader, paused or not. A **machine**.
//!
//! Every change that makes fetched or requested data meaningless (a seek, a reset, a new assignment, a leader whose log has
//! to be compared first) gives the partition a new *incarnation*; whatever arrives for an older one is dropped.

use crate::config::AutoOffsetReset;
use crate::consumer::position::{Position, PositionState, ResetTo};
use crate::error::{Error, ErrorKind};
use crate::record::TopicPartition;
use indexmap::IndexMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A partition's leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leader {
    pub(crate) node: i32,
    /// `None` from brokers that do not tell.
    pub(crate) epoch: Option<i32>,
}

/// What the machines ask of the cluster's metadata.
pub(crate) trait ClusterView {
    fn leader(&self, partition: &TopicPartition) -> Option<Leader>;
    /// Nil when unknown.
    fn topic_id(&self, topic: &str) -> Uuid;
}

/// Whether a question about the partition's position is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    Idle,
    InFlight,
    RetryAt(Instant),
}

#[derive(Debug)]
pub(crate) struct PartitionState {
    pub(crate) incarnation: u64,
    pub(crate) state: PositionState,
    pub(crate) lookup: Lookup,
    pub(crate) leader: Option<Leader>,
    pub(crate) topic_id: Uuid,
    pub(crate) paused: bool,
    /// About to be given up: nothing is fetched or handed out any more, the position can still be committed.
    pub(crate) held: bool,
    /// Fetch from this follower until then (KIP-392).
    pub(crate) preferred: Option<(i32, Instant)>,
    pub(crate) fetch_retry_at: Option<Instant>,
    /// The bytes at `next_fetch` cannot be read: no use asking for them again.
    pub(crate) unreadable: bool,
    pub(crate) buffered_bytes: usize,
    pub(crate) high_watermark: Option<i64>,
    pub(crate) last_stable_offset: Option<i64>,
    pub(crate) log_start_offset: Option<i64>,
    /// Since when a partition reset to its end has been silent.
    pub(crate) silent_since: Option<Instant>,
    /// Since when nothing could be fetched because the position or the leader is not known.
    pub(crate) unready_since: Option<Instant>,
    /// The position when the application last asked for more: everything before it counts as handled.
    pub(crate) processed: Option<Position>,
    /// The offset last committed in the background.
    pub(crate) auto_committed: Option<i64>,
}

impl PartitionState {
    fn new(incarnation: u64, state: PositionState) -> Self {
        Self {
            incarnation,
            state,
            lookup: Lookup::Idle,
            leader: None,
            topic_id: Uuid::nil(),
            paused: false,
            held: false,
            preferred: None,
            fetch_retry_at: None,
            unreadable: false,
            buffered_bytes: 0,
            high_watermark: None,
            last_stable_offset: None,
            log_start_offset: None,
            silent_since: None,
            unready_since: None,
            processed: None,
            auto_committed: None,
        }
    }

    /// Whether records may be handed out.
    pub(crate) fn is_deliverable(&self) -> bool {
        !self.paused && !self.held && matches!(self.state, PositionState::Fetching { .. })
    }

    /// The broker to fetch from.
    pub(crate) fn fetches_from(&self) -> Option<i32> {
        let leader = self.leader?;
        Some(self.preferred.map_or(leader.node, |(node, _)| node))
    }

    /// Whether a question about the position, once it is due, can be asked.
    fn may_look_up(&self, committed_in_flight: bool) -> bool {
        let can_be_asked = match self.state {
            PositionState::AwaitingCommitted => !committed_in_flight,
            PositionState::AwaitingReset(_) | PositionState::AwaitingValidation { .. } => {
                self.leader.is_some()
            }
            PositionState::Fetching { .. } | PositionState::Unpositioned { .. } => false,
        };
        can_be_asked && !self.held
    }

    pub(crate) fn lookup_is_due(&self, now: Instant) -> bool {
        match self.lookup {
            Lookup::Idle => true,
            Lookup::InFlight => false,
            Lookup::RetryAt(at) => at <= now,
        }
    }
}

/// A leader's answer about the end of an epoch (KIP-320).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EpochEnd {
    /// The largest epoch not above the one asked for; -1 when there is none.
    pub(crate) leader_epoch: i32,
    /// Where it ends, -1 when there is none.
    pub(crate) end_offset: i64,
}

#[derive(Debug)]
pub(crate) struct Partitions {
    map: IndexMap<TopicPartition, PartitionState>,
    last_incarnation: u64,
    /// Counts changes of which partitions there are.
    version: u64,
    policy: AutoOffsetReset,
    /// Whether any partition could ever be fetched.
    ever_ready: bool,
    /// When the application last heard that none can be.
    told_stall_at: Option<Instant>,
}

impl Partitions {
    pub(crate) fn new(policy: AutoOffsetReset) -> Self {
        Self {
            map: IndexMap::new(),
            last_incarnation: 0,
            version: 0,
            policy,
            ever_ready: false,
            told_stall_at: None,
        }
    }

    pub(crate) fn get(&self, partition: &TopicPartition) -> Option<&PartitionState> {
        self.map.get(partition)
    }

    pub(crate) fn get_mut(&mut self, partition: &TopicPartition) -> Option<&mut PartitionState> {
        self.map.get_mut(partition)
    }

    /// The partition, if it is still the one that was asked about.
    pub(crate) fn current(
        &mut self,
        partition: &TopicPartition,
        incarnation: u64,
    ) -> Option<&mut PartitionState> {
        self.map.get_mut(partition).filter(|state| state.incarnation == incarnation)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&TopicPartition, &PartitionState)> {
        self.map.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&TopicPartition, &mut PartitionState)> {
        self.map.iter_mut()
    }

    pub(crate) fn contains(&self, partition: &TopicPartition) -> bool {
        self.map.contains_key(partition)
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Adds partitions; those that are there already stay as they are, paused ones too. With `committed` their positions
    /// are the group's, else the policy's.
    pub(crate) fn add(&mut self, partitions: &[TopicPartition], committed: bool, wall_ms: i64) {
        for partition in partitions {
            if self.map.contains_key(partition) {
                continue;
            }
            let state =
                if committed { PositionState::AwaitingCommitted } else { self.reset_state(None, wall_ms) };
            let incarnation = self.next_incarnation();
            self.version += 1;
            self.map.insert(partition.clone(), PartitionState::new(incarnation, state));
        }
    }

    pub(crate) fn remove(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.map.shift_remove(partition);
            self.version += 1;
        }
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&TopicPartition) -> bool) {
        self.map.retain(|partition, _| keep(partition));
        self.version += 1;
    }

    /// Stops fetching and handing out.
    pub(crate) fn hold(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            if let Some(state) = self.map.get_mut(partition) {
                state.held = true;
            }
        }
    }

    fn next_incarnation(&mut self) -> u64 {
        self.last_incarnation += 1;
        self.last_incarnation
    }

    /// Replaces the position's state; everything on its way for the old one is dropped.
    fn replace(&mut self, partition: &TopicPartition, next: PositionState) -> bool {
        let incarnation = self.next_incarnation();
        let Some(state) = self.map.get_mut(partition) else { return false };
        state.incarnation = incarnation;
        state.state = next;
        state.lookup = Lookup::Idle;
        state.fetch_retry_at = None;
        state.unreadable = false;
        state.buffered_bytes = 0;
        state.silent_since = None;
        true
    }

    /// Moves the position; false when the partition is not assigned. An offset with an epoch is compared with the
    /// leader's log first.
    pub(crate) fn seek(&mut self, partition: &TopicPartition, position: Position) -> bool {
        let state = match position.offset_epoch {
            Some(_) => PositionState::AwaitingValidation { position },
            None => PositionState::fetching(position),
        };
        self.replace(partition, state)
    }

    /// Reads again from a position that was read from before; what was fetched is dropped.
    pub(crate) fn rewind(&mut self, partition: &TopicPartition, position: Position) -> bool {
        self.replace(partition, PositionState::fetching(position))
    }

    pub(crate) fn reset(&mut self, partition: &TopicPartition, to: ResetTo) -> bool {
        self.replace(partition, PositionState::AwaitingReset(to))
    }

    /// Resets by the policy after `offset` turned out to be outside the log; an error where there is none.
    pub(crate) fn reset_by_policy(&mut self, partition: &TopicPartition, offset: Option<i64>, wall_ms: i64) {
        let next = match self.reset_state(offset, wall_ms) {
            PositionState::Unpositioned { error } => PositionState::Unpositioned {
                error: error
                    .with_context("topic", &partition.topic)
                    .with_context("partition", partition.partition),
            },
            other => other,
        };
        self.replace(partition, next);
    }

    fn reset_state(&self, offset: Option<i64>, wall_ms: i64) -> PositionState {
        match ResetTo::by_policy(self.policy, wall_ms) {
            Some(to) => PositionState::AwaitingReset(to),
            None => {
                let error = match offset {
                    Some(offset) => Error::new(
                        ErrorKind::OffsetOutOfRange,
                        "fetch",
                        "the position is outside the log and auto.offset.reset is none",
                    )
                    .with_context("offset", offset),
                    None => Error::new(
                        ErrorKind::OffsetOutOfRange,
                        "fetch",
                        "there is no committed offset and auto.offset.reset is none",
                    ),
                };
                let error = error.with_hint("seek to where reading should go on, or set auto.offset.reset");
                PositionState::Unpositioned { error }
            }
        }
    }

    /// The group's committed offset; `None` when there is none.
    pub(crate) fn handle_committed(
        &mut self,
        partition: &TopicPartition,
        incarnation: u64,
        committed: Option<Position>,
        wall_ms: i64,
    ) {
        let Some(state) = self.current(partition, incarnation) else { return };
        if !matches!(state.state, PositionState::AwaitingCommitted) {
            return;
        }
        match committed {
            Some(position) => {
                self.seek(partition, position);
            }
            None => self.reset_by_policy(partition, None, wall_ms),
        }
    }

    /// The offset a reset asked for.
    pub(crate) fn handle_reset(
        &mut self,
        partition: &TopicPartition,
        incarnation: u64,
        found: Option<Position>,
        now: Instant,
    ) {
        let Some(state) = self.current(partition, incarnation) else { return };
        let PositionState::AwaitingReset(to) = state.state else { return };
        let latest = to == ResetTo::Latest;
        match found {
            Some(position) => {
                // What is asked of the leader itself needs no comparison with its log.
                self.replace(partition, PositionState::fetching(position));
                if let Some(state) = self.map.get_mut(partition).filter(|_| latest) {
                    state.silent_since = Some(now);
                }
            }
            // No record is that young: what comes next is.
            None => {
                self.reset(partition, ResetTo::Latest);
            }
        }
    }

    /// The leader's answer to a validation.
    pub(crate) fn handle_epoch_end(
        &mut self,
        partition: &TopicPartition,
        incarnation: u64,
        end: EpochEnd,
        wall_ms: i64,
    ) {
        let Some(state) = self.current(partition, incarnation) else { return };
        let PositionState::AwaitingValidation { position } = state.state else { return };
        let divergent = end.leader_epoch < 0 || end.end_offset < 0;
        if !divergent && end.end_offset >= position.offset {
            self.replace(partition, PositionState::fetching(position));
            return;
        }
        let safe = Position { offset: end.end_offset, offset_epoch: Some(end.leader_epoch) };
        tracing::warn!(%partition, offset = position.offset, safe_offset = end.end_offset, "log was truncated below the position");
        match (ResetTo::by_policy(self.policy, wall_ms), divergent) {
            (Some(to), true) => {
                self.reset(partition, to);
            }
            (Some(_), false) => {
                self.replace(partition, PositionState::fetching(safe));
            }
            (None, _) => {
                let mut error = Error::new(
                    ErrorKind::LogTruncation,
                    "fetch",
                    "the log was truncated below the position: records already read are gone",
                )
                .with_context("topic", &partition.topic)
                .with_context("partition", partition.partition)
                .with_context("offset", position.offset)
                .with_hint("seek to the safe offset");
                if !divergent {
                    error = error.with_context("safe_offset", end.end_offset);
                }
                self.replace(partition, PositionState::Unpositioned { error });
            }
        }
    }

    /// Takes new metadata: leaders move, positions are compared with the log of a new leader, recreated topics start over.
    pub(crate) fn handle_metadata(&mut self, cluster: &impl ClusterView) {
        for index in 0..self.map.len() {
            let Some((partition, state)) = self.map.get_index(index) else { break };
            let partition = partition.clone();
            let id = cluster.topic_id(&partition.topic);
            let recreated = !id.is_nil() && !state.topic_id.is_nil() && id != state.topic_id;
            let leader = cluster.leader(&partition);
            let known = state.leader;
            let position = state.state.position();
            if recreated {
                tracing::warn!(%partition, "topic was deleted and created again, reading it from its beginning");
                let has_policy = !matches!(self.policy, AutoOffsetReset::None);
                if has_policy || position.is_none() {
                    self.reset(&partition, ResetTo::Earliest);
                } else {
                    self.reset_by_policy(&partition, position.map(|p| p.offset), 0);
                }
            }
            let Some((_, state)) = self.map.get_index_mut(index) else { break };
            if !id.is_nil() {
                state.topic_id = id;
            }
            let older =
                |new: Leader, old: Leader| matches!((new.epoch, old.epoch), (Some(n), Some(o)) if n < o);
            if let (Some(new), Some(old)) = (leader, known)
                && !recreated
                && older(new, old)
            {
                continue;
            }
            if leader == known || leader.is_none() && known.is_some() && !recreated {
                continue;
            }
            state.leader = leader;
            state.preferred = None;
            state.fetch_retry_at = None;
            if let Lookup::RetryAt(_) = state.lookup {
                state.lookup = Lookup::Idle;
            }
            let epoch_changed = known.and_then(|l| l.epoch) != leader.and_then(|l| l.epoch);
            if let (false, true, true, Some(position)) = (recreated, known.is_some(), epoch_changed, position)
                && position.offset_epoch.is_some()
            {
                self.replace(&partition, PositionState::AwaitingValidation { position });
            }
        }
    }

    /// Next moment at which there is something to ask or to tell; with `committed_in_flight` no committed offsets are
    /// asked for. When to fetch, the fetcher knows.
    pub(crate) fn poll_timeout(&self, committed_in_flight: bool) -> Option<Instant> {
        let lookups = self.map.values().filter_map(|state| match state.lookup {
            Lookup::RetryAt(at) if state.may_look_up(committed_in_flight) => Some(at),
            Lookup::RetryAt(_) | Lookup::Idle | Lookup::InFlight => None,
        });
        let silences =
            self.map.values().filter_map(|state| state.silent_since.map(|since| since + SILENCE_NOTICE));
        let stalls = self.map.values().filter_map(|state| {
            let since = state.unready_since?;
            Some(self.stall_due(since).unwrap_or(since + STALL_NOTICE))
        });
        lookups.chain(silences).chain(stalls).min()
    }

    /// Complains about partitions that make no progress, with what they wait for: silence would look like an empty topic.
    ///
    /// Returned is one that has waited for [`FIRST_CONTACT`] while none was ever ready: something is wrong with the cluster
    /// or the way to it, and the application is to hear of it. Later stalls are outages, to be waited out.
    pub(crate) fn notice_stalls(&mut self, now: Instant) -> Option<(TopicPartition, &'static str)> {
        let mut stalled: Option<(TopicPartition, &'static str, Instant)> = None;
        for (partition, state) in &mut self.map {
            let waits_for = match (&state.state, state.leader) {
                _ if state.paused || state.held => None,
                (PositionState::Unpositioned { .. }, _) => None,
                (PositionState::AwaitingCommitted, _) => Some("the group's committed offset"),
                (_, None) => Some("a leader"),
                (PositionState::AwaitingReset(_), _) => Some("the offset to start at"),
                (PositionState::AwaitingValidation { .. }, _) => Some("the leader's comparison of epochs"),
                (PositionState::Fetching { .. }, _) => None,
            };
            let Some(waits_for) = waits_for else {
                state.unready_since = None;
                self.ever_ready |= matches!(state.state, PositionState::Fetching { .. });
                continue;
            };
            let since = *state.unready_since.get_or_insert(now);
            if stalled.as_ref().is_none_or(|(.., oldest)| since < *oldest) {
                stalled = Some((partition.clone(), waits_for, since));
            }
            if since + STALL_NOTICE <= now {
                tracing::warn!(%partition, waits_for, "partition makes no progress");
                state.unready_since = Some(now);
            }
        }
        let (partition, waits_for, since) = stalled?;
        if self.stall_due(since).is_none_or(|due| due > now) {
            return None;
        }
        self.told_stall_at = Some(now);
        Some((partition, waits_for))
    }

    /// When the application is to hear of a partition that has been unready since then.
    fn stall_due(&self, since: Instant) -> Option<Instant> {
        let from = self.told_stall_at.map_or(since, |told| told.max(since));
        (!self.ever_ready).then(|| from + FIRST_CONTACT)
    }

    /// Says once that a consumer that starts at the end has seen nothing: the most frequent surprise of all.
    pub(crate) fn notice_silence(&mut self, now: Instant) {
        let mut silent = 0usize;
        for state in self.map.values_mut() {
            if state.silent_since.is_some_and(|since| since + SILENCE_NOTICE <= now) {
                state.silent_since = None;
                silent += 1;
            }
        }
        if silent > 0 {
            tracing::info!(
                partitions = silent,
                "no record since reading began at the end of the log: auto.offset.reset=latest skips what was there before, earliest reads it"
            );
        }
    }
}

/// How long a partition start at its end may be silent before that is said.
const SILENCE_NOTICE: Duration = Duration::from_secs(5);
/// How long a consumer that could never read anything waits before it tells.
const FIRST_CONTACT: Duration = Duration::from_secs(8);
/// How often a partition that cannot be fetched is complained about.
const STALL_NOTICE: Duration = Duration::from_secs(30);
