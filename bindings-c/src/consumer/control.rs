//! Subscribing, positions, commits, and questions about offsets.

use super::{Inner, inner, ottla_consumer_t};
use crate::boundary::{Deadline, enter, timeout, wait};
use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use crate::offsets::{
    OTTLA_NO_OFFSET, ottla_offset_t, ottla_offsets_t, ottla_partition_time_t, read_offset, read_offsets,
    read_times,
};
use crate::partitions::{
    ottla_partitions_t, ottla_texts_t, ottla_topic_partition_t, partition, read_partitions,
};
use crate::pointers::{argument, c_text, give, handle, out, quietly, slice, take_back, text};
use ottla::Error;
use ottla::consumer::GroupMetadata;
use ottla::facade::Consumer;
use ottla::record::TopicPartition;
use std::ffi::{CString, c_char};

const UNSUBSCRIBE: &str = "unsubscribe";

/// Reads these topics as a member of the group, instead of what was subscribed before. Polling joins the group. Texts are
/// copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_subscribe(
    consumer: *mut ottla_consumer_t,
    topics: *const *const c_char,
    topic_count: usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        let topics = slice(topics, topic_count, "topics")?;
        let topics: Result<Vec<_>, Error> =
            topics.iter().map(|topic| Ok(text(*topic, "topic")?.to_owned())).collect();
        let topics = topics?;
        inner.reposition(|consumer| consumer.subscribe(topics))
    })
}

/// Reads every topic whose whole name matches, as they come and go. The pattern is one of Rust's crate "regex".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_subscribe_pattern(
    consumer: *mut ottla_consumer_t,
    pattern: *const c_char,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        let pattern = text(pattern, "pattern")?;
        inner.reposition(|consumer| consumer.subscribe_pattern(pattern))
    })
}

/// Stops reading, after the callback was told what is given up, and leaves the group, waiting for that up to `timeout_ms`,
/// not counting the callback; it goes on when that is over. Nothing is committed. Errors: OTTLA_INVALID_STATE within the
/// callback; OTTLA_TIMEOUT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_unsubscribe(
    consumer: *mut ottla_consumer_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        let at_most = timeout(timeout_ms)?;
        let deadline = Deadline::after(at_most);
        inner.telling.wait_over(UNSUBSCRIBE, deadline)?;
        inner.tell_seen()?;
        inner.tell_giving_up(consumer, UNSUBSCRIBE, deadline)?;
        let outcome = wait(inner.consumer.unsubscribe(), at_most, UNSUBSCRIBE);
        inner.forget();
        outcome
    })
}

/// Reads exactly these partitions, outside the group's rebalancing; none stops reading. With a group, reading starts at its
/// committed offsets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_assign(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    partition_count: usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        let partitions = read_partitions(partitions, partition_count)?;
        inner.reposition(|consumer| consumer.assign(partitions))
    })
}

/// Gives what the library answers to the caller.
unsafe fn answer<T>(
    consumer: *mut ottla_consumer_t,
    to: *mut *mut T,
    name: &'static str,
    error: *mut *mut ottla_error_t,
    ask: impl FnOnce(&Inner) -> Result<T, Error>,
) -> ottla_status_t {
    enter(error, || {
        let to = out(to, name)?;
        *to = std::ptr::null_mut();
        let inner = inner(consumer)?;
        inner.tell_seen()?;
        give(to, ask(&inner)?);
        Ok(())
    })
}

/// The partitions being read. `*partitions` is owned by the caller: ottla_partitions_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_assignment(
    consumer: *mut ottla_consumer_t,
    partitions: *mut *mut ottla_partitions_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    answer(consumer, partitions, "partitions", error, |inner| {
        Ok(ottla_partitions_t::new(&inner.consumer.assignment()?))
    })
}

/// The partitions that are paused. `*partitions` is owned by the caller: ottla_partitions_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_paused(
    consumer: *mut ottla_consumer_t,
    partitions: *mut *mut ottla_partitions_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    answer(consumer, partitions, "partitions", error, |inner| {
        Ok(ottla_partitions_t::new(&inner.consumer.paused()?))
    })
}

/// The subscribed topics; of a pattern, those that match as far as known. `*topics` is owned by the caller:
/// ottla_texts_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_subscription(
    consumer: *mut ottla_consumer_t,
    topics: *mut *mut ottla_texts_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    answer(consumer, topics, "topics", error, |inner| Ok(ottla_texts_t::new(&inner.consumer.subscription()?)))
}

