//! Fetch, versions 4 to 18: records out of logs. The hot path out.
//!
//! 5 tells the log start; 7 has sessions (KIP-227); 9 the leader epoch a client believes in; 10 may carry zstd; 11 racks;
//! 12 compares the epoch last fetched and tells where logs diverge; 13 names topics by id; 15 names the replica in a tag;
//! 16 tells the new leader (KIP-951). Records are not copied: they go out as the buffers that came in, or from file to
//! socket. Left out: replicas that fetch, and quotas.
//!
//! A fetch that finds less than it wants waits with every partition it asks for; an append wakes it once enough is there.

use crate::context::BrokerContext;
use crate::log::LogSlice;
use crate::replication::fetch_session::{
    FetchPartition, FetchPartitions, FetchPlan, PartitionKey, SessionRequest,
};
use crate::replication::partition::Marks;
use crate::replication::purgatory::FetchWaiter;
use crate::replication::{Isolation, Partition};
use crate::server::{FileSlice, Outbound, Outcome, RequestContext};
use bytes::Bytes;
use ottla_wire::codec::{self, RequestHeader};
use ottla_wire::fetch::encode_fetch_response;
use ottla_wire::messages::fetch_request::FetchRequest;
use ottla_wire::messages::fetch_response::{
    AbortedTransaction, EpochEndOffset, FetchResponse, FetchableTopicResponse, LeaderIdAndEpoch,
    PartitionData,
};
use ottla_wire::messages::{BrokerId, ProducerId, TopicName};
use ottla_wire::protocol::StrBytes;
use ottla_wire::{ErrorCode, Segment};
use rand::RngExt;
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

/// A client may not have an answer held back for longer.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// What one partition gave.
#[derive(Debug, Default)]
struct Found {
    code: ErrorCode,
    marks: Option<Marks>,
    diverging: Option<(i32, i64)>,
    slices: SmallVec<[LogSlice; 4]>,
    size_bytes: usize,
    aborted: Option<Vec<crate::log::AbortedTxn>>,
    /// Leader and epoch, told with an error that says this node does not lead.
    leader: Option<(i32, i32)>,
}

/// What a request asks for besides its partitions.
struct Wants {
    min_bytes: usize,
    max_bytes: usize,
    isolation: Isolation,
}

/// Gives a session its partitions back, however the fetch ends.
struct InSession<'a> {
    broker: &'a BrokerContext,
    session_id: i32,
    partitions: FetchPartitions,
}

impl Drop for InSession<'_> {
    fn drop(&mut self) {
        if self.session_id != 0 {
            let partitions = std::mem::take(&mut self.partitions);
            self.broker.fetch_sessions.lock().sessions.finish(self.session_id, partitions);
        }
    }
}

/// Handles a whole request, from its undecoded body to its answer.
pub(crate) async fn handle(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    header: &RequestHeader,
    body: Bytes,
) -> Outcome {
    let version = header.api_version;
    let request = match codec::decode_request::<FetchRequest>(version, body) {
        Ok(request) => request,
        Err(error) => return Outcome::Close(error.to_string()),
    };
    let replica_id = if version >= 15 { request.replica_state.replica_id.0 } else { request.replica_id.0 };
    let wants = Wants {
        min_bytes: usize::try_from(request.min_bytes).unwrap_or(0),
        max_bytes: usize::try_from(request.max_bytes).unwrap_or(0).min(broker.fetch_max_bytes),
        isolation: if request.isolation_level == 1 {
            Isolation::ReadCommitted
        } else {
            Isolation::ReadUncommitted
        },
    };
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0)).min(MAX_WAIT);
    let plan = {
        let mut cache = broker.fetch_sessions.lock();
        let new_id = cache.rng.random_range(1..=i32::MAX);
        cache.sessions.begin(session_request(version, request), broker.env.wall_ms(), new_id)
    };
    let FetchPlan { session_id, incremental, partitions } = match plan {
        Ok(plan) => plan,
        Err(code) => return respond_error(header, code),
    };
    let mut fetch = InSession { broker, session_id, partitions };
    let deadline = broker.env.now() + wait;
    let mut found = loop {
        let found = read_all(broker, &fetch.partitions, &wants, replica_id);
        let size_bytes: usize = found.iter().map(|found| found.size_bytes).sum();
        let is_final = found.iter().any(|found| found.code.is_err() || found.diverging.is_some());
        if is_final
            || size_bytes >= wants.min_bytes
            || wait.is_zero()
            || found.is_empty()
            || broker.is_stopping()
            || broker.env.now() >= deadline
        {
            break found;
        }
        let missing_bytes = i64::try_from(wants.min_bytes - size_bytes).unwrap_or(i64::MAX);
        let waiting = Waiting::register(broker, &fetch.partitions, missing_bytes);
        // Something may have come between reading and registering.
        if !waiting.is_stale(&found) {
            drop(found);
            broker.env.timeout_at(deadline, waiting.waiter.woken()).await;
        }
    };
    respond(broker, context, header, &mut fetch, incremental, &mut found)
}

