//! Java's results, and what must hold for any input.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn partition(text: &str) -> TopicPartition {
    let (topic, partition) = text.rsplit_once('-').unwrap();
    TopicPartition::new(topic, partition.parse().unwrap())
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|s| s.as_str().unwrap().to_owned()).collect()
}

fn hex(text: &str) -> Bytes {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

fn topics_of(vector: &Value) -> TopicPartitions {
    let racks = &vector["partition_racks"];
    let racks_of = |partition: usize| match racks.as_array() {
        None => BTreeSet::new(),
        Some(list) => strings(&list[partition % list.len()]).into_iter().collect(),
    };
    let topics = vector["topics"].as_object().unwrap().iter();
    topics
        .map(|(name, count)| {
            let count = count.as_u64().unwrap() as usize;
            (Arc::from(name.as_str()), TopicRacks { replica_racks: (0..count).map(racks_of).collect() })
        })
        .collect()
}

fn members_of(vector: &Value) -> Vec<Member> {
    let members = vector["members"].as_object().unwrap().iter();
    members
        .map(|(id, member)| Member {
            id: id.clone(),
            instance_id: member["instance"].as_str().map(str::to_owned),
            topics: strings(&member["topics"]),
            owned: member["owned"]
                .as_array()
                .map_or(Vec::new(), |list| list.iter().map(|p| partition(p.as_str().unwrap())).collect()),
            generation: member["generation"].as_i64().map(|g| g as i32).filter(|g| *g >= 0),
            rack: member["rack"].as_str().map(str::to_owned),
            user_data: member["user_data_hex"].as_str().map(hex),
        })
        .collect()
}

#[test]
fn every_result_is_javas() {
    let all: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/group-assignors.json")).unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for vector in all["vectors"].as_array().unwrap().iter().filter(|v| v["kind"] == "assign") {
        seen += 1;
        let assignor = Assignor::from_name(vector["assignor"].as_str().unwrap()).unwrap();
        let result = assignor.assign(&topics_of(vector), &members_of(vector));
        let expected: BTreeMap<String, Vec<TopicPartition>> = vector["expected"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, list)| (id.clone(), strings(list).iter().map(|p| partition(p)).collect()))
            .collect();
        if result != expected {
            wrong.push(format!("{vector}\n  got {result:?}"));
        }
    }
    assert_eq!(seen, 152);
    assert!(wrong.is_empty(), "{} of {seen} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn names_and_class_names_are_known() {
    for assignor in [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky] {
        assert_eq!(Assignor::from_name(assignor.name()), Some(assignor));
    }
    let class = "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
    assert_eq!(Assignor::from_name(class), Some(Assignor::CooperativeSticky));
    assert_eq!(Assignor::from_name("com.example.MyAssignor"), None);
}

#[test]
fn a_group_is_cooperative_only_when_all_its_assignors_are() {
    let common = Assignor::common_protocol;
    assert_eq!(common(&[Assignor::Range, Assignor::CooperativeSticky]), RebalanceProtocol::Eager);
    assert_eq!(common(&[Assignor::CooperativeSticky]), RebalanceProtocol::Cooperative);
}

/// Random groups: topics with partition counts, members with subscriptions.
fn group() -> impl Strategy<Value = (TopicPartitions, Vec<Member>)> {
    let topics = prop::collection::vec(0usize..7, 1..5);
    let subscriptions = prop::collection::vec(prop::collection::btree_set(0usize..5, 0..5), 1..7);
    (topics, subscriptions, any::<bool>()).prop_map(|(counts, subscriptions, same)| {
        let topics = counts
            .iter()
            .enumerate()
            .map(|(i, count)| (Arc::from(format!("t{i}")), TopicRacks::without_racks(*count)))
            .collect();
        let first = subscriptions[0].clone();
        let members = subscriptions
            .into_iter()
            .enumerate()
            .map(|(i, topics)| Member {
                id: format!("m{i}"),
                topics: if same { &first } else { &topics }.iter().map(|t| format!("t{t}")).collect(),
                ..Member::default()
            })
            .collect();
        (topics, members)
    })
}

