//! How many more topics and partitions there may be. A **machine** but for the counting of refusals.

use super::Refusal;
use crate::config::BrokerConfig;
use crate::limits::{Limit, LimitHits};
use crate::metadata::MetadataImage;
use ottla_wire::ErrorCode;
use std::net::SocketAddr;

/// What is left, on behalf of one request.
pub(super) struct Room<'a> {
    limits: &'a LimitHits,
    asker: SocketAddr,
    topics: Left,
    partitions: Left,
}

struct Left {
    limit: Limit,
    used: usize,
    max: usize,
}

impl<'a> Room<'a> {
    /// What `image` leaves to `asker`.
    pub(super) fn new(
        config: &BrokerConfig,
        limits: &'a LimitHits,
        image: &MetadataImage,
        asker: SocketAddr,
    ) -> Self {
        let left = |limit: Limit, used| Left { limit, used, max: config.size(limit.setting()) };
        let partitions = image.topics.values().map(|topic| topic.partitions.len()).sum();
        Self {
            limits,
            asker,
            topics: left(Limit::Topics, image.topics.len()),
            partitions: left(Limit::Partitions, partitions),
        }
    }

    /// Takes room for one more topic.
    pub(super) fn take_topic(&mut self, partitions: usize) -> Result<(), Refusal> {
        self.check(&self.topics, 1)?;
        self.take_partitions(partitions)?;
        self.topics.used += 1;
        Ok(())
    }

    /// Takes room for more partitions of a topic that is there.
    pub(super) fn take_partitions(&mut self, partitions: usize) -> Result<(), Refusal> {
        self.check(&self.partitions, partitions)?;
        self.partitions.used += partitions;
        Ok(())
    }

    fn check(&self, left: &Left, wanted: usize) -> Result<(), Refusal> {
        let Left { limit, used, max } = left;
        if used.saturating_add(wanted) <= *max {
            return Ok(());
        }
        self.limits.hit(*limit, &self.asker);
        let what = if *limit == Limit::Topics { "topics" } else { "partitions" };
        let setting = limit.setting();
        let problem =
            format!("There are {used} {what}, and {setting} allows {max}: no room for {wanted} more.");
        Err((ErrorCode::POLICY_VIOLATION, problem))
    }
}
