//! The member's moves under a hand-moved clock, against answers written by hand.

use super::*;
use crate::group::requests::{JoinParts, SyncParts};
use crate::group::subscription::{Assignment, Subscription};
use ottla_env::RngRoot;
use ottla_wire::messages::join_group_response::JoinGroupResponseMember;
use ottla_wire::messages::{JoinGroupResponse, SyncGroupResponse};
use ottla_wire::protocol::StrBytes;

#[allow(clippy::disallowed_methods)] // An arbitrary beginning; time is moved by hand.
fn start() -> Instant {
    Instant::now()
}

struct Fixture {
    member: ClassicMember,
    now: Instant,
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn partition(number: i32) -> TopicPartition {
    TopicPartition::new("t", number)
}

impl Fixture {
    fn new(assignor: Assignor, instance_id: Option<&str>) -> Self {
        let now = start();
        let config = ClassicConfig {
            group_id: "g".into(),
            instance_id: instance_id.map(str::to_owned),
            session_timeout: Duration::from_secs(45),
            heartbeat_interval: Duration::from_secs(3),
            max_poll_interval: Duration::from_secs(300),
            request_timeout: Duration::from_secs(30),
            assignors: vec![assignor],
            rack: None,
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(1)),
        };
        let mut member = ClassicMember::new(config, RngRoot::from_seed(1).child("member"), now);
        member.handle_subscription(vec!["t".into()], now);
        Self { member, now }
    }

    /// Lets time pass, then gives the next request.
    fn request(&mut self, pass: Duration) -> Option<(u64, GroupRequest)> {
        self.now += pass;
        self.member.handle_timeout(self.now);
        self.member.poll_request(true)
    }

    fn join(&mut self) -> (u64, JoinParts) {
        match self.request(Duration::from_secs(2)) {
            Some((token, GroupRequest::Join(parts))) => (token, parts),
            other => panic!("no join but {other:?} in {:?}", self.member.state()),
        }
    }

    fn sync(&mut self) -> (u64, SyncParts) {
        match self.request(Duration::ZERO) {
            Some((token, GroupRequest::Sync(parts))) => (token, parts),
            other => panic!("no sync but {other:?} in {:?}", self.member.state()),
        }
    }

    fn heartbeat(&mut self, code: ErrorCode) {
        match self.request(Duration::from_secs(3)) {
            Some((token, GroupRequest::Heartbeat(_))) => {
                self.member.handle_heartbeat(token, Ok(code), self.now)
            }
            other => panic!("no heartbeat but {other:?} in {:?}", self.member.state()),
        }
    }

    fn joined(&self, leader: &str, generation: i32) -> JoinGroupResponse {
        JoinGroupResponse::default()
            .with_generation_id(generation)
            .with_protocol_name(Some(text(self.member.config.assignors[0].name())))
            .with_leader(text(leader))
            .with_member_id(text("m1"))
    }

    /// Joins as a follower and gets `partitions`.
    fn stabilize(&mut self, generation: i32, partitions: &[i32]) {
        let (token, _) = self.join();
        let response = self.joined("other", generation);
        self.member.handle_join(token, Ok(response), self.now);
        let (token, parts) = self.sync();
        assert!(parts.assignments.is_empty(), "only leaders assign");
        self.assigned(token, partitions);
    }

    fn assigned(&mut self, token: u64, partitions: &[i32]) {
        let partitions = partitions.iter().map(|p| partition(*p)).collect();
        let assignment = Assignment { partitions, user_data: None }.encode();
        let response = SyncGroupResponse::default().with_assignment(assignment);
        self.member.handle_sync(token, Ok(response), self.now);
    }

    fn events(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.member.poll_event())
            .map(|event| match event {
                GroupEvent::Assigned(p) => format!("assigned {p:?}"),
                GroupEvent::Revoke { id, partitions } => format!("revoke {id} {partitions:?}"),
                GroupEvent::Lost(p) => format!("lost {p:?}"),
                GroupEvent::MaxPollExceeded(_) => "max poll exceeded".into(),
                GroupEvent::Failed(e) => format!("failed {:?}", e.code().map(|c| c.name())),
            })
            .collect()
    }
}

