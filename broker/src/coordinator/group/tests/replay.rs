//! Whatever happens, the log alone brings back the same groups.

use super::super::records::GroupMetadata;
use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Act {
    Join { who: usize, topic: u8 },
    JoinStatic { instance: u8 },
    Sync { who: usize },
    Heartbeat { who: usize },
    Leave { who: usize },
    Commit { who: usize, topic: u8, offset: i64 },
    CommitOutside { topic: u8, offset: i64 },
    Wait { ms: u64 },
    Delete,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => (0..6usize, 0..2u8).prop_map(|(who, topic)| Act::Join { who, topic }),
        2 => (0..2u8).prop_map(|instance| Act::JoinStatic { instance }),
        4 => (0..6usize).prop_map(|who| Act::Sync { who }),
        2 => (0..6usize).prop_map(|who| Act::Heartbeat { who }),
        1 => (0..6usize).prop_map(|who| Act::Leave { who }),
        2 => (0..6usize, 0..3u8, 0..100i64).prop_map(|(who, topic, offset)| Act::Commit { who, topic, offset }),
        1 => (0..3u8, 0..100i64).prop_map(|(topic, offset)| Act::CommitOutside { topic, offset }),
        2 => prop_oneof![0..6_000u64, 6_000..70_000u64, Just(4_000_000u64)].prop_map(|ms| Act::Wait { ms }),
        1 => Just(Act::Delete),
    ];
    proptest::collection::vec(act, 1..60)
}

/// What clients know: ids they were given, with their instance, and the generation they last heard of.
#[derive(Default)]
struct Clients {
    members: Vec<(Arc<str>, Option<Arc<str>>, i32)>,
    joining: Vec<Ticket>,
    syncing: Vec<Ticket>,
}

impl Clients {
    fn listen(&mut self, script: &mut Script) {
        let replies = std::mem::take(&mut script.replies);
        for (ticket, reply) in replies {
            self.joining.retain(|other| *other != ticket);
            self.syncing.retain(|other| *other != ticket);
            let Reply::Join(reply) = reply else { continue };
            if reply.member_id.is_empty() {
                continue;
            }
            let instance = reply
                .member_id
                .strip_prefix("static-")
                .map(|rest| Arc::from(format!("static-{}", &rest[..1])));
            match self.members.iter_mut().find(|(member, ..)| *member == reply.member_id) {
                Some(member) => member.2 = reply.generation,
                None => self.members.push((reply.member_id.clone(), instance, reply.generation)),
            }
        }
    }
}

fn topic(number: u8) -> String {
    format!("topic-{number}")
}

fn durable(group: &Group) -> GroupMetadata {
    GroupMetadata { current_state_timestamp_ms: 0, ..group.classic.metadata(None) }
}

fn run(script: &mut Script, clients: &mut Clients, act: &Act) {
    let pick = |clients: &Clients, who: usize| -> Option<(Arc<str>, Option<Arc<str>>, i32)> {
        (!clients.members.is_empty()).then(|| clients.members[who % clients.members.len()].clone())
    };
    match act {
        Act::Join { who, topic: number } => {
            let protocols = vec![(Arc::from("range"), subscription(&[&topic(*number)]))];
            let (member_id, group_instance_id) = match pick(clients, *who) {
                Some((member, instance, _)) if *who > 1 => (member, instance),
                _ => (Arc::from(""), None),
            };
            let request = JoinRequest { member_id, group_instance_id, protocols, ..join("") };
            clients.joining.push(script.join(request));
        }
        Act::JoinStatic { instance } => {
            clients.joining.push(script.join(static_join(&format!("static-{instance}"))));
        }
        Act::Sync { who } => {
            if let Some((member, _, generation)) = pick(clients, *who) {
                let all: Vec<_> =
                    clients.members.iter().map(|(member, ..)| (member.clone(), "some")).collect();
                let all: Vec<_> = all.iter().map(|(member, bytes)| (&**member, *bytes)).collect();
                clients.syncing.push(script.sync(&member, generation, &all));
            }
        }
        Act::Heartbeat { who } => {
            if let Some((member, _, generation)) = pick(clients, *who) {
                script.heartbeat(&member, generation);
            }
        }
        Act::Leave { who } => {
            if let Some((member, ..)) = pick(clients, *who) {
                script.leave(&[(&member, None)]);
            }
        }
        Act::Commit { who, topic: number, offset } => {
            if let Some((member, _, generation)) = pick(clients, *who) {
                let _refused =
                    script.commit(&commit_request(&member, generation, &[(&topic(*number), *offset)]));
            }
        }
        Act::CommitOutside { topic: number, offset } => {
            let _refused = script.commit(&commit_request("", -1, &[(&topic(*number), *offset)]));
        }
        Act::Wait { ms } => script.advance(*ms),
        Act::Delete => {
            script.delete();
        }
    }
    clients.listen(script);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn the_log_brings_back_what_was(acts in acts()) {
        let mut script = Script::new();
        let mut clients = Clients::default();
        for act in &acts {
            run(&mut script, &mut clients, act);
            let before = script.group().cloned();
            let mut replayed = Script::new();
            replayed.now = script.now;
            replayed.log.clone_from(&script.log);
            replayed.restart();
            let after = replayed.group();
            let Some(before) = before else {
                prop_assert!(after.is_none(), "a group that is gone came back after {:?}", act);
                continue;
            };
            let offsets = after.map(|group| group.offsets.clone()).unwrap_or_default();
            prop_assert_eq!(&offsets, &before.offsets, "after {:?}", act);
            // While a rebalance is under way the log tells of the generation before.
            match before.classic.state() {
                GroupState::Empty if before.classic.metadata(None).generation == 0 => {}
                GroupState::Empty | GroupState::Stable => {
                    prop_assert!(after.is_some(), "after {:?}", act);
                    prop_assert_eq!(durable(after.unwrap()), durable(&before), "after {:?}", act);
                    prop_assert_eq!(after.unwrap().classic.state(), before.classic.state());
                }
                GroupState::PreparingRebalance | GroupState::CompletingRebalance => {}
            }
        }
        // Nobody waits for ever: in the end everyone is answered.
        script.advance(10 * REBALANCE_MS as u64);
        clients.listen(&mut script);
        prop_assert!(clients.joining.is_empty() && clients.syncing.is_empty(), "{:?} {:?}", clients.joining, clients.syncing);
    }
}
