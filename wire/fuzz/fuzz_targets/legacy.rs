//! Any bytes as message sets of format 0 and 1: refused, or read, upgraded and read the same.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ottla_wire::batch::legacy::{AnyBatch, AnyBatches};
use ottla_wire::batch::{DecompressLimits, Scratch};

const LIMITS: DecompressLimits = DecompressLimits { max_decompressed_bytes: 1 << 20 };

fuzz_target!(|input: &[u8]| {
    for batch in AnyBatches::new(Bytes::copy_from_slice(input)) {
        let Ok(AnyBatch::Legacy(batch)) = batch else { continue };
        let _ = batch.verify_crc();
        let Ok(records) = batch.records(&LIMITS) else { continue };
        let Ok(upgraded) = batch.upgrade(&LIMITS) else { continue };
        upgraded.verify_crc().expect("our own batch");
        let mut scratch = Scratch::new();
        let mut views = upgraded.records(&LIMITS, &mut scratch).expect("not compressed");
        for record in records {
            let view = views.next().expect("as many").expect("our own record");
            assert_eq!(view.offset, record.offset);
            assert_eq!((view.key, view.value), (record.key.as_deref(), record.value.as_deref()));
        }
        assert!(views.next().is_none());
    }
});