fn code(code: ErrorCode) -> JoinGroupResponse {
    JoinGroupResponse::default().with_error_code(code.0)
}

#[test]
fn joins_with_the_first_poll_and_takes_the_id_it_is_given() {
    let mut f = Fixture::new(Assignor::Range, None);
    assert!(f.request(Duration::from_secs(1)).is_none(), "nobody polled yet");
    f.member.handle_poll_started();
    let (token, parts) = f.join();
    assert_eq!(parts.member.member_id, "");
    let response = code(ErrorCode::MEMBER_ID_REQUIRED).with_member_id(text("m1"));
    f.member.handle_join(token, Ok(response), f.now);
    let Some((_, GroupRequest::Join(parts))) = f.request(Duration::ZERO) else { panic!("joins at once") };
    assert_eq!(parts.member.member_id, "m1");
}

#[test]
fn the_leader_assigns_once_it_knows_the_topics() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    let (token, _) = f.join();
    let subscription = Subscription { topics: vec!["t".into()], ..Subscription::default() }.encode(3);
    let member = |id: &str| {
        JoinGroupResponseMember::default().with_member_id(text(id)).with_metadata(subscription.clone())
    };
    let response = f.joined("m1", 1).with_members(vec![member("m1"), member("m2")]);
    f.member.handle_join(token, Ok(response), f.now);
    assert_eq!(f.member.needs_topics(), Some(BTreeSet::from(["t"])));
    let topics = |count| {
        TopicPartitions::from([("t".into(), crate::group::assignor::TopicRacks::without_racks(count))])
    };
    f.member.handle_topics(topics(2), f.now);
    let (token, parts) = f.sync();
    let dealt: Vec<_> = parts
        .assignments
        .iter()
        .map(|(member, bytes)| (member.as_str(), Assignment::decode(bytes).unwrap().partitions))
        .collect();
    assert_eq!(dealt, [("m1", vec![partition(0)]), ("m2", vec![partition(1)])]);
    f.assigned(token, &[0]);
    assert_eq!(f.events(), ["assigned [t-0]"]);
    f.member.handle_topics(topics(2), f.now);
    assert_eq!(f.member.state(), MemberState::Stable);
    f.member.handle_topics(topics(3), f.now);
    assert_eq!(f.member.state(), MemberState::Revoking, "new partitions call for a rebalance");
}

#[test]
fn a_join_may_take_as_long_as_the_others_need_and_a_sync_as_long_as_any_request() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    let (token, join) = f.join();
    assert!(join.timeout > f.member.config.max_poll_interval);
    let response = f.joined("other", 1);
    f.member.handle_join(token, Ok(response), f.now);
    let (_, sync) = f.sync();
    assert_eq!(sync.timeout, f.member.config.request_timeout);
}

#[test]
fn an_eager_rebalance_waits_for_the_application_while_heartbeats_go_on() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    f.stabilize(1, &[0, 1]);
    f.events();
    f.heartbeat(ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(f.events(), ["revoke 1 [t-0, t-1]"]);
    for _ in 0..20 {
        f.heartbeat(ErrorCode::REBALANCE_IN_PROGRESS);
    }
    assert!(f.events().is_empty());
    f.member.handle_revoked(1);
    let (_, parts) = f.join();
    let subscription = Subscription::decode(&parts.protocols[0].1).unwrap();
    assert!(subscription.owned.is_empty());
    assert_eq!(parts.member.member_id, "m1");
}

#[test]
fn a_cooperative_member_keeps_what_it_may_and_joins_again_after_giving_up_the_rest() {
    let mut f = Fixture::new(Assignor::CooperativeSticky, None);
    f.member.handle_poll_started();
    f.stabilize(1, &[0, 1]);
    f.events();
    f.heartbeat(ErrorCode::REBALANCE_IN_PROGRESS);
    assert!(f.events().is_empty(), "nothing is given up before the join");
    let (token, parts) = f.join();
    let subscription = Subscription::decode(&parts.protocols[0].1).unwrap();
    assert_eq!((subscription.owned, subscription.generation), (vec![partition(0), partition(1)], Some(1)));
    let response = f.joined("other", 2);
    f.member.handle_join(token, Ok(response), f.now);
    let (token, _) = f.sync();
    f.assigned(token, &[1, 2]);
    assert_eq!(f.events(), ["revoke 1 [t-0]", "assigned [t-2]"]);
    f.heartbeat(ErrorCode::NONE);
    f.member.handle_revoked(1);
    let (_, parts) = f.join();
    assert_eq!(Subscription::decode(&parts.protocols[0].1).unwrap().owned, [partition(1), partition(2)]);
}

