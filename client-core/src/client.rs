//! What producer, consumer and admin share: connections, metadata, routing and retries.
