mod newer_brokers;
mod round_trips;

use super::table::{Field, Type};
use super::*;
use ottla_broker::{Broker, BrokerConfig};
use serde_json::json;
use std::collections::BTreeSet;

/// Nothing here should take as long.
const LIMIT: Duration = Duration::from_secs(60);

/// A broker, and an admin client of it that checks what it gives against the table.
struct Cluster {
    admin: Admin,
    broker: Broker,
}

impl Cluster {
    fn start() -> Self {
        let config = BrokerConfig::in_memory().with("group.initial.rebalance.delay.ms", "0").unwrap();
        let broker = runtime().unwrap().handle().block_on(Broker::start(config)).unwrap();
        let options = vec![("bootstrap.servers".to_owned(), broker.bootstrap_servers())];
        Self { admin: Admin::start(options).unwrap(), broker }
    }

    fn options(&self) -> Vec<(String, String)> {
        vec![("bootstrap.servers".to_owned(), self.broker.bootstrap_servers())]
    }

    fn try_call(&self, operation: &str, arguments: Value) -> Result<Value, Error> {
        self.admin.call(operation, arguments).wait(LIMIT).expect("an answer in time")
    }

    fn call(&self, operation: &str, arguments: Value) -> Value {
        let result = self.try_call(operation, arguments).unwrap();
        let row = table::operations().into_iter().find(|row| row.name == operation).unwrap();
        fits(operation, &result, &row.result);
        result
    }
}

#[test]
fn topics_are_created_described_and_deleted_by_name_and_id() {
    let cluster = Cluster::start();
    let topic = json!({"name": "orders", "num_partitions": 2, "replication_factor": 1, "configs": {"cleanup.policy": "compact"}});
    let created = cluster.call("create_topics", json!({"topics": [topic, {"name": "."}], "timeout": 20_000}));
    assert_eq!(
        (&created[0]["key"], &created[0]["error"]["code_name"]),
        (&json!("."), &json!("INVALID_TOPIC_EXCEPTION"))
    );
    assert_eq!((&created[1]["key"], &created[1]["value"]["num_partitions"]), (&json!("orders"), &json!(2)));
    let id = &created[1]["value"]["id"];
    let described = cluster.call("describe_topics", json!({"topics": ["orders", "none"], "topic_ids": [id]}));
    assert_eq!(described[0]["error"]["kind"], "unknown_topic_or_partition");
    assert_eq!(described[1]["value"], described[2]["value"]);
    assert_eq!(described[1]["value"]["partitions"][1]["replicas"], json!([1]));
    assert_eq!(&described[2]["key"], id, "what was asked by id is told by id");
    assert_eq!(
        cluster.call("delete_topics", json!({"topic_ids": [id]})),
        json!([{"key": id, "value": null}])
    );
}

