//! What a leader asks of records before it appends them, and how it rewrites them.
//!
//! Owns the checks that need only the records and the topic's configuration, so that they run before any lock is taken.
//! Does not know offsets, producers' sequences or segments.

use super::config::LogConfig;
use super::error::{AppendError, RecordError};
use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{
    BATCH_OVERHEAD_BYTES, BatchBuilder, BatchError, BatchHeader, BatchOptions, BatchView, Batches,
    DecompressLimits, ProducerStamp, RecordIter, Scratch, TimestampType, ValidateOptions,
    control::EndTransactionMarker, patch_base_offset, patch_leader_epoch, patch_log_append_time,
    patch_max_timestamp,
};
use ottla_wire::compression::DecompressError;
use std::cell::RefCell;

/// Batches up to here are copied into a buffer of their own: it costs less than the two buffers of a batch that is not.
const COPY_BYTES_MAX: usize = 4096;
/// Memory a thread keeps for decompression.
const SCRATCH_BYTES_MAX: usize = 2 << 20;
/// So many records of a refused batch are named.
const RECORD_ERRORS_MAX: usize = 100;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
}

/// A batch that may be appended once it has offsets.
#[derive(Debug)]
pub(crate) struct CheckedBatch {
    pub(crate) header: BatchHeader,
    bytes: Bytes,
    /// The marker, in a control batch that ends a transaction.
    pub(crate) marker: Option<EndTransactionMarker>,
}

/// A batch as it goes into the log: header and records may be two buffers.
#[derive(Debug)]
pub(crate) struct StampedBatch {
    pub(crate) header: BatchHeader,
    pub(crate) head: Bytes,
    pub(crate) body: Bytes,
    pub(crate) marker: Option<EndTransactionMarker>,
}

