//! What a poll hands out: batches that own their bytes, and records as views into them.
//!
//! Knows how to read; does not know where the bytes came from or who waits for them.

use crate::consumer::rebalance::RebalanceEvent;
use crate::record::{Headers, TopicPartition};
use bytes::Bytes;
use ottla_wire::batch::{HeadersView, TimestampType};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// What one poll returned. Empty when nothing came in time.
#[derive(Clone, Debug, Default)]
pub struct Records {
    batches: Vec<RecordBatch>,
    rebalances: Vec<RebalanceEvent>,
    count: usize,
}

impl Records {
    pub(crate) fn push(&mut self, batch: RecordBatch) {
        self.count += batch.len();
        self.batches.push(batch);
    }

    #[cfg(feature = "facade")]
    pub(crate) fn of_rebalances(rebalances: Vec<RebalanceEvent>) -> Self {
        Self { rebalances, ..Self::default() }
    }

    pub(crate) fn push_rebalance(&mut self, event: RebalanceEvent) {
        self.rebalances.push(event);
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no record; there may still be [`Self::rebalances`].
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Changes of the assignment since the poll before, in order. A revocation is held until the next poll.
    pub fn rebalances(&self) -> &[RebalanceEvent] {
        &self.rebalances
    }

    /// The batches, each of one partition, each partition's in log order.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// The batches, owned.
    pub fn into_batches(self) -> Vec<RecordBatch> {
        self.batches
    }

    /// All records; those of one partition in log order.
    pub fn iter(&self) -> impl Iterator<Item = ConsumerRecord<'_>> {
        self.batches.iter().flat_map(RecordBatch::iter)
    }

    /// The partitions with records, in order of appearance, none twice.
    pub fn partitions(&self) -> Vec<&TopicPartition> {
        let mut partitions: Vec<&TopicPartition> = Vec::new();
        for batch in &self.batches {
            if !partitions.contains(&batch.partition()) {
                partitions.push(batch.partition());
            }
        }
        partitions
    }

    /// The records of one partition.
    pub fn of_partition<'a>(
        &'a self,
        partition: &'a TopicPartition,
    ) -> impl Iterator<Item = ConsumerRecord<'a>> {
        self.batches.iter().filter(move |batch| batch.partition() == partition).flat_map(RecordBatch::iter)
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = ConsumerRecord<'a>;
    type IntoIter = Box<dyn Iterator<Item = ConsumerRecord<'a>> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

/// Records of one partition out of one batch of its log. Cheap to clone; owns its bytes.
#[derive(Clone)]
pub struct RecordBatch {
    decoded: Arc<DecodedBatch>,
    /// The part of the batch that is handed out.
    range: Range<usize>,
}

/// A batch, decompressed and checked, with the places of its records.
pub(crate) struct DecodedBatch {
    pub(crate) partition: TopicPartition,
    pub(crate) payload: Bytes,
    pub(crate) records: Vec<RecordPlace>,
    pub(crate) leader_epoch: Option<i32>,
    pub(crate) timestamp_type: TimestampType,
}

/// Where a record's fields lie in the payload. Kept small: there is one per record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordPlace {
    pub(crate) offset: i64,
    pub(crate) timestamp_ms: i64,
    pub(crate) key_start: u32,
    /// `NULL` for a null key.
    pub(crate) key_len: u32,
    pub(crate) value_start: u32,
    /// `NULL` for a null value.
    pub(crate) value_len: u32,
    pub(crate) headers_start: u32,
    pub(crate) headers_len: u32,
    pub(crate) header_count: u32,
}

/// Length of a field that is null; a payload is far smaller.
pub(crate) const NULL: u32 = u32::MAX;

impl RecordBatch {
    pub(crate) fn new(decoded: Arc<DecodedBatch>, range: Range<usize>) -> Self {
        Self { decoded, range }
    }

    /// What is left behind the first `count` records.
    pub(crate) fn behind(mut self, count: usize) -> Self {
        self.range.start = self.range.end.min(self.range.start + count);
        self
    }

    /// The first `count` records, or all.
    pub(crate) fn first(mut self, count: usize) -> Self {
        self.range.end = self.range.end.min(self.range.start + count);
        self
    }

    /// The partition the records are of.
    pub fn partition(&self) -> &TopicPartition {
        &self.decoded.partition
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.range.len()
    }

    /// Whether there is none; never so in what a poll returns.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// The records in log order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ConsumerRecord<'_>> {
        self.decoded.records[self.range.clone()]
            .iter()
            .map(|place| ConsumerRecord { batch: &self.decoded, place })
    }

    /// The record at `index`.
    pub fn get(&self, index: usize) -> Option<ConsumerRecord<'_>> {
        let place = self.decoded.records.get(self.range.clone())?.get(index)?;
        Some(ConsumerRecord { batch: &self.decoded, place })
    }

    /// The bytes that keys, values and headers are slices of.
    pub fn payload(&self) -> &Bytes {
        &self.decoded.payload
    }
}

