//! The bit fields by which responses tell what a principal may do. Without an authorizer everybody may do everything.

/// Not asked for, or not known.
pub(crate) const UNKNOWN: i32 = i32::MIN;

/// Operations on a topic: read, write, create, delete, alter, describe, describe and alter configs.
pub(crate) const TOPIC: i32 = bits(&[3, 4, 5, 6, 7, 8, 10, 11]);

/// Operations on the cluster: create, alter, describe, cluster action, describe and alter configs, idempotent write.
pub(crate) const CLUSTER: i32 = bits(&[5, 7, 8, 9, 10, 11, 12]);

/// Operations on a group: read, delete, describe, describe and alter configs.
pub(crate) const GROUP: i32 = bits(&[3, 6, 8, 10, 11]);

const fn bits(operations: &[i32]) -> i32 {
    let mut field = 0;
    let mut index = 0;
    while index < operations.len() {
        field |= 1 << operations[index];
        index += 1;
    }
    field
}
