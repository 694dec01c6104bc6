//! The `ottla-conformance` command.

use clap::Parser;
use ottla_conformance::cli::{self, Verb};
use ottla_env::Env;
use std::process::ExitCode;

/// Judges any Kafka broker and any Kafka client.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).init();
    cli::main(&Env::system(), Arguments::parse().verb).await
}
