//! The ottla command: one binary for the broker, administration, producing and consuming, logs, benchmarks and the demo.
//!
//! It holds no Kafka logic: it reads flags, calls the library and prints.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command-line tool talks.

mod cluster;
mod command;
mod demo;
mod failure;
mod format;
mod pipe;
mod properties;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Work with Apache Kafka and everything that speaks its protocol.
#[derive(Parser)]
#[command(name = "ottla", version, disable_help_subcommand = true, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  ottla broker                                      a broker on 127.0.0.1:9092, data in ./ottla-data
  ottla topics create orders --partitions 3
  echo 'customer-7:paid' | ottla produce orders -k :
  ottla consume orders --exit-at-end --json
  ottla groups describe billing -b broker.example:9092";

// What each verb says of itself stands with its flags.
#[derive(Subcommand)]
enum Command {
    Broker(command::broker::Arguments),
    Topics(command::topics::Arguments),
    Configs(command::configs::Arguments),
    Groups(command::groups::Arguments),
    Produce(command::produce::Arguments),
    Consume(command::consume::Arguments),
    Perf(command::perf::Arguments),
    Conformance(command::conformance::Arguments),
    DumpLog(command::dump_log::Arguments),
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
