//! Kafka's small text files: offset checkpoints of a log directory, a partition's leader epochs and its topic id.
//!
//! Each starts with a version line; offset and epoch files go on with a count and one line per entry. What cannot be read is
//! an error that names the file: guessing at an offset would lose or invent records.

use crate::storage::{Disk, read_file, replace_file};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use uuid::Uuid;

/// Below it every byte of a log was synced.
pub(crate) const RECOVERY_POINT_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
/// High watermarks.
pub(crate) const REPLICATION_CHECKPOINT: &str = "replication-offset-checkpoint";
/// First offsets that delete-records left.
pub(crate) const LOG_START_CHECKPOINT: &str = "log-start-offset-checkpoint";
/// How far compaction came.
pub(crate) const CLEANER_CHECKPOINT: &str = "cleaner-offset-checkpoint";

/// Topic and partition.
pub(crate) type TopicPartition = (String, i32);

/// A hundred thousand partitions with the longest names stay below it.
const FILE_BYTES_MAX: u64 = 64 << 20;

fn invalid(path: &Path, reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{}: {reason}", path.display()))
}

fn read_text(disk: &dyn Disk, path: &Path) -> io::Result<Option<String>> {
    read_file(disk, path, FILE_BYTES_MAX)?
        .map(|bytes| String::from_utf8(bytes).map_err(|_| invalid(path, "not text")))
        .transpose()
}

/// The entry lines behind version and count, which must match them.
fn entry_lines<'a>(path: &Path, text: &'a str) -> io::Result<Vec<&'a str>> {
    let mut lines = text.lines();
    if lines.next() != Some("0") {
        return Err(invalid(path, "unknown version"));
    }
    let count = lines.next().and_then(|line| line.parse::<usize>().ok());
    let entries: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    if count != Some(entries.len()) {
        return Err(invalid(path, "count does not match the entries"));
    }
    Ok(entries)
}

/// Offsets by partition; empty when the file is not there.
pub(crate) fn read_offsets(disk: &dyn Disk, path: &Path) -> io::Result<BTreeMap<TopicPartition, i64>> {
    let Some(text) = read_text(disk, path)? else { return Ok(BTreeMap::new()) };
    let mut offsets = BTreeMap::new();
    for line in entry_lines(path, &text)? {
        let mut words = line.split_ascii_whitespace();
        let entry = (|| {
            let topic = words.next()?.to_owned();
            let partition = words.next()?.parse().ok()?;
            let offset = words.next()?.parse().ok()?;
            words.next().is_none().then_some(((topic, partition), offset))
        })();
        let (partition, offset) =
            entry.ok_or_else(|| invalid(path, "an entry is not topic, partition, offset"))?;
        offsets.insert(partition, offset);
    }
    Ok(offsets)
}

/// Replaces an offset checkpoint, surviving a power cut.
pub(crate) fn write_offsets<'a>(
    disk: &dyn Disk,
    path: &Path,
    offsets: impl ExactSizeIterator<Item = (&'a TopicPartition, i64)>,
) -> io::Result<()> {
    let mut text = format!("0\n{}\n", offsets.len());
    for ((topic, partition), offset) in offsets {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{topic} {partition} {offset}");
    }
    replace_file(disk, path, text.as_bytes(), true)
}

