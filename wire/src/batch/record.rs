//! Records inside a batch's payload, read in place.

use super::{BatchError, BatchHeader, RecordError, TimestampType};
use crate::varint::{read_varint, read_varlong};
use std::ops::Range;

/// Where a record's parts lie in the payload. Null is a start of `NULL`.
#[derive(Clone, Copy)]
pub(super) struct RawRecord {
    pub(super) timestamp_delta: i64,
    pub(super) offset_delta: i32,
    key: Field,
    value: Field,
    header_count: u32,
    headers_start: usize,
    end: usize,
}

/// A nullable run of bytes in the payload.
#[derive(Clone, Copy)]
struct Field {
    start: usize,
    /// -1 for null.
    length: i32,
}

impl Field {
    #[inline]
    fn range(self) -> Option<Range<usize>> {
        usize::try_from(self.length).ok().map(|length| self.start..self.start + length)
    }
}

/// Reads a nullable field's length and steps over its bytes, which must end within `bytes`.
#[inline]
fn skip_field(bytes: &[u8], at: &mut usize) -> Result<Field, RecordError> {
    let length = read_varint(bytes, at).ok_or(RecordError::Truncated)?;
    let start = *at;
    if length > 0 {
        if length as usize > bytes.len() - start {
            return Err(RecordError::Truncated);
        }
        *at = start + length as usize;
    } else if length < -1 {
        return Err(RecordError::FieldLength);
    }
    Ok(Field { start, length })
}

impl RawRecord {
    /// Parses the record at `at`, every part of it checked to be inside the payload.
    #[inline]
    pub(super) fn parse(payload: &[u8], mut at: usize) -> Result<RawRecord, RecordError> {
        let length = read_varint(payload, &mut at).ok_or(RecordError::Truncated)?;
        if length < 0 {
            return Err(RecordError::NegativeLength);
        }
        if length as usize > payload.len() - at {
            return Err(RecordError::Truncated);
        }
        let end = at + length as usize;
        let record = &payload[..end];
        // Attributes: no bit of a record's own is in use.
        at += 1;
        let timestamp_delta = read_varlong(record, &mut at).ok_or(RecordError::Truncated)?;
        let offset_delta = read_varint(record, &mut at).ok_or(RecordError::Truncated)?;
        let key = skip_field(record, &mut at)?;
        let value = skip_field(record, &mut at)?;
        let header_count = read_varint(record, &mut at).ok_or(RecordError::Truncated)?;
        let headers_start = at;
        if header_count != 0 {
            at = skip_headers(record, at, header_count)?;
        }
        if at != end {
            return Err(RecordError::Size);
        }
        Ok(RawRecord {
            timestamp_delta,
            offset_delta,
            key,
            value,
            header_count: header_count as u32,
            headers_start,
            end,
        })
    }

    /// Position behind the record.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.end
    }

    #[inline]
    pub(super) fn has_key(&self) -> bool {
        self.key.length >= 0
    }
}

/// Steps over `count` headers and returns the position behind them.
fn skip_headers(record: &[u8], mut at: usize, count: i32) -> Result<usize, RecordError> {
    // A header takes at least two bytes, so a hostile count costs no more than the bytes that came.
    if count < 0 || count as usize > (record.len() - at) / 2 {
        return Err(RecordError::HeaderCount);
    }
    for _ in 0..count {
        let key = skip_field(record, &mut at)?;
        if key.length < 0 {
            return Err(RecordError::NullHeaderKey);
        }
        skip_field(record, &mut at)?;
    }
    Ok(at)
}

/// One record, borrowed from the payload it lies in.
#[derive(Debug, Clone)]
pub struct RecordView<'a> {
    /// Distance from the batch's base offset.
    pub offset_delta: i32,
    /// Offset in the partition.
    pub offset: i64,
    /// The record's timestamp, or the batch's time of append.
    pub timestamp_ms: i64,
    /// Null and empty differ.
    pub key: Option<&'a [u8]>,
    /// Null is a tombstone in a compacted topic.
    pub value: Option<&'a [u8]>,
    /// Headers in order, keys may repeat.
    pub headers: HeadersView<'a>,
    key_start: usize,
    value_start: usize,
    headers_start: usize,
}

impl<'a> RecordView<'a> {
    /// Where the key lies in the payload, so that an owner of the payload can slice it.
    pub fn key_range(&self) -> Option<Range<usize>> {
        self.key.map(|key| self.key_start..self.key_start + key.len())
    }

