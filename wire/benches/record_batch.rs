//! What a record costs in a batch: nanoseconds to append, check and read one. `cargo bench -p ottla-wire`.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)] // A benchmark measures and prints.

use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{
    BatchBuilder, BatchOptions, BatchView, DecompressLimits, ProducerStamp, RecordIter, Scratch,
    ValidateOptions,
};
use ottla_wire::compression::{Codec, Compression};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u32 = 15;

/// Best of some rounds, in nanoseconds per unit.
fn measure(name: &str, units: usize, mut body: impl FnMut()) {
    let repeats = (2_000_000 / units).max(3);
    let best = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..repeats).for_each(|_| body());
            start.elapsed().as_nanos() as f64 / (repeats * units) as f64
        })
        .fold(f64::INFINITY, f64::min);
    println!("{name:<44} {best:>9.1} ns");
}

fn build(compression: Compression, count: usize, value: &[u8], buffer: BytesMut) -> Bytes {
    let mut builder = BatchBuilder::new(BatchOptions { compression, ..Default::default() }, buffer);
    for index in 0..count {
        let key = (index as u64).to_be_bytes();
        builder.append(1_700_000_000_000 + index as i64 / 50, Some(&key), Some(value), &[]);
    }
    builder.finish(ProducerStamp::NONE).unwrap()
}

fn main() {
    let limits = DecompressLimits::default();
    for (count, size) in [(1000, 100), (200, 1024)] {
        let value: Vec<u8> = (0..size).map(|index| b'a' + (index * index % 23) as u8).collect();
        let label = |what: &str| format!("{what}, {size} B x {count}");
        let mut room = BytesMut::with_capacity(count * (size + 40));
        measure(&label("append and finish, per record"), count, || {
            let buffer = std::mem::take(&mut room);
            let batch = black_box(build(Compression::None, count, &value, buffer));
            room = batch.try_into_mut().unwrap();
        });
        let mut builder = BatchBuilder::new(BatchOptions::default(), std::mem::take(&mut room));
        measure(&label("append alone, per record"), count, || {
            for index in 0..count {
                let key = (index as u64).to_be_bytes();
                builder.append(1_700_000_000_000 + index as i64 / 50, Some(&key), Some(&value), &[]);
            }
            let batch =
                std::mem::replace(&mut builder, BatchBuilder::new(BatchOptions::default(), BytesMut::new()));
            builder = BatchBuilder::new(BatchOptions::default(), batch.into_buffer());
        });
        let batch = BatchView::new(build(Compression::None, count, &value, BytesMut::new())).unwrap();
        let mut scratch = Scratch::new();
        measure(&label("verify CRC, per record"), count, || batch.verify_crc().unwrap());
        measure(&label("validate records, per record"), count, || {
            black_box(batch.validate_records(&ValidateOptions::default(), &mut scratch).unwrap());
        });
        measure(&label("iterate, per record"), count, || {
            for record in batch.records(&limits, &mut scratch).unwrap() {
                black_box(record.unwrap());
            }
        });
        measure(&label("iterate and slice the value, per record"), count, || {
            let payload = batch.payload(&limits).unwrap();
            for record in RecordIter::new(&batch.header, &payload) {
                black_box(record.unwrap().value_range().map(|range| payload.slice(range)));
            }
        });
        for codec in Codec::ALL {
            let compressed = BatchView::new(build(codec.into(), count, &value, BytesMut::new())).unwrap();
            measure(&label(&format!("{} build, per record", codec.name())), count, || {
                black_box(build(codec.into(), count, &value, BytesMut::new()));
            });
            measure(&label(&format!("{} validate, per record", codec.name())), count, || {
                black_box(compressed.validate_records(&ValidateOptions::default(), &mut scratch).unwrap());
            });
        }
    }
}
