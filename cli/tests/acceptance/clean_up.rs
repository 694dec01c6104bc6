//! Compaction and retention under load and `kill -9` take nothing they must keep.

use crate::broker::{Folder, data};
use crate::dump_log;
use crate::kill::create;
use crate::load::{Acked, Node, Progress, Read, producer, read_all, seed, until_acked, write};
use ottla::admin::{Admin, CallOptions, NewTopic, OffsetSpec};
use ottla::config::IsolationLevel;
use ottla::record::{Record, TopicPartition};
use ottla_env::{Env, RngRoot};
use rand::RngExt;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Everything that cleans looks often.
const SETTINGS: &[&str] = &[
    "log.cleaner.backoff.ms=50",
    "log.cleaner.dedupe.buffer.size=8388608",
    "log.retention.check.interval.ms=100",
    "log.initial.task.delay.ms=50",
    "log.segment.delete.delay.ms=100",
    "log.index.interval.bytes=1024",
];
const SEGMENT_BYTES: u64 = 1 << 20;
const KILLS: usize = 6;

/// Writes what `next` makes, killing the node now and then, until `enough` records are acknowledged.
async fn under_kills(
    node: &mut Node<'_>,
    seed: u64,
    next: impl FnMut() -> Record + Send + 'static,
    enough: u64,
) -> Vec<Acked> {
    let env = Env::system();
    let mut rng = RngRoot::from_seed(seed).child("kills");
    let progress = Arc::new(Progress::default());
    let writer = producer(&node.address, "none").await;
    let writer = env.spawn("writer", write(writer, Arc::clone(&progress), 200, next));
    for _ in 0..KILLS {
        until_acked(&progress, enough / (KILLS as u64 + 1), || node.log()).await;
        env.sleep(Duration::from_micros(rng.random_range(0..150_000))).await;
        node.kill().await;
        node.restart().await;
    }
    let rest = enough.saturating_sub(progress.acked.load(Ordering::Relaxed));
    until_acked(&progress, rest, || node.log()).await;
    progress.stop.store(true, Ordering::Relaxed);
    writer.await.expect("the writer does not end early")
}

/// Where partition 0 of a topic begins.
async fn log_start(address: &str, topic: &str) -> i64 {
    let admin = Admin::builder().set("bootstrap.servers", address).build().await;
    let admin = admin.unwrap_or_else(|error| panic!("no admin client: {error}"));
    let asked = [(TopicPartition::new(topic, 0), OffsetSpec::Earliest)];
    let listed = admin.list_offsets(asked, IsolationLevel::ReadUncommitted, CallOptions::default()).await;
    let listed = listed.unwrap_or_else(|error| panic!("cannot list offsets: {error}"));
    let offset = listed.into_values().next().expect("one was asked for");
    admin.close(Duration::from_secs(10)).await;
    let offset = offset.unwrap_or_else(|error| panic!("cannot list offsets: {error}"));
    offset.offset.expect("a log has a start")
}

