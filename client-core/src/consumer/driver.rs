//! The consumer's task: performs what the core asks for and reports back. Heartbeats, fetches and commits go on here
//! whatever the application does.

use crate::client::{Client, CoordinatorKind, Target};
use crate::config::ConsumerConfig;
use crate::config::HostPort;
use crate::consumer::core::{Asked, Core, Request};
use crate::consumer::fetcher::{FetchOut, LeaderHint};
use crate::consumer::lookups::{self, CommittedAnswer, EpochQuery, FoundOffset, TimeQuery};
use crate::consumer::partitions::EpochEnd;
use crate::error::{Error, ErrorKind};
use crate::group::classic::Failure;
use crate::group::commit::CommitOut;
use crate::group::requests::{GroupRequest, LeaveParts};
use crate::metadata::{self, Broker, NodeId};
use crate::record::TopicPartition;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ottla_env::{BoxFuture, Env};
use ottla_wire::ErrorCode;
use ottla_wire::messages::{
    FetchRequest, FetchResponse, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    ListOffsetsRequest, OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest,
    OffsetForLeaderEpochRequest, SyncGroupRequest, SyncGroupResponse,
};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, oneshot};

const FETCH_VERSIONS: RangeInclusive<i16> = 4..=18;
pub(crate) const LIST_OFFSETS_VERSIONS: RangeInclusive<i16> = 1..=10;
pub(crate) const OFFSET_FETCH_VERSIONS: RangeInclusive<i16> = 1..=9;
const EPOCH_END_VERSIONS: RangeInclusive<i16> = 3..=4;
const COMMIT_VERSIONS: RangeInclusive<i16> = 2..=9;
const JOIN_VERSIONS: RangeInclusive<i16> = 0..=9;
const SYNC_VERSIONS: RangeInclusive<i16> = 0..=5;
const HEARTBEAT_VERSIONS: RangeInclusive<i16> = 0..=4;
const LEAVE_VERSIONS: RangeInclusive<i16> = 0..=5;

/// Closing a fetch session saves a broker one place in a cache that it clears anyway. Behind a fetch that the broker is
/// still holding, it is not worth waiting for.
const SESSION_PATIENCE: Duration = Duration::from_millis(50);

/// How long a join searches for the coordinator before it counts as failed. Longer than a member that never joined keeps
/// silent, so that the first search in vain is told.
const JOIN_PATIENCE: Duration = Duration::from_secs(8);
/// The same for a question about committed offsets.
const COORDINATOR_PATIENCE: Duration = Duration::from_secs(5);
/// The last step waits at most this long when nobody asked for it: a consumer dropped without a close.
const DROP_GRACE: Duration = Duration::from_secs(5);
/// A step with nothing due is taken at least this often; everything that matters wakes the driver.
const IDLE: Duration = Duration::from_secs(3600);

/// What the application's calls and the driver share.
pub(crate) struct Shared {
    pub(crate) env: Env,
    pub(crate) client: Client,
    pub(crate) config: Arc<ConsumerConfig>,
    pub(crate) state: Mutex<State>,
    pub(crate) driver_wake: Notify,
    pub(crate) user_wake: Notify,
}

pub(crate) struct State {
    pub(crate) core: Core,
    pub(crate) waiters: BTreeMap<u64, oneshot::Sender<Result<(), Error>>>,
    /// The application let go of the consumer without closing it.
    pub(crate) dropped: bool,
}

/// A broker's answer per partition.
type Answers<T> = Vec<(TopicPartition, Result<T, ErrorCode>)>;

/// What came of a request.
enum Report {
    Fetch { out: FetchOut, result: Result<FetchResponse, Error> },
    Join(u64, Result<JoinGroupResponse, Failure>),
    Sync(u64, Result<SyncGroupResponse, Failure>),
    Heartbeat(u64, Result<ErrorCode, Failure>),
    Commit(u64, Result<OffsetCommitResponse, Failure>),
    Committed(Asked<()>, Result<CommittedAnswer, Error>),
    ListOffsets(Asked<TimeQuery>, Result<Answers<FoundOffset>, Error>),
    EpochEnds(Asked<EpochQuery>, Result<Answers<EpochEnd>, Error>),
    Nothing,
}

