//! Commands for an admin client.

use crate::command::{Command, number, partition, show_partition, show_partitions};
use crate::fault::Fault;
use ottla::NodeId;
use ottla::admin::{
    Admin, AlterConfigOp, AlterConfigOpKind, CallOptions, ChangeOptions, ConfigResource, ConfigSource,
    DescribeConfigsOptions, ListGroupsFilter, NewPartitions, NewTopic, OffsetAndMetadata, OffsetSpec,
    Results, TopicSelector,
};
use ottla::config::IsolationLevel;
use ottla::record::TopicPartition;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const OPERATIONS: &[&str] = &[
    "admin.create",
    "admin.create_topics",
    "admin.delete_topics",
    "admin.list_topics",
    "admin.describe_topics",
    "admin.create_partitions",
    "admin.describe_configs",
    "admin.alter_configs",
    "admin.delete_records",
    "admin.list_offsets",
    "admin.list_groups",
    "admin.describe_groups",
    "admin.delete_groups",
    "admin.list_group_offsets",
    "admin.alter_group_offsets",
    "admin.delete_group_offsets",
    "admin.describe_cluster",
    "admin.close",
];

const DROPPED: &[&str] = &["max.block.ms"];

#[derive(Default)]
pub(crate) struct AdminHandle {
    admin: Option<Admin>,
}

