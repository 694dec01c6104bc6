use super::table::{Field, Type};
use super::*;
use ottla_broker::{Broker, BrokerConfig};
use serde_json::json;

/// Nothing here should take as long.
const LIMIT: Duration = Duration::from_secs(60);

/// A broker, and an admin client of it that checks what it gives against the table.
struct Cluster {
    admin: Admin,
    _broker: Broker,
}

impl Cluster {
    fn start() -> Self {
        let config = BrokerConfig::in_memory().with("group.initial.rebalance.delay.ms", "0").unwrap();
        let broker = runtime().unwrap().handle().block_on(Broker::start(config)).unwrap();
        let options = vec![("bootstrap.servers".to_owned(), broker.bootstrap_servers())];
        Self { admin: Admin::start(options).unwrap(), _broker: broker }
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
}

#[test]
fn closed_clients_say_so() {
    let cluster = Cluster::start();
    cluster.admin.close(LIMIT).wait(LIMIT).unwrap().unwrap();
    let result = cluster.call("describe_topics", json!({"topics": ["orders"]}));
    assert_eq!(result[0]["error"]["kind"], "closed");
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
