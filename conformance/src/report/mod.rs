//! What a run found: the same results for a terminal, a program, a build server and a browser.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

mod html;
mod junit;
mod terminal;

use crate::case::{Case, Level, Strength};
use crate::error::{Context, Error};
use crate::execute::Failure;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// How a case ended.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// As expected.
    Pass,
    /// Not as expected.
    Fail,
    /// Not as expected, and listed as such.
    Xfail,
    /// As expected though listed as failing: the list is out of date.
    Xpass,
    /// Not run, for a stated reason.
    Skip,
    /// The suite or a driver broke: nothing is known.
    Error,
}

impl Verdict {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Xfail => "XFAIL",
            Self::Xpass => "XPASS",
            Self::Skip => "SKIP",
            Self::Error => "ERROR",
        }
    }

    /// Whether the run as a whole fails by it.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Fail | Self::Xpass | Self::Error)
    }
}

/// Why a case was not run: never for want of trying.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", content = "what", rename_all = "snake_case")]
pub enum Skip {
    /// The broker does not advertise this API, or this version of it.
    BrokerLacks(String),
    /// The driver does not name these among its capabilities.
    DriverLacks(Vec<String>),
    /// A client the case brings in cannot be started here: its name, and why.
    CompanionLacks(String, String),
    /// The case itself says why this client differs.
    ClientDiffers(String),
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokerLacks(api) => write!(f, "the broker does not advertise {api}"),
            Self::DriverLacks(capabilities) => write!(f, "the driver has no {}", capabilities.join(", ")),
            Self::CompanionLacks(name, reason) => write!(f, "{name} cannot take part: {reason}"),
            Self::ClientDiffers(reason) => f.write_str(reason),
        }
    }
}

/// What came of a case.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<String>,
    pub(crate) skip: Option<Skip>,
    pub(crate) failure: Option<Failure>,
}

impl Outcome {
    pub(crate) fn of(verdict: Verdict) -> Self {
        Self { verdict, reason: None, skip: None, failure: None }
    }

    pub(crate) fn skipped(skip: Skip) -> Self {
        Self { reason: Some(skip.to_string()), skip: Some(skip), ..Self::of(Verdict::Skip) }
    }

    pub(crate) fn broken(reason: String) -> Self {
        Self { reason: Some(reason), ..Self::of(Verdict::Error) }
    }

    pub(crate) fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }

    pub(crate) fn with(self, failure: Failure) -> Self {
        Self { failure: Some(failure), ..self }
    }
}

/// One case with one driver against one broker.
#[derive(Clone, Debug, Serialize)]
pub struct CaseResult {
    /// Name of the case.
    pub case: String,
    /// Its claim.
    pub title: String,
    /// Its level.
    pub level: Level,
    /// How binding it is.
    pub strength: Strength,
    /// What the claim rests on.
    pub source: Vec<String>,
    /// The driver, `wire` for raw frames.
    pub driver: String,
    /// The broker.
    pub target: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it was skipped, or what broke.
    pub reason: Option<String>,
    /// What kind of reason it was skipped for.
    pub skip: Option<Skip>,
    /// What differed.
    pub failure: Option<Failure>,
    /// How long it took.
    pub duration_ms: u64,
}

impl CaseResult {
    pub(crate) fn new(case: &Case, driver: &str, target: &str, outcome: Outcome, duration_ms: u64) -> Self {
        Self {
            case: case.id.clone(),
            title: case.title.clone(),
            level: case.level,
            strength: case.strength,
            source: case.source.clone(),
            driver: driver.to_owned(),
            target: target.to_owned(),
            verdict: outcome.verdict,
            reason: outcome.reason,
            skip: outcome.skip,
            failure: outcome.failure,
            duration_ms,
        }
    }
}

/// All results of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of the suite.
    pub suite_version: &'static str,
    /// The run's seed.
    pub seed: u64,
    /// Wall clock at the beginning.
    pub started_ms: i64,
    /// How long the run took.
    pub wall_ms: i64,
    /// Brokers judged.
    pub targets: Vec<String>,
    /// Drivers that ran, with the client each drives.
    pub drivers: Vec<(String, String)>,
    /// Results, by level and case.
    pub results: Vec<CaseResult>,
}

impl Report {
    pub(crate) fn new(seed: u64, started_ms: i64) -> Self {
        Self {
            suite_version: env!("CARGO_PKG_VERSION"),
            seed,
            started_ms,
            wall_ms: 0,
            targets: Vec::new(),
            drivers: Vec::new(),
            results: Vec::new(),
        }
    }

    pub(crate) fn sort(&mut self) {
        self.results.sort_by(|left, right| {
            let key = |result: &CaseResult| {
                (result.level, result.case.clone(), result.target.clone(), result.driver.clone())
            };
            key(left).cmp(&key(right))
        });
    }

    /// Results whose verdict makes the run fail.
    pub fn bad(&self) -> impl Iterator<Item = &CaseResult> {
        self.results.iter().filter(|result| result.verdict.is_bad())
    }

    /// How often each verdict was given.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for result in &self.results {
            *counts.entry(result.verdict.name()).or_default() += 1;
        }
        counts
    }

    /// The matrix and the failures, for a terminal.
    pub fn terminal(&self) -> String {
        terminal::render(self)
    }

    /// Writes `report.json`, `report.xml` and `report.html` into `folder`.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        std::fs::create_dir_all(folder).context(|| format!("cannot create {}", folder.display()))?;
        let json = serde_json::to_string_pretty(self).context(|| "cannot write the report".to_owned())?;
        for (name, text) in
            [("report.json", json), ("report.xml", junit::render(self)), ("report.html", html::render(self))]
        {
            let path = folder.join(name);
            std::fs::write(&path, text).context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Columns of the matrix: broker and driver, in order.
    pub(crate) fn columns(&self) -> Vec<(&str, &str)> {
        let mut columns: Vec<_> =
            self.results.iter().map(|result| (result.target.as_str(), result.driver.as_str())).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// Rows of the matrix: each case with its results.
    pub(crate) fn rows(&self) -> Vec<(&CaseResult, Vec<&CaseResult>)> {
        let mut rows: Vec<(&CaseResult, Vec<&CaseResult>)> = Vec::new();
        for result in &self.results {
            match rows.last_mut() {
                Some((first, row)) if first.case == result.case => row.push(result),
                _ => rows.push((result, vec![result])),
            }
        }
        rows
    }

    /// The command that runs one result again.
    pub(crate) fn replay(&self, result: &CaseResult) -> String {
        let target = match result.target.as_str() {
            name @ ("kafka" | "ottla") => format!("--target {name}"),
            address => format!("--bootstrap {address}"),
        };
        let driver = match result.driver.as_str() {
            crate::run::WIRE => String::new(),
            // The case names its clients itself, but runs only where there are clients.
            crate::run::MIXED => " --driver rust".to_owned(),
            name => format!(" --driver {name}"),
        };
        format!("ottla-conformance run {target}{driver} --only {} --seed {}", result.case, self.seed)
    }
}

/// Text safe inside XML and HTML; control characters XML cannot hold become `�`.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests;
