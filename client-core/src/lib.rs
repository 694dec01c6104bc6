//! A Kafka client: batching producer, consumer groups, admin.

mod client;
mod connection;
mod metadata;

pub mod admin;
pub mod config;
pub mod consumer;
pub mod error;
pub mod group;
pub mod producer;
pub mod record;
