//! A Kafka broker for tests, in the process of the test: nothing touches a disk, a free port, ready in milliseconds.
//!
//! [`TestBroker`] is what every binding's testing module wraps. It owns one broker and the admin client that creates its
//! topics; both run on the runtime all clients of the process share. It does not know any test runner.

mod broker;

pub use broker::TestBroker;
