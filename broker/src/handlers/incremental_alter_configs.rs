//! IncrementalAlterConfigs, versions 0 and 1: single values are set, taken back, added to or taken from.

use crate::context::BrokerContext;
use crate::controller::{ConfigChange, ConfigOperation, ConfigResource};
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, IncrementalAlterConfigsRequest,
};
use ottla_wire::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse, IncrementalAlterConfigsResponse,
};
use ottla_wire::protocol::StrBytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Refusal = (ErrorCode, String);

/// Changes each resource by itself, wholly or not at all.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let mut times: BTreeMap<(i8, &str), usize> = BTreeMap::new();
    for resource in &request.resources {
        *times.entry((resource.resource_type, &resource.resource_name)).or_default() += 1;
    }
    let changes = request.resources.iter().map(|resource| {
        if times[&(resource.resource_type, resource.resource_name.as_str())] > 1 {
            return Err((ErrorCode::INVALID_REQUEST, "Each resource must appear at most once.".to_owned()));
        }
        change(resource)
    });
    let outcomes = change_all(broker, changes.collect(), request.validate_only).await;
    let responses = request.resources.iter().zip(outcomes).map(|(resource, outcome)| {
        let (code, message) = text(outcome);
        AlterConfigsResourceResponse::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone())
            .with_error_code(code)
            .with_error_message(message)
    });
    IncrementalAlterConfigsResponse::default().with_responses(responses.collect())
}

fn change(resource: &AlterConfigsResource) -> Result<ConfigChange, Refusal> {
    let invalid = |problem: String| (ErrorCode::INVALID_REQUEST, problem);
    let mut named = BTreeSet::new();
    let mut operations = Vec::with_capacity(resource.configs.len());
    for config in &resource.configs {
        if !named.insert(config.name.as_str()) {
            return Err(invalid(format!("Error due to duplicate config keys: {}", config.name.as_str())));
        }
        let value = config.value.as_ref().map(|value| value.to_string());
        let operation = match (config.config_operation, value) {
            (1, _) => ConfigOperation::Delete,
            (_, None) => {
                return Err(invalid(format!("Null value not supported for : {}", config.name.as_str())));
            }
            (0, Some(value)) => ConfigOperation::Set(value),
            (2, Some(value)) => ConfigOperation::Append(value),
            (3, Some(value)) => ConfigOperation::Subtract(value),
            (other, Some(_)) => return Err(invalid(format!("Unknown operation type {other}"))),
        };
        operations.push((config.name.to_string(), operation));
    }
    let resource =
        ConfigResource { kind: resource.resource_type, name: Arc::from(resource.resource_name.as_str()) };
    Ok(ConfigChange { resource, operations, replace_all: false })
}

/// Asks the controller for the changes that can be asked for; the outcomes stand in the order of `changes`.
pub(super) async fn change_all(
    broker: &BrokerContext,
    changes: Vec<Result<ConfigChange, Refusal>>,
    validate_only: bool,
) -> Vec<Result<(), Refusal>> {
    let good = changes.iter().filter_map(|change| change.as_ref().ok().cloned()).collect();
    let mut outcomes = broker.controller.alter_configs(good, validate_only).await.into_iter();
    changes.into_iter().map(|change| change.and_then(|_| outcomes.next().unwrap_or(Ok(())))).collect()
}

/// An outcome as a response says it.
pub(super) fn text(outcome: Result<(), Refusal>) -> (i16, Option<StrBytes>) {
    match outcome {
        Ok(()) => (ErrorCode::NONE.0, None),
        Err((code, message)) => (code.0, Some(StrBytes::from_string(message))),
    }
}
