//! A driver process: commands out, answers in, one JSON object a line.

use crate::error::{Context, Error};
use ottla_env::{Env, Task};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;

/// How much longer than its deadline a driver may take before it counts as stuck.
const GRACE: Duration = Duration::from_secs(10);
const HELLO_PATIENCE: Duration = Duration::from_secs(60);

/// How to start a driver.
#[derive(Clone, Debug)]
pub(crate) struct DriverSpec {
    /// Column of the report, and the name companions go by.
    pub(crate) name: String,
    /// Program and arguments.
    pub(crate) command: Vec<String>,
}

/// An answer: the operation's result, or its error.
pub(crate) type Answer = Result<Value, Value>;

/// A command whose answer is to come.
pub(crate) struct Owed {
    id: u64,
    op: String,
    receiver: oneshot::Receiver<Answer>,
    until: Instant,
}

type Pending = Arc<Mutex<Waiting>>;

#[derive(Debug, Default)]
struct Waiting {
    next_id: u64,
    answers: BTreeMap<u64, oneshot::Sender<Answer>>,
    /// Set once the process is gone: no answer will come any more.
    ended: bool,
}

/// A running driver.
pub(crate) struct Driver {
    env: Env,
    pub(crate) name: String,
    stdin: tokio::sync::Mutex<ChildStdin>,
    pending: Pending,
    log: PathBuf,
    pub(crate) client: String,
    pub(crate) capabilities: BTreeSet<String>,
    _reader: Task<()>,
    child: tokio::sync::Mutex<Child>,
}

impl Driver {
    /// Starts a driver and asks who it is. What it prints to standard error goes to `log`.
    pub(crate) async fn start(env: &Env, spec: &DriverSpec, log: PathBuf) -> Result<Self, Error> {
        #[allow(clippy::disallowed_types)] // The driver's log, handed to it as a descriptor.
        let errors = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .context(|| format!("cannot open {}", log.display()))?;
        let program = spec.command.first().ok_or_else(|| Error::new("a driver needs a command"))?;
        let mut child = Command::new(program)
            .args(&spec.command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .context(|| format!("cannot start driver {program}"))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::new("a driver without standard input and output"));
        };
        let pending = Pending::default();
        let reader = env.spawn("driver answers", read_answers(BufReader::new(stdout), Arc::clone(&pending)));
        let mut driver = Self {
            env: env.clone(),
            name: spec.name.clone(),
            stdin: tokio::sync::Mutex::new(stdin),
            pending,
            log,
            client: String::new(),
            capabilities: BTreeSet::new(),
            _reader: reader,
            child: tokio::sync::Mutex::new(child),
        };
        let hello = driver
            .call(
                "hello",
                None,
                json!({"protocol": 1}).as_object().cloned().unwrap_or_default(),
                HELLO_PATIENCE,
            )
            .await?
            .map_err(|error| Error::new(format!("driver {} refuses to start: {error}", spec.name)))?;
        driver.client = format!(
            "{} {}",
            hello["client"].as_str().unwrap_or("unknown"),
            hello["version"].as_str().unwrap_or("")
        );
        let capabilities = hello["capabilities"].as_array().into_iter().flatten();
        driver.capabilities = capabilities.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        Ok(driver)
    }

    /// Whether the process is gone.
    pub(crate) fn has_ended(&self) -> bool {
        lock(&self.pending).ended
    }

    /// Ends the process as `kill -9` does, and waits until it is gone.
    pub(crate) async fn kill(&self) -> Result<(), Error> {
        let mut child = self.child.lock().await;
        let killed = self.env.timeout_at(self.env.now() + GRACE, child.kill()).await;
        let killed = killed.ok_or_else(|| Error::new(format!("driver {} survives a kill", self.name)))?;
        killed.context(|| format!("cannot kill driver {}", self.name))
    }

    /// Gives a command and waits for its answer. An `Err` is the driver's own failure, not its client's.
    pub(crate) async fn call(
        &self,
        op: &str,
        handle: Option<&str>,
        fields: Map<String, Value>,
        deadline: Duration,
    ) -> Result<Answer, Error> {
        let owed = self.give(op, handle, fields, deadline).await?;
        self.wait(owed).await
    }

    /// Gives a command; it has left for the driver when this returns, so commands given later come later.
    pub(crate) async fn give(
        &self,
        op: &str,
        handle: Option<&str>,
        fields: Map<String, Value>,
        deadline: Duration,
    ) -> Result<Owed, Error> {
        let (sender, receiver) = oneshot::channel();
        let id = {
            let mut pending = lock(&self.pending);
            if pending.ended {
                return Err(self.gone());
            }
            pending.next_id += 1;
            let id = pending.next_id;
            pending.answers.insert(id, sender);
            id
        };
        let owed = Owed { id, op: op.to_owned(), receiver, until: self.env.now() + deadline + GRACE };
        let mut command = Map::new();
        command.insert("id".to_owned(), id.into());
        command.insert("op".to_owned(), op.into());
        command
            .insert("deadline_ms".to_owned(), u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX).into());
        if let Some(handle) = handle {
            command.insert("handle".to_owned(), handle.into());
        }
        command.extend(fields);
        let mut line = Value::Object(command).to_string();
        line.push('\n');
        let written = async {
            let mut stdin = self.stdin.lock().await;
            stdin.write_all(line.as_bytes()).await?;
            stdin.flush().await
        };
        match self.env.timeout_at(owed.until, written).await {
            Some(Ok(())) => Ok(owed),
            outcome => {
                lock(&self.pending).answers.remove(&id);
                Err(if outcome.is_some() {
                    self.gone()
                } else {
                    Error::new(format!("driver {} reads nothing", self.name))
                })
            }
        }
    }

    /// Waits for the answer to a command given before.
    pub(crate) async fn wait(&self, owed: Owed) -> Result<Answer, Error> {
        let answer = self.env.timeout_at(owed.until, owed.receiver).await;
        lock(&self.pending).answers.remove(&owed.id);
        match answer {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(_)) => Err(self.gone()),
            None => Err(Error::new(format!("driver {} does not answer {}", self.name, owed.op))),
        }
    }

    fn gone(&self) -> Error {
        let tail = crate::process::tail(&self.log, 2_000);
        Error::new(format!("driver {} has ended: {}", self.name, tail.trim()))
    }
}

