//! Every case with every driver on Apache Kafka and on Ottla's broker.
//!
//! Fetches Apache Kafka and confluent-kafka when they are not there yet; everything lands in the build folder.

use ottla_conformance::select::{KnownFailing, Selection};
use ottla_conformance::{Options, assets, run};
use ottla_env::Env;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One broker at a time: side by side they would only wait for the same cores.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The client's driver and the broker are programs of their own, which this package's tests do not build.
fn build_programs() {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "-p", "ottla-driver-rust", "-p", "ottla-cli", "--bins"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(built.success());
}

fn judge(target: &str) {
    let _turn = turn();
    build_programs();
    let folder = assets::build_dir().join("reports").join(target);
    let options = Options {
        targets: vec![target.to_owned()],
        drivers: ["java", "librdkafka", "rust"].map(str::to_owned).to_vec(),
        selection: Selection::default(),
        seed: 1,
        jobs: 10,
        known_failing: KnownFailing::default(),
        folder: folder.clone(),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let report = runtime.block_on(run(&Env::system(), &options)).expect("the suite runs");
    report.write(&folder).expect("the report is written");
    let found = report.bad().count();
    assert_eq!(found, 0, "{}\nsee {}", report.terminal(), folder.join("report.html").display());
}

#[test]
fn apache_kafka_behaves_as_the_cases_say_with_every_client() {
    judge("kafka");
}

#[test]
fn ottla_broker_behaves_as_the_cases_say_with_every_client() {
    judge("ottla");
}
