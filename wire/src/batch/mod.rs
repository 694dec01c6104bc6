//! Record batches, format 2: what a producer sends, a log holds and a consumer reads.
//!
//! Owns the bytes of a batch and of its records: building, walking in place, checking, and the fields a broker
//! rewrites. Does not know topics, logs, or what a producer's sequence must be.
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 8 | base offset (outside the CRC) |
//! | 8 | 4 | batch length: bytes behind this field |
//! | 12 | 4 | partition leader epoch (outside the CRC) |
//! | 16 | 1 | magic, 2 |
//! | 17 | 4 | CRC-32C of everything behind it |
//! | 21 | 2 | attributes |
//! | 23 | 4 | last offset delta |
//! | 27 | 8 | base timestamp, or the delete horizon |
//! | 35 | 8 | max timestamp |
//! | 43 | 8 | producer id |
//! | 51 | 2 | producer epoch |
//! | 53 | 4 | base sequence |
//! | 57 | 4 | records count |
//! | 61 | | records, compressed or not |

pub mod control;
mod error;
mod header;
pub mod legacy;
mod patch;
mod reader;
mod record;
mod validate;
mod writer;

pub use error::{BatchError, RecordError};
pub use header::{Attributes, BATCH_OVERHEAD_BYTES, BatchHeader, LOG_OVERHEAD_BYTES, MAGIC, TimestampType};
pub use patch::{
    patch_base_offset, patch_leader_epoch, patch_log_append_time, patch_max_timestamp, patch_producer,
    restamp,
};
pub use reader::{BatchView, Batches, DecompressLimits, Scratch};
pub use record::{HeadersView, RecordIter, RecordView};
pub use validate::{BatchStats, ValidateOptions};
pub use writer::{BatchBuilder, BatchOptions, HeaderRef, ProducerStamp};
