//! The consumer without its surroundings: what to send next, and what came of it. A **machine**.
//!
//! Binds the parts together: subscription, membership, positions, fetching, commits. The driver performs the
//! [`Request`]s and reports back; the application's calls act on it directly.

mod positions;

use crate::backoff::Backoff;
use crate::config::ConsumerConfig;
use crate::consumer::fetcher::{FetchOut, Fetcher, FetcherConfig};
use crate::consumer::lookups::{EpochQuery, TimeQuery};
use crate::consumer::partitions::{ClusterView, Leader, Partitions};
use crate::consumer::position::{Position, PositionState};
use crate::consumer::subscription::Subscription;
use crate::error::Error;
use crate::group::assignor::{TopicPartitions, TopicRacks};
use crate::group::classic::{ClassicConfig, ClassicMember, Failure, GroupEvent};
use crate::group::commit::{CommitOut, CommitQueue};
use crate::group::requests::{GroupRequest, LeaveParts};
use crate::group::{GroupMetadata, OffsetAndMetadata, Offsets};
use crate::metadata::ClusterSnapshot;
use crate::record::TopicPartition;
use ottla_env::Rng;
use ottla_wire::ErrorCode;
use ottla_wire::messages::OffsetCommitResponse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long a group's leader waits for fresh metadata before it assigns by what it knows.
const ASSIGN_WAIT: Duration = Duration::from_secs(5);

/// How long a topic may be missing before that is told: long enough for one to be created on demand.
const MISSING_TOPIC: Duration = Duration::from_secs(6);

/// A partition asked about, and its incarnation then.
pub(crate) type Asked<T> = Vec<(TopicPartition, u64, T)>;

/// Versions of what decides which topics to keep fresh: partitions, subscription, and the member's part.
type PinCauses = (u64, u64, Option<(u64, bool)>);

/// Something for the driver to do.
#[derive(Debug)]
pub(crate) enum Request {
    Fetch(FetchOut),
    Group(u64, GroupRequest),
    Commit(CommitOut),
    Committed {
        member: GroupMetadata,
        asked: Asked<()>,
    },
    ListOffsets {
        node: i32,
        asked: Asked<TimeQuery>,
    },
    EpochEnds {
        node: i32,
        asked: Asked<EpochQuery>,
    },
    /// Topics to keep fresh metadata of.
    Pin {
        topics: BTreeSet<Arc<str>>,
        all: bool,
    },
    RefreshMetadata(&'static str),
    ForgetCoordinator,
}

/// Something for the application, in order.
#[derive(Clone, Debug)]
pub(crate) enum UserEvent {
    Assigned(Vec<TopicPartition>),
    Revoke { id: u64, partitions: Vec<TopicPartition> },
    Lost(Vec<TopicPartition>),
    Failed(Error),
}

/// What a poll does next.
#[derive(Debug)]
pub(crate) enum PollStep {
    Fail(Error),
    Event(UserEvent),
    Data,
    Wait,
}

pub(crate) struct Core {
    pub(crate) config: Arc<ConsumerConfig>,
    pub(crate) subscription: Subscription,
    pub(crate) partitions: Partitions,
    pub(crate) fetcher: Fetcher,
    pub(crate) member: Option<ClassicMember>,
    pub(crate) commits: CommitQueue,
    events: VecDeque<UserEvent>,
    revoking: BTreeMap<u64, Vec<TopicPartition>>,
    /// A revocation handed out as a value: done with the next poll.
    acknowledge_at_poll: Option<u64>,
    /// A revocation that the application is being told of.
    telling: Option<u64>,
    group_error: Option<Error>,
    fatal: Option<Error>,
    cluster: Arc<ClusterSnapshot>,
    /// The leader assigns by metadata younger than this, or from that time on by any.
    assign_after: Option<(u64, Instant)>,
    /// Counts subscriptions.
    subscription_version: u64,
    /// What the topics kept fresh were last derived from.
    pinned_for: Option<PinCauses>,
    committed_in_flight: bool,
    next_auto_commit: Instant,
    auto_commit: Option<(u64, Offsets)>,
    /// What was wrong with topics when they were last looked at: told once.
    topic_errors: BTreeMap<Arc<str>, ErrorCode>,
    /// Subscribed topics that do not exist and never did while this consumer looked; since when, until it is told.
    missing_topics: BTreeMap<Arc<str>, Option<Instant>>,
    /// Why the last question about a position had no answer.
    last_lookup_error: Option<Error>,
    /// Nothing more is fetched.
    closing: bool,
    pub(crate) ended: bool,
}

impl ClusterView for ClusterSnapshot {
    fn leader(&self, partition: &TopicPartition) -> Option<Leader> {
        let metadata = self.partition(&partition.topic, partition.partition)?;
        Some(Leader { node: metadata.leader?.0, epoch: metadata.leader_epoch })
    }

