//! Opening a log: what a clean shutdown left is trusted, what a crash left is read again from the recovery point on.
//!
//! After a crash the first batch that is cut, fails its checksum or goes back in offsets ends the log; indexes, epochs and
//! producers are rebuilt from what stays (reliability rule I19).

use super::checkpoint::{read_epochs, read_topic_id, write_topic_id};
use super::config::LogConfig;
use super::error::LogError;
use super::file_names::{
    CLEANED_SUFFIX, DELETED_SUFFIX, LEADER_EPOCH_CHECKPOINT, LOG_SUFFIX, OFFSET_INDEX_SUFFIX,
    PARTITION_METADATA, SNAPSHOT_SUFFIX, SWAP_SUFFIX, TEMPORARY_SUFFIX, TIME_INDEX_SUFFIX,
    TRANSACTION_INDEX_SUFFIX, file_of, parse_file_name,
};
use super::leader_epoch_cache::LeaderEpochCache;
use super::partition_log::{LogContext, PartitionLog};
use super::producer_snapshot;
use super::producer_state::ProducerStates;
use super::read::read_batch;
use super::segment::{Segment, SegmentFiles, remove_if_there};
use super::segment_scan::ScanError;
use super::tail_cache::TailCache;
use crate::storage::read_file;
use ottla_wire::batch::BatchView;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Snapshots of so many producers are read; more is damage.
const SNAPSHOT_BYTES_MAX: u64 = 1 << 30;

/// What is known of a log before its directory is looked at.
#[derive(Clone, Debug)]
pub(crate) struct OpenOptions {
    pub(crate) topic: Arc<str>,
    pub(crate) partition: i32,
    /// Written to `partition.metadata` when the directory has none; must match when it has.
    pub(crate) topic_id: Option<Uuid>,
    pub(crate) config: Arc<LogConfig>,
    /// From the checkpoint; 0 when unknown.
    pub(crate) recovery_point: i64,
    /// From the checkpoint; 0 when unknown.
    pub(crate) log_start_offset: i64,
    /// From the checkpoint; 0 when unknown.
    pub(crate) high_watermark: i64,
    /// From the cleaner's checkpoint; 0 when unknown.
    pub(crate) cleaned_to: i64,
    /// The directory was closed in order.
    pub(crate) clean_shutdown: bool,
    pub(crate) now_ms: i64,
}

/// What opening a log had to repair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecoveryReport {
    /// Segments read in full.
    pub(crate) recovered_segments: usize,
    /// Bytes cut off behind the last good batch, whole segments included.
    pub(crate) truncated_bytes: u64,
    /// What was found at the cut.
    pub(crate) reason: Option<String>,
}

