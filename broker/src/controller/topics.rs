//! Creating topics: names, counts, placement and configuration.

use super::Controller;
use crate::config::{BrokerConfig, topic};
use crate::metadata::image::{TOPIC_RESOURCE, topic_name_problem};
use crate::metadata::{MetadataDelta, MetadataImage, PartitionImage, TopicImage};
use ottla_env::Rng;
use ottla_wire::ErrorCode;
use rand::RngExt;
use std::sync::Arc;
use uuid::Uuid;

/// More partitions in one request would be a slip or an attack.
const MAX_PARTITIONS: i32 = 100_000;

/// A topic somebody asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewTopic {
    /// Its name.
    pub(crate) name: String,
    /// -1: `num.partitions`, or as many as `assignments` has.
    pub(crate) partitions: i32,
    /// -1: `default.replication.factor`, or as `assignments` says.
    pub(crate) replication_factor: i16,
    /// Replicas chosen by the caller, by partition; empty leaves the choice to the controller.
    pub(crate) assignments: Vec<(i32, Vec<i32>)>,
    /// Topic configuration; a null value is refused.
    pub(crate) configs: Vec<(String, Option<String>)>,
}

/// A topic that was created, or would have been.
#[derive(Clone, Debug)]
pub(crate) struct TopicCreated {
    /// The topic.
    pub(crate) topic: Arc<TopicImage>,
    /// Its replication factor.
    pub(crate) replication_factor: i16,
}

/// Why a topic cannot be, in Kafka's code and in words.
pub(crate) type Refusal = (ErrorCode, String);

impl Controller {
    /// Creates `topics`, each by itself; with `validate_only` only says what would happen.
    pub(crate) async fn create_topics(
        &self,
        topics: Vec<NewTopic>,
        validate_only: bool,
    ) -> Vec<Result<TopicCreated, Refusal>> {
        let mut rng = self.changing.lock();
        let mut image = MetadataImage::clone(&self.publisher.image());
        let mut delta = MetadataDelta::default();
        let results = topics
            .into_iter()
            .map(|topic| self.create_topic(&mut rng, &mut image, &mut delta, topic))
            .collect();
        if !validate_only && !delta.changed_topics.is_empty() {
            image.offset += 1;
            self.publisher.publish(&delta, image);
        }
        results
    }

