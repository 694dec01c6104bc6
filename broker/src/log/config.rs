//! What a topic's configuration means to its logs.
//!
//! Owns the values of every topic key, typed, with Kafka's defaults. Does not know where they were set; the broker's own
//! keys stand in for those a topic does not set, by [`BROKER_SYNONYMS`].

use ottla_wire::batch::TimestampType;
use ottla_wire::compression::{Codec, Compression};
use std::collections::BTreeMap;

/// Topic key → the broker keys that give its default, in falling order, each with the factor to the topic's unit.
const BROKER_SYNONYMS: &[(&str, &[(&str, i64)])] = &[
    ("cleanup.policy", &[("log.cleanup.policy", 1)]),
    ("compression.gzip.level", &[("compression.gzip.level", 1)]),
    ("compression.lz4.level", &[("compression.lz4.level", 1)]),
    ("compression.type", &[("compression.type", 1)]),
    ("compression.zstd.level", &[("compression.zstd.level", 1)]),
    ("delete.retention.ms", &[("log.cleaner.delete.retention.ms", 1)]),
    ("file.delete.delay.ms", &[("log.segment.delete.delay.ms", 1)]),
    ("flush.messages", &[("log.flush.interval.messages", 1)]),
    ("flush.ms", &[("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1)]),
    ("index.interval.bytes", &[("log.index.interval.bytes", 1)]),
    ("local.retention.bytes", &[("log.local.retention.bytes", 1)]),
    ("local.retention.ms", &[("log.local.retention.ms", 1)]),
    ("max.compaction.lag.ms", &[("log.cleaner.max.compaction.lag.ms", 1)]),
    ("max.decompressed.message.bytes", &[("max.decompressed.message.bytes", 1)]),
    ("max.message.bytes", &[("message.max.bytes", 1)]),
    ("message.timestamp.after.max.ms", &[("log.message.timestamp.after.max.ms", 1)]),
    ("message.timestamp.before.max.ms", &[("log.message.timestamp.before.max.ms", 1)]),
    ("message.timestamp.type", &[("log.message.timestamp.type", 1)]),
    ("min.cleanable.dirty.ratio", &[("log.cleaner.min.cleanable.ratio", 1)]),
    ("min.compaction.lag.ms", &[("log.cleaner.min.compaction.lag.ms", 1)]),
    ("min.insync.replicas", &[("min.insync.replicas", 1)]),
    ("preallocate", &[("log.preallocate", 1)]),
    ("remote.copy.lag.bytes", &[("log.remote.copy.lag.bytes", 1)]),
    ("remote.copy.lag.ms", &[("log.remote.copy.lag.ms", 1)]),
    ("retention.bytes", &[("log.retention.bytes", 1)]),
    (
        "retention.ms",
        &[("log.retention.ms", 1), ("log.retention.minutes", 60_000), ("log.retention.hours", 3_600_000)],
    ),
    ("segment.bytes", &[("log.segment.bytes", 1)]),
    ("segment.index.bytes", &[("log.index.size.max.bytes", 1)]),
    ("segment.jitter.ms", &[("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", 3_600_000)]),
    ("segment.ms", &[("log.roll.ms", 1), ("log.roll.hours", 3_600_000)]),
    ("unclean.leader.election.enable", &[("unclean.leader.election.enable", 1)]),
];

/// A value that a key does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid value {value} for configuration {name}: {reason}")]
pub(crate) struct LogConfigError {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) reason: String,
}

/// The configuration of one topic's logs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogConfig {
    pub(crate) cleanup_delete: bool,
    pub(crate) cleanup_compact: bool,
    /// `None`: as the producer sent it.
    pub(crate) compression: Option<Compression>,
    pub(crate) delete_retention_ms: i64,
    pub(crate) errors_dead_letter_queue_group_enable: bool,
    pub(crate) file_delete_delay_ms: i64,
    pub(crate) flush_messages: i64,
    pub(crate) flush_ms: i64,
    pub(crate) follower_replication_throttled_replicas: String,
    pub(crate) index_interval_bytes: u64,
    pub(crate) leader_replication_throttled_replicas: String,
    /// -2: as [`Self::retention_bytes`].
    pub(crate) local_retention_bytes: i64,
    /// -2: as [`Self::retention_ms`].
    pub(crate) local_retention_ms: i64,
    pub(crate) max_compaction_lag_ms: i64,
    pub(crate) max_decompressed_message_bytes: usize,
    pub(crate) max_message_bytes: usize,
    pub(crate) message_timestamp_after_max_ms: i64,
    pub(crate) message_timestamp_before_max_ms: i64,
    pub(crate) message_timestamp_type: TimestampType,
    pub(crate) min_cleanable_dirty_ratio: f64,
    pub(crate) min_compaction_lag_ms: i64,
    pub(crate) min_insync_replicas: u32,
    /// Accepted and without effect: files grow as they are written.
    pub(crate) preallocate: bool,
    pub(crate) remote_copy_lag_bytes: i64,
    pub(crate) remote_copy_lag_ms: i64,
    pub(crate) remote_log_copy_disable: bool,
    pub(crate) remote_log_delete_on_disable: bool,
    pub(crate) remote_storage_enable: bool,
    /// -1: no limit.
    pub(crate) retention_bytes: i64,
    /// -1: no limit.
    pub(crate) retention_ms: i64,
    pub(crate) segment_bytes: u64,
    pub(crate) segment_index_bytes: u64,
    pub(crate) segment_jitter_ms: i64,
    pub(crate) segment_ms: i64,
    pub(crate) unclean_leader_election_enable: bool,
}

impl Default for LogConfig {
    /// Kafka's defaults.
    fn default() -> Self {
        Self {
            cleanup_delete: true,
            cleanup_compact: false,
            compression: None,
            delete_retention_ms: 86_400_000,
            errors_dead_letter_queue_group_enable: false,
            file_delete_delay_ms: 60_000,
            flush_messages: i64::MAX,
            flush_ms: i64::MAX,
            follower_replication_throttled_replicas: String::new(),
            index_interval_bytes: 4096,
            leader_replication_throttled_replicas: String::new(),
            local_retention_bytes: -2,
            local_retention_ms: -2,
            max_compaction_lag_ms: i64::MAX,
            max_decompressed_message_bytes: i32::MAX as usize - 8,
            max_message_bytes: 1_048_588,
            message_timestamp_after_max_ms: 3_600_000,
            message_timestamp_before_max_ms: i64::MAX,
            message_timestamp_type: TimestampType::CreateTime,
            min_cleanable_dirty_ratio: 0.5,
            min_compaction_lag_ms: 0,
            min_insync_replicas: 1,
            preallocate: false,
            remote_copy_lag_bytes: -1,
            remote_copy_lag_ms: 0,
            remote_log_copy_disable: false,
            remote_log_delete_on_disable: false,
            remote_storage_enable: false,
            retention_bytes: -1,
            retention_ms: 604_800_000,
            segment_bytes: 1 << 30,
            segment_index_bytes: 10 << 20,
            segment_jitter_ms: 0,
            segment_ms: 604_800_000,
            unclean_leader_election_enable: false,
        }
    }
}

impl LogConfig {
    /// A topic's own settings over the broker's.
    ///
    /// Errors: a topic key that does not exist, and a value out of its range. Broker keys that no topic key stands for are
    /// passed over.
    pub(crate) fn new(
        topic: &BTreeMap<String, String>,
        broker: &BTreeMap<String, String>,
    ) -> Result<Self, LogConfigError> {
        let mut effective = BTreeMap::new();
        for (name, synonyms) in BROKER_SYNONYMS {
            for (synonym, factor) in *synonyms {
                let Some(value) = broker.get(*synonym) else { continue };
                let value = scaled(synonym, value, *factor)?;
                effective.insert((*name).to_owned(), value);
                break;
            }
        }
        effective.extend(topic.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self::from_map(&effective)
    }

    /// Kafka's defaults with these topic keys over them.
    pub(crate) fn from_map(values: &BTreeMap<String, String>) -> Result<Self, LogConfigError> {
        let mut config = Self::default();
        let mut codec = None;
        let (mut gzip_level, mut lz4_level, mut zstd_level) = (-1, 9, 3);
        for (name, value) in values {
            let key = Key { name, value: value.trim() };
            match name.as_str() {
                "cleanup.policy" => (config.cleanup_delete, config.cleanup_compact) = key.cleanup_policy()?,
                "compression.type" => codec = key.codec()?,
                "compression.gzip.level" => gzip_level = key.gzip_level()?,
                "compression.lz4.level" => lz4_level = key.within(1..=17)?,
                "compression.zstd.level" => zstd_level = key.within(-131_072..=22)?,
                "delete.retention.ms" => config.delete_retention_ms = key.within(0..=i64::MAX)?,
                "errors.deadletterqueue.group.enable" => {
                    config.errors_dead_letter_queue_group_enable = key.boolean()?;
                }
                "file.delete.delay.ms" => config.file_delete_delay_ms = key.within(0..=i64::MAX)?,
                "flush.messages" => config.flush_messages = key.within(1..=i64::MAX)?,
                "flush.ms" => config.flush_ms = key.within(0..=i64::MAX)?,
                "follower.replication.throttled.replicas" => {
                    config.follower_replication_throttled_replicas = key.replicas()?;
                }
                "index.interval.bytes" => config.index_interval_bytes = key.within(0..=i32::MAX)? as u64,
                // Set by tests only: smaller segments than a topic may ask for.
                "internal.segment.bytes" => config.segment_bytes = key.within(1..=i32::MAX)? as u64,
                "leader.replication.throttled.replicas" => {
                    config.leader_replication_throttled_replicas = key.replicas()?;
                }
                "local.retention.bytes" => config.local_retention_bytes = key.within(-2..=i64::MAX)?,
                "local.retention.ms" => config.local_retention_ms = key.within(-2..=i64::MAX)?,
                "max.compaction.lag.ms" => config.max_compaction_lag_ms = key.within(1..=i64::MAX)?,
                "max.decompressed.message.bytes" => {
                    config.max_decompressed_message_bytes = key.within(1..=i32::MAX - 8)? as usize;
                }
                "max.message.bytes" => config.max_message_bytes = key.within(0..=i32::MAX)? as usize,
                "message.timestamp.after.max.ms" => {
                    config.message_timestamp_after_max_ms = key.within(0..=i64::MAX)?;
                }
                "message.timestamp.before.max.ms" => {
                    config.message_timestamp_before_max_ms = key.within(0..=i64::MAX)?;
                }
                "message.timestamp.type" => config.message_timestamp_type = key.timestamp_type()?,
                "min.cleanable.dirty.ratio" => config.min_cleanable_dirty_ratio = key.within(0.0..=1.0)?,
                "min.compaction.lag.ms" => config.min_compaction_lag_ms = key.within(0..=i64::MAX)?,
                "min.insync.replicas" => config.min_insync_replicas = key.within(1..=i32::MAX)? as u32,
                "preallocate" => config.preallocate = key.boolean()?,
                "remote.copy.lag.bytes" => config.remote_copy_lag_bytes = key.within(-1..=i64::MAX)?,
                "remote.copy.lag.ms" => config.remote_copy_lag_ms = key.within(-1..=i64::MAX)?,
                "remote.log.copy.disable" => config.remote_log_copy_disable = key.boolean()?,
                "remote.log.delete.on.disable" => config.remote_log_delete_on_disable = key.boolean()?,
                "remote.storage.enable" => config.remote_storage_enable = key.boolean()?,
                "retention.bytes" => config.retention_bytes = key.within(i64::MIN..=i64::MAX)?,
                "retention.ms" => config.retention_ms = key.within(-1..=i64::MAX)?,
                "segment.bytes" => config.segment_bytes = key.within(1 << 20..=i32::MAX)? as u64,
                "segment.index.bytes" => config.segment_index_bytes = key.within(4..=i32::MAX)? as u64,
                "segment.jitter.ms" => config.segment_jitter_ms = key.within(0..=i64::MAX)?,
                "segment.ms" => config.segment_ms = key.within(1..=i64::MAX)?,
                "unclean.leader.election.enable" => config.unclean_leader_election_enable = key.boolean()?,
                _ => return Err(key.invalid("unknown topic configuration")),
            }
        }
        config.compression = codec.map(|codec| match codec {
            Codec::None => Compression::None,
            Codec::Gzip => Compression::Gzip { level: gzip_level },
            Codec::Snappy => Compression::Snappy,
            Codec::Lz4 => Compression::Lz4 { level: lz4_level },
            Codec::Zstd => Compression::Zstd { level: zstd_level },
        });
        Ok(config)
    }
}

/// A broker's value in the unit of the topic key it stands for; negative ones mean "no limit" and are not scaled.
fn scaled(name: &str, value: &str, factor: i64) -> Result<String, LogConfigError> {
    if factor == 1 {
        return Ok(value.to_owned());
    }
    let key = Key { name, value: value.trim() };
    let number: i64 = key.within(i64::MIN..=i64::MAX)?;
    Ok(if number < 0 { -1 } else { number.saturating_mul(factor) }.to_string())
}

struct Key<'a> {
    name: &'a str,
    value: &'a str,
}

impl Key<'_> {
    fn invalid(&self, reason: impl Into<String>) -> LogConfigError {
        LogConfigError { name: self.name.to_owned(), value: self.value.to_owned(), reason: reason.into() }
    }

    fn within<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
        &self,
        range: std::ops::RangeInclusive<T>,
    ) -> Result<T, LogConfigError> {
        let value = self.value.parse().map_err(|_| self.invalid("not a number of its type"))?;
        if range.contains(&value) {
            return Ok(value);
        }
        Err(self.invalid(format!("must be from {} to {}", range.start(), range.end())))
    }

    fn boolean(&self) -> Result<bool, LogConfigError> {
        match self.value.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.invalid("must be true or false")),
        }
    }

    fn cleanup_policy(&self) -> Result<(bool, bool), LogConfigError> {
        let (mut delete, mut compact) = (false, false);
        // An empty list keeps everything for ever.
        for policy in self.value.split(',').map(str::trim).filter(|policy| !policy.is_empty()) {
            match policy {
                "delete" => delete = true,
                "compact" => compact = true,
                _ => return Err(self.invalid("must be of delete, compact")),
            }
        }
        Ok((delete, compact))
    }

    fn codec(&self) -> Result<Option<Codec>, LogConfigError> {
        match self.value {
            "producer" => Ok(None),
            "uncompressed" => Ok(Some(Codec::None)),
            name => Codec::from_name(name)
                .filter(|codec| *codec != Codec::None)
                .map(Some)
                .ok_or_else(|| self.invalid("must be of uncompressed, zstd, lz4, snappy, gzip, producer")),
        }
    }

    fn gzip_level(&self) -> Result<i32, LogConfigError> {
        match self.within(-1..=9)? {
            0 => Err(self.invalid("must be from 1 to 9, or -1")),
            level => Ok(level),
        }
    }

    fn timestamp_type(&self) -> Result<TimestampType, LogConfigError> {
        match self.value {
            "CreateTime" => Ok(TimestampType::CreateTime),
            "LogAppendTime" => Ok(TimestampType::LogAppendTime),
            _ => Err(self.invalid("must be CreateTime or LogAppendTime")),
        }
    }

    /// `partition:broker` pairs, or `*` for all.
    fn replicas(&self) -> Result<String, LogConfigError> {
        let is_pair = |pair: &str| {
            pair.trim().split_once(':').is_some_and(|(partition, broker)| {
                partition.parse::<u32>().is_ok() && broker.parse::<u32>().is_ok()
            })
        };
        if self.value.is_empty() || self.value == "*" || self.value.split(',').all(is_pair) {
            return Ok(self.value.to_owned());
        }
        Err(self.invalid("must be a list of partition:broker, or *"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn topic_settings_win_over_the_brokers_and_smaller_units_over_larger() {
        let broker = map(&[
            ("log.retention.hours", "2"),
            ("log.retention.minutes", "7"),
            ("log.roll.hours", "3"),
            ("message.max.bytes", "77"),
            ("num.io.threads", "8"),
        ]);
        let config = LogConfig::new(&map(&[("segment.ms", "5")]), &broker).unwrap();
        assert_eq!(config.retention_ms, 420_000);
        assert_eq!(config.segment_ms, 5);
        assert_eq!(config.max_message_bytes, 77);
        let endless = LogConfig::new(&map(&[]), &map(&[("log.retention.hours", "-1")])).unwrap();
        assert_eq!(endless.retention_ms, -1);
    }

    #[test]
    fn values_out_of_range_and_unknown_keys_are_refused() {
        for (name, value) in [
            ("segment.bytes", "1048575"),
            ("cleanup.policy", "shrink"),
            ("compression.type", "none"),
            ("compression.gzip.level", "0"),
            ("min.cleanable.dirty.ratio", "NaN"),
            ("min.insync.replicas", "0"),
            ("preallocate", "yes"),
            ("leader.replication.throttled.replicas", "1:2,3"),
            ("retention.mss", "1"),
        ] {
            let error = LogConfig::from_map(&map(&[(name, value)])).unwrap_err();
            assert_eq!((error.name.as_str(), error.value.as_str()), (name, value));
        }
    }

    #[test]
    fn codec_takes_the_level_of_its_own_key() {
        let config = LogConfig::from_map(&map(&[
            ("compression.type", "zstd"),
            ("compression.zstd.level", "7"),
            ("compression.gzip.level", "9"),
        ]));
        assert_eq!(config.unwrap().compression, Some(Compression::Zstd { level: 7 }));
    }
}
