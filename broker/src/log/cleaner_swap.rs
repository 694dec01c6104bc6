//! Putting a compacted segment in the place of those it was made from, so that a crash at any point leaves one or the other.
//!
//! The compacted log file is written as `.cleaned`, synced, and renamed to `.swap`: from then on it counts. The old segments
//! go, and it loses its suffix. Between the steps the directory is synced, so that they reach the disk in this order.

use super::error::LogError;
use super::file_names::{
    DELETED_SUFFIX, LOG_SUFFIX, OFFSET_INDEX_SUFFIX, SWAP_SUFFIX, TIME_INDEX_SUFFIX,
    TRANSACTION_INDEX_SUFFIX, file_of, parse_file_name, with_suffix,
};
use super::manager::SharedLog;
use super::partition_log::{LogContext, PartitionLog};
use super::segment::{Segment, SegmentFiles, remove_if_there};
use std::path::Path;
use std::sync::Arc;

/// A compacted segment on its way into the log.
#[derive(Debug)]
pub(super) struct Swap {
    /// Base offsets of the segments it stands for.
    pub(super) replaces: Vec<i64>,
    /// The log's count of cuts when its content was read.
    pub(super) cuts: u64,
}

/// Puts `segment` in the place of those it was made from. Blocks on the disk between the steps, without the lock.
///
/// False when the log was cut meanwhile, or retention took one of them: the result is dropped then.
pub(super) fn install(
    log: &SharedLog,
    mut segment: Segment,
    swap: &Swap,
    now_ms: i64,
) -> Result<bool, LogError> {
    let (disk, directory) = {
        let log = log.lock();
        if !log.may_swap(swap) {
            drop(log);
            remove(&segment)?;
            return Ok(false);
        }
        segment.rename(SWAP_SUFFIX)?;
        (Arc::clone(&log.context.disk), Arc::clone(&log.directory))
    };
    disk.sync_dir(&directory)?;
    let base_offset = segment.base_offset();
    {
        let mut log = log.lock();
        if !log.may_swap(swap) {
            drop(log);
            remove(&segment)?;
            return Ok(false);
        }
        log.swap_in(segment, swap, now_ms)?;
    }
    disk.sync_dir(&directory)?;
    let mut locked = log.lock();
    // It may have been cut or retained away since; then it has another name already.
    if let Some(segment) = locked.segments.iter_mut().find(|segment| segment.base_offset() == base_offset)
        && segment.name_suffix() == SWAP_SUFFIX
    {
        segment.rename("")?;
    }
    drop(locked);
    disk.sync_dir(&directory)?;
    Ok(true)
}

/// Removes the files of a compacted segment that is not wanted any more.
fn remove(segment: &Segment) -> Result<(), LogError> {
    for path in segment.paths() {
        remove_if_there(segment.disk(), &path)?;
    }
    Ok(())
}

impl PartitionLog {
    fn may_swap(&self, swap: &Swap) -> bool {
        let has_all = swap
            .replaces
            .iter()
            .all(|base| self.segments.iter().any(|segment| segment.base_offset() == *base));
        has_all && self.cuts == swap.cuts && !self.context.health.is_offline()
    }

    fn swap_in(&mut self, segment: Segment, swap: &Swap, now_ms: i64) -> Result<(), LogError> {
        let first = self.segment_index(segment.base_offset());
        let replaced: Vec<Segment> =
            self.segments.splice(first..first + swap.replaces.len(), Some(segment)).collect();
        // What is in memory of them is no longer what is in the file.
        if let Some(next) = self.segments.get(first + 1) {
            self.tail.drop_before(next.base_offset());
        }
        for mut old in replaced {
            self.discard(&mut old, now_ms)?;
        }
        Ok(())
    }
}

/// Finishes a swap that a crash interrupted after its `.swap` file was there.
pub(super) fn complete(context: &LogContext, directory: &Path, base_offset: i64) -> Result<(), LogError> {
    let disk = &*context.disk;
    let log = file_of(directory, base_offset, LOG_SUFFIX);
    let swap = with_suffix(&log, SWAP_SUFFIX);
    // Old segments it covers: those that begin within its offsets.
    let size_bytes = disk.open(&swap, crate::storage::OpenMode::Existing)?.len_bytes()?;
    let shared: Arc<Path> = Arc::from(directory);
    let files = SegmentFiles { log_bytes: size_bytes, ..SegmentFiles::default() };
    let segment = Segment::open(&context.disk, &shared, base_offset, SWAP_SUFFIX, files, 0)?;
    let next_offset = segment.read_next_offset()?;
    for entry in disk.list(directory)? {
        let Some((offset, suffix)) = parse_file_name(&entry.name) else { continue };
        let is_segment_file =
            [LOG_SUFFIX, OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX].contains(&suffix);
        if is_segment_file && (offset == base_offset || (offset > base_offset && offset < next_offset)) {
            let path = directory.join(&entry.name);
            if suffix == LOG_SUFFIX {
                let deleted = with_suffix(&path, DELETED_SUFFIX);
                disk.rename(&path, &deleted)?;
                remove_if_there(disk, &deleted)?;
            } else {
                disk.remove_file(&path)?;
            }
        }
    }
    disk.sync_dir(directory)?;
    disk.rename(&swap, &log)?;
    disk.sync_dir(directory)?;
    Ok(())
}
