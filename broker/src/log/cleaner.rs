//! Compaction: which part of a log is due, and which records are the last of their key.
//!
//! A pass reads the part not compacted yet and notes the last offset of every key; then it rewrites the log from its start,
//! without records that a later one of the same key replaces. [`PartitionLog::plan_cleaning`] chooses under the log's lock,
//! the work is done without it ([`super::cleaner_rewrite`]), and [`super::cleaner_swap`] puts the result in place.

use super::error::LogError;
use super::health::is_full;
use super::offset_map::OffsetMap;
use super::partition_log::PartitionLog;
use super::segment::Segment;
use super::segment_scan::{HeaderScan, ScanError};
use super::transaction_index::AbortedTxn;
use crate::storage::{DiskFile, read_exact_at};
use bytes::BytesMut;
use hashbrown::HashMap;
use ottla_wire::batch::{BatchView, DecompressLimits, Scratch};
use std::io;
use std::sync::Arc;

/// What the cleaner goes by. Defaults are Kafka's.
#[derive(Clone, Debug)]
pub(crate) struct CleanerConfig {
    /// `log.cleaner.enable`
    pub(crate) enable: bool,
    /// `log.cleaner.threads`: passes at a time.
    pub(crate) threads: usize,
    /// `log.cleaner.dedupe.buffer.size`: what the keys of all passes may take together.
    pub(crate) dedupe_buffer_size_bytes: u64,
    /// `log.cleaner.io.buffer.load.factor`
    pub(crate) io_buffer_load_factor: f64,
    /// `log.cleaner.io.max.bytes.per.second`
    pub(crate) io_max_bytes_per_second: f64,
    /// `log.cleaner.backoff.ms`
    pub(crate) backoff_ms: u64,
}

impl Default for CleanerConfig {
    fn default() -> Self {
        Self {
            enable: true,
            threads: 1,
            dedupe_buffer_size_bytes: 128 << 20,
            io_buffer_load_factor: 0.9,
            io_max_bytes_per_second: f64::MAX,
            backoff_ms: 15_000,
        }
    }
}

/// A segment to be rewritten.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) base_offset: i64,
    /// Where the next segment begins.
    pub(super) end_offset: i64,
    pub(super) size_bytes: u64,
    pub(super) file: Arc<dyn DiskFile>,
}

/// A pass over one log.
#[derive(Debug)]
pub(super) struct CleanPlan {
    /// From the log's start to where the pass may go.
    pub(super) sources: Vec<Source>,
    pub(super) first_dirty: i64,
    pub(super) log_start_offset: i64,
    pub(super) aborted: Vec<AbortedTxn>,
    /// Last offsets of the producers that are known: their batches stay, if need be empty.
    pub(super) last_offsets: HashMap<i64, i64, foldhash::fast::FixedState>,
    pub(super) cuts: u64,
    pub(super) now_ms: i64,
    pub(super) delete_retention_ms: i64,
    pub(super) segment_bytes: u64,
    pub(super) index_interval_bytes: u64,
}

/// How much of a log is worth a pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dirtiness {
    pub(super) ratio: f64,
    /// `max.compaction.lag.ms` has passed for a record.
    pub(super) is_overdue: bool,
}

impl PartitionLog {
    /// Index of the first segment a pass must leave alone.
    ///
    /// Those are the active one, what is too young, what an open transaction or the high watermark has not released, and what
    /// is not synced: a record must not go for one that a power cut may take.
    fn uncleanable_from(&self, now_ms: i64) -> usize {
        let bound = self.high_watermark.min(self.recovery_point);
        let bound = self.producers.first_open_offset().map_or(bound, |first| first.min(bound));
        let youngest_ms = now_ms.saturating_sub(self.config.min_compaction_lag_ms);
        let last = self.segments.len() - 1;
        let is_cleanable = |index: usize| {
            let segment = &self.segments[index];
            self.segments[index + 1].base_offset() <= bound
                && (self.config.min_compaction_lag_ms == 0
                    || segment.max_timestamp().is_none_or(|(max_ms, _)| max_ms <= youngest_ms))
        };
        (0..last).take_while(|index| is_cleanable(*index)).count()
    }

