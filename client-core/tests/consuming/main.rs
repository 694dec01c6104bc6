//! Consumers against a broker, over real sockets: alone, in groups, and beside transactions.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

mod consumer;
mod groups;
mod raw;
mod transactions;
