use super::*;
use crate::config::AdminConfig;
use crate::testing::world::World;
use crate::testing::{Asked, FakeBroker, Reply, encoded};
use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::messages::{
    BrokerId, FindCoordinatorRequest, FindCoordinatorResponse, HeartbeatRequest, HeartbeatResponse,
    JoinGroupRequest, JoinGroupResponse, ListGroupsRequest, ListGroupsResponse,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;

fn client(env: &Env, bootstrap: &str, options: &[(&str, &str)]) -> Client {
    let options = options.iter().copied().chain([("bootstrap.servers", bootstrap)]);
    Client::start(env.clone(), AdminConfig::from_map(options).unwrap().common).unwrap()
}

fn soon(env: &Env) -> Instant {
    env.now() + Duration::from_secs(5)
}

async fn list_groups(client: &Client) -> Result<ListGroupsResponse, Error> {
    let deadline = soon(client.env());
    client.call(Target::AnyBroker, 0..=5, |_| ListGroupsRequest::default(), deadline).await
}

fn groups_answer(asked: &Asked, throttle_ms: i32) -> Bytes {
    encoded(ApiKey::LIST_GROUPS.0, asked, &ListGroupsResponse::default().with_throttle_time_ms(throttle_ms))
}

#[tokio::test]
async fn a_call_is_made_in_the_highest_version_both_have() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.offer(ApiKey::LIST_GROUPS, 1..=3);
    let versions = Arc::new(Mutex::new(Vec::new()));
    let seen = versions.clone();
    broker.on::<ListGroupsRequest>(move |version, _| {
        seen.lock().push(version);
        ListGroupsResponse::default()
    });
    let client = client(&env, &broker.bootstrap(), &[]);
    list_groups(&client).await.unwrap();
    assert_eq!(*versions.lock(), [3]);
}

#[tokio::test]
async fn an_api_the_broker_lacks_is_named_with_both_ranges() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.offer(ApiKey::LIST_GROUPS, 0..=2);
    let client = client(&env, &broker.bootstrap(), &[]);
    let error = client
        .call(Target::AnyBroker, 4..=5, |_| ListGroupsRequest::default(), soon(&env))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let text = error.to_string();
    assert!(
        text.contains("ListGroups is needed in version 4 to 5, the broker offers versions 0 to 2"),
        "{text}"
    );
}

#[tokio::test]
async fn concurrent_calls_share_one_connection_and_get_their_own_answers() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on::<FindCoordinatorRequest>(|_, request| {
        // The key comes back as the host, so that a mixed-up answer shows.
        FindCoordinatorResponse::default().with_node_id(BrokerId(7)).with_host(request.key)
    });
    let client = client(&env, &broker.bootstrap(), &[]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let node = broker.node_id();
    let calls = (0..200).map(|number| {
        let client = client.clone();
        let deadline = soon(&env);
        async move {
            let key = format!("group-{number}");
            let wanted = key.clone();
            let response = client
                .call(
                    Target::Node(node),
                    3..=3,
                    move |_| FindCoordinatorRequest::default().with_key(key.into()),
                    deadline,
                )
                .await
                .unwrap();
            assert_eq!(response.host.as_str(), wanted);
        }
    });
    futures_util::future::join_all(calls).await;
    assert!(broker.connections() <= 2, "{} connections", broker.connections());
}

#[tokio::test]
async fn hostile_answers_are_errors_and_the_next_call_gets_a_new_connection() {
    let world = World::new();
    let env = world.env.clone();
    type Garbage = fn(&Asked) -> Reply;
    let cases: [(&str, Garbage, &str); 7] = [
        (
            "a frame of 2 GB",
            |_| Reply::Bytes(Bytes::from_static(&[0x7f, 0xff, 0xff, 0xff, 0, 0])),
            "exceeds the limit",
        ),
        (
            "a negative frame",
            |_| Reply::Bytes(Bytes::from_static(&[0xff, 0xff, 0xff, 0xff])),
            "negative frame size",
        ),
        (
            "an answer to another request",
            |asked| {
                let other = Asked { correlation_id: asked.correlation_id + 1, ..asked.clone() };
                Reply::Bytes(groups_answer(&other, 0))
            },
            "belongs to another request",
        ),
        (
            "half an answer and the end",
            |asked| {
                let whole = groups_answer(asked, 0);
                Reply::Close(whole.slice(..whole.len() - 3))
            },
            "closed the connection",
        ),
        ("the end", |_| Reply::Close(Bytes::new()), "closed the connection"),
        (
            "an array of two thousand million",
            |asked| {
                let mut frame = vec![0, 0, 0, 17];
                frame.extend_from_slice(&asked.correlation_id.to_be_bytes());
                // Tagged fields of the header, throttle time, error code, then the count of a compact array.
                frame.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07, 0]);
                Reply::Bytes(frame.into())
            },
            "cannot be read",
        ),
        (
            "bytes left over",
            |asked| {
                let mut frame = groups_answer(asked, 0).to_vec();
                frame[3] += 1;
                frame.push(9);
                Reply::Bytes(frame.into())
            },
            "cannot be read",
        ),
    ];
    for (name, garbage, expected) in cases {
        let broker = FakeBroker::start(&env).await;
        broker.on_raw(ApiKey::LIST_GROUPS, move |asked| garbage(&asked));
        let client = client(&env, &broker.bootstrap(), &[]);
        client.metadata().ready("test", soon(&env)).await.unwrap();
        let error = list_groups(&client).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{name}: {error}");
        assert!(error.is_outcome_unknown(), "{name}: the request was sent");
        broker.on_raw(ApiKey::LIST_GROUPS, |asked| Reply::Bytes(groups_answer(&asked, 0)));
        list_groups(&client).await.unwrap_or_else(|error| panic!("after {name}: {error}"));
    }
}

