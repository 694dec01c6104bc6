//! Changes of a consumer's assignment.

use crate::consumer::ottla_consumer_t;
use crate::partitions::{ottla_partitions_t, ottla_topic_partition_t};
use ottla::consumer::RebalanceEvent;
use std::ffi::c_void;

/// What happened to partitions.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_rebalance_type_t {
    /// They came in addition; none when a rebalance brought nothing new.
    OTTLA_ASSIGNED = 0,
    /// They are given up with the next poll: finish and commit what was read of them now.
    OTTLA_REVOKED = 1,
    /// They were taken away without asking: others may read them already, and commits for them fail.
    OTTLA_LOST = 2,
}

/// A change of the assignment.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_rebalance_event_t {
    /// What happened.
    pub event_type: ottla_rebalance_type_t,
    /// To which partitions.
    pub partitions: *const ottla_topic_partition_t,
    /// How many.
    pub partition_count: usize,
}

/// Told of a change of the assignment, on the thread that called ottla_consumer_poll(), ottla_consumer_next(),
/// ottla_consumer_unsubscribe() or ottla_consumer_close(), within that call. It may use the consumer (commit, seek), except
/// to poll, close or free it. ottla_consumer_wakeup() within it makes that call return as soon as the callback has: then
/// ottla_consumer_next() gives no record, the next call does. `event` is valid until it returns. Must not throw or jump out.
/// Never runs on two threads at once.
pub type ottla_rebalance_callback_t = Option<
    unsafe extern "C" fn(
        consumer: *mut ottla_consumer_t,
        event: *const ottla_rebalance_event_t,
        user_data: *mut c_void,
    ),
>;

/// Events with the partitions they point to.
#[derive(Default)]
pub(crate) struct Events {
    pub(crate) entries: Vec<ottla_rebalance_event_t>,
    _partitions: Vec<ottla_partitions_t>,
}

impl Events {
    pub(crate) fn new(events: &[RebalanceEvent]) -> Self {
        let mut lists = Vec::with_capacity(events.len());
        let entries = events
            .iter()
            .map(|event| {
                let (event_type, partitions) = match event {
                    RebalanceEvent::Assigned(partitions) => {
                        (ottla_rebalance_type_t::OTTLA_ASSIGNED, partitions)
                    }
                    RebalanceEvent::Revoked(partitions) => {
                        (ottla_rebalance_type_t::OTTLA_REVOKED, partitions)
                    }
                    RebalanceEvent::Lost(partitions) => (ottla_rebalance_type_t::OTTLA_LOST, partitions),
                };
                let list = ottla_partitions_t::new(partitions);
                let entry = ottla_rebalance_event_t {
                    event_type,
                    partitions: list.entries().as_ptr(),
                    partition_count: list.entries().len(),
                };
                lists.push(list);
                entry
            })
            .collect();
        Self { entries, _partitions: lists }
    }

    /// Those of `later`, too, behind these.
    pub(crate) fn then(mut self, mut later: Self) -> Self {
        self.entries.append(&mut later.entries);
        // What the entries point to stays where it is: only the lists' own places change.
        self._partitions.append(&mut later._partitions);
        self
    }
}
