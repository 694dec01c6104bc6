//! The task of one connection: writes what is queued, reads answers, watches deadlines.
//!
//! One future owns the socket and polls both directions, so that nothing is spawned, locked or copied per request.
//! Frames queued together leave in one vectored write; answers are matched in order and checked by correlation id.

use super::{Expect, Outgoing, Shared, throttle, transport};
use crate::error::{Error, ErrorKind};
use bytes::{Buf, Bytes, BytesMut};
use ottla_env::{BoxFuture, Env, Stream};
use ottla_wire::ApiKey;
use ottla_wire::codec::{peek_correlation_id, split_response};
use ottla_wire::frame::{FrameDecoder, Segment};
use std::collections::VecDeque;
use std::future::Future;
use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::sync::oneshot;

/// Segments handed to one vectored write.
const MAX_SLICES: usize = 64;
/// Frames stay in the queue while this much waits for the socket: they can still be counted as not sent.
const MAX_UNWRITTEN_BYTES: usize = 4 << 20;
/// Room made for each read.
const READ_BYTES: usize = 64 << 10;
/// Room made at once for a frame whose length is known: the peer's word alone gets no more memory than this.
const MAX_RESERVE_BYTES: usize = 1 << 20;
/// Reads in a row before other tasks get their turn.
const MAX_READS: usize = 32;

/// A request that left the queue.
struct InFlight {
    correlation_id: i32,
    api: ApiKey,
    version: i16,
    deadline: Instant,
    sent_at: Instant,
    /// Position in the stream of its first byte.
    starts_at: u64,
    reply: oneshot::Sender<Result<Bytes, Error>>,
}

/// An unanswered request whose last byte is at `ends_at`.
struct Unanswered {
    starts_at: u64,
    ends_at: u64,
    api: ApiKey,
    deadline: Instant,
    reply: oneshot::Sender<Result<Bytes, Error>>,
}

/// The future that carries a connection; it ends with the reason why the connection ended.
pub(super) struct Driver {
    env: Env,
    shared: Arc<Shared>,
    stream: Stream,
    decoder: FrameDecoder,
    incoming: BytesMut,
    outgoing: VecDeque<Bytes>,
    unwritten_bytes: usize,
    /// Bytes put into `outgoing`, and bytes of them written, ever.
    queued_position: u64,
    written_position: u64,
    needs_flush: bool,
    in_flight: VecDeque<InFlight>,
    unanswered: VecDeque<Unanswered>,
    max_idle: Option<Duration>,
    last_activity: Instant,
    timer: Option<(Instant, BoxFuture<'static, ()>)>,
}

impl Driver {
    pub(super) fn new(
        env: Env,
        shared: Arc<Shared>,
        stream: Stream,
        incoming: BytesMut,
        max_frame_bytes: usize,
        max_idle: Option<Duration>,
    ) -> Self {
        let last_activity = env.now();
        Self {
            env,
            shared,
            stream,
            decoder: FrameDecoder::new(max_frame_bytes),
            incoming,
            outgoing: VecDeque::new(),
            unwritten_bytes: 0,
            queued_position: 0,
            written_position: 0,
            needs_flush: false,
            in_flight: VecDeque::new(),
            unanswered: VecDeque::new(),
            max_idle,
            last_activity,
            timer: None,
        }
    }

    fn poll_io(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        self.shared.waker.register(cx.waker());
        let now = self.env.now();
        loop {
            let took = match self.take_queued(now) {
                Ok(took) => took,
                Err(error) => return Poll::Ready(error),
            };
            if let Poll::Ready(error) = self.poll_write(cx) {
                return Poll::Ready(error);
            }
            if !took || !self.outgoing.is_empty() {
                break;
            }
        }
        if let Poll::Ready(error) = self.poll_read(cx, now) {
            return Poll::Ready(error);
        }
        self.poll_timer(cx, now)
    }