impl AdminHandle {
    pub(crate) async fn execute(&mut self, command: &Command) -> Result<Value, Fault> {
        if command.op == "admin.create" {
            self.admin = Some(Admin::builder().set_all(command.config(DROPPED)).build().await?);
            return Ok(json!({}));
        }
        let admin = self.admin.as_ref().ok_or_else(|| Fault::state("no admin client".to_owned()))?;
        let call = CallOptions { timeout: Some(command.patience()) };
        let change =
            ChangeOptions { timeout: Some(command.patience()), validate_only: command.flag("validate_only") };
        match command.op.as_str() {
            "admin.create_topics" => {
                let topics = command.list("topics")?.iter().map(new_topic).collect::<Result<Vec<_>, _>>()?;
                let names: Vec<_> = topics.iter().map(|topic| topic.name.clone()).collect();
                let results = admin.create_topics(topics, change).await?;
                Ok(
                    json!({"topics": by_name("name", &names, |name| results.get(name).map(|result| result.as_ref().map(|_| json!({})).map_err(Clone::clone)))}),
                )
            }
            "admin.delete_topics" => {
                let names = command.texts("topics")?;
                let results = admin.delete_topics(names.clone(), call).await?;
                Ok(
                    json!({"topics": by_name("name", &names, |name| unit(results.get(&TopicSelector::Name(name.to_owned()))))}),
                )
            }
            "admin.list_topics" => {
                let topics = admin.list_topics(false, call).await?;
                Ok(json!({"topics": topics.keys().collect::<Vec<_>>()}))
            }
            "admin.describe_topics" => describe_topics(admin, command, call).await,
            "admin.create_partitions" => {
                let mut counts = Vec::new();
                let mut names = Vec::new();
                for json in command.list("topics")? {
                    let name = json["name"].as_str().unwrap_or_default().to_owned();
                    counts.push((name.clone(), NewPartitions::increase_to(narrow(number(json, "count")?)?)));
                    names.push(name);
                }
                let results = admin.create_partitions(counts, change).await?;
                Ok(json!({"topics": by_name("name", &names, |name| unit(results.get(name)))}))
            }
            "admin.describe_configs" => describe_configs(admin, command).await,
            "admin.alter_configs" => alter_configs(admin, command, change).await,
            "admin.delete_records" => {
                let mut before = Vec::new();
                for json in command.list("offsets")? {
                    before.push((partition(json)?, number(json, "offset")?));
                }
                let results = admin.delete_records(before, call).await?;
                let show = |low: &i64| json!({"low_watermark": low});
                Ok(json!({"results": by_partition(&command.partitions("offsets")?, &results, show)}))
            }
            "admin.list_offsets" => {
                let mut specs = Vec::new();
                for json in command.list("specs")? {
                    specs.push((partition(json)?, offset_spec(json["spec"].as_str().unwrap_or_default())?));
                }
                let results = admin.list_offsets(specs, IsolationLevel::ReadUncommitted, call).await?;
                let show = |found: &ottla::admin::ListOffsetsResultInfo| json!({"offset": found.offset, "timestamp_ms": found.timestamp_ms});
                Ok(json!({"offsets": by_partition(&command.partitions("specs")?, &results, show)}))
            }
            "admin.list_groups" => {
                let groups = admin.list_groups(ListGroupsFilter::default(), call).await?;
                let groups: Vec<_> = groups
                    .values()
                    .map(|group| json!({"group": group.group_id, "state": group.state, "type": format!("{:?}", group.group_type)}))
                    .collect();
                Ok(json!({ "groups": groups }))
            }
            "admin.describe_groups" => describe_groups(admin, command, call).await,
            "admin.delete_groups" => {
                let names = command.texts("groups")?;
                let results = admin.delete_consumer_groups(names.clone(), call).await?;
                Ok(json!({"groups": by_name("group", &names, |name| unit(results.get(name)))}))
            }
            "admin.list_group_offsets" => list_group_offsets(admin, command, call).await,
            "admin.alter_group_offsets" => {
                let mut offsets = Vec::new();
                for json in command.list("offsets")? {
                    let mut offset = OffsetAndMetadata::new(number(json, "offset")?);
                    offset.metadata = json["metadata"].as_str().unwrap_or_default().to_owned();
                    offsets.push((partition(json)?, offset));
                }
                let results =
                    admin.alter_consumer_group_offsets(command.text("group")?, offsets, call).await?;
                Ok(
                    json!({"offsets": by_partition(&command.partitions("offsets")?, &results, |()| json!({}))}),
                )
            }
            "admin.delete_group_offsets" => {
                let partitions = command.partitions("partitions")?;
                let results = admin
                    .delete_consumer_group_offsets(command.text("group")?, partitions.clone(), call)
                    .await?;
                Ok(json!({"offsets": by_partition(&partitions, &results, |()| json!({}))}))
            }
            "admin.describe_cluster" => {
                let cluster = admin.describe_cluster(call).await?;
                let brokers: Vec<_> = cluster
                    .nodes
                    .iter()
                    .map(|node| json!({"id": node.id.0, "host": &*node.address.host, "port": node.address.port}))
                    .collect();
                let controller = cluster.controller.map(|node| node.0);
                Ok(json!({"cluster_id": cluster.cluster_id, "controller": controller, "brokers": brokers}))
            }
            "admin.close" => {
                admin.close(command.patience()).await;
                Ok(json!({}))
            }
            other => Err(Fault::Own("UNSUPPORTED", other.to_owned())),
        }
    }
}

type Shown = Option<Result<Value, ottla::Error>>;

fn unit(result: Option<&Result<(), ottla::Error>>) -> Shown {
    result.map(|result| result.as_ref().map(|()| json!({})).map_err(Clone::clone))
}

/// A result per name, in the order they were asked for.
fn by_name(field: &str, names: &[String], result: impl Fn(&str) -> Shown) -> Value {
    let results = names.iter().map(|name| {
        let mut json = shown(result(name));
        json[field] = name.as_str().into();
        json
    });
    results.collect::<Vec<_>>().into()
}

fn by_partition<V>(
    partitions: &[TopicPartition],
    results: &Results<TopicPartition, V>,
    show: impl Fn(&V) -> Value,
) -> Value {
    let results = partitions.iter().map(|partition| {
        let result = results.get(partition).map(|result| result.as_ref().map(&show).map_err(Clone::clone));
        let mut json = shown(result);
        json["topic"] = (&*partition.topic).into();
        json["partition"] = partition.partition.into();
        json
    });
    results.collect::<Vec<_>>().into()
}

