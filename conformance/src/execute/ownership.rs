//! Whether two members of a group ever owned the same partition at the same time, as far as polls can tell for certain.
//!
//! A poll's answer tells what its member owned at some moment between the question and the answer. Two polls in a row that
//! both tell of a partition, with no rebalance in between, show that it was owned from the first one's answer to the second
//! one's question at the least. Two members of whom that is certain for the same moment are one too many.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// When a member certainly owned a partition: empty until a second poll confirms it.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: Instant,
    to: Instant,
    /// Whether the next poll may prolong it.
    is_open: bool,
}

impl Span {
    fn overlaps(&self, other: &Self) -> bool {
        let common = (self.from.max(other.from), self.to.min(other.to));
        common.0 < common.1
    }
}

/// What polls told of who owned what: by partition (as JSON text) and member.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    spans: BTreeMap<String, BTreeMap<String, Vec<Span>>>,
}

impl Ownership {
    /// Takes the answer of `member`'s poll. An `Err` names a partition that it and another member own at the same time.
    pub(super) fn note(
        &mut self,
        member: &str,
        asked: Instant,
        answered: Instant,
        polled: &Value,
    ) -> Result<(), String> {
        let events = polled["events"].as_array().into_iter().flatten();
        let moved: BTreeSet<String> = events.flat_map(|event| texts(&event["partitions"])).collect();
        let owned: BTreeSet<String> = texts(&polled["assignment"]).collect();
        for (partition, members) in &mut self.spans {
            let last = members.get_mut(member).and_then(|spans| spans.last_mut());
            if let Some(span) = last.filter(|_| moved.contains(partition) || !owned.contains(partition)) {
                span.is_open = false;
            }
        }
        for partition in owned {
            let members = self.spans.entry(partition.clone()).or_default();
            let spans = members.entry(member.to_owned()).or_default();
            let Some(span) = spans.last_mut().filter(|span| span.is_open) else {
                spans.push(Span { from: answered, to: answered, is_open: true });
                continue;
            };
            span.to = span.to.max(asked);
            let span = *span;
            let mut others = members.iter().filter(|(name, _)| *name != member);
            if let Some((other, _)) =
                others.find(|(_, spans)| spans.iter().any(|other| other.overlaps(&span)))
            {
                return Err(format!("{partition} is owned by {member} and {other} at the same time"));
            }
        }
        Ok(())
    }
}

fn texts(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().map(Value::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    /// Polls by member: asked and answered at these milliseconds, `revoked` between, `owns` afterwards.
    struct Polls {
        start: Instant,
        ownership: Ownership,
    }

    impl Polls {
        fn new() -> Self {
            Self { start: ottla_env::Env::system().now(), ownership: Ownership::default() }
        }

        fn poll(&mut self, member: &str, at: [u64; 2], revoked: bool, owns: bool) -> Result<(), String> {
            let partition = json!({"topic": "t", "partition": 0});
            let list = |is_there: bool| if is_there { vec![partition.clone()] } else { Vec::new() };
            let polled = json!({
                "events": [{"type": "revoked", "partitions": list(revoked)}],
                "assignment": list(owns),
            });
            let [asked, answered] = at.map(|ms| self.start + Duration::from_millis(ms));
            self.ownership.note(member, asked, answered, &polled)
        }
    }

    #[test]
    fn partition_that_moves_between_polls_has_one_owner() {
        let mut polls = Polls::new();
        assert_eq!(polls.poll("a", [0, 10], false, true), Ok(()));
        assert_eq!(polls.poll("a", [20, 30], false, true), Ok(()));
        // Given up somewhere between 40 and 60, taken by the other somewhere between 45 and 70.
        assert_eq!(polls.poll("b", [45, 50], false, true), Ok(()));
        assert_eq!(polls.poll("a", [40, 60], true, false), Ok(()));
        assert_eq!(polls.poll("b", [65, 70], false, true), Ok(()));
    }

    #[test]
    fn partition_that_comes_back_within_one_poll_was_not_owned_throughout() {
        let mut polls = Polls::new();
        assert_eq!(polls.poll("a", [0, 10], false, true), Ok(()));
        assert_eq!(polls.poll("b", [20, 25], false, true), Ok(()));
        assert_eq!(polls.poll("b", [30, 35], false, true), Ok(()));
        assert_eq!(polls.poll("b", [40, 45], true, false), Ok(()));
        assert_eq!(polls.poll("a", [50, 60], true, true), Ok(()));
        assert_eq!(polls.poll("a", [70, 80], false, true), Ok(()));
    }

    #[test]
    fn two_owners_at_one_moment_are_told() {
        let mut polls = Polls::new();
        assert_eq!(polls.poll("a", [0, 10], false, true), Ok(()));
        assert_eq!(polls.poll("b", [20, 30], false, true), Ok(()));
        assert_eq!(polls.poll("b", [40, 50], false, true), Ok(()));
        let told = polls.poll("a", [60, 70], false, true).expect_err("both owned it from 30 to 40");
        assert!(told.contains("by a and b at the same time"), "{told}");
    }
}
