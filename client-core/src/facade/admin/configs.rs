//! Configurations: describe, alter.

use super::common::{change, keyed, wrong_field};
use super::shape::{PerItem, given, operations, told, words};
use crate::admin::{
    Admin, AlterConfigOp as CoreOp, AlterConfigOpKind, ConfigEntry as CoreEntry,
    ConfigResource as CoreResource, ConfigResourceType as CoreType, ConfigSource as CoreSource,
    DescribeConfigsOptions,
};
use crate::error::Error;
use std::collections::BTreeMap;
use std::time::Duration;

words! {
    /// What a configuration belongs to.
    ConfigResourceType {
        /// A topic, by name.
        Topic = "TOPIC",
        /// A broker, by number; the empty name is all brokers' default.
        Broker = "BROKER",
        /// Log levels of a broker, by number.
        BrokerLogger = "BROKER_LOGGER",
        /// A client metrics subscription, by name.
        ClientMetrics = "CLIENT_METRICS",
        /// A group, by id.
        Group = "GROUP",
    }

    /// Where an option's value comes from.
    ConfigSource {
        /// Set on the topic.
        DynamicTopic = "DYNAMIC_TOPIC_CONFIG",
        /// Set on the broker while running.
        DynamicBroker = "DYNAMIC_BROKER_CONFIG",
        /// Set for all brokers while running.
        DynamicDefaultBroker = "DYNAMIC_DEFAULT_BROKER_CONFIG",
        /// From the broker's properties file.
        StaticBroker = "STATIC_BROKER_CONFIG",
        /// Kafka's default.
        Default = "DEFAULT_CONFIG",
        /// Log level set while running.
        DynamicBrokerLogger = "DYNAMIC_BROKER_LOGGER_CONFIG",
        /// Set on the client metrics subscription.
        DynamicClientMetrics = "DYNAMIC_CLIENT_METRICS_CONFIG",
        /// Set on the group.
        DynamicGroup = "DYNAMIC_GROUP_CONFIG",
        /// A source newer than this library, or not said.
        Unknown = "UNKNOWN",
    }

    /// What to do with an option.
    AlterConfigOpType {
        /// Set it.
        Set = "SET",
        /// Back to its default.
        Delete = "DELETE",
        /// Add to a list.
        Append = "APPEND",
        /// Take out of a list.
        Subtract = "SUBTRACT",
    }
}

given! {
    /// What a configuration belongs to, by name.
    ConfigResource {
        /// Its sort.
        resource_type: ConfigResourceType,
        /// Its name; a broker's is its number.
        name: String,
    }

    /// A change of one option.
    AlterConfigOp {
        /// The option.
        name: String,
        /// The value to set, to add or to take out; none with `DELETE`.
        value: Option<String> = "null",
        /// What to do.
        op: AlterConfigOpType = "\"SET\"",
    }

    /// Changes of one configuration.
    ConfigChanges {
        /// Whose.
        resource: ConfigResource,
        /// The changes; options not named here stay as they are.
        ops: Vec<AlterConfigOp>,
    }
}

told! {
    /// An option and its value.
    ConfigEntry {
        /// Its name.
        name: String,
        /// Its value; nothing when it is null or hidden.
        value: Option<String>,
        /// Where the value comes from.
        source: ConfigSource,
        /// Whether it cannot be altered.
        is_read_only: bool,
        /// Whether its value is a secret, which brokers hide.
        is_sensitive: bool,
        /// Values from other sources, the one that counts first; empty when not asked for.
        synonyms: Vec<ConfigSynonym>,
        /// What it means; nothing when not asked for.
        documentation: Option<String>,
    }

    /// A value an option has from a source.
    ConfigSynonym {
        /// Name of the option there.
        name: String,
        /// Its value; nothing when it is null or hidden.
        value: Option<String>,
        /// The source.
        source: ConfigSource,
    }
}

operations! {
    /// Describes configurations of topics, brokers and groups: their options by name.
    describe_configs: DescribeConfigs {
        /// Whose configurations.
        resources: Vec<ConfigResource>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
        /// Also values from other sources.
        include_synonyms: bool = "false",
        /// Also what each option means.
        include_documentation: bool = "false",
    } -> PerItem<ConfigResource, BTreeMap<String, ConfigEntry>>,
    errors "Per resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST for a broker that there is not, TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED.",
    source "DescribeConfigs (KIP-133, KIP-226, KIP-569)";

    /// Changes the named options and leaves the others as they are. Of each resource all changes are made, or none.
    incremental_alter_configs: IncrementalAlterConfigs {
        /// The configurations, each once, and their changes.
        changes: Vec<ConfigChanges>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
        /// Only check whether the changes would be accepted.
        validate_only: bool = "false",
    } -> PerItem<ConfigResource, ()>,
    errors "Per resource: INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Of the call: InvalidArgument for a resource named twice, for DELETE with a value, for anything else without one.",
    source "IncrementalAlterConfigs (KIP-339)";
}