#[tokio::test]
async fn random_answers_end_in_errors_and_never_in_a_panic() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    let mut rng = ottla_env::RngRoot::from_seed(11).child("garbage");
    broker.on_raw(ApiKey::LIST_GROUPS, move |asked| {
        let mut frame = groups_answer(&asked, 0).to_vec();
        // Behind length and correlation id everything is up for change.
        frame.resize(8 + rng.random_range(0..60), 0);
        for byte in &mut frame[8..] {
            *byte = if rng.random_range(0..3) == 0 { rng.random() } else { rng.random_range(0..4) };
        }
        let len = u32::try_from(frame.len() - 4).unwrap();
        frame[..4].copy_from_slice(&len.to_be_bytes());
        // Throttle times would only slow the test down.
        if let Some(throttle) = frame.get_mut(8..13) {
            throttle.fill(0);
        }
        Reply::Bytes(frame.into())
    });
    let client = client(
        &env,
        &broker.bootstrap(),
        &[("reconnect.backoff.ms", "0"), ("reconnect.backoff.max.ms", "0")],
    );
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let mut errors = 0;
    for _ in 0..300 {
        match list_groups(&client).await {
            Ok(_) => {}
            Err(error) => {
                errors += 1;
                assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
            }
        }
    }
    assert!(errors > 200, "{errors}");
}

#[tokio::test]
async fn an_answer_that_stays_away_closes_the_connection_and_names_the_broker() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::LIST_GROUPS, |_| Reply::Silence);
    let client = client(&env, &broker.bootstrap(), &[("request.timeout.ms", "400")]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let before = broker.connections();
    let error = list_groups(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.is_outcome_unknown() && error.is_retriable());
    let text = error.to_string();
    assert!(
        text.contains("did not answer ListGroups within") && text.contains("broker 1 (127.0.0.1:"),
        "{text}"
    );
    broker.on_raw(ApiKey::LIST_GROUPS, |asked| Reply::Bytes(groups_answer(&asked, 0)));
    list_groups(&client).await.unwrap();
    assert!(broker.connections() > before);
}

#[tokio::test]
async fn an_answer_that_a_broker_holds_back_is_waited_for_beyond_the_request_timeout() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::LIST_GROUPS, |asked| {
        Reply::Later(Duration::from_millis(600), groups_answer(&asked, 0))
    });
    let client = client(&env, &broker.bootstrap(), &[("request.timeout.ms", "200")]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let target = Target::Node(broker.node_id());
    let build = |_| ListGroupsRequest::default();
    let connect_by = env.now() + Duration::from_millis(200);
    let held_back = client.call_held_back(target.clone(), 0..=5, build, connect_by, soon(&env));
    held_back.await.unwrap();
    let error = client.call(target, 0..=5, build, soon(&env)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "others have request.timeout.ms");
}

#[tokio::test]
async fn a_caller_in_a_hurry_does_not_cost_others_their_connection() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::LIST_GROUPS, |asked| {
        Reply::Later(Duration::from_millis(100), groups_answer(&asked, 0))
    });
    let client = client(&env, &broker.bootstrap(), &[]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let connection = client.connection(broker.node_id(), soon(&env)).await.unwrap();
    let target = Target::Node(broker.node_id());
    let hurry = client.call(
        target.clone(),
        0..=5,
        |_| ListGroupsRequest::default(),
        env.now() + Duration::from_millis(20),
    );
    let patient = client.call(target, 0..=5, |_| ListGroupsRequest::default(), soon(&env));
    let (hurried, patient) = tokio::join!(hurry, patient);
    assert_eq!(hurried.unwrap_err().kind(), ErrorKind::Timeout);
    patient.unwrap();
    assert!(!connection.is_closed());
}

