//! What every client is configured with; the admin client has nothing beyond it.

use crate::config::address::HostPort;
use crate::config::parse::{Values, option_error};
use crate::config::table::ClientKind;
use crate::error::Error;
use std::time::Duration;

/// What every client needs to find and talk to a cluster.
#[derive(Clone, Debug)]
pub struct CommonConfig {
    /// Which client it is for.
    pub kind: ClientKind,
    /// `bootstrap.servers`.
    pub bootstrap_servers: Vec<HostPort>,
    /// `bootstrap.resolve.timeout.ms`.
    pub bootstrap_resolve_timeout: Duration,
    /// `client.id`, never empty.
    pub client_id: String,
    /// `client.rack`.
    pub client_rack: Option<String>,
    /// `request.timeout.ms`.
    pub request_timeout: Duration,
    /// `default.api.timeout.ms`; the producer's calls use `max.block.ms` instead.
    pub default_api_timeout: Duration,
    /// `connections.max.idle.ms`; `None` keeps idle connections.
    pub connections_max_idle: Option<Duration>,
    /// `reconnect.backoff.ms`.
    pub reconnect_backoff: Duration,
    /// `reconnect.backoff.max.ms`.
    pub reconnect_backoff_max: Duration,
    /// `retry.backoff.ms`.
    pub retry_backoff: Duration,
    /// `retry.backoff.max.ms`.
    pub retry_backoff_max: Duration,
    /// `socket.connection.setup.timeout.ms`.
    pub setup_timeout: Duration,
    /// `socket.connection.setup.timeout.max.ms`.
    pub setup_timeout_max: Duration,
    /// `send.buffer.bytes`; `None` leaves the system's.
    pub send_buffer_bytes: Option<u32>,
    /// `receive.buffer.bytes`; `None` leaves the system's.
    pub receive_buffer_bytes: Option<u32>,
    /// `receive.message.max.bytes`.
    pub receive_message_max_bytes: usize,
    /// `broker.address.family`.
    pub address_family: AddressFamily,
    /// `metadata.max.age.ms`.
    pub metadata_max_age: Duration,
    /// `metadata.max.idle.ms`.
    pub metadata_max_idle: Duration,
    /// `metadata.recovery.strategy` is `rebootstrap`.
    pub rebootstrap: bool,
    /// `metadata.recovery.rebootstrap.trigger.ms`.
    pub rebootstrap_trigger: Duration,
    /// Whether asking for a topic's metadata may create it.
    pub allow_auto_create_topics: bool,
    /// How often a call is tried again, of an admin client's `retries`; a producer's count for records instead.
    pub call_retries: u32,
}

/// Which IP addresses of a broker are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFamily {
    /// All.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl CommonConfig {
    pub(super) fn from_values(values: &Values, kind: ClientKind) -> Result<Self, Error> {
        let bootstrap_servers = values
            .list("bootstrap.servers")
            .iter()
            .map(|text| HostPort::parse(text))
            .collect::<Result<Vec<_>, _>>()?;
        if bootstrap_servers.is_empty() {
            return Err(option_error("bootstrap.servers", "bootstrap.servers names no address")
                .with_hint("give at least one host:port, such as localhost:9092"));
        }
        let buffer = |name| u32::try_from(values.int(name)).ok().filter(|bytes| *bytes > 0);
        let idle = values.int("connections.max.idle.ms");
        let mut config = Self {
            kind,
            bootstrap_servers,
            bootstrap_resolve_timeout: values.duration("bootstrap.resolve.timeout.ms"),
            client_id: values.text("client.id").map_or_else(|| format!("ottla-{kind}"), str::to_owned),
            client_rack: None,
            request_timeout: values.duration("request.timeout.ms"),
            default_api_timeout: Duration::from_secs(60),
            connections_max_idle: u64::try_from(idle).ok().map(Duration::from_millis),
            reconnect_backoff: values.duration("reconnect.backoff.ms"),
            reconnect_backoff_max: values.duration("reconnect.backoff.max.ms"),
            retry_backoff: values.duration("retry.backoff.ms"),
            retry_backoff_max: values.duration("retry.backoff.max.ms"),
            setup_timeout: values.duration("socket.connection.setup.timeout.ms"),
            setup_timeout_max: values.duration("socket.connection.setup.timeout.max.ms"),
            send_buffer_bytes: buffer("send.buffer.bytes"),
            receive_buffer_bytes: buffer("receive.buffer.bytes"),
            receive_message_max_bytes: values.size("receive.message.max.bytes"),
            address_family: match values.text("broker.address.family") {
                Some("v4") => AddressFamily::V4,
                Some("v6") => AddressFamily::V6,
                _ => AddressFamily::Any,
            },
            metadata_max_age: values.duration("metadata.max.age.ms"),
            metadata_max_idle: Duration::from_secs(300),
            rebootstrap: values.text("metadata.recovery.strategy") == Some("rebootstrap"),
            rebootstrap_trigger: values.duration("metadata.recovery.rebootstrap.trigger.ms"),
            allow_auto_create_topics: kind == ClientKind::Producer,
            call_retries: u32::MAX,
        };
        // A first pause above the longest one means that there is one pause, as in the Java client.
        config.reconnect_backoff = config.reconnect_backoff.min(config.reconnect_backoff_max);
        config.retry_backoff = config.retry_backoff.min(config.retry_backoff_max);
        config.setup_timeout = config.setup_timeout.min(config.setup_timeout_max);
        match kind {
            ClientKind::Producer => {
                config.client_rack = values.text("client.rack").map(str::to_owned);
                config.metadata_max_idle = values.duration("metadata.max.idle.ms");
                config.default_api_timeout = values.duration("max.block.ms");
            }
            ClientKind::Consumer => {
                config.client_rack = values.text("client.rack").map(str::to_owned);
                config.allow_auto_create_topics = values.bool("allow.auto.create.topics");
                config.default_api_timeout = values.duration("default.api.timeout.ms");
            }
            ClientKind::Admin => {
                config.default_api_timeout = values.duration("default.api.timeout.ms");
                config.call_retries = u32::try_from(values.int("retries")).unwrap_or(u32::MAX);
            }
        }
        Ok(config)
    }
}

/// Configuration of an admin client.
#[derive(Clone, Debug)]
pub struct AdminConfig {
    /// What every client has.
    pub common: CommonConfig,
}

impl AdminConfig {
    /// Checks and types Kafka's options.
    ///
    /// Errors: `Config` for an unknown, misplaced, malformed or contradicting option; `Unsupported` for one that this
    /// version does not obey yet.
    pub fn from_map<N: AsRef<str>, V: AsRef<str>>(
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Error> {
        let values = Values::parse(ClientKind::Admin, options)?;
        Ok(Self { common: CommonConfig::from_values(&values, ClientKind::Admin)? })
    }
}
