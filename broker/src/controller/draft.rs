//! A change in the making: its records, and the image they would lead to.

use super::Refusal;
use crate::metadata::{MetadataDelta, MetadataImage, MetadataRecord};
use ottla_wire::ErrorCode;

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

    /// Adds a record and applies it. One that cannot be applied is refused, and the draft is as it was.
    pub(super) fn push(&mut self, record: MetadataRecord) -> Result<(), Refusal> {
        let applied = self.image.apply(record.clone(), &mut self.delta);
        applied.map_err(|problem| (ErrorCode::UNKNOWN_SERVER_ERROR, problem.to_string()))?;
        self.records.push(record);
        Ok(())
    }
}
