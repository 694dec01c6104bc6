//! Test brokers.

use crate::boundary::argument;
use crate::registry::{self, Client};
use crate::values::{number, options, text, timeout};
use ottla::Error;
use ottla::facade::Operation;
use ottla_testing::TestBroker;
use serde_json::{Value, json};
use std::sync::Arc;

/// Starts a broker; gives its handle and its address.
pub(crate) fn start(arguments: &Value) -> Result<Operation<Value>, Error> {
    Ok(TestBroker::start(options(arguments)?).map(|broker| {
        let (handle, bootstrap) = (registry::new_handle(), broker.bootstrap().to_owned());
        registry::insert(handle, Client::TestBroker(Arc::new(broker)));
        json!({"handle": handle, "bootstrap": bootstrap})
    }))
}

/// An operation of a broker.
pub(crate) fn begin(broker: &TestBroker, what: &str, arguments: &Value) -> Result<Operation<Value>, Error> {
    match what {
        "create_topic" => {
            let partitions = i32::try_from(number(arguments, "partitions")?)
                .map_err(|_| argument("partitions", "there cannot be so many"))?;
            let (name, configs) = (text(arguments, "name")?, options(&arguments["configs"])?);
            Ok(broker.create_topic(name, partitions, configs).map(|()| Value::Null))
        }
        "stop" => Ok(broker.stop(timeout(arguments)?).map(|()| Value::Null)),
        other => Err(argument("operation", format!("a test broker has no {other}"))),
    }
}
