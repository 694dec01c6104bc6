//! Which crate may know which (ARCHITECTURE.md, "The house").

use std::fs;
use std::path::Path;

/// Every member of the workspace, and the members it may depend on outside its tests.
pub(super) const EDGES: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("env", &[]),
    ("client-core", &["ottla-wire", "ottla-env"]),
    ("broker", &["ottla-wire", "ottla-env"]),
    ("testing", &["ottla", "ottla-broker"]),
    ("conformance", &["ottla-wire", "ottla-env"]),
    ("conformance/drivers/rust", &["ottla"]),
    ("cli", &["ottla", "ottla-broker", "ottla-conformance", "ottla-wire", "ottla-env"]),
    ("bindings-c", &["ottla", "ottla-testing"]),
    ("bindings-kotlin", &["ottla", "ottla-testing"]),
    ("bindings-python", &["ottla", "ottla-testing"]),
    ("bindings-node", &["ottla", "ottla-testing"]),
    ("xtask", &[]),
];

pub(super) fn judge(root: &Path, findings: &mut Vec<String>) {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    for member in members(&manifest) {
        if !EDGES.iter().any(|(krate, _)| *krate == member) {
            findings.push(format!("{member}: a crate nobody says of which others it may know"));
        }
    }
    for (krate, allowed) in EDGES {
        match fs::read_to_string(root.join(krate).join("Cargo.toml")) {
            Ok(text) => judge_manifest(krate, &text, allowed, findings),
            Err(error) => findings.push(format!("{krate}/Cargo.toml: {error}")),
        }
    }
}

/// The workspace's members.
fn members(manifest: &str) -> Vec<&str> {
    let list = manifest.split_once("\nmembers = [").and_then(|(_, rest)| rest.split_once(']'));
    let list = list.map(|(list, _)| list).unwrap_or_default();
    list.split(',')
        .map(|member| member.trim().trim_matches('"'))
        .filter(|member| !member.is_empty())
        .collect()
}

fn judge_manifest(krate: &str, text: &str, allowed: &[&str], findings: &mut Vec<String>) {
    let mut section = "";
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            // `[dependencies.ottla]` names one in the section's own name.
            if let Some((table, dependency)) = section.rsplit_once('.')
                && counts(table)
            {
                judge_dependency(krate, dependency, allowed, findings);
            }
            continue;
        }
        if counts(section) || section.rsplit_once('.').is_some_and(|(table, _)| counts(table)) {
            let named = line.split(['.', '=', ' ']).next().unwrap_or_default();
            // A crate may be known under another name.
            let package = line.split_once("package = \"").and_then(|(_, rest)| rest.split('"').next());
            judge_dependency(krate, package.unwrap_or(named), allowed, findings);
        }
    }
}

/// Whether a section lists what the crate itself is made of: tests may know every crate.
fn counts(section: &str) -> bool {
    let last = section.rsplit('.').next().unwrap_or_default();
    last == "dependencies" || last == "build-dependencies"
}

fn judge_dependency(krate: &str, dependency: &str, allowed: &[&str], findings: &mut Vec<String>) {
    let is_ours = dependency == "ottla" || dependency.starts_with("ottla-");
    if is_ours && !allowed.contains(&dependency) {
        findings.push(format!("{krate} may not know {dependency}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(manifest: &str) -> Vec<String> {
        let mut findings = Vec::new();
        judge_manifest("broker", manifest, &["ottla-wire"], &mut findings);
        findings
    }

    #[test]
    fn arrow_that_is_not_allowed_is_found_in_every_notation() {
        for manifest in [
            "[dependencies]\nottla.workspace = true\n",
            "[dependencies]\nclient = { package = \"ottla\", path = \"../client-core\" }\n",
            "[dependencies.ottla]\npath = \"../client-core\"\n",
            "[build-dependencies]\nottla = \"1\"\n",
            "[target.'cfg(unix)'.dependencies]\nottla = \"1\"\n",
        ] {
            assert_eq!(findings(manifest), ["broker may not know ottla"], "{manifest}");
        }
    }

    #[test]
    fn allowed_arrows_foreign_crates_and_tests_are_no_findings() {
        let manifest = "[package]\nname = \"ottla-broker\"\n[dependencies]\nottla-wire.workspace = true\nbytes = \"1\"\n[dev-dependencies]\nottla.workspace = true\n";
        assert!(findings(manifest).is_empty());
    }

    #[test]
    fn members_of_the_workspace_are_read() {
        assert_eq!(members("[workspace]\nmembers = [\"wire\", \"env\"]\n"), ["wire", "env"]);
    }
}