    fn topic_id(&self, topic: &str) -> Uuid {
        self.topic(topic).map_or(Uuid::nil(), |topic| topic.id)
    }
}

impl Core {
    pub(crate) fn new(config: Arc<ConsumerConfig>, member_rng: Rng, commit_rng: Rng, now: Instant) -> Self {
        let backoff = Backoff::new(config.common.retry_backoff, config.common.retry_backoff_max);
        Self {
            subscription: Subscription::None,
            partitions: Partitions::new(config.auto_offset_reset),
            fetcher: Fetcher::new(FetcherConfig::new(&config)),
            member: ClassicConfig::new(&config).map(|config| ClassicMember::new(config, member_rng, now)),
            commits: CommitQueue::new(backoff, commit_rng),
            events: VecDeque::new(),
            revoking: BTreeMap::new(),
            acknowledge_at_poll: None,
            telling: None,
            group_error: None,
            fatal: None,
            cluster: Arc::default(),
            assign_after: None,
            subscription_version: 0,
            pinned_for: None,
            committed_in_flight: false,
            next_auto_commit: now + config.auto_commit_interval,
            auto_commit: None,
            topic_errors: BTreeMap::new(),
            missing_topics: BTreeMap::new(),
            last_lookup_error: None,
            closing: false,
            ended: false,
            config,
        }
    }

    fn backoff(&self) -> Duration {
        self.config.common.retry_backoff
    }

    // ---- the application's side -------------------------------------------------------------------------------------

    pub(crate) fn subscribe(&mut self, subscription: Subscription, now: Instant) {
        if matches!(self.subscription, Subscription::Manual) {
            self.partitions.retain(|_| false);
        }
        self.subscription = subscription;
        self.subscription_version += 1;
        self.subscription.match_topics(&self.cluster, self.config.exclude_internal_topics);
        if let Some(member) = &mut self.member {
            member.handle_subscription(self.subscription.topics(), now);
        }
    }

    /// Before [`Self::unsubscribe`]: hands out nothing more of the group's partitions. What the application has to hear
    /// of: partitions lost and not told yet, and those it still owns and knows of.
    pub(crate) fn prepare_unsubscribe(&mut self) -> (Vec<TopicPartition>, Vec<TopicPartition>) {
        let mut owned: BTreeSet<TopicPartition> = BTreeSet::new();
        if self.subscription.is_by_group() {
            owned.extend(self.partitions.iter().map(|(partition, _)| partition.clone()));
        }
        let mut lost = Vec::new();
        for event in &self.events {
            match event {
                UserEvent::Lost(partitions) => lost.extend(partitions.iter().cloned()),
                UserEvent::Assigned(partitions) => owned.retain(|partition| !partitions.contains(partition)),
                UserEvent::Revoke { .. } | UserEvent::Failed(_) => {}
            }
        }
        if let Some(partitions) = self.telling.and_then(|id| self.revoking.get(&id)) {
            owned.retain(|partition| !partitions.contains(partition));
        }
        let owned: Vec<TopicPartition> = owned.into_iter().collect();
        self.partitions.hold(&owned);
        (lost, owned)
    }

    /// The application is being told of a revocation.
    pub(crate) fn event_begun(&mut self, event: &UserEvent) {
        if let UserEvent::Revoke { id, .. } = event {
            self.telling = Some(*id);
        }
    }

