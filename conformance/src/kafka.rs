//! Apache Kafka from its Maven Central jars: one node, broker and controller in one, on loopback.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // Files of the suite itself, and a port to be tried.

use crate::connection;
use crate::error::{Context, Error};
use crate::process::Background;
use crate::{assets, setup};
use ottla_env::Env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// A cold JVM on a busy machine takes half a minute; a minute more is for the machine that is busier still.
const START_PATIENCE: Duration = Duration::from_secs(90);
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const PROBE_PAUSE: Duration = Duration::from_millis(50);
/// Another process may take a port between our look and the broker's bind.
const PORT_ATTEMPTS: u32 = 3;

/// Settings every node starts with; those of [`Options::overrides`] come after them and win.
///
/// Groups form at once, internal topics are small, and one replica of everything is enough.
const DEFAULTS: &[(&str, &str)] = &[
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("controller.listener.names", "CONTROLLER"),
    ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
    ("inter.broker.listener.name", "PLAINTEXT"),
    ("auto.create.topics.enable", "false"),
    ("num.partitions", "1"),
    ("default.replication.factor", "1"),
    ("offsets.topic.num.partitions", "3"),
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.num.partitions", "3"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.num.partitions", "3"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.min.session.timeout.ms", "1000"),
    ("group.consumer.min.heartbeat.interval.ms", "500"),
    ("group.consumer.heartbeat.interval.ms", "500"),
    ("group.consumer.min.session.timeout.ms", "3000"),
    ("log.cleaner.dedupe.buffer.size", "8388608"),
    ("log.cleaner.backoff.ms", "500"),
    ("log.retention.check.interval.ms", "1000"),
    ("log.initial.task.delay.ms", "500"),
    ("num.network.threads", "2"),
    ("num.io.threads", "4"),
    ("background.threads", "2"),
];

/// How to start a node.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Lines of `server.properties` over the defaults.
    pub overrides: Vec<(String, String)>,
    /// The JVM's arguments (heap, collector). Empty: those that start fastest, which are not those that run fastest.
    pub jvm: Vec<String>,
}

/// A running Apache Kafka node. Dropping it kills the node and removes its folder, except when the thread panics:
/// then the folder with data and log stays for a look.
#[derive(Debug)]
pub struct ApacheKafka {
    env: Env,
    port: u16,
    process: Background,
    folder: Option<tempfile::TempDir>,
    jars: PathBuf,
    jvm: Vec<String>,
}

impl ApacheKafka {
    /// Starts a node with default settings and waits until it serves.
    pub async fn start() -> Result<Self, Error> {
        Self::start_with(Options::default()).await
    }

    /// Starts a node and waits until it serves. Downloads the jars when they are not there yet.
    pub async fn start_with(options: Options) -> Result<Self, Error> {
        let env = Env::system();
        let jars = env.spawn_blocking(setup::broker_jars).await?;
        let mut last = Error::new("no attempt made");
        for _ in 0..PORT_ATTEMPTS {
            match Self::attempt(&env, &jars, &options).await {
                Ok(kafka) => return Ok(kafka),
                Err((error, retry)) => {
                    last = error;
                    if !retry {
                        break;
                    }
                }
            }
        }
        Err(last)
    }

    async fn attempt(env: &Env, jars: &Path, options: &Options) -> Result<Self, (Error, bool)> {
        let fatal = |error| (error, false);
        let folder = tempfile::Builder::new()
            .prefix("ottla-kafka-")
            .tempdir()
            .context(|| "cannot create a folder for Apache Kafka".to_owned())
            .map_err(fatal)?;
        let (port, controller_port) = (free_port().map_err(fatal)?, free_port().map_err(fatal)?);
        prepare(folder.path(), port, controller_port, options).map_err(fatal)?;
        format_storage(env, jars, folder.path()).await.map_err(fatal)?;
        let process = launch(jars, folder.path(), &options.jvm).map_err(fatal)?;
        let (jars, jvm) = (jars.to_owned(), options.jvm.clone());
        let mut kafka = Self { env: env.clone(), port, process, folder: Some(folder), jars, jvm };
        match kafka.wait_until_ready().await {
            Ok(()) => Ok(kafka),
            Err(error) => {
                let log = kafka.log();
                let retry = log.contains("Address already in use");
                kafka.keep();
                Err((error, retry))
            }
        }
    }

    /// `host:port` for clients.
    pub fn bootstrap_servers(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The process id of the node's JVM, for measuring what it costs.
    pub fn pid(&self) -> Result<u32, Error> {
        self.process.program_pid()
    }

    /// The folder with `server.properties`, `data/` and `server.log`.
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new(""), tempfile::TempDir::path)
    }

    /// The broker's log so far.
    pub fn log(&self) -> String {
        let mut log = crate::process::tail(&self.folder().join("server.log"), 64 << 10);
        log.push_str(&self.process.tail(4 << 10));
        log
    }

    /// Kills the node (SIGKILL); its data stays and [`Self::restart`] brings it back on the same port.
    pub async fn kill(&mut self) -> Result<(), Error> {
        let env = self.env.clone();
        self.process.kill(&env, STOP_PATIENCE).await
    }

    /// Starts a killed node again from its data and waits until it serves.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.process = launch(&self.jars, self.folder(), &self.jvm)?;
        self.wait_until_ready().await
    }

    /// Leaves the node's folder behind when it is dropped, and says where.
    pub fn keep(&mut self) {
        if let Some(folder) = self.folder.as_mut() {
            folder.disable_cleanup(true);
            tracing::warn!(folder = %folder.path().display(), "apache kafka's data and log are kept");
        }
    }

    async fn wait_until_ready(&mut self) -> Result<(), Error> {
        let deadline = self.env.now() + START_PATIENCE;
        let address = self.bootstrap_servers();
        loop {
            if let Some(status) = self.process.ended() {
                return Err(Error::new(format!("apache kafka ended with {status}: {}", self.log())));
            }
            let attempt = self.env.now() + Duration::from_secs(5);
            if connection::is_ready(&self.env, &address, attempt.min(deadline)).await.unwrap_or(false) {
                return Ok(());
            }
            if self.env.now() >= deadline {
                return Err(Error::new(format!("apache kafka is not ready in time: {}", self.log())));
            }
            self.env.sleep(PROBE_PAUSE).await;
        }
    }
}

