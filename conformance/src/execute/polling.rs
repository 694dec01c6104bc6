//! Polling until something holds: one consumer until its records are there, several members until they share a topic.

use super::{DEFAULT_DEADLINE, Run, Trouble, call};
use crate::driver::Answer;
use crate::expect;
use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// One poll of a client; short, so that what a case waits for is noticed soon.
const POLL_MS: u64 = 200;

impl Run<'_> {
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
    pub(super) async fn consume(
        &self,
        fields: &Map<String, Value>,
        until: Instant,
    ) -> Result<Answer, Trouble> {
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
    ///   over all steps of a case with `owned` no partition has two owners at one moment;
    /// - `values: n`: `n` different values were read since the case began under the name `bag` (default `seen`).
    ///
    /// The answer: `owners` (handle to partitions), `records` of this step, `events` by handle, `seen` (sorted values),
    /// `duplicates` (values read more than once).
    pub(super) async fn poll_until(
        &mut self,
        fields: &Map<String, Value>,
        until: Instant,
    ) -> Result<Answer, Trouble> {
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
            let env = self.scene.env;
            let polls = handles.iter().map(|handle| async {
                let asked = env.now();
                (asked, self.poll(handle, None).await, env.now())
            });
            for (handle, (asked, polled, answered)) in handles.iter().zip(join_all(polls).await) {
                let mut polled = match polled? {
                    Ok(polled) => polled,
                    Err(error) => return Ok(Err(error)),
                };
                if number("owned").is_some()
                    && let Err(twice) = self.ownership.note(handle, asked, answered, &polled)
                {
                    return Ok(Err(json!({"code": null, "name": "OWNED_TWICE", "message": twice})));
                }
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
}

fn take(from: &mut Value, field: &str, into: &mut Vec<Value>) {
    if let Some(elements) = from.get_mut(field).and_then(Value::as_array_mut) {
        into.append(elements);
    }
}
