//! Partitions: named by the caller, listed for it, and what is known of them.

use crate::pointers::{argument, c_text, quietly, slice, take_back, text};
use ottla::record::TopicPartition;
use ottla::{Error, NodeId, PartitionMetadata};
use std::ffi::{CString, c_char};

/// A partition of a topic.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_partition_t {
    /// The topic, NUL-terminated.
    pub topic: *const c_char,
    /// The partition's number, from 0.
    pub partition: i32,
}

pub(crate) unsafe fn partition(topic: *const c_char, partition: i32) -> Result<TopicPartition, Error> {
    if partition < 0 {
        return Err(argument("partition", "it cannot be negative").with_context("partition", partition));
    }
    Ok(TopicPartition::new(text(topic, "topic")?, partition))
}

pub(crate) unsafe fn read_partitions(
    partitions: *const ottla_topic_partition_t,
    count: usize,
) -> Result<Vec<TopicPartition>, Error> {
    slice(partitions, count, "partitions")?.iter().map(|one| partition(one.topic, one.partition)).collect()
}

/// Texts that entries of a list point to.
#[derive(Default)]
pub(crate) struct Texts(Vec<CString>);

impl Texts {
    /// A text that lives as long as this; one that equals the last is that one.
    pub(crate) fn add(&mut self, text: &str) -> *const c_char {
        if self.0.last().is_none_or(|last| last.to_bytes() != text.as_bytes()) {
            self.0.push(c_text(text));
        }
        self.0.last().map_or(std::ptr::null(), |text| text.as_ptr())
    }
}

/// A list of partitions, owned by the caller: free it with ottla_partitions_free(); what it points to lives as long. Never
/// changes, so threads may share it.
pub struct ottla_partitions_t {
    entries: Vec<ottla_topic_partition_t>,
    _topics: Texts,
}

impl ottla_partitions_t {
    pub(crate) fn new(partitions: &[TopicPartition]) -> Self {
        let mut topics = Texts::default();
        let entries = partitions
            .iter()
            .map(|one| ottla_topic_partition_t { topic: topics.add(&one.topic), partition: one.partition })
            .collect();
        Self { entries, _topics: topics }
    }

    pub(crate) fn entries(&self) -> &[ottla_topic_partition_t] {
        &self.entries
    }
}

/// How many partitions; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_partitions_count(partitions: *const ottla_partitions_t) -> usize {
    quietly(0, || partitions.as_ref().map_or(0, |partitions| partitions.entries.len()))
}

/// A partition of the list, valid until the list is freed; NULL behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_partitions_get(
    partitions: *const ottla_partitions_t,
    index: usize,
) -> *const ottla_topic_partition_t {
    quietly(std::ptr::null(), || {
        let entry = partitions.as_ref().and_then(|partitions| partitions.entries.get(index));
        entry.map_or(std::ptr::null(), |entry| &raw const *entry)
    })
}

/// Frees a list of partitions. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_partitions_free(partitions: *mut ottla_partitions_t) {
    take_back(partitions);
}

/// Texts, owned by the caller: free them with ottla_texts_free().
pub struct ottla_texts_t {
    texts: Vec<CString>,
}

impl ottla_texts_t {
    pub(crate) fn new(texts: &[String]) -> Self {
        Self { texts: texts.iter().map(|text| c_text(text)).collect() }
    }
}

/// How many texts; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_texts_count(texts: *const ottla_texts_t) -> usize {
    quietly(0, || texts.as_ref().map_or(0, |texts| texts.texts.len()))
}

/// A text of the list, valid until the list is freed; NULL behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_texts_get(texts: *const ottla_texts_t, index: usize) -> *const c_char {
    quietly(std::ptr::null(), || {
        let text = texts.as_ref().and_then(|texts| texts.texts.get(index));
        text.map_or(std::ptr::null(), |text| text.as_ptr())
    })
}

/// Frees a list of texts. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_texts_free(texts: *mut ottla_texts_t) {
    take_back(texts);
}

/// What is known of a partition.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_partition_info_t {
    /// The partition's number.
    pub partition: i32,
    /// The leading broker; -1 while there is none.
    pub leader: i32,
    /// The leader's epoch; -1 where the broker knows none.
    pub leader_epoch: i32,
    /// Why there is no leader, OTTLA_CODE_NONE when all is well.
    pub code: i32,
    /// All replicas, the preferred leader first.
    pub replicas: *const i32,
    /// How many replicas.
    pub replica_count: usize,
    /// Replicas in sync.
    pub isr: *const i32,
    /// How many replicas in sync.
    pub isr_count: usize,
    /// Replicas that are down.
    pub offline_replicas: *const i32,
    /// How many replicas are down.
    pub offline_replica_count: usize,
}

/// What is known of a topic's partitions, owned by the caller: free it with ottla_partition_infos_free().
pub struct ottla_partition_infos_t {
    entries: Vec<ottla_partition_info_t>,
    _nodes: Vec<Vec<i32>>,
}

impl ottla_partition_infos_t {
    pub(crate) fn new(found: Vec<PartitionMetadata>) -> Self {
        let mut nodes = Vec::new();
        let mut list = |ids: &[NodeId]| {
            let ids: Vec<i32> = ids.iter().map(|id| id.0).collect();
            let place = (ids.as_ptr(), ids.len());
            nodes.push(ids);
            place
        };
        let entries = found
            .iter()
            .map(|one| {
                let (replicas, replica_count) = list(&one.replicas);
                let (isr, isr_count) = list(&one.isr);
                let (offline_replicas, offline_replica_count) = list(&one.offline_replicas);
                ottla_partition_info_t {
                    partition: one.partition,
                    leader: one.leader.map_or(-1, |leader| leader.0),
                    leader_epoch: one.leader_epoch.unwrap_or(-1),
                    code: i32::from(one.error.0),
                    replicas,
                    replica_count,
                    isr,
                    isr_count,
                    offline_replicas,
                    offline_replica_count,
                }
            })
            .collect();
        Self { entries, _nodes: nodes }
    }
}

/// How many partitions; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_partition_infos_count(infos: *const ottla_partition_infos_t) -> usize {
    quietly(0, || infos.as_ref().map_or(0, |infos| infos.entries.len()))
}

/// A partition of the list, valid until the list is freed; NULL behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_partition_infos_get(
    infos: *const ottla_partition_infos_t,
    index: usize,
) -> *const ottla_partition_info_t {
    quietly(std::ptr::null(), || {
        let entry = infos.as_ref().and_then(|infos| infos.entries.get(index));
        entry.map_or(std::ptr::null(), |entry| &raw const *entry)
    })
}

/// Frees the list. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_partition_infos_free(infos: *mut ottla_partition_infos_t) {
    take_back(infos);
}