#[test]
fn a_fenced_generation_loses_partitions_instead_of_revoking_them() {
    for fault in [ErrorCode::ILLEGAL_GENERATION, ErrorCode::UNKNOWN_MEMBER_ID] {
        let mut f = Fixture::new(Assignor::Range, None);
        f.member.handle_poll_started();
        f.stabilize(1, &[0]);
        f.events();
        f.heartbeat(fault);
        assert_eq!(f.events(), ["lost [t-0]"]);
        let (_, parts) = f.join();
        assert_eq!((parts.member.member_id.as_str(), parts.member.generation_id), ("", -1));
    }
}

#[test]
fn losing_membership_while_giving_up_takes_the_revocation_back() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    f.stabilize(1, &[0]);
    f.heartbeat(ErrorCode::REBALANCE_IN_PROGRESS);
    f.events();
    f.heartbeat(ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(f.events(), ["lost [t-0]"]);
    f.member.handle_revoked(1);
    assert_eq!(f.member.state(), MemberState::Unjoined);
}

#[test]
fn a_fenced_static_member_ends() {
    let mut f = Fixture::new(Assignor::Range, Some("i1"));
    f.member.handle_poll_started();
    f.stabilize(1, &[0]);
    f.events();
    f.heartbeat(ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(f.events(), ["lost [t-0]", "failed Some(\"FENCED_INSTANCE_ID\")"]);
    assert_eq!(f.member.state(), MemberState::Ended);
    assert!(f.request(Duration::from_secs(600)).is_none());
}

#[test]
fn silence_of_the_application_makes_it_leave_and_its_next_poll_join() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    f.stabilize(1, &[0]);
    f.events();
    f.member.handle_poll_finished(f.now);
    assert!(f.member.poll_timeout().unwrap() <= f.now + Duration::from_secs(3), "the next heartbeat");
    let Some((_, GroupRequest::Leave(parts))) = f.request(Duration::from_secs(300)) else { panic!("stays") };
    assert_eq!(parts.member.member_id, "m1");
    assert_eq!(f.events(), ["max poll exceeded", "lost [t-0]"]);
    assert!(f.request(Duration::from_secs(60)).is_none());
    f.member.handle_poll_started();
    let (_, parts) = f.join();
    assert_eq!(parts.member.member_id, "");
}

#[test]
fn a_poll_that_waits_is_no_silence() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    f.stabilize(1, &[0]);
    for _ in 0..200 {
        f.heartbeat(ErrorCode::NONE);
    }
    assert_eq!(f.member.state(), MemberState::Stable);
}

#[test]
fn static_members_do_not_leave_unless_told_to() {
    let mut f = Fixture::new(Assignor::Range, Some("i1"));
    f.member.handle_poll_started();
    f.stabilize(1, &[0]);
    assert!(f.member.leave("closed", false).is_none());
    assert_eq!(f.member.leave("closed", true).unwrap().member.group_instance_id.as_deref(), Some("i1"));
}

#[test]
fn a_returning_static_leader_does_not_assign_anew() {
    let mut f = Fixture::new(Assignor::Range, Some("i1"));
    f.member.handle_poll_started();
    let (token, _) = f.join();
    let response = f.joined("m1", 4).with_skip_assignment(true);
    f.member.handle_join(token, Ok(response), f.now);
    assert_eq!(f.member.needs_topics(), None);
    let (_, parts) = f.sync();
    assert!(parts.assignments.is_empty());
}

fn unreachable() -> Failure {
    Failure::Unreachable(Error::new(ErrorKind::Network, "connect", "nothing listens on that port"))
}