    /// Whether there is anything for a pass, and how much of the log it is.
    pub(super) fn dirtiness(&mut self, now_ms: i64) -> Option<Dirtiness> {
        if !self.config.cleanup_compact
            || self.uncleanable
            || self.cleaning
            || self.context.health.is_offline()
        {
            return None;
        }
        let end = self.uncleanable_from(now_ms);
        let first_dirty = self.first_dirty();
        let split = self.segments[..end].partition_point(|segment| segment.base_offset() < first_dirty);
        let clean: u64 = self.segments[..split].iter().map(Segment::size_bytes).sum();
        let dirty: u64 = self.segments[split..end].iter().map(Segment::size_bytes).sum();
        if dirty == 0 {
            return None;
        }
        let lag_ms = self.config.max_compaction_lag_ms;
        let oldest_ms = self.segments[split].first_timestamp_ms().ok().flatten();
        let is_overdue =
            oldest_ms.is_some_and(|oldest_ms| oldest_ms >= 0 && now_ms.saturating_sub(oldest_ms) > lag_ms);
        Some(Dirtiness { ratio: dirty as f64 / (clean + dirty) as f64, is_overdue })
    }

    fn first_dirty(&self) -> i64 {
        self.cleaned_to.max(self.first_base_offset())
    }

    /// What a pass over this log works on; `None` when there is nothing to do.
    pub(super) fn plan_cleaning(&mut self, now_ms: i64) -> Result<Option<CleanPlan>, LogError> {
        if self.cleaning {
            return Ok(None);
        }
        let end = self.uncleanable_from(now_ms);
        let first_dirty = self.first_dirty();
        if end == 0 || self.segments[end].base_offset() <= first_dirty {
            return Ok(None);
        }
        let mut sources = Vec::with_capacity(end);
        let mut aborted = Vec::new();
        for index in 0..end {
            let segment = &self.segments[index];
            sources.push(Source {
                base_offset: segment.base_offset(),
                end_offset: self.segments[index + 1].base_offset(),
                size_bytes: segment.size_bytes(),
                file: Arc::clone(segment.log_file()?),
            });
        }
        // All of them: a marker may be behind what is compacted, its records before.
        for segment in &self.segments {
            aborted.extend(segment.transaction_index.entries()?);
        }
        let last_offsets = self
            .producers
            .sorted()
            .into_iter()
            .filter_map(|(id, entry)| Some((id, entry.batches.back()?.last_offset)))
            .collect();
        self.cleaning = true;
        Ok(Some(CleanPlan {
            sources,
            first_dirty,
            log_start_offset: self.log_start_offset,
            aborted,
            last_offsets,
            cuts: self.cuts,
            now_ms,
            delete_retention_ms: self.config.delete_retention_ms,
            segment_bytes: self.config.segment_bytes,
            index_interval_bytes: self.config.index_interval_bytes,
        }))
    }

    /// Takes note that a pass failed. A failed disk takes the directory offline, want of room is tried again; anything else
    /// would fail in the same way for ever, and true says that this log is left alone from now on.
    pub(super) fn note_uncleanable(&mut self, error: &LogError) -> bool {
        match error {
            LogError::Storage(error) if is_full(error) => false,
            LogError::Storage(error) if error.kind() != io::ErrorKind::InvalidData => {
                self.context.health.fail("compact", error);
                false
            }
            _ => {
                self.uncleanable = true;
                true
            }
        }
    }

