//! The fetcher against a naive log: whatever goes wrong, records come in log order with no gap and no repeat.

use crate::config::AutoOffsetReset;
use crate::consumer::fetch_buffer::{Read, ReadOptions};
use crate::consumer::fetcher::{FetchOut, Fetcher, FetcherConfig};
use crate::consumer::partitions::{ClusterView, EpochEnd, Leader, Partitions};
use crate::consumer::position::{Position, PositionState};
use crate::consumer::test_batches::data_bytes;
use crate::record::TopicPartition;
use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::batch::DecompressLimits;
use ottla_wire::messages::fetch_response::{FetchableTopicResponse, PartitionData};
use ottla_wire::messages::{BrokerId, FetchResponse};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(5);
const PARTITIONS: i32 = 3;
const NODES: i32 = 2;

struct Cluster {
    leaders: Vec<(i32, i32)>,
}

impl ClusterView for Cluster {
    fn leader(&self, partition: &TopicPartition) -> Option<Leader> {
        let (node, epoch) = *self.leaders.get(partition.partition as usize)?;
        Some(Leader { node, epoch: Some(epoch) })
    }

    fn topic_id(&self, _: &str) -> Uuid {
        ID
    }
}

fn partition(number: i32) -> TopicPartition {
    TopicPartition::new("t", number)
}

fn config() -> FetcherConfig {
    FetcherConfig {
        min_bytes: 1,
        max_bytes: 10_000,
        max_wait_ms: 100,
        partition_max_bytes: 400,
        isolation_level: 0,
        rack: None,
        queued_max_bytes: 2_000,
        retry_backoff: Duration::from_millis(100),
        metadata_max_age: Duration::from_secs(300),
        policy: AutoOffsetReset::Earliest,
    }
}

/// A broker's session and the logs; what a fetch sees.
struct Model {
    fetcher: Fetcher,
    partitions: Partitions,
    cluster: Cluster,
    /// Base offset, count and leader epoch of each partition's batches.
    logs: Vec<Vec<(i64, i64, i32)>>,
    /// Per node: what its session holds, offset by partition; the session's id.
    sessions: BTreeMap<i32, (i32, BTreeMap<i32, i64>)>,
    next_session: i32,
    pending: Vec<FetchOut>,
    /// What the application expects next, by partition.
    expected: Vec<i64>,
    now: Instant,
}

#[derive(Clone, Debug)]
enum Step {
    Append { partition: i32, count: i64 },
    Send,
    Answer { drop: bool, fault: Option<i16>, cut: usize },
    Consume { max: usize },
    Seek { partition: i32, to: i64 },
    Pause { partition: i32, on: bool },
    MoveLeader { partition: i32 },
    LoseSession { node: i32 },
}

fn step() -> impl Strategy<Value = Step> {
    let p = 0..PARTITIONS;
    let faults = prop_oneof![
        4 => Just(None),
        1 => prop::sample::select(vec![6i16, 74, 75, 78, 3, 9, 56, -1]).prop_map(Some),
    ];
    prop_oneof![
        3 => (p.clone(), 1i64..6).prop_map(|(partition, count)| Step::Append { partition, count }),
        5 => Just(Step::Send),
        6 => (prop::bool::weighted(0.1), faults, 0usize..200).prop_map(|(drop, fault, cut)| Step::Answer { drop, fault, cut }),
        5 => (1usize..9).prop_map(|max| Step::Consume { max }),
        1 => (p.clone(), 0i64..20).prop_map(|(partition, to)| Step::Seek { partition, to }),
        1 => (p.clone(), any::<bool>()).prop_map(|(partition, on)| Step::Pause { partition, on }),
        1 => p.prop_map(|partition| Step::MoveLeader { partition }),
        1 => (0..NODES).prop_map(|node| Step::LoseSession { node }),
    ]
}

impl Model {
    #[allow(clippy::disallowed_methods)] // An arbitrary beginning; time is moved by hand.
    fn new() -> Self {
        let mut partitions = Partitions::new(AutoOffsetReset::Earliest);
        let all: Vec<_> = (0..PARTITIONS).map(partition).collect();
        let cluster = Cluster { leaders: (0..PARTITIONS).map(|p| (p % NODES, 1)).collect() };
        partitions.add(&all, true, 0);
        for p in &all {
            let incarnation = partitions.get(p).unwrap().incarnation;
            partitions.handle_committed(p, incarnation, Some(Position::at(0)), 0);
        }
        partitions.handle_metadata(&cluster);
        Self {
            fetcher: Fetcher::new(config()),
            partitions,
            cluster,
            logs: vec![Vec::new(); PARTITIONS as usize],
            sessions: BTreeMap::new(),
            next_session: 1,
            pending: Vec::new(),
            expected: vec![0; PARTITIONS as usize],
            now: Instant::now(),
        }
    }

