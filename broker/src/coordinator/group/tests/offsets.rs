//! Commits: who may, how much, how long.

use super::*;
use crate::coordinator::shard::TransactionalProducer;

#[test]
fn who_may_commit_depends_on_what_the_group_is_at() {
    let mut script = Script::new();
    let outside = commit_request("", -1, &[("t", 1)]);
    assert_eq!(script.commit(&outside), Ok(vec![ErrorCode::NONE]), "a group of offsets only");
    let (ids, generation) = script.stable(1);
    let member = |generation| commit_request(&ids[0], generation, &[("t", 2)]);
    assert_eq!(script.commit(&outside), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert_eq!(script.commit(&member(generation - 1)), Err(ErrorCode::ILLEGAL_GENERATION));
    assert_eq!(script.commit(&commit_request("x", generation, &[])), Err(ErrorCode::UNKNOWN_MEMBER_ID));
    assert_eq!(script.commit(&member(generation)), Ok(vec![ErrorCode::NONE]));
    let ticket = script.join(join(&ids[0]));
    assert_eq!(script.joined(ticket).generation, generation + 1);
    assert_eq!(script.state(), Some(GroupState::CompletingRebalance));
    assert_eq!(script.commit(&member(generation)), Err(ErrorCode::ILLEGAL_GENERATION));
    assert_eq!(script.commit(&member(generation + 1)), Err(ErrorCode::REBALANCE_IN_PROGRESS));
    assert_eq!(script.offset("t"), Some(2));
}

#[test]
fn a_member_may_commit_while_the_others_join() {
    let mut script = Script::new();
    let (ids, generation) = script.stable(2);
    script.join(join(&ids[0]));
    assert_eq!(script.state(), Some(GroupState::PreparingRebalance));
    let request = commit_request(&ids[1], generation, &[("t", 9)]);
    assert_eq!(script.commit(&request), Ok(vec![ErrorCode::NONE]));
    assert_eq!(script.offset("t"), Some(9));
}

#[test]
fn committing_keeps_a_member_alive() {
    let mut script = Script::new();
    let (ids, generation) = script.stable(1);
    for offset in 0..5 {
        script.advance(SESSION_MS as u64 - 1);
        let request = commit_request(&ids[0], generation, &[("t", offset)]);
        assert_eq!(script.commit(&request), Ok(vec![ErrorCode::NONE]));
    }
}

#[test]
fn a_generation_of_a_group_that_is_not_there_is_an_error() {
    let mut script = Script::new();
    let request = commit_request("m", 3, &[("t", 1)]);
    assert_eq!(script.commit(&request), Err(ErrorCode::ILLEGAL_GENERATION));
    let request = CommitRequest { version: 9, ..request };
    assert_eq!(script.commit(&request), Err(ErrorCode::GROUP_ID_NOT_FOUND));
}

#[test]
fn metadata_has_a_bound_and_the_rest_is_committed() {
    let mut script = Script::new();
    let mut request = commit_request("", -1, &[("t", 1), ("u", 2)]);
    request.offsets[0].metadata = Arc::from("x".repeat(17));
    let codes = script.commit(&request).unwrap();
    assert_eq!(codes, [ErrorCode::OFFSET_METADATA_TOO_LARGE, ErrorCode::NONE]);
    assert_eq!((script.offset("t"), script.offset("u")), (None, Some(2)));
}

#[test]
fn a_commit_that_cannot_be_written_does_not_count() {
    let mut script = Script::new();
    script.broken = Some(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    let request = commit_request("", -1, &[("t", 1)]);
    assert_eq!(script.commit(&request), Err(ErrorCode::COORDINATOR_NOT_AVAILABLE));
    assert_eq!(script.offset("t"), None);
    script.broken = Some(ErrorCode::RECORD_LIST_TOO_LARGE);
    assert_eq!(script.commit(&request), Err(ErrorCode::INVALID_COMMIT_OFFSET_SIZE));
}

#[test]
fn offsets_of_a_group_without_members_expire_after_each_commit() {
    let mut script = Script::new();
    script.commit(&commit_request("", -1, &[("t", 1)])).unwrap();
    script.advance(1_800_000);
    script.commit(&commit_request("", -1, &[("u", 1)])).unwrap();
    script.advance(1_800_000);
    assert_eq!((script.offset("t"), script.offset("u")), (None, Some(1)));
    script.advance(3_600_000);
    assert_eq!(script.state(), None, "nothing is left of the group");
    script.restart();
    assert_eq!(script.state(), None);
}

#[test]
fn offsets_of_a_group_expire_after_it_became_empty_and_not_while_it_reads() {
    let mut script = Script::new();
    let (ids, generation) = script.stable(1);
    script.commit(&commit_request(&ids[0], generation, &[("t", 1), ("other", 1)])).unwrap();
    for _ in 0..2 * 3_600 / 5 {
        script.advance(5_000);
        assert_eq!(script.heartbeat(&ids[0], generation), ErrorCode::NONE);
    }
    assert_eq!(script.offset("t"), Some(1), "it reads t");
    assert_eq!(script.offset("other"), None, "and nothing else");
    script.leave(&[(&ids[0], None)]);
    script.advance(3_000_000);
    assert_eq!(script.offset("t"), Some(1));
    script.advance(1_200_000);
    assert_eq!(script.state(), None);
}

#[test]
fn a_retention_the_client_asked_for_counts() {
    let mut script = Script::new();
    let mut request = commit_request("", -1, &[("t", 1), ("u", 1)]);
    request.offsets[0].retention_ms = 1_000;
    script.commit(&request).unwrap();
    script.restart();
    script.advance(600_000);
    assert_eq!((script.offset("t"), script.offset("u")), (None, Some(1)));
}

#[test]
fn offsets_go_with_their_topic() {
    let mut script = Script::new();
    script.commit(&commit_request("", -1, &[("t", 1), ("u", 1)])).unwrap();
    script.shard.handle_topics_deleted(&[Arc::from("t")], script.now);
    script.settle();
    assert_eq!((script.offset("t"), script.offset("u")), (None, Some(1)));
}

#[test]
fn only_an_empty_group_can_be_deleted_and_then_it_is_gone() {
    let mut script = Script::new();
    assert_eq!(script.delete(), ErrorCode::GROUP_ID_NOT_FOUND);
    let (ids, generation) = script.stable(1);
    script.commit(&commit_request(&ids[0], generation, &[("t", 1)])).unwrap();
    assert_eq!(script.delete(), ErrorCode::NON_EMPTY_GROUP);
    script.leave(&[(&ids[0], None)]);
    assert_eq!(script.delete(), ErrorCode::NONE);
    assert_eq!(script.state(), None);
    script.restart();
    assert_eq!(script.state(), None);
}

#[test]
fn offsets_can_be_deleted_for_topics_nobody_reads() {
    let mut script = Script::new();
    let ask = |script: &mut Script, topics: &[&str]| {
        let partitions: Vec<_> = topics.iter().map(|topic| (Arc::from(*topic), 0)).collect();
        let ticket = script.ask(|shard, ticket, _| shard.handle_delete_offsets(ticket, &id(), &partitions));
        script.codes(ticket)
    };
    assert_eq!(ask(&mut script, &["t"]), Err(ErrorCode::GROUP_ID_NOT_FOUND));
    let (ids, generation) = script.stable(1);
    script.commit(&commit_request(&ids[0], generation, &[("t", 1), ("u", 1)])).unwrap();
    let codes = ask(&mut script, &["t", "u", "v"]).unwrap();
    assert_eq!(codes, [ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC, ErrorCode::NONE, ErrorCode::NONE]);
    assert_eq!((script.offset("t"), script.offset("u")), (Some(1), None));
    script.leave(&[(&ids[0], None)]);
    assert_eq!(ask(&mut script, &["t"]), Ok(vec![ErrorCode::NONE]));
    assert_eq!(script.offset("t"), None);
}

#[test]
fn offsets_of_a_transaction_wait_for_its_end_and_do_not_undo_newer_ones() {
    let mut script = Script::new();
    let producer = TransactionalProducer { producer_id: 5, producer_epoch: 0 };
    let mut request = commit_request("", -1, &[("t", 1), ("u", 1)]);
    request.producer = Some(producer);
    script.commit(&request).unwrap();
    assert_eq!(script.offset("t"), None);
    assert!(script.group().unwrap().offsets.is_pending("t", 0));
    script.commit(&commit_request("", -1, &[("u", 7)])).unwrap();
    script.shard.replay_end_transaction(producer, true);
    assert_eq!((script.offset("t"), script.offset("u")), (Some(1), Some(7)));
    let mut request = commit_request("", -1, &[("t", 8)]);
    request.producer = Some(producer);
    script.commit(&request).unwrap();
    script.shard.replay_end_transaction(producer, false);
    assert_eq!(script.offset("t"), Some(1));
}

#[test]
fn there_are_no_more_groups_than_may_be() {
    let mut script = Script::with(GroupConfig { max_groups: 1, ..config() });
    script.stable(1);
    let other: Arc<str> = Arc::from("other");
    let ticket = script.ask(|shard, ticket, now| shard.handle_join(ticket, &other, join(""), now));
    assert_eq!(script.joined(ticket).code, ErrorCode::POLICY_VIOLATION);
    let offsets = commit_request("", -1, &[("t", 1)]);
    let ticket = script.ask(|shard, ticket, now| shard.handle_commit(ticket, &other, &offsets, now));
    assert_eq!(script.codes(ticket), Err(ErrorCode::POLICY_VIOLATION));
    // A member of a group that was lost joins again, which a refusal by policy would keep it from.
    for (version, code) in [(8, ErrorCode::ILLEGAL_GENERATION), (9, ErrorCode::GROUP_ID_NOT_FOUND)] {
        let lost = CommitRequest { version, ..commit_request("lost", 3, &[("t", 1)]) };
        let ticket = script.ask(|shard, ticket, now| shard.handle_commit(ticket, &other, &lost, now));
        assert_eq!(script.codes(ticket), Err(code));
    }
    // Those that are there go on, and what they leave can be had.
    let member = script.new_id();
    script.leave(&[(&member, None)]);
    script.advance(SESSION_MS as u64 * 2);
    assert_eq!(script.delete(), ErrorCode::NONE);
    let ticket = script.ask(|shard, ticket, now| shard.handle_commit(ticket, &other, &offsets, now));
    assert_eq!(script.codes(ticket), Ok(vec![ErrorCode::NONE]));
}
