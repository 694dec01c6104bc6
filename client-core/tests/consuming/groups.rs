//! Consumers in groups against a broker: this repository's, or the one that `OTTLA_TEST_BOOTSTRAP` names (Apache Kafka,
//! say, with `group.min.session.timeout.ms=1000`).

use crate::raw::{LIMIT, Raw, broker};
use ottla::ErrorKind;
use ottla::consumer::{Consumer, ConsumerBuilder, OffsetAndMetadata, RebalanceEvent, RebalanceListener};
use ottla::record::TopicPartition;
use ottla_broker::Broker;
use ottla_env::BoxFuture;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A broker with a fresh topic.
struct Place {
    /// Ends with the test, where it is this repository's.
    _broker: Option<Broker>,
    bootstrap: String,
    topic: String,
    raw: Raw,
}

impl Place {
    async fn with_partitions(partitions: i32) -> Self {
        let (own, bootstrap) = match std::env::var("OTTLA_TEST_BOOTSTRAP") {
            Ok(bootstrap) => (None, bootstrap),
            Err(_) => {
                let broker = broker(&[
                    ("group.initial.rebalance.delay.ms", "0"),
                    ("group.min.session.timeout.ms", "1000"),
                ])
                .await;
                let bootstrap = broker.bootstrap_servers();
                (Some(broker), bootstrap)
            }
        };
        let mut raw = Raw::connect_to(&bootstrap).await;
        let topic = format!("t-{}", uuid::Uuid::new_v4());
        raw.create_topic(&topic, partitions).await;
        Self { _broker: own, bootstrap, topic, raw }
    }

    fn builder(&self) -> ConsumerBuilder {
        Consumer::builder()
            .set("bootstrap.servers", &self.bootstrap)
            .set("group.id", format!("g-{}", self.topic))
            .set("auto.offset.reset", "earliest")
            .set("enable.auto.commit", false)
            .set("fetch.max.wait.ms", 50)
            .set("heartbeat.interval.ms", 100)
            .set("session.timeout.ms", 6_000)
    }

    fn partition(&self, number: i32) -> TopicPartition {
        TopicPartition::new(&*self.topic, number)
    }
}

type Seen = Vec<(i32, i64)>;

/// Polls until `done` is content with what was seen, or the limit is over.
async fn poll_until(consumer: &Consumer, seen: &mut Seen, mut done: impl FnMut(&Seen) -> bool) {
    let limit = Instant::now() + LIMIT;
    while !done(seen) {
        assert!(Instant::now() < limit, "not done in time, saw {seen:?} of {:?}", consumer.assignment());
        let records = consumer.poll(Duration::from_millis(100)).await.unwrap();
        seen.extend(records.iter().map(|record| (record.partition(), record.offset())));
    }
}

fn unique(seen: &Seen) -> BTreeSet<(i32, i64)> {
    seen.iter().copied().collect()
}

#[tokio::test]
async fn committed_positions_are_where_the_next_member_starts() {
    let mut place = Place::with_partitions(2).await;
    let topic = place.topic.clone();
    place.raw.produce_numbers(&topic, 0, 0, 10, 4).await;
    place.raw.produce_numbers(&topic, 1, 0, 10, 4).await;
    let first = place.builder().build().await.unwrap();
    first.subscribe([&topic]).unwrap();
    let mut seen = Vec::new();
    poll_until(&first, &mut seen, |seen| seen.len() == 20).await;
    first.commit_sync().await.unwrap();
    let offset = OffsetAndMetadata { offset: 7, leader_epoch: None, metadata: "half".into() };
    first.commit([(place.partition(1), offset)].into()).await.unwrap();
    let both = [place.partition(0), place.partition(1)];
    let committed = first.committed(&both).await.unwrap();
    assert_eq!((committed[&both[0]].offset, committed[&both[1]].offset), (10, 7));
    assert_eq!(committed[&both[1]].metadata, "half");
    first.close(LIMIT).await.unwrap();

    let second = place.builder().build().await.unwrap();
    second.subscribe([&topic]).unwrap();
    let mut seen = Vec::new();
    poll_until(&second, &mut seen, |seen| seen.len() == 3).await;
    assert_eq!(seen, [(1, 7), (1, 8), (1, 9)]);
    second.close(LIMIT).await.unwrap();
}

#[tokio::test]
async fn background_commits_cover_what_was_handled_and_close_commits_the_rest() {
    let mut place = Place::with_partitions(1).await;
    let topic = place.topic.clone();
    place.raw.produce_numbers(&topic, 0, 0, 10, 10).await;
    let builder = || place.builder().set("enable.auto.commit", true).set("auto.commit.interval.ms", 50);
    let consumer = builder().set("max.poll.records", 4).build().await.unwrap();
    consumer.subscribe([&topic]).unwrap();
    let mut seen = Vec::new();
    poll_until(&consumer, &mut seen, |seen| seen.len() == 4).await;
    poll_until(&consumer, &mut seen, |seen| seen.len() == 8).await;
    let partition = [place.partition(0)];
    let limit = Instant::now() + LIMIT;
    loop {
        // Four are handled; the other four were handed out and nobody asked for more yet.
        match consumer.committed(&partition).await.unwrap().get(&partition[0]) {
            Some(committed) => break assert_eq!(committed.offset, 4),
            None => assert!(Instant::now() < limit, "nothing was committed"),
        }
    }
    consumer.close(LIMIT).await.unwrap();
    let next = builder().build().await.unwrap();
    assert_eq!(next.committed(&partition).await.unwrap()[&partition[0]].offset, 8);
}

