//! The client programs: how each is started and what it reports.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A client under measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Ottla,
    /// Producing only: a report awaited for each record, not one for each run of records in a batch.
    OttlaEachReport,
    FranzGo,
    Librdkafka,
    Java,
}

pub const ALL: [Client; 5] = [Client::Ottla, Client::OttlaEachReport, Client::FranzGo, Client::Librdkafka, Client::Java];

/// One measured run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub records: f64,
    pub seconds: f64,
    pub cpu_seconds: f64,
}

/// What to do.
#[derive(Clone, Debug)]
pub struct Work<'a> {
    pub verb: &'a str,
    pub bootstrap: &'a str,
    pub topic: &'a str,
    pub warmup: u64,
    pub records: u64,
    pub record_bytes: usize,
    /// `None`: the client's own default.
    pub batch: Option<(usize, u32)>,
}

impl Client {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ottla => "ottla",
            Self::OttlaEachReport => "ottla, a report per record",
            Self::FranzGo => "franz-go",
            Self::Librdkafka => "librdkafka",
            Self::Java => "java",
        }
    }

    /// Whether it differs from the others in this.
    pub fn takes_part(self, verb: &str) -> bool {
        self != Self::OttlaEachReport || verb == "produce"
    }

    fn command(self, bench: &Path) -> Command {
        let release = bench.join("target/release");
        match self {
            Self::Ottla | Self::OttlaEachReport => Command::new(release.join("bench-ottla")),
            Self::Librdkafka => Command::new(release.join("bench-rdkafka")),
            Self::FranzGo => Command::new(bench.join("../build/bench/franz-go")),
            Self::Java => java(bench),
        }
    }

    /// Runs the work and checks its counts: a run that lost a record is an error, not a figure.
    pub fn run(self, bench: &Path, work: &Work<'_>) -> Result<Run, String> {
        let more: &[&str] = if self == Self::OttlaEachReport { &["--reports", "each"] } else { &[] };
        measure(self.name(), self.command(bench), work, more)
    }
}

/// Runs a program with the work and more as its arguments and checks the counts it reports.
pub fn measure(name: &str, mut command: Command, work: &Work<'_>, more: &[&str]) -> Result<Run, String> {
    command.arg(work.verb).args(["--bootstrap", work.bootstrap, "--topic", work.topic]);
    command.args(["--records", &work.records.to_string(), "--warmup", &work.warmup.to_string()]);
    command.args(["--record-bytes", &work.record_bytes.to_string()]);
    if let (Some((bytes, linger_ms)), "produce") = (work.batch, work.verb) {
        command.args(["--batch-bytes", &bytes.to_string(), "--linger-ms", &linger_ms.to_string()]);
    }
    command.args(more);
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().unwrap_or_default();
    let report: Value = serde_json::from_str(line)
        .map_err(|_| format!("{name}: no report: {line}\n{}", String::from_utf8_lossy(&output.stderr)))?;
    let number = |field: &str| report[field].as_f64().unwrap_or(f64::NAN);
    // Producers count acknowledgements; consumers records, and as failed those that were not the next of their partition.
    if number("records") != work.records as f64 || number("failed") != 0.0 {
        return Err(format!("{name}: wrong counts: {line}"));
    }
    Ok(Run { records: number("records"), seconds: number("seconds"), cpu_seconds: number("cpu_seconds") })
}

/// The Java client's program, on the JVM's own defaults but for the heap.
pub fn java(bench: &Path) -> Command {
    let folder = bench.join("clients/java/target");
    let mut command = Command::new("java");
    let path = format!("{0}/java-client-1.jar:{0}/dependency/*", folder.display());
    command.args(["-Xmx512m", "-cp", &path, "dev.ottla.bench.Bench"]);
    command
}

/// The folder of the benchmarks.
pub fn bench_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
