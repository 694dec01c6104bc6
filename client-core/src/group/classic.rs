//! A member of a group under the classic protocol: join, sync, heartbeat, leave. A **machine**.
//!
//! Owns member id, generation, what is owned and what the application still has to give up. Knows nothing of coordinators'
//! addresses, of positions or of commits. See [`MemberState`] for the states.
//!
//! Eager members give everything up before joining; cooperative ones join with what they own, and then give up what the
//! new assignment took away and join again (KIP-429). What the application gives up it does in its own time, within
//! `max.poll.interval.ms`, while heartbeats go on.

mod rebalance;

use crate::backoff::Backoff;
use crate::config::{AssignorName, ConsumerConfig};
use crate::error::{Error, ErrorKind};
use crate::group::assignor::{Assignor, Member, RebalanceProtocol, TopicPartitions};
use crate::group::member_state::MemberState;
use crate::group::requests::{GroupRequest, HeartbeatParts, LeaveParts};
use crate::record::TopicPartition;
use bytes::Bytes;
use ottla_env::Rng;
use ottla_wire::ErrorCode;
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// How long the coordinator may be out of reach before a member that never joined says so. Longer than a broker takes to
/// make its internal topic.
pub(super) const FIRST_CONTACT: Duration = Duration::from_secs(6);

#[derive(Clone, Debug)]
pub(crate) struct ClassicConfig {
    pub(crate) group_id: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) session_timeout: Duration,
    pub(crate) heartbeat_interval: Duration,
    /// Also the rebalance timeout.
    pub(crate) max_poll_interval: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) assignors: Vec<Assignor>,
    pub(crate) rack: Option<String>,
    pub(crate) backoff: Backoff,
}

impl ClassicConfig {
    /// `None` without a group.
    pub(crate) fn new(config: &ConsumerConfig) -> Option<Self> {
        let assignor = |name: &AssignorName| match name {
            AssignorName::Range => Assignor::Range,
            AssignorName::RoundRobin => Assignor::RoundRobin,
            AssignorName::Sticky => Assignor::Sticky,
            AssignorName::CooperativeSticky => Assignor::CooperativeSticky,
        };
        Some(Self {
            group_id: config.group_id.clone()?,
            instance_id: config.group_instance_id.clone(),
            session_timeout: config.session_timeout,
            heartbeat_interval: config.heartbeat_interval,
            max_poll_interval: config.max_poll_interval,
            request_timeout: config.common.request_timeout,
            assignors: config.assignors.iter().map(assignor).collect(),
            rack: config.common.client_rack.clone(),
            backoff: Backoff::new(config.common.retry_backoff, config.common.retry_backoff_max),
        })
    }
}

/// Who a member is at a moment: what its commits, and a transactional producer's, are checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMetadata {
    /// `group.id`.
    pub group_id: String,
    /// -1 outside a generation.
    pub generation_id: i32,
    /// Empty before the first join.
    pub member_id: String,
    /// `group.instance.id`.
    pub group_instance_id: Option<String>,
}

/// What the application has to hear of.
#[derive(Clone, Debug)]
pub(crate) enum GroupEvent {
    /// Partitions came in addition.
    Assigned(Vec<TopicPartition>),
    /// Partitions are to be given up; [`ClassicMember::handle_revoked`] with the id says when that is done.
    Revoke { id: u64, partitions: Vec<TopicPartition> },
    /// Partitions are gone. Takes back every revocation not yet done.
    Lost(Vec<TopicPartition>),
    /// The application did not poll in time.
    MaxPollExceeded(Error),
    /// Joining failed in a way that a retry alone does not help.
    Failed(Error),
}

/// Why a request got no answer that could be used.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The coordinator could not be found or reached, or did not answer: try again, with another one perhaps.
    Unreachable(Error),
    /// No retry helps.
    Fatal(Error),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PollLiveness {
    Never,
    Inside,
    Outside { since: Instant },
}

