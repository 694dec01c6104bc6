use super::*;
use ottla_wire::messages::metadata_response::MetadataResponseBroker;
use ottla_wire::messages::{BrokerId, TopicName};
use ottla_wire::protocol::StrBytes;

fn partition(number: i32, leader: i32, epoch: i32) -> MetadataResponsePartition {
    MetadataResponsePartition::default()
        .with_partition_index(number)
        .with_leader_id(BrokerId(leader))
        .with_leader_epoch(epoch)
        .with_replica_nodes(vec![BrokerId(leader)])
}

fn topic(name: &str, id: u128, partitions: Vec<MetadataResponsePartition>) -> MetadataResponseTopic {
    MetadataResponseTopic::default()
        .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
        .with_topic_id(Uuid::from_u128(id))
        .with_partitions(partitions)
}

fn response(topics: Vec<MetadataResponseTopic>) -> MetadataResponse {
    let brokers = (1..=2)
        .map(|id| {
            MetadataResponseBroker::default()
                .with_node_id(BrokerId(id))
                .with_host(StrBytes::from_static_str("localhost"))
                .with_port(9090 + id)
        })
        .collect();
    MetadataResponse::default().with_brokers(brokers).with_topics(topics)
}

fn named(names: &[&str]) -> QueryTopics {
    QueryTopics::Named(names.iter().map(|name| Arc::from(*name)).collect())
}

#[test]
fn an_older_leader_epoch_is_ignored() {
    let first = ClusterSnapshot::default()
        .updated(&named(&["t"]), &response(vec![topic("t", 1, vec![partition(0, 2, 7)])]));
    let second = first.updated(&named(&["t"]), &response(vec![topic("t", 1, vec![partition(0, 1, 6)])]));
    let kept = second.partition("t", 0).unwrap();
    assert_eq!((kept.leader, kept.leader_epoch), (Some(NodeId(2)), Some(7)));
}

#[test]
fn a_recreated_topic_starts_its_epochs_anew() {
    let first = ClusterSnapshot::default()
        .updated(&named(&["t"]), &response(vec![topic("t", 1, vec![partition(0, 2, 7)])]));
    let second = first.updated(&named(&["t"]), &response(vec![topic("t", 9, vec![partition(0, 1, 0)])]));
    assert_eq!(second.partition("t", 0).unwrap().leader_epoch, Some(0));
    assert!(second.topic_by_id(Uuid::from_u128(1)).is_none());
    assert_eq!(second.topic_by_id(Uuid::from_u128(9)).unwrap().name.as_ref(), "t");
}

#[test]
fn topics_not_asked_for_stay_and_missing_ones_go() {
    let first = ClusterSnapshot::default().updated(
        &named(&["a", "b"]),
        &response(vec![topic("a", 1, vec![partition(0, 1, 0)]), topic("b", 2, vec![partition(0, 1, 0)])]),
    );
    let gone = MetadataResponseTopic::default()
        .with_name(Some(TopicName(StrBytes::from_static_str("a"))))
        .with_error_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    let second = first.updated(&named(&["a"]), &response(vec![gone]));
    assert!(second.topic("a").is_none());
    assert_eq!(second.topic_error("a"), Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    assert!(second.topic("b").is_some());
    let all = second.updated(&QueryTopics::All, &response(vec![]));
    assert!(all.topic("b").is_none());
}

#[test]
fn partitions_are_found_by_number_whatever_the_order_sent() {
    let snapshot = ClusterSnapshot::default().updated(
        &named(&["t"]),
        &response(vec![topic("t", 1, vec![partition(2, 1, 0), partition(0, 2, 0)])]),
    );
    assert_eq!(snapshot.partition("t", 2).unwrap().leader, Some(NodeId(1)));
    assert_eq!(snapshot.partition("t", 1).unwrap().leader, None);
    assert!(snapshot.has_transient_errors());
}

#[test]
fn a_partition_number_from_nowhere_costs_no_memory() {
    let snapshot = ClusterSnapshot::default().updated(
        &named(&["t"]),
        &response(vec![topic("t", 1, vec![partition(i32::MAX, 1, 0), partition(-5, 1, 0)])]),
    );
    assert!(snapshot.topic("t").unwrap().partitions.len() <= 4);
}

#[test]
fn leader_hints_count_only_with_a_newer_epoch_and_a_known_broker() {
    let first = ClusterSnapshot::default()
        .updated(&named(&["t"]), &response(vec![topic("t", 1, vec![partition(0, 1, 3)])]));
    let hint = |leader, leader_epoch| [LeaderHint { partition: 0, leader: NodeId(leader), leader_epoch }];
    assert!(first.with_leader_hints("t", &hint(2, 3), &[]).is_none());
    assert!(first.with_leader_hints("t", &hint(5, 4), &[]).is_none(), "nobody knows where broker 5 is");
    assert!(
        first
            .with_leader_hints("t", &[LeaderHint { partition: 9, leader: NodeId(2), leader_epoch: 4 }], &[])
            .is_none()
    );
    let five = Broker { id: NodeId(5), address: HostPort::new("h", 1), rack: None };
    let second = first.with_leader_hints("t", &hint(5, 4), &[five]).unwrap();
    assert_eq!(second.partition("t", 0).unwrap().leader, Some(NodeId(5)));
    assert!(second.brokers.contains_key(&NodeId(5)));
    let moved = Broker { id: NodeId(5), address: HostPort::new("elsewhere", 2), rack: None };
    let third = second.with_leader_hints("t", &hint(5, 6), std::slice::from_ref(&moved)).unwrap();
    assert_eq!(third.brokers[&NodeId(5)].address, moved.address);
    assert_eq!(first.partition("t", 0).unwrap().leader, Some(NodeId(1)));
}
