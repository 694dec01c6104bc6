//! The connections of one client, by peer: opened on demand, shared by all callers, reopened after a pause.

use super::transport::{self, Progress};
use super::{Connection, PeerName, Queue, Shared, driver::Driver};
use crate::backoff::Backoff;
use crate::config::{CommonConfig, HostPort};
use crate::error::{Error, ErrorKind};
use crate::metadata::NodeId;
use futures_util::task::AtomicWaker;
use ottla_env::{Env, Rng, Task};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI32, AtomicUsize};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A client that never reached any broker tells its callers after this long, rather than at their deadlines: what is
/// wrong then is the address, not the moment.
pub(crate) const FIRST_CONTACT: Duration = Duration::from_secs(5);
/// What every call gets, however long brokers have been out of reach.
const CHANCE: Duration = Duration::from_secs(1);
/// How often an unreachable broker is complained about.
const COMPLAINT_INTERVAL: Duration = Duration::from_secs(30);

/// Whom to connect to. A coordinator has a connection of its own, as in the Java client: heartbeats and commits must
/// not wait behind a fetch that the broker holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Peer {
    /// An entry of `bootstrap.servers`.
    Bootstrap(usize),
    /// A broker of the cluster.
    Node(NodeId),
    /// A broker of the cluster, as a coordinator.
    Coordinator(NodeId),
    /// A coordinator, for requests that it holds back until other members of a group did their part.
    Rebalance(NodeId),
}

impl Peer {
    fn node_id(self) -> Option<NodeId> {
        match self {
            Self::Bootstrap(_) => None,
            Self::Node(id) | Self::Coordinator(id) | Self::Rebalance(id) => Some(id),
        }
    }
}

type Opening = watch::Receiver<Option<Result<Connection, Error>>>;

enum State {
    /// Nothing is open; nothing may be opened before `Slot::retry_at`.
    Idle,
    Opening(Opening, Arc<Progress>),
    Ready(Connection),
}

struct Slot {
    address: HostPort,
    state: State,
    /// Counts the slot's connections, so that a late report of an older one is not taken for the current.
    serial: u64,
    failures: u32,
    retry_at: Instant,
    last_error: Option<Error>,
    /// Since when no attempt succeeded, and when that was last said.
    failing_since: Option<Instant>,
    complained_at: Option<Instant>,
    /// Opens the connection, then carries it. Dropped with the slot, it ends.
    task: Option<Task<()>>,
}

struct Inner {
    slots: BTreeMap<Peer, Slot>,
    rng: Rng,
    closed: bool,
    next_serial: u64,
    /// Whether any broker of the cluster was ever reached at the address it advertises.
    reached_advertised: bool,
    /// When that was first tried.
    advertised_since: Option<Instant>,
}

/// The connections.
#[derive(Clone)]
pub(crate) struct Pool(Arc<PoolShared>);

struct PoolShared {
    env: Env,
    config: Arc<CommonConfig>,
    client_id: Arc<str>,
    reconnect: Backoff,
    inner: Mutex<Inner>,
}

/// What a caller has to do next.
enum Step {
    Use(Connection),
    Wait(Opening, Arc<Progress>),
    Sleep(Instant, Option<Error>),
}

impl Pool {
    pub(crate) fn new(env: Env, config: Arc<CommonConfig>) -> Self {
        let rng = env.rng("reconnect");
        let client_id = Arc::from(config.client_id.as_str());
        let reconnect = Backoff::new(config.reconnect_backoff, config.reconnect_backoff_max);
        let inner = Inner {
            slots: BTreeMap::new(),
            rng,
            closed: false,
            next_serial: 0,
            reached_advertised: false,
            advertised_since: None,
        };
        Self(Arc::new(PoolShared { env, config, client_id, reconnect, inner: Mutex::new(inner) }))
    }

    /// A ready connection to `peer` at `address`, opened if there is none.
    ///
    /// One failed attempt is an error; a call during the pause after it waits and then tries again. Errors also when
    /// `deadline` comes first, saying what was being waited for; and earlier while no broker of the cluster was ever
    /// reached, because then the address is wrong rather than the moment.
    pub(crate) async fn connection(
        &self,
        peer: Peer,
        address: &HostPort,
        deadline: Instant,
    ) -> Result<Connection, Error> {
        let env = &self.0.env;
        let deadline = self.patience(peer, deadline);
        let name = || PeerName { node_id: peer.node_id(), address: address.clone() };
        loop {
            match self.step(peer, address)? {
                Step::Use(connection) => return Ok(connection),
                Step::Sleep(until, last_error) => {
                    if until >= deadline {
                        env.sleep_until(deadline).await;
                        let error = last_error.unwrap_or_else(|| {
                            Error::timeout("connect", "pausing before the next attempt")
                                .with_context("broker", name())
                        });
                        return Err(error);
                    }
                    env.sleep_until(until).await;
                }
                Step::Wait(mut opening, progress) => {
                    let opened = env.timeout_at(deadline, async {
                        opening.wait_for(Option::is_some).await.ok().and_then(|result| result.clone())
                    });
                    match opened.await {
                        Some(Some(result)) => return result,
                        // The slot was replaced or the pool closed meanwhile: look again.
                        Some(None) => {}
                        None => return Err(progress.expired(&name())),
                    }
                }
            }
        }
    }

