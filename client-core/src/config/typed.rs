//! Typed configurations: what the options mean together, and which of them contradict each other.

use super::address::HostPort;
use super::parse::{Values, config_error, option_error};
use super::table::ClientKind;
use crate::error::{Error, ErrorKind};
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
    fn from_values(values: &Values, kind: ClientKind) -> Result<Self, Error> {
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

/// Which replicas must have a record before it counts as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// None: nothing is answered, nothing is known.
    None,
    /// The leader.
    Leader,
    /// Every replica in sync.
    All,
}

impl Acks {
    /// As in a produce request.
    pub fn code(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// Codec of record batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionType {
    /// Not compressed.
    None,
    /// gzip.
    Gzip,
    /// snappy.
    Snappy,
    /// lz4.
    Lz4,
    /// zstd.
    Zstd,
}

/// How a record without a partition finds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionerKind {
    /// murmur2 of the key; sticky and adaptive without one. The Java client's.
    Default,
    /// murmur2 of the key, of the empty key without one.
    Murmur2,
    /// CRC-32 of the key; random without one. librdkafka's default.
    ConsistentRandom,
    /// CRC-32 of the key, of the empty key without one.
    Consistent,
    /// Random for each batch, whatever the key.
    Random,
    /// One partition after the other, whatever the key.
    RoundRobin,
}

/// Configuration of a producer.
#[derive(Clone, Debug)]
pub struct ProducerConfig {
    /// What every client has.
    pub common: CommonConfig,
    /// `acks`.
    pub acks: Acks,
    /// `batch.size`.
    pub batch_size_bytes: usize,
    /// `buffer.memory`.
    pub buffer_memory_bytes: usize,
    /// `compression.type`.
    pub compression: CompressionType,
    /// The level that goes with `compression`; `None` is the codec's default.
    pub compression_level: Option<i32>,
    /// `delivery.timeout.ms`.
    pub delivery_timeout: Duration,
    /// `enable.idempotence`, as decided together with `acks`, `retries` and `max.in.flight.requests.per.connection`.
    pub enable_idempotence: bool,
    /// `linger.ms`.
    pub linger: Duration,
    /// `max.block.ms`.
    pub max_block: Duration,
    /// `max.in.flight.requests.per.connection`.
    pub max_in_flight: usize,
    /// `max.request.size`.
    pub max_request_size_bytes: usize,
    /// `partitioner`.
    pub partitioner: PartitionerKind,
    /// `partitioner.ignore.keys`.
    pub partitioner_ignore_keys: bool,
    /// `partitioner.adaptive.partitioning.enable`.
    pub partitioner_adaptive: bool,
    /// `partitioner.availability.timeout.ms`; `None` never avoids a partition.
    pub partitioner_availability_timeout: Option<Duration>,
    /// `retries`.
    pub retries: u32,
    /// `transactional.id`.
    pub transactional_id: Option<String>,
    /// `transaction.timeout.ms`.
    pub transaction_timeout: Duration,
}

