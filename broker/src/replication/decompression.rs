//! How much memory may be taken at once by batches that peers have decompressed: to be checked, or to look a time up.
//!
//! A connection has one batch decompressed at a time, so that `max.decompressed.message.bytes` bounds what it takes; this
//! bounds what all of them take. Nearly every batch that is produced grows to a few times its size, and is checked without
//! asking, and so is nearly every one that is read for its times. One that grows beyond that is put aside, and decompressed
//! again once there is room for all that it may become. A request waits until one deadline, however many batches it is about.

use crate::limits::{Limit, LimitHits};
use ottla_env::Env;
use ottla_wire::compression::Codec;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// No request waits for room for longer.
const ROOM_TIMEOUT: Duration = Duration::from_secs(30);

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
    env: Env,
    limits: Arc<LimitHits>,
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
    pub(crate) fn new(env: Env, limits: Arc<LimitHits>, max_bytes: usize) -> Self {
        let units = (max_bytes / UNIT_BYTES).clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
        Self { env, limits, room: Arc::new(Semaphore::new(units)), units }
    }

    /// Most that one batch can be given.
    pub(crate) fn max_bytes(&self) -> usize {
        self.units * UNIT_BYTES
    }

    /// Until when a request that takes `timeout` may wait for room, for all of its batches together.
    pub(crate) fn deadline(&self, timeout: Duration) -> Instant {
        self.env.now() + timeout.min(ROOM_TIMEOUT)
    }

    /// Room for `size_bytes` on behalf of `peer`; `None` when there was none until `deadline`, which counts as the limit
    /// being reached.
    pub(crate) async fn reserve(
        &self,
        size_bytes: usize,
        peer: &SocketAddr,
        deadline: Instant,
    ) -> Option<OwnedSemaphorePermit> {
        let units = u32::try_from(size_bytes.div_ceil(UNIT_BYTES).min(self.units)).unwrap_or(u32::MAX);
        if let Ok(room) = self.room.clone().try_acquire_many_owned(units) {
            return Some(room);
        }
        let Some(room) = self.env.timeout_at(deadline, self.room.clone().acquire_many_owned(units)).await
        else {
            self.limits.hit(Limit::DecompressedInflightBytes, peer);
            return None;
        };
        // The semaphore is never closed.
        room.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn room_is_what_is_left() {
        let env = Env::system();
        let limits = Arc::new(LimitHits::new(env.clone()));
        let decompression = Decompression::new(env.clone(), limits.clone(), 1 << 20);
        assert_eq!(decompression.max_bytes(), 1 << 20);
        let peer = SocketAddr::from(([127, 0, 0, 1], 1));
        let deadline = decompression.deadline(Duration::from_millis(10));
        let reserve = |size_bytes| decompression.reserve(size_bytes, &peer, deadline);
        let first = reserve(600 << 10).await.unwrap();
        assert!(reserve(300 << 10).await.is_some());
        assert_eq!(limits.count(Limit::DecompressedInflightBytes), 0);
        assert!(reserve(600 << 10).await.is_none());
        assert_eq!(limits.count(Limit::DecompressedInflightBytes), 1);
        // The deadline is the request's: the next batch of the same one has no time of its own.
        assert!(env.now() >= deadline);
        let mut next = Box::pin(reserve(600 << 10));
        assert!(matches!(futures_util::FutureExt::now_or_never(next.as_mut()), Some(None)));
        drop(next);
        // Who waits and gets room ran into nothing.
        let patient =
            decompression.reserve(600 << 10, &peer, decompression.deadline(Duration::from_secs(20)));
        let (patient, ()) = tokio::join!(patient, async move {
            tokio::task::yield_now().await;
            drop(first);
        });
        assert!(patient.is_some());
        assert_eq!(limits.count(Limit::DecompressedInflightBytes), 2);
        drop(patient);
        assert!(reserve(usize::MAX).await.is_some(), "more than there is waits for all there is");
    }
}
