//! What to fetch from which broker, and what an answer means. A **machine**.
//!
//! One fetch is outstanding per broker. Data that arrived waits here, bounded in bytes, until it is handed out; fetching
//! runs ahead of handing out. Knows partitions, sessions and leaders; knows nothing of groups, connections or tasks.

use crate::config::{AutoOffsetReset, ConsumerConfig};
use crate::consumer::aborted::AbortedFilter;
use crate::consumer::fetch_buffer::{CompletedFetch, position_behind};
use crate::consumer::fetch_session::{FetchSession, PartitionFetch, SessionRequest};
use crate::consumer::partitions::{PartitionState, Partitions};
use crate::consumer::position::{Position, PositionState};
use crate::error::Error;
use crate::record::TopicPartition;
use ottla_wire::ErrorCode;
use ottla_wire::messages::fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};
use ottla_wire::messages::fetch_response::PartitionData;
use ottla_wire::messages::{BrokerId, FetchRequest, FetchResponse, TopicName};
use ottla_wire::protocol::StrBytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Highest version that names topics; above, ids.
const LAST_VERSION_WITH_NAMES: i16 = 12;

#[derive(Clone, Debug)]
pub(crate) struct FetcherConfig {
    pub(crate) min_bytes: i32,
    pub(crate) max_bytes: i32,
    pub(crate) max_wait_ms: i32,
    pub(crate) partition_max_bytes: i32,
    pub(crate) isolation_level: i8,
    pub(crate) rack: Option<String>,
    /// Bound of data that waits to be handed out; each broker may go over it by one partition's share.
    pub(crate) queued_max_bytes: usize,
    pub(crate) retry_backoff: Duration,
    pub(crate) metadata_max_age: Duration,
    pub(crate) policy: AutoOffsetReset,
}

impl FetcherConfig {
    pub(crate) fn new(config: &ConsumerConfig) -> Self {
        Self {
            min_bytes: config.fetch_min_bytes,
            max_bytes: config.fetch_max_bytes,
            max_wait_ms: i32::try_from(config.fetch_max_wait.as_millis()).unwrap_or(i32::MAX),
            partition_max_bytes: config.max_partition_fetch_bytes,
            isolation_level: config.isolation_level.code(),
            rack: config.common.client_rack.clone(),
            queued_max_bytes: config.queued_max_bytes,
            retry_backoff: config.common.retry_backoff,
            metadata_max_age: config.common.metadata_max_age,
            policy: config.auto_offset_reset,
        }
    }
}

/// A fetch to send.
#[derive(Clone, Debug)]
pub(crate) struct FetchOut {
    pub(crate) node: i32,
    /// Tells this fetch's answer from one to an earlier fetch.
    pub(crate) token: u64,
    session: SessionRequest,
    max_bytes: i32,
    min_bytes: i32,
    max_wait_ms: i32,
    isolation_level: i8,
    rack: Option<String>,
}

/// A leader a broker named in an answer (KIP-951).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeaderHint {
    pub(crate) partition: TopicPartition,
    pub(crate) node: i32,
    pub(crate) epoch: i32,
}

struct InFlight {
    token: u64,
    max_bytes: usize,
    /// What was asked, by partition: incarnation and offset.
    asked: BTreeMap<TopicPartition, (u64, i64)>,
}

#[derive(Default)]
struct Node {
    session: FetchSession,
    in_flight: Option<InFlight>,
    retry_at: Option<Instant>,
    failures: u32,
}

/// How long a broker may wait for data while partitions of its own are left out because enough of them is here: there is one
/// fetch at a time, and they need the next one as soon as the application has read what is here.
const WAIT_BESIDE_OTHERS_MS: i32 = 20;

impl Node {
    fn is_ready(&self, now: Instant) -> bool {
        self.in_flight.is_none() && self.retry_at.is_none_or(|at| at <= now)
    }
}

pub(crate) struct Fetcher {
    config: FetcherConfig,
    nodes: BTreeMap<i32, Node>,
    completed: VecDeque<CompletedFetch>,
    buffered_bytes: usize,
    last_token: u64,
    metadata_wanted: Option<&'static str>,
    hints: Vec<LeaderHint>,
    errors: VecDeque<Error>,
}

impl Fetcher {
    pub(crate) fn new(config: FetcherConfig) -> Self {
        Self {
            config,
            nodes: BTreeMap::new(),
            completed: VecDeque::new(),
            buffered_bytes: 0,
            last_token: 0,
            metadata_wanted: None,
            hints: Vec::new(),
            errors: VecDeque::new(),
        }
    }

