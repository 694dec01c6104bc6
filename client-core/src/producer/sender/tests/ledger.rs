//! Random answers, losses, leaders and times: each record is told once, and told the truth.

use super::*;
use proptest::prelude::*;

/// A partition leader as the protocol has it: what it remembers of a producer, and its log.
#[derive(Default)]
struct Log {
    records: Vec<u32>,
    /// Epoch and the next sequence expected under it.
    producer: Option<(i16, i32)>,
    /// The last five batches: epoch, base sequence, count, base offset.
    recent: VecDeque<(i16, i32, i32, i64)>,
}

impl Log {
    fn append(&mut self, bytes: &bytes::Bytes) -> (ErrorCode, i64) {
        let view =
            ottla_wire::batch::BatchView::new(bytes.clone()).expect("the producer's bytes are a batch");
        let header = view.header;
        let (epoch, base, count) = (header.producer_epoch, header.base_sequence, header.records_count);
        if let Some(known) = self.recent.iter().find(|b| (b.0, b.1, b.2) == (epoch, base, count)) {
            return (ErrorCode::NONE, known.3);
        }
        let expected = match self.producer {
            Some((known, _)) if epoch < known => return (ErrorCode::INVALID_PRODUCER_EPOCH, -1),
            Some((known, next)) if epoch == known => next,
            _ => 0,
        };
        if base != expected {
            return (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
        }
        let offset = self.records.len() as i64;
        let mut scratch = ottla_wire::batch::Scratch::new();
        for record in view.records(&Default::default(), &mut scratch).expect("readable") {
            let value = record.expect("readable").value.expect("every record has a value");
            self.records.push(u32::from_be_bytes(value.try_into().expect("four bytes")));
        }
        self.producer = Some((epoch, base + count));
        if self.recent.len() == 5 {
            self.recent.pop_front();
        }
        self.recent.push_back((epoch, base, count, offset));
        (ErrorCode::NONE, offset)
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Send {
        partition: u32,
        count: u8,
    },
    /// The oldest request of a broker is handled and answered.
    Answer {
        node: bool,
    },
    /// It is handled and the answer gets lost; so do all later ones of the connection, some handled, some not.
    Cut {
        node: bool,
        handled: u8,
    },
    /// It is refused without being looked at.
    Refuse {
        node: bool,
        code: ErrorCode,
    },
    /// It is appended and yet answered with an error.
    AppendAndRefuse {
        node: bool,
        code: ErrorCode,
    },
    Lead {
        partition: u32,
        node: bool,
    },
    Advance {
        ms: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let node = any::<bool>;
    let refusal = prop::sample::select(vec![
        ErrorCode::NOT_ENOUGH_REPLICAS,
        ErrorCode::LEADER_NOT_AVAILABLE,
        ErrorCode::MESSAGE_TOO_LARGE,
        ErrorCode::INVALID_TIMESTAMP,
        ErrorCode::CORRUPT_MESSAGE,
        ErrorCode::TOPIC_AUTHORIZATION_FAILED,
    ]);
    let doubt = prop::sample::select(vec![
        ErrorCode::NOT_LEADER_OR_FOLLOWER,
        ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        ErrorCode::REQUEST_TIMED_OUT,
        ErrorCode::UNKNOWN_SERVER_ERROR,
    ]);
    prop_oneof![
        6 => (0..2u32, 1..6u8).prop_map(|(partition, count)| Step::Send { partition, count }),
        6 => node().prop_map(|node| Step::Answer { node }),
        1 => (node(), 0..4u8).prop_map(|(node, handled)| Step::Cut { node, handled }),
        1 => (node(), refusal).prop_map(|(node, code)| Step::Refuse { node, code }),
        1 => (node(), doubt).prop_map(|(node, code)| Step::AppendAndRefuse { node, code }),
        1 => (0..2u32, node()).prop_map(|(partition, node)| Step::Lead { partition, node }),
        3 => prop_oneof![1..200u64, 1_000..6_000u64].prop_map(|ms| Step::Advance { ms }),
    ]
}

struct Cluster {
    world: World,
    logs: [Log; 2],
    leader_epochs: [i32; 2],
    sent: u32,
}

impl Cluster {
    fn node(of: bool) -> NodeId {
        if of { 2 } else { 1 }
    }

    fn oldest(&mut self, node: bool) -> Option<ProduceRequest> {
        let at = self.world.wire.iter().position(|request| request.node == Self::node(node))?;
        Some(self.world.wire.remove(at))
    }

    /// What the broker does with a request: only a partition's leader appends.
    fn handle(&mut self, request: &ProduceRequest) -> Vec<PartitionAnswer> {
        let mut parts = Vec::new();
        for part in &request.parts {
            let leader = self.world.sender.leader(part.partition).map(|leader| leader.node);
            let (code, offset) = if leader == Some(request.node) {
                self.logs[part.partition.0 as usize].append(&part.records)
            } else {
                (ErrorCode::NOT_LEADER_OR_FOLLOWER, -1)
            };
            parts.push(World::part(part.partition, code, offset));
        }
        parts
    }

    fn answer(&mut self, request: &ProduceRequest, parts: Vec<PartitionAnswer>) {
        let answer = ProduceAnswer { parts, throttle: Duration::ZERO };
        let world = &mut self.world;
        world.sender.handle_response(request.id, Ok(answer), &mut world.queues, world.now);
        world.pump();
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Send { partition, count } => {
                for _ in 0..count {
                    let value = self.sent.to_be_bytes();
                    self.sent += 1;
                    self.world.append(partition, &value);
                }
                self.world.pump();
            }
            Step::Answer { node } => {
                if let Some(request) = self.oldest(node) {
                    let parts = self.handle(&request);
                    self.answer(&request, parts);
                }
            }
            Step::Cut { node, handled } => {
                let mut handled = handled;
                while let Some(request) = self.oldest(node) {
                    if handled > 0 {
                        handled -= 1;
                        self.handle(&request);
                    }
                    let failure = RequestFailure {
                        error: Error::new(ErrorKind::Network, "send", "connection reset"),
                        may_have_arrived: true,
                        disconnected: true,
                        retriable: true,
                    };
                    let world = &mut self.world;
                    world.sender.handle_response(request.id, Err(failure), &mut world.queues, world.now);
                }
                self.world.sender.handle_connected(Self::node(node));
                self.world.pump();
            }
            Step::Refuse { node, code } => {
                if let Some(request) = self.oldest(node) {
                    let parts = request.parts.iter().map(|p| World::part(p.partition, code, -1)).collect();
                    self.answer(&request, parts);
                }
            }
            Step::AppendAndRefuse { node, code } => {
                if let Some(request) = self.oldest(node) {
                    let mut parts = self.handle(&request);
                    for part in parts.iter_mut().filter(|part| part.code == ErrorCode::NONE) {
                        (part.code, part.base_offset) = (code, -1);
                    }
                    self.answer(&request, parts);
                }
            }
            Step::Lead { partition, node } => {
                let epoch = &mut self.leader_epochs[partition as usize];
                *epoch += 1;
                let epoch = *epoch;
                self.world.lead(partition, Self::node(node), epoch);
                self.world.pump();
            }
            Step::Advance { ms } => self.world.advance(ms),
        }
        assert!(self.world.pool.available_bytes() <= POOL_BYTES);
        // Once all that is due was done, the next thing is in the future: a driver never spins.
        self.world.advance(0);
        let next = self.world.sender.poll_timeout();
        assert!(next.is_none_or(|next| next > self.world.now), "due and not done: {}", self.world.trace);
    }

    /// All faults stop; everything must end.
    fn finish(&mut self) {
        for _ in 0..10_000 {
            let next = if let Some(request) = self.world.wire.first() {
                Step::Answer { node: request.node == 2 }
            } else if self.world.incomplete.count() > 0 {
                Step::Advance { ms: 50 }
            } else {
                return;
            };
            self.take(next);
        }
        panic!("batches are left over: {}", self.world.trace);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_record_is_told_once_and_the_truth(steps in prop::collection::vec(step(), 1..150)) {
        let mut world = World::new(config(), 2);
        world.lead(0, 1, 0);
        world.lead(1, 2, 0);
        world.sender.handle_connected(1);
        world.sender.handle_connected(2);
        world.identify(9);
        let mut cluster = Cluster { world, logs: Default::default(), leader_epochs: [0; 2], sent: 0 };
        for step in steps {
            cluster.take(step);
        }
        cluster.finish();
        cluster.world.assert_clean();
        let logged: Vec<u32> = cluster.logs.iter().flat_map(|log| log.records.iter().copied()).collect();
        let mut once = logged.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), logged.len(), "a record is in the log twice: {:?}", cluster.world.trace);
        for log in &cluster.logs {
            prop_assert!(log.records.is_sorted(), "out of order: {:?}\n{}", log.records, cluster.world.trace);
        }
        for (value, delivery) in cluster.world.deliveries.iter_mut().enumerate() {
            let log = &cluster.logs[delivery.partition() as usize].records;
            let is_logged = log.contains(&(value as u32));
            match delivery.try_result() {
                None => prop_assert!(false, "record {value} was never told"),
                Some(Ok(metadata)) => {
                    prop_assert!(is_logged, "record {value} was told as appended and is not there");
                    if let Some(offset) = metadata.offset {
                        prop_assert_eq!(log[offset as usize], value as u32);
                    }
                }
                Some(Err(error)) if error.is_outcome_unknown() => {}
                Some(Err(error)) => {
                    prop_assert!(!is_logged, "record {value} was told as failed and is there: {error}\n{}", cluster.world.trace);
                }
            }
        }
    }
}
