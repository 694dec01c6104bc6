//! Apache Kafka's `kafka-dump-log` on the broker's files.

use crate::broker::{Cluster, data};
use crate::program::{Ran, kafka_tool, run_with_input};
use crate::setup;
use ottla_env::Env;
use std::path::{Path, PathBuf};

const DUMP_LOG: &str = "org.apache.kafka.tools.DumpLogSegments";

/// What the tool says of a file that is not as it should be.
const COMPLAINTS: &[&str] = &[
    "Mismatches in",
    "Found timestamp mismatch",
    "Found out of order timestamp",
    "Found invalid",
    "Index size is corrupted",
    "isvalid: false",
    "corrupt",
    "Exception",
    "truncated",
];

/// Runs the tool on files; whatever it complains about is a failure.
async fn dump(files: &[PathBuf], arguments: &[&str]) -> Ran {
    assert!(!files.is_empty(), "no file to look into");
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let files = files.join(",");
    let ran = kafka_tool(DUMP_LOG, &[&["--files", &files][..], arguments].concat()).await;
    let ran = COMPLAINTS.iter().fold(ran.succeeded(), |ran, complaint| ran.keeps_quiet_about(complaint));
    // Compaction leaves gaps; nothing else does.
    if files.contains("/compacted-") {
        return ran;
    }
    for line in ran.stderr.lines().chain(ran.stdout.lines()) {
        // With --deep-iteration the tool expects every segment, not only the first, to begin at offset 0.
        let gap = line.contains(" is followed by ") && !line.trim_start().starts_with("-1 is followed by ");
        assert!(!gap, "{line}{}", ran.story());
    }
    ran
}

/// Files in the directories of a topic's partitions whose names end so, in order.
fn files_of(data: &Path, topic: &str, suffix: &str) -> Vec<PathBuf> {
    let list = |path: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
    };
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let of_topic = |path: &PathBuf| {
        let name = name(path);
        name.rsplit_once('-').is_some_and(|(of, partition)| of == topic && partition.parse::<u32>().is_ok())
    };
    let mut files: Vec<PathBuf> =
        list(data).into_iter().filter(of_topic).flat_map(|path| list(&path)).collect();
    files.retain(|path| name(path).ends_with(suffix));
    files.sort();
    files
}

/// Has the tool read every segment, index and producer snapshot of a stopped broker's topic.
pub(crate) async fn check_segments(data: &Path, topic: &str) {
    let mut files = files_of(data, topic, ".log");
    for suffix in [".index", ".timeindex", ".snapshot"] {
        files.extend(files_of(data, topic, suffix));
    }
    dump(&files, &["--deep-iteration"]).await.says("baseOffset:");
    let indexes = files_of(data, topic, ".index");
    dump(&indexes, &["--index-sanity-check"]).await.says("passed sanity check");
}

/// Four records each: uncompressed they fill more than a segment.
const LINES: u32 = 6_000;

/// A stopped broker's data: segments of every codec, a group's offsets, metadata.
async fn written() -> crate::broker::Folder {
    let cluster = Cluster::start_with(&["log.segment.bytes=1048576", "log.index.interval.bytes=512"]).await;
    let kcat = async |arguments: &[&str], input: &str| {
        let mut command = Env::system().spawn_blocking(setup::kcat).await;
        command.args(["-b", &cluster.address]).args(arguments);
        run_with_input(command, input.as_bytes()).await.succeeded();
    };
    for (index, codec) in ["none", "gzip", "snappy", "lz4", "zstd"].into_iter().enumerate() {
        // Hexadecimal digits of a simple sequence: a codec does not make them vanish.
        let mut state = 1u64;
        let lines: String = (0..LINES)
            .map(|n| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(index as u64 + 1);
                format!("key-{n}:{codec} {n} {:x}{:x}\n", state, state.rotate_left(17).wrapping_mul(31))
                    .repeat(4)
            })
            .collect();
        let produce = ["-P", "-t", "dumped", "-p", "0", "-K:", "-H", "h=1", "-z", codec];
        kcat(&[&produce[..], &["-X", "enable.idempotence=true"]].concat(), &lines).await;
    }
    let consume = ["-G", "dump-group", "-c", "100", "-q", "-X", "auto.offset.reset=earliest", "dumped"];
    kcat(&consume, "").await;
    cluster.stop().await
}

#[tokio::test]
async fn kafka_dump_log() {
    let folder = written().await;
    let data = data(folder.path());
    let logs = files_of(&data, "dumped", ".log");
    assert!(logs.len() > 1, "the log has rolled: {logs:?}");
    let printed = dump(&logs, &["--print-data-log", "--deep-iteration"]).await;
    for text in [
        "compresscodec: none",
        "compresscodec: gzip",
        "compresscodec: snappy",
        "compresscodec: lz4",
        "compresscodec: zstd",
        "key: key-7 payload: none 7 ",
        "headerKeys: [h]",
        "isvalid: true",
    ] {
        assert!(printed.stdout.contains(text), "{text:?} is missing{}", printed.story());
    }
    let records = printed.stdout.lines().filter(|line| line.starts_with("| offset:")).count();
    assert_eq!(records, 5 * LINES as usize * 4, "{}", printed.story());

    let mut indexes = files_of(&data, "dumped", ".index");
    dump(&indexes, &["--index-sanity-check"]).await.says("passed sanity check");
    indexes.extend(files_of(&data, "dumped", ".timeindex"));
    dump(&indexes, &["--verify-index-only"]).await;
    // The entries themselves, and the producers at the end of each segment.
    let mut entries = indexes;
    entries.extend(files_of(&data, "dumped", ".snapshot"));
    dump(&entries, &[])
        .await
        .says("offset: ")
        .says("timestamp: ")
        .says("producerId: ")
        .says("producerEpoch: 0");

    let offsets = files_of(&data, "__consumer_offsets", ".log");
    dump(&offsets, &["--offsets-decoder", "--print-data-log"])
        .await
        .says("dump-group")
        .says("\"topic\":\"dumped\"")
        .says("\"offset\":100");
    let metadata = files_of(&data, "__cluster_metadata", ".log");
    dump(&metadata, &["--cluster-metadata-decoder", "--skip-record-metadata"])
        .await
        .says("\"type\":\"TOPIC_RECORD\"")
        .says("\"name\":\"dumped\"")
        .says("\"type\":\"PARTITION_RECORD\"");
}
