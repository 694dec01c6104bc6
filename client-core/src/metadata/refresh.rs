//! When to ask for metadata, and for which topics. A **machine**: events and `now` in, queries out.
//!
//! Asks at once for a topic nobody asked for before; again when something proved stale, after a pause that grows with
//! failures; and at least every `metadata.max.age.ms`. Topics nobody used for `metadata.max.idle.ms` are forgotten. When
//! no answer could be had for `metadata.recovery.rebootstrap.trigger.ms`, it asks to start again from `bootstrap.servers`.

use super::snapshot::QueryTopics;
use crate::backoff::Backoff;
use ottla_env::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The part of the configuration that decides here.
#[derive(Clone, Debug)]
pub(crate) struct RefreshConfig {
    pub(crate) max_age: Duration,
    pub(crate) max_idle: Duration,
    pub(crate) backoff: Backoff,
    /// `None` never starts again from `bootstrap.servers`.
    pub(crate) rebootstrap_trigger: Option<Duration>,
}

/// One question to a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) topics: QueryTopics,
    /// Whether it covers everything wanted, so that its answer starts a new age.
    full: bool,
}

/// The schedule.
#[derive(Debug)]
pub(crate) struct Refresh {
    config: RefreshConfig,
    rng: Rng,
    /// Topics in use and when they last were. Pinned ones never idle out.
    wanted: BTreeMap<Arc<str>, Wanted>,
    all_topics: bool,
    /// Wanted but never answered.
    new_topics: BTreeSet<Arc<str>>,
    /// Something proved stale.
    stale: bool,
    in_flight: Option<Query>,
    /// Asked for while a query was under way, whose answer may be older than the reason.
    stale_again: bool,
    last_success: Option<Instant>,
    /// No query before this moment.
    not_before: Option<Instant>,
    failures: u32,
    /// Since when there was no answer, though one was wanted.
    failing_since: Option<Instant>,
    rebootstrap_now: bool,
}

#[derive(Clone, Copy, Debug)]
struct Wanted {
    last_used: Instant,
    pinned: bool,
}

impl Refresh {
    pub(crate) fn new(config: RefreshConfig, rng: Rng) -> Self {
        Self {
            config,
            rng,
            wanted: BTreeMap::new(),
            all_topics: false,
            new_topics: BTreeSet::new(),
            stale: false,
            in_flight: None,
            stale_again: false,
            last_success: None,
            not_before: None,
            failures: 0,
            failing_since: None,
            rebootstrap_now: false,
        }
    }

    /// A topic is used; true when it is new and an answer is to be waited for.
    pub(crate) fn handle_used(&mut self, topic: &str, now: Instant) -> bool {
        if let Some(wanted) = self.wanted.get_mut(topic) {
            wanted.last_used = wanted.last_used.max(now);
            return self.new_topics.contains(topic);
        }
        let name: Arc<str> = Arc::from(topic);
        self.wanted.insert(name.clone(), Wanted { last_used: now, pinned: false });
        self.new_topics.insert(name);
        true
    }

    /// Replaces the set of topics that stay wanted without being used: a consumer's subscription.
    pub(crate) fn handle_pinned(&mut self, topics: &BTreeSet<Arc<str>>, all_topics: bool, now: Instant) {
        for (name, wanted) in &mut self.wanted {
            let pinned = topics.contains(name);
            if wanted.pinned && !pinned {
                wanted.last_used = now;
            }
            wanted.pinned = pinned;
        }
        for name in topics {
            if !self.wanted.contains_key(name) {
                self.wanted.insert(name.clone(), Wanted { last_used: now, pinned: true });
                self.new_topics.insert(name.clone());
            }
        }
        if all_topics && !self.all_topics {
            self.stale = true;
        }
        self.all_topics = all_topics;
    }

    /// Something proved stale: a wrong leader, a lost connection, a waiting caller.
    pub(crate) fn handle_stale(&mut self) {
        if self.in_flight.is_some() {
            self.stale_again = true;
        } else {
            self.stale = true;
        }
    }