impl PartitionLog {
    /// Opens the log in `directory`, creating what is missing.
    pub(crate) fn open(
        context: LogContext,
        directory: Arc<Path>,
        options: OpenOptions,
    ) -> Result<(Self, RecoveryReport), LogError> {
        let disk = Arc::clone(&context.disk);
        disk.create_dir_all(&directory)?;
        let topic_id = settle_topic_id(&*disk, &directory, options.topic_id)?;
        let (found, snapshots) = settle_files(&context, &directory)?;
        let epochs = match read_epochs(&*disk, &directory.join(LEADER_EPOCH_CHECKPOINT)) {
            Ok(epochs) => epochs,
            // Every batch tells its epoch.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(%error, "leader epochs are lost");
                Vec::new()
            }
            Err(error) => return Err(error.into()),
        };
        let mut segments = Vec::with_capacity(found.len().max(1));
        let mut damaged_indexes = Vec::new();
        for (base_offset, files) in &found {
            let segment = Segment::open(&disk, &directory, *base_offset, "", *files, options.now_ms)?;
            let is_plausible = files
                .offset_index_bytes
                .is_some_and(|bytes| segment.offset_index.is_plausible(bytes, files.log_bytes))
                && files.time_index_bytes.is_some_and(|bytes| segment.time_index.is_plausible(bytes))
                && segment.transaction_index.is_plausible(files.transaction_index_bytes.unwrap_or(0));
            if !is_plausible {
                damaged_indexes.push(*base_offset);
            }
            segments.push(segment);
        }
        let mut log = Self {
            context,
            topic: options.topic,
            partition: options.partition,
            topic_id,
            directory,
            config: options.config,
            segments,
            log_start_offset: options.log_start_offset,
            log_end_offset: 0,
            high_watermark: 0,
            recovery_point: options.recovery_point,
            cuts: 0,
            epochs: LeaderEpochCache::from_entries(epochs),
            producers: ProducerStates::default(),
            snapshots,
            tail: TailCache::default(),
            pending_deletes: Vec::new(),
            unsynced_files: Vec::new(),
            directory_unsynced: true,
            parent_unsynced: true,
            roll_jitter_ms: 0,
            last_flush_ms: options.now_ms,
            flushing: false,
            last_append_ms: -1,
            cleaned_to: options.cleaned_to,
            awaits_config: false,
            cleaning: false,
            uncleanable: false,
        };
        if log.segments.is_empty() {
            let base_offset = options.log_start_offset.max(0);
            log.segments.push(Segment::create(&disk, &log.directory, base_offset, "", options.now_ms)?);
        }
        let report = log.recover(options.clean_shutdown, &damaged_indexes, options.now_ms)?;
        log.high_watermark = options.high_watermark.clamp(log.log_start_offset, log.log_end_offset);
        log.producers.advance_high_watermark(log.high_watermark);
        Ok((log, report))
    }

    /// Reads what must be read and settles the log's ends.
    fn recover(&mut self, clean: bool, damaged: &[i64], now_ms: i64) -> Result<RecoveryReport, LogError> {
        let mut report = RecoveryReport::default();
        if !clean {
            // One of before a truncation whose removal did not survive would tell of producers that are not in the log.
            let recovery_point = self.recovery_point;
            self.drop_snapshots(|snapshot, _| snapshot > recovery_point)?;
        }
        let epochs_are_lost = self.epochs.entries().is_empty();
        let mut last_epoch = -1;
        let mut index = 0;
        while index < self.segments.len() {
            let is_last = index + 1 == self.segments.len();
            let end = self.segments.get(index + 1).map(Segment::base_offset);
            // One that ends just there was flushed when it was active, and its indexes were written afterwards.
            let is_unflushed = end.is_none_or(|end| end >= self.recovery_point);
            let base_offset = self.segments[index].base_offset();
            if (!clean && is_unflushed) || damaged.contains(&base_offset) {
                let cut = self.recover_segment(index, is_unflushed, &mut last_epoch, &mut report)?;
                let segment = &self.segments[index];
                // A segment begins where the one before ended. If it does not, that end was never written, which no
                // checksum tells; what follows would leave a gap.
                let ends_early = match end.filter(|_| !clean && is_unflushed) {
                    Some(end) => segment.read_next_offset()? < end,
                    None => false,
                };
                if ends_early && !cut {
                    report.reason =
                        Some(format!("the end of the segment at offset {base_offset} is missing"));
                }
                if cut || ends_early {
                    for segment in self.segments.split_off(index + 1) {
                        report.truncated_bytes += segment.size_bytes();
                        self.discard_recovered(segment, now_ms)?;
                    }
                    break;
                }
            } else if is_last {
                // Not an error: a clean shutdown whose last segment does not hold what it says is a crash in disguise.
                if let Err(LogError::Corrupt { .. }) = self.segments[index].resume() {
                    self.recover_segment(index, true, &mut last_epoch, &mut report)?;
                }
            }
            index += 1;
        }
        if epochs_are_lost {
            self.read_all_epochs()?;
        }
        self.settle_ends(now_ms)?;
        rebuild_producers(self)?;
        if report.recovered_segments > 0 {
            self.recovery_point = self.recovery_point.min(self.log_end_offset);
            if let Some(reason) = &report.reason {
                tracing::warn!(
                    topic = &*self.topic,
                    partition = self.partition,
                    log_end_offset = self.log_end_offset,
                    truncated_bytes = report.truncated_bytes,
                    reason,
                    "log cut behind its last good batch"
                );
            }
        }
        Ok(report)
    }

    /// Reads a segment from its start, checks every batch and rebuilds the indexes; true when it is damaged, and cut there.
    ///
    /// The epochs of what was flushed were flushed with it; behind that they are taken from the batches. `last_epoch` is that
    /// of the batch before, in whatever segment.
    fn recover_segment(
        &mut self,
        index: usize,
        is_unflushed: bool,
        last_epoch: &mut i32,
        report: &mut RecoveryReport,
    ) -> Result<bool, LogError> {
        report.recovered_segments += 1;
        let index_interval_bytes = self.config.index_interval_bytes;
        let base_offset = self.segments[index].base_offset();
        if is_unflushed {
            self.epochs.truncate_from_end(base_offset);
        }
        let end = self.segments.get(index + 1).map_or(i64::MAX, Segment::base_offset);
        // Transactions that were open when the segment began decide what its aborted ones are.
        let mut producers = producers_at(self, base_offset)?;
        let segment = &mut self.segments[index];
        let file_bytes = segment.log_file()?.len_bytes()?;
        segment.begin_rebuild()?;
        let (mut next_offset, mut is_overtaken) = (base_offset, false);
        let file = Arc::clone(segment.log_file()?);
        let mut walk = BatchWalk { file: &*file, position: 0, end: file_bytes };
        let reason = loop {
            let batch = match walk.next() {
                Ok(Some(batch)) => batch,
                Ok(None) => break None,
                Err(ScanError::Io(error)) => return Err(error.into()),
                Err(ScanError::Corrupt { position, reason }) => {
                    break Some(format!("byte {position}: {reason}"));
                }
            };
            let header = &batch.header;
            let is_far = || i32::try_from(header.last_offset() - base_offset).is_err();
            if header.base_offset < next_offset || is_far() {
                break Some(format!("offset {} cannot follow {next_offset}", header.base_offset));
            }
            // Left over from before a truncation that did not survive.
            if header.partition_leader_epoch < *last_epoch {
                break Some(format!("epoch {} cannot follow {last_epoch}", header.partition_leader_epoch));
            }
            // Left over as well, if the next segment is of after that truncation: it begins where the log ended then.
            if is_unflushed && header.next_offset() > end {
                is_overtaken = true;
                break Some(format!("offset {} is behind the next segment's {end}", header.last_offset()));
            }
            *last_epoch = header.partition_leader_epoch;
            segment.note_batch(header, segment.size_bytes(), index_interval_bytes)?;
            next_offset = header.next_offset();
            if is_unflushed {
                self.epochs.assign(header.partition_leader_epoch, header.base_offset);
            }
            if let Some(aborted) = apply(&mut producers, &batch)? {
                segment.transaction_index.push(&aborted)?;
            }
        };
        segment.finish_rebuild()?;
        self.directory_unsynced = true;
        report.truncated_bytes += file_bytes - segment.size_bytes();
        let is_damaged = reason.is_some() && !is_overtaken;
        report.reason = reason.or(report.reason.take());
        Ok(is_damaged)
    }

    /// Takes the epochs from every batch there is.
    fn read_all_epochs(&mut self) -> Result<(), LogError> {
        let mut epochs = LeaderEpochCache::default();
        for segment in &self.segments {
            let mut scan = segment.scan(0)?;
            while let Some((_, header)) = segment.explain(scan.next())? {
                epochs.assign(header.partition_leader_epoch, header.base_offset);
            }
        }
        self.epochs = epochs;
        Ok(())
    }

    fn discard_recovered(&mut self, mut segment: Segment, now_ms: i64) -> Result<(), LogError> {
        self.discard(&mut segment, now_ms).map_err(LogError::from)
    }

    /// Finds the log's end, and makes start, epochs and snapshots agree with it.
    fn settle_ends(&mut self, now_ms: i64) -> Result<(), LogError> {
        self.log_end_offset = self.active().read_next_offset()?;
        let first = self.segments[0].base_offset();
        self.log_start_offset = self.log_start_offset.max(first);
        if self.log_start_offset > self.log_end_offset {
            // Records below the start were deleted before the crash, and those behind it did not survive.
            let start = self.log_start_offset;
            self.truncate_fully(start, now_ms)?;
        }
        // Not raised to the start: it vouches for snapshots as well, and what is below the start was maybe never synced.
        self.recovery_point = self.recovery_point.clamp(0, self.log_end_offset);
        self.epochs.truncate_from_end(self.log_end_offset);
        self.epochs.truncate_from_start(self.log_start_offset);
        let base_offset = self.segments[0].base_offset();
        self.drop_snapshots(|snapshot, end| snapshot > end || snapshot < base_offset)?;
        self.delete_segments_below_start(now_ms)?;
        self.cleaned_to = self.cleaned_to.clamp(0, self.log_end_offset);
        Ok(())
    }
}

