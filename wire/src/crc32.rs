//! CRC-32 (IEEE), the checksum of format 0 and 1 messages and of librdkafka's `consistent` partitioner.

/// Checksum of `bytes`.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Partition that librdkafka's `consistent` partitioner gives a key. 0 when there are no partitions.
///
/// `consistent_random` differs only for null and empty keys, which it spreads.
pub fn consistent_partition(key: &[u8], partition_count: i32) -> i32 {
    let count = u32::try_from(partition_count).unwrap_or(0);
    crc32(key).checked_rem(count).map_or(0, |partition| partition as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_and_partitions() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(consistent_partition(b"123456789", 1000), (0xcbf4_3926u32 % 1000) as i32);
        assert_eq!(consistent_partition(b"x", 0), 0);
    }
}
