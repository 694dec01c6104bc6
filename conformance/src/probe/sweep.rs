//! Every advertised API in every advertised version: a well-formed request gets a well-formed answer.

use super::{Advertised, Probe};
use crate::driver::Answer;
use crate::error::Error;
use ottla_wire::{ApiKey, schema};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

/// APIs a request of defaults would harm the broker with, or that begin a conversation of their own.
const LEFT_OUT: &[&str] = &[
    "SaslHandshake",
    "SaslAuthenticate",
    "UnregisterBroker",
    "UpdateFeatures",
    "AddRaftVoter",
    "RemoveRaftVoter",
    "UpdateRaftVoter",
    "BrokerRegistration",
    "ControlledShutdown",
    "ControllerRegistration",
    "Envelope",
];
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);

impl Probe<'_> {
    pub(super) async fn sweep(
        &mut self,
        fields: &Map<String, Value>,
        deadline: Instant,
    ) -> Result<Answer, Error> {
        let advertised: Advertised = self.advertised.clone();
        let skipped = fields.get("skip").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut failures = Vec::new();
        let mut checked = 0;
        for (key, (min, max)) in advertised {
            let api = ApiKey(key);
            if LEFT_OUT.contains(&api.name()) || skipped.iter().any(|name| name == api.name()) {
                continue;
            }
            let known = schema::request(key).zip(schema::response(key));
            for version in min..=max {
                let has_schema = known.is_some_and(|(request, response)| {
                    request.versions.contains(version) && response.versions.contains(version)
                });
                if !has_schema {
                    // Newer than the suite's tables: nothing can be said about it.
                    continue;
                }
                checked += 1;
                let body = fields.get("bodies").and_then(|bodies| bodies.get(api.name())).cloned();
                if let Some(failure) = self.check(api, version, body, deadline).await? {
                    failures.push(format!("{} v{version}: {failure}", api.name()));
                }
            }
        }
        Ok(Ok(json!({"checked": checked, "failures": failures})))
    }

    async fn check(
        &mut self,
        api: ApiKey,
        version: i16,
        body: Option<Value>,
        deadline: Instant,
    ) -> Result<Option<String>, Error> {
        let until = deadline.min(self.env.now() + ANSWER_PATIENCE);
        let body = body.unwrap_or_else(|| json!({}));
        let call = json!({"api": api.0, "version": version, "body": body, "connection": "sweep"});
        let call = call.as_object().cloned().unwrap_or_default();
        let failure = match Box::pin(self.run("wire.call", &call, until)).await? {
            Ok(answer) if answer.get("closed").is_some() => Some("the connection is closed".to_owned()),
            Ok(answer) if answer["errorCode"] == "UNSUPPORTED_VERSION" => {
                Some("advertised and refused as unsupported".to_owned())
            }
            Ok(_) => None,
            Err(error) => Some(error["message"].as_str().unwrap_or("no answer").to_owned()),
        };
        if failure.is_some() {
            // What comes next on that connection would be the wrong answer.
            self.connections.remove("sweep");
        }
        Ok(failure)
    }
}