impl CheckedBatch {
    /// The one batch of a producer's request, which may decompress to `max_decompressed_bytes`.
    pub(crate) fn from_client(
        records: Bytes,
        config: &LogConfig,
        max_decompressed_bytes: usize,
        now_ms: i64,
    ) -> Result<Self, AppendError> {
        let mut batches = Batches::new(records);
        let Some(first) = batches.next() else {
            return Err(AppendError::CorruptMessage("no whole batch".to_owned()));
        };
        let view = first.map_err(client_error)?;
        if batches.trailing_bytes() > 0 {
            return Err(AppendError::invalid_record("more than one record batch for a partition"));
        }
        // From here on nobody else of this request needs the bytes, which lets the header be patched in place.
        drop(batches);
        let header = &view.header;
        if view.bytes().len() > config.max_message_bytes {
            return Err(AppendError::MessageTooLarge {
                size_bytes: view.bytes().len(),
                max_bytes: config.max_message_bytes,
            });
        }
        view.verify_crc().map_err(client_error)?;
        if header.base_offset != 0 {
            return Err(AppendError::invalid_record("base offset of a producer's batch is not 0"));
        }
        if header.is_control() {
            return Err(AppendError::invalid_record("clients may not write control records"));
        }
        if header.has_producer_id() && (header.base_sequence < 0 || header.producer_epoch < 0) {
            return Err(AppendError::invalid_record("producer id without sequence or epoch"));
        }
        if header.is_transactional() && !header.has_producer_id() {
            return Err(AppendError::invalid_record("transactional batch without a producer id"));
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let checked = Self::check_records(view, config, max_decompressed_bytes, now_ms, scratch);
            scratch.trim(SCRATCH_BYTES_MAX);
            checked
        })
    }

    fn check_records(
        view: BatchView,
        config: &LogConfig,
        max_decompressed_bytes: usize,
        now_ms: i64,
        scratch: &mut Scratch,
    ) -> Result<Self, AppendError> {
        let limits = DecompressLimits { max_decompressed_bytes };
        let options = ValidateOptions { limits, require_keys: config.cleanup_compact };
        let stats = view.validate_records(&options, scratch).map_err(client_error)?;
        let create_time = config.message_timestamp_type == TimestampType::CreateTime;
        if create_time {
            if view.header.timestamp_type() == TimestampType::LogAppendTime {
                return Err(AppendError::InvalidTimestamp {
                    message: "producers may not set log append time".to_owned(),
                    record_errors: Vec::new(),
                });
            }
            check_timestamps(&view, config, now_ms, stats.max_timestamp_ms, &limits, scratch)?;
        }
        let recompress = config.compression.filter(|wanted| wanted.codec() != view.header.compression());
        let bytes = if let Some(compression) = recompress {
            rebuild(
                &view,
                BatchOptions { compression, timestamp_type: TimestampType::CreateTime },
                &limits,
                scratch,
            )?
        } else if create_time && stats.max_timestamp_ms != view.header.max_timestamp {
            let mut bytes = writable(view.into_bytes());
            patch_max_timestamp(&mut bytes, stats.max_timestamp_ms);
            bytes.freeze()
        } else {
            return Ok(Self { header: view.header, bytes: view.into_bytes(), marker: None });
        };
        let header = BatchHeader::parse(&bytes).map_err(client_error)?;
        Ok(Self { header, bytes, marker: None })
    }

    /// Batches of a coordinator of this broker: trusted but for what they need.
    pub(crate) fn from_coordinator(records: Bytes) -> Result<Vec<Self>, AppendError> {
        let mut checked = Vec::with_capacity(1);
        let mut batches = Batches::new(records);
        for view in batches.by_ref() {
            checked.push(Self::from_view(view.map_err(client_error)?)?);
        }
        if checked.is_empty() || batches.trailing_bytes() > 0 {
            return Err(AppendError::CorruptMessage("no whole batches".to_owned()));
        }
        Ok(checked)
    }

    /// Batches of a leader, with offsets and epochs. A batch cut off at the end is dropped, as fetch responses may be cut.
    pub(crate) fn from_leader(records: Bytes) -> Result<Vec<Self>, AppendError> {
        let mut checked = Vec::with_capacity(4);
        for view in Batches::new(records) {
            let view = view.map_err(client_error)?;
            view.verify_crc().map_err(client_error)?;
            checked.push(Self::from_view(view)?);
        }
        Ok(checked)
    }

    /// A whole batch, with its marker read out.
    fn from_view(view: BatchView) -> Result<Self, AppendError> {
        let marker =
            if view.header.is_control() && view.header.has_producer_id() && view.header.records_count > 0 {
                view.end_transaction_marker().map_err(client_error)?
            } else {
                None
            };
        Ok(Self { header: view.header, bytes: view.into_bytes(), marker })
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Gives the batch its place in the log, and its time if the topic's timestamps are the broker's.
    pub(crate) fn stamp(
        mut self,
        base_offset: i64,
        leader_epoch: i32,
        log_append_time_ms: Option<i64>,
    ) -> StampedBatch {
        if let Some(time_ms) = log_append_time_ms {
            let mut bytes = writable(self.bytes);
            patch_log_append_time(&mut bytes, time_ms);
            self.bytes = bytes.freeze();
            self.header = BatchHeader::parse(&self.bytes).expect("a parsed header with another time");
        }
        self.header.base_offset = base_offset;
        self.header.partition_leader_epoch = leader_epoch;
        let patch = |head: &mut [u8]| {
            patch_base_offset(head, base_offset);
            patch_leader_epoch(head, leader_epoch);
        };
        let (head, body) = if self.bytes.len() <= COPY_BYTES_MAX {
            let mut whole = BytesMut::from(&self.bytes[..]);
            patch(&mut whole);
            (whole.freeze(), Bytes::new())
        } else {
            match self.bytes.try_into_mut() {
                Ok(mut whole) => {
                    patch(&mut whole);
                    (whole.freeze(), Bytes::new())
                }
                // Others hold the request's buffer; its records are shared, only the header is copied.
                Err(shared) => {
                    let mut head = BytesMut::from(&shared[..BATCH_OVERHEAD_BYTES]);
                    patch(&mut head);
                    (head.freeze(), shared.slice(BATCH_OVERHEAD_BYTES..))
                }
            }
        };
        StampedBatch { header: self.header, head, body, marker: self.marker }
    }

    /// The batch as the leader stamped it.
    pub(crate) fn keep(self) -> StampedBatch {
        StampedBatch { header: self.header, head: self.bytes, body: Bytes::new(), marker: self.marker }
    }
}

