//! Making a log durable, in three steps so that no lock is held while the disk works: [`PartitionLog::begin_flush`] under the
//! lock, [`FlushJob::run`] on a blocking thread, [`PartitionLog::finish_flush`] under the lock again.

use super::checkpoint::epochs_text;
use super::error::LogError;
use super::file_names::LEADER_EPOCH_CHECKPOINT;
use super::health::DirectoryHealth;
use super::partition_log::PartitionLog;
use crate::storage::{Disk, DiskFile, replace_file};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What must reach the disk.
#[derive(Debug)]
pub(crate) struct FlushJob {
    disk: Arc<dyn Disk>,
    health: DirectoryHealth,
    directory: Arc<Path>,
    files: Vec<Arc<dyn DiskFile>>,
    sync_directory: bool,
    sync_parent: bool,
    epochs: Option<Vec<(i32, i64)>>,
    flushed: Flushed,
}

/// What a finished job proves: everything below `up_to` of the log, as it was cut then, is durable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flushed {
    up_to: i64,
    cuts: u64,
}

/// What [`PartitionLog::begin_flush`] found to do.
#[derive(Debug)]
pub(crate) enum FlushStart {
    /// Everything appended is durable.
    Clean,
    /// Another flush is under way; ask again once it has finished.
    Busy,
    Job(FlushJob),
}

impl FlushJob {
    /// Syncs. After an error the directory is offline, and stays so: what the disk has dropped cannot be written again.
    pub(crate) fn run(self) -> io::Result<Flushed> {
        let result = self.sync();
        if let Err(error) = &result {
            self.health.fail("sync", error);
        }
        result.map(|()| self.flushed)
    }

    fn sync(&self) -> io::Result<()> {
        if self.health.is_offline() {
            return Err(io::Error::other("the log directory is offline"));
        }
        for file in &self.files {
            file.sync()?;
        }
        if let Some(epochs) = &self.epochs {
            let path = self.directory.join(LEADER_EPOCH_CHECKPOINT);
            replace_file(&*self.disk, &path, epochs_text(epochs).as_bytes(), false)?;
        }
        if self.sync_directory || self.epochs.is_some() {
            self.disk.sync_dir(&self.directory)?;
        }
        if self.sync_parent
            && let Some(parent) = self.directory.parent()
        {
            self.disk.sync_dir(parent)?;
        }
        Ok(())
    }
}

impl PartitionLog {
    /// The work that makes everything appended so far durable.
    ///
    /// One job at a time: a second one could finish first and vouch for what the first has not synced yet.
    pub(crate) fn begin_flush(&mut self, now_ms: i64) -> Result<FlushStart, LogError> {
        if self.flushing {
            return Ok(FlushStart::Busy);
        }
        self.last_flush_ms = now_ms;
        let mut files = std::mem::take(&mut self.unsynced_files);
        let unflushed = self.segments.partition_point(|segment| segment.base_offset() < self.recovery_point);
        for segment in &mut self.segments[unflushed.saturating_sub(1)..] {
            segment.take_unsynced(&mut files)?;
        }
        let epochs = self.epochs.take_changed();
        let sync_directory = std::mem::take(&mut self.directory_unsynced);
        let sync_parent = std::mem::take(&mut self.parent_unsynced);
        if files.is_empty()
            && epochs.is_none()
            && !sync_directory
            && self.recovery_point == self.log_end_offset
        {
            return Ok(FlushStart::Clean);
        }
        self.flushing = true;
        Ok(FlushStart::Job(FlushJob {
            disk: Arc::clone(&self.context.disk),
            health: self.context.health.clone(),
            directory: Arc::clone(&self.directory),
            files,
            sync_directory,
            sync_parent,
            epochs,
            flushed: Flushed { up_to: self.log_end_offset, cuts: self.cuts },
        }))
    }

    /// Takes note of what is durable now. Work that a cut of the log has overtaken does not count.
    pub(crate) fn finish_flush(&mut self, flushed: Flushed) {
        self.flushing = false;
        if flushed.cuts == self.cuts {
            self.recovery_point = self.recovery_point.max(flushed.up_to);
        }
    }

    /// Whether `flush.messages` or `flush.ms` ask for a flush.
    pub(crate) fn needs_flush(&self, now_ms: i64) -> bool {
        let unflushed = self.log_end_offset - self.recovery_point;
        // A closed segment is flushed soon: recovery after a crash then has only the active one to read.
        unflushed > 0
            && (self.active().base_offset() > self.recovery_point
                || unflushed >= self.config.flush_messages
                || now_ms.saturating_sub(self.last_flush_ms) >= self.config.flush_ms)
    }

    /// The last step of a clean shutdown before the flush: everything a restart needs is put into files.
    pub(crate) fn prepare_close(&mut self) -> Result<(), LogError> {
        self.active_mut().write_out_indexes()?;
        if !self.producers.is_empty() {
            self.write_snapshot(self.log_end_offset)?;
        }
        Ok(())
    }
}
