//! A Kafka client: batching producer, consumer groups, admin.

mod backoff;
mod client;
mod connection;
mod coordinator;
mod metadata;
#[cfg(test)]
mod testing;

pub mod admin;
pub mod config;
pub mod consumer;
pub mod error;
#[cfg(feature = "facade")]
pub mod facade;
pub mod group;
#[cfg(feature = "facade")]
pub mod packed;
pub mod producer;
pub mod record;

pub use error::{Error, ErrorKind};
pub use metadata::{Broker, ClusterSnapshot, NodeId, PartitionMetadata, TopicMetadata};
pub use ottla_wire::ErrorCode;
