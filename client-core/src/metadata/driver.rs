//! The task that keeps the view of the cluster fresh: asks when the schedule says so, publishes what comes.

use super::Query;
use super::snapshot::{ClusterSnapshot, QueryTopics};
use crate::client::Core;
use crate::connection::pool::replaced;
use crate::error::{Error, ErrorKind};
use ottla_wire::messages::metadata_request::MetadataRequestTopic;
use ottla_wire::messages::{MetadataRequest, MetadataResponse, TopicName};
use ottla_wire::protocol::StrBytes;
use ottla_wire::{ApiKey, ErrorCode};
use std::sync::Arc;

/// Versions this client uses.
const VERSIONS: std::ops::RangeInclusive<i16> = 0..=13;

/// Runs until the client is closed; dropping the client's last handle aborts it.
pub(crate) async fn run(core: Arc<Core>) {
    loop {
        if core.metadata().status.lock().closed {
            return;
        }
        let env = core.env().clone();
        let now = env.now();
        let metadata = core.metadata();
        if metadata.refresh.lock().poll_rebootstrap(now) {
            rebootstrap(&core);
        }
        let forgotten = metadata.refresh.lock().poll_forgotten(now);
        if !forgotten.is_empty() {
            metadata.snapshot.rcu(|snapshot| Arc::new(snapshot.without_topics(&forgotten)));
        }
        if let Some(query) = metadata.poll_query(now) {
            let span = tracing::debug_span!("refresh metadata");
            match tracing::Instrument::instrument(ask(&core, &query), span).await {
                Ok(next) => {
                    metadata.succeeded(next);
                    core.pool().close_bootstrap();
                }
                Err(error) => {
                    tracing::debug!(%error, "metadata refresh failed");
                    metadata.failed(error);
                }
            }
            continue;
        }
        let timeout = metadata.refresh.lock().poll_timeout();
        let work = metadata.work.notified();
        match timeout {
            Some(at) => {
                env.timeout_at(at, work).await;
            }
            None => work.await,
        }
    }
}

async fn ask(core: &Core, query: &Query) -> Result<ClusterSnapshot, Error> {
    let deadline = core.metadata().query_deadline(core.config().request_timeout);
    let connection = core.any_connection(deadline).await?;
    let version = connection.version(ApiKey::METADATA, VERSIONS)?;
    let request = request(core, query, version);
    let response: MetadataResponse = core.exchange(&connection, version, &request, deadline).await?;
    let code = ErrorCode(response.error_code);
    if code == ErrorCode::REBOOTSTRAP_REQUIRED {
        core.metadata().refresh.lock().handle_rebootstrap();
    }
    if code.is_err() {
        return Err(Error::from_code(code, "refresh metadata").with_context("broker", connection.peer()));
    }
    if response.brokers.is_empty() {
        return Err(Error::new(ErrorKind::Broker, "refresh metadata", "the answer names no broker")
            .with_code(ErrorCode::LEADER_NOT_AVAILABLE)
            .with_context("broker", connection.peer()));
    }
    Ok(core.metadata().snapshot().updated(&query.topics, &response))
}

fn request(core: &Core, query: &Query, version: i16) -> MetadataRequest {
    let topics = match &query.topics {
        QueryTopics::All if version == 0 => Some(Vec::new()),
        QueryTopics::All => None,
        QueryTopics::Named(names) => Some(
            names
                .iter()
                .map(|name| {
                    MetadataRequestTopic::default()
                        .with_name(Some(TopicName(StrBytes::from_string(name.to_string()))))
                })
                .collect(),
        ),
    };
    MetadataRequest::default()
        .with_topics(topics)
        // Before version 4 brokers decide alone.
        .with_allow_auto_topic_creation(version < 4 || core.metadata().allow_auto_create_topics)
}

fn rebootstrap(core: &Core) {
    tracing::info!("no broker of the cluster answers: starting again from bootstrap.servers");
    core.pool().close_all(&replaced("the client starts again from bootstrap.servers"));
    core.forget_brokers();
}
