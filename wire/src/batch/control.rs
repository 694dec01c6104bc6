//! Control batches: markers a broker writes among the records, never given to applications.
//!
//! A record's key is a version and a type; readers skip types they do not know but move past the offset. Transaction
//! markers stand alone in their batch; those that open a metadata snapshot share one.

use super::{BatchBuilder, BatchError, BatchOptions, BatchView, DecompressLimits, ProducerStamp, RecordIter};
use bytes::{Bytes, BytesMut};

/// What a control record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlType {
    /// The producer's transaction is aborted.
    Abort,
    /// The producer's transaction is committed.
    Commit,
    /// A metadata quorum leader was elected.
    LeaderChange,
    /// First record of a metadata snapshot.
    SnapshotHeader,
    /// Last record of a metadata snapshot.
    SnapshotFooter,
    /// Version of the metadata quorum's protocol.
    KRaftVersion,
    /// Voters of the metadata quorum.
    KRaftVoters,
    /// A type of a later version, to be skipped.
    Unknown(i16),
}

impl ControlType {
    /// The type with this id on the wire.
    pub const fn from_id(id: i16) -> ControlType {
        match id {
            0 => ControlType::Abort,
            1 => ControlType::Commit,
            2 => ControlType::LeaderChange,
            3 => ControlType::SnapshotHeader,
            4 => ControlType::SnapshotFooter,
            5 => ControlType::KRaftVersion,
            6 => ControlType::KRaftVoters,
            other => ControlType::Unknown(other),
        }
    }

    /// Id on the wire.
    pub const fn id(self) -> i16 {
        match self {
            ControlType::Abort => 0,
            ControlType::Commit => 1,
            ControlType::LeaderChange => 2,
            ControlType::SnapshotHeader => 3,
            ControlType::SnapshotFooter => 4,
            ControlType::KRaftVersion => 5,
            ControlType::KRaftVoters => 6,
            ControlType::Unknown(id) => id,
        }
    }

    /// Whether the marker ends a transaction.
    pub const fn ends_transaction(self) -> bool {
        matches!(self, ControlType::Abort | ControlType::Commit)
    }

    /// Reads a control record's key: version, type. Later versions may be longer.
    pub fn decode_key(key: &[u8]) -> Result<ControlType, BatchError> {
        let Some(&[version_high, version_low, type_high, type_low]) = key.first_chunk::<4>() else {
            return Err(BatchError::Control("key shorter than 4 bytes"));
        };
        if i16::from_be_bytes([version_high, version_low]) < 0 {
            return Err(BatchError::Control("negative key version"));
        }
        Ok(ControlType::from_id(i16::from_be_bytes([type_high, type_low])))
    }

    /// A control record's key, version 0.
    pub const fn encode_key(self) -> [u8; 4] {
        let [high, low] = self.id().to_be_bytes();
        [0, 0, high, low]
    }
}

/// The marker that ends a transaction on a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndTransactionMarker {
    /// Commit or abort.
    pub committed: bool,
    /// Epoch of the transaction coordinator that wrote it.
    pub coordinator_epoch: i32,
}

impl EndTransactionMarker {
    /// The marker's type.
    pub const fn control_type(&self) -> ControlType {
        if self.committed { ControlType::Commit } else { ControlType::Abort }
    }

    /// Reads key and value of a marker's record.
    pub fn decode(key: &[u8], value: &[u8]) -> Result<EndTransactionMarker, BatchError> {
        let committed = match ControlType::decode_key(key)? {
            ControlType::Commit => true,
            ControlType::Abort => false,
            _ => return Err(BatchError::Control("not an end of transaction")),
        };
        let Some(&[version_high, version_low, a, b, c, d]) = value.first_chunk::<6>() else {
            return Err(BatchError::Control("marker shorter than 6 bytes"));
        };
        if i16::from_be_bytes([version_high, version_low]) < 0 {
            return Err(BatchError::Control("negative marker version"));
        }
        Ok(EndTransactionMarker { committed, coordinator_epoch: i32::from_be_bytes([a, b, c, d]) })
    }

    /// The value of a marker's record, version 0.
    pub const fn encode_value(&self) -> [u8; 6] {
        let [a, b, c, d] = self.coordinator_epoch.to_be_bytes();
        [0, 0, a, b, c, d]
    }

    /// The whole batch, at base offset 0.
    pub fn encode_batch(&self, producer_id: i64, producer_epoch: i16, timestamp_ms: i64) -> Bytes {
        let producer = ProducerStamp {
            producer_id,
            producer_epoch,
            base_sequence: -1,
            transactional: true,
            control: true,
        };
        encode_batch(self.control_type(), &self.encode_value(), timestamp_ms, producer)
    }
}

/// A control batch of one record, at base offset 0. `producer` is taken with its control flag set.
pub fn encode_batch(
    control_type: ControlType,
    value: &[u8],
    timestamp_ms: i64,
    producer: ProducerStamp,
) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::with_capacity(96 + value.len()));
    builder.append(timestamp_ms, Some(&control_type.encode_key()), Some(value), &[]);
    builder
        .finish(ProducerStamp { control: true, ..producer })
        .expect("one record of a few bytes fits a batch that is not compressed")
}

impl BatchView {
    /// Type and value of each record of a control batch.
    pub fn control_records(&self) -> Result<Vec<(ControlType, Bytes)>, BatchError> {
        if !self.header.is_control() {
            return Err(BatchError::Control("not a control batch"));
        }
        // Brokers do not compress markers; one that did would not need more than this.
        let payload = self.payload(&DecompressLimits { max_decompressed_bytes: 1 << 20 })?;
        RecordIter::new(&self.header, &payload)
            .map(|record| {
                let record = record?;
                let key = record.key.ok_or(BatchError::Control("no key"))?;
                let value = record.value_range().map_or_else(Bytes::new, |range| payload.slice(range));
                Ok((ControlType::decode_key(key)?, value))
            })
            .collect()
    }

    /// The marker in a control batch that ends a transaction, `None` in other control batches.
    pub fn end_transaction_marker(&self) -> Result<Option<EndTransactionMarker>, BatchError> {
        match &self.control_records()?[..] {
            [] => Err(BatchError::Control("no record")),
            [(control_type, value)] if control_type.ends_transaction() => {
                EndTransactionMarker::decode(&control_type.encode_key(), value).map(Some)
            }
            records if records.iter().any(|(control_type, _)| control_type.ends_transaction()) => {
                Err(BatchError::Control("a transaction marker beside other records"))
            }
            _ => Ok(None),
        }
    }
}
