//! The core's questions about positions, and what the answers mean. A **machine**.

use super::{Asked, Core, Request};
use crate::consumer::lookups::{CommittedAnswer, EpochQuery, FoundOffset, TimeQuery};
use crate::consumer::partitions::{EpochEnd, Lookup};
use crate::consumer::position::{Position, PositionState};
use crate::error::{Error, ErrorKind};
use crate::record::TopicPartition;
use ottla_wire::ErrorCode;
use std::collections::BTreeMap;
use std::time::Instant;

impl Core {
    pub(super) fn step_lookups(&mut self, now: Instant, out: &mut Vec<Request>) {
        let mut committed: Asked<()> = Vec::new();
        let mut times: BTreeMap<i32, Asked<TimeQuery>> = BTreeMap::new();
        let mut epochs: BTreeMap<i32, Asked<EpochQuery>> = BTreeMap::new();
        let mut leaderless = false;
        for (partition, state) in self.partitions.iter_mut() {
            if state.held || !state.lookup_is_due(now) {
                continue;
            }
            if let PositionState::AwaitingCommitted = state.state {
                if !self.committed_in_flight {
                    committed.push((partition.clone(), state.incarnation, ()));
                    state.lookup = Lookup::InFlight;
                }
                continue;
            }
            let Some(leader) = state.leader else {
                leaderless |= !matches!(state.state, PositionState::Unpositioned { .. });
                continue;
            };
            let leader_epoch = leader.epoch.unwrap_or(-1);
            match &state.state {
                PositionState::AwaitingReset(to) => {
                    let query = TimeQuery { timestamp: to.timestamp(), leader_epoch };
                    times.entry(leader.node).or_default().push((partition.clone(), state.incarnation, query));
                }
                PositionState::AwaitingValidation { position } => {
                    let query = EpochQuery { epoch: position.offset_epoch.unwrap_or(-1), leader_epoch };
                    epochs.entry(leader.node).or_default().push((
                        partition.clone(),
                        state.incarnation,
                        query,
                    ));
                }
                _ => continue,
            }
            state.lookup = Lookup::InFlight;
        }
        if leaderless {
            self.fetcher.want_metadata("partition without leader");
        }
        if !committed.is_empty()
            && let Some(member) = &self.member
        {
            self.committed_in_flight = true;
            out.push(Request::Committed { member: member.metadata(), asked: committed });
        }
        out.extend(times.into_iter().map(|(node, asked)| Request::ListOffsets { node, asked }));
        out.extend(epochs.into_iter().map(|(node, asked)| Request::EpochEnds { node, asked }));
    }

    fn retry_lookups<T>(&mut self, asked: &Asked<T>, now: Instant) {
        let at = now + self.backoff();
        for (partition, incarnation, _) in asked {
            if let Some(state) = self.partitions.current(partition, *incarnation)
                && state.lookup == Lookup::InFlight
            {
                state.lookup = Lookup::RetryAt(at);
            }
        }
    }

    pub(crate) fn handle_committed(
        &mut self,
        asked: &Asked<()>,
        answer: Result<CommittedAnswer, Error>,
        now: Instant,
        wall_ms: i64,
    ) -> bool {
        self.committed_in_flight = false;
        let mut coordinator_lost = false;
        match answer {
            Ok(CommittedAnswer::Offsets(offsets)) => {
                for (partition, incarnation, ()) in asked {
                    let position = offsets.get(partition).map(|committed| Position {
                        offset: committed.offset,
                        offset_epoch: committed.leader_epoch,
                    });
                    self.partitions.handle_committed(partition, *incarnation, position, wall_ms);
                }
            }
            Ok(CommittedAnswer::Again(code)) => {
                self.last_lookup_error = Some(Error::from_code(code, "fetch committed offsets"));
                coordinator_lost =
                    matches!(code, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE);
                self.retry_lookups(asked, now);
            }
            Ok(CommittedAnswer::Refused(error)) => {
                self.fetcher.push_error(error);
                self.retry_lookups(asked, now);
            }
            Err(error) => {
                coordinator_lost = true;
                if !error.is_retriable() {
                    self.fetcher.push_error(error.clone());
                }
                self.last_lookup_error = Some(error);
                self.retry_lookups(asked, now);
            }
        }
        coordinator_lost
    }

    pub(crate) fn handle_list_offsets(
        &mut self,
        asked: &Asked<TimeQuery>,
        found: Vec<(TopicPartition, Result<FoundOffset, ErrorCode>)>,
        now: Instant,
    ) {
        let mut found: BTreeMap<TopicPartition, _> = found.into_iter().collect();
        for (partition, incarnation, query) in asked {
            match found.remove(partition) {
                // A beginning or end always has an offset; only times may have none.
                Some(Ok(found)) if found.position.is_some() || query.timestamp >= 0 => {
                    self.partitions.handle_reset(partition, *incarnation, found.position, now);
                }
                Some(Err(code)) => self.lookup_refused(partition, code, "list offsets"),
                Some(Ok(_)) | None => {}
            }
        }
        self.retry_lookups(asked, now);
    }

    fn lookup_refused(&mut self, partition: &TopicPartition, code: ErrorCode, operation: &'static str) {
        let error = Error::from_code(code, operation)
            .with_context("topic", &partition.topic)
            .with_context("partition", partition.partition);
        if code.is_retriable() || code == ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT {
            self.fetcher.want_metadata("a question about a position was refused");
            self.last_lookup_error = Some(error);
        } else {
            self.fetcher.push_error(error);
        }
    }

    pub(crate) fn handle_epoch_ends(
        &mut self,
        asked: &Asked<EpochQuery>,
        found: Vec<(TopicPartition, Result<EpochEnd, ErrorCode>)>,
        now: Instant,
        wall_ms: i64,
    ) {
        let mut found: BTreeMap<TopicPartition, _> = found.into_iter().collect();
        for (partition, incarnation, _) in asked {
            match found.remove(partition) {
                Some(Ok(end)) => self.partitions.handle_epoch_end(partition, *incarnation, end, wall_ms),
                Some(Err(code)) => self.lookup_refused(partition, code, "validate position"),
                None => {}
            }
        }
        self.retry_lookups(asked, now);
    }

    /// A lookup got no answer. `unsupported` brokers cannot compare epochs: positions are taken as they are.
    pub(crate) fn handle_lookup_failure<T>(&mut self, asked: &Asked<T>, error: &Error, now: Instant) {
        let mut asked_for_epochs = false;
        if error.kind() == ErrorKind::Unsupported {
            for (partition, incarnation, _) in asked {
                let Some(state) = self.partitions.current(partition, *incarnation) else { continue };
                if let PositionState::AwaitingValidation { position } = state.state {
                    asked_for_epochs = true;
                    self.partitions.seek(partition, Position::at(position.offset));
                }
            }
        }
        // A broker too old to compare epochs is dealt with; anything else that no retry mends is the application's business.
        let is_mended = error.kind() == ErrorKind::Unsupported && asked_for_epochs;
        if !error.is_retriable() && error.kind() != ErrorKind::Closed && !is_mended {
            self.fetcher.push_error(error.clone());
        }
        self.last_lookup_error = Some(error.clone());
        self.fetcher.want_metadata("a question about a position failed");
        self.retry_lookups(asked, now);
    }
}
