//! The log of a partition, in Kafka's on-disk format.
