//! Batches in the bytes of a fetch response, a produce request or a log segment.

use super::header::{
    ATTRIBUTES_AT, BATCH_OVERHEAD_BYTES, LENGTH_AT, LOG_OVERHEAD_BYTES, MAGIC, MAGIC_AT, i32_at,
};
use super::legacy::min_size_bytes;
use super::{BatchError, BatchHeader, RecordIter};
use crate::compression::{self, Codec, DEFAULT_MAX_DECOMPRESSED_BYTES};
use crate::crc32c::crc32c;
use bytes::Bytes;

/// How much a batch may grow when it is decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecompressLimits {
    /// Most bytes of one batch's decompressed records.
    pub max_decompressed_bytes: usize,
}

impl Default for DecompressLimits {
    fn default() -> Self {
        DecompressLimits { max_decompressed_bytes: DEFAULT_MAX_DECOMPRESSED_BYTES }
    }
}

/// A buffer for decompressed records, reused from batch to batch.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) buffer: Vec<u8>,
}

impl Scratch {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes the buffer holds on to.
    pub fn capacity_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    /// Gives memory back when one large batch left more than `max_bytes` behind.
    pub fn trim(&mut self, max_bytes: usize) {
        if self.buffer.capacity() > max_bytes {
            self.buffer = Vec::new();
        }
    }
}

/// One whole batch: its parsed header and its bytes.
///
/// The CRC has not been checked until [`verify_crc`](Self::verify_crc) has.
#[derive(Debug, Clone)]
pub struct BatchView {
    /// The parsed header.
    pub header: BatchHeader,
    bytes: Bytes,
}

impl BatchView {
    /// The batch that `bytes` are, all of them.
    pub fn new(bytes: Bytes) -> Result<BatchView, BatchError> {
        let header = BatchHeader::parse(&bytes)?;
        let size = header.size_bytes();
        if bytes.len() < size {
            return Err(BatchError::Truncated { needed_bytes: size, available_bytes: bytes.len() });
        }
        if bytes.len() > size {
            return Err(BatchError::BytesAfterBatch(bytes.len() - size));
        }
        Ok(BatchView { header, bytes })
    }

    /// The whole batch.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The whole batch, given up.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The records as they are on the wire.
    pub fn raw_records(&self) -> &[u8] {
        &self.bytes[BATCH_OVERHEAD_BYTES..]
    }

    /// A batch emptied by compaction has no compressed stream, not even an empty one.
    fn has_nothing(&self) -> bool {
        self.header.records_count == 0 && self.raw_records().is_empty()
    }

    /// Checks the bytes against the header's CRC.
    pub fn verify_crc(&self) -> Result<(), BatchError> {
        let computed = crc32c(&self.bytes[ATTRIBUTES_AT..]);
        if computed == self.header.crc {
            return Ok(());
        }
        Err(BatchError::Crc { stored: self.header.crc, computed })
    }

    /// The records, walked in place; compressed ones are first decompressed into `scratch`.
    pub fn records<'a>(
        &'a self,
        limits: &DecompressLimits,
        scratch: &'a mut Scratch,
    ) -> Result<RecordIter<'a>, BatchError> {
        Ok(RecordIter::new(&self.header, self.payload_in(limits, scratch)?))
    }

    /// The records, decompressed, as bytes of their own; a slice of the batch when it is not compressed.
    ///
    /// Walk them with [`RecordIter::new`].
    pub fn payload(&self, limits: &DecompressLimits) -> Result<Bytes, BatchError> {
        match self.header.compression() {
            Codec::None => Ok(self.bytes.slice(BATCH_OVERHEAD_BYTES..)),
            _ if self.has_nothing() => Ok(Bytes::new()),
            codec => Ok(compression::decompress(codec, self.raw_records(), limits.max_decompressed_bytes)?),
        }
    }

    /// The records, decompressed into `scratch` where they have to be.
    pub(super) fn payload_in<'a>(
        &'a self,
        limits: &DecompressLimits,
        scratch: &'a mut Scratch,
    ) -> Result<&'a [u8], BatchError> {
        match self.header.compression() {
            Codec::None => Ok(self.raw_records()),
            _ if self.has_nothing() => Ok(&[]),
            codec => {
                let limit_bytes = limits.max_decompressed_bytes;
                compression::decompress_into(codec, self.raw_records(), limit_bytes, &mut scratch.buffer)?;
                Ok(&scratch.buffer)
            }
        }
    }
}

/// The batches that lie one behind another in some bytes.
///
/// A batch cut off at the end is the end of the iteration, as a fetch response may be cut anywhere; whether it was
/// is told by [`trailing_bytes`](Self::trailing_bytes). After an error there are no further items: where the next
/// batch would start is no longer known.
#[derive(Debug, Clone)]
pub struct Batches {
    rest: Bytes,
    position: usize,
    failed: bool,
}

impl Batches {
    /// Iterates over `bytes`.
    pub fn new(bytes: Bytes) -> Batches {
        Batches { rest: bytes, position: 0, failed: false }
    }

    /// Bytes not yet given out; once the iteration has ended, those of a batch that was cut off.
    pub fn trailing_bytes(&self) -> usize {
        self.rest.len()
    }

    /// Position behind the last batch given out.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl Iterator for Batches {
    type Item = Result<BatchView, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let result = split_batch(&mut self.rest)?.and_then(BatchView::new);
        match &result {
            Ok(batch) => self.position += batch.bytes.len(),
            Err(_) => self.failed = true,
        }
        Some(result)
    }
}

/// Takes the bytes of one batch, of any format, off the front; `None` when they are not all there.
///
/// Checks the magic and that the length covers the format's header.
pub(super) fn split_batch(rest: &mut Bytes) -> Option<Result<Bytes, BatchError>> {
    let magic = *rest.get(MAGIC_AT)? as i8;
    let min_bytes = match magic {
        0 | 1 => min_size_bytes(magic),
        MAGIC => BATCH_OVERHEAD_BYTES,
        _ => return Some(Err(BatchError::Magic(magic))),
    };
    let length = i32_at(rest, LENGTH_AT);
    match usize::try_from(length).map(|length| length + LOG_OVERHEAD_BYTES) {
        Ok(size) if size < min_bytes => Some(Err(BatchError::Length(length))),
        Ok(size) if size > rest.len() => None,
        Ok(size) => Some(Ok(rest.split_to(size))),
        Err(_) => Some(Err(BatchError::Length(length))),
    }
}