pub(crate) async fn run(shared: Arc<Shared>) {
    let mut changed = shared.client.metadata().changed();
    let mut in_flight: FuturesUnordered<BoxFuture<'static, Report>> = FuturesUnordered::new();
    let mut generation = 0;
    loop {
        let snapshot = shared.client.metadata().snapshot();
        let now = shared.env.now();
        let (requests, timeout) = {
            let mut state = shared.state.lock();
            if state.core.ended {
                state.settle_commits();
                return;
            }
            if state.dropped {
                break;
            }
            if snapshot.generation != generation {
                generation = snapshot.generation;
                state.core.handle_cluster(snapshot, now);
            }
            let requests = state.core.step(now, shared.env.wall_ms());
            state.settle_commits();
            if state.core.has_news() {
                shared.user_wake.notify_one();
            }
            (requests, state.core.poll_timeout().unwrap_or(now + IDLE))
        };
        for request in requests {
            if let Some(work) = shared.perform(request) {
                in_flight.push(work);
            }
        }
        tokio::select! {
            biased;
            Some(report) = in_flight.next() => shared.handle(report),
            _ = changed.changed() => {}
            () = shared.driver_wake.notified() => {}
            () = shared.env.sleep_until(timeout) => {}
        }
    }
    drop(in_flight);
    shared.leave_behind().await;
}

impl State {
    /// Hands the outcomes of commits to those who wait.
    pub(crate) fn settle_commits(&mut self) {
        while let Some((id, result)) = self.core.commits.poll_outcome() {
            let background = self.core.handle_commit_outcome(id, &result);
            if let Some(waiter) = self.waiters.remove(&id) {
                // The one who waited may have given up.
                let _ = waiter.send(result);
            } else if let (false, Err(error)) = (background, result) {
                tracing::warn!(%error, "commit failed and nobody waits for it");
            }
        }
    }
}

impl Shared {
    pub(crate) fn group(&self) -> Target {
        Target::Coordinator(CoordinatorKind::Group, self.config.group_id.clone().unwrap_or_default())
    }

    fn rebalance(&self) -> Target {
        Target::Rebalance(CoordinatorKind::Group, self.config.group_id.clone().unwrap_or_default())
    }

    fn forget_coordinator(&self) {
        if let Some(group) = &self.config.group_id {
            self.client.forget_coordinator(CoordinatorKind::Group, group);
        }
    }

