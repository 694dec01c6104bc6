//! Offsets: of logs, and those groups committed.

use super::common::{TopicPartition, call, keyed, wrong_field};
use super::shape::{PerItem, given, operations, told, words};
use crate::admin::{Admin, OffsetAndMetadata, OffsetSpec as CoreSpec};
use crate::config::IsolationLevel as CoreIsolation;
use crate::error::Error;
use crate::record::TopicPartition as CorePartition;
use std::time::Duration;

words! {
    /// Which offset of a log.
    OffsetSpec {
        /// The first one.
        Earliest = "EARLIEST",
        /// The one the next record gets (with `READ_COMMITTED`, the last stable one).
        Latest = "LATEST",
        /// That of the record with the largest timestamp.
        MaxTimestamp = "MAX_TIMESTAMP",
        /// The first one at or after a time.
        ForTimestamp = "FOR_TIMESTAMP",
        /// The first one still on the leader's disk, with tiered storage.
        EarliestLocal = "EARLIEST_LOCAL",
        /// The last one in tiered storage.
        LatestTiered = "LATEST_TIERED",
    }

    /// Which records count.
    IsolationLevel {
        /// All below the high watermark.
        ReadUncommitted = "READ_UNCOMMITTED",
        /// Those of committed transactions and of none.
        ReadCommitted = "READ_COMMITTED",
    }
}

given! {
    /// Which offset of a partition's log to look up.
    OffsetQuery {
        /// The topic's name.
        topic: String,
        /// The partition's number.
        partition: i32,
        /// Which offset.
        spec: OffsetSpec,
        /// With `FOR_TIMESTAMP` the time, in ms since the Unix epoch; else nothing.
        timestamp_ms: Option<i64> = "null",
    }

    /// Whose committed offsets to list.
    GroupOffsetsQuery {
        /// The group's id.
        group_id: String,
        /// Of these partitions; if left out, of all the group has.
        partitions: Option<Vec<TopicPartition>> = "null",
    }

    /// An offset that a group committed, or shall have.
    CommittedOffset {
        /// The topic's name.
        topic: String,
        /// The partition's number.
        partition: i32,
        /// The offset of the next record to read.
        offset: i64,
        /// Leader epoch of the last record read, where known.
        leader_epoch: Option<i32> = "null",
        /// What the committer noted beside it.
        metadata: String = "\"\"",
    }
}

told! {
    /// An offset found.
    ListOffsetsResultInfo {
        /// The offset; nothing when no record matches.
        offset: Option<i64>,
        /// Timestamp of its record, in ms since the Unix epoch; nothing where there is none.
        timestamp_ms: Option<i64>,
        /// Leader epoch of its record, where known.
        leader_epoch: Option<i32>,
    }
}