    /// Moves queued frames to the socket's list; true when there was one.
    fn take_queued(&mut self, now: Instant) -> Result<bool, Error> {
        let mut took = false;
        let shared = self.shared.clone();
        let mut queue = shared.queue.lock();
        if let Some(reason) = &queue.closed {
            return Err(reason.clone());
        }
        match queue.throttled_until {
            Some(until) if until > now => {
                // What waits here was not there when the timer was armed.
                let due = queue.outgoing.iter().map(|request| request.deadline).min().map(|at| at.min(until));
                if due.is_some_and(|due| self.timer.as_ref().is_none_or(|(armed, _)| due < *armed)) {
                    self.timer = None;
                }
                return Ok(false);
            }
            Some(_) => queue.throttled_until = None,
            None => {}
        }
        while self.unwritten_bytes < MAX_UNWRITTEN_BYTES
            && let Some(request) = queue.outgoing.pop_front()
        {
            self.enqueue(request, now);
            took = true;
        }
        Ok(took)
    }

    fn enqueue(&mut self, request: Outgoing, now: Instant) {
        let Outgoing { correlation_id, api, version, frame, expect, deadline, reply } = request;
        let starts_at = self.queued_position;
        let len_bytes = frame.len();
        if frame.segments().iter().any(|segment| matches!(segment, Segment::External { .. })) {
            self.shared.outstanding.fetch_sub(1, Ordering::AcqRel);
            let _ = reply.send(Err(Error::new(
                ErrorKind::Internal,
                api.name(),
                "a client's request cannot be streamed from a file",
            )));
            return;
        }
        for segment in frame.into_segments() {
            if let Segment::Bytes(bytes) = segment
                && !bytes.is_empty()
            {
                self.outgoing.push_back(bytes);
            }
        }
        self.unwritten_bytes += len_bytes;
        self.queued_position += len_bytes as u64;
        self.last_activity = now;
        match expect {
            Expect::Response => self.in_flight.push_back(InFlight {
                correlation_id,
                api,
                version,
                deadline,
                sent_at: now,
                starts_at,
                reply,
            }),
            Expect::Nothing => {
                self.unanswered.push_back(Unanswered {
                    starts_at,
                    ends_at: self.queued_position,
                    api,
                    deadline,
                    reply,
                });
            }
        }
        if self.timer.as_ref().is_some_and(|(armed, _)| deadline < *armed) {
            // It would fire too late for this one.
            self.timer = None;
        }
    }

