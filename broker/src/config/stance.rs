//! What this broker makes of each of Kafka's keys.
//!
//! A key is **used**, or **inert** (it tunes the inside of Kafka's own implementation, or a part that is switched off
//! by another key: accepted, and named once in the log when set), or **refused** (leaving it without effect would
//! change what is safe or promised: accepted only with its default value).

use super::table::ConfigKey;

/// What setting a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stance {
    /// Acted upon.
    Used,
    /// Without effect and without harm.
    Inert,
    /// Would be a lie to accept; the text says what is missing.
    Refused(&'static str),
}

/// Keys that tune threads, queues and classes of Kafka's own implementation, or parts that are off or not there yet:
/// other nodes, transactions, SASL. Where a value would ask for more than that ([`super::BrokerConfig`] knows), it is
/// refused all the same.
const INERT: &[&str] = &[
    "add.partitions.to.txn.retry.backoff.max.ms",
    "add.partitions.to.txn.retry.backoff.ms",
    "alter.log.dirs.replication.quota.window.num",
    "alter.log.dirs.replication.quota.window.size.seconds",
    "auto.leader.rebalance.enable",
    "background.threads",
    "broker.heartbeat.interval.ms",
    "broker.session.timeout.ms",
    "connection.failed.authentication.delay.ms",
    "connections.max.reauth.ms",
    "controlled.shutdown.enable",
    "controller.quorum.bootstrap.servers",
    "controller.socket.timeout.ms",
    "early.start.listeners",
    "errors.deadletterqueue.auto.create.topics.enable",
    "errors.deadletterqueue.topic.name.prefix",
    "follower.fetch.last.tiered.offset.enable",
    "group.coordinator.append.linger.ms",
    "group.coordinator.background.threads",
    "group.coordinator.cached.buffer.max.bytes",
    "group.coordinator.rebalance.protocols",
    "group.coordinator.threads",
    "inter.broker.listener.name",
    "internal.metadata.delete.delay.millis",
    "internal.metadata.log.segment.bytes",
    "internal.metadata.max.batch.size.in.bytes",
    "leader.imbalance.check.interval.seconds",
    "log.cleaner.io.buffer.size",
    "log.dir.failure.timeout.ms",
    "metadata.log.dir",
    "num.io.threads",
    "num.network.threads",
    "num.replica.alter.log.dirs.threads",
    "num.replica.fetchers",
    "queued.max.request.bytes",
    "queued.max.requests",
    "request.timeout.ms",
    "server.max.startup.time.ms",
    "socket.connection.setup.timeout.max.ms",
    "socket.connection.setup.timeout.ms",
    "socket.listen.backlog.size",
    "socket.receive.buffer.bytes",
    "socket.send.buffer.bytes",
    "telemetry.max.bytes",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    "transaction.max.timeout.ms",
    "transaction.partition.verification.enable",
    "transaction.remove.expired.transaction.cleanup.interval.ms",
    "transactional.id.expiration.ms",
    "unstable.api.versions.enable",
    "unstable.feature.versions.enable",
];

/// Keys that plug Java classes into Kafka.
const JAVA_CLASSES: &[&str] = &[
    "alter.config.policy.class.name",
    "client.quota.callback.class",
    "create.topic.policy.class.name",
    "group.streams.topology.description.plugin.class",
    "principal.builder.class",
    "replica.selector.class",
    "security.providers",
];

/// The stance towards `key`.
pub(crate) fn stance(key: &ConfigKey) -> Stance {
    let name = key.name;
    if JAVA_CLASSES.contains(&name) {
        return Stance::Refused("it names a Java class, and none can be loaded here");
    }
    match (name, key.area) {
        ("authorizer.class.name", _) => Stance::Refused("there is no authorizer yet"),
        ("config.providers", _) => Stance::Refused("there are no config providers"),
        ("delegation.token.secret.key", _) => Stance::Refused("there are no delegation tokens yet"),
        ("remote.log.storage.system.enable", _) => Stance::Refused("there is no tiered storage yet"),
        ("transaction.two.phase.commit.enable", _) => Stance::Refused("there is no two-phase commit yet"),
        ("cordoned.log.dirs", _) => Stance::Refused("log directories cannot be cordoned yet"),
        ("security.inter.broker.protocol", _) => Stance::Refused("brokers do not speak TLS or SASL yet"),
        (name, "security") if name.starts_with("ssl.") || name.starts_with("sasl.") => {
            Stance::Refused("listeners do not speak TLS or SASL yet")
        }
        (name, _) if INERT.contains(&name) => Stance::Inert,
        (name, _) if name.starts_with("group.consumer.") => Stance::Inert,
        (name, _) if name.starts_with("metric") || name.starts_with("kafka.metrics") => Stance::Inert,
        (name, _) if name.contains("purgatory.purge") || name.ends_with("load.buffer.size") => Stance::Inert,
        (
            _,
            "tiered storage" | "share groups" | "streams groups" | "delegation tokens" | "quotas"
            | "replication" | "controller quorum",
        ) if !name.starts_with("controller.quorum.")
            && name != "min.insync.replicas"
            && name != "replica.high.watermark.checkpoint.interval.ms"
            && name != "controller.listener.names"
            && name != "node.id"
            && name != "process.roles" =>
        {
            Stance::Inert
        }
        ("controller.quorum.voters", _) => Stance::Used,
        (name, _) if name.starts_with("controller.") && name != "controller.listener.names" => Stance::Inert,
        _ => Stance::Used,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{BROKER_KEYS, TOPIC_KEYS};
    use std::path::Path;

    /// Everything this crate is made of but its tests and the tables of names.
    #[allow(clippy::disallowed_methods)] // The sources are files of the machine that builds.
    fn sources(directory: &Path, into: &mut String) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if name != "tests" {
                    sources(&path, into);
                }
            } else if !["stance.rs", "table.rs", "tests.rs"].contains(&name) {
                let text = std::fs::read_to_string(&path).unwrap();
                // Unit tests are the foot of their file.
                into.push_str(text.split("#[cfg(test)]\nmod tests").next().unwrap());
            }
        }
    }

    /// Whether the code names a key: whole, or as `{prefix}.rest` beside the prefix.
    fn is_named(code: &str, key: &str) -> bool {
        let in_parts = |dot: usize| {
            let (prefix, rest) = key.split_at(dot);
            code.contains(&format!("\"{prefix}\"")) && code.contains(&format!("{{prefix}}{rest}\""))
        };
        code.contains(&format!("\"{key}\"")) || key.match_indices('.').any(|(dot, _)| in_parts(dot))
    }

    #[test]
    fn every_key_that_is_called_used_is_read_somewhere() {
        let mut code = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
        let is_read = |key: &str| {
            // A broker's default of a topic key is read when that is.
            let topics = TOPIC_KEYS.values().filter(|topic| topic.broker_synonyms.contains(&key));
            is_named(&code, key) || topics.into_iter().any(|topic| is_named(&code, topic.name))
        };
        let used = BROKER_KEYS.values().filter(|key| stance(key) == Stance::Used);
        let unread: Vec<_> = used.map(|key| key.name).filter(|name| !is_read(name)).collect();
        assert!(unread.is_empty(), "called used, but nothing reads them: {unread:?}");
    }

    #[test]
    fn every_name_in_the_lists_is_a_key() {
        let unknown: Vec<_> =
            INERT.iter().chain(JAVA_CLASSES).filter(|name| !BROKER_KEYS.contains_key(*name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