/// One fetch's place among the waiters of its partitions.
struct Waiting {
    waiter: Arc<FetchWaiter>,
    partitions: Vec<Arc<Partition>>,
}

impl Waiting {
    fn register(broker: &BrokerContext, asked: &FetchPartitions, missing_bytes: i64) -> Self {
        let waiter = FetchWaiter::new(missing_bytes);
        let partitions = asked.list.iter().filter_map(|asked| find(broker, &asked.key).ok());
        let partitions: Vec<_> = partitions.collect();
        for partition in &partitions {
            partition.waiters().register(&waiter);
        }
        Self { waiter, partitions }
    }

    /// Whether any partition moved on since `found` was read.
    fn is_stale(&self, found: &[Found]) -> bool {
        // Every partition was found when it was read, else there would have been an error and no waiting.
        self.partitions.len() != found.len()
            || self.partitions.iter().zip(found).any(|(partition, found)| {
                found.marks != Some(partition.marks()) || partition.check_leader(-1).is_err()
            })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        for partition in &self.partitions {
            partition.waiters().deregister(&self.waiter);
        }
    }
}

fn session_request(version: i16, request: FetchRequest) -> SessionRequest {
    // Before version 7 there are no sessions, which is what the fields' defaults say.
    let uses_topic_ids = version >= 13;
    let mut partitions = Vec::new();
    for topic in request.topics {
        // Copied, as a session outlives the request's frame by far.
        let name: Arc<str> = Arc::from(topic.topic.as_str());
        partitions.extend(topic.partitions.into_iter().map(|partition| FetchPartition {
            key: PartitionKey {
                topic_id: topic.topic_id,
                topic: name.clone(),
                partition: partition.partition,
            },
            fetch_offset: partition.fetch_offset,
            max_bytes: partition.partition_max_bytes,
            current_leader_epoch: partition.current_leader_epoch,
            last_fetched_epoch: partition.last_fetched_epoch,
            told_high_watermark: -1,
            told_log_start_offset: -1,
        }));
    }
    let forgotten = request.forgotten_topics_data.into_iter().flat_map(|topic| {
        let name: Arc<str> = Arc::from(topic.topic.as_str());
        topic.partitions.into_iter().map(move |partition| PartitionKey {
            topic_id: topic.topic_id,
            topic: name.clone(),
            partition,
        })
    });
    SessionRequest {
        session_id: request.session_id,
        session_epoch: request.session_epoch,
        uses_topic_ids,
        forgotten: forgotten.collect(),
        partitions,
    }
}

fn find(broker: &BrokerContext, key: &PartitionKey) -> Result<Arc<Partition>, ErrorCode> {
    if key.topic_id.is_nil() {
        broker.replicas.get(&key.topic, key.partition)
    } else {
        broker.replicas.get_by_id(key.topic_id, key.partition)
    }
}

