//! Walking the batches of a segment file, header by header.

use crate::storage::DiskFile;
use ottla_wire::batch::{BATCH_OVERHEAD_BYTES, BatchHeader};
use std::io;

/// Headers of small batches come several to a read.
const BUFFER_BYTES: usize = 4096;

/// Why a walk stopped early.
#[derive(Debug)]
pub(crate) enum ScanError {
    Io(io::Error),
    /// From here on the file holds no batches.
    Corrupt {
        position: u64,
        reason: String,
    },
}

impl From<io::Error> for ScanError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads headers from a position on; trusts lengths only as far as the segment reaches.
#[derive(Debug)]
pub(crate) struct HeaderScan<'a> {
    file: &'a dyn DiskFile,
    position: u64,
    end: u64,
    buffer: Vec<u8>,
    buffer_position: u64,
}

impl<'a> HeaderScan<'a> {
    /// `position` must be the start of a batch, or `end`.
    pub(crate) fn new(file: &'a dyn DiskFile, position: u64, end: u64) -> Self {
        Self { file, position, end, buffer: Vec::new(), buffer_position: 0 }
    }

    /// The next batch's position and header; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, BatchHeader)>, ScanError> {
        let position = self.position;
        if position >= self.end {
            return Ok(None);
        }
        let left = self.end - position;
        if left < BATCH_OVERHEAD_BYTES as u64 {
            return Err(corrupt(position, format!("{left} bytes are too few for a batch")));
        }
        let bytes = self.header_bytes(position)?;
        let header = BatchHeader::parse(bytes).map_err(|error| corrupt(position, error.to_string()))?;
        if header.size_bytes() as u64 > left {
            return Err(corrupt(
                position,
                format!("batch needs {} bytes, {left} are left", header.size_bytes()),
            ));
        }
        self.position += header.size_bytes() as u64;
        Ok(Some((position, header)))
    }

    fn header_bytes(&mut self, position: u64) -> io::Result<&[u8]> {
        let is_buffered = position >= self.buffer_position
            && position + BATCH_OVERHEAD_BYTES as u64 <= self.buffer_position + self.buffer.len() as u64;
        if !is_buffered {
            // The first read is for one header: most walks are one batch long.
            let want = if self.buffer.is_empty() { 4 * BATCH_OVERHEAD_BYTES } else { BUFFER_BYTES };
            let want = (self.end - position).min(want as u64) as usize;
            self.buffer.resize(want, 0);
            let read = self.file.read_at(position, &mut self.buffer)?;
            self.buffer.truncate(read);
            self.buffer_position = position;
        }
        let start = (position - self.buffer_position) as usize;
        self.buffer.get(start..).ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    }
}

fn corrupt(position: u64, reason: String) -> ScanError {
    ScanError::Corrupt { position, reason }
}
