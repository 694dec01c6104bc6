//! Configuration of topics, brokers and groups is changed.
//!
//! What may be changed at run time is what takes effect at run time: topic and group keys, and the broker keys Kafka calls
//! per-broker or cluster-wide. A read-only key belongs into the configuration file.

use super::{Controller, Draft, Refusal, refused};
use crate::config::{self, GROUP_KEYS, TOPIC_KEYS, topic};
use crate::metadata::MetadataRecord;
use crate::metadata::image::{BROKER_RESOURCE, GROUP_RESOURCE, TOPIC_RESOURCE};
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whose configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConfigResource {
    /// Kafka's number: 2 topic, 4 broker, 32 group.
    pub(crate) kind: i8,
    /// Its name; empty for all brokers at once.
    pub(crate) name: Arc<str>,
}

/// What happens to one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConfigOperation {
    /// It gets this value.
    Set(String),
    /// It goes back to its default.
    Delete,
    /// Items are added to its list.
    Append(String),
    /// Items are taken from its list.
    Subtract(String),
}

/// The changes of one resource.
#[derive(Clone, Debug)]
pub(crate) struct ConfigChange {
    pub(crate) resource: ConfigResource,
    pub(crate) operations: Vec<(String, ConfigOperation)>,
    /// Every key that is not named goes back to its default (the old AlterConfigs).
    pub(crate) replace_all: bool,
}

impl Controller {
    /// Changes each resource by itself, wholly or not at all.
    pub(crate) async fn alter_configs(
        &self,
        changes: Vec<ConfigChange>,
        validate_only: bool,
    ) -> Vec<Result<(), Refusal>> {
        let writer = self.writer.clone().lock_owned().await;
        let mut draft = self.draft();
        let mut results: Vec<Result<(), Refusal>> =
            changes.iter().map(|change| self.alter_resource(&mut draft, change)).collect();
        if !validate_only && let Err(error) = self.commit(writer, draft).await {
            let refusal = refused(error);
            results
                .iter_mut()
                .filter(|result| result.is_ok())
                .for_each(|result| *result = Err(refusal.clone()));
        }
        results
    }

    fn alter_resource(&self, draft: &mut Draft, change: &ConfigChange) -> Result<(), Refusal> {
        let resource = &change.resource;
        self.check_resource(draft, resource)?;
        let before =
            draft.image.configs.get(&(resource.kind, resource.name.clone())).cloned().unwrap_or_default();
        let mut after: BTreeMap<String, String> = if change.replace_all {
            BTreeMap::new()
        } else {
            before.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
        };
        for (name, operation) in &change.operations {
            match operation {
                ConfigOperation::Set(value) => {
                    after.insert(name.clone(), value.clone());
                }
                ConfigOperation::Delete => {
                    // A name nobody knows is a slip, not a key without a value.
                    check_value(resource, name, None)?;
                    after.remove(name);
                }
                ConfigOperation::Append(items) | ConfigOperation::Subtract(items) => {
                    if !is_list(resource, name) {
                        let problem = format!("Can't append or subtract: {name} is not a list.");
                        return Err((ErrorCode::INVALID_CONFIG, problem));
                    }
                    let current = after.get(name).cloned().or_else(|| self.default_text(resource, name));
                    let append = matches!(operation, ConfigOperation::Append(_));
                    after.insert(name.clone(), edit_list(current.as_deref().unwrap_or(""), items, append));
                }
            }
            if let Some(value) = after.get(name) {
                check_value(resource, name, Some(value))?;
            }
        }
        let removed =
            before.keys().filter(|name| !after.contains_key(&***name)).map(|name| (name.clone(), None));
        let set = after
            .iter()
            .filter(|(name, value)| before.get(name.as_str()).is_none_or(|old| **old != ***value));
        let set = set.map(|(name, value)| (Arc::from(name.as_str()), Some(Arc::from(value.as_str()))));
        for (name, value) in removed.chain(set).collect::<Vec<_>>() {
            draft.push(MetadataRecord::Config {
                resource_type: resource.kind,
                resource_name: resource.name.clone(),
                name,
                value,
            })?;
        }
        Ok(())
    }

