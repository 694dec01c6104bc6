//! One version: the workspace's. What other registries and build tools read says the same.

use super::read;
use std::path::Path;

/// Where the version is written down a second time because a tool reads it there: the file, what stands before and after.
const COPIES: &[(&str, &str, &str)] = &[
    ("bindings-node/package.json", "\n  \"version\": \"", "\""),
    ("bindings-kotlin/pom.xml", "<artifactId>ottla</artifactId>\n  <version>", "</version>"),
    ("bindings-c/CMakeLists.txt", "project(ottla VERSION ", " "),
];

/// The workspace's version.
pub(super) fn workspace(root: &Path) -> Result<String, String> {
    let text = read(&root.join("Cargo.toml"))?;
    let section = text.split_once("[workspace.package]").map(|(_, rest)| rest).unwrap_or_default();
    between(section, "\nversion = \"", "\"")
        .ok_or_else(|| "Cargo.toml: no version of the workspace".to_owned())
}

/// Adds what differs to `findings`.
pub(crate) fn judge(root: &Path, findings: &mut Vec<String>) {
    let wanted = match workspace(root) {
        Ok(wanted) => wanted,
        Err(error) => return findings.push(error),
    };
    for (file, before, after) in COPIES {
        match read(&root.join(file)).map(|text| between(&text, before, after)) {
            Ok(Some(found)) if found == wanted => {}
            Ok(Some(found)) => {
                findings.push(format!("{file}: version {found}, and the workspace has {wanted}"))
            }
            Ok(None) => findings.push(format!("{file}: no version after {before:?}")),
            Err(error) => findings.push(error),
        }
    }
    // Python's is taken from Cargo.toml when the package is built.
    let python = read(&root.join("bindings-python/pyproject.toml")).unwrap_or_default();
    if !python.contains("\ndynamic = [\"version\"]") {
        findings.push(
            "bindings-python/pyproject.toml: the version is not dynamic, and so not the workspace's"
                .to_owned(),
        );
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_has_the_version_of_the_workspace() {
        let mut findings = vec![];
        judge(&crate::root(), &mut findings);
        assert_eq!(findings, Vec::<String>::new());
        assert_eq!(workspace(&crate::root()).as_deref(), Ok(env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn a_version_that_differs_is_found() {
        assert_eq!(
            between("a\n  \"version\": \"1.2.3\",", "\"version\": \"", "\""),
            Some("1.2.3".to_owned())
        );
        assert_eq!(between("nothing", "\"version\": \"", "\""), None);
    }
}
