//! The `ottla-conformance` command.

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Judges any Kafka broker and any Kafka client.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Fetches and builds Apache Kafka and the drivers, so that later runs need no network.
    Setup,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let result = match Arguments::parse().verb {
        Verb::Setup => ottla_conformance::setup::broker_jars()
            .and_then(|_| ottla_conformance::setup::tools_jars())
            .map(|_| ()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::from(2)
        }
    }
}
