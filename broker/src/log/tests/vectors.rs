//! Files of a real broker of Apache Kafka 4.4.0.

use super::*;
use crate::log::checkpoint::{
    epochs_text, read_epochs, read_offsets, read_topic_id, uuid_from_text, write_offsets,
};
use crate::log::directory::{DirectoryOwner, LogDirectory};
use crate::log::file_names::file_of;
use crate::storage::{read_file, replace_file};
use uuid::Uuid;

struct Vector {
    hex: Option<Vec<u8>>,
    text: Option<String>,
}

fn vector(name: &str) -> Vector {
    let json: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/vectors/log-files.json")).unwrap();
    let file = json["files"].as_array().unwrap().iter().find(|file| file["name"] == name).unwrap();
    let hex = file["hex"].as_str().map(|hex| {
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
    });
    Vector { hex, text: file["text"].as_str().map(str::to_owned) }
}

/// Recovers a log from the bytes of a segment that starts at `base_offset`.
fn recover(fixture: &Fixture, base_offset: i64, bytes: &[u8]) -> (PartitionLog, RecoveryReport) {
    fixture.disk.create_dir_all(Path::new("/d/t-0")).unwrap();
    let path = file_of(Path::new("/d/t-0"), base_offset, ".log");
    replace_file(&*fixture.disk, &path, bytes, true).unwrap();
    fixture.open_with(fixture.options())
}

#[test]
fn segments_of_a_real_broker_are_recovered_whole_and_read_back() {
    for name in [
        "log-data",
        "compacted-topic-log",
        "consumer-offsets-0",
        "consumer-offsets-1",
        "share-group-state-0",
        "share-group-state-1",
        "transaction-state-0",
        "transaction-state-1",
        "kraft-bootstrap-checkpoint",
    ] {
        let bytes = vector(name).hex.unwrap();
        let fixture = Fixture::new(&[]);
        let (mut log, report) = recover(&fixture, 0, &bytes);
        assert_eq!(report.reason, None, "{name}");
        assert_eq!(report.truncated_bytes, 0, "{name}");
        let end = log.log_end_offset();
        let read = log.read(0, usize::MAX, end, true).unwrap();
        assert_eq!(read.to_bytes().unwrap(), bytes, "{name}");
        // The same batches written by replication give the same file.
        let copy = Fixture::new(&[]);
        let mut replica = copy.open();
        if !bytes.is_empty() {
            let info = replica.append(bytes.clone().into(), AppendOrigin::Replication, 0, 0).unwrap();
            assert_eq!(info.last_offset + 1, end, "{name}");
        }
        assert_eq!(replica.read(0, usize::MAX, end, true).unwrap().to_bytes().unwrap(), bytes, "{name}");
        assert_eq!(replica.epochs().entries(), log.epochs().entries(), "{name}");
        assert_eq!(replica.producers().sorted(), log.producers().sorted(), "{name}");
        assert_eq!(
            replica.aborted_transactions(0, end).unwrap(),
            log.aborted_transactions(0, end).unwrap(),
            "{name}"
        );
        log.close();
    }
}

#[test]
fn transactions_of_a_real_log_are_decided() {
    let fixture = Fixture::new(&[]);
    let (log, _) = recover(&fixture, 0, &vector("log-data").hex.unwrap());
    let end = log.log_end_offset();
    assert_eq!(log.last_stable_offset(end), end);
    // The last marker raised the epoch, as transactions of version 2 do.
    assert_eq!(log.producers().get(0).unwrap().producer_epoch, 3);
    assert_eq!(log.aborted_transactions(0, end).unwrap(), []);
}

