//! The metadata log beneath the controller: today a quorum of one.
//!
//! Owns how committed metadata gets onto the disk and back: `__cluster_metadata-0` in Kafka's format, a leader-change record
//! at the head of each epoch, synced before anyone acts on it. Does not know what the records mean.

mod log;

pub(crate) use log::{METADATA_TOPIC, MetadataLog, QuorumError};
