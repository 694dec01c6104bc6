//! Options every client takes: finding the cluster, connections, timeouts, metadata.

use super::DefaultValue::{Null, PerKind, Required, Text as D};
use super::ValueType::{Boolean, Choice, List, Text};
use super::{INT, INT_MAX, Kinds, LONG, LONG_MAX, OptionRow, int};

const ALL: Kinds = Kinds::ALL;

const fn row(
    name: &'static str,
    value_type: super::ValueType,
    default: super::DefaultValue,
    doc: &'static str,
) -> OptionRow {
    OptionRow::new(name, ALL, value_type, default, doc)
}

pub(super) const ROWS: &[OptionRow] = &[
    row("bootstrap.servers", List, Required, "Addresses (host:port, comma-separated) at which to find the cluster; a few of its brokers suffice.")
        .high()
        .aliases(&["metadata.broker.list"]),
    row("bootstrap.resolve.timeout.ms", LONG, D("0"), "How long names in bootstrap.servers may stay unresolvable before that is reported; 0 reports it after the first attempt.")
        .high(),
    row("client.id", Text, D(""), "Name of this client in broker logs, metrics and quotas; empty takes ottla-producer, ottla-consumer or ottla-admin.")
        .medium(),
    row("client.dns.lookup", Choice(&["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"]), D("use_all_dns_ips"), "Whether every address a name resolves to is tried in turn.")
        .medium()
        .refused(
            "names are made canonical for Kerberos only, which is not supported; every address of every name is tried \
             anyway: remove it",
            &["use_all_dns_ips"],
        ),
    row("broker.address.family", Choice(&["any", "v4", "v6"]), D("any"), "Which IP addresses of a broker are used."),
    row("request.timeout.ms", INT, D("30000"), "How long an answer to one request may take before the connection is closed and the request retried.")
        .medium()
        .aliases(&["socket.timeout.ms"]),
    row("connections.max.idle.ms", int(-1, LONG_MAX), PerKind("540000", "540000", "300000"), "Close a connection that carried nothing for this long; -1 keeps it.")
        .medium(),
    row("reconnect.backoff.ms", LONG, D("50"), "First pause before connecting again to a broker that could not be reached; grows twofold with 20 % jitter."),
    row("reconnect.backoff.max.ms", LONG, D("1000"), "Longest pause before connecting again to a broker."),
    row("retry.backoff.ms", LONG, D("100"), "First pause before a failed request is tried again; grows twofold with 20 % jitter."),
    row("retry.backoff.max.ms", LONG, D("1000"), "Longest pause before a failed request is tried again."),
    row("socket.connection.setup.timeout.ms", int(1, LONG_MAX), D("10000"), "How long opening one connection may take at first; grows twofold with each failure in a row.")
        .medium(),
    row("socket.connection.setup.timeout.max.ms", int(1, LONG_MAX), D("30000"), "How long opening one connection may take at most.")
        .medium(),
    row("send.buffer.bytes", int(-1, INT_MAX), D("131072"), "Size of the socket's send buffer; -1 or 0 leaves the system's.")
        .medium()
        .aliases(&["socket.send.buffer.bytes"]),
    row("receive.buffer.bytes", int(-1, INT_MAX), PerKind("32768", "-1", "65536"), "Size of the socket's receive buffer; -1 or 0 leaves it to the system, which fits it to the connection. A Kafka consumer's default is 65536.")
        .medium()
        .aliases(&["socket.receive.buffer.bytes"]),
    row("receive.message.max.bytes", int(1_000, INT_MAX), D("100000000"), "Largest response accepted from a broker; a larger one closes the connection. At least fetch.max.bytes + 512.")
        .medium(),
    row("metadata.max.age.ms", LONG, D("300000"), "Refresh the view of the cluster at least this often.")
        .aliases(&["topic.metadata.refresh.interval.ms"]),
    row("metadata.recovery.strategy", Choice(&["rebootstrap", "none"]), D("rebootstrap"), "What to do when no known broker can be reached: start again from bootstrap.servers, or keep trying."),
    row("metadata.recovery.rebootstrap.trigger.ms", LONG, D("300000"), "Start again from bootstrap.servers when metadata could not be refreshed for this long."),
    row("metadata.cluster.check.enable", Boolean, D("false"), "Whether each connection tells the broker which cluster and node it expects.")
        .not_yet(&["false"]),
    row("enable.metrics.push", Boolean, D("false"), "Whether client metrics are pushed to the cluster when it asks for them (KIP-714).")
        .not_yet(&["false"]),
    OptionRow::new("client.rack", Kinds::PRODUCER_CONSUMER, Text, D(""), "The rack or zone this client runs in, for fetching from the closest replica."),
    OptionRow::new("default.api.timeout.ms", Kinds::CONSUMER_ADMIN, INT, D("60000"), "How long a call without a deadline of its own may take, retries included.")
        .medium(),
    OptionRow::new("retries", Kinds::PRODUCER_ADMIN, INT, D("2147483647"), "How often a failed request is tried again; delivery.timeout.ms or the call's deadline end it first.")
        .high()
        .aliases(&["message.send.max.retries"]),
    OptionRow::new("allow.auto.create.topics", Kinds::CONSUMER, Boolean, D("true"), "Whether subscribing to a missing topic may create it, where the broker allows that.")
        .medium(),
    OptionRow::new("bootstrap.controllers", Kinds::ADMIN, List, Null, "Addresses of controllers to talk to instead of brokers.")
        .high()
        .not_yet(&[""]),
];
