//! Batches for tests.

use bytes::{Bytes, BytesMut};
use ottla_wire::batch::control::EndTransactionMarker;
use ottla_wire::batch::{
    BatchBuilder, BatchOptions, BatchView, ProducerStamp, patch_base_offset, patch_leader_epoch,
};

/// Bytes of `count` records from `base_offset` on; the value of each is its offset as text.
pub(crate) fn data_bytes(base_offset: i64, count: i64, producer: Option<i64>, leader_epoch: i32) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
    for offset in base_offset..base_offset + count {
        builder.append(1_000 + offset, None, Some(offset.to_string().as_bytes()), &[]);
    }
    let stamp = match producer {
        Some(producer_id) => ProducerStamp {
            producer_id,
            producer_epoch: 0,
            base_sequence: 0,
            transactional: true,
            control: false,
        },
        None => ProducerStamp {
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            transactional: false,
            control: false,
        },
    };
    let mut bytes = BytesMut::from(&builder.finish(stamp).unwrap()[..]);
    patch_base_offset(&mut bytes, base_offset);
    patch_leader_epoch(&mut bytes, leader_epoch);
    bytes.freeze()
}

pub(crate) fn data(base_offset: i64, count: i64, producer: Option<i64>) -> BatchView {
    BatchView::new(data_bytes(base_offset, count, producer, 0)).unwrap()
}

pub(crate) fn marker_bytes(offset: i64, producer: i64, committed: bool) -> Bytes {
    let marker = EndTransactionMarker { committed, coordinator_epoch: 0 };
    let mut bytes = BytesMut::from(&marker.encode_batch(producer, 0, 1_000)[..]);
    patch_base_offset(&mut bytes, offset);
    bytes.freeze()
}

pub(crate) fn marker(offset: i64, producer: i64, committed: bool) -> BatchView {
    BatchView::new(marker_bytes(offset, producer, committed)).unwrap()
}

/// A record's parts: key, value, headers.
#[cfg(feature = "facade")]
pub(crate) type Parts<'a> = (Option<&'a [u8]>, Option<&'a [u8]>, &'a [ottla_wire::batch::HeaderRef<'a>]);

/// These records as a poll hands them out.
#[cfg(feature = "facade")]
pub(crate) fn of_records(
    topic: &str,
    partition: i32,
    base_offset: i64,
    records: &[Parts<'_>],
) -> crate::consumer::RecordBatch {
    use crate::consumer::aborted::AbortedFilter;
    use crate::consumer::fetch_buffer::{CompletedFetch, Read, ReadOptions};
    use crate::consumer::position::Position;
    use crate::record::TopicPartition;

    let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
    for (index, (key, value, headers)) in records.iter().enumerate() {
        builder.append(1_700_000_000_000 + index as i64, *key, *value, headers);
    }
    let mut bytes = BytesMut::from(&builder.finish(ProducerStamp::NONE).unwrap()[..]);
    patch_base_offset(&mut bytes, base_offset);
    patch_leader_epoch(&mut bytes, 5);
    let position = Position { offset: base_offset, offset_epoch: None };
    let partition = TopicPartition::new(topic, partition);
    let mut fetch = CompletedFetch::new(partition, 0, position, bytes.freeze(), AbortedFilter::default());
    let options = ReadOptions { check_crcs: true, read_committed: false, limits: Default::default() };
    match fetch.read(usize::MAX, &options).unwrap() {
        Read::Records(batch, _) => batch,
        Read::Skipped(_) | Read::End => panic!("a batch of records was skipped"),
    }
}
