//! The admin client for bindings: one call that takes an operation's name and its arguments as JSON.
//!
//! [`table`] says which operations there are, what they take and what they give; bindings generate their methods from it.
//! The modules beside it hold the operations by noun, each next to the types it needs. What an operation does is the
//! client's own ([`crate::admin`]).

mod cluster;
mod common;
mod configs;
mod elections;
mod groups;
mod log_dirs;
mod offsets;
mod partitions;
mod producers;
mod records;
mod shape;
pub mod table;
mod topics;
mod transactions;

use super::fork::Guarded;
use super::operation::Operation;
use super::runtime::{Runtime, runtime};
use crate::admin::Admin as Core;
use crate::config::AdminConfig;
use crate::error::{Error, ErrorKind};
use serde_json::Value;
use shape::Wrong;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

type Answer = Pin<Box<dyn Future<Output = Result<Value, Error>> + Send>>;

/// An operation: its row, and what it does.
struct Entry {
    row: &'static table::OperationRow,
    run: fn(Core, Value) -> Answer,
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    [
        topics::ENTRIES,
        partitions::ENTRIES,
        configs::ENTRIES,
        records::ENTRIES,
        offsets::ENTRIES,
        groups::ENTRIES,
        cluster::ENTRIES,
        elections::ENTRIES,
        log_dirs::ENTRIES,
        producers::ENTRIES,
        transactions::ENTRIES,
    ]
    .into_iter()
    .flatten()
}

/// Administers a cluster. Dropping it closes its connections.
///
/// Errors of every call: `Forked` in a child of the process that made it, `Closed` behind [`Self::close`].
#[derive(Debug)]
pub struct Admin {
    core: Guarded<Core>,
    runtime: Runtime,
}

impl Admin {
    /// Checks the options (Kafka's names) and starts. Errors: `Config`.
    pub fn start(options: Vec<(String, String)>) -> Result<Self, Error> {
        let runtime = runtime()?;
        let config = AdminConfig::from_map(options)?;
        let core = Operation::start(&runtime, Core::from_config(config)).wait_done()?;
        Ok(Self { core: Guarded::new(core), runtime })
    }

    /// Does an operation of [`table::operations`]. `arguments` is an object of its parameters, its result is of the type
    /// the table says; how either looks in JSON: [`table`]. Over by its `timeout`, or else by `default.api.timeout.ms`.
    /// Dropping the operation gives up the waiting: a change under way may then take effect or not.
    ///
    /// Errors: `InvalidArgument` for an unknown operation, or an argument that is unknown, missing or of another type (the
    /// context says which); those of the row. Errors of single items are in the result.
    pub fn call(&self, operation: &str, arguments: Value) -> Operation<Value> {
        let core = match self.core.get("call the admin client") {
            Ok(core) => core.clone(),
            Err(error) => return Operation::done(Err(error)),
        };
        match entries().find(|entry| entry.row.name == operation) {
            Some(entry) => Operation::start(&self.runtime, (entry.run)(core, arguments)),
            None => Operation::done(Err(Error::new(
                ErrorKind::InvalidArgument,
                "call the admin client",
                format!("there is no operation {operation:?}"),
            )
            .with_context("argument", "operation"))),
        }
    }

    /// Closes all connections. Calls under way end with an error of kind `Closed`.
    pub fn close(&self, timeout: Duration) -> Operation<()> {
        let core = match self.core.get("close the admin client") {
            Ok(core) => core.clone(),
            Err(error) => return Operation::done(Err(error)),
        };
        Operation::detached(&self.runtime, async move {
            core.close(timeout).await;
            Ok(())
        })
    }
}

/// The error of an argument that cannot be.
fn refused(operation: &'static str, wrong: Wrong) -> Error {
    let problem = if wrong.argument.is_empty() { "the arguments".to_owned() } else { wrong.argument.clone() };
    Error::new(
        ErrorKind::InvalidArgument,
        operation.replace('_', " "),
        format!("{problem}: {}", wrong.problem),
    )
    .with_context("argument", wrong.argument)
}

#[cfg(test)]
mod tests;