#[test]
fn arguments_that_cannot_be_are_named() {
    let cluster = Cluster::start();
    let refused = |operation: &str, arguments: Value, argument: &str, problem: &str| {
        let error = cluster.try_call(operation, arguments).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        assert_eq!(error.context().next(), Some(("argument", argument)), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    };
    refused("create_topcs", json!({}), "operation", "no operation \"create_topcs\"");
    refused("create_topics", json!({}), "topics", "it is required");
    refused("create_topics", json!([]), "", "it must be an object, not a list");
    refused("create_topics", json!({"topics": [], "dry": true}), "dry", "there is no such argument");
    refused("create_topics", json!({"topics": "orders"}), "topics", "it must be a list, not a text");
    refused(
        "create_topics",
        json!({"topics": [{"name": "a"}, {"name": 7}]}),
        "topics[1].name",
        "it must be a text",
    );
    refused(
        "create_topics",
        json!({"topics": [{"name": "a", "partitions": 7}]}),
        "topics[0].partitions",
        "num_partitions",
    );
    let wide = json!({"topics": [{"name": "a", "replication_factor": 70_000}]});
    refused("create_topics", wide, "topics[0].replication_factor", "out of the range of 16 bits");
    refused("create_topics", json!({"topics": [], "timeout": -1}), "timeout", "less than nothing");
    refused("delete_topics", json!({"topic_ids": ["x"]}), "topic_ids[0]", "no topic id");
    let twice = json!({"topics": [{"name": "a"}, {"name": "b"}, {"name": "a"}]});
    refused("create_topics", twice, "topics[2]", "\"a\" is there twice");
    let twice = json!({"topics": [{"topic": "a", "total_count": 2}, {"topic": "a", "total_count": 3}]});
    refused("create_partitions", twice, "topics[1]", "twice");
    let lost = json!({"resources": [{"resource_type": "TOPICS", "name": "a"}]});
    refused("describe_configs", lost, "resources[0].resource_type", "none of TOPIC, BROKER");
    let changes =
        |op: Value| json!({"changes": [{"resource": {"resource_type": "TOPIC", "name": "a"}, "ops": [op]}]});
    let valueless = changes(json!({"name": "retention.ms"}));
    refused("incremental_alter_configs", valueless, "changes[0].ops[0].value", "all but DELETE need one");
    let deleted = changes(json!({"name": "retention.ms", "op": "DELETE", "value": "1"}));
    refused("incremental_alter_configs", deleted, "changes[0].ops[0].value", "DELETE takes none");
    let twice = json!({"records": [
        {"topic": "a", "partition": 0, "before_offset": 1},
        {"topic": "a", "partition": 0, "before_offset": 2}
    ]});
    refused("delete_records", twice, "records[1]", "a-0 is there twice");
    let query = |spec: &str, timestamp_ms: Option<i64>| json!({"queries": [{"topic": "a", "partition": 0, "spec": spec, "timestamp_ms": timestamp_ms}]});
    let time = "queries[0].timestamp_ms";
    refused("list_offsets", query("FOR_TIMESTAMP", None), time, "FOR_TIMESTAMP needs one");
    refused("list_offsets", query("FOR_TIMESTAMP", Some(-2)), time, "before 1970");
    refused("list_offsets", query("LATEST", Some(1)), time, "only FOR_TIMESTAMP takes one");
    refused("list_groups", json!({"types": ["CLASSIC", "UNKNOWN"]}), "types[1]", "in results only");
    let remove = |member: Value| json!({"group_id": "g", "members": [member]});
    let name = "members[0].group_instance_id";
    refused("remove_members_from_consumer_group", remove(json!({})), name, "is required");
    let both = json!({"member_id": "m", "group_instance_id": "i"});
    refused("remove_members_from_consumer_group", remove(both), name, "no member id beside it");
    let wide =
        json!({"partition": {"topic": "a", "partition": 0}, "producer_id": 1, "producer_epoch": 32_768});
    refused("abort_transaction", wide, "producer_epoch", "out of the range of 16 bits");
}

#[test]
fn closed_clients_say_so() {
    let cluster = Cluster::start();
    cluster.admin.close(LIMIT).wait(LIMIT).unwrap().unwrap();
    let result = cluster.call("describe_topics", json!({"topics": ["orders"]}));
    assert_eq!(result[0]["error"]["kind"], "closed");
}

/// Of the core's operations, those that have no row.
const WITHOUT_ROW: [(&str, &str); 2] = [
    ("close", "a method of its own"),
    ("alter_configs", "resets what it does not name; Kafka took it out of its admin client in 4.0"),
];

#[test]
fn every_operation_of_the_core_has_a_row() {
    let mut core = operations_of_the_core();
    for (name, why) in WITHOUT_ROW {
        assert!(core.remove(name), "{name} is no operation any more: {why}");
    }
    let rows: BTreeSet<_> = table::operations().iter().map(|row| row.name).collect();
    assert_eq!(rows, core);
}

/// By the core's sources: its methods have no other list.
fn operations_of_the_core() -> BTreeSet<&'static str> {
    let sources = [
        include_str!("../../admin/cluster.rs"),
        include_str!("../../admin/configs.rs"),
        include_str!("../../admin/elections.rs"),
        include_str!("../../admin/groups.rs"),
        include_str!("../../admin/log_dirs.rs"),
        include_str!("../../admin/mod.rs"),
        include_str!("../../admin/offsets.rs"),
        include_str!("../../admin/partitions.rs"),
        include_str!("../../admin/producers.rs"),
        include_str!("../../admin/records.rs"),
        include_str!("../../admin/topics.rs"),
        include_str!("../../admin/transactions.rs"),
    ];
    let methods = sources.into_iter().flat_map(|source| source.split("    pub async fn ").skip(1));
    methods
        .filter_map(|method| method.split_once('('))
        .filter(|(_, parameters)| parameters.trim_start().starts_with("&self"))
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn rows_of_the_table_are_in_order() {
    let mut names: Vec<_> = table::operations().iter().map(|row| row.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "an operation is there twice");
    for row in table::operations() {
        assert!(
            row.doc.ends_with('.') && row.errors.ends_with('.'),
            "{}: texts end with a full stop",
            row.name
        );
        in_order(row.name, row.parameters, true);
    }
    for row in table::types() {
        assert!(row.doc.ends_with('.'), "{}", row.name);
        in_order(row.name, row.fields, row.is_argument);
    }
}

/// Those without default first; defaults are JSON of their type; what is given can be given.
fn in_order(owner: &str, fields: &[Field], is_argument: bool) {
    let first_default = fields.iter().position(|field| field.default.is_some()).unwrap_or(fields.len());
    for (index, field) in fields.iter().enumerate() {
        let name = format!("{owner}.{}", field.name);
        assert!(field.doc.ends_with('.'), "{name}: {}", field.doc);
        assert_eq!(field.default.is_some(), index >= first_default, "{name} is out of order");
        if let Some(text) = field.default {
            fits(&name, &serde_json::from_str(text).unwrap(), &field.value_type);
        }
        if is_argument {
            can_be_given(&name, &field.value_type);
        }
    }
}

fn can_be_given(name: &str, value_type: &Type) {
    match value_type {
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => can_be_given(name, inner),
        Type::Struct(row) => assert!(row.is_argument, "{name} is of {}, which nobody can make", row.name),
        Type::Error | Type::Results(..) | Type::Unit => panic!("{name} cannot be given"),
        _ => {}
    }
}

/// Whether JSON is what the table says.
pub(super) fn fits(name: &str, value: &Value, value_type: &Type) {
    match value_type {
        Type::Unit => assert!(value.is_null(), "{name}: {value}"),
        Type::Bool => assert!(value.is_boolean(), "{name}: {value}"),
        Type::I16 | Type::I32 | Type::I64 | Type::Duration => assert!(value.is_i64(), "{name}: {value}"),
        Type::Text => assert!(value.is_string(), "{name}: {value}"),
        Type::Optional(inner) if !value.is_null() => fits(name, value, inner),
        Type::Optional(_) => {}
        Type::List(inner) => value.as_array().unwrap().iter().for_each(|item| fits(name, item, inner)),
        Type::Map(inner) => value.as_object().unwrap().values().for_each(|item| fits(name, item, inner)),
        Type::Struct(row) => {
            let object = value.as_object().unwrap_or_else(|| panic!("{name}: {value}"));
            let names: Vec<_> = object.keys().map(String::as_str).collect();
            let fields: Vec<_> = row.fields.iter().map(|field| field.name).collect();
            assert_eq!(names, fields, "{name}");
            row.fields.iter().for_each(|field| {
                fits(&format!("{name}.{}", field.name), &object[field.name], &field.value_type);
            });
        }
        Type::Enum(row) => {
            assert!(row.values.iter().any(|word| *value == word.name), "{name}: {value}");
        }
        Type::Error => assert!(value["kind"].is_string() && value["text"].is_string(), "{name}: {value}"),
        Type::Results(key, inner) => {
            for item in value.as_array().unwrap() {
                fits(name, &item["key"], key);
                match item.get("error") {
                    Some(error) => fits(name, error, &Type::Error),
                    None => fits(name, item.get("value").unwrap(), inner),
                }
            }
        }
    }
}
