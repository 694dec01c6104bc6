//! One batch from its first record to its fate: open, sealed, on its way, cut in two.

use super::accumulator::RecordRef;
use super::buffer_pool::Reservation;
use super::delivery::{Completer, Delivery, Fate};
use super::flush::Ticket;
use super::sequence::advance;
use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{
    BatchBuilder, BatchOptions, BatchView, DecompressLimits, HeaderRef, ProducerStamp, Scratch, restamp,
};
use std::sync::Arc;
use std::time::Instant;

/// The right to decide a batch's fate, and what goes with it.
#[derive(Debug)]
pub(crate) struct Claim {
    completer: Completer,
    /// Keeps `flush` waiting until the fate is told.
    ticket: Ticket,
    created_at: Instant,
}

impl Claim {
    /// Tells everyone who holds a delivery.
    pub(crate) fn complete(self, fate: Fate) {
        self.completer.complete(fate);
        drop(self.ticket);
    }
}

/// A batch that takes records.
#[derive(Debug)]
pub(crate) struct OpenBatch {
    builder: BatchBuilder,
    options: BatchOptions,
    limit_bytes: usize,
    claim: Claim,
    reservation: Reservation,
}

impl OpenBatch {
    /// An empty batch that may grow to what `reservation` holds.
    pub(crate) fn new(
        options: BatchOptions,
        completer: Completer,
        ticket: Ticket,
        reservation: Reservation,
        now: Instant,
    ) -> Self {
        let limit_bytes = reservation.size_bytes();
        let buffer = reservation.pool().buffer(limit_bytes);
        Self {
            builder: BatchBuilder::new(options, buffer),
            options,
            limit_bytes,
            claim: Claim { completer, ticket, created_at: now },
            reservation,
        }
    }

    /// Whether a record of at most `upper_bound_bytes` still fits.
    pub(crate) fn has_room(&self, upper_bound_bytes: usize) -> bool {
        self.builder.size_bytes() + upper_bound_bytes <= self.limit_bytes
    }

    /// Appends a record; the caller asked [`Self::has_room`].
    pub(crate) fn append<'h, H>(&mut self, record: &RecordRef<'_, H>) -> Delivery
    where
        H: ExactSizeIterator<Item = HeaderRef<'h>> + Clone,
    {
        let index = self.builder.append_with_headers(
            record.timestamp_ms,
            record.key,
            record.value,
            record.headers.clone(),
        );
        debug_assert!(
            self.builder.size_bytes() <= self.limit_bytes,
            "the upper bound of a record's size is none"
        );
        if let Some(tag) = record.tag {
            self.claim.completer.tag(index as u32, tag);
        }
        self.claim.completer.delivery(index as u32, record.timestamp_ms)
    }

    /// When its first record came.
    pub(crate) fn created_at(&self) -> Instant {
        self.claim.created_at
    }

    /// Its size so far, before compression.
    pub(crate) fn size_bytes(&self) -> usize {
        self.builder.size_bytes()
    }

    /// Takes no more records.
    pub(crate) fn seal(self) -> Batch {
        Batch {
            count: self.builder.count(),
            contents: Contents::Open(Box::new(self.builder)),
            options: self.options,
            claim: Some(self.claim),
            reservation: Some(self.reservation),
            order: 0,
            attempts: 0,
            may_be_appended: false,
            assigned: ProducerStamp::NONE,
            stamp: ProducerStamp::NONE,
        }
    }
}

#[derive(Debug)]
enum Contents {
    /// Not yet compressed: records as the builder has them.
    Open(Box<BatchBuilder>),
    /// The whole batch as it goes over the wire.
    Framed(Bytes),
    /// Given back, or never made because compressing failed.
    Gone,
}

/// A sealed batch. Its memory goes back to the pool when it is dropped: for a batch in a request, that is when the request
/// ends, even if the fate was decided before.
#[derive(Debug)]
pub(crate) struct Batch {
    contents: Contents,
    options: BatchOptions,
    count: u32,
    /// Nothing once the fate is decided.
    claim: Option<Claim>,
    reservation: Option<Reservation>,
    /// How many records of the partition were first sent before this batch: the order that retries keep.
    pub(crate) order: u64,
    /// How often it was put in a request.
    pub(crate) attempts: u32,
    may_be_appended: bool,
    /// Who it is to be sent as.
    assigned: ProducerStamp,
    /// Who its bytes say it is.
    stamp: ProducerStamp,
}

impl Batch {
    /// How many records it holds.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// When its first record came; `None` once its fate is decided.
    pub(crate) fn created_at(&self) -> Option<Instant> {
        self.claim.as_ref().map(|claim| claim.created_at)
    }

    /// The bytes it takes in a request; before compression, at most.
    pub(crate) fn size_bytes(&self) -> usize {
        match &self.contents {
            Contents::Open(builder) => builder.size_bytes(),
            Contents::Framed(bytes) => bytes.len(),
            Contents::Gone => 0,
        }
    }