fn writable(bytes: Bytes) -> BytesMut {
    bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]))
}

/// Checks timestamps against the topic's window around `now_ms`.
fn check_timestamps(
    view: &BatchView,
    config: &LogConfig,
    now_ms: i64,
    max_timestamp_ms: i64,
    limits: &DecompressLimits,
    scratch: &mut Scratch,
) -> Result<(), AppendError> {
    let earliest = now_ms.saturating_sub(config.message_timestamp_before_max_ms);
    let latest = now_ms.saturating_add(config.message_timestamp_after_max_ms);
    let unbounded_below = config.message_timestamp_before_max_ms == i64::MAX;
    if max_timestamp_ms <= latest && unbounded_below {
        return Ok(());
    }
    let mut record_errors = Vec::new();
    for (index, record) in view.records(limits, scratch).map_err(client_error)?.enumerate() {
        let timestamp_ms = record.map_err(client_error)?.timestamp_ms;
        // -1 says that there is none.
        let is_early = !unbounded_below && timestamp_ms != -1 && timestamp_ms < earliest;
        if (is_early || timestamp_ms > latest) && record_errors.len() < RECORD_ERRORS_MAX {
            record_errors.push(RecordError {
                batch_index: i32::try_from(index).unwrap_or(i32::MAX),
                message: format!("timestamp {timestamp_ms} is outside {earliest}..={latest}"),
            });
        }
    }
    if record_errors.is_empty() {
        return Ok(());
    }
    Err(AppendError::InvalidTimestamp {
        message: "a record's timestamp is outside of what the topic accepts".to_owned(),
        record_errors,
    })
}

/// The same records in another codec.
fn rebuild(
    view: &BatchView,
    options: BatchOptions,
    limits: &DecompressLimits,
    scratch: &mut Scratch,
) -> Result<Bytes, AppendError> {
    let header = &view.header;
    let mut builder = BatchBuilder::new(options, BytesMut::with_capacity(view.bytes().len()));
    let records: RecordIter<'_> = view.records(limits, scratch).map_err(client_error)?;
    for record in records {
        let record = record.map_err(client_error)?;
        let headers: Vec<_> = record.headers.collect();
        builder.append(record.timestamp_ms, record.key, record.value, &headers);
    }
    let producer = ProducerStamp {
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        transactional: header.is_transactional(),
        control: false,
    };
    builder.finish(producer).map_err(|error| AppendError::CorruptMessage(error.to_string()))
}

/// What a producer is told of bytes that are no batch, or a batch that breaks a rule.
fn client_error(error: BatchError) -> AppendError {
    match error {
        BatchError::Record { index, reason } => {
            let message = reason.to_string();
            AppendError::InvalidRecord {
                message: error.to_string(),
                record_errors: vec![RecordError {
                    batch_index: i32::try_from(index).unwrap_or(i32::MAX),
                    message,
                }],
            }
        }
        BatchError::Magic(_)
        | BatchError::Count { .. }
        | BatchError::Control(_)
        | BatchError::BytesAfterRecords(_) => AppendError::invalid_record(error.to_string()),
        BatchError::Decompress(DecompressError::TooLarge { limit_bytes }) => {
            AppendError::DecompressedTooLarge { max_bytes: limit_bytes }
        }
        BatchError::UnknownCompression(_) => AppendError::UnsupportedCompressionType(error.to_string()),
        other => AppendError::CorruptMessage(other.to_string()),
    }
}
