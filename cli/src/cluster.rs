//! What the verbs share: the flags that reach a cluster, the runtime, the log.

use crate::failure::Failure;
use std::future::Future;
use std::path::PathBuf;
use tracing_subscriber::EnvFilter;

/// Flags of every verb that talks to a cluster.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ClusterFlags {
    /// Broker addresses, comma separated
    #[arg(
        short,
        long,
        env = "OTTLA_BOOTSTRAP_SERVERS",
        default_value = "127.0.0.1:9092",
        value_name = "HOST:PORT"
    )]
    pub(crate) bootstrap: String,
    /// One client option with Kafka's name, e.g. -X acks=1
    #[arg(short = 'X', long = "option", value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
    /// A properties file with client options
    #[arg(long, value_name = "FILE")]
    pub(crate) command_config: Option<PathBuf>,
}

impl ClusterFlags {
    /// All client options: the file's, then `-X`, then the bootstrap address.
    pub(crate) fn options(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut options = Vec::new();
        if let Some(path) = &self.command_config {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::said(format!("cannot read {}: {error}", path.display())))?;
            options.extend(crate::command::broker::parse_properties(&text));
        }
        for pair in &self.options {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| Failure::said(format!("-X {pair}: KEY=VALUE is expected")))?;
            options.push((key.trim().to_owned(), value.trim().to_owned()));
        }
        options.push(("bootstrap.servers".into(), self.bootstrap.clone()));
        Ok(options)
    }
}

/// Runs a command's future on a runtime of its own.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}

/// Sends log lines to standard error; `RUST_LOG` overrides `default`.
pub(crate) fn log_to_stderr(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    // A second call keeps the first subscriber, which is what is wanted.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
