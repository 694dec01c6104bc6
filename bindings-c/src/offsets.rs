//! Offsets by partition, in and out.

use crate::partitions::{Texts, partition};
use crate::pointers::{argument, optional_text, quietly, slice, take_back};
use ottla::Error;
use ottla::consumer::{OffsetAndMetadata, OffsetAndTimestamp, Offsets};
use ottla::record::TopicPartition;
use std::collections::BTreeMap;
use std::ffi::c_char;

/// There is no such offset.
pub const OTTLA_NO_OFFSET: i64 = -1;

/// An offset of a partition. In arguments, all that is zero besides topic, partition and offset means "none".
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_offset_t {
    /// The topic, NUL-terminated.
    pub topic: *const c_char,
    /// The offset: of committed ones, the next to read. In results OTTLA_NO_OFFSET when there is none.
    pub offset: i64,
    /// The application's own text with a committed offset; NULL for none.
    pub metadata: *const c_char,
    /// In answers about times: the timestamp of the record there, in milliseconds; else -1. In arguments ignored.
    pub timestamp_ms: i64,
    /// The partition's number.
    pub partition: i32,
    /// Epoch of the leader that wrote the record before the offset, with `has_leader_epoch`; lets truncation be noticed.
    pub leader_epoch: i32,
    /// Whether `leader_epoch` counts.
    pub has_leader_epoch: bool,
}

/// A time of a partition, for ottla_consumer_offsets_for_times().
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_partition_time_t {
    /// The topic, NUL-terminated.
    pub topic: *const c_char,
    /// The partition's number.
    pub partition: i32,
    /// Milliseconds since the Unix epoch.
    pub timestamp_ms: i64,
}

/// Offsets by partition, owned by the caller: free them with ottla_offsets_free(); what they point to lives as long. Never
/// changes, so threads may share it.
pub struct ottla_offsets_t {
    entries: Vec<ottla_offset_t>,
    _texts: Texts,
}

pub(crate) unsafe fn read_offset(
    offset: &ottla_offset_t,
) -> Result<(TopicPartition, OffsetAndMetadata), Error> {
    if !offset.has_leader_epoch && offset.leader_epoch > 0 {
        return Err(argument("offset.leader_epoch", "it is set, but has_leader_epoch is not"));
    }
    let read = OffsetAndMetadata {
        offset: offset.offset,
        leader_epoch: offset.has_leader_epoch.then_some(offset.leader_epoch),
        metadata: optional_text(offset.metadata, "offset.metadata")?.unwrap_or_default().to_owned(),
    };
    Ok((partition(offset.topic, offset.partition)?, read))
}

pub(crate) unsafe fn read_offsets(offsets: *const ottla_offset_t, count: usize) -> Result<Offsets, Error> {
    slice(offsets, count, "offsets")?.iter().map(|offset| read_offset(offset)).collect()
}

pub(crate) unsafe fn read_times(
    times: *const ottla_partition_time_t,
    count: usize,
) -> Result<BTreeMap<TopicPartition, i64>, Error> {
    let times = slice(times, count, "times")?;
    times.iter().map(|time| Ok((partition(time.topic, time.partition)?, time.timestamp_ms))).collect()
}

impl ottla_offsets_t {
    /// An entry for each partition, in this order.
    fn list(
        partitions: &[TopicPartition],
        entry: impl Fn(&TopicPartition, &mut ottla_offset_t, &mut Texts),
    ) -> Self {
        let mut texts = Texts::default();
        let entries = partitions
            .iter()
            .map(|partition| {
                let mut one = ottla_offset_t {
                    topic: texts.add(&partition.topic),
                    offset: OTTLA_NO_OFFSET,
                    metadata: std::ptr::null(),
                    timestamp_ms: -1,
                    partition: partition.partition,
                    leader_epoch: -1,
                    has_leader_epoch: false,
                };
                entry(partition, &mut one, &mut texts);
                one
            })
            .collect();
        Self { entries, _texts: texts }
    }

    pub(crate) fn of_committed(partitions: &[TopicPartition], found: &Offsets) -> Self {
        Self::list(partitions, |partition, entry, texts| {
            if let Some(found) = found.get(partition) {
                entry.offset = found.offset;
                entry.metadata = texts.add(&found.metadata);
                entry.has_leader_epoch = found.leader_epoch.is_some();
                entry.leader_epoch = found.leader_epoch.unwrap_or(-1);
            }
        })
    }

    pub(crate) fn of_edges(partitions: &[TopicPartition], found: &BTreeMap<TopicPartition, i64>) -> Self {
        Self::list(partitions, |partition, entry, _| {
            entry.offset = found.get(partition).copied().unwrap_or(OTTLA_NO_OFFSET);
        })
    }

    pub(crate) fn of_times(
        partitions: &[TopicPartition],
        found: &BTreeMap<TopicPartition, OffsetAndTimestamp>,
    ) -> Self {
        Self::list(partitions, |partition, entry, _| {
            if let Some(found) = found.get(partition) {
                entry.offset = found.offset;
                entry.timestamp_ms = found.timestamp_ms;
                entry.has_leader_epoch = found.leader_epoch.is_some();
                entry.leader_epoch = found.leader_epoch.unwrap_or(-1);
            }
        })
    }
}

/// How many offsets; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_offsets_count(offsets: *const ottla_offsets_t) -> usize {
    quietly(0, || offsets.as_ref().map_or(0, |offsets| offsets.entries.len()))
}

/// An offset of the list, valid until the list is freed; NULL behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_offsets_get(
    offsets: *const ottla_offsets_t,
    index: usize,
) -> *const ottla_offset_t {
    quietly(std::ptr::null(), || {
        let entry = offsets.as_ref().and_then(|offsets| offsets.entries.get(index));
        entry.map_or(std::ptr::null(), |entry| &raw const *entry)
    })
}

/// Frees a list of offsets. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_offsets_free(offsets: *mut ottla_offsets_t) {
    take_back(offsets);
}
