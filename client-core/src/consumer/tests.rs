//! A whole consumer against a broker that answers as told, on a clock that jumps.

use super::*;
use crate::group::subscription::Assignment;
use crate::testing::world::World;
use crate::testing::{FakeBroker, Reply, encoded};
use ottla_env::BoxFuture;
use ottla_wire::messages::fetch_response::{
    FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use ottla_wire::messages::join_group_response::JoinGroupResponseMember;
use ottla_wire::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use ottla_wire::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use ottla_wire::messages::offset_fetch_response::{OffsetFetchResponsePartition, OffsetFetchResponseTopic};
use ottla_wire::messages::{
    BrokerId, FetchRequest, FetchResponse, HeartbeatRequest, HeartbeatResponse, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse, ListOffsetsRequest, ListOffsetsResponse,
    OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse, SyncGroupRequest,
    SyncGroupResponse,
};
use ottla_wire::protocol::{Request, StrBytes};
use ottla_wire::{ApiKey, ErrorCode};
use std::net::SocketAddr;
use tokio::sync::oneshot;

/// A broker that leads topic `t` of two partitions, without records, and coordinates a group of one.
struct Script {
    broker: FakeBroker,
    heartbeat_code: Arc<Mutex<ErrorCode>>,
    heartbeats: Arc<Mutex<Vec<Instant>>>,
    /// Joins are held back until this is fired.
    hold_joins: Arc<Mutex<Option<oneshot::Receiver<()>>>>,
    /// Commits too.
    hold_commits: Arc<Mutex<Option<oneshot::Receiver<()>>>>,
    /// Generations that commits named.
    commits: Arc<Mutex<Vec<i32>>>,
}

impl Script {
    async fn start(env: &Env) -> Self {
        let broker = FakeBroker::start(env).await;
        broker.topic("t", 2);
        let heartbeat_code = Arc::new(Mutex::new(ErrorCode::NONE));
        let hold_joins: Arc<Mutex<Option<oneshot::Receiver<()>>>> = Arc::default();
        let hold_commits: Arc<Mutex<Option<oneshot::Receiver<()>>>> = Arc::default();
        let commits: Arc<Mutex<Vec<i32>>> = Arc::default();

        let held = hold_joins.clone();
        let mut generation = 0;
        broker.on_raw(ApiKey::JOIN_GROUP, move |asked| {
            let request = asked.decode::<JoinGroupRequest>();
            generation += 1;
            let member = JoinGroupResponseMember::default()
                .with_member_id(StrBytes::from_static_str("m"))
                .with_metadata(request.protocols[0].metadata.clone());
            let response = JoinGroupResponse::default()
                .with_generation_id(generation)
                .with_protocol_name(Some(request.protocols[0].name.clone()))
                .with_leader(StrBytes::from_static_str("m"))
                .with_member_id(StrBytes::from_static_str("m"))
                .with_members(vec![member]);
            let bytes = encoded(JoinGroupRequest::KEY, &asked, &response);
            match held.lock().take() {
                Some(released) => Reply::When(released, bytes),
                None => Reply::Bytes(bytes),
            }
        });
        let code = heartbeat_code.clone();
        broker.on::<SyncGroupRequest>(move |_, request| {
            *code.lock() = ErrorCode::NONE;
            let assignment = request.assignments.first().map(|own| own.assignment.clone());
            let none = || Assignment::default().encode();
            SyncGroupResponse::default().with_assignment(assignment.unwrap_or_else(none))
        });
        let heartbeats: Arc<Mutex<Vec<Instant>>> = Arc::default();
        let (code, heard, clock) = (heartbeat_code.clone(), heartbeats.clone(), env.clone());
        broker.on::<HeartbeatRequest>(move |_, _| {
            heard.lock().push(clock.now());
            HeartbeatResponse::default().with_error_code(code.lock().0)
        });
        broker.on::<LeaveGroupRequest>(|_, _| LeaveGroupResponse::default());
        let (held, seen) = (hold_commits.clone(), commits.clone());
        broker.on_raw(ApiKey::OFFSET_COMMIT, move |asked| {
            let request = asked.decode::<OffsetCommitRequest>();
            seen.lock().push(request.generation_id_or_member_epoch);
            let bytes = encoded(OffsetCommitRequest::KEY, &asked, &committed(&request));
            match held.lock().take() {
                Some(released) => Reply::When(released, bytes),
                None => Reply::Bytes(bytes),
            }
        });
        broker.offer(ApiKey::OFFSET_FETCH, 1..=7);
        broker.on::<OffsetFetchRequest>(|_, request| nothing_committed(&request));
        broker.on::<ListOffsetsRequest>(|_, request| all_at_zero(&request));
        broker.on_raw(ApiKey::FETCH, |asked| {
            let nothing = encoded(FetchRequest::KEY, &asked, &FetchResponse::default());
            Reply::Later(Duration::from_millis(500), nothing)
        });
        Self { broker, heartbeat_code, heartbeats, hold_joins, hold_commits, commits }
    }

    fn builder(&self, env: &Env) -> ConsumerBuilder {
        Consumer::builder()
            .set("bootstrap.servers", self.broker.bootstrap())
            .set("group.id", "g")
            .set("auto.offset.reset", "earliest")
            .set("enable.auto.commit", false)
            .set("partition.assignment.strategy", "cooperative-sticky")
            .env(env.clone())
    }

    /// The longest time without a heartbeat since `from`, up to `until`.
    fn longest_silence(&self, from: Instant, until: Instant) -> Duration {
        let heard = self.heartbeats.lock();
        let times = heard.iter().copied().filter(|at| *at > from && *at < until);
        let mut last = from;
        let mut longest = Duration::ZERO;
        for at in times.chain([until]) {
            longest = longest.max(at - last);
            last = at;
        }
        longest
    }

    /// What others need to be told at the end of a rebalance of theirs: this member has to join again.
    fn rebalance(&self) -> oneshot::Sender<()> {
        let (release, released) = oneshot::channel();
        *self.hold_joins.lock() = Some(released);
        *self.heartbeat_code.lock() = ErrorCode::REBALANCE_IN_PROGRESS;
        release
    }
}

fn committed(request: &OffsetCommitRequest) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            OffsetCommitResponsePartition::default().with_partition_index(partition.partition_index)
        });
        OffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

