//! `ottla produce`: lines of standard input, or of a file, become records.

use crate::cluster::{self, ClusterFlags};
use crate::failure::Failure;
use crate::format;
use indicatif::ProgressBar;
use ottla::admin::Admin;
use ottla::producer::{Delivery, Producer};
use ottla::record::Record;
use serde::Deserialize;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const CLOSE_TIMEOUT: Duration = Duration::from_secs(120);

/// Deliveries not looked at yet; more would only cost memory.
const WATCHED: usize = 10_000;

/// Produce records from standard input or a file.
///
/// Each line is a value; with --key-separator what stands before it is the key. With --json each line is an object with
/// value, and, where wanted, key, headers, partition and timestamp_ms.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The topic
    topic: String,
    #[command(flatten)]
    cluster: ClusterFlags,
    /// Read this file instead of standard input
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// What separates the key from the value
    #[arg(short, long, value_name = "TEXT")]
    key_separator: Option<String>,
    /// A header of every record
    #[arg(short = 'H', long = "header", value_name = "KEY=VALUE")]
    headers: Vec<String>,
    /// Send every record to this partition
    #[arg(short, long)]
    partition: Option<i32>,
    /// Each line is a JSON object
    #[arg(long, conflicts_with = "key_separator")]
    json: bool,
    /// An empty value is a tombstone (null)
    #[arg(long)]
    tombstones: bool,
    /// Say nothing at the end
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRecord {
    key: Option<String>,
    value: Option<serde_json::Value>,
    #[serde(default)]
    headers: Vec<(String, Option<String>)>,
    partition: Option<i32>,
    timestamp_ms: Option<i64>,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    cluster::log_to_stderr("warn");
    let headers: Vec<(String, String)> = cluster::pairs("--header", &arguments.headers)?
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    #[allow(clippy::disallowed_types)] // The user's file, not a log's.
    let input: Box<dyn Read> = match &arguments.file {
        Some(path) => Box::new(
            std::fs::File::open(path)
                .map_err(|error| Failure::said(format!("cannot read {}: {error}", path.display())))?,
        ),
        None => Box::new(io::stdin().lock()),
    };
    cluster::block_on(async {
        let producer = Producer::builder().set_all(arguments.cluster.options()?).build().await?;
        let bar = match arguments.quiet || (arguments.file.is_none() && io::stdin().is_terminal()) {
            true => ProgressBar::hidden(),
            false => format::progress(None),
        };
        let outcome = send_lines(&producer, &arguments, &headers, BufReader::new(input), &bar).await;
        // What was sent before a bad line is still delivered.
        let closed = producer.close(CLOSE_TIMEOUT).await;
        bar.finish_and_clear();
        let metrics = producer.metrics();
        if !arguments.quiet && io::stderr().is_terminal() {
            eprintln!("{} records acknowledged", format::count(metrics.records_acknowledged));
        }
        outcome?;
        closed?;
        match metrics.records_failed + metrics.records_unknown {
            0 => Ok(()),
            _ => Err(Failure::said(format!(
                "{} records failed and {} are of unknown fate",
                metrics.records_failed, metrics.records_unknown
            ))),
        }
    })
}

async fn send_lines(
    producer: &Producer,
    arguments: &Arguments,
    headers: &[(String, String)],
    mut input: impl BufRead,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    let topic: Arc<str> = Arc::from(arguments.topic.as_str());
    let mut watched: VecDeque<Delivery> = VecDeque::new();
    let mut known = 0..0;
    let mut line = Vec::new();
    let mut number = 0u64;
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        number += 1;
        bar.set_position(number);
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let mut record = if arguments.json {
            json_record(&topic, &line)
                .map_err(|problem| Failure::said(format!("line {number}: {problem}")))?
        } else {
            text_record(&topic, &line, arguments)
        };
        for (name, value) in headers {
            record = record.header(name.clone(), value.clone());
        }
        if record.partition.is_none() {
            record.partition = arguments.partition;
        }
        if let Some(partition) = record.partition.filter(|partition| !known.contains(partition)) {
            known = partitions(producer, arguments, partition).await?;
        }
        watched.push_back(producer.send(record).await?);
        if watched.len() > WATCHED
            && let Some(oldest) = watched.pop_front()
        {
            oldest.await?;
        }
    }
    for delivery in watched {
        delivery.await?;
    }
    Ok(())
}

/// The topic's partitions. Fails at once where `wanted` is none of them; a record for it would wait in vain.
async fn partitions(producer: &Producer, arguments: &Arguments, wanted: i32) -> Result<Range<i32>, Failure> {
    let topic = &arguments.topic;
    // This also has the topic created, where the cluster does that.
    let count = producer.partitions_for(topic).await?.len();
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    if (0..count).contains(&wanted) {
        return Ok(0..count);
    }
    // What the producer remembers may be older than the partition.
    let admin = Admin::builder().set_all(arguments.cluster.options()?).build().await?;
    let found = cluster::partitions(&admin, &[format!("{topic}:{wanted}")]).await;
    admin.close(cluster::CLOSE_TIMEOUT).await;
    found?;
    Ok(0..wanted.saturating_add(1))
}

fn text_record(topic: &Arc<str>, line: &[u8], arguments: &Arguments) -> Record {
    let record = Record::to(topic.clone());
    let separator = arguments.key_separator.as_ref().map(String::as_bytes);
    let split = separator.and_then(|separator| {
        let at = line.windows(separator.len().max(1)).position(|window| window == separator)?;
        Some((&line[..at], &line[at + separator.len()..]))
    });
    let (key, value) = split.map_or((None, line), |(key, value)| (Some(key), value));
    let record = match key {
        Some(key) => record.key(key.to_vec()),
        None => record,
    };
    if value.is_empty() && arguments.tombstones { record } else { record.value(value.to_vec()) }
}

fn json_record(topic: &Arc<str>, line: &[u8]) -> Result<Record, serde_json::Error> {
    let parsed: JsonRecord = serde_json::from_slice(line)?;
    let mut record = Record::to(topic.clone());
    record.partition = parsed.partition;
    record.timestamp_ms = parsed.timestamp_ms;
    record.key = parsed.key.map(Into::into);
    record.value = match parsed.value {
        None | Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(text)) => Some(text.into()),
        Some(other) => Some(other.to_string().into()),
    };
    for (name, value) in parsed.headers {
        record.headers.push(name, value);
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_carry_everything_a_record_has() {
        let topic: Arc<str> = Arc::from("t");
        let line =
            br#"{"key":"k","value":{"a":1},"headers":[["h","1"],["h",null]],"partition":2,"timestamp_ms":5}"#;
        let record = json_record(&topic, line).unwrap();
        assert_eq!(
            (record.key.as_deref(), record.value.as_deref()),
            (Some(&b"k"[..]), Some(&br#"{"a":1}"#[..]))
        );
        assert_eq!((record.partition, record.timestamp_ms, record.headers.len()), (Some(2), Some(5), 2));
        assert!(json_record(&topic, br#"{"valeu":"x"}"#).is_err());
    }
}