/// Leader epochs with the offset each starts at; empty when the file is not there.
pub(crate) fn read_epochs(disk: &dyn Disk, path: &Path) -> io::Result<Vec<(i32, i64)>> {
    let Some(text) = read_text(disk, path)? else { return Ok(Vec::new()) };
    entry_lines(path, &text)?
        .into_iter()
        .map(|line| {
            let (epoch, offset) = line.split_once(' ')?;
            Some((epoch.parse().ok()?, offset.trim_end().parse().ok()?))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| invalid(path, "an entry is not epoch, offset"))
}

/// The content of a leader epoch checkpoint.
pub(crate) fn epochs_text(epochs: &[(i32, i64)]) -> String {
    let mut text = format!("0\n{}\n", epochs.len());
    for (epoch, offset) in epochs {
        let _ = writeln!(text, "{epoch} {offset}");
    }
    text
}

/// The topic id in a `partition.metadata`; `None` when the file is not there.
pub(crate) fn read_topic_id(disk: &dyn Disk, path: &Path) -> io::Result<Option<Uuid>> {
    let Some(text) = read_text(disk, path)? else { return Ok(None) };
    let mut version = None;
    let mut topic_id = None;
    for line in text.lines() {
        match line.split_once(": ") {
            Some(("version", value)) => version = Some(value.trim()),
            Some(("topic_id", value)) => topic_id = uuid_from_text(value.trim()),
            _ => {}
        }
    }
    match (version, topic_id) {
        (Some("0"), Some(id)) => Ok(Some(id)),
        _ => Err(invalid(path, "no version 0 with a topic id")),
    }
}

/// Replaces a `partition.metadata`. The caller syncs the directory with the rest of what is new in it.
pub(crate) fn write_topic_id(disk: &dyn Disk, path: &Path, topic_id: Uuid) -> io::Result<()> {
    replace_file(disk, path, format!("version: 0\ntopic_id: {}", uuid_to_text(topic_id)).as_bytes(), false)
}

const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Kafka's text form of an id: URL-safe base64 without padding, 22 characters.
pub(crate) fn uuid_to_text(id: Uuid) -> String {
    let bits = id.as_u128();
    // 128 bits are 21 whole digits and two bits, which stand at the top of the last one.
    (0..22)
        .map(|digit| {
            let shift = 122 - 6 * digit;
            let six = if shift >= 0 { bits >> shift } else { bits << -shift } & 63;
            char::from(BASE64_URL[six as usize])
        })
        .collect()
}

/// The id of such a text; `None` when it is none.
pub(crate) fn uuid_from_text(text: &str) -> Option<Uuid> {
    if text.len() != 22 {
        return None;
    }
    let mut bits = 0u128;
    for (index, byte) in text.bytes().enumerate() {
        let six = BASE64_URL.iter().position(|digit| *digit == byte)? as u128;
        bits = if index < 21 { bits << 6 | six } else { bits << 2 | six >> 4 };
    }
    Some(Uuid::from_u128(bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryDisk;

    fn disk_with(text: &str) -> MemoryDisk {
        let disk = MemoryDisk::default();
        replace_file(&disk, Path::new("x"), text.as_bytes(), true).unwrap();
        disk
    }

    #[test]
    fn offsets_come_back() {
        let disk = MemoryDisk::default();
        let offsets = BTreeMap::from([(("a".to_owned(), 0), 5), (("b-c".to_owned(), 12), i64::MAX)]);
        write_offsets(&disk, Path::new("x"), offsets.iter().map(|(k, v)| (k, *v))).unwrap();
        assert_eq!(read_offsets(&disk, Path::new("x")).unwrap(), offsets);
        assert_eq!(read_offsets(&disk, Path::new("missing")).unwrap(), BTreeMap::new());
    }

    #[test]
    fn damaged_offset_file_is_an_error_and_not_an_empty_one() {
        for text in ["", "1\n0\n", "0\n", "0\n2\na 0 1\n", "0\n1\na 0\n", "0\n1\na 0 1 2\n", "0\n1\na x 1\n"]
        {
            assert!(read_offsets(&disk_with(text), Path::new("x")).is_err(), "{text:?}");
        }
    }

    #[test]
    fn epochs_come_back_and_damage_is_an_error() {
        let epochs = vec![(0, 0), (3, 17)];
        assert_eq!(read_epochs(&disk_with(&epochs_text(&epochs)), Path::new("x")).unwrap(), epochs);
        assert!(read_epochs(&disk_with("0\n1\n3\n"), Path::new("x")).is_err());
    }

    #[test]
    fn topic_id_is_written_as_kafka_does() {
        let disk = MemoryDisk::default();
        let id = uuid_from_text("L6nChdCjRxaYVO3FIZ1W1g").unwrap();
        assert_eq!(uuid_to_text(id), "L6nChdCjRxaYVO3FIZ1W1g");
        write_topic_id(&disk, Path::new("x"), id).unwrap();
        let text = read_file(&disk, Path::new("x"), 100).unwrap().unwrap();
        assert_eq!(text, b"version: 0\ntopic_id: L6nChdCjRxaYVO3FIZ1W1g");
        assert_eq!(read_topic_id(&disk, Path::new("x")).unwrap(), Some(id));
        assert!(read_topic_id(&disk_with("version: 0\ntopic_id: short"), Path::new("x")).is_err());
    }
}
