//! Apache Kafka's command line tools against the broker.

use crate::broker::Cluster;
use crate::program::{Ran, kafka_tool, kafka_tool_with_input};

const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
const CONFIGS: &str = "kafka.admin.ConfigCommand";
const CONSOLE_PRODUCER: &str = "org.apache.kafka.tools.ConsoleProducer";
const CONSOLE_CONSUMER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const CONSUMER_GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const GROUPS: &str = "org.apache.kafka.tools.GroupsCommand";
const GET_OFFSETS: &str = "org.apache.kafka.tools.GetOffsetShell";
const DELETE_RECORDS: &str = "org.apache.kafka.tools.DeleteRecordsCommand";
const PRODUCER_PERFORMANCE: &str = "org.apache.kafka.tools.ProducerPerformance";
const CONSUMER_PERFORMANCE: &str = "org.apache.kafka.tools.ConsumerPerformance";

/// Runs a tool against the cluster.
async fn tool(cluster: &Cluster, class: &str, arguments: &[&str]) -> Ran {
    tool_with_input(cluster, class, arguments, b"").await
}

async fn tool_with_input(cluster: &Cluster, class: &str, arguments: &[&str], input: &[u8]) -> Ran {
    let mut all = vec!["--bootstrap-server", &cluster.address];
    all.extend_from_slice(arguments);
    kafka_tool_with_input(class, &all, input).await
}

async fn create(cluster: &Cluster, topic: &str, partitions: &str) {
    tool(cluster, TOPICS, &["--create", "--topic", topic, "--partitions", partitions]).await.succeeded();
}

#[tokio::test]
async fn kafka_topics() {
    let cluster = Cluster::start().await;
    let arguments =
        ["--create", "--topic", "tools-topics", "--partitions", "3", "--config", "retention.ms=600000"];
    tool(&cluster, TOPICS, &arguments).await.succeeded().says("Created topic tools-topics");
    tool(&cluster, TOPICS, &arguments).await.failed().says("already exists");
    let described = tool(&cluster, TOPICS, &["--describe", "--topic", "tools-topics"]).await.succeeded();
    let described = described
        .says("PartitionCount: 3")
        .says("ReplicationFactor: 1")
        .says("retention.ms=600000")
        .keeps_quiet_about("Leader: none");
    for partition in ["Partition: 0", "Partition: 1", "Partition: 2"] {
        let row = described.row(partition);
        assert!(row.contains(&"Isr:"), "{row:?}{}", described.story());
    }
    tool(&cluster, TOPICS, &["--alter", "--topic", "tools-topics", "--partitions", "5"]).await.succeeded();
    tool(&cluster, TOPICS, &["--alter", "--topic", "tools-topics", "--partitions", "2"]).await.failed();
    tool(&cluster, TOPICS, &["--describe", "--topic", "tools-topics"]).await.succeeded().says("Partition: 4");
    tool(&cluster, TOPICS, &["--list"]).await.succeeded().says("tools-topics");
    tool(&cluster, TOPICS, &["--delete", "--topic", "tools-topics"]).await.succeeded();
    tool(&cluster, TOPICS, &["--list"]).await.succeeded().keeps_quiet_about("tools-topics");
}

#[tokio::test]
async fn kafka_configs() {
    let cluster = Cluster::start().await;
    create(&cluster, "tools-configs", "1").await;
    let topic = ["--entity-type", "topics", "--entity-name", "tools-configs"];
    let on_topic = async |arguments: &[&str]| tool(&cluster, CONFIGS, &[&topic, arguments].concat()).await;
    on_topic(&["--alter", "--add-config", "retention.ms=123456,cleanup.policy=[compact,delete]"])
        .await
        .succeeded();
    let described = on_topic(&["--describe"]).await.succeeded();
    described
        .says("retention.ms=123456 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=123456")
        .says("cleanup.policy=compact,delete");
    on_topic(&["--alter", "--add-config", "retention.ms=soon"]).await.failed().says("retention.ms");
    on_topic(&["--alter", "--add-config", "retention.m=5"]).await.failed();
    on_topic(&["--alter", "--delete-config", "retention.ms"]).await.succeeded();
    let all = on_topic(&["--describe", "--all"]).await.succeeded().keeps_quiet_about("123456");
    for name in ["retention.ms=604800000", "segment.bytes=1073741824", "max.message.bytes=1048588"] {
        assert!(all.stdout.contains(name), "{name}{}", all.story());
    }
    let broker =
        tool(&cluster, CONFIGS, &["--entity-type", "brokers", "--entity-name", "1", "--describe", "--all"]);
    broker.await.succeeded().says("STATIC_BROKER_CONFIG").says("log.dirs=").says("node.id=1");
}