/// Commits what it gives up.
struct CommitOnRevoke {
    revocations: Arc<AtomicUsize>,
}

impl RebalanceListener for CommitOnRevoke {
    fn on_revoked<'a>(&'a self, consumer: &'a Consumer, _: &'a [TopicPartition]) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            consumer.commit_sync().await.unwrap();
            self.revocations.fetch_add(1, Ordering::Relaxed);
        })
    }
}

async fn hand_over(strategy: &str) {
    let mut place = Place::with_partitions(4).await;
    let topic = place.topic.clone();
    for partition in 0..4 {
        place.raw.produce_numbers(&topic, partition, 0, 30, 10).await;
    }
    let revocations = Arc::new(AtomicUsize::new(0));
    let builder =
        || place.builder().set("partition.assignment.strategy", strategy).set("max.poll.records", 7);
    let first = builder()
        .rebalance_listener(CommitOnRevoke { revocations: revocations.clone() })
        .build()
        .await
        .unwrap();
    first.subscribe([&topic]).unwrap();
    let mut seen = Vec::new();
    poll_until(&first, &mut seen, |seen| seen.len() > 50).await;

    let second = builder().build().await.unwrap();
    second.subscribe([&topic]).unwrap();
    let joined = AtomicBool::new(false);
    let mut seen_by_second = Vec::new();
    let (a, b) = tokio::join!(
        async {
            poll_until(&first, &mut seen, |_| joined.load(Ordering::Relaxed)).await;
            first.assignment()
        },
        async {
            poll_until(&second, &mut seen_by_second, |_| second.assignment().len() == 2).await;
            joined.store(true, Ordering::Relaxed);
            second.assignment()
        }
    );
    assert_eq!((a.len(), b.len()), (2, 2));
    assert!(a.iter().all(|partition| !b.contains(partition)));
    assert!(revocations.load(Ordering::Relaxed) >= 1);
    for partition in 0..4 {
        place.raw.produce_numbers(&topic, partition, 30, 5, 5).await;
    }
    let all = AtomicBool::new(false);
    let whole = |a: &Seen, b: &Seen| a.len() + b.len() == 140;
    let count = AtomicUsize::new(0);
    tokio::join!(
        poll_until(&first, &mut seen, |seen| {
            if seen.len() + count.load(Ordering::Relaxed) >= 140 {
                all.store(true, Ordering::Relaxed);
            }
            all.load(Ordering::Relaxed)
        }),
        poll_until(&second, &mut seen_by_second, |seen| {
            count.store(seen.len(), Ordering::Relaxed);
            all.load(Ordering::Relaxed)
        })
    );
    assert!(whole(&seen, &seen_by_second), "commits before handing over leave nothing to read twice");
    assert_eq!(unique(&seen).union(&unique(&seen_by_second)).count(), 140);
    let (x, y) = tokio::join!(first.close(LIMIT), second.close(LIMIT));
    x.and(y).unwrap();
}

#[tokio::test]
async fn eager_members_hand_over_without_loss_or_repeat() {
    hand_over("range").await;
}

#[tokio::test]
async fn cooperative_members_hand_over_without_loss_or_repeat() {
    hand_over("cooperative-sticky").await;
}

#[tokio::test]
async fn a_revocation_told_as_a_value_waits_for_the_next_poll_and_pauses_survive() {
    let place = Place::with_partitions(2).await;
    let topic = place.topic.clone();
    let builder = || place.builder().set("partition.assignment.strategy", "cooperative-sticky");
    let first = builder().build().await.unwrap();
    first.subscribe([&topic]).unwrap();
    let mut seen = Vec::new();
    poll_until(&first, &mut seen, |_| first.assignment().len() == 2).await;
    first.pause(&first.assignment()).unwrap();
    let second = builder().build().await.unwrap();
    second.subscribe([&topic]).unwrap();
    let revoked = async {
        loop {
            let records = first.poll(LIMIT).await.unwrap();
            if let Some(RebalanceEvent::Revoked(partitions)) =
                records.rebalances().iter().find(|event| matches!(event, RebalanceEvent::Revoked(_)))
            {
                return partitions.clone();
            }
        }
    };
    let other = async {
        let mut seen = Vec::new();
        let limit = Instant::now() + LIMIT;
        while second.assignment().is_empty() && Instant::now() < limit {
            poll_until(&second, &mut seen, |_| true).await;
            second.poll(Duration::from_millis(50)).await.unwrap();
        }
    };
    tokio::pin!(other);
    let revoked = tokio::select! {
        revoked = revoked => revoked,
        () = &mut other => panic!("the partition was handed over before it was given up"),
    };
    assert_eq!(revoked.len(), 1);
    assert_eq!(first.assignment().len(), 2, "still held");
    first.commit_sync().await.unwrap();
    tokio::select! {
        () = &mut other => {}
        () = async { loop { first.poll(Duration::from_millis(50)).await.unwrap(); } } => {}
    }
    assert_eq!(second.assignment(), revoked);
    assert_eq!(first.paused(), first.assignment(), "what was kept is still paused");
}

