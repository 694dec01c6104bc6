//! What the compiler cannot see: which crate may know which, what a machine may name, what the text may say.

use std::fs;
use std::path::{Path, PathBuf};

/// Crates each crate may depend on outside its tests (ARCHITECTURE.md, "who may know whom").
const EDGES: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("env", &[]),
    ("client-core", &["ottla-wire", "ottla-env"]),
    ("broker", &["ottla-wire", "ottla-env"]),
    ("conformance", &["ottla-wire", "ottla-env"]),
];

/// What a state machine never names: time is an argument, locks and tasks are its driver's.
const BANNED_IN_MACHINES: &[&str] =
    &["tokio", "Mutex<", "RwLock<", "Instant::now", "SystemTime", "std::thread", "HashMap<", "HashSet<"];

/// A file longer than this has a second noun in it.
const MAX_LINES: usize = 1200;

pub(crate) fn tidy(root: &Path) -> Result<(), String> {
    let mut findings = Vec::new();
    edges(root, &mut findings);
    for (krate, _) in EDGES {
        for file in rust_files(&root.join(krate).join("src")) {
            let Ok(text) = fs::read_to_string(&file) else {
                findings.push(format!("{}: cannot be read as text", file.display()));
                continue;
            };
            let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            judge_source(&name, &text, &mut findings);
        }
    }
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!("tidy: {} finding(s)\n  {}", findings.len(), findings.join("\n  ")))
}

fn edges(root: &Path, findings: &mut Vec<String>) {
    for (krate, allowed) in EDGES {
        let manifest = root.join(krate).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap_or_default();
        let mut section = "";
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']');
            }
            let dependency = line.split(['.', '=', ' ']).next().unwrap_or_default();
            let ours = dependency == "ottla" || dependency.starts_with("ottla-");
            if section == "dependencies" && ours && !allowed.contains(&dependency) {
                findings.push(format!("{krate} may not know {dependency}"));
            }
        }
    }
}

fn judge_source(name: &str, text: &str, findings: &mut Vec<String>) {
    if text.lines().count() > MAX_LINES {
        findings.push(format!("{name}: more than {MAX_LINES} lines; move the second noun out"));
    }
    if !text.starts_with("//!") && !name.ends_with("tests.rs") && !name.contains("/tests/") {
        findings.push(format!("{name}: no header (//!) that says what it owns and what it does not know"));
    }
    if !is_machine(text) {
        return;
    }
    for (number, line) in code_lines(text) {
        // A map with a fixed hasher has the same order in every run.
        let is_fixed = line.contains("FixedState");
        for banned in BANNED_IN_MACHINES.iter().filter(|banned| line.contains(**banned) && !is_fixed) {
            findings.push(format!("{name}:{number}: a machine names {banned}"));
        }
    }
}

/// A file declares itself a machine in its header.
fn is_machine(text: &str) -> bool {
    text.lines()
        .take_while(|line| line.starts_with("//!"))
        .any(|line| line.to_lowercase().contains("**machine**"))
}

/// Lines of code before the tests, comments left out.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        judge_source("sender.rs", text, &mut findings);
        findings
    }

    #[test]
    fn machine_that_names_a_lock_is_found() {
        assert_eq!(findings("//! The sender, a **machine**.\nstruct S(Mutex<u8>);\n").len(), 1);
        assert!(findings("//! The sender's driver.\nstruct S(Mutex<u8>);\n").is_empty());
    }

    #[test]
    fn comments_and_tests_of_a_machine_may_name_anything() {
        let text = "//! A **machine**.\n// the Mutex< is the driver's\n#[cfg(test)]\nmod tests { fn f() { tokio(); } }\n";
        assert!(findings(text).is_empty());
    }

    #[test]
    fn file_without_header_is_found() {
        assert_eq!(findings("fn main() {}\n").len(), 1);
    }
}
