//! `ottla consume`: records to standard output.

use crate::cluster::{self, ClusterFlags};
use crate::failure::Failure;
use crate::pipe;
use ottla::admin::Admin;
use ottla::consumer::{Consumer, ConsumerRecord};
use ottla::record::TopicPartition;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

const POLL_TIMEOUT: Duration = Duration::from_millis(500);

/// Consume records to standard output.
///
/// Without --group: all partitions from --offset on. With --group: as a member of that group, committing what was printed.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Topics, or one partition as TOPIC:PARTITION
    #[arg(required = true)]
    topics: Vec<String>,
    #[command(flatten)]
    cluster: ClusterFlags,
    /// Where to begin: beginning, end, an offset, or -N for the last N records of each partition
    #[arg(short, long, default_value = "beginning", allow_hyphen_values = true, conflicts_with = "group")]
    offset: Start,
    /// Read as a member of this group
    #[arg(short, long)]
    group: Option<String>,
    /// End after so many records
    #[arg(short = 'n', long, value_name = "COUNT")]
    max_records: Option<u64>,
    /// End at the end of the log as it was at the start
    #[arg(short, long, conflicts_with = "group")]
    exit_at_end: bool,
    /// %t topic, %p partition, %o offset, %T timestamp, %k key, %v value, %h headers, \n \t
    #[arg(short, long, default_value = "%v\\n", conflicts_with = "json")]
    format: String,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Beginning,
    End,
    Offset(i64),
    Last(i64),
}

impl std::str::FromStr for Start {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "beginning" | "earliest" => Ok(Self::Beginning),
            "end" | "latest" => Ok(Self::End),
            text => match text.parse::<i64>() {
                Ok(offset) if offset < 0 => Ok(Self::Last(-offset)),
                Ok(offset) => Ok(Self::Offset(offset)),
                Err(_) => Err("beginning, end, an offset, or -N is expected".to_owned()),
            },
        }
    }
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    cluster::log_to_stderr("warn");
    cluster::block_on(async {
        let mut options = arguments.cluster.options()?;
        // What was printed is committed at the end; a reader without a group has nothing to commit.
        options.push(("enable.auto.commit".to_owned(), arguments.group.is_some().to_string()));
        if let Some(group) = &arguments.group {
            options.push(("group.id".to_owned(), group.clone()));
            if !options.iter().any(|(name, _)| name == "auto.offset.reset") {
                options.push(("auto.offset.reset".to_owned(), "earliest".to_owned()));
            }
        }
        let mut builder = Consumer::builder();
        for (name, value) in options {
            builder = builder.set(name, value);
        }
        let consumer = builder.build().await?;
        let outcome = read(&consumer, &arguments).await;
        let closed = consumer.close(cluster::CLOSE_TIMEOUT).await;
        outcome?;
        Ok(closed?)
    })
}

async fn read(consumer: &Consumer, arguments: &Arguments) -> Result<(), Failure> {
    let mut ends = BTreeMap::new();
    if arguments.group.is_some() {
        subscribe(consumer, arguments).await?;
    } else {
        ends = assign(consumer, arguments).await?;
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut left = arguments.max_records.unwrap_or(u64::MAX);
    while left > 0 && !(arguments.exit_at_end && at_end(consumer, &ends)) {
        let polled = tokio::select! {
            polled = consumer.poll(POLL_TIMEOUT) => polled?,
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        };
        for record in polled.iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
            let end = ends.get(record.topic_partition());
            if arguments.exit_at_end && end.is_some_and(|end| record.offset() >= *end) {
                continue;
            }
            if arguments.json {
                serde_json::to_writer(&mut out, &json(&record))?;
                out.write_all(b"\n")?;
            } else {
                write_formatted(&mut out, &arguments.format, &record)?;
            }
            left -= 1;
        }
        out.flush()?;
        if pipe::reader_has_gone(io::stdout()) {
            return Err(Failure::broken_pipe());
        }
    }
    Ok(())
}

