//! What is under way for one environment, and what is ready for its JavaScript to take.
//!
//! JavaScript numbers its operations; their outcomes queue up here, and one wake-up of the loop takes all of them.

use crate::handle::Handle;
use crate::wake::Wake;
use ottla::consumer::Records;
use ottla::facade::{Canceller, Operation};
use ottla::{Error, consumer::RebalanceEvent};
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an operation gave.
pub(crate) enum Outcome {
    Nothing,
    Json(Value),
    Records { block: Vec<u8>, events: Vec<RebalanceEvent> },
    Handle(Handle),
    Failed(Error),
}

impl From<Records> for Outcome {
    /// Packs the records here, on a thread of the runtime: the event loop only copies.
    fn from(records: Records) -> Self {
        let mut block = Vec::new();
        if !records.is_empty() {
            ottla::packed::records::pack(records.batches(), &mut block);
        }
        Self::Records { block, events: records.rebalances().to_vec() }
    }
}

/// What is ready.
#[derive(Default)]
pub(crate) struct Ready {
    pub(crate) done: Vec<(u32, Outcome)>,
    /// Producers with reports to take, by their number.
    pub(crate) reporting: BTreeSet<u32>,
}

#[derive(Default)]
struct State {
    ready: Ready,
    /// `None` until the operation has begun.
    running: BTreeMap<u32, Option<Canceller>>,
    ended: bool,
}

/// One environment's.
#[derive(Default)]
pub(crate) struct Hub {
    state: Mutex<State>,
    pub(crate) wake: Arc<Wake>,
}

impl Hub {
    /// Lets `operation` run; its outcome comes under `id`.
    pub(crate) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        id: u32,
        operation: Operation<T>,
        show: impl FnOnce(T) -> Outcome + Send + 'static,
    ) {
        self.state.lock().running.insert(id, None);
        let hub = Arc::clone(self);
        let canceller = operation.on_done(move |result| {
            hub.complete(id, result.map_or_else(Outcome::Failed, show));
        });
        let mut state = self.state.lock();
        // Otherwise it is done already.
        if let Some(running) = state.running.get_mut(&id) {
            *running = Some(canceller);
        }
    }

    fn complete(&self, id: u32, outcome: Outcome) {
        let mut state = self.state.lock();
        if state.ended {
            return;
        }
        state.running.remove(&id);
        state.ready.done.push((id, outcome));
        drop(state);
        self.wake.wake();
    }

    /// Gives up an operation; nothing is told of it any more, unless it is ready already.
    pub(crate) fn cancel(&self, id: u32) {
        let canceller = self.state.lock().running.remove(&id);
        if let Some(canceller) = canceller.flatten() {
            canceller.cancel();
        }
    }

    /// A producer has reports.
    pub(crate) fn reports_of(&self, producer: u32) {
        self.state.lock().ready.reporting.insert(producer);
        self.wake.wake();
    }

    /// Everything that is ready.
    pub(crate) fn take(&self) -> Ready {
        std::mem::take(&mut self.state.lock().ready)
    }

    /// The environment ends: whatever waits is given up. What sees itself through does so without it.
    pub(crate) fn end(&self) {
        self.wake.end();
        let (running, ready) = {
            let mut state = self.state.lock();
            state.ended = true;
            (std::mem::take(&mut state.running), std::mem::take(&mut state.ready))
        };
        running.into_values().flatten().for_each(|canceller| canceller.cancel());
        drop(ready);
    }
}
