//! The languages have the same surface, but for listed differences with reasons, and every row of the tables.
#![allow(clippy::disallowed_methods)] // It reads files of the repository.

#[path = "../src/parity/mod.rs"]
mod parity;

use ottla::ErrorKind;
use ottla::config::{ClientKind, table};
use ottla::facade::admin::table::operations;
use parity::Surface;
use parity::languages::{LANGUAGES, all_text, text};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where differences are listed.
const LIST: &str = "xtask/parity.txt";

/// What a language has at the least. A declaration that is written in a new way must not be overlooked.
const LEAST: [(&str, usize); 4] = [("Producer", 5), ("Consumer", 22), ("Admin", 25), ("TestBroker", 3)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is in a repository").to_owned()
}

fn surfaces() -> BTreeMap<&'static str, Surface> {
    LANGUAGES.iter().map(|language| (language.name, (language.read)(&root()))).collect()
}

#[test]
fn every_language_has_a_surface_to_compare() {
    for (language, surface) in surfaces() {
        // C++ has one call for all functions of C's admin client.
        let takes_cs = |name| language == "c++" && name == "Admin";
        for (name, least) in
            LEAST.into_iter().map(|(name, least)| (name, if takes_cs(name) { 2 } else { least }))
        {
            let found = surface.get(name).map_or(0, BTreeSet::len);
            assert!(found >= least, "{language}: {name} has {found} operations: {surface:?}");
        }
    }
}

#[test]
fn languages_differ_as_listed_and_not_otherwise() {
    let problems = parity::differences::problems(&surfaces(), &text(&root(), LIST));
    assert!(problems.is_empty(), "{}\nThe list of differences is {LIST}.", problems.join("\n"));
}

#[test]
fn every_language_has_every_operation_of_the_admin_client() {
    assert!(operations().len() >= 25, "{} operations", operations().len());
    for (language, surface) in surfaces().into_iter().filter(|(language, _)| *language != "c++") {
        let missing: Vec<_> = operations()
            .iter()
            .map(|row| row.name)
            .filter(|name| !surface["Admin"].contains(*name))
            .collect();
        assert!(missing.is_empty(), "{language} has no {}", missing.join(", "));
    }
}

/// The text of a binding that names options, and how it writes one.
fn option_texts(root: &Path) -> Vec<(&'static str, String, char)> {
    vec![
        ("python", text(root, "bindings-python/python/ottla/_options.py"), '"'),
        ("node", text(root, "bindings-node/lib/generated/config.d.ts"), '\''),
        ("c", text(root, "bindings-c/include/ottla.h"), '"'),
        ("kotlin", text(root, "bindings-kotlin/src/main/kotlin/dev/ottla/Options.kt"), '"'),
    ]
}

#[test]
fn every_binding_has_every_option_that_is_of_use() {
    let usable = |row: &&table::OptionRow| row.support == table::Support::Used;
    let rows: Vec<_> = table::rows().iter().filter(usable).collect();
    assert!(rows.len() >= 40 && !ClientKind::ALL.is_empty(), "{} options", rows.len());
    for (language, text, quote) in option_texts(&root()) {
        let missing: Vec<_> = rows
            .iter()
            .map(|row| row.name)
            .filter(|name| !text.contains(&format!("{quote}{name}{quote}")))
            .collect();
        assert!(missing.is_empty(), "{language} has no {}", missing.join(", "));
    }
}

#[test]
fn every_binding_has_every_kind_of_error() {
    assert!(ErrorKind::ALL.len() >= 20);
    let root = root();
    let kotlin = all_text(&root, "bindings-kotlin/src/main/kotlin/dev/ottla", ".kt");
    let python = text(&root, "bindings-python/python/ottla/_errors.py");
    let node = text(&root, "bindings-node/lib/generated/errors.d.ts");
    let c = text(&root, "bindings-c/include/ottla.h");
    for kind in ErrorKind::ALL {
        let (name, class) = (kind.name(), kind.class_name());
        let constant = name.to_uppercase();
        assert!(python.contains(&format!("class {class}Error(")), "python has no {class}Error");
        assert!(python.contains(&format!("kind = \"{name}\"")), "python has no kind {name}");
        assert!(node.contains(&format!("class {class}Error extends")), "node has no {class}Error");
        assert!(node.contains(&format!("readonly kind: '{name}'")), "node has no kind {name}");
        let status = [format!("OTTLA_{constant} ="), format!("OTTLA_{constant}_ERROR =")];
        assert!(status.iter().any(|status| c.contains(status)), "c has no OTTLA_{constant}");
        let exception = format!("class {class}Exception ");
        assert!(kotlin.contains(&exception), "kotlin has no {exception}");
        let is_constant = |line: &str| line.trim().trim_end_matches([',', ';']) == constant;
        assert!(kotlin.lines().any(is_constant), "kotlin has no {constant}");
    }
}
