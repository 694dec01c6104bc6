//! Configuration: Kafka's option names, one table, typed results.

mod address;
pub(crate) mod parse;
pub mod table;
mod typed;

pub use address::HostPort;
pub use table::ClientKind;
pub use typed::{
    Acks, AddressFamily, AdminConfig, AssignorName, AutoOffsetReset, CommonConfig, CompressionType,
    ConsumerConfig, GroupProtocol, IsolationLevel, PartitionerKind, ProducerConfig,
};
