//! Consumers: polls in blocks, everything else as JSON.

use crate::boundary::argument;
use crate::events::Event;
use crate::operations::begin_with;
use crate::values::{
    list, number, offset, offsets, partition, partitions, show_each, show_partitions, show_rebalance, text,
    timeout,
};
use ottla::Error;
use ottla::facade::{Consumer, Operation};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Polls; `token` is told the records.
pub(crate) fn poll(consumer: &Consumer, at_most: Duration, max_records: Option<usize>, token: i64) {
    begin_with(token, consumer.poll(at_most, max_records), move |records| Event::Records(token, records));
}

/// The first of what rebalances brought and the listener has not heard, as JSON.
pub(crate) fn untold(consumer: &Consumer) -> Result<Option<String>, Error> {
    Ok(consumer.untold()?.map(|event| show_rebalance(&event).to_string()))
}

/// A call that does not wait.
pub(crate) fn ask(consumer: &Consumer, what: &str, arguments: &Value) -> Result<Value, Error> {
    let chosen = || partitions(arguments, "partitions");
    match what {
        "subscribe" => {
            let texts = list(arguments, "topics")?.iter().map(|topic| topic.as_str().map(str::to_owned));
            let topics: Option<Vec<_>> = texts.collect();
            consumer.subscribe(topics.ok_or_else(|| argument("topics", "they must be texts"))?)?;
        }
        "subscribe_pattern" => consumer.subscribe_pattern(text(arguments, "pattern")?)?,
        "assign" => consumer.assign(chosen()?)?,
        "assignment" => return Ok(show_partitions(&consumer.assignment()?)),
        "subscription" => return Ok(consumer.subscription()?.into()),
        "paused" => return Ok(show_partitions(&consumer.paused()?)),
        "wakeup" => consumer.wakeup(),
        "seek" => consumer.seek(&partition(arguments)?, offset(arguments)?)?,
        "seek_to_beginning" => consumer.seek_to_beginning(&chosen()?)?,
        "seek_to_end" => consumer.seek_to_end(&chosen()?)?,
        "pause" => consumer.pause(&chosen()?)?,
        "resume" => consumer.resume(&chosen()?)?,
        "position" => return Ok(consumer.position(&partition(arguments)?)?.into()),
        "lag" => return Ok(consumer.lag(&partition(arguments)?)?.into()),
        "giving_up" => return Ok(consumer.giving_up()?.iter().map(show_rebalance).collect()),
        "group_metadata" => {
            return Ok(consumer.group_metadata()?.map_or(Value::Null, |group| {
                json!({
                    "group_id": group.group_id, "generation_id": group.generation_id,
                    "member_id": group.member_id, "group_instance_id": group.group_instance_id,
                })
            }));
        }
        other => return Err(argument("operation", format!("a consumer has no {other}"))),
    }
    Ok(Value::Null)
}

/// A call that may wait.
pub(crate) fn begin(consumer: &Consumer, what: &str, arguments: &Value) -> Result<Operation<Value>, Error> {
    let chosen = || partitions(arguments, "partitions");
    let show_offsets =
        |found: BTreeMap<_, i64>| show_each(&found, |offset, value| value["offset"] = (*offset).into());
    let nothing = |()| Value::Null;
    Ok(match what {
        "unsubscribe" => consumer.unsubscribe().map(nothing),
        "commit" => {
            let given = arguments["offsets"].is_array().then(|| offsets(arguments, "offsets")).transpose()?;
            consumer.commit(given).map(nothing)
        }
        "committed" => consumer.committed(chosen()?).map(|found| {
            show_each(&found, |committed, value| {
                value["offset"] = committed.offset.into();
                value["leader_epoch"] = committed.leader_epoch.into();
                value["metadata"] = committed.metadata.clone().into();
            })
        }),
        "beginning_offsets" => consumer.beginning_offsets(chosen()?).map(show_offsets),
        "end_offsets" => consumer.end_offsets(chosen()?).map(show_offsets),
        "offsets_for_times" => {
            let times: Result<BTreeMap<_, _>, Error> = list(arguments, "times")?
                .iter()
                .map(|time| Ok((partition(time)?, number(time, "timestamp_ms")?)))
                .collect();
            consumer.offsets_for_times(times?).map(|found| {
                show_each(&found, |at, value| {
                    value["offset"] = at.offset.into();
                    value["timestamp_ms"] = at.timestamp_ms.into();
                    value["leader_epoch"] = at.leader_epoch.into();
                })
            })
        }
        "close" => match arguments["remain"].as_bool() {
            Some(true) => consumer.close_and_remain(timeout(arguments)?).map(nothing),
            _ => consumer.close(timeout(arguments)?).map(nothing),
        },
        other => return Err(argument("operation", format!("a consumer has no {other}"))),
    })
}