    /// A ready connection to `peer`, if there is one right now.
    pub(crate) fn ready(&self, peer: Peer) -> Option<Connection> {
        match &self.0.inner.lock().slots.get(&peer)?.state {
            State::Ready(connection) if !connection.is_closed() => Some(connection.clone()),
            _ => None,
        }
    }

    /// Whether brokers of the cluster have been tried for a while, and none was ever reached at the address it advertises.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        let now = self.0.env.now();
        let inner = self.0.inner.lock();
        !inner.reached_advertised && inner.advertised_since.is_some_and(|since| now >= since + FIRST_CONTACT)
    }

    /// How long to wait for a connection to `peer`.
    fn patience(&self, peer: Peer, deadline: Instant) -> Instant {
        if peer.node_id().is_none() {
            return deadline;
        }
        let now = self.0.env.now();
        let mut inner = self.0.inner.lock();
        if inner.reached_advertised {
            return deadline;
        }
        let since = *inner.advertised_since.get_or_insert(now);
        // Each call gives the brokers a chance.
        deadline.min((since + FIRST_CONTACT).max(now + CHANCE))
    }

    /// Whether `peer` may not be tried before its pause is over.
    pub(crate) fn is_pausing(&self, peer: Peer, now: Instant) -> bool {
        let inner = self.0.inner.lock();
        inner.slots.get(&peer).is_some_and(|slot| matches!(slot.state, State::Idle) && slot.retry_at > now)
    }

    fn step(&self, peer: Peer, address: &HostPort) -> Result<Step, Error> {
        let shared = &self.0;
        let now = shared.env.now();
        let mut guard = shared.inner.lock();
        let inner = &mut *guard;
        if inner.closed {
            return Err(Error::closed("connect"));
        }
        let slot = inner.slots.entry(peer).or_insert_with(|| Slot {
            address: address.clone(),
            state: State::Idle,
            serial: 0,
            failures: 0,
            retry_at: now,
            last_error: None,
            failing_since: None,
            complained_at: None,
            task: None,
        });
        if slot.address != *address {
            // The broker moved: its old connection leads elsewhere.
            if let State::Ready(connection) = &slot.state {
                connection.close(replaced("the broker's address changed"));
            }
            slot.state = State::Idle;
            slot.task = None;
            slot.failures = 0;
            slot.retry_at = now;
            slot.address = address.clone();
        }
        match &slot.state {
            State::Ready(connection) if !connection.is_closed() => return Ok(Step::Use(connection.clone())),
            State::Ready(_) => {
                // Its own task reports the end in a moment; the pause starts now.
                slot.failures = 1;
                slot.retry_at = now + shared.reconnect.pause(1, &mut inner.rng);
                slot.state = State::Idle;
            }
            State::Opening(opening, progress) => return Ok(Step::Wait(opening.clone(), progress.clone())),
            State::Idle => {}
        }
        if slot.retry_at > now {
            return Ok(Step::Sleep(slot.retry_at, slot.last_error.clone()));
        }
        inner.next_serial += 1;
        slot.serial = inner.next_serial;
        let setup = Backoff::new(shared.config.setup_timeout, shared.config.setup_timeout_max);
        let timeout = setup.pause(slot.failures + 1, &mut inner.rng);
        let (report, opening) = watch::channel(None);
        let progress = Arc::new(Progress::default());
        slot.state = State::Opening(opening.clone(), progress.clone());
        let name = PeerName { node_id: peer.node_id(), address: address.clone() };
        let carry = Carry {
            pool: Arc::downgrade(shared),
            env: shared.env.clone(),
            config: shared.config.clone(),
            client_id: shared.client_id.clone(),
            peer,
            name,
            serial: slot.serial,
        };
        slot.task = Some(shared.env.spawn("connection", carry.run(timeout, report, progress.clone())));
        Ok(Step::Wait(opening, progress))
    }

    /// Closes the connections to `bootstrap.servers` that carry nothing: the brokers themselves are known now.
    pub(crate) fn close_bootstrap(&self) {
        let mut inner = self.0.inner.lock();
        inner.slots.retain(|peer, slot| match (&slot.state, peer) {
            (State::Ready(connection), Peer::Bootstrap(_)) if connection.outstanding() == 0 => {
                connection.close(replaced("the brokers of the cluster are known now"));
                if let Some(task) = slot.task.take() {
                    task.detach();
                }
                false
            }
            _ => true,
        });
    }

    /// Closes every connection, so that all start anew.
    pub(crate) fn close_all(&self, reason: &Error) {
        let mut inner = self.0.inner.lock();
        for (_, slot) in std::mem::take(&mut inner.slots) {
            if let State::Ready(connection) = &slot.state {
                connection.close(reason.clone());
            }
            if let (State::Ready(_), Some(task)) = (&slot.state, slot.task) {
                task.detach();
            }
        }
    }

    /// Closes every connection and lets no new one be opened.
    pub(crate) fn shut_down(&self) {
        self.0.inner.lock().closed = true;
        self.close_all(&Error::closed("use the connection"));
    }
}

