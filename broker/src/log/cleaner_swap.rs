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
use super::recovery::BatchWalk;
use super::segment::{Segment, remove_if_there};
use super::segment_scan::ScanError;
use crate::storage::{Disk, OpenMode};
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
///
/// The file was synced before it got that name, so damage in it is not a crash's doing. Such a one never takes the place of
/// anything: while the segments it stands for are all there they stay, and are compacted again; once they are gone it is the
/// only copy, and nothing is touched.
pub(super) fn complete(context: &LogContext, directory: &Path, base_offset: i64) -> Result<(), LogError> {
    let disk = &*context.disk;
    let log = file_of(directory, base_offset, LOG_SUFFIX);
    let swap = with_suffix(&log, SWAP_SUFFIX);
    let next_offset = match read_through(disk, &swap, base_offset) {
        Ok(next_offset) => next_offset,
        Err(LogError::Corrupt { position, reason, .. }) => {
            if !is_whole_from(disk, directory, base_offset)? {
                let reason = format!("{reason}; {} is the only copy of what was compacted", swap.display());
                return Err(LogError::Corrupt { base_offset, position, reason });
            }
            tracing::warn!(path = %swap.display(), position, reason, "damaged compacted segment dropped");
            disk.remove_file(&swap)?;
            disk.sync_dir(directory)?;
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    // Old segments it covers: those that begin within its offsets.
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

/// Whether no batch is missing from the segment at `base_offset` on: there is one, and each but the last, which may not be
/// synced yet, is whole and ends where the next one begins.
fn is_whole_from(disk: &dyn Disk, directory: &Path, base_offset: i64) -> Result<bool, LogError> {
    let mut bases: Vec<i64> = disk
        .list(directory)?
        .iter()
        .filter_map(|entry| parse_file_name(&entry.name))
        .filter(|(offset, suffix)| *suffix == LOG_SUFFIX && *offset >= base_offset)
        .map(|(offset, _)| offset)
        .collect();
    bases.sort_unstable();
    // What was compacted always has a segment behind it: the active one is left alone.
    if bases.len() < 2 || bases[0] != base_offset {
        return Ok(false);
    }
    for pair in bases.windows(2) {
        match read_through(disk, &file_of(directory, pair[0], LOG_SUFFIX), pair[0]) {
            Ok(next_offset) if next_offset == pair[1] => {}
            Ok(_) | Err(LogError::Corrupt { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Reads every batch of a segment file; the offset behind the last one. A segment without any is as good as damaged:
/// compaction leaves at least the last batch.
fn read_through(disk: &dyn Disk, path: &Path, base_offset: i64) -> Result<i64, LogError> {
    let file = disk.open(path, OpenMode::Existing)?;
    let corrupt = |position, reason| LogError::Corrupt { base_offset, position, reason };
    let mut walk = BatchWalk { file: &*file, position: 0, end: file.len_bytes()? };
    let mut next_offset = base_offset;
    loop {
        let position = walk.position;
        match walk.next() {
            Ok(Some(batch)) if batch.header.base_offset >= next_offset => {
                next_offset = batch.header.next_offset();
            }
            Ok(Some(batch)) => {
                let reason = format!("offset {} cannot follow {next_offset}", batch.header.base_offset);
                return Err(corrupt(position, reason));
            }
            Ok(None) if position == 0 => return Err(corrupt(0, "it is empty".to_owned())),
            Ok(None) => return Ok(next_offset),
            Err(ScanError::Io(error)) => return Err(error.into()),
            Err(ScanError::Corrupt { position, reason }) => return Err(corrupt(position, reason)),
        }
    }
}
