//! The task that drives a producer: feeds the sender what arrived, does what it says, sleeps until something is due.

use super::exchange::{self, Terms};
use super::sender::{Leader, PartitionIndex, ProduceRequest, RequestId, Sender, SenderConfig};
use super::sequence::{Identity, InitFailure};
use super::shared::{Ending, OPERATION, Shared};
use super::topics::{Slot, SlotSource};
use crate::backoff::Backoff;
use crate::connection::{Connection, PendingResponse};
use crate::error::{Error, ErrorKind};
use crate::metadata::NodeId;
use bytes::Bytes;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use ottla_env::BoxFuture;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often metadata is told which topics are in use; far below `metadata.max.idle.ms`.
const USE_INTERVAL: Duration = Duration::from_secs(2);

/// An answer to come.
struct Exchange {
    request: RequestId,
    connection: Connection,
    version: i16,
    slots: Vec<Arc<Slot>>,
    pending: PendingResponse,
}

impl Future for Exchange {
    type Output = (RequestId, Connection, i16, Vec<Arc<Slot>>, Result<Bytes, Error>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        Pin::new(&mut this.pending).poll(cx).map(|result| {
            (this.request, this.connection.clone(), this.version, std::mem::take(&mut this.slots), result)
        })
    }
}

type Connecting = BoxFuture<'static, (i32, Result<Connection, Error>)>;
type Initialising = BoxFuture<'static, Result<Identity, InitFailure>>;

struct Driver {
    shared: Arc<Shared>,
    sender: Sender,
    source: SlotSource,
    /// By topic number.
    topic_ids: Vec<Uuid>,
    connections: BTreeMap<i32, Connection>,
    exchanges: FuturesUnordered<Exchange>,
    connecting: FuturesUnordered<Connecting>,
    initialising: Option<Initialising>,
    generation: u64,
    ready: Vec<PartitionIndex>,
    next_use: Instant,
    terms: Terms,
    /// Kept from turn to turn: a timer that is too early costs one look, making a new one costs more.
    timer: Option<(Instant, BoxFuture<'static, ()>)>,
}

/// Drives until the producer is closed or forgotten, and everything has its fate.
pub(crate) async fn run(shared: Arc<Shared>) {
    let config = &shared.config;
    let common = &config.common;
    let sender = Sender::new(
        SenderConfig {
            acks: config.acks.code(),
            idempotence: config.enable_idempotence,
            max_in_flight: config.max_in_flight,
            max_request_bytes: config.max_request_size_bytes,
            linger: config.linger,
            delivery_timeout: config.delivery_timeout,
            retries: config.retries,
            backoff: Backoff::new(common.retry_backoff, common.retry_backoff_max),
            leader_query_interval: common.retry_backoff_max.max(Duration::from_millis(10)),
        },
        shared.env.rng("producer"),
    );
    let terms = Terms { acks: config.acks.code(), request_timeout: common.request_timeout };
    let mut driver = Driver {
        next_use: shared.env.now(),
        sender,
        source: SlotSource::default(),
        topic_ids: Vec::new(),
        connections: BTreeMap::new(),
        exchanges: FuturesUnordered::new(),
        connecting: FuturesUnordered::new(),
        initialising: None,
        generation: u64::MAX,
        ready: Vec::new(),
        terms,
        timer: None,
        shared,
    };
    driver.run().await;
}

impl Driver {
    async fn run(&mut self) {
        let mut metadata_changed = self.shared.client.metadata().changed();
        loop {
            self.shared.begin_look();
            let now = self.shared.env.now();
            self.take_metadata();
            self.take_ready();
            self.sender.handle_timeout(&mut self.source, now);
            let rush = self.shared.is_in_a_rush();
            self.act(now, rush);
            if self.end(now) {
                return;
            }
            self.shared.set_saturated(self.sender.saturation());
            if self.shared.is_in_a_rush() && !rush {
                // Whoever began to wait meanwhile may have relied on what was known of the brokers before.
                continue;
            }
            let due = [self.sender.poll_timeout(), self.shared.closing()].into_iter().flatten().min();
            if !self.shared.end_look(due) {
                continue;
            }
            self.set_timer(due);
            let timer = self.timer.as_mut();
            tokio::select! {
                biased;
                Some(answer) = self.exchanges.next(), if !self.exchanges.is_empty() => {
                    let pool = Arc::clone(&self.shared.pool);
                    let _held = pool.hold();
                    self.take_answer(answer);
                    // Whatever else is there is taken in the same turn.
                    while let Some(Some(answer)) = self.exchanges.next().now_or_never() {
                        self.take_answer(answer);
                    }
                }
                Some((node, result)) = self.connecting.next(), if !self.connecting.is_empty() => {
                    self.take_connection(node, result);
                }
                answer = poll_option(self.initialising.as_mut()) => {
                    self.initialising = None;
                    let now = self.shared.env.now();
                    let hopeless = answer.as_ref().err().map(|failure| failure.error.clone());
                    self.sender.handle_init(answer, &mut self.source, now);
                    if let Some(error) = hopeless.filter(Error::is_out_of_reach) {
                        self.sender.handle_out_of_reach(&error, &mut self.source);
                    }
                }
                () = self.shared.wake.notified() => {}
                changed = metadata_changed.changed() => {
                    // The sender of the watch lives in the client, which this task holds.
                    debug_assert!(changed.is_ok());
                }
                () = poll_option(timer.map(|(_, timer)| timer)) => self.timer = None,
            }
        }
    }

