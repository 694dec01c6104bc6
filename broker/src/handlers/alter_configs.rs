//! AlterConfigs, versions 0 to 2: a resource's configuration is replaced whole.

use super::incremental_alter_configs::{change_all, text};
use crate::context::BrokerContext;
use crate::controller::{ConfigChange, ConfigOperation, ConfigResource};
use crate::server::RequestContext;
use ottla_wire::messages::alter_configs_request::AlterConfigsRequest;
use ottla_wire::messages::alter_configs_response::{AlterConfigsResourceResponse, AlterConfigsResponse};
use std::sync::Arc;

/// Replaces each resource's configuration by itself.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: AlterConfigsRequest,
) -> AlterConfigsResponse {
    let changes = request.resources.iter().map(|resource| {
        let operations = resource.configs.iter().map(|config| match &config.value {
            Some(value) => (config.name.to_string(), ConfigOperation::Set(value.to_string())),
            None => (config.name.to_string(), ConfigOperation::Delete),
        });
        Ok(ConfigChange {
            resource: ConfigResource {
                kind: resource.resource_type,
                name: Arc::from(resource.resource_name.as_str()),
            },
            operations: operations.collect(),
            replace_all: true,
        })
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
    AlterConfigsResponse::default().with_responses(responses.collect())
}
