//! An empty environment: a folder of its own, no variable but `HOME`, `TMPDIR`, `LANG` and a `PATH` with nothing on it that
//! was not let in by name. What a package needs beyond its language's interpreter is missing here, a compiler first of all.

use super::{Dist, folder, output};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// No step takes longer, on the slowest machine.
const DEADLINE: Duration = Duration::from_secs(180);

pub(super) struct Room {
    pub(super) folder: PathBuf,
    bin: PathBuf,
    /// A program that runs the others, and its arguments: an emulator.
    runner: Vec<String>,
}

impl Room {
    /// An empty one below the working folder.
    pub(super) fn new(dist: &Dist<'_>, name: &str) -> Result<Self, String> {
        let place = dist.work.join("rooms").join(name);
        let bin = place.join("bin");
        folder(&bin)?;
        folder(&place.join("tmp"))?;
        Ok(Self { folder: place, bin, runner: vec![] })
    }

    /// Puts a program of this machine on the path.
    pub(super) fn admit(&self, name: &str, program: &Path) -> Result<(), String> {
        std::os::unix::fs::symlink(program, self.bin.join(name))
            .map_err(|error| format!("{}: {error}", self.bin.join(name).display()))
    }

    /// What runs programs from here on: `qemu-aarch64-static -L …`, say.
    pub(super) fn run_by(&mut self, runner: &[&str]) {
        self.runner = runner.iter().map(|word| (*word).to_owned()).collect();
    }

    /// Runs a program, one that was let in or one with a path, in the folder; gives what it printed.
    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        self.run_with(program, arguments, &[])
    }

    /// [`Self::run`] with these variables too.
    pub(super) fn run_with(
        &self,
        program: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<String, String> {
        let path = if program.contains('/') { PathBuf::from(program) } else { self.bin.join(program) };
        let path = path.display().to_string();
        let runner = self.runner.iter().map(String::as_str);
        let line: Vec<&str> = runner.chain([path.as_str()]).chain(arguments.iter().copied()).collect();
        let said = line.join(" ");
        let mut child = Command::new(line[0])
            .args(&line[1..])
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", &self.bin)
            .env("HOME", &self.folder)
            .env("TMPDIR", self.folder.join("tmp"))
            .env("LANG", "C.UTF-8")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(self.errors()?))
            .spawn()
            .map_err(|error| format!("cannot start {said}: {error}"))?;
        let (sender, receiver) = mpsc::channel();
        let output = child.stdout.take();
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let read = output.map_or(Ok(0), |mut output| output.read_to_end(&mut text));
            sender.send(read.map(|_| String::from_utf8_lossy(&text).into_owned()))
        });
        let printed = receiver.recv_timeout(DEADLINE);
        if printed.is_err() {
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| format!("{said}: {error}"))?;
        let errors = fs::read_to_string(self.folder.join("errors")).unwrap_or_default();
        match printed {
            Err(_) => Err(format!("did not end within {} s: {said}\n{errors}", DEADLINE.as_secs())),
            Ok(Err(error)) => Err(format!("{said}: {error}")),
            Ok(Ok(printed)) if !status.success() => {
                Err(format!("failed ({status}): {said}\n{printed}{errors}"))
            }
            Ok(Ok(printed)) => Ok(printed),
        }
    }

    /// The time of the first run within `limit`, or else the shortest of ten: others use this machine, too. Each run must
    /// print `expected`.
    pub(super) fn time(
        &self,
        program: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
        expected: &str,
        limit: Duration,
    ) -> Result<Duration, String> {
        let mut shortest = Duration::MAX;
        for _ in 0..10 {
            #[allow(clippy::disallowed_methods)] // What is measured is what a person waits.
            let started = Instant::now();
            let printed = self.run_with(program, arguments, variables)?;
            shortest = shortest.min(started.elapsed());
            if !printed.contains(expected) {
                return Err(format!("{program} {}: no {expected:?} in {printed:?}", arguments.join(" ")));
            }
            if shortest <= limit {
                break;
            }
        }
        Ok(shortest)
    }

    /// What is on the path, for the reader of the output.
    pub(super) fn path(&self) -> String {
        let names = fs::read_dir(&self.bin).into_iter().flatten().filter_map(Result::ok);
        let mut names: Vec<_> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names.join(" ")
    }

    #[allow(clippy::disallowed_types)] // What a program says, for whoever reads why it failed.
    fn errors(&self) -> Result<fs::File, String> {
        let file = self.folder.join("errors");
        fs::File::create(&file).map_err(|error| format!("{}: {error}", file.display()))
    }
}

/// Where a program of this machine really is, behind links and shims: `ask` makes it print its own path.
pub(super) fn real_program(program: &str, ask: &[&str]) -> Result<PathBuf, String> {
    let path = PathBuf::from(output(program, ask)?.trim());
    fs::canonicalize(&path).map_err(|error| format!("{program} says that it is {}: {error}", path.display()))
}