    /// Does all the sender wants done; in a `rush`, nothing lingers.
    fn act(&mut self, now: Instant, rush: bool) {
        self.drop_closed_connections();
        while let Some(request) = self.sender.poll_request(&mut self.source, now, rush) {
            self.write(request, now);
        }
        while let Some(node) = self.sender.poll_connect(now, rush) {
            let client = self.shared.client.clone();
            let deadline =
                now + self.shared.client.config().setup_timeout_max.max(self.terms.request_timeout);
            self.connecting
                .push(Box::pin(async move { (node, client.connection(NodeId(node), deadline).await) }));
        }
        if self.sender.poll_init(now) {
            let deadline = now + self.terms.request_timeout;
            self.initialising =
                Some(Box::pin(exchange::init_producer_id(self.shared.client.clone(), deadline)));
        }
        if self.sender.poll_metadata() {
            let leaderless = self.sender.leaderless_topics();
            self.shared.client.metadata().want_topics(leaderless.iter().map(|topic| &**topic));
            self.shared.client.metadata().refresh("records wait for a leader, or a request failed");
        }
        self.keep_topics(now);
        self.note_late_brokers(now);
        if let Some(fatal) = self.sender.fatal()
            && self.shared.fatal.get().is_none()
        {
            tracing::error!(error = %fatal, "the producer cannot go on");
            let _ = self.shared.fatal.set(fatal.clone());
            self.shared.topics.close();
        }
        *self.shared.counters.lock() = self.sender.counters();
        while let Some((claim, fate)) = self.sender.poll_delivery() {
            claim.complete(fate);
        }
    }

    /// A connection that was closed while idle is noticed here, before a batch is lost time on it.
    fn drop_closed_connections(&mut self) {
        self.connections.retain(|node, connection| {
            let is_closed = connection.is_closed();
            if is_closed {
                self.sender.handle_disconnected(*node);
            }
            !is_closed
        });
    }

    fn write(&mut self, request: ProduceRequest, now: Instant) {
        let id = request.id;
        let node = request.node;
        let written = match self.connections.get(&node) {
            Some(connection) => {
                exchange::write(connection, &request, &self.source.slots, &self.topic_ids, self.terms, now)
                    .map(|(pending, version)| (connection.clone(), pending, version))
            }
            None => Err(exchange::failure(
                Error::new(ErrorKind::Network, OPERATION, "the connection ended")
                    .with_context("broker", node),
                true,
            )),
        };
        match written {
            Ok((connection, pending, version)) => {
                let slots = request
                    .parts
                    .iter()
                    .map(|part| Arc::clone(&self.source.slots[part.partition.0 as usize]))
                    .collect();
                self.exchanges.push(Exchange { request: id, connection, version, slots, pending });
            }
            Err(failure) => {
                if failure.disconnected {
                    self.connections.remove(&node);
                }
                self.sender.handle_response(id, Err(failure), &mut self.source, now);
            }
        }
    }

    fn take_answer(&mut self, answer: <Exchange as Future>::Output) {
        let (request, connection, version, mut slots, result) = answer;
        let now = self.shared.env.now();
        match result {
            Ok(_) if self.terms.acks == 0 => self.sender.handle_written(request, &mut self.source),
            Ok(body) => {
                slots.sort_by_key(|slot| (slot.topic_number, slot.number));
                let answer = exchange::read(&self.shared.client, version, body, &slots, &self.topic_ids);
                self.sender.handle_response(request, answer, &mut self.source, now);
            }
            Err(error) => {
                tracing::debug!(%error, "a produce request failed");
                let failure = exchange::failure(error, connection.is_closed());
                self.sender.handle_response(request, Err(failure), &mut self.source, now);
            }
        }
    }

    fn take_connection(&mut self, node: i32, result: Result<Connection, Error>) {
        match result {
            Ok(connection) => {
                self.connections.insert(node, connection);
                self.sender.handle_connected(node);
            }
            Err(error) => {
                tracing::debug!(%error, node, "cannot connect");
                self.sender.handle_connect_failed(node, error.clone(), self.shared.env.now());
                if error.is_out_of_reach() {
                    self.sender.handle_out_of_reach(&error, &mut self.source);
                }
            }
        }
    }

    fn take_ready(&mut self) {
        self.shared.take_ready(&mut self.ready);
        self.take_slots();
        let mut ready = std::mem::take(&mut self.ready);
        for partition in ready.drain(..) {
            if let Some(slot) = self.source.slots.get(partition.0 as usize) {
                // Before looking: what comes after this is listed again.
                slot.is_listed.store(false, Ordering::Release);
            }
            self.sender.handle_pending(partition, &mut self.source);
        }
        self.ready = ready;
    }