#[test]
fn a_member_that_never_joined_tells_why_and_one_that_did_waits() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    let (token, _) = f.join();
    f.member.handle_join(token, Err(unreachable()), f.now);
    assert!(f.events().is_empty(), "it may be a moment's trouble");
    f.now += FIRST_CONTACT;
    let (token, _) = f.join();
    f.member.handle_join(token, Ok(code(ErrorCode::COORDINATOR_NOT_AVAILABLE)), f.now);
    assert_eq!(f.events(), ["failed Some(\"COORDINATOR_NOT_AVAILABLE\")"]);
    let (token, _) = f.join();
    f.member.handle_join(token, Err(unreachable()), f.now);
    assert!(f.events().is_empty(), "told a moment ago");
    f.stabilize(1, &[0]);
    f.member.rejoin("test", f.now);
    f.events();
    f.member.handle_revoked(1);
    let (token, _) = f.join();
    f.member.handle_join(token, Err(unreachable()), f.now);
    f.now += FIRST_CONTACT * 3;
    let (token, _) = f.join();
    f.member.handle_join(token, Err(unreachable()), f.now);
    assert!(f.events().is_empty(), "an outage is waited out");
}

#[test]
fn coordinator_trouble_is_retried_after_a_pause_with_another_one() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    let (token, _) = f.join();
    f.member.handle_join(token, Ok(code(ErrorCode::NOT_COORDINATOR)), f.now);
    assert!(f.member.poll_coordinator_lost());
    assert!(f.request(Duration::ZERO).is_none(), "not at once");
    let (token, _) = f.join();
    f.member.handle_join(token, Err(unreachable()), f.now);
    assert!(f.member.poll_coordinator_lost());
    let (token, _) = f.join();
    f.member.handle_join(token, Ok(code(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)), f.now);
    assert!(!f.member.poll_coordinator_lost());
    f.join();
    assert!(f.events().is_empty(), "none of it is the application's business");
}

#[test]
fn refusals_are_told_and_tried_again() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    let (token, _) = f.join();
    f.member.handle_join(token, Ok(code(ErrorCode::GROUP_AUTHORIZATION_FAILED)), f.now);
    assert_eq!(f.events(), ["failed Some(\"GROUP_AUTHORIZATION_FAILED\")"]);
    f.join();
}

#[test]
fn answers_to_earlier_requests_change_nothing() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    let (stale, _) = f.join();
    f.member.handle_join(stale, Ok(code(ErrorCode::REBALANCE_IN_PROGRESS)), f.now);
    let (_, _) = f.join();
    let response = f.joined("other", 9);
    f.member.handle_join(stale, Ok(response), f.now);
    assert_eq!(f.member.state(), MemberState::Joining);
}

#[test]
fn a_changed_subscription_joins_again_and_a_foreign_assignment_is_refused() {
    let mut f = Fixture::new(Assignor::CooperativeSticky, None);
    f.member.handle_poll_started();
    f.stabilize(1, &[0]);
    f.events();
    f.member.handle_subscription(vec!["u".into()], f.now);
    assert_eq!(f.events(), ["revoke 1 [t-0]"], "no longer subscribed");
    f.member.handle_revoked(1);
    let (token, _) = f.join();
    let response = f.joined("other", 2);
    f.member.handle_join(token, Ok(response), f.now);
    let (token, _) = f.sync();
    f.assigned(token, &[0]);
    assert!(f.events().is_empty());
    assert_eq!(f.member.state(), MemberState::Unjoined);
}

#[test]
fn a_refused_commit_tells_about_membership() {
    let mut f = Fixture::new(Assignor::Range, None);
    f.member.handle_poll_started();
    f.stabilize(3, &[0]);
    f.events();
    f.member.handle_commit_code(ErrorCode::ILLEGAL_GENERATION, 2, f.now);
    assert_eq!(f.member.state(), MemberState::Stable, "an older generation's commit");
    f.member.handle_commit_code(ErrorCode::ILLEGAL_GENERATION, 3, f.now);
    assert_eq!(f.events(), ["lost [t-0]"]);
}
