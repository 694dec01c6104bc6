//! DescribeClientQuotas, versions 0 and 1: which quotas are set. None can be set yet, so there are none.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::messages::{DescribeClientQuotasRequest, DescribeClientQuotasResponse};
use std::sync::Arc;

/// An empty list.
pub(crate) async fn handle(
    _broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    _request: DescribeClientQuotasRequest,
) -> DescribeClientQuotasResponse {
    DescribeClientQuotasResponse::default().with_error_message(None).with_entries(Some(Vec::new()))
}
