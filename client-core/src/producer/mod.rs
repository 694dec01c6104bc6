//! The batching producer.
