//! One rebalance of a member: join, assign if it leads, sync, take the assignment. A **machine**.

use super::{ClassicMember, Failure, GroupEvent, partition_counts};
use crate::error::{Error, ErrorKind};
use crate::group::assignor::{Assignor, Member, RebalanceProtocol, TopicPartitions, encode_assignments};
use crate::group::member_state::MemberState;
use crate::group::requests::{GroupRequest, JoinParts, SyncParts};
use crate::group::subscription::{
    Assignment, Subscription, VERSION, encode_generation_user_data, encode_sticky_user_data,
};
use crate::record::TopicPartition;
use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::messages::{JoinGroupResponse, SyncGroupResponse};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long beyond the rebalance timeout a join may take: the coordinator answers when that has passed.
const JOIN_GRACE: Duration = Duration::from_secs(5);

/// How long a cooperative member goes without partitions before that is said.
const IDLE_NOTICE: Duration = Duration::from_secs(8);

impl ClassicMember {
    pub(super) fn join(&mut self) {
        self.become_(MemberState::Joining);
        self.retry_at = None;
        self.leading = None;
        self.idle_since = None;
        self.joined_topics = self.topics.clone();
        let owned: Vec<TopicPartition> = self.owned.iter().cloned().collect();
        let protocols = self
            .config
            .assignors
            .iter()
            .map(|assignor| {
                let user_data = match assignor {
                    Assignor::Range | Assignor::RoundRobin => None,
                    Assignor::Sticky => self
                        .last_assigned
                        .as_ref()
                        .map(|(partitions, generation)| encode_sticky_user_data(partitions, *generation)),
                    Assignor::CooperativeSticky => {
                        let generation =
                            self.last_assigned.as_ref().map_or(-1, |(_, generation)| *generation);
                        Some(encode_generation_user_data(generation))
                    }
                };
                let subscription = Subscription {
                    topics: self.joined_topics.clone(),
                    user_data,
                    owned: owned.clone(),
                    generation: Some(self.generation),
                    rack: self.config.rack.clone(),
                };
                (assignor.name(), subscription.encode(VERSION))
            })
            .collect();
        let parts = JoinParts {
            member: self.metadata(),
            session_timeout: self.config.session_timeout,
            rebalance_timeout: self.config.max_poll_interval,
            protocols,
            reason: self.rejoin_reason.take().unwrap_or(""),
            timeout: (self.config.max_poll_interval + JOIN_GRACE).max(self.config.request_timeout),
        };
        self.start(GroupRequest::Join(parts));
    }

    /// Takes the answer to a join.
    pub(crate) fn handle_join(
        &mut self,
        token: u64,
        result: Result<JoinGroupResponse, Failure>,
        now: Instant,
    ) {
        if self.in_flight != Some(token) || self.state != MemberState::Joining {
            return;
        }
        self.in_flight = None;
        let response = match result {
            Ok(response) => response,
            Err(failure) => return self.handle_failure(failure, "join the group", now),
        };
        let code = ErrorCode(response.error_code);
        match code {
            ErrorCode::NONE => self.handle_joined(response, now),
            ErrorCode::MEMBER_ID_REQUIRED => {
                // Known to the coordinator now: join at once under that id.
                self.member_id = response.member_id.to_string();
                self.become_(MemberState::Unjoined);
            }
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::ILLEGAL_GENERATION => {
                self.lose_membership(false);
                self.become_(MemberState::Unjoined);
                self.back_off(now);
            }
            _ => self.handle_code(code, "join the group", now),
        }
    }

    fn handle_joined(&mut self, response: JoinGroupResponse, now: Instant) {
        self.failures = 0;
        self.ever_joined = true;
        self.unheard_since = None;
        self.member_id = response.member_id.to_string();
        self.generation = response.generation_id;
        let assignor = response.protocol_name.as_ref().and_then(|name| Assignor::from_name(name));
        let Some(assignor) = assignor.filter(|assignor| self.config.assignors.contains(assignor)) else {
            let name = response.protocol_name.map_or(String::new(), |name| name.to_string());
            self.fail(
                Error::new(
                    ErrorKind::Protocol,
                    "join the group",
                    "the group chose an assignor this member did not offer",
                )
                .with_context("assignor", name),
            );
            self.become_(MemberState::Unjoined);
            self.back_off(now);
            return;
        };
        if response.leader != response.member_id {
            self.assigned_by = None;
            self.sync(assignor, Vec::new());
            return;
        }
        let mut members = Vec::with_capacity(response.members.len());
        for member in response.members {
            let id = member.member_id.to_string();
            let subscription = match Subscription::decode(&member.metadata) {
                Ok(subscription) => subscription,
                Err(error) => {
                    // One member's nonsense must not stop the others: it gets nothing.
                    tracing::warn!(group = self.config.group_id, member = id, %error, "member with a malformed subscription");
                    Subscription::default()
                }
            };
            members.push(Member {
                id,
                instance_id: member.group_instance_id.map(|id| id.to_string()),
                topics: subscription.topics,
                owned: subscription.owned,
                generation: subscription.generation,
                rack: subscription.rack,
                user_data: subscription.user_data,
            });
        }
        tracing::info!(
            group = self.config.group_id,
            generation = self.generation,
            members = members.len(),
            "leading the group"
        );
        self.become_(MemberState::Assigning);
        self.leading = Some((assignor, members));
        if response.skip_assignment {
            // A static leader that came back: the group keeps what it has (KIP-814).
            self.sync(assignor, Vec::new());
        }
    }

