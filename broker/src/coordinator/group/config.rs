//! The configuration of groups, looked up once.

use crate::config::BrokerConfig;
use crate::limits::Limit;
use ottla_wire::compression::Compression;
use std::time::Duration;

/// What groups go by.
#[derive(Clone, Debug)]
pub(crate) struct GroupConfig {
    /// `group.min.session.timeout.ms`.
    pub(crate) min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`.
    pub(crate) max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`.
    pub(crate) initial_rebalance_delay: Duration,
    /// `group.max.size`.
    pub(crate) max_size: usize,
    /// `ottla.max.groups`.
    pub(crate) max_groups: usize,
    /// `offset.metadata.max.bytes`.
    pub(crate) offset_metadata_max_bytes: usize,
    /// `offsets.retention.minutes`.
    pub(crate) offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`.
    pub(crate) offsets_retention_check_interval: Duration,
    /// `offsets.commit.timeout.ms`.
    pub(crate) commit_timeout: Duration,
    /// `offsets.topic.compression.codec`.
    pub(crate) compression: Compression,
}

/// A codec by its number, at its usual level; what is no codec is none.
fn compression(codec: i32) -> Compression {
    match codec {
        1 => Compression::Gzip { level: -1 },
        2 => Compression::Snappy,
        3 => Compression::Lz4 { level: 9 },
        4 => Compression::Zstd { level: 3 },
        _ => Compression::None,
    }
}

impl GroupConfig {
    /// What `config` says.
    pub(crate) fn new(config: &BrokerConfig) -> Self {
        Self {
            min_session_timeout_ms: config.int("group.min.session.timeout.ms"),
            max_session_timeout_ms: config.int("group.max.session.timeout.ms"),
            initial_rebalance_delay: config.duration_ms("group.initial.rebalance.delay.ms"),
            max_size: config.size("group.max.size"),
            max_groups: config.size(Limit::Groups.setting()),
            offset_metadata_max_bytes: config.size("offset.metadata.max.bytes"),
            offsets_retention_ms: i64::from(config.int("offsets.retention.minutes")) * 60_000,
            offsets_retention_check_interval: config.duration_ms("offsets.retention.check.interval.ms"),
            commit_timeout: config.duration_ms("offsets.commit.timeout.ms"),
            compression: compression(config.int("offsets.topic.compression.codec")),
        }
    }
}
