//! Commits of offsets, one after another. A **machine**.
//!
//! One request is on its way at a time, so that no commit overtakes another: a later one always holds later offsets. Each
//! is tried again until its deadline where that can help. Knows nothing of positions or of who waits.

use crate::backoff::Backoff;
use crate::error::{Error, ErrorKind};
use crate::group::classic::{Failure, GroupMetadata};
use crate::record::TopicPartition;
use ottla_env::Rng;
use ottla_wire::ErrorCode;
use ottla_wire::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use ottla_wire::messages::{GroupId, OffsetCommitRequest, OffsetCommitResponse, TopicName};
use ottla_wire::protocol::StrBytes;
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

/// Commits that may wait; more are refused.
const QUEUE_BOUND: usize = 1000;

/// A committed offset: the next to read, not the last one read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetAndMetadata {
    /// The next offset to read.
    pub offset: i64,
    /// Epoch of the leader that wrote the record before it, where it is known: lets truncation be noticed.
    pub leader_epoch: Option<i32>,
    /// Text of the application's own.
    pub metadata: String,
}

impl OffsetAndMetadata {
    /// An offset without epoch and text.
    pub fn new(offset: i64) -> Self {
        Self { offset, leader_epoch: None, metadata: String::new() }
    }
}

/// Offsets by partition.
pub type Offsets = BTreeMap<TopicPartition, OffsetAndMetadata>;

/// A commit to send.
#[derive(Clone, Debug)]
pub(crate) struct CommitOut {
    pub(crate) id: u64,
    pub(crate) member: GroupMetadata,
    pub(crate) offsets: Offsets,
}

struct Commit {
    id: u64,
    offsets: Offsets,
    deadline: Instant,
    /// The latest reason it had to be tried again.
    last_error: Option<Error>,
    /// Refused because the group went over to another generation before this member did: sent again once it has.
    awaits_generation: bool,
}

pub(crate) struct CommitQueue {
    backoff: Backoff,
    rng: Rng,
    waiting: VecDeque<Commit>,
    /// Commits queued after this one are not sent for now.
    last_to_go: Option<u64>,
    in_flight: Option<(Commit, GroupMetadata)>,
    retry_at: Option<Instant>,
    failures: u32,
    last_id: u64,
    outcomes: VecDeque<(u64, Result<(), Error>)>,
    membership_code: Option<(ErrorCode, i32)>,
    coordinator_lost: bool,
}

impl CommitQueue {
    pub(crate) fn new(backoff: Backoff, rng: Rng) -> Self {
        Self {
            backoff,
            rng,
            waiting: VecDeque::new(),
            last_to_go: None,
            in_flight: None,
            retry_at: None,
            failures: 0,
            last_id: 0,
            outcomes: VecDeque::new(),
            membership_code: None,
            coordinator_lost: false,
        }
    }

    /// Queues a commit; its outcome comes under the returned id.
    pub(crate) fn push(&mut self, offsets: Offsets, deadline: Instant) -> Result<u64, Error> {
        if self.waiting.len() >= QUEUE_BOUND {
            return Err(Error::new(ErrorKind::QueueFull, "commit offsets", "too many commits are waiting")
                .with_context("waiting", self.waiting.len())
                .with_hint("await commits before starting more"));
        }
        self.last_id += 1;
        let id = self.last_id;
        if offsets.is_empty() && self.is_idle() {
            self.outcomes.push_back((id, Ok(())));
            return Ok(id);
        }
        // With others before it an empty one is done when they are: it may have been asked for as a barrier.
        self.waiting.push_back(Commit { id, offsets, deadline, last_error: None, awaits_generation: false });
        Ok(id)
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.in_flight.is_none()
    }

