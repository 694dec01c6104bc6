//! Partitions are added to a topic, and leaders elected.

use super::room::Room;
use super::topics::new_partition;
use super::{Controller, Draft, Refusal, placement, refused};
use crate::metadata::MetadataRecord;
use ottla_wire::ErrorCode;
use std::net::SocketAddr;

/// More partitions for a topic.
#[derive(Clone, Debug)]
pub(crate) struct MorePartitions {
    /// The topic.
    pub(crate) name: String,
    /// How many it shall have in all.
    pub(crate) count: i32,
    /// Replicas of each new partition; `None` leaves the choice to the controller.
    pub(crate) assignments: Option<Vec<Vec<i32>>>,
}

/// Who may become a leader in an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ElectionType {
    /// The first replica, when it is in sync.
    Preferred,
    /// Any live replica, when no replica in sync is left: records may be lost.
    Unclean,
}

impl Controller {
    /// Adds partitions for `asker`, topic by topic.
    pub(crate) async fn create_partitions(
        &self,
        wanted: Vec<MorePartitions>,
        validate_only: bool,
        asker: SocketAddr,
    ) -> Vec<Result<(), Refusal>> {
        let writer = self.writer.clone().lock_owned().await;
        let mut draft = self.draft();
        let mut room = Room::new(&self.config, &self.limits, &draft.image, asker);
        let mut results: Vec<Result<(), Refusal>> =
            wanted.into_iter().map(|more| add(&mut draft, &mut room, more)).collect();
        if !validate_only && let Err(error) = self.commit(writer, draft).await {
            let refusal = refused(error);
            results
                .iter_mut()
                .filter(|result| result.is_ok())
                .for_each(|result| *result = Err(refusal.clone()));
        }
        results
    }

    /// Elects a leader of each partition.
    pub(crate) async fn elect_leaders(
        &self,
        kind: ElectionType,
        partitions: Vec<(String, i32)>,
    ) -> Vec<Result<(), Refusal>> {
        let writer = self.writer.clone().lock_owned().await;
        let mut draft = self.draft();
        let mut results: Vec<Result<(), Refusal>> =
            partitions.iter().map(|(topic, index)| elect(&mut draft, kind, topic, *index)).collect();
        if let Err(error) = self.commit(writer, draft).await {
            let refusal = refused(error);
            results
                .iter_mut()
                .filter(|result| result.is_ok())
                .for_each(|result| *result = Err(refusal.clone()));
        }
        results
    }
}

fn add(draft: &mut Draft, room: &mut Room<'_>, more: MorePartitions) -> Result<(), Refusal> {
    let Some(topic) = draft.image.topic(&more.name).cloned() else {
        let problem = "This server does not host this topic-partition.";
        return Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, problem.to_owned()));
    };
    let present = topic.partitions.len() as i32;
    let invalid = |problem: String| Err((ErrorCode::INVALID_PARTITIONS, problem));
    if more.count == present {
        return invalid(format!("Topic already has {present} partition(s)."));
    }
    if more.count < present {
        let problem = "which would not be an increase.";
        return invalid(format!(
            "The topic {} currently has {present} partition(s); {} {problem}",
            more.name, more.count
        ));
    }
    if more.count > placement::MAX_PARTITIONS {
        return invalid(format!("Number of partitions is above {}.", placement::MAX_PARTITIONS));
    }
    let added = more.count - present;
    let factor = topic.partitions.first().map_or(1, |partition| partition.replicas.len());
    let rows = match more.assignments {
        None => placement::spread(&draft.image, present, added, factor as i32)?,
        Some(rows) => {
            if rows.len() != added as usize {
                let problem = format!(
                    "Attempted to add {added} additional partition(s), but only {} assignment(s) were specified.",
                    rows.len()
                );
                return Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, problem));
            }
            // They must agree with the partitions there are as well as with each other.
            let first = topic.partitions.first().map(|partition| &partition.replicas);
            placement::check(&draft.image, first.into_iter().chain(&rows))?;
            rows
        }
    };
    room.take_partitions(rows.len())?;
    for (number, replicas) in rows.into_iter().enumerate() {
        let partition = new_partition(replicas);
        draft.push(MetadataRecord::Partition {
            topic_id: topic.id,
            index: present + number as i32,
            partition,
        })?;
    }
    Ok(())
}

fn elect(draft: &mut Draft, kind: ElectionType, topic: &str, index: i32) -> Result<(), Refusal> {
    let found = draft.image.topic(topic).cloned();
    let partition = found.as_ref().and_then(|topic| topic.partitions.get(usize::try_from(index).ok()?));
    let (Some(topic), Some(partition)) = (&found, partition) else {
        let problem = "This server does not host this topic-partition.";
        return Err((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, problem.to_owned()));
    };
    let alive = |node: &i32| draft.image.is_alive(*node);
    let wanted = match kind {
        ElectionType::Preferred => {
            partition.replicas.first().copied().filter(|node| partition.isr.contains(node) && alive(node))
        }
        ElectionType::Unclean if partition.leader >= 0 => Some(partition.leader),
        ElectionType::Unclean => partition.replicas.iter().copied().find(alive),
    };
    match wanted {
        Some(leader) if leader == partition.leader => Err((
            ErrorCode::ELECTION_NOT_NEEDED,
            "Leader election not needed for topic partition.".to_owned(),
        )),
        Some(leader) => {
            let isr = (!partition.isr.contains(&leader)).then(|| vec![leader]);
            draft.push(MetadataRecord::PartitionChange {
                topic_id: topic.id,
                index,
                leader: Some(leader),
                isr,
                replicas: None,
            })?;
            Ok(())
        }
        None if kind == ElectionType::Preferred => Err((
            ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE,
            "The preferred leader was not available.".to_owned(),
        )),
        None => Err((
            ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE,
            "Eligible topic partition leaders are not available.".to_owned(),
        )),
    }
}
