//! The client's view of the cluster: what it is (`snapshot`), when to renew it (`refresh`), whom to ask (`routing`),
//! and the task that does so (`driver`).

pub(crate) mod driver;
mod refresh;
pub(crate) mod routing;
mod snapshot;

#[cfg(test)]
pub(crate) use snapshot::QueryTopics;
pub use snapshot::{Broker, ClusterSnapshot, NodeId, PartitionMetadata, TopicMetadata};
pub(crate) use snapshot::{LeaderHint, read_partition};

use crate::config::{ClientKind, CommonConfig};
use crate::connection::pool::FIRST_CONTACT;
use crate::error::{Error, ErrorKind};
use arc_swap::ArcSwap;
use ottla_env::Env;
use ottla_wire::ErrorCode;
use parking_lot::Mutex;
use refresh::{Query, Refresh, RefreshConfig};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// A topic that brokers say does not exist is reported after this long: long enough for one to be created on demand.
const MISSING_TOPIC: Duration = Duration::from_secs(6);

/// The view of the cluster, shared by all parts of one client.
pub(crate) struct Metadata {
    env: Env,
    kind: ClientKind,
    allow_auto_create_topics: bool,
    first_contact: Duration,
    snapshot: ArcSwap<ClusterSnapshot>,
    refresh: Mutex<Refresh>,
    /// Wakes the driver.
    work: Notify,
    /// Counts answers and failures.
    events: watch::Sender<u64>,
    status: Mutex<Status>,
}

#[derive(Default)]
struct Status {
    /// Why the last query failed; `None` after an answer.
    last_error: Option<Error>,
    /// When the first query went out.
    first_asked: Option<Instant>,
    /// When the first answer came.
    first_answered: Option<Instant>,
    /// Nothing more will come.
    closed: bool,
}

impl Metadata {
    pub(crate) fn new(env: Env, config: &CommonConfig) -> Self {
        let refresh = Refresh::new(
            RefreshConfig {
                max_age: config.metadata_max_age,
                max_idle: config.metadata_max_idle,
                backoff: crate::backoff::Backoff::new(config.retry_backoff, config.retry_backoff_max),
                rebootstrap_trigger: config.rebootstrap.then_some(config.rebootstrap_trigger),
            },
            env.rng("metadata"),
        );
        Self {
            env,
            kind: config.kind,
            allow_auto_create_topics: config.allow_auto_create_topics,
            first_contact: FIRST_CONTACT.max(config.bootstrap_resolve_timeout),
            snapshot: ArcSwap::from_pointee(ClusterSnapshot::default()),
            refresh: Mutex::new(refresh),
            work: Notify::new(),
            events: watch::Sender::new(0),
            status: Mutex::new(Status::default()),
        }
    }

    /// The cluster as last seen; empty before the first answer.
    pub(crate) fn snapshot(&self) -> Arc<ClusterSnapshot> {
        self.snapshot.load_full()
    }

    /// Changes with every answer and every failed attempt to get one.
    pub(crate) fn changed(&self) -> watch::Receiver<u64> {
        self.events.subscribe()
    }