    /// Fetches that should go out now, at most one per broker.
    pub(crate) fn poll_fetches(&mut self, partitions: &mut Partitions, now: Instant) -> Vec<FetchOut> {
        self.drop_stale(partitions);
        if self.buffered_bytes >= self.config.queued_max_bytes {
            return Vec::new();
        }
        let mut by_node: BTreeMap<i32, Vec<(TopicPartition, PartitionFetch)>> = BTreeMap::new();
        let mut left_out = BTreeSet::new();
        for (partition, state) in partitions.iter_mut() {
            let PositionState::Fetching { next_fetch, .. } = state.state else { continue };
            if state.paused
                || state.held
                || state.unreadable
                || state.fetch_retry_at.is_some_and(|at| at > now)
            {
                continue;
            }
            state.fetch_retry_at = None;
            let Some(leader) = state.leader else {
                self.metadata_wanted = Some("partition without leader");
                continue;
            };
            if self.has_enough(state) {
                left_out.insert(state.fetches_from().unwrap_or(leader.node));
                continue;
            }
            if state.preferred.is_some_and(|(_, until)| until <= now) {
                state.preferred = None;
            }
            let node = state.fetches_from().unwrap_or(leader.node);
            if self.nodes.get(&node).is_some_and(|node| !node.is_ready(now)) {
                continue;
            }
            let fetch = PartitionFetch {
                topic_id: state.topic_id,
                offset: next_fetch.offset,
                leader_epoch: leader.epoch.unwrap_or(-1),
                max_bytes: self.config.partition_max_bytes,
            };
            by_node.entry(node).or_default().push((partition.clone(), fetch));
        }
        // What is on its way already has its share.
        let promised: usize =
            self.nodes.values().filter_map(|node| node.in_flight.as_ref()).map(|f| f.max_bytes).sum();
        let room = self.config.queued_max_bytes.saturating_sub(self.buffered_bytes.saturating_add(promised));
        let share = room / by_node.len().max(1);
        let share = i32::try_from(share).unwrap_or(i32::MAX).max(self.config.partition_max_bytes);
        let mut out = Vec::new();
        for (id, wanted) in by_node {
            let node = self.nodes.entry(id).or_default();
            node.retry_at = None;
            let max_bytes = self.config.max_bytes.min(share);
            self.last_token += 1;
            let asked = wanted
                .iter()
                .map(|(partition, fetch)| {
                    let incarnation = partitions.get(partition).map_or(0, |state| state.incarnation);
                    (partition.clone(), (incarnation, fetch.offset))
                })
                .collect();
            node.in_flight =
                Some(InFlight { token: self.last_token, max_bytes: max_bytes.max(0) as usize, asked });
            out.push(FetchOut {
                node: id,
                token: self.last_token,
                session: node.session.build(wanted),
                max_bytes,
                min_bytes: self.config.min_bytes,
                max_wait_ms: match left_out.contains(&id) {
                    true => self.config.max_wait_ms.min(WAIT_BESIDE_OTHERS_MS),
                    false => self.config.max_wait_ms,
                },
                isolation_level: self.config.isolation_level,
                rack: self.config.rack.clone(),
            });
        }
        out
    }

    /// No answer came to a fetch.
    pub(crate) fn handle_failure(&mut self, node: i32, token: u64, now: Instant) {
        let backoff = self.config.retry_backoff;
        let Some(node) = self.answered(node, token) else { return };
        node.in_flight = None;
        node.session.close_and_reopen();
        node.failures = node.failures.saturating_add(1);
        node.retry_at = Some(now + backoff * (1 << node.failures.min(4).saturating_sub(1)));
        self.metadata_wanted = Some("fetch failed");
    }

    fn answered(&mut self, node: i32, token: u64) -> Option<&mut Node> {
        let node = self.nodes.get_mut(&node)?;
        node.in_flight.as_ref().is_some_and(|in_flight| in_flight.token == token).then_some(node)
    }