async fn read_answers(mut stdout: BufReader<tokio::process::ChildStdout>, pending: Pending) {
    let mut line = String::new();
    loop {
        line.clear();
        match stdout.read_line(&mut line).await {
            Ok(read) if read > 0 => {}
            _ => break,
        }
        let Ok(answer) = serde_json::from_str::<Value>(&line) else {
            tracing::warn!(line = line.trim(), "a driver prints what is no answer");
            continue;
        };
        let Some(waiter) = answer["id"].as_u64().and_then(|id| lock(&pending).answers.remove(&id)) else {
            tracing::debug!(line = line.trim(), "a driver answers nobody's question");
            continue;
        };
        let answer = match (answer.get("ok"), answer.get("error")) {
            (Some(result), None) => Ok(result.clone()),
            (_, Some(error)) => Err(error.clone()),
            (None, None) => {
                Err(json!({"code": null, "name": "OTHER", "message": "an answer without ok and error"}))
            }
        };
        // A waiter that gave up needs no answer.
        let _ = waiter.send(answer);
    }
    let mut pending = lock(&pending);
    pending.ended = true;
    pending.answers.clear();
}

fn lock(pending: &Pending) -> std::sync::MutexGuard<'_, Waiting> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A driver of four lines: answers hello, echoes one command, then ends.
    fn spec(script: &str) -> DriverSpec {
        DriverSpec { name: "sh".to_owned(), command: vec!["sh".into(), "-c".into(), script.into()] }
    }

    const HELLO: &str =
        r#"read line; echo '{"id":1,"ok":{"client":"c","version":"1","capabilities":["producer.send"]}}';"#;

    #[tokio::test]
    async fn answers_reach_whoever_asked_in_any_order() {
        let env = Env::system();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = format!(
            r#"{HELLO} read a; read b; echo '{{"id":3,"ok":{{"who":3}}}}'; echo '{{"id":2,"error":{{"name":"X"}}}}'; read c"#
        );
        let driver = Driver::start(&env, &spec(&script), folder.path().join("log")).await.expect("it starts");
        assert!(driver.capabilities.contains("producer.send"));
        let wait = Duration::from_secs(10);
        let (first, second) =
            tokio::join!(driver.call("a", None, Map::new(), wait), driver.call("b", None, Map::new(), wait));
        assert_eq!(first.expect("an answer"), Err(json!({"name": "X"})));
        assert_eq!(second.expect("an answer"), Ok(json!({"who": 3})));
    }

    #[tokio::test]
    async fn driver_that_ends_fails_the_commands_it_owes() {
        let env = Env::system();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = format!("{HELLO} read a; echo broken >&2; exit 1");
        let driver = Driver::start(&env, &spec(&script), folder.path().join("log")).await.expect("it starts");
        let error =
            driver.call("a", None, Map::new(), Duration::from_secs(10)).await.expect_err("it is gone");
        assert!(error.to_string().contains("broken"), "{error}");
        assert!(driver.has_ended());
    }

    #[tokio::test]
    async fn killed_driver_answers_nothing_more() {
        let env = Env::system();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = format!("{HELLO} read a; echo never");
        let driver = Driver::start(&env, &spec(&script), folder.path().join("log")).await.expect("it starts");
        driver.kill().await.expect("it can be killed");
        let answer = driver.call("a", None, Map::new(), Duration::from_secs(10)).await;
        assert!(answer.is_err());
    }
}
