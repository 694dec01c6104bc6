//! Configuration: one table of Kafka's option names, parsed into typed structs.
