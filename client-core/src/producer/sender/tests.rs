mod ledger;

use super::*;
use crate::backoff::Backoff;
use crate::producer::accumulator::Head;
use crate::producer::accumulator::{PartitionQueue, RecordRef};
use crate::producer::batch::OpenBatch;
use crate::producer::buffer_pool::BufferPool;
use crate::producer::delivery::{Completer, Delivery};
use crate::producer::flush::Incomplete;
use ottla_wire::ErrorCode;
use ottla_wire::batch::{BatchHeader, BatchOptions};
use std::fmt::Write;
use std::time::Duration;

const POOL_BYTES: usize = 1 << 20;
const BATCH_BYTES: usize = 400;

/// Queues, sender and a clock that is moved by hand; everything that happens is written down.
struct World {
    sender: Sender,
    queues: Queues,
    pool: Arc<BufferPool>,
    incomplete: Arc<Incomplete>,
    start: Instant,
    now: Instant,
    deliveries: Vec<Delivery>,
    wire: Vec<ProduceRequest>,
    trace: String,
}

struct Queues(Vec<PartitionQueue>);

impl BatchSource for Queues {
    fn head(&mut self, partition: PartitionIndex) -> Option<Head> {
        self.0[partition.0 as usize].head()
    }

    fn take(&mut self, partition: PartitionIndex) -> Option<Batch> {
        self.0[partition.0 as usize].take()
    }
}

fn config() -> SenderConfig {
    SenderConfig {
        acks: -1,
        idempotence: true,
        max_in_flight: 5,
        max_request_bytes: 1 << 20,
        linger: Duration::from_millis(5),
        delivery_timeout: Duration::from_secs(10),
        retries: u32::MAX,
        backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(1)),
        leader_query_interval: Duration::from_secs(1),
    }
}

impl World {
    fn new(config: SenderConfig, partitions: u32) -> Self {
        #[allow(clippy::disallowed_methods)] // A starting point for a clock that is moved by hand.
        let now = Instant::now();
        let mut world = Self {
            sender: Sender::new(config, ottla_env::RngRoot::from_seed(7).child("sender")),
            queues: Queues(Vec::new()),
            pool: BufferPool::new(POOL_BYTES as u64, BATCH_BYTES),
            incomplete: Incomplete::new(),
            start: now,
            now,
            deliveries: Vec::new(),
            wire: Vec::new(),
            trace: String::new(),
        };
        for number in 0..partitions {
            world.sender.add_partition("t".into(), number as i32);
            world.queues.0.push(PartitionQueue::default());
        }
        world
    }

    /// One partition led by broker 1, connected, with producer id 9.
    fn ready(config: SenderConfig) -> Self {
        let mut world = Self::new(config, 1);
        world.lead(0, 1, 0);
        world.sender.handle_connected(1);
        world.identify(9);
        world
    }

    fn lead(&mut self, partition: u32, node: NodeId, epoch: i32) {
        let leader = (node >= 0).then_some(Leader { node, epoch });
        self.sender.handle_leader(PartitionIndex(partition), Uuid::nil(), leader, &mut self.queues);
    }

    fn identify(&mut self, producer_id: i64) {
        let identity = Identity { producer_id, producer_epoch: 0 };
        self.sender.handle_init(Ok(identity), &mut self.queues, self.now);
    }

    fn append(&mut self, partition: u32, value: &[u8]) {
        let upper = 64 + value.len();
        let record = RecordRef {
            timestamp_ms: 0,
            key: None,
            value: Some(value),
            headers: std::iter::empty(),
            size_bytes: upper,
            tag: None,
        };
        let queue = &mut self.queues.0[partition as usize];
        let delivery = match queue.try_append(&record) {
            Some(delivery) => delivery,
            None => {
                let reservation =
                    self.pool.try_reserve(BATCH_BYTES.max(upper + 61)).expect("the pool is large enough");
                let batch = OpenBatch::new(
                    BatchOptions::default(),
                    Completer::new("t".into(), partition as i32),
                    self.incomplete.open(),
                    reservation,
                    self.now,
                );
                queue.append_to_new(batch, &record).delivery
            }
        };
        self.deliveries.push(delivery);
        self.sender.handle_pending(PartitionIndex(partition), &mut self.queues);
    }

