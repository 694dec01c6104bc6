//! Murmur2 as Kafka's default partitioner hashes keys.

const SEED: u32 = 0x9747_b28c;
const M: u32 = 0x5bd1_e995;
const R: u32 = 24;

/// Hash of `bytes`, signed as Java has it.
pub fn murmur2(bytes: &[u8]) -> i32 {
    let mut hash = SEED ^ bytes.len() as u32;
    let (words, tail) = bytes.as_chunks::<4>();
    for word in words {
        let mut mixed = u32::from_le_bytes(*word).wrapping_mul(M);
        mixed ^= mixed >> R;
        hash = hash.wrapping_mul(M) ^ mixed.wrapping_mul(M);
    }
    if !tail.is_empty() {
        for (index, &byte) in tail.iter().enumerate() {
            hash ^= u32::from(byte) << (8 * index);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    (hash ^ (hash >> 15)) as i32
}

/// Partition of a key among `partition_count`, all of them counted, available or not.
///
/// An empty key is hashed; a null key has no partition and is not given here. 0 when there are no partitions.
pub fn partition(key: &[u8], partition_count: i32) -> i32 {
    (murmur2(key) & i32::MAX).checked_rem(partition_count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_key_has_a_hash() {
        assert_eq!(murmur2(b""), 275_646_681);
        assert_eq!(murmur2(b"a"), -1_563_381_124);
        assert_eq!(partition(b"", 3), 0);
        assert_eq!(partition(b"abc", 0), 0);
    }
}
