//! A growing output buffer with a limit, shared by the streaming decoders.

use super::DecompressError;

/// Decompressed bytes so far. May hold one byte more than the limit: that is how passing it is noticed.
pub(super) struct Output<'a> {
    pub(super) bytes: &'a mut Vec<u8>,
    limit_bytes: usize,
}

impl<'a> Output<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>, limit_bytes: usize) -> Self {
        Output { bytes, limit_bytes }
    }

    /// Fails when the limit was passed, else makes room for at least one more byte.
    ///
    /// The first room is a guess from the size of the input, later ones double what is there.
    pub(super) fn grow(&mut self, input_len: usize) -> Result<(), DecompressError> {
        self.check()?;
        let length = self.bytes.len();
        if self.bytes.capacity() == length {
            let wanted = length.max(input_len.saturating_mul(3)).max(4096);
            self.bytes.reserve_exact(wanted.min(self.limit_bytes - length + 1));
        }
        Ok(())
    }

    /// Makes `extra` zeroed bytes to decode a block into, refusing what would pass the limit.
    pub(super) fn reserve_block(&mut self, extra: usize) -> Result<usize, DecompressError> {
        let start = self.bytes.len();
        if extra > self.limit_bytes.saturating_sub(start) {
            return Err(self.too_large());
        }
        self.bytes.resize(start + extra, 0);
        Ok(start)
    }

    /// Appends bytes that were stored as they are.
    pub(super) fn extend(&mut self, bytes: &[u8]) -> Result<(), DecompressError> {
        if bytes.len() > self.remaining() {
            return Err(self.too_large());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn remaining(&self) -> usize {
        self.limit_bytes.saturating_sub(self.bytes.len())
    }

    pub(super) fn check(&self) -> Result<(), DecompressError> {
        if self.bytes.len() > self.limit_bytes { Err(self.too_large()) } else { Ok(()) }
    }

    pub(super) fn too_large(&self) -> DecompressError {
        DecompressError::TooLarge { limit_bytes: self.limit_bytes }
    }
}
