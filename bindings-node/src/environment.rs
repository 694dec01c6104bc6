//! What belongs to one environment of Node: its hub, and the functions that take from it.
#![allow(unsafe_code)] // Node keeps the hub as a bare pointer.

use crate::hub::{Hub, Outcome};
use crate::js::{Env, Value};
use crate::thrown::Thrown;
use napi_sys as sys;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

/// Gives the environment its hub, until its end.
pub(crate) fn begin(env: Env<'_>) -> Result<(), Thrown> {
    let hub = Box::into_raw(Box::new(Arc::new(Hub::default())));
    // SAFETY: the data is freed by `ended`, which Node calls at the end of the environment.
    let status = unsafe { sys::napi_set_instance_data(env.raw(), hub.cast(), Some(ended), ptr::null_mut()) };
    if status != sys::Status::napi_ok {
        // SAFETY: Node did not take it.
        drop(unsafe { Box::from_raw(hub) });
        return Err(Thrown::defect("Node keeps no data for the library"));
    }
    Ok(())
}

unsafe extern "C" fn ended(_: sys::napi_env, hub: *mut c_void, _: *mut c_void) {
    // SAFETY: what `begin` boxed; Node calls this once.
    let hub = unsafe { Box::from_raw(hub.cast::<Arc<Hub>>()) };
    let _ = catch_unwind(AssertUnwindSafe(|| hub.end()));
}

/// The environment's.
pub(crate) fn hub(env: Env<'_>) -> Result<Arc<Hub>, Thrown> {
    let mut data: *mut c_void = ptr::null_mut();
    // SAFETY: a call into the environment is under way.
    let status = unsafe { sys::napi_get_instance_data(env.raw(), &raw mut data) };
    if status != sys::Status::napi_ok {
        return Err(Thrown::defect("the environment has ended"));
    }
    // SAFETY: what `begin` set, until `ended`.
    let hub = unsafe { data.cast::<Arc<Hub>>().as_ref() };
    hub.cloned().ok_or_else(|| Thrown::defect("the environment has ended"))
}

/// The argument at `index`.
pub(crate) fn argument<'e>(arguments: &[Value<'e>], index: usize) -> Result<Value<'e>, Thrown> {
    arguments.get(index).copied().ok_or_else(|| Thrown::defect("an argument is missing"))
}

/// `install(onWake)`: `onWake` is called whenever there is something to take.
pub(crate) fn install<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    hub(env)?.wake.install(env, argument(arguments, 0)?)?;
    env.undefined()
}

/// `take()`: `[[id, sort, payload, …], [producer, …]]`; the sorts are those of `lib/native.js`.
pub(crate) fn take<'e>(env: Env<'e>, _: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let ready = hub(env)?.take();
    let mut done = Vec::with_capacity(ready.done.len() * 3);
    for (id, outcome) in ready.done {
        // What cannot be shown (no memory for a block, say) fails its own operation, and none of the others.
        let (sort, payload) = show(env, outcome).or_else(|failed| {
            env.forget_exception();
            Ok::<_, Thrown>((4.0, env.text(&failed.0)?))
        })?;
        done.extend([env.number(f64::from(id))?, env.number(sort)?, payload]);
    }
    let reporting = ready
        .reporting
        .into_iter()
        .map(|number| env.number(f64::from(number)))
        .collect::<Result<Vec<_>, _>>()?;
    env.array(&[env.array(&done)?, env.array(&reporting)?])
}

fn show(env: Env<'_>, outcome: Outcome) -> Result<(f64, Value<'_>), Thrown> {
    Ok(match outcome {
        Outcome::Nothing => (0.0, env.undefined()?),
        Outcome::Json(json) => (1.0, env.json(&json)?),
        Outcome::Records { block, events } => {
            let block = if block.is_empty() { env.undefined()? } else { env.bytes(&block)? };
            let events =
                if events.is_empty() { env.undefined()? } else { env.json(&crate::json::events(&events))? };
            (2.0, env.array(&[block, events])?)
        }
        Outcome::Handle(handle) => (3.0, env.external(handle)?),
        Outcome::Failed(error) => (4.0, env.text(&Thrown::from(error).0)?),
    })
}

/// `hold(yes)`: whether the event loop stays alive for what is under way.
pub(crate) fn hold<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    hub(env)?.wake.hold(env, argument(arguments, 0)?.to_bool(env)?)?;
    env.undefined()
}

/// `cancel(id)`: the operation is given up.
pub(crate) fn cancel<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    hub(env)?.cancel(argument(arguments, 0)?.to_number(env)? as u32);
    env.undefined()
}
