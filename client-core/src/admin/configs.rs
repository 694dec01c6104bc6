//! Configurations of topics, brokers and groups: describe, alter.

use super::fan_out::{Results, Route, fan_out};
use super::wire_types::{check, final_if_missing, text};
use super::{Admin, ChangeOptions};
use crate::error::Error;
use crate::metadata::NodeId;
use ottla_wire::messages::describe_configs_request::DescribeConfigsResource;
use ottla_wire::messages::describe_configs_response::DescribeConfigsResourceResult;
use ottla_wire::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use ottla_wire::messages::{
    AlterConfigsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest, alter_configs_request,
};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

const DESCRIBE: &str = "describe configs";
const ALTER: &str = "alter configs";

/// What a configuration belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigResourceType {
    /// A topic, by name.
    Topic,
    /// A broker, by number; the empty name is all brokers' default.
    Broker,
    /// Log levels of a broker, by number.
    BrokerLogger,
    /// A client metrics subscription, by name.
    ClientMetrics,
    /// A group, by id.
    Group,
}

impl ConfigResourceType {
    fn code(self) -> i8 {
        match self {
            Self::Topic => 2,
            Self::Broker => 4,
            Self::BrokerLogger => 8,
            Self::ClientMetrics => 16,
            Self::Group => 32,
        }
    }

    fn from_code(code: i8) -> Option<Self> {
        [Self::Topic, Self::Broker, Self::BrokerLogger, Self::ClientMetrics, Self::Group]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// What a configuration belongs to, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// Its sort.
    pub resource_type: ConfigResourceType,
    /// Its name.
    pub name: String,
}

impl ConfigResource {
    /// A topic's configuration.
    pub fn topic(name: impl Into<String>) -> Self {
        Self { resource_type: ConfigResourceType::Topic, name: name.into() }
    }

    /// A broker's configuration.
    pub fn broker(id: NodeId) -> Self {
        Self { resource_type: ConfigResourceType::Broker, name: id.to_string() }
    }

    /// The default of all brokers.
    pub fn broker_default() -> Self {
        Self { resource_type: ConfigResourceType::Broker, name: String::new() }
    }

    /// A group's configuration.
    pub fn group(id: impl Into<String>) -> Self {
        Self { resource_type: ConfigResourceType::Group, name: id.into() }
    }

    /// A broker answers for itself only; anyone answers for the rest.
    fn route(&self) -> Route {
        match self.resource_type {
            ConfigResourceType::Broker | ConfigResourceType::BrokerLogger => {
                self.name.parse().map_or(Route::AnyBroker, |id| Route::Node(NodeId(id)))
            }
            _ => Route::AnyBroker,
        }
    }
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.resource_type, self.name)
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// Set on the topic.
    DynamicTopic,
    /// Set on the broker while running.
    DynamicBroker,
    /// Set for all brokers while running.
    DynamicDefaultBroker,
    /// From the broker's properties file.
    StaticBroker,
    /// Kafka's default.
    Default,
    /// Log level set while running.
    DynamicBrokerLogger,
    /// Set on the client metrics subscription.
    DynamicClientMetrics,
    /// Set on the group.
    DynamicGroup,
    /// A source newer than this library.
    Unknown(i8),
}

impl ConfigSource {
    fn from_code(code: i8) -> Self {
        match code {
            1 => Self::DynamicTopic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicDefaultBroker,
            4 => Self::StaticBroker,
            5 => Self::Default,
            6 => Self::DynamicBrokerLogger,
            7 => Self::DynamicClientMetrics,
            8 => Self::DynamicGroup,
            other => Self::Unknown(other),
        }
    }
}

/// A value an option would have from another source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSynonym {
    /// Name of the option there.
    pub name: String,
    /// Value; `None` when null or hidden.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: ConfigSource,
}

/// An option and its value.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// Its name.
    pub name: String,
    /// Its value; `None` when null or hidden.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether it cannot be altered.
    pub is_read_only: bool,
    /// Whether its value is a secret.
    pub is_sensitive: bool,
    /// Values from other sources, when asked for.
    pub synonyms: Vec<ConfigSynonym>,
    /// What it means, when asked for.
    pub documentation: Option<String>,
}

