//! One case with one driver against one broker: its steps, one after the other.

use crate::base64;
use crate::bytes_form;
use crate::case::{Case, Step};
use crate::driver::{Answer, Driver};
use crate::error::Error;
use crate::expect::{self, Mismatch};
use crate::probe::{Advertised, Probe};
use crate::vars::Vars;
use futures_util::future::join_all;
use ottla_env::{Env, Task};
use ottla_wire::ErrorCode;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

const DEFAULT_DEADLINE: Duration = Duration::from_secs(20);
const CLOSE_DEADLINE: Duration = Duration::from_secs(10);
/// One poll of a client; short, so that what a case waits for is noticed soon.
const POLL_MS: u64 = 200;
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
}

struct Run<'a> {
    scene: &'a Scene<'a>,
    case: &'a Case,
    probe: Probe<'a>,
    vars: Vars,
    /// Handle to driver, for those that are open.
    open: BTreeMap<String, Client>,
    background: BTreeMap<String, Task<Result<Answer, Error>>>,
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
        transcript: VecDeque::new(),
    };
    let deadline = scene.env.now() + Duration::from_millis(case.timeout_ms);
    let outcome = scene.env.timeout_at(deadline, run.all()).await;
    let outcome = outcome.unwrap_or_else(|| {
        Err(run.failure("the case", mismatch("an end", format!("{} ms are over", case.timeout_ms))))
    });
    run.clean_up().await;
    outcome
}

