//! One partition as this node holds it: its log, who leads it, how far readers may go, and who waits.
//!
//! The marks that readers need (high watermark, last stable offset, log start) are kept as atomics beside the log, so
//! that a fetch that finds nothing new takes no lock. They are written under the log's lock only.

use super::purgatory::Waiters;
use crate::log::{
    AppendError, AppendInfo, AppendOrigin, CheckedBatch, LogConfig, LogError, LogRead, PartitionLog,
};
use arc_swap::ArcSwap;
use bytes::Bytes;
use ottla_wire::ErrorCode;
use parking_lot::{Mutex, MutexGuard};
use smallvec::smallvec;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, Ordering};

/// How much of a log a reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Up to the high watermark.
    ReadUncommitted,
    /// Up to the last stable offset.
    ReadCommitted,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendRefused {
    /// This node does not lead the partition, or no longer.
    #[error("this broker does not lead the partition")]
    NotLeader,
    /// The partition remembers as many producers as it may.
    #[error("the partition knows {0} producers already; ottla.max.producer.ids.per.partition allows no more")]
    TooManyProducers(usize),
    /// The log refused.
    #[error(transparent)]
    Log(#[from] AppendError),
}

impl AppendRefused {
    /// What the producer is told.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::NotLeader => ErrorCode::NOT_LEADER_OR_FOLLOWER,
            Self::TooManyProducers(_) => ErrorCode::POLICY_VIOLATION,
            Self::Log(error) => error.code(),
        }
    }
}

/// What the leader's log looks like at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) high_watermark: i64,
    pub(crate) last_stable_offset: i64,
    pub(crate) log_start_offset: i64,
}

/// A partition on this node.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) topic: Arc<str>,
    pub(crate) index: i32,
    log: Arc<Mutex<PartitionLog>>,
    /// What the log goes by, for checks that need no lock.
    config: ArcSwap<LogConfig>,
    max_producers: usize,
    is_leader: AtomicBool,
    leader_epoch: AtomicI32,
    leader_id: AtomicI32,
    in_sync_replicas: AtomicI32,
    high_watermark: AtomicI64,
    last_stable_offset: AtomicI64,
    log_start_offset: AtomicI64,
    waiters: Waiters,
}

impl Partition {
    /// A partition over an opened log, of so many producers at most; nobody leads it until [`Self::update`].
    pub(crate) fn new(
        topic: Arc<str>,
        index: i32,
        log: Arc<Mutex<PartitionLog>>,
        max_producers: usize,
    ) -> Self {
        let config = log.lock().config().clone();
        Self {
            config: ArcSwap::new(config),
            max_producers,
            topic,
            index,
            log,
            is_leader: AtomicBool::new(false),
            leader_epoch: AtomicI32::new(-1),
            leader_id: AtomicI32::new(-1),
            in_sync_replicas: AtomicI32::new(0),
            high_watermark: AtomicI64::new(0),
            last_stable_offset: AtomicI64::new(0),
            log_start_offset: AtomicI64::new(0),
            waiters: Waiters::default(),
        }
    }

    /// Takes over what the controller says of the partition. With one replica all that is in the log is committed.
    pub(crate) fn update(&self, node_id: i32, leader_id: i32, leader_epoch: i32, in_sync_replicas: usize) {
        let mut log = self.log.lock();
        if leader_epoch < self.leader_epoch.load(Ordering::Acquire) {
            return; // Older news.
        }
        let is_leader = leader_id == node_id;
        if is_leader && log.latest_epoch() != Some(leader_epoch) {
            log.begin_epoch(leader_epoch);
        }
        self.in_sync_replicas.store(i32::try_from(in_sync_replicas).unwrap_or(i32::MAX), Ordering::Release);
        self.leader_id.store(leader_id, Ordering::Release);
        self.leader_epoch.store(leader_epoch, Ordering::Release);
        self.is_leader.store(is_leader, Ordering::Release);
        self.advance(&mut log);
        drop(log);
        self.waiters.wake_all();
    }

    /// Ends its service: whoever waits is told that it is gone.
    pub(crate) fn retire(&self) {
        let _log = self.log.lock();
        self.is_leader.store(false, Ordering::Release);
        self.leader_id.store(-1, Ordering::Release);
        self.waiters.wake_all();
    }

    /// The leader's epoch.
    pub(crate) fn leader_epoch(&self) -> i32 {
        self.leader_epoch.load(Ordering::Acquire)
    }

    /// Node id of the leader; -1 for none.
    pub(crate) fn leader_id(&self) -> i32 {
        self.leader_id.load(Ordering::Acquire)
    }

    /// Replicas that are in sync.
    pub(crate) fn in_sync_replicas(&self) -> i32 {
        self.in_sync_replicas.load(Ordering::Acquire)
    }

    /// `min.insync.replicas`: fewer in sync, and acks=all is refused.
    pub(crate) fn min_in_sync_replicas(&self) -> i32 {
        i32::try_from(self.config.load().min_insync_replicas).unwrap_or(i32::MAX)
    }

    /// Takes a changed topic configuration into use.
    pub(crate) fn set_config(&self, config: Arc<LogConfig>) {
        self.config.store(config.clone());
        self.log.lock().set_config(config);
    }

    /// What the log goes by.
    pub(crate) fn config(&self) -> arc_swap::Guard<Arc<LogConfig>> {
        self.config.load()
    }

