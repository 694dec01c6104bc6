//! Why a log refuses, in terms its callers can answer a peer with.

use ottla_wire::ErrorCode;
use std::io;

/// A record of a refused batch and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordError {
    /// Position of the record in its batch.
    pub(crate) batch_index: i32,
    /// What is wrong.
    pub(crate) message: String,
}

/// Why an append was refused. Nothing of it is in the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    #[error("corrupt batch: {0}")]
    CorruptMessage(String),
    #[error("batch of {size_bytes} bytes is larger than max.message.bytes, {max_bytes}")]
    MessageTooLarge { size_bytes: usize, max_bytes: usize },
    #[error("the records decompress to more than max.decompressed.message.bytes, {max_bytes}")]
    DecompressedTooLarge { max_bytes: usize },
    #[error("{size_bytes} bytes of records do not fit a segment of {segment_bytes}")]
    RecordListTooLarge { size_bytes: usize, segment_bytes: usize },
    #[error("invalid record: {message}")]
    InvalidRecord { message: String, record_errors: Vec<RecordError> },
    #[error("invalid timestamp: {message}")]
    InvalidTimestamp { message: String, record_errors: Vec<RecordError> },
    #[error("compression type not supported: {0}")]
    UnsupportedCompressionType(String),
    #[error(
        "out of order sequence for producer {producer_id}: {base_sequence} came, the last one was {last_sequence}"
    )]
    OutOfOrderSequence { producer_id: i64, base_sequence: i32, last_sequence: i32 },
    #[error("epoch {epoch} of producer {producer_id} is older than {current}")]
    InvalidProducerEpoch { producer_id: i64, epoch: i16, current: i16 },
    #[error("producer {producer_id} has an open transaction and wrote outside of it")]
    InvalidTxnState { producer_id: i64 },
    #[error("coordinator epoch {epoch} of a marker is older than {current}")]
    TransactionCoordinatorFenced { epoch: i32, current: i32 },
    #[error("replicated batch starts at {base_offset}, the log ends at {log_end_offset}")]
    OffsetsOutOfOrder { base_offset: i64, log_end_offset: i64 },
    #[error("the offsets of this partition are used up")]
    OffsetsExhausted,
    #[error("the disk is full")]
    DiskFull,
    #[error("the log directory is offline")]
    Offline,
    #[error("storage failed")]
    Storage(#[from] io::Error),
}

impl AppendError {
    /// What a producer or replica is told.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::CorruptMessage(_) => ErrorCode::CORRUPT_MESSAGE,
            // A producer that is told so splits the batch.
            Self::MessageTooLarge { .. } | Self::DecompressedTooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
            Self::RecordListTooLarge { .. } => ErrorCode::RECORD_LIST_TOO_LARGE,
            Self::InvalidRecord { .. } => ErrorCode::INVALID_RECORD,
            Self::InvalidTimestamp { .. } => ErrorCode::INVALID_TIMESTAMP,
            Self::UnsupportedCompressionType(_) => ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
            Self::OutOfOrderSequence { .. } => ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
            Self::InvalidProducerEpoch { .. } => ErrorCode::INVALID_PRODUCER_EPOCH,
            Self::InvalidTxnState { .. } => ErrorCode::INVALID_TXN_STATE,
            Self::TransactionCoordinatorFenced { .. } => ErrorCode::TRANSACTION_COORDINATOR_FENCED,
            Self::OffsetsOutOfOrder { .. } | Self::OffsetsExhausted => ErrorCode::UNKNOWN_SERVER_ERROR,
            Self::DiskFull | Self::Offline | Self::Storage(_) => ErrorCode::KAFKA_STORAGE_ERROR,
        }
    }

    /// The records at fault, for the response's record errors.
    pub(crate) fn record_errors(&self) -> &[RecordError] {
        match self {
            Self::InvalidRecord { record_errors, .. } | Self::InvalidTimestamp { record_errors, .. } => {
                record_errors
            }
            _ => &[],
        }
    }

    pub(super) fn invalid_record(message: impl Into<String>) -> Self {
        Self::InvalidRecord { message: message.into(), record_errors: Vec::new() }
    }
}

/// Why a read, a lookup or a cut of the log failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogError {
    #[error("offset {offset} is outside {log_start_offset}..={log_end_offset}")]
    OffsetOutOfRange { offset: i64, log_start_offset: i64, log_end_offset: i64 },
    #[error("corrupt batch at byte {position} of the segment at offset {base_offset}: {reason}")]
    Corrupt { base_offset: i64, position: u64, reason: String },
    #[error("a batch decompresses to more than {max_bytes} bytes")]
    DecompressedTooLarge { max_bytes: usize },
    #[error("the log directory is offline")]
    Offline,
    #[error("storage failed")]
    Storage(#[from] io::Error),
}

impl LogError {
    /// What a consumer or replica is told.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::OffsetOutOfRange { .. } => ErrorCode::OFFSET_OUT_OF_RANGE,
            Self::Corrupt { .. } | Self::DecompressedTooLarge { .. } => ErrorCode::CORRUPT_MESSAGE,
            Self::Offline | Self::Storage(_) => ErrorCode::KAFKA_STORAGE_ERROR,
        }
    }
}