/// Reads every partition, beginning where the session left off, until the request is full.
fn read_all(broker: &BrokerContext, asked: &FetchPartitions, wants: &Wants, replica_id: i32) -> Vec<Found> {
    let count = asked.list.len();
    let mut found: Vec<Found> = Vec::with_capacity(count);
    found.resize_with(count, Found::default);
    let mut left_bytes = wants.max_bytes;
    let mut is_empty = true;
    for place in (asked.first..count).chain(0..asked.first) {
        let one = read_one(broker, &asked.list[place], wants, replica_id, left_bytes, is_empty);
        left_bytes = left_bytes.saturating_sub(one.size_bytes);
        is_empty &= one.size_bytes == 0;
        found[place] = one;
    }
    found
}

fn read_one(
    broker: &BrokerContext,
    asked: &FetchPartition,
    wants: &Wants,
    replica_id: i32,
    left_bytes: usize,
    min_one_batch: bool,
) -> Found {
    let failed = |code| Found { code, ..Found::default() };
    let partition = match find(broker, &asked.key) {
        Ok(partition) => partition,
        Err(code) => return failed(code),
    };
    if replica_id >= 0 {
        // There is no other replica that could fetch.
        return failed(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    if let Err(code) = partition.check_leader(asked.current_leader_epoch) {
        let leader = (partition.leader_id(), partition.leader_epoch());
        return Found { leader: Some(leader), ..failed(code) };
    }
    let marks = partition.marks();
    let mut found = Found { marks: Some(marks), ..Found::default() };
    if asked.last_fetched_epoch >= 0 {
        let end = partition.log().end_offset_for_epoch(asked.last_fetched_epoch);
        match end {
            Some((epoch, end_offset)) => {
                if epoch < asked.last_fetched_epoch || end_offset < asked.fetch_offset {
                    found.diverging = Some((epoch, end_offset));
                    return found;
                }
            }
            None => return Found { code: ErrorCode::OFFSET_OUT_OF_RANGE, ..found },
        }
    }
    let bound = match wants.isolation {
        Isolation::ReadUncommitted => marks.high_watermark,
        Isolation::ReadCommitted => marks.last_stable_offset,
    };
    // The usual case of someone who waits at the end: no lock, no log.
    if asked.fetch_offset == bound && bound == marks.high_watermark {
        if wants.isolation == Isolation::ReadCommitted {
            found.aborted = Some(Vec::new());
        }
        return found;
    }
    let max_bytes = usize::try_from(asked.max_bytes).unwrap_or(0).min(left_bytes);
    match partition.read(asked.fetch_offset, max_bytes, wants.isolation, min_one_batch) {
        Ok((read, marks)) => {
            // What was read may lie above the earlier marks.
            found.marks = Some(marks);
            found.size_bytes = read.size_bytes;
            found.slices = read.slices;
            if wants.isolation == Isolation::ReadCommitted {
                found.aborted = Some(read.aborted);
            }
            found
        }
        Err(error) => {
            let code = error.code();
            if code != ErrorCode::OFFSET_OUT_OF_RANGE {
                tracing::error!(topic = %partition.topic, partition = partition.index, %error, "a fetch failed");
            }
            failed(code)
        }
    }
}

fn respond_error(header: &RequestHeader, code: ErrorCode) -> Outcome {
    let response = FetchResponse::default().with_error_code(code.0);
    encode(header, &response, &[], Vec::new())
}

fn respond(
    broker: &Arc<BrokerContext>,
    context: &RequestContext,
    header: &RequestHeader,
    fetch: &mut InSession<'_>,
    incremental: bool,
    found: &mut [Found],
) -> Outcome {
    let session_id = fetch.session_id;
    let in_session = session_id != 0;
    let count = found.len();
    let first = fetch.partitions.first;
    let mut topics: Vec<FetchableTopicResponse> = Vec::new();
    let mut records: Vec<Vec<SmallVec<[Segment; 2]>>> = Vec::new();
    let mut files: Vec<FileSlice> = Vec::new();
    let mut last_key: Option<PartitionKey> = None;
    let mut new_leader = false;
    for place in (first..count).chain(0..first) {
        let asked = &mut fetch.partitions.list[place];
        let one = &mut found[place];
        let marks = one.marks;
        let told = marks.map_or((-1, -1), |marks| (marks.high_watermark, marks.log_start_offset));
        let changed = one.size_bytes > 0
            || one.code.is_err()
            || one.diverging.is_some()
            || told != (asked.told_high_watermark, asked.told_log_start_offset);
        if in_session {
            (asked.told_high_watermark, asked.told_log_start_offset) = told;
            if one.size_bytes > 0 && count > 1 {
                // Whoever comes behind this one is first the next time.
                fetch.partitions.first = (place + 1) % count;
            }
        }
        if incremental && !changed {
            continue;
        }
        let is_same_topic = last_key
            .as_ref()
            .is_some_and(|last| last.topic_id == asked.key.topic_id && last.topic == asked.key.topic);
        if !is_same_topic {
            let mut topic = FetchableTopicResponse::default();
            if !asked.key.topic.is_empty() {
                topic.topic = TopicName(StrBytes::from_string(asked.key.topic.to_string()));
            }
            topic.topic_id = asked.key.topic_id;
            topics.push(topic);
            records.push(Vec::new());
            last_key = Some(asked.key.clone());
        }
        let (Some(topic), Some(topic_records)) = (topics.last_mut(), records.last_mut()) else { continue };
        new_leader |= one.leader.is_some();
        topic.partitions.push(partition_data(asked.key.partition, one, header.api_version));
        topic_records.push(segments(std::mem::take(&mut one.slices), &mut files));
    }
    let mut response = FetchResponse::default();
    response.session_id = session_id;
    response.responses = topics;
    if new_leader && header.api_version >= 16 {
        response.node_endpoints = super::metadata::fetch_endpoints(&broker.metadata.image(), context);
    }
    encode(header, &response, &records, files)
}

fn partition_data(index: i32, found: &mut Found, version: i16) -> PartitionData {
    let mut data = PartitionData::default();
    data.partition_index = index;
    data.error_code = found.code.0;
    data.high_watermark = -1;
    data.last_stable_offset = -1;
    data.log_start_offset = -1;
    if let Some(marks) = found.marks.filter(|_| found.code.is_ok()) {
        data.high_watermark = marks.high_watermark;
        data.last_stable_offset = marks.last_stable_offset;
        data.log_start_offset = marks.log_start_offset;
    }
    data.aborted_transactions = found.aborted.take().map(|aborted| {
        let aborted = aborted.into_iter().map(|aborted| {
            AbortedTransaction::default()
                .with_producer_id(ProducerId(aborted.producer_id))
                .with_first_offset(aborted.first_offset)
        });
        aborted.collect()
    });
    if version >= 12 {
        if let Some((epoch, end_offset)) = found.diverging {
            data.diverging_epoch = EpochEndOffset::default().with_epoch(epoch).with_end_offset(end_offset);
        }
        if let Some((leader_id, leader_epoch)) = found.leader {
            data.current_leader = LeaderIdAndEpoch::default()
                .with_leader_id(BrokerId(leader_id))
                .with_leader_epoch(leader_epoch);
        }
    }
    data
}

/// Slices of a log as segments of the answer; those in files are named by their place in `files`.
fn segments(slices: SmallVec<[LogSlice; 4]>, files: &mut Vec<FileSlice>) -> SmallVec<[Segment; 2]> {
    let segments = slices.into_iter().map(|slice| match slice {
        LogSlice::Memory(bytes) => Segment::Bytes(bytes),
        LogSlice::File { file, position, len } => {
            files.push(FileSlice { file, position, len });
            Segment::External { len, token: files.len() as u64 - 1 }
        }
    });
    segments.collect()
}

fn encode(
    header: &RequestHeader,
    response: &FetchResponse,
    records: &[Vec<SmallVec<[Segment; 2]>>],
    files: Vec<FileSlice>,
) -> Outcome {
    let segments = |topic: usize, partition: usize| -> &[Segment] {
        records.get(topic).and_then(|topic| topic.get(partition)).map_or(&[], |segments| &segments[..])
    };
    match encode_fetch_response(header.api_version, header.correlation_id, response, segments) {
        Ok(frame) => Outcome::Respond(Outbound { frame, files }),
        Err(error) => {
            tracing::error!(%error, "a fetch response could not be encoded");
            Outcome::Close(error.to_string())
        }
    }
}