#[tokio::test]
async fn a_silent_member_is_told_and_starts_again_from_its_last_commit() {
    let mut place = Place::with_partitions(1).await;
    let topic = place.topic.clone();
    place.raw.produce_numbers(&topic, 0, 0, 2, 1).await;
    let builder = place.builder().set("session.timeout.ms", 1_000).set("max.poll.interval.ms", 1_000);
    let consumer = builder.set("max.poll.records", 1).build().await.unwrap();
    consumer.subscribe([&topic]).unwrap();
    let mut seen = Vec::new();
    poll_until(&consumer, &mut seen, |seen| seen.len() == 1).await;
    consumer.commit_sync().await.unwrap();
    poll_until(&consumer, &mut seen, |seen| seen.len() == 2).await;
    // The handler: until the consumer itself gives up on it.
    let limit = Instant::now() + LIMIT;
    while consumer.group_metadata().unwrap().generation_id >= 0 {
        assert!(Instant::now() < limit, "still a member");
        tokio::task::yield_now().await;
    }
    assert!(consumer.commit_sync().await.is_err(), "others may own the partition");
    assert_eq!(consumer.poll(LIMIT).await.unwrap_err().kind(), ErrorKind::MaxPollExceeded);
    let mut again = Vec::new();
    poll_until(&consumer, &mut again, |again| !again.is_empty()).await;
    assert_eq!(again[0], (0, 1), "from the last commit on");
    consumer.close(LIMIT).await.unwrap();
}

#[tokio::test]
async fn a_static_member_that_comes_back_gets_its_partitions_without_a_rebalance() {
    let place = Place::with_partitions(2).await;
    let topic = place.topic.clone();
    let member = |name: &str| place.builder().set("group.instance.id", name);
    let (a, b) = (member("a").build().await.unwrap(), member("b").build().await.unwrap());
    a.subscribe([&topic]).unwrap();
    b.subscribe([&topic]).unwrap();
    let settled = || a.assignment().len() == 1 && b.assignment().len() == 1;
    let (mut x, mut y) = (Vec::new(), Vec::new());
    tokio::join!(poll_until(&a, &mut x, |_| settled()), poll_until(&b, &mut y, |_| settled()));
    let (generation, partitions) = (b.group_metadata().unwrap().generation_id, b.assignment());
    b.close(LIMIT).await.unwrap();
    let b = member("b").build().await.unwrap();
    b.subscribe([&topic]).unwrap();
    poll_until(&b, &mut y, |_| b.assignment().len() == 1).await;
    assert_eq!(b.assignment(), partitions);
    assert_eq!(b.group_metadata().unwrap().generation_id, generation);
    let thief = member("b").build().await.unwrap();
    thief.subscribe([&topic]).unwrap();
    let fenced = async {
        loop {
            if let Err(error) = b.poll(Duration::from_millis(100)).await {
                return error;
            }
        }
    };
    let error = tokio::select! {
        error = fenced => error,
        () = async { loop { let _ = thief.poll(Duration::from_millis(100)).await; } } => unreachable!(),
    };
    assert_eq!(error.kind(), ErrorKind::Fenced);
    assert!(error.is_fatal());
}

#[tokio::test]
async fn patterns_take_topics_in_as_they_come() {
    let mut place = Place::with_partitions(1).await;
    let consumer = place.builder().set("metadata.max.age.ms", 300).build().await.unwrap();
    consumer.subscribe_pattern(&format!("{}(-more)?", place.topic)).unwrap();
    let mut seen = Vec::new();
    poll_until(&consumer, &mut seen, |_| consumer.assignment().len() == 1).await;
    let more = format!("{}-more", place.topic);
    place.raw.create_topic(&more, 2).await;
    place.raw.create_topic(&format!("{}-other", place.topic), 2).await;
    poll_until(&consumer, &mut seen, |_| consumer.assignment().len() == 3).await;
    place.raw.produce_numbers(&more, 1, 0, 3, 3).await;
    poll_until(&consumer, &mut seen, |seen| seen.len() == 3).await;
    assert_eq!(consumer.subscription(), [place.topic.clone(), more]);
    consumer.unsubscribe().await.unwrap();
    assert!(consumer.assignment().is_empty());
}
