//! What producer, consumer and admin share: connections, metadata, routing and retries.
//!
//! [`Client`] knows how to get one request to the right broker and its answer back by a deadline. It does not know what
//! requests mean to their senders.

use crate::backoff::Backoff;
use crate::config::{CommonConfig, HostPort};
use crate::connection::pool::{Peer, Pool};
use crate::connection::{Connection, Expect};
use crate::coordinator::Coordinators;
use crate::error::{Error, ErrorKind};
use crate::metadata::routing::{self, Candidate, Leader};
use crate::metadata::{self, Broker, ClusterSnapshot, Metadata, NodeId};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ottla_env::{Env, Rng, Task};
use ottla_wire::ApiKey;
use ottla_wire::codec::{decode_response, encode_request};
use ottla_wire::protocol::Request;
use parking_lot::Mutex;
use rand::RngExt;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use crate::coordinator::CoordinatorKind;

/// With several addresses to try, the next one is started when the one before took this long.
const STAGGER: Duration = Duration::from_secs(1);

/// Which broker a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// This broker.
    Node(NodeId),
    /// This broker, over the connection kept for its coordinators, where nothing waits behind a fetch.
    CoordinatorNode(NodeId),
    /// Whichever broker is least busy.
    AnyBroker,
    /// The controller, or any broker while none is known: brokers forward to it.
    Controller,
    /// The coordinator of this key, looked up.
    Coordinator(CoordinatorKind, String),
    /// The same for a rebalance, over a connection for that alone. A broker answers in order: commits behind a join that
    /// waits for other members would wait for as long, and their shorter deadlines would close the connection under it.
    Rebalance(CoordinatorKind, String),
}

impl Target {
    /// The broker it names, if it names one.
    pub(crate) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Node(node) | Self::CoordinatorNode(node) => Some(*node),
            Self::AnyBroker | Self::Controller | Self::Coordinator(..) | Self::Rebalance(..) => None,
        }
    }
}

/// What to do with an answer.
pub(crate) enum Decision<T> {
    /// This is the result.
    Done(T),
    /// Try again after a pause; the error says why, and is the result when the deadline comes first. Its code decides
    /// whether metadata or coordinator are looked up anew.
    Retry(Error),
    /// This is the error.
    Fail(Error),
}

/// What an unlimited timeout comes to: a time that every clock can still show.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// The shared part of a producer, consumer or admin client. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client(Arc<Handle>);

/// Ends the metadata task with the last clone.
struct Handle {
    core: Arc<Core>,
    _metadata_task: Task<()>,
}

/// What the client's own tasks see of it.
pub(crate) struct Core {
    env: Env,
    config: Arc<CommonConfig>,
    pool: Pool,
    metadata: Metadata,
    coordinators: Coordinators,
    /// Brokers learned from coordinator look-ups, which metadata may not list yet.
    learned: Mutex<BTreeMap<NodeId, HostPort>>,
    rng: Mutex<Rng>,
    retry: Backoff,
}

impl Client {
    /// Starts a client: nothing is connected yet, the first metadata query goes out at once.
    ///
    /// Errors: `InvalidState` outside a tokio runtime.
    pub(crate) fn start(env: Env, common: CommonConfig) -> Result<Client, Error> {
        if let Err(error) = tokio::runtime::Handle::try_current() {
            return Err(Error::new(
                ErrorKind::InvalidState,
                "start a client",
                "there is no tokio runtime here",
            )
            .with_source(error)
            .with_hint(
                "build the client within a tokio runtime that outlives it, as #[tokio::main] makes one",
            ));
        }
        let config = Arc::new(common);
        let core = Arc::new(Core {
            pool: Pool::new(env.clone(), config.clone()),
            metadata: Metadata::new(env.clone(), &config),
            coordinators: Coordinators::default(),
            learned: Mutex::new(BTreeMap::new()),
            rng: Mutex::new(env.rng("client")),
            retry: Backoff::new(config.retry_backoff, config.retry_backoff_max),
            config,
            env,
        });
        let metadata_task = core.env.spawn("metadata", metadata::driver::run(core.clone()));
        Ok(Self(Arc::new(Handle { core, _metadata_task: metadata_task })))
    }

    fn core(&self) -> &Core {
        &self.0.core
    }

    /// The world.
    pub(crate) fn env(&self) -> &Env {
        &self.core().env
    }

    /// The configuration all clients share.
    pub(crate) fn config(&self) -> &CommonConfig {
        &self.core().config
    }

