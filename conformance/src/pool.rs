//! The driver processes of a run, and how each is started by its name.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

use crate::case::Case;
use crate::driver::{Driver, DriverSpec};
use crate::error::Error;
use crate::setup;
use crate::target::own_program;
use ottla_env::Env;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The drivers that are known by name: ours in five languages, then those of other people's clients.
pub const DRIVERS: &[&str] = &["rust", "python", "node", "c", "kotlin", "java", "librdkafka"];

/// A driver's process.
#[derive(Default)]
enum Slot {
    #[default]
    NotYet,
    Running(Arc<Driver>),
    /// It does not start: trying once more for each case would only take time.
    Broken(String),
}

/// One process a driver, started when first needed and again should it end.
pub(crate) struct Pool {
    folder: PathBuf,
    /// Drivers under test, in the caller's order.
    tested: Vec<String>,
    specs: BTreeMap<String, DriverSpec>,
    running: BTreeMap<String, tokio::sync::Mutex<Slot>>,
    /// Companions that cannot be started on this machine, and why.
    lacking: BTreeMap<String, String>,
}

impl Pool {
    /// Finds, and builds when needed, the drivers under test and those the cases bring in beside them.
    pub(crate) async fn new(
        env: &Env,
        folder: &Path,
        drivers: &[String],
        cases: &[Case],
    ) -> Result<Self, Error> {
        let mut pool = Self {
            folder: folder.to_owned(),
            tested: Vec::new(),
            specs: BTreeMap::new(),
            running: BTreeMap::new(),
            lacking: BTreeMap::new(),
        };
        if drivers.is_empty() || !cases.iter().any(Case::uses_driver) {
            return Ok(pool);
        }
        for name in drivers {
            let spec = driver_spec(env, name).await?;
            pool.tested.push(spec.name.clone());
            pool.add(spec);
        }
        let companions: BTreeSet<_> = cases.iter().flat_map(Case::companions).map(str::to_owned).collect();
        for name in companions {
            if pool.specs.contains_key(&name) {
                continue;
            }
            match driver_spec(env, &name).await {
                Ok(spec) => pool.add(spec),
                Err(error) => {
                    pool.lacking.insert(name, error.to_string());
                }
            }
        }
        Ok(pool)
    }

    fn add(&mut self, spec: DriverSpec) {
        self.running.insert(spec.name.clone(), tokio::sync::Mutex::default());
        self.specs.insert(spec.name.clone(), spec);
    }

    /// The drivers under test, in the caller's order.
    pub(crate) fn tested(&self) -> impl Iterator<Item = &str> {
        self.tested.iter().map(String::as_str)
    }

    /// Why a companion cannot be started here, if it cannot.
    pub(crate) fn lacks(&self, companion: &str) -> Option<&str> {
        self.lacking.get(companion).map(String::as_str)
    }

    /// The process that all cases share.
    pub(crate) async fn get(&self, env: &Env, name: &str) -> Result<Arc<Driver>, Error> {
        let (Some(spec), Some(slot)) = (self.specs.get(name), self.running.get(name)) else {
            return Err(Error::new(format!("there is no driver {name}")));
        };
        let mut slot = slot.lock().await;
        match &*slot {
            Slot::Running(driver) if !driver.has_ended() => return Ok(Arc::clone(driver)),
            Slot::Broken(reason) => return Err(Error::new(reason.clone())),
            Slot::NotYet | Slot::Running(_) => {}
        }
        match Driver::start(env, spec, self.log(name)).await {
            Ok(driver) => {
                let driver = Arc::new(driver);
                *slot = Slot::Running(Arc::clone(&driver));
                Ok(driver)
            }
            Err(error) => {
                *slot = Slot::Broken(error.to_string());
                Err(error)
            }
        }
    }

    /// A process for one client of one case, which may kill it.
    pub(crate) async fn start_own(&self, env: &Env, name: &str) -> Result<Arc<Driver>, Error> {
        let spec = self.specs.get(name).ok_or_else(|| Error::new(format!("there is no driver {name}")))?;
        Ok(Arc::new(Driver::start(env, spec, self.log(name)).await?))
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// Name and client of every driver that ran.
    pub(crate) async fn clients(&self) -> Vec<(String, String)> {
        let mut clients = Vec::new();
        for (name, slot) in &self.running {
            if let Slot::Running(driver) = &*slot.lock().await {
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
        language @ ("python" | "node" | "c" | "kotlin") => {
            vec![text(&setup::binding_driver(language)?)]
        }
        path => {
            let stem = Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            let name = stem.unwrap_or_else(|| path.to_owned());
            return Ok(DriverSpec { name, command: vec![path.to_owned()] });
        }
    };
    Ok(DriverSpec { name: name.to_owned(), command })
}
