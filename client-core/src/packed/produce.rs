//! Records to send, from host to core.
//!
//! ```text
//! block   u32 version   u32 record count   record*
//! record  u32 size of the whole record, padding included
//!         u32 topic: a number from `facade::Producer::topic_number`
//!         i32 partition, -1: the partitioner chooses
//!         i32 key length, -1: null
//!         i64 timestamp in milliseconds since the Unix epoch
//!         u64 tag: what the record's fate is reported under
//!         i32 value length, -1: null
//!         u32 header count
//!         key, value, then for each header: i32 key length, i32 value length (-1: null), key, value
//!         padding up to a multiple of 8
//! ```

use super::{NULL, VERSION, pad, put_i32, put_i64, put_u32};
use crate::error::{Error, ErrorKind};
use ottla_wire::batch::HeaderRef;

const HEAD_BYTES: usize = 8;
const RECORD_HEAD_BYTES: usize = 40;

/// A record of a block, borrowed from it.
#[derive(Clone, Copy, Debug)]
pub struct PackedRecord<'a> {
    /// The topic's number.
    pub topic: u32,
    /// The partition; `None` leaves the choice to the partitioner.
    pub partition: Option<i32>,
    /// Milliseconds since the Unix epoch; `None` takes the time of sending.
    pub timestamp_ms: Option<i64>,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The value.
    pub value: Option<&'a [u8]>,
    /// What its fate is reported under.
    pub tag: u64,
    headers: &'a [u8],
    header_count: u32,
}

impl<'a> PackedRecord<'a> {
    /// The headers in order.
    pub fn headers(&self) -> impl Iterator<Item = HeaderRef<'a>> + use<'a> {
        let mut rest = Reader(self.headers);
        // The block was checked when it was parsed.
        (0..self.header_count).map_while(move |_| header(&mut rest))
    }
}

/// A block whose every length was checked.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    records: &'a [u8],
    count: u32,
    topics: usize,
}

impl<'a> Block<'a> {
    /// Checks the block. Errors: `InvalidArgument`.
    pub fn parse(block: &'a [u8]) -> Result<Self, Error> {
        let mut rest = Reader(block);
        if rest.u32() != Some(VERSION) {
            return Err(malformed("it is not of version 1"));
        }
        let count = rest.u32().ok_or_else(|| malformed("its head is cut off"))?;
        let records = rest.0;
        let mut topics = 0;
        for _ in 0..count {
            let record =
                record(&mut rest).ok_or_else(|| malformed("a record's lengths are beyond its end"))?;
            topics = topics.max((record.topic as usize).saturating_add(1));
        }
        if !rest.0.is_empty() {
            return Err(malformed("something follows its last record"));
        }
        Ok(Self { records, count, topics })
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many topics there must be for its records to name: one more than the highest number.
    pub fn topics(&self) -> usize {
        self.topics
    }

    /// The records in order.
    pub fn records(&self) -> impl Iterator<Item = PackedRecord<'a>> + use<'a> {
        let mut rest = Reader(self.records);
        (0..self.count).map_while(move |_| record(&mut rest))
    }
}

/// What a host packed wrong.
pub(crate) fn malformed(what: &'static str) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        "send records",
        format!("the block of records is malformed: {what}"),
    )
    .with_hint("this is a defect of the binding: please report it")
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    /// The outer `None`: cut off; the inner one: null.
    #[allow(clippy::option_option)] // The two are different things, and both are handled by the one caller.
    fn nullable(&mut self, length: i32) -> Option<Option<&'a [u8]>> {
        match length {
            NULL => Some(None),
            length => self.take(usize::try_from(length).ok()?).map(Some),
        }
    }
}

fn record<'a>(rest: &mut Reader<'a>) -> Option<PackedRecord<'a>> {
    let size = u32::from_le_bytes(rest.0.first_chunk().copied()?) as usize;
    if !size.is_multiple_of(8) || size < RECORD_HEAD_BYTES {
        return None;
    }
    let mut own = Reader(rest.take(size)?);
    own.u32()?;
    let topic = own.u32()?;
    let partition = own.i32()?;
    let key_len = own.i32()?;
    let timestamp_ms = own.i64()?;
    let tag = own.array().map(u64::from_le_bytes)?;
    let value_len = own.i32()?;
    let header_count = own.u32()?;
    let key = own.nullable(key_len)?;
    let value = own.nullable(value_len)?;
    let headers = own.0;
    for _ in 0..header_count {
        header(&mut own)?;
    }
    Some(PackedRecord {
        topic,
        partition: (partition >= 0).then_some(partition),
        timestamp_ms: (timestamp_ms >= 0).then_some(timestamp_ms),
        key,
        value,
        tag,
        headers,
        header_count,
    })
}

fn header<'a>(rest: &mut Reader<'a>) -> Option<HeaderRef<'a>> {
    let key_len = rest.i32()?;
    let value_len = rest.i32()?;
    let key = rest.take(usize::try_from(key_len).ok()?)?;
    Some((key, rest.nullable(value_len)?))
}

/// Packs records: what hosts do, for tests and for hosts written in Rust.
#[derive(Debug)]
pub struct Packer {
    block: Vec<u8>,
    count: u32,
}

impl Default for Packer {
    fn default() -> Self {
        Self::new()
    }
}

impl Packer {
    /// An empty block.
    pub fn new() -> Self {
        let mut block = Vec::with_capacity(HEAD_BYTES);
        put_u32(&mut block, VERSION);
        put_u32(&mut block, 0);
        Self { block, count: 0 }
    }

    /// Adds a record.
    #[allow(clippy::too_many_arguments)] // A record's parts.
    pub fn push(
        &mut self,
        topic: u32,
        partition: Option<i32>,
        timestamp_ms: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[HeaderRef<'_>],
        tag: u64,
    ) {
        let start = self.block.len();
        let block = &mut self.block;
        let length = |bytes: Option<&[u8]>| bytes.map_or(NULL, |bytes| bytes.len() as i32);
        put_u32(block, 0);
        put_u32(block, topic);
        put_i32(block, partition.unwrap_or(-1));
        put_i32(block, length(key));
        put_i64(block, timestamp_ms.unwrap_or(-1));
        put_i64(block, tag.cast_signed());
        put_i32(block, length(value));
        put_u32(block, headers.len() as u32);
        block.extend_from_slice(key.unwrap_or_default());
        block.extend_from_slice(value.unwrap_or_default());
        for (key, value) in headers {
            put_i32(block, key.len() as i32);
            put_i32(block, length(*value));
            block.extend_from_slice(key);
            block.extend_from_slice(value.unwrap_or_default());
        }
        pad(block);
        let size = (block.len() - start) as u32;
        block[start..start + 4].copy_from_slice(&size.to_le_bytes());
        self.count += 1;
    }

    /// The block.
    pub fn finish(mut self) -> Vec<u8> {
        self.block[4..8].copy_from_slice(&self.count.to_le_bytes());
        self.block
    }
}