/// Why a connection that works is closed all the same; who uses it just then tries again.
pub(crate) fn replaced(why: &'static str) -> Error {
    Error::new(ErrorKind::Network, "use the connection", why)
}

/// The task of one connection: opens it, says how that went, carries it.
struct Carry {
    pool: Weak<PoolShared>,
    env: Env,
    config: Arc<CommonConfig>,
    client_id: Arc<str>,
    peer: Peer,
    name: PeerName,
    serial: u64,
}

impl Carry {
    async fn run(
        self,
        timeout: Duration,
        report: watch::Sender<Option<Result<Connection, Error>>>,
        progress: Arc<Progress>,
    ) {
        let opened = transport::open(&self.env, &self.config, &self.name, timeout, &progress).await;
        let (stream, features, incoming) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                tracing::debug!(peer = %self.name, %error, "cannot connect");
                self.ended(error.clone(), false);
                report.send_replace(Some(Err(error)));
                return;
            }
        };
        tracing::debug!(peer = %self.name, "connected");
        let shared = Arc::new(Shared {
            peer: self.name.clone(),
            client_id: self.client_id.clone(),
            features,
            next_correlation_id: AtomicI32::new(0),
            outstanding: AtomicUsize::new(0),
            queue: Mutex::new(Queue::default()),
            waker: AtomicWaker::new(),
        });
        let driver = Driver::new(
            self.env.clone(),
            shared.clone(),
            stream,
            incoming,
            self.config.receive_message_max_bytes,
            self.config.connections_max_idle,
        );
        let connection = Connection(shared);
        if !self.opened(&connection) {
            return;
        }
        report.send_replace(Some(Ok(connection)));
        let reason = driver.await;
        tracing::debug!(peer = %self.name, %reason, "disconnected");
        self.ended(reason, true);
    }

    /// False when the slot went on without this connection.
    fn opened(&self, connection: &Connection) -> bool {
        let Some(pool) = self.pool.upgrade() else { return false };
        let mut inner = pool.inner.lock();
        inner.reached_advertised |= self.peer.node_id().is_some();
        match inner.slots.get_mut(&self.peer) {
            Some(slot) if slot.serial == self.serial => {
                slot.state = State::Ready(connection.clone());
                slot.failures = 0;
                slot.last_error = None;
                slot.failing_since = None;
                slot.complained_at = None;
                true
            }
            _ => false,
        }
    }

    fn ended(&self, reason: Error, was_ready: bool) {
        let Some(pool) = self.pool.upgrade() else { return };
        let now = self.env.now();
        let mut guard = pool.inner.lock();
        let inner = &mut *guard;
        let Some(slot) = inner.slots.get_mut(&self.peer).filter(|slot| slot.serial == self.serial) else {
            return;
        };
        if was_ready && matches!(slot.state, State::Idle) {
            // A caller noticed before; the pause runs already.
            slot.last_error = Some(reason);
            return;
        }
        slot.failures = if was_ready { 1 } else { slot.failures.saturating_add(1) };
        slot.retry_at = now + pool.reconnect.pause(slot.failures, &mut inner.rng);
        let since = *slot.failing_since.get_or_insert(now);
        let is_news = slot.complained_at.is_none_or(|at| now >= at + COMPLAINT_INTERVAL);
        if !was_ready && now >= since + FIRST_CONTACT && is_news {
            // Callers go on waiting: until their deadline this is all that tells why.
            tracing::warn!(peer = %self.name, error = %reason, "a broker cannot be reached, still trying");
            slot.complained_at = Some(now);
        }
        slot.last_error = Some(reason);
        slot.state = State::Idle;
    }
}