/// Makes the producers those of the whole log: from the last good snapshot, and the batches behind it.
pub(super) fn rebuild_producers(log: &mut PartitionLog) -> Result<(), LogError> {
    let mut producers = producers_at(log, log.log_end_offset)?;
    producers.advance_log_start(log.log_start_offset);
    producers.advance_high_watermark(log.high_watermark);
    log.producers = producers;
    Ok(())
}

/// The producers as they were at `offset`. Without a snapshot every batch since the log's start is looked at.
fn producers_at(log: &mut PartitionLog, offset: i64) -> Result<ProducerStates, LogError> {
    let mut producers = ProducerStates::default();
    let mut from = log.segments[0].base_offset();
    while let Some(snapshot) = log.snapshots.iter().rev().find(|snapshot| **snapshot <= offset).copied() {
        let path = file_of(&log.directory, snapshot, SNAPSHOT_SUFFIX);
        let content = read_file(&*log.context.disk, &path, SNAPSHOT_BYTES_MAX);
        let content = match content {
            Err(error) if error.kind() != io::ErrorKind::InvalidData => return Err(error.into()),
            content => content.ok().flatten(),
        };
        match producer_snapshot::decode(&content.unwrap_or_default()) {
            Ok(states) => {
                (producers, from) = (states, snapshot);
                break;
            }
            Err(reason) => {
                tracing::warn!(path = %path.display(), reason, "producer snapshot dropped");
                log.snapshots.retain(|known| *known != snapshot);
                remove_if_there(&*log.context.disk, &path)?;
            }
        }
    }
    if from >= offset {
        return Ok(producers);
    }
    for segment in &log.segments[log.segment_index(from)..] {
        if segment.base_offset() >= offset {
            break;
        }
        let start = segment.find(from)?.map_or(segment.size_bytes(), |(position, _)| position);
        let mut scan = segment.scan(start)?;
        while let Some((position, header)) = segment.explain(scan.next())? {
            if header.base_offset >= offset {
                break;
            }
            if !header.has_producer_id() {
                continue;
            }
            if header.is_control() {
                let batch = read_batch(segment, position, header.size_bytes())?;
                apply(&mut producers, &batch)?;
            } else {
                producers.apply_data(&header);
            }
        }
    }
    Ok(producers)
}

