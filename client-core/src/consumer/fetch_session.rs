//! A fetch session with one broker (KIP-227): only what changed is sent. A **machine**.
//!
//! Epochs: 0 with id 0 opens a session; 0 with an id closes that one and opens another; then 1, 2, … up to 2³¹−1 and again
//! from 1; −1 closes. The broker may refuse a session (id 0 in its answer): then every request is full again.

use crate::record::TopicPartition;
use indexmap::IndexMap;
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const EPOCH_INITIAL: i32 = 0;
const EPOCH_FINAL: i32 = -1;

/// What is asked of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartitionFetch {
    /// Nil when the topic has none that is known.
    pub(crate) topic_id: Uuid,
    pub(crate) offset: i64,
    /// -1 when unknown.
    pub(crate) leader_epoch: i32,
    pub(crate) max_bytes: i32,
}

/// The session part of a fetch request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionRequest {
    pub(crate) id: i32,
    pub(crate) epoch: i32,
    pub(crate) to_send: Vec<(TopicPartition, PartitionFetch)>,
    pub(crate) to_forget: Vec<(TopicPartition, Uuid)>,
    /// Whether every topic has an id, which versions from 13 on need.
    pub(crate) use_topic_ids: bool,
}

#[derive(Debug, Default)]
pub(crate) struct FetchSession {
    id: i32,
    epoch: i32,
    /// What the broker holds for this session, and was told of each.
    partitions: IndexMap<TopicPartition, PartitionFetch>,
    /// Topics of the session by id: answers name them so.
    names: BTreeMap<Uuid, Arc<str>>,
    uses_topic_ids: bool,
}

impl FetchSession {
    /// The next request for exactly `wanted`.
    pub(crate) fn build(&mut self, wanted: Vec<(TopicPartition, PartitionFetch)>) -> SessionRequest {
        let use_topic_ids = wanted.iter().all(|(_, fetch)| !fetch.topic_id.is_nil());
        if self.epoch != EPOCH_INITIAL && use_topic_ids != self.uses_topic_ids && !self.partitions.is_empty()
        {
            // Ids and names do not mix in one session.
            self.close_and_reopen();
        }
        self.uses_topic_ids = use_topic_ids;
        if self.epoch == EPOCH_INITIAL {
            return self.build_full(wanted);
        }
        let mut to_send = Vec::new();
        let mut kept: IndexMap<TopicPartition, PartitionFetch> = IndexMap::with_capacity(wanted.len());
        let mut to_forget = Vec::new();
        for (partition, fetch) in wanted {
            match self.partitions.swap_remove(&partition) {
                Some(told) if told == fetch => {}
                Some(told) => {
                    if told.topic_id != fetch.topic_id && !told.topic_id.is_nil() {
                        // Another topic of the same name: the broker must drop the old one.
                        to_forget.push((partition.clone(), told.topic_id));
                    }
                    to_send.push((partition.clone(), fetch));
                }
                None => to_send.push((partition.clone(), fetch)),
            }
            kept.insert(partition, fetch);
        }
        to_forget.extend(self.partitions.drain(..).map(|(partition, told)| (partition, told.topic_id)));
        self.partitions = kept;
        self.name_topics();
        SessionRequest { id: self.id, epoch: self.epoch, to_send, to_forget, use_topic_ids }
    }

    fn build_full(&mut self, wanted: Vec<(TopicPartition, PartitionFetch)>) -> SessionRequest {
        self.partitions = wanted.iter().cloned().collect();
        self.name_topics();
        SessionRequest {
            id: self.id,
            epoch: EPOCH_INITIAL,
            to_send: wanted,
            to_forget: Vec::new(),
            use_topic_ids: self.uses_topic_ids,
        }
    }

    fn name_topics(&mut self) {
        self.names = self
            .partitions
            .iter()
            .filter(|(_, fetch)| !fetch.topic_id.is_nil())
            .map(|(partition, fetch)| (fetch.topic_id, partition.topic.clone()))
            .collect();
    }

    /// The topic an answer means by `id`.
    pub(crate) fn topic_of(&self, id: Uuid) -> Option<&Arc<str>> {
        self.names.get(&id)
    }

    /// Takes the answer's session fields; whether its partitions may be used.
    pub(crate) fn handle_response(&mut self, code: ErrorCode, id: i32) -> bool {
        if code == ErrorCode::FETCH_SESSION_ID_NOT_FOUND {
            // Evicted over there: there is nothing to close.
            self.id = 0;
            self.epoch = EPOCH_INITIAL;
            return false;
        }
        if code != ErrorCode::NONE {
            self.close_and_reopen();
            return false;
        }
        if self.epoch == EPOCH_INITIAL {
            self.id = id;
            self.epoch = if id == 0 { EPOCH_INITIAL } else { 1 };
        } else if id == 0 {
            // The broker gave the session up while answering.
            self.id = 0;
            self.epoch = EPOCH_INITIAL;
        } else {
            self.epoch = if self.epoch == i32::MAX { 1 } else { self.epoch + 1 };
        }
        true
    }

