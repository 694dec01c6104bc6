//! The C binding: its build for development and its tests.

use std::path::Path;

pub(crate) fn build(_root: &Path) -> Result<(), String> {
    Err("there is no C binding yet".to_owned())
}

pub(crate) fn test(_root: &Path) -> Result<(), String> {
    Err("there is no C binding yet".to_owned())
}