#[tokio::test]
async fn kafka_console_producer_and_consumer() {
    let cluster = Cluster::start().await;
    let topic = ["--topic", "tools-console"];
    create(&cluster, "tools-console", "1").await;
    // Headers, key, value; the second record has no headers, the third no key either, the fourth no value.
    let input = "h1:a,h2:b\tkey-1\tvälue one\n\
                 NULL\tkey-2\tvalue two\n\
                 NULL\tNULL\tvalue three\n\
                 h:1\tkey-4\tNULL\n";
    let reader = [
        "--reader-property",
        "parse.key=true",
        "--reader-property",
        "parse.headers=true",
        "--reader-property",
        "null.marker=NULL",
        "--compression-codec",
        "zstd",
    ];
    let arguments = [&topic[..], &reader].concat();
    tool_with_input(&cluster, CONSOLE_PRODUCER, &arguments, input.as_bytes()).await.succeeded();
    let formatter = [
        "--formatter-property",
        "print.key=true",
        "--formatter-property",
        "print.headers=true",
        "--formatter-property",
        "print.offset=true",
        "--formatter-property",
        "print.partition=true",
    ];
    let consume =
        ["--from-beginning", "--max-messages", "4", "--timeout-ms", "30000", "--group", "tools-console"];
    let consumed =
        tool(&cluster, CONSOLE_CONSUMER, &[&topic[..], &consume, &formatter].concat()).await.succeeded();
    consumed.prints_lines(&[
        "Partition:0\tOffset:0\th1:a,h2:b\tkey-1\tvälue one",
        "Partition:0\tOffset:1\tNO_HEADERS\tkey-2\tvalue two",
        "Partition:0\tOffset:2\tNO_HEADERS\tnull\tvalue three",
        "Partition:0\tOffset:3\th:1\tkey-4\tnull",
    ]);
    // The group goes on where it stopped, and a consumer of one partition starts where it is told.
    tool_with_input(&cluster, CONSOLE_PRODUCER, &topic, b"five\nsix\n").await.succeeded();
    let resume = ["--max-messages", "2", "--timeout-ms", "30000", "--group", "tools-console"];
    let resumed = tool(&cluster, CONSOLE_CONSUMER, &[&topic[..], &resume].concat()).await.succeeded();
    resumed.prints_lines(&["five", "six"]);
    let seek = ["--partition", "0", "--offset", "3", "--max-messages", "3", "--timeout-ms", "30000"];
    let from_three = tool(&cluster, CONSOLE_CONSUMER, &[&topic[..], &seek].concat()).await.succeeded();
    from_three.prints_lines(&["null", "five", "six"]);
}

#[tokio::test]
async fn kafka_consumer_groups() {
    let cluster = Cluster::start().await;
    create(&cluster, "tools-groups", "1").await;
    let lines: String = (0..10).map(|n| format!("{n}\n")).collect();
    tool_with_input(&cluster, CONSOLE_PRODUCER, &["--topic", "tools-groups"], lines.as_bytes())
        .await
        .succeeded();
    for group in ["tools-classic", "tools-next"] {
        let consume = [
            "--topic",
            "tools-groups",
            "--from-beginning",
            "--max-messages",
            "6",
            "--timeout-ms",
            "30000",
            "--group",
            group,
        ];
        tool(&cluster, CONSOLE_CONSUMER, &consume).await.succeeded().says("Processed a total of 6 messages");
        let described = tool(&cluster, CONSUMER_GROUPS, &["--describe", "--group", group]).await.succeeded();
        let row = described.row("tools-groups");
        assert_eq!(row[..6], [group, "tools-groups", "0", "6", "10", "4"], "{}", described.story());
    }
    let listed = tool(&cluster, CONSUMER_GROUPS, &["--list", "--state"]).await.succeeded();
    for group in ["tools-classic", "tools-next"] {
        assert_eq!(listed.row(group).last(), Some(&"Empty"), "{}", listed.story());
    }
    tool(&cluster, GROUPS, &["--list"]).await.succeeded().says("tools-classic").says("tools-next");
    let describe_state = ["--describe", "--state", "--group", "tools-classic"];
    tool(&cluster, CONSUMER_GROUPS, &describe_state).await.succeeded().says("Empty");
    for (how, expected) in [
        (&["--to-earliest"][..], "0"),
        (&["--to-latest"], "10"),
        (&["--shift-by", "-3"], "7"),
        (&["--to-datetime", "2001-01-01T00:00:00.000"], "0"),
    ] {
        let reset = ["--reset-offsets", "--group", "tools-classic", "--topic", "tools-groups", "--execute"];
        let done = tool(&cluster, CONSUMER_GROUPS, &[&reset[..], how].concat()).await.succeeded();
        assert_eq!(done.row("tools-groups").last(), Some(&expected), "{how:?}{}", done.story());
    }
    let delete_offsets = ["--delete-offsets", "--group", "tools-classic", "--topic", "tools-groups"];
    tool(&cluster, CONSUMER_GROUPS, &delete_offsets).await.succeeded().says("Successful");
    let delete = ["--delete", "--group", "tools-classic", "--group", "tools-next"];
    tool(&cluster, CONSUMER_GROUPS, &delete).await.succeeded().says("was successful");
    let left = tool(&cluster, CONSUMER_GROUPS, &["--list"]).await.succeeded();
    left.keeps_quiet_about("tools-classic").keeps_quiet_about("tools-next");
}