    /// A batch of its own with `records` records.
    fn batch(&mut self, partition: u32, records: usize) {
        for _ in 0..records {
            self.append(partition, b"v");
        }
        self.queues.0[partition as usize].seal();
        self.sender.handle_pending(PartitionIndex(partition), &mut self.queues);
    }

    fn advance(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
        self.sender.handle_timeout(&mut self.queues, self.now);
        self.pump();
    }

    /// Writes what may be written and tells what is to be told.
    fn pump(&mut self) {
        while let Some(request) = self.sender.poll_request(&mut self.queues, self.now, false) {
            let at = (self.now - self.start).as_millis();
            let _ = write!(self.trace, "{at} -> {}:", request.node);
            for part in &request.parts {
                let header = BatchHeader::parse(&part.records).unwrap();
                let (partition, sequence, count) =
                    (part.partition.0, header.base_sequence, header.records_count);
                let _ = write!(self.trace, " p{partition} e{} s{sequence}+{count}", header.producer_epoch);
            }
            self.trace.push('\n');
            self.wire.push(request);
        }
        while let Some((claim, fate)) = self.sender.poll_delivery() {
            let at = (self.now - self.start).as_millis();
            let _ = match &fate {
                Fate::Appended { base_offset, .. } => writeln!(self.trace, "{at} ok {base_offset:?}"),
                Fate::Failed(error) => {
                    writeln!(self.trace, "{at} failed {:?} {:?}", error.kind(), error.code())
                }
                Fate::Refused { .. } => writeln!(self.trace, "{at} refused"),
                Fate::Split(parts) => writeln!(self.trace, "{at} split at {}", parts[1].0),
            };
            claim.complete(fate);
        }
    }

    fn part(partition: PartitionIndex, code: ErrorCode, base_offset: i64) -> PartitionAnswer {
        PartitionAnswer {
            partition,
            code,
            message: None,
            base_offset,
            log_append_time_ms: -1,
            record_errors: Vec::new(),
            leader: None,
        }
    }

    /// Answers the oldest request on the wire, the same for all its partitions.
    fn answer(&mut self, code: ErrorCode, base_offset: i64) {
        let request = self.wire.remove(0);
        let parts = request.parts.iter().map(|part| Self::part(part.partition, code, base_offset)).collect();
        let answer = ProduceAnswer { parts, throttle: Duration::ZERO };
        self.sender.handle_response(request.id, Ok(answer), &mut self.queues, self.now);
        self.pump();
    }

    /// The oldest request on the wire gets no answer.
    fn lose(&mut self, may_have_arrived: bool) {
        let request = self.wire.remove(0);
        let failure = RequestFailure {
            error: Error::new(ErrorKind::Network, "send", "connection reset"),
            may_have_arrived,
            disconnected: false,
            retriable: true,
        };
        self.sender.handle_response(request.id, Err(failure), &mut self.queues, self.now);
        self.pump();
    }

    fn expect(&mut self, expected: &str) {
        let expected: Vec<_> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let trace = std::mem::take(&mut self.trace);
        assert_eq!(trace.lines().collect::<Vec<_>>(), expected);
    }

    fn results(&mut self) -> Vec<Option<Result<Option<i64>, ErrorKind>>> {
        self.deliveries
            .iter_mut()
            .map(|d| d.try_result().map(|r| r.map(|m| m.offset).map_err(|e| e.kind())))
            .collect()
    }

    fn assert_clean(&self) {
        assert_eq!(self.pool.available_bytes(), POOL_BYTES);
        assert_eq!(self.incomplete.count(), 0);
    }
}

