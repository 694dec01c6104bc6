//! One partition's log: segments in offset order, the last one open for appends.
//!
//! Owns offsets, what is in memory of the tail, producers and leader epochs. Callers hold it behind a short lock: nothing
//! here syncs ([`super::flush`] hands the work out). Does not know replicas; the high watermark is told to it.

use super::batch_validator::{CheckedBatch, StampedBatch};
use super::checkpoint::write_topic_id;
use super::config::LogConfig;
use super::error::{AppendError, LogError};
use super::file_names::{PARTITION_METADATA, SNAPSHOT_SUFFIX, file_of};
use super::health::{DirectoryHealth, is_full};
use super::leader_epoch_cache::LeaderEpochCache;
use super::producer_snapshot;
use super::producer_state::{ProducerStates, SequenceCheck};
use super::segment::Segment;
use super::tail_cache::{TailBudget, TailCache};
use crate::storage::{Disk, DiskFile, OpenMode};
use bytes::Bytes;
use ottla_wire::batch::TimestampType;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Who appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppendOrigin {
    /// A producer: everything is checked.
    Client {
        /// Of a transaction of version 2, in which a producer that is not known must start at sequence 0.
        transaction_v2: bool,
    },
    /// A coordinator or the controller of this broker: records and transaction markers it made itself.
    Coordinator,
    /// The leader: offsets, epochs and times are its own.
    Replication,
}

/// Where an append went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AppendInfo {
    /// First offset appended; of a duplicate, where it was appended before.
    pub(crate) first_offset: i64,
    /// Last offset appended; one below `first_offset` when there was nothing to append.
    pub(crate) last_offset: i64,
    /// The broker's time, when the topic's timestamps are the broker's; else -1.
    pub(crate) log_append_time_ms: i64,
    pub(crate) log_start_offset: i64,
    /// The records were in the log already; nothing was appended.
    pub(crate) duplicate: bool,
    /// Bytes appended.
    pub(crate) size_bytes: usize,
}

/// What a log shares with the others of its directory and broker.
#[derive(Clone, Debug)]
pub(crate) struct LogContext {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) health: DirectoryHealth,
    pub(crate) tail_budget: Arc<TailBudget>,
}

/// A file that goes when its time has come.
#[derive(Debug)]
pub(crate) struct PendingDelete {
    pub(crate) path: PathBuf,
    pub(crate) due_ms: i64,
}

/// One partition's log.
#[derive(Debug)]
pub(crate) struct PartitionLog {
    pub(super) context: LogContext,
    pub(super) topic: Arc<str>,
    pub(super) partition: i32,
    pub(super) topic_id: Option<Uuid>,
    pub(super) directory: Arc<Path>,
    pub(super) config: Arc<LogConfig>,
    /// Never empty, by base offset.
    pub(super) segments: Vec<Segment>,
    pub(super) log_start_offset: i64,
    pub(super) log_end_offset: i64,
    pub(super) high_watermark: i64,
    /// Everything below is synced.
    pub(super) recovery_point: i64,
    /// Rises whenever the log is cut, so that a flush or a compaction begun before does not count.
    pub(super) cuts: u64,
    pub(super) epochs: LeaderEpochCache,
    pub(super) producers: ProducerStates,
    /// Offsets of the snapshot files there are, rising.
    pub(super) snapshots: VecDeque<i64>,
    pub(super) tail: TailCache,
    pub(super) pending_deletes: Vec<PendingDelete>,
    /// Files to sync beside those of the segments: snapshots.
    pub(super) unsynced_files: Vec<Arc<dyn DiskFile>>,
    /// Names were created or removed since the last sync of the directory.
    pub(super) directory_unsynced: bool,
    /// The log's own directory may be new.
    pub(super) parent_unsynced: bool,
    /// How much sooner than `segment.ms` this segment is rolled, so that the partitions of a topic do not all roll at once.
    pub(super) roll_jitter_ms: i64,
    pub(super) last_flush_ms: i64,
    /// A flush job is out.
    pub(super) flushing: bool,
    pub(super) last_append_ms: i64,
    /// Compaction came up to here.
    pub(super) cleaned_to: i64,
    /// Found on disk, and its topic's configuration not heard of yet: nothing may be deleted by a default.
    pub(super) awaits_config: bool,
    /// A compaction is under way.
    pub(super) cleaning: bool,
    /// Compaction found it damaged.
    pub(super) uncleanable: bool,
}