pub(crate) struct ClassicMember {
    config: ClassicConfig,
    protocol: RebalanceProtocol,
    rng: Rng,
    state: MemberState,
    /// Whether there is a subscription; a pattern's may have no topics yet.
    subscribed: bool,
    topics: Vec<String>,
    joined_topics: Vec<String>,
    member_id: String,
    generation: i32,
    owned: BTreeSet<TopicPartition>,
    /// What the assignors put into their user data: the last assignment and its generation.
    last_assigned: Option<(Vec<TopicPartition>, i32)>,
    /// The leader's part: who is in the group, and by which assignor partitions are dealt out.
    leading: Option<(Assignor, Vec<Member>)>,
    /// What the leader assigned by; when it changes, the group has to rebalance.
    assigned_by: Option<TopicPartitions>,
    sync_assignments: Vec<(String, Bytes)>,
    /// Since when there is an assignment of nothing, until that is told.
    idle_since: Option<Instant>,
    rejoin_reason: Option<&'static str>,
    revoke_id: u64,
    /// Partitions being given up.
    revoking: Vec<TopicPartition>,
    token: u64,
    in_flight: Option<u64>,
    heartbeat_in_flight: bool,
    next_heartbeat: Instant,
    retry_at: Option<Instant>,
    failures: u32,
    /// When the first join was tried, while none has succeeded.
    unheard_since: Option<Instant>,
    ever_joined: bool,
    liveness: PollLiveness,
    events: VecDeque<GroupEvent>,
    outbox: VecDeque<(u64, GroupRequest)>,
    coordinator_lost: bool,
}

