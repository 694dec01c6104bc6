//! Records of one partition becoming batches. A **machine**: plain data under whatever lock its owner has.
//!
//! One batch is open at a time; batches that are full wait behind each other until the sender takes them. Knows nothing of
//! leaders, sequences or retries: what the sender took never comes back here.

use super::batch::{Batch, OpenBatch};
use super::delivery::Delivery;
use ottla_wire::batch::HeaderRef;
use std::collections::VecDeque;
use std::time::Instant;

/// What the sender sees of a queue without taking from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// When the first record of the oldest batch came.
    pub(crate) created_at: Instant,
    /// Whether that batch takes no more records.
    pub(crate) is_full: bool,
    /// Its size before compression.
    pub(crate) size_bytes: usize,
}

/// A record by reference, on its way into a batch.
#[derive(Clone)]
pub(crate) struct RecordRef<'a, H> {
    pub(crate) timestamp_ms: i64,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: H,
    /// What its fate is reported under, if it is to be reported.
    pub(crate) tag: Option<u64>,
    /// Upper bound of its size in a batch.
    pub(crate) size_bytes: usize,
}

/// What an append did.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) delivery: Delivery,
    /// Whether a batch was sealed by it.
    pub(crate) sealed: bool,
}

/// The batches of one partition that were not sent yet.
#[derive(Debug, Default)]
pub(crate) struct PartitionQueue {
    sealed: VecDeque<Batch>,
    open: Option<OpenBatch>,
    /// Set when the producer closes.
    closed: bool,
}

impl PartitionQueue {
    /// Appends to the open batch, if there is one with room.
    pub(crate) fn try_append<'h, H>(&mut self, record: &RecordRef<'_, H>) -> Option<Delivery>
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        let open = self.open.as_mut()?;
        if !open.has_room(record.size_bytes) {
            return None;
        }
        Some(open.append(record))
    }

    /// Seals the open batch, if any, and appends to `batch`, which was made large enough.
    pub(crate) fn append_to_new<'h, H>(&mut self, mut batch: OpenBatch, record: &RecordRef<'_, H>) -> Appended
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        let sealed = self.seal();
        let delivery = batch.append(record);
        self.open = Some(batch);
        Appended { delivery, sealed }
    }

    /// Seals the open batch; whether there was one.
    pub(crate) fn seal(&mut self) -> bool {
        let Some(open) = self.open.take() else { return false };
        self.sealed.push_back(open.seal());
        true
    }

    /// No more records; whatever is there is to leave.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// Whether it takes no more records.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// The oldest batch.
    pub(crate) fn head(&self) -> Option<Head> {
        if let Some(batch) = self.sealed.front() {
            let created_at = batch.created_at()?;
            return Some(Head { created_at, is_full: true, size_bytes: batch.size_bytes() });
        }
        self.open.as_ref().map(|open| Head {
            created_at: open.created_at(),
            is_full: false,
            size_bytes: open.size_bytes(),
        })
    }

    /// Takes the oldest batch, sealing it if it is still open.
    pub(crate) fn take(&mut self) -> Option<Batch> {
        self.sealed.pop_front().or_else(|| self.open.take().map(OpenBatch::seal))
    }

    /// How many batches wait here.
    pub(crate) fn len(&self) -> usize {
        self.sealed.len() + usize::from(self.open.is_some())
    }
}
