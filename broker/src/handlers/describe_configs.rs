//! DescribeConfigs, versions 1 to 4: effective values of topics, brokers and groups, and where each comes from.
//!
//! 1 tells synonyms; 3 types and documentation, of which there is none.

use crate::config::parse::{ConfigType, ConfigValue};
use crate::config::{self, BROKER_KEYS, BrokerConfig, ConfigKey, GROUP_KEYS, TOPIC_KEYS, topic};
use crate::context::BrokerContext;
use crate::metadata::MetadataImage;
use crate::metadata::image::{BROKER_RESOURCE, GROUP_RESOURCE, TOPIC_RESOURCE};
use crate::server::RequestContext;
use imbl::OrdMap;
use ottla_wire::ErrorCode;
use ottla_wire::messages::describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource};
use ottla_wire::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResponse, DescribeConfigsResult, DescribeConfigsSynonym,
};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;

/// Kafka's numbers for where a value comes from.
const DYNAMIC_TOPIC: i8 = 1;
const DYNAMIC_BROKER: i8 = 2;
const DYNAMIC_DEFAULT_BROKER: i8 = 3;
const STATIC_BROKER: i8 = 4;
const DEFAULT: i8 = 5;
const DYNAMIC_GROUP: i8 = 8;

type Layer = OrdMap<Arc<str>, Arc<str>>;
type Refusal = (ErrorCode, String);

/// One value a key could have, and from where.
pub(super) struct Synonym {
    name: &'static str,
    pub(super) value: ConfigValue,
    pub(super) source: i8,
}

/// What a description is made from.
pub(super) struct Sources<'a> {
    file: &'a BrokerConfig,
    all_brokers: Layer,
    this_broker: Layer,
    /// What was set on the resource itself.
    pub(super) own: Layer,
}

/// Describes each resource by itself.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let image = broker.metadata.snapshot();
    let results = request.resources.iter().map(|resource| {
        let result = DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        match describe(broker, &image, resource, request.include_synonyms) {
            Ok(configs) => result.with_error_message(None).with_configs(configs),
            Err((code, message)) => {
                result.with_error_code(code.0).with_error_message(Some(StrBytes::from_string(message)))
            }
        }
    });
    DescribeConfigsResponse::default().with_results(results.collect())
}

fn describe(
    broker: &BrokerContext,
    image: &MetadataImage,
    resource: &DescribeConfigsResource,
    include_synonyms: bool,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    let name: &str = &resource.resource_name;
    let mut sources = Sources::of(broker, image);
    sources.own = layer(image, resource.resource_type, name);
    let wanted = |key: &str| {
        resource
            .configuration_keys
            .as_ref()
            .is_none_or(|wanted| wanted.iter().any(|wanted| wanted.as_str() == key))
    };
    let rows: Vec<(&'static ConfigKey, Vec<Synonym>)> = match resource.resource_type {
        TOPIC_RESOURCE => {
            if image.topic(name).is_none() {
                return Err((
                    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                    ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.message().to_owned(),
                ));
            }
            TOPIC_KEYS
                .values()
                .filter(|key| wanted(key.name))
                .map(|key| (key, sources.of_topic(key)))
                .collect()
        }
        BROKER_RESOURCE => {
            if !name.is_empty() && name.parse() != Ok(broker.node_id) {
                let problem = format!(
                    "Unexpected broker id, expected {} or empty string, but received {name}",
                    broker.node_id
                );
                return Err((ErrorCode::INVALID_REQUEST, problem));
            }
            let rows = BROKER_KEYS.values().filter(|key| wanted(key.name));
            // Without a broker, only what was set for all of them is told.
            let rows = rows.filter(|key| !name.is_empty() || sources.all_brokers.contains_key(key.name));
            rows.map(|key| (key, sources.of_broker(key, !name.is_empty()))).collect()
        }
        GROUP_RESOURCE if !name.is_empty() => GROUP_KEYS
            .values()
            .filter(|key| wanted(key.name))
            .map(|key| (key, sources.of_group(key)))
            .collect(),
        kind => {
            return Err((
                ErrorCode::INVALID_REQUEST,
                format!("There are no configs of resource type {kind}."),
            ));
        }
    };
    let read_only = |key: &ConfigKey| {
        resource.resource_type == BROKER_RESOURCE && config::check_dynamic(key.name, None).is_err()
    };
    Ok(rows
        .into_iter()
        .map(|(key, synonyms)| row(key, &synonyms, read_only(key), include_synonyms))
        .collect())
}

