use super::health::DirectoryHealth;
use super::manager::SharedLog;
use super::producer_state::ProducerEntry;
use super::recovery::RecoveryReport;
use super::tail_cache::TailBudget;
use super::*;
use crate::storage::{Disk, MemoryDisk};
use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{BatchBuilder, BatchOptions, Batches, ProducerStamp};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

mod basics;
mod compaction;
mod manager;
mod model;
mod power_cut;
mod reads;
mod swap;
mod vectors;

/// A log on a disk that outlives it.
pub(crate) struct Fixture {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) tail_bytes: u64,
    pub(crate) now_ms: i64,
}

impl Fixture {
    pub(crate) fn new(config: &[(&str, &str)]) -> Self {
        Self {
            disk: Arc::new(MemoryDisk::default()),
            config: config.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            tail_bytes: 1 << 20,
            now_ms: 1_000_000,
        }
    }

    pub(crate) fn without_tail(mut self) -> Self {
        self.tail_bytes = 0;
        self
    }

    pub(crate) fn options(&self) -> OpenOptions {
        OpenOptions {
            topic: Arc::from("t"),
            partition: 0,
            topic_id: None,
            config: Arc::new(LogConfig::from_map(&self.config).unwrap()),
            recovery_point: 0,
            log_start_offset: 0,
            high_watermark: 0,
            cleaned_to: 0,
            clean_shutdown: false,
            now_ms: self.now_ms,
        }
    }

    pub(crate) fn context(&self) -> LogContext {
        LogContext {
            disk: Arc::clone(&self.disk),
            health: DirectoryHealth::online(),
            tail_budget: Arc::new(TailBudget::new(self.tail_bytes)),
        }
    }

    pub(crate) fn open(&self) -> PartitionLog {
        self.open_with(self.options()).0
    }

    pub(crate) fn open_with(&self, options: OpenOptions) -> (PartitionLog, RecoveryReport) {
        PartitionLog::open(self.context(), Arc::from(Path::new("/d/t-0")), options).unwrap()
    }
}

/// A batch of records `(timestamp, key, value)`.
pub(crate) fn batch_of(records: &[(i64, Option<&str>, Option<&str>)], producer: ProducerStamp) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
    for (timestamp_ms, key, value) in records {
        builder.append(*timestamp_ms, key.map(str::as_bytes), value.map(str::as_bytes), &[]);
    }
    builder.finish(producer).unwrap()
}

/// `count` records of one timestamp and 100 bytes each.
pub(crate) fn batch(timestamp_ms: i64, count: usize) -> Bytes {
    let value = "v".repeat(100);
    let records = vec![(timestamp_ms, Some("k"), Some(value.as_str())); count];
    batch_of(&records, ProducerStamp::NONE)
}

pub(crate) fn stamp(producer_id: i64, producer_epoch: i16, base_sequence: i32) -> ProducerStamp {
    ProducerStamp { producer_id, producer_epoch, base_sequence, transactional: false, control: false }
}

pub(crate) const CLIENT: AppendOrigin = AppendOrigin::Client { transaction_v2: false };

impl PartitionLog {
    pub(crate) fn put(&mut self, records: Bytes) -> AppendInfo {
        self.append(records, CLIENT, 0, 1_000_000).unwrap()
    }

    pub(crate) fn flush(&mut self) {
        match self.begin_flush(1_000_000).unwrap() {
            FlushStart::Job(job) => {
                let flushed = job.run().unwrap();
                self.finish_flush(flushed);
            }
            FlushStart::Clean => {}
            FlushStart::Busy => panic!("another flush is out"),
        }
    }

    pub(crate) fn close(&mut self) {
        self.prepare_close().unwrap();
        self.flush();
        assert_eq!(self.recovery_point(), self.log_end_offset());
    }
}

/// Base offsets of the batches of a read.
pub(crate) fn bases(read: &LogRead) -> Vec<i64> {
    Batches::new(read.to_bytes().unwrap()).map(|batch| batch.unwrap().header.base_offset).collect()
}