impl ClassicMember {
    pub(crate) fn new(config: ClassicConfig, rng: Rng, now: Instant) -> Self {
        Self {
            protocol: Assignor::common_protocol(&config.assignors),
            config,
            rng,
            state: MemberState::Idle,
            subscribed: false,
            topics: Vec::new(),
            joined_topics: Vec::new(),
            member_id: String::new(),
            generation: -1,
            owned: BTreeSet::new(),
            last_assigned: None,
            leading: None,
            assigned_by: None,
            sync_assignments: Vec::new(),
            idle_since: None,
            rejoin_reason: None,
            revoke_id: 0,
            revoking: Vec::new(),
            token: 0,
            in_flight: None,
            heartbeat_in_flight: false,
            next_heartbeat: now,
            retry_at: None,
            failures: 0,
            unheard_since: None,
            ever_joined: false,
            liveness: PollLiveness::Never,
            events: VecDeque::new(),
            outbox: VecDeque::new(),
            coordinator_lost: false,
        }
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> MemberState {
        self.state
    }

    pub(crate) fn metadata(&self) -> GroupMetadata {
        GroupMetadata {
            group_id: self.config.group_id.clone(),
            generation_id: self.generation,
            member_id: self.member_id.clone(),
            group_instance_id: self.config.instance_id.clone(),
        }
    }

    /// Changes whenever the group's members may have.
    pub(crate) fn metadata_version(&self) -> u64 {
        self.token
    }

    /// Whether this member knows the others and assigns.
    pub(crate) fn is_leading(&self) -> bool {
        self.leading.is_some()
    }

    fn become_(&mut self, next: MemberState) {
        assert!(self.state.may_become(next), "a member cannot go from {:?} to {next:?}", self.state);
        if self.state != next {
            tracing::debug!(group = self.config.group_id, from = ?self.state, to = ?next, "member state");
        }
        self.state = next;
    }

    /// The application subscribed, or its pattern matches other topics now.
    pub(crate) fn handle_subscription(&mut self, mut topics: Vec<String>, now: Instant) {
        topics.sort_unstable();
        topics.dedup();
        if self.state == MemberState::Ended || topics == self.topics && self.state != MemberState::Idle {
            return;
        }
        self.topics = topics;
        self.subscribed = true;
        match self.state {
            MemberState::Idle if self.liveness != PollLiveness::Never => self.become_(MemberState::Unjoined),
            MemberState::Stable => self.rejoin("subscription changed", now),
            // Otherwise the join to come, or the check after it, sees the new subscription.
            _ => {}
        }
    }

    /// A poll began: the application is alive, and whatever waited for that goes on.
    pub(crate) fn handle_poll_started(&mut self) {
        self.liveness = PollLiveness::Inside;
        match self.state {
            MemberState::Idle if self.subscribed => self.become_(MemberState::Unjoined),
            MemberState::Stale => self.become_(MemberState::Unjoined),
            _ => {}
        }
    }

    /// A poll ended: the time until the next one counts.
    pub(crate) fn handle_poll_finished(&mut self, now: Instant) {
        self.liveness = PollLiveness::Outside { since: now };
    }

    /// Asks for a rebalance for a reason of this side.
    pub(crate) fn rejoin(&mut self, reason: &'static str, now: Instant) {
        tracing::info!(group = self.config.group_id, reason, "joining the group again");
        self.rejoin_reason = Some(reason);
        if self.state == MemberState::Stable {
            self.prepare_join(now);
        }
    }

    /// Gives up what has to be given up before a join; then joins.
    fn prepare_join(&mut self, now: Instant) {
        let giving_up: Vec<TopicPartition> = match self.protocol {
            RebalanceProtocol::Eager => self.owned.iter().cloned().collect(),
            RebalanceProtocol::Cooperative => {
                let kept =
                    |p: &&TopicPartition| self.topics.binary_search_by(|t| (**t).cmp(&p.topic)).is_err();
                self.owned.iter().filter(kept).cloned().collect()
            }
        };
        if giving_up.is_empty() {
            self.become_(MemberState::Unjoined);
            self.retry_at = None;
        } else {
            self.revoke(giving_up, now);
        }
    }

    fn revoke(&mut self, partitions: Vec<TopicPartition>, now: Instant) {
        self.become_(MemberState::Revoking);
        self.revoke_id += 1;
        self.revoking = partitions.clone();
        self.next_heartbeat = self.next_heartbeat.min(now + self.config.heartbeat_interval);
        self.events.push_back(GroupEvent::Revoke { id: self.revoke_id, partitions });
    }

    /// The application is done with a revocation.
    pub(crate) fn handle_revoked(&mut self, id: u64) {
        if self.state != MemberState::Revoking || id != self.revoke_id {
            return;
        }
        for partition in std::mem::take(&mut self.revoking) {
            self.owned.remove(&partition);
        }
        self.retry_at = None;
        self.become_(MemberState::Unjoined);
    }

    /// No member any more as far as the coordinator is concerned: what was owned is lost.
    fn lose_membership(&mut self, keep_member_id: bool) {
        self.generation = -1;
        if !keep_member_id {
            self.member_id.clear();
        }
        self.lose_partitions();
    }

    fn lose_partitions(&mut self) {
        self.revoking.clear();
        let lost: Vec<TopicPartition> = std::mem::take(&mut self.owned).into_iter().collect();
        if !lost.is_empty() {
            self.events.push_back(GroupEvent::Lost(lost));
        }
    }

    fn fail(&mut self, error: Error) {
        self.events.push_back(GroupEvent::Failed(error.with_context("group", &self.config.group_id)));
    }

    fn back_off(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(now + self.config.backoff.pause(self.failures, &mut self.rng));
    }

    /// Moves timers on.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let PollLiveness::Outside { since } = self.liveness
            && now >= since + self.config.max_poll_interval
            && !matches!(self.state, MemberState::Idle | MemberState::Stale | MemberState::Ended)
        {
            self.leave_for_silence();
            return;
        }
        if self.state == MemberState::Stable
            && (self.rejoin_reason.is_some() || self.joined_topics != self.topics)
        {
            self.prepare_join(now);
        }
        if self.state == MemberState::Unjoined && self.retry_at.is_none_or(|at| at <= now) {
            if !self.ever_joined {
                self.unheard_since.get_or_insert(now);
            }
            self.join();
        }
        if self.state.sends_heartbeats() && !self.heartbeat_in_flight && self.next_heartbeat <= now {
            self.heartbeat_in_flight = true;
            self.next_heartbeat = now + self.config.heartbeat_interval;
            let parts = HeartbeatParts { member: self.metadata() };
            self.outbox.push_back((self.token, GroupRequest::Heartbeat(parts)));
        }
    }

    fn leave_for_silence(&mut self) {
        let interval_ms = self.config.max_poll_interval.as_millis();
        tracing::warn!(
            group = self.config.group_id,
            interval_ms,
            "no poll within max.poll.interval.ms, leaving the group"
        );
        self.events.push_back(GroupEvent::MaxPollExceeded(
            Error::new(
                ErrorKind::MaxPollExceeded,
                "poll",
                "the application did not poll within max.poll.interval.ms, so its partitions went to others",
            )
            .with_context("group", &self.config.group_id)
            .with_context("max.poll.interval.ms", interval_ms)
            .with_hint("handle records faster, lower max.poll.records, or raise max.poll.interval.ms; this poll joined again"),
        ));
        if let Some(parts) = self.leave("consumer poll timeout has expired", false) {
            self.say_goodbye(parts);
        }
        self.lose_membership(self.config.instance_id.is_some());
        self.forget_request();
        self.rejoin_reason = None;
        self.become_(MemberState::Stale);
    }

