//! DescribeAcls, versions 1 to 3: as in Kafka without an authorizer, security is said to be off.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::{DescribeAclsRequest, DescribeAclsResponse};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;

/// Refuses with SECURITY_DISABLED.
pub(crate) async fn handle(
    _broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    _request: DescribeAclsRequest,
) -> DescribeAclsResponse {
    DescribeAclsResponse::default()
        .with_error_code(ErrorCode::SECURITY_DISABLED.0)
        .with_error_message(Some(StrBytes::from_static_str("No Authorizer is configured.")))
}
