//! Fetch sessions (KIP-227): partitions a client asked for once and is then told of only when they change. **machine**
//!
//! Owns who has a session, what is in it, and which requests fit it. Does not read logs. A session's partitions are
//! handed to the fetch that uses it and come back with [`FetchSessions::finish`]; meanwhile nobody else can use it.
//!
//! Bounds: `max.incremental.fetch.session.cache.slots` sessions; [`MAX_PARTITIONS`] partitions over all of them. A full
//! cache gives a slot to a new session when the least recently used one has been idle for [`EVICTION_MS`], or when a
//! smaller one is older than that (as in Kafka); else the client is served without a session.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// `min.incremental.fetch.session.eviction.ms`.
pub(crate) const EVICTION_MS: i64 = 120_000;
/// Partitions in all sessions together: about 100 MB.
pub(crate) const MAX_PARTITIONS: usize = 1_000_000;

/// Session epoch of a full fetch that opens a session.
pub(crate) const INITIAL_EPOCH: i32 = 0;
/// Session epoch of a full fetch that wants none, and ends the one it names.
pub(crate) const FINAL_EPOCH: i32 = -1;

/// A partition as a client asks for it; the topic by id from version 13 on, else by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PartitionKey {
    /// Nil when asked for by name.
    pub(crate) topic_id: Uuid,
    /// Empty when asked for by id.
    pub(crate) topic: Arc<str>,
    /// Its number.
    pub(crate) partition: i32,
}

/// What a client wants of a partition, and what it was last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FetchPartition {
    pub(crate) key: PartitionKey,
    pub(crate) fetch_offset: i64,
    pub(crate) max_bytes: i32,
    /// -1: not known to the client.
    pub(crate) current_leader_epoch: i32,
    /// -1: not asked to be compared.
    pub(crate) last_fetched_epoch: i32,
    /// What the last answer said; -1: nothing yet, or an error, after which the next answer tells everything anew.
    pub(crate) told_high_watermark: i64,
    pub(crate) told_log_start_offset: i64,
}

/// The partitions of one fetch, in the order in which they are read.
#[derive(Debug, Default)]
pub(crate) struct FetchPartitions {
    pub(crate) list: Vec<FetchPartition>,
    /// Place of each partition in `list`; only kept for sessions.
    places: HashMap<PartitionKey, usize, FixedState>,
    /// Where the next fetch begins, so that a busy partition does not starve those behind it.
    pub(crate) first: usize,
}

/// A fetch request's part that concerns sessions.
#[derive(Debug)]
pub(crate) struct SessionRequest {
    pub(crate) session_id: i32,
    pub(crate) session_epoch: i32,
    pub(crate) uses_topic_ids: bool,
    /// All partitions of a full fetch; new or changed ones of an incremental fetch.
    pub(crate) partitions: Vec<FetchPartition>,
    /// Partitions an incremental fetch no longer wants.
    pub(crate) forgotten: Vec<PartitionKey>,
}

/// How a fetch is to be answered.
#[derive(Debug)]
pub(crate) struct FetchPlan {
    /// 0: without a session.
    pub(crate) session_id: i32,
    /// Whether only changes are told.
    pub(crate) incremental: bool,
    pub(crate) partitions: FetchPartitions,
}

#[derive(Debug)]
struct Session {
    epoch: i32,
    uses_topic_ids: bool,
    created_ms: i64,
    used_ms: i64,
    size: usize,
    /// `None` while a fetch has them.
    partitions: Option<FetchPartitions>,
}

/// All sessions of a broker.
#[derive(Debug)]
pub(crate) struct FetchSessions {
    max_sessions: usize,
    sessions: BTreeMap<i32, Session>,
    total_partitions: usize,
}

impl FetchSessions {
    /// At most `max_sessions` at a time.
    pub(crate) fn new(max_sessions: usize) -> Self {
        Self { max_sessions, sessions: BTreeMap::new(), total_partitions: 0 }
    }

