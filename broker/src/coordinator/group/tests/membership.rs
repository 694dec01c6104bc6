//! Dynamic members: joining, sharing, silence, leaving.

use super::*;

#[test]
fn a_new_member_gets_its_id_first_and_is_forgotten_if_it_never_comes_back() {
    let mut script = Script::new();
    let member = script.new_id();
    assert!(member.starts_with("client-"), "{member}");
    assert_eq!(script.state(), Some(GroupState::Empty));
    script.advance(SESSION_MS as u64);
    assert_eq!(script.state(), None, "nothing is left of it");
    let ticket = script.join(join(&member));
    assert_eq!(script.joined(ticket).code, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn an_old_client_is_in_at_once() {
    let mut script = Script::new();
    let ticket = script.join(JoinRequest { requires_known_member_id: false, ..join("") });
    let reply = script.joined(ticket);
    assert_eq!((reply.code, reply.generation, reply.members.len()), (ErrorCode::NONE, 1, 1));
    assert_eq!(script.state(), Some(GroupState::CompletingRebalance));
}

#[test]
fn a_pending_member_is_waited_for() {
    let mut script = Script::new();
    let (one, two) = (script.new_id(), script.new_id());
    let first = script.join(join(&one));
    assert!(script.is_waiting(first), "the second was given an id");
    let second = script.join(join(&two));
    assert_eq!(script.joined(first).members.len(), 2);
    assert_eq!(script.joined(second).members.len(), 0);
}

#[test]
fn a_pending_member_that_does_not_come_is_not_waited_for_longer_than_its_session() {
    let mut script = Script::new();
    let (one, _two) = (script.new_id(), script.new_id());
    let first = script.join(join(&one));
    script.advance(SESSION_MS as u64);
    assert_eq!(script.joined(first).members.len(), 1);
}

#[test]
fn the_first_rebalance_waits_longer_while_members_come_but_not_for_ever() {
    let delay = Duration::from_secs(3);
    let mut script = Script::with(GroupConfig { initial_rebalance_delay: delay, ..config() });
    let old = || JoinRequest { requires_known_member_id: false, rebalance_timeout_ms: 8_000, ..join("") };
    let mut tickets = vec![script.join(old())];
    script.advance(2_000);
    tickets.push(script.join(old()));
    script.advance(1_500);
    assert!(script.is_waiting(tickets[0]), "the second made it wait three seconds more");
    tickets.push(script.join(old()));
    script.advance(2_500);
    assert!(script.is_waiting(tickets[0]), "and the third again");
    tickets.push(script.join(old()));
    script.advance(2_000);
    assert!(!script.is_waiting(tickets[0]), "eight seconds are the end of it");
    assert_eq!(script.joined(tickets[0]).members.len(), 4);
}

#[test]
fn the_first_rebalance_ends_after_its_delay_when_nobody_else_comes() {
    let delay = Duration::from_secs(3);
    let mut script = Script::with(GroupConfig { initial_rebalance_delay: delay, ..config() });
    let ticket = script.join(JoinRequest { requires_known_member_id: false, ..join("") });
    script.advance(2_999);
    assert!(script.is_waiting(ticket));
    script.advance(1);
    assert_eq!(script.joined(ticket).generation, 1);
}

#[test]
fn a_member_that_does_not_rejoin_in_time_is_dropped() {
    let mut script = Script::new();
    let (ids, generation) = script.stable(2);
    let ticket = script.join(join(&ids[0]));
    assert!(script.is_waiting(ticket));
    // It goes on sending heartbeats, but does not join.
    for _ in 0..REBALANCE_MS / 5_000 {
        script.advance(5_000);
        if script.is_waiting(ticket) {
            assert_eq!(script.heartbeat(&ids[1], generation), ErrorCode::REBALANCE_IN_PROGRESS);
        }
    }
    let reply = script.joined(ticket);
    assert_eq!((reply.generation, reply.members.len()), (generation + 1, 1));
    assert_eq!(script.heartbeat(&ids[1], generation), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_silent_member_is_dropped_and_the_others_share_anew() {
    let mut script = Script::new();
    let (ids, generation) = script.stable(2);
    script.advance(SESSION_MS as u64 - 1);
    assert_eq!(script.heartbeat(&ids[0], generation), ErrorCode::NONE);
    script.advance(1);
    assert_eq!(script.state(), Some(GroupState::PreparingRebalance));
    assert_eq!(script.heartbeat(&ids[0], generation), ErrorCode::REBALANCE_IN_PROGRESS);
    let ticket = script.join(join(&ids[0]));
    assert_eq!(script.joined(ticket).members.len(), 1);
}

#[test]
fn a_group_whose_members_all_went_silent_is_empty_in_the_log_too() {
    let mut script = Script::new();
    let (_, generation) = script.stable(2);
    script.advance(2 * SESSION_MS as u64);
    assert_eq!(script.state(), Some(GroupState::Empty));
    let Some((GroupRecord::Metadata { value: Some(metadata), .. }, _)) = script.log.last() else { panic!() };
    assert_eq!((metadata.generation, metadata.members.len()), (generation + 1, 0));
    script.restart();
    assert_eq!(script.state(), Some(GroupState::Empty));
}

#[test]
fn a_member_that_never_syncs_is_dropped() {
    let mut script = Script::new();
    let (one, two) = (script.new_id(), script.new_id());
    let (first, second) = (script.join(join(&one)), script.join(join(&two)));
    let generation = script.joined(first).generation;
    script.joined(second);
    let waiting = script.sync(&two, generation, &[]);
    for _ in 0..REBALANCE_MS / 5_000 {
        assert_eq!(script.heartbeat(&one, generation), ErrorCode::NONE, "it is alive");
        script.advance(5_000);
    }
    assert_eq!(script.synced(waiting).code, ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(script.heartbeat(&one, generation), ErrorCode::UNKNOWN_MEMBER_ID);
    let ticket = script.join(join(&two));
    assert_eq!(&script.joined(ticket).leader, &two);
}

#[test]
fn a_join_that_never_leaves_the_wire_does_not_hold_a_place_for_ever() {
    let mut script = Script::new();
    let one = script.new_id();
    let _two = script.new_id();
    let ticket = script.join(JoinRequest { rebalance_timeout_ms: i32::MAX, ..join(&one) });
    // The pending member keeps the rebalance open; then the new one is alone and done.
    script.advance(SESSION_MS as u64);
    assert_eq!(script.joined(ticket).generation, 1);
}

#[test]
fn the_protocol_is_the_one_most_prefer_of_those_all_know() {
    let mut script = Script::new();
    let with = |names: &[&str]| {
        let protocols = names.iter().map(|name| (Arc::from(*name), subscription(&["t"]))).collect();
        JoinRequest { protocols, ..join("") }
    };
    let ids: Vec<_> = (0..3).map(|_| script.new_id()).collect();
    let lists = [&["a", "b", "c"][..], &["c", "b"], &["c", "b", "a"]];
    let tickets: Vec<_> = ids
        .iter()
        .zip(lists)
        .map(|(member, list)| script.join(JoinRequest { member_id: member.clone(), ..with(list) }))
        .collect();
    assert_eq!(script.joined(tickets[0]).protocol.as_deref(), Some("c"));
    let stranger = script.join(with(&["d", "a"]));
    assert_eq!(script.joined(stranger).code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL, "a is not known to all");
    let worker = script.join(JoinRequest { protocol_type: Arc::from("connect"), ..with(&["b"]) });
    assert_eq!(script.joined(worker).code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
}

#[test]
fn nothing_to_follow_is_no_protocol() {
    let mut script = Script::new();
    let ticket = script.join(JoinRequest { protocols: Vec::new(), ..join("") });
    assert_eq!(script.joined(ticket).code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    let ticket = script.join(JoinRequest { protocol_type: Arc::from(""), ..join("") });
    assert_eq!(script.joined(ticket).code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    assert_eq!(script.state(), None);
}

#[test]
fn joining_again_unchanged_changes_nothing_unless_one_leads() {
    let mut script = Script::new();
    let (ids, generation) = script.stable(2);
    let ticket = script.join(join(&ids[1]));
    let reply = script.joined(ticket);
    assert_eq!((reply.code, reply.generation), (ErrorCode::NONE, generation));
    let changed =
        JoinRequest { protocols: vec![(Arc::from("range"), subscription(&["u"]))], ..join(&ids[1]) };
    let ticket = script.join(changed);
    assert!(script.is_waiting(ticket), "a change is for everybody");
    let leader = script.join(join(&ids[0]));
    assert_eq!(script.joined(ticket).generation, generation + 1);
    assert_eq!(script.joined(leader).members.len(), 2);
    // The answer may have been lost.
    let again = script.join(join(&ids[0]));
    let reply = script.joined(again);
    assert_eq!((reply.generation, reply.members.len()), (generation + 1, 2));
}

#[test]
fn a_second_join_of_a_member_answers_the_first() {
    let mut script = Script::new();
    let (ids, _) = script.stable(2);
    let first = script.join(join(&ids[0]));
    let second = script.join(join(&ids[0]));
    assert_eq!(script.joined(first).code, ErrorCode::REBALANCE_IN_PROGRESS);
    let other = script.join(join(&ids[1]));
    assert_eq!(script.joined(second).code, ErrorCode::NONE);
    assert_eq!(script.joined(other).code, ErrorCode::NONE);
}

#[test]
fn a_group_takes_no_more_than_its_size() {
    let mut script = Script::with(GroupConfig { max_size: 2, ..config() });
    let (ids, _) = script.stable(2);
    let ticket = script.join(join(""));
    assert_eq!(script.joined(ticket).code, ErrorCode::GROUP_MAX_SIZE_REACHED);
    let ticket = script.join(join(&ids[1]));
    assert_eq!(script.joined(ticket).code, ErrorCode::NONE);
}

#[test]
fn session_timeouts_have_bounds() {
    let mut script = Script::new();
    for session_timeout_ms in [5_999, 1_800_001, -1] {
        let ticket = script.join(JoinRequest { session_timeout_ms, ..join("") });
        assert_eq!(script.joined(ticket).code, ErrorCode::INVALID_SESSION_TIMEOUT);
    }
}

#[test]
fn sync_tells_a_stale_or_mixed_up_member() {
    let mut script = Script::new();
    let (ids, generation) = script.stable(1);
    let ticket = script.sync(&ids[0], generation - 1, &[]);
    assert_eq!(script.synced(ticket).code, ErrorCode::ILLEGAL_GENERATION);
    let ticket = script.sync("nobody", generation, &[]);
    assert_eq!(script.synced(ticket).code, ErrorCode::UNKNOWN_MEMBER_ID);
    let mixed = SyncRequest {
        member_id: ids[0].clone(),
        group_instance_id: None,
        generation,
        protocol_type: Some(Arc::from("consumer")),
        protocol: Some(Arc::from("sticky")),
        assignments: Default::default(),
    };
    let ticket = script.ask(|shard, ticket, now| shard.handle_sync(ticket, &id(), mixed, now));
    assert_eq!(script.synced(ticket).code, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    let ticket = script.sync(&ids[0], generation, &[]);
    assert_eq!(&script.synced(ticket).assignment[..], b"mine", "asking again is answered again");
}

#[test]
fn members_leave_one_by_one_or_together() {
    let mut script = Script::new();
    let (ids, _) = script.stable(3);
    let pending = script.new_id();
    let codes = script.leave(&[(&ids[0], None), ("nobody", None), (&pending, None), ("", Some("i"))]);
    let unknown = ErrorCode::UNKNOWN_MEMBER_ID;
    assert_eq!(codes, [ErrorCode::NONE, unknown, ErrorCode::NONE, unknown]);
    assert_eq!(script.state(), Some(GroupState::PreparingRebalance));
    assert_eq!(script.leave(&[(&ids[1], None), (&ids[2], None)]), [ErrorCode::NONE; 2]);
    assert_eq!(script.state(), Some(GroupState::Empty));
    assert_eq!(script.leave(&[(&ids[1], None)]), [unknown]);
}

#[test]
fn an_assignment_that_cannot_be_written_is_nobodys() {
    let mut script = Script::new();
    let (one, two) = (script.new_id(), script.new_id());
    let (first, second) = (script.join(join(&one)), script.join(join(&two)));
    let generation = script.joined(first).generation;
    script.joined(second);
    let waiting = script.sync(&two, generation, &[]);
    script.broken = Some(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    let leader = script.sync(&one, generation, &[(&one, "a"), (&two, "b")]);
    for ticket in [waiting, leader] {
        let reply = script.synced(ticket);
        assert_eq!((reply.code, reply.assignment.len()), (ErrorCode::COORDINATOR_NOT_AVAILABLE, 0));
    }
    assert_eq!(script.state(), Some(GroupState::PreparingRebalance));
}

#[test]
fn members_go_on_after_a_restart_and_have_a_session_to_say_so() {
    let mut script = Script::new();
    let (ids, generation) = script.stable(2);
    script.restart();
    assert_eq!(script.state(), Some(GroupState::Stable));
    script.advance(SESSION_MS as u64 - 1);
    assert_eq!(script.heartbeat(&ids[1], generation), ErrorCode::NONE);
    script.advance(1);
    assert_eq!(script.heartbeat(&ids[0], generation), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(script.heartbeat(&ids[1], generation), ErrorCode::REBALANCE_IN_PROGRESS);
}
