//! The batching producer.
//!
//! `send` puts a record into its partition's open batch on the caller's thread and returns; a task of the producer's own
//! compresses batches, sends them and tells their fate. Files, from the outside in: this one and `builder` are the public
//! face; `shared` is the way of a record into a batch, with `waiting` where it must wait, over `topics` (finding a partition's queue), `partitioner`,
//! `accumulator` (the queue), `batch`, `buffer_pool`; `delivery` and `flush` are waiting for it; `driver` and `exchange` are
//! the task; `sender`, `sequence` and `verdict` decide what it does.

mod accumulator;
mod batch;
mod blocking;
mod buffer_pool;
mod builder;
mod delivery;
mod driver;
mod exchange;
mod flush;
mod metrics;
mod partitioner;
mod reports;
mod sender;
mod sequence;
mod shared;
#[cfg(test)]
mod tests;
mod topics;
mod verdict;
mod waiting;

pub use builder::ProducerBuilder;
pub use delivery::Delivery;
pub use metrics::ProducerMetrics;
pub use partitioner::{Partitioner, PartitionsView};
pub use reports::{Appended, Report, Reports, Run, WakeFn};

use crate::client::LONGEST_WAIT;
use crate::config::ProducerConfig;
use crate::error::Error;
use crate::metadata::PartitionMetadata;
use crate::record::{Header, Record};
use accumulator::RecordRef;
use ottla_wire::batch::HeaderRef;
use shared::{Attempt, GRACE, Shared, record_size_bytes};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
#[cfg(feature = "facade")]
use std::time::Instant;
use tokio::runtime::Handle as RuntimeHandle;

/// Sends records to topics, in batches. Cheap to clone; clones share everything.
///
/// ```no_run
/// # async fn run() -> Result<(), ottla::Error> {
/// use ottla::producer::Producer;
/// use ottla::record::Record;
/// let producer = Producer::builder().set("bootstrap.servers", "localhost:9092").build().await?;
/// let delivery = producer.send(Record::to("orders").key("42").value("paid")).await?;
/// println!("at offset {:?}", delivery.await?.offset);
/// producer.close(std::time::Duration::from_secs(10)).await
/// # }
/// ```
///
/// When the last clone is dropped without [`Self::close`], what was sent is still delivered in the background, for up to
/// `delivery.timeout.ms`.
#[derive(Clone)]
pub struct Producer(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    runtime: RuntimeHandle,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Without linger: nobody is left to add to a batch.
        self.shared.close_by(self.shared.env.now() + self.shared.config.delivery_timeout);
    }
}

/// A topic, looked up once: what [`Producer::append`] takes.
#[derive(Clone, Debug)]
pub struct TopicHandle(Arc<topics::Topic>);

impl TopicHandle {
    /// The topic's name.
    pub fn name(&self) -> &Arc<str> {
        &self.0.name
    }
}

/// Why [`Producer::try_send`] did not take a record; the record comes back.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// `buffer.memory` is used up. Deliveries make room.
    QueueFull(Record),
    /// The topic's partitions are not known yet: [`Producer::topic`] or [`Producer::send`] waits for them.
    UnknownTopic(Record),
    /// It can never be sent like this.
    Refused(Record, Error),
}

impl SendError {
    /// The record.
    pub fn into_record(self) -> Record {
        match self {
            Self::QueueFull(record) | Self::UnknownTopic(record) | Self::Refused(record, _) => record,
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull(record) => write!(f, "the buffer has no room for a record to {}", record.topic),
            Self::UnknownTopic(record) => write!(f, "the partitions of {} are not known yet", record.topic),
            Self::Refused(_, error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_, error) => Some(error),
            Self::QueueFull(_) | Self::UnknownTopic(_) => None,
        }
    }
}

