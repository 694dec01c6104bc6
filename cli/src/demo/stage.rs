//! The stages: orders are written, made into invoices, added up to accounts, and checked.

#![allow(clippy::disallowed_methods)] // A map that nobody walks.

use super::ledger::Ledger;
use super::order::{CUSTOMERS, Invoice, Order, Statement, channel_of, invoice, statement, write_order};
use super::report::{Reporter, Stage};
use crate::cluster;
use crate::failure::Failure;
use ottla::consumer::Consumer;
use ottla::producer::Producer;
use ottla::record::TopicPartition;
use ottla_wire::batch::HeaderRef;
use std::collections::HashMap;
use std::time::Duration;

const CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// The topic of orders of a run.
pub(super) fn orders(run: &str) -> String {
    format!("ottla-demo-{run}-orders")
}

/// The topic of invoices of a run.
pub(super) fn invoices(run: &str) -> String {
    format!("ottla-demo-{run}-invoices")
}

/// The topic of statements of a run.
pub(super) fn statements(run: &str) -> String {
    format!("ottla-demo-{run}-statements")
}

/// Every topic of a run.
pub(super) fn topics(run: &str) -> [String; 3] {
    [orders(run), invoices(run), statements(run)]
}

/// Runs one stage. Nothing new for `patience` means that something was lost.
pub(super) fn run(
    stage: Stage,
    bootstrap: &str,
    run: &str,
    records: u64,
    patience: Duration,
) -> Result<(), Failure> {
    cluster::block_on(async {
        match stage {
            Stage::Produce => produce(bootstrap, run, records).await,
            Stage::Transform => transform(bootstrap, run, records, patience).await,
            Stage::Aggregate => aggregate(bootstrap, run, records, patience).await,
            Stage::Verify => verify(bootstrap, run, records, patience).await,
        }
    })
}

async fn producer(bootstrap: &str) -> Result<Producer, Failure> {
    let builder = Producer::builder().set("bootstrap.servers", bootstrap).set("compression.type", "lz4");
    Ok(builder.set("batch.size", 65_536).build().await?)
}

/// Closes the producer and makes sure that every record was acknowledged.
async fn finish(producer: &Producer, records: u64) -> Result<(), Failure> {
    producer.close(CLOSE_TIMEOUT).await?;
    let acknowledged = producer.metrics().records_acknowledged;
    if acknowledged == records {
        return Ok(());
    }
    Err(Failure::said(format!("{acknowledged} of {records} records were acknowledged")))
}

async fn produce(bootstrap: &str, run: &str, records: u64) -> Result<(), Failure> {
    let producer = producer(bootstrap).await?;
    let topic = producer.topic(&orders(run)).await?;
    let mut reporter = Reporter::new(Stage::Produce);
    let mut json = Vec::new();
    for order_id in 0..records {
        let key = write_order(order_id, &mut json)?;
        let headers: [(&[u8], Option<&[u8]>); 2] =
            [(b"channel", Some(channel_of(order_id).as_bytes())), (b"schema", Some(b"order/1"))];
        let delivery =
            producer.append_waiting(&topic, None, None, Some(key.as_bytes()), Some(&json), &headers).await?;
        drop(delivery);
        reporter.count(key.len() + json.len());
    }
    finish(&producer, records).await?;
    reporter.finish(None);
    Ok(())
}

async fn transform(bootstrap: &str, run: &str, records: u64, patience: Duration) -> Result<(), Failure> {
    let to = invoices(run);
    passing_on(Stage::Transform, bootstrap, run, &orders(run), &to, records, patience, |_, value, json| {
        let order: Order<'_> = serde_json::from_slice(value)?;
        serde_json::to_writer(json, &invoice(&order))
    })
    .await
}

