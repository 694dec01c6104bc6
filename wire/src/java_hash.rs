//! Java's string hash, by which groups and transactional ids are spread over coordinators.

/// `String.hashCode`: over UTF-16 units.
pub fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// Partition of the coordinator topic that owns a group or transactional id. 0 when there are no partitions.
pub fn coordinator_partition(id: &str, partition_count: i32) -> i32 {
    // The absolute value of MIN, which has none, counts as 0.
    string_hash(id).checked_abs().unwrap_or(0).checked_rem(partition_count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_javas() {
        assert_eq!(string_hash(""), 0);
        assert_eq!(string_hash("my-group"), -1_906_497_762);
        assert_eq!(string_hash("polygenelubricants"), i32::MIN);
        assert_eq!(coordinator_partition("polygenelubricants", 50), 0);
        assert_eq!(coordinator_partition("my-group", 50), 12);
    }
}
