//! The producer's configuration.

use super::common::CommonConfig;
use crate::config::parse::{Values, config_error, option_error};
use crate::config::table::ClientKind;
use crate::error::Error;
use std::time::Duration;

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
}

impl ProducerConfig {
    /// Checks and types Kafka's options. Errors: as [`AdminConfig::from_map`](super::AdminConfig::from_map).
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
        };
        config.settle_idempotence(&values)?;
        config.settle_delivery_timeout(&values)?;
        Ok(config)
    }

    /// Idempotence needs acks=all, retries and at most 5 requests in flight. Asked for in words it wins or fails;
    /// by default it gives way to what was asked for in words.
    fn settle_idempotence(&mut self, values: &Values) -> Result<(), Error> {
        let wanted = values.is_explicit("enable.idempotence");
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