    /// Gives everything up; the returned request tells the coordinator.
    pub(crate) fn unsubscribe(&mut self) -> Option<LeaveParts> {
        self.subscription = Subscription::None;
        self.subscription_version += 1;
        self.partitions.retain(|_| false);
        self.events.clear();
        self.revoking.clear();
        self.acknowledge_at_poll = None;
        let member = self.member.as_mut()?;
        let leave = member.leave("the consumer unsubscribed from all topics", false);
        member.unsubscribe();
        leave
    }

    /// Reads exactly these partitions; those already read keep their positions.
    pub(crate) fn assign(&mut self, partitions: &[TopicPartition], wall_ms: i64) {
        let wanted: BTreeSet<&TopicPartition> = partitions.iter().collect();
        self.subscription = Subscription::Manual;
        self.subscription_version += 1;
        self.partitions.retain(|partition| wanted.contains(partition));
        self.partitions.add(partitions, self.member.is_some(), wall_ms);
        self.partitions.handle_metadata(&*self.cluster);
    }

    /// A poll begins: what was handed out before counts as handled, but for what the application has not seen: its
    /// positions are `unseen`.
    pub(crate) fn poll_started(&mut self, unseen: &[(TopicPartition, Position)]) {
        self.telling = None;
        if let Some(id) = self.acknowledge_at_poll.take() {
            self.acknowledge(id);
        }
        if let Some(member) = self.member.as_mut().filter(|_| self.subscription.is_by_group()) {
            member.handle_poll_started();
        }
        if self.config.enable_auto_commit {
            self.mark_processed(unseen);
        }
    }

    fn mark_processed(&mut self, unseen: &[(TopicPartition, Position)]) {
        for (partition, state) in self.partitions.iter_mut() {
            let seen = unseen.iter().find(|(of, _)| of == partition).map(|(_, position)| *position);
            if let Some(position) = seen.or_else(|| state.state.position()) {
                state.processed = Some(position);
            }
        }
    }

    pub(crate) fn poll_finished(&mut self, now: Instant) {
        if let Some(member) = self.member.as_mut() {
            member.handle_poll_finished(now);
        }
    }

    /// What a poll does next. An event stays in front until [`Self::event_done`].
    pub(crate) fn poll_step(&mut self) -> PollStep {
        if let Some(error) = &self.fatal {
            return PollStep::Fail(error.clone());
        }
        if let Some(event) = self.events.pop_front() {
            if let UserEvent::Failed(error) = event {
                return PollStep::Fail(error);
            }
            self.events.push_front(event.clone());
            return PollStep::Event(event);
        }
        if let Some(error) = self.group_error.take().or_else(|| self.fetcher.poll_error()) {
            return PollStep::Fail(error);
        }
        if self.fetcher.has_data(&self.partitions) {
            return PollStep::Data;
        }
        let unpositioned = self.partitions.iter().find_map(|(_, state)| match &state.state {
            PositionState::Unpositioned { error, .. } if !state.held => Some(error.clone()),
            _ => None,
        });
        unpositioned.map_or(PollStep::Wait, PollStep::Fail)
    }

    /// The application was told of the event in front. A revocation is done now, or with the next poll.
    pub(crate) fn event_done(&mut self, event: &UserEvent, acknowledge_now: bool) {
        let same = match (self.events.front(), event) {
            (Some(UserEvent::Revoke { id, .. }), UserEvent::Revoke { id: told, .. }) => id == told,
            (Some(UserEvent::Assigned(_)), UserEvent::Assigned(_)) => true,
            (Some(UserEvent::Lost(_)), UserEvent::Lost(_)) => true,
            _ => false,
        };
        if same {
            self.events.pop_front();
        }
        if let UserEvent::Revoke { id, .. } = event {
            self.telling = None;
            if acknowledge_now {
                self.acknowledge(*id);
            } else {
                self.acknowledge_at_poll = Some(*id);
            }
        }
    }

