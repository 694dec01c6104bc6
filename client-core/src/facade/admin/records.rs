//! Records: delete those before an offset.

use super::common::{TopicPartition, call, keyed};
use super::shape::{PerItem, given, operations, told};
use crate::admin::Admin;
use crate::error::Error;
use crate::record::TopicPartition as CorePartition;
use std::time::Duration;

given! {
    /// Which records of a partition to delete.
    RecordsToDelete {
        /// The topic's name.
        topic: String,
        /// The partition's number.
        partition: i32,
        /// Records before this offset go; -1: all up to the high watermark.
        before_offset: i64,
    }
}

told! {
    /// A partition after its records were deleted.
    DeletedRecords {
        /// The first offset that is left.
        low_watermark: i64,
    }
}

operations! {
    /// Deletes the records before an offset in each partition.
    delete_records: DeleteRecords {
        /// The partitions, each once, and the offsets to delete before.
        records: Vec<RecordsToDelete>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<TopicPartition, DeletedRecords>,
    errors "Per partition: OFFSET_OUT_OF_RANGE for an offset above the high watermark, POLICY_VIOLATION for a topic that is compacted and never deletes, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of the call: InvalidArgument for a partition named twice.",
    source "DeleteRecords (KIP-107)";
}

async fn delete_records(
    admin: Admin,
    given: DeleteRecords,
) -> Result<PerItem<TopicPartition, DeletedRecords>, Error> {
    let before = given
        .records
        .into_iter()
        .map(|records| (CorePartition::new(records.topic, records.partition), records.before_offset));
    let before = keyed("delete_records", "records", before)?;
    let results = admin.delete_records(before, call(given.timeout)).await?;
    Ok(PerItem::from(results, TopicPartition::from, |low_watermark| DeletedRecords { low_watermark }))
}