fn nothing_committed(request: &OffsetFetchRequest) -> OffsetFetchResponse {
    let topics = request.topics.iter().flatten().map(|topic| {
        let partitions = topic.partition_indexes.iter().map(|index| {
            OffsetFetchResponsePartition::default().with_partition_index(*index).with_committed_offset(-1)
        });
        OffsetFetchResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    OffsetFetchResponse::default().with_topics(topics.collect())
}

fn all_at_zero(request: &ListOffsetsRequest) -> ListOffsetsResponse {
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|partition| {
            ListOffsetsPartitionResponse::default()
                .with_partition_index(partition.partition_index)
                .with_offset(0)
                .with_leader_epoch(-1)
        });
        ListOffsetsTopicResponse::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    ListOffsetsResponse::default().with_topics(topics.collect())
}

/// Polls until `done`.
async fn poll_until(consumer: &Consumer, mut done: impl FnMut() -> bool) {
    let limit = consumer.shared.env.now() + Duration::from_secs(600);
    while !done() {
        assert!(consumer.shared.env.now() < limit, "not done in time");
        consumer.poll(Duration::from_millis(100)).await.unwrap();
    }
}

fn positions(consumer: &Consumer) -> usize {
    consumer.assignment().iter().filter(|partition| consumer.position(partition).is_some()).count()
}

#[tokio::test]
async fn what_a_member_keeps_can_be_committed_while_others_still_join() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let consumer = script.builder(env).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    let release = script.rebalance();
    poll_until(&consumer, || script.broker.count(ApiKey::JOIN_GROUP) == 2).await;
    let parked_at = env.now();
    // Longer than request.timeout.ms, shorter than max.poll.interval.ms.
    while env.now() < parked_at + Duration::from_secs(120) {
        let asked_at = env.now();
        consumer.commit_sync().await.unwrap();
        assert!(env.now() - asked_at < Duration::from_secs(1));
        consumer.poll(Duration::from_secs(5)).await.unwrap();
    }
    release.send(()).unwrap();
    poll_until(&consumer, || script.broker.count(ApiKey::SYNC_GROUP) == 2).await;
    poll_until(&consumer, || consumer.group_metadata().unwrap().generation_id == 2).await;
    assert_eq!(script.broker.count(ApiKey::JOIN_GROUP), 2, "one join was enough");
    assert!(script.commits.lock().iter().all(|generation| *generation == 1));
    consumer.commit_sync().await.unwrap();
    assert_eq!(script.commits.lock().last(), Some(&2));
}

