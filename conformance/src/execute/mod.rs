//! One case with one driver against one broker: its steps, one after the other.

mod ownership;
mod polling;

use crate::case::{Case, Step};
use crate::driver::{Answer, Driver};
use crate::error::Error;
use crate::expect::{self, Mismatch};
use crate::pool::Pool;
use crate::probe::{Advertised, Probe};
use crate::translate::{encode_records, name_errors, readable};
use crate::vars::Vars;
use futures_util::future::join_all;
use ottla_env::{Env, Task};
use ownership::Ownership;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

const DEFAULT_DEADLINE: Duration = Duration::from_secs(20);
/// A fresh topic takes a busy broker long, and that proves nothing.
const SETUP_DEADLINE: Duration = Duration::from_secs(60);
const CLOSE_DEADLINE: Duration = Duration::from_secs(10);
const RETRY_PAUSE: Duration = Duration::from_millis(50);
/// Exchanges kept for the report of a failure.
const TRANSCRIPT_LINES: usize = 40;

/// What a case runs in.
pub(crate) struct Scene<'a> {
    pub(crate) env: &'a Env,
    pub(crate) bootstrap: &'a str,
    pub(crate) advertised: &'a Advertised,
    /// The drivers by name; the one under test is `self`.
    pub(crate) drivers: BTreeMap<String, Arc<Driver>>,
    /// Starts processes for clients that have their own.
    pub(crate) pool: &'a Pool,
    /// Unique within the run: part of every name the case makes.
    pub(crate) token: String,
    pub(crate) seed: u64,
}

/// Why a case did not pass.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The broker or the client differs from what the case expects.
    Failed(Failure),
    /// The suite, a driver or a companion broke.
    Broken(String),
}

/// A failure as its report tells it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Failure {
    /// Number and operation of the step.
    pub step: String,
    /// Where in the answer, what was expected, what came.
    pub path: String,
    /// What the case expects there.
    pub expected: String,
    /// What stands there.
    pub actual: String,
    /// The last commands and answers.
    pub transcript: Vec<String>,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// An open client: its driver, and whether it is a `producer`, a `consumer` or an `admin`.
#[derive(Clone)]
struct Client {
    driver: Arc<Driver>,
    kind: String,
    /// Whether no other client lives in that driver's process.
    is_alone: bool,
}

struct Run<'a> {
    scene: &'a Scene<'a>,
    case: &'a Case,
    probe: Probe<'a>,
    vars: Vars,
    /// Handle to driver, for those that are open.
    open: BTreeMap<String, Client>,
    background: BTreeMap<String, Task<Result<Answer, Error>>>,
    /// Who owned which partition when, over all polls of the case.
    ownership: Ownership,
    transcript: VecDeque<String>,
}

/// Runs a case from its topics to its clean-up.
pub(crate) async fn execute(scene: &Scene<'_>, case: &Case) -> Result<(), Trouble> {
    let mut run = Run {
        scene,
        case,
        probe: Probe::new(scene.env, scene.bootstrap, scene.advertised),
        vars: Vars::default(),
        open: BTreeMap::new(),
        background: BTreeMap::new(),
        ownership: Ownership::default(),
        transcript: VecDeque::new(),
    };
    let outcome = match run.set_up().await {
        Ok(()) => {
            let deadline = scene.env.now() + Duration::from_millis(case.timeout_ms);
            scene.env.timeout_at(deadline, run.all()).await
        }
        Err(trouble) => Some(Err(trouble)),
    };
    let outcome = outcome.unwrap_or_else(|| {
        Err(run.failure("the case", mismatch("an end", format!("{} ms are over", case.timeout_ms))))
    });
    run.clean_up().await;
    outcome
}

