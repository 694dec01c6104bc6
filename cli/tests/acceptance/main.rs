//! The broker as its users meet it: the built `ottla` binary under Apache Kafka's own tools, kcat and the client
//! libraries of other languages, and under `kill -9`.
//!
//! Every test starts a broker of its own on a free port. With `OTTLA_ACCEPTANCE_BOOTSTRAP=host:port` the tests that only
//! need an address use that cluster instead, which is how the tests themselves are judged against Apache Kafka.
#![allow(clippy::panic, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Files and ports that are the tests' own.

mod broker;
mod load;
mod program;
mod setup;

mod apache_tools;
mod clean_up;
mod confluent_kafka;
mod demo;
mod dump_log;
mod franz_go;
mod kafkajs;
mod kcat;
mod kill;
mod node;
mod readme;
mod unkind;
mod verbs;
