//! Producer id, epoch and base sequences of an idempotent producer. A **machine**.
//!
//! Owns who the producer is ([`Sequencer`]) and where each partition's numbering stands ([`PartitionSequence`]). Does not know
//! which batches exist; the sender tells it when numbers are taken and when a gap opened.
//!
//! A gap is a number that was given to a batch that did not (or perhaps not) reach the log: no later number can be accepted.
//! It is closed as KIP-360 has it, by starting again from 0 under the next epoch, once no request holding an old number is
//! outstanding. An idempotent producer owns its id alone, so it counts the epoch up by itself; only when epochs run out does
//! it ask for a new id.
//!
//! ```text
//! Unset ──poll_init──► Asked ──ok──► Known ──bump──► Known (next epoch)
//!   ▲                    │ retriable      │ epochs used up
//!   └──── Backoff ◄──────┘ ◄─────────────┘ (Unset)      Asked ──fatal──► Fatal
//! ```

use crate::error::Error;
use std::time::{Duration, Instant};

/// A producer id and its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The id the cluster gave.
    pub(crate) producer_id: i64,
    /// Counted up to shut out what was sent before.
    pub(crate) producer_epoch: i16,
}

/// Why there is no identity.
#[derive(Debug)]
pub(crate) struct InitFailure {
    /// What went wrong.
    pub(crate) error: Error,
    /// Whether asking again can help.
    pub(crate) retriable: bool,
}

#[derive(Debug)]
enum State {
    /// Nobody asked yet.
    Unset,
    /// A request is under way.
    Asked,
    /// To be asked again then.
    Backoff(Instant),
    /// Numbers can be given.
    Known(Identity),
    /// The cluster will not have this producer.
    Fatal(Error),
}

/// Who the producer is.
#[derive(Debug)]
pub(crate) struct Sequencer {
    state: State,
    /// Failed attempts in a row, for the backoff.
    failures: u32,
    last_failure: Option<Error>,
}

impl Sequencer {
    /// A producer without an id yet.
    pub(crate) fn new() -> Self {
        Self { state: State::Unset, failures: 0, last_failure: None }
    }

    /// The identity new batches are stamped with.
    pub(crate) fn identity(&self) -> Option<Identity> {
        match self.state {
            State::Known(identity) => Some(identity),
            _ => None,
        }
    }

    /// The error that ends the producer.
    pub(crate) fn fatal(&self) -> Option<&Error> {
        match &self.state {
            State::Fatal(error) => Some(error),
            _ => None,
        }
    }

    /// Why there is still no id, for messages.
    pub(crate) fn last_failure(&self) -> Option<&Error> {
        self.last_failure.as_ref()
    }

    /// True when an id is to be asked for now; the caller then owes a [`Self::handle_init`].
    pub(crate) fn poll_init(&mut self, now: Instant) -> bool {
        let due = match self.state {
            State::Unset => true,
            State::Backoff(until) => until <= now,
            State::Asked | State::Known(_) | State::Fatal(_) => false,
        };
        if due {
            self.state = State::Asked;
        }
        due
    }

    /// When to ask again.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Backoff(until) => Some(until),
            _ => None,
        }
    }

    /// The answer to what [`Self::poll_init`] asked for. `backoff` gives the wait for the nth failure in a row.
    pub(crate) fn handle_init(
        &mut self,
        answer: Result<Identity, InitFailure>,
        now: Instant,
        backoff: impl FnOnce(u32) -> Duration,
    ) {
        match answer {
            Ok(identity) => {
                self.failures = 0;
                self.last_failure = None;
                self.state = State::Known(identity);
            }
            Err(InitFailure { error, retriable: true }) => {
                self.failures += 1;
                self.last_failure = Some(error);
                self.state = State::Backoff(now + backoff(self.failures));
            }
            Err(InitFailure { error, retriable: false }) => self.state = State::Fatal(error.with_fatal()),
        }
    }

    /// Takes the next epoch, or forgets the id when there is none left.
    pub(crate) fn bump(&mut self) {
        if let State::Known(identity) = self.state {
            self.state = match identity.producer_epoch.checked_add(1) {
                // The last epoch is left unused, as the broker's own coordinator does.
                Some(producer_epoch) if producer_epoch < i16::MAX => {
                    State::Known(Identity { producer_epoch, ..identity })
                }
                _ => State::Unset,
            };
        }
    }
}

/// Where the numbering of one partition stands.
#[derive(Debug, Default)]
pub(crate) struct PartitionSequence {
    /// The identity its numbers were given under.
    identity: Option<Identity>,
    next: i32,
    gap: bool,
}

