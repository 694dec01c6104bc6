//! Sources of the Kotlin binding that are written from the tables in the code.

use super::Generated;

pub(crate) fn files() -> Vec<Generated> {
    Vec::new()
}