fn shown(result: Shown) -> Value {
    match result {
        Some(Ok(json)) => json,
        Some(Err(error)) => json!({"error": Fault::from(error).json()}),
        None => json!({"error": Fault::Own("OTHER", "the client gives no result".to_owned()).json()}),
    }
}

fn narrow<T: TryFrom<i64>>(number: i64) -> Result<T, Fault> {
    T::try_from(number).map_err(|_| Fault::argument(format!("{number} is out of range")))
}

fn new_topic(json: &Value) -> Result<NewTopic, Fault> {
    let name = json["name"].as_str().ok_or_else(|| Fault::argument("a topic without name".to_owned()))?;
    let mut topic = NewTopic::with_defaults(name);
    topic.num_partitions = json["partitions"].as_i64().map(narrow).transpose()?;
    topic.replication_factor = json["replication_factor"].as_i64().map(narrow).transpose()?;
    for (name, value) in json["config"].as_object().into_iter().flatten() {
        topic = topic.config(name, value.as_str().unwrap_or_default());
    }
    Ok(topic)
}

async fn describe_topics(admin: &Admin, command: &Command, call: CallOptions) -> Result<Value, Fault> {
    let names = command.texts("topics")?;
    let results = admin.describe_topics(names.clone(), call).await?;
    let ids = |nodes: &[NodeId]| nodes.iter().map(|node| node.0).collect::<Vec<_>>();
    let topics = by_name("name", &names, |name| {
        results.get(&TopicSelector::Name(name.to_owned())).map(|result| {
            result.as_ref().map_err(Clone::clone).map(|topic| {
                let partitions: Vec<_> = topic
                    .partitions
                    .iter()
                    .map(|partition| {
                        json!({
                            "partition": partition.partition, "leader": partition.leader.map(|node| node.0),
                            "replicas": ids(&partition.replicas), "isr": ids(&partition.isr),
                        })
                    })
                    .collect();
                json!({"topic_id": topic.id.to_string(), "partitions": partitions})
            })
        })
    });
    Ok(json!({ "topics": topics }))
}

fn resource(json: &Value) -> Result<ConfigResource, Fault> {
    let name = json["name"].as_str().unwrap_or_default();
    match json["type"].as_str() {
        Some("topic") => Ok(ConfigResource::topic(name)),
        Some("broker") => {
            let id = name.parse().map_err(|_| Fault::argument(format!("{name:?} is no broker")))?;
            Ok(ConfigResource::broker(NodeId(id)))
        }
        other => Err(Fault::argument(format!("no resource type {other:?}"))),
    }
}

fn source(source: ConfigSource) -> &'static str {
    match source {
        ConfigSource::DynamicTopic => "DYNAMIC_TOPIC_CONFIG",
        ConfigSource::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
        ConfigSource::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        ConfigSource::StaticBroker => "STATIC_BROKER_CONFIG",
        ConfigSource::Default => "DEFAULT_CONFIG",
        ConfigSource::DynamicBrokerLogger => "DYNAMIC_BROKER_LOGGER_CONFIG",
        ConfigSource::DynamicClientMetrics => "DYNAMIC_CLIENT_METRICS_CONFIG",
        ConfigSource::DynamicGroup => "GROUP_CONFIG",
        ConfigSource::Unknown(_) => "UNKNOWN",
    }
}

async fn describe_configs(admin: &Admin, command: &Command) -> Result<Value, Fault> {
    let requests = command.list("resources")?;
    let resources = requests.iter().map(resource).collect::<Result<Vec<_>, _>>()?;
    let options = DescribeConfigsOptions { timeout: Some(command.patience()), ..Default::default() };
    let results = admin.describe_configs(resources.clone(), options).await?;
    let shown = requests.iter().zip(&resources).map(|(request, resource)| {
        let mut json = shown(results.get(resource).map(|result| {
            result.as_ref().map_err(Clone::clone).map(|entries| {
                let configs: BTreeMap<_, _> = entries
                    .iter()
                    .map(|(name, entry)| {
                        let config = json!({
                            "value": entry.value, "source": source(entry.source),
                            "read_only": entry.is_read_only, "sensitive": entry.is_sensitive,
                        });
                        (name, config)
                    })
                    .collect();
                json!({ "configs": configs })
            })
        }));
        json["type"] = request["type"].clone();
        json["name"] = request["name"].clone();
        json
    });
    Ok(json!({"resources": shown.collect::<Vec<_>>()}))
}

