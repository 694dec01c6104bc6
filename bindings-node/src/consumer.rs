//! The consumer's functions. Polls give blocks; rebalances come with them as values.

use crate::environment::{argument, hub};
use crate::handle::Handle;
use crate::hub::Outcome;
use crate::js::{Env, Value};
use crate::json;
use crate::thrown::Thrown;
use ottla::facade::Consumer;
use ottla::record::TopicPartition;
use serde_json::json;
use std::collections::BTreeMap;

/// `consumerStart(options)`.
pub(crate) fn start<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let options = json::pairs(&argument(arguments, 0)?.to_json(env)?)?;
    env.external(Handle::Consumer(Consumer::start(options)?))
}

/// `consumerPoll(consumer, id, milliseconds, maxRecords)`; 0 records: `max.poll.records`.
pub(crate) fn poll<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let consumer = argument(arguments, 0)?.to_native(env)?.consumer()?;
    let id = argument(arguments, 1)?.to_number(env)? as u32;
    let timeout = json::duration(argument(arguments, 2)?.to_number(env)?);
    let most = argument(arguments, 3)?.to_number(env)? as usize;
    hub(env)?.run(id, consumer.poll(timeout, (most > 0).then_some(most)), Outcome::from);
    env.undefined()
}

/// `consumerSeen(consumer, count)`: so many of the last poll's records were handed on.
pub(crate) fn seen<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let consumer = argument(arguments, 0)?.to_native(env)?.consumer()?;
    consumer.seen(argument(arguments, 1)?.to_number(env)? as usize)?;
    env.undefined()
}

/// `consumerTold(consumer)`: the application is told of the first change of the assignment that it had not been told of.
pub(crate) fn told<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    argument(arguments, 0)?.to_native(env)?.consumer()?.told(1)?;
    env.undefined()
}

/// `consumerWakeup(consumer)`: the poll under way, or else the next, returns at once.
pub(crate) fn wakeup<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    argument(arguments, 0)?.to_native(env)?.consumer()?.wakeup();
    env.undefined()
}

/// `consumerDo(consumer, operation, arguments)`: what needs no waiting; gives JSON.
pub(crate) fn perform<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let consumer = argument(arguments, 0)?.to_native(env)?.consumer()?;
    let operation = argument(arguments, 1)?.to_text(env)?;
    let given = argument(arguments, 2)?.to_json(env)?;
    let done = |()| serde_json::Value::Null;
    let shown = match operation.as_str() {
        "subscribe" => consumer.subscribe(json::texts(&given)?).map(done)?,
        "subscribePattern" => consumer.subscribe_pattern(&json::text(&given)?).map(done)?,
        "assign" => consumer.assign(json::partitions(&given)?).map(done)?,
        "assignment" => json::show_partitions(&consumer.assignment()?),
        "subscription" => consumer.subscription()?.into(),
        "paused" => json::show_partitions(&consumer.paused()?),
        "seek" => consumer.seek(&json::partition(&given)?, json::offset(&given)?).map(done)?,
        "seekToBeginning" => consumer.seek_to_beginning(&json::partitions(&given)?).map(done)?,
        "seekToEnd" => consumer.seek_to_end(&json::partitions(&given)?).map(done)?,
        "pause" => consumer.pause(&json::partitions(&given)?).map(done)?,
        "resume" => consumer.resume(&json::partitions(&given)?).map(done)?,
        "position" => consumer.position(&json::partition(&given)?)?.into(),
        "lag" => consumer.lag(&json::partition(&given)?)?.into(),
        "givingUp" => json::events(&consumer.giving_up()?),
        "groupMetadata" => match consumer.group_metadata()? {
            None => serde_json::Value::Null,
            Some(group) => json!({
                "groupId": group.group_id, "generationId": group.generation_id, "memberId": group.member_id,
                "groupInstanceId": group.group_instance_id,
            }),
        },
        _ => return Err(Thrown::defect("the consumer has no such operation")),
    };
    env.json(&shown)
}

/// `consumerCall(consumer, id, operation, arguments)`: what may wait.
pub(crate) fn call<'e>(env: Env<'e>, arguments: &[Value<'e>]) -> Result<Value<'e>, Thrown> {
    let consumer = argument(arguments, 0)?.to_native(env)?.consumer()?;
    let id = argument(arguments, 1)?.to_number(env)? as u32;
    let operation = argument(arguments, 2)?.to_text(env)?;
    let given = argument(arguments, 3)?.to_json(env)?;
    let hub = hub(env)?;
    match operation.as_str() {
        "unsubscribe" => hub.run(id, consumer.unsubscribe(), |()| Outcome::Nothing),
        "commit" => {
            let offsets = if given.is_null() { None } else { Some(json::offsets(&given)?) };
            hub.run(id, consumer.commit(offsets), |()| Outcome::Nothing);
        }
        "close" => hub.run(id, consumer.close(json::milliseconds(&given)?), |()| Outcome::Nothing),
        "closeAndRemain" => {
            hub.run(id, consumer.close_and_remain(json::milliseconds(&given)?), |()| Outcome::Nothing);
        }
        "committed" => hub.run(id, consumer.committed(json::partitions(&given)?), |found| {
            let show = |(partition, offset)| json::show_offset(partition, offset);
            Outcome::Json(found.iter().map(show).collect::<Vec<_>>().into())
        }),
        "beginningOffsets" => hub.run(id, consumer.beginning_offsets(json::partitions(&given)?), numbers),
        "endOffsets" => hub.run(id, consumer.end_offsets(json::partitions(&given)?), numbers),
        "offsetsForTimes" => {
            let list = given.as_array().map(Vec::as_slice).unwrap_or_default();
            let time = |item| Ok((json::partition(item)?, json::whole(&item["timestamp"], "a timestamp")?));
            let times = list.iter().map(time).collect::<Result<BTreeMap<_, _>, Thrown>>()?;
            hub.run(id, consumer.offsets_for_times(times), |found| {
                let show = |(partition, found): (&TopicPartition, &ottla::consumer::OffsetAndTimestamp)| {
                    json!({
                        "topic": &*partition.topic, "partition": partition.partition, "offset": found.offset,
                        "timestamp": found.timestamp_ms, "leaderEpoch": found.leader_epoch,
                    })
                };
                Outcome::Json(found.iter().map(show).collect::<Vec<_>>().into())
            });
        }
        _ => return Err(Thrown::defect("the consumer has no such operation")),
    }
    env.undefined()
}

fn numbers(found: BTreeMap<TopicPartition, i64>) -> Outcome {
    let show = |(partition, offset): (&TopicPartition, &i64)| json!({"topic": &*partition.topic, "partition": partition.partition, "offset": offset});
    Outcome::Json(found.iter().map(show).collect::<Vec<_>>().into())
}