    fn check_resource(&self, draft: &Draft, resource: &ConfigResource) -> Result<(), Refusal> {
        match resource.kind {
            TOPIC_RESOURCE if draft.image.topic(&resource.name).is_none() => {
                let problem = format!("The topic '{}' does not exist.", resource.name);
                Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, problem))
            }
            BROKER_RESOURCE if !resource.name.is_empty() => match resource.name.parse::<i32>() {
                Ok(node) if draft.image.brokers.contains_key(&node) => Ok(()),
                Ok(node) => {
                    Err((ErrorCode::BROKER_ID_NOT_REGISTERED, format!("No broker with id {node} found.")))
                }
                Err(_) => {
                    let problem = format!("Broker id must be an integer, but it is: {}", resource.name);
                    Err((ErrorCode::INVALID_REQUEST, problem))
                }
            },
            GROUP_RESOURCE if resource.name.is_empty() => {
                Err((ErrorCode::INVALID_REQUEST, "Default group resources are not allowed.".to_owned()))
            }
            TOPIC_RESOURCE | BROKER_RESOURCE | GROUP_RESOURCE => Ok(()),
            kind => {
                let problem = format!("This broker keeps no configuration for resources of type {kind}.");
                Err((ErrorCode::INVALID_REQUEST, problem))
            }
        }
    }

    /// What a list holds when nobody changed it.
    fn default_text(&self, resource: &ConfigResource, name: &str) -> Option<String> {
        match resource.kind {
            TOPIC_RESOURCE => topic::effective(&self.config, name, None).0.shown(),
            BROKER_RESOURCE => self.config.value(name).shown(),
            _ => GROUP_KEYS.get(name).and_then(|key| key.default).map(str::to_owned),
        }
    }
}

/// Refuses a name nobody knows, a value it cannot have, and what cannot change at run time.
fn check_value(resource: &ConfigResource, name: &str, value: Option<&str>) -> Result<(), Refusal> {
    let invalid = |problem: String| (ErrorCode::INVALID_CONFIG, problem);
    match resource.kind {
        TOPIC_RESOURCE if value.is_none() && TOPIC_KEYS.contains_key(name) => Ok(()),
        TOPIC_RESOURCE => {
            topic::check(name, value.unwrap_or("")).map(|_| ()).map_err(|error| invalid(error.problem))
        }
        GROUP_RESOURCE => {
            let key =
                GROUP_KEYS.get(name).ok_or_else(|| invalid(format!("Unknown group config name: {name}")))?;
            value.map_or(Ok(()), |value| {
                config::parse(key, value).map(|_| ()).map_err(|error| invalid(error.problem))
            })
        }
        _ => config::check_dynamic(name, value).map_err(|error| invalid(error.problem)),
    }
}

fn is_list(resource: &ConfigResource, name: &str) -> bool {
    let key = match resource.kind {
        TOPIC_RESOURCE => TOPIC_KEYS.get(name),
        GROUP_RESOURCE => GROUP_KEYS.get(name),
        _ => config::BROKER_KEYS.get(name),
    };
    key.is_some_and(config::ConfigKey::is_list)
}

/// Adds items that are not there yet, or takes out those that are.
fn edit_list(current: &str, items: &str, append: bool) -> String {
    let split = |text: &str| -> Vec<String> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    let (mut list, items) = (split(current), split(items));
    if append {
        for item in items {
            if !list.contains(&item) {
                list.push(item);
            }
        }
    } else {
        list.retain(|item| !items.contains(item));
    }
    list.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_edited_without_doubles() {
        assert_eq!(edit_list("delete", "compact,delete", true), "delete,compact");
        assert_eq!(edit_list("delete,compact", "delete", false), "compact");
        assert_eq!(edit_list("", "compact", true), "compact");
    }
}
