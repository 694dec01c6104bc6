//! What a stage tells of itself, a line of JSON at a time, and what it cost.
#![allow(clippy::disallowed_methods)] // Files of the person at the command line.

use super::ledger::Findings;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::time::{Duration, Instant};

/// A part of the pipeline.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    Produce,
    Transform,
    Aggregate,
    Verify,
}

impl Stage {
    pub(super) const ALL: [Self; 4] = [Self::Produce, Self::Transform, Self::Aggregate, Self::Verify];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Produce => "produce",
            Self::Transform => "transform",
            Self::Aggregate => "aggregate",
            Self::Verify => "verify",
        }
    }
}

/// What a process cost so far.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Usage {
    pub(crate) cpu_seconds: f64,
    pub(crate) max_resident_bytes: u64,
}

impl Usage {
    /// Of this process.
    pub(crate) fn own() -> Self {
        Self::of_process(std::process::id())
    }

    /// Of another process, as the kernel tells it; zeros when it is gone.
    pub(super) fn of_process(pid: u32) -> Self {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The second field is the command in parentheses and may hold spaces.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let resident = resident.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
        // The kernel counts CPU in hundredths of a second on every Linux there is (USER_HZ).
        Self {
            cpu_seconds: (ticks(11) + ticks(12)) / 100.0,
            max_resident_bytes: resident.unwrap_or(0) * 1024,
        }
    }
}

/// One line of a stage.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Report {
    pub(super) stage: Stage,
    pub(super) records: u64,
    pub(super) bytes: u64,
    /// From the first record on.
    pub(super) seconds: f64,
    /// The demo asks the operating system what the process cost.
    #[serde(default)]
    pub(super) usage: Usage,
    pub(super) done: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) findings: Option<Findings>,
}

/// Counts a stage's records and reports them now and then.
pub(super) struct Reporter {
    stage: Stage,
    records: u64,
    bytes: u64,
    first: Option<Instant>,
    reported: Option<Instant>,
}

impl Reporter {
    const EVERY: Duration = Duration::from_millis(200);
    /// How many records pass between two looks at the clock.
    const LOOK_EVERY: u64 = 1024;

    pub(super) fn new(stage: Stage) -> Self {
        Self { stage, records: 0, bytes: 0, first: None, reported: None }
    }

    /// Counts one record of so many bytes.
    pub(super) fn count(&mut self, bytes: usize) {
        self.records += 1;
        self.bytes += bytes as u64;
        if self.records % Self::LOOK_EVERY == 1 {
            let now = now();
            self.first.get_or_insert(now);
            if self.reported.is_none_or(|reported| now - reported >= Self::EVERY) {
                self.reported = Some(now);
                self.write(false, None);
            }
        }
    }

    /// The last line.
    pub(super) fn finish(self, findings: Option<Findings>) {
        self.write(true, findings);
    }

    fn write(&self, done: bool, findings: Option<Findings>) {
        let report = Report {
            stage: self.stage,
            records: self.records,
            bytes: self.bytes,
            seconds: self.first.map_or(0.0, |first| (now() - first).as_secs_f64()),
            usage: Usage::default(),
            done,
            findings,
        };
        let mut out = std::io::stdout().lock();
        // A demo that does not listen any more will not miss the line.
        let _ = serde_json::to_writer(&mut out, &report).map(|()| out.write_all(b"\n"));
    }
}

#[allow(clippy::disallowed_methods)] // A stopwatch for people, no decision hangs on it.
fn now() -> Instant {
    Instant::now()
}
