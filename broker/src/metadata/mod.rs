//! What the cluster is: an immutable image, and how a new one reaches those who act on it.

pub(crate) mod image;
pub(crate) mod publisher;

pub(crate) use image::{BrokerImage, MetadataImage, PartitionImage, TopicImage};
pub(crate) use publisher::{MetadataDelta, MetadataPublisher};