    /// Where the value lies in the payload.
    pub fn value_range(&self) -> Option<Range<usize>> {
        self.value.map(|value| self.value_start..self.value_start + value.len())
    }

    /// Where the encoded headers lie in the payload, for [`HeadersView::from_parts`].
    pub fn headers_range(&self) -> Range<usize> {
        self.headers_start..self.headers_start + self.headers.bytes.len()
    }
}

/// A record's headers, decoded as they are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeadersView<'a> {
    bytes: &'a [u8],
    count: u32,
}

impl<'a> HeadersView<'a> {
    /// The headers at [`RecordView::headers_range`] of a payload, `count` of them.
    ///
    /// Ends early, never panics, when given other bytes.
    pub fn from_parts(bytes: &'a [u8], count: usize) -> HeadersView<'a> {
        HeadersView { bytes, count: u32::try_from(count).unwrap_or(u32::MAX) }
    }

    /// Number of headers.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether the record has no headers.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Key and value of each header, in order. Equals iterating the view.
    pub fn iter(&self) -> HeadersView<'a> {
        *self
    }
}

impl<'a> Iterator for HeadersView<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.count == 0 {
            return None;
        }
        let mut at = 0;
        let key = skip_field(self.bytes, &mut at).ok()?.range()?;
        let value = skip_field(self.bytes, &mut at).ok()?.range();
        let header = (&self.bytes[key], value.map(|value| &self.bytes[value]));
        self.bytes = &self.bytes[at..];
        self.count -= 1;
        Some(header)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.count as usize))
    }
}

/// The records of one batch, in order.
///
/// Ends after the header's count of records. The first malformed record, and bytes left over behind the last one,
/// are an error and the end.
#[derive(Debug, Clone)]
pub struct RecordIter<'a> {
    payload: &'a [u8],
    at: usize,
    index: u32,
    count: u32,
    base_offset: i64,
    base_timestamp: i64,
    log_append_time_ms: Option<i64>,
    failed: bool,
}

impl<'a> RecordIter<'a> {
    /// Walks a decompressed payload, see [`BatchView::payload`](super::BatchView::payload).
    pub fn new(header: &BatchHeader, payload: &'a [u8]) -> RecordIter<'a> {
        let log_append_time_ms = match header.timestamp_type() {
            TimestampType::CreateTime => None,
            TimestampType::LogAppendTime => Some(header.max_timestamp),
        };
        RecordIter {
            payload,
            at: 0,
            index: 0,
            count: header.records_count as u32,
            base_offset: header.base_offset,
            base_timestamp: header.base_timestamp,
            log_append_time_ms,
            failed: false,
        }
    }

    /// The payload that the records' ranges point into.
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Position in the payload behind the last record given.
    pub fn position(&self) -> usize {
        self.at
    }

    #[cold]
    fn fail(&mut self, reason: RecordError) -> BatchError {
        self.failed = true;
        BatchError::Record { index: self.index as usize, reason }
    }

    #[cold]
    fn finish(&mut self) -> Option<Result<RecordView<'a>, BatchError>> {
        if self.failed || self.at == self.payload.len() {
            return None;
        }
        self.failed = true;
        Some(Err(BatchError::BytesAfterRecords(self.payload.len() - self.at)))
    }
}

impl<'a> Iterator for RecordIter<'a> {
    type Item = Result<RecordView<'a>, BatchError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.index == self.count {
            return self.finish();
        }
        let raw = match RawRecord::parse(self.payload, self.at) {
            Ok(raw) => raw,
            Err(reason) => return Some(Err(self.fail(reason))),
        };
        // The header's offsets are in range, so a delta within them cannot overflow; others are saturated.
        let offset = self.base_offset.saturating_add(i64::from(raw.offset_delta));
        if raw.offset_delta < 0 {
            return Some(Err(self.fail(RecordError::OffsetDelta)));
        }
        self.at = raw.end;
        self.index += 1;
        Some(Ok(RecordView {
            offset_delta: raw.offset_delta,
            offset,
            timestamp_ms: self
                .log_append_time_ms
                .unwrap_or_else(|| self.base_timestamp.wrapping_add(raw.timestamp_delta)),
            key: raw.key.range().map(|range| &self.payload[range]),
            value: raw.value.range().map(|range| &self.payload[range]),
            headers: HeadersView {
                bytes: &self.payload[raw.headers_start..raw.end],
                count: raw.header_count,
            },
            key_start: raw.key.start,
            value_start: raw.value.start,
            headers_start: raw.headers_start,
        }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some((self.count - self.index) as usize + 1))
    }
}