impl Run<'_> {
    async fn all(&mut self) -> Result<(), Trouble> {
        self.bind_names();
        self.create_topics().await?;
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
        let deadline = self.scene.env.now() + DEFAULT_DEADLINE;
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
        let body = json!({"topics": topics, "timeoutMs": 15_000});
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
        let answer = self.perform(step, fields).await?;
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
        let judged = match (&answer, &step.error) {
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
            "consume" => self.consume(&fields, until).await,
            "poll_until" => self.poll_until(&fields, until).await,
            op if op.starts_with("wire.") => Ok(self.probe.run(op, &fields, until).await?),
            op => {
                let (driver, handle) = self.prepare(step, &mut fields)?;
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
    fn prepare(
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
            let driver = driver.ok_or_else(|| Trouble::Broken(format!("no driver {:?}", step.driver)))?;
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
            self.open.insert(handle.clone(), Client { driver: Arc::clone(&driver), kind });
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

    fn full(&self, handle: &str) -> String {
        format!("{}.{handle}", self.scene.token)
    }

    async fn poll(&self, handle: &str, max_records: Option<&Value>) -> Result<Answer, Trouble> {
        let handle = self.full(handle);
        let client = self.open.get(&handle).cloned();
        let client = client.ok_or_else(|| Trouble::Broken(format!("no handle {handle:?}")))?;
        let mut fields = Map::new();
        fields.insert("timeout_ms".to_owned(), POLL_MS.into());
        if let Some(max_records) = max_records {
            fields.insert("max_records".to_owned(), max_records.clone());
        }
        Ok(call(client.driver, "consumer.poll".to_owned(), handle, fields, DEFAULT_DEADLINE).await?)
    }

    /// Polls one consumer until it has `count` records, or one more poll shows that there are no more (`count: 0`
    /// with `polls`). The answer holds all records and events and the last assignment.
    async fn consume(&mut self, fields: &Map<String, Value>, until: Instant) -> Result<Answer, Trouble> {
        let handle = fields.get("handle").and_then(Value::as_str).unwrap_or_default();
        let count = fields.get("count").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
        let mut extra_polls = fields.get("polls").and_then(Value::as_u64).unwrap_or(0);
        let (mut records, mut events) = (Vec::new(), Vec::new());
        loop {
            let mut polled = match self.poll(handle, fields.get("max_records")).await? {
                Ok(polled) => polled,
                Err(error) => return Ok(Err(error)),
            };
            take(&mut polled, "records", &mut records);
            take(&mut polled, "events", &mut events);
            let enough = records.len() >= count.unwrap_or(0);
            if enough && extra_polls == 0 {
                let assignment = polled["assignment"].take();
                return Ok(Ok(json!({"records": records, "events": events, "assignment": assignment})));
            }
            if enough {
                extra_polls -= 1;
            } else if self.scene.env.now() >= until {
                let got = Value::from(records).to_string();
                let message = format!("less than {count:?} records in time: {}", expect::shorten(got));
                return Ok(Err(json!({"code": null, "name": "TOO_FEW_RECORDS", "message": message})));
            }
        }
    }

    /// Polls several consumers side by side until all conditions hold at once:
    ///
    /// - `owned: n`: together they own `n` different partitions, none twice; `each: m`: each owns at least `m`;
    /// - `values: n`: `n` different values were read since the case began under the name `bag` (default `seen`).
    ///
    /// The answer: `owners` (handle to partitions), `records` of this step, `events` by handle, `seen` (sorted values),
    /// `duplicates` (values read more than once).
    async fn poll_until(&mut self, fields: &Map<String, Value>, until: Instant) -> Result<Answer, Trouble> {
        let handles: Vec<String> = fields
            .get("handles")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|handle| handle.as_str().map(str::to_owned))
            .collect();
        let number =
            |name: &str| fields.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let bag = format!("bag_{}", fields.get("bag").and_then(Value::as_str).unwrap_or("seen"));
        let mut seen: BTreeMap<String, u64> = self
            .vars
            .fill(&format!("${{{bag}}}").into())
            .ok()
            .and_then(|bag| serde_json::from_value(bag).ok())
            .unwrap_or_default();
        let mut all = Vec::new();
        let mut events: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut owners: BTreeMap<String, Value> = BTreeMap::new();
        loop {
            let polls = handles.iter().map(|handle| self.poll(handle, None));
            for (handle, polled) in handles.iter().zip(join_all(polls).await) {
                let mut polled = match polled? {
                    Ok(polled) => polled,
                    Err(error) => return Ok(Err(error)),
                };
                let mut records = Vec::new();
                take(&mut polled, "records", &mut records);
                for record in &records {
                    let value =
                        record["value"].as_str().map_or_else(|| record["value"].to_string(), str::to_owned);
                    *seen.entry(value).or_default() += 1;
                }
                all.append(&mut records);
                take(&mut polled, "events", events.entry(handle.clone()).or_default());
                owners.insert(handle.clone(), polled["assignment"].take());
            }
            let owned: Vec<String> = owners
                .values()
                .flat_map(|owned| owned.as_array().into_iter().flatten())
                .map(Value::to_string)
                .collect();
            let different: BTreeSet<_> = owned.iter().collect();
            let holds = number("owned").is_none_or(|n| owned.len() == n && different.len() == n)
                && number("each").is_none_or(|n| {
                    owners.values().all(|owned| owned.as_array().is_some_and(|owned| owned.len() >= n))
                })
                && number("values").is_none_or(|n| seen.len() >= n);
            let late = self.scene.env.now() >= until;
            if !holds && !late {
                continue;
            }
            self.vars.set(&bag, json!(seen));
            let duplicates: Vec<_> =
                seen.iter().filter(|(_, times)| **times > 1).map(|(value, _)| value).collect();
            let answer = json!({
                "owners": owners, "records": all, "events": events, "duplicates": duplicates,
                "seen": seen.keys().collect::<Vec<_>>(),
            });
            if holds {
                return Ok(Ok(answer));
            }
            let state = format!("{} values, owners {}", seen.len(), answer["owners"]);
            let wanted = Value::Object(fields.clone());
            let message = format!("{wanted} does not hold in time: {}", expect::shorten(state));
            return Ok(Err(json!({"code": null, "name": "NOT_IN_TIME", "message": message})));
        }
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

/// Makes an answer readable: bytes as text, errors by Kafka's name.
fn readable(op: &str, mut answer: Answer) -> Result<Answer, Error> {
    if let Ok(result) = &mut answer {
        name_errors(result);
        if op == "consumer.poll" {
            for record in result["records"].as_array_mut().into_iter().flatten() {
                decode_record(record)?;
            }
        }
    }
    Ok(answer)
}

fn take(from: &mut Value, field: &str, into: &mut Vec<Value>) {
    if let Some(elements) = from.get_mut(field).and_then(Value::as_array_mut) {
        into.append(elements);
    }
}

fn encode_records(fields: &mut Map<String, Value>) -> Result<(), String> {
    for record in fields.get_mut("records").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(record) = record.as_object_mut() else { return Err("a record is a map".to_owned()) };
        for name in ["key", "value"] {
            if let Some(value) = record.get_mut(name) {
                *value = encode_bytes(value)?;
            }
        }
        for header in record.get_mut("headers").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(value) = header.get_mut("value") {
                *value = encode_bytes(value)?;
            }
        }
    }
    Ok(())
}

fn encode_bytes(value: &Value) -> Result<Value, String> {
    Ok(bytes_form::written(value)?.map_or(Value::Null, |bytes| base64::encode(&bytes).into()))
}

fn decode_record(record: &mut Value) -> Result<(), Error> {
    for name in ["key", "value"] {
        decode_bytes(&mut record[name])?;
    }
    for header in record["headers"].as_array_mut().into_iter().flatten() {
        decode_bytes(&mut header["value"])?;
    }
    Ok(())
}

fn decode_bytes(value: &mut Value) -> Result<(), Error> {
    if let Some(text) = value.as_str() {
        let bytes =
            base64::decode(text).ok_or_else(|| Error::new("a driver sends bytes that are not base64"))?;
        *value = bytes_form::show(&bytes);
    }
    Ok(())
}

/// Gives every error object with a code Kafka's name for it, whatever the driver calls it.
fn name_errors(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let code = fields.get("code").and_then(Value::as_i64).and_then(|code| i16::try_from(code).ok());
            if let (Some(code), true) = (code, fields.contains_key("name")) {
                fields.insert("name".to_owned(), ErrorCode(code).name().into());
            }
            fields.values_mut().for_each(name_errors);
        }
        Value::Array(elements) => elements.iter_mut().for_each(name_errors),
        _ => {}
    }
}

fn mismatch(expected: &str, actual: String) -> Mismatch {
    Mismatch { path: ".".to_owned(), expected: expected.to_owned(), actual: expect::shorten(actual) }
}
