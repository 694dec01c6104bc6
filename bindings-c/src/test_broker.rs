//! A broker for tests, in the process of the test.

use crate::boundary::{enter, timeout, wait, wait_closing};
use crate::config::{options, ottla_config_t};
use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use crate::pointers::{c_text, give, handle, out, quietly, take_back, text};
use ottla_testing::TestBroker;
use std::ffi::{CString, c_char};

/// A Kafka broker in this process, for tests: in memory, on a free port of 127.0.0.1, ready in milliseconds. Owned by the
/// caller: free it with ottla_test_broker_free(). Thread-safe but for that.
pub struct ottla_test_broker_t {
    broker: TestBroker,
    bootstrap: CString,
}

/// Starts a broker. `properties` are the broker's own options, by Kafka's names; NULL for those that suit a test. `*broker`
/// is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_test_broker_start(
    properties: *const ottla_config_t,
    timeout_ms: i64,
    broker: *mut *mut ottla_test_broker_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let to = out(broker, "broker")?;
        *to = std::ptr::null_mut();
        let at_most = timeout(timeout_ms)?;
        let broker = wait(TestBroker::start(options(properties)?), at_most, "start a test broker")?;
        let bootstrap = c_text(broker.bootstrap());
        give(to, ottla_test_broker_t { broker, bootstrap });
        Ok(())
    })
}

/// Its "host:port", for a client's "bootstrap.servers"; lives as long as the broker's handle. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_test_broker_bootstrap(broker: *const ottla_test_broker_t) -> *const c_char {
    quietly(std::ptr::null(), || broker.as_ref().map_or(std::ptr::null(), |broker| broker.bootstrap.as_ptr()))
}

/// Creates a topic and returns when it can be used. `configs` are the topic's options; NULL for none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_test_broker_create_topic(
    broker: *mut ottla_test_broker_t,
    name: *const c_char,
    partitions: i32,
    configs: *const ottla_config_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let broker = handle(broker, "broker")?;
        let at_most = timeout(timeout_ms)?;
        let created = broker.broker.create_topic(text(name, "name")?, partitions, options(configs)?);
        wait(created, at_most, "create a topic")
    })
}

/// Stops the broker, by `timeout_ms`; its records are gone. Does not free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_test_broker_stop(
    broker: *mut ottla_test_broker_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let broker = handle(broker, "broker")?;
        let patience = timeout(timeout_ms)?;
        wait_closing(broker.broker.stop(patience), patience, "stop the test broker")
    })
}

/// Frees the handle, at once; a broker that was not stopped stops in the background. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_test_broker_free(broker: *mut ottla_test_broker_t) {
    take_back(broker);
}