    /// Takes an answer. `wall_ms` is for resets by duration.
    pub(crate) fn handle_response(
        &mut self,
        partitions: &mut Partitions,
        id: i32,
        token: u64,
        response: FetchResponse,
        now: Instant,
        wall_ms: i64,
    ) {
        let backoff = self.config.retry_backoff;
        let Some(node) = self.answered(id, token) else { return };
        let Some(in_flight) = node.in_flight.take() else { return };
        node.failures = 0;
        let code = ErrorCode(response.error_code);
        if !node.session.handle_response(code, response.session_id) {
            tracing::debug!(node = id, code = code.name(), "fetch session ended");
            if !matches!(code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND | ErrorCode::INVALID_FETCH_SESSION_EPOCH)
            {
                node.retry_at = Some(now + backoff);
                self.metadata_wanted = Some("fetch refused");
            }
            return;
        }
        let mut answers = Vec::new();
        for topic in response.responses {
            let name = if topic.topic_id.is_nil() {
                in_flight.asked.keys().find(|p| *p.topic == **topic.topic).map(|p| p.topic.clone())
            } else {
                node.session.topic_of(topic.topic_id).cloned()
            };
            let Some(name) = name else { continue };
            for data in topic.partitions {
                answers.push((TopicPartition { topic: name.clone(), partition: data.partition_index }, data));
            }
        }
        for (partition, data) in answers {
            let Some((incarnation, offset)) = in_flight.asked.get(&partition).copied() else { continue };
            self.handle_partition(partitions, &partition, (incarnation, offset), data, (now, wall_ms));
        }
    }

    fn handle_partition(
        &mut self,
        partitions: &mut Partitions,
        partition: &TopicPartition,
        (incarnation, offset): (u64, i64),
        data: PartitionData,
        (now, wall_ms): (Instant, i64),
    ) {
        let Some(state) = partitions.current(partition, incarnation) else { return };
        let PositionState::Fetching { next_fetch, .. } = &mut state.state else { return };
        if next_fetch.offset != offset {
            return;
        }
        let code = ErrorCode(data.error_code);
        if code != ErrorCode::NONE {
            self.handle_partition_error(partitions, partition, (code, offset), &data, (now, wall_ms));
            return;
        }
        let known = |offset: i64| Some(offset).filter(|offset| *offset >= 0);
        state.high_watermark = known(data.high_watermark).or(state.high_watermark);
        state.last_stable_offset = known(data.last_stable_offset).or(state.last_stable_offset);
        state.log_start_offset = known(data.log_start_offset).or(state.log_start_offset);
        if data.preferred_read_replica.0 >= 0 {
            state.preferred = Some((data.preferred_read_replica.0, now + self.config.metadata_max_age));
        }
        let Some(records) = data.records.filter(|records| !records.is_empty()) else { return };
        let from = *next_fetch;
        let behind = position_behind(&records, from);
        if behind.offset > from.offset {
            *next_fetch = behind;
        } else if ottla_wire::batch::legacy::AnyBatches::new(records.clone())
            .next()
            .is_some_and(|batch| batch.is_err())
        {
            state.unreadable = true;
        } else {
            // Only a cut batch, or only batches before the position: asked for again with the next fetch.
            return;
        }
        state.silent_since = None;
        let aborted = data.aborted_transactions.unwrap_or_default();
        let aborted = AbortedFilter::new(aborted.iter().map(|t| (t.producer_id.0, t.first_offset)));
        let fetch = CompletedFetch::new(partition.clone(), incarnation, from, records, aborted);
        state.buffered_bytes += fetch.size_bytes;
        self.buffered_bytes += fetch.size_bytes;
        self.completed.push_back(fetch);
    }

    fn handle_partition_error(
        &mut self,
        partitions: &mut Partitions,
        partition: &TopicPartition,
        (code, offset): (ErrorCode, i64),
        data: &PartitionData,
        (now, wall_ms): (Instant, i64),
    ) {
        let Some(state) = partitions.get_mut(partition) else { return };
        state.fetch_retry_at = Some(now + self.config.retry_backoff);
        let from_follower = state.preferred.take().is_some();
        match code {
            ErrorCode::OFFSET_OUT_OF_RANGE if from_follower => {
                // The follower may be behind: the leader knows.
                state.fetch_retry_at = None;
            }
            ErrorCode::OFFSET_OUT_OF_RANGE => {
                let handed_out = state.state.position().is_some_and(|position| position.offset != offset);
                tracing::info!(%partition, offset, policy = ?self.config.policy, "position is outside the log");
                if handed_out {
                    // Data is waiting and the offset behind it is gone: hand that out first, then ask again.
                    return;
                }
                partitions.reset_by_policy(partition, Some(offset), wall_ms);
            }
            ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::FENCED_LEADER_EPOCH => {
                let hint = &data.current_leader;
                if hint.leader_id.0 >= 0 && hint.leader_epoch >= 0 {
                    self.hints.push(LeaderHint {
                        partition: partition.clone(),
                        node: hint.leader_id.0,
                        epoch: hint.leader_epoch,
                    });
                }
                self.metadata_wanted = Some("leader moved");
            }
            // The broker is behind our metadata: only time helps.
            ErrorCode::UNKNOWN_LEADER_EPOCH => {}
            ErrorCode::REPLICA_NOT_AVAILABLE
            | ErrorCode::KAFKA_STORAGE_ERROR
            | ErrorCode::OFFSET_NOT_AVAILABLE
            | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            | ErrorCode::UNKNOWN_TOPIC_ID
            | ErrorCode::INCONSISTENT_TOPIC_ID => {
                self.metadata_wanted = Some("fetch refused for a partition")
            }
            _ if code.is_retriable() || code == ErrorCode::UNKNOWN_SERVER_ERROR => {
                tracing::warn!(%partition, offset, code = code.name(), "fetch failed for a partition, trying again");
                self.metadata_wanted = Some("fetch failed for a partition");
            }
            _ => {
                // One of each is enough to tell.
                if self.errors.len() < 100 {
                    self.errors.push_back(
                        Error::from_code(code, "fetch")
                            .with_context("topic", &partition.topic)
                            .with_context("partition", partition.partition)
                            .with_context("offset", offset),
                    );
                }
            }
        }
    }