    /// Whether one was sent and is not answered.
    pub(crate) fn is_in_flight(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Sends only what is queued already, until [`Self::release_later`]: something else has to get its turn.
    pub(crate) fn hold_later(&mut self) {
        self.last_to_go.get_or_insert(self.last_id);
    }

    pub(crate) fn release_later(&mut self) {
        self.last_to_go = None;
    }

    /// The commit to send now, as `member`; `None` for it fails commits: a group whose membership is gone.
    pub(crate) fn poll_request(&mut self, member: Option<&GroupMetadata>, now: Instant) -> Option<CommitOut> {
        if self.in_flight.is_some() || self.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        self.retry_at = None;
        let last_to_go = self.last_to_go.unwrap_or(u64::MAX);
        while let Some(commit) = self.waiting.pop_front_if(|commit| commit.id <= last_to_go) {
            if commit.offsets.is_empty() {
                self.outcomes.push_back((commit.id, Ok(())));
                continue;
            }
            let Some(member) = member else {
                self.outcomes.push_back((commit.id, Err(not_a_member())));
                continue;
            };
            let out = CommitOut { id: commit.id, member: member.clone(), offsets: commit.offsets.clone() };
            self.in_flight = Some((commit, member.clone()));
            return Some(out);
        }
        None
    }

    /// The offsets of the next commit, if it waits until this member has the group's new generation.
    pub(crate) fn awaiting_generation(&self) -> Option<&Offsets> {
        self.waiting.front().filter(|commit| commit.awaits_generation).map(|commit| &commit.offsets)
    }

    /// Gives up the next commit for the reason it was refused before: its partitions have other owners by now.
    pub(crate) fn refuse_next(&mut self) {
        if let Some(commit) = self.waiting.pop_front() {
            self.outcomes.push_back((commit.id, Err(commit.last_error.unwrap_or_else(not_a_member))));
        }
    }

    /// Takes the answer. `goes_on` tells whether who sent it keeps its partitions in a rebalance under way: it then is to be
    /// sent again, with the new generation.
    pub(crate) fn handle_response(
        &mut self,
        id: u64,
        result: Result<OffsetCommitResponse, Failure>,
        goes_on: impl Fn(&GroupMetadata) -> bool,
        now: Instant,
    ) {
        let Some((mut commit, member)) = self.in_flight.take_if(|(commit, _)| commit.id == id) else {
            return;
        };
        let response = match result {
            Ok(response) => response,
            Err(Failure::Unreachable(error)) => {
                self.coordinator_lost = true;
                let error = error.with_operation("commit offsets").with_context("group", &member.group_id);
                let unknown_before = commit.last_error.is_some_and(|error| error.is_outcome_unknown());
                commit.last_error = Some(if unknown_before { error.with_outcome_unknown() } else { error });
                return self.retry(commit, now);
            }
            Err(Failure::Fatal(error)) => {
                self.outcomes.push_back((id, Err(error.with_operation("commit offsets"))));
                return;
            }
        };
        let mut refused: Option<(ErrorCode, TopicPartition)> = None;
        let mut again: Option<(ErrorCode, TopicPartition)> = None;
        for topic in &response.topics {
            for answer in &topic.partitions {
                let code = ErrorCode(answer.error_code);
                let partition = || TopicPartition::new(&**topic.name, answer.partition_index);
                match code {
                    ErrorCode::NONE => {}
                    ErrorCode::COORDINATOR_NOT_AVAILABLE | ErrorCode::NOT_COORDINATOR => {
                        self.coordinator_lost = true;
                        again = Some((code, partition()));
                    }
                    ErrorCode::COORDINATOR_LOAD_IN_PROGRESS
                    | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
                    | ErrorCode::REQUEST_TIMED_OUT
                    | ErrorCode::UNSTABLE_OFFSET_COMMIT => again = Some((code, partition())),
                    ErrorCode::REBALANCE_IN_PROGRESS
                    | ErrorCode::UNKNOWN_MEMBER_ID
                    | ErrorCode::ILLEGAL_GENERATION
                    | ErrorCode::FENCED_INSTANCE_ID => {
                        self.membership_code = Some((code, member.generation_id));
                        refused = Some((code, partition()));
                    }
                    _ => refused = Some((code, partition())),
                }
            }
        }
        let error = |(code, partition): (ErrorCode, TopicPartition)| {
            let error = Error::from_code(code, "commit offsets")
                .with_context("group", &member.group_id)
                .with_context("topic", &partition.topic)
                .with_context("partition", partition.partition)
                .with_context("generation", member.generation_id);
            match code {
                ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::ILLEGAL_GENERATION => error.with_retriable(false).with_hint(
                    "the partitions went to other members: handle records faster than max.poll.interval.ms",
                ),
                ErrorCode::REBALANCE_IN_PROGRESS => {
                    error.with_retriable(false).with_hint("poll until the rebalance is over, then commit what is still owned")
                }
                _ => error,
            }
        };
        match (refused, again) {
            (Some(refused @ (ErrorCode::ILLEGAL_GENERATION | ErrorCode::REBALANCE_IN_PROGRESS, _)), _)
                if goes_on(&member) =>
            {
                commit.last_error = Some(error(refused));
                commit.awaits_generation = true;
                self.waiting.push_front(commit);
            }
            (Some(refused), _) => self.outcomes.push_back((id, Err(error(refused)))),
            (None, Some(again)) => {
                commit.last_error = Some(error(again));
                self.retry(commit, now);
            }
            (None, None) => {
                self.failures = 0;
                self.outcomes.push_back((id, Ok(())));
            }
        }
    }

    fn retry(&mut self, commit: Commit, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.retry_at = Some(now + self.backoff.pause(self.failures, &mut self.rng));
        self.waiting.push_front(commit);
    }

    /// Gives up what waited past its deadline.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let mut kept = VecDeque::with_capacity(self.waiting.len());
        for commit in self.waiting.drain(..) {
            if commit.deadline > now {
                kept.push_back(commit);
                continue;
            }
            let error = commit.last_error.unwrap_or_else(|| {
                Error::timeout("commit offsets", "the group's coordinator could not be found in time")
            });
            self.outcomes.push_back((commit.id, Err(error.with_kind(ErrorKind::Timeout))));
        }
        self.waiting = kept;
    }