impl ProducerConfig {
    /// Checks and types Kafka's options. Errors: as [`AdminConfig::from_map`].
    pub fn from_map<N: AsRef<str>, V: AsRef<str>>(
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Error> {
        let values = Values::parse(ClientKind::Producer, options)?;
        let compression = match values.text("compression.type") {
            Some("gzip") => CompressionType::Gzip,
            Some("snappy") => CompressionType::Snappy,
            Some("lz4") => CompressionType::Lz4,
            Some("zstd") => CompressionType::Zstd,
            _ => CompressionType::None,
        };
        let mut config = Self {
            common: CommonConfig::from_values(&values, ClientKind::Producer)?,
            acks: match values.text("acks") {
                Some("0") => Acks::None,
                Some("1") => Acks::Leader,
                _ => Acks::All,
            },
            batch_size_bytes: values.size("batch.size"),
            buffer_memory_bytes: values.size("buffer.memory"),
            compression,
            compression_level: compression_level(&values, compression)?,
            delivery_timeout: values.duration("delivery.timeout.ms"),
            enable_idempotence: values.bool("enable.idempotence"),
            linger: values.duration("linger.ms"),
            max_block: values.duration("max.block.ms"),
            max_in_flight: values.size("max.in.flight.requests.per.connection"),
            max_request_size_bytes: values.size("max.request.size"),
            partitioner: match values.text("partitioner") {
                Some("murmur2") => PartitionerKind::Murmur2,
                Some("consistent_random") => PartitionerKind::ConsistentRandom,
                Some("consistent") => PartitionerKind::Consistent,
                Some("random") => PartitionerKind::Random,
                Some("round_robin") => PartitionerKind::RoundRobin,
                _ => PartitionerKind::Default,
            },
            partitioner_ignore_keys: values.bool("partitioner.ignore.keys"),
            partitioner_adaptive: values.bool("partitioner.adaptive.partitioning.enable"),
            partitioner_availability_timeout: Some(values.duration("partitioner.availability.timeout.ms"))
                .filter(|timeout| !timeout.is_zero()),
            retries: u32::try_from(values.int("retries")).unwrap_or(u32::MAX),
            transactional_id: values.text("transactional.id").map(str::to_owned),
            transaction_timeout: values.duration("transaction.timeout.ms"),
        };
        config.settle_idempotence(&values)?;
        config.settle_delivery_timeout(&values)?;
        Ok(config)
    }

    /// Idempotence needs acks=all, retries and at most 5 requests in flight. Asked for in words it wins or fails;
    /// by default it gives way to what was asked for in words.
    fn settle_idempotence(&mut self, values: &Values) -> Result<(), Error> {
        let wanted = values.is_explicit("enable.idempotence") || self.transactional_id.is_some();
        if self.transactional_id.is_some() && !self.enable_idempotence {
            return Err(option_error(
                "transactional.id",
                "transactional.id needs idempotence, and enable.idempotence=false",
            )
            .with_hint("remove enable.idempotence=false"));
        }
        if !self.enable_idempotence {
            return Ok(());
        }
        let obstacle = if self.acks != Acks::All {
            Some(("acks", "idempotence needs acks=all"))
        } else if self.retries == 0 {
            Some(("retries", "idempotence needs retries above 0"))
        } else if self.max_in_flight > 5 {
            Some((
                "max.in.flight.requests.per.connection",
                "idempotence allows at most 5 requests in flight per connection",
            ))
        } else {
            None
        };
        let Some((option, why)) = obstacle else { return Ok(()) };
        if wanted {
            return Err(option_error(option, why)
                .with_hint(format!("remove {option}, or set enable.idempotence=false")));
        }
        tracing::info!(option, "idempotence is off because of {option}: {why}");
        self.enable_idempotence = false;
        Ok(())
    }

    /// A record must be allowed to linger and then wait for one answer.
    fn settle_delivery_timeout(&mut self, values: &Values) -> Result<(), Error> {
        let least = self.linger.saturating_add(self.common.request_timeout);
        if self.delivery_timeout >= least {
            return Ok(());
        }
        if values.is_explicit("delivery.timeout.ms") {
            return Err(option_error(
                "delivery.timeout.ms",
                format!(
                    "delivery.timeout.ms={} is below linger.ms + request.timeout.ms = {}",
                    self.delivery_timeout.as_millis(),
                    least.as_millis()
                ),
            )
            .with_hint("raise delivery.timeout.ms, or lower request.timeout.ms with it"));
        }
        self.delivery_timeout = least;
        Ok(())
    }
}

fn compression_level(values: &Values, compression: CompressionType) -> Result<Option<i32>, Error> {
    let own = match compression {
        CompressionType::Gzip => "compression.gzip.level",
        CompressionType::Lz4 => "compression.lz4.level",
        CompressionType::Zstd => "compression.zstd.level",
        CompressionType::None | CompressionType::Snappy => return Ok(None),
    };
    let general = values.int("compression.level");
    let level = if values.is_explicit(own) || general == -1 {
        if !values.is_explicit(own) && !matches!(compression, CompressionType::Zstd | CompressionType::Lz4) {
            return Ok(None);
        }
        values.int(own)
    } else {
        general
    };
    let allowed = match compression {
        CompressionType::Gzip => (1..=9).contains(&level) || level == -1,
        CompressionType::Lz4 => (1..=17).contains(&level),
        _ => true,
    };
    if !allowed {
        return Err(config_error(format!("{level} is no level of this codec"))
            .with_context("option", own)
            .with_hint(format!("see {own}")));
    }
    let level = i32::try_from(level).ok();
    Ok(level.filter(|level| !(compression == CompressionType::Gzip && *level == -1)))
}

/// Where to start without a committed offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoOffsetReset {
    /// At the end: only records sent from now on.
    Latest,
    /// At the beginning.
    Earliest,
    /// Nowhere: an error tells the application.
    None,
    /// At the first record no older than this.
    ByDuration(Duration),
}

