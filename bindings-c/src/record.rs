//! Records on their way in: borrowed parts, judged before anything is done with them.

use crate::pointers::{argument, bytes, slice, text};
use ottla::Error;
use ottla::record::{Headers, Record};
use smallvec::SmallVec;
use std::ffi::{c_char, c_void};

/// A header of a record. Keys may repeat within a record. In records to send, lengths may be OTTLA_NUL_TERMINATED; in
/// consumed ones, texts are not terminated: use the lengths.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_header_t {
    /// The key, UTF-8.
    pub key: *const c_char,
    /// Its length in bytes.
    pub key_len: usize,
    /// The value; NULL is Kafka's null, which differs from empty.
    pub value: *const c_void,
    /// Its length in bytes; 0 for NULL.
    pub value_len: usize,
}

/// A record to send. All zero but `topic` is a valid one: no key, no value, the partition by the partitioner, the time of
/// sending. Everything is borrowed for the length of the call. Lengths may be OTTLA_NUL_TERMINATED.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_producer_record_t {
    /// The topic, NUL-terminated.
    pub topic: *const c_char,
    /// The key; NULL is null. Records of one key keep their order.
    pub key: *const c_void,
    /// Its length in bytes.
    pub key_len: usize,
    /// The value; NULL is null, a tombstone in a compacted topic.
    pub value: *const c_void,
    /// Its length in bytes.
    pub value_len: usize,
    /// `header_count` headers.
    pub headers: *const ottla_header_t,
    /// How many headers.
    pub header_count: usize,
    /// Whether `timestamp_ms` counts; else it is the time of sending.
    pub has_timestamp: bool,
    /// Whether `partition` counts; else the partitioner chooses.
    pub has_partition: bool,
    /// The partition, with `has_partition`; else 0.
    pub partition: i32,
    /// Milliseconds since the Unix epoch, with `has_timestamp`; else 0.
    pub timestamp_ms: i64,
    /// Not 0: what becomes of the record is told under this tag by ottla_producer_poll_reports(), which then must be
    /// called; consecutive tags are told together and cost least. A pointer fits: (uint64_t)(uintptr_t)p. 0: failures are
    /// told by the next ottla_producer_flush() or ottla_producer_close().
    pub tag: u64,
    /// 0, for what is to come.
    pub reserved: [u64; 2],
}

type PartedHeaders<'a> = SmallVec<[(&'a [u8], Option<&'a [u8]>); 8]>;

/// A record's parts, checked.
pub(crate) struct Parts<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: Option<i32>,
    pub(crate) timestamp_ms: Option<i64>,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: PartedHeaders<'a>,
    pub(crate) tag: u64,
}

impl<'a> Parts<'a> {
    pub(crate) unsafe fn read(record: &'a ottla_producer_record_t) -> Result<Self, Error> {
        if !record.has_partition && record.partition != 0 {
            return Err(argument("record.partition", "it is set, but has_partition is not"));
        }
        if !record.has_timestamp && record.timestamp_ms != 0 {
            return Err(argument("record.timestamp_ms", "it is set, but has_timestamp is not"));
        }
        if record.reserved != [0; 2] {
            return Err(argument(
                "record.reserved",
                "it must be 0: set the record to zero before filling it in",
            ));
        }
        let mut headers = PartedHeaders::new();
        for header in slice(record.headers, record.header_count, "record.headers")? {
            let key = bytes(header.key.cast(), header.key_len, "header.key")?
                .ok_or_else(|| argument("header.key", "it is NULL"))?;
            std::str::from_utf8(key)
                .map_err(|error| argument("header.key", "the text is not UTF-8").with_source(error))?;
            headers.push((key, bytes(header.value, header.value_len, "header.value")?));
        }
        Ok(Self {
            topic: text(record.topic, "record.topic")?,
            partition: record.has_partition.then_some(record.partition),
            timestamp_ms: record.has_timestamp.then_some(record.timestamp_ms),
            key: bytes(record.key, record.key_len, "record.key")?,
            value: bytes(record.value, record.value_len, "record.value")?,
            headers,
            tag: record.tag,
        })
    }

    /// A copy that owns its parts, for when it has to wait.
    pub(crate) fn to_record(&self) -> Record {
        let mut record = Record::to(self.topic);
        record.partition = self.partition;
        record.timestamp_ms = self.timestamp_ms;
        record.key = self.key.map(|key| key.to_vec().into());
        record.value = self.value.map(|value| value.to_vec().into());
        let mut headers = Headers::new();
        for (key, value) in &self.headers {
            headers.push(String::from_utf8_lossy(key), value.map(<[u8]>::to_vec));
        }
        record.headers = headers;
        record
    }
}
