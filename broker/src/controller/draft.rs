//! A change in the making: its records, and the image they would lead to.

use crate::metadata::{MetadataDelta, MetadataImage, MetadataRecord};

/// Records that were decided upon but not committed. Later decisions of the same request see the earlier ones.
pub(super) struct Draft {
    pub(super) image: MetadataImage,
    pub(super) delta: MetadataDelta,
    pub(super) records: Vec<MetadataRecord>,
}

impl Draft {
    /// Nothing changed yet.
    pub(super) fn new(image: MetadataImage) -> Self {
        Self { image, delta: MetadataDelta::default(), records: Vec::new() }
    }

    /// Adds a record and applies it.
    pub(super) fn push(&mut self, record: MetadataRecord) {
        self.image.apply(record.clone(), &mut self.delta);
        self.records.push(record);
    }
}
