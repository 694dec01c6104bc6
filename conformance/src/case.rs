//! A case: one claim about behaviour, as data.

use crate::assets;
use crate::error::{Context, Error};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What part of Kafka a case is about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Frames, headers, versions.
    Wire,
    /// Records in and out.
    Core,
    /// Consumer groups and committed offsets.
    Groups,
    /// Idempotence and transactions.
    Transactions,
    /// Topics, configs, groups from the outside.
    Admin,
    /// Authentication, authorisation, quotas.
    Security,
    /// More than one broker.
    Cluster,
}

/// How binding a case is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Whoever fails it is not compatible.
    #[default]
    Must,
    /// Clients rely on it.
    Should,
    /// Nice to have.
    May,
}

/// A topic the case needs; it is made before the first step and gone after the last.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicSpec {
    /// Partitions.
    #[serde(default = "one")]
    pub partitions: i32,
    /// Topic configs.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
}

fn one() -> i32 {
    1
}

/// One step.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// The operation: one of the driver protocol's, or one of the suite's own.
    #[serde(rename = "do")]
    pub op: String,
    /// Pattern of the answer.
    pub expect: Option<Value>,
    /// Pattern of the error; without it an error fails the case.
    pub error: Option<Value>,
    /// Name the answer is kept under.
    pub save: Option<String>,
    /// Whether an error is as good as an answer: what matters is that one comes.
    #[serde(default)]
    pub may_fail: bool,
    /// The answer has to come within this time.
    pub within_ms: Option<u64>,
    /// Repeats the step until it holds, at most this long.
    pub eventually_ms: Option<u64>,
    /// How long the operation itself may take.
    pub deadline_ms: Option<u64>,
    /// Which driver does it: `self` (default), or a named one.
    pub driver: Option<String>,
    /// A `*.create` in a process of its own, which a `kill` step may end.
    #[serde(default)]
    pub own_process: bool,
    /// Starts the operation and goes on; an `await` step of that name takes the answer.
    pub background: Option<String>,
    /// Everything else: the operation's own fields.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Stable name: `area.behaviour`.
    pub id: String,
    /// The claim, one sentence.
    pub title: String,
    /// What it is about.
    pub level: Level,
    /// How binding it is.
    #[serde(default)]
    pub strength: Strength,
    /// KIPs, documents, or the release the behaviour was observed in.
    pub source: Vec<String>,
    /// Capabilities beyond the operations the steps use.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Topics to make, by the variable that will hold their name.
    #[serde(default)]
    pub topics: BTreeMap<String, TopicSpec>,
    /// Clients that differ for a stated reason.
    #[serde(default)]
    pub not_for: BTreeMap<String, String>,
    /// Longest time for the whole case.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
    /// What happens.
    pub steps: Vec<Step>,
}

fn default_timeout_ms() -> u64 {
    60_000
}

impl Step {
    /// Whether a driver does this step.
    pub(crate) fn is_driver_op(&self) -> bool {
        ["producer.", "consumer.", "admin."].iter().any(|prefix| self.op.starts_with(prefix))
    }

    /// The driver operations the step leads to.
    pub(crate) fn operations(&self) -> Option<&str> {
        match self.op.as_str() {
            "consume" | "poll_until" => Some("consumer.poll"),
            op if self.is_driver_op() => Some(op),
            _ => None,
        }
    }

    /// The version a wire step uses, when the broker has to advertise it.
    pub(crate) fn wire_version(&self) -> Option<(&str, i64)> {
        let advertised = !self.fields.get("unadvertised").and_then(Value::as_bool).unwrap_or(false);
        let api = self.fields.get("api")?.as_str()?;
        let version = self.fields.get("version").and_then(Value::as_i64).unwrap_or(-1);
        (self.op.starts_with("wire.") && advertised).then_some((api, version))
    }
}

impl Case {
    /// Reads one case from YAML and checks what the format alone cannot say.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let case: Self = serde_yaml_ng::from_str(text).context(|| name.to_owned())?;
        let stem = name.trim_end_matches(".yaml").replace('/', ".");
        if !stem.ends_with(&case.id) {
            return Err(Error::new(format!("{name} holds a case named {}", case.id)));
        }
        if case.steps.is_empty() {
            return Err(Error::new(format!("{name} has no steps")));
        }
        for step in &case.steps {
            let known =
                ["consume", "poll_until", "kill", "await", "check", "set"].contains(&step.op.as_str());
            if !known && !step.is_driver_op() && !step.op.starts_with("wire.") {
                return Err(Error::new(format!("{name}: there is no operation {}", step.op)));
            }
        }
        Ok(case)
    }

    /// Every case of the catalogue, by name.
    pub fn catalogue() -> Result<Vec<Self>, Error> {
        let mut cases = assets::under("cases")
            .filter(|(name, _)| name.ends_with(".yaml"))
            .map(|(name, text)| Self::parse(name.trim_start_matches("cases/"), text))
            .collect::<Result<Vec<_>, _>>()?;
        cases.sort_by(|left, right| (left.level, &left.id).cmp(&(right.level, &right.id)));
        Ok(cases)
    }

    /// Whether a client takes part, or only raw frames.
    pub fn uses_driver(&self) -> bool {
        self.steps.iter().any(|step| step.operations().is_some())
    }

    /// Whether the driver under test takes part: a case may also name all its clients.
    pub(crate) fn uses_tested_driver(&self) -> bool {
        let creates = self.steps.iter().filter(|step| step.op.ends_with(".create"));
        creates.into_iter().any(|step| step.driver.as_deref().is_none_or(|name| name == "self"))
    }

    /// The drivers other than the one under test that take part.
    pub(crate) fn companions(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| step.driver.as_deref()).filter(|name| *name != "self")
    }
}