    /// Those who wait for records.
    pub(crate) fn waiters(&self) -> &Waiters {
        &self.waiters
    }

    /// Whether this node leads, in the epoch the peer believes in (-1: it does not say).
    pub(crate) fn check_leader(&self, current_leader_epoch: i32) -> Result<(), ErrorCode> {
        let leader_epoch = self.leader_epoch();
        if current_leader_epoch >= 0 && current_leader_epoch < leader_epoch {
            return Err(ErrorCode::FENCED_LEADER_EPOCH);
        }
        if current_leader_epoch > leader_epoch {
            return Err(ErrorCode::UNKNOWN_LEADER_EPOCH);
        }
        if !self.is_leader.load(Ordering::Acquire) {
            return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
        }
        Ok(())
    }

    /// The marks readers go by.
    pub(crate) fn marks(&self) -> Marks {
        // Read in this order, the last stable offset can only be older than the high watermark, never beyond it.
        let log_start_offset = self.log_start_offset.load(Ordering::Acquire);
        let last_stable_offset = self.last_stable_offset.load(Ordering::Acquire);
        let high_watermark = self.high_watermark.load(Ordering::Acquire);
        Marks { high_watermark, last_stable_offset, log_start_offset }
    }

    /// The log, for a short look that does not append.
    pub(crate) fn log(&self) -> MutexGuard<'_, PartitionLog> {
        self.log.lock()
    }

    /// Appends one batch of a producer, which may decompress to `max_decompressed_bytes`. Checked before the lock is
    /// taken; whoever waits for records is told.
    pub(crate) fn append_from_client(
        &self,
        records: Bytes,
        max_decompressed_bytes: usize,
        now_ms: i64,
    ) -> Result<AppendInfo, AppendRefused> {
        let batch = CheckedBatch::from_client(records, &self.config.load(), max_decompressed_bytes, now_ms)?;
        let mut log = self.lock_as_leader()?;
        if batch.header.has_producer_id()
            && log.producers().len() >= self.max_producers
            && log.producers().get(batch.header.producer_id).is_none()
        {
            return Err(AppendRefused::TooManyProducers(self.max_producers));
        }
        let origin = AppendOrigin::Client { transaction_v2: false };
        let appended = log.append_checked(smallvec![batch], origin, self.leader_epoch(), now_ms)?;
        self.advance(&mut log);
        drop(log);
        self.waiters.appended(appended.size_bytes);
        Ok(appended)
    }

    /// Appends records that a coordinator or the controller of this node made.
    pub(crate) fn append_from_coordinator(
        &self,
        records: Bytes,
        now_ms: i64,
    ) -> Result<AppendInfo, AppendRefused> {
        let mut log = self.lock_as_leader()?;
        let appended = log.append(records, AppendOrigin::Coordinator, self.leader_epoch(), now_ms)?;
        self.advance(&mut log);
        drop(log);
        self.waiters.appended(appended.size_bytes);
        Ok(appended)
    }

    /// The log, with this node leading for as long as the lock is held: leadership changes under it.
    fn lock_as_leader(&self) -> Result<MutexGuard<'_, PartitionLog>, AppendRefused> {
        let log = self.log.lock();
        if !self.is_leader.load(Ordering::Acquire) {
            return Err(AppendRefused::NotLeader);
        }
        Ok(log)
    }

    /// Reads for a consumer; with the marks of that very moment.
    pub(crate) fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        isolation: Isolation,
        min_one_batch: bool,
    ) -> Result<(LogRead, Marks), LogError> {
        let log = self.log.lock();
        // Retention moves it without telling.
        self.log_start_offset.store(log.log_start_offset(), Ordering::Release);
        let marks = self.marks();
        let read = match isolation {
            Isolation::ReadUncommitted => log.read(offset, max_bytes, marks.high_watermark, min_one_batch),
            Isolation::ReadCommitted => {
                log.read_committed(offset, max_bytes, marks.last_stable_offset, min_one_batch)
            }
        };
        read.map(|read| (read, marks))
    }

    /// Removes records below `offset` (-1: below the high watermark); gives the new log start offset.
    pub(crate) fn delete_records(&self, offset: i64, now_ms: i64) -> Result<i64, ErrorCode> {
        let mut log = self.log.lock();
        let high_watermark = self.high_watermark.load(Ordering::Acquire);
        let offset = if offset == -1 { high_watermark } else { offset };
        if offset < 0 || offset > high_watermark {
            return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        log.delete_records(offset, now_ms).map_err(|error| error.code())?;
        self.advance(&mut log);
        let log_start_offset = log.log_start_offset();
        drop(log);
        self.waiters.wake_all();
        Ok(log_start_offset)
    }

    /// Takes the marks over from the log. With one replica the high watermark is the log's end.
    fn advance(&self, log: &mut PartitionLog) {
        let high_watermark = log.log_end_offset();
        log.set_high_watermark(high_watermark);
        let last_stable_offset = log.last_stable_offset(high_watermark);
        debug_assert!(last_stable_offset <= high_watermark);
        self.high_watermark.store(high_watermark, Ordering::Release);
        self.last_stable_offset.store(last_stable_offset, Ordering::Release);
        self.log_start_offset.store(log.log_start_offset(), Ordering::Release);
    }
}
