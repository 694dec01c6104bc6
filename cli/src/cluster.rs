//! What the verbs share: the flags that reach a cluster, the runtime, the log.
#![allow(clippy::disallowed_methods)] // Files of the person at the command line.

use crate::failure::Failure;
use ottla::Error;
use ottla::admin::{Admin, CallOptions, TopicSelector};
use ottla::record::TopicPartition;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Closing a client takes no longer.
pub(crate) const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Flags of every verb that talks to a cluster.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ClusterFlags {
    /// Broker addresses, comma separated
    #[arg(
        global = true,
        short,
        long,
        env = "OTTLA_BOOTSTRAP_SERVERS",
        default_value = "127.0.0.1:9092",
        value_name = "HOST:PORT"
    )]
    pub(crate) bootstrap: String,
    /// One client option with Kafka's name, e.g. -X acks=1
    #[arg(global = true, short = 'X', long = "option", value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
    /// A properties file with client options
    #[arg(global = true, long, value_name = "FILE")]
    pub(crate) command_config: Option<PathBuf>,
}

impl ClusterFlags {
    /// All client options: the file's, then `-X`, then the bootstrap address.
    pub(crate) fn options(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut options = Vec::new();
        if let Some(path) = &self.command_config {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::said(format!("cannot read {}: {error}", path.display())))?;
            options.extend(crate::properties::parse(&text));
        }
        options.extend(pairs("-X", &self.options)?.map(|(key, value)| (key.to_owned(), value.to_owned())));
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
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = subscriber.with_ansi(std::io::stderr().is_terminal()).try_init();
}

/// Reads `KEY=VALUE` arguments of a flag.
pub(crate) fn pairs<'a>(
    flag: &str,
    pairs: &'a [String],
) -> Result<impl Iterator<Item = (&'a str, &'a str)> + use<'a>, Failure> {
    if let Some(wrong) = pairs.iter().find(|pair| !pair.contains('=')) {
        return Err(Failure::said(format!("{flag} {wrong}: KEY=VALUE is expected")));
    }
    Ok(pairs.iter().filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.trim(), value.trim())))
}

/// Fails with every item that failed.
pub(crate) fn all<K>(results: BTreeMap<K, Result<(), Error>>) -> Result<(), Failure> {
    let failed: Vec<String> =
        results.into_values().filter_map(|result| result.err().map(|error| error.to_string())).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failure::said(failed.join("\n       "))) }
}

/// The partitions of topics; `TOPIC:PARTITION` names one. Fails when a topic or a partition is not there.
pub(crate) async fn partitions(admin: &Admin, topics: &[String]) -> Result<Vec<TopicPartition>, Failure> {
    // A colon is in no topic's name.
    let wanted: Vec<(&str, Option<i32>)> = topics
        .iter()
        .map(|topic| match topic.rsplit_once(':').map(|(name, number)| (name, number.parse::<i32>())) {
            Some((name, Ok(number))) => (name, Some(number)),
            _ => (topic.as_str(), None),
        })
        .collect();
    let names: BTreeSet<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let mut numbers: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    let described = admin.describe_topics(names.into_iter().map(TopicSelector::from), CallOptions::default());
    for (_, described) in described.await? {
        let described = described?;
        let of_topic = described.partitions.iter().map(|partition| partition.partition).collect();
        numbers.insert(described.name, of_topic);
    }
    let mut partitions = Vec::new();
    for (name, number) in wanted {
        let there = numbers.get(name).map_or(&[][..], Vec::as_slice);
        match number {
            Some(number) if !there.contains(&number) => return Err(no_partition(name, number, there.len())),
            Some(number) => partitions.push(TopicPartition::new(name, number)),
            None => partitions.extend(there.iter().map(|number| TopicPartition::new(name, *number))),
        }
    }
    Ok(partitions)
}

fn no_partition(topic: &str, number: i32, count: usize) -> Failure {
    let numbers = match count {
        1 => "its only partition is 0".to_owned(),
        count => format!("its partitions are 0 to {}", count.saturating_sub(1)),
    };
    Failure::said(format!("topic {topic} has no partition {number}; {numbers}"))
}

/// Fails unless the cluster has a broker of this number: nobody else could answer, and waiting for it helps nobody.
pub(crate) async fn require_broker(admin: &Admin, id: i32) -> Result<(), Failure> {
    let cluster = admin.describe_cluster(CallOptions::default()).await?;
    if cluster.nodes.iter().any(|node| node.id.0 == id) {
        return Ok(());
    }
    let known: Vec<String> = cluster.nodes.iter().map(|node| node.id.0.to_string()).collect();
    Err(Failure::said(format!("the cluster has no broker {id}; it has {}", known.join(", "))))
}
