//! The reference Kafka broker of Ottla: a library and a server.
//!
//! [`Broker::start`] embeds a broker; [`BrokerConfig`] takes Kafka's own property names.

mod broker;
mod config;
mod context;
mod controller;
mod coordinator;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod handlers;
mod limits;
mod log;
mod metadata;
mod quorum;
pub mod reference;
mod replication;
mod server;
mod storage;

pub use broker::{Broker, StartError, StopError};
pub use config::{BrokerConfig, ConfigError};
pub use limits::{Limit, LimitHits};
