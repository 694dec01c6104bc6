//! Rewriting segments with only the records that compaction keeps.
//!
//! Kept are: the last record of every key; tombstones and transaction markers until their delete horizon has passed
//! (KIP-534: set when a pass first sees that they could go); and, empty if need be, the last batch of every known producer
//! and of every segment.
//! Records keep their offsets, so there are gaps.

use super::cleaner::{CleanPlan, Source, SourceWalk, corrupt, records_of};
use super::error::LogError;
use super::file_names::CLEANED_SUFFIX;
use super::offset_map::OffsetMap;
use super::segment::Segment;
use crate::storage::Disk;
use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{BatchBuilder, BatchHeader, BatchOptions, BatchView, ProducerStamp, Scratch};
use ottla_wire::compression::Compression;
use std::collections::BTreeSet;
use std::io::IoSlice;
use std::path::Path;
use std::sync::Arc;

/// What is known while a log is rewritten from its start.
#[derive(Debug)]
pub(super) struct Rewriter<'a> {
    plan: &'a CleanPlan,
    map: &'a OffsetMap,
    /// Keys of records at or behind it are not all known: those stay.
    map_end: i64,
    /// Producers with records of an unfinished transaction among what was kept: its marker must stay.
    kept_transactions: BTreeSet<i64>,
    scratch: Scratch,
}

/// Sources that become one segment, `range` of the plan's.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) range: std::ops::Range<usize>,
}

impl CleanPlan {
    /// Neighbouring sources whose records fit one segment, up to the one that holds the last offset of the pass.
    pub(super) fn groups(&self, map_end: i64) -> Vec<Group> {
        let count = self.sources.partition_point(|source| source.base_offset < map_end);
        let mut groups = Vec::new();
        let mut start = 0;
        let mut size_bytes = 0;
        for index in 0..count {
            let source = &self.sources[index];
            let spans_far = i32::try_from(source.end_offset - self.sources[start].base_offset).is_err();
            if index > start && (size_bytes + source.size_bytes > self.segment_bytes || spans_far) {
                groups.push(Group { range: start..index });
                (start, size_bytes) = (index, 0);
            }
            size_bytes += source.size_bytes;
        }
        if count > start {
            groups.push(Group { range: start..count });
        }
        groups
    }
}

impl<'a> Rewriter<'a> {
    pub(super) fn new(plan: &'a CleanPlan, map: &'a OffsetMap, map_end: i64) -> Self {
        Self { plan, map, map_end, kept_transactions: BTreeSet::new(), scratch: Scratch::new() }
    }

    /// Writes a group's records to a `.cleaned` segment and syncs it. Groups must come in order.
    pub(super) fn rewrite(
        &mut self,
        disk: &Arc<dyn Disk>,
        directory: &Arc<Path>,
        group: &Group,
    ) -> Result<Segment, LogError> {
        let plan = self.plan;
        let sources = &plan.sources[group.range.clone()];
        let (first, last) = (&sources[0], &sources[sources.len() - 1]);
        let mut segment = Segment::create(disk, directory, first.base_offset, CLEANED_SUFFIX, plan.now_ms)?;
        for source in sources {
            let mut walk = SourceWalk::new(source);
            while let Some(batch) = walk.next()? {
                // The segment's end stays known, as recovery asks for it: see there.
                let is_end = batch.header.next_offset() == last.end_offset;
                let Some(kept) = self.keep(source, &batch, is_end)? else { continue };
                let header = BatchHeader::parse(&kept).map_err(|error| corrupt(source, &error))?;
                segment.append(&[header], &[IoSlice::new(&kept)], plan.index_interval_bytes)?;
            }
        }
        // Readers still need to know of aborted transactions whose records are in segments that were not rewritten.
        for aborted in &plan.aborted {
            if (first.base_offset..last.end_offset).contains(&aborted.last_offset) {
                segment.transaction_index.push(aborted)?;
            }
        }
        segment.write_out_indexes()?;
        let mut files = Vec::new();
        segment.take_unsynced(&mut files)?;
        for file in files {
            file.sync()?;
        }
        Ok(segment)
    }