    /// The view of the cluster.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.core().metadata
    }

    /// A ready connection to a broker, opened if there is none.
    pub(crate) async fn connection(&self, node: NodeId, deadline: Instant) -> Result<Connection, Error> {
        self.core().node_connection(Peer::Node(node), node, deadline).await
    }

    /// A ready connection to whichever broker is least busy.
    pub(crate) async fn any_connection(&self, deadline: Instant) -> Result<Connection, Error> {
        self.core().any_connection(deadline).await
    }

    /// The leader of a partition, as far as known now.
    pub(crate) fn leader(&self, topic: &str, partition: i32) -> Result<Leader, Error> {
        routing::leader(&self.metadata().snapshot(), topic, partition)
    }

    /// One attempt: `build` gets the version negotiated within `versions`.
    ///
    /// Errors name the broker; whether the request may have taken effect is [`Error::is_outcome_unknown`].
    pub(crate) async fn call<R: Request>(
        &self,
        target: Target,
        versions: RangeInclusive<i16>,
        build: impl FnOnce(i16) -> R,
        deadline: Instant,
    ) -> Result<R::Response, Error> {
        let core = self.core();
        let connection = core.open_connection(&target, deadline).await?;
        let version = connection.version(ApiKey(R::KEY), versions)?;
        core.exchange(&connection, version, &build(version), deadline).await
    }

    /// As [`Self::call`], for requests that a broker may hold back beyond `request.timeout.ms`: the answer may take until
    /// `deadline`, but whom to ask must be found and reached by `connect_by`.
    pub(crate) async fn call_held_back<R: Request>(
        &self,
        target: Target,
        versions: RangeInclusive<i16>,
        build: impl FnOnce(i16) -> R,
        connect_by: Instant,
        deadline: Instant,
    ) -> Result<R::Response, Error> {
        let core = self.core();
        let connection = core.open_connection(&target, connect_by.min(deadline)).await?;
        let version = connection.version(ApiKey(R::KEY), versions)?;
        core.exchange_by(&connection, version, &build(version), deadline, deadline).await
    }

    /// Attempts until `classify` is content, an error cannot be mended by trying again, or the deadline comes.
    ///
    /// `target` is asked before each attempt, so that it can follow a leader or coordinator that moved.
    pub(crate) async fn call_with_retry<R: Request, T>(
        &self,
        operation: &'static str,
        mut target: impl FnMut() -> Target,
        versions: RangeInclusive<i16>,
        mut build: impl FnMut(i16) -> R,
        mut classify: impl FnMut(R::Response) -> Decision<T>,
        deadline: Instant,
    ) -> Result<T, Error> {
        let mut failures = 0u32;
        let mut reason: Option<Error> = None;
        loop {
            let aim = target();
            let error = match self.call(aim.clone(), versions.clone(), &mut build, deadline).await {
                Ok(response) => match classify(response) {
                    Decision::Done(result) => return Ok(result),
                    Decision::Fail(error) => return Err(error.with_operation(operation)),
                    Decision::Retry(error) => error,
                },
                Err(error) if error.is_retriable() => match reason.take() {
                    // The last attempt was only cut short: what went wrong before it tells more.
                    Some(reason) if self.env().now() >= deadline => {
                        if error.is_outcome_unknown() {
                            reason.with_outcome_unknown()
                        } else {
                            reason
                        }
                    }
                    _ => error,
                },
                Err(error) => return Err(error.with_operation(operation)),
            };
            self.look_again(&aim, &error);
            reason = Some(error.clone());
            failures += 1;
            self.pause(operation, failures, error, deadline).await?;
        }
    }

    /// Why no broker could be reached ever since the start, once there was time enough for it.
    pub(crate) fn out_of_reach(&self, operation: &'static str) -> Option<Error> {
        let core = self.core();
        core.metadata.never_answered(operation).or_else(|| {
            let error = core.metadata.last_error().filter(|_| core.pool.is_out_of_reach())?;
            Some(error.with_operation(operation).with_retriable(false))
        })
    }

    /// Drops what an error proves stale, so that the next attempt goes to the right broker.
    pub(crate) fn look_again(&self, target: &Target, error: &Error) {
        use ottla_wire::ErrorCode;
        let code = error.code();
        let lost = matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Protocol);
        if let Target::Coordinator(kind, key) | Target::Rebalance(kind, key) = target {
            let moved =
                matches!(code, Some(ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE));
            if moved || lost {
                self.forget_coordinator(*kind, key);
            }
            return;
        }
        if lost || code.is_some_and(|code| code.refreshes_metadata() || code == ErrorCode::NOT_CONTROLLER) {
            self.metadata().refresh("a request failed");
        }
    }

    /// Waits before another attempt; the error is returned when the deadline comes first, or `retries` are used up.
    pub(crate) async fn pause(
        &self,
        operation: &'static str,
        failures: u32,
        error: Error,
        deadline: Instant,
    ) -> Result<(), Error> {
        let core = self.core();
        let until = core.env.now() + core.retry_pause(failures);
        if until >= deadline || failures > core.config.call_retries {
            return Err(error.with_operation(operation).with_context("attempts", failures));
        }
        tracing::debug!(operation, %error, failures, "trying again");
        core.env.sleep_until(until).await;
        Ok(())
    }

    /// The broker that coordinates `key`: cached, else looked up with retries until `deadline`.
    pub(crate) async fn coordinator(
        &self,
        kind: CoordinatorKind,
        key: &str,
        deadline: Instant,
    ) -> Result<NodeId, Error> {
        self.core().coordinator(kind, key, deadline).await
    }

    /// The coordinator moved or cannot be reached: the next call looks it up again.
    pub(crate) fn forget_coordinator(&self, kind: CoordinatorKind, key: &str) {
        self.core().coordinators.forget(kind, key);
    }

    /// Closes every connection; calls under way end with `Closed`. There is nothing to wait for: tasks end at their next poll.
    pub(crate) fn close(&self) {
        let core = self.core();
        core.metadata.close();
        core.pool.shut_down();
    }
}

