//! One connection: frames in, answers out, in order.
//!
//! Requests are handled one after another, as Kafka does by muting a connection. Frames that arrived together are
//! handled together and their answers leave in one write. While an answer has to wait (a long poll), earlier answers
//! are written and the peer is watched, so that nothing waits for someone who left. Anything malformed ends this
//! connection and no other.

use super::limits::{ConnectionPermit, Limits};
use super::outbound::OutboundQueue;
use super::request_context::RequestContext;
use super::{Outcome, dispatch};
use crate::context::BrokerContext;
use bytes::{Bytes, BytesMut};
use ottla_env::{BoxFuture, Env, Stream};
use ottla_wire::ApiKey;
use ottla_wire::frame::{FrameDecoder, FrameError, LENGTH_PREFIX_BYTES};
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;
use tokio::sync::OwnedSemaphorePermit;

/// Smallest read; a connection that only sends heartbeats holds no more.
const MIN_READ_BYTES: usize = 4 * 1024;
/// Largest read ahead of a known frame; more bytes per system call gain nothing.
const MAX_READ_BYTES: usize = 256 * 1024;
/// Answers that are ready are written once they hold this much.
const MAX_COALESCED_BYTES: usize = 1024 * 1024;
/// Room made at once for a large frame; more is made as bytes really come.
const MAX_ANNOUNCED_BYTES: usize = 1024 * 1024;
/// A large frame holds part of the shared budget, so it must come within [`LARGE_FRAME_TIME`], and a second more for each
/// of so many bytes.
const LARGE_FRAME_BYTES_PER_SECOND: usize = 256 * 1024;
const LARGE_FRAME_TIME: Duration = Duration::from_secs(30);
/// What is read from a peer whose request is being waited on; only to notice that it left.
const MAX_READ_AHEAD_BYTES: usize = 64 * 1024;
/// A connection quiet for so long gives its read buffer back.
const QUIET: Duration = Duration::from_secs(5);

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Closed {
    /// The peer closed it between requests.
    #[error("closed by the peer")]
    ByPeer,
    /// The peer closed it within a frame.
    #[error("closed by the peer in the middle of a frame")]
    InFrame,
    /// A frame larger than its API allows, or with a length below zero.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A handler asked for it: what the peer sent has no answer.
    #[error("{0}")]
    Request(String),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// No whole request came for too long.
    #[error("no request for {0:?}")]
    Idle(Duration),
    /// The broker stops.
    #[error("the broker stops")]
    Stopping,
}

/// What a connection is doing, for whoever wants to stop it.
#[derive(Debug)]
pub(crate) struct Activity(AtomicU8);

const WAITING: u8 = 0;
const BUSY: u8 = 1;

impl Activity {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(WAITING))
    }

    /// Whether it owes nobody an answer, or only one that may take for ever.
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.load(Ordering::Acquire) != BUSY
    }

    /// Marks whether an answer is owed.
    fn set(&self, activity: u8) {
        self.0.store(activity, Ordering::Release);
    }
}

/// What the connection is bound by.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionLimits {
    /// `socket.request.max.bytes`: Produce requests.
    pub(crate) max_produce_bytes: usize,
    /// `ottla.request.max.bytes`: all others.
    pub(crate) max_request_bytes: usize,
    /// `ottla.first.request.max.bytes`.
    pub(crate) max_first_request_bytes: usize,
    /// `ottla.connection.first.request.timeout.ms`.
    pub(crate) first_request_timeout: Duration,
    /// `connections.max.idle.ms`.
    pub(crate) max_idle: Duration,
    /// `ottla.connection.write.timeout.ms`.
    pub(crate) write_timeout: Duration,
}

/// One peer's connection.
pub(crate) struct Connection {
    pub(crate) broker: Arc<BrokerContext>,
    pub(crate) stream: Stream,
    pub(crate) context: RequestContext,
    pub(crate) limits: ConnectionLimits,
    pub(crate) shared: Arc<Limits>,
    pub(crate) activity: Arc<Activity>,
    /// Held for as long as the connection is.
    pub(crate) permit: ConnectionPermit,
}

/// The inbound half's state: bytes that are not yet a request.
struct Inbound {
    buffer: BytesMut,
    decoder: FrameDecoder,
    limits: ConnectionLimits,
    is_first: bool,
    read_bytes: usize,
}

