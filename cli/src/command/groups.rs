//! `ottla groups`: list, describe with lag, delete, move offsets.

use crate::cluster::{self, ClusterFlags};
use crate::failure::Failure;
use crate::format::{Row, print_rows};
use ottla::admin::{Admin, CallOptions, ListGroupsFilter, OffsetAndMetadata, OffsetSpec};
use ottla::config::IsolationLevel;
use ottla::record::TopicPartition;
use serde::Serialize;
use std::collections::BTreeMap;

/// The states of a group, by Kafka's names.
const STATES: [&str; 8] = [
    "PreparingRebalance",
    "CompletingRebalance",
    "Stable",
    "Dead",
    "Empty",
    "Assigning",
    "Reconciling",
    "NotReady",
];

/// List, describe and delete consumer groups, and move their offsets.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    cluster: ClusterFlags,
    /// One JSON object a line
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// List groups
    List {
        /// Only groups in this state, e.g. Stable
        #[arg(long, ignore_case = true, value_parser = STATES)]
        state: Vec<String>,
    },
    /// Show offsets, lag and members of a group
    Describe {
        /// The group
        group: String,
        /// Its members instead of its offsets
        #[arg(short, long)]
        members: bool,
    },
    /// Delete groups without members, with their offsets
    Delete {
        /// The groups
        #[arg(required = true)]
        groups: Vec<String>,
    },
    /// Move the offsets of a group without members
    ResetOffsets {
        /// The group
        group: String,
        /// A topic, or one partition of it as TOPIC:PARTITION
        #[arg(short, long = "topic", required = true)]
        topics: Vec<String>,
        #[command(flatten)]
        to: Target,
        /// Only show where the offsets would go
        #[arg(long)]
        dry_run: bool,
    },
}

/// Where to.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Target {
    /// The beginning
    #[arg(long)]
    to_earliest: bool,
    /// The end
    #[arg(long)]
    to_latest: bool,
    /// This offset
    #[arg(long)]
    to_offset: Option<i64>,
    /// The first record at or after this time, in ms since the Unix epoch
    #[arg(long, value_name = "MS")]
    to_timestamp: Option<i64>,
}

#[derive(Serialize)]
struct GroupRow {
    group: String,
    state: String,
    r#type: String,
    protocol: String,
}

impl Row for GroupRow {
    const HEAD: &'static [&'static str] = &["GROUP", "STATE", "TYPE", "PROTOCOL"];
    fn cells(&self) -> Vec<String> {
        vec![self.group.clone(), self.state.clone(), self.r#type.clone(), self.protocol.clone()]
    }
}

#[derive(Serialize)]
struct OffsetRow {
    topic: String,
    partition: i32,
    offset: i64,
    end: Option<i64>,
    lag: Option<i64>,
    member: Option<String>,
}

impl Row for OffsetRow {
    const HEAD: &'static [&'static str] = &["TOPIC", "PARTITION", "OFFSET", "END", "LAG", "MEMBER"];
    fn cells(&self) -> Vec<String> {
        let number = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        vec![
            self.topic.clone(),
            self.partition.to_string(),
            self.offset.to_string(),
            number(self.end),
            number(self.lag),
            self.member.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    }
}

#[derive(Serialize)]
struct MemberRow {
    member: String,
    instance: Option<String>,
    client: String,
    host: String,
    partitions: Vec<String>,
}

impl Row for MemberRow {
    const HEAD: &'static [&'static str] = &["MEMBER", "INSTANCE", "CLIENT", "HOST", "PARTITIONS"];
    fn cells(&self) -> Vec<String> {
        vec![
            self.member.clone(),
            self.instance.clone().unwrap_or_default(),
            self.client.clone(),
            self.host.clone(),
            self.partitions.join(","),
        ]
    }
}

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    cluster::log_to_stderr("error");
    cluster::block_on(async {
        let admin = Admin::builder().set_all(arguments.cluster.options()?).build().await?;
        let outcome = act(&admin, arguments.verb, arguments.json).await;
        admin.close(cluster::CLOSE_TIMEOUT).await;
        outcome
    })
}

