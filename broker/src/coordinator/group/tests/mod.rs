//! Scripts for the machines of groups, with a clock moved by hand.

mod membership;
mod offsets;
mod records;
mod replay;
mod statics;

use super::config::GroupConfig;
use super::effects::{
    CommitOffset, CommitRequest, Identity, JoinReply, JoinRequest, Reply, SyncReply, SyncRequest,
};
use super::places::Places;
use super::records::GroupRecord;
use super::shard::GroupShard;
use super::{Group, GroupState};
use crate::coordinator::shard::{Now, Shard, Ticket, TransactionalProducer};
use bytes::{BufMut, Bytes, BytesMut};
use ottla_env::{Env, RngRoot};
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const SESSION_MS: i32 = 10_000;
const REBALANCE_MS: i32 = 60_000;

/// One shard, its log and its clock.
struct Script {
    shard: GroupShard,
    now: Now,
    next_ticket: u64,
    log: Vec<(GroupRecord, Option<TransactionalProducer>)>,
    replies: BTreeMap<Ticket, Reply>,
    /// Writes fail with it.
    broken: Option<ErrorCode>,
}

fn config() -> GroupConfig {
    GroupConfig {
        min_session_timeout_ms: 6_000,
        max_session_timeout_ms: 1_800_000,
        initial_rebalance_delay: Duration::ZERO,
        max_size: usize::MAX,
        max_groups: usize::MAX,
        offset_metadata_max_bytes: 16,
        offsets_retention_ms: 3_600_000,
        offsets_retention_check_interval: Duration::from_secs(600),
        commit_timeout: Duration::from_secs(5),
        compression: Default::default(),
    }
}

/// A consumer's subscription.
fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(topics.len() as i32);
    for topic in topics {
        bytes.put_i16(topic.len() as i16);
        bytes.put_slice(topic.as_bytes());
    }
    bytes.put_i32(-1);
    bytes.freeze()
}

fn id() -> Arc<str> {
    Arc::from("group")
}

/// A join as a current consumer sends it.
fn join(member_id: &str) -> JoinRequest {
    JoinRequest {
        member_id: Arc::from(member_id),
        group_instance_id: None,
        client_id: Arc::from("client"),
        client_host: Arc::from("/127.0.0.1"),
        session_timeout_ms: SESSION_MS,
        rebalance_timeout_ms: REBALANCE_MS,
        protocol_type: Arc::from("consumer"),
        protocols: vec![(Arc::from("range"), subscription(&["t"]))],
        requires_known_member_id: true,
        supports_skipping_assignment: true,
    }
}

fn static_join(instance: &str) -> JoinRequest {
    JoinRequest { group_instance_id: Some(Arc::from(instance)), ..join("") }
}

fn commit_request(member_id: &str, generation: i32, offsets: &[(&str, i64)]) -> CommitRequest {
    let offsets = offsets.iter().map(|(topic, offset)| CommitOffset {
        topic: Arc::from(*topic),
        topic_id: uuid::Uuid::nil(),
        partition: 0,
        offset: *offset,
        leader_epoch: 1,
        metadata: Arc::from(""),
        retention_ms: -1,
    });
    CommitRequest {
        member_id: Arc::from(member_id),
        group_instance_id: None,
        generation,
        version: 8,
        producer: None,
        offsets: offsets.collect(),
    }
}

impl Script {
    fn new() -> Self {
        Self::with(config())
    }

    fn with(config: GroupConfig) -> Self {
        let now = Now { instant: Env::system().now(), wall_ms: 1_000_000 };
        let mut shard =
            GroupShard::new(Arc::new(config), Places::default(), RngRoot::from_seed(1).child("groups"));
        shard.handle_loaded(now);
        Self { shard, now, next_ticket: 0, log: Vec::new(), replies: BTreeMap::new(), broken: None }
    }

