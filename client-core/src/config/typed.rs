//! Typed configurations: what the options mean together, and which of them contradict each other.

mod common;
mod consumer;
mod producer;

pub use common::{AddressFamily, AdminConfig, CommonConfig};
pub use consumer::{AssignorName, AutoOffsetReset, ConsumerConfig, GroupProtocol, IsolationLevel};
pub use producer::{Acks, CompressionType, PartitionerKind, ProducerConfig};

#[cfg(test)]
mod tests;
