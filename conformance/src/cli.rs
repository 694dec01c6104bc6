//! The command line: `run`, `list`, `setup`. The `ottla` command offers the same under `ottla conformance`.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

use crate::case::{Case, Level};
use crate::error::{Context, Error};
use crate::run::{Options, run};
use crate::select::{KnownFailing, Selection};
use crate::setup;
use clap::{Args, Subcommand};
use ottla_env::Env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Run cases and report.
    Run(RunArguments),
    /// List the cases.
    List,
    /// Fetch and build Apache Kafka, its tools and the drivers, so that later runs need no network.
    Setup,
}

/// What to run.
#[derive(Args, Clone, Debug)]
pub struct RunArguments {
    /// Broker to start and judge: kafka (Apache Kafka), ottla. May be given more than once.
    #[arg(long, value_parser = ["kafka", "ottla"])]
    target: Vec<String>,
    /// Address of a running broker to judge.
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Vec<String>,
    /// Client to drive: rust, python, node, c, kotlin, java, librdkafka, or the path of a driver of your own. May be given more than once.
    #[arg(long)]
    driver: Vec<String>,
    /// Only this case; a trailing * stands for anything. May be given more than once.
    #[arg(long, value_name = "CASE")]
    only: Vec<String>,
    /// Only this level: wire, core, groups, transactions, admin, security, cluster. May be given more than once.
    #[arg(long, value_parser = parse_level)]
    level: Vec<Level>,
    /// Seed of the names the run makes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Cases run at the same time.
    #[arg(long, default_value_t = 12)]
    jobs: usize,
    /// File of cases that are known to fail; one that passes fails the run.
    #[arg(long, value_name = "FILE")]
    known_failing: Option<PathBuf>,
    /// Folder for report.json, report.xml, report.html and the drivers' logs.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

fn parse_level(text: &str) -> Result<Level, String> {
    serde_json::from_value(text.into()).map_err(|_| format!("there is no level {text}"))
}

/// Does what the command line says. 0: all is well, 1: a case failed, 2: the suite could not run.
pub async fn main(env: &Env, verb: Verb) -> ExitCode {
    let outcome = match verb {
        Verb::Run(arguments) => run_cases(env, arguments).await,
        Verb::List => list(),
        Verb::Setup => env.spawn_blocking(set_up).await,
    };
    outcome.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "error: {error}");
        ExitCode::from(2)
    })
}

async fn run_cases(env: &Env, arguments: RunArguments) -> Result<ExitCode, Error> {
    let mut known_failing = KnownFailing::default();
    if let Some(path) = &arguments.known_failing {
        let text = std::fs::read_to_string(path).context(|| format!("cannot read {}", path.display()))?;
        known_failing.extend(KnownFailing::parse(&text)?);
    }
    let mut targets = arguments.target;
    targets.extend(arguments.bootstrap);
    if targets.is_empty() {
        targets.push("ottla".to_owned());
    }
    let logs = tempfile::Builder::new()
        .prefix("ottla-conformance-")
        .tempdir()
        .context(|| "cannot create a folder for logs".to_owned())?;
    let options = Options {
        targets,
        drivers: arguments.driver,
        selection: Selection { only: arguments.only, levels: arguments.level },
        seed: arguments.seed,
        jobs: arguments.jobs,
        known_failing,
        folder: arguments.report.clone().unwrap_or_else(|| logs.path().to_owned()),
    };
    let report = run(env, &options).await?;
    print(&report.terminal())?;
    if let Some(folder) = &arguments.report {
        report.write(folder)?;
        print(&format!("report in {}\n", folder.display()))?;
    }
    Ok(if report.bad().next().is_some() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn list() -> Result<ExitCode, Error> {
    let mut text = String::new();
    for case in Case::catalogue()? {
        text.push_str(&format!("{:<48} {:?}  {}\n", case.id, case.level, case.title));
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn set_up() -> Result<ExitCode, Error> {
    let mut text = String::new();
    for folder in
        [setup::broker_jars()?, setup::tools_jars()?, setup::java_driver()?, setup::librdkafka_driver()?]
    {
        text.push_str(&format!("{}\n", folder.display()));
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn print(text: &str) -> Result<(), Error> {
    std::io::stdout().write_all(text.as_bytes()).context(|| "cannot print".to_owned())
}