    /// No answer came, or one that cannot be trusted: what the broker holds is unknown.
    pub(crate) fn close_and_reopen(&mut self) {
        self.epoch = EPOCH_INITIAL;
    }

    /// A request that closes the session, if there is one.
    pub(crate) fn close(&mut self) -> Option<SessionRequest> {
        let id = std::mem::take(&mut self.id);
        self.epoch = EPOCH_INITIAL;
        self.partitions.clear();
        (id != 0).then_some(SessionRequest {
            id,
            epoch: EPOCH_FINAL,
            to_send: Vec::new(),
            to_forget: Vec::new(),
            use_topic_ids: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Uuid = Uuid::from_u128(7);

    fn want(partition: i32, offset: i64) -> (TopicPartition, PartitionFetch) {
        let fetch = PartitionFetch { topic_id: ID, offset, leader_epoch: 3, max_bytes: 100 };
        (TopicPartition::new("t", partition), fetch)
    }

    fn sent(request: &SessionRequest) -> Vec<i32> {
        request.to_send.iter().map(|(partition, _)| partition.partition).collect()
    }

    #[test]
    fn only_changes_are_sent_once_a_session_stands() {
        let mut session = FetchSession::default();
        let request = session.build(vec![want(0, 5), want(1, 5)]);
        assert_eq!((request.id, request.epoch, sent(&request)), (0, 0, vec![0, 1]));
        assert!(session.handle_response(ErrorCode::NONE, 9));
        let request = session.build(vec![want(0, 5), want(1, 6), want(2, 0)]);
        assert_eq!((request.id, request.epoch, sent(&request)), (9, 1, vec![1, 2]));
        assert!(session.handle_response(ErrorCode::NONE, 9));
        let request = session.build(vec![want(1, 6)]);
        assert_eq!((request.epoch, sent(&request)), (2, vec![]));
        let forgotten: Vec<i32> = request.to_forget.iter().map(|(p, _)| p.partition).collect();
        assert_eq!(forgotten.len(), 2);
        assert!(forgotten.contains(&0) && forgotten.contains(&2));
    }

    #[test]
    fn a_refused_session_keeps_requests_full() {
        let mut session = FetchSession::default();
        session.build(vec![want(0, 5)]);
        assert!(session.handle_response(ErrorCode::NONE, 0));
        let request = session.build(vec![want(0, 5)]);
        assert_eq!((request.id, request.epoch, sent(&request)), (0, 0, vec![0]));
    }

    #[test]
    fn the_epoch_wraps_to_one() {
        let mut session = FetchSession::default();
        session.build(vec![want(0, 5)]);
        session.handle_response(ErrorCode::NONE, 9);
        session.epoch = i32::MAX;
        session.handle_response(ErrorCode::NONE, 9);
        assert_eq!(session.build(vec![want(0, 5)]).epoch, 1);
    }

    #[test]
    fn an_evicted_session_is_opened_anew_and_any_other_error_closes_the_old_one() {
        let mut session = FetchSession::default();
        session.build(vec![want(0, 5)]);
        session.handle_response(ErrorCode::NONE, 9);
        assert!(!session.handle_response(ErrorCode::FETCH_SESSION_ID_NOT_FOUND, 0));
        let request = session.build(vec![want(0, 5)]);
        assert_eq!((request.id, request.epoch, sent(&request)), (0, 0, vec![0]));
        session.handle_response(ErrorCode::NONE, 10);
        assert!(!session.handle_response(ErrorCode::INVALID_FETCH_SESSION_EPOCH, 0));
        let request = session.build(vec![want(0, 5)]);
        assert_eq!((request.id, request.epoch, sent(&request)), (10, 0, vec![0]));
    }

    #[test]
    fn a_recreated_topic_is_forgotten_and_sent_again() {
        let mut session = FetchSession::default();
        session.build(vec![want(0, 5)]);
        session.handle_response(ErrorCode::NONE, 9);
        let (partition, mut fetch) = want(0, 0);
        fetch.topic_id = Uuid::from_u128(8);
        let request = session.build(vec![(partition.clone(), fetch)]);
        assert_eq!(request.to_forget, [(partition, ID)]);
        assert_eq!(sent(&request), [0]);
        assert_eq!(session.topic_of(ID), None);
        assert!(session.topic_of(Uuid::from_u128(8)).is_some());
    }

    #[test]
    fn ids_and_names_never_share_a_session() {
        let mut session = FetchSession::default();
        session.build(vec![want(0, 5)]);
        session.handle_response(ErrorCode::NONE, 9);
        let (other, mut fetch) = want(1, 0);
        fetch.topic_id = Uuid::nil();
        let request = session.build(vec![want(0, 5), (other, fetch)]);
        assert_eq!((request.id, request.epoch, sent(&request)), (9, 0, vec![0, 1]));
        assert!(!request.use_topic_ids);
    }

    #[test]
    fn closing_names_the_session_once() {
        let mut session = FetchSession::default();
        assert_eq!(session.close(), None);
        session.build(vec![want(0, 5)]);
        session.handle_response(ErrorCode::NONE, 9);
        assert_eq!(session.close().map(|r| (r.id, r.epoch)), Some((9, -1)));
        assert_eq!(session.close(), None);
    }
}
