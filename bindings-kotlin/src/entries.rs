//! The functions that `dev.ottla.internal.Native` declares. Texts cross as UTF-8 bytes, control calls as JSON.

use crate::boundary::{Jvm, argument, enter};
use crate::producer::Producing;
use crate::registry::{self, Client};
use crate::values::{milliseconds, options, parse};
use crate::{admin, consumer, events, logging, operations, producer, testing};
use jni_sys::{JNIEnv, jbyteArray, jclass, jint, jlong, jobject, jobjectArray};
use ottla::Error;
use ottla::facade::{Admin, Consumer};
use serde_json::Value;
use std::ptr::null_mut;
use std::sync::Arc;

/// The library's version.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_version(env: *mut JNIEnv, _: jclass) -> jbyteArray {
    enter(env, null_mut(), |jvm| jvm.new_bytes(env!("CARGO_PKG_VERSION").as_bytes()))
}

/// Starts a client of this sort with these options; gives its handle.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_create(
    env: *mut JNIEnv,
    _: jclass,
    sort: jbyteArray,
    config: jbyteArray,
) -> jlong {
    enter(env, 0, |jvm| {
        let (sort, config) = (jvm.text(sort, "sort")?, arguments(jvm, config)?);
        let (handle, options) = (registry::new_handle(), options(&config)?);
        let client = match sort.as_str() {
            "producer" => Client::Producer(Arc::new(Producing::start(handle, options)?)),
            "consumer" => Client::Consumer(Arc::new(Consumer::start(options)?)),
            "admin" => Client::Admin(Arc::new(Admin::start(options)?)),
            other => return Err(argument("sort", format!("there is no client {other}"))),
        };
        registry::insert(handle, client);
        Ok(handle)
    })
}

/// A call of a client that does not wait; gives JSON.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_ask(
    env: *mut JNIEnv,
    _: jclass,
    handle: jlong,
    what: jbyteArray,
    given: jbyteArray,
) -> jbyteArray {
    enter(env, null_mut(), |jvm| {
        let (what, given) = (jvm.text(what, "operation")?, arguments(jvm, given)?);
        let answer = match registry::find(handle)? {
            Client::Producer(producer) => producer::ask(&producer.0, &what, &given)?,
            Client::Consumer(consumer) => consumer::ask(&consumer, &what, &given)?,
            Client::Admin(_) | Client::TestBroker(_) => {
                return Err(argument("operation", format!("there is no {what}")));
            }
        };
        jvm.new_bytes(answer.to_string().as_bytes())
    })
}

/// Begins a call that may wait; an event under `token` tells its outcome.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_begin(
    env: *mut JNIEnv,
    _: jclass,
    handle: jlong,
    what: jbyteArray,
    given: jbyteArray,
    token: jlong,
) {
    enter(env, (), |jvm| {
        let (what, given) = (jvm.text(what, "operation")?, arguments(jvm, given)?);
        if what == "test_broker" {
            operations::begin(token, testing::start(&given)?);
            return Ok(());
        }
        let operation = match registry::find(handle)? {
            Client::Producer(producer) => producer::begin(&producer.0, &what, &given)?,
            Client::Consumer(consumer) => consumer::begin(&consumer, &what, &given)?,
            Client::Admin(admin) => admin::begin(&admin, &what, given)?,
            Client::TestBroker(broker) => testing::begin(&broker, &what, &given)?,
        };
        operations::begin(token, operation);
        Ok(())
    });
}

/// Gives up waiting for the operation of this token.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_cancel(env: *mut JNIEnv, _: jclass, token: jlong) {
    enter(env, (), |_| {
        operations::cancel(token);
        Ok(())
    });
}

/// Ends a handle; harmless for one that ended.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_release(env: *mut JNIEnv, _: jclass, handle: jlong) {
    enter(env, (), |_| {
        registry::release(handle);
        Ok(())
    });
}

/// Waits for events: see [`events::next`].
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_nextEvents(
    env: *mut JNIEnv,
    _: jclass,
    timeout_ms: jlong,
) -> jobjectArray {
    enter(env, null_mut(), |jvm| events::next(jvm, milliseconds(timeout_ms)?))
}

/// Sends the records of a block in a direct buffer until one would have to wait; gives how many were taken.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_sendPacked(
    env: *mut JNIEnv,
    _: jclass,
    handle: jlong,
    block: jobject,
    length: jint,
) -> jint {
    enter(env, 0, |jvm| {
        let producer = registry::producer(handle)?;
        let taken = jvm.buffer(block, length, |block| producer.0.send_packed(block))?;
        jint::try_from(taken).map_err(|_| argument("block", "it has too many records"))
    })
}

/// Sends the records of a block behind the first `skip`, waiting for room; an event under `token` tells when all had their
/// turn.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_sendPackedWaiting(
    env: *mut JNIEnv,
    _: jclass,
    handle: jlong,
    block: jbyteArray,
    skip: jint,
    token: jlong,
) {
    enter(env, (), |jvm| {
        let (producer, block) = (registry::producer(handle)?, jvm.bytes(block, "block")?);
        let skip = usize::try_from(skip).map_err(|_| argument("skip", "it is negative"))?;
        let sending = producer.0.send_packed_waiting(block, skip);
        operations::begin(token, sending.map(|()| Value::Null));
        Ok(())
    });
}

/// Polls; see [`consumer::poll`]. `max_records` of 0: `max.poll.records`.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_poll(
    env: *mut JNIEnv,
    _: jclass,
    handle: jlong,
    timeout_ms: jlong,
    max_records: jint,
    token: jlong,
) {
    enter(env, (), |_| {
        let max_records = usize::try_from(max_records).ok().filter(|most| *most > 0);
        let (consumer, timeout) = (registry::consumer(handle)?, milliseconds(timeout_ms)?);
        consumer::poll(&consumer, timeout, max_records, token);
        Ok(())
    });
}

/// The first `count` records of the last poll were handed out.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_seen(
    env: *mut JNIEnv,
    _: jclass,
    handle: jlong,
    count: jint,
) {
    enter(env, (), |_| registry::consumer(handle)?.seen(usize::try_from(count).unwrap_or_default()));
}

/// The first change of the assignment that the listener has not been told of, as JSON; null when there is none.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_untold(
    env: *mut JNIEnv,
    _: jclass,
    handle: jlong,
) -> jbyteArray {
    enter(env, null_mut(), |jvm| match consumer::untold(&*registry::consumer(handle)?)? {
        Some(event) => jvm.new_bytes(event.as_bytes()),
        None => Ok(null_mut()),
    })
}

/// The listener is told of that change.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_told(env: *mut JNIEnv, _: jclass, handle: jlong) {
    enter(env, (), |_| registry::consumer(handle)?.told(1));
}

/// Logs this much from here on.
#[unsafe(no_mangle)]
extern "system" fn Java_dev_ottla_internal_Native_setLogLevel(env: *mut JNIEnv, _: jclass, level: jint) {
    enter(env, (), |_| {
        logging::set_level(level, || events::push(events::Event::Logs));
        Ok(())
    });
}

fn arguments(jvm: Jvm, array: jbyteArray) -> Result<Value, Error> {
    parse(&jvm.text(array, "arguments")?)
}
