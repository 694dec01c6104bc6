//! Which batches of a fetch answer belong to aborted transactions. A **machine**.
//!
//! The broker tells, per partition, (producer, first offset) of each aborted transaction that reaches into the answer; it
//! may have started before it. A producer's batches are dropped from its first offset to its abort marker.

use ottla_wire::batch::{BatchView, control::ControlType};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// Filter for one partition's part of one answer; batches must pass in log order.
#[derive(Debug, Default)]
pub(crate) struct AbortedFilter {
    /// (first offset, producer), earliest on top.
    ahead: BinaryHeap<Reverse<(i64, i64)>>,
    /// Producers inside an aborted transaction at this point of the log.
    active: BTreeSet<i64>,
}

impl AbortedFilter {
    /// From the answer's list of (producer id, first offset).
    pub(crate) fn new(aborted: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let ahead = aborted.into_iter().map(|(producer, first)| Reverse((first, producer))).collect();
        Self { ahead, active: BTreeSet::new() }
    }

    /// Takes the next batch; whether it is data of an aborted transaction.
    pub(crate) fn drops(&mut self, batch: &BatchView) -> bool {
        let header = &batch.header;
        while let Some(Reverse((first, producer))) = self.ahead.peek().copied() {
            if first > header.last_offset() {
                break;
            }
            self.ahead.pop();
            self.active.insert(producer);
        }
        if header.is_control() {
            // A marker that cannot be read ends nothing; the batch itself is never handed out.
            let records = batch.control_records().unwrap_or_default();
            if matches!(records.first(), Some((ControlType::Abort, _))) {
                self.active.remove(&header.producer_id);
            }
            return false;
        }
        header.is_transactional() && self.active.contains(&header.producer_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::test_batches::{data, marker};

    #[test]
    fn drops_from_first_offset_to_abort_marker() {
        let mut filter = AbortedFilter::new([(7, 10)]);
        assert!(!filter.drops(&data(8, 2, Some(7))));
        assert!(filter.drops(&data(10, 3, Some(7))));
        assert!(!filter.drops(&data(13, 1, Some(8))), "another producer");
        assert!(!filter.drops(&data(14, 1, None)), "not transactional");
        assert!(filter.drops(&data(15, 1, Some(7))));
        assert!(!filter.drops(&marker(16, 7, false)));
        assert!(!filter.drops(&data(17, 1, Some(7))), "the next transaction");
    }

    #[test]
    fn a_transaction_that_began_before_the_answer_is_dropped_from_its_start() {
        let mut filter = AbortedFilter::new([(7, 3)]);
        assert!(filter.drops(&data(10, 3, Some(7))));
    }

    #[test]
    fn a_producer_may_abort_twice() {
        let mut filter = AbortedFilter::new([(7, 20), (7, 10)]);
        assert!(filter.drops(&data(10, 1, Some(7))));
        filter.drops(&marker(11, 7, false));
        assert!(!filter.drops(&data(12, 1, Some(7))));
        filter.drops(&marker(13, 7, true));
        assert!(filter.drops(&data(20, 1, Some(7))));
    }
}