impl PartitionSequence {
    /// The identity in use.
    pub(crate) fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// Whether a number was lost, so that no later one can be accepted.
    pub(crate) fn has_gap(&self) -> bool {
        self.gap
    }

    /// A numbered batch did not, or perhaps not, reach the log.
    pub(crate) fn open_gap(&mut self) {
        if self.identity.is_some() {
            self.gap = true;
        }
    }

    /// Starts again from 0 under `identity`; the caller renumbers what waits.
    pub(crate) fn restart(&mut self, identity: Identity) {
        *self = Self { identity: Some(identity), next: 0, gap: false };
    }

    /// Gives numbers to `count` records; returns the first.
    pub(crate) fn take(&mut self, count: u32) -> i32 {
        let base = self.next;
        self.next = advance(base, count);
        base
    }
}

/// The sequence `count` records after `sequence`: 2^31 − 1 is followed by 0.
pub(crate) fn advance(sequence: i32, count: u32) -> i32 {
    ((sequence as u32).wrapping_add(count) & 0x7fff_ffff) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn now() -> Instant {
        #[allow(clippy::disallowed_methods)] // A starting point for a clock that is moved by hand.
        Instant::now()
    }

    fn identity(producer_id: i64, producer_epoch: i16) -> Identity {
        Identity { producer_id, producer_epoch }
    }

    #[test]
    fn sequences_wrap_from_the_largest_to_zero() {
        assert_eq!(advance(i32::MAX, 1), 0);
        assert_eq!(advance(i32::MAX - 1, 5), 3);
        assert_eq!(advance(0, 7), 7);
    }

    #[test]
    fn a_partition_goes_on_past_the_largest_sequence() {
        let mut sequence = PartitionSequence::default();
        sequence.restart(identity(9, 0));
        sequence.next = i32::MAX - 1;
        assert_eq!((sequence.take(3), sequence.take(1)), (i32::MAX - 1, 1));
    }

    #[test]
    fn asks_once_and_again_after_the_backoff() {
        let t0 = now();
        let mut sequencer = Sequencer::new();
        assert!(sequencer.poll_init(t0));
        assert!(!sequencer.poll_init(t0));
        let error = Error::new(ErrorKind::Network, "initialise producer", "refused");
        sequencer.handle_init(Err(InitFailure { error, retriable: true }), t0, |n| {
            Duration::from_millis(100 * u64::from(n))
        });
        assert!(!sequencer.poll_init(t0));
        let again = sequencer.poll_timeout().unwrap();
        assert_eq!(again, t0 + Duration::from_millis(100));
        assert!(sequencer.poll_init(again));
        sequencer.handle_init(Ok(identity(9, 0)), again, |_| Duration::ZERO);
        assert_eq!(sequencer.identity(), Some(identity(9, 0)));
        assert!(sequencer.last_failure().is_none());
    }

    #[test]
    fn a_refused_producer_is_fatal() {
        let mut sequencer = Sequencer::new();
        assert!(sequencer.poll_init(now()));
        let error = Error::new(ErrorKind::Authorization, "initialise producer", "no");
        sequencer.handle_init(Err(InitFailure { error, retriable: false }), now(), |_| Duration::ZERO);
        assert!(sequencer.fatal().is_some_and(Error::is_fatal));
        assert!(!sequencer.poll_init(now() + Duration::from_secs(60)));
    }

    #[test]
    fn epochs_that_run_out_ask_for_a_new_id() {
        let mut sequencer = Sequencer::new();
        sequencer.handle_init(Ok(identity(9, i16::MAX - 2)), now(), |_| Duration::ZERO);
        sequencer.bump();
        assert_eq!(sequencer.identity(), Some(identity(9, i16::MAX - 1)));
        sequencer.bump();
        assert_eq!(sequencer.identity(), None);
        assert!(sequencer.poll_init(now()));
    }

    #[test]
    fn a_restart_closes_the_gap_and_numbers_from_zero() {
        let mut sequence = PartitionSequence::default();
        sequence.open_gap();
        assert!(!sequence.has_gap(), "nothing was numbered yet");
        sequence.restart(identity(9, 0));
        assert_eq!((sequence.take(3), sequence.take(2)), (0, 3));
        sequence.open_gap();
        assert!(sequence.has_gap());
        sequence.restart(identity(9, 1));
        assert_eq!((sequence.has_gap(), sequence.take(1)), (false, 0));
    }
}
