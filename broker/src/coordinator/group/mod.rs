//! Groups: the coordinator that `__consumer_offsets` is kept for.
//!
//! [`GroupCoordinator`] finds the partition of a group and passes requests on to its [`shard::GroupShard`]. Requests and
//! answers are the machines' own types; `handlers` turn them into messages.

mod classic;
mod config;
pub(crate) mod effects;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod join;
mod member;
mod offsets;
mod places;
mod presence;
mod records;
mod shard;
mod sync;
#[cfg(test)]
mod tests;

pub(crate) use classic::GroupState;
use config::GroupConfig;
use effects::{CommitRequest, Identity, JoinReply, JoinRequest, Reply, SyncReply, SyncRequest};
use places::Places;
pub(crate) use shard::Group;
use shard::GroupShard;

use super::runtime::Runtime;
use crate::config::BrokerConfig;
use crate::metadata::{MetadataImage, MetadataPublisher};
use crate::replication::ReplicaManager;
use ottla_env::{Env, Task};
use ottla_wire::ErrorCode;
use ottla_wire::java_hash::coordinator_partition;
use std::sync::Arc;

/// Where groups are kept.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The groups this broker coordinates.
pub(crate) struct GroupCoordinator {
    runtime: Arc<Runtime<GroupShard>>,
    config: Arc<GroupConfig>,
    metadata: Arc<MetadataPublisher>,
    /// Ends with the coordinator.
    _driver: Task<()>,
}

impl GroupCoordinator {
    /// Starts coordinating. Must come after `replicas` hears of metadata, so that partitions are there when this does.
    pub(crate) fn start(
        env: &Env,
        config: &BrokerConfig,
        metadata: &Arc<MetadataPublisher>,
        replicas: &Arc<ReplicaManager>,
    ) -> Self {
        let config = Arc::new(GroupConfig::new(config));
        let (shard_config, shard_env, places) = (config.clone(), env.clone(), Places::default());
        let (runtime, driver) = Runtime::start(
            env.clone(),
            OFFSETS_TOPIC,
            replicas.clone(),
            config.compression,
            config.commit_timeout,
            move |_| GroupShard::new(shard_config.clone(), places.clone(), shard_env.rng("groups")),
        );
        let told = Arc::downgrade(&runtime);
        metadata.subscribe(move |delta, image: &MetadataImage| {
            let concerns_us = || {
                let id = image.topic(OFFSETS_TOPIC).map(|topic| topic.id);
                id.is_some_and(|id| delta.changed_topics.contains(&id))
            };
            if let Some(runtime) = told.upgrade()
                && (!delta.deleted_topics.is_empty() || concerns_us())
            {
                runtime.metadata_changed(delta.deleted_topics.iter().map(|(_, name)| name.clone()));
            }
        });
        Self { runtime, config, metadata: metadata.clone(), _driver: driver }
    }

    /// The partition that keeps `group_id`.
    fn partition(&self, group_id: &str) -> Result<i32, ErrorCode> {
        let image = self.metadata.image();
        let topic = image.topic(OFFSETS_TOPIC).ok_or(ErrorCode::NOT_COORDINATOR)?;
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        Ok(coordinator_partition(group_id, count))
    }

    /// JoinGroup; waits for the other members.
    pub(crate) async fn join(&self, group_id: &Arc<str>, request: JoinRequest) -> JoinReply {
        let member_id = request.member_id.clone();
        if group_id.is_empty() {
            return JoinReply::refused(ErrorCode::INVALID_GROUP_ID, member_id);
        }
        let answer = match self.partition(group_id) {
            Ok(partition) => {
                let join =
                    |shard: &mut GroupShard, ticket, now| shard.handle_join(ticket, group_id, request, now);
                self.runtime.call(partition, None, join).await
            }
            Err(code) => Err(code),
        };
        match answer {
            Ok(Reply::Join(reply)) => reply,
            Ok(other) => JoinReply::refused(unexpected(&other), member_id),
            Err(code) => JoinReply::refused(code, member_id),
        }
    }