impl Core {
    pub(crate) fn env(&self) -> &Env {
        &self.env
    }

    pub(crate) fn config(&self) -> &CommonConfig {
        &self.config
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) fn coordinators(&self) -> &Coordinators {
        &self.coordinators
    }

    pub(crate) fn retry_pause(&self, failures: u32) -> Duration {
        self.retry.pause(failures, &mut self.rng.lock())
    }

    /// Remembers where a coordinator lives.
    pub(crate) fn learn(&self, node: NodeId, address: HostPort) {
        self.learned.lock().insert(node, address);
    }

    /// Forgets all brokers: the next connection goes to `bootstrap.servers`.
    pub(crate) fn forget_brokers(&self) {
        self.learned.lock().clear();
        self.coordinators.clear();
        self.metadata.forget_brokers();
    }

    fn address(&self, snapshot: &ClusterSnapshot, node: NodeId) -> Option<HostPort> {
        match snapshot.brokers.get(&node) {
            Some(Broker { address, .. }) => Some(address.clone()),
            None => self.learned.lock().get(&node).cloned(),
        }
    }

    async fn node_connection(
        &self,
        peer: Peer,
        node: NodeId,
        deadline: Instant,
    ) -> Result<Connection, Error> {
        let Some(address) = self.address(&self.metadata.snapshot(), node) else {
            self.metadata.refresh("a broker is not known");
            return Err(Error::new(ErrorKind::Network, "connect", format!("broker {node} is not known"))
                .with_context("broker", node));
        };
        self.pool.connection(peer, &address, deadline).await.map_err(|error| self.judge(error))
    }

    /// When no broker could ever be reached at the address it advertises, the addresses are wrong: trying on would only
    /// hide that until the deadline.
    fn judge(&self, error: Error) -> Error {
        let unreachable =
            matches!(error.kind(), ErrorKind::Network | ErrorKind::Protocol | ErrorKind::Timeout)
                && self.pool.is_out_of_reach();
        if unreachable { error.with_retriable(false) } else { error }
    }

    /// A connection that is still open: one to `bootstrap.servers` may have been given up for the brokers' own while its
    /// caller waited for a turn.
    async fn open_connection(&self, target: &Target, deadline: Instant) -> Result<Connection, Error> {
        let connection = self.target_connection(target, deadline).await?;
        if connection.is_closed() {
            return self.target_connection(target, deadline).await;
        }
        Ok(connection)
    }

    async fn target_connection(&self, target: &Target, deadline: Instant) -> Result<Connection, Error> {
        match target {
            Target::Node(node) => self.node_connection(Peer::Node(*node), *node, deadline).await,
            Target::CoordinatorNode(node) => {
                self.node_connection(Peer::Coordinator(*node), *node, deadline).await
            }
            Target::AnyBroker => self.any_connection(deadline).await,
            Target::Controller => {
                let snapshot = self.metadata.ready("find the controller", deadline).await?;
                match snapshot.controller {
                    Some(node) if snapshot.brokers.contains_key(&node) => {
                        self.node_connection(Peer::Node(node), node, deadline).await
                    }
                    _ => self.any_connection(deadline).await,
                }
            }
            Target::Coordinator(kind, key) => {
                let node = self.coordinator(*kind, key, deadline).await?;
                self.node_connection(Peer::Coordinator(node), node, deadline).await
            }
            Target::Rebalance(kind, key) => {
                let node = self.coordinator(*kind, key, deadline).await?;
                self.node_connection(Peer::Rebalance(node), node, deadline).await
            }
        }
    }

