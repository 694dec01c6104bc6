//! The producer for bindings.

use super::fork::Guarded;
use super::operation::{Operation, guarded};
use super::runtime::{Runtime, runtime};
use crate::config::ProducerConfig;
use crate::error::{Error, ErrorKind};
use crate::metadata::PartitionMetadata;
use crate::packed::produce::{self, PackedRecord};
use crate::producer::{
    AppendError, Delivery, Producer as Core, ProducerMetrics, Report, Reports, Run, SendError, TopicHandle,
};
use crate::record::Record;
use ottla_env::Env;
use ottla_wire::batch::HeaderRef;
use parking_lot::{Mutex, RwLock};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

const SEND: &str = "send records";
const UNNUMBERED: &str = "a record names a topic that has no number";

/// Sends records. Dropping it delivers what was sent in the background, for up to `delivery.timeout.ms`.
///
/// Errors of every call: `Forked` in a child of the process that made it, `Closed` behind [`Self::close`]; others as of the
/// client's own ([`crate::producer::Producer`]).
#[derive(Debug)]
pub struct Producer {
    core: Guarded<Core>,
    runtime: Runtime,
    topics: RwLock<Vec<Arc<TopicSlot>>>,
    reports: Arc<Reports>,
    lane: Guarded<Lane>,
}

/// Records that may wait their turn; the buffer itself is bounded by `buffer.memory`.
const LANE_BOUND_RECORDS: usize = 10_000;

/// What waits in turn.
#[derive(Debug)]
enum Turn {
    /// With when it began to wait.
    Record(Record, Instant, oneshot::Sender<Result<Delivery, Error>>),
    /// Tells that everything before it had its turn.
    Barrier(oneshot::Sender<()>),
}

/// Records that wait for room, in order.
#[derive(Debug, Default)]
struct Lane(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    count: usize,
    queue: Option<mpsc::UnboundedSender<Turn>>,
}

/// A topic that packed records name by number.
#[derive(Debug)]
struct TopicSlot {
    name: Arc<str>,
    handle: std::sync::OnceLock<TopicHandle>,
}

impl Producer {
    /// Checks the options (Kafka's names) and starts. Errors: `Config`.
    pub fn start(options: Vec<(String, String)>) -> Result<Self, Error> {
        let runtime = runtime()?;
        let config = ProducerConfig::from_map(options)?;
        let core = Operation::start(&runtime, Core::from_config(config)).wait_done()?;
        let reports = Arc::clone(core.reports());
        let lane = Guarded::new(Lane::default());
        Ok(Self { core: Guarded::new(core), runtime, topics: RwLock::default(), reports, lane })
    }

    /// The topic for [`Self::append`] if its partitions are known; else [`Self::send`] finds them.
    pub fn topic(&self, name: &str) -> Result<Option<TopicHandle>, Error> {
        Ok(self.core.get(SEND)?.known_topic(name))
    }

