//! `ottla broker`: a node in the foreground.
#![allow(clippy::disallowed_methods)] // Files of the person at the command line.

use crate::failure::Failure;
use crate::properties;
use ottla_broker::{Broker, BrokerConfig, StartError};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Leadership and logs are put in order within this; then the process ends whatever is left.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Run a broker in the foreground.
///
/// Without flags: one node on 127.0.0.1:9092 with its data in ./ottla-data.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A server.properties file with Kafka's property names
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One property over the file's, e.g. --set listeners=PLAINTEXT://127.0.0.1:0
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    crate::cluster::log_to_stderr("info");
    let properties = all_properties(&arguments)?;
    let config =
        BrokerConfig::from_properties(properties).map_err(|error| Failure::said(error.to_string()))?;
    crate::cluster::block_on(async {
        // Registered before the broker serves: a signal during start-up is not lost.
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let broker = Broker::start(config).await.map_err(|error| refused(&error))?;
        {
            let mut out = std::io::stdout().lock();
            writeln!(out, "ready on {}", broker.bootstrap_servers())?;
            out.flush()?;
        }
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        broker.stop(STOP_TIMEOUT).await.map_err(|error| Failure::caused(&error))
    })
}

/// Why the broker did not start, with a next step where the system's words have none.
fn refused(error: &StartError) -> Failure {
    let failure = Failure::caused(error);
    match error {
        StartError::Listen { source, .. } if source.kind() == ErrorKind::AddrInUse => failure.with_hint(
            "stop what listens there, or take another port: --set listeners=PLAINTEXT://127.0.0.1:0 finds a free one",
        ),
        StartError::Listen { source, .. } if source.kind() == ErrorKind::AddrNotAvailable => {
            failure.with_hint("listeners must name an address of this machine")
        }
        _ => failure,
    }
}

/// The file's properties with `--set` over them; defaults where neither names a listener or a folder.
fn all_properties(arguments: &Arguments) -> Result<BTreeMap<String, String>, Failure> {
    let mut properties = match &arguments.config {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::said(format!("cannot read {}: {error}", path.display())))?;
            properties::parse(&text)
        }
        None => BTreeMap::new(),
    };
    for pair in &arguments.set {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| Failure::said(format!("--set {pair}: KEY=VALUE is expected")))?;
        properties.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    properties.entry("listeners".into()).or_insert_with(|| "PLAINTEXT://127.0.0.1:9092".into());
    if !properties.contains_key("log.dirs") && !properties.contains_key("log.dir") {
        properties.insert("log.dirs".into(), "./ottla-data".into());
    }
    Ok(properties)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_goes_over_the_defaults() {
        let arguments = Arguments { config: None, set: vec!["listeners=PLAINTEXT://127.0.0.1:0".into()] };
        let properties = all_properties(&arguments).unwrap();
        assert_eq!(properties["listeners"], "PLAINTEXT://127.0.0.1:0");
        assert_eq!(properties["log.dirs"], "./ottla-data");
    }
}
