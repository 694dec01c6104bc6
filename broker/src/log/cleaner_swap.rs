//! Putting a compacted segment in the place of those it was made from, so that a crash at any point leaves one or the other.
//!
//! The compacted log file is written as `.cleaned`, synced, and renamed to `.swap`: from then on it counts. The old segments
//! go, and it loses its suffix. Between the steps the directory is synced, so that they reach the disk in this order.

use super::error::LogError;
use super::file_names::{
    DELETED_SUFFIX, LOG_SUFFIX, OFFSET_INDEX_SUFFIX, SWAP_SUFFIX, TIME_INDEX_SUFFIX,
    TRANSACTION_INDEX_SUFFIX, file_of, parse_file_name, with_suffix,
};
use super::partition_log::LogContext;
use super::segment::{Segment, SegmentFiles, remove_if_there};
use std::path::Path;
use std::sync::Arc;

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