    fn create_topic(
        &self,
        rng: &mut Rng,
        image: &mut MetadataImage,
        delta: &mut MetadataDelta,
        new: NewTopic,
    ) -> Result<TopicCreated, Refusal> {
        if let Some(problem) = topic_name_problem(&new.name) {
            return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, problem.to_owned()));
        }
        if image.topic(&new.name).is_some() {
            return Err((ErrorCode::TOPIC_ALREADY_EXISTS, format!("Topic '{}' already exists.", new.name)));
        }
        // Metric names fold '.' and '_' into one, so that two such topics could not be told apart.
        let folded = new.name.replace('.', "_");
        if new.name.contains(['.', '_'])
            && let Some(other) = image.topics.keys().find(|other| other.replace('.', "_") == folded)
        {
            let problem = format!("Topic '{}' collides with existing topic: {other}", new.name);
            return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, problem));
        }
        let replicas = self.place(image, &new)?;
        let mut configs = imbl::OrdMap::new();
        for (name, value) in &new.configs {
            let Some(value) = value else {
                return Err((
                    ErrorCode::INVALID_CONFIG,
                    format!("Null value not supported for topic configs: {name}"),
                ));
            };
            topic::check(name, value).map_err(|error| (ErrorCode::INVALID_CONFIG, error.problem))?;
            configs.insert(Arc::from(name.as_str()), Arc::from(value.as_str()));
        }
        let name: Arc<str> = Arc::from(new.name.as_str());
        let replication_factor = replicas.first().map_or(0, |replicas| replicas.len() as i16);
        let partitions = replicas.into_iter().map(|replicas| PartitionImage {
            leader: replicas.first().copied().unwrap_or(-1),
            leader_epoch: 0,
            partition_epoch: 0,
            isr: replicas.clone(),
            replicas,
            elr: Vec::new(),
            last_known_elr: Vec::new(),
        });
        let topic =
            Arc::new(TopicImage { id: topic_id(rng), name: name.clone(), partitions: partitions.collect() });
        image.topics.insert(name.clone(), topic.clone());
        image.topic_names.insert(topic.id, name.clone());
        delta.changed_topics.insert(topic.id);
        if !configs.is_empty() {
            image.configs.insert((TOPIC_RESOURCE, name.clone()), configs);
            delta.changed_configs.insert((TOPIC_RESOURCE, name));
        }
        Ok(TopicCreated { topic, replication_factor })
    }

    /// The replicas of each partition.
    fn place(&self, image: &MetadataImage, new: &NewTopic) -> Result<Vec<Vec<i32>>, Refusal> {
        if !new.assignments.is_empty() {
            return Self::placed_by_caller(image, new);
        }
        let count = match new.partitions {
            -1 => self.config.int("num.partitions"),
            count if (1..=MAX_PARTITIONS).contains(&count) => count,
            count if count > MAX_PARTITIONS => {
                return Err((
                    ErrorCode::INVALID_PARTITIONS,
                    format!("Number of partitions is above {MAX_PARTITIONS}."),
                ));
            }
            _ => {
                let problem = "Number of partitions was set to an invalid non-positive value.";
                return Err((ErrorCode::INVALID_PARTITIONS, problem.to_owned()));
            }
        };
        let factor = match new.replication_factor {
            -1 => self.config.int("default.replication.factor"),
            factor => i32::from(factor),
        };
        let alive: Vec<i32> =
            image.brokers.values().filter(|broker| !broker.fenced).map(|broker| broker.node_id).collect();
        let Some(factor) = usize::try_from(factor).ok().filter(|factor| *factor > 0) else {
            let problem = "Replication factor must be larger than 0, or -1 to use the default value.";
            return Err((ErrorCode::INVALID_REPLICATION_FACTOR, problem.to_owned()));
        };
        if factor > alive.len() {
            let problem = format!(
                "Unable to replicate the partition {factor} time(s): The target replication factor of {factor} cannot \
                 be reached because only {} broker(s) are registered.",
                alive.len()
            );
            return Err((ErrorCode::INVALID_REPLICATION_FACTOR, problem));
        }
        let rows = (0..count as usize)
            .map(|partition| (0..factor).map(|replica| alive[(partition + replica) % alive.len()]).collect());
        Ok(rows.collect())
    }

    fn placed_by_caller(image: &MetadataImage, new: &NewTopic) -> Result<Vec<Vec<i32>>, Refusal> {
        let wrong = |problem: &str| Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, problem.to_owned()));
        if new.partitions != -1 || new.replication_factor != -1 {
            let problem = "Both partition count or replication factor and a manual assignment were given.";
            return Err((ErrorCode::INVALID_REQUEST, problem.to_owned()));
        }
        let mut assignments = new.assignments.clone();
        assignments.sort_by_key(|(partition, _)| *partition);
        let factor = assignments.first().map_or(0, |(_, replicas)| replicas.len());
        for (index, (partition, replicas)) in assignments.iter().enumerate() {
            if *partition != index as i32 {
                return wrong("Partitions should be a consecutive 0-based integer sequence.");
            }
            if replicas.is_empty() || replicas.len() != factor {
                return wrong("Inconsistent replication factor between partitions, or no replica at all.");
            }
            let mut distinct = replicas.clone();
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() != replicas.len() {
                return wrong("Duplicate brokers in a replica assignment.");
            }
            if replicas.iter().any(|node| !image.brokers.contains_key(node)) {
                return wrong("The replica assignment names a broker that is not registered.");
            }
        }
        Ok(assignments.into_iter().map(|(_, replicas)| replicas).collect())
    }
}

/// A random topic id. Like Kafka's own, its text never begins with a dash, which tools take for an option.
fn topic_id(rng: &mut Rng) -> Uuid {
    loop {
        let id = uuid::Builder::from_random_bytes(rng.random()).into_uuid();
        // The first of the 22 letters stands for the first six bits; 62 is the dash.
        if id.as_bytes()[0] >> 2 != 62 {
            return id;
        }
    }
}

impl NewTopic {
    /// A topic nobody described: the broker's defaults, or for the broker's own topics what they need.
    pub(crate) fn automatic(config: &BrokerConfig, name: &str) -> Self {
        let text = |value: &str| Some(value.to_owned());
        let of = |prefix: &str, extra: &[(&str, &str)]| {
            let extra = extra.iter().map(|(name, value)| ((*name).to_owned(), text(value)));
            let segment_bytes = config.long(&format!("{prefix}.segment.bytes")).max(1024 * 1024);
            Self {
                name: name.to_owned(),
                partitions: config.int(&format!("{prefix}.num.partitions")),
                replication_factor: config.int(&format!("{prefix}.replication.factor")) as i16,
                assignments: Vec::new(),
                configs: extra
                    .chain([
                        ("cleanup.policy".to_owned(), text("compact")),
                        ("compression.type".to_owned(), text("producer")),
                        ("segment.bytes".to_owned(), text(&segment_bytes.to_string())),
                    ])
                    .collect(),
            }
        };
        match name {
            "__consumer_offsets" => of("offsets.topic", &[]),
            "__transaction_state" => {
                let min_isr = config.int("transaction.state.log.min.isr").to_string();
                let extra =
                    [("min.insync.replicas", min_isr.as_str()), ("unclean.leader.election.enable", "false")];
                of("transaction.state.log", &extra)
            }
            _ => Self { name: name.to_owned(), partitions: -1, replication_factor: -1, ..Self::default() },
        }
    }
}