    /// Makes the sender know the partitions that were added.
    fn take_slots(&mut self) {
        let new = self.shared.topics.slots_from(self.source.slots.len());
        if new.is_empty() {
            return;
        }
        for slot in new {
            self.sender.add_partition(Arc::clone(&slot.topic), slot.number);
            self.source.slots.push(slot);
        }
        // Their leaders are in the snapshot there is.
        self.generation = u64::MAX;
        self.take_metadata();
    }

    fn take_metadata(&mut self) {
        let snapshot = self.shared.client.metadata().snapshot();
        if snapshot.generation == self.generation {
            return;
        }
        self.generation = snapshot.generation;
        for topic in self.shared.topics.all() {
            if let Some(metadata) = snapshot.topic(&topic.name) {
                self.shared.learn(metadata);
            }
        }
        for slot in self.shared.topics.slots_from(self.source.slots.len()) {
            self.sender.add_partition(Arc::clone(&slot.topic), slot.number);
            self.source.slots.push(slot);
        }
        for at in 0..self.source.slots.len() {
            let slot = Arc::clone(&self.source.slots[at]);
            // A topic that nobody used for a while drops out of the view; its leaders as last known will do for a start.
            let Some(topic) = snapshot.topic(&slot.topic) else { continue };
            let number = slot.topic_number as usize;
            if self.topic_ids.len() <= number {
                self.topic_ids.resize(number + 1, Uuid::nil());
            }
            self.topic_ids[number] = topic.id;
            let leader = topic.partition(slot.number).and_then(|partition| {
                Some(Leader { node: partition.leader?.0, epoch: partition.leader_epoch.unwrap_or(-1) })
            });
            self.sender.handle_leader(slot.index, topic.id, leader, &mut self.source);
        }
    }

    /// Tells metadata now and then which topics are in use.
    fn keep_topics(&mut self, now: Instant) {
        if now < self.next_use {
            return;
        }
        self.next_use = now + USE_INTERVAL;
        let used: Vec<_> = self
            .shared
            .topics
            .all()
            .into_iter()
            .filter(|topic| topic.is_used.swap(false, Ordering::Relaxed))
            .collect();
        if !used.is_empty() {
            self.shared.client.metadata().want_topics(used.iter().map(|topic| &*topic.name));
        }
    }

    /// Takes partitions of brokers that accept nothing out of stickiness (`partitioner.availability.timeout.ms`).
    fn note_late_brokers(&self, now: Instant) {
        let Some(timeout) = self.shared.config.partitioner_availability_timeout else { return };
        for slot in &self.source.slots {
            let leader = self.sender.leader(slot.index);
            let since = leader.and_then(|leader| self.sender.blocked_since(leader.node));
            slot.set_late(since.is_some_and(|since| since + timeout <= now));
        }
    }

    fn set_timer(&mut self, due: Option<Instant>) {
        match due {
            Some(due) if self.timer.as_ref().is_none_or(|(at, _)| *at > due) => {
                let env = self.shared.env.clone();
                self.timer = Some((due, Box::pin(async move { env.sleep_until(due).await })));
            }
            // An earlier timer stays: it costs a look at most.
            Some(_) | None => {}
        }
    }

    /// Whether this is the end: closed, and everything has its fate or the deadline came.
    fn end(&mut self, now: Instant) -> bool {
        let Some(deadline) = self.shared.closing() else { return false };
        let before = self.sender.counters();
        if self.shared.incomplete.count() > 0 && now < deadline {
            return false;
        }
        self.give_up();
        let after = self.sender.counters();
        self.shared.ended.send_replace(Some(Ending {
            failed: after.records_failed - before.records_failed,
            unknown: after.records_unknown - before.records_unknown,
        }));
        true
    }

    /// Tells the fate of all there is.
    fn give_up(&mut self) {
        self.take_slots();
        let error = Error::new(
            ErrorKind::Closed,
            OPERATION,
            "the producer was closed before the records were delivered",
        )
        .with_hint("give close a longer timeout, or flush before");
        self.sender.fail_all(&error, &mut self.source);
        *self.shared.counters.lock() = self.sender.counters();
        while let Some((claim, fate)) = self.sender.poll_delivery() {
            claim.complete(fate);
        }
        // A host may keep a closed producer for long.
        self.shared.pool.forget_kept();
    }
}

impl Drop for Driver {
    /// Also when the runtime is shut down under it, nobody may wait for ever.
    fn drop(&mut self) {
        self.shared.close_by(self.shared.env.now());
        let before = self.sender.counters();
        self.give_up();
        let after = self.sender.counters();
        let failed = after.records_failed - before.records_failed;
        let unknown = after.records_unknown - before.records_unknown;
        if failed + unknown > 0 {
            tracing::error!(
                failed,
                unknown,
                "the producer's runtime ended before its records were delivered: await flush or close before it does"
            );
        }
        self.shared.ended.send_if_modified(|ended| {
            let is_first = ended.is_none();
            if is_first {
                *ended = Some(Ending { failed: 0, unknown: 0 });
            }
            is_first
        });
    }
}

/// Waits for a future that may not be there; without one, for ever.
async fn poll_option<F: Future + Unpin>(future: Option<&mut F>) -> F::Output {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}
