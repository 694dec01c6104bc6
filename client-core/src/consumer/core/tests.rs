//! When the driver is woken: never for a moment that the step at that moment leaves where it is, or it would spin.

use super::*;
use crate::consumer::lookups::CommittedAnswer;
use crate::error::ErrorKind;
use crate::metadata::QueryTopics;
use ottla_env::RngRoot;
use ottla_wire::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::messages::{BrokerId, MetadataResponse, TopicName};
use ottla_wire::protocol::StrBytes;

struct Fixture {
    core: Core,
    now: Instant,
}

fn partition(number: i32) -> TopicPartition {
    TopicPartition::new("t", number)
}

/// Topic `t` of two partitions led by `leader`; none without one.
fn cluster(code: ErrorCode, leader: i32) -> Arc<ClusterSnapshot> {
    let broker = MetadataResponseBroker::default()
        .with_node_id(BrokerId(1))
        .with_host(StrBytes::from_static_str("b"))
        .with_port(1);
    let partitions = (0..2).map(|number| {
        MetadataResponsePartition::default().with_partition_index(number).with_leader_id(BrokerId(leader))
    });
    let topic = MetadataResponseTopic::default()
        .with_name(Some(TopicName(StrBytes::from_static_str("t"))))
        .with_error_code(code.0)
        .with_partitions(partitions.collect());
    let response = MetadataResponse::default().with_brokers(vec![broker]).with_topics(vec![topic]);
    Arc::new(ClusterSnapshot::default().updated(&QueryTopics::Named(vec!["t".into()]), &response))
}

impl Fixture {
    #[allow(clippy::disallowed_methods)] // An arbitrary beginning; time is moved by hand.
    fn new(group: bool, cluster: Arc<ClusterSnapshot>) -> Self {
        let now = Instant::now();
        let mut options = vec![
            ("bootstrap.servers", "b:1"),
            ("auto.offset.reset", "earliest"),
            ("enable.auto.commit", "false"),
        ];
        if group {
            options.push(("group.id", "g"));
        }
        let config = Arc::new(ConsumerConfig::from_map(options).unwrap());
        let root = RngRoot::from_seed(1);
        let mut core = Core::new(config, root.child("member"), root.child("commit"), now);
        core.assign(&[partition(0)], 0);
        core.handle_cluster(cluster, now);
        Self { core, now }
    }

    fn step(&mut self) -> Vec<Request> {
        self.core.step(self.now, 0)
    }

    /// Steps at the time the driver would, which must leave no reason to do so again at once.
    fn wake(&mut self) -> Vec<Request> {
        let requests = self.step();
        let next = self.core.poll_timeout();
        assert!(next.is_none_or(|at| at > self.now), "the driver spins: nothing moves {next:?} on");
        requests
    }

    /// Lets the time come that the driver waits for.
    fn pass(&mut self) {
        self.now = self.core.poll_timeout().expect("something to wait for");
    }

    fn list_offsets(&mut self) -> Asked<TimeQuery> {
        let asked = self.step().into_iter().find_map(|request| match request {
            Request::ListOffsets { asked, .. } => Some(asked),
            _ => None,
        });
        asked.expect("a question")
    }

    fn fetch(&mut self) -> FetchOut {
        let out = self.step().into_iter().find_map(|request| match request {
            Request::Fetch(out) => Some(out),
            _ => None,
        });
        out.expect("a fetch")
    }

    /// A fetch from the only broker fails: it is left alone for a while.
    fn failed_fetch(&mut self) {
        self.core.partitions.rewind(&partition(0), Position::at(0));
        let out = self.fetch();
        self.core.fetcher.handle_failure(out.node, out.token, self.now);
    }

    fn pause(&mut self, paused: bool) {
        self.core.partitions.get_mut(&partition(0)).unwrap().paused = paused;
    }
}

fn out_of_reach() -> Error {
    Error::new(ErrorKind::Network, "list offsets", "the connection ended").with_retriable(true)
}

#[test]
fn a_closing_consumer_is_not_woken_for_what_it_no_longer_does() {
    let mut missing = Fixture::new(false, cluster(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, 1));
    let mut stalled = Fixture::new(false, cluster(ErrorCode::NONE, -1));
    let mut refused = Fixture::new(false, cluster(ErrorCode::NONE, 1));
    let asked = refused.list_offsets();
    refused.core.handle_lookup_failure(&asked, &out_of_reach(), refused.now);
    let mut failed = Fixture::new(false, cluster(ErrorCode::NONE, 1));
    failed.failed_fetch();
    for fixture in [&mut missing, &mut stalled, &mut refused, &mut failed] {
        fixture.step();
        fixture.pass();
        fixture.core.stop_fetching();
        fixture.wake();
    }
}

#[test]
fn a_question_about_a_partition_that_is_given_up_does_not_wake() {
    let mut f = Fixture::new(false, cluster(ErrorCode::NONE, 1));
    let asked = f.list_offsets();
    f.core.handle_lookup_failure(&asked, &out_of_reach(), f.now);
    f.step();
    f.pass();
    f.core.partitions.hold(&[partition(0)]);
    f.wake();
}

#[test]
fn a_paused_partition_does_not_wake_and_is_fetched_as_soon_as_it_is_resumed() {
    let mut f = Fixture::new(false, cluster(ErrorCode::NONE, 1));
    f.failed_fetch();
    f.step();
    f.pass();
    f.pause(true);
    f.wake();
    f.core.partitions.get_mut(&partition(0)).unwrap().fetch_retry_at = Some(f.now);
    f.wake();
    f.pause(false);
    f.fetch();
    f.wake();
}

#[test]
fn a_broker_that_leads_nothing_any_more_does_not_wake() {
    let mut f = Fixture::new(false, cluster(ErrorCode::NONE, 1));
    f.failed_fetch();
    f.step();
    f.pass();
    f.core.assign(&[], 0);
    f.wake();
}

#[test]
fn committed_offsets_are_asked_for_once_the_question_before_is_answered() {
    let mut f = Fixture::new(true, cluster(ErrorCode::NONE, 1));
    let committed = |requests: Vec<Request>| {
        requests.into_iter().find_map(|request| match request {
            Request::Committed { asked, .. } => Some(asked),
            _ => None,
        })
    };
    let first = committed(f.step()).unwrap();
    let code = ErrorCode::COORDINATOR_LOAD_IN_PROGRESS;
    f.core.handle_committed(&first, Ok(CommittedAnswer::Again(code)), f.now, 0);
    f.core.assign(&[partition(0), partition(1)], 0);
    let second = committed(f.step()).unwrap();
    f.now += f.core.backoff();
    assert!(committed(f.wake()).is_none());
    f.core.handle_committed(&second, Ok(CommittedAnswer::Again(code)), f.now, 0);
    assert_eq!(committed(f.wake()).map(|asked| asked.len()), Some(1));
}