/// Takes a batch into account; the transaction if it aborts one.
fn apply(
    producers: &mut ProducerStates,
    batch: &BatchView,
) -> Result<Option<super::transaction_index::AbortedTxn>, LogError> {
    let header = &batch.header;
    if !header.has_producer_id() {
        return Ok(None);
    }
    if !header.is_control() {
        producers.apply_data(header);
        return Ok(None);
    }
    // Compaction may leave an empty control batch, and other kinds of control records end no transaction.
    if header.records_count == 0 {
        return Ok(None);
    }
    match batch.end_transaction_marker() {
        Ok(Some(marker)) => Ok(producers.apply_marker(header, &marker)),
        Ok(None) => Ok(None),
        Err(error) => {
            tracing::warn!(%error, offset = header.base_offset, "control batch that cannot be read");
            Ok(None)
        }
    }
}

/// Reads whole batches and checks their checksums.
pub(super) struct BatchWalk<'a> {
    pub(super) file: &'a dyn crate::storage::DiskFile,
    /// Where the next batch begins.
    pub(super) position: u64,
    pub(super) end: u64,
}

impl BatchWalk<'_> {
    pub(super) fn next(&mut self) -> Result<Option<BatchView>, ScanError> {
        let mut headers = super::segment_scan::HeaderScan::new(self.file, self.position, self.end);
        let Some((position, header)) = headers.next()? else { return Ok(None) };
        let corrupt =
            |error: ottla_wire::batch::BatchError| ScanError::Corrupt { position, reason: error.to_string() };
        let mut bytes = bytes::BytesMut::zeroed(header.size_bytes());
        crate::storage::read_exact_at(self.file, position, &mut bytes)?;
        let batch = BatchView::new(bytes.freeze()).map_err(corrupt)?;
        batch.verify_crc().map_err(corrupt)?;
        self.position = position + header.size_bytes() as u64;
        Ok(Some(batch))
    }
}

