//! Each operation against a broker; what it gives fits the table (`Cluster::call`).

use super::*;
use crate::facade::{Consumer, Producer};
use crate::record::Record;

impl Cluster {
    fn topic(&self, name: &str, partitions: i32) {
        let topic = json!({"name": name, "num_partitions": partitions, "replication_factor": 1});
        assert_eq!(self.call("create_topics", json!({"topics": [topic]}))[0]["error"], json!(null));
    }

    /// Records with these timestamps in a partition.
    fn records(&self, topic: &str, partition: i32, timestamps: &[i64]) {
        let producer = Producer::start(self.options()).unwrap();
        for timestamp in timestamps {
            let mut record = Record::to(topic).value("v").timestamp_ms(*timestamp);
            record.partition = Some(partition);
            producer.send(record).wait(LIMIT).unwrap().unwrap();
        }
        producer.close(LIMIT).wait(LIMIT).unwrap().unwrap();
    }

    fn member(&self, group: &str, topic: &str, instance: &str) -> Consumer {
        let mut options = self.options();
        for (name, value) in [("group.id", group), ("group.instance.id", instance)] {
            options.push((name.to_owned(), value.to_owned()));
        }
        let consumer = Consumer::start(options).unwrap();
        consumer.subscribe(vec![topic.to_owned()]).unwrap();
        while consumer.assignment().unwrap().is_empty() {
            consumer.poll(LIMIT, None).wait(LIMIT).unwrap().unwrap();
        }
        consumer
    }
}

fn error_name(item: &Value) -> &Value {
    &item["error"]["code_name"]
}

#[test]
fn topics_are_listed_by_name() {
    let cluster = Cluster::start();
    cluster.topic("b", 1);
    cluster.topic("a", 2);
    let listed = cluster.call("list_topics", json!({}));
    assert_eq!(listed.as_object().unwrap().keys().collect::<Vec<_>>(), ["a", "b"]);
    let described = cluster.call("describe_topics", json!({"topics": ["a"]}));
    assert_eq!(listed["a"]["id"], described[0]["value"]["id"]);
}

#[test]
fn partitions_are_added() {
    let cluster = Cluster::start();
    cluster.topic("grows", 1);
    let grow = |count: i32| json!({"topics": [{"topic": "grows", "total_count": count}]});
    assert_eq!(cluster.call("create_partitions", grow(3)), json!([{"key": "grows", "value": null}]));
    assert_eq!(error_name(&cluster.call("create_partitions", grow(2))[0]), "INVALID_PARTITIONS");
    let described = cluster.call("describe_topics", json!({"topics": ["grows"]}));
    assert_eq!(described[0]["value"]["partitions"].as_array().unwrap().len(), 3);
}

#[test]
fn configs_are_altered_and_described() {
    let cluster = Cluster::start();
    cluster.topic("t", 1);
    let resource = json!({"resource_type": "TOPIC", "name": "t"});
    let changes = |ops: Value| json!({"changes": [{"resource": resource, "ops": ops}]});
    let set = json!([
        {"name": "retention.ms", "value": "1000"},
        {"name": "cleanup.policy", "value": "compact", "op": "APPEND"}
    ]);
    assert_eq!(
        cluster.call("incremental_alter_configs", changes(set)),
        json!([{"key": resource, "value": null}])
    );
    let described = cluster.call(
        "describe_configs",
        json!({"resources": [resource], "include_synonyms": true, "include_documentation": true}),
    );
    assert_eq!(described[0]["key"], resource);
    let entries = &described[0]["value"];
    assert_eq!(
        (&entries["retention.ms"]["value"], &entries["retention.ms"]["source"]),
        (&json!("1000"), &json!("DYNAMIC_TOPIC_CONFIG"))
    );
    assert_eq!(entries["cleanup.policy"]["value"], "delete,compact");
    assert!(!entries["retention.ms"]["synonyms"].as_array().unwrap().is_empty());
    cluster.call("incremental_alter_configs", changes(json!([{"name": "retention.ms", "op": "DELETE"}])));
    let described = cluster.call("describe_configs", json!({"resources": [resource]}));
    assert_eq!(described[0]["value"]["retention.ms"]["source"], "DEFAULT_CONFIG");
    let broken = cluster
        .call("incremental_alter_configs", changes(json!([{"name": "retention.ms", "value": "long"}])));
    assert_eq!(error_name(&broken[0]), "INVALID_CONFIG");
}

#[test]
fn records_are_deleted_before_an_offset() {
    let cluster = Cluster::start();
    cluster.topic("t", 2);
    cluster.records("t", 1, &[1, 2, 3]);
    let deleted = cluster.call(
        "delete_records",
        json!({"records": [
            {"topic": "t", "partition": 0, "before_offset": 9},
            {"topic": "t", "partition": 1, "before_offset": 2}
        ]}),
    );
    assert_eq!(error_name(&deleted[0]), "OFFSET_OUT_OF_RANGE");
    assert_eq!(deleted[1], json!({"key": {"topic": "t", "partition": 1}, "value": {"low_watermark": 2}}));
}

#[test]
fn offsets_of_logs_are_looked_up() {
    let cluster = Cluster::start();
    cluster.topic("t", 1);
    cluster.records("t", 0, &[1_000, 3_000, 2_000]);
    let found = |spec: &str, timestamp_ms: Option<i64>| {
        let query = json!({"topic": "t", "partition": 0, "spec": spec, "timestamp_ms": timestamp_ms});
        let found =
            cluster.call("list_offsets", json!({"queries": [query], "isolation_level": "READ_COMMITTED"}));
        found[0]["value"]["offset"].clone()
    };
    assert_eq!(found("EARLIEST", None), 0);
    assert_eq!(found("LATEST", None), 3);
    assert_eq!(found("MAX_TIMESTAMP", None), 1);
    assert_eq!(found("FOR_TIMESTAMP", Some(1_500)), 1);
    assert_eq!(found("FOR_TIMESTAMP", Some(9_000)), json!(null));
}

