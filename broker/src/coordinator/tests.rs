//! Coordinators over a broker's own partitions, on a disk that fails.

use super::group::OFFSETS_TOPIC;
use super::group::effects::{CommitOffset, CommitRequest};
use crate::broker::Broker;
use crate::config::BrokerConfig;
use crate::controller::NewTopic;
use crate::storage::FaultyDisk;
use ottla_env::Env;
use ottla_wire::ErrorCode;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Nothing here should take as long.
const LIMIT: Duration = Duration::from_secs(30);

fn commit() -> CommitRequest {
    let offset = CommitOffset {
        topic: Arc::from("topic"),
        topic_id: uuid::Uuid::nil(),
        partition: 0,
        offset: 42,
        leader_epoch: -1,
        metadata: Arc::from(""),
        retention_ms: -1,
    };
    CommitRequest {
        member_id: Arc::from(""),
        group_instance_id: None,
        generation: -1,
        version: 8,
        producer: None,
        offsets: vec![offset],
    }
}

async fn pause(env: &Env, deadline: Instant) {
    assert!(env.now() < deadline, "it takes too long");
    env.sleep(Duration::from_millis(1)).await;
}

#[tokio::test]
async fn a_load_that_fails_is_tried_until_it_succeeds() {
    let (env, disk) = (Env::system(), FaultyDisk::default());
    let mut config = BrokerConfig::in_memory();
    // Reads have to go to the disk.
    for (name, value) in [("ottla.log.tail.cache.bytes", "0"), ("offsets.topic.num.partitions", "1")] {
        config.set(name, value).unwrap();
    }
    let directories = vec![PathBuf::from("/logs")];
    let broker =
        Broker::start_on(env.clone(), config.clone(), Arc::new(disk.clone()), directories).await.unwrap();
    let context = broker.context();
    let topic = NewTopic::automatic(&config, OFFSETS_TOPIC);
    context.controller.create_topics(vec![topic], false, broker.addresses()[0]).await.remove(0).unwrap();
    let group: Arc<str> = Arc::from("group");
    assert_eq!(context.groups.commit(&group, &commit()).await, Ok(vec![ErrorCode::NONE]));

    disk.fail_reads(true);
    let partition = context.replicas.get(OFFSETS_TOPIC, 0).unwrap();
    partition.update(context.node_id, context.node_id, partition.leader_epoch() + 1, 1);
    let offset = || {
        context.groups.look("group", |group| {
            group.and_then(|group| group.offsets.get("topic", 0)).map(|committed| committed.offset)
        })
    };
    let deadline = env.now() + LIMIT;
    while disk.failed_reads() < 2 {
        assert_eq!(offset().await, Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS));
        pause(&env, deadline).await;
    }
    assert_eq!(offset().await, Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS));

    disk.fail_reads(false);
    let loaded = loop {
        match offset().await {
            Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS) => pause(&env, deadline).await,
            loaded => break loaded,
        }
    };
    assert_eq!(loaded, Ok(Some(42)));
    broker.stop(LIMIT).await.unwrap();
}