/// Which records a consumer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsolationLevel {
    /// All below the high watermark.
    ReadUncommitted,
    /// Those of committed transactions and of none.
    ReadCommitted,
}

impl IsolationLevel {
    /// As in a fetch request.
    pub fn code(self) -> i8 {
        match self {
            Self::ReadUncommitted => 0,
            Self::ReadCommitted => 1,
        }
    }
}

/// Which protocol a consumer group is kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupProtocol {
    /// The leader among the members assigns.
    Classic,
    /// The coordinator assigns (KIP-848).
    Consumer,
}

/// A client-side assignor of the classic protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignorName {
    /// `range`.
    Range,
    /// `roundrobin`.
    RoundRobin,
    /// `sticky`.
    Sticky,
    /// `cooperative-sticky`.
    CooperativeSticky,
}

impl AssignorName {
    /// As members agree on it in the join.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::Sticky => "sticky",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let name = text.strip_prefix("class ").unwrap_or(text);
        let name = name.strip_prefix("org.apache.kafka.clients.consumer.").unwrap_or(name);
        match name.to_ascii_lowercase().as_str() {
            "range" | "rangeassignor" => Ok(Self::Range),
            "roundrobin" | "roundrobinassignor" => Ok(Self::RoundRobin),
            "sticky" | "stickyassignor" => Ok(Self::Sticky),
            "cooperative-sticky" | "cooperativestickyassignor" => Ok(Self::CooperativeSticky),
            _ => Err(option_error("partition.assignment.strategy", format!("there is no assignor {text:?}"))
                .with_hint("choose among range, roundrobin, sticky, cooperative-sticky")),
        }
    }
}

/// Configuration of a consumer.
#[derive(Clone, Debug)]
pub struct ConsumerConfig {
    /// What every client has.
    pub common: CommonConfig,
    /// `group.id`.
    pub group_id: Option<String>,
    /// `group.instance.id`.
    pub group_instance_id: Option<String>,
    /// `group.protocol`.
    pub group_protocol: GroupProtocol,
    /// `group.remote.assignor`.
    pub group_remote_assignor: Option<String>,
    /// `partition.assignment.strategy`, in order of preference, none twice.
    pub assignors: Vec<AssignorName>,
    /// `session.timeout.ms`.
    pub session_timeout: Duration,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval: Duration,
    /// `max.poll.interval.ms`.
    pub max_poll_interval: Duration,
    /// `max.poll.records`.
    pub max_poll_records: usize,
    /// `enable.auto.commit`; false without a group.
    pub enable_auto_commit: bool,
    /// `auto.commit.interval.ms`.
    pub auto_commit_interval: Duration,
    /// `auto.offset.reset`.
    pub auto_offset_reset: AutoOffsetReset,
    /// `isolation.level`.
    pub isolation_level: IsolationLevel,
    /// `check.crcs`.
    pub check_crcs: bool,
    /// `exclude.internal.topics`.
    pub exclude_internal_topics: bool,
    /// `fetch.min.bytes`.
    pub fetch_min_bytes: i32,
    /// `fetch.max.bytes`.
    pub fetch_max_bytes: i32,
    /// `fetch.max.wait.ms`.
    pub fetch_max_wait: Duration,
    /// `max.partition.fetch.bytes`.
    pub max_partition_fetch_bytes: i32,
    /// `queued.max.messages.kbytes`, in bytes: bound of fetched data waiting to be polled.
    pub queued_max_bytes: usize,
}

