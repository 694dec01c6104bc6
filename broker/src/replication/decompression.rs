//! How much memory may be taken at once by batches that are decompressed to be checked.
//!
//! A connection checks one batch at a time, so that `max.decompressed.message.bytes` bounds what it takes; this bounds what
//! all of them take. Nearly every batch grows to a few times its size, and is checked without asking. One that grows
//! beyond that is put aside, and checked again once there is room for all that it may become.

use ottla_wire::compression::Codec;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const UNIT_BYTES: usize = 64 * 1024;
/// A batch may grow to so many times its size, within these, without asking.
const ORDINARY_FACTOR: usize = 8;
const ORDINARY_BYTES_MIN: usize = 1 << 20;
const ORDINARY_BYTES_MAX: usize = 16 << 20;
/// The widest window that zstd decodes.
const ZSTD_WINDOW_BYTES_MAX: usize = 128 << 20;

/// The room there is.
#[derive(Debug)]
pub(crate) struct Decompression {
    room: Arc<Semaphore>,
    units: usize,
}

/// What a batch of `size_bytes` may grow to without asking.
pub(crate) fn ordinary_bytes(size_bytes: usize) -> usize {
    size_bytes.saturating_mul(ORDINARY_FACTOR).clamp(ORDINARY_BYTES_MIN, ORDINARY_BYTES_MAX)
}

/// What checking a batch holds that may become `max_bytes`: its records, zstd's window, which is a copy of what was
/// decompressed last, and the records once more while they are compressed anew.
pub(crate) fn held_bytes(codec: Codec, is_rebuilt: bool, max_bytes: usize) -> usize {
    let window_bytes = if codec == Codec::Zstd { max_bytes.min(ZSTD_WINDOW_BYTES_MAX) } else { 0 };
    let rebuilt_bytes = if is_rebuilt { max_bytes } else { 0 };
    max_bytes.saturating_add(window_bytes).saturating_add(rebuilt_bytes)
}

impl Decompression {
    /// `ottla.max.decompressed.inflight.bytes`.
    pub(crate) fn new(max_bytes: usize) -> Self {
        let units = (max_bytes / UNIT_BYTES).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self { room: Arc::new(Semaphore::new(units)), units }
    }

    /// Most that one batch can be given.
    pub(crate) fn max_bytes(&self) -> usize {
        self.units * UNIT_BYTES
    }

    /// Room for a batch that may become `size_bytes`, if there is any now.
    pub(crate) fn try_reserve(&self, size_bytes: usize) -> Option<OwnedSemaphorePermit> {
        self.room.clone().try_acquire_many_owned(self.units_of(size_bytes)).ok()
    }

    /// [`Self::try_reserve`], waiting for it.
    pub(crate) async fn reserve(&self, size_bytes: usize) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        self.room.clone().acquire_many_owned(self.units_of(size_bytes)).await.ok()
    }

    fn units_of(&self, size_bytes: usize) -> u32 {
        u32::try_from(size_bytes.div_ceil(UNIT_BYTES).min(self.units)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_is_left() {
        let decompression = Decompression::new(1 << 20);
        assert_eq!(decompression.max_bytes(), 1 << 20);
        let first = decompression.try_reserve(600 << 10).unwrap();
        assert!(decompression.try_reserve(600 << 10).is_none());
        assert!(decompression.try_reserve(300 << 10).is_some());
        drop(first);
        assert!(decompression.try_reserve(usize::MAX).is_some(), "more than there is waits for all there is");
    }
}