impl fmt::Debug for ConfigEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: &dyn fmt::Debug = if self.is_sensitive { &"[hidden]" } else { &self.value };
        f.debug_struct("ConfigEntry")
            .field("name", &self.name)
            .field("value", value)
            .field("source", &self.source)
            .field("is_read_only", &self.is_read_only)
            .finish_non_exhaustive()
    }
}

/// Options of [`Admin::describe_configs`].
#[derive(Clone, Debug, Default)]
pub struct DescribeConfigsOptions {
    /// How long the call may take; `default.api.timeout.ms` if `None`.
    pub timeout: Option<Duration>,
    /// Also values from other sources.
    pub include_synonyms: bool,
    /// Also what each option means.
    pub include_documentation: bool,
}

/// What to do with an option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AlterConfigOpKind {
    /// Set it.
    Set(String),
    /// Back to its default.
    Delete,
    /// Add to a list.
    Append(String),
    /// Take out of a list.
    Subtract(String),
}

/// A change of one option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlterConfigOp {
    /// The option.
    pub name: String,
    /// The change.
    pub kind: AlterConfigOpKind,
}

impl AlterConfigOp {
    /// Sets an option.
    pub fn set(name: impl Into<String>, value: impl ToString) -> Self {
        Self { name: name.into(), kind: AlterConfigOpKind::Set(value.to_string()) }
    }

    /// Returns an option to its default.
    pub fn delete(name: impl Into<String>) -> Self {
        Self { name: name.into(), kind: AlterConfigOpKind::Delete }
    }
}

impl Admin {
    /// Describes configurations, options by name.
    pub async fn describe_configs(
        &self,
        resources: impl IntoIterator<Item = ConfigResource>,
        options: DescribeConfigsOptions,
    ) -> Result<Results<ConfigResource, BTreeMap<String, ConfigEntry>>, Error> {
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            DESCRIBE,
            resources,
            ConfigResource::route,
            deadline,
            |target, resources| async move {
                let rows = resources
                    .iter()
                    .map(|resource| {
                        DescribeConfigsResource::default()
                            .with_resource_type(resource.resource_type.code())
                            .with_resource_name(text(&resource.name))
                            .with_configuration_keys(None)
                    })
                    .collect();
                let response = self
                    .client
                    .call(
                        target,
                        1..=4,
                        |version| {
                            DescribeConfigsRequest::default()
                                .with_resources(rows)
                                .with_include_synonyms(options.include_synonyms)
                                .with_include_documentation(options.include_documentation && version >= 3)
                        },
                        deadline,
                    )
                    .await?;
                Ok(response
                    .results
                    .into_iter()
                    .filter_map(|row| {
                        let resource = read_resource(row.resource_type, &row.resource_name)?;
                        let result = check(row.error_code, row.error_message.as_ref(), DESCRIBE)
                            .map_err(|error| final_if_missing(error.with_context("resource", &resource)))
                            .map(|()| row.configs.iter().map(entry).collect());
                        Some((resource, result))
                    })
                    .collect())
            },
        )
        .await)
    }

    /// Changes the named options and leaves the others as they are.
    pub async fn incremental_alter_configs(
        &self,
        changes: impl IntoIterator<Item = (ConfigResource, Vec<AlterConfigOp>)>,
        options: ChangeOptions,
    ) -> Result<Results<ConfigResource, ()>, Error> {
        let changes: BTreeMap<_, _> = changes.into_iter().collect();
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            ALTER,
            changes.keys().cloned(),
            ConfigResource::route,
            deadline,
            |target, resources| {
                let rows: Vec<_> = resources
                    .iter()
                    .filter_map(|resource| changes.get(resource).map(|ops| incremental(resource, ops)))
                    .collect();
                async move {
                    let response = self
                        .client
                        .call(
                            target,
                            0..=1,
                            |_| {
                                IncrementalAlterConfigsRequest::default()
                                    .with_resources(rows)
                                    .with_validate_only(options.validate_only)
                            },
                            deadline,
                        )
                        .await?;
                    Ok(response
                        .responses
                        .into_iter()
                        .filter_map(|row| {
                            let resource = read_resource(row.resource_type, &row.resource_name)?;
                            let result = check(row.error_code, row.error_message.as_ref(), ALTER)
                                .map_err(|error| final_if_missing(error.with_context("resource", &resource)));
                            Some((resource, result))
                        })
                        .collect())
                }
            },
        )
        .await)
    }

    /// Replaces whole configurations: options not named return to their defaults. For brokers that lack
    /// [`Self::incremental_alter_configs`], which is to be preferred.
    pub async fn alter_configs(
        &self,
        configs: impl IntoIterator<Item = (ConfigResource, BTreeMap<String, String>)>,
        options: ChangeOptions,
    ) -> Result<Results<ConfigResource, ()>, Error> {
        let configs: BTreeMap<_, _> = configs.into_iter().collect();
        let deadline = self.deadline(options.timeout);
        Ok(fan_out(
            &self.client,
            ALTER,
            configs.keys().cloned(),
            ConfigResource::route,
            deadline,
            |target, resources| {
                let rows: Vec<_> = resources
                    .iter()
                    .filter_map(|resource| configs.get(resource).map(|values| replacement(resource, values)))
                    .collect();
                async move {
                    let response = self
                        .client
                        .call(
                            target,
                            0..=2,
                            |_| {
                                AlterConfigsRequest::default()
                                    .with_resources(rows)
                                    .with_validate_only(options.validate_only)
                            },
                            deadline,
                        )
                        .await?;
                    Ok(response
                        .responses
                        .into_iter()
                        .filter_map(|row| {
                            let resource = read_resource(row.resource_type, &row.resource_name)?;
                            let result = check(row.error_code, row.error_message.as_ref(), ALTER)
                                .map_err(|error| final_if_missing(error.with_context("resource", &resource)));
                            Some((resource, result))
                        })
                        .collect())
                }
            },
        )
        .await)
    }
}

