//! Where the texts point: every relative link, and every path in backticks, leads to a file.

use super::MADE;
use std::fs;
use std::path::Path;

/// Endings that make a text with a slash in it a path.
const ENDINGS: &[&str] =
    &[".rs", ".md", ".toml", ".yaml", ".yml", ".json", ".tsv", ".txt", ".sh", ".py", ".java", ".properties"];

pub(super) fn judge(root: &Path, findings: &mut Vec<String>) {
    for file in super::files(root, "md") {
        let name = super::name(root, &file);
        let Ok(text) = fs::read_to_string(&file) else {
            findings.push(format!("{name}: cannot be read as text"));
            continue;
        };
        let folder = file.parent().unwrap_or(root);
        for (number, pointer) in pointers(&text) {
            let leads = match pointer {
                Pointer::Link(path) => folder.join(path).exists(),
                Pointer::Path(path) => {
                    !is_repository_path(root, folder, path)
                        || [root, folder].iter().any(|from| from.join(path).exists())
                }
            };
            if !leads {
                findings.push(format!("{name}:{number}: nothing is at {}", pointer.text()));
            }
        }
    }
}

#[derive(Debug, PartialEq)]
enum Pointer<'a> {
    /// `[text](here)`.
    Link(&'a str),
    /// Between backticks, and made of what paths are made of.
    Path(&'a str),
}

impl Pointer<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Link(text) | Self::Path(text) => text,
        }
    }
}

/// Links and paths with the numbers of their lines; blocks of code are left out.
fn pointers(text: &str) -> Vec<(usize, Pointer<'_>)> {
    let mut found = Vec::new();
    let mut is_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if is_code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
                found.push((index + 1, Pointer::Link(path)));
            }
        }
        for quoted in line.split('`').skip(1).step_by(2) {
            let is_path = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
            if quoted.contains('/') && quoted.chars().all(is_path) {
                found.push((index + 1, Pointer::Path(quoted)));
            }
        }
    }
    found
}

/// Whether a text between backticks names a file that is kept here, rather than one of somebody's own or one a build makes.
fn is_repository_path(root: &Path, folder: &Path, path: &str) -> bool {
    let first = path.split('/').find(|part| !matches!(*part, "." | "")).unwrap_or_default();
    if path.starts_with('/') || MADE.contains(&first) || first == "foo" {
        return false;
    }
    root.join(first).exists()
        || folder.join(first).exists()
        || ENDINGS.iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_paths_are_found_outside_code() {
        let text = "see [a](docs/a.md#part) and `wire/src`\n```\n[b](b.md) `c/d`\n```\n[c](https://c.example) `a b/c`\n";
        assert_eq!(pointers(text), [(1, Pointer::Link("docs/a.md")), (1, Pointer::Path("wire/src"))]);
    }

    #[test]
    fn pointers_that_lead_nowhere_are_found() {
        let root = std::env::temp_dir().join(format!("ottla-tidy-{}", std::process::id()));
        fs::create_dir_all(root.join("docs")).expect("a folder");
        fs::write(
            root.join("docs/a.md"),
            "[up](../README.md) [gone](b.md) `docs/c` `a.md` `gone/x.rs` `text/plain`\n",
        )
        .expect("written");
        fs::write(root.join("README.md"), "`docs/a.md` `build/x.rs` `./mine`\n").expect("written");
        let mut findings = Vec::new();
        judge(&root, &mut findings);
        fs::remove_dir_all(&root).expect("removed");
        assert_eq!(
            findings,
            [
                "docs/a.md:1: nothing is at b.md",
                "docs/a.md:1: nothing is at docs/c",
                "docs/a.md:1: nothing is at gone/x.rs"
            ]
        );
    }
}
