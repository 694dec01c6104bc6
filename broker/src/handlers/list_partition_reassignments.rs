//! ListPartitionReassignments, version 0: which partitions are on the move. On one node, none ever is.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::messages::{ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse};
use std::sync::Arc;

/// An empty list: replicas have nowhere to move to.
pub(crate) async fn handle(
    _broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    _request: ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    ListPartitionReassignmentsResponse::default().with_error_message(None)
}
