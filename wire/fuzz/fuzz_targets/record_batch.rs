//! Any bytes as record batches: refused or read within the limit, and what a validated batch holds survives being
//! written again.

#![no_main]

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use ottla_wire::batch::{
    BatchBuilder, BatchOptions, BatchView, Batches, DecompressLimits, ProducerStamp, RecordIter, Scratch,
    TimestampType, ValidateOptions,
};

const LIMITS: DecompressLimits = DecompressLimits { max_decompressed_bytes: 1 << 20 };

fuzz_target!(|input: &[u8]| {
    let mut scratch = Scratch::new();
    // The checksum is not asked: the decoders behind it must stand on their own.
    for batch in Batches::new(Bytes::copy_from_slice(input)) {
        let Ok(batch) = batch else { break };
        let _ = batch.verify_crc();
        let _ = batch.end_transaction_marker();
        let options = ValidateOptions { limits: LIMITS, require_keys: false };
        let valid = batch.validate_records(&options, &mut scratch).is_ok();
        let Ok(payload) = batch.payload(&LIMITS) else {
            assert!(!valid);
            continue;
        };
        assert!(payload.len() <= LIMITS.max_decompressed_bytes.max(input.len()));
        let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
        for record in RecordIter::new(&batch.header, &payload) {
            let Ok(record) = record else {
                assert!(!valid);
                break;
            };
            let headers: Vec<_> = record.headers.collect();
            assert_eq!(headers.len(), record.headers.len());
            builder.append(record.timestamp_ms, record.key, record.value, &headers);
        }
        if valid && batch.header.timestamp_type() == TimestampType::CreateTime {
            let again = BatchView::new(builder.finish(ProducerStamp::NONE).expect("small")).expect("our own");
            again.verify_crc().expect("our own");
            let again_payload = again.payload(&LIMITS);
            let again_payload = again_payload.expect("not compressed");
            let mut views = RecordIter::new(&again.header, &again_payload);
            for record in RecordIter::new(&batch.header, &payload) {
                let (record, view) =
                    (record.expect("valid"), views.next().expect("as many").expect("our own"));
                assert_eq!(record.timestamp_ms, view.timestamp_ms);
                assert_eq!((record.key, record.value), (view.key, view.value));
                assert!(record.headers.eq(view.headers));
            }
        }
    }
});
