//! Which broker to ask. A **machine**: looks at a snapshot and at who is busy, decides.

use super::snapshot::{ClusterSnapshot, NodeId};
use crate::error::{Error, ErrorKind};
use ottla_wire::ErrorCode;

/// A partition's leader and its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leader {
    pub(crate) node: NodeId,
    pub(crate) epoch: Option<i32>,
}

/// The leader of a partition, or why there is none.
pub(crate) fn leader(snapshot: &ClusterSnapshot, topic: &str, partition: i32) -> Result<Leader, Error> {
    let fail = |code: ErrorCode| {
        Err(Error::from_code(code, "find the leader")
            .with_context("topic", topic)
            .with_context("partition", partition))
    };
    let Some(known) = snapshot.topic(topic) else {
        return fail(snapshot.topic_error(topic).unwrap_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    };
    let Some(found) = known.partition(partition) else {
        return Err(Error::from_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, "find the leader")
            .with_context("topic", topic)
            .with_context("partition", partition)
            .with_hint(format!("the topic has {} partitions, numbered from 0", known.partitions.len())));
    };
    match found.leader {
        Some(node) if snapshot.brokers.contains_key(&node) => Ok(Leader { node, epoch: found.leader_epoch }),
        Some(node) => Err(Error::new(
            ErrorKind::Broker,
            "find the leader",
            format!("broker {node}, the leader, is not among the brokers the cluster listed"),
        )
        .with_code(ErrorCode::LEADER_NOT_AVAILABLE)
        .with_context("topic", topic)
        .with_context("partition", partition)),
        None if found.error.is_err() => fail(found.error),
        None => fail(ErrorCode::LEADER_NOT_AVAILABLE),
    }
}

/// One candidate for a request any broker can answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<P> {
    pub(crate) peer: P,
    /// Requests outstanding, when it is connected.
    pub(crate) outstanding: Option<usize>,
    /// Pausing after a failure.
    pub(crate) pausing: bool,
}

/// The candidates in the order to try them: connected ones by load, then others, then those that just failed.
/// `offset` turns the order among equals, so that clients do not all ask the same broker.
pub(crate) fn order<P: Copy>(candidates: &[Candidate<P>], offset: usize) -> Vec<P> {
    let count = candidates.len().max(1);
    let mut turned: Vec<_> =
        (0..candidates.len()).map(|index| candidates[(index + offset) % count]).collect();
    turned.sort_by_key(|candidate| match candidate {
        Candidate { outstanding: Some(outstanding), .. } => (0, *outstanding),
        Candidate { pausing: false, .. } => (1, 0),
        Candidate { pausing: true, .. } => (2, 0),
    });
    turned.into_iter().map(|candidate| candidate.peer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(peer: i32, outstanding: Option<usize>, pausing: bool) -> Candidate<i32> {
        Candidate { peer, outstanding, pausing }
    }

    #[test]
    fn idle_connections_come_first_and_failed_brokers_last() {
        let candidates = [
            candidate(1, None, true),
            candidate(2, Some(3), false),
            candidate(3, None, false),
            candidate(4, Some(0), false),
        ];
        assert_eq!(order(&candidates, 0), [4, 2, 3, 1]);
    }

    #[test]
    fn the_offset_turns_the_order_among_equals() {
        let candidates = [candidate(1, None, false), candidate(2, None, false), candidate(3, None, false)];
        assert_eq!(order(&candidates, 2), [3, 1, 2]);
        assert_eq!(order(&candidates, 7), [2, 3, 1]);
        assert!(order::<i32>(&[], 5).is_empty());
    }
}