/// Joins the group once the topics are known to be there: a group waits without a word for a topic to appear.
async fn subscribe(consumer: &Consumer, arguments: &Arguments) -> Result<(), Failure> {
    if let Some(one) = arguments.topics.iter().find(|topic| topic.contains(':')) {
        return Err(Failure::said(format!("{one}: a group shares whole topics; name the topic alone")));
    }
    let admin = Admin::builder().set_all(arguments.cluster.options()?).build().await?;
    let found = cluster::partitions(&admin, &arguments.topics).await;
    admin.close(cluster::CLOSE_TIMEOUT).await;
    found?;
    Ok(consumer.subscribe(&arguments.topics)?)
}

/// Assigns the partitions, seeks to the start, and returns the ends as they are now.
async fn assign(
    consumer: &Consumer,
    arguments: &Arguments,
) -> Result<BTreeMap<TopicPartition, i64>, Failure> {
    let admin = Admin::builder().set_all(arguments.cluster.options()?).build().await?;
    let partitions = cluster::partitions(&admin, &arguments.topics).await;
    admin.close(cluster::CLOSE_TIMEOUT).await;
    let partitions = partitions?;
    consumer.assign(partitions.clone())?;
    let ends: BTreeMap<TopicPartition, i64> = consumer.end_offsets(&partitions).await?.into_iter().collect();
    match arguments.offset {
        Start::Beginning => consumer.seek_to_beginning(&partitions)?,
        Start::End => consumer.seek_to_end(&partitions)?,
        Start::Offset(offset) => {
            for partition in &partitions {
                consumer.seek(partition, offset)?;
            }
        }
        Start::Last(count) => {
            let begins: BTreeMap<TopicPartition, i64> =
                consumer.beginning_offsets(&partitions).await?.into_iter().collect();
            for (partition, end) in &ends {
                consumer.seek(partition, (end - count).max(begins.get(partition).copied().unwrap_or(0)))?;
            }
        }
    }
    Ok(ends)
}

fn at_end(consumer: &Consumer, ends: &BTreeMap<TopicPartition, i64>) -> bool {
    ends.iter().all(|(partition, end)| consumer.position(partition).is_some_and(|position| position >= *end))
}

fn json(record: &ConsumerRecord<'_>) -> serde_json::Value {
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let headers: Vec<(String, Option<String>)> = record
        .headers()
        .iter()
        .map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), text(value)))
        .collect();
    serde_json::json!({
        "topic": record.topic(),
        "partition": record.partition(),
        "offset": record.offset(),
        "timestamp_ms": record.timestamp_ms(),
        "key": text(record.key()),
        "value": text(record.value()),
        "headers": headers,
    })
}

/// Prints a record as the format says; keys and values go out as the bytes they are.
fn write_formatted(out: &mut impl Write, format: &str, record: &ConsumerRecord<'_>) -> Result<(), Failure> {
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        match (letter, if matches!(letter, '%' | '\\') { letters.next() } else { None }) {
            ('%', Some('t')) => write!(out, "{}", record.topic())?,
            ('%', Some('p')) => write!(out, "{}", record.partition())?,
            ('%', Some('o')) => write!(out, "{}", record.offset())?,
            ('%', Some('T')) => write!(out, "{}", record.timestamp_ms())?,
            ('%', Some('k')) => out.write_all(record.key().unwrap_or_default())?,
            ('%', Some('v')) => out.write_all(record.value().unwrap_or_default())?,
            ('%', Some('h')) => {
                for (index, (name, value)) in record.headers().iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(out, "{comma}{}=", String::from_utf8_lossy(name))?;
                    out.write_all(value.unwrap_or_default())?;
                }
            }
            ('\\', Some('n')) => out.write_all(b"\n")?,
            ('\\', Some('t')) => out.write_all(b"\t")?,
            (first, Some(second)) => write!(out, "{first}{second}")?,
            (letter, None) => write!(out, "{letter}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_are_read() {
        assert_eq!("beginning".parse(), Ok(Start::Beginning));
        assert_eq!("-5".parse(), Ok(Start::Last(5)));
        assert_eq!("7".parse(), Ok(Start::Offset(7)));
        assert!("soon".parse::<Start>().is_err());
    }
}