    /// Whether it was given sequence numbers.
    pub(crate) fn is_numbered(&self) -> bool {
        self.assigned.producer_id >= 0
    }

    /// Sets who it is sent as from now on.
    pub(crate) fn assign(&mut self, stamp: ProducerStamp) {
        self.assigned = stamp;
    }

    /// It is being written: until an answer comes nobody knows whether it is in the log.
    pub(crate) fn note_on_wire(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
        if let Some(claim) = &mut self.claim {
            claim.completer.mark_may_be_appended(true);
        }
    }

    /// Whether some attempt got no answer that excludes its being in the log.
    pub(crate) fn may_be_appended(&self) -> bool {
        self.may_be_appended
    }

    /// Sets [`Self::may_be_appended`].
    pub(crate) fn set_may_be_appended(&mut self, may_be_appended: bool) {
        self.may_be_appended = may_be_appended;
        if let Some(claim) = &mut self.claim {
            claim.completer.mark_may_be_appended(may_be_appended);
        }
    }

    /// The right to decide its fate; there is one.
    pub(crate) fn take_claim(&mut self) -> Option<Claim> {
        self.claim.take()
    }

    /// The whole batch, compressed and stamped as assigned. What was framed before is at most stamped anew.
    pub(crate) fn frame(&mut self) -> Result<Bytes, String> {
        let stamp = self.assigned;
        let bytes = match std::mem::replace(&mut self.contents, Contents::Gone) {
            Contents::Open(builder) => {
                let (bytes, spare) = builder.finish_with_buffer(stamp).map_err(|error| error.to_string())?;
                if let (Some(spare), Some(reservation)) = (spare, &self.reservation) {
                    reservation.pool().recycle(spare.freeze());
                }
                bytes
            }
            Contents::Framed(bytes) if self.stamp == stamp => bytes,
            Contents::Framed(bytes) => restamp(bytes, &stamp),
            Contents::Gone => return Err("the bytes of the batch are gone".to_owned()),
        };
        self.stamp = stamp;
        self.contents = Contents::Framed(bytes.clone());
        Ok(bytes)
    }

    /// Cuts it into two, each with half of the records, in order; deliveries follow through the claim that comes first.
    ///
    /// Errors: the batch comes back with the reason, when it holds a single record or cannot be read.
    #[allow(clippy::result_large_err)] // The batch is not lost, and this is no hot path.
    pub(crate) fn split(mut self) -> Result<(Claim, Fate, [Batch; 2]), (Batch, String)> {
        let Contents::Framed(bytes) = &self.contents else {
            return Err((self, "the batch was never framed".to_owned()));
        };
        if self.count < 2 {
            return Err((self, "a batch of one record cannot be split".to_owned()));
        }
        let halves = match cut(bytes, self.count / 2, self.options) {
            Ok(halves) => halves,
            Err(text) => return Err((self, text)),
        };
        let Some(claim) = self.claim.take() else {
            return Err((self, "the fate of the batch is decided".to_owned()));
        };
        let (left_share, right_share) = self.reservation.take().map(Reservation::halve).unzip();
        let mut parts = Vec::with_capacity(2);
        let mut part = |builder: BatchBuilder, first: u32, reservation| {
            let completer = claim.completer.sibling(first, builder.count());
            parts.push((first, Arc::clone(completer.promise())));
            Batch {
                count: builder.count(),
                contents: Contents::Open(Box::new(builder)),
                options: self.options,
                claim: Some(Claim { completer, ticket: claim.ticket.fork(), created_at: claim.created_at }),
                reservation,
                order: self.order + u64::from(first),
                attempts: self.attempts,
                may_be_appended: false,
                assigned: ProducerStamp {
                    base_sequence: if self.assigned.producer_id < 0 {
                        self.assigned.base_sequence
                    } else {
                        advance(self.assigned.base_sequence, first)
                    },
                    ..self.assigned
                },
                stamp: ProducerStamp::NONE,
            }
        };
        let [left, right] = halves;
        let first_of_right = left.count();
        let halves = [part(left, 0, left_share), part(right, first_of_right, right_share)];
        Ok((claim, Fate::Split(parts), halves))
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if let (Contents::Framed(bytes), Some(reservation)) =
            (std::mem::replace(&mut self.contents, Contents::Gone), &self.reservation)
        {
            reservation.pool().recycle(bytes);
        }
    }
}

