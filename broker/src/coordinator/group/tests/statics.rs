//! Static members (KIP-345, KIP-814): they come back without a rebalance, and fence who has their old id.

use super::*;

/// A stable group of two static members, `a` leading; their ids.
fn stable_pair(script: &mut Script) -> ([Arc<str>; 2], i32) {
    stable_pair_that_waits(script, REBALANCE_MS)
}

fn stable_pair_that_waits(script: &mut Script, rebalance_timeout_ms: i32) -> ([Arc<str>; 2], i32) {
    let join = |instance| JoinRequest { rebalance_timeout_ms, ..static_join(instance) };
    let first = script.join(join("a"));
    let first_id = script.joined(first).member_id;
    let second = script.join(join("b"));
    let first = script.join(JoinRequest { member_id: first_id.clone(), ..join("a") });
    let (first, second) = (script.joined(first), script.joined(second));
    assert_eq!((&first.leader, first.members.len()), (&first_id, 2));
    assert!(second.member_id.starts_with("b-"), "{second:?}");
    let waiting = script.sync(&second.member_id, second.generation, &[]);
    let leading = script.sync(&first_id, second.generation, &[(&first_id, "A"), (&second.member_id, "B")]);
    assert_eq!(&script.synced(waiting).assignment[..], b"B");
    assert_eq!(&script.synced(leading).assignment[..], b"A");
    ([first_id, second.member_id], second.generation)
}

fn check(script: &mut Script, instance: &str, member_id: &str, generation: i32) -> ErrorCode {
    let who = Identity { member_id, group_instance_id: Some(instance) };
    let ticket =
        script.ask(|shard, ticket, now| shard.handle_heartbeat(ticket, "group", who, generation, now));
    script.code(ticket)
}