    fn acknowledge(&mut self, id: u64) {
        if let Some(partitions) = self.revoking.remove(&id) {
            self.partitions.remove(&partitions);
        }
        if let Some(member) = &mut self.member {
            member.handle_revoked(id);
        }
    }

    /// Data that was taken out of the queue is dropped instead of handed out: it has to be fetched again.
    pub(crate) fn refetch(&mut self, partition: &TopicPartition) {
        if let Some(position) = self.partitions.get(partition).and_then(|state| state.state.position()) {
            self.partitions.rewind(partition, position);
        }
    }

    /// Positions that may be committed: of `processed` ones, or of all that was handed out.
    pub(crate) fn committable(&self, processed_only: bool) -> Offsets {
        let position = |position: Position| OffsetAndMetadata {
            offset: position.offset,
            leader_epoch: position.offset_epoch,
            metadata: String::new(),
        };
        self.partitions
            .iter()
            .filter_map(|(partition, state)| {
                let found = if processed_only { state.processed } else { state.state.position() };
                Some((partition.clone(), position(found?)))
            })
            .collect()
    }

    /// Who commits: `None` when a group's membership is gone.
    fn committer(&self) -> Option<GroupMetadata> {
        let member = self.member.as_ref()?;
        let metadata = member.metadata();
        if self.subscription.is_by_group() {
            return (metadata.generation_id >= 0).then_some(metadata);
        }
        // No membership: offsets are kept for a group that has none.
        Some(GroupMetadata {
            generation_id: -1,
            member_id: String::new(),
            group_instance_id: None,
            ..metadata
        })
    }

    /// Whether partitions were taken away and the application has not been told yet.
    pub(crate) fn lost_since_poll(&self) -> bool {
        self.events.iter().any(|event| matches!(event, UserEvent::Lost(_)))
    }

    pub(crate) fn stop_fetching(&mut self) {
        self.closing = true;
    }

    /// The end: what tells coordinator and brokers.
    pub(crate) fn end(&mut self, remain: bool) -> (Option<LeaveParts>, Vec<FetchOut>) {
        self.ended = true;
        self.closing = true;
        let leave = self
            .member
            .as_ref()
            .filter(|_| !remain && self.subscription.is_by_group())
            .and_then(|member| member.leave("the consumer is being closed", false));
        if let Some(member) = &mut self.member {
            member.close();
        }
        self.commits.close();
        (leave, self.fetcher.close())
    }

    // ---- the driver's side ------------------------------------------------------------------------------------------

    pub(crate) fn handle_cluster(&mut self, cluster: Arc<ClusterSnapshot>, now: Instant) {
        self.cluster = cluster;
        self.partitions.handle_metadata(&*self.cluster);
        let changed = self.subscription.match_topics(&self.cluster, self.config.exclude_internal_topics);
        self.tell_topic_errors();
        self.note_missing_topics(now);
        let Some(member) = &mut self.member else { return };
        if changed {
            member.handle_subscription(self.subscription.topics(), now);
        }
        if member.needs_topics().is_none() {
            let watched = topic_partitions(&self.cluster, &member.watched_topics());
            if !watched.is_empty() {
                member.handle_topics(watched, now);
            }
        }
    }

    /// A topic that cannot be read must not look like one without records.
    fn tell_topic_errors(&mut self) {
        let mut topics: BTreeSet<Arc<str>> = self.partitions.iter().map(|(p, _)| p.topic.clone()).collect();
        if let Subscription::Topics(subscribed) = &self.subscription {
            topics.extend(subscribed.iter().cloned());
        }
        self.topic_errors.retain(|topic, _| topics.contains(topic));
        for topic in topics {
            let Some(code) = self.cluster.topic_error(&topic) else {
                self.topic_errors.remove(&topic);
                continue;
            };
            if self.topic_errors.insert(topic.clone(), code) == Some(code) {
                continue;
            }
            if code.is_retriable() {
                tracing::warn!(%topic, code = code.name(), "topic cannot be read yet");
            } else {
                self.fetcher
                    .push_error(Error::from_code(code, "look up topic").with_context("topic", &topic));
            }
        }
    }