/// Why [`Producer::append`] did not take a record.
#[derive(Debug)]
#[non_exhaustive]
pub enum AppendError {
    /// `buffer.memory` is used up. Deliveries make room.
    QueueFull,
    /// The topic has no such partition as far as is known.
    UnknownPartition,
    /// It can never be sent like this.
    Refused(Error),
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull => f.write_str("the buffer has no room for the record"),
            Self::UnknownPartition => f.write_str("the topic has no such partition"),
            Self::Refused(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for AppendError {}

impl Producer {
    /// A producer to be configured by Kafka's option names.
    pub fn builder() -> ProducerBuilder {
        ProducerBuilder::new()
    }

    /// A producer on the machine's own clock and network. Must be called within a tokio runtime, which must outlive it.
    ///
    /// Connects in the background; what is wrong with the addresses is told by the first send.
    pub async fn from_config(config: ProducerConfig) -> Result<Self, Error> {
        builder::start(ottla_env::Env::system(), config, None)
    }

    fn shared(&self) -> &Shared {
        &self.0.shared
    }

    /// Puts the record into a batch, waiting for the topic's metadata and for memory up to `max.block.ms`.
    ///
    /// Dropping the future before it is done sends nothing. Errors: `QueueFull` when no memory came free in time,
    /// `UnknownTopicOrPartition`, `RecordTooLarge`, `Closed`, or what keeps metadata from coming. What becomes of the record
    /// later is told by the [`Delivery`].
    pub async fn send(&self, record: Record) -> Result<Delivery, Error> {
        match self.try_send(record) {
            Ok(delivery) => Ok(delivery),
            Err(SendError::Refused(_, error)) => Err(error),
            Err(SendError::QueueFull(record) | SendError::UnknownTopic(record)) => {
                self.send_waiting(record).await
            }
        }
    }

    async fn send_waiting(&self, record: Record) -> Result<Delivery, Error> {
        let shared = self.shared();
        shared.append_waiting(&record.topic, record.partition, by_reference(&record, shared)).await
    }

    /// As [`Self::send`], for records that began to wait before: until `max.block.ms` after `since`.
    #[cfg(feature = "facade")]
    pub(crate) async fn send_since(&self, record: Record, since: Instant) -> Result<Delivery, Error> {
        match self.try_send(record) {
            Ok(delivery) => Ok(delivery),
            Err(SendError::Refused(_, error)) => Err(error),
            Err(SendError::QueueFull(record) | SendError::UnknownTopic(record)) => {
                let shared = self.shared();
                let deadline = since + shared.config.max_block;
                let parts = by_reference(&record, shared);
                shared.append_by(&record.topic, record.partition, parts, deadline).await
            }
        }
    }

    /// Now, by the clock the producer goes by.
    #[cfg(feature = "facade")]
    pub(crate) fn now(&self) -> Instant {
        self.shared().env.now()
    }

    /// As [`Self::send`], blocking the thread instead of waiting.
    ///
    /// Panics when it has to wait on a thread that runs async code, which it would hold up.
    pub fn send_blocking(&self, record: Record) -> Result<Delivery, Error> {
        match self.try_send(record) {
            Ok(delivery) => Ok(delivery),
            Err(SendError::Refused(_, error)) => Err(error),
            Err(SendError::QueueFull(record) | SendError::UnknownTopic(record)) => {
                self.0.runtime.block_on(self.send_waiting(record))
            }
        }
    }

    /// Puts the record into a batch if that takes no waiting.
    #[allow(clippy::result_large_err)] // The record comes back as it was, without an allocation for the way.
    pub fn try_send(&self, record: Record) -> Result<Delivery, SendError> {
        let shared = self.shared();
        let attempt = shared.topics.with(&record.topic, |topic| match topic {
            Some(topic) => shared.append(topic, record.partition, &by_reference(&record, shared), &mut None),
            None => Attempt::UnknownTopic,
        });
        match attempt {
            Attempt::Done(delivery) => Ok(delivery),
            Attempt::Full(_) => Err(SendError::QueueFull(record)),
            Attempt::UnknownTopic | Attempt::UnknownPartition(_) => match shared.check_open() {
                Ok(()) => Err(SendError::UnknownTopic(record)),
                Err(error) => Err(SendError::Refused(record, error)),
            },
            Attempt::Refused(error) => Err(SendError::Refused(record, error)),
        }
    }

    /// Looks a topic up for [`Self::append`], waiting for its metadata up to `max.block.ms`.
    pub async fn topic(&self, name: &str) -> Result<TopicHandle, Error> {
        let shared = self.shared();
        let deadline = shared.env.now() + shared.config.max_block;
        shared.topic(name, deadline).await.map(TopicHandle)
    }

    /// Copies a record from borrowed parts straight into a batch, without any allocation of its own and without waiting.
    ///
    /// `timestamp_ms`: `None` takes the time of sending.
    pub fn append(
        &self,
        topic: &TopicHandle,
        partition: Option<i32>,
        timestamp_ms: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[HeaderRef<'_>],
    ) -> Result<Delivery, AppendError> {
        let shared = self.shared();
        let record = of_parts(timestamp_ms, key, value, headers.iter().copied(), shared);
        attempted(shared.append(&topic.0, partition, &record, &mut None))
    }

    /// As [`Self::append`]; what becomes of the record is told by [`Self::reports`] under `tag`.
    #[allow(clippy::too_many_arguments)] // A record's parts, each borrowed from somewhere else.
    pub fn append_tagged(
        &self,
        topic: &TopicHandle,
        partition: Option<i32>,
        timestamp_ms: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[HeaderRef<'_>],
        tag: u64,
    ) -> Result<(), AppendError> {
        let shared = self.shared();
        let mut record = of_parts(timestamp_ms, key, value, headers.iter().copied(), shared);
        record.tag = Some(tag);
        attempted(shared.append(&topic.0, partition, &record, &mut None)).map(drop)
    }

    /// As [`Self::send`] of these parts; what becomes of the record is told by [`Self::reports`] under `tag`, unless this
    /// call fails already.
    #[allow(clippy::too_many_arguments)] // As above.
    pub async fn send_tagged(
        &self,
        topic: &str,
        partition: Option<i32>,
        timestamp_ms: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[HeaderRef<'_>],
        tag: u64,
    ) -> Result<(), Error> {
        let shared = self.shared();
        let mut record = of_parts(timestamp_ms, key, value, headers.iter().copied(), shared);
        record.tag = Some(tag);
        shared.append_waiting(topic, partition, record).await.map(drop)
    }

    /// As [`Self::send_tagged`] of a record that has waited since then already.
    #[cfg(feature = "facade")]
    #[allow(clippy::too_many_arguments)] // As above.
    pub(crate) async fn send_tagged_since(
        &self,
        topic: &str,
        partition: Option<i32>,
        timestamp_ms: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[HeaderRef<'_>],
        tag: u64,
        since: Instant,
    ) -> Result<(), Error> {
        let shared = self.shared();
        let mut record = of_parts(timestamp_ms, key, value, headers.iter().copied(), shared);
        record.tag = Some(tag);
        shared.append_by(topic, partition, record, since + shared.config.max_block).await.map(drop)
    }

    /// The fates of tagged records, batch by batch.
    pub fn reports(&self) -> &Arc<Reports> {
        &self.shared().reports
    }

    /// A topic for [`Self::append`] if its partitions are known by now.
    pub fn known_topic(&self, name: &str) -> Option<TopicHandle> {
        let shared = self.shared();
        let known = shared.topics.get(name).filter(|topic| topic.layout().is_some());
        let topic = known.or_else(|| Some(shared.learn(shared.client.metadata().snapshot().topic(name)?)))?;
        topic.layout().is_some().then_some(TopicHandle(topic))
    }

    /// As [`Self::append`], waiting for memory, or for a partition that is being added, up to `max.block.ms`.
    pub async fn append_waiting(
        &self,
        topic: &TopicHandle,
        partition: Option<i32>,
        timestamp_ms: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[HeaderRef<'_>],
    ) -> Result<Delivery, Error> {
        let shared = self.shared();
        let record = of_parts(timestamp_ms, key, value, headers.iter().copied(), shared);
        match shared.append(&topic.0, partition, &record, &mut None) {
            Attempt::Done(delivery) => Ok(delivery),
            Attempt::Refused(error) => Err(error),
            Attempt::Full(_) | Attempt::UnknownTopic | Attempt::UnknownPartition(_) => {
                shared.append_waiting(topic.name(), partition, record).await
            }
        }
    }

    /// Sends what is buffered without lingering and waits until every record sent before this call has its fate, whatever
    /// that is.
    ///
    /// Errors: `Timeout` when some have none after `timeout`; they go on.
    pub async fn flush(&self, timeout: Duration) -> Result<(), Error> {
        let shared = self.shared();
        let deadline = shared.env.now() + timeout.min(LONGEST_WAIT);
        let flushed = shared.incomplete.flushed();
        shared.wake.notify_one();
        match shared.env.timeout_at(deadline, flushed).await {
            Some(()) => Ok(()),
            None => Err(Error::timeout(
                "flush",
                format!("{} batches have no answer after {timeout:?}", shared.incomplete.count()),
            )
            .with_hint("the deliveries say what they wait for; flush again, or close")),
        }
    }

    /// Takes no more records, delivers what is buffered, ends. Returns by `timeout` at the latest; what had no fate by then
    /// is told as failed where it was never sent and as unknown where it was.
    ///
    /// Errors: `Timeout`, saying how many records that were. A second close waits for the first one, or makes it shorter.
    pub async fn close(&self, timeout: Duration) -> Result<(), Error> {
        let shared = self.shared();
        let mut ended = shared.ended.subscribe();
        let deadline = shared.env.now() + timeout.min(LONGEST_WAIT);
        shared.close_by(deadline);
        let ending = shared
            .env
            .timeout_at(deadline + GRACE, async {
                ended.wait_for(Option::is_some).await.ok().and_then(|e| e.clone())
            })
            .await
            .flatten();
        shared.client.close();
        match ending {
            Some(ending) if ending.failed + ending.unknown == 0 => Ok(()),
            Some(ending) => Err(Error::timeout(
                "close the producer",
                format!(
                    "after {timeout:?} {} records were given up unsent and {} of unknown outcome",
                    ending.failed, ending.unknown
                ),
            )
            .with_context("failed_count", ending.failed)
            .with_context("unknown_count", ending.unknown)
            .with_hint("their deliveries carry the errors; give close a longer timeout")),
            None => Err(Error::timeout("close the producer", "the producer's task does not run")
                .with_hint("close it before its runtime is shut down or blocked")),
        }
    }

    /// A topic's partitions and their leaders, waiting for metadata up to `max.block.ms`.
    pub async fn partitions_for(&self, topic: &str) -> Result<Vec<PartitionMetadata>, Error> {
        let shared = self.shared();
        shared.check_open()?;
        let deadline = shared.env.now() + shared.config.max_block;
        let metadata = shared.client.metadata().topic(topic, "list partitions", deadline).await?;
        Ok(metadata.partitions.clone())
    }

    /// What was counted so far.
    pub fn metrics(&self) -> ProducerMetrics {
        let shared = self.shared();
        let counters = *shared.counters.lock();
        ProducerMetrics {
            records_acknowledged: counters.records_acknowledged,
            records_failed: counters.records_failed,
            records_unknown: counters.records_unknown,
            requests: counters.requests,
            batches: counters.batches,
            bytes_sent: counters.bytes_sent,
            retries: counters.retries,
            splits: counters.splits,
            epoch_bumps: counters.epoch_bumps,
            batches_incomplete: shared.incomplete.count(),
            buffer_total_bytes: shared.pool.total_bytes(),
            buffer_available_bytes: shared.pool.available_bytes(),
            waiting_count: shared.pool.waiting_count(),
        }
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").field("metrics", &self.metrics()).finish_non_exhaustive()
    }
}

fn attempted(attempt: Attempt) -> Result<Delivery, AppendError> {
    match attempt {
        Attempt::Done(delivery) => Ok(delivery),
        Attempt::Full(_) => Err(AppendError::QueueFull),
        Attempt::UnknownTopic | Attempt::UnknownPartition(_) => Err(AppendError::UnknownPartition),
        Attempt::Refused(error) => Err(AppendError::Refused(error)),
    }
}

/// The record's parts, borrowed.
fn by_reference<'a>(
    record: &'a Record,
    shared: &Shared,
) -> RecordRef<'a, impl ExactSizeIterator<Item = HeaderRef<'a>> + Clone + use<'a>> {
    let headers = record.headers.iter().map(|Header { key, value }| (key.as_bytes(), value.as_deref()));
    of_parts(record.timestamp_ms, record.key.as_deref(), record.value.as_deref(), headers, shared)
}

/// A record of borrowed parts; without a timestamp it is of now.
fn of_parts<'a, H>(
    timestamp_ms: Option<i64>,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
    headers: H,
    shared: &Shared,
) -> RecordRef<'a, H>
where
    H: ExactSizeIterator<Item = HeaderRef<'a>> + Clone,
{
    RecordRef {
        timestamp_ms: timestamp_ms.unwrap_or_else(|| shared.env.wall_ms()),
        key,
        value,
        size_bytes: record_size_bytes(key, value, headers.clone()),
        headers,
        tag: None,
    }
}
