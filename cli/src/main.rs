//! The ottla command: one binary for the broker, administration, producing and consuming, logs, benchmarks and the demo.
//!
//! It holds no Kafka logic: it reads flags, calls the library and prints.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command-line tool talks.

mod cluster;
mod command;
mod demo;
mod failure;
mod format;
mod properties;

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
    /// List, describe, create, alter and delete topics
    Topics(command::topics::Arguments),
    /// Describe and alter the configuration of topics, brokers and groups
    Configs(command::configs::Arguments),
    /// List, describe and delete consumer groups, and move their offsets
    Groups(command::groups::Arguments),
    /// Produce records from standard input or a file
    Produce(command::produce::Arguments),
    /// Consume records to standard output
    Consume(command::consume::Arguments),
    /// Measure producing and consuming
    Perf(command::perf::Arguments),
    /// Judge a broker or a client: every case, every driver, one report
    Conformance(command::conformance::Arguments),
    /// Show what is inside log segments, indexes and snapshots
    DumpLog(command::dump_log::Arguments),
    /// Pass a million orders through a pipeline and show that none was lost or doubled
    Demo(demo::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Broker(arguments) => command::broker::run(arguments),
        Command::Topics(arguments) => command::topics::run(arguments),
        Command::Configs(arguments) => command::configs::run(arguments),
        Command::Groups(arguments) => command::groups::run(arguments),
        Command::Produce(arguments) => command::produce::run(arguments),
        Command::Consume(arguments) => command::consume::run(arguments),
        Command::Perf(arguments) => command::perf::run(arguments),
        Command::Conformance(arguments) => command::conformance::run(arguments),
        Command::DumpLog(arguments) => command::dump_log::run(&arguments),
        Command::Demo(arguments) => demo::run(arguments),
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
