//! What the handles of a producer and its driver share, and the way of a record into a batch.
//!
//! [`Shared::append`] runs on the caller's thread for every record: it finds the topic without a lock, locks one partition's
//! queue, copies the record into the open batch and returns. The driver is woken for batches, not for records, and not at
//! all when it will look in time anyway.

use super::accumulator::RecordRef;
use super::batch::OpenBatch;
use super::buffer_pool::{BufferPool, Reservation};
use super::delivery::{Completer, Delivery};
use super::flush::Incomplete;
use super::partitioner::{PartitionsView, Rule};
use super::reports::Reports;
use super::sender::{PartitionIndex, SenderCounters};
use super::topics::{Layout, Slot, Topic, Topics};
use crate::client::Client;
use crate::config::{CompressionType, ProducerConfig};
use crate::error::{Error, ErrorKind};
use crate::metadata::TopicMetadata;
use ottla_env::Env;
use ottla_wire::batch::{BATCH_OVERHEAD_BYTES, BatchBuilder, BatchOptions, HeaderRef, TimestampType};
use ottla_wire::compression::{Codec, Compression};
use parking_lot::Mutex;
use rand::RngExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

pub(crate) const OPERATION: &str = "send records";

/// Upper bound of what a header adds beside its key and value: two lengths.
const HEADER_OVERHEAD_BYTES: usize = 10;

/// How the driver ended.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    /// Records told as failed and as unknown because of it.
    pub(crate) failed: u64,
    pub(crate) unknown: u64,
}

/// See the module.
pub(crate) struct Shared {
    pub(crate) env: Env,
    pub(crate) client: Client,
    pub(crate) config: ProducerConfig,
    pub(crate) topics: Topics,
    pub(crate) pool: Arc<BufferPool>,
    /// Fates of tagged records.
    pub(crate) reports: Arc<Reports>,
    pub(crate) incomplete: Arc<Incomplete>,
    pub(crate) wake: Notify,
    /// Set once nothing can be sent any more.
    pub(crate) fatal: OnceLock<Error>,
    pub(crate) counters: Mutex<SenderCounters>,
    pub(crate) ended: watch::Sender<Option<Ending>>,
    rule: Rule,
    options: BatchOptions,
    /// Partitions the driver is to look at.
    ready: Mutex<Vec<PartitionIndex>>,
    /// When the driver will look on its own, in nanoseconds since `epoch`; `u64::MAX` while it is at work or will not.
    next_look: AtomicU64,
    epoch: Instant,
    /// One bit for each broker number modulo 64: whether it takes nothing before it has answered, so that the driver will
    /// look then and need not be woken before. Never set for a number that shares its bit with a broker that takes more.
    saturated: AtomicU64,
    /// Whether that is so of every broker with a connection, of which there is one at least.
    all_saturated: AtomicBool,
    /// By when the driver is to end.
    closing: Mutex<Option<Instant>>,
    is_closing: AtomicBool,
}

/// What came of trying to append without waiting.
#[derive(Debug)]
pub(crate) enum Attempt {
    Done(Delivery),
    /// The topic's partitions are not known.
    UnknownTopic,
    /// The topic has only so many partitions.
    UnknownPartition(i32),
    /// That much memory is needed.
    Full(usize),
    Refused(Error),
}

impl Shared {
    pub(crate) fn new(client: Client, mut config: ProducerConfig, rule: Rule) -> Self {
        // A batch that could never be had would make every send wait in vain.
        config.batch_size_bytes = config.batch_size_bytes.min(config.buffer_memory_bytes);
        let env = client.env().clone();
        let level = config.compression_level;
        let codec = match config.compression {
            CompressionType::None => Codec::None,
            CompressionType::Gzip => Codec::Gzip,
            CompressionType::Snappy => Codec::Snappy,
            CompressionType::Lz4 => Codec::Lz4,
            CompressionType::Zstd => Codec::Zstd,
        };
        let options = BatchOptions {
            compression: compression(codec, level),
            timestamp_type: TimestampType::CreateTime,
        };
        let chunk_bytes = config.batch_size_bytes.max(BATCH_OVERHEAD_BYTES);
        Self {
            topics: Topics::new(env.rng("partitioner").random()),
            pool: BufferPool::new(config.buffer_memory_bytes as u64, chunk_bytes),
            incomplete: Incomplete::new(),
            reports: Arc::default(),
            wake: Notify::new(),
            fatal: OnceLock::new(),
            counters: Mutex::default(),
            ended: watch::Sender::new(None),
            rule,
            options,
            ready: Mutex::default(),
            next_look: AtomicU64::new(u64::MAX),
            epoch: env.now(),
            saturated: AtomicU64::new(0),
            all_saturated: AtomicBool::new(false),
            closing: Mutex::new(None),
            is_closing: AtomicBool::new(false),
            env,
            client,
            config,
        }
    }

