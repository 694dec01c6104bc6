//! Group membership.
//!
//! Owns how a consumer becomes and stays a member of a group, who reads which partition, and how offsets are committed.
//! Knows nothing of records, connections or tasks: all of it decides, and does nothing itself.

pub mod assignor;
pub(crate) mod classic;
pub(crate) mod commit;
pub(crate) mod member_state;
pub(crate) mod requests;
pub mod subscription;

pub use classic::GroupMetadata;
pub use commit::{OffsetAndMetadata, Offsets};
