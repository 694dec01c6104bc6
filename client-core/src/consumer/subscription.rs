//! What the application asked to read: topics, a pattern, or partitions of its own choice.

use crate::metadata::ClusterSnapshot;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is subscribed. The kinds exclude each other.
#[derive(Clone, Debug, Default)]
pub(crate) enum Subscription {
    #[default]
    None,
    /// By name, partitions by the group.
    Topics(BTreeSet<Arc<str>>),
    /// Every topic whose whole name matches, partitions by the group.
    Pattern { pattern: Regex, matching: BTreeSet<Arc<str>> },
    /// Partitions the application chose itself.
    Manual,
}

impl Subscription {
    /// Whether the group decides about partitions.
    pub(crate) fn is_by_group(&self) -> bool {
        matches!(self, Self::Topics(_) | Self::Pattern { .. })
    }

    /// The subscribed topics, as far as a pattern's are known.
    pub(crate) fn topics(&self) -> Vec<String> {
        match self {
            Self::Topics(topics) | Self::Pattern { matching: topics, .. } => {
                topics.iter().map(|topic| topic.to_string()).collect()
            }
            Self::None | Self::Manual => Vec::new(),
        }
    }

    /// Looks for topics that match; whether there are others than before.
    pub(crate) fn match_topics(&mut self, cluster: &ClusterSnapshot, exclude_internal: bool) -> bool {
        let Self::Pattern { pattern, matching } = self else { return false };
        let found: BTreeSet<Arc<str>> = cluster
            .topics()
            .filter(|topic| !(exclude_internal && topic.is_internal))
            .filter(|topic| {
                pattern.find(&topic.name).is_some_and(|found| found.len() == topic.name.len())
                    || whole_match(pattern, &topic.name)
            })
            .map(|topic| topic.name.clone())
            .collect();
        let changed = found != *matching;
        *matching = found;
        changed
    }
}

/// Java's patterns have to match the whole name; the leftmost match need not be it (`a|ab`).
fn whole_match(pattern: &Regex, name: &str) -> bool {
    Regex::new(&format!("^(?:{})$", pattern.as_str())).is_ok_and(|anchored| anchored.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whole_names() {
        let pattern = Regex::new("a|ab").unwrap();
        assert!(whole_match(&pattern, "ab"));
        assert!(!whole_match(&pattern, "abc"));
    }
}
