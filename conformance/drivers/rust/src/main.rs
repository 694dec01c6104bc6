//! The conformance driver for Ottla's Rust client: reads commands from standard input, one JSON object a line.
//!
//! It uses the public API of the crate `ottla` only. The protocol: PROTOCOL.md of the suite.

mod admin;
// The suite's own: one implementation serves both ends of the protocol.
#[path = "../../../src/base64.rs"]
mod base64;
mod command;
mod consumer;
mod fault;
mod handle;
mod producer;

use command::{Command, Output};
use fault::Fault;
use handle::Handle;
use serde_json::json;
use std::collections::BTreeMap;
use tokio::io::{AsyncBufReadExt, BufReader};

const FEATURES: &[&str] = &[
    "compression.gzip",
    "compression.snappy",
    "compression.lz4",
    "compression.zstd",
    "assignor.range",
    "assignor.roundrobin",
    "assignor.sticky",
    "assignor.cooperative-sticky",
    "group.static",
    "partitioner.murmur2",
    "consumer.pattern",
];

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let output = Output::default();
    let mut handles: BTreeMap<String, Handle> = BTreeMap::new();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        match Command::parse(&line, &output) {
            Ok(command) => accept(command, &mut handles).await,
            Err(error) => tracing_line(&format!("no command: {error}")),
        }
    }
    // Whoever told us what to do is gone: no client is worth a graceful end.
    std::process::exit(0);
}

async fn accept(command: Command, handles: &mut BTreeMap<String, Handle>) {
    if command.op == "hello" {
        let operations = [producer::OPERATIONS, consumer::OPERATIONS, admin::OPERATIONS, FEATURES].concat();
        return command.succeed(json!({
            "driver": "rust", "client": "ottla", "version": env!("CARGO_PKG_VERSION"), "protocol": 1,
            "capabilities": operations,
        }));
    }
    let name = match command.text("handle") {
        Ok(name) => name.to_owned(),
        Err(fault) => return command.fail(&fault),
    };
    if command.op.ends_with(".create") {
        if handles.contains_key(&name) {
            return command.fail(&Fault::state(format!("handle {name} exists")));
        }
        match Handle::create(&command.op) {
            Ok(handle) => {
                handle.submit(command).await;
                handles.insert(name, handle);
            }
            Err(fault) => command.fail(&fault),
        }
        return;
    }
    let closes = command.op.ends_with(".close");
    match handles.get(&name) {
        Some(handle) => handle.submit(command).await,
        None => return command.fail(&Fault::state(format!("no handle {name}"))),
    }
    if closes {
        handles.remove(&name);
    }
}

/// Standard error is free for logs.
fn tracing_line(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}
