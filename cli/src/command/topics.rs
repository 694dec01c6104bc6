//! `ottla topics`: list, describe, create, alter, delete.

use crate::cluster::{self, ClusterFlags};
use crate::failure::Failure;
use crate::format::{Row, print_rows};
use ottla::admin::{Admin, CallOptions, ChangeOptions, NewPartitions, NewTopic, TopicSelector};
use serde::Serialize;

/// List, describe, create, alter and delete topics.
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
    /// List topics
    List {
        /// Kafka's own topics too
        #[arg(long)]
        internal: bool,
    },
    /// Describe topics: a line per partition
    Describe {
        /// The topics; none means all
        topics: Vec<String>,
    },
    /// Create a topic
    Create {
        /// Its name
        topic: String,
        /// How many partitions; the broker's default if left out
        #[arg(short, long)]
        partitions: Option<i32>,
        /// How many replicas of each; the broker's default if left out
        #[arg(short, long)]
        replication_factor: Option<i16>,
        /// A topic option, e.g. cleanup.policy=compact
        #[arg(short, long = "config", value_name = "KEY=VALUE")]
        configs: Vec<String>,
        /// It is fine if the topic is there already
        #[arg(long)]
        if_not_exists: bool,
    },
    /// Give a topic more partitions
    Alter {
        /// Its name
        topic: String,
        /// How many partitions it shall have in all
        #[arg(short, long)]
        partitions: i32,
    },
    /// Delete topics with all their records
    Delete {
        /// Their names
        #[arg(required = true)]
        topics: Vec<String>,
    },
}

#[derive(Serialize)]
struct TopicRow {
    topic: String,
    id: String,
    internal: bool,
}

impl Row for TopicRow {
    const HEAD: &'static [&'static str] = &["TOPIC", "ID", "INTERNAL"];
    fn cells(&self) -> Vec<String> {
        vec![self.topic.clone(), self.id.clone(), if self.internal { "yes" } else { "" }.to_owned()]
    }
}

#[derive(Serialize)]
struct PartitionRow {
    topic: String,
    partition: i32,
    leader: Option<i32>,
    leader_epoch: Option<i32>,
    replicas: Vec<i32>,
    isr: Vec<i32>,
}

impl Row for PartitionRow {
    const HEAD: &'static [&'static str] = &["TOPIC", "PARTITION", "LEADER", "EPOCH", "REPLICAS", "ISR"];
    fn cells(&self) -> Vec<String> {
        let number =
            |number: Option<i32>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
        let list = |nodes: &[i32]| nodes.iter().map(i32::to_string).collect::<Vec<_>>().join(",");
        vec![
            self.topic.clone(),
            self.partition.to_string(),
            number(self.leader),
            number(self.leader_epoch),
            list(&self.replicas),
            list(&self.isr),
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
        Verb::List { internal } => {
            let topics = admin.list_topics(internal, CallOptions::default()).await?;
            let rows: Vec<TopicRow> = topics
                .into_values()
                .map(|topic| TopicRow {
                    topic: topic.name,
                    id: ottla_wire::uuid_text::to_text(topic.id),
                    internal: topic.is_internal,
                })
                .collect();
            print_rows(&rows, json)
        }
        Verb::Describe { topics } => describe(admin, topics, json).await,
        Verb::Create { topic, partitions, replication_factor, configs, if_not_exists } => {
            let mut new = NewTopic {
                num_partitions: partitions,
                replication_factor,
                ..NewTopic::with_defaults(&topic)
            };
            for (name, value) in cluster::pairs("--config", &configs)? {
                new = new.config(name, value);
            }
            let results = admin.create_topics([new], ChangeOptions::default()).await?;
            for (_, result) in results {
                match result {
                    Err(error)
                        if if_not_exists && error.code() == Some(ottla::ErrorCode::TOPIC_ALREADY_EXISTS) => {}
                    result => {
                        result?;
                    }
                }
            }
            Ok(())
        }
        Verb::Alter { topic, partitions } => {
            let more = [(topic, NewPartitions::increase_to(partitions))];
            cluster::all(admin.create_partitions(more, ChangeOptions::default()).await?)
        }
        Verb::Delete { topics } => cluster::all(admin.delete_topics(topics, CallOptions::default()).await?),
    }
}

async fn describe(admin: &Admin, topics: Vec<String>, json: bool) -> Result<(), Failure> {
    let topics: Vec<TopicSelector> = if topics.is_empty() {
        admin.list_topics(false, CallOptions::default()).await?.into_keys().map(TopicSelector::from).collect()
    } else {
        topics.into_iter().map(TopicSelector::from).collect()
    };
    let mut rows = Vec::new();
    for (_, described) in admin.describe_topics(topics, CallOptions::default()).await? {
        let described = described?;
        rows.extend(described.partitions.iter().map(|partition| PartitionRow {
            topic: described.name.clone(),
            partition: partition.partition,
            leader: partition.leader.map(|node| node.0),
            leader_epoch: partition.leader_epoch,
            replicas: partition.replicas.iter().map(|node| node.0).collect(),
            isr: partition.isr.iter().map(|node| node.0).collect(),
        }));
    }
    print_rows(&rows, json)
}
