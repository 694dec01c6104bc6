//! Every verb of `ottla` that talks to a cluster, on its own broker and on Apache Kafka.

use crate::broker::Cluster;
use crate::program::{Ran, apache_kafka, ottla_command, run_with_input};
use serde_json::Value;
use std::fmt::Debug;
use std::time::Duration;

/// A user at a terminal, with one cluster.
struct User {
    address: String,
}

impl User {
    async fn ottla(&self, arguments: &[&str]) -> Ran {
        self.ottla_with_input(arguments, "").await
    }

    async fn ottla_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = ottla_command(arguments);
        command.env("OTTLA_BOOTSTRAP_SERVERS", &self.address);
        run_with_input(command, input.as_bytes()).await
    }

    /// What a verb prints with `--json`: one object a line.
    async fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let ran = self.ottla(&[arguments, &["--json"]].concat()).await.succeeded();
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}{}", ran.story()))
        };
        ran.stdout.lines().map(parse).collect()
    }
}

/// The values of one field, sorted.
fn field(rows: &[Value], name: &str) -> Vec<String> {
    let text = |row: &Value| match &row[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut values: Vec<String> = rows.iter().map(text).collect();
    values.sort();
    values
}

/// Looks until it is so: Apache Kafka's brokers learn of a change after the controller that acknowledged it.
async fn becomes<T: PartialEq + Debug>(look: impl AsyncFn() -> T, wanted: T) {
    let env = ottla_env::Env::system();
    let deadline = env.now() + Duration::from_secs(30);
    loop {
        let found = look().await;
        if found == wanted || env.now() > deadline {
            assert_eq!(found, wanted);
            return;
        }
    }
}

#[tokio::test]
async fn every_verb_works_on_ottlas_broker() {
    let cluster = Cluster::start().await;
    every_verb(User { address: cluster.address.clone() }).await;
}

#[tokio::test]
async fn every_verb_works_on_apache_kafka() {
    let kafka = apache_kafka().await;
    every_verb(User { address: kafka.bootstrap_servers() }).await;
}

async fn every_verb(user: User) {
    topics(&user).await;
    configs(&user).await;
    produce_and_consume(&user).await;
    groups(&user).await;
    perf(&user).await;
    mistakes(&user).await;
    user.ottla(&["topics", "delete", "verbs", "verbs-perf"]).await.succeeded();
    let left = async || {
        let topics = field(&user.json(&["topics", "list"]).await, "topic");
        topics.into_iter().filter(|topic| topic.starts_with("verbs")).collect::<Vec<_>>()
    };
    becomes(left, Vec::new()).await;
}

async fn topics(user: &User) {
    let create = ["topics", "create", "verbs", "--partitions", "3", "--config", "retention.ms=600000"];
    user.ottla(&create).await.succeeded();
    user.ottla(&create).await.failed().says("TOPIC_ALREADY_EXISTS").says("verbs");
    user.ottla(&[&create[..], &["--if-not-exists"]].concat()).await.succeeded();
    let listed = user.ottla(&["topics", "list"]).await.succeeded();
    assert!(listed.stdout.starts_with("TOPIC"), "a table with a head{}", listed.story());
    assert_eq!(listed.row("verbs")[0], "verbs", "{}", listed.story());
    assert_eq!(field(&user.json(&["topics", "list"]).await, "topic"), ["verbs"]);
    user.ottla(&["topics", "alter", "verbs", "--partitions", "4"]).await.succeeded();
    let described = async || {
        let partitions = user.json(&["topics", "describe", "verbs"]).await;
        (field(&partitions, "partition"), field(&partitions, "leader"))
    };
    let texts = |words: [&str; 4]| words.map(str::to_owned).to_vec();
    becomes(described, (texts(["0", "1", "2", "3"]), texts(["1"; 4]))).await;
}

async fn configs(user: &User) {
    let describe = ["configs", "describe", "--topic", "verbs"];
    let retention = async || {
        let rows = user.json(&describe).await;
        let row = rows.into_iter().find(|row| row["name"] == "retention.ms");
        row.map(|row| (row["value"].clone(), row["source"].clone()))
    };
    becomes(retention, Some(("600000".into(), "DYNAMIC_TOPIC_CONFIG".into()))).await;
    let alter = ["configs", "alter", "--topic", "verbs"];
    let change =
        [&alter[..], &["--set", "retention.ms=700000", "--append", "cleanup.policy=compact"]].concat();
    user.ottla(&[&change[..], &["--dry-run"]].concat()).await.succeeded();
    assert_eq!(retention().await.map(|found| found.0), Some("600000".into()));
    user.ottla(&change).await.succeeded();
    becomes(async || retention().await.map(|found| found.0), Some("700000".into())).await;
    let table = user.ottla(&describe).await.succeeded();
    assert_eq!(table.row("cleanup.policy")[1], "delete,compact", "{}", table.story());
    let back = ["--delete", "retention.ms", "--subtract", "cleanup.policy=compact"];
    user.ottla(&[&alter[..], &back].concat()).await.succeeded();
    becomes(retention, None).await;
    let broker = user.ottla(&["configs", "describe", "--broker", "1", "--all"]).await.succeeded();
    broker.says("log.dirs").says("STATIC_BROKER_CONFIG");
}

async fn produce_and_consume(user: &User) {
    let lines = ["produce", "verbs", "--key-separator", ":", "--header", "trace=7", "--tombstones"];
    user.ottla_with_input(&lines, "k1:väl one\nk2:two\nk3:\nno key").await.succeeded();
    // A minute ago: a record of long ago would fall to retention while the test looks for it.
    let timestamp_ms = ottla_env::Env::system().wall_ms() - 60_000;
    let json = serde_json::json!({
        "key": "k4", "value": {"a": 1}, "headers": [["h", "1"], ["h", null]], "partition": 3,
        "timestamp_ms": timestamp_ms,
    });
    user.ottla_with_input(&["produce", "verbs", "--json"], &json.to_string()).await.succeeded();
    user.ottla_with_input(&["produce", "verbs"], "").await.succeeded();
    let format = ["--format", "%k=%v %h\\n", "--exit-at-end"];
    let consumed = user.ottla(&[&["consume", "verbs"][..], &format].concat()).await.succeeded();
    let expected =
        ["k1=väl one trace=7", "k2=two trace=7", "k3= trace=7", "=no key trace=7", r#"k4={"a":1} h=1,h="#];
    consumed.prints_lines(&expected);
    let records = user.json(&["consume", "verbs", "--exit-at-end"]).await;
    let find = |key: &str| records.iter().find(|record| record["key"] == key).cloned().unwrap_or_default();
    assert_eq!(find("k3")["value"], Value::Null);
    let k4 = find("k4");
    assert_eq!((&k4["partition"], &k4["timestamp_ms"]), (&3.into(), &timestamp_ms.into()));
    assert_eq!(k4["headers"], serde_json::json!([["h", "1"], ["h", null]]));
    let last = user.ottla(&["consume", "verbs:3", "--offset", "-1", "--max-records", "1"]).await.succeeded();
    assert_eq!(last.stdout.lines().count(), 1, "{}", last.story());
}

async fn groups(user: &User) {
    let read = ["consume", "verbs", "--group", "verbs-group", "--max-records", "5"];
    assert_eq!(user.ottla(&read).await.succeeded().stdout.lines().count(), 5);
    assert_eq!(field(&user.json(&["groups", "list"]).await, "group"), ["verbs-group"]);
    let empty = user.json(&["groups", "list", "--state", "empty"]).await;
    assert_eq!(field(&empty, "state"), ["Empty"]);
    let lag = async || {
        let rows = user.json(&["groups", "describe", "verbs-group"]).await;
        rows.iter().filter_map(|row| row["lag"].as_i64()).sum::<i64>()
    };
    assert_eq!(lag().await, 0);
    let reset = ["groups", "reset-offsets", "verbs-group", "--topic", "verbs", "--to-earliest"];
    user.ottla(&[&reset[..], &["--dry-run"]].concat()).await.succeeded();
    assert_eq!(lag().await, 0);
    let moved = user.ottla(&reset).await.succeeded();
    assert_eq!(moved.row("verbs")[..3], ["verbs", "0", "0"], "{}", moved.story());
    assert_eq!(lag().await, 5);
    user.ottla(&["groups", "describe", "verbs-group", "--members"]).await.succeeded().says("MEMBER");
    user.ottla(&["groups", "delete", "verbs-group"]).await.succeeded();
    let gone = user.ottla(&["groups", "describe", "verbs-group"]).await.failed();
    gone.says("GROUP_ID_NOT_FOUND").says("verbs-group");
}

async fn perf(user: &User) {
    user.ottla(&["topics", "create", "verbs-perf", "--partitions", "2"]).await.succeeded();
    let produced = user.json(&["perf", "produce", "verbs-perf", "--records", "2000"]).await;
    assert_eq!((&produced[0]["records"], &produced[0]["bytes"]), (&2000.into(), &200_000.into()));
    // Not one more than was asked for, however many come at once.
    let consumed = user.json(&["perf", "consume", "verbs-perf", "--records", "1234"]).await;
    assert_eq!((&consumed[0]["records"], &consumed[0]["bytes"]), (&1234.into(), &123_400.into()));
    let said = user.ottla(&["perf", "consume", "verbs-perf", "--records", "10"]).await.succeeded();
    said.says("consumed 10 records (1000 B)").says("records/s");
}

async fn mistakes(user: &User) {
    for unknown in [
        &["topics", "describe", "verbs-unknown"][..],
        &["topics", "delete", "verbs-unknown"],
        &["topics", "alter", "verbs-unknown", "--partitions", "9"],
        &["configs", "describe", "--topic", "verbs-unknown"],
        &["consume", "verbs-unknown"],
        // A group would wait for the topic to appear, and a person for the group.
        &["consume", "verbs-unknown", "--group", "verbs-waits"],
        &["perf", "consume", "verbs-unknown"],
        &["groups", "reset-offsets", "verbs-waits", "--topic", "verbs-unknown", "--to-latest"],
    ] {
        let said = user.ottla(unknown).await.failed().says("UNKNOWN_TOPIC_OR_PARTITION");
        said.says("verbs-unknown").says("check the topic's spelling");
    }
    let invalid = user.ottla(&["topics", "create", "bad name!"]).await.failed();
    invalid.says("INVALID_TOPIC_EXCEPTION").says("bad name!");
    let invalid = user.ottla_with_input(&["produce", "bad name!"], "x").await.failed();
    invalid.says("INVALID_TOPIC_EXCEPTION").says("bad name!");
    let config = user.ottla(&["topics", "create", "verbs-x", "--config", "retention.m=5"]).await.failed();
    config.says("INVALID_CONFIG").says("retention.m");
    let config = user.ottla(&["topics", "create", "verbs-x", "--config", "retention.ms=soon"]).await.failed();
    config.says("INVALID_CONFIG").says("retention.ms").says("soon");
    // There is no such thing, and waiting for it helps nobody.
    let partition = "topic verbs has no partition 99; its partitions are 0 to 3";
    user.ottla(&["consume", "verbs:99"]).await.failed().says(partition);
    user.ottla_with_input(&["produce", "verbs", "--partition", "99"], "x").await.failed().says(partition);
    let json = r#"{"value":"x","partition":99}"#;
    user.ottla_with_input(&["produce", "verbs", "--json"], json).await.failed().says(partition);
    let broker = user.ottla(&["configs", "describe", "--broker", "99"]).await.failed();
    broker.says("the cluster has no broker 99; it has 1");
    let colon = user.ottla(&["consume", "verbs:0", "--group", "verbs-waits"]).await.failed();
    colon.says("a group shares whole topics");
}