    /// Why a commit has no outcome yet, as far as that is known.
    pub(crate) fn last_error(&self, id: u64) -> Option<Error> {
        let in_flight = self.in_flight.iter().map(|(commit, _)| commit);
        in_flight.chain(&self.waiting).find(|commit| commit.id == id)?.last_error.clone()
    }

    /// Fails everything that is left.
    pub(crate) fn close(&mut self) {
        let in_flight = self.in_flight.take().map(|(commit, _)| commit);
        for commit in in_flight.into_iter().chain(self.waiting.drain(..)) {
            self.outcomes.push_back((commit.id, Err(Error::closed("commit offsets"))));
        }
    }

    pub(crate) fn poll_outcome(&mut self) -> Option<(u64, Result<(), Error>)> {
        self.outcomes.pop_front()
    }

    /// What an answer said about membership, and of which generation the commit was.
    pub(crate) fn poll_membership_code(&mut self) -> Option<(ErrorCode, i32)> {
        self.membership_code.take()
    }

    pub(crate) fn poll_coordinator_lost(&mut self) -> bool {
        std::mem::take(&mut self.coordinator_lost)
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = self.waiting.iter().map(|commit| commit.deadline);
        let retry = self.retry_at.filter(|_| self.in_flight.is_none() && !self.waiting.is_empty());
        deadlines.chain(retry).min()
    }
}

/// The group has, or may have, given the partitions to others.
pub(crate) fn not_a_member() -> Error {
    Error::new(
        ErrorKind::InvalidState,
        "commit offsets",
        "this consumer is not a member of its group at the moment, so others may own its partitions",
    )
    .with_hint("poll until partitions are assigned, then commit what is owned")
}

