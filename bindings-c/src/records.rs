//! Consumed records, flat: views into the batches of one poll, which the handle keeps alive.

use crate::partitions::Texts;
use crate::pointers::{quietly, take_back};
use crate::rebalance::{Events, ottla_rebalance_event_t};
use crate::record::ottla_header_t;
use ottla::consumer::{Records, TimestampType};
use std::ffi::{c_char, c_void};

/// Who set a record's timestamp.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_timestamp_type_t {
    /// The producer.
    OTTLA_CREATE_TIME = 0,
    /// The broker, when it appended the record.
    OTTLA_LOG_APPEND_TIME = 1,
}

/// A consumed record. Everything it points to lives as long as the records it is of.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_record_t {
    /// The topic, NUL-terminated.
    pub topic: *const c_char,
    /// The key; NULL is null, which differs from empty. Not NUL-terminated.
    pub key: *const c_void,
    /// The key's length in bytes.
    pub key_len: usize,
    /// The value; NULL is null, a tombstone in a compacted topic. Not NUL-terminated.
    pub value: *const c_void,
    /// The value's length in bytes.
    pub value_len: usize,
    /// `header_count` headers, in order; keys may repeat.
    pub headers: *const ottla_header_t,
    /// How many headers.
    pub header_count: usize,
    /// Offset in the partition. Gaps are normal: compaction, transactions.
    pub offset: i64,
    /// Milliseconds since the Unix epoch.
    pub timestamp_ms: i64,
    /// Who set the timestamp.
    pub timestamp_type: ottla_timestamp_type_t,
    /// The partition's number.
    pub partition: i32,
    /// Epoch of the leader that appended the record; -1 where it is not known.
    pub leader_epoch: i32,
}

/// What one poll returned. Owned by the caller: free it with ottla_records_free(). Never changes, so threads may share it;
/// it may outlive its consumer.
pub struct ottla_records_t {
    entries: Vec<ottla_record_t>,
    events: Events,
    // What the entries point to.
    _headers: Vec<ottla_header_t>,
    _topics: Texts,
    _batches: Records,
}

const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Records>();
};

// SAFETY: the pointers lead into what the value itself owns, and nothing is changed after it was made.
unsafe impl Send for ottla_records_t {}
// SAFETY: as above.
unsafe impl Sync for ottla_records_t {}

impl ottla_records_t {
    /// `told`: changes of the assignment that came before those of the records' own.
    pub(crate) fn new(records: Records, told: Events) -> Self {
        let mut topics = Texts::default();
        let mut entries = Vec::with_capacity(records.len());
        let headers = flat_headers(&records);
        let mut next_header = headers.as_ptr();
        for batch in records.batches() {
            let topic = topics.add(&batch.partition().topic);
            for record in batch.iter() {
                let (key, key_len) = parts(record.key());
                let (value, value_len) = parts(record.value());
                let header_count = record.headers().count();
                entries.push(ottla_record_t {
                    topic,
                    key,
                    key_len,
                    value,
                    value_len,
                    headers: if header_count == 0 { std::ptr::null() } else { next_header },
                    header_count,
                    offset: record.offset(),
                    timestamp_ms: record.timestamp_ms(),
                    timestamp_type: match record.timestamp_type() {
                        TimestampType::LogAppendTime => ottla_timestamp_type_t::OTTLA_LOG_APPEND_TIME,
                        TimestampType::CreateTime => ottla_timestamp_type_t::OTTLA_CREATE_TIME,
                    },
                    partition: record.partition(),
                    leader_epoch: record.leader_epoch().unwrap_or(-1),
                });
                // Stays within the headers, which were counted in the same order.
                next_header = next_header.wrapping_add(header_count);
            }
        }
        let events = told.then(Events::new(records.rebalances()));
        Self { entries, events, _headers: headers, _topics: topics, _batches: records }
    }

    pub(crate) fn get(&self, index: usize) -> Option<&ottla_record_t> {
        self.entries.get(index)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn events(&self) -> &[ottla_rebalance_event_t] {
        &self.events.entries
    }

    pub(crate) fn into_events(self) -> Events {
        self.events
    }
}

fn parts(bytes: Option<&[u8]>) -> (*const c_void, usize) {
    bytes.map_or((std::ptr::null(), 0), |bytes| (bytes.as_ptr().cast(), bytes.len()))
}

fn flat_headers(records: &Records) -> Vec<ottla_header_t> {
    let headers = records.iter().flat_map(|record| record.headers());
    headers
        .map(|(key, value)| {
            let (value, value_len) = parts(value);
            ottla_header_t { key: key.as_ptr().cast(), key_len: key.len(), value, value_len }
        })
        .collect()
}

/// How many records; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_records_count(records: *const ottla_records_t) -> usize {
    quietly(0, || records.as_ref().map_or(0, ottla_records_t::len))
}

/// A record, valid until `records` is freed; NULL behind the last one. Records of one partition are in log order.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_records_get(
    records: *const ottla_records_t,
    index: usize,
) -> *const ottla_record_t {
    quietly(std::ptr::null(), || {
        let record = records.as_ref().and_then(|records| records.get(index));
        record.map_or(std::ptr::null(), |record| &raw const *record)
    })
}

/// How many changes of the assignment this poll tells; 0 for NULL. Those a callback was told of are here, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_records_event_count(records: *const ottla_records_t) -> usize {
    quietly(0, || records.as_ref().map_or(0, |records| records.events().len()))
}

/// A change of the assignment, in order, valid until `records` is freed; NULL behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_records_event(
    records: *const ottla_records_t,
    index: usize,
) -> *const ottla_rebalance_event_t {
    quietly(std::ptr::null(), || {
        let event = records.as_ref().and_then(|records| records.events().get(index));
        event.map_or(std::ptr::null(), |event| &raw const *event)
    })
}

/// Frees records. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_records_free(records: *mut ottla_records_t) {
    take_back(records);
}
