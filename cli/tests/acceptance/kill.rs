//! `kill -9` under load: nothing acknowledged is lost, nothing is there twice, order stays, offsets are dense.

use crate::broker::{Folder, data};
use crate::dump_log;
use crate::load::{Acked, Node, Progress, producer, read_all, seed, until_acked, write};
use ottla::admin::{Admin, ChangeOptions, NewTopic};
use ottla::record::Record;
use ottla_env::{Env, RngRoot};
use rand::RngExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const KILLS: u32 = 100;
const PARTITIONS: i32 = 4;
const TOPIC: &str = "killed";
/// A broker that serves again is killed within so long: batches are then everywhere between a client's buffer and the file.
const LONGEST_LOAD_MICROS: u64 = 150_000;
/// After so many kills the files are read by Apache Kafka's dump tool.
const DUMP_EVERY: u32 = 25;

const SETTINGS: &[&str] = &["log.index.interval.bytes=1024"];

/// Creates a topic on a fresh node.
pub(crate) async fn create(address: &str, topic: NewTopic) {
    let admin = Admin::builder().set("bootstrap.servers", address).build().await;
    let admin = admin.unwrap_or_else(|error| panic!("no admin client: {error}"));
    let created = admin.create_topics([topic], ChangeOptions::default()).await;
    for (name, outcome) in created.unwrap_or_else(|error| panic!("cannot create a topic: {error}")) {
        outcome.unwrap_or_else(|error| panic!("cannot create {name}: {error}"));
    }
    admin.close(Duration::from_secs(10)).await;
}

/// Makes the records of one writer: per partition a count that goes up by one, in values of changing size.
fn numbered(writer: usize, seed: u64) -> impl FnMut() -> Record + Send {
    let mut rng = RngRoot::from_seed(seed).child("writer");
    let mut counts = [0u64; PARTITIONS as usize];
    move || {
        let partition = rng.random_range(0..PARTITIONS);
        let count = &mut counts[usize::try_from(partition).expect("not negative")];
        let padding = "x".repeat(rng.random_range(0..400));
        let record = Record::to(TOPIC)
            .partition(partition)
            .key(format!("writer-{writer}"))
            .value(format!("{count} {padding}"));
        *count += 1;
        record
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundred_kills_lose_and_repeat_nothing() {
    let env = Env::system();
    let seed = seed("hundred_kills_lose_and_repeat_nothing");
    let mut rng = RngRoot::from_seed(seed).child("kills");
    let folder = Folder::new();
    let mut node = Node::start(folder.path(), SETTINGS).await;
    create(&node.address, NewTopic::new(TOPIC, PARTITIONS, 1).config("segment.bytes", 1 << 20)).await;
    let progress = Arc::new(Progress::default());
    let mut writers = Vec::new();
    for (writer, compression) in ["none", "lz4", "zstd"].into_iter().enumerate() {
        let producer = producer(&node.address, compression).await;
        let next = numbered(writer, seed.wrapping_add(writer as u64));
        writers.push(env.spawn("writer", write(producer, Arc::clone(&progress), 60, next)));
    }
    let mut least = Least { in_flight: u64::MAX, acked: u64::MAX };
    for kill in 1..=KILLS {
        let before = progress.acked.load(Ordering::SeqCst);
        // Writes come through since the restart, so the kill meets a broker at work, at any point of it.
        until_acked(&progress, 1, || node.log()).await;
        env.sleep(Duration::from_micros(rng.random_range(0..LONGEST_LOAD_MICROS))).await;
        least.in_flight = least.in_flight.min(progress.in_flight());
        node.kill().await;
        least.acked = least.acked.min(progress.acked.load(Ordering::SeqCst) - before);
        // Some are killed again while they recover.
        while rng.random_ratio(1, 5) {
            node.restart_and_kill(Duration::from_micros(rng.random_range(0..100_000))).await;
        }
        node.restart().await;
        if kill % DUMP_EVERY == 0 {
            until_acked(&progress, 1, || node.log()).await;
            node.terminate().await;
            dump_log::check_segments(&data(folder.path()), TOPIC).await;
            node.restart().await;
        }
    }
    assert!(least.in_flight > 0 && least.acked > 0, "a kill met a broker without load: {least:?}");
    until_acked(&progress, 300, || node.log()).await;
    progress.stop.store(true, Ordering::Relaxed);
    let mut acked = Vec::new();
    for writer in writers {
        acked.push(writer.await.expect("a writer does not end early"));
    }
    let total: usize = acked.iter().map(Vec::len).sum();
    for partition in 0..PARTITIONS {
        check(&node.address, partition, &acked).await;
    }
    println!("{total} records were acknowledged over {KILLS} kills; at each, {least:?} or more");
    node.terminate().await;
    dump_log::check_segments(&data(folder.path()), TOPIC).await;
}

/// The least load that a kill met.
#[derive(Debug)]
struct Least {
    /// Records on their way.
    in_flight: u64,
    /// Records acknowledged since the restart before.
    acked: u64,
}

/// What is in a partition against what its writers were told.
async fn check(address: &str, partition: i32, acked: &[Vec<Acked>]) {
    let found = read_all(address, TOPIC, partition).await;
    let offsets: Vec<i64> = found.iter().map(|record| record.offset).collect();
    let dense: Vec<i64> = (0..).take(found.len()).collect();
    assert!(offsets == dense, "partition {partition}: offsets are not dense: {:?}", first_gap(&offsets));
    let mut next: BTreeMap<&[u8], u64> = BTreeMap::new();
    for record in &found {
        let key = record.key.as_deref().expect("every record has a key");
        let value = record.value.as_deref().expect("every record has a value");
        let count = value.split(|byte| *byte == b' ').next().unwrap_or_default();
        let count: u64 = String::from_utf8_lossy(count).parse().expect("values start with a count");
        let expected = next.entry(key).or_insert(0);
        assert!(
            count == *expected,
            "partition {partition}, offset {}: {} has {count} where {expected} comes next",
            record.offset,
            String::from_utf8_lossy(key),
        );
        *expected += 1;
    }
    let mut acked_here = 0;
    for record in acked.iter().flatten().filter(|record| record.partition == partition) {
        let at = usize::try_from(record.offset).ok().and_then(|offset| found.get(offset));
        let at = at.unwrap_or_else(|| {
            panic!("partition {partition}: acknowledged offset {} is lost", record.offset)
        });
        assert!(
            at.key == record.key && at.value == record.value,
            "partition {partition}: offset {} is not what was acknowledged there",
            record.offset
        );
        acked_here += 1;
    }
    assert_eq!(found.len(), acked_here, "partition {partition}: every record was acknowledged in the end");
}

fn first_gap(offsets: &[i64]) -> Option<(i64, i64)> {
    let first = offsets.first().filter(|first| **first != 0).map(|first| (-1, *first));
    first.or_else(|| offsets.windows(2).find(|pair| pair[1] != pair[0] + 1).map(|pair| (pair[0], pair[1])))
}