impl CommitOut {
    pub(crate) fn to_request(&self, version: i16) -> OffsetCommitRequest {
        let text = |text: &str| StrBytes::from_string(text.to_owned());
        let mut request = OffsetCommitRequest::default()
            .with_group_id(GroupId(text(&self.member.group_id)))
            .with_generation_id_or_member_epoch(self.member.generation_id)
            .with_member_id(text(&self.member.member_id))
            .with_group_instance_id(
                self.member.group_instance_id.as_deref().filter(|_| version >= 7).map(text),
            );
        for (partition, offset) in &self.offsets {
            if request.topics.last().is_none_or(|topic| **topic.name != *partition.topic) {
                request
                    .topics
                    .push(OffsetCommitRequestTopic::default().with_name(TopicName(text(&partition.topic))));
            }
            let mut committed = OffsetCommitRequestPartition::default()
                .with_partition_index(partition.partition)
                .with_committed_offset(offset.offset)
                .with_committed_metadata(Some(text(&offset.metadata)));
            if version >= 6 {
                committed.committed_leader_epoch = offset.leader_epoch.unwrap_or(-1);
            }
            if let Some(topic) = request.topics.last_mut() {
                topic.partitions.push(committed);
            }
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_env::RngRoot;
    use ottla_wire::messages::offset_commit_response::{
        OffsetCommitResponsePartition, OffsetCommitResponseTopic,
    };
    use std::time::Duration;

    #[allow(clippy::disallowed_methods)] // An arbitrary beginning; time is moved by hand.
    fn start() -> Instant {
        Instant::now()
    }

    fn queue() -> CommitQueue {
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));
        CommitQueue::new(backoff, RngRoot::from_seed(1).child("commit"))
    }

    fn member() -> GroupMetadata {
        GroupMetadata {
            group_id: "g".into(),
            generation_id: 3,
            member_id: "m".into(),
            group_instance_id: None,
        }
    }

    fn offsets(offset: i64) -> Offsets {
        [(TopicPartition::new("t", 0), OffsetAndMetadata::new(offset))].into()
    }

    fn answer(code: ErrorCode) -> OffsetCommitResponse {
        let partition = OffsetCommitResponsePartition::default().with_error_code(code.0);
        let topic = OffsetCommitResponseTopic::default()
            .with_name(TopicName(StrBytes::from_static_str("t")))
            .with_partitions(vec![partition]);
        OffsetCommitResponse::default().with_topics(vec![topic])
    }

    #[test]
    fn a_retried_commit_is_not_overtaken() {
        let (mut queue, now) = (queue(), start());
        let deadline = now + Duration::from_secs(60);
        let first = queue.push(offsets(1), deadline).unwrap();
        let second = queue.push(offsets(2), deadline).unwrap();
        assert_eq!(queue.poll_request(Some(&member()), now).map(|c| c.id), Some(first));
        assert!(queue.poll_request(Some(&member()), now).is_none(), "one at a time");
        queue.handle_response(first, Ok(answer(ErrorCode::NOT_COORDINATOR)), |_| false, now);
        assert!(queue.poll_coordinator_lost());
        assert!(queue.poll_request(Some(&member()), now).is_none(), "backing off");
        let later = queue.poll_timeout().unwrap();
        assert_eq!(queue.poll_request(Some(&member()), later).map(|c| c.id), Some(first));
        queue.handle_response(first, Ok(answer(ErrorCode::NONE)), |_| false, later);
        assert_eq!(queue.poll_request(Some(&member()), later).map(|c| c.id), Some(second));
        assert!(matches!(queue.poll_outcome(), Some((id, Ok(()))) if id == first));
    }

    #[test]
    fn what_is_queued_later_waits_until_it_is_released() {
        let (mut queue, now) = (queue(), start());
        let deadline = now + Duration::from_secs(60);
        let ids: Vec<u64> = (0..2).map(|offset| queue.push(offsets(offset), deadline).unwrap()).collect();
        queue.hold_later();
        let later = queue.push(offsets(2), deadline).unwrap();
        queue.hold_later();
        for id in ids {
            assert_eq!(queue.poll_request(Some(&member()), now).map(|c| c.id), Some(id));
            queue.handle_response(id, Ok(answer(ErrorCode::NONE)), |_| false, now);
        }
        assert!(queue.poll_request(Some(&member()), now).is_none());
        queue.release_later();
        assert_eq!(queue.poll_request(Some(&member()), now).map(|c| c.id), Some(later));
    }