    /// A connection to some broker: the least busy one that is open, else the first of all that opens.
    pub(crate) async fn any_connection(&self, deadline: Instant) -> Result<Connection, Error> {
        let snapshot = self.metadata.snapshot();
        let now = self.env.now();
        let mut peers: Vec<(Peer, HostPort)> =
            snapshot.brokers.values().map(|broker| (Peer::Node(broker.id), broker.address.clone())).collect();
        let bootstrapping = peers.is_empty();
        if bootstrapping {
            peers = self
                .config
                .bootstrap_servers
                .iter()
                .enumerate()
                .map(|(index, address)| (Peer::Bootstrap(index), address.clone()))
                .collect();
        }
        let candidates: Vec<_> = peers
            .iter()
            .enumerate()
            .map(|(index, (peer, _))| Candidate {
                peer: index,
                outstanding: self.pool.ready(*peer).map(|connection| connection.outstanding()),
                pausing: self.pool.is_pausing(*peer, now),
            })
            .collect();
        let offset = self.rng.lock().random_range(0..peers.len().max(1));
        let order = routing::order(&candidates, offset);
        let all_pausing = candidates.iter().all(|candidate| candidate.pausing);
        let opened = self.race(order.into_iter().map(|index| peers[index].clone()).collect(), deadline).await;
        if opened.is_err() && all_pausing && !bootstrapping {
            // Every broker of the last known cluster failed twice: it may have moved altogether.
            self.metadata.no_broker_usable();
        }
        if bootstrapping { opened } else { opened.map_err(|error| self.judge(error)) }
    }

    /// Tries peers one after the other, each with a head start; the first to open wins.
    async fn race(&self, peers: Vec<(Peer, HostPort)>, deadline: Instant) -> Result<Connection, Error> {
        let mut waiting = peers.iter();
        let mut opening = FuturesUnordered::new();
        let mut errors: Vec<Error> = Vec::new();
        loop {
            let next = waiting.next();
            if let Some((peer, address)) = next {
                opening.push(self.pool.connection(*peer, address, deadline));
            } else if opening.is_empty() {
                return Err(combine(errors));
            }
            // With nobody left to start, wait for those under way; they end by the deadline.
            let until = if waiting.len() > 0 { self.env.now() + STAGGER } else { deadline + STAGGER };
            while let Some(Some(opened)) = self.env.timeout_at(until, opening.next()).await {
                match opened {
                    Ok(connection) => return Ok(connection),
                    Err(error) => errors.push(error),
                }
                if waiting.len() > 0 {
                    break;
                }
            }
        }
    }

    async fn coordinator(
        &self,
        kind: CoordinatorKind,
        key: &str,
        deadline: Instant,
    ) -> Result<NodeId, Error> {
        crate::coordinator::find(self, kind, key, deadline).await
    }

    /// Sends a request and decodes its answer.
    ///
    /// The connection waits for the answer for `request.timeout.ms`, whatever the caller's deadline: a caller in a hurry
    /// must not cost others their connection.
    pub(crate) async fn exchange<R: Request>(
        &self,
        connection: &Connection,
        version: i16,
        request: &R,
        deadline: Instant,
    ) -> Result<R::Response, Error> {
        let answer_by = self.env.now() + self.config.request_timeout;
        self.exchange_by(connection, version, request, deadline, answer_by).await
    }

    /// As [`Self::exchange`], with the connection waiting until `answer_by`.
    async fn exchange_by<R: Request>(
        &self,
        connection: &Connection,
        version: i16,
        request: &R,
        deadline: Instant,
        answer_by: Instant,
    ) -> Result<R::Response, Error> {
        let api = ApiKey(R::KEY);
        let started = self.env.now();
        let pending = connection.send(
            api,
            version,
            |correlation_id| encode_request(version, correlation_id, Some(connection.client_id()), request),
            Expect::Response,
            answer_by,
        )?;
        let Some(body) = self.env.timeout_at(deadline, pending).await else {
            let waited = self.env.now().saturating_duration_since(started);
            let what = format!(
                "{} did not answer {} within {} ms",
                connection.peer(),
                api.name(),
                waited.as_millis()
            );
            return Err(Error::timeout(api.name(), what)
                .with_context("broker", connection.peer())
                .with_outcome_unknown());
        };
        let body = body?;
        decode_response::<R>(version, body).map_err(|error| {
            // What a broker sends that is not the protocol is no ground to go on trusting its stream.
            let failure =
                Error::new(ErrorKind::Protocol, ApiKey(R::KEY).name(), "the broker's answer cannot be read")
                    .with_context("broker", connection.peer())
                    .with_source(error)
                    .with_outcome_unknown();
            connection.close(failure.clone().with_kind(ErrorKind::Network));
            failure
        })
    }
}

/// One error for several failed attempts: the first, with the others beside it.
fn combine(mut errors: Vec<Error>) -> Error {
    if errors.is_empty() {
        return Metadata::error_unreachable("connect");
    }
    let first = errors.remove(0);
    if errors.is_empty() {
        return first;
    }
    let others: Vec<_> = errors.iter().map(|error| error.message().to_owned()).collect();
    first.with_context("also", others.join("; "))
}

#[cfg(test)]
mod tests;
