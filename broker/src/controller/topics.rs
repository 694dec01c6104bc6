//! Topics come and go: names, counts, placement and configuration.

use super::room::Room;
use super::{Controller, Draft, Refusal, placement, refused, topic_id};
use crate::config::{BrokerConfig, topic};
use crate::metadata::image::{TOPIC_RESOURCE, is_internal, topic_name_problem};
use crate::metadata::{MetadataImage, MetadataRecord, PartitionImage, TopicImage};
use ottla_env::Rng;
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use uuid::Uuid;

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

impl Controller {
    /// Creates `topics` for `asker`, each by itself; with `validate_only` only says what would happen.
    pub(crate) async fn create_topics(
        &self,
        topics: Vec<NewTopic>,
        validate_only: bool,
        asker: SocketAddr,
    ) -> Vec<Result<TopicCreated, Refusal>> {
        let mut writer = self.writer.clone().lock_owned().await;
        let mut draft = self.draft();
        let mut room = Room::new(&self.config, &self.limits, &draft.image, asker);
        let mut results: Vec<Result<TopicCreated, Refusal>> = topics
            .into_iter()
            .map(|topic| self.create_topic(&mut writer.rng, &mut draft, &mut room, topic))
            .collect();
        if !validate_only && let Err(error) = self.commit(writer, draft).await {
            let refusal = refused(error);
            results
                .iter_mut()
                .filter(|result| result.is_ok())
                .for_each(|result| *result = Err(refusal.clone()));
        }
        results
    }

    fn create_topic(
        &self,
        rng: &mut Rng,
        draft: &mut Draft,
        room: &mut Room<'_>,
        new: NewTopic,
    ) -> Result<TopicCreated, Refusal> {
        if let Some(problem) = topic_name_problem(&new.name) {
            return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, problem.to_owned()));
        }
        if draft.image.topic(&new.name).is_some() {
            return Err((ErrorCode::TOPIC_ALREADY_EXISTS, format!("Topic '{}' already exists.", new.name)));
        }
        // Metric names fold '.' and '_' into one, so that two such topics could not be told apart.
        let folded = new.name.replace('.', "_");
        if new.name.contains(['.', '_'])
            && let Some(other) = draft.image.topics.keys().find(|other| other.replace('.', "_") == folded)
        {
            let problem = format!("Topic '{}' collides with existing topic: {other}", new.name);
            return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, problem));
        }
        let replicas = self.place(&draft.image, &new)?;
        let mut configs: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, value) in &new.configs {
            let Some(value) = value else {
                let problem = format!("Null value not supported for topic configs: {name}");
                return Err((ErrorCode::INVALID_CONFIG, problem));
            };
            topic::check(name, value).map_err(|error| (ErrorCode::INVALID_CONFIG, error.problem))?;
            configs.insert(name, value);
        }
        // Without the broker's own topics, groups that are there could not go on.
        if !is_internal(&new.name) {
            room.take_topic(replicas.len())?;
        }
        let name: Arc<str> = Arc::from(new.name.as_str());
        let id = topic_id(rng);
        draft.push(MetadataRecord::Topic { name: name.clone(), id })?;
        let replication_factor = replicas.first().map_or(0, |replicas| replicas.len() as i16);
        for (index, replicas) in replicas.into_iter().enumerate() {
            let partition = new_partition(replicas);
            draft.push(MetadataRecord::Partition { topic_id: id, index: index as i32, partition })?;
        }
        for (key, value) in configs {
            draft.push(MetadataRecord::Config {
                resource_type: TOPIC_RESOURCE,
                resource_name: name.clone(),
                name: Arc::from(key),
                value: Some(Arc::from(value)),
            })?;
        }
        let topic = draft.image.topic(&name).cloned();
        let topic =
            topic.ok_or((ErrorCode::UNKNOWN_SERVER_ERROR, "the topic is not in its image".to_owned()))?;
        Ok(TopicCreated { topic, replication_factor })
    }

    /// The replicas of each partition.
    fn place(&self, image: &MetadataImage, new: &NewTopic) -> Result<Vec<Vec<i32>>, Refusal> {
        if !new.assignments.is_empty() {
            return placed_by_caller(image, new);
        }
        let count = match new.partitions {
            -1 => self.config.int("num.partitions"),
            count if (1..=placement::MAX_PARTITIONS).contains(&count) => count,
            count if count > placement::MAX_PARTITIONS => {
                let problem = format!("Number of partitions is above {}.", placement::MAX_PARTITIONS);
                return Err((ErrorCode::INVALID_PARTITIONS, problem));
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
        placement::spread(image, 0, count, factor)
    }

    /// Deletes the topics with these ids, each by itself.
    pub(crate) async fn delete_topics(&self, ids: Vec<Uuid>) -> Vec<Result<Arc<TopicImage>, Refusal>> {
        let writer = self.writer.clone().lock_owned().await;
        let mut draft = self.draft();
        let mut results: Vec<Result<Arc<TopicImage>, Refusal>> = ids
            .into_iter()
            .map(|id| {
                let unknown =
                    (ErrorCode::UNKNOWN_TOPIC_ID, "This server does not host this topic ID.".to_owned());
                let topic = draft.image.topic_by_id(id).cloned().ok_or(unknown)?;
                draft.push(MetadataRecord::RemoveTopic { id })?;
                Ok(topic)
            })
            .collect();
        if let Err(error) = self.commit(writer, draft).await {
            let refusal = refused(error);
            results
                .iter_mut()
                .filter(|result| result.is_ok())
                .for_each(|result| *result = Err(refusal.clone()));
        }
        results
    }
}

/// A partition at the start of its life: its first replica leads.
pub(super) fn new_partition(replicas: Vec<i32>) -> PartitionImage {
    PartitionImage {
        leader: replicas.first().copied().unwrap_or(-1),
        leader_epoch: 0,
        partition_epoch: 0,
        isr: replicas.clone(),
        replicas,
        elr: Vec::new(),
        last_known_elr: Vec::new(),
    }
}

fn placed_by_caller(image: &MetadataImage, new: &NewTopic) -> Result<Vec<Vec<i32>>, Refusal> {
    if new.partitions != -1 || new.replication_factor != -1 {
        let problem = "Both partition count or replication factor and a manual assignment were given.";
        return Err((ErrorCode::INVALID_REQUEST, problem.to_owned()));
    }
    let mut assignments = new.assignments.clone();
    assignments.sort_by_key(|(partition, _)| *partition);
    if assignments.iter().enumerate().any(|(index, (partition, _))| *partition != index as i32) {
        let problem = "Partitions should be a consecutive 0-based integer sequence.";
        return Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, problem.to_owned()));
    }
    placement::check(image, assignments.iter().map(|(_, replicas)| replicas))?;
    Ok(assignments.into_iter().map(|(_, replicas)| replicas).collect())
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