impl fmt::Debug for RecordBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.get(0).map(|record| record.offset());
        f.debug_struct("RecordBatch")
            .field("partition", self.partition())
            .field("first_offset", &first)
            .field("len", &self.len())
            .finish()
    }
}

/// A record as read from its partition: a view, cheap to copy.
#[derive(Clone, Copy)]
pub struct ConsumerRecord<'a> {
    batch: &'a DecodedBatch,
    place: &'a RecordPlace,
}

impl<'a> ConsumerRecord<'a> {
    /// The topic.
    pub fn topic(&self) -> &'a str {
        &self.batch.partition.topic
    }

    /// The partition's number.
    pub fn partition(&self) -> i32 {
        self.batch.partition.partition
    }

    /// Topic and partition.
    pub fn topic_partition(&self) -> &'a TopicPartition {
        &self.batch.partition
    }

    /// Offset in the partition. Gaps are normal: compaction, transactions.
    pub fn offset(&self) -> i64 {
        self.place.offset
    }

    /// Milliseconds since the Unix epoch, by [`Self::timestamp_type`].
    pub fn timestamp_ms(&self) -> i64 {
        self.place.timestamp_ms
    }

    /// Who set the timestamp.
    pub fn timestamp_type(&self) -> TimestampType {
        self.batch.timestamp_type
    }

    /// Epoch of the leader that appended the record, where it is known.
    pub fn leader_epoch(&self) -> Option<i32> {
        self.batch.leader_epoch
    }

    /// The key; null and empty differ.
    pub fn key(&self) -> Option<&'a [u8]> {
        self.key_range().map(|range| &self.batch.payload[range])
    }

    /// The value; null is a tombstone in a compacted topic.
    pub fn value(&self) -> Option<&'a [u8]> {
        self.value_range().map(|range| &self.batch.payload[range])
    }

    /// The key as bytes of its own, without a copy: the batch lives as long as they do.
    pub fn key_bytes(&self) -> Option<Bytes> {
        self.key_range().map(|range| self.batch.payload.slice(range))
    }

    /// The value as bytes of its own, without a copy: the batch lives as long as they do.
    pub fn value_bytes(&self) -> Option<Bytes> {
        self.value_range().map(|range| self.batch.payload.slice(range))
    }

    /// Where the key lies in [`RecordBatch::payload`].
    pub fn key_range(&self) -> Option<Range<usize>> {
        field(self.place.key_start, self.place.key_len)
    }

    /// Where the value lies in [`RecordBatch::payload`].
    pub fn value_range(&self) -> Option<Range<usize>> {
        field(self.place.value_start, self.place.value_len)
    }

    /// The headers in order; keys may repeat.
    pub fn headers(&self) -> HeadersView<'a> {
        let start = self.place.headers_start as usize;
        let bytes = &self.batch.payload[start..start + self.place.headers_len as usize];
        HeadersView::from_parts(bytes, self.place.header_count as usize)
    }

    /// A record that owns its fields. Keys and values share the batch's bytes; header keys that are not UTF-8 have the
    /// offending bytes replaced.
    pub fn to_owned(&self) -> OwnedRecord {
        let mut headers = Headers::new();
        for (key, value) in self.headers() {
            headers
                .push(String::from_utf8_lossy(key), value.map(|value| self.batch.payload.slice_ref(value)));
        }
        OwnedRecord {
            partition: self.batch.partition.clone(),
            offset: self.offset(),
            timestamp_ms: self.timestamp_ms(),
            timestamp_type: self.timestamp_type(),
            leader_epoch: self.leader_epoch(),
            key: self.key_bytes(),
            value: self.value_bytes(),
            headers,
        }
    }
}

fn field(start: u32, len: u32) -> Option<Range<usize>> {
    (len != NULL).then(|| start as usize..start as usize + len as usize)
}

impl fmt::Debug for ConsumerRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Contents stay out of logs.
        f.debug_struct("ConsumerRecord")
            .field("partition", &self.batch.partition)
            .field("offset", &self.offset())
            .field("timestamp_ms", &self.timestamp_ms())
            .field("key_len", &self.key().map(<[u8]>::len))
            .field("value_len", &self.value().map(<[u8]>::len))
            .finish()
    }
}

/// A record that owns its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedRecord {
    /// Topic and partition.
    pub partition: TopicPartition,
    /// Offset in the partition.
    pub offset: i64,
    /// Milliseconds since the Unix epoch.
    pub timestamp_ms: i64,
    /// Who set the timestamp.
    pub timestamp_type: TimestampType,
    /// Epoch of the leader that appended it.
    pub leader_epoch: Option<i32>,
    /// The key.
    pub key: Option<Bytes>,
    /// The value.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Headers,
}
