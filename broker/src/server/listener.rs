//! Accepting connections, and ending them.
//!
//! Owns the sockets that listen and the tasks of the connections they gave. Where there are too many, a connection is
//! accepted and closed at once: leaving it in the backlog would only make its peer wait. Where they come too fast, they
//! wait: all of them in the backlog (`max.connection.creation.rate`, as in Kafka), those of one address in their places,
//! unanswered, so that other addresses are not held up (`ottla.max.connection.creation.rate.per.ip`; Kafka's quota of the
//! same kind closes the connection after the wait, and its client begins anew). Where the wait would outlast a client's
//! patience they are closed too, or those that gave up would be served before those that are there.

use super::connection::{Activity, Closed, Connection, ConnectionLimits};
use super::limits::{LimitSettings, Limits};
use super::request_context::RequestContext;
use crate::config::BrokerConfig;
use crate::context::BrokerContext;
use crate::limits::{Limit, LogGate};
use ottla_env::{Env, Listener, Stream, Task};
use ottla_wire::frame::FrameError;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Pause after a failed accept, as when descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A socket bound for one listener.
pub(crate) struct BoundListener {
    /// The listener's name.
    pub(crate) name: Arc<str>,
    /// The bound address, with its real port.
    pub(crate) address: SocketAddr,
    pub(crate) socket: Box<dyn Listener>,
}

/// All listeners and connections of a broker. Dropping it ends them all at once.
pub(crate) struct Server {
    listeners: Vec<Task<()>>,
    connections: Arc<Connections>,
}

/// The connections there are.
struct Connections {
    open: Mutex<BTreeMap<u64, OpenConnection>>,
    next_id: AtomicU64,
    ended: Notify,
    shared: Arc<Limits>,
    limits: ConnectionLimits,
    failed: LogGate,
    misbehaved: LogGate,
}

struct OpenConnection {
    activity: Arc<Activity>,
    task: Option<Task<()>>,
}

impl Server {
    /// Serves `listeners`.
    pub(crate) fn start(
        broker: &Arc<BrokerContext>,
        limits: LimitSettings,
        listeners: Vec<BoundListener>,
    ) -> Self {
        let config = &broker.config;
        let shared = Limits::new(limits, broker.limits.clone());
        let connections = Arc::new(Connections {
            open: Mutex::default(),
            next_id: AtomicU64::new(1),
            ended: Notify::new(),
            shared: Arc::new(shared),
            limits: connection_limits(config),
            failed: LogGate::new(),
            misbehaved: LogGate::new(),
        });
        let listeners = listeners.into_iter().map(|listener| {
            let accepting = accept(broker.clone(), connections.clone(), listener);
            broker.env.spawn("listener", accepting)
        });
        Self { listeners: listeners.collect(), connections }
    }

    /// Connections there are now.
    pub(crate) fn connection_count(&self) -> usize {
        self.connections.shared.connection_count()
    }

    /// Accepts nothing more, lets answers that are being written out until `deadline`, and ends every connection.
    pub(crate) async fn stop(mut self, env: &Env, deadline: Instant) {
        self.listeners.clear();
        loop {
            let ended = self.connections.ended.notified();
            let waiting: Vec<OpenConnection> = {
                let mut open = self.connections.open.lock();
                let waiting = open.iter().filter(|(_, connection)| connection.activity.is_waiting());
                let waiting: Vec<u64> = waiting.map(|(id, _)| *id).collect();
                waiting.iter().filter_map(|id| open.remove(id)).collect()
            };
            drop(waiting);
            if self.connections.open.lock().is_empty() {
                return;
            }
            // Busy connections see that the broker stops once their answers are out.
            if env.timeout_at(deadline, ended).await.is_none() {
                tracing::warn!("connections were ended before their answers were out");
                self.connections.open.lock().clear();
                return;
            }
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.open.get_mut().clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listeners.clear();
        self.connections.open.lock().clear();
    }
}

fn connection_limits(config: &BrokerConfig) -> ConnectionLimits {
    let idle_ms = config.long("connections.max.idle.ms");
    ConnectionLimits {
        max_produce_bytes: config.size("socket.request.max.bytes"),
        max_request_bytes: config
            .size("ottla.request.max.bytes")
            .min(config.size("socket.request.max.bytes")),
        max_first_request_bytes: config.size("ottla.first.request.max.bytes"),
        first_request_timeout: config.duration_ms("ottla.connection.first.request.timeout.ms"),
        // Kafka takes a negative value for never; a year is as good and has a deadline.
        max_idle: if idle_ms < 0 {
            Duration::from_secs(365 * 24 * 3600)
        } else {
            config.duration_ms("connections.max.idle.ms")
        },
        write_timeout: config.duration_ms("ottla.connection.write.timeout.ms"),
    }
}

async fn accept(broker: Arc<BrokerContext>, connections: Arc<Connections>, mut listener: BoundListener) {
    loop {
        match listener.socket.accept().await {
            Ok((stream, peer)) => {
                let wait = connections.shared.pace(broker.env.now());
                if !wait.is_zero() {
                    broker.limits.hit(Limit::ConnectionRate, &peer);
                    broker.env.sleep(wait).await;
                }
                connections.open(&broker, &listener.name, stream, peer);
            }
            Err(error) => {
                if connections.failed.pass(broker.env.now()).is_some() {
                    tracing::warn!(listener = %listener.name, %error, "accepting a connection failed");
                }
                broker.env.sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

impl Connections {
    fn open(
        self: &Arc<Self>,
        broker: &Arc<BrokerContext>,
        listener: &Arc<str>,
        stream: Stream,
        peer: SocketAddr,
    ) {
        let permit = match self.shared.connect(peer.ip(), broker.env.now()) {
            Ok(permit) => permit,
            Err(limit) => return broker.limits.hit(limit, &peer),
        };
        if !permit.wait.is_zero() {
            broker.limits.hit(Limit::ConnectionRatePerIp, &peer);
        }
        let Ok(local) = stream.local_addr() else { return }; // The peer is gone already.
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let activity = Arc::new(Activity::new());
        let connection = Connection {
            broker: broker.clone(),
            stream,
            context: RequestContext {
                listener: listener.clone(),
                local,
                peer,
                software: None,
                client_id: None,
                correlation_id: 0,
            },
            limits: self.limits.clone(),
            shared: self.shared.clone(),
            activity: activity.clone(),
            permit,
        };
        // The entry is there before the task can end and look for it.
        let mut open = self.open.lock();
        open.insert(id, OpenConnection { activity, task: None });
        let (env, connections) = (broker.env.clone(), Arc::downgrade(self));
        let limits = broker.limits.clone();
        let task = broker.env.spawn("connection", async move {
            let closed = connection.serve().await;
            if let Closed::Frame(FrameError::TooLarge { .. }) = closed {
                limits.hit(Limit::RequestBytes, &peer);
            }
            let Some(connections) = connections.upgrade() else { return };
            connections.log(&env, peer, &closed);
            if let Some(task) = connections.open.lock().remove(&id).and_then(|connection| connection.task) {
                task.detach();
            }
            connections.ended.notify_waiters();
        });
        if let Some(connection) = open.get_mut(&id) {
            connection.task = Some(task);
        }
    }

    fn log(&self, env: &Env, peer: SocketAddr, closed: &Closed) {
        match closed {
            Closed::Frame(_) | Closed::Request(_) => {
                if let Some(more) = self.misbehaved.pass(env.now()) {
                    tracing::warn!(%peer, reason = %closed, more, "connection closed: the request has no answer");
                }
            }
            _ => tracing::debug!(%peer, reason = %closed, "connection closed"),
        }
    }
}
