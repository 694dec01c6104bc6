//! The reference Kafka broker of Ottla: a library and a server.

mod broker;
mod config;
mod context;
mod controller;
mod coordinator;
mod handlers;
mod log;
mod metadata;
mod quorum;
mod replication;
mod server;
mod storage;