async fn describe_configs(
    admin: Admin,
    given: DescribeConfigs,
) -> Result<PerItem<ConfigResource, BTreeMap<String, ConfigEntry>>, Error> {
    let options = DescribeConfigsOptions {
        timeout: given.timeout,
        include_synonyms: given.include_synonyms,
        include_documentation: given.include_documentation,
    };
    let results = admin.describe_configs(given.resources.into_iter().map(Into::into), options).await?;
    let entries = |entries: BTreeMap<String, CoreEntry>| {
        entries.into_iter().map(|(name, entry)| (name, entry.into())).collect()
    };
    Ok(PerItem::from(results, ConfigResource::from, entries))
}

async fn incremental_alter_configs(
    admin: Admin,
    given: IncrementalAlterConfigs,
) -> Result<PerItem<ConfigResource, ()>, Error> {
    let mut changes = Vec::with_capacity(given.changes.len());
    for (index, of_one) in given.changes.into_iter().enumerate() {
        let ops = of_one.ops.into_iter().enumerate().map(|(place, op)| read_op(op, index, place));
        changes.push((CoreResource::from(of_one.resource), ops.collect::<Result<Vec<_>, _>>()?));
    }
    let changes = keyed("incremental_alter_configs", "changes", changes)?;
    let results =
        admin.incremental_alter_configs(changes, change(given.timeout, given.validate_only)).await?;
    Ok(PerItem::from(results, ConfigResource::from, |()| ()))
}

fn read_op(op: AlterConfigOp, index: usize, place: usize) -> Result<CoreOp, Error> {
    let kind = match (op.op, op.value) {
        (AlterConfigOpType::Set, Some(value)) => AlterConfigOpKind::Set(value),
        (AlterConfigOpType::Append, Some(value)) => AlterConfigOpKind::Append(value),
        (AlterConfigOpType::Subtract, Some(value)) => AlterConfigOpKind::Subtract(value),
        (AlterConfigOpType::Delete, None) => AlterConfigOpKind::Delete,
        (_, value) => {
            let problem = if value.is_some() { "DELETE takes none" } else { "all but DELETE need one" };
            let field = format!("ops[{place}].value");
            return Err(wrong_field("incremental_alter_configs", "changes", index, &field, problem));
        }
    };
    Ok(CoreOp { name: op.name, kind })
}

impl From<ConfigResource> for CoreResource {
    fn from(resource: ConfigResource) -> Self {
        let resource_type = match resource.resource_type {
            ConfigResourceType::Topic => CoreType::Topic,
            ConfigResourceType::Broker => CoreType::Broker,
            ConfigResourceType::BrokerLogger => CoreType::BrokerLogger,
            ConfigResourceType::ClientMetrics => CoreType::ClientMetrics,
            ConfigResourceType::Group => CoreType::Group,
        };
        Self { resource_type, name: resource.name }
    }
}

impl From<CoreResource> for ConfigResource {
    fn from(resource: CoreResource) -> Self {
        let resource_type = match resource.resource_type {
            CoreType::Topic => ConfigResourceType::Topic,
            CoreType::Broker => ConfigResourceType::Broker,
            CoreType::BrokerLogger => ConfigResourceType::BrokerLogger,
            CoreType::ClientMetrics => ConfigResourceType::ClientMetrics,
            CoreType::Group => ConfigResourceType::Group,
        };
        Self { resource_type, name: resource.name }
    }
}

impl From<CoreSource> for ConfigSource {
    fn from(source: CoreSource) -> Self {
        match source {
            CoreSource::DynamicTopic => Self::DynamicTopic,
            CoreSource::DynamicBroker => Self::DynamicBroker,
            CoreSource::DynamicDefaultBroker => Self::DynamicDefaultBroker,
            CoreSource::StaticBroker => Self::StaticBroker,
            CoreSource::Default => Self::Default,
            CoreSource::DynamicBrokerLogger => Self::DynamicBrokerLogger,
            CoreSource::DynamicClientMetrics => Self::DynamicClientMetrics,
            CoreSource::DynamicGroup => Self::DynamicGroup,
            CoreSource::Unknown(_) => Self::Unknown,
        }
    }
}

impl From<CoreEntry> for ConfigEntry {
    fn from(entry: CoreEntry) -> Self {
        let synonyms = entry.synonyms.into_iter().map(|synonym| ConfigSynonym {
            name: synonym.name,
            value: synonym.value,
            source: synonym.source.into(),
        });
        Self {
            name: entry.name,
            value: entry.value,
            source: entry.source.into(),
            is_read_only: entry.is_read_only,
            is_sensitive: entry.is_sensitive,
            synonyms: synonyms.collect(),
            documentation: entry.documentation,
        }
    }
}
