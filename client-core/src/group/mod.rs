//! Group membership.
//!
//! Owns how a consumer becomes and stays a member of a group and who reads which partition. Knows nothing of records.

pub mod assignor;
pub mod subscription;
