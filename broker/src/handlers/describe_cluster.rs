//! DescribeCluster, versions 0 to 2: the brokers and the controller.
//!
//! 1 says which kind of endpoint is meant; 2 tells fenced brokers too.

use super::authorized_operations;
use super::metadata::host_for;
use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::describe_cluster_response::{DescribeClusterBroker, DescribeClusterResponse};
use ottla_wire::messages::{BrokerId, DescribeClusterRequest};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;

/// Endpoint type of brokers.
const BROKERS: i8 = 1;

/// Describes what this broker knows of the cluster.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    version: i16,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    if version >= 1 && request.endpoint_type != BROKERS {
        let (code, message) = if request.endpoint_type == 2 {
            (ErrorCode::MISMATCHED_ENDPOINT_TYPE, "The request was sent to an endpoint of type BROKER")
        } else {
            (ErrorCode::UNSUPPORTED_ENDPOINT_TYPE, "Unsupported endpoint type")
        };
        return DescribeClusterResponse::default()
            .with_error_code(code.0)
            .with_error_message(Some(StrBytes::from_static_str(message)));
    }
    let image = broker.metadata.snapshot();
    let with_fenced = version >= 2 && request.include_fenced_brokers;
    let brokers = image.brokers.values().filter(|broker| with_fenced || !broker.fenced);
    let brokers = brokers.filter_map(|broker| {
        let (host, port) = host_for(broker, context)?;
        Some(
            DescribeClusterBroker::default()
                .with_broker_id(BrokerId(broker.node_id))
                .with_host(StrBytes::from_string(host))
                .with_port(port)
                .with_rack(broker.rack.as_deref().map(|rack| StrBytes::from_string(rack.to_owned())))
                .with_is_fenced(broker.fenced),
        )
    });
    let operations = if request.include_cluster_authorized_operations {
        authorized_operations::CLUSTER
    } else {
        authorized_operations::UNKNOWN
    };
    DescribeClusterResponse::default()
        .with_cluster_id(StrBytes::from_string(image.cluster_id.to_string()))
        .with_controller_id(BrokerId(image.controller_id))
        .with_brokers(brokers.collect())
        .with_cluster_authorized_operations(operations)
}
