//! Every case with every driver on Apache Kafka and on Ottla's broker.
//!
//! Fetches Apache Kafka and confluent-kafka when they are not there yet; everything lands in the build folder.

use ottla_conformance::select::{KnownFailing, Selection};
use ottla_conformance::{DRIVERS, MIXED, Options, Report, Skip, Verdict, WIRE, assets, run};
use ottla_env::{Env, Task};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Cases under way at the same time: most wait for a timer of a group or a client.
const JOBS: usize = 16;

/// What has to come of a run against one broker, beyond that nothing fails: a case that is skipped proves nothing.
struct Expected {
    target: &'static str,
    /// Column and the least number of cases it passes. Raise it with every case that is added.
    passes: [(&'static str, usize); 9],
    /// APIs the broker does not have yet. Whatever else it stops to advertise is a failure.
    lacks: &'static [&'static str],
}

const KAFKA: Expected = Expected {
    target: "kafka",
    passes: [
        ("rust", 83),
        ("python", 83),
        ("node", 83),
        ("c", 83),
        ("kotlin", 83),
        ("java", 92),
        ("librdkafka", 89),
        (WIRE, 76),
        (MIXED, 2),
    ],
    lacks: &[],
};

const OTTLA: Expected = Expected {
    target: "ottla",
    passes: [
        ("rust", 83),
        ("python", 83),
        ("node", 83),
        ("c", 83),
        ("kotlin", 83),
        ("java", 82),
        ("librdkafka", 79),
        (WIRE, 74),
        (MIXED, 2),
    ],
    // Transactions, and the group protocol of KIP-848.
    lacks: &["AddPartitionsToTxn", "ConsumerGroupHeartbeat"],
};

/// What Ottla's client cannot do yet, in any language.
const OURS_LACKS: &[&str] = &[
    "group.protocol.consumer",
    "producer.abort_transaction",
    "producer.begin_transaction",
    "producer.commit_transaction",
    "producer.init_transactions",
    "producer.send_offsets",
];

/// What a driver's client cannot do. A capability that a driver stops to name is a failure.
const DRIVER_LACKS: &[(&str, &[&str])] = &[
    ("rust", OURS_LACKS),
    ("python", OURS_LACKS),
    ("node", OURS_LACKS),
    ("c", OURS_LACKS),
    ("kotlin", OURS_LACKS),
    ("java", &[]),
    // confluent-kafka has no call for them.
    ("librdkafka", &["admin.delete_group_offsets", "consumer.wakeup"]),
];

/// Cases and clients that differ, as the case itself says and gives the reason for.
const CLIENT_DIFFERS: &[(&str, &str)] = &[
    ("groups.commit_metadata_round_trips", "librdkafka"),
    ("producer.unknown_option_is_refused", "java"),
    ("producer.unknown_option_is_refused", "librdkafka"),
];

/// The drivers, the brokers and the bindings are programs of their own, which this package's tests do not build.
/// `make test` has built them when it sets this variable.
fn build_programs() {
    if std::env::var_os("OTTLA_BUILT").is_some() {
        return;
    }
    let built = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--locked", "-p", "xtask", "--", "bindings"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(built.success(), "`cargo run -p xtask -- bindings` fails: see above");
}

/// The one run all tests look at. Both brokers and all clients take part side by side: they mostly wait.
fn report() -> &'static Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    REPORT.get_or_init(|| {
        build_programs();
        let options = Options {
            targets: vec![KAFKA.target.to_owned(), OTTLA.target.to_owned()],
            drivers: DRIVERS.iter().map(|name| (*name).to_owned()).collect(),
            selection: Selection::default(),
            seed: 1,
            jobs: JOBS,
            known_failing: KnownFailing::default(),
            folder: folder(),
        };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let report = runtime.block_on(run(&Env::system(), &options)).expect("the suite runs");
        report.write(&folder()).expect("the report is written");
        report
    })
}

fn folder() -> PathBuf {
    assets::build_dir().join("reports/matrix")
}

