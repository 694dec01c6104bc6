//! Administration: topics, partitions, configurations, groups, offsets, records, cluster.
//!
//! Names and semantics are those of Kafka's `Admin`. A call about several items returns a result per item
//! ([`Results`]), so that one that fails does not hide the others. Every call follows moving leaders, coordinators and
//! controllers until its deadline. All calls are safe to cancel by dropping their future; a change under way may then
//! take effect or not.

mod cluster;
mod configs;
mod elections;
mod fan_out;
mod groups;
mod log_dirs;
mod offsets;
mod partitions;
mod producers;
mod records;
mod topics;
mod transactions;
mod wire_types;

pub use cluster::{ClusterDescription, ClusterNode, FeatureDescription};
pub use configs::{
    AlterConfigOp, AlterConfigOpKind, ConfigEntry, ConfigResource, ConfigResourceType, ConfigSource,
    ConfigSynonym, DescribeConfigsOptions,
};
pub use elections::ElectionType;
pub use fan_out::Results;
pub use groups::{
    GroupDescription, GroupListing, GroupType, ListGroupsFilter, MemberDescription, MemberToRemove,
};
pub use log_dirs::{LogDirDescription, ReplicaInfo};
pub use offsets::{ListOffsetsResultInfo, OffsetAndMetadata, OffsetSpec};
pub use partitions::NewPartitions;
pub use producers::ProducerStateDescription;
pub use topics::{CreatedTopic, NewTopic, TopicDescription, TopicListing, TopicSelector};
pub use transactions::{FencedProducer, ListTransactionsFilter, TransactionDescription, TransactionListing};

use crate::client::{Client, LONGEST_WAIT};
use crate::config::AdminConfig;
use crate::error::Error;
use ottla_env::Env;
use std::time::{Duration, Instant};

/// Options of a call that only reads, or that cannot be tried out.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallOptions {
    /// How long the call may take, retries included; `default.api.timeout.ms` if `None`.
    pub timeout: Option<Duration>,
}

/// Options of a call that changes something.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChangeOptions {
    /// How long the call may take, retries included; `default.api.timeout.ms` if `None`.
    pub timeout: Option<Duration>,
    /// Only check whether the change would be accepted.
    pub validate_only: bool,
}

/// An admin client. Cheap to clone; all clones share connections.
#[derive(Clone)]
pub struct Admin {
    client: Client,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admin").field("client_id", &self.client.config().client_id).finish_non_exhaustive()
    }
}

/// Collects options for an [`Admin`].
#[derive(Debug, Default)]
pub struct AdminBuilder {
    options: Vec<(String, String)>,
    env: Option<Env>,
}

impl AdminBuilder {
    /// Sets one of Kafka's options; checked by [`Self::build`].
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.options.push((name.into(), value.to_string()));
        self
    }

    /// Sets several options.
    #[must_use]
    pub fn set_all<N: Into<String>, V: ToString>(
        mut self,
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.options.extend(options.into_iter().map(|(name, value)| (name.into(), value.to_string())));
        self
    }

    /// Runs the client in another world than the machine's: a simulated network or clock.
    #[must_use]
    pub fn env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// Checks the options and starts the client. Connections are opened in the background.
    ///
    /// Must be called within a tokio runtime. Errors: those of [`AdminConfig::from_map`].
    pub async fn build(self) -> Result<Admin, Error> {
        let config = AdminConfig::from_map(self.options)?;
        Admin::start(self.env.unwrap_or_else(Env::system), config)
    }
}

impl Admin {
    /// Collects options for an admin client.
    ///
    /// ```no_run
    /// # async fn f() -> Result<(), ottla::Error> {
    /// use ottla::admin::{Admin, NewTopic};
    /// let admin = Admin::builder().set("bootstrap.servers", "localhost:9092").build().await?;
    /// for (topic, result) in admin.create_topics([NewTopic::new("orders", 6, 3)], Default::default()).await? {
    ///     println!("{topic}: {:?}", result?.id);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn builder() -> AdminBuilder {
        AdminBuilder::default()
    }

    /// Starts an admin client of this configuration. Must be called within a tokio runtime.
    pub async fn from_config(config: AdminConfig) -> Result<Self, Error> {
        Self::start(Env::system(), config)
    }

    fn start(env: Env, config: AdminConfig) -> Result<Self, Error> {
        Ok(Self { client: Client::start(env, config.common)? })
    }

    /// Closes all connections. Calls under way end with an error of kind `Closed`. Returns within `timeout`; today at once.
    #[allow(clippy::unused_async)] // Closed as producers and consumers are.
    pub async fn close(&self, _timeout: Duration) {
        self.client.close();
    }

    /// The deadline of a call that starts now.
    fn deadline(&self, timeout: Option<Duration>) -> Instant {
        let timeout = timeout.unwrap_or(self.client.config().default_api_timeout);
        self.client.env().now() + timeout.min(LONGEST_WAIT)
    }

    /// What is left until `deadline`, for a request that tells the broker how long it may take.
    fn remaining_ms(&self, deadline: Instant) -> i32 {
        let left = deadline.saturating_duration_since(self.client.env().now());
        i32::try_from(left.min(self.client.config().request_timeout).as_millis()).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests;
