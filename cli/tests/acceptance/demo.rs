//! The demo: its pipeline on its own broker and on Apache Kafka, and what it says when a record is lost.

use crate::broker::Cluster;
use crate::program::{Ran, apache_kafka, ottla};
use ottla::admin::{Admin, CallOptions, NewTopic};
use ottla::record::TopicPartition;
use serde_json::Value;
use std::time::Duration;

/// More than a batch, a poll and a fetch each; few enough for a debug build.
const RECORDS: u64 = 20_000;

/// Everything went through every stage, and nothing is wrong.
fn complete(ran: &Ran) {
    let summary: Value = serde_json::from_str(ran.stdout.trim()).unwrap_or_default();
    let clean = serde_json::json!({"lost": 0, "doubled": 0, "out_of_order": 0, "altered": 0});
    assert_eq!(summary["findings"], clean, "{}", ran.story());
    let stages: Vec<_> = summary["stages"].as_array().into_iter().flatten().collect();
    let names: Vec<_> = stages.iter().filter_map(|stage| stage["stage"].as_str()).collect();
    assert_eq!(names, ["produce", "transform", "aggregate", "verify"], "{}", ran.story());
    assert!(stages.iter().all(|stage| stage["records"] == RECORDS), "{}", ran.story());
}

#[tokio::test]
async fn demo_with_a_broker_of_its_own_loses_and_doubles_nothing() {
    let records = RECORDS.to_string();
    complete(&ottla(&["demo", "--json", "--records", &records]).await.succeeded());
    let table = ottla(&["demo", "--records", "1000"]).await.succeeded();
    let table = table.says("1,000 orders in").says("lost 0 · doubled 0 · out of order 0 · altered 0");
    for stage in ["produce", "transform", "aggregate", "verify"] {
        assert_eq!(table.row(stage)[2], "1,000", "{}", table.story());
    }
    table.row("broker");
}

#[tokio::test]
async fn demo_on_apache_kafka_loses_and_doubles_nothing_and_leaves_no_topic() {
    let kafka = apache_kafka().await;
    let address = kafka.bootstrap_servers();
    let records = RECORDS.to_string();
    complete(&ottla(&["demo", "--bootstrap", &address, "--json", "--records", &records]).await.succeeded());
    let left = ottla(&["topics", "list", "--bootstrap", &address]).await.succeeded();
    left.keeps_quiet_about("ottla-demo");
}

#[tokio::test]
async fn a_program_that_fails_ends_the_demo_at_once_and_is_named() {
    let failing = ["demo", "--records", "1000", "--program", "transform:shell:false"];
    let ran = ottla(&failing).await;
    ran.failed().says("transform (shell) ended with exit status: 1");
}

#[tokio::test]
async fn lost_and_doubled_records_are_found_and_fail_the_demo() {
    let cluster = Cluster::start().await;
    let address = cluster.address.as_str();
    for topic in ["ottla-demo-hurt-orders", "ottla-demo-hurt-invoices", "ottla-demo-hurt-statements"] {
        crate::kill::create(address, NewTopic::new(topic, 6, 1)).await;
    }
    let stage = async |name: &str| {
        let stage = ["demo", "--stage", name, "--run", "hurt", "--bootstrap", address, "--records", "100"];
        ottla(&[&stage[..], &["--patience-ms", "30000"]].concat()).await.succeeded()
    };
    stage("produce").await;
    stage("transform").await;
    stage("aggregate").await;
    // The first statement of a partition is taken away, and all of another come once more.
    let admin = Admin::builder().set("bootstrap.servers", address).build().await;
    let admin = admin.unwrap_or_else(|error| panic!("no admin client: {error}"));
    let first = TopicPartition::new("ottla-demo-hurt-statements", 0);
    for (_, deleted) in
        admin.delete_records([(first, 1)], CallOptions::default()).await.expect("records can be deleted")
    {
        deleted.unwrap_or_else(|error| panic!("cannot delete a record: {error}"));
    }
    admin.close(Duration::from_secs(10)).await;
    let again =
        ["consume", "ottla-demo-hurt-statements:1", "--exit-at-end", "--json", "--bootstrap", address];
    let again = ottla(&again).await.succeeded();
    let doubled = again.stdout.lines().count();
    assert!(doubled > 0, "{}", again.story());
    let lines: String = again
        .stdout
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).expect("a record");
            let line = serde_json::json!({"key": record["key"], "value": record["value"], "partition": 1});
            format!("{line}\n")
        })
        .collect();
    let produce = ["produce", "ottla-demo-hurt-statements", "--json", "--bootstrap", address];
    crate::program::run_with_input(crate::program::ottla_command(&produce), lines.as_bytes())
        .await
        .succeeded();
    let verified = stage("verify").await;
    let last: Value =
        verified.stdout.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    assert_eq!(last["findings"]["lost"], 1, "{}", verified.story());
    assert_eq!(last["findings"]["doubled"], doubled, "{}", verified.story());
}
