//! Where a package can be tried: the interpreters for its processor and libc, and what runs them here.
//!
//! For this machine's own they are the ones on the path. For others `packaging/foreign.sh` fetches them, and qemu-user runs
//! what is for another processor.

use super::Dist;
use super::room::{Room, real_program};
use super::target::Target;
use crate::run::run;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) struct Machine {
    /// What its column in the table says.
    pub(super) name: &'static str,
    /// The emulator and its arguments; nothing on this machine's own processor.
    runner: Vec<String>,
    /// Only here does a time say anything.
    pub(super) is_real: bool,
    /// The root of what was fetched for it.
    root: Option<PathBuf>,
}

impl Machine {
    pub(super) fn new(dist: &Dist<'_>, target: Target) -> Result<Self, String> {
        let is_real = target.arch == std::env::consts::ARCH;
        if is_real && !target.musl {
            return Ok(Self { name: "an empty environment", runner: vec![], is_real, root: None });
        }
        let root = dist.root.join("build/tools/foreign").join(target.triple);
        let folder = root.display().to_string();
        let pip = dist.tools.join("pip").display().to_string();
        run(dist.root, "bash", &["packaging/foreign.sh", target.triple, &folder, &pip])?;
        let program = |name: &str| root.join("programs").join(name).display().to_string();
        let (name, runner) = match (is_real, target.musl) {
            (true, _) => ("an empty environment, musl", vec![program("loader")]),
            (false, true) => ("qemu-user, musl", vec![program("emulator"), "-L".to_owned(), folder]),
            (false, false) => ("qemu-user", vec![program("emulator"), "-L".to_owned(), folder]),
        };
        Ok(Self { name, runner, is_real, root: Some(root) })
    }

    /// An empty environment on it.
    pub(super) fn room(&self, dist: &Dist<'_>, target: Target, name: &str) -> Result<Room, String> {
        let mut room = Room::new(dist, &format!("{}-{name}", target.triple))?;
        room.run_by(&self.runner.iter().map(String::as_str).collect::<Vec<_>>());
        Ok(room)
    }

    /// The interpreter of that name for this machine, if it has one.
    pub(super) fn interpreter(&self, name: &str) -> Result<Option<PathBuf>, String> {
        let Some(root) = &self.root else {
            let found = match name {
                "python3" => real_program("python3", &["-c", "import sys; print(sys.executable)"]),
                "node" => real_program("node", &["-p", "process.execPath"]),
                _ => real_program("sh", &["-c", &format!("command -v {name}")]),
            };
            return found.map(Some);
        };
        // Without links on the way: what comes with an interpreter is found from where it really lies.
        Ok(fs::canonicalize(root.join("programs").join(name)).ok())
    }

    /// How a room runs this interpreter: by its name on the path, or from where it lies if a loader or an emulator runs it, as
    /// it looks for its libraries beside itself.
    pub(super) fn admit(&self, room: &Room, name: &str, interpreter: &Path) -> Result<String, String> {
        if self.runner.is_empty() {
            room.admit(name, interpreter).map(|()| name.to_owned())
        } else {
            Ok(interpreter.display().to_string())
        }
    }

    /// For a program that is linked with nothing: it needs no loader, and a loader refuses it.
    pub(super) fn leave_loader(&self, room: &mut Room) {
        if self.is_real {
            room.run_by(&[]);
        }
    }

    /// A limit counts on a real processor; an emulated one has as long as it takes.
    pub(super) fn limit(&self, limit: Duration) -> Duration {
        if self.is_real { limit } else { Duration::MAX }
    }

    /// Compiles C for it: this machine's own compiler, or zig's for others.
    pub(super) fn c_compiler(&self, dist: &Dist<'_>, target: Target) -> Vec<String> {
        if self.root.is_none() {
            return vec!["cc".to_owned()];
        }
        let python = dist.tools.join("python3").display().to_string();
        let libc = if target.musl { "musl" } else { "gnu.2.28" };
        let words = ["-m", "ziglang", "cc", "-target"].map(str::to_owned);
        [&[python][..], &words, &[format!("{}-linux-{libc}", target.arch)]].concat()
    }
}
