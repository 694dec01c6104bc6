//! `ottla configs`: describe and alter.

use crate::cluster::{self, ClusterFlags};
use crate::failure::Failure;
use crate::format::{Row, print_rows};
use ottla::admin::{
    Admin, AlterConfigOp, AlterConfigOpKind, ChangeOptions, ConfigResource, ConfigSource,
    DescribeConfigsOptions,
};
use serde::Serialize;

/// Describe and alter the configuration of topics, brokers and groups.
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
    /// Show the values of a resource
    Describe {
        #[command(flatten)]
        resource: Resource,
        /// Defaults too, not just what was set
        #[arg(short, long)]
        all: bool,
    },
    /// Change values of a resource
    Alter {
        #[command(flatten)]
        resource: Resource,
        /// Set a value
        #[arg(short, long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// Take a value back to its default
        #[arg(short, long, value_name = "KEY")]
        delete: Vec<String>,
        /// Add items to a list
        #[arg(long, value_name = "KEY=ITEMS")]
        append: Vec<String>,
        /// Take items out of a list
        #[arg(long, value_name = "KEY=ITEMS")]
        subtract: Vec<String>,
        /// Only say whether it would work
        #[arg(long)]
        dry_run: bool,
    },
}

/// Whose configuration.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Resource {
    /// A topic
    #[arg(short, long)]
    topic: Option<String>,
    /// A broker, by its id
    #[arg(long)]
    broker: Option<i32>,
    /// All brokers
    #[arg(long)]
    broker_defaults: bool,
    /// A group
    #[arg(short, long)]
    group: Option<String>,
}

impl Resource {
    fn named(self) -> ConfigResource {
        match (self.topic, self.broker, self.group) {
            (Some(topic), ..) => ConfigResource::topic(topic),
            (_, Some(broker), _) => ConfigResource::broker(ottla::NodeId(broker)),
            (.., Some(group)) => ConfigResource::group(group),
            _ => ConfigResource::broker_default(),
        }
    }
}

#[derive(Serialize)]
struct ConfigRow {
    name: String,
    value: Option<String>,
    source: String,
    read_only: bool,
}

impl Row for ConfigRow {
    const HEAD: &'static [&'static str] = &["NAME", "VALUE", "SOURCE", "READ ONLY"];
    fn cells(&self) -> Vec<String> {
        let value = self.value.clone().unwrap_or_else(|| "(none)".to_owned());
        vec![
            self.name.clone(),
            value,
            self.source.clone(),
            if self.read_only { "yes" } else { "" }.to_owned(),
        ]
    }
}

/// Kafka's name for where a value comes from.
fn source_name(source: ConfigSource) -> String {
    let name = match source {
        ConfigSource::DynamicTopic => "DYNAMIC_TOPIC_CONFIG",
        ConfigSource::DynamicBroker => "DYNAMIC_BROKER_CONFIG",
        ConfigSource::DynamicDefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        ConfigSource::StaticBroker => "STATIC_BROKER_CONFIG",
        ConfigSource::Default => "DEFAULT_CONFIG",
        ConfigSource::DynamicBrokerLogger => "DYNAMIC_BROKER_LOGGER_CONFIG",
        ConfigSource::DynamicClientMetrics => "DYNAMIC_CLIENT_METRICS_CONFIG",
        ConfigSource::DynamicGroup => "DYNAMIC_GROUP_CONFIG",
        ConfigSource::Unknown(number) => return format!("UNKNOWN ({number})"),
    };
    name.to_owned()
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
        Verb::Describe { resource, all } => {
            if let Some(broker) = resource.broker {
                cluster::require_broker(admin, broker).await?;
            }
            let described =
                admin.describe_configs([resource.named()], DescribeConfigsOptions::default()).await?;
            let mut rows = Vec::new();
            for (_, entries) in described {
                let entries =
                    entries?.into_values().filter(|entry| all || entry.source != ConfigSource::Default);
                rows.extend(entries.map(|entry| ConfigRow {
                    value: if entry.is_sensitive { Some("(hidden)".to_owned()) } else { entry.value },
                    name: entry.name,
                    source: source_name(entry.source),
                    read_only: entry.is_read_only,
                }));
            }
            print_rows(&rows, json)
        }
        Verb::Alter { resource, set, delete, append, subtract, dry_run } => {
            let mut changes: Vec<AlterConfigOp> =
                cluster::pairs("--set", &set)?.map(|(name, value)| AlterConfigOp::set(name, value)).collect();
            changes.extend(delete.into_iter().map(AlterConfigOp::delete));
            let list = |(name, items): (&str, &str), kind: fn(String) -> AlterConfigOpKind| AlterConfigOp {
                name: name.to_owned(),
                kind: kind(items.to_owned()),
            };
            changes.extend(
                cluster::pairs("--append", &append)?.map(|pair| list(pair, AlterConfigOpKind::Append)),
            );
            changes.extend(
                cluster::pairs("--subtract", &subtract)?.map(|pair| list(pair, AlterConfigOpKind::Subtract)),
            );
            if changes.is_empty() {
                return Err(Failure::said("nothing to alter: give --set, --delete, --append or --subtract"));
            }
            if let Some(broker) = resource.broker {
                cluster::require_broker(admin, broker).await?;
            }
            let options = ChangeOptions { validate_only: dry_run, ..ChangeOptions::default() };
            cluster::all(admin.incremental_alter_configs([(resource.named(), changes)], options).await?)
        }
    }
}
