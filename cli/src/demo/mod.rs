//! `ottla demo`: a million orders through produce → transform → aggregate → verify, each stage a process of its own.
//!
//! The stages are this same binary, or programs in other languages that are named for them. They report on their standard
//! output, a line of JSON at a time; the operating system tells what each one cost. This module shows progress and makes the
//! table at the end.
#![allow(clippy::disallowed_methods)] // Files of the person at the command line.

mod lane;
mod ledger;
mod order;
mod report;
mod stage;

use crate::cluster;
use crate::failure::Failure;
use crate::format;
use comfy_table::{CellAlignment, Table, presets};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use lane::Lane;
use ledger::Findings;
use ottla::admin::{Admin, CallOptions, ChangeOptions, NewTopic};
pub(crate) use report::Usage;
use report::{Report, Stage};
use std::io::{BufRead, BufReader, IsTerminal};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const PARTITIONS: i32 = 6;

/// Pass a million orders through a pipeline and show that none was lost or doubled.
///
/// Starts a broker of its own unless --bootstrap names a cluster.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Use this cluster instead of a broker of the demo's own
    #[arg(short, long, env = "BOOTSTRAP", value_name = "HOST:PORT")]
    bootstrap: Option<String>,
    /// How many orders
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    records: u64,
    /// One JSON object instead of the table
    #[arg(long)]
    json: bool,
    /// A program that runs a stage instead of this binary, or verifies beside it; demo/README.md of the repository says what
    /// it is told and what it reports
    #[arg(long = "program", value_name = "STAGE:LANGUAGE:COMMAND", value_parser = lane::parse)]
    programs: Vec<Lane>,
    /// Run one stage only; the demo starts its own
    #[arg(long, hide = true)]
    stage: Option<Stage>,
    /// A stage that sees nothing new for so long takes what is missing for lost
    #[arg(long, hide = true, default_value_t = 60_000)]
    patience_ms: u64,
    /// Distinguishes this run's topics
    #[arg(long, hide = true)]
    run: Option<String>,
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    if let (Some(stage), Some(bootstrap), Some(run)) = (arguments.stage, &arguments.bootstrap, &arguments.run)
    {
        cluster::log_to_stderr("warn");
        let patience = Duration::from_millis(arguments.patience_ms);
        return stage::run(stage, bootstrap, run, arguments.records, patience);
    }
    cluster::log_to_stderr("error");
    #[allow(clippy::disallowed_methods)] // A stopwatch for people, no decision hangs on it.
    let started = Instant::now();
    let own = if arguments.bootstrap.is_some() { None } else { Some(OwnBroker::start()?) };
    let bootstrap = arguments
        .bootstrap
        .clone()
        .or_else(|| own.as_ref().map(|own| own.bootstrap.clone()))
        .unwrap_or_default();
    let run = format!("{:x}", std::process::id());
    cluster::block_on(create_topics(&bootstrap, &run))?;
    let outcome = pipeline(&bootstrap, &run, &arguments);
    let broker_usage = own.as_ref().map(OwnBroker::usage);
    let cleaned = cluster::block_on(delete_topics(&bootstrap, &run));
    drop(own);
    let ended = outcome?;
    cleaned?;
    conclude(&ended, broker_usage, started.elapsed(), &arguments)
}

/// The broker of the demo's own: this binary again, on a free port and a temporary folder.
struct OwnBroker {
    process: Child,
    bootstrap: String,
    folder: std::path::PathBuf,
}

