//! `ottla broker` as a process of its own.

use ottla_env::Env;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A debug build that recovers a log on a busy machine.
const START_PATIENCE: Duration = Duration::from_secs(60);
const STOP_PATIENCE: Duration = Duration::from_secs(60);

/// Settings every broker of these tests starts with; a test's own come after them.
const DEFAULTS: &[&str] = &[
    "listeners=PLAINTEXT://127.0.0.1:0",
    "offsets.topic.num.partitions=3",
    "group.initial.rebalance.delay.ms=0",
];

/// A running broker. It is killed when dropped.
pub(crate) struct Broker {
    child: Child,
    /// Kept open: a broker that prints must not die of a closed pipe.
    _stdout: Lines<BufReader<ChildStdout>>,
    pub(crate) address: String,
    log: PathBuf,
}

/// What a broker that did not come up said.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: ExitStatus,
    pub(crate) stderr: String,
}

impl Broker {
    /// Starts a broker on `folder` and waits until it serves.
    pub(crate) async fn start(folder: &Path, settings: &[&str]) -> Self {
        match Self::try_start(folder, settings).await {
            Ok(broker) => broker,
            Err(refused) => panic!("the broker ended with {}:\n{}", refused.status, refused.stderr),
        }
    }

    /// Starts a broker on `folder`; its exit status and words when it ends instead of serving.
    pub(crate) async fn try_start(folder: &Path, settings: &[&str]) -> Result<Self, Refused> {
        let mut launched = Launched::spawn(folder, settings);
        match launched.ready().await {
            Some(address) => {
                Ok(Self { child: launched.child, _stdout: launched.stdout, address, log: launched.log })
            }
            None => Err(launched.refused().await),
        }
    }

    /// Starts a broker on `folder` and kills it `after` that, however far it is; its last words when it ended before.
    pub(crate) async fn start_and_kill(
        folder: &Path,
        settings: &[&str],
        after: Duration,
    ) -> Result<(), Refused> {
        let env = Env::system();
        let mut launched = Launched::spawn(folder, settings);
        if let Some(None) = env.timeout_at(env.now() + after, launched.ready()).await {
            return Err(launched.refused().await);
        }
        launched.child.kill().await.expect("a child can be killed");
        Ok(())
    }

    /// Ends the broker as a power-conscious kernel would: without a word.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("a child can be killed");
    }

    /// Asks the broker to end (SIGTERM) and waits for its clean shutdown.
    pub(crate) async fn terminate(mut self) -> ExitStatus {
        let env = Env::system();
        let pid = self.child.id().expect("the broker runs");
        let mut kill = Command::new("kill");
        let sent = kill.args(["-TERM", &pid.to_string()]).status().await.expect("kill is there");
        assert!(sent.success(), "kill -TERM {pid}: {sent}");
        env.timeout_at(env.now() + STOP_PATIENCE, self.child.wait())
            .await
            .unwrap_or_else(|| panic!("the broker does not stop:\n{}", tail(&self.log, 0)))
            .expect("a child can be waited for")
    }

    /// Everything the broker logged into its folder so far, over restarts.
    pub(crate) fn log(&self) -> String {
        tail(&self.log, 0)
    }
}

/// A broker that does not serve yet.
struct Launched {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
    /// Where this broker's words begin in the log.
    log_from: u64,
}

impl Launched {
    fn spawn(folder: &Path, settings: &[&str]) -> Self {
        let log = folder.join("broker.log");
        #[allow(clippy::disallowed_types)] // The program's log, handed to it as a descriptor.
        let stderr = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap_or_else(|error| panic!("cannot open {}: {error}", log.display()));
        let log_from = stderr.metadata().map_or(0, |metadata| metadata.len());
        let mut command = Command::new(env!("CARGO_BIN_EXE_ottla"));
        command.env("NO_COLOR", "1");
        command.arg("broker").arg("--set").arg(format!("log.dirs={}", data(folder).display()));
        for setting in DEFAULTS.iter().chain(settings) {
            command.arg("--set").arg(setting);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start ottla: {error}"));
        let stdout = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        Self { child, stdout, log, log_from }
    }

    /// The address once the broker serves, `None` when it ends before.
    async fn ready(&mut self) -> Option<String> {
        let env = Env::system();
        let deadline = env.now() + START_PATIENCE;
        loop {
            let line = env
                .timeout_at(deadline, self.stdout.next_line())
                .await
                .unwrap_or_else(|| {
                    panic!("the broker is not ready in time:\n{}", tail(&self.log, self.log_from))
                })
                .unwrap_or_else(|error| panic!("cannot read the broker's output: {error}"));
            if let Some(address) = line.as_deref()?.strip_prefix("ready on ") {
                return Some(address.trim().to_owned());
            }
        }
    }

    async fn refused(mut self) -> Refused {
        let status = self.child.wait().await.expect("a child can be waited for");
        Refused { status, stderr: tail(&self.log, self.log_from) }
    }
}

/// The log directory of a broker started on `folder`.
pub(crate) fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn tail(path: &Path, from: u64) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    let from = usize::try_from(from).unwrap_or(0).min(bytes.len());
    let from = from.max(bytes.len().saturating_sub(16 << 10));
    String::from_utf8_lossy(&bytes[from..]).into_owned()
}

/// A temporary folder that stays for a look when its test fails.
pub(crate) struct Folder(Option<tempfile::TempDir>);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("ottla-acceptance-").tempdir();
        Self(Some(folder.expect("a temporary folder")))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.as_ref().expect("present until dropped").path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(mut folder) = self.0.take()
            && std::thread::panicking()
        {
            folder.disable_cleanup(true);
            eprintln!("data and log of the broker are kept in {}", folder.path().display());
        }
    }
}

/// A cluster to talk to: a broker of the test's own, or the one named by `OTTLA_ACCEPTANCE_BOOTSTRAP`.
pub(crate) struct Cluster {
    broker: Option<Broker>,
    pub(crate) folder: Folder,
    pub(crate) address: String,
}

impl Cluster {
    /// A cluster with the tests' usual settings.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A cluster with `settings` over the usual ones, where it is the test's own.
    pub(crate) async fn start_with(settings: &[&str]) -> Self {
        let folder = Folder::new();
        match std::env::var("OTTLA_ACCEPTANCE_BOOTSTRAP") {
            Ok(address) => Self { broker: None, folder, address },
            Err(_) => {
                let broker = Broker::start(folder.path(), settings).await;
                let address = broker.address.clone();
                Self { broker: Some(broker), folder, address }
            }
        }
    }

    /// Ends a cluster of the test's own cleanly; its data stays in the folder.
    pub(crate) async fn stop(mut self) -> Folder {
        if let Some(broker) = self.broker.take() {
            let status = broker.terminate().await;
            assert!(status.success(), "the broker ended with {status}");
        }
        std::mem::replace(&mut self.folder, Folder(None))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(broker) = &self.broker
        {
            eprintln!("--- the broker's log:\n{}", broker.log());
        }
    }
}
