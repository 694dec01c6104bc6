//! The consumer's configuration.

use super::common::CommonConfig;
use crate::config::parse::{Values, option_error};
use crate::config::table::ClientKind;
use crate::error::{Error, ErrorKind};
use std::time::Duration;

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
    /// Checks and types Kafka's options. Errors: as [`AdminConfig::from_map`](super::AdminConfig::from_map).
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
        if self.group_protocol == GroupProtocol::Consumer {
            if self.group_id.is_none() {
                return Err(option_error("group.protocol", "group.protocol means nothing without group.id")
                    .with_hint("set group.id, or remove group.protocol"));
            }
            return Err(option_error("group.protocol", "group.protocol=consumer is not supported yet")
                .with_kind(ErrorKind::Unsupported)
                .with_hint("use group.protocol=classic; both kinds of members can share a group"));
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
