//! Raw requests of a case: legal ones along the schema, and frames broken on purpose.

mod body;
mod records;
mod sweep;

use crate::bytes_form;
use crate::connection::{Connection, Received};
use crate::driver::Answer;
use crate::error::Error;
use bytes::{Buf, Bytes};
use ottla_env::Env;
use ottla_wire::{ApiKey, schema};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a peer may be silent before silence counts as an answer.
const SILENCE: Duration = Duration::from_millis(1_500);

/// API ranges a broker advertises, by key.
pub(crate) type Advertised = BTreeMap<i16, (i16, i16)>;

/// The connections one case holds.
pub(crate) struct Probe<'a> {
    env: &'a Env,
    bootstrap: &'a str,
    advertised: &'a Advertised,
    connections: BTreeMap<String, Connection>,
    correlation_id: i32,
}

/// A request about to be sent.
struct Request {
    api: ApiKey,
    version: i16,
    correlation_id: i32,
    frame: Vec<u8>,
}

impl<'a> Probe<'a> {
    pub(crate) fn new(env: &'a Env, bootstrap: &'a str, advertised: &'a Advertised) -> Self {
        Self { env, bootstrap, advertised, connections: BTreeMap::new(), correlation_id: 0 }
    }

    /// Runs one `wire.*` step.
    ///
    /// - `wire.call` (`api`, `version`, `body`): sends a request and decodes its answer. `connection` names the
    ///   connection (default `main`, opened when first used); `to` finds the broker (see [`Self::route`]).
    ///   `response_version`, `client_id`, `header_tags`, `header_version`, `truncate`, `append`, `patch` bend the rules.
    /// - `wire.send`: as `wire.call`, without waiting; `wire.receive` (`api`, `version`): the next answer of a connection.
    /// - `wire.bytes` (`hex`): writes bytes as they are; `wire.outcome`: what the peer does then (`closed`, `silent`, `frame`).
    /// - `wire.close`: closes a connection. `wire.sweep`: every advertised API and version with a request of defaults.
    pub(crate) async fn run(
        &mut self,
        op: &str,
        fields: &Map<String, Value>,
        deadline: Instant,
    ) -> Result<Answer, Error> {
        let name = fields.get("connection").and_then(Value::as_str).unwrap_or("main").to_owned();
        match op {
            "wire.call" => {
                let name = self.route(fields, name, deadline).await?;
                let request = self.request(fields)?;
                let connection = self.connection(&name, deadline).await?;
                // The peer may close before it has read all: what it said by then is the answer.
                let _ = connection.write(&request.frame, deadline).await;
                let version = fields.get("response_version").and_then(Value::as_i64);
                let version =
                    version.and_then(|version| i16::try_from(version).ok()).unwrap_or(request.version);
                self.receive(&name, request.api, version, Some(request.correlation_id), deadline).await
            }
            "wire.send" => {
                let name = self.route(fields, name, deadline).await?;
                let request = self.request(fields)?;
                self.connection(&name, deadline).await?.write(&request.frame, deadline).await?;
                Ok(Ok(json!({"correlation_id": request.correlation_id})))
            }
            "wire.receive" => {
                let name = self.route(fields, name, deadline).await?;
                let (api, version) = self.api_version(fields)?;
                self.receive(&name, api, version, None, deadline).await
            }
            "wire.bytes" => {
                let bytes = fields.get("hex").and_then(Value::as_str).and_then(bytes_form::unhex);
                let bytes = bytes.ok_or_else(|| Error::new("wire.bytes takes hexadecimal digits"))?;
                let connection = self.connection(&name, deadline).await?;
                let _ = connection.write(&bytes, deadline).await;
                Ok(Ok(json!({})))
            }
            "wire.outcome" => self.outcome(&name, deadline).await,
            "wire.close" => {
                if let Some(mut connection) = self.connections.remove(&name) {
                    // The peer may have closed first.
                    let _ = connection.shut_down(deadline).await;
                }
                Ok(Ok(json!({})))
            }
            "wire.sweep" => self.sweep(fields, deadline).await,
            other => Err(Error::new(format!("there is no operation {other}"))),
        }
    }

    async fn connection(&mut self, name: &str, deadline: Instant) -> Result<&mut Connection, Error> {
        if !self.connections.contains_key(name) {
            let address = name.strip_prefix('@').and_then(|name| name.split('#').next());
            let address = address.unwrap_or(self.bootstrap);
            let connection = Connection::open(self.env, address, deadline).await?;
            self.connections.insert(name.to_owned(), connection);
        }
        self.connections.get_mut(name).ok_or_else(|| Error::new("no connection"))
    }