impl Drop for ApacheKafka {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep();
        }
    }
}

/// A command that runs one of Apache's command line tools, for example `org.apache.kafka.tools.TopicCommand`.
pub fn tool(class: &str) -> Result<std::process::Command, Error> {
    let jars = setup::tools_jars()?;
    let mut command = std::process::Command::new("java");
    command
        .args(["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
        .arg(format!("-Dottla.log.file={}", std::env::temp_dir().join("ottla-kafka-tools.log").display()))
        .arg(format!("-Dlog4j2.configurationFile={}", log_config()?.display()))
        .arg("-cp")
        .arg(setup::class_path(&jars))
        .arg(class)
        .stdin(Stdio::null());
    Ok(command)
}

/// The log4j configuration as a file on this machine.
fn log_config() -> Result<PathBuf, Error> {
    let folder = assets::build_dir().join("kafka");
    let path = folder.join("log4j2.properties");
    let text = assets::text("kafka/log4j2.properties").unwrap_or_default();
    if std::fs::read_to_string(&path).is_ok_and(|found| found == text) {
        return Ok(path);
    }
    std::fs::create_dir_all(&folder).context(|| format!("cannot create {}", folder.display()))?;
    // Written beside and renamed, so that no other process reads half of it.
    let fresh =
        tempfile::NamedTempFile::new_in(&folder).context(|| "cannot write log4j2.properties".to_owned())?;
    std::fs::write(fresh.path(), text).context(|| "cannot write log4j2.properties".to_owned())?;
    fresh.persist(&path).context(|| "cannot write log4j2.properties".to_owned())?;
    Ok(path)
}

/// A free port below 32768: the kernel may hand a higher one to an outgoing connection while the node restarts.
pub(crate) fn free_port() -> Result<u16, Error> {
    use std::hash::{BuildHasher, Hasher};
    for _ in 0..200 {
        let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
        let port = 10_000 + u16::try_from(random % 22_000).unwrap_or(0);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Error::new("no free port between 10000 and 32000"))
}

fn prepare(folder: &Path, port: u16, controller_port: u16, options: &Options) -> Result<(), Error> {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name}={value}");
    };
    for (name, value) in DEFAULTS {
        line(name, value);
    }
    line("listeners", &format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}"));
    line("advertised.listeners", &format!("PLAINTEXT://127.0.0.1:{port}"));
    line("controller.quorum.voters", &format!("1@127.0.0.1:{controller_port}"));
    line("log.dirs", &folder.join("data").display().to_string());
    for (name, value) in &options.overrides {
        line(name, value);
    }
    std::fs::write(folder.join("server.properties"), text)
        .context(|| "cannot write server.properties".to_owned())
}

/// What makes a short life start fast.
const FAST_START: &[&str] = &["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];

fn java(jars: &Path, folder: &Path, log: &str, jvm: &[String]) -> Result<Vec<OsString>, Error> {
    let mut arguments: Vec<OsString> = jvm.iter().map(OsString::from).collect();
    if arguments.is_empty() {
        arguments.extend(FAST_START.iter().map(OsString::from));
    }
    arguments.extend([
        format!("-Dottla.log.file={}", folder.join(log).display()).into(),
        format!("-Dlog4j2.configurationFile={}", log_config()?.display()).into(),
        "-cp".into(),
        setup::class_path(jars).into(),
    ]);
    Ok(arguments)
}

/// Formats the node's storage. The classes moved between releases: `StorageTool` is a Scala object of the core jar.
async fn format_storage(env: &Env, jars: &Path, folder: &Path) -> Result<(), Error> {
    let cluster_id = "b3R0bGEtY29uZm9ybWFuYw";
    let mut command = tokio::process::Command::new("java");
    command
        .args(java(jars, folder, "format.log", &[])?)
        .args(["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c"])
        .arg(folder.join("server.properties"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = env
        .timeout_at(env.now() + START_PATIENCE, command.output())
        .await
        .ok_or_else(|| Error::new("formatting apache kafka's storage takes too long"))?
        .context(|| "cannot start java".to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(Error::new(format!("cannot format apache kafka's storage: {}", String::from_utf8_lossy(&text))))
}

fn launch(jars: &Path, folder: &Path, jvm: &[String]) -> Result<Background, Error> {
    let mut arguments = java(jars, folder, "server.log", jvm)?;
    arguments.push("kafka.Kafka".into());
    arguments.push(folder.join("server.properties").into());
    Background::start("java", arguments, &[], &folder.join("stdout.log"))
}