impl ConsumerConfig {
    /// Checks and types Kafka's options. Errors: as [`AdminConfig::from_map`].
    pub fn from_map<N: AsRef<str>, V: AsRef<str>>(
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Error> {
        let values = Values::parse(ClientKind::Consumer, options)?;
        let int = |name| i32::try_from(values.int(name)).unwrap_or(i32::MAX);
        let mut assignors = Vec::new();
        for text in values.list("partition.assignment.strategy") {
            let assignor = AssignorName::parse(text)?;
            if !assignors.contains(&assignor) {
                assignors.push(assignor);
            }
        }
        let mut config = Self {
            common: CommonConfig::from_values(&values, ClientKind::Consumer)?,
            group_id: values.text("group.id").map(str::to_owned),
            group_instance_id: values.text("group.instance.id").map(str::to_owned),
            group_protocol: match values.text("group.protocol") {
                Some("consumer") => GroupProtocol::Consumer,
                _ => GroupProtocol::Classic,
            },
            group_remote_assignor: values.text("group.remote.assignor").map(str::to_owned),
            assignors,
            session_timeout: values.duration("session.timeout.ms"),
            heartbeat_interval: values.duration("heartbeat.interval.ms"),
            max_poll_interval: values.duration("max.poll.interval.ms"),
            max_poll_records: values.size("max.poll.records"),
            enable_auto_commit: values.bool("enable.auto.commit"),
            auto_commit_interval: values.duration("auto.commit.interval.ms"),
            auto_offset_reset: offset_reset(values.text("auto.offset.reset").unwrap_or(""))?,
            isolation_level: match values.text("isolation.level") {
                Some("read_committed") => IsolationLevel::ReadCommitted,
                _ => IsolationLevel::ReadUncommitted,
            },
            check_crcs: values.bool("check.crcs"),
            exclude_internal_topics: values.bool("exclude.internal.topics"),
            fetch_min_bytes: int("fetch.min.bytes"),
            fetch_max_bytes: int("fetch.max.bytes"),
            fetch_max_wait: values.duration("fetch.max.wait.ms"),
            max_partition_fetch_bytes: int("max.partition.fetch.bytes"),
            queued_max_bytes: values.size("queued.max.messages.kbytes").saturating_mul(1024),
        };
        config.settle_group(&values)?;
        config.check_fetch()?;
        Ok(config)
    }

    fn settle_group(&mut self, values: &Values) -> Result<(), Error> {
        if self.group_id.is_none() {
            for name in ["group.instance.id", "group.remote.assignor"] {
                if values.is_explicit(name) {
                    return Err(option_error(name, format!("{name} means nothing without group.id"))
                        .with_hint("set group.id"));
                }
            }
            if self.enable_auto_commit && values.is_explicit("enable.auto.commit") {
                return Err(option_error(
                    "enable.auto.commit",
                    "enable.auto.commit=true needs a group to commit for",
                )
                .with_hint("set group.id, or remove enable.auto.commit"));
            }
            self.enable_auto_commit = false;
        }
        let foreign: &[&'static str] = match self.group_protocol {
            GroupProtocol::Consumer => {
                &["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"]
            }
            GroupProtocol::Classic => &["group.remote.assignor"],
        };
        if let Some(name) = foreign.iter().copied().find(|name| values.is_explicit(name)) {
            let hint = match self.group_protocol {
                GroupProtocol::Consumer => "remove it: the coordinator decides with group.protocol=consumer",
                GroupProtocol::Classic => "set group.protocol=consumer, or use partition.assignment.strategy",
            };
            return Err(
                option_error(name, format!("{name} does not go with this group.protocol")).with_hint(hint)
            );
        }
        if self.group_protocol == GroupProtocol::Classic {
            if self.heartbeat_interval >= self.session_timeout {
                return Err(option_error(
                    "heartbeat.interval.ms",
                    "heartbeat.interval.ms must be below session.timeout.ms",
                )
                .with_hint("a third of session.timeout.ms is usual"));
            }
            if self.assignors.is_empty() {
                return Err(option_error(
                    "partition.assignment.strategy",
                    "partition.assignment.strategy is empty",
                )
                .with_hint("choose among range, roundrobin, sticky, cooperative-sticky"));
            }
        }
        Ok(())
    }

    fn check_fetch(&self) -> Result<(), Error> {
        let largest = usize::try_from(self.fetch_max_bytes).unwrap_or(0).saturating_add(512);
        if self.common.receive_message_max_bytes < largest {
            return Err(option_error(
                "receive.message.max.bytes",
                format!(
                    "receive.message.max.bytes={} is below fetch.max.bytes + 512 = {largest}",
                    self.common.receive_message_max_bytes
                ),
            )
            .with_hint("raise receive.message.max.bytes or lower fetch.max.bytes"));
        }
        if self.fetch_max_wait >= self.common.request_timeout {
            return Err(option_error(
                "fetch.max.wait.ms",
                "fetch.max.wait.ms must be below request.timeout.ms, or every idle fetch would time out",
            )
            .with_hint("lower fetch.max.wait.ms or raise request.timeout.ms"));
        }
        Ok(())
    }
}

/// Kafka's words and librdkafka's.
fn offset_reset(text: &str) -> Result<AutoOffsetReset, Error> {
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "latest" | "largest" | "end" => return Ok(AutoOffsetReset::Latest),
        "earliest" | "smallest" | "beginning" => return Ok(AutoOffsetReset::Earliest),
        "none" | "error" => return Ok(AutoOffsetReset::None),
        _ => {}
    }
    if let Some(duration) = lower.strip_prefix("by_duration:").and_then(iso_duration) {
        return Ok(AutoOffsetReset::ByDuration(duration));
    }
    Err(Error::new(
        ErrorKind::Config,
        "configure the client",
        format!(
            "auto.offset.reset cannot be {text:?}: expected latest, earliest, none or by_duration:PnDTnHnMnS"
        ),
    )
    .with_context("option", "auto.offset.reset"))
}

/// The part of ISO 8601 that Java's `Duration` reads, without signs: `P2DT3H4M5.5S`, already in lower case.
fn iso_duration(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('p')?;
    let (days, time) = match text.split_once('t') {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (text, ""),
    };
    let mut total = Duration::ZERO;
    let mut parts = 0;
    if !days.is_empty() {
        let count: u32 = days.strip_suffix('d')?.parse().ok()?;
        total = total.checked_add(Duration::from_secs(86_400).checked_mul(count)?)?;
        parts += 1;
    }
    let mut rest = time;
    for (unit, seconds) in [('h', 3_600), ('m', 60)] {
        if let Some((number, after)) = rest.split_once(unit) {
            total = total.checked_add(Duration::from_secs(seconds).checked_mul(number.parse().ok()?)?)?;
            rest = after;
            parts += 1;
        }
    }
    if !rest.is_empty() {
        let seconds: f64 = rest.strip_suffix('s')?.parse().ok()?;
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        parts += 1;
    }
    (parts > 0).then_some(total)
}

#[cfg(test)]
mod tests;
