//! Processes under watch: started, looked at through /proc, ended.

use super::judge::{Counts, Measure, Trend, trend};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The clock's ticks in /proc, which Linux gives as 100 a second on every machine.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process has at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Since the start of the soak.
    pub(super) seconds: f64,
    /// Memory that is its own: all that is resident but pages of files.
    pub(super) own_kib: f64,
    /// All that is resident.
    pub(super) resident_kib: f64,
    pub(super) threads: f64,
    /// All but files of its data that are there: a broker has its segments open, which come and go as it works.
    pub(super) descriptors: f64,
    /// What it has cost so far.
    pub(super) cpu_seconds: f64,
}

/// Which part of a sample.
pub(super) type Value = fn(&Sample) -> f64;

impl Sample {
    /// `None` when the process is gone. Its `data` is a folder.
    fn of(process: u32, seconds: f64, data: Option<&Path>) -> Option<Self> {
        let folder = format!("/proc/{process}");
        let status = fs::read_to_string(format!("{folder}/status")).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        };
        let stat = fs::read_to_string(format!("{folder}/stat")).ok()?;
        // Behind the name, which may hold anything: user and system time are the 12th and 13th field.
        let times = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
        let ticks: f64 = times.filter_map(|time| time.parse::<f64>().ok()).sum();
        Some(Self {
            seconds,
            own_kib: field("RssAnon")? + field("RssShmem")?,
            resident_kib: field("VmRSS")?,
            threads: field("Threads")?,
            descriptors: fs::read_dir(format!("{folder}/fd"))
                .ok()?
                .filter_map(|descriptor| fs::read_link(descriptor.ok()?.path()).ok())
                .filter(|open| !data.is_some_and(|data| open.starts_with(data) && open.exists()))
                .count() as f64,
            cpu_seconds: ticks / TICKS_PER_SECOND,
        })
    }

    pub(super) fn csv(&self) -> String {
        let Self { seconds, own_kib, resident_kib, threads, descriptors, cpu_seconds } = self;
        format!("{seconds:.1},{own_kib},{resident_kib},{threads},{descriptors},{cpu_seconds}\n")
    }
}

/// A process with what was seen of it. Dropping it kills it.
pub(super) struct Watched {
    pub(super) name: String,
    /// The folder with its data.
    data: Option<PathBuf>,
    child: Child,
    lines: Receiver<String>,
    /// The lines it printed.
    pub(super) said: Vec<String>,
    pub(super) samples: Vec<Sample>,
    pub(super) ended: Option<ExitStatus>,
}

impl Watched {
    /// Starts it; its standard output is read, what it says on standard error passes through.
    pub(super) fn start(name: &str, command: &mut Command) -> Result<Self, String> {
        // With one arena, memory that was freed is used again whichever thread asks: what grows then is a leak. A threshold
        // that is set keeps glibc from moving large blocks into the arena once it has seen some freed, which looks like growth:
        // what is free in the middle of the arena stays.
        command.envs([("MALLOC_ARENA_MAX", "1"), ("MALLOC_TRIM_THRESHOLD_", "1073741824")]);
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{name} does not start: {error}"))?;
        let lines = read_lines(child.stdout.take());
        Ok(Self {
            name: name.to_owned(),
            data: None,
            child,
            lines,
            said: Vec::new(),
            samples: Vec::new(),
            ended: None,
        })
    }

    /// Open files in this folder are its data, not what it may leak, unless they were deleted.
    pub(super) fn with_data(mut self, folder: &Path) -> Self {
        self.data = Some(folder.to_owned());
        self
    }

    /// The next line it prints.
    pub(super) fn line(&self, within: Duration) -> Result<String, String> {
        self.lines.recv_timeout(within).map_err(|error| format!("{} says nothing: {error}", self.name))
    }

    /// Looks at it; whether it still runs.
    pub(super) fn look(&mut self, seconds: f64) -> Result<bool, String> {
        self.said.extend(self.lines.try_iter());
        if self.ended.is_none() {
            self.ended = self.child.try_wait().map_err(|error| format!("{}: {error}", self.name))?;
            self.samples.extend(Sample::of(self.child.id(), seconds, self.data.as_deref()));
        }
        if self.ended.is_some() {
            // Whatever it said before its output closed.
            self.said.extend(self.lines.iter());
        }
        Ok(self.ended.is_none())
    }

    /// Asks it to end, as a service manager does.
    pub(super) fn terminate(&self) -> Result<(), String> {
        let process = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &process]).status();
        status.map(drop).map_err(|error| format!("cannot end {}: {error}", self.name))
    }

    pub(super) fn counts(&self) -> Counts {
        self.said.last().map(|line| Counts::of(line)).unwrap_or_default()
    }

    /// How a measure went between two moments.
    pub(super) fn trend(&self, measure: Measure, from: f64, to: f64, value: Value) -> Option<Trend> {
        let inside = self.samples.iter().filter(|sample| sample.seconds >= from && sample.seconds <= to);
        trend(measure, &inside.map(|sample| (sample.seconds, value(sample))).collect::<Vec<_>>())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.ended.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn read_lines(output: Option<ChildStdout>) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let lines = output.into_iter().flat_map(|output| BufReader::new(output).lines());
        for line in lines.map_while(Result::ok) {
            // Nobody who listens any more needs no line.
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_looked_at_until_it_ends_and_what_it_said_is_kept() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two; read line"]);
        let mut watched = Watched::start("sh", &mut command).unwrap();
        for _ in 0..1000 {
            if !watched.look(1.0).unwrap() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(watched.said, ["one", "two"]);
        assert!(watched.ended.is_some_and(|status| !status.success()), "standard input was empty");
    }

    #[test]
    fn this_process_has_memory_a_thread_and_descriptors() {
        let sample = Sample::of(std::process::id(), 0.0, None).unwrap();
        assert!(sample.own_kib > 0.0 && sample.resident_kib >= sample.own_kib);
        assert!(sample.threads >= 1.0 && sample.descriptors >= 3.0);
        assert!(Sample::of(u32::MAX, 0.0, None).is_none());
    }

    #[test]
    fn open_files_of_the_data_are_not_counted_until_they_are_deleted() {
        let folder = std::env::temp_dir().join(format!("ottla-soak-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (kept, deleted) = (folder.join("kept"), folder.join("deleted"));
        let line = format!(
            "exec 3>{} 4>{}; rm {2}; echo ready; read line",
            kept.display(),
            deleted.display(),
            deleted.display()
        );
        let mut child = Command::new("sh")
            .args(["-c", &line])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        let descriptors = |data| Sample::of(child.id(), 0.0, data).unwrap().descriptors;
        let (all, without_data) = (descriptors(None), descriptors(Some(folder.as_path())));
        drop(child.stdin.take());
        child.wait().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(all - without_data, 1.0, "of {all}");
    }
}
