//! Small conversions between this module's types and the messages'.

use crate::error::Error;
use crate::record::TopicPartition;
use ottla_wire::ErrorCode;
use ottla_wire::messages::{GroupId, TopicName};
use ottla_wire::protocol::StrBytes;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(super) fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}

pub(super) fn group_id(id: &str) -> GroupId {
    GroupId(text(id))
}

/// `Ok` for code 0, else the error it stands for.
pub(super) fn check(code: i16, message: Option<&StrBytes>, operation: &'static str) -> Result<(), Error> {
    let code = ErrorCode(code);
    if code.is_ok() {
        return Ok(());
    }
    Err(Error::from_code_and_message(code, operation, message.map(StrBytes::as_str)))
}

/// Kafka calls a missing topic retriable, for clients with stale metadata; the controller's word is final.
pub(super) fn final_if_missing(error: Error) -> Error {
    match error.code() {
        Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID) => {
            error.with_retriable(false)
        }
        _ => error,
    }
}

/// Partitions by topic, as nearly every request wants them.
pub(super) fn by_topic<'a>(
    partitions: impl IntoIterator<Item = &'a TopicPartition>,
) -> BTreeMap<Arc<str>, Vec<i32>> {
    let mut grouped: BTreeMap<Arc<str>, Vec<i32>> = BTreeMap::new();
    for partition in partitions {
        grouped.entry(partition.topic.clone()).or_default().push(partition.partition);
    }
    grouped
}

/// Authorized operations as the broker packs them; `None` when it was not asked or does not say.
pub(super) fn operations(bits: i32) -> Option<i32> {
    (bits != i32::MIN).then_some(bits)
}