    /// A topic that was never there is a mistake in its name more often than not.
    fn note_missing_topics(&mut self, now: Instant) {
        let mut topics: BTreeSet<&Arc<str>> = self.partitions.iter().map(|(p, _)| &p.topic).collect();
        if let Subscription::Topics(subscribed) = &self.subscription {
            topics.extend(subscribed);
        }
        self.missing_topics.retain(|topic, _| topics.contains(topic));
        for topic in topics {
            if self.cluster.topic(topic).is_some() {
                // From here on its absence is news of the cluster, not of this consumer's configuration.
                self.missing_topics.insert(topic.clone(), None);
            } else if self.cluster.topic_error(topic) == Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION) {
                self.missing_topics.entry(topic.clone()).or_insert(Some(now));
            }
        }
    }

    fn tell_missing_topics(&mut self, now: Instant) {
        for (topic, since) in &mut self.missing_topics {
            if since.take_if(|since| *since + MISSING_TOPIC <= now).is_some() {
                self.fetcher.push_error(
                    Error::from_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, "look up topic")
                        .with_context("topic", topic)
                        .with_hint(
                            "check its spelling, or create it; the consumer reads it as soon as it is there",
                        ),
                );
            }
        }
    }

    /// A consumer that could never read anything says what it waits for.
    fn tell_stall(&mut self, now: Instant) {
        let Some((partition, waits_for)) = self.partitions.notice_stalls(now) else { return };
        if self.cluster.topic(&partition.topic).is_none() {
            // Told as missing, or nobody could be asked yet.
            return;
        }
        let text = format!("nothing could be read yet: the partition waits for {waits_for}");
        let leader = crate::metadata::routing::leader(&self.cluster, &partition.topic, partition.partition);
        let cause = leader.err().or_else(|| self.last_lookup_error.clone());
        let error = match &cause {
            Some(cause) => {
                let error = Error::timeout("poll", text).with_kind(cause.kind()).with_source(cause.clone());
                match cause.code() {
                    Some(code) => error.with_code(code),
                    None => error,
                }
            }
            None => Error::timeout("poll", text).with_hint("look for brokers that are down or out of reach"),
        };
        self.fetcher.push_error(
            error.with_context("topic", &partition.topic).with_context("partition", partition.partition),
        );
    }

    /// Moves timers on and collects what to send.
    pub(crate) fn step(&mut self, now: Instant, wall_ms: i64) -> Vec<Request> {
        let mut out = Vec::new();
        if self.ended {
            return out;
        }
        self.step_group(now, wall_ms, &mut out);
        self.step_commits(now, &mut out);
        self.step_group_requests(now, &mut out);
        if !self.closing {
            self.partitions.notice_silence(now);
            self.tell_stall(now);
            self.tell_missing_topics(now);
            self.step_lookups(now, &mut out);
            out.extend(self.fetcher.poll_fetches(&mut self.partitions, now).into_iter().map(Request::Fetch));
        }
        if let Some(reason) = self.fetcher.poll_metadata_wanted() {
            out.push(Request::RefreshMetadata(reason));
        }
        self.step_pins(&mut out);
        out
    }

    fn step_group(&mut self, now: Instant, wall_ms: i64, out: &mut Vec<Request>) {
        let Some(member) = &mut self.member else { return };
        member.handle_timeout(now);
        if let Some(topics) = member.needs_topics() {
            let (after, deadline) = *self.assign_after.get_or_insert_with(|| {
                out.push(Request::RefreshMetadata("the group's leader assigns"));
                (self.cluster.generation, now + ASSIGN_WAIT)
            });
            if self.cluster.generation > after && topics.iter().all(|t| settled(&self.cluster, t))
                || now >= deadline
            {
                let topics = topic_partitions(&self.cluster, &topics);
                self.assign_after = None;
                member.handle_topics(topics, now);
            }
        } else {
            self.assign_after = None;
        }
        // An assignment may call for an immediate next step.
        member.handle_timeout(now);
        while let Some(event) = member.poll_event() {
            match event {
                GroupEvent::Assigned(partitions) => {
                    self.partitions.add(&partitions, true, wall_ms);
                    self.partitions.handle_metadata(&*self.cluster);
                    self.events.push_back(UserEvent::Assigned(partitions));
                }
                GroupEvent::Revoke { id, partitions } => {
                    self.partitions.hold(&partitions);
                    self.revoking.insert(id, partitions.clone());
                    self.events.push_back(UserEvent::Revoke { id, partitions });
                }
                GroupEvent::Lost(partitions) => {
                    self.partitions.remove(&partitions);
                    self.revoking.clear();
                    self.acknowledge_at_poll = None;
                    self.events.retain(|event| !matches!(event, UserEvent::Revoke { .. }));
                    self.events.push_back(UserEvent::Lost(partitions));
                }
                GroupEvent::MaxPollExceeded(error) => self.events.push_back(UserEvent::Failed(error)),
                GroupEvent::Failed(error) if error.is_fatal() => self.fatal = Some(error),
                GroupEvent::Failed(error) => self.group_error = Some(error),
            }
        }
        if member.poll_coordinator_lost() {
            out.push(Request::ForgetCoordinator);
        }
    }

    /// A join waits for the commits asked for before it: once every member has joined, the generation that they name is
    /// over. Later ones wait for the join, or an application that always has one under way would never get to join.
    fn step_group_requests(&mut self, now: Instant, out: &mut Vec<Request>) {
        let Some(member) = &mut self.member else { return };
        let may_join = !self.commits.is_in_flight();
        while let Some((token, request)) = member.poll_request(may_join) {
            out.push(Request::Group(token, request));
        }
        if !member.join_waits() {
            self.commits.release_later();
            self.send_commit(now, out);
        }
    }

    fn step_commits(&mut self, now: Instant, out: &mut Vec<Request>) {
        self.commits.handle_timeout(now);
        if self.config.enable_auto_commit && now >= self.next_auto_commit {
            self.next_auto_commit = now + self.config.auto_commit_interval;
            self.start_auto_commit(now);
        }
        if self.closing {
            // What comes now is the last commit, and the join is not to be waited for.
            self.commits.release_later();
        } else if self.member.as_ref().is_some_and(ClassicMember::join_waits) {
            self.commits.hold_later();
        }
        self.send_commit(now, out);
        if self.commits.poll_coordinator_lost() {
            out.push(Request::ForgetCoordinator);
        }
        if let (Some((code, generation)), Some(member)) =
            (self.commits.poll_membership_code(), &mut self.member)
        {
            member.handle_commit_code(code, generation, now);
        }
    }

    fn send_commit(&mut self, now: Instant, out: &mut Vec<Request>) {
        if self.commits.is_idle() {
            return;
        }
        if let (Some(offsets), Some(member)) = (self.commits.awaiting_generation(), &self.member) {
            if member.is_rebalancing() {
                return;
            }
            if !member.owns_all(offsets.keys()) {
                self.commits.refuse_next();
            }
        }
        let committer = self.committer();
        if let Some(commit) = self.commits.poll_request(committer.as_ref(), now) {
            out.push(Request::Commit(commit));
        }
    }

    fn start_auto_commit(&mut self, now: Instant) {
        // Without a generation there is nothing to commit as; what was read is committed after the next join, or lost
        // with the partitions.
        if self.auto_commit.is_some() || self.committer().is_none() {
            return;
        }
        let mut offsets = self.committable(true);
        offsets.retain(|partition, offset| {
            self.partitions.get(partition).is_some_and(|state| state.auto_committed != Some(offset.offset))
        });
        if offsets.is_empty() {
            return;
        }
        match self.commits.push(offsets.clone(), now + self.config.common.default_api_timeout) {
            Ok(id) => self.auto_commit = Some((id, offsets)),
            Err(error) => tracing::warn!(%error, "background commit was not started"),
        }
    }

    /// Takes the answer to a commit.
    pub(crate) fn handle_commit_answer(
        &mut self,
        id: u64,
        result: Result<OffsetCommitResponse, Failure>,
        now: Instant,
    ) {
        let member = self.member.as_ref();
        let goes_on = |before: &GroupMetadata| member.is_some_and(|member| member.goes_on_from(before));
        self.commits.handle_response(id, result, goes_on, now);
    }

    /// A commit's outcome; whether it was one in the background, which nobody waits for.
    pub(crate) fn handle_commit_outcome(&mut self, id: u64, result: &Result<(), Error>) -> bool {
        let Some((_, offsets)) = self.auto_commit.take_if(|(auto, _)| *auto == id) else { return false };
        match result {
            Ok(()) => {
                for (partition, offset) in offsets {
                    if let Some(state) = self.partitions.get_mut(&partition) {
                        state.auto_committed = Some(offset.offset);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "background commit failed"),
        }
        true
    }

    /// Keeps metadata of what is read, subscribed or, for a group's leader, assigned fresh.
    fn step_pins(&mut self, out: &mut Vec<Request>) {
        let member = self.member.as_ref().map(|member| (member.metadata_version(), member.is_leading()));
        let causes = (self.partitions.version(), self.subscription_version, member);
        if self.pinned_for == Some(causes) {
            return;
        }
        self.pinned_for = Some(causes);
        let mut topics: BTreeSet<Arc<str>> = self.partitions.iter().map(|(p, _)| p.topic.clone()).collect();
        let mut all = false;
        match &self.subscription {
            Subscription::Topics(subscribed) => topics.extend(subscribed.iter().cloned()),
            Subscription::Pattern { .. } => all = true,
            Subscription::None | Subscription::Manual => {}
        }
        if let Some(member) = &self.member {
            topics.extend(member.watched_topics().into_iter().map(Arc::from));
        }
        out.push(Request::Pin { topics, all });
    }

    /// When to call [`Self::step`] next, at the latest. Only what that step acts upon counts: the driver would spin at a
    /// moment that nothing moves out of the past.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if self.ended {
            return None;
        }
        let auto = self.config.enable_auto_commit.then_some(self.next_auto_commit);
        let assign = self.assign_after.map(|(_, deadline)| deadline);
        let member = self.member.as_ref().and_then(ClassicMember::poll_timeout);
        let membership = [auto, assign, member, self.commits.poll_timeout()];
        let mut reading = [None; 3];
        if !self.closing {
            let missing = self.missing_topics.values().flatten().min().map(|since| *since + MISSING_TOPIC);
            let lookups = self.partitions.poll_timeout(self.committed_in_flight);
            reading = [missing, lookups, self.fetcher.poll_timeout(&self.partitions)];
        }
        membership.into_iter().chain(reading).flatten().min()
    }

    /// Whether a poll would return at once.
    pub(crate) fn has_news(&self) -> bool {
        self.fatal.is_some()
            || !self.events.is_empty()
            || self.group_error.is_some()
            || self.fetcher.has_error()
            || self.fetcher.has_data(&self.partitions)
            || self
                .partitions
                .iter()
                .any(|(_, s)| matches!(s.state, PositionState::Unpositioned { .. }) && !s.held)
    }
}

/// Whether the cluster said what there is to say about the topic.
fn settled(cluster: &ClusterSnapshot, topic: &str) -> bool {
    cluster.topic(topic).is_some() || cluster.topic_error(topic).is_some()
}

fn topic_partitions(cluster: &ClusterSnapshot, topics: &BTreeSet<&str>) -> TopicPartitions {
    let racks_of = |nodes: &[crate::metadata::NodeId]| -> BTreeSet<String> {
        nodes
            .iter()
            .filter_map(|node| cluster.brokers.get(node)?.rack.as_ref())
            .map(|rack| rack.to_string())
            .collect()
    };
    topics
        .iter()
        .filter_map(|name| cluster.topic(name))
        .map(|topic| {
            let replica_racks = topic.partitions.iter().map(|p| racks_of(&p.replicas)).collect();
            (topic.name.clone(), TopicRacks { replica_racks })
        })
        .collect()
}

#[cfg(test)]
mod tests;
