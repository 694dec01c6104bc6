//! The public surface of every language, read from its own declarations, and where languages differ.
//!
//! A test (`tests/parity.rs`) is the only user. Operations are named in snake case whatever the language writes. How a client
//! is made, and what a language's own syntax calls (context managers, iteration, disposal), are no operations.

pub(crate) mod braces;
pub(crate) mod differences;
pub(crate) mod languages;
pub(crate) mod python;

use std::collections::{BTreeMap, BTreeSet};

/// The types whose operations are compared.
pub(crate) const TYPES: [&str; 4] = ["Producer", "Consumer", "Admin", "TestBroker"];

/// Operations by type.
pub(crate) type Surface = BTreeMap<&'static str, BTreeSet<String>>;

/// `partitionsFor` and `PartitionsFor` as `partitions_for`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// The identifier a text begins with.
pub(crate) fn identifier(text: &str) -> Option<&str> {
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    let name = &text[..end];
    name.starts_with(|letter: char| letter.is_alphabetic()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_in_snake_case() {
        assert_eq!(snake("partitionsFor"), "partitions_for");
        assert_eq!(snake("offsets_for_times"), "offsets_for_times");
        assert_eq!(identifier("close(timeout)"), Some("close"));
        assert_eq!(identifier("[Symbol.dispose]"), None);
    }
}
