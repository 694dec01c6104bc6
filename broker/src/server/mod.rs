//! Connections: accepted, read, answered in order, bounded in every direction.

pub(crate) mod connection;
mod connection_rate;
pub(crate) mod dispatch;
pub(crate) mod limits;
pub(crate) mod listener;
pub(crate) mod outbound;
mod outcome;
pub(crate) mod request_context;

pub(crate) use outbound::{FileSlice, Outbound};
pub(crate) use outcome::Outcome;
pub(crate) use request_context::RequestContext;
