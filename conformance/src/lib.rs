//! Judges any Kafka broker and any Kafka client.
//!
//! Cases are data (`cases/`): each is a claim about behaviour with its level and source. The runner starts or reaches a
//! broker ([`kafka`], targets), tells client programs what to do through the driver protocol (`PROTOCOL.md`), talks raw
//! frames itself, and compares what happened with what the case expects. It links nothing of the clients and brokers it
//! judges but the wire format.

pub mod assets;
mod connection;
mod error;
pub mod kafka;
pub mod process;
pub mod setup;

pub use error::Error;
