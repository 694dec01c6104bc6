//! Kafka's variable-length integers: zigzag 32 and 64 bit for record fields, unsigned 32 bit for compact lengths.
//!
//! Readers take a slice and a position and move the position past what they read; `None` means the bytes end
//! inside the integer or the integer is longer than its type allows. Over-long encodings that fit are accepted,
//! and bits beyond the type's width are dropped, as Kafka does.

use bytes::{BufMut, BytesMut};

/// Longest encoding of a 32-bit integer.
pub const MAX_VARINT_BYTES: usize = 5;
/// Longest encoding of a 64-bit integer.
pub const MAX_VARLONG_BYTES: usize = 10;

/// Maps a signed integer to an unsigned one with small magnitudes first.
#[inline]
pub const fn zigzag32(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

/// Maps a signed integer to an unsigned one with small magnitudes first.
#[inline]
pub const fn zigzag64(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Inverse of [`zigzag32`].
#[inline]
pub const fn unzigzag32(value: u32) -> i32 {
    ((value >> 1) as i32) ^ -((value & 1) as i32)
}

/// Inverse of [`zigzag64`].
#[inline]
pub const fn unzigzag64(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

/// Encoded size of an unsigned 32-bit integer, 1 to 5 bytes.
#[inline]
pub const fn unsigned_varint_size(value: u32) -> usize {
    (38 - (value | 1).leading_zeros() as usize) / 7
}

/// Encoded size of a zigzag 32-bit integer, 1 to 5 bytes.
#[inline]
pub const fn varint_size(value: i32) -> usize {
    unsigned_varint_size(zigzag32(value))
}

/// Encoded size of a zigzag 64-bit integer, 1 to 10 bytes.
#[inline]
pub const fn varlong_size(value: i64) -> usize {
    (70 - (zigzag64(value) | 1).leading_zeros() as usize) / 7
}

/// Reads an unsigned 32-bit integer.
#[inline]
pub fn read_unsigned_varint(bytes: &[u8], position: &mut usize) -> Option<u32> {
    let first = *bytes.get(*position)?;
    if first < 0x80 {
        *position += 1;
        return Some(u32::from(first));
    }
    // Lengths of usual records and offsets in usual batches take two bytes.
    let second = *bytes.get(*position + 1)?;
    if second < 0x80 {
        *position += 2;
        return Some(u32::from(first & 0x7f) | u32::from(second) << 7);
    }
    read_unsigned_varint_long(bytes, position)
}

#[inline(never)]
fn read_unsigned_varint_long(bytes: &[u8], position: &mut usize) -> Option<u32> {
    let mut value = 0u32;
    for (index, byte) in bytes.get(*position..)?.iter().take(MAX_VARINT_BYTES).enumerate() {
        value |= u32::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *position += index + 1;
            return Some(value);
        }
    }
    None
}

/// Reads a zigzag 32-bit integer.
#[inline]
pub fn read_varint(bytes: &[u8], position: &mut usize) -> Option<i32> {
    read_unsigned_varint(bytes, position).map(unzigzag32)
}

/// Reads a zigzag 64-bit integer.
#[inline]
pub fn read_varlong(bytes: &[u8], position: &mut usize) -> Option<i64> {
    let first = *bytes.get(*position)?;
    if first < 0x80 {
        *position += 1;
        return Some(unzigzag64(u64::from(first)));
    }
    let second = *bytes.get(*position + 1)?;
    if second < 0x80 {
        *position += 2;
        return Some(unzigzag64(u64::from(first & 0x7f) | u64::from(second) << 7));
    }
    read_varlong_long(bytes, position)
}

#[inline(never)]
fn read_varlong_long(bytes: &[u8], position: &mut usize) -> Option<i64> {
    let mut value = 0u64;
    for (index, byte) in bytes.get(*position..)?.iter().take(MAX_VARLONG_BYTES).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *position += index + 1;
            return Some(unzigzag64(value));
        }
    }
    None
}

/// Appends an unsigned 32-bit integer.
pub fn put_unsigned_varint(buffer: &mut BytesMut, value: u32) {
    let mut scratch = [0u8; MAX_VARINT_BYTES];
    let size = write_unsigned_varint(&mut scratch, 0, value);
    buffer.put_slice(&scratch[..size]);
}

/// Appends a zigzag 32-bit integer.
pub fn put_varint(buffer: &mut BytesMut, value: i32) {
    put_unsigned_varint(buffer, zigzag32(value));
}

/// Appends a zigzag 64-bit integer.
pub fn put_varlong(buffer: &mut BytesMut, value: i64) {
    let mut scratch = [0u8; MAX_VARLONG_BYTES];
    let size = write_varlong(&mut scratch, 0, value);
    buffer.put_slice(&scratch[..size]);
}

/// Writes into a slice at `at` and returns the position behind the integer. The slice must have room.
#[inline]
pub(crate) fn write_unsigned_varint(out: &mut [u8], mut at: usize, mut value: u32) -> usize {
    while value >= 0x80 {
        out[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    out[at] = value as u8;
    at + 1
}

#[inline]
pub(crate) fn write_varint(out: &mut [u8], at: usize, value: i32) -> usize {
    write_unsigned_varint(out, at, zigzag32(value))
}

#[inline]
pub(crate) fn write_varlong(out: &mut [u8], mut at: usize, value: i64) -> usize {
    let mut value = zigzag64(value);
    while value >= 0x80 {
        out[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    out[at] = value as u8;
    at + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn signed_integers_survive_a_round_trip(a: i32, b: i64, c: u32) {
            let mut buffer = BytesMut::new();
            put_varint(&mut buffer, a);
            prop_assert_eq!(buffer.len(), varint_size(a));
            put_varlong(&mut buffer, b);
            prop_assert_eq!(buffer.len(), varint_size(a) + varlong_size(b));
            put_unsigned_varint(&mut buffer, c);
            let mut at = 0;
            prop_assert_eq!(read_varint(&buffer, &mut at), Some(a));
            prop_assert_eq!(read_varlong(&buffer, &mut at), Some(b));
            prop_assert_eq!(read_unsigned_varint(&buffer, &mut at), Some(c));
            prop_assert_eq!(at, buffer.len());
        }
    }

    #[test]
    fn integers_longer_than_their_type_are_refused() {
        assert_eq!(read_varint(&[0xff, 0xff, 0xff, 0xff, 0xff, 0x01], &mut 0), None);
        assert_eq!(read_varlong(&[0xff; 11], &mut 0), None);
        assert_eq!(read_varint(&[0x80], &mut 0), None);
        assert_eq!(read_varlong(&[], &mut 0), None);
        assert_eq!(read_varint(&[0], &mut 7), None);
    }

    #[test]
    fn a_failed_read_leaves_the_position_alone() {
        let mut at = 0;
        assert_eq!(read_varint(&[0x80, 0x80], &mut at), None);
        assert_eq!(at, 0);
    }
}
