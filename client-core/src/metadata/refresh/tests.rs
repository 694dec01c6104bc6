use super::*;
use ottla_env::RngRoot;

/// A clock moved by hand.
struct Hand(Instant);

impl Hand {
    #[allow(clippy::disallowed_methods)] // Any instant will do as the start.
    fn new() -> Self {
        Self(Instant::now())
    }

    fn pass_ms(&mut self, ms: u64) -> Instant {
        self.0 += Duration::from_millis(ms);
        self.0
    }
}

fn machine() -> Refresh {
    Refresh::new(
        RefreshConfig {
            max_age: Duration::from_secs(300),
            max_idle: Duration::from_secs(100),
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(1)),
            rebootstrap_trigger: Some(Duration::from_secs(5)),
        },
        RngRoot::from_seed(1).child("refresh"),
    )
}

fn named(names: &[&str]) -> QueryTopics {
    QueryTopics::Named(names.iter().map(|name| Arc::from(*name)).collect())
}

#[test]
fn asks_once_at_the_start_and_then_after_max_age() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    assert_eq!(refresh.poll_query(hand.0).unwrap().topics, named(&[]));
    assert!(refresh.poll_query(hand.0).is_none(), "one question at a time");
    refresh.handle_success(false, hand.0);
    assert!(refresh.poll_query(hand.pass_ms(299_000)).is_none());
    assert_eq!(refresh.poll_timeout(), Some(hand.0 + Duration::from_secs(1)));
    assert!(refresh.poll_query(hand.pass_ms(1_000)).is_some());
}

#[test]
fn a_new_topic_is_asked_for_at_once_and_alone() {
    let hand = Hand::new();
    let mut refresh = machine();
    refresh.poll_query(hand.0).unwrap();
    refresh.handle_success(false, hand.0);
    assert!(refresh.handle_used("t", hand.0));
    assert_eq!(refresh.poll_query(hand.0).unwrap().topics, named(&["t"]));
    refresh.handle_success(false, hand.0);
    assert!(!refresh.handle_used("t", hand.0));
    assert!(refresh.poll_query(hand.0).is_none());
}

#[test]
fn stale_metadata_is_refreshed_after_the_pause_only() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    refresh.handle_used("t", hand.0);
    refresh.poll_query(hand.0).unwrap();
    refresh.handle_success(false, hand.0);
    refresh.handle_stale();
    assert!(refresh.poll_query(hand.pass_ms(79)).is_none());
    assert_eq!(refresh.poll_query(hand.pass_ms(42)).unwrap().topics, named(&["t"]));
}

#[test]
fn what_proves_stale_during_a_query_is_asked_again() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    refresh.poll_query(hand.0).unwrap();
    refresh.handle_stale();
    refresh.handle_success(false, hand.0);
    assert!(refresh.poll_query(hand.pass_ms(121)).is_some());
    refresh.handle_success(false, hand.0);
    assert!(refresh.poll_query(hand.pass_ms(10_000)).is_none());
}

#[test]
fn failures_slow_the_questions_down() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    for (failures, shortest_ms) in [(1, 80), (2, 160), (3, 320), (4, 640), (5, 800), (6, 800)] {
        assert!(refresh.poll_query(hand.0).is_some(), "attempt {failures}");
        refresh.handle_failure(hand.0);
        assert!(refresh.poll_query(hand.pass_ms(shortest_ms - 1)).is_none(), "after failure {failures}");
        hand.pass_ms(shortest_ms / 2 + 2);
    }
}

#[test]
fn a_new_topic_waits_for_the_pause_while_brokers_fail() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    refresh.poll_query(hand.0).unwrap();
    refresh.handle_failure(hand.0);
    refresh.handle_used("t", hand.0);
    assert!(refresh.poll_query(hand.pass_ms(79)).is_none());
    assert!(refresh.poll_query(hand.pass_ms(42)).is_some());
}

#[test]
fn topics_idle_out_unless_pinned() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    refresh.handle_used("used", hand.0);
    refresh.handle_pinned(&BTreeSet::from([Arc::from("pinned")]), false, hand.0);
    refresh.poll_query(hand.0).unwrap();
    refresh.handle_success(false, hand.0);
    assert!(refresh.poll_forgotten(hand.pass_ms(99_999)).is_empty());
    assert_eq!(refresh.poll_forgotten(hand.pass_ms(1)), [Arc::from("used")]);
    refresh.handle_stale();
    assert_eq!(refresh.poll_query(hand.0).unwrap().topics, named(&["pinned"]));
}

#[test]
fn a_pattern_subscription_asks_for_everything() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    refresh.poll_query(hand.0).unwrap();
    refresh.handle_success(false, hand.0);
    refresh.handle_pinned(&BTreeSet::new(), true, hand.0);
    assert_eq!(refresh.poll_query(hand.pass_ms(121)).unwrap().topics, QueryTopics::All);
}

#[test]
fn rebootstraps_after_failing_for_the_trigger_time_and_says_so_once() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    let started = hand.0;
    while !refresh.poll_rebootstrap(hand.0) {
        if refresh.poll_query(hand.0).is_some() {
            refresh.handle_failure(hand.0);
        }
        hand.pass_ms(100);
        assert!(hand.0 < started + Duration::from_secs(10), "never asked for");
    }
    assert!(hand.0 >= started + Duration::from_secs(5));
    assert!(!refresh.poll_rebootstrap(hand.0));
    refresh.handle_rebootstrap();
    assert!(refresh.poll_rebootstrap(hand.0), "a broker may ask for it at any time");
}

#[test]
fn unmended_errors_are_asked_about_again_and_more_slowly() {
    let mut hand = Hand::new();
    let mut refresh = machine();
    refresh.handle_used("t", hand.0);
    let mut asked = 0;
    for _ in 0..100 {
        if refresh.poll_query(hand.0).is_some() {
            asked += 1;
            refresh.handle_success(true, hand.0);
        }
        hand.pass_ms(100);
    }
    assert!((8..=20).contains(&asked), "{asked} in ten seconds");
}
