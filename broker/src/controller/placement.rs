//! Where replicas go. A **machine**: pure functions of the image.

use super::Refusal;
use crate::metadata::MetadataImage;
use ottla_wire::ErrorCode;

/// More partitions in one request would be a slip or an attack.
pub(super) const MAX_PARTITIONS: i32 = 100_000;

/// Replicas of `count` partitions from number `first` on, dealt out over the live brokers in turn.
pub(super) fn spread(
    image: &MetadataImage,
    first: i32,
    count: i32,
    factor: i32,
) -> Result<Vec<Vec<i32>>, Refusal> {
    let alive: Vec<i32> =
        image.brokers.values().filter(|broker| !broker.fenced).map(|broker| broker.node_id).collect();
    let Some(factor) = usize::try_from(factor).ok().filter(|factor| *factor > 0) else {
        let problem = "Replication factor must be larger than 0, or -1 to use the default value.";
        return Err((ErrorCode::INVALID_REPLICATION_FACTOR, problem.to_owned()));
    };
    if factor > alive.len() {
        let problem = format!(
            "Unable to replicate the partition {factor} time(s): The target replication factor of {factor} cannot be \
             reached because only {} broker(s) are registered.",
            alive.len()
        );
        return Err((ErrorCode::INVALID_REPLICATION_FACTOR, problem));
    }
    let numbers = first..first + count;
    let row = |partition: i32| {
        (0..factor).map(|replica| alive[(partition as usize + replica) % alive.len()]).collect()
    };
    Ok(numbers.map(row).collect())
}

/// Refuses replicas that no partition can have. All lists must have the same length.
pub(super) fn check<'a>(
    image: &MetadataImage,
    rows: impl Iterator<Item = &'a Vec<i32>>,
) -> Result<(), Refusal> {
    let wrong = |problem: &str| Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, problem.to_owned()));
    let mut factor = None;
    for replicas in rows {
        if replicas.is_empty() || *factor.get_or_insert(replicas.len()) != replicas.len() {
            return wrong("Inconsistent replication factor between partitions, or no replica at all.");
        }
        let mut distinct = replicas.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() != replicas.len() {
            return wrong("Duplicate brokers in a replica assignment.");
        }
        if replicas.iter().any(|node| !image.brokers.contains_key(node)) {
            return wrong("The replica assignment names a broker that is not registered.");
        }
    }
    Ok(())
}
