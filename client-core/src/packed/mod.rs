//! Blocks in which records cross the boundary to another language, once for hundreds of them. The only definition of their
//! layout; version 1.
//!
//! All numbers are little endian. Every fixed part is a multiple of 8 bytes and starts at a multiple of 8 from the block's
//! start, so that a host can look at it through typed arrays. Lengths and positions are in bytes; a length of -1 is Kafka's
//! null, which differs from empty.
//!
//! - [`produce`]: records to send, host to core.
//! - [`records`]: records that were polled, core to host.
//! - [`reports`]: what became of records that were sent, core to host.
//!
//! `tests/vectors/packed.json` has a block of each kind as bytes and as values; the encoders and decoders of every language
//! are tested against it.

pub mod produce;
pub mod records;
pub mod reports;

/// The layout's version: the first number of every block.
pub const VERSION: u32 = 1;

/// The length that stands for null.
const NULL: i32 = -1;

fn put_u32(into: &mut Vec<u8>, value: u32) {
    into.extend_from_slice(&value.to_le_bytes());
}

fn put_i32(into: &mut Vec<u8>, value: i32) {
    into.extend_from_slice(&value.to_le_bytes());
}

fn put_i64(into: &mut Vec<u8>, value: i64) {
    into.extend_from_slice(&value.to_le_bytes());
}

/// Fills up to a multiple of 8.
fn pad(into: &mut Vec<u8>) {
    into.resize(into.len().next_multiple_of(8), 0);
}

#[cfg(test)]
mod tests;