    /// The next data to hand out, taken out of the queue; [`Self::give_back`] what is left of it.
    pub(crate) fn lease(&mut self, partitions: &Partitions) -> Option<CompletedFetch> {
        let index = self.completed.iter().position(|fetch| {
            partitions
                .get(&fetch.partition)
                .is_none_or(|state| state.incarnation != fetch.incarnation || state.is_deliverable())
        })?;
        self.completed.remove(index)
    }

    /// Moves the position behind what was read of leased data; false when a seek or rebalance made it meaningless.
    pub(crate) fn advance(&self, partitions: &mut Partitions, fetch: &CompletedFetch, to: Position) -> bool {
        let Some(state) = partitions.current(&fetch.partition, fetch.incarnation) else { return false };
        if !state.is_deliverable() {
            return false;
        }
        let PositionState::Fetching { position, .. } = &mut state.state else { return false };
        *position = to;
        true
    }

    /// Returns leased data that is not read to its end: in front to go on with it, else behind that of other partitions.
    pub(crate) fn give_back(&mut self, fetch: CompletedFetch, in_front: bool) {
        if in_front {
            self.completed.push_front(fetch);
            return;
        }
        // Behind the others, but before younger data of its own partition.
        let own = self.completed.iter().position(|other| other.partition == fetch.partition);
        match own {
            Some(index) => self.completed.insert(index, fetch),
            None => self.completed.push_back(fetch),
        }
    }

    /// Leased data is read to its end, or meaningless: its bytes no longer count.
    pub(crate) fn release(&mut self, partitions: &mut Partitions, fetch: &CompletedFetch) {
        self.buffered_bytes = self.buffered_bytes.saturating_sub(fetch.size_bytes);
        if let Some(state) = partitions.current(&fetch.partition, fetch.incarnation) {
            state.buffered_bytes = state.buffered_bytes.saturating_sub(fetch.size_bytes);
        }
    }

    fn drop_stale(&mut self, partitions: &Partitions) {
        let mut freed = 0;
        self.completed.retain(|fetch| {
            let current =
                partitions.get(&fetch.partition).is_some_and(|state| state.incarnation == fetch.incarnation);
            if !current {
                freed += fetch.size_bytes;
            }
            current
        });
        self.buffered_bytes = self.buffered_bytes.saturating_sub(freed);
    }

    /// Whether data waits that could be handed out.
    pub(crate) fn has_data(&self, partitions: &Partitions) -> bool {
        self.completed.iter().any(|fetch| {
            partitions
                .get(&fetch.partition)
                .is_some_and(|state| state.incarnation == fetch.incarnation && state.is_deliverable())
        })
    }

