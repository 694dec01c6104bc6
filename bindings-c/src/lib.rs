//! The C binding of Ottla: `ottla.h` is made from these files, comments included.
//!
//! Owns what C needs and the facade has not: handles, texts that end in NUL, flat arrays, descriptors to wait on. Knows
//! nothing of Kafka. Every entry goes through [`boundary`], where a panic ends; [`pointers`] makes a null or malformed
//! argument an error.
#![allow(unsafe_code)] // The boundary itself: pointers come and go as the comments of each function say.
#![allow(unsafe_op_in_unsafe_fn)] // An entry is unsafe as a whole, by the same contract.
#![allow(non_camel_case_types)] // The names are C's.
#![allow(clippy::missing_safety_doc)] // The comments are the contract and become the header.

mod admin;
mod boundary;
mod config;
mod consumer;
mod delivery;
mod error;
mod event_fd;
mod generated;
mod logging;
mod offsets;
mod partitions;
mod pointers;
mod producer;
mod rebalance;
mod record;
mod records;
mod reports;
mod test_broker;
#[cfg(test)]
mod tests;

pub use admin::*;
pub use config::*;
pub use consumer::*;
pub use delivery::*;
pub use error::*;
pub use generated::*;
pub use logging::*;
pub use offsets::*;
pub use partitions::*;
pub use pointers::OTTLA_NUL_TERMINATED;
pub use producer::*;
pub use rebalance::*;
pub use record::*;
pub use records::*;
pub use reports::*;
pub use test_broker::*;

use std::ffi::c_char;

/// The version of the library, as `0.1.0`. Lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn ottla_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