    /// SyncGroup; waits for the leader.
    pub(crate) async fn sync(&self, group_id: &Arc<str>, request: SyncRequest) -> SyncReply {
        if group_id.is_empty() {
            return SyncReply::refused(ErrorCode::INVALID_GROUP_ID);
        }
        let answer = match self.partition(group_id) {
            Ok(partition) => {
                let sync =
                    |shard: &mut GroupShard, ticket, now| shard.handle_sync(ticket, group_id, request, now);
                self.runtime.call(partition, None, sync).await
            }
            Err(code) => Err(code),
        };
        match answer {
            Ok(Reply::Sync(reply)) => reply,
            // A client goes through a rebalance rather than fail while its group is being loaded.
            Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS) => {
                SyncReply::refused(ErrorCode::REBALANCE_IN_PROGRESS)
            }
            Ok(other) => SyncReply::refused(unexpected(&other)),
            Err(code) => SyncReply::refused(code),
        }
    }

    /// Heartbeat.
    pub(crate) async fn heartbeat(&self, group_id: &str, who: Identity<'_>, generation: i32) -> ErrorCode {
        if group_id.is_empty() {
            return ErrorCode::INVALID_GROUP_ID;
        }
        let beat = |shard: &mut GroupShard, ticket, now| {
            shard.handle_heartbeat(ticket, group_id, who, generation, now);
        };
        match self.ask(group_id, beat).await {
            Ok(Reply::Code(code)) => code,
            Ok(other) => unexpected(&other),
            // While groups are being loaded nobody's session runs.
            Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS) => ErrorCode::NONE,
            Err(code) => code,
        }
    }

    /// LeaveGroup: a code for each member, in order.
    pub(crate) async fn leave(
        &self,
        group_id: &Arc<str>,
        leaving: &[(Arc<str>, Option<Arc<str>>)],
    ) -> Result<Vec<ErrorCode>, ErrorCode> {
        if group_id.is_empty() {
            return Err(ErrorCode::INVALID_GROUP_ID);
        }
        let leave = |shard: &mut GroupShard, ticket, now| shard.handle_leave(ticket, group_id, leaving, now);
        match self.ask(group_id, leave).await? {
            Reply::Leave(codes) => codes,
            other => Err(unexpected(&other)),
        }
    }

    /// OffsetCommit: a code for each offset, in order.
    pub(crate) async fn commit(
        &self,
        group_id: &Arc<str>,
        request: &CommitRequest,
    ) -> Result<Vec<ErrorCode>, ErrorCode> {
        let commit =
            |shard: &mut GroupShard, ticket, now| shard.handle_commit(ticket, group_id, request, now);
        match self.ask(group_id, commit).await? {
            Reply::Partitions(codes) => codes,
            other => Err(unexpected(&other)),
        }
    }

    /// OffsetDelete: a code for each partition, in order.
    pub(crate) async fn delete_offsets(
        &self,
        group_id: &Arc<str>,
        partitions: &[(Arc<str>, i32)],
    ) -> Result<Vec<ErrorCode>, ErrorCode> {
        let delete =
            |shard: &mut GroupShard, ticket, _| shard.handle_delete_offsets(ticket, group_id, partitions);
        match self.ask(group_id, delete).await? {
            Reply::Partitions(codes) => codes,
            other => Err(unexpected(&other)),
        }
    }

    /// DeleteGroups, for one group.
    pub(crate) async fn delete(&self, group_id: &Arc<str>) -> ErrorCode {
        match self.ask(group_id, |shard, ticket, _| shard.handle_delete(ticket, group_id)).await {
            Ok(Reply::Code(code)) | Err(code) => code,
            Ok(other) => unexpected(&other),
        }
    }

    /// Looks at a group; `None` where there is none.
    pub(crate) async fn look<T>(
        &self,
        group_id: &str,
        look: impl FnOnce(Option<&Group>) -> T,
    ) -> Result<T, ErrorCode> {
        let partition = self.partition(group_id)?;
        self.runtime.read(partition, |shard, _| look(shard.group(group_id))).await.map_err(told)
    }

    /// Looks at every group this broker coordinates.
    pub(crate) async fn for_each(&self, mut visit: impl FnMut(&Arc<str>, &Group)) -> Result<(), ErrorCode> {
        for partition in self.runtime.partitions_with_records() {
            let seen = self.runtime.read(partition, |shard, _| {
                shard.groups().for_each(|(group_id, group)| visit(group_id, group));
            });
            match seen.await.map_err(told) {
                // Another broker tells of it.
                Ok(()) | Err(ErrorCode::NOT_COORDINATOR) => {}
                Err(code) => return Err(code),
            }
        }
        Ok(())
    }

    /// A request that is answered as soon as what it writes is committed.
    async fn ask(
        &self,
        group_id: &str,
        request: impl FnOnce(&mut GroupShard, super::shard::Ticket, super::shard::Now),
    ) -> Result<Reply, ErrorCode> {
        let partition = self.partition(group_id)?;
        self.runtime.call(partition, Some(self.config.commit_timeout), request).await.map_err(told)
    }
}

/// A code of the runtime in terms that clients of coordinators know.
fn told(code: ErrorCode) -> ErrorCode {
    match code {
        ErrorCode::REQUEST_TIMED_OUT => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        code => code,
    }
}

/// A shard answered with another API's answer.
fn unexpected(reply: &Reply) -> ErrorCode {
    debug_assert!(false, "an answer of the wrong kind: {reply:?}");
    tracing::error!(?reply, "an answer of the wrong kind");
    ErrorCode::UNKNOWN_SERVER_ERROR
}

/// What tests of the runtime need of a shard.
#[cfg(test)]
pub(super) mod tests_only {
    use super::effects::Done;
    use super::records::GroupRecord;
    pub(crate) use super::shard::GroupShard as Shard;
    use crate::coordinator::shard::Write;
    use std::sync::Arc;

    /// A write of `count` records.
    pub(crate) fn forgotten(count: i32, atomic: bool) -> Write<GroupRecord, Done> {
        let (group, topic): (Arc<str>, Arc<str>) = (Arc::from("group"), Arc::from("topic"));
        let records = (0..count).map(|partition| GroupRecord::Offset {
            group: group.clone(),
            topic: topic.clone(),
            partition,
            value: None,
        });
        Write { records: records.collect(), atomic, producer: None, then: Done::Nothing }
    }
}