/// Commits offsets, each the next to read, and waits for the coordinator's answer up to `timeout_ms`; the commit goes on
/// when that is over. `offsets` NULL with a count of 0 commits the positions of everything handed out.
///
/// Errors: OTTLA_BROKER_ERROR with OTTLA_CODE_REBALANCE_IN_PROGRESS or OTTLA_CODE_ILLEGAL_GENERATION when the group has gone
/// on without this consumer; OTTLA_INVALID_STATE without a group; OTTLA_TIMEOUT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_commit(
    consumer: *mut ottla_consumer_t,
    offsets: *const ottla_offset_t,
    offset_count: usize,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        let at_most = timeout(timeout_ms)?;
        inner.tell_seen()?;
        let chosen = match (offsets.is_null(), offset_count) {
            (true, 0) => None,
            _ => Some(read_offsets(offsets, offset_count)?),
        };
        wait(inner.consumer.commit(chosen), at_most, "commit offsets")
    })
}

/// Goes on at `offset` of its partition with the next poll; the metadata is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_seek(
    consumer: *mut ottla_consumer_t,
    offset: *const ottla_offset_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        let (partition, to) = read_offset(handle(offset, "offset")?)?;
        inner.reposition(|consumer| consumer.seek(&partition, to))
    })
}

type Reposition = fn(&Consumer, &[TopicPartition]) -> Result<(), Error>;

unsafe fn reposition(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    count: usize,
    error: *mut *mut ottla_error_t,
    change: Reposition,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        let partitions = read_partitions(partitions, count)?;
        inner.reposition(|consumer| change(consumer, &partitions))
    })
}

/// Goes on at the beginning of these partitions; of all that are assigned for NULL with a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_seek_to_beginning(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    partition_count: usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    reposition(consumer, partitions, partition_count, error, Consumer::seek_to_beginning)
}

/// Goes on at the end of these partitions; of all that are assigned for NULL with a count of 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_seek_to_end(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    partition_count: usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    reposition(consumer, partitions, partition_count, error, Consumer::seek_to_end)
}

/// Hands out nothing of these partitions until ottla_consumer_resume(); survives rebalances that keep them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_pause(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    partition_count: usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    reposition(consumer, partitions, partition_count, error, Consumer::pause)
}

/// Ends an ottla_consumer_pause().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_resume(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    partition_count: usize,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter(error, || {
        let inner = inner(consumer)?;
        inner.consumer.resume(&read_partitions(partitions, partition_count)?)
    })
}

unsafe fn number(
    consumer: *mut ottla_consumer_t,
    topic: *const c_char,
    number: i32,
    to: *mut i64,
    name: &'static str,
    error: *mut *mut ottla_error_t,
    ask: fn(&Consumer, &TopicPartition) -> Result<Option<i64>, Error>,
) -> ottla_status_t {
    enter(error, || {
        let to = out(to, name)?;
        let inner = inner(consumer)?;
        inner.tell_seen()?;
        *to = ask(&inner.consumer, &partition(topic, number)?)?.unwrap_or(OTTLA_NO_OFFSET);
        Ok(())
    })
}

/// The next offset to hand out; OTTLA_NO_OFFSET while it is not known, or the partition is not assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_position(
    consumer: *mut ottla_consumer_t,
    topic: *const c_char,
    partition: i32,
    position: *mut i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    number(consumer, topic, partition, position, "position", error, Consumer::position)
}

/// How many offsets lie between the position and the end as of the last fetch; -1 before that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_lag(
    consumer: *mut ottla_consumer_t,
    topic: *const c_char,
    partition: i32,
    lag: *mut i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    number(consumer, topic, partition, lag, "lag", error, Consumer::lag)
}

/// The group's committed offsets: an entry for each partition, in the same order, with OTTLA_NO_OFFSET where there is none.
/// `*offsets` is owned by the caller: ottla_offsets_free().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_committed(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    partition_count: usize,
    timeout_ms: i64,
    offsets: *mut *mut ottla_offsets_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    answer(consumer, offsets, "offsets", error, |inner| {
        let asked = read_partitions(partitions, partition_count)?;
        let at_most = timeout(timeout_ms)?;
        let found = wait(inner.consumer.committed(asked.clone()), at_most, "fetch committed offsets")?;
        Ok(ottla_offsets_t::of_committed(&asked, &found))
    })
}

