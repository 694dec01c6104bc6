//! What bindings of other languages wrap: owned, without generics, and without panics that cross.
//!
//! Handles ([`Producer`], [`Consumer`]) own their clients and run on one runtime for the whole process. Whatever may wait is
//! an [`Operation`], which a host awaits in its own way: by blocking a thread of its own, or by being told. Records cross
//! borrowed, in blocks ([`crate::packed`]), or as batches that own their bytes; what becomes of them is told in ranges
//! ([`crate::producer::Reports`]); rebalances and log lines are values. Nothing here calls into the host except the wake-ups
//! it registered, which only say that there is something to look at.
//!
//! Holds no Kafka logic either: that is in the modules it wraps.

pub mod admin;
mod consumer;
mod error_json;
mod fork;
mod logging;
mod operation;
mod producer;
mod runtime;
#[cfg(test)]
mod tests;

pub use admin::Admin;
pub use consumer::Consumer;
pub use error_json::error_json;
pub use fork::{Guarded, generation};
pub use logging::{Level, LogLine, LogQueue, log_queue, set_log_level};
pub use operation::{Canceller, Operation};
pub use producer::Producer;
pub use runtime::{Runtime, runtime};