    /// Copies a record of borrowed parts into a batch, never waiting.
    pub fn append(
        &self,
        topic: &TopicHandle,
        partition: Option<i32>,
        timestamp_ms: Option<i64>,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[HeaderRef<'_>],
    ) -> Result<Delivery, AppendError> {
        let core = self.core.get(SEND).map_err(AppendError::Refused)?;
        core.append(topic, partition, timestamp_ms, key, value, headers)
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
        let core = self.core.get(SEND).map_err(AppendError::Refused)?;
        core.append_tagged(topic, partition, timestamp_ms, key, value, headers, tag)
    }

    /// Puts a record into a batch, waiting for the topic's metadata and for memory up to `max.block.ms`. Dropping the
    /// operation before it is done sends nothing.
    pub fn send(&self, record: Record) -> Operation<Delivery> {
        match self.core.get(SEND) {
            Err(error) => Operation::done(Err(error)),
            Ok(core) => {
                let core = core.clone();
                Operation::start(&self.runtime, async move { core.send(record).await })
            }
        }
    }

    /// As [`Self::send`], for hosts whose threads may not wait: records handed over one after another keep their order, also
    /// when the first of them has to wait. Sees itself through when the operation is dropped.
    ///
    /// Errors: `QueueFull` at once when more than 10,000 records wait already.
    pub fn send_in_turn(&self, record: Record) -> Operation<Delivery> {
        let (core, lane) = match self.core.get(SEND).and_then(|core| Ok((core, self.lane.get(SEND)?))) {
            Err(error) => return Operation::done(Err(error)),
            Ok(both) => both,
        };
        let mut waiting = lane.0.lock();
        let record = if waiting.count == 0 {
            match core.try_send(record) {
                Ok(delivery) => return Operation::done(Ok(delivery)),
                Err(SendError::Refused(_, error)) => return Operation::done(Err(error)),
                Err(refused) => refused.into_record(),
            }
        } else {
            record
        };
        if waiting.count >= LANE_BOUND_RECORDS {
            let text = format!("{} records wait for room in the buffer", waiting.count);
            let error = Error::new(ErrorKind::QueueFull, SEND, text).with_context("topic", &record.topic);
            return Operation::done(Err(error.with_hint("await deliveries, or flush, before sending more")));
        }
        waiting.count += 1;
        let (sender, receiver) = oneshot::channel();
        // The queue ends with the producer: the task that empties it must not keep it.
        let lane = Arc::downgrade(&lane.0);
        let queue = waiting.queue.get_or_insert_with(|| {
            let (queue, mut records) = mpsc::unbounded_channel::<Turn>();
            let core = core.clone();
            self.runtime.handle().spawn(async move {
                while let Some(turn) = records.recv().await {
                    // Nobody has to want to know what comes of it.
                    let _ = match turn {
                        Turn::Barrier(told) => told.send(()).is_ok(),
                        Turn::Record(record, since, told) => {
                            let sent = guarded(core.send_since(record, since)).await;
                            if let Some(lane) = lane.upgrade() {
                                lane.lock().count -= 1;
                            }
                            told.send(sent).is_ok()
                        }
                    };
                }
            });
            queue
        });
        // The receiving task ends with the sender only; were it gone, the record's own channel would say so.
        let _ = queue.send(Turn::Record(record, core.now(), sender));
        drop(waiting);
        Operation::start(
            &self.runtime,
            async move { receiver.await.unwrap_or_else(|_| Err(Error::closed(SEND))) },
        )
    }

    /// Ends when every record that waits in turn now had it; `None` when none waits.
    fn turns_before_now(&self) -> Option<oneshot::Receiver<()>> {
        let waiting = self.lane.get(SEND).ok()?.0.lock();
        if waiting.count == 0 {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        waiting.queue.as_ref()?.send(Turn::Barrier(sender)).ok()?;
        Some(receiver)
    }

    /// Records handed over with [`Self::send_in_turn`] that wait for room; none in a forked child.
    pub fn waiting_in_turn(&self) -> usize {
        self.lane.get(SEND).map_or(0, |lane| lane.0.lock().count)
    }

    /// As [`Self::send`]; what becomes of the record is told by [`Self::reports`] under `tag`, unless the operation itself
    /// fails.
    pub fn send_tagged(&self, record: Record, tag: u64) -> Operation<()> {
        let core = match self.core.get(SEND) {
            Err(error) => return Operation::done(Err(error)),
            Ok(core) => core.clone(),
        };
        Operation::start(&self.runtime, async move {
            let headers: SmallVec<[HeaderRef<'_>; 4]> = record
                .headers
                .iter()
                .map(|header| (header.key.as_bytes(), header.value.as_deref()))
                .collect();
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            core.send_tagged(&record.topic, record.partition, record.timestamp_ms, key, value, &headers, tag)
                .await
        })
    }

    /// A number for a topic in packed records; the same name has the same number. 0 in a forked child, which cannot send.
    pub fn topic_number(&self, name: &str) -> u32 {
        if self.core.is_inherited() {
            return 0;
        }
        let find = |slots: &[Arc<TopicSlot>]| slots.iter().position(|slot| &*slot.name == name);
        if let Some(number) = find(&self.topics.read()) {
            return number as u32;
        }
        let mut slots = self.topics.write();
        if let Some(number) = find(&slots) {
            return number as u32;
        }
        slots.push(Arc::new(TopicSlot { name: name.into(), handle: std::sync::OnceLock::new() }));
        slots.len() as u32 - 1
    }

    fn slot(&self, number: u32) -> Result<Arc<TopicSlot>, Error> {
        let slot = self.topics.read().get(number as usize).cloned();
        slot.ok_or_else(|| produce::malformed(UNNUMBERED))
    }

    /// Appends the records of a block ([`produce`]) in order until one would have to wait; returns how many were taken.
    /// Their fates are told by [`Self::reports`], also of those that can never be sent.
    ///
    /// Errors: `InvalidArgument` for a malformed block, of which nothing is sent; `Forked`.
    pub fn send_packed(&self, block: &[u8]) -> Result<usize, Error> {
        let core = self.core.get(SEND)?;
        let block = produce::Block::parse(block)?;
        if block.topics() > self.topics.read().len() {
            return Err(produce::malformed(UNNUMBERED));
        }
        let mut slot: Option<(u32, Arc<TopicSlot>)> = None;
        let mut taken = 0;
        let mut headers: SmallVec<[HeaderRef<'_>; 8]> = SmallVec::new();
        for record in block.records() {
            if slot.as_ref().is_none_or(|(number, _)| *number != record.topic) {
                slot = Some((record.topic, self.slot(record.topic)?));
            }
            let Some((_, topic)) = &slot else { break };
            let handle = match topic.handle.get() {
                Some(handle) => handle,
                None => match core.known_topic(&topic.name) {
                    Some(found) => topic.handle.get_or_init(|| found),
                    None => break,
                },
            };
            headers.clear();
            headers.extend(record.headers());
            let PackedRecord { partition, timestamp_ms, key, value, tag, .. } = record;
            match core.append_tagged(handle, partition, timestamp_ms, key, value, &headers, tag) {
                Ok(()) => {}
                Err(AppendError::Refused(error)) => self.refuse(&topic.name, partition, tag, error),
                Err(AppendError::QueueFull | AppendError::UnknownPartition) => break,
            }
            taken += 1;
        }
        Ok(taken)
    }

    fn refuse(&self, topic: &Arc<str>, partition: Option<i32>, tag: u64, error: Error) {
        self.reports.push([Report {
            topic: Arc::clone(topic),
            partition: partition.unwrap_or(-1),
            outcome: Err(error),
            runs: vec![Run { first_tag: tag, first_index: 0, count: 1 }],
        }]);
    }

    /// Appends the records of a block behind the first `skip`, in order, waiting for metadata and room up to `max.block.ms`
    /// for all of them; fates are told as by [`Self::send_packed`]. Goes on when the operation is dropped. Blocks keep their
    /// order only if the caller hands over the next one when this is done.
    pub fn send_packed_waiting(&self, block: Vec<u8>, skip: usize) -> Operation<()> {
        self.send_packed_waited(block, skip, Duration::ZERO)
    }

    /// As [`Self::send_packed_waiting`] of a block that has waited this long already, behind others, say: it counts.
    pub fn send_packed_waited(&self, block: Vec<u8>, skip: usize, waited: Duration) -> Operation<()> {
        let core = match self.core.get(SEND) {
            Err(error) => return Operation::done(Err(error)),
            Ok(core) => core.clone(),
        };
        let slots = self.topics.read().clone();
        let reports = Arc::clone(&self.reports);
        let now = core.now();
        let since = now.checked_sub(waited).unwrap_or(now);
        Operation::detached(&self.runtime, async move {
            let parsed = produce::Block::parse(&block)?;
            if parsed.topics() > slots.len() {
                return Err(produce::malformed(UNNUMBERED));
            }
            for record in parsed.records().skip(skip) {
                let Some(slot) = slots.get(record.topic as usize) else { break };
                let name = Arc::clone(&slot.name);
                let headers: SmallVec<[HeaderRef<'_>; 8]> = record.headers().collect();
                let PackedRecord { partition, timestamp_ms, key, value, tag, .. } = record;
                let sent = core
                    .send_tagged_since(&name, partition, timestamp_ms, key, value, &headers, tag, since)
                    .await;
                if let Err(error) = sent {
                    let runs = vec![Run { first_tag: tag, first_index: 0, count: 1 }];
                    let partition = partition.unwrap_or(-1);
                    reports.push([Report { topic: name, partition, outcome: Err(error), runs }]);
                }
            }
            Ok(())
        })
    }

    /// Fates of tagged and packed records.
    pub fn reports(&self) -> &Arc<Reports> {
        &self.reports
    }

    /// Sends what is buffered and waits until every record sent before has its fate. Errors: `Timeout`; the records go on.
    pub fn flush(&self, timeout: Duration) -> Operation<()> {
        let turns = self.turns_before_now();
        self.with("flush", move |core| async move { core.flush(within(timeout, turns).await).await })
    }

    /// Takes no more records, delivers what is buffered, ends; by `timeout`, after which what has no fate is told as failed
    /// or unknown. Goes on when the operation is dropped.
    pub fn close(&self, timeout: Duration) -> Operation<()> {
        match self.core.get("close the producer") {
            Err(error) => Operation::done(Err(error)),
            Ok(core) => {
                let (core, turns) = (core.clone(), self.turns_before_now());
                Operation::detached(
                    &self.runtime,
                    async move { core.close(within(timeout, turns).await).await },
                )
            }
        }
    }

    /// A topic's partitions and their leaders, waiting for metadata up to `max.block.ms`.
    pub fn partitions_for(&self, topic: &str) -> Operation<Vec<PartitionMetadata>> {
        let topic = topic.to_owned();
        self.with("list partitions", move |core| async move { core.partitions_for(&topic).await })
    }

    /// What was counted so far.
    pub fn metrics(&self) -> Result<ProducerMetrics, Error> {
        Ok(self.core.get("read metrics")?.metrics())
    }

    fn with<T, F, R>(&self, operation: &'static str, run: F) -> Operation<T>
    where
        T: Send + 'static,
        F: FnOnce(Core) -> R,
        R: Future<Output = Result<T, Error>> + Send + 'static,
    {
        match self.core.get(operation) {
            Err(error) => Operation::done(Err(error)),
            Ok(core) => Operation::start(&self.runtime, run(core.clone())),
        }
    }
}

/// Waits for `turns` up to `timeout`; what is left of it.
async fn within(timeout: Duration, turns: Option<oneshot::Receiver<()>>) -> Duration {
    let Some(turns) = turns else { return timeout };
    let env = Env::system();
    let started = env.now();
    // Whether they all had their turn, or the time is over: either way what follows has what is left.
    let _ = tokio::time::timeout(timeout, turns).await;
    timeout.saturating_sub(env.now() - started)
}