operations! {
    /// Looks up offsets of logs, asked at the partitions' leaders.
    list_offsets: ListOffsets {
        /// The partitions, each once, and which offset of each.
        queries: Vec<OffsetQuery>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
        /// Which records count.
        isolation_level: IsolationLevel = "\"READ_UNCOMMITTED\"",
    } -> PerItem<TopicPartition, ListOffsetsResultInfo>,
    errors "Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED, Unsupported where the broker is older than the spec. Of the call: InvalidArgument for a partition named twice, for FOR_TIMESTAMP without a time, for any other with one.",
    source "ListOffsets (KIP-79, KIP-98, KIP-396, KIP-405, KIP-734, KIP-1005)";

    /// Lists the offsets groups committed. A partition without a commit is left out.
    list_consumer_group_offsets: ListConsumerGroupOffsets {
        /// The groups, each once.
        groups: Vec<GroupOffsetsQuery>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
        /// Wait for offsets that open transactions commit to be decided, instead of giving those before.
        require_stable: bool = "false",
    } -> PerItem<String, Vec<CommittedOffset>>,
    errors "Per group: GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE, UNSTABLE_OFFSET_COMMIT with require_stable. A group that does not exist has no offsets. Of the call: InvalidArgument for a group named twice.",
    source "OffsetFetch (KIP-88, KIP-447, KIP-709)";

    /// Sets the offsets of a group without members.
    alter_consumer_group_offsets: AlterConsumerGroupOffsets {
        /// The group's id.
        group_id: String,
        /// The offsets it shall have, each partition once.
        offsets: Vec<CommittedOffset>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<TopicPartition, ()>,
    errors "Per partition: UNKNOWN_MEMBER_ID while the group has members, UNKNOWN_TOPIC_OR_PARTITION, OFFSET_METADATA_TOO_LARGE, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED. Of the call: InvalidArgument for a partition named twice.",
    source "OffsetCommit (KIP-396)";

    /// Deletes committed offsets of topics the group's members do not subscribe to.
    delete_consumer_group_offsets: DeleteConsumerGroupOffsets {
        /// The group's id.
        group_id: String,
        /// The partitions whose offsets go.
        partitions: Vec<TopicPartition>,
        /// How long the call may take, retries included; if left out, `default.api.timeout.ms`.
        timeout: Option<Duration> = "null",
    } -> PerItem<TopicPartition, ()>,
    errors "Per partition: GROUP_SUBSCRIBED_TO_TOPIC, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of the call: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED.",
    source "OffsetDelete (KIP-496)";
}

async fn list_offsets(
    admin: Admin,
    given: ListOffsets,
) -> Result<PerItem<TopicPartition, ListOffsetsResultInfo>, Error> {
    let mut specs = Vec::with_capacity(given.queries.len());
    for (index, query) in given.queries.into_iter().enumerate() {
        let spec = read_spec(query.spec, query.timestamp_ms)
            .map_err(|problem| wrong_field("list_offsets", "queries", index, "timestamp_ms", problem))?;
        specs.push((CorePartition::new(query.topic, query.partition), spec));
    }
    let specs = keyed("list_offsets", "queries", specs)?;
    let isolation_level = match given.isolation_level {
        IsolationLevel::ReadUncommitted => CoreIsolation::ReadUncommitted,
        IsolationLevel::ReadCommitted => CoreIsolation::ReadCommitted,
    };
    let results = admin.list_offsets(specs, isolation_level, call(given.timeout)).await?;
    Ok(PerItem::from(results, TopicPartition::from, |found| ListOffsetsResultInfo {
        offset: found.offset,
        timestamp_ms: found.timestamp_ms,
        leader_epoch: found.leader_epoch,
    }))
}

fn read_spec(spec: OffsetSpec, timestamp_ms: Option<i64>) -> Result<CoreSpec, &'static str> {
    Ok(match (spec, timestamp_ms) {
        // Times below zero are Kafka's codes for the others.
        (OffsetSpec::ForTimestamp, Some(timestamp_ms)) if timestamp_ms >= 0 => {
            CoreSpec::ForTimestamp(timestamp_ms)
        }
        (OffsetSpec::ForTimestamp, Some(_)) => return Err("it must not be before 1970"),
        (OffsetSpec::ForTimestamp, None) => return Err("FOR_TIMESTAMP needs one"),
        (_, Some(_)) => return Err("only FOR_TIMESTAMP takes one"),
        (OffsetSpec::Earliest, None) => CoreSpec::Earliest,
        (OffsetSpec::Latest, None) => CoreSpec::Latest,
        (OffsetSpec::MaxTimestamp, None) => CoreSpec::MaxTimestamp,
        (OffsetSpec::EarliestLocal, None) => CoreSpec::EarliestLocal,
        (OffsetSpec::LatestTiered, None) => CoreSpec::LatestTiered,
    })
}

async fn list_consumer_group_offsets(
    admin: Admin,
    given: ListConsumerGroupOffsets,
) -> Result<PerItem<String, Vec<CommittedOffset>>, Error> {
    let groups = given.groups.into_iter().map(|query| {
        let partitions = query.partitions.map(|partitions| partitions.into_iter().map(Into::into).collect());
        (query.group_id, partitions)
    });
    let groups = keyed("list_consumer_group_offsets", "groups", groups)?;
    let results =
        admin.list_consumer_group_offsets(groups, given.require_stable, call(given.timeout)).await?;
    Ok(PerItem::from(
        results,
        |group| group,
        |offsets| {
            let offset = |(partition, offset): (CorePartition, OffsetAndMetadata)| CommittedOffset {
                topic: partition.topic.to_string(),
                partition: partition.partition,
                offset: offset.offset,
                leader_epoch: offset.leader_epoch,
                metadata: offset.metadata,
            };
            offsets.into_iter().map(offset).collect()
        },
    ))
}

async fn alter_consumer_group_offsets(
    admin: Admin,
    given: AlterConsumerGroupOffsets,
) -> Result<PerItem<TopicPartition, ()>, Error> {
    let offsets = given.offsets.into_iter().map(|committed| {
        let partition = CorePartition::new(committed.topic, committed.partition);
        let CommittedOffset { offset, leader_epoch, metadata, .. } = committed;
        (partition, OffsetAndMetadata { offset, leader_epoch, metadata })
    });
    let offsets = keyed("alter_consumer_group_offsets", "offsets", offsets)?;
    let results = admin.alter_consumer_group_offsets(&given.group_id, offsets, call(given.timeout)).await?;
    Ok(PerItem::from(results, TopicPartition::from, |()| ()))
}

async fn delete_consumer_group_offsets(
    admin: Admin,
    given: DeleteConsumerGroupOffsets,
) -> Result<PerItem<TopicPartition, ()>, Error> {
    let partitions = given.partitions.into_iter().map(Into::into);
    let results =
        admin.delete_consumer_group_offsets(&given.group_id, partitions, call(given.timeout)).await?;
    Ok(PerItem::from(results, TopicPartition::from, |()| ()))
}