    /// Topics whose partitions the leader has to know before it can assign.
    pub(crate) fn needs_topics(&self) -> Option<BTreeSet<&str>> {
        if self.state != MemberState::Assigning {
            return None;
        }
        self.leading
            .as_ref()
            .map(|(_, members)| members.iter().flat_map(|m| m.topics.iter().map(String::as_str)).collect())
    }

    /// Every topic the leader watches for new partitions; empty for other members.
    pub(crate) fn watched_topics(&self) -> BTreeSet<&str> {
        let leading = self.leading.iter().flat_map(|(_, members)| members);
        leading.flat_map(|m| m.topics.iter().map(String::as_str)).collect()
    }

    /// The partitions of the topics, for the leader: to assign, or to notice that they changed.
    pub(crate) fn handle_topics(&mut self, topics: TopicPartitions, now: Instant) {
        match self.state {
            MemberState::Assigning => {
                let Some((assignor, members)) = &self.leading else { return };
                let assignor = *assignor;
                let assignments = encode_assignments(assignor.assign(&topics, members));
                self.assigned_by = Some(topics);
                self.sync(assignor, assignments);
            }
            MemberState::Stable if self.leading.is_some() => match &self.assigned_by {
                None => self.assigned_by = Some(topics),
                Some(before) if partition_counts(before) != partition_counts(&topics) => {
                    self.rejoin("topics or partitions of the subscription changed", now);
                }
                Some(_) => {}
            },
            _ => {}
        }
    }

    fn sync(&mut self, assignor: Assignor, assignments: Vec<(String, Bytes)>) {
        self.become_(MemberState::Syncing);
        self.sync_assignments = assignments;
        let parts = SyncParts {
            member: self.metadata(),
            protocol_name: assignor.name(),
            assignments: std::mem::take(&mut self.sync_assignments),
            // The others have joined; only the leader's assignment is waited for.
            timeout: self.config.request_timeout,
        };
        self.start(GroupRequest::Sync(parts));
    }

    /// Takes the answer to a sync.
    pub(crate) fn handle_sync(
        &mut self,
        token: u64,
        result: Result<SyncGroupResponse, Failure>,
        now: Instant,
    ) {
        if self.in_flight != Some(token) || self.state != MemberState::Syncing {
            return;
        }
        self.in_flight = None;
        let response = match result {
            Ok(response) => response,
            Err(failure) => return self.handle_failure(failure, "sync the group", now),
        };
        let code = ErrorCode(response.error_code);
        match code {
            ErrorCode::NONE => match Assignment::decode(&response.assignment) {
                Ok(assignment) => self.handle_assignment(assignment, now),
                Err(error) => {
                    self.fail(
                        Error::new(
                            ErrorKind::Protocol,
                            "sync the group",
                            "the leader sent a malformed assignment",
                        )
                        .with_source(error),
                    );
                    self.become_(MemberState::Unjoined);
                    self.back_off(now);
                }
            },
            ErrorCode::REBALANCE_IN_PROGRESS => {
                self.rejoin_reason = Some("group is rebalancing");
                self.become_(MemberState::Unjoined);
            }
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::ILLEGAL_GENERATION => {
                self.lose_membership(false);
                self.become_(MemberState::Unjoined);
                self.back_off(now);
            }
            _ => self.handle_code(code, "sync the group", now),
        }
    }

    fn handle_assignment(&mut self, assignment: Assignment, now: Instant) {
        let assigned: BTreeSet<TopicPartition> = assignment.partitions.into_iter().collect();
        if assigned.iter().any(|p| self.joined_topics.binary_search_by(|t| (**t).cmp(&p.topic)).is_err()) {
            tracing::warn!(
                group = self.config.group_id,
                "assignment has topics that are not subscribed, joining again"
            );
            self.become_(MemberState::Unjoined);
            self.back_off(now);
            return;
        }
        self.failures = 0;
        self.last_assigned = Some((assigned.iter().cloned().collect(), self.generation));
        self.next_heartbeat = now + self.config.heartbeat_interval;
        let added: Vec<TopicPartition> = assigned.difference(&self.owned).cloned().collect();
        let revoked: Vec<TopicPartition> = self.owned.difference(&assigned).cloned().collect();
        tracing::info!(
            group = self.config.group_id,
            generation = self.generation,
            assigned = assigned.len(),
            added = added.len(),
            revoked = revoked.len(),
            "assignment"
        );
        if revoked.is_empty() {
            self.become_(MemberState::Stable);
        } else {
            // Given up first; the join after that lets their new owners have them.
            self.rejoin_reason = Some("gave up partitions for others");
            self.revoke(revoked, now);
        }
        self.owned.extend(added.iter().cloned());
        self.idle_since = assigned.is_empty().then_some(now);
        let is_alone = self.leading.as_ref().is_some_and(|(_, members)| members.len() == 1);
        if self.protocol == RebalanceProtocol::Eager || is_alone {
            self.tell_idle();
        }
        self.events.push_back(GroupEvent::Assigned(added));
    }

    /// The group goes on with this assignment. A cooperative member may get nothing at first, while others give up what
    /// is to be its own: only where that lasts, it is more than a moment.
    pub(super) fn handle_steady_group(&mut self, now: Instant) {
        if self.idle_since.is_some_and(|since| since + IDLE_NOTICE <= now) {
            self.tell_idle();
        }
    }

    fn tell_idle(&mut self) {
        if self.idle_since.take().is_some() {
            tracing::warn!(
                group = self.config.group_id,
                topics = ?self.joined_topics,
                "nothing is assigned to this member: the group has as many members as the topics have partitions, \
                 or the topics do not exist; add partitions, or stop members that are not needed"
            );
        }
    }
}
