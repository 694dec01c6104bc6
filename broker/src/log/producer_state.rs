//! **machine** What a log knows of its idempotent and transactional producers.
//!
//! Owns the last five batches of every producer (duplicates), its epoch, open transactions, and with them the first
//! unstable offset. Does not know files; `producer_snapshot` gives it its bytes. Rules: KIP-98, KIP-360, KIP-890.

use super::error::AppendError;
use super::transaction_index::AbortedTxn;
use hashbrown::HashMap;
use ottla_wire::batch::BatchHeader;
use ottla_wire::batch::control::EndTransactionMarker;
use std::collections::{BTreeMap, VecDeque};

/// So many batches a producer may have in flight, and so many are remembered.
pub(super) const BATCHES_MAX: usize = 5;

/// An appended batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchMetadata {
    pub(crate) last_sequence: i32,
    pub(crate) last_offset: i64,
    pub(crate) offset_delta: i32,
    pub(crate) timestamp_ms: i64,
}

impl BatchMetadata {
    pub(crate) fn first_offset(&self) -> i64 {
        self.last_offset - i64::from(self.offset_delta)
    }

    fn first_sequence(&self) -> i32 {
        // Sequences wrap from 2^31 - 1 to 0.
        self.last_sequence.wrapping_sub(self.offset_delta) & i32::MAX
    }
}

/// A producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProducerEntry {
    /// Oldest first.
    pub(crate) batches: VecDeque<BatchMetadata>,
    pub(crate) producer_epoch: i16,
    /// Of the last marker's writer; -1 before any.
    pub(crate) coordinator_epoch: i32,
    pub(crate) last_timestamp_ms: i64,
    /// First offset of the open transaction.
    pub(crate) txn_first_offset: Option<i64>,
}

impl ProducerEntry {
    fn new(producer_epoch: i16) -> Self {
        Self {
            batches: VecDeque::new(),
            producer_epoch,
            coordinator_epoch: -1,
            last_timestamp_ms: -1,
            txn_first_offset: None,
        }
    }

    /// Of the last batch; -1 when none is known.
    pub(crate) fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(-1, |batch| batch.last_sequence)
    }

    fn set_epoch(&mut self, epoch: i16) {
        if epoch != self.producer_epoch {
            self.batches.clear();
            self.producer_epoch = epoch;
        }
    }

    fn duplicate_of(&self, header: &BatchHeader) -> Option<BatchMetadata> {
        if header.producer_epoch != self.producer_epoch {
            return None;
        }
        self.batches
            .iter()
            .find(|batch| {
                batch.first_sequence() == header.base_sequence
                    && batch.last_sequence == header.last_sequence()
            })
            .copied()
    }
}

/// What is to be done with a batch that passed the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SequenceCheck {
    Append,
    /// It is in the log already.
    Duplicate(BatchMetadata),
}

/// All producers of a log.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProducerStates {
    producers: HashMap<i64, ProducerEntry, foldhash::fast::FixedState>,
    /// Open transactions: first offset → producer.
    ongoing: BTreeMap<i64, i64>,
    /// Ended ones whose marker is not below the high watermark: first offset → marker's offset.
    unreplicated: BTreeMap<i64, i64>,
}

impl ProducerStates {
    /// Whether a client's data batch may be appended.
    ///
    /// With `require_zero_start` (transactions of version 2) a producer that is not known must start at sequence 0.
    pub(crate) fn check_data(
        &self,
        header: &BatchHeader,
        require_zero_start: bool,
    ) -> Result<SequenceCheck, AppendError> {
        let producer_id = header.producer_id;
        let out_of_order = |last_sequence| AppendError::OutOfOrderSequence {
            producer_id,
            base_sequence: header.base_sequence,
            last_sequence,
        };
        let Some(entry) = self.producers.get(&producer_id) else {
            return if require_zero_start && header.base_sequence != 0 {
                Err(out_of_order(-1))
            } else {
                Ok(SequenceCheck::Append)
            };
        };
        if let Some(duplicate) = entry.duplicate_of(header) {
            return Ok(SequenceCheck::Duplicate(duplicate));
        }
        self.check_epoch(producer_id, header.producer_epoch)?;
        let last_sequence = entry.last_sequence();
        if header.producer_epoch != entry.producer_epoch {
            if header.base_sequence != 0 {
                return Err(out_of_order(last_sequence));
            }
        } else if header.base_sequence != last_sequence.wrapping_add(1) & i32::MAX {
            return Err(out_of_order(last_sequence));
        }
        if entry.txn_first_offset.is_some() && !header.is_transactional() {
            return Err(AppendError::InvalidTxnState { producer_id });
        }
        Ok(SequenceCheck::Append)
    }

    /// Whether a coordinator's marker may be appended.
    pub(crate) fn check_marker(
        &self,
        header: &BatchHeader,
        marker: &EndTransactionMarker,
    ) -> Result<(), AppendError> {
        self.check_epoch(header.producer_id, header.producer_epoch)?;
        let current = self.producers.get(&header.producer_id).map_or(-1, |entry| entry.coordinator_epoch);
        if marker.coordinator_epoch < current {
            return Err(AppendError::TransactionCoordinatorFenced {
                epoch: marker.coordinator_epoch,
                current,
            });
        }
        Ok(())
    }

