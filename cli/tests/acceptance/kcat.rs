//! kcat (librdkafka) against the broker.

use crate::broker::Cluster;
use crate::program::{Ran, run_with_input};
use crate::setup;
use ottla_env::Env;

async fn kcat(cluster: &Cluster, arguments: &[&str]) -> Ran {
    kcat_with_input(cluster, arguments, "").await
}

async fn kcat_with_input(cluster: &Cluster, arguments: &[&str], input: &str) -> Ran {
    let mut command = Env::system().spawn_blocking(setup::kcat).await;
    command.args(["-b", &cluster.address]).args(arguments);
    run_with_input(command, input.as_bytes()).await
}

/// `key:value` lines; the value is long enough that a codec has something to do.
fn lines(from: u32, to: u32) -> String {
    (from..to).map(|n| format!("key-{n}:value {n} {}\n", "lorem ipsum ".repeat(5))).collect()
}

#[tokio::test]
async fn kcat_round_trip_with_every_codec() {
    let cluster = Cluster::start().await;
    let mut at = 0;
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = ["-t", "kcat-codecs", "-p", "0"];
        let produce =
            ["-P", "-K:", "-H", "trace=1", "-H", "empty=", "-z", codec, "-X", "enable.idempotence=true"];
        kcat_with_input(&cluster, &[&produce[..], &topic].concat(), &lines(at, at + 200)).await.succeeded();
        let from = at.to_string();
        let consume = ["-C", "-e", "-q", "-o", &from, "-f", "%p %o %h %k:%s\n", "-X", "check.crcs=true"];
        let consumed = kcat(&cluster, &[&consume[..], &topic].concat()).await.succeeded();
        let sent = lines(at, at + 200);
        let expected: Vec<String> = (at..)
            .zip(sent.lines())
            .map(|(offset, line)| format!("0 {offset} trace=1,empty= {line}"))
            .collect();
        let found: Vec<&str> = consumed.stdout.lines().collect();
        assert_eq!(found, expected, "{codec}{}", consumed.story());
        at += 200;
    }
}

#[tokio::test]
async fn kcat_tombstones() {
    let cluster = Cluster::start().await;
    let topic = ["-t", "kcat-tombstones"];
    let input = "alive:yes\ngone:\nplain:\n";
    kcat_with_input(&cluster, &[&["-P", "-K:", "-Z"][..], &topic].concat(), input).await.succeeded();
    let consume = ["-C", "-e", "-q", "-o", "beginning", "-f", "%o %k %K %S\n"];
    let consumed = kcat(&cluster, &[&consume[..], &topic].concat()).await.succeeded();
    consumed.prints_lines(&["0 alive 5 3", "1 gone 4 -1", "2 plain 5 -1"]);
}

#[tokio::test]
async fn kcat_metadata() {
    let cluster = Cluster::start().await;
    kcat_with_input(&cluster, &["-P", "-t", "kcat-metadata"], "one\n").await.succeeded();
    let listed = kcat(&cluster, &["-L"]).await.succeeded();
    listed.says("1 brokers:").says("topic \"kcat-metadata\" with 1 partitions:").says(&cluster.address);
    let one = kcat(&cluster, &["-L", "-J", "-t", "kcat-metadata"]).await.succeeded();
    let json: serde_json::Value =
        serde_json::from_str(&one.stdout).unwrap_or_else(|error| panic!("no JSON: {error}{}", one.story()));
    assert_eq!(json["topics"][0]["topic"], "kcat-metadata", "{}", one.story());
    assert_eq!(json["topics"][0]["partitions"][0]["leader"], 1, "{}", one.story());
}

#[tokio::test]
async fn kcat_group_commits_and_resumes() {
    let cluster = Cluster::start().await;
    let produce = ["-P", "-t", "kcat-group", "-K:"];
    kcat_with_input(&cluster, &produce, &lines(0, 50)).await.succeeded();
    let consume =
        ["-G", "kcat-group", "-e", "-q", "-X", "auto.offset.reset=earliest", "-f", "%k:%s\n", "kcat-group"];
    let first = kcat(&cluster, &consume).await.succeeded();
    assert_eq!(first.stdout, lines(0, 50), "{}", first.story());
    kcat_with_input(&cluster, &produce, &lines(50, 80)).await.succeeded();
    let second = kcat(&cluster, &consume).await.succeeded();
    assert_eq!(second.stdout, lines(50, 80), "only what the first run has not read{}", second.story());
}

#[tokio::test]
async fn kcat_offsets_by_timestamp() {
    let cluster = Cluster::start().await;
    for line in ["one\n", "two\n", "three\n"] {
        kcat_with_input(&cluster, &["-P", "-t", "kcat-times", "-z", "gzip"], line).await.succeeded();
    }
    let consume = ["-C", "-e", "-q", "-t", "kcat-times", "-o", "beginning", "-f", "%T\n"];
    let stamps = kcat(&cluster, &consume).await.succeeded();
    let stamps: Vec<i64> = stamps.stdout.lines().filter_map(|line| line.parse().ok()).collect();
    assert_eq!(stamps.len(), 3);
    let first_after = |stamp: i64| stamps.iter().position(|at| *at >= stamp);
    for stamp in [stamps[0] - 1, stamps[1], stamps[2]] {
        let query = format!("kcat-times:0:{stamp}");
        let answer = kcat(&cluster, &["-Q", "-t", &query]).await.succeeded();
        let expected = first_after(stamp).expect("there is one");
        answer.says(&format!("kcat-times [0] offset {expected}"));
    }
    let start = format!("s@{}", stamps[1]);
    let from_time = ["-C", "-e", "-q", "-t", "kcat-times", "-o", &start, "-f", "%o %s\n"];
    let consumed = kcat(&cluster, &from_time).await.succeeded();
    assert!(consumed.stdout.ends_with("2 three\n"), "{}", consumed.story());
    assert_eq!(
        consumed.stdout.lines().count(),
        3 - first_after(stamps[1]).expect("one"),
        "{}",
        consumed.story()
    );
}
