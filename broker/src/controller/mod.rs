//! The controller: the only writer of the cluster's metadata.
//!
//! Owns the rules by which topics, partitions, configurations and producer ids come to be. A request becomes a [`Draft`]:
//! records, and the image they would make. Committing appends the records to the metadata log and publishes the image once
//! they are durable. Does not know the network nor partition logs.

mod configs;
mod draft;
mod partitions;
mod placement;
mod room;
mod topics;

pub(crate) use configs::{ConfigChange, ConfigOperation, ConfigResource};
pub(crate) use partitions::{ElectionType, MorePartitions};
pub(crate) use topics::NewTopic;

use crate::config::BrokerConfig;
use crate::limits::LimitHits;
use crate::log::LogContext;
use crate::metadata::{BrokerImage, MetadataDelta, MetadataImage, MetadataPublisher, MetadataRecord};
use crate::quorum::{MetadataLog, QuorumError};
use draft::Draft;
use ottla_env::{Env, Rng};
use ottla_wire::ErrorCode;
use rand::RngExt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use uuid::Uuid;

/// How many producer ids a broker takes at once (KIP-730).
const PRODUCER_ID_BLOCK: i64 = 1000;

/// What a new cluster starts with: the metadata version whose records this broker writes (3.7-IV4, before directories).
const BOOTSTRAP_FEATURES: &[(&str, i16)] = &[("metadata.version", 19)];

/// Why something cannot be, in Kafka's code and in words.
pub(crate) type Refusal = (ErrorCode, String);

/// The one place metadata changes.
pub(crate) struct Controller {
    env: Env,
    config: Arc<BrokerConfig>,
    publisher: Arc<MetadataPublisher>,
    limits: Arc<LimitHits>,
    writer: Arc<Mutex<Writer>>,
}

/// Held while a change is made, so that changes come one after another.
struct Writer {
    log: MetadataLog,
    rng: Rng,
    broker_epoch: i64,
}

impl Controller {
    /// Replays the metadata log of `log_dir`, publishes what it says, and registers this node.
    pub(crate) async fn open(
        env: &Env,
        config: Arc<BrokerConfig>,
        publisher: Arc<MetadataPublisher>,
        limits: Arc<LimitHits>,
        context: LogContext,
        log_dir: &Path,
        broker: BrokerImage,
    ) -> Result<Self, QuorumError> {
        let mut image = MetadataImage::clone(&publisher.image());
        let mut delta = MetadataDelta::default();
        let log = MetadataLog::open(env, context, log_dir, broker.node_id, |_, record| {
            image.apply(record, &mut delta)
        })
        .await?;
        image.offset = log.last_offset();
        image.controller_id = broker.node_id;
        image.controller_epoch = log.epoch();
        publisher.publish(&delta, image);
        // As in Kafka, the epoch of a registration is the offset of its record.
        let broker_epoch = log.last_offset() + 1;
        let writer = Writer { log, rng: env.rng("controller"), broker_epoch };
        let controller =
            Self { env: env.clone(), config, publisher, limits, writer: Arc::new(Mutex::new(writer)) };
        controller.register(BrokerImage { broker_epoch, ..broker }).await?;
        Ok(controller)
    }

    async fn register(&self, broker: BrokerImage) -> Result<(), QuorumError> {
        let mut writer = self.writer.clone().lock_owned().await;
        let mut draft = self.draft();
        let mut push = |record| draft.push(record).map_err(|(_, problem)| QuorumError::Write(problem));
        if self.publisher.image().features.is_empty() {
            for (name, level) in BOOTSTRAP_FEATURES {
                push(MetadataRecord::FeatureLevel { name: Arc::from(*name), level: *level })?;
            }
        }
        let incarnation_id = uuid::Builder::from_random_bytes(writer.rng.random()).into_uuid();
        push(MetadataRecord::RegisterBroker { broker, incarnation_id })?;
        self.commit(writer, draft).await
    }

    /// A block of producer ids nobody else gets.
    pub(crate) async fn allocate_producer_ids(&self) -> Result<Range<i64>, Refusal> {
        let writer = self.writer.clone().lock_owned().await;
        let mut draft = self.draft();
        let first = draft.image.next_producer_id;
        let used_up = || (ErrorCode::UNKNOWN_SERVER_ERROR, "the producer ids are used up".to_owned());
        let next_producer_id = first.checked_add(PRODUCER_ID_BLOCK).ok_or_else(used_up)?;
        let (node_id, broker_epoch) = (self.config.node_id(), writer.broker_epoch);
        draft.push(MetadataRecord::ProducerIds { node_id, broker_epoch, next_producer_id })?;
        self.commit(writer, draft).await.map_err(refused)?;
        Ok(first..next_producer_id)
    }

    /// What a change starts from. Take the writer first: the image must not change under the draft.
    fn draft(&self) -> Draft {
        Draft::new(MetadataImage::clone(&self.publisher.image()))
    }

    /// Makes the draft true: its records durable, its image visible.
    ///
    /// Whoever asked may go away in the middle; the change then still happens whole, in a task of its own.
    async fn commit(&self, mut writer: OwnedMutexGuard<Writer>, draft: Draft) -> Result<(), QuorumError> {
        if draft.records.is_empty() {
            return Ok(());
        }
        let publisher = self.publisher.clone();
        let (done, result) = oneshot::channel();
        let work = async move {
            let Draft { mut image, delta, records } = draft;
            let appended = writer.log.append(&records).await.map(|offset| {
                image.offset = offset;
                publisher.publish(&delta, image);
            });
            // Nobody listens any more: the change stands all the same.
            let _ = done.send(appended);
        };
        self.env.spawn("commit metadata", work).detach();
        result.await.unwrap_or_else(|_| Err(QuorumError::Write("the broker is stopping".to_owned())))
    }
}

/// A metadata log that cannot be written refuses every change.
fn refused(error: QuorumError) -> Refusal {
    tracing::error!(%error, "metadata could not be committed");
    (ErrorCode::KAFKA_STORAGE_ERROR, error.to_string())
}

/// A random topic id. Like Kafka's own, its text never begins with a dash, which tools take for an option.
fn topic_id(rng: &mut Rng) -> Uuid {
    loop {
        let id = uuid::Builder::from_random_bytes(rng.random()).into_uuid();
        // The first of the 22 letters stands for the first six bits; 62 is the dash.
        if id.as_bytes()[0] >> 2 != 62 {
            return id;
        }
    }
}