impl PartitionLog {
    /// Appends records and returns where they are.
    ///
    /// `records` are one or more whole batches; a client's must be exactly one. On an error nothing of them is in the log.
    /// `leader_epoch` is stamped on them, but for replicated ones, which carry theirs.
    pub(crate) fn append(
        &mut self,
        records: Bytes,
        origin: AppendOrigin,
        leader_epoch: i32,
        now_ms: i64,
    ) -> Result<AppendInfo, AppendError> {
        let mut batches: SmallVec<[CheckedBatch; 1]> = SmallVec::new();
        match origin {
            AppendOrigin::Client { .. } => {
                batches.push(CheckedBatch::from_client(
                    records,
                    &self.config,
                    self.config.max_decompressed_message_bytes,
                    now_ms,
                )?);
            }
            AppendOrigin::Coordinator => batches.extend(CheckedBatch::from_coordinator(records)?),
            AppendOrigin::Replication => batches.extend(CheckedBatch::from_leader(records)?),
        }
        self.append_checked(batches, origin, leader_epoch, now_ms)
    }

    /// [`Self::append`] of batches that were checked before the lock was taken.
    pub(crate) fn append_checked(
        &mut self,
        batches: SmallVec<[CheckedBatch; 1]>,
        origin: AppendOrigin,
        leader_epoch: i32,
        now_ms: i64,
    ) -> Result<AppendInfo, AppendError> {
        if self.context.health.is_offline() {
            return Err(AppendError::Offline);
        }
        let size_bytes: usize = batches.iter().map(CheckedBatch::size_bytes).sum();
        if size_bytes as u64 > self.config.segment_bytes {
            return Err(AppendError::RecordListTooLarge {
                size_bytes,
                segment_bytes: self.config.segment_bytes as usize,
            });
        }
        if let Some(duplicate) = self.check_producers(&batches, origin)? {
            return Ok(AppendInfo {
                first_offset: duplicate.first_offset(),
                last_offset: duplicate.last_offset,
                log_append_time_ms: self.log_append_time(duplicate.timestamp_ms).unwrap_or(-1),
                log_start_offset: self.log_start_offset,
                duplicate: true,
                size_bytes: 0,
            });
        }
        let append_time = match origin {
            AppendOrigin::Replication => None,
            AppendOrigin::Client { .. } | AppendOrigin::Coordinator => self.log_append_time(now_ms),
        };
        let stamped = self.stamp(batches, origin, leader_epoch, append_time)?;
        let info = AppendInfo {
            first_offset: stamped.first().map_or(self.log_end_offset, |batch| batch.header.base_offset),
            last_offset: stamped.last().map_or(self.log_end_offset - 1, |batch| batch.header.last_offset()),
            log_append_time_ms: append_time.unwrap_or(-1),
            log_start_offset: self.log_start_offset,
            duplicate: false,
            size_bytes,
        };
        if stamped.is_empty() {
            return Ok(info);
        }
        self.write(&stamped, now_ms).map_err(|error| self.failed("append", error))?;
        for batch in stamped {
            self.take_note(batch).map_err(|error| self.failed("append to an index", error))?;
        }
        self.tail.expire(&self.context.tail_budget);
        self.last_append_ms = now_ms;
        Ok(info)
    }

    /// The broker's time, if this topic's records carry it.
    fn log_append_time(&self, now_ms: i64) -> Option<i64> {
        (self.config.message_timestamp_type == TimestampType::LogAppendTime).then_some(now_ms)
    }

    /// Checks sequences and epochs; the metadata of the original when a client sent a batch again.
    fn check_producers(
        &self,
        batches: &[CheckedBatch],
        origin: AppendOrigin,
    ) -> Result<Option<super::producer_state::BatchMetadata>, AppendError> {
        for batch in batches.iter().filter(|batch| batch.header.has_producer_id()) {
            match (origin, &batch.marker) {
                // The leader has decided.
                (AppendOrigin::Replication, _) => {}
                (AppendOrigin::Client { transaction_v2 }, _) => {
                    let check = self
                        .producers
                        .check_data(&batch.header, transaction_v2 && batch.header.is_transactional())?;
                    if let SequenceCheck::Duplicate(original) = check {
                        return Ok(Some(original));
                    }
                }
                (AppendOrigin::Coordinator, Some(marker)) => {
                    self.producers.check_marker(&batch.header, marker)?;
                }
                (AppendOrigin::Coordinator, None) => {}
            }
        }
        Ok(None)
    }