#[tokio::test]
async fn a_close_does_not_wait_for_a_join_that_others_hold_up() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let consumer = script.builder(env).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    let _parked = script.rebalance();
    poll_until(&consumer, || script.broker.count(ApiKey::JOIN_GROUP) == 2).await;
    let asked_at = env.now();
    consumer.close(Duration::from_secs(60)).await.unwrap();
    assert!(env.now() - asked_at < Duration::from_secs(1), "{:?}", env.now() - asked_at);
    assert_eq!(script.broker.count(ApiKey::LEAVE_GROUP), 1);
}

#[tokio::test]
async fn a_commit_that_a_rebalance_overtook_goes_with_the_new_generation() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let consumer = script.builder(env).set("enable.auto.commit", true).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    let release = script.rebalance();
    poll_until(&consumer, || script.broker.count(ApiKey::JOIN_GROUP) == 2).await;
    // Everybody has joined, and the answer that says so is on its way: only the broker knows of generation 2.
    let seen = script.commits.clone();
    let (refuse, mut refused) = (Mutex::new(Some(release)), 0);
    script.broker.on::<OffsetCommitRequest>(move |_, request| {
        seen.lock().push(request.generation_id_or_member_epoch);
        let mut response = committed(&request);
        if request.generation_id_or_member_epoch < 2 {
            for partition in response.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
                partition.error_code = ErrorCode::ILLEGAL_GENERATION.0;
            }
            refused += 1;
            if let Some(release) = refuse.lock().take() {
                release.send(()).unwrap();
            }
        }
        assert!(refused <= 1, "it is not sent in vain again");
        response
    });
    let asked_at = env.now();
    consumer.close(Duration::from_secs(60)).await.unwrap();
    assert!(env.now() - asked_at < Duration::from_secs(5), "{:?}", env.now() - asked_at);
    assert_eq!(*script.commits.lock(), [1, 2]);
    assert_eq!(script.broker.count(ApiKey::LEAVE_GROUP), 1);
}

#[tokio::test]
async fn a_join_waits_for_the_commit_under_way() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let consumer = script.builder(env).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    let (answer_commit, answered) = oneshot::channel();
    *script.hold_commits.lock() = Some(answered);
    let commit = consumer.commit_async().unwrap();
    poll_until(&consumer, || script.broker.count(ApiKey::OFFSET_COMMIT) == 1).await;
    drop(script.rebalance());
    // The heartbeat that tells of the rebalance waits behind the commit, so the member learns of it by itself here.
    consumer.shared.state.lock().core.member.as_mut().unwrap().rejoin("test", env.now());
    let until = env.now() + Duration::from_secs(10);
    poll_until(&consumer, || env.now() >= until).await;
    assert_eq!(script.broker.count(ApiKey::JOIN_GROUP), 1);
    answer_commit.send(()).unwrap();
    commit.await.unwrap();
    poll_until(&consumer, || script.broker.count(ApiKey::JOIN_GROUP) == 2).await;
}

#[tokio::test]
async fn a_join_gets_its_turn_however_many_commits_follow_each_other() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let consumer = script.builder(env).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    script.broker.on_raw(ApiKey::OFFSET_COMMIT, |asked| {
        let request = asked.decode::<OffsetCommitRequest>();
        let bytes = encoded(OffsetCommitRequest::KEY, &asked, &committed(&request));
        Reply::Later(Duration::from_millis(20), bytes)
    });
    // Several under way at any time, as of an application that commits each record and does not wait.
    let mut commits = std::collections::VecDeque::new();
    let mut commit_on = async |count: usize| {
        for _ in 0..count {
            while commits.len() < 5 {
                commits.push_back(consumer.commit_async().unwrap());
            }
            commits.pop_front().unwrap().await.unwrap();
        }
    };
    commit_on(5).await;
    consumer.shared.state.lock().core.member.as_mut().unwrap().rejoin("test", env.now());
    commit_on(20).await;
    assert_eq!(script.broker.count(ApiKey::JOIN_GROUP), 2);
}

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

struct Listener(Arc<Told>);

