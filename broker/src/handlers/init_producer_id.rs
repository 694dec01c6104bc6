//! InitProducerId, versions 0 to 5: an id for an idempotent producer.
//!
//! 3 lets a producer name the id and epoch it had (KIP-360); without a transactional id it gets a new one either way, as
//! in Kafka. Left out: transactional ids, which need a transaction coordinator.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::{InitProducerIdRequest, InitProducerIdResponse, ProducerId};
use std::sync::Arc;

/// Gives out an id nobody has had.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    version: i16,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    match producer_id(broker, version, &request).await {
        Ok(id) => InitProducerIdResponse::default().with_producer_id(ProducerId(id)).with_producer_epoch(0),
        Err(code) => InitProducerIdResponse::default()
            .with_error_code(code.0)
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1),
    }
}

async fn producer_id(
    broker: &BrokerContext,
    version: i16,
    request: &InitProducerIdRequest,
) -> Result<i64, ErrorCode> {
    if let Some(transactional_id) = &request.transactional_id {
        if transactional_id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    }
    if version >= 3 && (request.producer_id.0 == -1) != (request.producer_epoch == -1) {
        return Err(ErrorCode::INVALID_REQUEST);
    }
    let mut block = broker.producer_ids.lock().await;
    if let Some(id) = block.next() {
        return Ok(id);
    }
    *block = broker.controller.allocate_producer_ids().await.map_err(|(code, _)| code)?;
    block.next().ok_or(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)
}
