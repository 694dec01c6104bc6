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

/// Keys that tune threads, queues and classes of Kafka's own implementation, or parts that are off.
const INERT: &[&str] = &[
    "alter.log.dirs.replication.quota.window.num",
    "alter.log.dirs.replication.quota.window.size.seconds",
    "auto.leader.rebalance.enable",
    "background.threads",
    "controlled.shutdown.enable",
    "controller.socket.timeout.ms",
    "early.start.listeners",
    "errors.deadletterqueue.auto.create.topics.enable",
    "errors.deadletterqueue.topic.name.prefix",
    "follower.fetch.last.tiered.offset.enable",
    "inter.broker.listener.name",
    "leader.imbalance.check.interval.seconds",
    "log.cleaner.io.buffer.size",
    "max.connection.creation.rate",
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
        ("controller.quorum.voters" | "controller.quorum.bootstrap.servers", _) => Stance::Used,
        (name, _) if name.starts_with("controller.") && name != "controller.listener.names" => Stance::Inert,
        _ => Stance::Used,
    }
}
