//! The slow way of a record into a batch: waiting for metadata, for memory, for a partition that is being added, all within
//! `max.block.ms`. A caller may give up at any await; nothing is sent then and nothing stays reserved.

use super::accumulator::RecordRef;
use super::buffer_pool::Reservation;
use super::delivery::Delivery;
use super::shared::{Attempt, OPERATION, Shared};
use super::topics::Topic;
use crate::error::{Error, ErrorKind};
use ottla_wire::batch::HeaderRef;
use std::sync::Arc;
use std::time::Instant;

impl Shared {
    /// The topic, asking the cluster for it if it is new.
    pub(crate) async fn topic(&self, name: &str, deadline: Instant) -> Result<Arc<Topic>, Error> {
        if let Some(topic) = self.topics.get(name)
            && topic.layout().is_some()
        {
            return Ok(topic);
        }
        self.check_open()?;
        let metadata = self.client.metadata().topic(name, OPERATION, deadline).await?;
        Ok(self.learn(&metadata))
    }

    /// Appends a record, waiting for metadata and memory up to `max.block.ms`.
    pub(crate) async fn append_waiting<'h, H>(
        &self,
        name: &str,
        partition: Option<i32>,
        record: RecordRef<'_, H>,
    ) -> Result<Delivery, Error>
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        let deadline = self.env.now() + self.config.max_block;
        self.append_by(name, partition, record, deadline).await
    }

    /// As [`Self::append_waiting`], waiting until `deadline`.
    pub(crate) async fn append_by<'h, H>(
        &self,
        name: &str,
        partition: Option<i32>,
        record: RecordRef<'_, H>,
        deadline: Instant,
    ) -> Result<Delivery, Error>
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        let mut reservation = None;
        loop {
            let topic = self.topic(name, deadline).await?;
            match self.append(&topic, partition, &record, &mut reservation) {
                Attempt::Done(delivery) => return Ok(delivery),
                Attempt::Refused(error) => return Err(error),
                // No partition has ever had a leader: the snapshot is renewed by the driver's own asking.
                Attempt::UnknownTopic => {
                    let metadata = self.client.metadata().topic(name, OPERATION, deadline).await?;
                    self.learn(&metadata);
                    if metadata.partitions.is_empty() {
                        return Err(Error::new(
                            ErrorKind::Protocol,
                            OPERATION,
                            "the topic has no partitions",
                        )
                        .with_context("topic", name));
                    }
                }
                Attempt::UnknownPartition(count) => {
                    self.await_partition(name, partition.unwrap_or_default(), count, deadline).await?;
                }
                Attempt::Full(size_bytes) => {
                    reservation = Some(self.await_memory(name, size_bytes, deadline).await?);
                }
            }
        }
    }

    async fn await_memory(
        &self,
        name: &str,
        size_bytes: usize,
        deadline: Instant,
    ) -> Result<Reservation, Error> {
        let waiting = self.pool.reserve(size_bytes);
        // Polled once before the driver is told, so that it finds the caller waiting and lets nothing linger.
        let mut waiting = std::pin::pin!(waiting);
        let first = std::future::poll_fn(|cx| std::task::Poll::Ready(waiting.as_mut().poll(cx))).await;
        let reserved = match first {
            std::task::Poll::Ready(reserved) => Some(reserved),
            std::task::Poll::Pending => {
                self.hurry();
                self.env.timeout_at(deadline, waiting).await
            }
        };
        match reserved {
            Some(Some(reservation)) => Ok(reservation),
            Some(None) => Err(Error::new(
                ErrorKind::RecordTooLarge,
                OPERATION,
                format!(
                    "{size_bytes} bytes are needed and buffer.memory is {}",
                    self.config.buffer_memory_bytes
                ),
            )
            .with_context("topic", name)
            .with_hint("raise buffer.memory, or lower batch.size")),
            None => Err(self.full(
                name,
                format!("no memory came free within max.block.ms ({:?})", self.config.max_block),
            )),
        }
    }

    async fn await_partition(
        &self,
        name: &str,
        number: i32,
        count: i32,
        deadline: Instant,
    ) -> Result<(), Error> {
        if number < 0 {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                OPERATION,
                "a partition's number is not negative",
            )
            .with_context("topic", name)
            .with_context("partition", number));
        }
        self.check_open()?;
        let metadata = self.client.metadata();
        metadata.refresh("a record is for a partition that is not known");
        let found = metadata
            .wait_for(
                OPERATION,
                deadline,
                |snapshot| {
                    snapshot.topic(name).filter(|topic| topic.partitions.len() as i32 > number).cloned()
                },
                || format!("partition {number} of topic {name:?}, which has {count}"),
            )
            .await;
        match found {
            Ok(found) => {
                self.learn(&found);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Timeout => Err(error
                .with_kind(ErrorKind::UnknownTopicOrPartition)
                .with_context("topic", name)
                .with_context("partition", number)
                .with_hint("choose a partition the topic has, or add partitions to it")),
            Err(error) => Err(error),
        }
    }

    /// The error of a buffer without room.
    fn full(&self, name: &str, text: String) -> Error {
        Error::new(ErrorKind::QueueFull, OPERATION, text)
            .with_context("topic", name)
            .with_context("buffer_memory_bytes", self.config.buffer_memory_bytes)
            .with_context("waiting_count", self.pool.waiting_count())
            .with_hint("records come faster than brokers take them: send less, raise buffer.memory, or wait for deliveries")
    }
}