/// Every partition with a subscriber, and nothing else, in exactly one share, of a subscriber.
fn assert_complete(
    topics: &TopicPartitions,
    members: &[Member],
    shares: &BTreeMap<String, Vec<TopicPartition>>,
) -> Result<(), TestCaseError> {
    let mut given: Vec<&TopicPartition> = shares.values().flatten().collect();
    given.sort();
    let expected: Vec<TopicPartition> = topics
        .iter()
        .filter(|(name, _)| members.iter().any(|m| m.topics.iter().any(|t| **t == ***name)))
        .flat_map(|(name, racks)| {
            (0..racks.replica_racks.len())
                .map(|p| TopicPartition { topic: name.clone(), partition: p as i32 })
        })
        .collect();
    prop_assert_eq!(given, expected.iter().collect::<Vec<_>>());
    for member in members {
        for partition in &shares[&member.id] {
            prop_assert!(member.topics.iter().any(|t| **t == *partition.topic));
        }
    }
    Ok(())
}

fn own(members: &mut [Member], shares: &BTreeMap<String, Vec<TopicPartition>>, generation: i32) {
    for member in members {
        member.owned = shares.get(&member.id).cloned().unwrap_or_default();
        member.generation = Some(generation);
        member.user_data =
            Some(crate::group::subscription::encode_sticky_user_data(&member.owned, generation));
    }
}

proptest! {
    #[test]
    fn every_partition_goes_to_exactly_one_subscriber((topics, members) in group()) {
        for assignor in [Assignor::Range, Assignor::RoundRobin, Assignor::Sticky, Assignor::CooperativeSticky] {
            assert_complete(&topics, &members, &assignor.assign(&topics, &members))?;
        }
    }

    #[test]
    fn sticky_is_balanced_after_any_change((topics, mut members) in group(), gone in 0usize..6) {
        let shares = Assignor::Sticky.assign(&topics, &members);
        own(&mut members, &shares, 1);
        if members.len() > 1 {
            members.remove(gone % members.len());
        }
        let shares = Assignor::Sticky.assign(&topics, &members);
        assert_complete(&topics, &members, &shares)?;
        for poor in &members {
            for partition in members.iter().flat_map(|rich| &shares[&rich.id]) {
                let owner = members.iter().find(|m| shares[&m.id].contains(partition)).unwrap();
                let could_take = poor.topics.iter().any(|t| **t == *partition.topic);
                prop_assert!(!could_take || shares[&owner.id].len() <= shares[&poor.id].len() + 1
                    // The general algorithm stops where the score no longer improves; it may leave a chain.
                    || members.iter().any(|m| m.topics != members[0].topics));
            }
        }
    }

    #[test]
    fn sticky_keeps_everything_when_nothing_changed((topics, mut members) in group()) {
        let first = Assignor::Sticky.assign(&topics, &members);
        own(&mut members, &first, 1);
        prop_assert_eq!(Assignor::Sticky.assign(&topics, &members), first);
    }

    #[test]
    fn cooperative_never_gives_what_another_still_owns((topics, mut members) in group(), joins in 1usize..3) {
        let mut shares = Assignor::CooperativeSticky.assign(&topics, &members);
        own(&mut members, &shares, 1);
        for i in 0..joins {
            members.push(Member {
                id: format!("new{i}"), topics: members[0].topics.clone(), ..Member::default()
            });
        }
        // Settles within a few rounds, and nobody holds a partition twice on the way.
        for round in 2..8 {
            shares = Assignor::CooperativeSticky.assign(&topics, &members);
            for member in &members {
                for partition in &shares[&member.id] {
                    let others = members.iter().filter(|m| m.id != member.id);
                    for other in others {
                        prop_assert!(!other.owned.contains(partition),
                            "{} was given {partition} of {}", member.id, other.id);
                    }
                }
            }
            own(&mut members, &shares, round);
        }
        assert_complete(&topics, &members, &shares)?;
    }
}