    /// Marks topics as used: those not known yet are asked for at once.
    pub(crate) fn want_topics<'a>(&self, topics: impl IntoIterator<Item = &'a str>) {
        let now = self.env.now();
        let mut refresh = self.refresh.lock();
        let mut new = false;
        for topic in topics {
            new |= refresh.handle_used(topic, now);
        }
        drop(refresh);
        if new {
            self.work.notify_one();
        }
    }

    /// Replaces the topics that are kept fresh without being used: a subscription. `all_topics` for a pattern.
    pub(crate) fn pin_topics(&self, topics: &BTreeSet<Arc<str>>, all_topics: bool) {
        self.refresh.lock().handle_pinned(topics, all_topics, self.env.now());
        self.work.notify_one();
    }

    /// Something proved stale; asks again, after a pause when it just did.
    pub(crate) fn refresh(&self, reason: &'static str) {
        tracing::debug!(reason, "metadata is stale");
        self.refresh.lock().handle_stale();
        self.work.notify_one();
    }

    /// Takes over newer leaders that a broker named beside a refusal (KIP-951). True when that was news.
    pub(crate) fn apply_leader_hint(&self, topic: &str, hints: &[LeaderHint], endpoints: &[Broker]) -> bool {
        let mut news = false;
        self.snapshot.rcu(|snapshot| match snapshot.with_leader_hints(topic, hints, endpoints) {
            Some(next) => {
                news = true;
                Arc::new(next)
            }
            None => {
                news = false;
                snapshot.clone()
            }
        });
        if news {
            self.notify();
        }
        news
    }

    /// The first view of the cluster that names brokers.
    pub(crate) async fn ready(
        &self,
        operation: &'static str,
        deadline: Instant,
    ) -> Result<Arc<ClusterSnapshot>, Error> {
        self.wait_for(
            operation,
            deadline,
            |snapshot| (!snapshot.brokers.is_empty()).then(|| snapshot.clone()),
            || "the first metadata answer".to_owned(),
        )
        .await
    }

    /// A view no older than this call.
    pub(crate) async fn refreshed(
        &self,
        operation: &'static str,
        deadline: Instant,
    ) -> Result<Arc<ClusterSnapshot>, Error> {
        let before = self.snapshot().generation;
        self.refresh("a caller wants a fresh view");
        self.wait_for(
            operation,
            deadline,
            |snapshot| (snapshot.generation > before).then(|| snapshot.clone()),
            || "a metadata answer".to_owned(),
        )
        .await
    }

    /// A topic's metadata, waiting for it if it is not known yet.
    ///
    /// Errors: `UnknownTopicOrPartition` when brokers say for a while that it does not exist, `Authorization`, `Network`
    /// when no broker was ever reached, `Timeout` at `deadline`.
    pub(crate) async fn topic(
        &self,
        name: &str,
        operation: &'static str,
        deadline: Instant,
    ) -> Result<Arc<TopicMetadata>, Error> {
        let mut missing_since = None;
        let mut missing_answers = 0u32;
        let mut changed = self.changed();
        let started = self.env.now();
        loop {
            changed.mark_unchanged();
            let snapshot = self.snapshot();
            self.want_topics([name]);
            if let Some(topic) = snapshot.topic(name) {
                return Ok(topic.clone());
            }
            let now = self.env.now();
            match snapshot.topic_error(name) {
                Some(code) if !code.is_retriable() => {
                    return Err(Error::from_code(code, operation).with_context("topic", name));
                }
                Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION) => {
                    let since = *missing_since.get_or_insert(now);
                    missing_answers += 1;
                    if missing_answers > 1 && now >= since + MISSING_TOPIC {
                        return Err(self.missing_topic(name, operation));
                    }
                    self.refresh("a topic is missing");
                }
                Some(_) => self.refresh("a topic has no leaders yet"),
                None => {}
            }
            self.fail_early(operation, started)?;
            let wait = self.env.timeout_at(deadline, changed.changed()).await;
            if wait.is_none() {
                return Err(match self.snapshot().topic_error(name) {
                    Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION) => self.missing_topic(name, operation),
                    Some(code) => Error::from_code(code, operation).with_context("topic", name),
                    None => self.expired(operation, &format!("metadata of topic {name:?}")),
                });
            }
        }
    }

    fn missing_topic(&self, name: &str, operation: &'static str) -> Error {
        let hint = match self.kind {
            _ if !self.allow_auto_create_topics => "check its spelling, or create it first",
            ClientKind::Producer | ClientKind::Consumer | ClientKind::Admin => {
                "check its spelling, or create it first: the brokers do not create topics on demand \
                 (auto.create.topics.enable=false)"
            }
        };
        Error::from_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, operation)
            .with_context("topic", name)
            .with_hint(hint)
    }

    /// Waits until `find` finds something in a snapshot.
    pub(crate) async fn wait_for<T>(
        &self,
        operation: &'static str,
        deadline: Instant,
        mut find: impl FnMut(&Arc<ClusterSnapshot>) -> Option<T>,
        what: impl Fn() -> String,
    ) -> Result<T, Error> {
        let mut changed = self.changed();
        let started = self.env.now();
        loop {
            changed.mark_unchanged();
            if let Some(found) = find(&self.snapshot()) {
                return Ok(found);
            }
            self.fail_early(operation, started)?;
            if self.env.timeout_at(deadline, changed.changed()).await.is_none() {
                return Err(self.expired(operation, &what()));
            }
        }
    }

    /// The error for callers of a client that never reached a broker, or is closed. Only failures after `started`
    /// count, so that each call gives the brokers a chance.
    fn fail_early(&self, operation: &'static str, started: Instant) -> Result<(), Error> {
        if self.status.lock().closed {
            return Err(Error::closed(operation));
        }
        match self.never_answered(operation) {
            // What is not Kafka will not become it.
            Some(error)
                if error.kind() == ErrorKind::Protocol
                    || self.env.now() >= started + Duration::from_secs(1) =>
            {
                Err(error)
            }
            _ => Ok(()),
        }
    }

    /// Why no broker ever answered, once there was time enough for it.
    pub(crate) fn never_answered(&self, operation: &'static str) -> Option<Error> {
        let status = self.status.lock();
        match (&status.last_error, status.first_asked, status.first_answered) {
            (Some(error), Some(since), None)
                if error.kind() == ErrorKind::Protocol || self.env.now() >= since + self.first_contact =>
            {
                // Not to be retried: callers' own loops would only hide the cause until their deadline.
                Some(error.clone().with_operation(operation).with_retriable(false))
            }
            _ => None,
        }
    }

    /// Why the last query failed; nothing after an answer.
    pub(crate) fn last_error(&self) -> Option<Error> {
        self.status.lock().last_error.clone()
    }

    fn expired(&self, operation: &'static str, what: &str) -> Error {
        match &self.status.lock().last_error {
            Some(error) => error.clone().with_operation(operation).with_context("waiting_for", what),
            None => Error::timeout(operation, format!("the deadline passed while waiting for {what}")),
        }
    }

    fn notify(&self) {
        self.events.send_modify(|events| *events += 1);
    }

    fn poll_query(&self, now: Instant) -> Option<Query> {
        self.refresh.lock().poll_query(now)
    }

    fn succeeded(&self, next: ClusterSnapshot) {
        let transient = next.has_transient_errors();
        self.snapshot.store(Arc::new(next));
        self.refresh.lock().handle_success(transient, self.env.now());
        {
            let mut status = self.status.lock();
            status.last_error = None;
            status.first_answered.get_or_insert_with(|| self.env.now());
        }
        self.notify();
    }

    fn failed(&self, error: Error) {
        let now = self.env.now();
        self.refresh.lock().handle_failure(now);
        self.status.lock().last_error = Some(error);
        self.notify();
    }

    /// All brokers of the last known cluster failed.
    pub(crate) fn no_broker_usable(&self) {
        self.refresh.lock().handle_rebootstrap();
    }

    /// Keeps the topics and forgets the brokers, so that the next query goes to `bootstrap.servers`.
    pub(crate) fn forget_brokers(&self) {
        self.snapshot.rcu(|snapshot| {
            let mut next = ClusterSnapshot::clone(snapshot);
            next.generation += 1;
            next.brokers.clear();
            next.controller = None;
            Arc::new(next)
        });
    }

    /// The deadline of a query: short until the first answer, so that its failure is told early.
    fn query_deadline(&self, request_timeout: Duration) -> Instant {
        let now = self.env.now();
        let mut status = self.status.lock();
        status.first_asked.get_or_insert(now);
        now + if status.first_answered.is_none() {
            self.first_contact.min(request_timeout)
        } else {
            request_timeout
        }
    }

    /// Wakes every waiter with the news that the client is closed.
    pub(crate) fn close(&self) {
        self.status.lock().closed = true;
        self.notify();
        self.work.notify_one();
    }

    pub(crate) fn error_unreachable(operation: &'static str) -> Error {
        Error::new(ErrorKind::Network, operation, "no broker is known to ask")
    }
}