#[test]
fn indexes_are_built_entry_for_entry_as_a_real_broker_does() {
    let fixture = Fixture::new(&[]);
    // The last batch of the head may be cut, which recovery cuts off.
    let (log, _) = recover(&fixture, 0, &vector("kraft-metadata-log-head").hex.unwrap());
    let offsets = log.segments[0].offset_index.entries();
    let expected: Vec<(i64, u64)> = vector("offset-index")
        .hex
        .unwrap()
        .chunks_exact(8)
        .map(|entry| {
            let field = |at: usize| u32::from_be_bytes(entry[at..at + 4].try_into().unwrap());
            (i64::from(field(0)), u64::from(field(4)))
        })
        .collect();
    assert!(!offsets.is_empty());
    assert_eq!(offsets, expected[..offsets.len()]);
    let times = log.segments[0].time_index.entries();
    let expected: Vec<(i64, i64)> = vector("time-index")
        .hex
        .unwrap()
        .chunks_exact(12)
        .map(|entry| {
            let timestamp = i64::from_be_bytes(entry[..8].try_into().unwrap());
            (timestamp, i64::from(u32::from_be_bytes(entry[8..].try_into().unwrap())))
        })
        .collect();
    // Closing the segment added an entry for its end.
    assert_eq!(times[..offsets.len()], expected[..offsets.len()]);
}

#[test]
fn real_indexes_are_read() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    let bytes = vector("offset-index").hex.unwrap();
    replace_file(&*disk, Path::new("x"), &bytes, true).unwrap();
    let index = crate::log::offset_index::OffsetIndex::open(disk, "x".into(), 0, bytes.len() as u64).unwrap();
    assert_eq!(index.entries()[0], (56, 4098));
    assert_eq!(index.position_at_or_before(55).unwrap(), 0);
    assert_eq!(index.position_at_or_before(56).unwrap(), 4098);
    assert_eq!(index.position_at_or_before(112).unwrap(), 4098);
    assert_eq!(index.position_at_or_before(113).unwrap(), 0x200a);
}

#[test]
fn checkpoints_of_a_real_broker_are_read_and_written_alike() {
    let disk = MemoryDisk::default();
    for name in
        ["replication-offset-checkpoint", "recovery-point-offset-checkpoint", "log-start-offset-checkpoint"]
    {
        let text = vector(name).text.unwrap();
        replace_file(&disk, Path::new(name), text.as_bytes(), true).unwrap();
        let offsets = read_offsets(&disk, Path::new(name)).unwrap();
        write_offsets(&disk, Path::new(name), offsets.iter().map(|(key, value)| (key, *value))).unwrap();
        let written = read_file(&disk, Path::new(name), 1 << 20).unwrap().unwrap();
        // Kafka writes them in the order of a hash map.
        let sorted = |text: &str| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines[2..].sort_unstable();
            lines
        };
        assert_eq!(sorted(std::str::from_utf8(&written).unwrap()), sorted(&text), "{name}");
    }
    let epochs = vector("leader-epoch-checkpoint").text.unwrap();
    replace_file(&disk, Path::new("e"), epochs.as_bytes(), true).unwrap();
    assert_eq!(epochs_text(&read_epochs(&disk, Path::new("e")).unwrap()), epochs);
    let metadata = vector("partition.metadata").text.unwrap();
    replace_file(&disk, Path::new("m"), metadata.as_bytes(), true).unwrap();
    assert_eq!(read_topic_id(&disk, Path::new("m")).unwrap(), uuid_from_text("L6nChdCjRxaYVO3FIZ1W1g"));
}

#[test]
fn directory_of_a_real_broker_is_taken_over() {
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    disk.create_dir_all(Path::new("/d")).unwrap();
    let text = vector("meta.properties").text.unwrap();
    replace_file(&*disk, Path::new("/d/meta.properties"), text.as_bytes(), true).unwrap();
    let owner = DirectoryOwner { cluster_id: "Nkix7sV9TjqrLNqR3gVqYw".to_owned(), node_id: 1 };
    let directory = LogDirectory::open(disk, Path::new("/d"), &owner, Uuid::nil()).unwrap();
    assert_eq!(Some(directory.id()), uuid_from_text("7nYeOsScSeaRrQMyBliIAg"));
}