    /// What tells the coordinator that this member goes; `None` when it need not know. A static member stays a member
    /// until its session expires, unless `also_static`.
    pub(crate) fn leave(&self, reason: &'static str, also_static: bool) -> Option<LeaveParts> {
        if self.member_id.is_empty() || self.config.instance_id.is_some() && !also_static {
            return None;
        }
        Some(LeaveParts { member: self.metadata(), reason })
    }

    /// Sends what [`Self::leave`] gave, when nobody waits for it.
    pub(crate) fn say_goodbye(&mut self, parts: LeaveParts) {
        self.outbox.push_back((self.token, GroupRequest::Leave(parts)));
    }

    /// Ends membership without a word to the coordinator; [`Self::leave`] first for one.
    pub(crate) fn unsubscribe(&mut self) {
        if self.state == MemberState::Ended {
            return;
        }
        self.topics.clear();
        self.subscribed = false;
        self.owned.clear();
        self.revoking.clear();
        self.generation = -1;
        self.member_id.clear();
        self.forget_request();
        self.rejoin_reason = None;
        self.idle_since = None;
        self.leading = None;
        self.assigned_by = None;
        self.become_(MemberState::Idle);
    }

    /// The end.
    pub(crate) fn close(&mut self) {
        if self.state != MemberState::Ended {
            self.unsubscribe();
            self.become_(MemberState::Ended);
        }
    }

    fn start(&mut self, request: GroupRequest) {
        self.token += 1;
        self.in_flight = Some(self.token);
        self.outbox.push_back((self.token, request));
    }

    /// The join or sync under way is of no interest any more; if it was not sent, it must not be.
    fn forget_request(&mut self) {
        self.in_flight = None;
        self.outbox.retain(|(_, request)| !matches!(request, GroupRequest::Join(_) | GroupRequest::Sync(_)));
    }

    /// Takes the answer to a heartbeat.
    pub(crate) fn handle_heartbeat(&mut self, token: u64, result: Result<ErrorCode, Failure>, now: Instant) {
        self.heartbeat_in_flight = false;
        if token != self.token || !self.state.sends_heartbeats() {
            return;
        }
        match result {
            Ok(ErrorCode::NONE) => {
                self.failures = 0;
                self.handle_steady_group(now);
            }
            Ok(ErrorCode::REBALANCE_IN_PROGRESS) => {
                // While giving up partitions this is old news; the join comes after.
                if self.state == MemberState::Stable {
                    self.rejoin("group is rebalancing", now);
                }
            }
            Ok(ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::ILLEGAL_GENERATION) => {
                self.lose_membership(false);
                self.become_(MemberState::Unjoined);
            }
            Ok(code @ (ErrorCode::FENCED_INSTANCE_ID | ErrorCode::GROUP_AUTHORIZATION_FAILED)) => {
                self.handle_code(code, "heartbeat", now);
            }
            Ok(code) => {
                self.coordinator_lost = is_about_coordinator(code);
                self.back_off_heartbeat(now);
            }
            Err(Failure::Unreachable(_)) => {
                self.coordinator_lost = true;
                self.back_off_heartbeat(now);
            }
            Err(Failure::Fatal(error)) => {
                self.fail(error);
                self.back_off_heartbeat(now);
            }
        }
    }

    fn back_off_heartbeat(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        let pause =
            self.config.backoff.pause(self.failures, &mut self.rng).min(self.config.heartbeat_interval);
        self.next_heartbeat = now + pause;
    }

    /// A commit of generation `generation` was refused for what it says about membership.
    pub(crate) fn handle_commit_code(&mut self, code: ErrorCode, generation: i32, now: Instant) {
        if generation != self.generation || !self.state.sends_heartbeats() {
            return;
        }
        match code {
            ErrorCode::REBALANCE_IN_PROGRESS if self.state == MemberState::Stable => {
                self.rejoin("group is rebalancing", now);
            }
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::ILLEGAL_GENERATION => {
                self.lose_membership(false);
                self.become_(MemberState::Unjoined);
            }
            ErrorCode::FENCED_INSTANCE_ID => self.handle_code(code, "commit offsets", now),
            _ => {}
        }
    }

