//! What both ends of a Kafka connection agree on: bytes and tables.
//!
//! Message structs come from the `kafka-protocol` crate; frames, versions, error codes, record batches and the
//! distrust of a peer's lengths are here. This crate does no I/O and knows neither client nor broker.

pub use kafka_protocol::{messages, protocol};

pub mod api_version;
pub mod batch;
pub mod codec;
pub mod compression;
pub mod crc32;
pub mod crc32c;
pub mod error_code;
pub mod fetch;
pub mod frame;
pub mod guard;
pub mod java_hash;
pub mod murmur2;
pub mod produce;
pub mod schema;
mod typed;
pub mod uuid_text;
pub mod varint;

pub use api_version::ApiKey;
pub use codec::CodecError;
pub use error_code::ErrorCode;
pub use frame::{Frame, Segment};