/// The first offsets of partitions: an entry for each, in the same order. `*offsets` is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_beginning_offsets(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    partition_count: usize,
    timeout_ms: i64,
    offsets: *mut *mut ottla_offsets_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    answer(consumer, offsets, "offsets", error, |inner| {
        let asked = read_partitions(partitions, partition_count)?;
        let at_most = timeout(timeout_ms)?;
        let found = wait(inner.consumer.beginning_offsets(asked.clone()), at_most, "list offsets")?;
        Ok(ottla_offsets_t::of_edges(&asked, &found))
    })
}

/// The offsets the next records will get; with isolation.level=read_committed the last stable ones: an entry for each
/// partition, in the same order. `*offsets` is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_end_offsets(
    consumer: *mut ottla_consumer_t,
    partitions: *const ottla_topic_partition_t,
    partition_count: usize,
    timeout_ms: i64,
    offsets: *mut *mut ottla_offsets_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    answer(consumer, offsets, "offsets", error, |inner| {
        let asked = read_partitions(partitions, partition_count)?;
        let at_most = timeout(timeout_ms)?;
        let found = wait(inner.consumer.end_offsets(asked.clone()), at_most, "list offsets")?;
        Ok(ottla_offsets_t::of_edges(&asked, &found))
    })
}

/// For each partition, in the same order, the first offset whose record is no older than a time, with that record's
/// timestamp; OTTLA_NO_OFFSET where there is none. `*offsets` is owned by the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_offsets_for_times(
    consumer: *mut ottla_consumer_t,
    times: *const ottla_partition_time_t,
    time_count: usize,
    timeout_ms: i64,
    offsets: *mut *mut ottla_offsets_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    answer(consumer, offsets, "offsets", error, |inner| {
        let listed = slice(times, time_count, "times")?;
        let asked: Result<Vec<_>, Error> =
            listed.iter().map(|time| partition(time.topic, time.partition)).collect();
        let at_most = timeout(timeout_ms)?;
        let operation = inner.consumer.offsets_for_times(read_times(times, time_count)?);
        Ok(ottla_offsets_t::of_times(&asked?, &wait(operation, at_most, "list offsets")?))
    })
}

/// Who a consumer is in its group, owned by the caller: free it with ottla_group_metadata_free().
pub struct ottla_group_metadata_t {
    group_id: CString,
    generation_id: i32,
    member_id: CString,
    group_instance_id: Option<CString>,
}

impl ottla_group_metadata_t {
    fn new(found: &GroupMetadata) -> Self {
        Self {
            group_id: c_text(&found.group_id),
            generation_id: found.generation_id,
            member_id: c_text(&found.member_id),
            group_instance_id: found.group_instance_id.as_deref().map(c_text),
        }
    }
}

/// Who this consumer is in its group. `*metadata` is owned by the caller. Errors: OTTLA_INVALID_ARGUMENT without a group.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_consumer_group_metadata(
    consumer: *mut ottla_consumer_t,
    metadata: *mut *mut ottla_group_metadata_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    answer(consumer, metadata, "metadata", error, |inner| {
        let found = inner.consumer.group_metadata()?;
        let found = found.ok_or_else(|| argument("consumer", "it has no group: set group.id"))?;
        Ok(ottla_group_metadata_t::new(&found))
    })
}

/// "group.id". NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_group_metadata_group_id(
    metadata: *const ottla_group_metadata_t,
) -> *const c_char {
    quietly(std::ptr::null(), || metadata.as_ref().map_or(std::ptr::null(), |m| m.group_id.as_ptr()))
}

/// The generation; -1 outside one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_group_metadata_generation_id(metadata: *const ottla_group_metadata_t) -> i32 {
    quietly(-1, || metadata.as_ref().map_or(-1, |m| m.generation_id))
}

/// The member id; empty before the first join. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_group_metadata_member_id(
    metadata: *const ottla_group_metadata_t,
) -> *const c_char {
    quietly(std::ptr::null(), || metadata.as_ref().map_or(std::ptr::null(), |m| m.member_id.as_ptr()))
}

/// "group.instance.id"; NULL when it is not set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_group_metadata_group_instance_id(
    metadata: *const ottla_group_metadata_t,
) -> *const c_char {
    quietly(std::ptr::null(), || {
        let id = metadata.as_ref().and_then(|m| m.group_instance_id.as_ref());
        id.map_or(std::ptr::null(), |id| id.as_ptr())
    })
}

/// Frees it. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_group_metadata_free(metadata: *mut ottla_group_metadata_t) {
    take_back(metadata);
}