    /// Sessions there are.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.sessions.len()
    }

    /// Takes a request in. `new_id` is a random positive number for a session that may be opened.
    ///
    /// Errors: `FETCH_SESSION_ID_NOT_FOUND`, `INVALID_FETCH_SESSION_EPOCH`, `FETCH_SESSION_TOPIC_ID_ERROR`.
    pub(crate) fn begin(
        &mut self,
        request: SessionRequest,
        now_ms: i64,
        new_id: i32,
    ) -> Result<FetchPlan, ErrorCode> {
        if matches!(request.session_epoch, INITIAL_EPOCH | FINAL_EPOCH) {
            if request.session_id != 0 {
                self.remove(request.session_id);
            }
            let mut partitions = FetchPartitions { list: request.partitions, ..FetchPartitions::default() };
            let session_id = if request.session_epoch == INITIAL_EPOCH
                && self.make_room(partitions.list.len(), now_ms)
                && new_id > 0
                && !self.sessions.contains_key(&new_id)
            {
                partitions.index();
                let session = Session {
                    epoch: 1,
                    uses_topic_ids: request.uses_topic_ids,
                    created_ms: now_ms,
                    used_ms: now_ms,
                    size: partitions.list.len(),
                    partitions: None,
                };
                self.total_partitions += session.size;
                self.sessions.insert(new_id, session);
                new_id
            } else {
                0
            };
            return Ok(FetchPlan { session_id, incremental: false, partitions });
        }
        let id = request.session_id;
        let session = self.sessions.get_mut(&id).ok_or(ErrorCode::FETCH_SESSION_ID_NOT_FOUND)?;
        if session.uses_topic_ids != request.uses_topic_ids {
            return Err(ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        }
        if session.epoch != request.session_epoch {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        // Another fetch of this session is still waiting: its client cannot have seen the answer that this one follows.
        let mut partitions = session.partitions.take().ok_or(ErrorCode::INVALID_FETCH_SESSION_EPOCH)?;
        session.epoch = next_epoch(session.epoch);
        session.used_ms = now_ms;
        partitions.update(request.partitions, &request.forgotten);
        self.total_partitions = self.total_partitions - session.size + partitions.list.len();
        session.size = partitions.list.len();
        if partitions.list.is_empty() {
            self.remove(id);
            return Ok(FetchPlan { session_id: 0, incremental: false, partitions });
        }
        if self.total_partitions > MAX_PARTITIONS {
            self.remove(id);
            return Err(ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        }
        Ok(FetchPlan { session_id: id, incremental: true, partitions })
    }

    /// Gives the partitions of a fetch back to its session, if that still exists.
    pub(crate) fn finish(&mut self, session_id: i32, partitions: FetchPartitions) {
        if let Some(session) = self.sessions.get_mut(&session_id) {
            session.partitions = Some(partitions);
        }
    }

    fn remove(&mut self, session_id: i32) {
        if let Some(session) = self.sessions.remove(&session_id) {
            self.total_partitions -= session.size;
        }
    }

    /// Whether a session of `size` partitions may be opened, ending another one for it when the rules allow.
    fn make_room(&mut self, size: usize, now_ms: i64) -> bool {
        if self.max_sessions == 0 || size > MAX_PARTITIONS {
            return false;
        }
        while self.sessions.len() >= self.max_sessions || self.total_partitions + size > MAX_PARTITIONS {
            let idle = self.sessions.iter().min_by_key(|(_, session)| session.used_ms);
            let idle = idle.filter(|(_, session)| now_ms - session.used_ms > EVICTION_MS).map(|(id, _)| *id);
            let smaller = || {
                let old =
                    self.sessions.iter().filter(|(_, session)| now_ms - session.created_ms > EVICTION_MS);
                let smallest = old.min_by_key(|(_, session)| session.size)?;
                (smallest.1.size < size).then_some(*smallest.0)
            };
            let Some(id) = idle.or_else(smaller) else { return false };
            self.remove(id);
        }
        true
    }
}

impl FetchPartitions {
    fn index(&mut self) {
        let places = self.list.iter().enumerate();
        self.places = places.map(|(place, partition)| (partition.key.clone(), place)).collect();
        // A partition named twice counts with its last values, as in Kafka.
        if self.places.len() < self.list.len() {
            let places = &self.places;
            let mut place = 0;
            self.list.retain(|partition| {
                place += 1;
                places.get(&partition.key) == Some(&(place - 1))
            });
            self.index();
        }
    }

    fn update(&mut self, changed: Vec<FetchPartition>, forgotten: &[PartitionKey]) {
        for partition in changed {
            match self.places.get(&partition.key) {
                Some(&place) => {
                    let known = &mut self.list[place];
                    known.fetch_offset = partition.fetch_offset;
                    known.max_bytes = partition.max_bytes;
                    known.current_leader_epoch = partition.current_leader_epoch;
                    known.last_fetched_epoch = partition.last_fetched_epoch;
                }
                None => {
                    self.places.insert(partition.key.clone(), self.list.len());
                    self.list.push(partition);
                }
            }
        }
        if !forgotten.is_empty() {
            for key in forgotten {
                self.places.remove(key);
            }
            let places = &self.places;
            self.list.retain(|partition| places.contains_key(&partition.key));
            self.index();
        }
        if self.first >= self.list.len() {
            self.first = 0;
        }
    }
}

/// Session epochs wrap from the largest number to 1.
fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(number: i32) -> FetchPartition {
        FetchPartition {
            key: PartitionKey { topic_id: Uuid::nil(), topic: "topic".into(), partition: number },
            fetch_offset: 0,
            max_bytes: 1024,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            told_high_watermark: -1,
            told_log_start_offset: -1,
        }
    }

    fn request(session_id: i32, session_epoch: i32, numbers: &[i32]) -> SessionRequest {
        SessionRequest {
            session_id,
            session_epoch,
            uses_topic_ids: false,
            partitions: numbers.iter().map(|number| partition(*number)).collect(),
            forgotten: Vec::new(),
        }
    }

    fn open(sessions: &mut FetchSessions, id: i32, numbers: &[i32], now_ms: i64) -> i32 {
        let plan = sessions.begin(request(0, INITIAL_EPOCH, numbers), now_ms, id).unwrap();
        sessions.finish(plan.session_id, plan.partitions);
        plan.session_id
    }

    fn numbers(plan: &FetchPlan) -> Vec<i32> {
        plan.partitions.list.iter().map(|partition| partition.key.partition).collect()
    }

    #[test]
    fn changes_add_up_over_a_session() {
        let mut sessions = FetchSessions::new(10);
        let id = open(&mut sessions, 7, &[0, 1], 0);
        assert_eq!(id, 7);
        let mut change = request(id, 1, &[2]);
        change.partitions[0].fetch_offset = 5;
        change.forgotten = vec![partition(0).key];
        let plan = sessions.begin(change, 1, 8).unwrap();
        assert!(plan.incremental);
        assert_eq!(numbers(&plan), [1, 2]);
        sessions.finish(id, plan.partitions);
        let mut change = request(id, 2, &[2]);
        change.partitions[0].fetch_offset = 9;
        let plan = sessions.begin(change, 2, 8).unwrap();
        assert_eq!(plan.partitions.list[1].fetch_offset, 9);
    }

    #[test]
    fn wrong_ids_epochs_and_topic_ids_are_told_apart() {
        let mut sessions = FetchSessions::new(10);
        let id = open(&mut sessions, 7, &[0], 0);
        let code = |sessions: &mut FetchSessions, request| sessions.begin(request, 0, 8).unwrap_err();
        assert_eq!(code(&mut sessions, request(99, 1, &[])), ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        assert_eq!(code(&mut sessions, request(id, 2, &[])), ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        let by_id = SessionRequest { uses_topic_ids: true, ..request(id, 1, &[]) };
        assert_eq!(code(&mut sessions, by_id), ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        let _waiting = sessions.begin(request(id, 1, &[]), 0, 8).unwrap();
        assert_eq!(code(&mut sessions, request(id, 2, &[])), ErrorCode::INVALID_FETCH_SESSION_EPOCH);
    }

    #[test]
    fn full_fetches_end_the_session_they_name() {
        let mut sessions = FetchSessions::new(10);
        for epoch in [INITIAL_EPOCH, FINAL_EPOCH] {
            let id = open(&mut sessions, 7, &[0], 0);
            let plan = sessions.begin(request(id, epoch, &[0]), 0, 8).unwrap();
            assert_eq!(plan.session_id, if epoch == INITIAL_EPOCH { 8 } else { 0 });
            sessions.finish(plan.session_id, plan.partitions);
            assert!(sessions.begin(request(id, 1, &[]), 0, 9).is_err());
            sessions.remove(8);
        }
        assert_eq!((sessions.count(), sessions.total_partitions), (0, 0));
    }

    #[test]
    fn a_session_that_is_emptied_ends() {
        let mut sessions = FetchSessions::new(10);
        let id = open(&mut sessions, 7, &[0], 0);
        let mut change = request(id, 1, &[]);
        change.forgotten = vec![partition(0).key];
        let plan = sessions.begin(change, 0, 8).unwrap();
        assert_eq!((plan.session_id, plan.incremental), (0, false));
        assert_eq!(sessions.count(), 0);
    }

    #[test]
    fn a_full_cache_gives_way_only_to_the_idle_and_the_smaller() {
        let mut sessions = FetchSessions::new(2);
        open(&mut sessions, 1, &[0, 1], 0);
        open(&mut sessions, 2, &[0], 0);
        assert_eq!(open(&mut sessions, 3, &[0, 1, 2], EVICTION_MS), 0, "nobody is old enough");
        let plan = sessions.begin(request(2, 1, &[]), EVICTION_MS, 9).unwrap();
        sessions.finish(2, plan.partitions);
        let plan = sessions.begin(request(1, 1, &[]), EVICTION_MS, 9).unwrap();
        sessions.finish(1, plan.partitions);
        assert_eq!(open(&mut sessions, 3, &[0], EVICTION_MS + 1), 0, "nobody is smaller");
        assert_eq!(open(&mut sessions, 3, &[0, 1, 2], EVICTION_MS + 1), 3);
        assert!(!sessions.sessions.contains_key(&2), "the smaller of the two went");
        assert_eq!(open(&mut sessions, 4, &[0], 3 * EVICTION_MS), 4, "all are idle now");
    }

    #[test]
    fn epochs_wrap_to_one() {
        assert_eq!(next_epoch(i32::MAX), 1);
        assert_eq!(next_epoch(1), 2);
    }

    #[test]
    fn partitions_named_twice_count_once_with_their_last_values() {
        let mut sessions = FetchSessions::new(2);
        let mut twice = request(0, INITIAL_EPOCH, &[0, 1, 0]);
        twice.partitions[2].fetch_offset = 5;
        let plan = sessions.begin(twice, 0, 1).unwrap();
        assert_eq!(numbers(&plan), [1, 0]);
        assert_eq!(plan.partitions.list[1].fetch_offset, 5);
    }
}
