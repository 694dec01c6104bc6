//! The module as Node loads it: the table of its functions.
#![allow(unsafe_code)] // The entry points of Node-API.

use crate::js::{Env, Function, Value};
use crate::thrown::Thrown;
use crate::{admin, consumer, environment, logging, producer, testing};
use napi_sys as sys;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The version of Node-API this needs: that of Node 18.
const NODE_API: i32 = 8;

const FUNCTIONS: &[(&str, Function)] = &[
    ("install", environment::install),
    ("take", environment::take),
    ("hold", environment::hold),
    ("cancel", environment::cancel),
    ("producerStart", producer::start),
    ("producerTopic", producer::topic),
    ("producerSend", producer::send),
    ("producerSendWaiting", producer::send_waiting),
    ("producerReports", producer::reports),
    ("producerMetrics", producer::metrics),
    ("producerCall", producer::call),
    ("consumerStart", consumer::start),
    ("consumerPoll", consumer::poll),
    ("consumerSeen", consumer::seen),
    ("consumerTold", consumer::told),
    ("consumerWakeup", consumer::wakeup),
    ("consumerDo", consumer::perform),
    ("consumerCall", consumer::call),
    ("adminStart", admin::start),
    ("adminCall", admin::call),
    ("adminClose", admin::close),
    ("brokerStart", testing::start),
    ("brokerBootstrap", testing::bootstrap),
    ("brokerCreateTopic", testing::create_topic),
    ("brokerStop", testing::stop),
    ("logLevel", logging::level),
    ("logTake", logging::take),
];

/// Called by Node in every environment that loads the library.
#[unsafe(no_mangle)]
unsafe extern "C" fn napi_register_module_v1(
    env: sys::napi_env,
    exports: sys::napi_value,
) -> sys::napi_value {
    // SAFETY: Node calls this with a live environment and object.
    let (env, value) = unsafe { (Env::from_raw(env), Value::from_raw(exports)) };
    let registered = catch_unwind(AssertUnwindSafe(|| {
        environment::begin(env)?;
        env.export(value, FUNCTIONS)
    }));
    match registered {
        Ok(Ok(())) => {}
        Ok(Err(thrown)) => env.throw(&thrown),
        Err(_) => env.throw(&Thrown::defect("the library panicked")),
    }
    exports
}

/// Called by Node to know which Node-API the library was written for.
#[unsafe(no_mangle)]
extern "C" fn node_api_module_get_api_version_v1() -> i32 {
    NODE_API
}
