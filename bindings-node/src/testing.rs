//! The functions of the broker for tests.

use crate::environment::{argument, hub};
use crate::handle::Handle;
use crate::hub::Outcome;
use crate::js::{Env, Value};
use crate::json;
use crate::thrown::Thrown;
use ottla_testing::TestBroker;

/// `brokerStart(id, properties)`: gives the broker's handle.
pub(crate) fn start<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let id = argument(arguments, 0)?.to_number(env)? as u32;
    let properties = json::pairs(&argument(arguments, 1)?.to_json(env)?)?;
    hub(env)?.run(id, TestBroker::start(properties), |broker| Outcome::Handle(Handle::Broker(broker)));
    env.undefined()
}

/// `brokerBootstrap(broker)`: `host:port`.
pub(crate) fn bootstrap<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    env.text(argument(arguments, 0)?.to_native(env)?.broker()?.bootstrap())
}

/// `brokerCreateTopic(broker, id, name, partitions, configs)`.
pub(crate) fn create_topic<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let broker = argument(arguments, 0)?.to_native(env)?.broker()?;
    let id = argument(arguments, 1)?.to_number(env)? as u32;
    let name = argument(arguments, 2)?.to_text(env)?;
    let partitions = argument(arguments, 3)?.to_number(env)? as i32;
    let configs = json::pairs(&argument(arguments, 4)?.to_json(env)?)?;
    hub(env)?.run(id, broker.create_topic(&name, partitions, configs), |()| Outcome::Nothing);
    env.undefined()
}

/// `brokerStop(broker, id, milliseconds)`.
pub(crate) fn stop<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let broker = argument(arguments, 0)?.to_native(env)?.broker()?;
    let id = argument(arguments, 1)?.to_number(env)? as u32;
    let timeout = json::duration(argument(arguments, 2)?.to_number(env)?);
    hub(env)?.run(id, broker.stop(timeout), |()| Outcome::Nothing);
    env.undefined()
}
