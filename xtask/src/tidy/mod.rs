//! What the compiler cannot see: which crate may know which, what a machine may name, where the texts point.

mod edges;
mod links;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that builds and tests make.
const MADE: &[&str] = &["target", "build", "node_modules", "ottla-data", ".git"];

pub(crate) fn tidy(root: &Path) -> Result<(), String> {
    let mut findings = Vec::new();
    edges::judge(root, &mut findings);
    sources::judge(root, &mut findings);
    links::judge(root, &mut findings);
    crate::dist::judge_versions(root, &mut findings);
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!("tidy: {} finding(s)\n  {}", findings.len(), findings.join("\n  ")))
}

/// The files below `folder` that end in `.extension`, sorted; what builds and tests made is left out.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let is_made = path.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made));
            if path.is_dir() {
                if !is_made {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A path as findings name it.
fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
