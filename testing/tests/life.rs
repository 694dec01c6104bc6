//! A test broker's life, as bindings lead it.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used)]

use ottla::ErrorKind;
use ottla::facade::{Operation, Producer};
use ottla_testing::TestBroker;
use std::time::{Duration, Instant};

/// Nothing here should take as long.
const LIMIT: Duration = Duration::from_secs(60);

fn done<T: Send + 'static>(mut operation: Operation<T>) -> Result<T, ottla::Error> {
    operation.wait(LIMIT).expect("done in time")
}

fn start(properties: &[(&str, &str)]) -> Result<TestBroker, ottla::Error> {
    let owned = properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    done(TestBroker::start(owned.collect()))
}

/// Makes the runtime's threads and whatever else is made once.
fn warm_up() {
    let broker = start(&[]).unwrap();
    done(broker.create_topic("warm-up", 1, Vec::new())).unwrap();
    done(broker.stop(LIMIT)).unwrap();
}

#[test]
fn a_topic_can_be_written_to_as_soon_as_it_is_created() {
    let broker = start(&[]).unwrap();
    done(broker.create_topic("orders", 3, vec![("cleanup.policy".to_owned(), "compact".to_owned())]))
        .unwrap();
    let options = [("bootstrap.servers", broker.bootstrap()), ("max.block.ms", "20000")];
    let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let producer = Producer::start(options.to_vec()).unwrap();
    let partitions = done(producer.partitions_for("orders")).unwrap();
    assert_eq!(partitions.len(), 3);
    assert!(partitions.iter().all(|partition| partition.leader.is_some()));
    done(producer.close(LIMIT)).unwrap();
    done(broker.stop(LIMIT)).unwrap();
}

#[test]
fn properties_are_the_brokers_own_and_unknown_ones_are_refused_with_the_likeliest_meant() {
    let broker = start(&[("num.partitions", "7")]).unwrap();
    done(broker.stop(LIMIT)).unwrap();
    let error = start(&[("num.partition", "7")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("num.partitions"), "{error}");
    assert_eq!(error.context().find(|(name, _)| *name == "option"), Some(("option", "num.partition")));
    let error = start(&[("num.partitions", "many")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn errors_of_topics_are_the_brokers() {
    let broker = start(&[]).unwrap();
    done(broker.create_topic("orders", 1, Vec::new())).unwrap();
    let code = |name: &str, partitions: i32, configs: &[(&str, &str)]| {
        let owned = configs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let error = done(broker.create_topic(name, partitions, owned.collect())).unwrap_err();
        error.code().unwrap().name().to_owned()
    };
    assert_eq!(code("orders", 1, &[]), "TOPIC_ALREADY_EXISTS");
    assert_eq!(code("none", 0, &[]), "INVALID_PARTITIONS");
    assert_eq!(code("odd", 1, &[("cleanup.policy", "sometimes")]), "INVALID_CONFIG");
    done(broker.stop(LIMIT)).unwrap();
    let error = done(broker.create_topic("late", 1, Vec::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[test]
fn stopping_twice_is_one_stop_and_dropping_stops_in_the_background() {
    let broker = start(&[]).unwrap();
    let bootstrap = broker.bootstrap().to_owned();
    let (first, second) = (broker.stop(LIMIT), broker.stop(LIMIT));
    done(second).unwrap();
    done(first).unwrap();
    assert!(std::net::TcpStream::connect(&bootstrap).is_err(), "nobody listens any more");

    let broker = start(&[]).unwrap();
    let bootstrap = broker.bootstrap().to_owned();
    drop(broker);
    let deadline = Instant::now() + LIMIT;
    while std::net::TcpStream::connect(&bootstrap).is_ok() {
        assert!(Instant::now() < deadline, "the dropped broker goes on");
        std::thread::yield_now();
    }
}

#[test]
fn stopping_with_a_connected_client_returns_by_its_deadline() {
    let broker = start(&[]).unwrap();
    done(broker.create_topic("orders", 1, Vec::new())).unwrap();
    let idle = std::net::TcpStream::connect(broker.bootstrap()).unwrap();
    let started = Instant::now();
    done(broker.stop(Duration::from_secs(20))).unwrap();
    assert!(started.elapsed() < Duration::from_secs(20));
    drop(idle);
}

#[test]
fn a_hundred_brokers_run_beside_each_other() {
    let starting: Vec<_> = (0..100).map(|_| TestBroker::start(Vec::new())).collect();
    let brokers: Vec<_> = starting.into_iter().map(|operation| done(operation).unwrap()).collect();
    for broker in brokers.iter().step_by(10) {
        done(broker.create_topic("orders", 2, Vec::new())).unwrap();
    }
    let addresses: std::collections::BTreeSet<_> = brokers.iter().map(TestBroker::bootstrap).collect();
    assert_eq!(addresses.len(), 100);
    let stopping: Vec<_> = brokers.iter().map(|broker| broker.stop(LIMIT)).collect();
    stopping.into_iter().for_each(|operation| done(operation).unwrap());
}

/// In a process of its own: other tests open files and start threads.
#[test]
#[cfg(target_os = "linux")]
fn a_thousand_lives_leave_no_threads_and_no_descriptors() {
    if std::env::var_os("OTTLA_COUNT_LIVES").is_none() {
        let name = "a_thousand_lives_leave_no_threads_and_no_descriptors";
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env("OTTLA_COUNT_LIVES", "1")
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let count = |folder: &str| std::fs::read_dir(folder).unwrap().count();
    (0..20).for_each(|_| warm_up());
    let before = (count("/proc/self/task"), count("/proc/self/fd"));
    let started = Instant::now();
    for _ in 0..1000 {
        let broker = start(&[]).unwrap();
        done(broker.stop(LIMIT)).unwrap();
    }
    let each = started.elapsed() / 1000;
    let after = (count("/proc/self/task"), count("/proc/self/fd"));
    println!("{each:?} a life; threads and descriptors before {before:?}, after {after:?}");
    // Threads for blocking work come and go.
    assert!(after.0 <= before.0 + 4, "threads: {before:?}, then {after:?}");
    assert!(after.1 <= before.1 + 2, "descriptors: {before:?}, then {after:?}");
    assert!(each < Duration::from_millis(50), "{each:?} for a start and a stop");
}