    /// Takes note that the pass is over and, if it was not in vain, to which offset it came.
    pub(super) fn finish_cleaning(&mut self, reached: Option<i64>, cuts: u64) {
        self.cleaning = false;
        if let Some(offset) = reached
            && cuts == self.cuts
        {
            self.cleaned_to = self.cleaned_to.max(offset.min(self.log_end_offset));
        }
    }
}

impl CleanPlan {
    /// Bytes of all sources.
    pub(super) fn size_bytes(&self) -> u64 {
        self.sources.iter().map(|source| source.size_bytes).sum()
    }

    /// The keys of the dirty part, as far as memory allows, and the offset up to which all of them are known.
    pub(super) fn build_map(&self, max_bytes: u64) -> Result<(OffsetMap, i64), LogError> {
        let mut map = OffsetMap::new(max_bytes);
        let mut end = self.first_dirty;
        let mut scratch = Scratch::new();
        for source in self.sources.iter().filter(|source| source.end_offset > self.first_dirty) {
            let mut walk = SourceWalk::new(source);
            while let Some(batch) = walk.next()? {
                let header = &batch.header;
                if header.last_offset() < self.first_dirty.max(self.log_start_offset) {
                    continue;
                }
                if !header.is_control() && !self.is_aborted(&batch) {
                    for record in records_of(source, &batch, &mut scratch)? {
                        let record = record.map_err(|error| corrupt(source, &error))?;
                        let Some(key) = record.key else { continue };
                        if record.offset >= self.log_start_offset && !map.put(key, record.offset) {
                            return Ok((map, end.max(record.offset)));
                        }
                    }
                }
                end = header.next_offset();
            }
            end = source.end_offset;
        }
        Ok((map, end))
    }

    /// Whether a batch's transaction was aborted.
    pub(super) fn is_aborted(&self, batch: &BatchView) -> bool {
        let header = &batch.header;
        header.is_transactional()
            && self.aborted.iter().any(|aborted| {
                aborted.producer_id == header.producer_id
                    && aborted.first_offset <= header.base_offset
                    && header.base_offset <= aborted.last_offset
            })
    }
}

/// Reads a source's batches whole.
pub(super) struct SourceWalk<'a> {
    source: &'a Source,
    position: u64,
}

impl<'a> SourceWalk<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, position: 0 }
    }

    /// The next batch, its checksum checked: compaction must not give rot a new one.
    pub(super) fn next(&mut self) -> Result<Option<BatchView>, LogError> {
        let mut headers = HeaderScan::new(&*self.source.file, self.position, self.source.size_bytes);
        let next = headers.next().map_err(|error| match error {
            ScanError::Io(error) => LogError::Storage(error),
            ScanError::Corrupt { position, reason } => {
                LogError::Corrupt { base_offset: self.source.base_offset, position, reason }
            }
        })?;
        let Some((position, header)) = next else { return Ok(None) };
        let mut bytes = BytesMut::zeroed(header.size_bytes());
        read_exact_at(&*self.source.file, position, &mut bytes)?;
        self.position = position + bytes.len() as u64;
        let batch = BatchView::new(bytes.freeze()).map_err(|error| corrupt(self.source, &error))?;
        batch.verify_crc().map_err(|error| corrupt(self.source, &error))?;
        Ok(Some(batch))
    }
}

/// A batch's records.
pub(super) fn records_of<'a>(
    source: &Source,
    batch: &'a BatchView,
    scratch: &'a mut Scratch,
) -> Result<ottla_wire::batch::RecordIter<'a>, LogError> {
    // It was within the topic's limit when it was appended.
    let limits = DecompressLimits { max_decompressed_bytes: i32::MAX as usize };
    batch.records(&limits, scratch).map_err(|error| corrupt(source, &error))
}

pub(super) fn corrupt(source: &Source, error: &ottla_wire::batch::BatchError) -> LogError {
    LogError::Storage(io::Error::new(
        io::ErrorKind::InvalidData,
        format!("segment at offset {}: {error}", source.base_offset),
    ))
}
