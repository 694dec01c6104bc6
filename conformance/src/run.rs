//! A whole run: cases × drivers × brokers, side by side where possible.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

use crate::assets;
use crate::case::{Case, Level};
use crate::error::{Context, Error};
use crate::execute::{Scene, Trouble, execute};
use crate::pool::Pool;
use crate::report::{CaseResult, Outcome, Report, Skip, Verdict};
use crate::select::{KnownFailing, Selection, lacks_api, lacks_capability};
use crate::target::{Target, TargetSpec};
use futures_util::StreamExt;
use futures_util::future::try_join_all;
use ottla_env::Env;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The column of cases that talk raw frames and need no client.
pub const WIRE: &str = "wire";
/// The column of cases that name every client themselves: a run with any driver says all there is to say.
pub const MIXED: &str = "mixed";

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// `kafka`, `ottla`, or `host:port` of a broker that runs.
    pub targets: Vec<String>,
    /// Names of [`DRIVERS`](crate::DRIVERS), or paths of drivers.
    pub drivers: Vec<String>,
    /// Which cases.
    pub selection: Selection,
    /// Part of every name the run makes; printed with each failure.
    pub seed: u64,
    /// Cases run at the same time.
    pub jobs: usize,
    /// Cases expected to fail.
    pub known_failing: KnownFailing,
    /// Drivers' logs go here.
    pub folder: PathBuf,
}

/// Runs what `options` ask for. An `Err` means that nothing can be said, not that a case failed.
pub async fn run(env: &Env, options: &Options) -> Result<Report, Error> {
    let cases: Vec<Case> =
        Case::catalogue()?.into_iter().filter(|case| options.selection.takes(case)).collect();
    if cases.is_empty() {
        return Err(Error::new("no case is called that"));
    }
    std::fs::create_dir_all(&options.folder)
        .context(|| format!("cannot create {}", options.folder.display()))?;
    let pool = Pool::new(env, &options.folder, &options.drivers, &cases).await?;
    let mut report = Report::new(options.seed, env.wall_ms());
    let targets = options.targets.iter().map(|name| async move {
        let spec = match name.as_str() {
            "kafka" => TargetSpec::Kafka,
            "ottla" => TargetSpec::Ottla,
            address => TargetSpec::Bootstrap(address.to_owned()),
        };
        Target::start(env, &spec).await
    });
    let targets = try_join_all(targets).await?;
    report.results = run_jobs(env, options, &pool, jobs(&cases, &pool, &targets)).await;
    report.targets = targets.iter().map(|target| target.name.clone()).collect();
    report.drivers = pool.clients().await;
    report.wall_ms = env.wall_ms() - report.started_ms;
    report.sort();
    Ok(report)
}

/// One case with one driver against one broker.
#[derive(Clone, Copy)]
struct Job<'a> {
    case: &'a Case,
    driver: &'a str,
    target: &'a Target,
}

fn jobs<'a>(cases: &'a [Case], pool: &'a Pool, targets: &'a [Target]) -> Vec<Job<'a>> {
    let mut jobs = Vec::new();
    for case in cases {
        let columns: Vec<&str> = match case {
            case if !case.uses_driver() => vec![WIRE],
            case if !case.uses_tested_driver() && pool.tested().next().is_some() => vec![MIXED],
            _ => pool.tested().collect(),
        };
        for driver in columns {
            jobs.extend(targets.iter().map(|target| Job { case, driver, target }));
        }
    }
    // Groups wait for timers: begun first, they end while the others run.
    jobs.sort_by_key(|job| (job.case.level != Level::Groups, std::cmp::Reverse(job.case.timeout_ms)));
    jobs
}

async fn run_jobs(env: &Env, options: &Options, pool: &Pool, jobs: Vec<Job<'_>>) -> Vec<CaseResult> {
    futures_util::stream::iter(jobs.into_iter().enumerate())
        .map(|(index, job)| async move {
            let began = env.now();
            let outcome = judge(env, options, pool, job, index).await;
            let duration_ms = u64::try_from(env.now().duration_since(began).as_millis()).unwrap_or(u64::MAX);
            let Job { case, driver, target } = job;
            tracing::info!(
                case = case.id,
                driver,
                target = target.name,
                duration_ms,
                "{}",
                outcome.verdict.name()
            );
            CaseResult::new(case, driver, &target.name, outcome, duration_ms)
        })
        .buffer_unordered(options.jobs.max(1))
        .collect()
        .await
}

async fn judge(env: &Env, options: &Options, pool: &Pool, job: Job<'_>, index: usize) -> Outcome {
    let Job { case, driver, target } = job;
    if let Some(skip) = lacks_api(case, &target.advertised) {
        return Outcome::skipped(skip);
    }
    let mut drivers = BTreeMap::new();
    if ![WIRE, MIXED].contains(&driver) {
        match pool.get(env, driver).await {
            Ok(process) => {
                if let Some(skip) = lacks_capability(case, driver, &process.capabilities) {
                    return Outcome::skipped(skip);
                }
                drivers.insert("self".to_owned(), process);
            }
            Err(error) => return Outcome::broken(error.to_string()),
        }
    }
    for companion in case.companions() {
        if let Some(reason) = pool.lacks(companion) {
            return Outcome::skipped(Skip::CompanionLacks(companion.to_owned(), reason.to_owned()));
        }
        match pool.get(env, companion).await {
            Ok(process) => drivers.insert(companion.to_owned(), process),
            Err(error) => return Outcome::broken(error.to_string()),
        };
    }
    let scene = Scene {
        env,
        bootstrap: &target.bootstrap,
        advertised: &target.advertised,
        drivers,
        pool,
        // The wall clock keeps a second run with the same seed against the same broker apart.
        token: format!("{:x}-{:x}-{index}", options.seed & 0xffff, env.wall_ms() & 0xff_ffff),
        seed: options.seed,
    };
    let listed = options.known_failing.lists(&case.id, driver)
        || built_in(driver, &target.name).lists(&case.id, driver);
    match (execute(&scene, case).await, listed) {
        (Ok(()), false) => Outcome::of(Verdict::Pass),
        (Ok(()), true) => Outcome::of(Verdict::Xpass).because("listed as failing, and passes"),
        (Err(Trouble::Failed(failure)), false) => Outcome::of(Verdict::Fail).with(failure),
        (Err(Trouble::Failed(failure)), true) => {
            Outcome::of(Verdict::Xfail).because("listed as failing").with(failure)
        }
        (Err(Trouble::Broken(reason)), _) => Outcome::broken(reason),
    }
}

/// The list of known failures that travels with the suite for a driver and a target.
fn built_in(driver: &str, target: &str) -> KnownFailing {
    assets::text(&format!("known-failing/{driver}-{target}.txt"))
        .and_then(|text| KnownFailing::parse(text).ok())
        .unwrap_or_default()
}