impl RebalanceListener for Listener {
    fn on_assigned<'a>(&'a self, _: &'a Consumer, partitions: &'a [TopicPartition]) -> BoxFuture<'a, ()> {
        self.0.0.lock().push(format!("assigned {}", partitions.len()));
        Box::pin(std::future::ready(()))
    }

    fn on_revoked<'a>(
        &'a self,
        consumer: &'a Consumer,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let owned = consumer.assignment().len();
            consumer.commit_sync().await.unwrap();
            self.0.0.lock().push(format!("revoked {} of {owned}", partitions.len()));
        })
    }

    fn on_lost<'a>(&'a self, _: &'a Consumer, partitions: &'a [TopicPartition]) -> BoxFuture<'a, ()> {
        self.0.0.lock().push(format!("lost {}", partitions.len()));
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test]
async fn unsubscribing_lets_the_listener_give_partitions_up_while_they_are_owned() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let told = Arc::new(Told::default());
    let consumer = script.builder(env).rebalance_listener(Listener(told.clone())).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    consumer.unsubscribe().await.unwrap();
    assert_eq!(*told.0.lock(), ["assigned 2", "revoked 2 of 2"]);
    assert_eq!(*script.commits.lock(), [1], "the listener's commit still counted");
    assert_eq!(script.broker.count(ApiKey::LEAVE_GROUP), 1);
    assert!(consumer.assignment().is_empty());
    consumer.unsubscribe().await.unwrap();
    consumer.close(Duration::from_secs(5)).await.unwrap();
    assert_eq!(told.0.lock().len(), 2, "nothing is told twice");
    assert_eq!(script.broker.count(ApiKey::LEAVE_GROUP), 1);
}

#[tokio::test]
async fn unsubscribing_tells_of_partitions_that_were_lost_meanwhile() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let told = Arc::new(Told::default());
    let consumer = script.builder(env).rebalance_listener(Listener(told.clone())).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    *script.heartbeat_code.lock() = ErrorCode::UNKNOWN_MEMBER_ID;
    // Joining again would bring an assignment that nobody was told of.
    let (_parked, released) = oneshot::channel();
    *script.hold_joins.lock() = Some(released);
    while !consumer.assignment().is_empty() {
        env.sleep(Duration::from_millis(100)).await;
    }
    consumer.unsubscribe().await.unwrap();
    assert_eq!(*told.0.lock(), ["assigned 2", "lost 2"]);
}

#[tokio::test]
async fn a_wait_for_unsubscribing_that_is_broken_off_gives_everything_up_all_the_same() {
    struct Endless;
    impl RebalanceListener for Endless {
        fn on_revoked<'a>(&'a self, _: &'a Consumer, _: &'a [TopicPartition]) -> BoxFuture<'a, ()> {
            Box::pin(std::future::pending())
        }
    }
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let consumer = script.builder(env).rebalance_listener(Endless).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    let second = Duration::from_secs(1);
    assert!(env.timeout_at(env.now() + second, consumer.unsubscribe()).await.is_none());
    assert!(consumer.assignment().is_empty());
    env.sleep(second).await;
    assert_eq!(script.broker.count(ApiKey::LEAVE_GROUP), 1);
}

#[tokio::test]
async fn a_slow_handler_stays_a_member_and_a_silent_one_is_told() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let consumer = script.builder(env).build().await.unwrap();
    let config = consumer.config().clone();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    let before = consumer.group_metadata().unwrap();
    // The handler: several sessions long.
    let handling_since = env.now();
    env.sleep(config.session_timeout * 5).await;
    let silence = script.longest_silence(handling_since, env.now());
    assert!(silence <= config.heartbeat_interval + Duration::from_secs(1), "{silence:?}");
    consumer.commit_sync().await.unwrap();
    assert_eq!(consumer.group_metadata().unwrap(), before, "still the same member of the same generation");
    consumer.poll(Duration::from_secs(1)).await.unwrap();
    assert_eq!(script.broker.count(ApiKey::LEAVE_GROUP), 0);
    // The handler: longer than max.poll.interval.ms.
    env.sleep(config.max_poll_interval + Duration::from_secs(1)).await;
    assert_eq!(script.broker.count(ApiKey::LEAVE_GROUP), 1);
    assert!(consumer.commit_sync().await.is_err(), "others may own the partitions");
    let told = loop {
        match consumer.poll(Duration::from_secs(1)).await {
            Ok(records) => {
                assert!(matches!(records.rebalances(), [RebalanceEvent::Lost(lost)] if lost.len() == 2))
            }
            Err(error) => break error,
        }
    };
    assert_eq!(told.kind(), ErrorKind::MaxPollExceeded);
    poll_until(&consumer, || positions(&consumer) == 2).await;
    assert_eq!(consumer.group_metadata().unwrap().generation_id, 2);
}

