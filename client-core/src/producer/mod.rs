//! The batching producer.

mod accumulator;
mod batch;
mod blocking;
mod buffer_pool;
mod delivery;
mod flush;
mod sender;
mod sequence;
mod verdict;

pub use delivery::Delivery;