/// Every record read is one that was acknowledged, where it was acknowledged.
fn check_reads(found: &[Read], acked: &[Acked]) {
    let sent: BTreeMap<i64, &Acked> = acked.iter().map(|record| (record.offset, record)).collect();
    assert_eq!(sent.len(), acked.len(), "every acknowledgement names an offset of its own");
    for pair in found.windows(2) {
        assert!(pair[0].offset < pair[1].offset, "offset {} after {}", pair[1].offset, pair[0].offset);
    }
    for record in found {
        let there = sent.get(&record.offset).unwrap_or_else(|| {
            let head = |value: &Option<Vec<u8>>| {
                let head: Vec<u8> = value.iter().flatten().copied().take(12).collect();
                String::from_utf8_lossy(&head).into_owned()
            };
            let told = acked.iter().filter(|acked| acked.value == record.value).map(|acked| acked.offset);
            let near = acked.iter().filter(|acked| (acked.offset - record.offset).abs() < 40);
            panic!(
                "{:?} is at offset {}, which was never acknowledged; it was told to be at {:?}; told nearby: {:?}",
                head(&record.value),
                record.offset,
                told.collect::<Vec<_>>(),
                near.map(|acked| (acked.offset, head(&acked.value))).collect::<Vec<_>>(),
            )
        });
        assert!(
            there.key == record.key && there.value == record.value,
            "offset {} has changed",
            record.offset
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compaction_keeps_the_last_value_of_every_key() {
    const KEYS: u32 = 50;
    let env = Env::system();
    let seed = seed("compaction_keeps_the_last_value_of_every_key");
    let folder = Folder::new();
    let mut node = Node::start(folder.path(), SETTINGS).await;
    let topic = NewTopic::new("compacted", 1, 1)
        .config("cleanup.policy", "compact")
        .config("segment.bytes", SEGMENT_BYTES)
        .config("min.cleanable.dirty.ratio", "0.01")
        .config("delete.retention.ms", 100);
    create(&node.address, topic).await;
    let mut rng = RngRoot::from_seed(seed).child("writer");
    let mut count = 0u64;
    let next = move || {
        count += 1;
        let key = format!("key-{}", rng.random_range(0..KEYS));
        let record = Record::to("compacted").key(key);
        match rng.random_ratio(1, 10) {
            true => record,
            false => record.value(format!("{count} {}", "v".repeat(rng.random_range(0..4_000)))),
        }
    };
    let acked = under_kills(&mut node, seed, next, 4_000).await;
    let mut last: BTreeMap<Vec<u8>, &Acked> = BTreeMap::new();
    for record in &acked {
        let entry = last.entry(record.key.clone().expect("every record has a key")).or_insert(record);
        if record.offset > entry.offset {
            *entry = record;
        }
    }
    // Records behind the active segment are compacted once the cleaner has been there; the rest stays as written.
    let deadline = env.now() + Duration::from_secs(60);
    let mut found;
    loop {
        found = read_all(&node.address, "compacted", 0).await;
        check_reads(&found, &acked);
        for (key, newest) in &last {
            let of_key = found.iter().filter(|record| record.key.as_ref() == Some(key));
            let read = of_key.max_by_key(|record| record.offset);
            let name = String::from_utf8_lossy(key);
            match (read, &newest.value) {
                (Some(read), _) => {
                    assert_eq!(read.offset, newest.offset, "{name}: a stale value is the newest left");
                }
                // A tombstone goes in the end, and only after all that it deletes.
                (None, None) => {}
                (None, Some(_)) => panic!("{name}: the last value, at offset {}, is lost", newest.offset),
            }
        }
        if found.len() < acked.len() / 2 {
            break;
        }
        assert!(env.now() < deadline, "nothing is compacted: {} of {} records", found.len(), acked.len());
        env.sleep(Duration::from_millis(50)).await;
    }
    println!("{} of {} records are left", found.len(), acked.len());
    node.terminate().await;
    dump_log::check_segments(&data(folder.path()), "compacted").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retention_takes_the_oldest_and_nothing_younger() {
    const RETENTION_BYTES: u64 = 3 << 20;
    let env = Env::system();
    let seed = seed("retention_takes_the_oldest_and_nothing_younger");
    let folder = Folder::new();
    let mut node = Node::start(folder.path(), SETTINGS).await;
    let topic = NewTopic::new("retained", 1, 1)
        .config("retention.bytes", RETENTION_BYTES)
        .config("segment.bytes", SEGMENT_BYTES);
    create(&node.address, topic).await;
    let mut rng = RngRoot::from_seed(seed).child("writer");
    let mut count = 0u64;
    let next = move || {
        count += 1;
        Record::to("retained").value(format!("{count} {}", "v".repeat(rng.random_range(1_000..4_000))))
    };
    let acked = under_kills(&mut node, seed, next, 4_000).await;
    let end = acked.iter().map(|record| record.offset + 1).max().unwrap_or(0);
    let deadline = env.now() + Duration::from_secs(60);
    loop {
        let before = log_start(&node.address, "retained").await;
        let found = read_all(&node.address, "retained", 0).await;
        check_reads(&found, &acked);
        if log_start(&node.address, "retained").await != before {
            // What is taken while it is read leaves a hole in what was read, not in the log.
            assert!(env.now() < deadline, "retention does not come to rest");
            continue;
        }
        let start = found.first().map_or(end, |record| record.offset);
        assert_eq!(start, before, "the first record is where the log starts");
        assert_eq!(i64::try_from(found.len()).expect("few"), end - start, "a hole after the log's start");
        let kept: u64 = found.iter().map(|record| record.value.as_ref().map_or(0, Vec::len) as u64).sum();
        // Batches and records have headers: the bytes on disk are a little more than those of the values.
        let least = RETENTION_BYTES - RETENTION_BYTES / 20;
        assert!(kept >= least, "{kept} bytes are left where {RETENTION_BYTES} are to be kept");
        // One segment more may stay, and the active one on top.
        if kept < RETENTION_BYTES + 2 * SEGMENT_BYTES {
            println!("the log goes from {start} to {end}, {kept} bytes of values");
            break;
        }
        assert!(env.now() < deadline, "{kept} bytes stay where {RETENTION_BYTES} are to be kept");
        env.sleep(Duration::from_millis(50)).await;
    }
    node.terminate().await;
}