/// The topic id the directory has, or gets.
fn settle_topic_id(
    disk: &dyn crate::storage::Disk,
    directory: &Path,
    wanted: Option<Uuid>,
) -> Result<Option<Uuid>, LogError> {
    let path = directory.join(PARTITION_METADATA);
    let found = match read_topic_id(disk, &path) {
        Ok(found) => found,
        // Who opens it with an id knows which topic it is.
        Err(error) if error.kind() == io::ErrorKind::InvalidData && wanted.is_some() => None,
        Err(error) => return Err(error.into()),
    };
    match (found, wanted) {
        (Some(found), Some(wanted)) if found != wanted => Err(LogError::Storage(io::Error::other(format!(
            "{} is of topic id {found}, not {wanted}",
            directory.display()
        )))),
        (None, Some(wanted)) => {
            write_topic_id(disk, &path, wanted)?;
            Ok(Some(wanted))
        }
        (found, _) => Ok(found),
    }
}

/// Ends what a crash interrupted (deletions, compactions) and lists segments and snapshots.
#[allow(clippy::type_complexity)] // Two lists; a type of their own would be used here alone.
fn settle_files(
    context: &LogContext,
    directory: &Path,
) -> Result<(BTreeMap<i64, SegmentFiles>, VecDeque<i64>), LogError> {
    let disk = &*context.disk;
    let (mut swapped, mut leftovers) = (Vec::new(), Vec::new());
    for entry in disk.list(directory)? {
        if entry.is_directory {
            continue;
        }
        let path = directory.join(&entry.name);
        let ends_with = |suffix| entry.name.ends_with(suffix);
        if ends_with(DELETED_SUFFIX) || ends_with(CLEANED_SUFFIX) || ends_with(TEMPORARY_SUFFIX) {
            leftovers.push(path);
        } else if let Some(stem) = entry.name.strip_suffix(SWAP_SUFFIX) {
            match parse_file_name(stem) {
                Some((base_offset, LOG_SUFFIX)) => swapped.push(base_offset),
                // Indexes are rebuilt from the log.
                _ => leftovers.push(path),
            }
        }
    }
    // First, as one that cannot be completed must leave all files for whoever repairs it.
    for base_offset in swapped {
        super::cleaner_swap::complete(context, directory, base_offset)?;
    }
    for path in leftovers {
        remove_if_there(disk, &path)?;
    }
    let mut segments: BTreeMap<i64, SegmentFiles> = BTreeMap::new();
    let mut indexes = Vec::new();
    let mut snapshots = VecDeque::new();
    for entry in disk.list(directory)? {
        match parse_file_name(&entry.name) {
            Some((offset, LOG_SUFFIX)) => {
                segments.entry(offset).or_default().log_bytes = entry.size_bytes;
            }
            Some((offset, SNAPSHOT_SUFFIX)) => snapshots.push_back(offset),
            Some((offset, suffix)) => indexes.push((offset, suffix.to_owned(), entry.size_bytes)),
            None => {}
        }
    }
    for (offset, suffix, size_bytes) in indexes {
        let Some(files) = segments.get_mut(&offset) else {
            if [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX].contains(&suffix.as_str()) {
                disk.remove_file(&file_of(directory, offset, &suffix))?;
            }
            continue;
        };
        match suffix.as_str() {
            OFFSET_INDEX_SUFFIX => files.offset_index_bytes = Some(size_bytes),
            TIME_INDEX_SUFFIX => files.time_index_bytes = Some(size_bytes),
            TRANSACTION_INDEX_SUFFIX => files.transaction_index_bytes = Some(size_bytes),
            _ => {}
        }
    }
    Ok((segments, snapshots))
}