#[test]
fn offsets_of_groups_are_set_listed_and_deleted() {
    let cluster = Cluster::start();
    cluster.topic("t", 2);
    let offsets = json!([
        {"topic": "t", "partition": 0, "offset": 7, "leader_epoch": null, "metadata": "why"},
        {"topic": "t", "partition": 1, "offset": 8, "leader_epoch": 0, "metadata": ""}
    ]);
    let altered = cluster.call("alter_consumer_group_offsets", json!({"group_id": "g", "offsets": offsets}));
    assert_eq!(altered[1], json!({"key": {"topic": "t", "partition": 1}, "value": null}));
    let listed = |group: Value| {
        cluster.call("list_consumer_group_offsets", json!({"groups": [group]}))[0]["value"].clone()
    };
    assert_eq!(listed(json!({"group_id": "g"})), offsets, "what is listed can be set again");
    let one = json!([{"topic": "t", "partition": 1}]);
    assert_eq!(listed(json!({"group_id": "g", "partitions": one}))[0]["offset"], 8);
    cluster.call("delete_consumer_group_offsets", json!({"group_id": "g", "partitions": one}));
    assert_eq!(listed(json!({"group_id": "g"})).as_array().unwrap().len(), 1);
}

#[test]
fn groups_are_listed_described_emptied_and_deleted() {
    let cluster = Cluster::start();
    cluster.topic("t", 1);
    let member = cluster.member("g", "t", "one");
    let listed = cluster.call("list_groups", json!({"states": ["Stable"], "types": ["CLASSIC"]}));
    assert_eq!(listed["g"]["protocol_type"], "consumer");
    assert_eq!(cluster.call("list_groups", json!({"types": ["CONSUMER"]})), json!({}));
    let described = cluster.call("describe_consumer_groups", json!({"group_ids": ["g", "none"]}));
    assert_eq!(described[0]["value"]["members"][0]["assignment"], json!([{"topic": "t", "partition": 0}]));
    assert_eq!(error_name(&described[1]), "GROUP_ID_NOT_FOUND");
    let deleted = cluster.call("delete_consumer_groups", json!({"group_ids": ["g"]}));
    assert_eq!(error_name(&deleted[0]), "NON_EMPTY_GROUP");
    let leaving = json!([{"group_instance_id": "one"}, {"member_id": "nobody"}]);
    let removed = cluster.call(
        "remove_members_from_consumer_group",
        json!({"group_id": "g", "members": leaving, "reason": "a test"}),
    );
    let by_key =
        |name: &str| removed.as_array().unwrap().iter().find(|item| item["key"][name].is_string()).unwrap();
    assert_eq!(by_key("group_instance_id")["value"], json!(null));
    assert!(by_key("group_instance_id").get("error").is_none());
    assert_eq!(error_name(by_key("member_id")), "UNKNOWN_MEMBER_ID");
    assert_eq!(
        cluster.call("delete_consumer_groups", json!({"group_ids": ["g"]})),
        json!([{"key": "g", "value": null}])
    );
    drop(member);
}

#[test]
fn clusters_and_their_features_are_described() {
    let cluster = Cluster::start();
    let described = cluster.call("describe_cluster", json!({}));
    let node = &described["nodes"][0];
    assert_eq!(cluster.options()[0].1, format!("{}:{}", node["host"].as_str().unwrap(), node["port"]));
    let features = cluster.call("describe_features", json!({"broker": node["id"]}));
    assert!(features["api_versions"]["Fetch"]["max"].as_i64() > Some(0));
}

#[test]
fn leaders_in_office_are_not_elected_again() {
    let cluster = Cluster::start();
    cluster.topic("t", 1);
    let partition = json!({"topic": "t", "partition": 0});
    let named = json!({"election_type": "PREFERRED", "partitions": [partition]});
    assert_eq!(cluster.call("elect_leaders", named), json!([{"key": partition, "value": null}]));
    assert_eq!(cluster.call("elect_leaders", json!({"election_type": "PREFERRED"})), json!([]));
}

#[test]
fn log_dirs_tell_of_replicas() {
    let cluster = Cluster::start();
    cluster.topic("t", 1);
    cluster.records("t", 0, &[1]);
    let described = cluster.call("describe_log_dirs", json!({"brokers": [1]}));
    assert_eq!(described[0]["key"], 1);
    let mut replicas = described[0]["value"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|directory| directory["replicas"].as_array().unwrap());
    let replica = replicas.find(|replica| replica["topic"] == "t").unwrap();
    assert!(replica["size_bytes"].as_i64() > Some(0));
}

#[test]
fn producers_of_partitions_are_described() {
    let cluster = Cluster::start();
    cluster.topic("t", 1);
    cluster.records("t", 0, &[1, 2]);
    let partition = json!({"topic": "t", "partition": 0});
    let described = cluster.call("describe_producers", json!({"partitions": [partition]}));
    assert_eq!(described[0]["key"], partition);
    let producer = &described[0]["value"][0];
    assert_eq!((&producer["last_sequence"], &producer["coordinator_epoch"]), (&json!(1), &json!(null)));
}
