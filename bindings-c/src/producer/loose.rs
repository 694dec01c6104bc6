//! Records that were sent without a tag: nobody asks for each, but a failure is told by the next flush.
//!
//! Keeps one delivery of each batch, since the records of a batch share their fate.

use ottla::Error;
use ottla::producer::Delivery;
use parking_lot::Mutex;

/// Looked through for batches that are done when there are this many more than after the last look.
const MANY: usize = 64;

#[derive(Default)]
pub(super) struct Loose(Mutex<State>);

#[derive(Default)]
struct State {
    batches: Vec<Delivery>,
    look_at: usize,
    failed: Option<Error>,
    failures: u64,
}

impl Loose {
    pub(super) fn add(&self, delivery: Delivery) {
        let mut state = self.0.lock();
        // The batch being filled is among the last ones, of which there is one for each partition in use.
        if state.batches.iter().rev().take(MANY).any(|known| known.is_same_batch(&delivery)) {
            return;
        }
        state.batches.push(delivery);
        if state.batches.len() > state.look_at {
            state.settle();
            state.look_at = state.batches.len() + MANY;
        }
    }

    /// The first failure since the last call, with how many batches failed.
    pub(super) fn first_failure(&self) -> Result<(), Error> {
        let mut state = self.0.lock();
        state.settle();
        let failures = std::mem::take(&mut state.failures);
        match state.failed.take() {
            None => Ok(()),
            Some(error) => Err(error.with_context("failed_batches", failures)),
        }
    }
}

impl State {
    fn settle(&mut self) {
        let Self { batches, failed, failures, .. } = self;
        batches.retain_mut(|delivery| match delivery.try_result() {
            None => true,
            Some(Ok(_)) => false,
            Some(Err(error)) => {
                *failures += 1;
                failed.get_or_insert(error);
                false
            }
        });
    }
}