    /// Gives each batch its offsets, or checks those it came with.
    fn stamp(
        &self,
        batches: SmallVec<[CheckedBatch; 1]>,
        origin: AppendOrigin,
        leader_epoch: i32,
        append_time: Option<i64>,
    ) -> Result<SmallVec<[StampedBatch; 1]>, AppendError> {
        let mut next_offset = self.log_end_offset;
        let mut stamped = SmallVec::with_capacity(batches.len());
        for batch in batches {
            let batch = if origin == AppendOrigin::Replication {
                // Compaction leaves gaps, so the leader's offsets may skip, but never go back.
                if batch.header.base_offset < next_offset {
                    return Err(AppendError::OffsetsOutOfOrder {
                        base_offset: batch.header.base_offset,
                        log_end_offset: next_offset,
                    });
                }
                batch.keep()
            } else {
                if next_offset
                    .checked_add(i64::from(batch.header.last_offset_delta))
                    .is_none_or(|last| last == i64::MAX)
                {
                    return Err(AppendError::OffsetsExhausted);
                }
                batch.stamp(next_offset, leader_epoch, append_time)
            };
            next_offset = batch.header.next_offset();
            stamped.push(batch);
        }
        Ok(stamped)
    }

    /// Rolls if need be and writes the batches behind the others, in one call.
    fn write(&mut self, batches: &[StampedBatch], now_ms: i64) -> Result<(), AppendError> {
        let size_bytes: usize = batches.iter().map(|batch| batch.head.len() + batch.body.len()).sum();
        let max_timestamp_ms = batches.iter().map(|batch| batch.header.max_timestamp).max().unwrap_or(-1);
        let last_offset = batches.last().map_or(self.log_end_offset, |batch| batch.header.last_offset());
        if self.should_roll(size_bytes as u64, max_timestamp_ms, last_offset, now_ms)? {
            // The leader's first batch may start behind this log's end, after compaction. The name says where the segment
            // before ends all the same, for recovery to notice when that end is lost; only a gap that no segment can
            // span is left out.
            let first_offset = batches.first().map_or(self.log_end_offset, |batch| batch.header.base_offset);
            let spans_far = i32::try_from(last_offset - self.log_end_offset).is_err();
            self.roll_at(if spans_far { first_offset } else { self.log_end_offset }, now_ms)?;
        }
        let mut headers: SmallVec<[_; 4]> = SmallVec::with_capacity(batches.len());
        let mut buffers: SmallVec<[IoSlice<'_>; 8]> = SmallVec::with_capacity(batches.len() * 2);
        for batch in batches {
            headers.push(batch.header);
            buffers.push(IoSlice::new(&batch.head));
            if !batch.body.is_empty() {
                buffers.push(IoSlice::new(&batch.body));
            }
        }
        let index_interval_bytes = self.config.index_interval_bytes;
        self.active_mut().append(&headers, &buffers, index_interval_bytes)?;
        Ok(())
    }

    /// Takes a written batch into account.
    fn take_note(&mut self, batch: StampedBatch) -> Result<(), AppendError> {
        let header = &batch.header;
        self.epochs.assign(header.partition_leader_epoch, header.base_offset);
        self.log_end_offset = header.next_offset();
        if header.has_producer_id() {
            match &batch.marker {
                Some(marker) => {
                    if let Some(aborted) = self.producers.apply_marker(header, marker) {
                        self.active_mut().transaction_index.push(&aborted)?;
                    }
                }
                None if header.is_control() => {}
                None => self.producers.apply_data(header),
            }
        }
        self.tail.push(
            header.base_offset,
            header.last_offset(),
            batch.head,
            batch.body,
            &self.context.tail_budget,
        );
        Ok(())
    }

    /// Tells a full disk from a failed one, which takes the directory offline.
    fn failed(&self, what: &'static str, error: AppendError) -> AppendError {
        match error {
            AppendError::Storage(error) if is_full(&error) => {
                tracing::warn!(topic = &*self.topic, partition = self.partition, "disk full, append refused");
                AppendError::DiskFull
            }
            AppendError::Storage(error) => {
                self.context.health.fail(what, &error);
                AppendError::Storage(error)
            }
            other => other,
        }
    }

    fn should_roll(
        &mut self,
        size_bytes: u64,
        max_timestamp_ms: i64,
        last_offset: i64,
        now_ms: i64,
    ) -> Result<bool, AppendError> {
        let config = Arc::clone(&self.config);
        let jitter_ms = self.roll_jitter_ms;
        let active = self.active_mut();
        if active.size_bytes() + size_bytes > config.segment_bytes {
            return Ok(active.size_bytes() > 0);
        }
        if i32::try_from(last_offset - active.base_offset()).is_err() {
            return Ok(true);
        }
        if active.size_bytes() == 0 {
            return Ok(false);
        }
        if active.offset_index.is_full(config.segment_index_bytes)
            || active.time_index.is_full(config.segment_index_bytes)
        {
            return Ok(true);
        }
        let first_ms = active.first_timestamp_ms().map_err(|error| match error {
            LogError::Storage(error) => AppendError::Storage(error),
            other => AppendError::Storage(io::Error::new(io::ErrorKind::InvalidData, other.to_string())),
        })?;
        // Record time decides while there is one, so that replicas roll alike; else how long the file has been open.
        let waited_ms = match first_ms.filter(|first_ms| *first_ms >= 0 && max_timestamp_ms >= 0) {
            Some(first_ms) => max_timestamp_ms.saturating_sub(first_ms),
            None => now_ms.saturating_sub(active.created_ms()),
        };
        Ok(waited_ms > config.segment_ms.saturating_sub(jitter_ms))
    }

    /// Closes the active segment and opens one at `base_offset`, which is at or behind the log's end.
    pub(super) fn roll_at(&mut self, base_offset: i64, now_ms: i64) -> io::Result<()> {
        if self.active().size_bytes() == 0 && self.active().base_offset() == base_offset {
            return Ok(());
        }
        if self.active().size_bytes() == 0 {
            // An empty segment with an older name holds no offset; keeping it would only leave an empty file behind.
            if let Some(mut empty) = self.segments.pop() {
                self.discard(&mut empty, now_ms)?;
            }
        } else {
            self.active_mut().write_out_indexes()?;
            self.active_mut().release()?;
            self.write_snapshot(base_offset)?;
        }
        let segment = Segment::create(&self.context.disk, &self.directory, base_offset, "", now_ms)?;
        self.segments.push(segment);
        self.directory_unsynced = true;
        self.roll_jitter_ms = jitter(&self.topic, self.partition, base_offset, self.config.segment_jitter_ms);
        Ok(())
    }

    /// Writes what is known of the producers beside the log, so that a restart need not read all of it.
    pub(super) fn write_snapshot(&mut self, offset: i64) -> io::Result<()> {
        if self.snapshots.back() == Some(&offset) {
            return Ok(());
        }
        let path = file_of(&self.directory, offset, SNAPSHOT_SUFFIX);
        let file = self.context.disk.open(&path, OpenMode::Truncate)?;
        // A torn one is told by its checksum and passed over; the sync comes with the next flush.
        file.write_at(0, &[IoSlice::new(&producer_snapshot::encode(&self.producers))])?;
        self.unsynced_files.push(file);
        self.directory_unsynced = true;
        self.snapshots.push_back(offset);
        Ok(())
    }

    pub(super) fn active(&self) -> &Segment {
        self.segments.last().expect("a log always has an active segment")
    }

    pub(super) fn active_mut(&mut self) -> &mut Segment {
        self.segments.last_mut().expect("a log always has an active segment")
    }

    /// Index of the segment that holds `offset`, or would.
    pub(super) fn segment_index(&self, offset: i64) -> usize {
        self.segments.partition_point(|segment| segment.base_offset() <= offset).saturating_sub(1)
    }

    pub(crate) fn topic(&self) -> &Arc<str> {
        &self.topic
    }

    pub(crate) fn partition(&self) -> i32 {
        self.partition
    }

    pub(crate) fn topic_id(&self) -> Option<Uuid> {
        self.topic_id
    }

    /// Gives a log found on disk without one its topic id.
    pub(crate) fn set_topic_id(&mut self, topic_id: Uuid) -> Result<(), LogError> {
        write_topic_id(&*self.context.disk, &self.directory.join(PARTITION_METADATA), topic_id)?;
        self.topic_id = Some(topic_id);
        self.directory_unsynced = true;
        Ok(())
    }

    pub(crate) fn directory(&self) -> &Arc<Path> {
        &self.directory
    }

    pub(crate) fn config(&self) -> &Arc<LogConfig> {
        &self.config
    }

    /// Takes a changed topic configuration into use.
    pub(crate) fn set_config(&mut self, config: Arc<LogConfig>) {
        self.config = config;
        self.awaits_config = false;
    }

    /// Says that the configuration is only a default: retention and compaction wait for [`Self::set_config`].
    pub(super) fn await_config(&mut self) {
        self.awaits_config = true;
    }

    /// First offset that may be read.
    pub(crate) fn log_start_offset(&self) -> i64 {
        self.log_start_offset
    }

    /// Offset the next record gets.
    pub(crate) fn log_end_offset(&self) -> i64 {
        self.log_end_offset
    }

    /// Offset below which every in-sync replica has everything.
    pub(crate) fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// Takes note of how far the in-sync replicas have come; kept within the log.
    pub(crate) fn set_high_watermark(&mut self, high_watermark: i64) {
        self.high_watermark = high_watermark.clamp(self.log_start_offset, self.log_end_offset);
        self.producers.advance_high_watermark(self.high_watermark);
    }

    /// First offset of the oldest transaction that is open, or decided but not yet below `high_watermark`.
    pub(crate) fn first_unstable_offset(&self, high_watermark: i64) -> Option<i64> {
        self.producers.first_unstable_offset(high_watermark).map(|offset| offset.max(self.log_start_offset))
    }

    /// Where read_committed readers stop, given the high watermark.
    pub(crate) fn last_stable_offset(&self, high_watermark: i64) -> i64 {
        self.first_unstable_offset(high_watermark).map_or(high_watermark, |first| first.min(high_watermark))
    }

    /// Everything below is synced.
    pub(crate) fn recovery_point(&self) -> i64 {
        self.recovery_point
    }

    /// Base offset of the oldest segment.
    pub(crate) fn first_base_offset(&self) -> i64 {
        self.segments[0].base_offset()
    }

    /// Bytes of all segments.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.segments.iter().map(Segment::size_bytes).sum()
    }

