//! DeleteGroups, versions 0 to 2: forget groups nobody is in, and what they committed.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::messages::DeleteGroupsRequest;
use ottla_wire::messages::delete_groups_response::{DeletableGroupResult, DeleteGroupsResponse};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Deletes group by group; one that is named twice is deleted once.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    request: DeleteGroupsRequest,
) -> DeleteGroupsResponse {
    let mut seen = BTreeSet::new();
    let mut results = Vec::with_capacity(request.groups_names.len());
    for group_id in request.groups_names {
        let name: Arc<str> = Arc::from(group_id.as_str());
        if !seen.insert(name.clone()) {
            continue;
        }
        let code = broker.groups.delete(&name).await;
        results.push(DeletableGroupResult::default().with_group_id(group_id).with_error_code(code.0));
    }
    DeleteGroupsResponse::default().with_results(results)
}