    fn end(&self, p: i32) -> i64 {
        self.logs[p as usize].last().map_or(0, |(base, count, _)| base + count)
    }

    fn step(&mut self, step: Step) {
        self.now += Duration::from_millis(60);
        match step {
            Step::Append { partition, count } => {
                let batch = (self.end(partition), count, self.cluster.leaders[partition as usize].1);
                self.logs[partition as usize].push(batch);
            }
            Step::Send => {
                self.validate();
                self.pending.extend(self.fetcher.poll_fetches(&mut self.partitions, self.now));
                for node in 0..NODES {
                    let outstanding = self.pending.iter().filter(|out| out.node == node).count();
                    assert!(outstanding <= 1, "one fetch per broker");
                }
                let next = self.fetcher.poll_timeout(&self.partitions);
                assert!(next.is_none_or(|at| at > self.now), "what is due was sent");
            }
            Step::Answer { drop, fault, cut } => {
                if self.pending.is_empty() {
                    return;
                }
                let out = self.pending.remove(0);
                if drop {
                    self.fetcher.handle_failure(out.node, out.token, self.now);
                } else {
                    let response = self.answer(&out, fault, cut);
                    self.fetcher.handle_response(
                        &mut self.partitions,
                        out.node,
                        out.token,
                        response,
                        self.now,
                        0,
                    );
                }
            }
            Step::Consume { max } => self.consume(max),
            Step::Seek { partition: p, to } => {
                let to = to.min(self.end(p));
                assert!(self.partitions.seek(&partition(p), Position::at(to)));
                self.expected[p as usize] = to;
            }
            Step::Pause { partition: p, on } => self.partitions.get_mut(&partition(p)).unwrap().paused = on,
            Step::MoveLeader { partition } => {
                let (node, epoch) = self.cluster.leaders[partition as usize];
                self.cluster.leaders[partition as usize] = ((node + 1) % NODES, epoch + 1);
                self.partitions.handle_metadata(&self.cluster);
            }
            Step::LoseSession { node } => {
                self.sessions.remove(&node);
            }
        }
    }

    /// Leaders confirm every position: nothing is truncated here.
    fn validate(&mut self) {
        for number in 0..PARTITIONS {
            let p = partition(number);
            let state = self.partitions.get(&p).unwrap();
            if let PositionState::AwaitingValidation { .. } = state.state {
                let end = EpochEnd { leader_epoch: 1, end_offset: self.end(number) };
                let incarnation = state.incarnation;
                self.partitions.handle_epoch_end(&p, incarnation, end, 0);
            }
        }
    }

    fn answer(&mut self, out: &FetchOut, fault: Option<i16>, cut: usize) -> FetchResponse {
        let request = out.to_request(17);
        let known = self.sessions.get(&out.node).map(|(id, _)| *id);
        if request.session_epoch > 0 && known != Some(request.session_id) {
            return FetchResponse::default().with_error_code(ErrorCode::FETCH_SESSION_ID_NOT_FOUND.0);
        }
        if request.session_epoch == 0 {
            self.sessions.insert(out.node, (self.next_session, BTreeMap::new()));
            self.next_session += 1;
        }
        let (id, held) = self.sessions.get_mut(&out.node).unwrap();
        for topic in &request.forgotten_topics_data {
            topic.partitions.iter().for_each(|p| {
                held.remove(p);
            });
        }
        for topic in &request.topics {
            for asked in &topic.partitions {
                held.insert(asked.partition, asked.fetch_offset);
            }
        }
        let mut answers = Vec::new();
        for (p, offset) in held.clone() {
            let mut data = PartitionData::default()
                .with_partition_index(p)
                .with_preferred_read_replica(BrokerId(-1))
                .with_high_watermark(100);
            if self.cluster.leaders[p as usize].0 != out.node {
                answers.push(data.with_error_code(ErrorCode::NOT_LEADER_OR_FOLLOWER.0));
                continue;
            }
            if let Some(code) = fault {
                answers.push(data.with_error_code(code));
                continue;
            }
            let log = &self.logs[p as usize];
            let from: Vec<_> = log.iter().filter(|(base, count, _)| base + count > offset).collect();
            let bytes: Vec<Bytes> =
                from.iter().map(|(base, count, epoch)| data_bytes(*base, *count, None, *epoch)).collect();
            // The first batch comes whole, the rest is cut anywhere.
            let first = bytes.first().map_or(0, Bytes::len);
            let all = Bytes::from(bytes.concat());
            let len = all.len().min(first + cut);
            data.records = Some(all.slice(..len));
            answers.push(data);
        }
        let topic = FetchableTopicResponse::default().with_topic_id(ID).with_partitions(answers);
        FetchResponse::default().with_session_id(*id).with_responses(vec![topic])
    }