    #[cfg(test)]
    pub(crate) fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// What is known of the producers.
    pub(crate) fn producers(&self) -> &ProducerStates {
        &self.producers
    }

    /// Forgets producers that have been silent for `expiration_ms`.
    pub(crate) fn expire_producers(&mut self, now_ms: i64, expiration_ms: i64) {
        self.producers.expire(now_ms, expiration_ms);
    }

    /// Leader epochs with their first offsets.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn epochs(&self) -> &LeaderEpochCache {
        &self.epochs
    }

    /// Notes that `epoch` begins at the log's end, before anything of it is appended.
    pub(crate) fn begin_epoch(&mut self, epoch: i32) {
        self.epochs.assign(epoch, self.log_end_offset);
    }

    /// The newest leader epoch of the log.
    pub(crate) fn latest_epoch(&self) -> Option<i32> {
        self.epochs.latest_epoch()
    }

    /// The largest epoch not above `epoch` and the offset where it ends.
    pub(crate) fn end_offset_for_epoch(&self, epoch: i32) -> Option<(i32, i64)> {
        self.epochs.end_offset_for(epoch, self.log_end_offset)
    }

    /// Takes the log out of use before its directory goes: appends and reads of files fail from now on.
    pub(crate) fn retire(&mut self) {
        self.context.health.retire();
        self.pending_deletes.clear();
        self.tail.clear();
    }

    /// Whether appends and reads of files fail: the log is deleted or its directory offline.
    pub(crate) fn is_offline(&self) -> bool {
        self.context.health.is_offline()
    }

    /// Offset up to which compaction has come.
    pub(crate) fn cleaned_to(&self) -> i64 {
        self.cleaned_to
    }

    /// Drops expired batches from memory and handles that are idle.
    pub(crate) fn sweep(&mut self, now_ms: i64) {
        self.tail.expire(&self.context.tail_budget);
        const IDLE_MS: i64 = 60_000;
        if now_ms.saturating_sub(self.last_append_ms) > IDLE_MS {
            for segment in &mut self.segments {
                if let Err(error) = segment.release() {
                    tracing::warn!(%error, topic = &*self.topic, partition = self.partition, "cannot write out an index");
                }
            }
        }
    }
}

/// A number below `jitter_ms` that is the same for the same segment on every replica and after every restart.
fn jitter(topic: &str, partition: i32, base_offset: i64, jitter_ms: i64) -> i64 {
    if jitter_ms <= 0 {
        return 0;
    }
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let bytes = topic.bytes().chain(partition.to_be_bytes()).chain(base_offset.to_be_bytes());
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    (hash % jitter_ms as u64) as i64
}