fn read_resource(code: i8, name: &str) -> Option<ConfigResource> {
    Some(ConfigResource { resource_type: ConfigResourceType::from_code(code)?, name: name.to_owned() })
}

fn entry(row: &DescribeConfigsResourceResult) -> (String, ConfigEntry) {
    let name = row.name.to_string();
    let entry = ConfigEntry {
        name: name.clone(),
        value: row.value.as_ref().map(ToString::to_string),
        source: ConfigSource::from_code(row.config_source),
        is_read_only: row.read_only,
        is_sensitive: row.is_sensitive,
        synonyms: row
            .synonyms
            .iter()
            .map(|synonym| ConfigSynonym {
                name: synonym.name.to_string(),
                value: synonym.value.as_ref().map(ToString::to_string),
                source: ConfigSource::from_code(synonym.source),
            })
            .collect(),
        documentation: row.documentation.as_ref().map(ToString::to_string),
    };
    (name, entry)
}

fn incremental(resource: &ConfigResource, ops: &[AlterConfigOp]) -> AlterConfigsResource {
    let configs = ops
        .iter()
        .map(|op| {
            let (code, value) = match &op.kind {
                AlterConfigOpKind::Set(value) => (0, Some(value)),
                AlterConfigOpKind::Delete => (1, None),
                AlterConfigOpKind::Append(value) => (2, Some(value)),
                AlterConfigOpKind::Subtract(value) => (3, Some(value)),
            };
            AlterableConfig::default()
                .with_name(text(&op.name))
                .with_config_operation(code)
                .with_value(value.map(|value| text(value)))
        })
        .collect();
    AlterConfigsResource::default()
        .with_resource_type(resource.resource_type.code())
        .with_resource_name(text(&resource.name))
        .with_configs(configs)
}

fn replacement(
    resource: &ConfigResource,
    values: &BTreeMap<String, String>,
) -> alter_configs_request::AlterConfigsResource {
    let configs = values
        .iter()
        .map(|(name, value)| {
            alter_configs_request::AlterableConfig::default()
                .with_name(text(name))
                .with_value(Some(text(value)))
        })
        .collect();
    alter_configs_request::AlterConfigsResource::default()
        .with_resource_type(resource.resource_type.code())
        .with_resource_name(text(&resource.name))
        .with_configs(configs)
}
