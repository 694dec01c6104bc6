//! SaslHandshake (0 and 1) and SaslAuthenticate (0 to 2) on listeners that do not authenticate: both say so.

use crate::context::BrokerContext;
use crate::server::RequestContext;
use ottla_wire::ErrorCode;
use ottla_wire::messages::{
    SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse,
};
use ottla_wire::protocol::StrBytes;
use std::sync::Arc;

/// There is no mechanism to choose.
pub(crate) async fn handshake(
    _broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    _request: SaslHandshakeRequest,
) -> SaslHandshakeResponse {
    SaslHandshakeResponse::default().with_error_code(ErrorCode::ILLEGAL_SASL_STATE.0)
}

/// There is nothing to prove.
pub(crate) async fn authenticate(
    _broker: &Arc<BrokerContext>,
    _context: &RequestContext,
    _version: i16,
    _request: SaslAuthenticateRequest,
) -> SaslAuthenticateResponse {
    let message = "SaslAuthenticate request received on a listener without authentication";
    SaslAuthenticateResponse::default()
        .with_error_code(ErrorCode::ILLEGAL_SASL_STATE.0)
        .with_error_message(Some(StrBytes::from_static_str(message)))
}