/// What is wrong with a report, one line each.
fn shortcomings(report: &Report, expected: &Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    let ran = || report.results.iter().filter(|result| result.target == expected.target);
    for (driver, least) in expected.passes {
        let passed = ran().filter(|result| result.verdict == Verdict::Pass);
        let found = passed.filter(|result| result.driver == driver).count();
        if found < least {
            wrong.push(format!("{driver}: {found} cases passed, {least} are expected at the least"));
        }
    }
    let mut lacking = BTreeSet::new();
    for result in ran().filter(|result| result.verdict == Verdict::Skip) {
        let (case, driver) = (result.case.as_str(), result.driver.as_str());
        let is_expected = match &result.skip {
            Some(Skip::BrokerLacks(api)) => {
                lacking.insert(api.as_str());
                expected.lacks.contains(&api.as_str())
            }
            Some(Skip::DriverLacks(names)) => {
                let known =
                    DRIVER_LACKS.iter().filter(|(name, _)| *name == driver).flat_map(|(_, lacks)| *lacks);
                let known: BTreeSet<_> = known.copied().collect();
                names.iter().all(|name| known.contains(name.as_str()))
            }
            Some(Skip::ClientDiffers(_)) => CLIENT_DIFFERS.contains(&(case, driver)),
            Some(Skip::CompanionLacks(..)) | None => false,
        };
        if !is_expected {
            wrong.push(format!(
                "{case} was not run with {driver}: {}",
                result.reason.as_deref().unwrap_or("no reason")
            ));
        }
    }
    for api in expected.lacks.iter().filter(|api| !lacking.contains(**api)) {
        wrong.push(format!("{api} is advertised now: it does not belong into the list of what is lacking"));
    }
    wrong
}

fn judge(expected: &Expected) {
    let report = report();
    let bad = report.bad().filter(|result| result.target == expected.target).count();
    assert_eq!(bad, 0, "{}\nsee {}", report.terminal(), folder().join("report.html").display());
    let wrong = shortcomings(report, expected);
    assert!(wrong.is_empty(), "{}\nsee {}", wrong.join("\n"), folder().join("report.html").display());
}

#[test]
fn apache_kafka_behaves_as_the_cases_say_with_every_client() {
    judge(&KAFKA);
}

#[test]
fn ottla_broker_behaves_as_the_cases_say_with_every_client() {
    judge(&OTTLA);
}

#[test]
fn every_known_driver_is_in_the_matrix() {
    let listed: Vec<_> = DRIVER_LACKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, DRIVERS);
    for expected in [&KAFKA, &OTTLA] {
        let columns: Vec<_> = expected.passes.iter().map(|(name, _)| *name).collect();
        assert_eq!(columns, [DRIVERS, &[WIRE, MIXED]].concat());
    }
}

/// Answers whatever it is asked as if it were ApiVersions, with nothing but ApiVersions.
async fn mute_broker(env: &Env) -> (String, Task<()>) {
    let mut listener = env.net().listen(([127, 0, 0, 1], 0).into()).await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    let serving = env.spawn("mute broker", async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut frame = vec![0; 4];
            while stream.read_exact(&mut frame[..4]).await.is_ok() {
                let length = u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize;
                frame.resize(length.max(8), 0);
                stream.read_exact(&mut frame[..length]).await.expect("the rest of a request");
                // Length, the request's correlation id, no error, and one API: 18, versions 0 to 0.
                let mut answer = vec![0, 0, 0, 16];
                answer.extend_from_slice(&frame[4..8]);
                answer.extend_from_slice(&[0, 0, 0, 0, 0, 1, 0, 18, 0, 0, 0, 0]);
                stream.write_all(&answer).await.expect("an answer is taken");
            }
        }
    });
    (address, serving)
}

#[test]
fn case_that_is_skipped_for_an_unknown_reason_is_a_shortcoming() {
    let env = Env::system();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // A broker that advertises nothing but how to ask what it advertises.
    let (address, _serving) = runtime.block_on(mute_broker(&env));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = Options {
        targets: vec![address.clone()],
        drivers: Vec::new(),
        selection: Selection { only: vec!["data.*".to_owned()], levels: Vec::new() },
        seed: 1,
        jobs: 1,
        known_failing: KnownFailing::default(),
        folder: folder.path().to_owned(),
    };
    let report = runtime.block_on(run(&env, &options)).expect("the suite runs");
    assert_eq!(report.bad().count(), 0, "{}", report.terminal());
    let elsewhere = Expected { target: address.leak(), ..KAFKA };
    let wrong = shortcomings(&report, &elsewhere);
    assert!(wrong.iter().any(|line| line.contains("wire: 0 cases passed")), "{wrong:?}");
    assert!(wrong.iter().any(|line| line.contains("does not advertise Fetch")), "{wrong:?}");
}
