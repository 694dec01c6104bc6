//! The partitions this node holds, who waits for them, and what clients were told of them.

pub(crate) mod decompression;
pub(crate) mod fetch_session;
pub(crate) mod log_settings;
pub(crate) mod partition;
pub(crate) mod purgatory;
pub(crate) mod replica_manager;

pub(crate) use partition::{Isolation, Partition};
pub(crate) use replica_manager::ReplicaManager;