fn layer(image: &MetadataImage, kind: i8, name: &str) -> Layer {
    image.configs.get(&(kind, Arc::from(name))).cloned().unwrap_or_default()
}

impl<'a> Sources<'a> {
    /// What holds for every resource of this broker.
    pub(super) fn of(broker: &'a BrokerContext, image: &MetadataImage) -> Self {
        Self {
            file: &broker.config,
            all_brokers: layer(image, BROKER_RESOURCE, ""),
            this_broker: layer(image, BROKER_RESOURCE, &broker.node_id.to_string()),
            own: Layer::new(),
        }
    }

    /// A topic key's possible values, the effective one first.
    pub(super) fn of_topic(&self, key: &'static ConfigKey) -> Vec<Synonym> {
        let mut synonyms = Vec::new();
        if let Some(value) = self.own.get(key.name).and_then(|text| config::parse(key, text).ok()) {
            synonyms.push(Synonym { name: key.name, value, source: DYNAMIC_TOPIC });
        }
        for name in &key.broker_synonyms {
            let Some(broker_key) = BROKER_KEYS.get(name) else { continue };
            synonyms.extend(self.of_broker(broker_key, true).into_iter().filter_map(|mut synonym| {
                synonym.value = topic::in_topic_units(key, synonym.name, synonym.value)?;
                (synonym.source != DEFAULT).then_some(synonym)
            }));
        }
        let name = key.broker_synonyms.first().copied().unwrap_or(key.name);
        synonyms.push(Synonym { name, value: config::default_value(key), source: DEFAULT });
        synonyms
    }

    fn of_broker(&self, key: &'static ConfigKey, with_own: bool) -> Vec<Synonym> {
        let mut synonyms = Vec::new();
        let mut push = |value, source| synonyms.push(Synonym { name: key.name, value, source });
        let dynamic = |layer: &Layer| layer.get(key.name).and_then(|text| config::parse(key, text).ok());
        if with_own && let Some(value) = dynamic(&self.this_broker) {
            push(value, DYNAMIC_BROKER);
        }
        if let Some(value) = dynamic(&self.all_brokers) {
            push(value, DYNAMIC_DEFAULT_BROKER);
        }
        if self.file.is_explicit(key.name) {
            push(self.file.value(key.name), STATIC_BROKER);
        }
        push(config::default_value(key), DEFAULT);
        synonyms
    }

    fn of_group(&self, key: &'static ConfigKey) -> Vec<Synonym> {
        let own = self.own.get(key.name).and_then(|text| config::parse(key, text).ok());
        let own = own.map(|value| Synonym { name: key.name, value, source: DYNAMIC_GROUP });
        own.into_iter()
            .chain([Synonym { name: key.name, value: config::default_value(key), source: DEFAULT }])
            .collect()
    }
}

fn row(
    key: &'static ConfigKey,
    synonyms: &[Synonym],
    read_only: bool,
    include_synonyms: bool,
) -> DescribeConfigsResourceResult {
    let text = |value: &ConfigValue| value.shown().map(StrBytes::from_string);
    let is_sensitive = key.config_type == ConfigType::Password;
    let mut result = DescribeConfigsResourceResult::default()
        .with_name(StrBytes::from_static_str(key.name))
        .with_read_only(read_only)
        .with_is_sensitive(is_sensitive)
        .with_config_type(type_number(key.config_type))
        .with_documentation(None);
    if let Some(effective) = synonyms.first() {
        result = result.with_value(text(&effective.value)).with_config_source(effective.source);
    }
    if include_synonyms {
        let listed = synonyms.iter().map(|synonym| {
            DescribeConfigsSynonym::default()
                .with_name(StrBytes::from_static_str(synonym.name))
                .with_value(text(&synonym.value))
                .with_source(synonym.source)
        });
        result = result.with_synonyms(listed.collect());
    }
    result
}

fn type_number(config_type: ConfigType) -> i8 {
    match config_type {
        ConfigType::Boolean => 1,
        ConfigType::String => 2,
        ConfigType::Int => 3,
        ConfigType::Short => 4,
        ConfigType::Long => 5,
        ConfigType::Double => 6,
        ConfigType::List => 7,
        ConfigType::Class => 8,
        ConfigType::Password => 9,
    }
}