    /// `Pending` also when all is written.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Error> {
        while !self.outgoing.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let mut count = 0;
            for (slice, bytes) in slices.iter_mut().zip(&self.outgoing) {
                *slice = IoSlice::new(bytes);
                count += 1;
            }
            let written = match Pin::new(&mut self.stream).poll_write_vectored(cx, &slices[..count]) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => return Poll::Ready(self.lost(None)),
                Poll::Ready(Ok(written)) => written,
                Poll::Ready(Err(error)) => return Poll::Ready(self.lost(Some(error))),
            };
            self.advance(written);
        }
        if self.needs_flush {
            match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => self.needs_flush = false,
                Poll::Ready(Err(error)) => return Poll::Ready(self.lost(Some(error))),
            }
        }
        Poll::Pending
    }

    fn advance(&mut self, written: usize) {
        self.unwritten_bytes -= written;
        self.written_position += written as u64;
        self.needs_flush = true;
        let mut left = written;
        while left > 0
            && let Some(front) = self.outgoing.front_mut()
        {
            let step = left.min(front.len());
            front.advance(step);
            left -= step;
            if front.is_empty() {
                self.outgoing.pop_front();
            }
        }
        while self.unanswered.front().is_some_and(|request| request.ends_at <= self.written_position) {
            if let Some(request) = self.unanswered.pop_front() {
                self.shared.outstanding.fetch_sub(1, Ordering::AcqRel);
                let _ = request.reply.send(Ok(Bytes::new()));
            }
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Error> {
        for _ in 0..MAX_READS {
            self.reserve();
            let read = match pin!(self.stream.read_buf(&mut self.incoming)).poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => return Poll::Ready(self.lost(None)),
                Poll::Ready(Ok(read)) => read,
                Poll::Ready(Err(error)) => return Poll::Ready(self.lost(Some(error))),
            };
            debug_assert!(read > 0);
            self.last_activity = now;
            if let Err(error) = self.deliver(now) {
                return Poll::Ready(error);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Room for the rest of the frame at the front, as far as the peer's word is believed.
    fn reserve(&mut self) {
        let have = self.incoming.len();
        if self.incoming.capacity() - have >= READ_BYTES / 4 {
            return;
        }
        let announced = self
            .incoming
            .first_chunk::<4>()
            .map_or(0, |prefix| usize::try_from(i32::from_be_bytes(*prefix)).unwrap_or(0).saturating_add(4));
        let missing = announced.saturating_sub(have);
        self.incoming.reserve(missing.clamp(READ_BYTES, MAX_RESERVE_BYTES.max(have)));
    }

    fn deliver(&mut self, now: Instant) -> Result<(), Error> {
        loop {
            let frame = match self.decoder.decode(&mut self.incoming) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(error) => return Err(transport::frame_error(&self.shared.peer, &error)),
            };
            let Some(request) = self.in_flight.pop_front() else {
                return Err(self.protocol("an answer came without a request"));
            };
            self.shared.outstanding.fetch_sub(1, Ordering::AcqRel);
            let answered = peek_correlation_id(&frame);
            if answered != Some(request.correlation_id) {
                let error = self
                    .protocol("the answer belongs to another request")
                    .with_context("expected_correlation_id", request.correlation_id)
                    .with_context("correlation_id", answered.unwrap_or(-1));
                let _ = request
                    .reply
                    .send(Err(error.clone().with_operation(request.api.name()).with_outcome_unknown()));
                return Err(error);
            }
            match split_response(request.api.0, request.version, frame) {
                Ok((_, body)) => {
                    if let Some(hold_back) = throttle::hold_back(request.api, request.version, &body) {
                        tracing::debug!(peer = %self.shared.peer, ?hold_back, "throttled by the broker");
                        let mut queue = self.shared.queue.lock();
                        queue.throttled_until = Some(now + hold_back);
                        self.timer = None;
                    }
                    let _ = request.reply.send(Ok(body));
                }
                Err(error) => {
                    let error = self.protocol("the answer's header is malformed").with_source(error);
                    let _ = request
                        .reply
                        .send(Err(error.clone().with_operation(request.api.name()).with_outcome_unknown()));
                    return Err(error);
                }
            }
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Error> {
        loop {
            if self.timer.is_none() {
                let Some(wake_at) = self.next_wake(now) else { return Poll::Pending };
                let env = self.env.clone();
                self.timer = Some((wake_at, Box::pin(async move { env.sleep_until(wake_at).await })));
            }
            let Some((_, sleep)) = &mut self.timer else { return Poll::Pending };
            if sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
            let now = self.env.now();
            if let Err(error) = self.expire(now) {
                return Poll::Ready(error);
            }
            // The end of a throttle lets queued requests go.
            let released = {
                let queue = self.shared.queue.lock();
                !queue.outgoing.is_empty() && queue.throttled_until.is_some_and(|until| until <= now)
            };
            if released {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }

    /// The next moment at which something is due.
    fn next_wake(&self, now: Instant) -> Option<Instant> {
        let queue = self.shared.queue.lock();
        let requests = self.in_flight.iter().map(|request| request.deadline);
        let unanswered = self.unanswered.iter().map(|request| request.deadline);
        let queued = queue.outgoing.iter().map(|request| request.deadline);
        let throttle = queue.throttled_until.filter(|until| *until > now && !queue.outgoing.is_empty());
        let idle = self
            .max_idle
            .filter(|_| self.in_flight.is_empty() && queue.outgoing.is_empty())
            .map(|max_idle| self.last_activity + max_idle);
        requests.chain(unanswered).chain(queued).chain(throttle).chain(idle).min()
    }

    fn expire(&self, now: Instant) -> Result<(), Error> {
        let peer = &self.shared.peer;
        if let Some(request) = self.in_flight.iter().find(|request| request.deadline <= now) {
            let waited = now.saturating_duration_since(request.sent_at);
            return Err(Error::timeout(
                "read responses",
                format!("{} did not answer {} within {} ms", peer, request.api.name(), waited.as_millis()),
            )
            .with_context("broker", peer));
        }
        if self.unanswered.iter().any(|request| request.deadline <= now) {
            return Err(Error::timeout("write requests", format!("{peer} takes no more bytes"))
                .with_context("broker", peer));
        }
        let mut queue = self.shared.queue.lock();
        let throttled = queue.throttled_until.is_some();
        if queue.outgoing.iter().any(|request| request.deadline <= now) {
            if !throttled {
                return Err(Error::timeout("write requests", format!("{peer} takes no more bytes"))
                    .with_context("broker", peer));
            }
            let (late, rest): (VecDeque<_>, VecDeque<_>) =
                queue.outgoing.drain(..).partition(|request| request.deadline <= now);
            queue.outgoing = rest;
            for request in late {
                self.shared.outstanding.fetch_sub(1, Ordering::AcqRel);
                let _ = request.reply.send(Err(Error::timeout(
                    request.api.name(),
                    format!("{peer} throttles this client, and the request was not sent in time"),
                )
                .with_context("broker", peer)
                .with_hint("raise the client's quota, or send less")));
            }
        }
        let idle = self.in_flight.is_empty() && self.unanswered.is_empty() && queue.outgoing.is_empty();
        if let Some(max_idle) = self.max_idle
            && idle
            && now >= self.last_activity + max_idle
        {
            return Err(Error::new(
                ErrorKind::Network,
                "use the connection",
                "closed after connections.max.idle.ms",
            )
            .with_context("broker", peer));
        }
        Ok(())
    }

    fn lost(&self, error: Option<std::io::Error>) -> Error {
        let failure = Error::new(
            ErrorKind::Network,
            "use the connection",
            if error.is_some() { "the connection broke" } else { "the broker closed the connection" },
        )
        .with_context("broker", &self.shared.peer);
        match error {
            Some(error) => failure.with_source(error),
            None => failure,
        }
    }

    fn protocol(&self, message: &'static str) -> Error {
        Error::new(ErrorKind::Protocol, "read responses", message).with_context("broker", &self.shared.peer)
    }

    /// Tells everything that waits. What has a byte on the wire may have taken effect.
    fn fail_all(&mut self, reason: &Error) {
        let queued = {
            let mut queue = self.shared.queue.lock();
            queue.closed.get_or_insert_with(|| reason.clone());
            std::mem::take(&mut queue.outgoing)
        };
        self.outgoing.clear();
        let written = self.written_position;
        let tell = |reply: oneshot::Sender<_>, api: ApiKey, touched: bool| {
            self.shared.outstanding.fetch_sub(1, Ordering::AcqRel);
            let error = reason.clone().with_operation(api.name());
            let _ = reply.send(Err(if touched { error.with_outcome_unknown() } else { error }));
        };
        for request in self.in_flight.drain(..) {
            tell(request.reply, request.api, request.starts_at < written);
        }
        for request in self.unanswered.drain(..) {
            tell(request.reply, request.api, request.starts_at < written);
        }
        for request in queued {
            tell(request.reply, request.api, false);
        }
    }
}

impl Future for Driver {
    type Output = Error;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Error> {
        let this = self.get_mut();
        let ended = this.poll_io(cx);
        if let Poll::Ready(reason) = &ended {
            this.fail_all(reason);
        }
        ended
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Aborted with the client: nobody may wait for ever.
        self.fail_all(&Error::closed("use the connection"));
    }
}
