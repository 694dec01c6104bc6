//! One file per API, in Kafka's schema name.
