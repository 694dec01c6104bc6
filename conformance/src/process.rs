//! Child processes that never outlive their parent.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

use crate::error::{Context, Error};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, ChildStdin, Command};

/// Runs the program and kills it as soon as this shell's own input ends, which the kernel sees to when the parent dies
/// in whatever way. `kill -9` of the parent leaves nothing behind.
const GUARD: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ while read -r _ <&3; do :; done; kill -9 "$child" 2>/dev/null; } &
watch=$!
exec 3<&-
wait "$child"
status=$?
kill "$watch" 2>/dev/null
exit "$status"
"#;

/// A program run in the background whose output goes to a file; killed when dropped.
#[derive(Debug)]
pub struct Background {
    shell: Child,
    /// Closing it ends the program.
    leash: Option<ChildStdin>,
    output: PathBuf,
}

impl Background {
    /// Starts `program`; standard output and standard error are appended to `output`.
    pub fn start(
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = OsString>,
        environment: &[(String, String)],
        output: &Path,
    ) -> Result<Self, Error> {
        #[allow(clippy::disallowed_types)] // The program's log, handed to it as a descriptor.
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(output)
            .context(|| format!("cannot open {}", output.display()))?;
        let errors = file.try_clone().context(|| format!("cannot open {}", output.display()))?;
        let mut shell = Command::new("sh")
            .arg("-c")
            .arg(GUARD)
            .arg("guard")
            .arg(program.as_ref())
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .context(|| format!("cannot start {}", program.as_ref().to_string_lossy()))?;
        let leash = shell.stdin.take();
        Ok(Self { shell, leash, output: output.to_owned() })
    }

    /// The process id of the program itself: the shell's child that is no shell.
    pub fn program_pid(&self) -> Result<u32, Error> {
        let shell = self.shell.id().ok_or_else(|| Error::new("the program has ended"))?;
        let processes = std::fs::read_dir("/proc").context(|| "cannot list processes".to_owned())?;
        let ids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        ids.filter(|pid| {
            // `pid (command) state parent ...`, and the command may hold spaces and parentheses.
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let Some((front, rest)) = stat.rsplit_once(')') else { return false };
            let parent = rest.split_whitespace().nth(1).and_then(|text| text.parse::<u32>().ok());
            let command = front.split_once('(').map_or("", |(_, command)| command);
            parent == Some(shell) && command != "sh"
        })
        .min()
        .ok_or_else(|| Error::new("the program is not running"))
    }

    /// The exit status, when the program has ended on its own.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.shell.try_wait().ok().flatten()
    }

    /// Kills the program (SIGKILL) and waits until it is gone.
    pub async fn kill(&mut self, env: &ottla_env::Env, patience: Duration) -> Result<(), Error> {
        drop(self.leash.take());
        match env.timeout_at(env.now() + patience, self.shell.wait()).await {
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(Error::caused("cannot wait for a process", error)),
            None => Err(Error::new("a killed process did not end")),
        }
    }

    /// The last part of what the program printed.
    pub fn tail(&self, bytes: usize) -> String {
        tail(&self.output, bytes)
    }
}

/// The last `bytes` of a text file, empty when it cannot be read.
pub(crate) fn tail(path: &Path, bytes: usize) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&text[text.len().saturating_sub(bytes)..]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn killed_program_is_gone_before_kill_returns() {
        let env = ottla_env::Env::system();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let output = folder.path().join("out");
        let script = "echo $$ >&2; exec sleep 600";
        let mut child =
            Background::start("sh", ["-c".into(), script.into()], &[], &output).expect("sh starts");
        let deadline = env.now() + Duration::from_secs(10);
        while child.tail(100).trim().is_empty() && env.now() < deadline {
            env.sleep(Duration::from_millis(5)).await;
        }
        let pid = child.tail(100).trim().to_owned();
        assert!(Path::new("/proc").join(&pid).exists(), "the program runs as {pid}");
        child.kill(&env, Duration::from_secs(10)).await.expect("it ends");
        assert!(!Path::new("/proc").join(&pid).exists());
    }

    #[tokio::test]
    async fn program_pid_is_the_programs_and_not_the_guarding_shells() {
        let env = ottla_env::Env::system();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let child = Background::start("sleep", ["600".into()], &[], &folder.path().join("out"));
        let child = child.expect("sleep starts");
        let deadline = env.now() + Duration::from_secs(10);
        let named = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let mut found = None;
        while found.is_none() && env.now() < deadline {
            found = child.program_pid().ok().filter(|pid| named(*pid).trim() == "sleep");
            env.sleep(Duration::from_millis(5)).await;
        }
        assert!(found.is_some(), "no child named sleep was found");
    }

    #[tokio::test]
    async fn program_that_ends_is_noticed_with_its_status() {
        let env = ottla_env::Env::system();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut child =
            Background::start("sh", ["-c".into(), "exit 3".into()], &[], &folder.path().join("out"))
                .expect("sh starts");
        let deadline = env.now() + Duration::from_secs(10);
        while child.ended().is_none() && env.now() < deadline {
            env.sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(child.ended().and_then(|status| status.code()), Some(3));
    }
}