async fn alter_configs(admin: &Admin, command: &Command, change: ChangeOptions) -> Result<Value, Fault> {
    let requests = command.list("resources")?;
    let mut changes = Vec::new();
    for request in requests {
        let mut ops = Vec::new();
        for op in request["ops"].as_array().into_iter().flatten() {
            let value = op["value"].as_str().unwrap_or_default().to_owned();
            let kind = match op["op"].as_str() {
                Some("set") => AlterConfigOpKind::Set(value),
                Some("delete") => AlterConfigOpKind::Delete,
                Some("append") => AlterConfigOpKind::Append(value),
                Some("subtract") => AlterConfigOpKind::Subtract(value),
                other => return Err(Fault::argument(format!("no operation {other:?}"))),
            };
            ops.push(AlterConfigOp { name: op["name"].as_str().unwrap_or_default().to_owned(), kind });
        }
        changes.push((resource(request)?, ops));
    }
    let results = admin.incremental_alter_configs(changes, change).await?;
    let mut resources = Vec::new();
    for request in requests {
        let mut json = shown(unit(results.get(&resource(request)?)));
        json["type"] = request["type"].clone();
        json["name"] = request["name"].clone();
        resources.push(json);
    }
    Ok(json!({ "resources": resources }))
}

fn offset_spec(text: &str) -> Result<OffsetSpec, Fault> {
    Ok(match text {
        "earliest" => OffsetSpec::Earliest,
        "latest" => OffsetSpec::Latest,
        "max_timestamp" => OffsetSpec::MaxTimestamp,
        time => OffsetSpec::ForTimestamp(
            time.parse().map_err(|_| Fault::argument(format!("no offset spec {time:?}")))?,
        ),
    })
}

async fn describe_groups(admin: &Admin, command: &Command, call: CallOptions) -> Result<Value, Fault> {
    let names = command.texts("groups")?;
    let results = admin.describe_consumer_groups(names.clone(), call).await?;
    let groups = by_name("group", &names, |name| {
        results.get(name).map(|result| {
            result.as_ref().map_err(Clone::clone).map(|group| {
                let members: Vec<_> = group
                    .members
                    .iter()
                    .map(|member| {
                        json!({
                            "member_id": member.member_id, "instance_id": member.group_instance_id,
                            "client_id": member.client_id, "assignment": show_partitions(&member.assignment),
                        })
                    })
                    .collect();
                json!({"state": group.state, "assignor": group.assignor, "members": members})
            })
        })
    });
    Ok(json!({ "groups": groups }))
}

async fn list_group_offsets(admin: &Admin, command: &Command, call: CallOptions) -> Result<Value, Fault> {
    let group = command.text("group")?.to_owned();
    let asked = match command.field("partitions") {
        Some(_) => Some(command.partitions("partitions")?),
        None => None,
    };
    let wanted = asked.clone().map(|partitions| partitions.into_iter().collect());
    let mut results = admin.list_consumer_group_offsets([(group.clone(), wanted)], false, call).await?;
    let found =
        results.remove(&group).ok_or_else(|| Fault::state("the client gives no result".to_owned()))??;
    let order = asked.unwrap_or_else(|| found.keys().cloned().collect());
    let offsets: Vec<_> = order
        .iter()
        .map(|partition| {
            let mut json = show_partition(partition);
            let offset = found.get(partition);
            json["offset"] = offset.map(|offset| offset.offset).into();
            json["metadata"] = offset.map(|offset| offset.metadata.clone()).into();
            json
        })
        .collect();
    Ok(json!({ "offsets": offsets }))
}
