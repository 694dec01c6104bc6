//! Names of a partition's directory and of the files in it, as Kafka spells them.

use std::path::{Path, PathBuf};

pub(crate) const LOG_SUFFIX: &str = ".log";
pub(crate) const OFFSET_INDEX_SUFFIX: &str = ".index";
pub(crate) const TIME_INDEX_SUFFIX: &str = ".timeindex";
pub(crate) const TRANSACTION_INDEX_SUFFIX: &str = ".txnindex";
pub(crate) const SNAPSHOT_SUFFIX: &str = ".snapshot";
/// Waits out `file.delete.delay.ms`, then goes.
pub(crate) const DELETED_SUFFIX: &str = ".deleted";
/// Being written by the cleaner; worthless after a crash.
pub(crate) const CLEANED_SUFFIX: &str = ".cleaned";
/// Written whole by the cleaner; after a crash it takes its place.
pub(crate) const SWAP_SUFFIX: &str = ".swap";
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";
pub(crate) const LEADER_EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";
pub(crate) const PARTITION_METADATA: &str = "partition.metadata";
/// A directory of that ending waits to be deleted.
pub(crate) const DELETE_DIRECTORY_SUFFIX: &str = "-delete";

/// `00000000000000000042.log` in `directory`.
pub(crate) fn file_of(directory: &Path, offset: i64, suffix: &str) -> PathBuf {
    directory.join(format!("{offset:020}{suffix}"))
}

/// `name` with another suffix behind it.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The offset and the suffix of a file named as above; `None` for any other.
pub(crate) fn parse_file_name(name: &str) -> Option<(i64, &str)> {
    let (digits, suffix) = name.split_at_checked(20)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !suffix.starts_with('.') {
        return None;
    }
    Some((digits.parse().ok()?, suffix))
}

/// `topic-partition`, the directory of a partition.
pub(crate) fn partition_directory(topic: &str, partition: i32) -> String {
    format!("{topic}-{partition}")
}

/// Topic and partition of a directory named as above; `None` for any other, those waiting for deletion included.
pub(crate) fn parse_partition_directory(name: &str) -> Option<(&str, i32)> {
    let (topic, partition) = name.rsplit_once('-')?;
    if topic.is_empty() || partition.is_empty() || !partition.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((topic, partition.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_come_back_as_offset_and_suffix() {
        let path = file_of(Path::new("/d/t-0"), 42, LOG_SUFFIX);
        assert_eq!(path, Path::new("/d/t-0/00000000000000000042.log"));
        assert_eq!(parse_file_name("00000000000000000042.log"), Some((42, ".log")));
        assert_eq!(parse_file_name("00000000000000000042.log.swap"), Some((42, ".log.swap")));
        for other in
            ["leader-epoch-checkpoint", "0.log", "+0000000000000000042.log", "99999999999999999999.log"]
        {
            assert_eq!(parse_file_name(other), None, "{other}");
        }
    }

    #[test]
    fn directory_names_split_at_the_last_dash() {
        assert_eq!(parse_partition_directory("a-b-7"), Some(("a-b", 7)));
        for other in ["a", "a-", "-1", "a-1.0123abcd-delete", "a-99999999999", "a-+1"] {
            assert_eq!(parse_partition_directory(other), None, "{other}");
        }
    }
}
