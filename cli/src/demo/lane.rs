//! Who runs a stage: this binary, or a program in another language; and what running it cost.

use super::report::{Stage, Usage};
use super::{Arguments, stage};
use crate::failure::Failure;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};

/// A stage with the program that runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    pub(super) stage: Stage,
    pub(super) language: String,
    /// Program and first arguments; empty for this binary.
    command: Vec<String>,
}

/// `STAGE:LANGUAGE:COMMAND`, as `--program` takes it; the command is split at spaces.
pub(super) fn parse(text: &str) -> Result<Lane, String> {
    let mut parts = text.splitn(3, ':');
    let (Some(name), Some(language), Some(command)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("expected STAGE:LANGUAGE:COMMAND".to_owned());
    };
    let stage = Stage::ALL
        .into_iter()
        .find(|stage| stage.name() == name)
        .ok_or_else(|| format!("no stage {name:?}; there are produce, transform, aggregate, verify"))?;
    let command: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    if command.is_empty() {
        return Err(format!("no program for {name}"));
    }
    Ok(Lane { stage, language: language.to_owned(), command })
}

/// A lane for every stage: the programs named, this binary for the others. It verifies in any case: the last word is not left
/// to what is being tried out.
pub(super) fn lanes(programs: &[Lane]) -> Vec<Lane> {
    Stage::ALL
        .into_iter()
        .flat_map(|stage| {
            let mut of_stage: Vec<Lane> =
                programs.iter().filter(|lane| lane.stage == stage).cloned().collect();
            if of_stage.is_empty() || stage == Stage::Verify {
                of_stage.push(Lane { stage, language: "rust".to_owned(), command: Vec::new() });
            }
            of_stage
        })
        .collect()
}

impl Lane {
    pub(super) fn name(&self) -> String {
        format!("{} ({})", self.stage.name(), self.language)
    }

    /// Starts it; what it is told, `demo/README.md` says.
    pub(super) fn start(
        &self,
        bootstrap: &str,
        run: &str,
        arguments: &Arguments,
    ) -> Result<Running, Failure> {
        let mut command = match self.command.split_first() {
            None => {
                let mut own = Command::new(std::env::current_exe()?);
                own.args(["demo", "--stage", self.stage.name(), "--run", run]);
                own
            }
            Some((program, first)) => {
                let mut foreign = Command::new(program);
                foreign.args(first);
                let group = format!("ottla-demo-{run}-{}", self.stage.name());
                let (input, output) = match self.stage {
                    Stage::Produce => (None, Some(stage::orders(run))),
                    Stage::Transform => (Some(stage::orders(run)), Some(stage::invoices(run))),
                    Stage::Aggregate => (Some(stage::invoices(run)), Some(stage::statements(run))),
                    Stage::Verify => (Some(stage::statements(run)), None),
                };
                foreign.args(input.iter().flat_map(|topic| ["--input", topic, "--group", &group]));
                foreign.args(output.iter().flat_map(|topic| ["--output", topic]));
                foreign
            }
        };
        let mut process = command
            .args(["--bootstrap", bootstrap, "--records", &arguments.records.to_string()])
            .args(["--patience-ms", &arguments.patience_ms.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::said(format!("cannot start {}: {error}", self.name())))?;
        let stdout = process.stdout.take().ok_or_else(|| Failure::said("a stage has no standard output"))?;
        Ok(Running { pid: process.id(), stdout })
    }
}

/// A stage's process.
pub(super) struct Running {
    pub(super) pid: u32,
    pub(super) stdout: ChildStdout,
}

impl Running {
    /// Ends it; what it has done so far is of no more use.
    pub(super) fn killer(&self) -> impl Fn() + Send + use<> {
        // Not by its number, which another process may have once this one has ended.
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let process = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        move || {
            // It may have ended by itself.
            let _ = process.as_ref().map(|process| pidfd_send_signal(process, Signal::KILL));
        }
    }
}

/// Waits for the end of a child; how it ended and what it cost from its first instruction on.
#[allow(unsafe_code)]
pub(super) fn wait(pid: u32) -> io::Result<(ExitStatus, Usage)> {
    let pid = i32::try_from(pid).map_err(io::Error::other)?;
    let mut status = 0;
    // SAFETY: a zeroed rusage is a valid one, and the call only writes it and the status.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        while libc::wait4(pid, &raw mut status, 0, &raw mut usage) != pid {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    // Linux counts memory in KiB here.
    let max_resident_bytes = u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024;
    Ok((ExitStatus::from_raw(status), Usage { cpu_seconds, max_resident_bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_take_the_place_of_this_binary_but_never_of_its_verdict() {
        let named = ["produce:python:python3 demo/produce.py", "verify:c:build/demo/verify"]
            .map(|text| parse(text).unwrap());
        assert_eq!(named[0].command, ["python3", "demo/produce.py"]);
        let names: Vec<String> = lanes(&named).iter().map(Lane::name).collect();
        assert_eq!(
            names,
            ["produce (python)", "transform (rust)", "aggregate (rust)", "verify (c)", "verify (rust)"]
        );
    }

    #[test]
    fn programs_that_make_no_sense_are_refused() {
        for wrong in ["produce", "cook:c:x", "produce:python:", "produce:python"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    #[allow(clippy::zombie_processes)] // What is tested waits for it.
    fn the_cost_of_a_child_and_its_end_are_known() {
        let child = Command::new("sh")
            .args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 3"])
            .spawn()
            .unwrap();
        let (status, usage) = wait(child.id()).unwrap();
        assert_eq!(status.code(), Some(3));
        assert!(usage.cpu_seconds > 0.0 && usage.max_resident_bytes > 0, "{usage:?}");
    }
}