    /// Starts a request; what needs no answer is done at once.
    fn perform(self: &Arc<Self>, request: Request) -> Option<BoxFuture<'static, Report>> {
        let shared = self.clone();
        let deadline = self.env.now() + self.config.common.request_timeout;
        Some(match request {
            Request::Fetch(out) => Box::pin(async move { shared.fetch(out, deadline).await }),
            Request::Group(token, request) => {
                Box::pin(async move { shared.group_request(token, request).await })
            }
            Request::Commit(out) => Box::pin(async move {
                let id = out.id;
                Report::Commit(id, shared.commit(out, deadline).await.map_err(failure))
            }),
            Request::Committed { member, asked } => Box::pin(async move {
                let partitions: Vec<TopicPartition> = asked.iter().map(|(p, ..)| p.clone()).collect();
                // The cause of a search in vain is to be known when the application is told.
                let connect_by = shared.env.now() + COORDINATOR_PATIENCE;
                let answer = shared
                    .client
                    .call_held_back::<OffsetFetchRequest>(
                        shared.group(),
                        OFFSET_FETCH_VERSIONS,
                        |version| lookups::committed(&member, &partitions, version),
                        connect_by,
                        deadline,
                    )
                    .await;
                Report::Committed(asked, answer.map(|response| lookups::read_committed(&response)))
            }),
            Request::ListOffsets { node, asked } => Box::pin(async move {
                let queries: Vec<_> = asked.iter().map(|(p, _, query)| (p.clone(), *query)).collect();
                let result = shared.list_offsets(NodeId(node), &queries, deadline).await;
                Report::ListOffsets(asked, result)
            }),
            Request::EpochEnds { node, asked } => Box::pin(async move {
                let queries: Vec<_> = asked.iter().map(|(p, _, query)| (p.clone(), *query)).collect();
                let response = shared
                    .client
                    .call::<OffsetForLeaderEpochRequest>(
                        Target::Node(NodeId(node)),
                        EPOCH_END_VERSIONS,
                        |version| lookups::epoch_ends(&queries, version),
                        deadline,
                    )
                    .await;
                Report::EpochEnds(asked, response.map(|response| lookups::read_epoch_ends(&response)))
            }),
            Request::Pin { topics, all } => {
                self.client.metadata().pin_topics(&topics, all);
                return None;
            }
            Request::RefreshMetadata(reason) => {
                self.client.metadata().refresh(reason);
                return None;
            }
            Request::ForgetCoordinator => {
                self.forget_coordinator();
                return None;
            }
        })
    }

    async fn fetch(&self, out: FetchOut, deadline: Instant) -> Report {
        let versions = *FETCH_VERSIONS.start()..=out.max_version().min(*FETCH_VERSIONS.end());
        let target = Target::Node(NodeId(out.node));
        let result = self
            .client
            .call::<FetchRequest>(target, versions, |version| out.to_request(version), deadline)
            .await;
        Report::Fetch { out, result }
    }

    pub(crate) async fn list_offsets(
        &self,
        node: NodeId,
        queries: &[(TopicPartition, TimeQuery)],
        deadline: Instant,
    ) -> Result<Answers<FoundOffset>, Error> {
        let isolation = self.config.isolation_level.code();
        let timeout_ms = i32::try_from(self.config.common.request_timeout.as_millis()).unwrap_or(i32::MAX);
        let response = self
            .client
            .call::<ListOffsetsRequest>(
                Target::Node(node),
                LIST_OFFSETS_VERSIONS,
                |version| lookups::list_offsets(queries, isolation, timeout_ms, version),
                deadline,
            )
            .await?;
        Ok(lookups::read_list_offsets(&response))
    }

    async fn commit(&self, out: CommitOut, deadline: Instant) -> Result<OffsetCommitResponse, Error> {
        let build = |version| out.to_request(version);
        self.client.call::<OffsetCommitRequest>(self.group(), COMMIT_VERSIONS, build, deadline).await
    }

    async fn group_request(&self, token: u64, request: GroupRequest) -> Report {
        let now = self.env.now();
        match request {
            GroupRequest::Join(parts) => {
                let deadline = now + parts.timeout;
                let build = |version| parts.to_request(version);
                let answer = self
                    .client
                    .call_held_back::<JoinGroupRequest>(
                        self.rebalance(),
                        JOIN_VERSIONS,
                        build,
                        now + JOIN_PATIENCE,
                        deadline,
                    )
                    .await;
                Report::Join(token, answer.map_err(failure))
            }
            GroupRequest::Sync(parts) => {
                let deadline = now + parts.timeout;
                let build = |version| parts.to_request(version);
                let answer = self
                    .client
                    .call_held_back::<SyncGroupRequest>(
                        self.rebalance(),
                        SYNC_VERSIONS,
                        build,
                        now + JOIN_PATIENCE,
                        deadline,
                    )
                    .await;
                Report::Sync(token, answer.map_err(failure))
            }
            GroupRequest::Heartbeat(parts) => {
                let deadline = now + self.config.common.request_timeout.min(self.config.session_timeout);
                let build = |version| parts.to_request(version);
                let answer = self
                    .client
                    .call::<HeartbeatRequest>(self.group(), HEARTBEAT_VERSIONS, build, deadline)
                    .await;
                Report::Heartbeat(token, answer.map(|a| ErrorCode(a.error_code)).map_err(failure))
            }
            GroupRequest::Leave(parts) => {
                self.leave(&parts, now + self.config.common.request_timeout).await;
                Report::Nothing
            }
        }
    }

    /// Tells the coordinator; if that fails, the session's end will.
    pub(crate) async fn leave(&self, parts: &LeaveParts, deadline: Instant) {
        let build = |version| parts.to_request(version);
        let answer =
            self.client.call::<LeaveGroupRequest>(self.group(), LEAVE_VERSIONS, build, deadline).await;
        match answer {
            Ok(answer) if answer.error_code == 0 => {}
            Ok(answer) => {
                tracing::debug!(code = ErrorCode(answer.error_code).name(), "leaving the group was refused");
            }
            Err(error) => tracing::debug!(%error, "leaving the group failed"),
        }
    }

    /// The last requests: leave the group, close the fetch sessions.
    pub(crate) async fn say_goodbye(
        &self,
        leave: Option<LeaveParts>,
        sessions: Vec<FetchOut>,
        deadline: Instant,
    ) {
        let mut last: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
        if let Some(parts) = leave {
            last.push(Box::pin(async move { self.leave(&parts, deadline).await }));
        }
        let patience = deadline.min(self.env.now() + SESSION_PATIENCE);
        for out in sessions {
            last.push(Box::pin(async move {
                let closed = self.env.timeout_at(patience, self.fetch(out, deadline)).await;
                if let Some(Report::Fetch { result: Err(error), .. }) = closed {
                    tracing::debug!(%error, "closing a fetch session failed");
                }
            }));
        }
        let all = async { while last.next().await.is_some() {} };
        if self.env.timeout_at(deadline, all).await.is_none() {
            tracing::debug!("consumer ended before brokers acknowledged it");
        }
    }

    /// What a dropped consumer leaves to its task: others should not have to wait for its session to expire. Nothing is
    /// committed, as nobody knows how far the application came.
    async fn leave_behind(&self) {
        let (leave, sessions) = {
            let mut state = self.state.lock();
            let last = state.core.end(false);
            state.settle_commits();
            last
        };
        let deadline = self.env.now() + DROP_GRACE;
        self.say_goodbye(leave, sessions, deadline).await;
        self.client.close();
    }

    fn handle(&self, report: Report) {
        let now = self.env.now();
        let wall_ms = self.env.wall_ms();
        let mut state = self.state.lock();
        let core = &mut state.core;
        match report {
            Report::Fetch { out, result } => match result {
                Ok(response) => {
                    let endpoints = endpoints(&response);
                    core.fetcher.handle_response(
                        &mut core.partitions,
                        out.node,
                        out.token,
                        response,
                        now,
                        wall_ms,
                    );
                    let hints = core.fetcher.poll_hints();
                    if !hints.is_empty() {
                        self.apply_hints(&hints, &endpoints);
                    }
                }
                Err(error) => {
                    tracing::debug!(node = out.node, %error, "fetch failed");
                    core.fetcher.handle_failure(out.node, out.token, now);
                    if !error.is_retriable() && error.kind() != ErrorKind::Closed {
                        core.fetcher.push_error(error);
                    }
                }
            },
            Report::Join(token, result) => {
                if let Some(member) = &mut core.member {
                    member.handle_join(token, result, now);
                }
            }
            Report::Sync(token, result) => {
                if let Some(member) = &mut core.member {
                    member.handle_sync(token, result, now);
                }
            }
            Report::Heartbeat(token, result) => {
                if let Some(member) = &mut core.member {
                    member.handle_heartbeat(token, result, now);
                }
            }
            Report::Commit(id, result) => core.handle_commit_answer(id, result, now),
            Report::Committed(asked, answer) => {
                if core.handle_committed(&asked, answer, now, wall_ms) {
                    self.forget_coordinator();
                }
            }
            Report::ListOffsets(asked, Ok(found)) => core.handle_list_offsets(&asked, found, now),
            Report::ListOffsets(asked, Err(error)) => core.handle_lookup_failure(&asked, &error, now),
            Report::EpochEnds(asked, Ok(found)) => core.handle_epoch_ends(&asked, found, now, wall_ms),
            Report::EpochEnds(asked, Err(error)) => core.handle_lookup_failure(&asked, &error, now),
            Report::Nothing => {}
        }
    }

    /// New leaders named by a broker (KIP-951); the snapshot's change wakes the driver.
    fn apply_hints(&self, hints: &[LeaderHint], endpoints: &[Broker]) {
        for hint in hints {
            let leader = metadata::LeaderHint {
                partition: hint.partition.partition,
                leader: NodeId(hint.node),
                leader_epoch: hint.epoch,
            };
            self.client.metadata().apply_leader_hint(&hint.partition.topic, &[leader], endpoints);
        }
    }
}

fn endpoints(response: &FetchResponse) -> Vec<Broker> {
    response
        .node_endpoints
        .iter()
        .filter_map(|endpoint| {
            Some(Broker {
                id: NodeId(endpoint.node_id.0),
                address: HostPort::new(&*endpoint.host, u16::try_from(endpoint.port).ok()?),
                rack: endpoint.rack.as_ref().map(|rack| Arc::from(&**rack)),
            })
        })
        .collect()
}

fn failure(error: Error) -> Failure {
    let transient = matches!(
        error.kind(),
        ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::QueueFull
            | ErrorKind::Closed
            | ErrorKind::Protocol
    );
    if transient || error.is_retriable() {
        tracing::debug!(%error, "request to the group's coordinator failed");
        return Failure::Unreachable(error);
    }
    Failure::Fatal(error)
}
