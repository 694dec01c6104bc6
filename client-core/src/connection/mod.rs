//! Connections to brokers: one task each, requests pipelined, answers matched in order.
//!
//! [`Connection`] is the handle that requests are queued through; `driver` owns the socket; `pool` opens connections and
//! keeps them. Nothing here knows what a request means, except the handshake.

mod driver;
mod handshake;
pub(crate) mod pool;
mod throttle;
mod transport;

use crate::config::HostPort;
use crate::error::{Error, ErrorKind};
use crate::metadata::NodeId;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use ottla_wire::api_version::ClientVersions;
use ottla_wire::{ApiKey, CodecError, Frame};
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::oneshot;

/// Bound of requests queued and awaiting answers on one connection; what sends in earnest keeps far below it
/// (`max.in.flight.requests.per.connection`, one fetch per broker).
const MAX_OUTSTANDING: usize = 1_024;

/// Whether a request gets an answer: a produce request of `acks=0` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// A response, which the returned future yields.
    Response,
    /// Nothing: the returned future yields an empty body once the request was written.
    Nothing,
}

/// Whom a connection leads to, for messages.
#[derive(Clone, Debug)]
pub(crate) struct PeerName {
    /// The broker's number; `None` for an address from `bootstrap.servers`.
    pub(crate) node_id: Option<NodeId>,
    pub(crate) address: HostPort,
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.node_id {
            Some(id) => write!(f, "broker {id} ({})", self.address),
            None => write!(f, "{}", self.address),
        }
    }
}

/// What a broker said of itself in the handshake.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeerFeatures {
    pub(crate) versions: ClientVersions,
    /// Finalised feature levels, such as `transaction.version`.
    pub(crate) finalized: BTreeMap<String, i16>,
}

/// A ready connection: handshake done, versions known. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connection(Arc<Shared>);

struct Shared {
    peer: PeerName,
    client_id: Arc<str>,
    features: PeerFeatures,
    next_correlation_id: AtomicI32,
    /// Requests queued or awaiting answers.
    outstanding: AtomicUsize,
    queue: Mutex<Queue>,
    /// Wakes the driver after a change of `queue`.
    waker: AtomicWaker,
}

#[derive(Default)]
struct Queue {
    outgoing: VecDeque<Outgoing>,
    /// The broker asked to send nothing until then.
    throttled_until: Option<Instant>,
    /// Why nothing goes through any more; the driver ends when it sees this.
    closed: Option<Error>,
}

struct Outgoing {
    correlation_id: i32,
    api: ApiKey,
    version: i16,
    frame: Frame,
    expect: Expect,
    deadline: Instant,
    reply: oneshot::Sender<Result<Bytes, Error>>,
}

impl Connection {
    /// Whom it leads to.
    pub(crate) fn peer(&self) -> &PeerName {
        &self.0.peer
    }

    /// The `client.id` that goes into request headers.
    pub(crate) fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// The highest version of `api` that both `ours` and the broker offer.
    ///
    /// Errors: `Unsupported`, naming the API, what was needed and what was found.
    pub(crate) fn version(&self, api: ApiKey, ours: RangeInclusive<i16>) -> Result<i16, Error> {
        let found = self.0.features.versions.range(api);
        let usable = ottla_wire::api_version::supported(api.0)
            .map(|known| *known.start().max(ours.start())..=*known.end().min(ours.end()));
        if let (Some(usable), Some(found)) = (usable, found.clone())
            && let Some(version) = ottla_wire::api_version::negotiate(usable, found)
        {
            return Ok(version);
        }
        let found = match found {
            Some(found) => format!("versions {} to {}", found.start(), found.end()),
            None => "none".to_owned(),
        };
        Err(Error::new(
            ErrorKind::Unsupported,
            "negotiate versions",
            format!(
                "{} is needed in version {} to {}, the broker offers {found}",
                api.name(),
                ours.start(),
                ours.end()
            ),
        )
        .with_context("broker", self.peer())
        .with_hint("this needs a newer broker, or the feature turned off"))
    }

    /// Everything the broker offers.
    pub(crate) fn offered_all(&self) -> impl Iterator<Item = (ApiKey, RangeInclusive<i16>)> + '_ {
        self.0.features.versions.iter()
    }

    /// All finalised feature levels.
    pub(crate) fn finalized_features(&self) -> &BTreeMap<String, i16> {
        &self.0.features.finalized
    }

    /// Whether it carries no more requests.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.queue.lock().closed.is_some()
    }

    /// Requests queued or awaiting answers.
    pub(crate) fn outstanding(&self) -> usize {
        self.0.outstanding.load(Ordering::Relaxed)
    }

    /// Queues a request; `encode` gets its correlation id. Requests leave in the order queued.
    ///
    /// The answer must come by `deadline`, or the connection is closed: its bytes could no longer be told from the next
    /// answer's. Errors: `Network` when the connection is closed, `QueueFull` at its bound, `Protocol` when encoding fails.
    pub(crate) fn send(
        &self,
        api: ApiKey,
        version: i16,
        encode: impl FnOnce(i32) -> Result<Frame, CodecError>,
        expect: Expect,
        deadline: Instant,
    ) -> Result<PendingResponse, Error> {
        let shared = &*self.0;
        if shared.outstanding.fetch_add(1, Ordering::AcqRel) >= MAX_OUTSTANDING {
            shared.outstanding.fetch_sub(1, Ordering::AcqRel);
            return Err(Error::new(
                ErrorKind::QueueFull,
                api.name(),
                format!("{MAX_OUTSTANDING} requests are waiting on the connection already"),
            )
            .with_context("broker", self.peer()));
        }
        let correlation_id = shared.next_correlation_id.fetch_add(1, Ordering::Relaxed);
        let frame = encode(correlation_id).map_err(|error| {
            shared.outstanding.fetch_sub(1, Ordering::AcqRel);
            Error::new(ErrorKind::Internal, api.name(), "the request cannot be encoded")
                .with_context("broker", self.peer())
                .with_source(error)
        })?;
        let (reply, receiver) = oneshot::channel();
        {
            let mut queue = shared.queue.lock();
            if let Some(closed) = &queue.closed {
                shared.outstanding.fetch_sub(1, Ordering::AcqRel);
                return Err(closed.clone().with_operation(api.name()));
            }
            queue.outgoing.push_back(Outgoing {
                correlation_id,
                api,
                version,
                frame,
                expect,
                deadline,
                reply,
            });
        }
        shared.waker.wake();
        Ok(PendingResponse { receiver, api })
    }

    /// Ends the connection; what awaits an answer fails with `reason`, and nothing more is taken.
    pub(crate) fn close(&self, reason: Error) {
        self.0.queue.lock().closed.get_or_insert(reason);
        self.0.waker.wake();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &format_args!("{}", self.0.peer))
            .field("outstanding", &self.outstanding())
            .finish_non_exhaustive()
    }
}

/// A response to come. Dropping it gives the answer up, not the request.
#[derive(Debug)]
pub(crate) struct PendingResponse {
    receiver: oneshot::Receiver<Result<Bytes, Error>>,
    api: ApiKey,
}

impl Future for PendingResponse {
    /// The response's body, behind its header.
    type Output = Result<Bytes, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.receiver).poll(cx).map(|received| match received {
            Ok(result) => result,
            // The driver was aborted with the client.
            Err(_) => Err(Error::closed(self.api.name()).with_outcome_unknown()),
        })
    }
}
