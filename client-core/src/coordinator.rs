//! Which broker coordinates a group or a transactional id: looked up, cached, forgotten when it moves.

use crate::client::Core;
use crate::config::HostPort;
use crate::error::{Error, ErrorKind};
use crate::metadata::NodeId;
use ottla_wire::messages::{FindCoordinatorRequest, FindCoordinatorResponse};
use ottla_wire::protocol::StrBytes;
use ottla_wire::{ApiKey, ErrorCode};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::Instant;

const VERSIONS: std::ops::RangeInclusive<i16> = 0..=6;
/// First version that takes several keys.
const FIRST_BATCHED: i16 = 4;
/// Coordinators remembered; an admin client may ask for many groups.
const MAX_CACHED: usize = 10_000;

/// What a coordinator is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum CoordinatorKind {
    /// A consumer group, by its id.
    Group,
    /// A transactional producer, by its transactional id.
    Transaction,
}

impl CoordinatorKind {
    fn code(self) -> i8 {
        match self {
            Self::Group => 0,
            Self::Transaction => 1,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Transaction => "transactional_id",
        }
    }
}

/// The coordinators known now.
#[derive(Default)]
pub(crate) struct Coordinators(Mutex<BTreeMap<(CoordinatorKind, String), NodeId>>);

impl Coordinators {
    pub(crate) fn get(&self, kind: CoordinatorKind, key: &str) -> Option<NodeId> {
        self.0.lock().get(&(kind, key.to_owned())).copied()
    }

    pub(crate) fn forget(&self, kind: CoordinatorKind, key: &str) {
        self.0.lock().remove(&(kind, key.to_owned()));
    }

    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }

    fn insert(&self, kind: CoordinatorKind, key: &str, node: NodeId) {
        let mut known = self.0.lock();
        if known.len() >= MAX_CACHED {
            known.clear();
        }
        known.insert((kind, key.to_owned()), node);
    }
}

/// The coordinator of one key, with retries until `deadline`.
pub(crate) async fn find(
    core: &Core,
    kind: CoordinatorKind,
    key: &str,
    deadline: Instant,
) -> Result<NodeId, Error> {
    if let Some(node) = core.coordinators().get(kind, key) {
        return Ok(node);
    }
    let keys = [key.to_owned()];
    let mut failures = 0;
    loop {
        let error = match look_up(core, kind, &keys, deadline).await {
            Ok(mut found) => match found.remove(key) {
                Some(Ok(node)) => return Ok(node),
                Some(Err(error)) => error,
                None => Error::new(
                    ErrorKind::Protocol,
                    "find the coordinator",
                    "the answer leaves out the key asked for",
                ),
            },
            Err(error) => error,
        };
        let error = error.with_context(kind.noun(), key);
        if !error.is_retriable() {
            return Err(error);
        }
        failures += 1;
        let until = core.env().now() + core.retry_pause(failures);
        if until >= deadline {
            return Err(error.with_operation("find the coordinator").with_context("attempts", failures));
        }
        core.env().sleep_until(until).await;
    }
}

/// One question for several keys; brokers before version 4 are asked key by key.
pub(crate) async fn look_up(
    core: &Core,
    kind: CoordinatorKind,
    keys: &[String],
    deadline: Instant,
) -> Result<BTreeMap<String, Result<NodeId, Error>>, Error> {
    let limit = deadline.min(core.env().now() + core.config().request_timeout);
    // A client that never reached any broker is told so early, by the metadata's own wait.
    core.metadata().ready("find the coordinator", deadline).await?;
    let connection = core.any_connection(limit).await?;
    let version = connection.version(ApiKey::FIND_COORDINATOR, VERSIONS)?;
    let oldest = match kind {
        CoordinatorKind::Group => 0,
        CoordinatorKind::Transaction => 1,
    };
    if version < oldest {
        return Err(connection
            .version(ApiKey::FIND_COORDINATOR, oldest..=*VERSIONS.end())
            .err()
            .unwrap_or_else(|| {
                Error::new(ErrorKind::Unsupported, "find the coordinator", "the broker is too old")
            }));
    }
    let mut found = BTreeMap::new();
    if version >= FIRST_BATCHED {
        let request = FindCoordinatorRequest::default()
            .with_key_type(kind.code())
            .with_coordinator_keys(keys.iter().map(|key| StrBytes::from_string(key.clone())).collect());
        let response = core.exchange(&connection, version, &request, limit).await?;
        for row in response.coordinators {
            let answer =
                read(core, row.error_code, row.error_message.as_deref(), row.node_id.0, &row.host, row.port);
            found.insert(row.key.to_string(), answer);
        }
    } else {
        for key in keys {
            let request = FindCoordinatorRequest::default()
                .with_key_type(if version >= 1 { kind.code() } else { 0 })
                .with_key(StrBytes::from_string(key.clone()));
            let row: FindCoordinatorResponse = core.exchange(&connection, version, &request, limit).await?;
            let answer =
                read(core, row.error_code, row.error_message.as_deref(), row.node_id.0, &row.host, row.port);
            found.insert(key.clone(), answer);
        }
    }
    for (key, answer) in &found {
        if let Ok(node) = answer {
            core.coordinators().insert(kind, key, *node);
        }
    }
    Ok(found)
}

fn read(
    core: &Core,
    error_code: i16,
    message: Option<&str>,
    node_id: i32,
    host: &str,
    port: i32,
) -> Result<NodeId, Error> {
    const OPERATION: &str = "find the coordinator";
    let code = ErrorCode(error_code);
    if code.is_err() {
        return Err(Error::from_code_and_message(code, OPERATION, message));
    }
    let (Some(node), Some(port)) =
        (NodeId::from_wire(node_id), u16::try_from(port).ok().filter(|port| *port > 0))
    else {
        return Err(Error::from_code(ErrorCode::COORDINATOR_NOT_AVAILABLE, OPERATION));
    };
    core.learn(node, HostPort::new(host, port));
    Ok(node)
}
