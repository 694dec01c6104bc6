//! ListConfigResources, versions 0 and 1: which resources have a configuration of their own.
//!
//! 0 asks for client metrics only, of which there are none; 1 names the types wanted.

use crate::context::BrokerContext;
use crate::metadata::image::{BROKER_RESOURCE, GROUP_RESOURCE, TOPIC_RESOURCE};
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::list_config_resources_response::ConfigResource;
use ottla_wire::messages::{ListConfigResourcesRequest, ListConfigResourcesResponse};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Kafka's types that may be listed: topics, brokers, loggers, client metrics, groups.
const LISTABLE: [i8; 5] = [TOPIC_RESOURCE, BROKER_RESOURCE, 8, 16, GROUP_RESOURCE];

/// Lists resources of the types asked for, or of all types.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    if version == 0 {
        return ListConfigResourcesResponse::default();
    }
    if request.resource_types.iter().any(|kind| !LISTABLE.contains(kind)) {
        return ListConfigResourcesResponse::default().with_error_code(ErrorCode::UNSUPPORTED_VERSION.0);
    }
    let wanted = |kind: i8| request.resource_types.is_empty() || request.resource_types.contains(&kind);
    let image = broker.metadata.snapshot();
    let mut listed: BTreeSet<(i8, String)> = BTreeSet::new();
    if wanted(TOPIC_RESOURCE) {
        listed.extend(image.topics.keys().map(|name| (TOPIC_RESOURCE, name.to_string())));
    }
    for kind in [BROKER_RESOURCE, 8].into_iter().filter(|kind| wanted(*kind)) {
        listed.extend(image.brokers.keys().map(|id| (kind, id.to_string())));
    }
    if wanted(GROUP_RESOURCE) {
        let groups = image.configs.keys().filter(|(kind, _)| *kind == GROUP_RESOURCE);
        listed.extend(groups.map(|(kind, name)| (*kind, name.to_string())));
    }
    let resources = listed.into_iter().map(|(kind, name)| {
        ConfigResource::default().with_resource_type(kind).with_resource_name(StrBytes::from_string(name))
    });
    ListConfigResourcesResponse::default().with_config_resources(resources.collect())
}
