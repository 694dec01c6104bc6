//! The front page shows each language's first program as that language's own page has it, whose tests run it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // It reads files of the repository.

use std::fs;
use std::path::Path;

fn page(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap()
}

/// The first block in this language.
fn first_block(page: &str, language: &str) -> String {
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn first_programs_of_the_front_page_are_those_of_the_languages() {
    let front = page("README.md");
    for (folder, language) in [
        ("bindings-python", "python"),
        ("bindings-node", "js"),
        ("bindings-kotlin", "kotlin"),
        ("bindings-c", "c"),
    ] {
        let own = first_block(&page(&format!("{folder}/README.md")), language);
        assert_eq!(first_block(&front, language), own, "{folder}/README.md has another first program");
        let lines = own.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= MOST_LINES, "{folder}/README.md: the first program has {lines} lines");
    }
}

/// What one takes in at a glance.
const MOST_LINES: usize = 12;