/// Copies the records of a framed batch into two builders, the first `left_count` into the first.
fn cut(bytes: &Bytes, left_count: u32, options: BatchOptions) -> Result<[BatchBuilder; 2], String> {
    // These bytes are our own, so the limit is only against a defect.
    let limits = DecompressLimits { max_decompressed_bytes: i32::MAX as usize };
    let mut scratch = Scratch::new();
    let view = BatchView::new(bytes.clone()).map_err(|error| error.to_string())?;
    let mut halves =
        [(); 2].map(|()| BatchBuilder::new(options, BytesMut::with_capacity(bytes.len() / 2 + 1_024)));
    for record in view.records(&limits, &mut scratch).map_err(|error| error.to_string())? {
        let record = record.map_err(|error| error.to_string())?;
        let half = usize::from(halves[0].count() >= left_count);
        let headers: Vec<HeaderRef<'_>> = record.headers.iter().collect();
        halves[half].append(record.timestamp_ms, record.key, record.value, &headers);
    }
    Ok(halves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::producer::buffer_pool::BufferPool;
    use crate::producer::flush::Incomplete;
    use ottla_wire::compression::{Codec, Compression};

    fn open(pool: &Arc<BufferPool>, codec: Codec) -> OpenBatch {
        #[allow(clippy::disallowed_methods)] // A starting point for a clock that is moved by hand.
        let now = Instant::now();
        let options =
            BatchOptions { compression: Compression::with_default_level(codec), ..BatchOptions::default() };
        let reservation = pool.try_reserve(1_000).unwrap();
        OpenBatch::new(options, Completer::new("t".into(), 0), Incomplete::new().open(), reservation, now)
    }

    fn record<'a>(
        timestamp_ms: i64,
        key: Option<&'a [u8]>,
        value: Option<&'a [u8]>,
        headers: &'a [HeaderRef<'a>],
    ) -> RecordRef<'a, impl ExactSizeIterator<Item = HeaderRef<'a>> + Clone + use<'a>> {
        RecordRef { timestamp_ms, key, value, headers: headers.iter().copied(), tag: None, size_bytes: 0 }
    }

    #[test]
    fn halves_keep_records_order_headers_and_memory() {
        for codec in [Codec::None, Codec::Lz4] {
            let pool = BufferPool::new(1_000, 1_000);
            let mut batch = open(&pool, codec);
            let headers: [HeaderRef<'_>; 2] = [(b"h", Some(b"1")), (b"h", None)];
            let mut deliveries: Vec<_> = (0..5u8)
                .map(|i| batch.append(&record(1_000 - i64::from(i), Some(&[i]), None, &headers)))
                .collect();
            let mut batch = batch.seal();
            batch.order = 100;
            batch.frame().unwrap();
            let (claim, fate, halves) = batch.split().unwrap();
            claim.complete(fate);
            assert_eq!(halves.each_ref().map(|b| (b.count(), b.order)), [(2, 100), (3, 102)]);
            let mut keys = Vec::new();
            for (at, mut half) in halves.into_iter().enumerate() {
                let view = BatchView::new(half.frame().unwrap()).unwrap();
                let mut scratch = Scratch::new();
                for record in view.records(&DecompressLimits::default(), &mut scratch).unwrap() {
                    let record = record.unwrap();
                    assert_eq!(record.headers.iter().collect::<Vec<_>>(), headers);
                    keys.push((record.key.unwrap()[0], record.timestamp_ms));
                }
                let base_offset = Some(if at == 0 { 10 } else { 50 });
                half.take_claim().unwrap().complete(Fate::Appended { base_offset, log_append_time_ms: None });
            }
            assert_eq!(keys, [(0, 1_000), (1, 999), (2, 998), (3, 997), (4, 996)]);
            let offsets: Vec<_> =
                deliveries.iter_mut().map(|d| d.try_result().unwrap().unwrap().offset.unwrap()).collect();
            assert_eq!(offsets, [10, 11, 50, 51, 52]);
            assert_eq!(pool.available_bytes(), 1_000);
        }
    }

    #[test]
    fn a_batch_of_one_record_comes_back_unsplit() {
        let pool = BufferPool::new(1_000, 1_000);
        let mut batch = open(&pool, Codec::None);
        let mut delivery = batch.append(&record(0, None, Some(b"v"), &[]));
        let mut batch = batch.seal();
        batch.frame().unwrap();
        let (batch, _) = batch.split().unwrap_err();
        assert!(delivery.try_result().is_none());
        drop(batch);
        assert!(delivery.try_result().unwrap().is_err());
        assert_eq!(pool.available_bytes(), 1_000);
    }

    #[test]
    fn memory_returns_when_the_batch_goes_not_when_its_fate_is_told() {
        let pool = BufferPool::new(1_000, 1_000);
        let mut batch = open(&pool, Codec::None);
        batch.append(&record(0, None, Some(b"v"), &[]));
        let created_at = batch.created_at();
        let mut batch = batch.seal();
        assert_eq!(batch.created_at(), Some(created_at));
        batch.take_claim().unwrap().complete(Fate::Appended { base_offset: None, log_append_time_ms: None });
        assert_eq!((batch.created_at(), pool.available_bytes()), (None, 0));
        drop(batch);
        assert_eq!(pool.available_bytes(), 1_000);
    }
}
