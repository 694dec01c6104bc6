//! Who asks: what a handler may know of the connection and the request at hand.

use ottla_wire::protocol::StrBytes;
use std::net::SocketAddr;
use std::sync::Arc;

/// One connection's identity, and the request it is on.
#[derive(Debug)]
pub(crate) struct RequestContext {
    /// The listener it came in by.
    pub(crate) listener: Arc<str>,
    /// This end's address.
    pub(crate) local: SocketAddr,
    /// The other end's address.
    pub(crate) peer: SocketAddr,
    /// Name and version of the client's software (KIP-511).
    pub(crate) software: Option<(Arc<str>, Arc<str>)>,
    /// What the client calls itself in this request.
    pub(crate) client_id: Option<Arc<str>>,
    /// The id its answer carries.
    pub(crate) correlation_id: i32,
}

impl RequestContext {
    /// The client id, empty when there is none.
    pub(crate) fn client_id_or_empty(&self) -> &str {
        self.client_id.as_deref().unwrap_or("")
    }

    /// Takes over the client id of a request. Clients keep one id, so that this copies once per connection and never
    /// holds on to a frame.
    pub(crate) fn set_client_id(&mut self, client_id: Option<&StrBytes>) {
        if self.client_id.as_deref() != client_id.map(StrBytes::as_str) {
            self.client_id = client_id.map(|client_id| Arc::from(client_id.as_str()));
        }
    }
}
