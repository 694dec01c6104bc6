//! Brings a shard up to date with its log.

use super::shard::{Shard, TransactionalProducer};
use crate::replication::Partition;
use ottla_wire::batch::{Batches, DecompressLimits, Scratch};

/// Read at once; a batch larger than this is read whole all the same.
const READ_BYTES: usize = 4 << 20;

/// Why a shard cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("the log cannot be read: {0}")]
    Log(#[from] crate::log::LogError),
    #[error("the log cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("damaged batch: {0}")]
    Batch(#[from] ottla_wire::batch::BatchError),
}

/// Replays the whole log of `partition`; gives the offset behind the last record. Blocks on the disk.
///
/// A record that cannot be understood is named in the log and left out: one bad record must not take every group of the
/// partition with it.
pub(crate) fn load<S: Shard>(partition: &Partition, shard: &mut S) -> Result<i64, LoadError> {
    let limits = DecompressLimits::default();
    let mut scratch = Scratch::new();
    let (mut offset, end) = {
        let log = partition.log();
        (log.log_start_offset(), log.log_end_offset())
    };
    while offset < end {
        let read = partition.log().read(offset, READ_BYTES, end, true)?;
        let mut next_offset = offset;
        for batch in Batches::new(read.to_bytes()?) {
            let batch = batch?;
            batch.verify_crc()?;
            let header = batch.header;
            next_offset = next_offset.max(header.next_offset());
            let producer = header.is_transactional().then_some(TransactionalProducer {
                producer_id: header.producer_id,
                producer_epoch: header.producer_epoch,
            });
            if header.is_control() {
                if let (Some(producer), Some(marker)) = (producer, batch.end_transaction_marker()?) {
                    shard.replay_end_transaction(producer, marker.committed);
                }
                continue;
            }
            for record in batch.records(&limits, &mut scratch)? {
                let record = record?;
                let Some(key) = record.key else { continue };
                match S::decode(key, record.value) {
                    Ok(Some(decoded)) => shard.replay(&decoded, record.offset, producer),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::error!(topic = %partition.topic, partition = partition.index, offset = record.offset, %error, "a coordinator's record is left out");
                    }
                }
            }
        }
        if next_offset <= offset {
            break;
        }
        offset = next_offset;
    }
    Ok(end)
}
