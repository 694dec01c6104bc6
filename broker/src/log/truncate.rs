//! Cutting a log: its end (a replica that diverged), its start (delete-records, retention), or all of it.

use super::error::LogError;
use super::file_names::{DELETED_SUFFIX, SNAPSHOT_SUFFIX, file_of};
use super::health::is_full;
use super::partition_log::{PartitionLog, PendingDelete};
use super::recovery;
use super::segment::{Segment, remove_if_there};
use std::io;

impl PartitionLog {
    /// Drops every batch that reaches to or behind `offset`. A no-op when the log ends at or before it.
    ///
    /// The log may then end before `offset`, when a batch reaches over it.
    pub(crate) fn truncate_to(&mut self, offset: i64, now_ms: i64) -> Result<(), LogError> {
        if offset >= self.log_end_offset {
            return Ok(());
        }
        if offset <= self.segments[0].base_offset() {
            return self.truncate_fully(offset.max(0), now_ms);
        }
        self.cuts += 1;
        let result = self.cut_end(offset, now_ms);
        self.checked("truncate", result)
    }

    fn cut_end(&mut self, offset: i64, now_ms: i64) -> Result<(), LogError> {
        let keep = self.segment_index(offset - 1);
        for mut segment in self.segments.split_off(keep + 1) {
            self.discard(&mut segment, now_ms)?;
        }
        // The segment before may end before the offset too, after compaction.
        let active = self.active_mut();
        if let Some((position, header)) = active.find(offset)? {
            active.truncate(position, header.base_offset)?;
        }
        self.log_end_offset = self.active().read_next_offset()?;
        self.tail.truncate(self.log_end_offset);
        self.epochs.truncate_from_end(self.log_end_offset);
        self.recovery_point = self.recovery_point.min(self.log_end_offset);
        self.high_watermark = self.high_watermark.min(self.log_end_offset);
        self.log_start_offset = self.log_start_offset.min(self.log_end_offset);
        self.cleaned_to = self.cleaned_to.min(self.log_end_offset);
        self.drop_snapshots(|snapshot, end| snapshot > end)?;
        recovery::rebuild_producers(self)
    }

    /// Drops everything; the log is empty and its next offset is `new_start`.
    pub(crate) fn truncate_fully(&mut self, new_start: i64, now_ms: i64) -> Result<(), LogError> {
        self.cuts += 1;
        let result = self.empty_and_start_at(new_start, now_ms);
        self.checked("truncate", result)
    }

    fn empty_and_start_at(&mut self, new_start: i64, now_ms: i64) -> Result<(), LogError> {
        for mut segment in std::mem::take(&mut self.segments) {
            self.discard(&mut segment, now_ms)?;
        }
        let segment = Segment::create(&self.context.disk, &self.directory, new_start, "", now_ms)?;
        self.segments.push(segment);
        self.directory_unsynced = true;
        self.log_start_offset = new_start;
        self.log_end_offset = new_start;
        self.recovery_point = self.recovery_point.min(new_start);
        self.high_watermark = new_start;
        self.cleaned_to = 0;
        self.tail.clear();
        self.epochs.clear();
        self.producers.clear();
        self.drop_snapshots(|_, _| true)?;
        Ok(())
    }

    /// Makes `offset` the first that may be read; whole segments before it go.
    ///
    /// Errors: an offset behind the high watermark. One before the log's start changes nothing.
    pub(crate) fn delete_records(&mut self, offset: i64, now_ms: i64) -> Result<i64, LogError> {
        if offset > self.high_watermark || offset < 0 {
            return Err(LogError::OffsetOutOfRange {
                offset,
                log_start_offset: self.log_start_offset,
                log_end_offset: self.high_watermark,
            });
        }
        self.advance_log_start(offset, now_ms)?;
        Ok(self.log_start_offset)
    }

    /// [`Self::delete_records`] as a leader told it: without a look at the high watermark, which may lag here.
    pub(crate) fn advance_log_start(&mut self, offset: i64, now_ms: i64) -> Result<(), LogError> {
        let offset = offset.min(self.log_end_offset);
        if offset <= self.log_start_offset {
            return Ok(());
        }
        self.log_start_offset = offset;
        self.high_watermark = self.high_watermark.max(offset);
        self.epochs.truncate_from_start(offset);
        self.producers.advance_log_start(offset);
        let result = self.delete_segments_below_start(now_ms);
        self.checked("delete segments", result)
    }

    /// Drops segments that end at or before the log's start; never the active one.
    pub(super) fn delete_segments_below_start(&mut self, now_ms: i64) -> Result<(), LogError> {
        let mut count = 0;
        while count + 1 < self.segments.len()
            && self.segments[count + 1].base_offset() <= self.log_start_offset
        {
            count += 1;
        }
        self.delete_oldest(count, now_ms)
    }

    /// Drops the `count` oldest segments.
    pub(super) fn delete_oldest(&mut self, count: usize, now_ms: i64) -> Result<(), LogError> {
        if count == 0 {
            return Ok(());
        }
        // Each is renamed before it leaves the list, so that a failure leaves list and directory agreeing.
        for _ in 0..count {
            let mut segment = self.segments.remove(0);
            self.discard(&mut segment, now_ms)?;
        }
        let first = self.segments[0].base_offset();
        self.drop_snapshots(|snapshot, _| snapshot < first)?;
        Ok(())
    }

    /// Takes a segment out of use; its files go once readers had the time to finish.
    pub(super) fn discard(&mut self, segment: &mut Segment, now_ms: i64) -> io::Result<()> {
        segment.rename(DELETED_SUFFIX)?;
        self.directory_unsynced = true;
        let due_ms = now_ms.saturating_add(self.config.file_delete_delay_ms);
        self.pending_deletes.extend(segment.paths().map(|path| PendingDelete { path, due_ms }));
        Ok(())
    }

    /// Removes files whose time has come, given as paths for the caller to remove without the log's lock.
    pub(crate) fn take_due_deletes(&mut self, now_ms: i64) -> Vec<PendingDelete> {
        if self.pending_deletes.iter().all(|pending| pending.due_ms > now_ms) {
            return Vec::new();
        }
        let (due, later) = std::mem::take(&mut self.pending_deletes)
            .into_iter()
            .partition(|pending| pending.due_ms <= now_ms);
        self.pending_deletes = later;
        self.directory_unsynced = true;
        due
    }

    /// Removes snapshot files that `goes` says so of, given a snapshot's offset and the log's end.
    pub(super) fn drop_snapshots(&mut self, goes: impl Fn(i64, i64) -> bool) -> io::Result<()> {
        let end = self.log_end_offset;
        let (going, staying): (Vec<_>, Vec<_>) =
            self.snapshots.iter().partition(|snapshot| goes(**snapshot, end));
        self.snapshots = staying.into();
        for snapshot in going {
            let path = file_of(&self.directory, snapshot, SNAPSHOT_SUFFIX);
            remove_if_there(&*self.context.disk, &path)?;
            self.directory_unsynced = true;
        }
        Ok(())
    }

    /// A failure of these operations leaves the log in between: the directory goes offline, and recovery sorts it out.
    pub(super) fn checked<T>(&self, what: &'static str, result: Result<T, LogError>) -> Result<T, LogError> {
        if let Err(LogError::Storage(error)) = &result
            && !is_full(error)
        {
            self.context.health.fail(what, error);
        }
        result
    }
}