#[tokio::test]
async fn kafka_get_offsets_and_delete_records() {
    let cluster = Cluster::start().await;
    let topic = ["--topic", "tools-offsets"];
    create(&cluster, "tools-offsets", "1").await;
    let lines: String = (0..20).map(|n| format!("{n}\n")).collect();
    tool_with_input(&cluster, CONSOLE_PRODUCER, &topic, lines.as_bytes()).await.succeeded();
    let offset = async |time: &str, expected: &str| {
        let ran = tool(&cluster, GET_OFFSETS, &[&topic[..], &["--time", time]].concat()).await.succeeded();
        assert_eq!(ran.stdout.trim(), format!("tools-offsets:0:{expected}"), "{time}{}", ran.story());
    };
    offset("earliest", "0").await;
    offset("latest", "20").await;
    offset("1", "0").await;
    // No record is that late: the tool leaves out partitions whose answer is "no such offset", and says nothing of errors.
    let late = [&topic[..], &["--time", "99999999999999"]].concat();
    let late = tool(&cluster, GET_OFFSETS, &late).await.succeeded().keeps_quiet_about("Skip getting offsets");
    assert_eq!(late.stdout.trim(), "", "{}", late.story());
    let file = cluster.folder.path().join("delete.json");
    let text = r#"{"version":1,"partitions":[{"topic":"tools-offsets","partition":0,"offset":15}]}"#;
    std::fs::write(&file, text).expect("a file in a temporary folder");
    let file = file.display().to_string();
    let deleted = tool(&cluster, DELETE_RECORDS, &["--offset-json-file", &file]).await.succeeded();
    deleted.says("low_watermark: 15");
    offset("-2", "15").await;
    let consume = ["--from-beginning", "--max-messages", "5", "--timeout-ms", "30000"];
    let consumed = tool(&cluster, CONSOLE_CONSUMER, &[&topic[..], &consume].concat()).await.succeeded();
    consumed.prints_lines(&["15", "16", "17", "18", "19"]);
}

#[tokio::test]
async fn kafka_producer_and_consumer_perf_test() {
    let cluster = Cluster::start().await;
    create(&cluster, "tools-perf", "3").await;
    for codec in ["none", "lz4"] {
        let produce = [
            "--topic",
            "tools-perf",
            "--num-records",
            "100000",
            "--record-size",
            "100",
            "--throughput",
            "-1",
            "--command-property",
            "acks=all",
            &format!("compression.type={codec}"),
        ];
        let produced = tool(&cluster, PRODUCER_PERFORMANCE, &produce).await.succeeded();
        produced.says("100000 records sent").keeps_quiet_about("Exception");
    }
    let consume =
        ["--topic", "tools-perf", "--num-records", "200000", "--group", "tools-perf", "--timeout", "60000"];
    let consumed = tool(&cluster, CONSUMER_PERFORMANCE, &consume).await.succeeded();
    let row = consumed.stdout.lines().last().unwrap_or_default().split(", ").map(str::to_owned);
    assert_eq!(row.collect::<Vec<_>>().get(4).map(String::as_str), Some("200000"), "{}", consumed.story());
    let offsets =
        kafka_tool(GET_OFFSETS, &["--bootstrap-server", &cluster.address, "--topic", "tools-perf"]).await;
    let offsets = offsets.succeeded();
    let sum: i64 =
        offsets.stdout.lines().filter_map(|line| line.rsplit(':').next()?.parse::<i64>().ok()).sum();
    assert_eq!(sum, 200_000, "{}", offsets.story());
}
