//! Files of the repository that are written from the tables in the code: pages in `docs/`, sources of the bindings.
//!
//! Each is committed. `make gen` writes them; the tests, which are this module's only user, fail when one is out of date.

pub(crate) mod c;
pub(crate) mod kotlin;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod settle;

/// A file and what it shall contain.
pub(crate) struct Generated {
    /// Where it is, from the repository's root, with slashes.
    pub(crate) path: String,
    /// All of it. Its first lines say that it is generated, and that `make gen` does it.
    pub(crate) text: String,
}

impl Generated {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

/// Compares every file with what is there, or writes them; all differences are told at once.
pub(crate) fn settle_all(files: &[Generated]) {
    let differences: Vec<_> =
        files.iter().filter_map(|file| settle::settle(&file.path, &file.text).err()).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
