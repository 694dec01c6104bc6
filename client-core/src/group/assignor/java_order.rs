//! The order in which Java's `HashMap` walks its keys.
//!
//! The sticky assignors of the Java client walk hash maps where order decides who keeps a partition. To give the same
//! result the order itself has to be the same.

/// Indexes of `hashes` (in insertion order) in the order a `HashMap` of default capacity would walk them.
pub(super) fn walk(hashes: &[u32]) -> Vec<usize> {
    let mut capacity = 16u32;
    // It doubles whenever more than three quarters are taken.
    while hashes.len() as u64 > u64::from(capacity) * 3 / 4 {
        capacity *= 2;
    }
    let mut order: Vec<usize> = (0..hashes.len()).collect();
    // Within a bucket keys stay in insertion order, also when the table grows: the sort is stable.
    order.sort_by_key(|i| (hashes[*i] ^ (hashes[*i] >> 16)) & (capacity - 1));
    order
}

/// `String.hashCode()`.
pub(super) fn string_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// `TopicPartition.hashCode()`.
pub(super) fn partition_hash(topic: &str, partition: i32) -> u32 {
    31u32.wrapping_add(partition as u32).wrapping_mul(31).wrapping_add(string_hash(topic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_hash_is_javas() {
        assert_eq!(string_hash(""), 0);
        assert_eq!(string_hash("c0"), 99 * 31 + 48);
        assert_eq!(string_hash("hello world"), 1_794_106_052);
    }

    #[test]
    fn walks_by_bucket_then_by_insertion() {
        // Buckets 13, 14, 15, 0 of 16.
        let hashes: Vec<u32> = ["c0", "c1", "c2", "c3"].into_iter().map(string_hash).collect();
        assert_eq!(walk(&hashes), [3, 0, 1, 2]);
        assert_eq!(walk(&[16, 0, 32]), [0, 1, 2]);
    }
}