    fn check_epoch(&self, producer_id: i64, epoch: i16) -> Result<(), AppendError> {
        match self.producers.get(&producer_id) {
            Some(entry) if epoch < entry.producer_epoch => {
                Err(AppendError::InvalidProducerEpoch { producer_id, epoch, current: entry.producer_epoch })
            }
            _ => Ok(()),
        }
    }

    /// Takes note of an appended data batch. Must see all batches of a log in order, those without a producer excepted.
    pub(crate) fn apply_data(&mut self, header: &BatchHeader) {
        let entry = self
            .producers
            .entry(header.producer_id)
            .or_insert_with(|| ProducerEntry::new(header.producer_epoch));
        entry.set_epoch(header.producer_epoch);
        if entry.batches.len() == BATCHES_MAX {
            entry.batches.pop_front();
        }
        entry.batches.push_back(BatchMetadata {
            last_sequence: header.last_sequence(),
            last_offset: header.last_offset(),
            offset_delta: header.last_offset_delta,
            timestamp_ms: header.max_timestamp,
        });
        entry.last_timestamp_ms = header.max_timestamp;
        if header.is_transactional() && entry.txn_first_offset.is_none() {
            entry.txn_first_offset = Some(header.base_offset);
            self.ongoing.insert(header.base_offset, header.producer_id);
        }
    }

    /// Takes note of an appended marker. An aborted transaction is returned for the index.
    pub(crate) fn apply_marker(
        &mut self,
        header: &BatchHeader,
        marker: &EndTransactionMarker,
    ) -> Option<AbortedTxn> {
        let entry = self
            .producers
            .entry(header.producer_id)
            .or_insert_with(|| ProducerEntry::new(header.producer_epoch));
        entry.set_epoch(header.producer_epoch);
        entry.coordinator_epoch = marker.coordinator_epoch;
        entry.last_timestamp_ms = header.max_timestamp;
        let first_offset = entry.txn_first_offset.take()?;
        let last_offset = header.last_offset();
        self.ongoing.remove(&first_offset);
        self.unreplicated.insert(first_offset, last_offset);
        (!marker.committed).then(|| AbortedTxn {
            producer_id: header.producer_id,
            first_offset,
            last_offset,
            last_stable_offset: self.ongoing.keys().next().copied().unwrap_or(last_offset + 1),
        })
    }

    /// Every transaction whose marker is below the high watermark is decided for readers.
    pub(crate) fn advance_high_watermark(&mut self, high_watermark: i64) {
        // Only the front matters to the first unstable offset; those behind it are dropped when they get there.
        while let Some(first) = self.unreplicated.first_entry() {
            if *first.get() >= high_watermark {
                break;
            }
            first.remove();
        }
    }

    /// The first offset that read_committed readers may not see yet, given the high watermark.
    pub(crate) fn first_unstable_offset(&self, high_watermark: i64) -> Option<i64> {
        let undecided =
            self.unreplicated.iter().find(|(_, marker)| **marker >= high_watermark).map(|(first, _)| *first);
        let open = self.ongoing.keys().next().copied();
        match (undecided, open) {
            (Some(undecided), Some(open)) => Some(undecided.min(open)),
            (undecided, open) => undecided.or(open),
        }
    }

    /// First offset of the oldest open transaction, whatever is replicated.
    pub(crate) fn first_open_offset(&self) -> Option<i64> {
        self.ongoing.keys().next().copied()
    }

    /// A producer's entry.
    pub(crate) fn get(&self, producer_id: i64) -> Option<&ProducerEntry> {
        self.producers.get(&producer_id)
    }

    /// All producers by id.
    pub(crate) fn sorted(&self) -> Vec<(i64, &ProducerEntry)> {
        let mut producers: Vec<_> = self.producers.iter().map(|(id, entry)| (*id, entry)).collect();
        producers.sort_unstable_by_key(|(id, _)| *id);
        producers
    }

    /// How many producers there are.
    pub(crate) fn len(&self) -> usize {
        self.producers.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.producers.is_empty()
    }

    /// Takes a producer from a snapshot.
    pub(crate) fn restore(&mut self, producer_id: i64, entry: ProducerEntry) {
        if let Some(first_offset) = entry.txn_first_offset {
            self.ongoing.insert(first_offset, producer_id);
        }
        self.producers.insert(producer_id, entry);
    }

    /// Forgets producers without an open transaction that wrote nothing for `expiration_ms`.
    pub(crate) fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        self.producers.retain(|_, entry| {
            entry.txn_first_offset.is_some() || now_ms.saturating_sub(entry.last_timestamp_ms) < expiration_ms
        });
    }

    /// Forgets decided transactions below the log's new start.
    pub(crate) fn advance_log_start(&mut self, log_start_offset: i64) {
        self.unreplicated.retain(|_, marker| *marker >= log_start_offset);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