async fn act(admin: &Admin, verb: Verb, json: bool) -> Result<(), Failure> {
    match verb {
        Verb::List { state } => {
            let states =
                STATES.iter().filter(|name| state.iter().any(|said| said.eq_ignore_ascii_case(name)));
            let states = states.map(|name| (*name).to_owned()).collect();
            let filter = ListGroupsFilter { states, ..ListGroupsFilter::default() };
            let groups = admin.list_groups(filter, CallOptions::default()).await?;
            let rows: Vec<GroupRow> = groups
                .into_values()
                .map(|group| GroupRow {
                    group: group.group_id,
                    state: group.state,
                    r#type: format!("{:?}", group.group_type).to_lowercase(),
                    protocol: group.protocol_type,
                })
                .collect();
            print_rows(&rows, json)
        }
        Verb::Describe { group, members: true } => members(admin, &group, json).await,
        Verb::Describe { group, members: false } => offsets(admin, &group, json).await,
        Verb::Delete { groups } => {
            cluster::all(admin.delete_consumer_groups(groups, CallOptions::default()).await?)
        }
        Verb::ResetOffsets { group, topics, to, dry_run } => {
            reset(admin, &group, &topics, &to, dry_run, json).await
        }
    }
}

async fn members(admin: &Admin, group: &str, json: bool) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for (_, described) in admin.describe_consumer_groups([group], CallOptions::default()).await? {
        rows.extend(described?.members.into_iter().map(|member| MemberRow {
            member: member.member_id,
            instance: member.group_instance_id,
            client: member.client_id,
            host: member.host,
            partitions: member.assignment.iter().map(ToString::to_string).collect(),
        }));
    }
    print_rows(&rows, json)
}

async fn offsets(admin: &Admin, group: &str, json: bool) -> Result<(), Failure> {
    let mut owners = BTreeMap::new();
    for (_, described) in admin.describe_consumer_groups([group], CallOptions::default()).await? {
        for member in described?.members {
            owners
                .extend(member.assignment.into_iter().map(|partition| (partition, member.member_id.clone())));
        }
    }
    let mut committed = BTreeMap::new();
    for (_, offsets) in
        admin.list_consumer_group_offsets([(group, None)], false, CallOptions::default()).await?
    {
        committed.extend(offsets?);
    }
    let latest = committed.keys().map(|partition| (partition.clone(), OffsetSpec::Latest));
    let ends = admin.list_offsets(latest, IsolationLevel::ReadUncommitted, CallOptions::default()).await?;
    let rows: Vec<OffsetRow> = committed
        .into_iter()
        .map(|(partition, committed)| {
            let end = ends.get(&partition).and_then(|end| end.as_ref().ok()).and_then(|end| end.offset);
            OffsetRow {
                topic: partition.topic.to_string(),
                partition: partition.partition,
                offset: committed.offset,
                end,
                lag: end.map(|end| (end - committed.offset).max(0)),
                member: owners.get(&partition).cloned(),
            }
        })
        .collect();
    print_rows(&rows, json)
}

async fn reset(
    admin: &Admin,
    group: &str,
    topics: &[String],
    to: &Target,
    dry_run: bool,
    json: bool,
) -> Result<(), Failure> {
    let partitions = cluster::partitions(admin, topics).await?;
    let latest = || partitions.iter().map(|partition| (partition.clone(), OffsetSpec::Latest));
    let mut offsets: BTreeMap<TopicPartition, i64> = BTreeMap::new();
    let spec = match (to.to_earliest, to.to_timestamp) {
        (true, _) => OffsetSpec::Earliest,
        (_, Some(timestamp_ms)) => OffsetSpec::ForTimestamp(timestamp_ms),
        _ => OffsetSpec::Latest,
    };
    let wanted = partitions.iter().map(|partition| (partition.clone(), spec));
    let found = admin.list_offsets(wanted, IsolationLevel::ReadUncommitted, CallOptions::default()).await?;
    let ends = admin.list_offsets(latest(), IsolationLevel::ReadUncommitted, CallOptions::default()).await?;
    for (partition, found) in found {
        // No record that late: the end, as Kafka's own tool does.
        let end = ends.get(&partition).and_then(|end| end.as_ref().ok()).and_then(|end| end.offset);
        let offset = to.to_offset.or(found?.offset).or(end).unwrap_or(0);
        offsets.insert(partition, offset);
    }
    if !dry_run {
        let moves =
            offsets.iter().map(|(partition, offset)| (partition.clone(), OffsetAndMetadata::new(*offset)));
        cluster::all(admin.alter_consumer_group_offsets(group, moves, CallOptions::default()).await?)?;
    }
    let rows: Vec<OffsetRow> = offsets
        .into_iter()
        .map(|(partition, offset)| OffsetRow {
            topic: partition.topic.to_string(),
            partition: partition.partition,
            offset,
            end: None,
            lag: None,
            member: None,
        })
        .collect();
    print_rows(&rows, json)
}
