//! `ottla perf`: how fast this client is on that cluster.

use crate::cluster::{self, ClusterFlags};
use crate::demo::Usage;
use crate::failure::Failure;
use crate::format;
use ottla::admin::Admin;
use ottla::consumer::Consumer;
use ottla::producer::Producer;
use ottla::record::TopicPartition;
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(120);

/// Records between two looks at the bar.
const SHOW_EVERY: u64 = 1 << 12;

/// Measure producing and consuming.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    cluster: ClusterFlags,
    /// One JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Produce records of one size as fast as they are taken
    Produce {
        /// The topic
        topic: String,
        /// How many
        #[arg(short = 'n', long, default_value_t = 1_000_000)]
        records: u64,
        /// Size of each value
        #[arg(short, long, default_value_t = 100)]
        size_bytes: usize,
    },
    /// Consume a topic from its beginning
    Consume {
        /// The topic
        topic: String,
        /// How many; ends earlier when nothing comes for 10 s
        #[arg(short = 'n', long, default_value_t = 1_000_000)]
        records: u64,
    },
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    cluster::log_to_stderr("warn");
    let options = arguments.cluster.options()?;
    cluster::block_on(async {
        match arguments.verb {
            Verb::Produce { topic, records, size_bytes } => {
                let producer = Producer::builder().set_all(options).build().await?;
                produce(&producer, &topic, records, size_bytes, arguments.json).await
            }
            Verb::Consume { topic, records } => {
                let admin = Admin::builder().set_all(options.clone()).build().await?;
                let partitions = cluster::partitions(&admin, &[topic]).await;
                admin.close(cluster::CLOSE_TIMEOUT).await;
                let mut builder = Consumer::builder().set("enable.auto.commit", "false");
                for (name, value) in options {
                    builder = builder.set(name, value);
                }
                consume(&builder.build().await?, &partitions?, records, arguments.json).await
            }
        }
    })
}

async fn produce(
    producer: &Producer,
    topic: &str,
    records: u64,
    size_bytes: usize,
    json: bool,
) -> Result<(), Failure> {
    let value: Vec<u8> = (0..size_bytes).map(|index| b'a' + (index % 26) as u8).collect();
    let handle = producer.topic(topic).await?;
    let watch = Stopwatch::start();
    let bar = format::progress(Some(records));
    for sent in 0..records {
        producer.append_waiting(&handle, None, None, None, Some(&value), &[]).await?;
        if sent % SHOW_EVERY == 0 {
            bar.set_position(sent);
        }
    }
    producer.close(TIMEOUT).await?;
    bar.finish_and_clear();
    let acknowledged = producer.metrics().records_acknowledged;
    watch.report("produced", acknowledged, acknowledged * size_bytes as u64, json)?;
    if acknowledged == records {
        Ok(())
    } else {
        Err(Failure::said(format!("{acknowledged} of {records} were acknowledged")))
    }
}

async fn consume(
    consumer: &Consumer,
    partitions: &[TopicPartition],
    records: u64,
    json: bool,
) -> Result<(), Failure> {
    consumer.assign(partitions.to_vec())?;
    consumer.seek_to_beginning(partitions)?;
    let watch = Stopwatch::start();
    let (mut seen, mut bytes) = (0, 0);
    let bar = format::progress(Some(records));
    while seen < records {
        let polled = consumer.poll(Duration::from_secs(10)).await?;
        if polled.is_empty() {
            break;
        }
        let wanted = usize::try_from(records - seen).unwrap_or(usize::MAX);
        for record in polled.iter().take(wanted) {
            seen += 1;
            bytes += record.value().map_or(0, <[u8]>::len) as u64;
        }
        bar.set_position(seen);
    }
    bar.finish_and_clear();
    watch.report("consumed", seen, bytes, json)?;
    consumer.close(cluster::CLOSE_TIMEOUT).await?;
    Ok(())
}

/// Wall and CPU time since a moment.
struct Stopwatch {
    started: Instant,
    usage: Usage,
}

impl Stopwatch {
    #[allow(clippy::disallowed_methods)] // A stopwatch for people, no decision hangs on it.
    fn start() -> Self {
        Self { started: Instant::now(), usage: Usage::own() }
    }

    fn report(&self, verb: &str, records: u64, bytes: u64, json: bool) -> Result<(), Failure> {
        let seconds = self.started.elapsed().as_secs_f64();
        let usage = Usage::own();
        let cpu_seconds = usage.cpu_seconds - self.usage.cpu_seconds;
        if json {
            return format::print_line(serde_json::json!({
                "verb": verb, "records": records, "bytes": bytes, "seconds": seconds, "cpu_seconds": cpu_seconds,
                "max_resident_bytes": usage.max_resident_bytes,
            }));
        }
        format::print_line(format_args!(
            "{verb} {} records ({}) in {seconds:.2} s: {} records/s, {}/s, {:.2} CPU s, {} resident",
            format::count(records),
            format::bytes(bytes),
            format::count((records as f64 / seconds) as u64),
            format::bytes((bytes as f64 / seconds) as u64),
            cpu_seconds,
            format::bytes(usage.max_resident_bytes)
        ))
    }
}
