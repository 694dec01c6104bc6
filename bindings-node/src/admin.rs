//! The admin client's functions: one call for every operation of its table.

use crate::environment::{argument, hub};
use crate::handle::Handle;
use crate::hub::Outcome;
use crate::js::{Env, Value};
use crate::json;
use crate::thrown::Thrown;
use ottla::facade::Admin;

/// `adminStart(options)`.
pub(crate) fn start<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let options = json::pairs(&argument(arguments, 0)?.to_json(env)?)?;
    env.external(Handle::Admin(Admin::start(options)?))
}

/// `adminCall(admin, id, operation, arguments)`.
pub(crate) fn call<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let admin = argument(arguments, 0)?.to_native(env)?.admin()?;
    let id = argument(arguments, 1)?.to_number(env)? as u32;
    let operation = argument(arguments, 2)?.to_text(env)?;
    let given = argument(arguments, 3)?.to_json(env)?;
    hub(env)?.run(id, admin.call(&operation, given), Outcome::Json);
    env.undefined()
}

/// `adminClose(admin, id, milliseconds)`.
pub(crate) fn close<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let admin = argument(arguments, 0)?.to_native(env)?.admin()?;
    let id = argument(arguments, 1)?.to_number(env)? as u32;
    let timeout = json::duration(argument(arguments, 2)?.to_number(env)?);
    hub(env)?.run(id, admin.close(timeout), |()| Outcome::Nothing);
    env.undefined()
}