    /// The answer to the query under way came; `transient_errors` when parts of it may mend by asking again.
    pub(crate) fn handle_success(&mut self, transient_errors: bool, now: Instant) {
        let Some(query) = self.in_flight.take() else { return };
        if let QueryTopics::Named(names) = &query.topics {
            for name in names {
                self.new_topics.remove(name);
            }
        } else {
            self.new_topics.clear();
        }
        if query.full {
            self.last_success = Some(now);
            self.stale = false;
        }
        self.failing_since = None;
        self.stale |= transient_errors || std::mem::take(&mut self.stale_again);
        // Unmended errors are asked about ever more slowly; a good answer starts from the first pause again.
        self.failures = if transient_errors { self.failures.saturating_add(1) } else { 0 };
        let pause = self.config.backoff.pause(self.failures.max(1), &mut self.rng);
        self.not_before = Some(now + pause);
    }

    /// The query under way failed.
    pub(crate) fn handle_failure(&mut self, now: Instant) {
        if self.in_flight.take().is_none() {
            return;
        }
        self.stale = true;
        self.stale_again = false;
        self.failures = self.failures.saturating_add(1);
        let since = *self.failing_since.get_or_insert(now);
        let pause = self.config.backoff.pause(self.failures, &mut self.rng);
        self.not_before = Some(now + pause);
        if let Some(trigger) = self.config.rebootstrap_trigger
            && now >= since + trigger
        {
            self.rebootstrap_now = true;
        }
    }

    /// The cluster asked to start again from `bootstrap.servers` (error 129), or no known broker can be tried.
    pub(crate) fn handle_rebootstrap(&mut self) {
        self.rebootstrap_now |= self.config.rebootstrap_trigger.is_some();
    }

    /// Whether to start again from `bootstrap.servers`; says so once.
    pub(crate) fn poll_rebootstrap(&mut self, now: Instant) -> bool {
        let wanted = std::mem::take(&mut self.rebootstrap_now);
        if wanted {
            self.failing_since = Some(now);
            self.stale = true;
        }
        wanted
    }

    /// Topics to forget because nobody used them.
    pub(crate) fn poll_forgotten(&mut self, now: Instant) -> Vec<Arc<str>> {
        let max_idle = self.config.max_idle;
        let forgotten: Vec<_> = self
            .wanted
            .iter()
            .filter(|(name, wanted)| {
                !wanted.pinned && !self.new_topics.contains(*name) && now >= wanted.last_used + max_idle
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in &forgotten {
            self.wanted.remove(name);
        }
        forgotten
    }

    /// The next question, if one is due. It must end in `handle_success` or `handle_failure`.
    pub(crate) fn poll_query(&mut self, now: Instant) -> Option<Query> {
        if self.in_flight.is_some() {
            return None;
        }
        let failing = self.failures > 0;
        let paused = self.not_before.is_some_and(|not_before| now < not_before);
        let aged = self.last_success.is_none_or(|last| now >= last + self.config.max_age);
        let query = if (self.stale || aged) && !paused {
            Query { topics: self.everything(), full: true }
        } else if !self.new_topics.is_empty() && (!paused || !failing) {
            // New topics do not wait for the pause that spaces refreshes.
            if self.all_topics {
                Query { topics: QueryTopics::All, full: true }
            } else {
                Query { topics: QueryTopics::Named(self.new_topics.iter().cloned().collect()), full: false }
            }
        } else {
            return None;
        };
        self.in_flight = Some(query.clone());
        Some(query)
    }

    /// When to look at `poll_query` and `poll_forgotten` again without an event.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        if self.in_flight.is_some() {
            return None;
        }
        let due = if self.stale || !self.new_topics.is_empty() {
            self.not_before
        } else {
            let aged = self.last_success.map(|last| last + self.config.max_age);
            aged.max(self.not_before)
        };
        let idle = self
            .wanted
            .values()
            .filter(|wanted| !wanted.pinned)
            .map(|wanted| wanted.last_used + self.config.max_idle)
            .min();
        due.into_iter().chain(idle).min()
    }

    fn everything(&self) -> QueryTopics {
        if self.all_topics {
            QueryTopics::All
        } else {
            QueryTopics::Named(self.wanted.keys().cloned().collect())
        }
    }
}

#[cfg(test)]
mod tests;