#[test]
fn a_follower_that_restarts_gets_its_assignment_back_without_a_rebalance() {
    let mut script = Script::new();
    let ([_, old], generation) = stable_pair(&mut script);
    let ticket = script.join(static_join("b"));
    let reply = script.joined(ticket);
    assert_eq!((reply.code, reply.generation, reply.skip_assignment), (ErrorCode::NONE, generation, false));
    assert_ne!(reply.member_id, old);
    assert_eq!(script.state(), Some(GroupState::Stable));
    let ticket = script.sync(&reply.member_id, generation, &[]);
    assert_eq!(&script.synced(ticket).assignment[..], b"B");
    assert_eq!(check(&mut script, "b", &old, generation), ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(check(&mut script, "b", &reply.member_id, generation), ErrorCode::NONE);
    let stale = CommitRequest {
        group_instance_id: Some(Arc::from("b")),
        ..commit_request(&old, generation, &[("t", 1)])
    };
    assert_eq!(script.commit(&stale), Err(ErrorCode::FENCED_INSTANCE_ID));
    script.restart();
    assert_eq!(
        check(&mut script, "b", &reply.member_id, generation),
        ErrorCode::NONE,
        "the new id is in the log"
    );
    assert_eq!(check(&mut script, "b", &old, generation), ErrorCode::FENCED_INSTANCE_ID);
}

#[test]
fn a_leader_that_restarts_is_told_to_leave_the_assignment_alone() {
    let mut script = Script::new();
    let ([old, _], generation) = stable_pair(&mut script);
    let ticket = script.join(static_join("a"));
    let reply = script.joined(ticket);
    assert_eq!((reply.generation, reply.skip_assignment, reply.members.len()), (generation, true, 2));
    assert_eq!(reply.leader, reply.member_id);
    // An older client cannot be told, and must not take itself for the leader.
    let ticket = script.join(JoinRequest { supports_skipping_assignment: false, ..static_join("a") });
    let second = script.joined(ticket);
    assert_eq!((second.generation, second.skip_assignment, second.members.len()), (generation, false, 0));
    assert_eq!(second.leader, reply.member_id);
    assert_ne!(second.member_id, old);
}

#[test]
fn a_change_of_what_it_reads_is_for_everybody() {
    let mut script = Script::new();
    let ([leader, _], generation) = stable_pair(&mut script);
    let protocols = vec![(Arc::from("range"), subscription(&["t", "u"]))];
    let ticket = script.join(JoinRequest { protocols, ..static_join("b") });
    assert!(script.is_waiting(ticket));
    let again = script.join(JoinRequest { member_id: leader, ..static_join("a") });
    assert_eq!(script.joined(again).generation, generation + 1);
    assert_eq!(script.joined(ticket).generation, generation + 1);
}

#[test]
fn the_old_owner_of_an_instance_id_is_told_at_once() {
    let mut script = Script::new();
    let ([first, _], _) = stable_pair(&mut script);
    // A rebalance is under way and the old one waits in it.
    let waiting = script.join(JoinRequest { member_id: first, ..static_join("a") });
    assert!(script.is_waiting(waiting));
    let usurper = script.join(static_join("a"));
    assert_eq!(script.joined(waiting).code, ErrorCode::FENCED_INSTANCE_ID);
    assert!(script.is_waiting(usurper));
}

#[test]
fn one_that_comes_back_while_the_assignment_is_made_begins_a_rebalance() {
    let mut script = Script::new();
    let ([first, second], generation) = stable_pair(&mut script);
    let one = script.join(JoinRequest { member_id: first.clone(), ..static_join("a") });
    let two = script.join(JoinRequest { member_id: second.clone(), ..static_join("b") });
    script.joined(one);
    script.joined(two);
    let waiting = script.sync(&second, generation + 1, &[]);
    let back = script.join(static_join("b"));
    assert_eq!(script.synced(waiting).code, ErrorCode::FENCED_INSTANCE_ID);
    let one = script.join(JoinRequest { member_id: first, ..static_join("a") });
    assert_eq!(
        (script.joined(one).generation, script.joined(back).generation),
        (generation + 2, generation + 2)
    );
}

#[test]
fn one_that_is_late_for_a_rebalance_keeps_its_place_until_its_session_ends() {
    let mut script = Script::new();
    let ([first, second], generation) = stable_pair(&mut script);
    let long = |member: &Arc<str>, instance: &str| JoinRequest {
        member_id: member.clone(),
        rebalance_timeout_ms: 5_000,
        ..static_join(instance)
    };
    let one = script.join(long(&first, "a"));
    assert!(script.is_waiting(one));
    // The other's rebalance timeout still counts.
    for _ in 0..REBALANCE_MS / 5_000 {
        assert_eq!(check(&mut script, "b", &second, generation), ErrorCode::REBALANCE_IN_PROGRESS);
        script.advance(5_000);
    }
    let reply = script.joined(one);
    assert_eq!((reply.generation, reply.members.len()), (generation + 1, 2), "it is still counted");
    script.advance(SESSION_MS as u64);
    let group = script.group().unwrap();
    assert_eq!(group.classic.metadata(None).members.len(), 0, "both were silent for a session");
}

#[test]
fn a_place_that_cannot_be_written_is_not_taken() {
    let mut script = Script::new();
    let ([_, old], generation) = stable_pair(&mut script);
    script.broken = Some(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    let ticket = script.join(static_join("b"));
    assert_eq!(script.joined(ticket).code, ErrorCode::COORDINATOR_NOT_AVAILABLE);
    assert_eq!(check(&mut script, "b", &old, generation), ErrorCode::NONE);
}

#[test]
fn an_instance_can_be_taken_out_by_name() {
    let mut script = Script::new();
    let ([_, second], generation) = stable_pair(&mut script);
    assert_eq!(
        script.leave(&[("", Some("a")), ("", Some("c"))]),
        [ErrorCode::NONE, ErrorCode::UNKNOWN_MEMBER_ID]
    );
    assert_eq!(check(&mut script, "b", &second, generation), ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(script.leave(&[("wrong", Some("b"))]), [ErrorCode::FENCED_INSTANCE_ID]);
}

#[test]
fn members_that_wait_for_nobody_do_not_keep_the_coordinator_busy() {
    for rebalance_timeout_ms in [0, -1] {
        let mut script = Script::new();
        let ([first, _], generation) = stable_pair_that_waits(&mut script, rebalance_timeout_ms);
        let half = SESSION_MS as u64 / 2;
        script.advance(half);
        assert_eq!(check(&mut script, "a", &first, generation), ErrorCode::NONE);
        // The other one is gone, and the first has yet to hear of it.
        script.advance(half);
        assert_eq!(script.state(), Some(GroupState::PreparingRebalance));
        let again = script.join(JoinRequest { member_id: first, ..static_join("a") });
        assert_eq!(script.joined(again).generation, generation + 1);
    }
}