#[tokio::test]
async fn a_throttled_client_holds_its_next_request_back() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    let mut answers = 0;
    broker.on_raw(ApiKey::LIST_GROUPS, move |asked| {
        answers += 1;
        Reply::Bytes(groups_answer(&asked, if answers == 1 { 300 } else { 0 }))
    });
    let client = client(&env, &broker.bootstrap(), &[]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    list_groups(&client).await.unwrap();
    let asked_at = env.now();
    list_groups(&client).await.unwrap();
    assert!(env.now() - asked_at >= Duration::from_millis(250), "{:?}", env.now() - asked_at);
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_opened_again_when_needed() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::LIST_GROUPS, |asked| Reply::Bytes(groups_answer(&asked, 0)));
    let client = client(&env, &broker.bootstrap(), &[("connections.max.idle.ms", "300")]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let connection = client.connection(broker.node_id(), soon(&env)).await.unwrap();
    while !connection.is_closed() {
        assert!(env.now() < soon(&env));
        env.sleep(Duration::from_millis(5)).await;
    }
    list_groups(&client).await.unwrap();
}

#[tokio::test]
async fn a_request_without_answer_resolves_once_written() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::HEARTBEAT, |_| Reply::Silence);
    broker.on_raw(ApiKey::LIST_GROUPS, |asked| Reply::Bytes(groups_answer(&asked, 0)));
    let client = client(&env, &broker.bootstrap(), &[]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let connection = client.connection(broker.node_id(), soon(&env)).await.unwrap();
    let written = connection
        .send(
            ApiKey::HEARTBEAT,
            4,
            |id| encode_request(4, id, None, &HeartbeatRequest::default()),
            Expect::Nothing,
            soon(&env),
        )
        .unwrap();
    assert!(written.await.unwrap().is_empty());
    // The stream is still in step.
    client
        .call(Target::Node(broker.node_id()), 0..=5, |_| ListGroupsRequest::default(), soon(&env))
        .await
        .unwrap();
    assert_eq!(connection.outstanding(), 0);
}

#[tokio::test]
async fn retries_follow_a_coordinator_that_moved() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = calls.clone();
    broker.on::<HeartbeatRequest>(move |_, _| {
        let code = if seen.fetch_add(1, Ordering::SeqCst) < 2 {
            ErrorCode::NOT_COORDINATOR
        } else {
            ErrorCode::NONE
        };
        HeartbeatResponse::default().with_error_code(code.0)
    });
    let client = client(&env, &broker.bootstrap(), &[("retry.backoff.ms", "5")]);
    client
        .call_with_retry(
            "heartbeat",
            || Target::Coordinator(CoordinatorKind::Group, "g".to_owned()),
            0..=4,
            |_| HeartbeatRequest::default(),
            |response| match ErrorCode(response.error_code) {
                ErrorCode::NONE => Decision::Done(()),
                code => Decision::Retry(Error::from_code(code, "heartbeat")),
            },
            soon(&env),
        )
        .await
        .unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    assert_eq!(broker.count(ApiKey::FIND_COORDINATOR), 3, "looked up anew after each NOT_COORDINATOR");
}

#[tokio::test]
async fn retries_end_at_the_deadline_with_the_last_reason() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on::<HeartbeatRequest>(|_, _| {
        HeartbeatResponse::default().with_error_code(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS.0)
    });
    let client =
        client(&env, &broker.bootstrap(), &[("retry.backoff.ms", "20"), ("retry.backoff.max.ms", "20")]);
    let error = client
        .call_with_retry(
            "heartbeat",
            || Target::Coordinator(CoordinatorKind::Group, "g".to_owned()),
            0..=4,
            |_| HeartbeatRequest::default(),
            |response| Decision::<()>::Retry(Error::from_code(ErrorCode(response.error_code), "heartbeat")),
            env.now() + Duration::from_millis(900),
        )
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS));
    assert!(error.context().any(|(name, _)| name == "attempts"), "{error}");
}

#[tokio::test]
async fn a_topic_created_meanwhile_is_found() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    let client = client(&env, &broker.bootstrap(), &[("retry.backoff.ms", "5")]);
    let waiting = {
        let client = client.clone();
        let deadline = soon(&env);
        env.spawn("wait", async move { client.metadata().topic("late", "send records", deadline).await })
    };
    while broker.count(ApiKey::METADATA) < 3 {
        env.sleep(Duration::from_millis(2)).await;
    }
    broker.topic("late", 4);
    assert_eq!(waiting.await.unwrap().unwrap().partitions.len(), 4);
}