#[test]
fn an_open_batch_lingers_and_a_full_one_does_not() {
    let mut world = World::ready(config());
    world.append(0, b"v");
    world.pump();
    world.expect("");
    assert_eq!(world.sender.poll_timeout(), Some(world.now + Duration::from_millis(5)));
    world.advance(5);
    world.expect("5 -> 1: p0 e0 s0+1");
    world.batch(0, 2);
    world.pump();
    world.expect("5 -> 1: p0 e0 s1+2");
    world.answer(ErrorCode::NONE, 40);
    world.answer(ErrorCode::NONE, 41);
    assert_eq!(world.results(), [Some(Ok(Some(40))), Some(Ok(Some(41))), Some(Ok(Some(42)))]);
    world.assert_clean();
}

#[test]
fn five_in_flight_and_the_first_failing_keep_order_and_sequences() {
    let mut world = World::ready(config());
    for _ in 0..6 {
        world.batch(0, 2);
    }
    world.pump();
    world.expect(
        "0 -> 1: p0 e0 s0+2
         0 -> 1: p0 e0 s2+2
         0 -> 1: p0 e0 s4+2
         0 -> 1: p0 e0 s6+2
         0 -> 1: p0 e0 s8+2",
    );
    world.answer(ErrorCode::NOT_ENOUGH_REPLICAS, -1);
    for _ in 0..4 {
        world.answer(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
    }
    world.expect("");
    world.advance(120);
    world.expect("120 -> 1: p0 e0 s0+2");
    world.answer(ErrorCode::NONE, 0);
    world.answer(ErrorCode::NONE, 2);
    world.answer(ErrorCode::NONE, 4);
    world.answer(ErrorCode::NONE, 6);
    world.answer(ErrorCode::NONE, 8);
    world.answer(ErrorCode::NONE, 10);
    world.expect(
        "120 -> 1: p0 e0 s2+2
         120 ok Some(0)
         120 -> 1: p0 e0 s4+2
         120 ok Some(2)
         120 -> 1: p0 e0 s6+2
         120 ok Some(4)
         120 -> 1: p0 e0 s8+2
         120 -> 1: p0 e0 s10+2
         120 ok Some(6)
         120 ok Some(8)
         120 ok Some(10)",
    );
    world.assert_clean();
}

#[test]
fn a_leader_change_waits_for_the_former_leader_and_keeps_sequences() {
    let mut world = World::ready(config());
    world.batch(0, 1);
    world.batch(0, 1);
    world.pump();
    world.lead(0, 2, 1);
    world.sender.handle_connected(2);
    world.batch(0, 1);
    world.pump();
    world.answer(ErrorCode::NOT_LEADER_OR_FOLLOWER, -1);
    // The second one is still unanswered at broker 1: broker 2 gets nothing yet.
    world.expect(
        "0 -> 1: p0 e0 s0+1
         0 -> 1: p0 e0 s1+1",
    );
    world.answer(ErrorCode::NOT_LEADER_OR_FOLLOWER, -1);
    world.advance(120);
    world.expect("120 -> 2: p0 e0 s0+1");
    world.answer(ErrorCode::NONE, 0);
    world.answer(ErrorCode::NONE, 1);
    world.answer(ErrorCode::NONE, 2);
    world.expect(
        "120 -> 2: p0 e0 s1+1
         120 -> 2: p0 e0 s2+1
         120 ok Some(0)
         120 ok Some(1)
         120 ok Some(2)",
    );
    world.assert_clean();
}

#[test]
fn a_leader_named_with_the_error_is_used_at_once() {
    let mut world = World::ready(config());
    world.sender.handle_connected(2);
    world.batch(0, 1);
    world.pump();
    let request = world.wire.remove(0);
    let mut part = World::part(PartitionIndex(0), ErrorCode::NOT_LEADER_OR_FOLLOWER, -1);
    part.leader = Some(Leader { node: 2, epoch: 3 });
    let answer = ProduceAnswer { parts: vec![part], throttle: Duration::ZERO };
    world.sender.handle_response(request.id, Ok(answer), &mut world.queues, world.now);
    world.pump();
    world.expect(
        "0 -> 1: p0 e0 s0+1
         0 -> 2: p0 e0 s0+1",
    );
    assert!(!world.sender.poll_metadata(), "the answer told all there is to know");
    // Older news from a metadata response does not undo it.
    world.lead(0, 1, 2);
    world.answer(ErrorCode::NONE, 5);
    world.batch(0, 1);
    world.pump();
    world.expect(
        "0 ok Some(5)
         0 -> 2: p0 e0 s1+1",
    );
}

#[test]
fn what_was_never_sent_fails_as_not_sent_and_what_was_sent_is_unknown() {
    let mut world = World::ready(config());
    world.batch(0, 1);
    world.pump();
    for _ in 0..5 {
        world.batch(0, 1);
    }
    world.pump();
    assert_eq!(world.wire.len(), 5);
    world.trace.clear();
    world.advance(10_000);
    world.expect(
        "10000 failed OutcomeUnknown None
         10000 failed OutcomeUnknown None
         10000 failed OutcomeUnknown None
         10000 failed OutcomeUnknown None
         10000 failed OutcomeUnknown None
         10000 failed NotSent None",
    );
    // The requests still hold their bytes.
    assert_eq!(world.pool.available_bytes(), POOL_BYTES - 5 * BATCH_BYTES);
    for _ in 0..5 {
        world.lose(true);
    }
    world.assert_clean();
}

#[test]
fn after_an_unknown_outcome_the_epoch_rises_before_more_is_sent() {
    let mut world = World::ready(config());
    world.batch(0, 3);
    world.pump();
    world.advance(9_999);
    world.batch(0, 2);
    world.pump();
    world.advance(1);
    world.batch(0, 1);
    world.pump();
    world.expect(
        "0 -> 1: p0 e0 s0+3
         9999 -> 1: p0 e0 s3+2
         10000 failed OutcomeUnknown None",
    );
    // The late answer is for nobody. The second batch is asked about under its old number, then both get new ones.
    world.answer(ErrorCode::NONE, 0);
    world.expect("");
    world.answer(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
    world.advance(120);
    world.expect(
        "10120 -> 1: p0 e1 s0+2
         10120 -> 1: p0 e1 s2+1",
    );
    world.answer(ErrorCode::NONE, 3);
    world.answer(ErrorCode::NONE, 5);
    world.expect(
        "10120 ok Some(3)
         10120 ok Some(5)",
    );
    world.assert_clean();
}

#[test]
fn a_batch_that_may_be_in_the_log_is_asked_about_under_its_old_number() {
    let mut world = World::ready(config());
    world.batch(0, 1);
    world.pump();
    world.advance(5_000);
    world.batch(0, 1);
    world.pump();
    world.lose(true);
    world.lose(true);
    world.trace.clear();
    // The first one runs out of time while it waits to be sent again.
    world.now += Duration::from_millis(5_000);
    world.sender.handle_timeout(&mut world.queues, world.now);
    world.pump();
    world.expect(
        "10000 -> 1: p0 e0 s1+1
         10000 failed OutcomeUnknown None",
    );
    world.answer(ErrorCode::DUPLICATE_SEQUENCE_NUMBER, -1);
    world.batch(0, 1);
    world.pump();
    world.expect(
        "10000 ok None
         10000 -> 1: p0 e1 s0+1",
    );
}

#[test]
fn a_refused_batch_makes_those_behind_it_start_again_under_the_next_epoch() {
    let mut world = World::ready(config());
    world.batch(0, 2);
    world.batch(0, 2);
    world.batch(0, 2);
    world.pump();
    world.trace.clear();
    world.answer(ErrorCode::INVALID_TIMESTAMP, -1);
    world.answer(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
    world.expect("0 failed Broker Some(INVALID_TIMESTAMP(32))");
    world.answer(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
    world.advance(120);
    world.expect("120 -> 1: p0 e1 s0+2");
    world.answer(ErrorCode::NONE, 0);
    world.answer(ErrorCode::NONE, 2);
    world.expect(
        "120 -> 1: p0 e1 s2+2
         120 ok Some(0)
         120 ok Some(2)",
    );
    world.assert_clean();
}

#[test]
fn a_producer_the_broker_forgot_starts_again_under_the_next_epoch() {
    let mut world = World::ready(config());
    world.batch(0, 1);
    world.pump();
    world.answer(ErrorCode::NONE, 0);
    world.batch(0, 1);
    world.pump();
    world.answer(ErrorCode::UNKNOWN_PRODUCER_ID, -1);
    world.trace.clear();
    world.advance(120);
    world.expect("120 -> 1: p0 e1 s0+1");
    world.answer(ErrorCode::NONE, 1);
    assert_eq!(world.results(), [Some(Ok(Some(0))), Some(Ok(Some(1)))]);
}

#[test]
fn other_partitions_take_the_new_epoch_only_when_nothing_of_the_old_is_on_the_way() {
    let mut world = World::new(config(), 2);
    world.lead(0, 1, 0);
    world.lead(1, 1, 0);
    world.sender.handle_connected(1);
    world.identify(9);
    world.batch(0, 1);
    world.pump();
    world.batch(1, 1);
    world.pump();
    world.answer(ErrorCode::INVALID_TIMESTAMP, -1);
    world.batch(0, 1);
    world.pump();
    world.batch(1, 1);
    world.pump();
    world.expect(
        "0 -> 1: p0 e0 s0+1
         0 -> 1: p1 e0 s0+1
         0 failed Broker Some(INVALID_TIMESTAMP(32))
         0 -> 1: p0 e1 s0+1",
    );
    world.answer(ErrorCode::NONE, 0);
    world.expect(
        "0 -> 1: p1 e1 s0+1
         0 ok Some(0)",
    );
}

#[test]
fn too_large_a_batch_is_split_and_keeps_its_numbers() {
    let mut world = World::ready(config());
    world.batch(0, 5);
    world.batch(0, 1);
    world.pump();
    world.trace.clear();
    world.answer(ErrorCode::MESSAGE_TOO_LARGE, -1);
    world.answer(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
    world.answer(ErrorCode::NONE, 0);
    world.advance(120);
    world.answer(ErrorCode::MESSAGE_TOO_LARGE, -1);
    world.answer(ErrorCode::NONE, 2);
    world.answer(ErrorCode::NONE, 3);
    world.answer(ErrorCode::NONE, 5);
    world.expect(
        "0 -> 1: p0 e0 s0+2
         0 split at 2
         0 -> 1: p0 e0 s2+3
         0 ok Some(0)
         120 -> 1: p0 e0 s2+1
         120 split at 1
         120 -> 1: p0 e0 s3+2
         120 ok Some(2)
         120 -> 1: p0 e0 s5+1
         120 ok Some(3)
         120 ok Some(5)",
    );
    let offsets: Vec<_> = (0..6).map(|offset| Some(Ok(Some(offset)))).collect();
    assert_eq!(world.results(), offsets);
    world.assert_clean();
}

#[test]
fn one_record_too_large_is_refused() {
    let mut world = World::ready(config());
    world.batch(0, 1);
    world.pump();
    world.answer(ErrorCode::MESSAGE_TOO_LARGE, -1);
    assert_eq!(world.results(), [Some(Err(ErrorKind::RecordTooLarge))]);
    world.assert_clean();
}

#[test]
fn one_in_flight_sends_nothing_past_a_batch_that_waits_to_be_retried() {
    let mut world = World::ready(SenderConfig { max_in_flight: 1, idempotence: false, acks: 1, ..config() });
    world.batch(0, 1);
    world.batch(0, 1);
    world.pump();
    world.lose(true);
    world.expect("0 -> 1: p0 e-1 s-1+1");
    world.advance(120);
    world.answer(ErrorCode::NONE, 0);
    world.expect(
        "120 -> 1: p0 e-1 s-1+1
         120 -> 1: p0 e-1 s-1+1
         120 ok Some(0)",
    );
}

#[test]
fn retries_used_up_tell_what_is_known() {
    for may_have_arrived in [false, true] {
        let mut world = World::ready(SenderConfig { retries: 1, ..config() });
        world.batch(0, 1);
        world.pump();
        world.answer(ErrorCode::NOT_ENOUGH_REPLICAS, -1);
        world.advance(120);
        if may_have_arrived {
            world.answer(ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, -1);
        } else {
            world.answer(ErrorCode::NOT_ENOUGH_REPLICAS, -1);
        }
        let kind = if may_have_arrived { ErrorKind::OutcomeUnknown } else { ErrorKind::Broker };
        assert_eq!(world.results(), [Some(Err(kind))]);
    }
}

#[test]
fn an_attempt_that_never_left_does_not_count() {
    let mut world = World::ready(SenderConfig { retries: 0, ..config() });
    world.batch(0, 1);
    world.pump();
    world.lose(false);
    assert_eq!(world.results(), [None]);
    world.advance(120);
    world.answer(ErrorCode::NONE, 0);
    assert_eq!(world.results(), [Some(Ok(Some(0)))]);
}

#[test]
fn a_refusal_after_a_lost_attempt_is_not_called_a_failure() {
    let mut world = World::ready(config());
    world.batch(0, 1);
    world.pump();
    world.lose(true);
    world.advance(120);
    world.answer(ErrorCode::TOPIC_AUTHORIZATION_FAILED, -1);
    assert_eq!(world.results(), [Some(Err(ErrorKind::OutcomeUnknown))]);
}

#[test]
fn records_refused_by_name_are_told_apart() {
    let mut world = World::ready(config());
    world.batch(0, 2);
    world.pump();
    let request = world.wire.remove(0);
    let mut part = World::part(PartitionIndex(0), ErrorCode::INVALID_RECORD, -1);
    part.record_errors = vec![(1, Some("no key".to_owned()))];
    let answer = ProduceAnswer { parts: vec![part], throttle: Duration::ZERO };
    world.sender.handle_response(request.id, Ok(answer), &mut world.queues, world.now);
    world.pump();
    let errors: Vec<_> = world.deliveries.iter_mut().map(|d| d.try_result().unwrap().unwrap_err()).collect();
    assert_eq!(errors[0].code(), None);
    assert!(errors[0].is_retriable());
    assert_eq!((errors[1].code(), errors[1].message()), (Some(ErrorCode::INVALID_RECORD), "no key"));
}

#[test]
fn one_request_carries_all_partitions_of_a_broker_up_to_its_size() {
    let mut world = World::new(SenderConfig { max_request_bytes: 300, ..config() }, 4);
    for partition in 0..3 {
        world.lead(partition, 1, 0);
    }
    world.lead(3, 2, 0);
    world.sender.handle_connected(1);
    world.sender.handle_connected(2);
    world.identify(9);
    for partition in 0..4 {
        world.batch(partition, 1);
    }
    world.pump();
    let mut requests: Vec<_> = world.trace.lines().collect();
    requests.sort_unstable();
    assert_eq!(requests, ["0 -> 1: p0 e0 s0+1 p1 e0 s0+1", "0 -> 1: p2 e0 s0+1", "0 -> 2: p3 e0 s0+1"]);
}

#[test]
fn a_throttling_broker_gets_no_request_until_it_wants_one() {
    let mut world = World::ready(config());
    world.batch(0, 1);
    world.pump();
    let request = world.wire.remove(0);
    let parts = vec![World::part(PartitionIndex(0), ErrorCode::NONE, 0)];
    let answer = ProduceAnswer { parts, throttle: Duration::from_millis(50) };
    world.sender.handle_response(request.id, Ok(answer), &mut world.queues, world.now);
    world.trace.clear();
    world.batch(0, 1);
    world.advance(49);
    assert!(!world.trace.contains("->"));
    assert_eq!(world.sender.poll_timeout(), Some(world.now + Duration::from_millis(1)));
    world.advance(1);
    assert!(world.trace.contains("50 -> 1: p0 e0 s1+1"));
}

#[test]
fn without_a_leader_metadata_is_asked_for_again_and_again() {
    let mut world = World::new(config(), 1);
    world.batch(0, 1);
    assert!(world.sender.poll_metadata());
    world.advance(0);
    assert!(world.sender.poll_metadata());
    assert_eq!(world.sender.poll_timeout(), Some(world.now + Duration::from_secs(1)));
    world.advance(1_000);
    assert!(world.sender.poll_metadata());
    world.advance(9_000);
    let error = world.deliveries[0].try_result().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_outcome_unknown()), (ErrorKind::NotSent, false));
    assert!(error.message().contains("a leader of the partition"), "{error}");
    world.assert_clean();
}

#[test]
fn a_broker_that_cannot_be_reached_is_tried_again_after_a_backoff() {
    let mut world = World::new(config(), 1);
    world.lead(0, 1, 0);
    world.batch(0, 1);
    assert!(world.sender.poll_init(world.now));
    world.identify(9);
    assert_eq!(world.sender.poll_connect(world.now, false), Some(1));
    assert_eq!(world.sender.poll_connect(world.now, false), None);
    let refused = Error::new(ErrorKind::Network, "connect", "connection refused");
    world.sender.handle_connect_failed(1, refused, world.now);
    assert!(world.sender.poll_metadata());
    assert_eq!(world.sender.poll_connect(world.now, false), None);
    let again = world.sender.poll_timeout().unwrap();
    assert!(again > world.now && again <= world.now + Duration::from_millis(120));
    assert_eq!(world.sender.poll_connect(again, false), Some(1));
    world.advance(10_000);
    let error = world.deliveries[0].try_result().unwrap().unwrap_err();
    assert!(error.message().contains("a connection to broker 1"), "{error}");
    assert!(error.message().contains("connection refused"), "{error}");
}

#[test]
fn a_fatal_answer_for_the_producer_id_fails_all_there_is_and_will_be() {
    let mut world = World::new(config(), 1);
    world.lead(0, 1, 0);
    world.sender.handle_connected(1);
    world.batch(0, 1);
    assert!(world.sender.poll_init(world.now));
    let error = Error::new(ErrorKind::Authorization, "initialise producer", "no");
    let answer = Err(InitFailure { error, retriable: false });
    world.sender.handle_init(answer, &mut world.queues, world.now);
    world.batch(0, 1);
    world.pump();
    assert_eq!(world.results(), [Some(Err(ErrorKind::Authorization)), Some(Err(ErrorKind::Authorization))]);
    world.assert_clean();
}

#[test]
fn at_the_end_everything_is_told_once() {
    let mut world = World::ready(config());
    for _ in 0..6 {
        world.batch(0, 1);
    }
    world.pump();
    world.lose(true);
    let closed = Error::closed("close");
    world.sender.fail_all(&closed, &mut world.queues);
    world.pump();
    let unknown = world.results().iter().filter(|r| **r == Some(Err(ErrorKind::OutcomeUnknown))).count();
    let closed = world.results().iter().filter(|r| **r == Some(Err(ErrorKind::Closed))).count();
    assert_eq!((unknown, closed), (5, 1));
    while !world.wire.is_empty() {
        world.answer(ErrorCode::NONE, 0);
    }
    world.assert_clean();
}