    /// A member that never got into its group tells why, now and then: something is wrong with the cluster or the way to
    /// it. One that did waits outages out.
    fn tell_if_unheard(&mut self, error: Error, now: Instant) {
        if let Some(since) = self.unheard_since
            && now >= since + FIRST_CONTACT
        {
            self.unheard_since = Some(now);
            self.fail(error);
        }
    }

    fn handle_failure(&mut self, failure: Failure, operation: &'static str, now: Instant) {
        match failure {
            Failure::Unreachable(error) => {
                self.coordinator_lost = true;
                self.tell_if_unheard(error.with_operation(operation), now);
            }
            Failure::Fatal(error) => self.fail(error.with_operation(operation)),
        }
        self.become_(MemberState::Unjoined);
        self.back_off(now);
    }

    fn handle_code(&mut self, code: ErrorCode, operation: &'static str, now: Instant) {
        let error = || Error::from_code(code, operation);
        match code {
            ErrorCode::FENCED_INSTANCE_ID => {
                // Another instance has this identity now.
                self.lose_partitions();
                self.generation = -1;
                self.fail(error());
                self.become_(MemberState::Ended);
                return;
            }
            _ if is_about_coordinator(code) => {
                self.coordinator_lost = true;
                self.tell_if_unheard(error(), now);
            }
            ErrorCode::COORDINATOR_LOAD_IN_PROGRESS | ErrorCode::REBALANCE_IN_PROGRESS => {}
            _ if code.is_retriable() => {}
            // The application hears of it and may go on polling: each poll tries again.
            _ => self.fail(error()),
        }
        self.become_(MemberState::Unjoined);
        self.back_off(now);
    }

    /// The next request; a join only if it `may_join`, as that may end what others on their way were sent for.
    pub(crate) fn poll_request(&mut self, may_join: bool) -> Option<(u64, GroupRequest)> {
        self.outbox.pop_front_if(|(_, request)| may_join || !matches!(request, GroupRequest::Join(_)))
    }

    /// Whether a join or what follows it is under way: the group may be in a generation that this member has not heard of.
    pub(crate) fn is_rebalancing(&self) -> bool {
        matches!(self.state, MemberState::Joining | MemberState::Assigning | MemberState::Syncing)
    }

    /// Whether the group's new generation has this member, too, and with it the partitions it had as `before`.
    pub(crate) fn goes_on_from(&self, before: &GroupMetadata) -> bool {
        self.protocol == RebalanceProtocol::Cooperative
            && self.member_id == before.member_id
            && (self.is_rebalancing() || self.generation > before.generation_id)
    }

    /// Whether all of these are this member's, those being given up included.
    pub(crate) fn owns_all<'a>(&self, mut partitions: impl Iterator<Item = &'a TopicPartition>) -> bool {
        partitions.all(|partition| self.owned.contains(partition))
    }

    /// Whether a join stands to be sent.
    pub(crate) fn join_waits(&self) -> bool {
        self.outbox.iter().any(|(_, request)| matches!(request, GroupRequest::Join(_)))
    }

    pub(crate) fn poll_event(&mut self) -> Option<GroupEvent> {
        self.events.pop_front()
    }

    /// Whether the coordinator has to be looked up again.
    pub(crate) fn poll_coordinator_lost(&mut self) -> bool {
        std::mem::take(&mut self.coordinator_lost)
    }

    /// When to call [`Self::handle_timeout`] next.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        let mut at = |instant: Instant| next = Some(next.map_or(instant, |n| n.min(instant)));
        if self.state == MemberState::Unjoined
            && let Some(retry_at) = self.retry_at
        {
            at(retry_at);
        }
        if self.state.sends_heartbeats() && !self.heartbeat_in_flight {
            at(self.next_heartbeat);
        }
        if let PollLiveness::Outside { since } = self.liveness
            && !matches!(self.state, MemberState::Idle | MemberState::Stale | MemberState::Ended)
        {
            at(since + self.config.max_poll_interval);
        }
        next
    }
}

fn is_about_coordinator(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::COORDINATOR_NOT_AVAILABLE | ErrorCode::NOT_COORDINATOR)
}

fn partition_counts(topics: &TopicPartitions) -> Vec<(&str, usize)> {
    topics.iter().map(|(name, racks)| (&**name, racks.replica_racks.len())).collect()
}

#[cfg(test)]
mod tests;
