//! What a source file must say and may name.

use super::edges::EDGES;
use std::fs;
use std::path::Path;

/// What a state machine never names: time is an argument, locks and tasks are its driver's.
const BANNED_IN_MACHINES: &[&str] = &[
    "tokio",
    "Mutex<",
    "RwLock<",
    "Instant::now",
    "SystemTime",
    "std::thread",
    "std::fs",
    "std::net::Tcp",
    "UdpSocket",
    "rand::rng",
    "HashMap<",
    "HashSet<",
];

/// How a file declares itself a machine, in its header.
const MACHINE: &str = "**machine**";

/// A file longer than this has a second noun in it, unless a table made it.
const MAX_LINES: usize = 1200;

/// Where files made from tables lie (`make gen`).
const GENERATED: &str = "/generated/";

pub(super) fn judge(root: &Path, findings: &mut Vec<String>) {
    for (krate, _) in EDGES {
        for file in super::files(&root.join(krate).join("src"), "rs") {
            let name = super::name(root, &file);
            match fs::read_to_string(&file) {
                Ok(text) => judge_source(&name, &text, findings),
                Err(error) => findings.push(format!("{name}: {error}")),
            }
        }
    }
}

fn judge_source(name: &str, text: &str, findings: &mut Vec<String>) {
    if text.lines().count() > MAX_LINES && !name.contains(GENERATED) {
        findings.push(format!("{name}: more than {MAX_LINES} lines; move the second noun out"));
    }
    if !text.starts_with("//!") && !name.ends_with("tests.rs") && !name.contains("/tests/") {
        findings.push(format!("{name}: no header (//!) that says what it owns and what it does not know"));
    }
    let header = || text.lines().take_while(|line| line.starts_with("//!"));
    if let Some(line) = header().find(|line| is_misspelt(line)) {
        findings.push(format!("{name}: a machine is declared as {MACHINE}, not so: {line}"));
    }
    if !header().any(|line| line.contains(MACHINE)) {
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

/// Whether a line of a header seems to declare a machine in another spelling, which nobody would then check.
fn is_misspelt(line: &str) -> bool {
    let rest = line.replace(MACHINE, "");
    rest.contains("Machine")
        || rest.contains("**machine")
        || rest.contains("`machine`")
        || rest.contains("_machine_")
}

/// Lines of code before the tests, comments left out.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
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
    fn machine_declared_in_another_spelling_is_found() {
        for header in
            ["//! The sender. **Machine.**", "//! The sender. Machine: events in.", "//! A **machine.**"]
        {
            assert_eq!(findings(&format!("{header}\n")).len(), 1, "{header}");
        }
        assert!(findings("//! The machine's own file system, a **machine**.\n").is_empty());
    }

    #[test]
    fn comments_and_tests_of_a_machine_may_name_anything() {
        let text = "//! A **machine**.\n// the Mutex< is the driver's\n#[cfg(test)]\nmod tests { fn f() { tokio(); } }\n";
        assert!(findings(text).is_empty());
    }

    #[test]
    fn long_file_is_found_unless_it_is_generated() {
        let long = format!("//! Long.\n{}", "fn f() {}\n".repeat(MAX_LINES));
        assert_eq!(findings(&long).len(), 1);
        let mut of_generated = Vec::new();
        judge_source("bindings-c/src/generated/admin.rs", &long, &mut of_generated);
        assert!(of_generated.is_empty());
    }

    #[test]
    fn file_without_header_is_found() {
        assert_eq!(findings("fn main() {}\n").len(), 1);
    }
}
