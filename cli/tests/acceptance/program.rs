//! Runs a foreign program to its end and keeps everything it said.

use ottla_env::Env;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;

/// Generous: a JVM on a machine that compiles at the same time.
const PATIENCE: Duration = Duration::from_secs(120);

/// A JVM's start keeps a core busy for a second; more at once than cores only make each slower.
static VIRTUAL_MACHINES: Semaphore = Semaphore::const_new(2);

/// A program that ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    what: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Panics with everything the program said unless it ended well.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert!(self.status.success(), "ended with {}{}", self.status, self.story());
        self
    }

    /// Panics with everything the program said unless it reported failure.
    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert!(!self.status.success(), "was expected to fail{}", self.story());
        self
    }

    /// Panics with everything the program said unless `text` is somewhere in it.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(said, "{text:?} is missing{}", self.story());
        self
    }

    /// Panics with everything the program said when `text` is in it.
    #[track_caller]
    pub(crate) fn keeps_quiet_about(self, text: &str) -> Self {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(!said, "{text:?} is not expected{}", self.story());
        self
    }

    /// Panics with everything the program said unless its standard output is these lines, in any order.
    #[track_caller]
    pub(crate) fn prints_lines(self, expected: &[&str]) -> Self {
        let mut found: Vec<&str> = self.stdout.lines().collect();
        let mut wanted = expected.to_vec();
        found.sort_unstable();
        wanted.sort_unstable();
        assert!(found == wanted, "expected lines {wanted:#?}{}", self.story());
        self
    }

    /// The first line of standard output with `text` in it, split at white space.
    #[track_caller]
    pub(crate) fn row(&self, text: &str) -> Vec<&str> {
        match self.stdout.lines().find(|line| line.contains(text)) {
            Some(line) => line.split_whitespace().collect(),
            None => panic!("no line has {text:?}{}", self.story()),
        }
    }

    /// What ran and all it said, for a failure message.
    pub(crate) fn story(&self) -> String {
        format!(
            "\n--- {}\n--- status: {}\n--- stdout:\n{}\n--- stderr:\n{}",
            self.what,
            self.status,
            shortened(&self.stdout),
            shortened(&self.stderr)
        )
    }
}

/// Start and end of a long text: what went wrong is at one of the two.
fn shortened(text: &str) -> String {
    const EACH_BYTES: usize = 6_000;
    if text.len() <= 2 * EACH_BYTES {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(EACH_BYTES);
    let tail = text.ceil_char_boundary(text.len() - EACH_BYTES);
    format!("{}\n[… {} bytes …]\n{}", &text[..head], tail - head, &text[tail..])
}

/// Runs `command` with `input` on its standard input.
pub(crate) async fn run_with_input(command: std::process::Command, input: &[u8]) -> Ran {
    let env = Env::system();
    let what = format!("{command:?}");
    let what = match what.find(" \"org.apache.kafka").or_else(|| what.find(" \"kafka.")) {
        // A class path of a hundred jars tells nothing.
        Some(class) => what[class + 1..].to_owned(),
        None => what,
    };
    let mut command = tokio::process::Command::from(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {what}: {error}"));
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let all = async {
        let write = async {
            // A program that ends without reading its input says why in its output.
            let _ = stdin.write_all(input).await;
            drop(stdin);
        };
        tokio::join!(write, child.wait_with_output()).1
    };
    let output = env
        .timeout_at(env.now() + PATIENCE, all)
        .await
        .unwrap_or_else(|| panic!("does not end within {PATIENCE:?}: {what}"))
        .unwrap_or_else(|error| panic!("cannot wait for {what}: {error}"));
    Ran {
        what,
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs `command` with nothing on its standard input.
pub(crate) async fn run(command: std::process::Command) -> Ran {
    run_with_input(command, b"").await
}

/// The built `ottla` binary with these arguments.
pub(crate) fn ottla_command(arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ottla"));
    command.args(arguments);
    command
}

/// Runs the `ottla` binary to its end.
pub(crate) async fn ottla(arguments: &[&str]) -> Ran {
    run(ottla_command(arguments)).await
}

/// A node of Apache Kafka of the test's own.
pub(crate) async fn apache_kafka() -> ottla_conformance::kafka::ApacheKafka {
    let _permit = VIRTUAL_MACHINES.acquire().await.expect("the semaphore is never closed");
    let started = ottla_conformance::kafka::ApacheKafka::start().await;
    started.unwrap_or_else(|error| panic!("Apache Kafka does not start: {error}"))
}

/// Runs one of Apache Kafka's tools by its class, with `input` on its standard input.
pub(crate) async fn kafka_tool_with_input(class: &str, arguments: &[&str], input: &[u8]) -> Ran {
    let _permit = VIRTUAL_MACHINES.acquire().await.expect("the semaphore is never closed");
    let class = class.to_owned();
    let command = Env::system().spawn_blocking(move || ottla_conformance::kafka::tool(&class)).await;
    let mut command =
        command.unwrap_or_else(|error| panic!("Apache Kafka's tools cannot be set up: {error}"));
    command.args(arguments);
    run_with_input(command, input).await
}

/// Runs one of Apache Kafka's tools by its class.
pub(crate) async fn kafka_tool(class: &str, arguments: &[&str]) -> Ran {
    kafka_tool_with_input(class, arguments, b"").await
}
