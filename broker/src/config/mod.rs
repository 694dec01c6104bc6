//! The broker's configuration: one table of Kafka's property names.
