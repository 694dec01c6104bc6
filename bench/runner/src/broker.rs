//! The brokers under measurement, started the way their users start them.

use crate::probe;
use ottla_conformance::kafka::{ApacheKafka, Options};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Not what is measured: a group's first rebalance, tiny internal topics, and logs of topics that were deleted.
const SETTINGS: &[(&str, &str)] = &[
    ("group.initial.rebalance.delay.ms", "0"),
    ("offsets.topic.num.partitions", "3"),
    ("log.segment.delete.delay.ms", "1000"),
];

/// Apache Kafka's defaults back over the test suite's small pools and busy cleaner.
const KAFKA_SETTINGS: &[(&str, &str)] = &[
    ("num.network.threads", "3"),
    ("num.io.threads", "8"),
    ("background.threads", "10"),
    ("log.cleaner.dedupe.buffer.size", "134217728"),
    ("log.cleaner.backoff.ms", "15000"),
    ("log.retention.check.interval.ms", "300000"),
    ("log.initial.task.delay.ms", "30000"),
];

/// What `kafka-server-start.sh` gives the JVM when nobody says otherwise.
const JVM: &[&str] = &[
    "-Xmx1G",
    "-Xms1G",
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
];

/// Apache Kafka as its own script starts it.
fn kafka_options(settings: &[(&str, &str)]) -> Options {
    Options {
        overrides: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        jvm: JVM.iter().map(|argument| (*argument).to_owned()).collect(),
    }
}

/// Ottla's broker as a process of its own.
pub struct OttlaBroker {
    process: Child,
    bootstrap: String,
    _folder: tempfile::TempDir,
}

impl OttlaBroker {
    pub fn start(binary: &Path) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut command = Command::new(binary);
        command.arg("broker").args(["--set", "listeners=PLAINTEXT://127.0.0.1:0"]);
        command.arg("--set").arg(format!("log.dirs={}", folder.path().join("data").display()));
        for (name, value) in SETTINGS {
            command.args(["--set", &format!("{name}={value}")]);
        }
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| format!("{}: {error}", binary.display()))?;
        let stdout = process.stdout.take().ok_or("no stdout")?;
        let bootstrap = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split("ready on ").nth(1).map(|rest| rest.trim().to_owned()))
            .ok_or("the broker ended before it was ready")?;
        Ok(Self { process, bootstrap, _folder: folder })
    }
}

impl Drop for OttlaBroker {
    fn drop(&mut self) {
        // The folder goes with it; nothing is left to save.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Either broker.
pub enum Broker {
    Ottla(OttlaBroker),
    Kafka(Box<ApacheKafka>),
}

impl Broker {
    pub async fn kafka() -> Result<Self, String> {
        let kafka = ApacheKafka::start_with(kafka_options(KAFKA_SETTINGS)).await;
        Ok(Self::Kafka(Box::new(kafka.map_err(|error| error.to_string())?)))
    }

    pub fn ottla(binary: &Path) -> Result<Self, String> {
        OttlaBroker::start(binary).map(Self::Ottla)
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Ottla(_) => "ottla",
            Self::Kafka(_) => "kafka",
        }
    }

    pub fn bootstrap(&self) -> String {
        match self {
            Self::Ottla(broker) => broker.bootstrap.clone(),
            Self::Kafka(broker) => broker.bootstrap_servers(),
        }
    }

    pub fn pid(&self) -> Result<u32, String> {
        match self {
            Self::Ottla(broker) => Ok(broker.process.id()),
            Self::Kafka(broker) => broker.pid().map_err(|error| error.to_string()),
        }
    }
}

/// Milliseconds from starting the process to the first acknowledged record, and the resident KiB once it is idle.
pub fn ottla_cold_start(binary: &Path) -> Result<(f64, u64), String> {
    let started = Instant::now();
    let broker = OttlaBroker::start(binary)?;
    probe::first_ack(&broker.bootstrap, Duration::from_secs(10))?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    Ok((ms, settled_kib(broker.process.id())?))
}

/// The same for Apache Kafka on storage that is formatted and was left in order: after a kill it would wait for its own
/// registration to expire first.
pub async fn kafka_cold_start() -> Result<(f64, u64), String> {
    let mut broker = ApacheKafka::start_with(kafka_options(KAFKA_SETTINGS)).await.map_err(|error| error.to_string())?;
    crate::process::terminate(broker.pid().map_err(|error| error.to_string())?, Duration::from_secs(60))?;
    broker.kill().await.map_err(|error| error.to_string())?;
    let started = Instant::now();
    broker.restart().await.map_err(|error| error.to_string())?;
    probe::first_ack(&broker.bootstrap_servers(), Duration::from_secs(60))?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    Ok((ms, settled_kib(broker.pid().map_err(|error| error.to_string())?)?))
}

/// Resident memory once two looks a second apart agree within 1 %.
fn settled_kib(pid: u32) -> Result<u64, String> {
    let mut last = crate::process::resident_kib(pid)?;
    for _ in 0..10 {
        std::thread::sleep(Duration::from_secs(1));
        let now = crate::process::resident_kib(pid)?;
        if now.abs_diff(last) * 100 <= last {
            return Ok(now);
        }
        last = now;
    }
    Ok(last)
}