    fn consume(&mut self, max: usize) {
        let options =
            ReadOptions { check_crcs: true, read_committed: false, limits: DecompressLimits::default() };
        let Some(mut fetch) = self.fetcher.lease(&self.partitions) else { return };
        match fetch.read(max, &options).unwrap() {
            Read::Records(batch, position) => {
                if self.fetcher.advance(&mut self.partitions, &fetch, position) {
                    let expected = &mut self.expected[batch.partition().partition as usize];
                    for record in batch.iter() {
                        assert_eq!(record.offset(), *expected, "{}", batch.partition());
                        *expected += 1;
                    }
                }
                self.fetcher.give_back(fetch, true);
            }
            Read::Skipped(position) => {
                self.fetcher.advance(&mut self.partitions, &fetch, position);
                self.fetcher.give_back(fetch, true);
            }
            Read::End => self.fetcher.release(&mut self.partitions, &fetch),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn records_come_in_order_without_gap_or_repeat(steps in prop::collection::vec(step(), 1..150)) {
        let mut model = Model::new();
        for step in steps {
            model.step(step);
            prop_assert!(model.fetcher.buffered_bytes() <= 2_000 + NODES as usize * 3 * 1_000);
        }
        // Once nothing fails any more, everything arrives.
        for p in 0..PARTITIONS {
            model.step(Step::Pause { partition: p, on: false });
        }
        for _ in 0..600 {
            model.step(Step::Send);
            model.step(Step::Answer { drop: false, fault: None, cut: 100_000 });
            model.step(Step::Consume { max: 50 });
            model.step(Step::Consume { max: 50 });
        }
        for p in 0..PARTITIONS {
            prop_assert_eq!(model.expected[p as usize], model.end(p), "partition {}", p);
        }
        prop_assert_eq!(model.fetcher.buffered_bytes(), 0);
    }
}

fn positioned(policy: AutoOffsetReset) -> Model {
    let mut model = Model::new();
    let mut partitions = Partitions::new(policy);
    partitions.add(&[partition(0)], true, 0);
    let incarnation = partitions.get(&partition(0)).unwrap().incarnation;
    partitions.handle_committed(
        &partition(0),
        incarnation,
        Some(Position { offset: 10, offset_epoch: Some(1) }),
        0,
    );
    partitions.handle_metadata(&model.cluster);
    model.partitions = partitions;
    model
}

fn end_of_epoch(model: &mut Model, leader_epoch: i32, end_offset: i64) {
    let incarnation = model.partitions.get(&partition(0)).unwrap().incarnation;
    model.partitions.handle_epoch_end(&partition(0), incarnation, EpochEnd { leader_epoch, end_offset }, 0);
}

#[test]
fn a_committed_offset_with_epoch_is_compared_before_anything_is_fetched() {
    let mut model = positioned(AutoOffsetReset::Earliest);
    assert!(model.fetcher.poll_fetches(&mut model.partitions, model.now).is_empty());
    end_of_epoch(&mut model, 1, 12);
    assert_eq!(model.fetcher.poll_fetches(&mut model.partitions, model.now).len(), 1);
}

#[test]
fn truncation_goes_to_the_safe_offset_or_is_an_error_that_names_it() {
    let mut model = positioned(AutoOffsetReset::Earliest);
    end_of_epoch(&mut model, 1, 7);
    let position = model.partitions.get(&partition(0)).unwrap().state.position();
    assert_eq!(position, Some(Position { offset: 7, offset_epoch: Some(1) }));

    let mut model = positioned(AutoOffsetReset::None);
    end_of_epoch(&mut model, 1, 7);
    let PositionState::Unpositioned { error, .. } = &model.partitions.get(&partition(0)).unwrap().state
    else {
        panic!("truncation went unnoticed");
    };
    assert_eq!(error.kind(), crate::ErrorKind::LogTruncation);
    assert!(error.context().any(|(name, value)| name == "safe_offset" && value == "7"));
}

#[test]
fn a_follower_named_by_the_leader_is_asked_until_it_is_out_of_range() {
    let mut model = Model::new();
    let far = |data: PartitionData| {
        let topic = FetchableTopicResponse::default().with_topic_id(ID).with_partitions(vec![data]);
        FetchResponse::default().with_responses(vec![topic])
    };
    let out = model.fetcher.poll_fetches(&mut model.partitions, model.now).remove(0);
    assert_eq!(out.node, 0);
    let data = PartitionData::default().with_preferred_read_replica(BrokerId(9));
    model.fetcher.handle_response(&mut model.partitions, 0, out.token, far(data), model.now, 0);
    let out = model.fetcher.poll_fetches(&mut model.partitions, model.now);
    let to_follower = out.iter().find(|out| out.node == 9).expect("the follower is asked");
    let data = PartitionData::default()
        .with_error_code(ErrorCode::OFFSET_OUT_OF_RANGE.0)
        .with_preferred_read_replica(BrokerId(-1));
    model.fetcher.handle_response(&mut model.partitions, 9, to_follower.token, far(data), model.now, 0);
    let state = model.partitions.get(&partition(0)).unwrap();
    assert!(matches!(state.state, PositionState::Fetching { .. }), "no reset: the leader may have it");
    assert!(state.preferred.is_none());
}

#[test]
fn with_a_full_buffer_no_moment_is_waited_for() {
    let mut model = Model::new();
    for _ in 0..100 {
        model.step(Step::Append { partition: 0, count: 5 });
    }
    model.step(Step::Send);
    while !model.pending.is_empty() {
        model.step(Step::Answer { drop: false, fault: None, cut: 100_000 });
    }
    assert!(model.fetcher.buffered_bytes() >= 2_000);
    model.partitions.get_mut(&partition(1)).unwrap().fetch_retry_at = Some(model.now);
    model.step(Step::Send);
    assert_eq!(model.fetcher.poll_timeout(&model.partitions), None);
    while model.fetcher.buffered_bytes() > 0 {
        model.step(Step::Consume { max: 500 });
    }
    model.step(Step::Send);
    assert!(model.pending.iter().any(|out| out.node == 1), "asked once there is room");
}

#[test]
fn brokers_do_not_wait_long_while_partitions_with_enough_data_are_left_out() {
    let mut model = Model::new();
    for _ in 0..100 {
        model.step(Step::Append { partition: 0, count: 5 });
    }
    let wait_ms = |model: &Model| {
        let out = model.pending.iter().find(|out| out.node == 0).expect("partition 2 is asked for");
        out.to_request(17).max_wait_ms
    };
    model.step(Step::Send);
    assert_eq!(wait_ms(&model), 100);
    while model.partitions.get(&partition(0)).unwrap().buffered_bytes < 800 {
        model.step(Step::Answer { drop: false, fault: None, cut: 300 });
        model.step(Step::Send);
    }
    assert_eq!(wait_ms(&model), 20, "partition 0 needs the next fetch soon");
}

#[test]
fn a_recreated_topic_is_read_from_its_beginning() {
    struct Recreated;
    impl ClusterView for Recreated {
        fn leader(&self, _: &TopicPartition) -> Option<Leader> {
            Some(Leader { node: 0, epoch: Some(0) })
        }
        fn topic_id(&self, _: &str) -> Uuid {
            Uuid::from_u128(6)
        }
    }
    let mut model = Model::new();
    model.partitions.handle_metadata(&Recreated);
    let state = model.partitions.get(&partition(0)).unwrap();
    assert!(matches!(state.state, PositionState::AwaitingReset(_)));
    assert_eq!(
        state.leader,
        Some(Leader { node: 0, epoch: Some(0) }),
        "an older epoch of another topic counts"
    );
}
