//! Coordinators: state machines over partitions of the broker's own topics.
//!
//! [`runtime`] hosts one [`shard::Shard`] per partition this node leads: it loads it from the log, appends what it
//! wants written, and lets its answers out once that is committed. [`group`] are the shards of `__consumer_offsets`.

mod encode;
pub(crate) mod group;
mod loader;
pub(crate) mod runtime;
pub(crate) mod shard;
mod slot;
#[cfg(test)]
mod tests;
mod timer;

pub(crate) use group::GroupCoordinator;
