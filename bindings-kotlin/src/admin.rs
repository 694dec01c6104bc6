//! Admin clients: the table's operations, and closing.

use crate::values::timeout;
use ottla::Error;
use ottla::facade::{Admin, Operation};
use serde_json::Value;

/// An operation of an admin client.
pub(crate) fn begin(admin: &Admin, what: &str, arguments: Value) -> Result<Operation<Value>, Error> {
    match what {
        "close" => Ok(admin.close(timeout(&arguments)?).map(|()| Value::Null)),
        _ => Ok(admin.call(what, arguments)),
    }
}