#[tokio::test]
async fn a_rebalance_waits_for_a_listener_that_takes_its_time_and_heartbeats_go_on() {
    struct Slow(Env, Arc<AtomicBool>);
    impl RebalanceListener for Slow {
        fn on_revoked<'a>(&'a self, consumer: &'a Consumer, _: &'a [TopicPartition]) -> BoxFuture<'a, ()> {
            Box::pin(async move {
                self.0.sleep(Duration::from_secs(120)).await;
                consumer.commit_sync().await.unwrap();
                self.1.store(true, Ordering::Relaxed);
            })
        }
    }
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let done = Arc::new(AtomicBool::new(false));
    let builder = script.builder(env).set("partition.assignment.strategy", "range");
    let consumer = builder.rebalance_listener(Slow(env.clone(), done.clone())).build().await.unwrap();
    consumer.subscribe(["t"]).unwrap();
    poll_until(&consumer, || positions(&consumer) == 2).await;
    drop(script.rebalance());
    let since = env.now();
    let joined_early = async {
        while !done.load(Ordering::Relaxed) {
            assert_eq!(script.broker.count(ApiKey::JOIN_GROUP), 1, "partitions are not given up yet");
            env.sleep(Duration::from_secs(1)).await;
        }
        env.now()
    };
    let (until, ()) = tokio::join!(joined_early, poll_until(&consumer, || done.load(Ordering::Relaxed)));
    assert!(until - since >= Duration::from_secs(120));
    let silence = script.longest_silence(since, until);
    assert!(silence <= consumer.config().heartbeat_interval + Duration::from_secs(1), "{silence:?}");
    poll_until(&consumer, || consumer.group_metadata().unwrap().generation_id == 2).await;
    assert_eq!(*script.commits.lock(), [1]);
}

#[tokio::test]
async fn a_fetch_follows_the_leader_that_a_refusal_names_without_asking_for_metadata() {
    let world = World::new();
    let env = &world.env;
    let script = Script::start(env).await;
    let next = FakeBroker::start_node(env, 2, SocketAddr::from(([10, 0, 0, 2], 9092))).await;
    let records = test_batches::data_bytes(0, 3, None, 5);
    next.on_raw(ApiKey::FETCH, move |asked| {
        let request = asked.decode::<FetchRequest>();
        let mut response = FetchResponse::default();
        let fresh = request.topics.iter().any(|topic| topic.partitions.iter().any(|p| p.fetch_offset == 0));
        if fresh {
            let partition = PartitionData::default()
                .with_high_watermark(3)
                .with_last_stable_offset(3)
                .with_records(Some(records.clone()));
            response.responses = answer(&request, partition);
        }
        Reply::Later(Duration::from_millis(100), encoded(FetchRequest::KEY, &asked, &response))
    });
    next.on::<ListOffsetsRequest>(|_, request| all_at_zero(&request));
    let refused = Arc::new(AtomicBool::new(false));
    let refusing = refused.clone();
    script.broker.on_raw(ApiKey::FETCH, move |asked| {
        refusing.store(true, Ordering::Relaxed);
        let request = asked.decode::<FetchRequest>();
        let moved = LeaderIdAndEpoch::default().with_leader_id(BrokerId(2)).with_leader_epoch(5);
        let partition = PartitionData::default()
            .with_error_code(ErrorCode::NOT_LEADER_OR_FOLLOWER.0)
            .with_current_leader(moved);
        let endpoint = NodeEndpoint::default()
            .with_node_id(BrokerId(2))
            .with_host(StrBytes::from_static_str("10.0.0.2"))
            .with_port(9092);
        let response = FetchResponse::default()
            .with_responses(answer(&request, partition))
            .with_node_endpoints(vec![endpoint]);
        Reply::Bytes(encoded(FetchRequest::KEY, &asked, &response))
    });
    let consumer = script.builder(env).build().await.unwrap();
    consumer.assign([TopicPartition::new("t", 0)]).unwrap();
    while !refused.load(Ordering::Relaxed) {
        consumer.poll(Duration::from_millis(1)).await.unwrap();
    }
    let asked = script.broker.count(ApiKey::METADATA);
    let records = consumer.poll(Duration::from_secs(5)).await.unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(script.broker.count(ApiKey::METADATA) + next.count(ApiKey::METADATA), asked);
}

/// The same for every partition asked for.
fn answer(request: &FetchRequest, partition: PartitionData) -> Vec<FetchableTopicResponse> {
    let topics = request.topics.iter().map(|topic| {
        let partitions =
            topic.partitions.iter().map(|asked| partition.clone().with_partition_index(asked.partition));
        FetchableTopicResponse::default()
            .with_topic(topic.topic.clone())
            .with_topic_id(topic.topic_id)
            .with_partitions(partitions.collect())
    });
    topics.collect()
}