    /// Appends a record if that takes no waiting. `reservation` is used if a batch must be opened and it suffices.
    pub(crate) fn append<'h, H>(
        &self,
        topic: &Topic,
        partition: Option<i32>,
        record: &RecordRef<'_, H>,
        reservation: &mut Option<Reservation>,
    ) -> Attempt
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        if record.size_bytes + BATCH_OVERHEAD_BYTES > self.config.max_request_size_bytes {
            return Attempt::Refused(self.too_large(topic, record.size_bytes));
        }
        let layout = topic.layout();
        let Some(layout) = layout.as_ref() else { return Attempt::UnknownTopic };
        let chosen = partition.or_else(|| {
            let view = PartitionsView { count: layout.slots.len() as i32, available: &layout.available };
            self.rule.choose(&topic.name, record.key, record.value, view, || topic.next_turn())
        });
        let adaptive = self.rule.is_adaptive() && self.config.partitioner_adaptive;
        loop {
            let (number, is_sticky) = match chosen {
                Some(number) => (number, false),
                None => match topic.sticky(layout, adaptive) {
                    Some(number) => (number, true),
                    None => return Attempt::UnknownTopic,
                },
            };
            let Some(slot) = usize::try_from(number).ok().and_then(|at| layout.slots.get(at)) else {
                return Attempt::UnknownPartition(layout.slots.len() as i32);
            };
            let sticky = is_sticky.then_some(adaptive);
            if let Some(attempt) = self.append_to(topic, layout, slot, sticky, record, reservation) {
                return attempt;
            }
            // The sticky partition changed meanwhile; take the new one.
        }
    }

    /// `sticky` is set for a record that goes wherever stickiness says, with whether that is adaptive.
    fn append_to<'h, H>(
        &self,
        topic: &Topic,
        layout: &Layout,
        slot: &Slot,
        sticky: Option<bool>,
        record: &RecordRef<'_, H>,
        reservation: &mut Option<Reservation>,
    ) -> Option<Attempt>
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        let mut queue = slot.queue.lock();
        if sticky.is_some() && !topic.is_sticky(slot.number) {
            return None;
        }
        if let Some(delivery) = queue.try_append(record) {
            if let Some(adaptive) = sticky {
                topic.add_sticky_bytes(record.size_bytes);
                // Twice the batch size is the end of it even if batches leave before they are full.
                if topic.sticky_bytes() >= self.config.batch_size_bytes.saturating_mul(2) {
                    topic.move_on(slot.number, layout, adaptive);
                }
            }
            return Some(Attempt::Done(delivery));
        }
        if queue.is_closed() {
            return Some(Attempt::Refused(self.closed()));
        }
        if let Some(adaptive) = sticky
            && topic.sticky_bytes() + record.size_bytes >= self.config.batch_size_bytes
            && topic.sticky_bytes() > 0
        {
            // A batch's worth went here, and its batch is full or gone.
            let sealed = queue.seal();
            slot.publish_length(&queue);
            drop(queue);
            topic.move_on(slot.number, layout, adaptive);
            if sealed {
                self.signal(topic, slot, None);
            }
            return None;
        }
        let needed_bytes = (record.size_bytes + BATCH_OVERHEAD_BYTES).max(self.config.batch_size_bytes);
        let enough = reservation.take_if(|held| held.size_bytes() >= needed_bytes);
        let Some(held) = enough.or_else(|| self.pool.try_reserve(needed_bytes)) else {
            return Some(Attempt::Full(needed_bytes));
        };
        let now = self.env.now();
        let completer =
            Completer::new(Arc::clone(&slot.topic), slot.number).reporting_to(Arc::clone(&self.reports));
        let batch = OpenBatch::new(self.options, completer, self.incomplete.open(), held, now);
        let appended = queue.append_to_new(batch, record);
        slot.publish_length(&queue);
        drop(queue);
        if sticky.is_some() {
            topic.add_sticky_bytes(record.size_bytes);
        }
        self.signal(topic, slot, (!appended.sealed).then_some(now));
        Some(Attempt::Done(appended.delivery))
    }

    /// There is something to look at: a full batch, or one `opened_at` that lingers.
    fn signal(&self, topic: &Topic, slot: &Slot, opened_at: Option<Instant>) {
        topic.is_used.store(true, Ordering::Relaxed);
        if !slot.is_listed.swap(true, Ordering::AcqRel) {
            self.ready.lock().push(slot.index);
        }
        let leader = slot.leader();
        if leader >= 0 && self.saturated.load(Ordering::SeqCst) & (1 << (leader & 63)) != 0 {
            return;
        }
        if let Some(opened_at) = opened_at {
            let due = self.nanos(opened_at + self.config.linger);
            if self.next_look.load(Ordering::SeqCst) <= due {
                return;
            }
        }
        self.wake.notify_one();
    }

    fn nanos(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.epoch).as_nanos()).unwrap_or(u64::MAX - 1)
    }

    /// Which brokers take nothing before they have answered; others are left out or false.
    pub(crate) fn set_saturated(&self, brokers: impl Iterator<Item = (i32, bool)>) {
        let (mut full, mut free) = (0u64, 0u64);
        for (id, is_saturated) in brokers {
            let bit = 1 << (id & 63);
            if is_saturated { full |= bit } else { free |= bit }
        }
        self.saturated.store(full & !free, Ordering::SeqCst);
        self.all_saturated.store(full != 0 && free == 0, Ordering::SeqCst);
    }

    /// Somebody waits for memory: nothing is to linger. The driver will see that in time when no broker takes anything
    /// before it has answered.
    pub(crate) fn hurry(&self) {
        if !self.all_saturated.load(Ordering::SeqCst) {
            self.wake.notify_one();
        }
    }

    /// The driver begins to look: what is listed from here on may need another wake-up.
    pub(crate) fn begin_look(&self) {
        self.next_look.store(u64::MAX, Ordering::SeqCst);
    }

    /// The driver will look again at `at`. False when something was listed since it looked.
    pub(crate) fn end_look(&self, at: Option<Instant>) -> bool {
        self.next_look.store(at.map_or(u64::MAX, |at| self.nanos(at)), Ordering::SeqCst);
        self.ready.lock().is_empty()
    }

    /// Partitions listed since the last call.
    pub(crate) fn take_ready(&self, into: &mut Vec<PartitionIndex>) {
        std::mem::swap(into, &mut self.ready.lock());
    }

    /// Takes over a topic's metadata.
    pub(crate) fn learn(&self, metadata: &TopicMetadata) -> Arc<Topic> {
        let leaders: smallvec::SmallVec<[i32; 32]> = metadata
            .partitions
            .iter()
            .map(|partition| partition.leader.map_or(-1, |leader| leader.0))
            .collect();
        self.topics.update(&metadata.name, &leaders)
    }

    fn too_large(&self, topic: &Topic, size_bytes: usize) -> Error {
        Error::new(
            ErrorKind::RecordTooLarge,
            OPERATION,
            format!(
                "the record takes up to {size_bytes} bytes, max.request.size is {}",
                self.config.max_request_size_bytes
            ),
        )
        .with_context("topic", &topic.name)
        .with_hint("send a smaller record, or raise max.request.size here and max.message.bytes of the topic")
    }

    /// Errors: `Closed`, or what ended the producer.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if let Some(fatal) = self.fatal.get() {
            return Err(fatal.clone());
        }
        if self.is_closing.load(Ordering::Acquire) { Err(self.closed()) } else { Ok(()) }
    }

    pub(super) fn closed(&self) -> Error {
        match self.fatal.get() {
            Some(fatal) => fatal.clone(),
            None => Error::new(ErrorKind::Closed, OPERATION, "the producer is closed"),
        }
    }

    /// Takes no more records and lets the driver end by `deadline`, or an earlier one if there is.
    pub(crate) fn close_by(&self, deadline: Instant) {
        self.is_closing.store(true, Ordering::Release);
        self.topics.close();
        {
            let mut closing = self.closing.lock();
            *closing = Some(closing.map_or(deadline, |earlier| earlier.min(deadline)));
        }
        self.wake.notify_one();
    }

    /// By when the driver is to end, once that is wanted.
    pub(crate) fn closing(&self) -> Option<Instant> {
        if self.is_closing.load(Ordering::Acquire) { *self.closing.lock() } else { None }
    }

    /// Whether batches should leave without lingering.
    pub(crate) fn is_in_a_rush(&self) -> bool {
        self.is_closing.load(Ordering::Acquire) || self.incomplete.is_flushing() || self.pool.is_exhausted()
    }
}

/// Upper bound of a record's size in a batch.
pub(crate) fn record_size_bytes<'h>(
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: impl Iterator<Item = HeaderRef<'h>>,
) -> usize {
    let headers: usize =
        headers.map(|(key, value)| HEADER_OVERHEAD_BYTES + key.len() + value.map_or(0, <[u8]>::len)).sum();
    BatchBuilder::record_size_bytes(key.map_or(0, <[u8]>::len), value.map_or(0, <[u8]>::len), &[]) + headers
}

/// The codec with its level, where it has levels and one was given.
fn compression(codec: Codec, level: Option<i32>) -> Compression {
    match (codec, level) {
        (Codec::Gzip, Some(level)) => Compression::Gzip { level },
        (Codec::Lz4, Some(level)) => Compression::Lz4 { level },
        (Codec::Zstd, Some(level)) => Compression::Zstd { level },
        (codec, _) => Compression::with_default_level(codec),
    }
}

/// How long after its deadline a driver that does not answer is given up.
pub(crate) const GRACE: Duration = Duration::from_millis(250);
