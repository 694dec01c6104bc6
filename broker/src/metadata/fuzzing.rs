//! Records of the metadata log from anywhere.

use super::{MetadataDelta, MetadataImage, MetadataRecord};
use crate::fuzzing::Input;
use bytes::Bytes;
use std::sync::Arc;

/// Any bytes as records: refused or understood; what is understood survives being written again, and changes an image.
pub fn metadata_records(input: &[u8]) {
    let mut input = Input(input);
    let mut image = MetadataImage::empty(Arc::from("fuzz"));
    while !input.is_empty() {
        let len = input.number();
        let Ok(record) = MetadataRecord::decode(&Bytes::copy_from_slice(input.bytes(len))) else { continue };
        let encoded = record.encode().expect("what was read can be written");
        let again = MetadataRecord::decode(&encoded).expect("what was written can be read");
        // What this broker does not act upon is not kept, so that only the second writing must equal the first.
        assert_eq!(again.encode().expect("what was written can be written again"), encoded);
        // An epoch that cannot rise refuses the record, and leaves the image to the next.
        let _ = image.apply(record, &mut MetadataDelta::default());
    }
}