impl Run<'_> {
    async fn set_up(&mut self) -> Result<(), Trouble> {
        self.bind_names();
        self.create_topics().await
    }

    async fn all(&mut self) -> Result<(), Trouble> {
        let case = self.case;
        for (index, step) in case.steps.iter().enumerate() {
            self.step(&format!("step {}, {}", index + 1, step.op), step).await?;
        }
        Ok(())
    }

    fn bind_names(&mut self) {
        let token = &self.scene.token;
        self.vars.set("token", token.as_str());
        self.vars.set("group", format!("g-{token}"));
        self.vars.set("txn", format!("x-{token}"));
        self.vars.set("bootstrap", self.scene.bootstrap);
        self.vars.set("seed", self.scene.seed);
        self.vars.set("now_ms", self.scene.env.wall_ms());
        for topic in self.case.topics.keys() {
            self.vars.set(topic, format!("{topic}-{token}"));
        }
    }

    /// Makes the case's topics and waits until every partition has a leader.
    async fn create_topics(&mut self) -> Result<(), Trouble> {
        if self.case.topics.is_empty() {
            return Ok(());
        }
        let deadline = self.scene.env.now() + SETUP_DEADLINE;
        let named = |name: &str| format!("{name}-{}", self.scene.token);
        let topics: Vec<_> = self
            .case
            .topics
            .iter()
            .map(|(name, spec)| {
                let mut config = spec.config.clone();
                // Cases write records of the past, which time-based retention would delete under their feet.
                config.entry("retention.ms".to_owned()).or_insert_with(|| "-1".to_owned());
                let configs: Vec<_> =
                    config.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
                json!({"name": named(name), "numPartitions": spec.partitions, "replicationFactor": -1, "configs": configs})
            })
            .collect();
        let body = json!({"topics": topics, "timeoutMs": 45_000});
        let answer = self.probe.ask("CreateTopics", 5, body, deadline).await?;
        for topic in answer["topics"].as_array().into_iter().flatten() {
            if topic["errorCode"] != "NONE" {
                return Err(Trouble::Broken(format!("cannot create a topic: {topic}")));
            }
        }
        let names: Vec<_> = self.case.topics.keys().map(|name| json!({"name": named(name)})).collect();
        loop {
            let body = json!({"topics": names, "allowAutoTopicCreation": false});
            let answer = self.probe.ask("Metadata", 9, body, deadline).await?;
            let topics = answer["topics"].as_array().cloned().unwrap_or_default();
            let ready = topics.iter().all(|topic| {
                let spec = self.case.topics.iter().find(|(name, _)| topic["name"] == named(name).as_str());
                let partitions = topic["partitions"].as_array().cloned().unwrap_or_default();
                spec.is_some_and(|(_, spec)| i32::try_from(partitions.len()) == Ok(spec.partitions))
                    && partitions.iter().all(|partition| {
                        partition["errorCode"] == "NONE"
                            && partition["leaderId"].as_i64().is_some_and(|id| id >= 0)
                    })
            });
            if ready {
                break;
            }
            if self.scene.env.now() >= deadline {
                return Err(Trouble::Broken(format!("a topic gets no leaders: {answer}")));
            }
            self.scene.env.sleep(RETRY_PAUSE).await;
        }
        // Metadata may know a leader before the leader knows of itself.
        for (name, spec) in &self.case.topics {
            for partition in 0..spec.partitions {
                self.wait_for_leader(&named(name), partition, deadline).await?;
            }
        }
        Ok(())
    }

    async fn wait_for_leader(
        &mut self,
        topic: &str,
        partition: i32,
        deadline: Instant,
    ) -> Result<(), Trouble> {
        let fields = json!({
            "api": "ListOffsets", "version": 5, "to": {"topic": topic, "partition": partition, "connection": "suite"},
            "body": {"replicaId": -1, "topics": [{"name": topic, "partitions": [{"partitionIndex": partition, "timestamp": -1}]}]},
        });
        let fields = fields.as_object().cloned().unwrap_or_default();
        loop {
            let answer = self.probe.run("wire.call", &fields, deadline).await?;
            let code =
                answer.as_ref().ok().map(|answer| answer["topics"][0]["partitions"][0]["errorCode"].clone());
            if code.as_ref().is_some_and(|code| code == "NONE") {
                return Ok(());
            }
            if self.scene.env.now() >= deadline {
                return Err(Trouble::Broken(format!(
                    "{topic}-{partition} has a leader that does not serve: {answer:?}"
                )));
            }
            self.scene.env.sleep(RETRY_PAUSE).await;
        }
    }

    async fn step(&mut self, name: &str, step: &Step) -> Result<(), Trouble> {
        let deadline = step.eventually_ms.map(|ms| self.scene.env.now() + Duration::from_millis(ms));
        loop {
            match self.attempt(name, step).await {
                Err(Trouble::Failed(_))
                    if deadline.is_some_and(|deadline| self.scene.env.now() < deadline) =>
                {
                    self.scene.env.sleep(RETRY_PAUSE).await;
                }
                other => return other,
            }
        }
    }

    async fn attempt(&mut self, name: &str, step: &Step) -> Result<(), Trouble> {
        let fields = self.vars.fill(&Value::Object(step.fields.clone())).map_err(Trouble::Broken)?;
        let fields = fields.as_object().cloned().unwrap_or_default();
        self.note("→", &step.op, &Value::Object(fields.clone()));
        let asked = self.scene.env.now();
        let answer = self.perform(step, fields).await?;
        let took = self.scene.env.now().duration_since(asked);
        let answer = match answer {
            Ok(result) => Ok(result),
            Err(mut error) => {
                name_errors(&mut error);
                Err(error)
            }
        };
        match &answer {
            Ok(result) => self.note("←", "ok", result),
            Err(error) => self.note("←", "error", error),
        }
        if let Some(within_ms) = step.within_ms.filter(|limit| took > Duration::from_millis(*limit)) {
            let late =
                mismatch(&format!("an answer within {within_ms} ms"), format!("{} ms", took.as_millis()));
            return Err(self.failure(name, late));
        }
        let judged = match (&answer, &step.error) {
            (Err(_), None) if step.may_fail => Ok(Map::new()),
            (Ok(result), None) => {
                if let Some(name) = &step.save {
                    self.vars.set(name, result.clone());
                }
                match &step.expect {
                    Some(pattern) => {
                        let pattern = self.vars.fill(pattern).map_err(Trouble::Broken)?;
                        expect::matches(&pattern, result)
                    }
                    None => Ok(Map::new()),
                }
            }
            (Err(error), Some(pattern)) => {
                if let Some(name) = &step.save {
                    self.vars.set(name, error.clone());
                }
                let pattern = self.vars.fill(pattern).map_err(Trouble::Broken)?;
                expect::matches(&pattern, error)
            }
            (Ok(result), Some(pattern)) => Err(mismatch(&format!("the error {pattern}"), result.to_string())),
            (Err(error), None) => Err(mismatch("no error", error.to_string())),
        };
        match judged {
            Ok(saved) => {
                for (name, value) in saved {
                    self.vars.set(&name, value);
                }
                Ok(())
            }
            Err(mismatch) => Err(self.failure(name, mismatch)),
        }
    }

    async fn perform(&mut self, step: &Step, mut fields: Map<String, Value>) -> Result<Answer, Trouble> {
        let deadline = step.deadline_ms.map_or(DEFAULT_DEADLINE, Duration::from_millis);
        let until = self.scene.env.now() + deadline;
        match step.op.as_str() {
            "check" | "set" => Ok(Ok(fields.remove("value").unwrap_or(Value::Null))),
            "await" => {
                let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
                let task = self.background.remove(name);
                let task =
                    task.ok_or_else(|| Trouble::Broken(format!("nothing runs under the name {name:?}")))?;
                Ok(task.await.ok_or_else(|| Trouble::Broken("a background step was lost".to_owned()))??)
            }
            "kill" => self.kill(&fields).await,
            "consume" => self.consume(&fields, until).await,
            "poll_until" => self.poll_until(&fields, until).await,
            op if op.starts_with("wire.") => Ok(self.probe.run(op, &fields, until).await?),
            op => {
                let (driver, handle) = self.prepare(step, &mut fields).await?;
                match &step.background {
                    Some(name) => {
                        let owed = driver.give(op, Some(&handle), fields, deadline).await?;
                        let op = op.to_owned();
                        let wait = async move { readable(&op, driver.wait(owed).await?) };
                        self.background.insert(name.clone(), self.scene.env.spawn("background step", wait));
                        Ok(Ok(json!({})))
                    }
                    None => Ok(call(driver, op.to_owned(), handle, fields, deadline).await?),
                }
            }
        }
    }

    /// The driver and full handle of a driver step; `*.create` gets the broker's address, records become base64.
    async fn prepare(
        &mut self,
        step: &Step,
        fields: &mut Map<String, Value>,
    ) -> Result<(Arc<Driver>, String), Trouble> {
        let name = fields.remove("handle").and_then(|name| name.as_str().map(str::to_owned));
        let name = name.ok_or_else(|| Trouble::Broken(format!("{} without a handle", step.op)))?;
        let handle = self.full(&name);
        if step.op.ends_with(".create") {
            let driver = step.driver.as_deref().unwrap_or("self");
            let driver = self.scene.drivers.get(driver).cloned();
            let mut driver = driver.ok_or_else(|| Trouble::Broken(format!("no driver {:?}", step.driver)))?;
            if step.own_process {
                driver = self.scene.pool.start_own(self.scene.env, &driver.name).await?;
            }
            let config = fields.entry("config").or_insert_with(|| json!({}));
            if let Some(config) = config.as_object_mut() {
                config.values_mut().for_each(|value| {
                    if !value.is_string() {
                        *value = value.to_string().into();
                    }
                });
                config.entry("bootstrap.servers").or_insert_with(|| self.scene.bootstrap.into());
            }
            let kind = step.op.trim_end_matches(".create").to_owned();
            self.open.insert(
                handle.clone(),
                Client { driver: Arc::clone(&driver), kind, is_alone: step.own_process },
            );
            return Ok((driver, handle));
        }
        let client = self.open.get(&handle).cloned();
        let client = client.ok_or_else(|| Trouble::Broken(format!("no handle {name:?}")))?;
        if step.op.ends_with(".close") {
            self.open.remove(&handle);
        }
        if let Some(consumer) = fields.get_mut("consumer") {
            *consumer = self.full(consumer.as_str().unwrap_or_default()).into();
        }
        if step.op == "producer.send" {
            encode_records(fields).map_err(Trouble::Broken)?;
        }
        Ok((client.driver, handle))
    }

    /// Kills the process of a client that has one of its own.
    async fn kill(&mut self, fields: &Map<String, Value>) -> Result<Answer, Trouble> {
        let name = fields.get("handle").and_then(Value::as_str).unwrap_or_default();
        match self.open.remove(&self.full(name)) {
            Some(client) if client.is_alone => {
                client.driver.kill().await?;
                Ok(Ok(json!({})))
            }
            Some(_) => Err(Trouble::Broken(format!("{name:?} has no process of its own"))),
            None => Err(Trouble::Broken(format!("no handle {name:?}"))),
        }
    }

    fn full(&self, handle: &str) -> String {
        format!("{}.{handle}", self.scene.token)
    }

    fn note(&mut self, arrow: &str, what: &str, content: &Value) {
        if self.transcript.len() == TRANSCRIPT_LINES {
            self.transcript.pop_front();
        }
        self.transcript.push_back(format!("{arrow} {what} {}", expect::shorten(content.to_string())));
    }

    fn failure(&self, step: &str, mismatch: Mismatch) -> Trouble {
        Trouble::Failed(Failure {
            step: step.to_owned(),
            path: mismatch.path,
            expected: mismatch.expected,
            actual: mismatch.actual,
            transcript: self.transcript.iter().cloned().collect(),
        })
    }

    /// Closes what is still open and deletes the topics. What fails here is no verdict.
    async fn clean_up(&mut self) {
        self.background.clear();
        let open = std::mem::take(&mut self.open);
        let closes = open.into_iter().map(|(handle, client)| {
            call(client.driver, format!("{}.close", client.kind), handle, Map::new(), CLOSE_DEADLINE)
        });
        for closed in join_all(closes).await {
            if let Err(error) = closed {
                tracing::warn!(case = self.case.id, "cannot close a client: {error}");
            }
        }
        let names: Vec<_> =
            self.case.topics.keys().map(|name| Value::from(format!("{name}-{}", self.scene.token))).collect();
        if !names.is_empty() {
            let deadline = self.scene.env.now() + CLOSE_DEADLINE;
            let body = json!({"topicNames": names, "timeoutMs": 5_000});
            if let Err(error) = self.probe.ask("DeleteTopics", 4, body, deadline).await {
                tracing::warn!(case = self.case.id, "cannot delete the case's topics: {error}");
            }
        }
    }
}

/// Gives a command to a driver and waits for its answer.
async fn call(
    driver: Arc<Driver>,
    op: String,
    handle: String,
    fields: Map<String, Value>,
    deadline: Duration,
) -> Result<Answer, Error> {
    readable(&op, driver.call(&op, Some(&handle), fields, deadline).await?)
}

fn mismatch(expected: &str, actual: String) -> Mismatch {
    Mismatch { path: ".".to_owned(), expected: expected.to_owned(), actual: expect::shorten(actual) }
}