impl Connection {
    /// Serves the peer until either side ends it.
    pub(crate) async fn serve(self) -> Closed {
        let Self { broker, mut stream, mut context, limits, shared, activity, permit } = self;
        let mut outbound = OutboundQueue::new(limits.write_timeout);
        let mut inbound = Inbound::new(limits);
        if !permit.wait.is_zero() {
            tokio::select! {
                () = broker.env.sleep(permit.wait) => {}
                closed = inbound.watch(&mut stream) => return closed,
            }
        }
        let mut idle = IdleTimer::new(&broker.env);
        loop {
            let (frame, room) = loop {
                match inbound.next_frame() {
                    Ok(Some(frame)) => break (frame, None),
                    Ok(None) => {}
                    Err(error) => return error.into(),
                }
                if let Err(error) = outbound.flush(&broker.env, &mut stream).await {
                    return error.into();
                }
                activity.set(WAITING);
                if broker.is_stopping() {
                    return Closed::Stopping;
                }
                if let Some(size_bytes) = inbound.large_frame_bytes() {
                    // The rest of a large frame is not even read before there is room for it.
                    let Some(room) = idle.run(&inbound, shared.reserve(size_bytes, &context.peer)).await
                    else {
                        return Closed::Idle(inbound.patience());
                    };
                    match inbound.read_whole(size_bytes, &mut stream, &mut idle).await {
                        Ok(frame) => break (frame, room),
                        Err(closed) => return closed,
                    }
                }
                if let Err(closed) = inbound.read(&mut stream, &mut idle).await {
                    return closed;
                }
            };
            activity.set(BUSY);
            idle.restart();
            let outcome = {
                let mut handling = pin!(dispatch::dispatch(&broker, &mut context, frame));
                match poll_fn(|cx| Poll::Ready(handling.as_mut().poll(cx))).await {
                    Poll::Ready(outcome) => outcome,
                    Poll::Pending => {
                        if let Err(error) = outbound.flush(&broker.env, &mut stream).await {
                            return error.into();
                        }
                        activity.set(WAITING);
                        tokio::select! {
                            biased;
                            outcome = handling => outcome,
                            closed = inbound.watch(&mut stream) => return closed,
                        }
                    }
                }
            };
            activity.set(BUSY);
            drop::<Option<OwnedSemaphorePermit>>(room);
            match outcome {
                Outcome::Respond(answer) => outbound.push(answer),
                Outcome::Silent => {}
                Outcome::Close(reason) => {
                    // What was answered before is still owed.
                    return match outbound.flush(&broker.env, &mut stream).await {
                        Ok(()) => Closed::Request(reason),
                        Err(error) => error.into(),
                    };
                }
            }
            if outbound.len_bytes() >= MAX_COALESCED_BYTES
                && let Err(error) = outbound.flush(&broker.env, &mut stream).await
            {
                return error.into();
            }
        }
    }
}

impl Inbound {
    fn new(limits: ConnectionLimits) -> Self {
        Self {
            buffer: BytesMut::new(),
            decoder: FrameDecoder::new(limits.max_produce_bytes),
            limits,
            is_first: true,
            read_bytes: MIN_READ_BYTES,
        }
    }

    /// The next whole frame there is.
    fn next_frame(&mut self) -> Result<Option<Bytes>, FrameError> {
        self.check_size()?;
        let frame = self.decoder.decode(&mut self.buffer)?;
        self.is_first &= frame.is_none();
        Ok(frame)
    }

    /// Size that the frame at the front announces; `None` while that is not known.
    fn announced_bytes(&self) -> Option<i32> {
        self.buffer.first_chunk::<LENGTH_PREFIX_BYTES>().map(|prefix| i32::from_be_bytes(*prefix))
    }

    /// Refuses a frame above what its API may send; the decoder only knows the largest of these bounds.
    fn check_size(&self) -> Result<(), FrameError> {
        let Some(size_bytes) = self.announced_bytes().and_then(|size| usize::try_from(size).ok()) else {
            return Ok(()); // Too short to tell, or negative, which the decoder says.
        };
        let limit = |max_bytes: usize| {
            if size_bytes > max_bytes {
                return Err(FrameError::TooLarge { size_bytes, max_bytes });
            }
            Ok(())
        };
        if self.is_first {
            return limit(self.limits.max_first_request_bytes);
        }
        let key = self.buffer.get(LENGTH_PREFIX_BYTES..LENGTH_PREFIX_BYTES + 2);
        match key {
            Some(key) if key != ApiKey::PRODUCE.0.to_be_bytes() => limit(self.limits.max_request_bytes),
            _ => Ok(()),
        }
    }

    /// Size of the frame at the front when it is beyond what a read buffer holds anyway.
    fn large_frame_bytes(&self) -> Option<usize> {
        let size_bytes = usize::try_from(self.announced_bytes()?).ok()?;
        // The API is known from here on, and with it that the size is allowed.
        (size_bytes > MAX_READ_AHEAD_BYTES && self.buffer.len() >= LENGTH_PREFIX_BYTES + 2)
            .then_some(size_bytes)
    }