    /// Why metadata should be refreshed, if it should.
    pub(crate) fn poll_metadata_wanted(&mut self) -> Option<&'static str> {
        self.metadata_wanted.take()
    }

    pub(crate) fn want_metadata(&mut self, reason: &'static str) {
        self.metadata_wanted = Some(reason);
    }

    pub(crate) fn poll_hints(&mut self) -> Vec<LeaderHint> {
        std::mem::take(&mut self.hints)
    }

    /// An error for the next poll.
    pub(crate) fn poll_error(&mut self) -> Option<Error> {
        self.errors.pop_front()
    }

    /// Told again only after it was polled: what fails every second must not pile up behind an application that is slow.
    pub(crate) fn push_error(&mut self, error: Error) {
        let is_news = self.errors.back().is_none_or(|last| last.to_string() != error.to_string());
        if self.errors.len() < 100 && is_news {
            self.errors.push_back(error);
        }
    }

    pub(crate) fn has_error(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Bytes that wait to be handed out.
    pub(crate) fn buffered_bytes(&self) -> usize {
        self.buffered_bytes
    }

    /// When the next fetch may be due, if time is what it waits for: not an answer, room in the buffer, a leader, or the
    /// application.
    pub(crate) fn poll_timeout(&self, partitions: &Partitions) -> Option<Instant> {
        if self.buffered_bytes >= self.config.queued_max_bytes {
            return None;
        }
        let due = partitions.iter().filter_map(|(_, state)| {
            if !state.is_deliverable() || state.unreadable || self.has_enough(state) {
                return None;
            }
            let node = self.nodes.get(&state.fetches_from()?);
            if node.is_some_and(|node| node.in_flight.is_some()) {
                return None;
            }
            state.fetch_retry_at.max(node.and_then(|node| node.retry_at))
        });
        due.min()
    }

    /// Enough of the partition waits already; the others may go first.
    fn has_enough(&self, state: &PartitionState) -> bool {
        state.buffered_bytes >= 2 * self.config.partition_max_bytes.max(1) as usize
    }

    /// The end: requests that close the sessions, one per broker that holds one and has no fetch to answer: behind one that
    /// waits for data it would be read too late, and brokers forget sessions by themselves. What was fetched is dropped, for
    /// a host may keep a closed consumer for long.
    pub(crate) fn close(&mut self) -> Vec<FetchOut> {
        self.completed = VecDeque::new();
        self.buffered_bytes = 0;
        let mut out = Vec::new();
        // Without their nodes, answers that are still to come are nobody's.
        for (id, mut node) in std::mem::take(&mut self.nodes) {
            if node.in_flight.is_none()
                && let Some(session) = node.session.close()
            {
                out.push(FetchOut {
                    node: id,
                    token: 0,
                    session,
                    max_bytes: 0,
                    min_bytes: 0,
                    max_wait_ms: 0,
                    isolation_level: self.config.isolation_level,
                    rack: None,
                });
            }
        }
        out
    }
}

impl FetchOut {
    /// The highest version this fetch can be sent in.
    pub(crate) fn max_version(&self) -> i16 {
        if self.session.use_topic_ids { i16::MAX } else { LAST_VERSION_WITH_NAMES }
    }

    pub(crate) fn to_request(&self, version: i16) -> FetchRequest {
        let by_id = version > LAST_VERSION_WITH_NAMES;
        let mut request = FetchRequest::default()
            .with_replica_id(BrokerId(-1))
            .with_max_wait_ms(self.max_wait_ms)
            .with_min_bytes(self.min_bytes)
            .with_max_bytes(self.max_bytes)
            .with_isolation_level(self.isolation_level);
        if version >= 7 {
            request.session_id = self.session.id;
            request.session_epoch = self.session.epoch;
        }
        if let Some(rack) = self.rack.as_ref().filter(|_| version >= 11) {
            request.rack_id = StrBytes::from_string(rack.clone());
        }
        let name = |partition: &TopicPartition| {
            if by_id {
                TopicName::default()
            } else {
                TopicName(StrBytes::from_string(partition.topic.to_string()))
            }
        };
        let id = |id: Uuid| if by_id { id } else { Uuid::nil() };
        let mut last: Option<(&TopicPartition, Uuid)> = None;
        for (partition, fetch) in &self.session.to_send {
            if last.is_none_or(|(p, i)| p.topic != partition.topic || i != fetch.topic_id) {
                let topic =
                    FetchTopic::default().with_topic(name(partition)).with_topic_id(id(fetch.topic_id));
                request.topics.push(topic);
                last = Some((partition, fetch.topic_id));
            }
            let mut asked = FetchPartition::default()
                .with_partition(partition.partition)
                .with_fetch_offset(fetch.offset)
                .with_partition_max_bytes(fetch.max_bytes)
                .with_log_start_offset(-1);
            if version >= 9 {
                asked.current_leader_epoch = fetch.leader_epoch;
            }
            if let Some(topic) = request.topics.last_mut() {
                topic.partitions.push(asked);
            }
        }
        if version >= 7 {
            for (partition, topic_id) in &self.session.to_forget {
                let forgotten = ForgottenTopic::default()
                    .with_topic(name(partition))
                    .with_topic_id(id(*topic_id))
                    .with_partitions(vec![partition.partition]);
                request.forgotten_topics_data.push(forgotten);
            }
        }
        request
    }
}