    /// The batch as it stays; `None` when it goes.
    fn keep(&mut self, source: &Source, batch: &BatchView, is_end: bool) -> Result<Option<Bytes>, LogError> {
        let header = &batch.header;
        if header.is_control() {
            return self.keep_control(source, batch, is_end);
        }
        let horizon = header.delete_horizon_ms();
        let tombstones_go = horizon.is_some_and(|horizon| horizon <= self.plan.now_ms);
        let is_aborted = self.plan.is_aborted(batch);
        let (mut kept, mut dropped, mut tombstones) = (Vec::new(), 0, 0);
        let mut scratch = std::mem::take(&mut self.scratch);
        if is_aborted {
            dropped = header.records_count;
        } else {
            for record in records_of(source, batch, &mut scratch)? {
                let record = record.map_err(|error| corrupt(source, &error))?;
                let is_last = match record.key {
                    // Without a key nothing says what replaces it; Kafka drops it as well.
                    None => record.offset >= self.map_end,
                    Some(key) => self.map.get(key).is_none_or(|last| record.offset >= last),
                };
                let is_tombstone = record.value.is_none();
                if !is_last || (is_tombstone && tombstones_go && record.offset < self.map_end) {
                    dropped += 1;
                } else {
                    tombstones += i32::from(is_tombstone);
                    kept.push(record);
                }
            }
        }
        let is_empty = kept.is_empty();
        if !is_empty && header.is_transactional() {
            self.kept_transactions.insert(header.producer_id);
        }
        let is_last_of_producer = header.has_producer_id()
            && self.plan.last_offsets.get(&header.producer_id) == Some(&header.last_offset());
        let new_horizon = if tombstones > 0 { horizon.or(Some(self.new_horizon())) } else { horizon };
        let result = if is_empty && !is_last_of_producer && !is_end {
            None
        } else if dropped == 0 && new_horizon == horizon {
            Some(batch.bytes().clone())
        } else {
            let mut builder = builder_like(header, new_horizon.filter(|_| !is_empty), is_empty);
            for record in &kept {
                let headers: Vec<_> = record.headers.collect();
                let headers = headers.iter().copied();
                builder.append_at(
                    record.offset_delta,
                    record.timestamp_ms,
                    record.key,
                    record.value,
                    headers,
                );
            }
            Some(finish_like(source, header, builder, is_empty)?)
        };
        drop(kept);
        self.scratch = scratch;
        Ok(result)
    }

    fn new_horizon(&self) -> i64 {
        self.plan.now_ms.saturating_add(self.plan.delete_retention_ms)
    }

    /// Markers stay as long as records of their transaction do, then until their horizon.
    fn keep_control(
        &mut self,
        source: &Source,
        batch: &BatchView,
        is_end: bool,
    ) -> Result<Option<Bytes>, LogError> {
        let header = &batch.header;
        let ends_kept = self.kept_transactions.remove(&header.producer_id);
        let is_needed =
            ends_kept || is_end || !header.has_producer_id() || header.last_offset() >= self.map_end;
        if is_needed {
            return Ok(Some(batch.bytes().clone()));
        }
        match header.delete_horizon_ms() {
            Some(horizon) if horizon <= self.plan.now_ms => Ok(None),
            Some(_) => Ok(Some(batch.bytes().clone())),
            None => {
                let mut builder = builder_like(header, Some(self.new_horizon()), false);
                for record in records_of(source, batch, &mut self.scratch)? {
                    let record = record.map_err(|error| corrupt(source, &error))?;
                    let none = std::iter::empty();
                    builder.append_at(
                        record.offset_delta,
                        record.timestamp_ms,
                        record.key,
                        record.value,
                        none,
                    );
                }
                Ok(Some(finish_like(source, header, builder, false)?))
            }
        }
    }
}

/// A batch with the offsets, epoch and codec of `header`.
fn builder_like(header: &BatchHeader, delete_horizon_ms: Option<i64>, is_empty: bool) -> BatchBuilder {
    let compression =
        if is_empty { Compression::None } else { Compression::with_default_level(header.compression()) };
    let options = BatchOptions { compression, timestamp_type: header.timestamp_type() };
    let mut builder = BatchBuilder::new(options, BytesMut::with_capacity(header.size_bytes()));
    builder.set_base_offset(header.base_offset);
    builder.set_partition_leader_epoch(header.partition_leader_epoch);
    if let Some(horizon) = delete_horizon_ms {
        builder.set_delete_horizon_ms(horizon);
    }
    builder
}

/// Ends a batch with the last offset and producer of `header`.
fn finish_like(
    source: &Source,
    header: &BatchHeader,
    mut builder: BatchBuilder,
    is_empty: bool,
) -> Result<Bytes, LogError> {
    builder.set_last_offset_delta(header.last_offset_delta);
    if is_empty || header.timestamp_type() == ottla_wire::batch::TimestampType::LogAppendTime {
        builder.set_max_timestamp_ms(header.max_timestamp);
    }
    let producer = ProducerStamp {
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        transactional: header.is_transactional(),
        control: header.is_control(),
    };
    builder.finish(producer).map_err(|error| {
        LogError::Storage(std::io::Error::other(format!(
            "batch at offset {} of the segment at {} cannot be rewritten: {error}",
            header.base_offset, source.base_offset
        )))
    })
}