    /// How long the peer may take for its next request.
    fn patience(&self) -> Duration {
        if self.is_first { self.limits.first_request_timeout } else { self.limits.max_idle }
    }

    /// Reads more bytes, giving the buffer back when the peer is quiet.
    async fn read(&mut self, stream: &mut Stream, idle: &mut IdleTimer) -> Result<(), Closed> {
        if self.buffer.capacity() - self.buffer.len() < MIN_READ_BYTES / 2 {
            self.buffer.reserve(self.read_bytes);
        }
        let read = loop {
            let patience = self.patience();
            let quiet = if self.buffer.is_empty() { QUIET.min(patience) } else { patience };
            if let Some(read) = idle.run_for(quiet, stream.read_buf(&mut self.buffer)).await {
                break read?;
            }
            if idle.elapsed() >= patience {
                return Err(Closed::Idle(patience));
            }
            if self.buffer.is_empty() && self.buffer.capacity() > MIN_READ_BYTES {
                self.read_bytes = MIN_READ_BYTES;
                self.buffer = BytesMut::with_capacity(MIN_READ_BYTES);
            }
            if let Some(read) = idle.run_for(patience, stream.read_buf(&mut self.buffer)).await {
                break read?;
            }
        };
        if read == 0 {
            return Err(if self.buffer.is_empty() { Closed::ByPeer } else { Closed::InFrame });
        }
        // A read that filled all there was will likely find more the next time.
        if self.buffer.len() == self.buffer.capacity() {
            self.read_bytes = (self.read_bytes * 4).min(MAX_READ_BYTES);
        }
        Ok(())
    }

    /// Reads until the frame at the front is whole; the decoder grows the buffer as bytes really come.
    async fn read_whole(
        &mut self,
        size_bytes: usize,
        stream: &mut Stream,
        idle: &mut IdleTimer,
    ) -> Result<Bytes, Closed> {
        let seconds = Duration::from_secs((size_bytes / LARGE_FRAME_BYTES_PER_SECOND) as u64);
        let patience = self.patience().min(LARGE_FRAME_TIME + seconds);
        idle.restart();
        let missing = (LENGTH_PREFIX_BYTES + size_bytes).saturating_sub(self.buffer.len());
        self.buffer.reserve(missing.min(MAX_ANNOUNCED_BYTES));
        loop {
            if let Some(frame) = self.next_frame()? {
                return Ok(frame);
            }
            let read = idle.run_for(patience, stream.read_buf(&mut self.buffer)).await;
            if read.ok_or(Closed::Idle(patience))?? == 0 {
                return Err(Closed::InFrame);
            }
        }
    }

    /// Completes when the peer leaves. What it sends meanwhile is kept, up to a bound.
    async fn watch(&mut self, stream: &mut Stream) -> Closed {
        while self.buffer.len() < MAX_READ_AHEAD_BYTES {
            if self.buffer.capacity() == self.buffer.len() {
                self.buffer.reserve(MIN_READ_BYTES);
            }
            match stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Closed::ByPeer,
                Ok(_) => {}
                Err(error) => return error.into(),
            }
        }
        std::future::pending().await
    }
}

/// Measures how long the peer has sent no whole request. One timer serves many waits: it is set again only when it
/// rings, so that a busy connection does not touch it.
struct IdleTimer {
    env: Env,
    since: Instant,
    rings_at: Instant,
    timer: Option<BoxFuture<'static, ()>>,
}

impl IdleTimer {
    fn new(env: &Env) -> Self {
        let now = env.now();
        Self { env: env.clone(), since: now, rings_at: now, timer: None }
    }

    /// A request came.
    fn restart(&mut self) {
        self.since = self.env.now();
    }

    fn elapsed(&self) -> Duration {
        self.env.now().saturating_duration_since(self.since)
    }

    /// Runs `future` within what the peer's patience leaves.
    async fn run<F: Future>(&mut self, inbound: &Inbound, future: F) -> Option<F::Output> {
        self.run_for(inbound.patience(), future).await
    }

    /// Runs `future` until `limit` after the last request; `None` when that came first.
    async fn run_for<F: Future>(&mut self, limit: Duration, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            let deadline = self.since + limit;
            loop {
                if self.timer.is_none() || self.rings_at > deadline {
                    if self.env.now() >= deadline {
                        return Poll::Ready(None);
                    }
                    let env = self.env.clone();
                    self.rings_at = deadline;
                    self.timer = Some(Box::pin(async move { env.sleep_until(deadline).await }));
                }
                let Some(timer) = &mut self.timer else { continue };
                if timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.timer = None;
            }
        })
        .await
    }
}
