//! The ottla command: one binary for the broker, administration, producing and consuming, logs, benchmarks and the demo.
//!
//! It holds no Kafka logic: it reads flags, calls the library and prints.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command-line tool talks.

mod cluster;
mod command;
mod failure;
mod format;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Work with Apache Kafka and everything that speaks its protocol.
#[derive(Parser)]
#[command(name = "ottla", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a broker in the foreground
    Broker(command::broker::Arguments),
    /// Show what is inside log segments, indexes and snapshots
    DumpLog(command::dump_log::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Broker(arguments) => command::broker::run(arguments),
        Command::DumpLog(arguments) => command::dump_log::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of a pipe has gone: that is how `ottla consume | head` ends.
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("ottla: {failure}");
            ExitCode::FAILURE
        }
    }
}