    /// The connection a request belongs on. `to: {topic, partition}` is the partition's leader, `to: {group}` and
    /// `to: {transaction}` the coordinator; `connection` inside it asks for a second connection to the same broker.
    /// `from` is the same, for `wire.receive`.
    async fn route(
        &mut self,
        fields: &Map<String, Value>,
        name: String,
        deadline: Instant,
    ) -> Result<String, Error> {
        let to = fields.get("to").or_else(|| fields.get("from")).and_then(Value::as_object);
        let Some(to) = to else { return Ok(name) };
        let which = to.get("connection").and_then(Value::as_str).unwrap_or("main");
        loop {
            let found = if let Some(topic) = to.get("topic") {
                self.leader(topic, to.get("partition").and_then(Value::as_i64).unwrap_or(0), deadline).await?
            } else if let Some(group) = to.get("group") {
                self.coordinator(group, 0, deadline).await?
            } else {
                self.coordinator(to.get("transaction").unwrap_or(&Value::Null), 1, deadline).await?
            };
            match found {
                Some(address) => return Ok(format!("@{address}#{which}")),
                None if self.env.now() >= deadline => {
                    return Err(Error::new(format!("no broker answers for {to:?}")));
                }
                None => self.env.sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn leader(
        &mut self,
        topic: &Value,
        partition: i64,
        deadline: Instant,
    ) -> Result<Option<String>, Error> {
        let body = json!({"topics": [{"name": topic}], "allowAutoTopicCreation": false});
        let answer = self.ask("Metadata", 9, body, deadline).await?;
        let partitions = answer["topics"][0]["partitions"].as_array().into_iter().flatten();
        let leader = partitions
            .filter(|found| {
                found["partitionIndex"].as_i64() == Some(partition) && found["errorCode"] == "NONE"
            })
            .find_map(|found| found["leaderId"].as_i64());
        let brokers = answer["brokers"].as_array().into_iter().flatten();
        let broker = brokers.filter(|broker| broker["nodeId"].as_i64() == leader).find_map(address);
        Ok(broker)
    }

    async fn coordinator(
        &mut self,
        key: &Value,
        kind: i32,
        deadline: Instant,
    ) -> Result<Option<String>, Error> {
        let answer = self.ask("FindCoordinator", 3, json!({"key": key, "keyType": kind}), deadline).await?;
        Ok(if answer["errorCode"] == "NONE" { address(&answer) } else { None })
    }

    /// A plain call on a connection of the suite's own.
    pub(crate) async fn ask(
        &mut self,
        api: &str,
        version: i16,
        body: Value,
        deadline: Instant,
    ) -> Result<Value, Error> {
        let fields = json!({"api": api, "version": version, "body": body, "connection": "suite"});
        let fields = fields.as_object().cloned().unwrap_or_default();
        let answer = Box::pin(self.run("wire.call", &fields, deadline)).await?;
        match answer {
            Ok(body) if body.get("closed").is_none() => Ok(body),
            Ok(_) => Err(Error::new(format!("the broker closes the connection on {api} version {version}"))),
            Err(error) => Err(Error::new(format!("{api} version {version}: {error}"))),
        }
    }

    fn api_version(&self, fields: &Map<String, Value>) -> Result<(ApiKey, i16), Error> {
        let api = match fields.get("api") {
            Some(Value::String(name)) => ApiKey::from_name(name),
            Some(Value::Number(key)) => key.as_i64().and_then(|key| i16::try_from(key).ok()).map(ApiKey),
            _ => None,
        };
        let api = api.ok_or_else(|| Error::new(format!("no API {:?}", fields.get("api"))))?;
        let advertised = self.advertised.get(&api.0).copied().unwrap_or((0, 0));
        let version = match fields.get("version") {
            Some(Value::Number(version)) => version.as_i64().and_then(|version| i16::try_from(version).ok()),
            Some(Value::String(which)) if which == "min" => Some(advertised.0),
            None | Some(Value::String(_)) => {
                let ours = api.api().map_or(advertised.1, |api| api.max);
                Some(advertised.1.min(ours))
            }
            _ => None,
        };
        Ok((api, version.ok_or_else(|| Error::new("a version is a number, min or max"))?))
    }

    fn request(&mut self, fields: &Map<String, Value>) -> Result<Request, Error> {
        let (api, version) = self.api_version(fields)?;
        self.correlation_id += 1;
        let empty = json!({});
        let body = fields.get("body").unwrap_or(&empty);
        // A version beyond the schema still needs some body: the newest known one.
        let message = schema::request(api.0);
        let body = match message {
            Some(message) => {
                let known = version.clamp(message.versions.min, message.versions.max);
                body::encode(message, known, body).map_err(Error::new)?
            }
            None => Bytes::new(),
        };
        let header_version = fields.get("header_version").and_then(Value::as_i64);
        let header_version = header_version.unwrap_or_else(|| api.request_header_version(version).into());
        let mut payload = Vec::with_capacity(body.len() + 32);
        payload.extend_from_slice(&api.0.to_be_bytes());
        payload.extend_from_slice(&version.to_be_bytes());
        payload.extend_from_slice(&self.correlation_id.to_be_bytes());
        match fields.get("client_id").map_or(Some("ottla-conformance"), Value::as_str) {
            Some(client_id) => {
                let length = i16::try_from(client_id.len()).map_err(|_| Error::new("client id too long"))?;
                payload.extend_from_slice(&length.to_be_bytes());
                payload.extend_from_slice(client_id.as_bytes());
            }
            None => payload.extend_from_slice(&(-1i16).to_be_bytes()),
        }
        if header_version >= 2 {
            let tags =
                fields.get("header_tags").and_then(Value::as_str).map_or(Some(vec![0]), bytes_form::unhex);
            payload.extend(tags.ok_or_else(|| Error::new("header_tags takes hexadecimal digits"))?);
        }
        payload.extend_from_slice(&body);
        let number =
            |name: &str| fields.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        if let Some(count) = number("truncate") {
            payload.truncate(payload.len().saturating_sub(count));
        }
        if let Some(extra) = fields.get("append").and_then(Value::as_str).and_then(bytes_form::unhex) {
            payload.extend(extra);
        }
        let length = i32::try_from(payload.len()).map_err(|_| Error::new("request too long"))?;
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend(payload);
        Ok(Request { api, version, correlation_id: self.correlation_id, frame })
    }

    async fn receive(
        &mut self,
        name: &str,
        api: ApiKey,
        version: i16,
        correlation_id: Option<i32>,
        deadline: Instant,
    ) -> Result<Answer, Error> {
        let frame = match self.connection(name, deadline).await?.read_frame(deadline).await? {
            Received::Frame(frame) => frame,
            Received::Closed => {
                self.connections.remove(name);
                return Ok(Ok(json!({"closed": true})));
            }
            Received::Silence => return Ok(Err(fault("TIMEOUT", "no answer in time".to_owned()))),
        };
        let shown = bytes_form::hex(&frame[..frame.len().min(512)]);
        let answer = decode_answer(api, version, frame, correlation_id);
        Ok(answer.map_err(|reason| fault("MALFORMED", format!("{reason}; the frame: {shown}"))))
    }

    async fn outcome(&mut self, name: &str, deadline: Instant) -> Result<Answer, Error> {
        let patience = deadline.min(self.env.now() + SILENCE);
        let received = self.connection(name, deadline).await?.read_frame(patience).await?;
        Ok(Ok(match received {
            Received::Frame(frame) => json!({"outcome": "frame", "hex": bytes_form::hex(&frame)}),
            Received::Closed => {
                self.connections.remove(name);
                json!({"outcome": "closed"})
            }
            Received::Silence => json!({"outcome": "silent"}),
        }))
    }
}

fn fault(name: &str, message: String) -> Value {
    json!({"code": null, "name": name, "retriable": false, "fatal": false, "message": message})
}

fn address(json: &Value) -> Option<String> {
    let (host, port) = (json["host"].as_str()?, json["port"].as_i64()?);
    Some(if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") })
}

/// Header and body of an answer; `correlationId` is added to the body's fields.
fn decode_answer(
    api: ApiKey,
    version: i16,
    mut frame: Bytes,
    correlation_id: Option<i32>,
) -> Result<Value, String> {
    if frame.len() < 4 {
        return Err("a frame too short for a header".to_owned());
    }
    let found = frame.get_i32();
    if correlation_id.is_some_and(|expected| expected != found) {
        return Err(format!("correlation id {found} instead of {correlation_id:?}"));
    }
    if api.response_header_version(version) == 1 {
        frame = skip_tags(frame)?;
    }
    let message = schema::response(api.0).ok_or_else(|| format!("no schema for {api}"))?;
    let mut body = body::decode(message, version, &frame)?;
    body["correlationId"] = found.into();
    Ok(body)
}

/// Tagged fields of a response header: none are known, all are skipped.
fn skip_tags(mut frame: Bytes) -> Result<Bytes, String> {
    let count = unsigned_varint(&mut frame)?;
    for _ in 0..count {
        unsigned_varint(&mut frame)?;
        let length = usize::try_from(unsigned_varint(&mut frame)?).map_err(|error| error.to_string())?;
        if length > frame.len() {
            return Err("a header's tagged field beyond the frame".to_owned());
        }
        frame.advance(length);
    }
    Ok(frame)
}

fn unsigned_varint(frame: &mut Bytes) -> Result<u32, String> {
    let mut value = 0u32;
    for shift in [0, 7, 14, 21, 28] {
        if frame.is_empty() {
            return Err("a varint beyond the frame".to_owned());
        }
        let byte = frame.get_u8();
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a varint of more than five bytes".to_owned())
}

/// The API ranges a broker advertises.
pub(crate) async fn advertised(env: &Env, bootstrap: &str, deadline: Instant) -> Result<Advertised, Error> {
    let nothing = Advertised::new();
    let mut probe = Probe::new(env, bootstrap, &nothing);
    let answer = probe.ask("ApiVersions", 0, json!({}), deadline).await?;
    let mut ranges = Advertised::new();
    for api in answer["apiKeys"].as_array().into_iter().flatten() {
        let field = |name: &str| api[name].as_i64().and_then(|value| i16::try_from(value).ok());
        if let (Some(key), Some(min), Some(max)) = (field("apiKey"), field("minVersion"), field("maxVersion"))
        {
            ranges.insert(key, (min, max));
        }
    }
    Ok(ranges)
}