#[tokio::test]
async fn a_missing_topic_is_reported_at_the_deadline_with_its_name() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    let client = client(&env, &broker.bootstrap(), &[]);
    let deadline = env.now() + Duration::from_secs(1);
    let error = client.metadata().topic("ordres", "send records", deadline).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownTopicOrPartition);
    let text = error.to_string();
    assert!(
        text.contains("topic=ordres") && text.contains("check its spelling, or create it first"),
        "{text}"
    );
}

#[tokio::test]
async fn the_cluster_can_ask_for_a_fresh_start() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    let client = client(&env, &broker.bootstrap(), &[("retry.backoff.ms", "5")]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let before = broker.connections();
    let mut refused = false;
    let template = Arc::new(Mutex::new(None));
    let kept = template.clone();
    broker.on_raw(ApiKey::METADATA, move |asked| {
        let code = if refused { 0 } else { ErrorCode::REBOOTSTRAP_REQUIRED.0 };
        refused = true;
        let response = ottla_wire::messages::MetadataResponse::default().with_error_code(code);
        *kept.lock() = Some(asked.version);
        Reply::Bytes(encoded(ApiKey::METADATA.0, &asked, &response))
    });
    client.metadata().refresh("test");
    // One connection to the broker itself, then one to the bootstrap address again.
    while broker.connections() < before + 2 {
        assert!(env.now() < soon(&env));
        env.sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(*template.lock(), Some(13), "error codes of the whole answer came with version 13");
}

#[tokio::test]
async fn closing_ends_calls_under_way() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.on_raw(ApiKey::LIST_GROUPS, |_| Reply::Silence);
    let client = client(&env, &broker.bootstrap(), &[]);
    client.metadata().ready("test", soon(&env)).await.unwrap();
    let call = {
        let client = client.clone();
        env.spawn("call", async move { list_groups(&client).await })
    };
    while broker.count(ApiKey::LIST_GROUPS) == 0 {
        env.sleep(Duration::from_millis(2)).await;
    }
    client.close();
    assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(list_groups(&client).await.unwrap_err().kind(), ErrorKind::Closed);
    let error = client.metadata().topic("t", "send records", soon(&env)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn metadata_of_old_brokers_is_read() {
    let world = World::new();
    let env = world.env.clone();
    let broker = FakeBroker::start(&env).await;
    broker.offer(ApiKey::METADATA, 0..=4);
    broker.topic("t", 2);
    let client = client(&env, &broker.bootstrap(), &[]);
    let topic = client.metadata().topic("t", "test", soon(&env)).await.unwrap();
    assert!(topic.id.is_nil());
    assert_eq!(topic.partition(1).unwrap().leader, Some(broker.node_id()));
    assert_eq!(client.leader("t", 1).unwrap().epoch, None);
    let error = client.leader("t", 2).unwrap_err();
    assert!(error.to_string().contains("the topic has 2 partitions"), "{error}");
}

#[test]
fn futures_of_the_client_can_move_between_threads() {
    fn check<T: Send>(_: &T) {}
    fn never(client: &Client, deadline: Instant) {
        check(&client.call(Target::AnyBroker, 0..=5, |_| ListGroupsRequest::default(), deadline));
        check(&client.coordinator(CoordinatorKind::Group, "g", deadline));
        check(&client.metadata().topic("t", "test", deadline));
    }
    let _: fn(&Client, Instant) = never;
}

#[tokio::test]
async fn a_request_held_back_outlasts_the_request_timeout_and_holds_up_nobody() {
    let world = World::new();
    let env = &world.env;
    let broker = FakeBroker::start(env).await;
    let (release, released) = oneshot::channel();
    let mut released = Some(released);
    broker.on_raw(ApiKey::JOIN_GROUP, move |asked| {
        let response = JoinGroupResponse::default().with_generation_id(7);
        Reply::When(released.take().unwrap(), encoded(ApiKey::JOIN_GROUP.0, &asked, &response))
    });
    broker.on::<HeartbeatRequest>(|_, _| HeartbeatResponse::default());
    let client = client(env, &broker.bootstrap(), &[]);
    let join = client.call_held_back::<JoinGroupRequest>(
        Target::Rebalance(CoordinatorKind::Group, "g".to_owned()),
        0..=9,
        |_| JoinGroupRequest::default(),
        env.now() + Duration::from_secs(30),
        env.now() + Duration::from_secs(305),
    );
    let others = async {
        while broker.count(ApiKey::JOIN_GROUP) == 0 {
            env.sleep(Duration::from_millis(1)).await;
        }
        let started = env.now();
        for _ in 0..30 {
            let asked_at = env.now();
            client
                .call(
                    Target::Coordinator(CoordinatorKind::Group, "g".to_owned()),
                    0..=4,
                    |_| HeartbeatRequest::default(),
                    asked_at + Duration::from_secs(30),
                )
                .await
                .unwrap();
            assert!(env.now() - asked_at < Duration::from_secs(1));
            env.sleep(Duration::from_secs(3)).await;
        }
        assert!(env.now() - started >= 3 * client.config().request_timeout);
        release.send(()).unwrap();
    };
    let (joined, ()) = tokio::join!(join, others);
    assert_eq!(joined.unwrap().generation_id, 7);
}

#[tokio::test]
async fn a_name_with_a_dead_address_before_a_good_one_serves_the_first_call() {
    let world = World::new();
    let env = &world.env;
    world.net.name("kafka.example", &["10.0.0.1", "10.0.0.2"]);
    world.net.swallow("10.0.0.1");
    let broker = FakeBroker::start_at(env, "10.0.0.2:9092".parse().unwrap()).await;
    let client = client(env, "kafka.example:9092", &[]);
    let started = env.now();
    let cluster = client.metadata().ready("test", env.now() + Duration::from_secs(60)).await.unwrap();
    assert!(cluster.brokers.contains_key(&broker.node_id()));
    assert!(env.now() - started < Duration::from_secs(1), "{:?}", env.now() - started);
}

#[tokio::test]
async fn a_first_call_does_not_fail_when_the_bootstrap_connection_is_given_up() {
    let world = World::new();
    let env = &world.env;
    let broker = FakeBroker::start(env).await;
    broker.on::<ListGroupsRequest>(|_, _| ListGroupsResponse::default());
    let client = client(env, &broker.bootstrap(), &[]);
    // At once, as the metadata task does, over the same connection.
    list_groups(&client).await.unwrap();
}

/// The cluster moved altogether: its only broker is gone, and the bootstrap name leads to another one. Whether and when the
/// client finds that.
async fn time_to_find_a_cluster_that_moved(swallowing: bool, options: &[(&str, &str)]) -> Option<Duration> {
    let world = World::new();
    let env = &world.env;
    world.net.name("kafka.example", &["10.0.0.1"]);
    let old = FakeBroker::start_at(env, "10.0.0.1:9092".parse().unwrap()).await;
    let new = FakeBroker::start_node(env, 2, "10.0.0.2:9092".parse().unwrap()).await;
    new.topic("t", 1);
    let client = client(env, "kafka.example:9092", options);
    let week = Duration::from_secs(7 * 24 * 3600);
    client.metadata().ready("test", env.now() + week).await.unwrap();
    client.connection(old.node_id(), soon(env)).await.unwrap();
    drop(old);
    if swallowing {
        world.net.swallow("10.0.0.1");
    }
    world.net.name("kafka.example", &["10.0.0.2"]);
    let moved_at = env.now();
    client.metadata().refresh("test");
    let found = async {
        let mut changed = client.metadata().changed();
        while !client.metadata().snapshot().brokers.contains_key(&new.node_id()) {
            changed.changed().await.unwrap();
        }
    };
    env.timeout_at(moved_at + Duration::from_secs(900), found).await?;
    // Everything works there.
    client.metadata().topic("t", "test", soon(env)).await.unwrap();
    client.connection(new.node_id(), soon(env)).await.unwrap();
    Some(env.now() - moved_at)
}

#[tokio::test]
async fn a_cluster_that_moved_is_found_through_its_bootstrap_name() {
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let took = time_to_find_a_cluster_that_moved(false, &[]).await.unwrap();
    assert!(took < minutes(1), "refusals say at once that no broker is left: {took:?}");
    let took = time_to_find_a_cluster_that_moved(true, &[]).await.unwrap();
    assert!(took < minutes(6), "metadata.recovery.rebootstrap.trigger.ms is five minutes: {took:?}");
    let quick = [("metadata.recovery.rebootstrap.trigger.ms", "20000")];
    let took = time_to_find_a_cluster_that_moved(true, &quick).await.unwrap();
    assert!(took < minutes(2), "{took:?}");
}

#[tokio::test]
async fn without_recovery_the_known_brokers_are_tried_for_ever() {
    for swallowing in [false, true] {
        let none = [("metadata.recovery.strategy", "none")];
        assert_eq!(time_to_find_a_cluster_that_moved(swallowing, &none).await, None);
    }
}