    /// A shard that knows only the log.
    fn restart(&mut self) {
        let mut shard =
            GroupShard::new(Arc::new(config()), Places::default(), RngRoot::from_seed(2).child("groups"));
        for ((record, producer), offset) in self.log.iter().zip(0..) {
            let (mut key, mut value) = (BytesMut::new(), BytesMut::new());
            let has_value = record.encode(&mut key, &mut value).unwrap();
            let decoded = GroupRecord::decode(&key, has_value.then_some(&value[..])).unwrap().unwrap();
            assert_eq!(&decoded, record, "a record comes back as it was");
            shard.replay(&decoded, offset, *producer);
        }
        shard.handle_loaded(self.now);
        self.shard = shard;
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            if let Some(write) = self.shard.poll_write() {
                let result = self.broken.map_or(Ok(()), Err);
                if result.is_ok() {
                    for record in write.records {
                        let offset = self.log.len() as i64;
                        self.shard.replay(&record, offset, write.producer);
                        self.log.push((record, write.producer));
                    }
                }
                self.shard.handle_written(write.then, result, self.now);
            } else if let Some((ticket, reply)) = self.shard.poll_reply() {
                assert!(self.replies.insert(ticket, reply).is_none(), "a request is answered once");
            } else {
                return;
            }
        }
    }

    fn ask(&mut self, request: impl FnOnce(&mut GroupShard, Ticket, Now)) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        request(&mut self.shard, ticket, self.now);
        self.settle();
        ticket
    }

    /// Lets time pass, with every timer at its time.
    fn advance(&mut self, ms: u64) {
        let end = self.now.instant + Duration::from_millis(ms);
        while let Some(at) = self.shard.poll_timeout().filter(|at| *at <= end) {
            self.set_clock(at);
            self.shard.handle_timeout(self.now);
            self.settle();
        }
        self.set_clock(end);
    }

    fn set_clock(&mut self, instant: std::time::Instant) {
        let passed = instant.saturating_duration_since(self.now.instant);
        self.now.instant = self.now.instant.max(instant);
        self.now.wall_ms += passed.as_millis() as i64;
    }

    fn join(&mut self, request: JoinRequest) -> Ticket {
        self.ask(|shard, ticket, now| shard.handle_join(ticket, &id(), request, now))
    }

    fn sync(&mut self, member_id: &str, generation: i32, assignments: &[(&str, &'static str)]) -> Ticket {
        let request = SyncRequest {
            member_id: Arc::from(member_id),
            group_instance_id: None,
            generation,
            protocol_type: Some(Arc::from("consumer")),
            protocol: Some(Arc::from("range")),
            assignments: assignments
                .iter()
                .map(|(member, bytes)| (Arc::from(*member), Bytes::from_static(bytes.as_bytes())))
                .collect(),
        };
        self.ask(|shard, ticket, now| shard.handle_sync(ticket, &id(), request, now))
    }

    fn is_waiting(&self, ticket: Ticket) -> bool {
        !self.replies.contains_key(&ticket)
    }

    fn joined(&mut self, ticket: Ticket) -> JoinReply {
        match self.replies.remove(&ticket).expect("the join is answered") {
            Reply::Join(reply) => reply,
            other => panic!("{other:?}"),
        }
    }

    fn synced(&mut self, ticket: Ticket) -> SyncReply {
        match self.replies.remove(&ticket).expect("the sync is answered") {
            Reply::Sync(reply) => reply,
            other => panic!("{other:?}"),
        }
    }

    fn code(&mut self, ticket: Ticket) -> ErrorCode {
        match self.replies.remove(&ticket).expect("it is answered") {
            Reply::Code(code) => code,
            other => panic!("{other:?}"),
        }
    }

    fn codes(&mut self, ticket: Ticket) -> Result<Vec<ErrorCode>, ErrorCode> {
        match self.replies.remove(&ticket).expect("it is answered") {
            Reply::Partitions(codes) | Reply::Leave(codes) => codes,
            other => panic!("{other:?}"),
        }
    }

    fn heartbeat(&mut self, member_id: &str, generation: i32) -> ErrorCode {
        let who = Identity { member_id, group_instance_id: None };
        let ticket = self.ask(|shard, ticket, now| {
            shard.handle_heartbeat(ticket, "group", who, generation, now);
        });
        self.code(ticket)
    }

    fn leave(&mut self, leaving: &[(&str, Option<&str>)]) -> Vec<ErrorCode> {
        let leaving: Vec<(Arc<str>, Option<Arc<str>>)> =
            leaving.iter().map(|(member, instance)| (Arc::from(*member), instance.map(Arc::from))).collect();
        let ticket = self.ask(|shard, ticket, now| shard.handle_leave(ticket, &id(), &leaving, now));
        self.codes(ticket).unwrap()
    }

    fn commit(&mut self, request: &CommitRequest) -> Result<Vec<ErrorCode>, ErrorCode> {
        let ticket = self.ask(|shard, ticket, now| shard.handle_commit(ticket, &id(), request, now));
        self.codes(ticket)
    }

    fn delete(&mut self) -> ErrorCode {
        let ticket = self.ask(|shard, ticket, _| shard.handle_delete(ticket, &id()));
        self.code(ticket)
    }

    /// Gets an id as a new dynamic member.
    fn new_id(&mut self) -> Arc<str> {
        let ticket = self.join(join(""));
        let reply = self.joined(ticket);
        assert_eq!(reply.code, ErrorCode::MEMBER_ID_REQUIRED);
        reply.member_id
    }

    /// Brings a group of `count` dynamic members to stable; their ids, the leader first, and the generation.
    fn stable(&mut self, count: usize) -> (Vec<Arc<str>>, i32) {
        let ids: Vec<_> = (0..count).map(|_| self.new_id()).collect();
        let tickets: Vec<_> = ids.iter().map(|member| self.join(join(member))).collect();
        let mut generation = 0;
        for ticket in tickets {
            let reply = self.joined(ticket);
            assert_eq!((reply.code, &reply.leader), (ErrorCode::NONE, &ids[0]));
            generation = reply.generation;
        }
        let followers: Vec<_> = ids[1..].iter().map(|member| self.sync(member, generation, &[])).collect();
        let assignments: Vec<_> = ids.iter().map(|member| (&**member, "mine")).collect();
        let leader = self.sync(&ids[0], generation, &assignments);
        for ticket in followers.into_iter().chain([leader]) {
            let reply = self.synced(ticket);
            assert_eq!((reply.code, &reply.assignment[..]), (ErrorCode::NONE, &b"mine"[..]));
        }
        assert_eq!(self.state(), Some(GroupState::Stable));
        (ids, generation)
    }

    fn group(&self) -> Option<&Group> {
        self.shard.group("group")
    }

    fn state(&self) -> Option<GroupState> {
        self.group().map(|group| group.classic.state())
    }

    fn offset(&self, topic: &str) -> Option<i64> {
        self.group()?.offsets.get(topic, 0).map(|offset| offset.offset)
    }
}