    #[test]
    fn a_stale_generation_fails_at_once_and_is_told_to_the_member() {
        let (mut queue, now) = (queue(), start());
        let id = queue.push(offsets(1), now + Duration::from_secs(60)).unwrap();
        queue.poll_request(Some(&member()), now);
        queue.handle_response(id, Ok(answer(ErrorCode::ILLEGAL_GENERATION)), |_| false, now);
        assert_eq!(queue.poll_membership_code(), Some((ErrorCode::ILLEGAL_GENERATION, 3)));
        let Some((_, Err(error))) = queue.poll_outcome() else { panic!("no failure") };
        assert!(!error.is_retriable());
    }

    #[test]
    fn a_commit_overtaken_by_a_rebalance_waits_for_the_generation_of_a_member_that_goes_on() {
        let (mut queue, now) = (queue(), start());
        let deadline = now + Duration::from_secs(60);
        let id = queue.push(offsets(1), deadline).unwrap();
        queue.poll_request(Some(&member()), now);
        queue.handle_response(
            id,
            Ok(answer(ErrorCode::ILLEGAL_GENERATION)),
            |sent_as| *sent_as == member(),
            now,
        );
        assert_eq!(queue.awaiting_generation(), Some(&offsets(1)));
        assert!(queue.poll_outcome().is_none());
        assert_eq!(queue.poll_timeout(), Some(deadline), "nothing but the new generation ends the waiting");
        let next = GroupMetadata { generation_id: 4, ..member() };
        let again = queue.poll_request(Some(&next), now).unwrap();
        assert_eq!((again.id, again.member.generation_id), (id, 4));
        queue.handle_response(id, Ok(answer(ErrorCode::REBALANCE_IN_PROGRESS)), |_| true, now);
        queue.refuse_next();
        let Some((_, Err(error))) = queue.poll_outcome() else { panic!("no failure") };
        assert_eq!(error.code(), Some(ErrorCode::REBALANCE_IN_PROGRESS));
    }

    #[test]
    fn the_deadline_ends_retries_with_the_last_reason() {
        let (mut queue, now) = (queue(), start());
        let deadline = now + Duration::from_secs(1);
        let id = queue.push(offsets(1), deadline).unwrap();
        queue.poll_request(Some(&member()), now);
        let lost = Error::new(ErrorKind::Network, "heartbeat", "the connection ended").with_outcome_unknown();
        queue.handle_response(id, Err(Failure::Unreachable(lost)), |_| false, now);
        queue.handle_timeout(deadline);
        let Some((_, Err(error))) = queue.poll_outcome() else { panic!("no failure") };
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.is_outcome_unknown());
        assert!(error.to_string().starts_with("commit offsets: the connection ended [group="), "{error}");
        assert!(queue.is_idle());
    }

    #[test]
    fn the_queue_is_bounded_and_an_empty_commit_is_a_barrier() {
        let (mut queue, now) = (queue(), start());
        let deadline = now + Duration::from_secs(1);
        let barrier = queue.push(Offsets::new(), deadline).unwrap();
        assert!(matches!(queue.poll_outcome(), Some((id, Ok(()))) if id == barrier));
        for _ in 0..QUEUE_BOUND {
            queue.push(offsets(1), deadline).unwrap();
        }
        assert_eq!(queue.push(offsets(1), deadline).unwrap_err().kind(), ErrorKind::QueueFull);
    }

    #[test]
    fn requests_carry_epoch_and_text_where_the_version_has_room() {
        let offset = OffsetAndMetadata { offset: 7, leader_epoch: Some(4), metadata: "note".into() };
        let out =
            CommitOut { id: 1, member: member(), offsets: [(TopicPartition::new("t", 2), offset)].into() };
        let partition = out.to_request(8).topics[0].partitions[0].clone();
        assert_eq!(
            (partition.partition_index, partition.committed_offset, partition.committed_leader_epoch),
            (2, 7, 4)
        );
        assert_eq!(partition.committed_metadata.as_deref(), Some("note"));
        assert_eq!(out.to_request(5).topics[0].partitions[0].committed_leader_epoch, -1);
    }
}
