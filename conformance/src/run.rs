//! A whole run: cases × drivers × brokers, side by side where possible.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

use crate::assets;
use crate::case::{Case, Level};
use crate::driver::{Driver, DriverSpec};
use crate::error::{Context, Error};
use crate::execute::{Scene, Trouble, execute};
use crate::report::{CaseResult, Outcome, Report, Verdict};
use crate::select::{KnownFailing, Selection, lacks_api, lacks_capability};
use crate::setup;
use crate::target::{Target, TargetSpec, own_program};
use futures_util::StreamExt;
use ottla_env::Env;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The column of cases that talk raw frames and need no client.
pub const WIRE: &str = "wire";

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// `kafka`, `ottla`, or `host:port` of a broker that runs.
    pub targets: Vec<String>,
    /// `java`, `librdkafka`, `rust`, or the path of a driver.
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
    let pool = Pool::new(env, options, &cases).await?;
    let mut report = Report::new(options.seed, env.wall_ms());
    for name in &options.targets {
        let spec = match name.as_str() {
            "kafka" => TargetSpec::Kafka,
            "ottla" => TargetSpec::Ottla,
            address => TargetSpec::Bootstrap(address.to_owned()),
        };
        let mut results = run_target(env, options, &cases, &pool, &spec).await?;
        report.results.append(&mut results);
        report.targets.push(spec.name().to_owned());
    }
    report.drivers = pool.clients().await;
    report.wall_ms = env.wall_ms() - report.started_ms;
    report.sort();
    Ok(report)
}

async fn run_target(
    env: &Env,
    options: &Options,
    cases: &[Case],
    pool: &Pool,
    spec: &TargetSpec,
) -> Result<Vec<CaseResult>, Error> {
    let target = Target::start(env, spec).await?;
    let mut jobs: Vec<(&Case, &str)> = Vec::new();
    for case in cases {
        if case.uses_driver() {
            jobs.extend(pool.tested.iter().map(|driver| (case, driver.as_str())));
        } else {
            jobs.push((case, WIRE));
        }
    }
    // Groups wait for timers: begun first, they end while the others run.
    jobs.sort_by_key(|(case, _)| (case.level != Level::Groups, std::cmp::Reverse(case.timeout_ms)));
    let target = &target;
    let results = futures_util::stream::iter(jobs.into_iter().enumerate())
        .map(|(index, (case, driver))| async move {
            let began = env.now();
            let outcome = judge(env, options, pool, target, case, driver, index).await;
            let duration_ms = u64::try_from(env.now().duration_since(began).as_millis()).unwrap_or(u64::MAX);
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
        .await;
    Ok(results)
}

async fn judge(
    env: &Env,
    options: &Options,
    pool: &Pool,
    target: &Target,
    case: &Case,
    driver: &str,
    index: usize,
) -> Outcome {
    if let Some(skip) = lacks_api(case, &target.advertised) {
        return Outcome::skipped(skip);
    }
    let mut drivers = BTreeMap::new();
    if driver != WIRE {
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

/// The driver processes of a run: one each, started when first needed and again should it end.
struct Pool {
    folder: PathBuf,
    /// Drivers under test, in the caller's order.
    tested: Vec<String>,
    specs: BTreeMap<String, DriverSpec>,
    running: BTreeMap<String, tokio::sync::Mutex<Option<Arc<Driver>>>>,
}

impl Pool {
    async fn new(env: &Env, options: &Options, cases: &[Case]) -> Result<Self, Error> {
        let needs_driver = cases.iter().any(Case::uses_driver);
        let mut pool = Self {
            folder: options.folder.clone(),
            tested: Vec::new(),
            specs: BTreeMap::new(),
            running: BTreeMap::new(),
        };
        if !needs_driver {
            return Ok(pool);
        }
        let companions: BTreeSet<_> = cases.iter().flat_map(Case::companions).map(str::to_owned).collect();
        for name in &options.drivers {
            let spec = driver_spec(env, name).await?;
            pool.tested.push(spec.name.clone());
            pool.add(spec);
        }
        for name in companions {
            if !pool.specs.contains_key(&name) {
                pool.add(driver_spec(env, &name).await?);
            }
        }
        Ok(pool)
    }

    fn add(&mut self, spec: DriverSpec) {
        self.running.insert(spec.name.clone(), tokio::sync::Mutex::new(None));
        self.specs.insert(spec.name.clone(), spec);
    }

    async fn get(&self, env: &Env, name: &str) -> Result<Arc<Driver>, Error> {
        let (Some(spec), Some(slot)) = (self.specs.get(name), self.running.get(name)) else {
            return Err(Error::new(format!("there is no driver {name}")));
        };
        let mut slot = slot.lock().await;
        if let Some(driver) = slot.as_ref().filter(|driver| !driver.has_ended()) {
            return Ok(Arc::clone(driver));
        }
        let driver = Arc::new(Driver::start(env, spec, self.folder.join(format!("{name}.log"))).await?);
        *slot = Some(Arc::clone(&driver));
        Ok(driver)
    }

    /// Name and client of every driver that ran.
    async fn clients(&self) -> Vec<(String, String)> {
        let mut clients = Vec::new();
        for (name, slot) in &self.running {
            if let Some(driver) = slot.lock().await.as_ref() {
                clients.push((name.clone(), driver.client.clone()));
            }
        }
        clients
    }
}

/// How to start a driver by its name, building it when needed.
async fn driver_spec(env: &Env, name: &str) -> Result<DriverSpec, Error> {
    let text = |path: &Path| path.display().to_string();
    let command = match name {
        "java" => {
            let folder = env.spawn_blocking(setup::java_driver).await?;
            let options = [
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
            ];
            let mut command = vec!["java".to_owned()];
            command.extend(options.map(str::to_owned));
            command.extend([setup::class_path(&folder.join("lib")), "dev.ottla.driver.Main".to_owned()]);
            command
        }
        "librdkafka" => {
            let folder = env.spawn_blocking(setup::librdkafka_driver).await?;
            vec![text(&folder.join("venv/bin/python")), text(&folder.join("driver.py"))]
        }
        "rust" => vec![text(&own_program("OTTLA_DRIVER_RUST", "ottla-driver-rust")?)],
        path => {
            let stem = Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let name = stem.unwrap_or_else(|| path.to_owned());
            return Ok(DriverSpec { name, command: vec![path.to_owned()] });
        }
    };
    Ok(DriverSpec { name: name.to_owned(), command })
}