async fn aggregate(bootstrap: &str, run: &str, records: u64, patience: Duration) -> Result<(), Failure> {
    let to = statements(run);
    let mut accounts: HashMap<Vec<u8>, (u64, u64)> = HashMap::with_capacity(CUSTOMERS as usize);
    passing_on(
        Stage::Aggregate,
        bootstrap,
        run,
        &invoices(run),
        &to,
        records,
        patience,
        |key, value, json| {
            let invoice: Invoice<'_> = serde_json::from_slice(value)?;
            let account = match accounts.get_mut(key) {
                Some(account) => account,
                None => accounts.entry(key.to_vec()).or_default(),
            };
            serde_json::to_writer(json, &statement(&invoice, account))
        },
    )
    .await
}

/// Reads records as a member of a group, makes another value of each, and writes that on; keys, headers and times travel
/// along.
#[allow(clippy::too_many_arguments)] // What a stage is told, and what it does.
async fn passing_on(
    stage: Stage,
    bootstrap: &str,
    run: &str,
    from: &str,
    to: &str,
    records: u64,
    patience: Duration,
    mut make: impl FnMut(&[u8], &[u8], &mut Vec<u8>) -> serde_json::Result<()>,
) -> Result<(), Failure> {
    let producer = producer(bootstrap).await?;
    let topic = producer.topic(to).await?;
    let consumer = Consumer::builder()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", format!("ottla-demo-{run}-{}", stage.name()))
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("max.poll.records", 10_000)
        .build()
        .await?;
    consumer.subscribe([from])?;
    let mut reporter = Reporter::new(stage);
    let mut seen = 0;
    let mut json = Vec::new();
    while seen < records {
        let polled = consumer.poll(patience).await?;
        if polled.is_empty() && polled.rebalances().is_empty() {
            return Err(Failure::said(format!(
                "nothing came for {patience:?}; {seen} of {records} records did"
            )));
        }
        for record in polled.iter() {
            json.clear();
            make(record.key().unwrap_or_default(), record.value().unwrap_or_default(), &mut json)?;
            let headers: Vec<HeaderRef<'_>> = record.headers().iter().collect();
            let timestamp_ms = Some(record.timestamp_ms());
            drop(
                producer
                    .append_waiting(&topic, None, timestamp_ms, record.key(), Some(&json), &headers)
                    .await?,
            );
            reporter.count(json.len());
            seen += 1;
        }
    }
    // What was read counts as handled once what was made of it is safe.
    finish(&producer, records).await?;
    consumer.commit_sync().await?;
    consumer.close(CLOSE_TIMEOUT).await?;
    reporter.finish(None);
    Ok(())
}

async fn verify(bootstrap: &str, run: &str, records: u64, patience: Duration) -> Result<(), Failure> {
    let topic = statements(run);
    let consumer = Consumer::builder()
        .set("bootstrap.servers", bootstrap)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("max.poll.records", 10_000)
        .build()
        .await?;
    let partitions: Vec<TopicPartition> =
        (0..super::PARTITIONS).map(|partition| TopicPartition::new(topic.as_str(), partition)).collect();
    consumer.assign(partitions.clone())?;
    let mut reporter = Reporter::new(Stage::Verify);
    let mut ledger = Ledger::new(records);
    while ledger.count() < records {
        if read(&consumer, patience, &mut ledger, &mut reporter).await? == 0 {
            break;
        }
    }
    // Whatever lies behind the last expected record would be a double: read to the very end.
    let ends = consumer.end_offsets(&partitions).await?;
    while ends
        .iter()
        .any(|(partition, end)| consumer.position(partition).is_none_or(|position| position < *end))
    {
        if read(&consumer, patience, &mut ledger, &mut reporter).await? == 0 {
            break;
        }
    }
    consumer.close(CLOSE_TIMEOUT).await?;
    let findings = ledger.close();
    reporter.finish(Some(findings));
    Ok(())
}

/// One poll; returns how many records it gave.
async fn read(
    consumer: &Consumer,
    timeout: Duration,
    ledger: &mut Ledger,
    reporter: &mut Reporter,
) -> Result<usize, Failure> {
    let polled = consumer.poll(timeout).await?;
    for record in polled.iter() {
        let value = record.value().unwrap_or_default();
        let statement: Statement<'_> = serde_json::from_slice(value)?;
        ledger.note(record.key().unwrap_or_default(), &statement);
        reporter.count(value.len());
    }
    Ok(polled.len())
}