impl OwnBroker {
    fn start() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("ottla-demo-{}", std::process::id()));
        let log_dirs = format!("log.dirs={}", folder.display());
        let mut process = Command::new(std::env::current_exe()?)
            .args(["broker", "--set", "listeners=PLAINTEXT://127.0.0.1:0", "--set", &log_dirs])
            .args(["--set", "group.initial.rebalance.delay.ms=0"])
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout =
            process.stdout.take().ok_or_else(|| Failure::said("the broker has no standard output"))?;
        let ready = BufReader::new(stdout).lines().map_while(Result::ok);
        let ready = ready.filter_map(|line| line.strip_prefix("ready on ").map(str::to_owned)).next();
        let started = Self { process, bootstrap: ready.clone().unwrap_or_default(), folder };
        if ready.is_none() {
            return Err(Failure::said("the broker ended before it was ready"));
        }
        Ok(started)
    }

    fn usage(&self) -> Usage {
        Usage::of_process(self.process.id())
    }
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        // Its data goes with it, so there is nothing to close in order.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs the stages side by side and returns their last reports. When one fails the others are ended: what they wait for will
/// not come.
fn pipeline(bootstrap: &str, run: &str, arguments: &Arguments) -> Result<Vec<Ended>, Failure> {
    let progress = MultiProgress::new();
    if arguments.json || !std::io::stderr().is_terminal() {
        progress.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style =
        ProgressStyle::with_template("{prefix:>18} {wide_bar} {human_pos:>9}/{human_len} {per_sec:>14}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
    let lanes = lane::lanes(&arguments.programs);
    let (sender, receiver) = mpsc::channel();
    let mut kill_all = Vec::new();
    for (index, lane) in lanes.iter().enumerate() {
        let bar = progress
            .add(ProgressBar::new(arguments.records).with_style(style.clone()).with_prefix(lane.name()));
        let running = lane.start(bootstrap, run, arguments)?;
        kill_all.push(running.killer());
        let sender = sender.clone();
        #[allow(clippy::disallowed_methods)] // A terminal's thread: there is no runtime here to ask.
        std::thread::Builder::new().name("progress".into()).spawn(move || {
            // The receiver is gone only when another stage failed.
            let _ = sender.send((index, follow(running, &bar)));
        })?;
    }
    drop(sender);
    let mut ended: Vec<Option<Ended>> = lanes.iter().map(|_| None).collect();
    let mut failed = Vec::new();
    for (index, (report, outcome)) in receiver {
        let lane = &lanes[index];
        match (report, outcome) {
            (Some(mut report), Ok((status, usage))) if status.success() => {
                report.usage = usage;
                ended[index] = Some(Ended { name: lane.name(), report });
            }
            (_, outcome) if failed.is_empty() => {
                failed.push(match outcome {
                    Ok((status, _)) if status.success() => {
                        format!("{} ended without a last report", lane.name())
                    }
                    Ok((status, _)) => format!("{} ended with {status}", lane.name()),
                    Err(error) => format!("the end of {} could not be seen: {error}", lane.name()),
                });
                kill_all.iter().for_each(|kill| kill());
            }
            // It was ended because another one failed.
            _ => {}
        }
    }
    if failed.is_empty() {
        Ok(ended.into_iter().flatten().collect())
    } else {
        Err(Failure::said(failed.join("; ")))
    }
}

/// What became of a stage.
#[derive(Debug, serde::Serialize)]
struct Ended {
    name: String,
    #[serde(flatten)]
    report: Report,
}

/// Reads a stage's reports to their end and moves its bar; the last report if it says it is, and how the process ended.
fn follow(
    running: lane::Running,
    bar: &ProgressBar,
) -> (Option<Report>, std::io::Result<(ExitStatus, Usage)>) {
    let mut last = None;
    let lane::Running { pid, stdout } = running;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Ok(report) = serde_json::from_str::<Report>(&line) {
            bar.set_position(report.records);
            last = report.done.then_some(report);
        }
    }
    bar.finish();
    (last, lane::wait(pid))
}

async fn admin(bootstrap: &str) -> Result<Admin, Failure> {
    Ok(Admin::builder().set("bootstrap.servers", bootstrap).build().await?)
}

async fn create_topics(bootstrap: &str, run: &str) -> Result<(), Failure> {
    let admin = admin(bootstrap).await?;
    let topics = stage::topics(run)
        .map(|name| NewTopic { num_partitions: Some(PARTITIONS), ..NewTopic::with_defaults(name) });
    for (_, created) in admin.create_topics(topics, ChangeOptions::default()).await? {
        created?;
    }
    admin.close(Duration::from_secs(5)).await;
    Ok(())
}

async fn delete_topics(bootstrap: &str, run: &str) -> Result<(), Failure> {
    let admin = admin(bootstrap).await?;
    for (_, deleted) in admin.delete_topics(stage::topics(run), CallOptions::default()).await? {
        deleted?;
    }
    admin.close(Duration::from_secs(5)).await;
    Ok(())
}

fn conclude(
    ended: &[Ended],
    broker: Option<Usage>,
    elapsed: Duration,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let verdicts: Vec<Findings> = ended.iter().filter_map(|ended| ended.report.findings).collect();
    let verifiers = ended.iter().filter(|ended| ended.report.stage == Stage::Verify).count();
    // A verifier that says nothing has seen nothing.
    let silent = Findings { lost: arguments.records, ..Findings::default() };
    let all_spoke = verifiers > 0 && verdicts.len() == verifiers;
    let findings =
        if all_spoke { verdicts.into_iter().reduce(Findings::worse).unwrap_or(silent) } else { silent };
    if arguments.json {
        let summary = serde_json::json!({
            "records": arguments.records, "seconds": elapsed.as_secs_f64(), "stages": ended, "broker": broker, "findings": findings,
        });
        format::print_line(summary)?;
    } else {
        format::print_line(table(ended, broker))?;
        format::print_line(format_args!(
            "{} orders in {:.1} s · lost {} · doubled {} · out of order {} · altered {}",
            format::count(arguments.records),
            elapsed.as_secs_f64(),
            findings.lost,
            findings.doubled,
            findings.out_of_order,
            findings.altered
        ))?;
    }
    if findings.is_clean() {
        Ok(())
    } else {
        Err(Failure::said("the pipeline lost or changed records: see the counts above"))
    }
}

fn table(ended: &[Ended], broker: Option<Usage>) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["stage", "records", "bytes", "records/s", "CPU s", "CPU µs/record", "memory"]);
    for Ended { name, report } in ended {
        let seconds = report.seconds.max(1e-9);
        table.add_row([
            name.clone(),
            format::count(report.records),
            format::bytes(report.bytes),
            format::count((report.records as f64 / seconds) as u64),
            format!("{:.2}", report.usage.cpu_seconds),
            format!("{:.2}", report.usage.cpu_seconds * 1e6 / report.records.max(1) as f64),
            format::bytes(report.usage.max_resident_bytes),
        ]);
    }
    if let Some(usage) = broker {
        let records: u64 = ended.iter().map(|ended| ended.report.records).sum();
        table.add_row([
            "broker".to_owned(),
            String::new(),
            String::new(),
            String::new(),
            format!("{:.2}", usage.cpu_seconds),
            format!("{:.2}", usage.cpu_seconds * 1e6 / records.max(1) as f64),
            format::bytes(usage.max_resident_bytes),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concluded(findings: Option<Findings>) -> Result<(), Failure> {
        let report = Report {
            stage: Stage::Verify,
            records: 10,
            bytes: 0,
            seconds: 0.0,
            usage: Usage::default(),
            done: true,
            findings,
        };
        let arguments = Arguments {
            bootstrap: None,
            records: 10,
            json: true,
            programs: Vec::new(),
            stage: None,
            patience_ms: 0,
            run: None,
        };
        conclude(&[Ended { name: "verify".to_owned(), report }], None, Duration::ZERO, &arguments)
    }

    #[test]
    fn demo_fails_unless_every_count_is_zero_and_known() {
        assert!(concluded(Some(Findings::default())).is_ok());
        assert!(concluded(None).is_err(), "a verifier that says nothing has seen nothing");
        for findings in [
            Findings { lost: 1, ..Findings::default() },
            Findings { doubled: 1, ..Findings::default() },
            Findings { out_of_order: 1, ..Findings::default() },
            Findings { altered: 1, ..Findings::default() },
        ] {
            assert!(concluded(Some(findings)).is_err(), "{findings:?}");
        }
    }
}
