//! Changes of a consumer's assignment, as values and as awaited hooks.
//!
//! A poll returns early with the events that happened, and a [`RebalanceListener`], where there is one, is awaited inside
//! the poll before that. Either way a revocation is held until it was dealt with: until the listener returns, or else until
//! the next poll, so what was read can be finished and committed while the partitions are still owned.

use crate::consumer::Consumer;
use crate::record::TopicPartition;
use ottla_env::BoxFuture;

/// A change of the assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RebalanceEvent {
    /// These came in addition; empty when a rebalance brought nothing new.
    Assigned(Vec<TopicPartition>),
    /// These are about to be given up: commit now, then poll again.
    Revoked(Vec<TopicPartition>),
    /// These were taken away without asking: others may read them already, and commits for them fail.
    Lost(Vec<TopicPartition>),
}

/// Hooks around a rebalance, awaited inside [`Consumer::poll`], [`Consumer::unsubscribe`] and [`Consumer::close`]. They may
/// use the consumer, except to poll it.
pub trait RebalanceListener: Send + Sync + 'static {
    /// Partitions came in addition; nothing of them has been handed out. A good moment to seek.
    fn on_assigned<'a>(
        &'a self,
        consumer: &'a Consumer,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, ()> {
        let _ = (consumer, partitions);
        Box::pin(std::future::ready(()))
    }

    /// Partitions will be given up when this returns. Nothing of them is handed out any more; commits still count.
    fn on_revoked<'a>(
        &'a self,
        consumer: &'a Consumer,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, ()> {
        let _ = (consumer, partitions);
        Box::pin(std::future::ready(()))
    }

    /// Partitions are gone already.
    fn on_lost<'a>(&'a self, consumer: &'a Consumer, partitions: &'a [TopicPartition]) -> BoxFuture<'a, ()> {
        let _ = (consumer, partitions);
        Box::pin(std::future::ready(()))
    }
}
