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
pub mod group;
pub mod producer;
pub mod record;

pub use error::{Error, ErrorKind};
pub use metadata::{Broker, ClusterSnapshot, NodeId, PartitionMetadata, TopicMetadata};
pub use ottla_wire::ErrorCode;
