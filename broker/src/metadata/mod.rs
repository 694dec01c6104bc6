//! What the cluster is: an immutable image, and how a new one reaches those who act on it.

mod apply;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub(crate) mod image;
pub(crate) mod publisher;
mod records;

pub(crate) use image::{BrokerImage, MetadataImage, PartitionImage, TopicImage};
pub(crate) use publisher::{MetadataDelta, MetadataPublisher};
pub(crate) use records::{MetadataRecord, RecordProblem};
