//! The metadata log of one node.

use crate::log::{AppendOrigin, FlushStart, LogConfig, LogContext, LogError, OpenOptions, PartitionLog};
use crate::metadata::{MetadataRecord, RecordProblem};
use bytes::{Bytes, BytesMut};
use ottla_env::Env;
use ottla_wire::batch::control::ControlType;
use ottla_wire::batch::{
    BatchBuilder, BatchOptions, Batches, DecompressLimits, ProducerStamp, Scratch, control,
};
use ottla_wire::schema::{self, value};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use value::{StructValue, Value};

/// The metadata topic, and its id in every cluster.
pub(crate) const METADATA_TOPIC: &str = "__cluster_metadata";
const METADATA_TOPIC_ID: Uuid = Uuid::from_u128(1);

/// How much of the log is read at once while it is replayed.
const REPLAY_BYTES: usize = 1 << 20;

/// Why metadata could not be read or made durable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuorumError {
    /// The log underneath.
    #[error("the metadata log: {0}")]
    Log(#[from] LogError),
    /// A batch of it cannot be read.
    #[error("the metadata log at offset {offset}: {problem}")]
    Unreadable { offset: i64, problem: String },
    /// A record cannot be written.
    #[error(transparent)]
    Record(#[from] RecordProblem),
    /// The disk refused to write or sync.
    #[error("the metadata log cannot be written: {0}")]
    Write(String),
}

/// The metadata log, opened for this node to lead.
#[derive(Debug)]
pub(crate) struct MetadataLog {
    env: Env,
    log: PartitionLog,
    epoch: i32,
}

impl MetadataLog {
    /// Opens the log, hands each record with its offset to `replay`, and begins a new epoch with this node as its leader.
    /// A record that `replay` refuses ends it: guessing what comes after would corrupt the image.
    pub(crate) async fn open(
        env: &Env,
        context: LogContext,
        log_dir: &Path,
        node_id: i32,
        mut replay: impl FnMut(i64, MetadataRecord) -> Result<(), RecordProblem>,
    ) -> Result<Self, QuorumError> {
        let options = OpenOptions {
            topic: Arc::from(METADATA_TOPIC),
            partition: 0,
            topic_id: Some(METADATA_TOPIC_ID),
            config: Arc::new(log_config()?),
            recovery_point: 0,
            log_start_offset: 0,
            high_watermark: 0,
            cleaned_to: 0,
            // Small, and all else rests on it: it is checked whole at each start.
            clean_shutdown: false,
            now_ms: env.wall_ms(),
        };
        let directory: Arc<Path> = Arc::from(log_dir.join(format!("{METADATA_TOPIC}-0")));
        let (log, report) = PartitionLog::open(context, directory, options)?;
        if report.truncated_bytes > 0 {
            tracing::warn!(
                bytes = report.truncated_bytes,
                reason = report.reason,
                "cut the metadata log behind its last good batch"
            );
        }
        replay_all(&log, &mut replay)?;
        let offset = log.log_end_offset();
        let used_up = || QuorumError::Unreadable { offset, problem: "its epochs are used up".to_owned() };
        let epoch = log.latest_epoch().unwrap_or(0).checked_add(1).ok_or_else(used_up)?;
        let mut opened = Self { env: env.clone(), log, epoch };
        opened.begin_epoch(node_id).await?;
        Ok(opened)
    }

    /// Offset of the last record.
    pub(crate) fn last_offset(&self) -> i64 {
        self.log.log_end_offset() - 1
    }

    /// The epoch this node leads.
    pub(crate) fn epoch(&self) -> i32 {
        self.epoch
    }

    /// Appends the records and returns the offset of the last one, once they survive a power cut.
    pub(crate) async fn append(&mut self, records: &[MetadataRecord]) -> Result<i64, QuorumError> {
        let now_ms = self.env.wall_ms();
        // One batch, so that a crash leaves all of a change or nothing of it.
        let mut batch = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
        for record in records {
            batch.append(now_ms, None, Some(&record.encode()?), &[]);
        }
        let batch =
            batch.finish(ProducerStamp::NONE).map_err(|error| QuorumError::Write(error.to_string()))?;
        self.write(batch, now_ms).await
    }

    /// A leader-change control record: what Kafka's quorum begins each epoch with.
    async fn begin_epoch(&mut self, node_id: i32) -> Result<i64, QuorumError> {
        let mut voter = StructValue::new();
        voter.set("voterId", Value::Int(node_id.into()));
        let mut body = StructValue::new();
        body.set("version", Value::Int(0)).set("leaderId", Value::Int(node_id.into()));
        body.set("voters", Value::Array(vec![Value::Struct(voter.clone())]));
        body.set("grantingVoters", Value::Array(vec![Value::Struct(voter)]));
        let write = |error: &dyn std::fmt::Display| QuorumError::Write(error.to_string());
        let message = schema::by_name("LeaderChangeMessage")
            .ok_or_else(|| write(&"no schema of LeaderChangeMessage"))?;
        let body = value::encode(message, 0, &body).map_err(|error| write(&error))?;
        let now_ms = self.env.wall_ms();
        let batch = control::encode_batch(ControlType::LeaderChange, &body, now_ms, ProducerStamp::NONE);
        self.write(batch, now_ms).await
    }

    async fn write(&mut self, batches: Bytes, now_ms: i64) -> Result<i64, QuorumError> {
        let appended = self.log.append(batches, AppendOrigin::Coordinator, self.epoch, now_ms);
        let appended = appended.map_err(|error| QuorumError::Write(error.to_string()))?;
        if let FlushStart::Job(job) = self.log.begin_flush(now_ms)? {
            let flushed = self.env.spawn_blocking(move || job.run()).await;
            self.log.finish_flush(flushed.map_err(|error| QuorumError::Write(error.to_string()))?);
        }
        self.log.set_high_watermark(self.log.log_end_offset());
        Ok(appended.last_offset)
    }
}

/// The log is never shortened by time, size or key: it is the truth.
fn log_config() -> Result<LogConfig, QuorumError> {
    let values: BTreeMap<String, String> = [
        ("retention.ms", "-1"),
        ("retention.bytes", "-1"),
        ("cleanup.policy", "delete"),
        ("max.message.bytes", "104857600"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    LogConfig::from_map(&values).map_err(|error| QuorumError::Write(error.to_string()))
}

fn replay_all(
    log: &PartitionLog,
    replay: &mut impl FnMut(i64, MetadataRecord) -> Result<(), RecordProblem>,
) -> Result<(), QuorumError> {
    let mut offset = log.log_start_offset();
    let mut scratch = Scratch::new();
    while offset < log.log_end_offset() {
        let unreadable = |problem: String| QuorumError::Unreadable { offset, problem };
        let read = log.read(offset, REPLAY_BYTES, log.log_end_offset(), true)?;
        let bytes = read.to_bytes().map_err(|error| unreadable(error.to_string()))?;
        let mut next = offset;
        for batch in Batches::new(bytes) {
            let batch = batch.map_err(|error| unreadable(error.to_string()))?;
            next = batch.header.next_offset();
            if batch.header.is_control() {
                continue;
            }
            let records = batch.records(&DecompressLimits::default(), &mut scratch);
            for record in records.map_err(|error| unreadable(error.to_string()))? {
                let record = record.map_err(|error| unreadable(error.to_string()))?;
                let value = Bytes::copy_from_slice(record.value.unwrap_or_default());
                let decoded =
                    MetadataRecord::decode(&value).map_err(|error| unreadable(error.to_string()))?;
                replay(record.offset, decoded).map_err(|error| QuorumError::Unreadable {
                    offset: record.offset,
                    problem: error.to_string(),
                })?;
            }
        }
        if next <= offset {
            return Err(unreadable("it ends before its end offset".to_owned()));
        }
        offset = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{LogManager, LogManagerConfig};
    use crate::metadata::{MetadataDelta, MetadataImage, PartitionImage};
    use crate::storage::MemoryDisk;

    async fn open(
        logs: &LogManager,
        replay: impl FnMut(i64, MetadataRecord) -> Result<(), RecordProblem>,
    ) -> Result<MetadataLog, QuorumError> {
        let (context, directory) = logs.metadata_storage().unwrap();
        MetadataLog::open(&Env::system(), context, &directory, 1, replay).await
    }

    #[tokio::test]
    async fn record_that_the_image_refuses_ends_the_replay_where_it_is() {
        let config = LogManagerConfig {
            directories: vec!["/d".into()],
            cluster_id: "c".to_owned(),
            node_id: 1,
            ..LogManagerConfig::default()
        };
        let disk = Arc::new(MemoryDisk::default());
        let logs = LogManager::start(Env::system(), disk, config).await.unwrap();
        let topic_id = Uuid::from_u128(7);
        let partition = PartitionImage {
            leader: 1,
            leader_epoch: i32::MAX,
            partition_epoch: 0,
            replicas: vec![1, 2],
            isr: vec![1, 2],
            elr: Vec::new(),
            last_known_elr: Vec::new(),
        };
        let leader = Some(2);
        let records = [
            MetadataRecord::Topic { name: Arc::from("t"), id: topic_id },
            MetadataRecord::Partition { topic_id, index: 0, partition },
            MetadataRecord::PartitionChange { topic_id, index: 0, leader, isr: None, replicas: None },
        ];
        let mut log = open(&logs, |_, _| Ok(())).await.unwrap();
        let last = log.append(&records).await.unwrap();
        drop(log);
        let mut image = MetadataImage::empty(Arc::from("c"));
        let reopened = open(&logs, |_, record| image.apply(record, &mut MetadataDelta::default())).await;
        let error = reopened.unwrap_err();
        assert!(matches!(&error, QuorumError::Unreadable { offset, .. } if *offset == last), "{error}");
        assert!(error.to_string().contains("used up"), "{error}");
    }
}
