//! Builds and tests the bindings: one module a language, the two verbs, and what every language needs.
//!
//! A binding for development is the debug library of the workspace's one build, copied to where the language looks for
//! it below `build/bindings/<language>/`; `driver` in there starts its conformance driver. No other build tool runs, so
//! that nothing is compiled a second time with other features.

mod c;
mod kotlin;
mod node;
mod python;

use crate::run::run;
use std::fs;
use std::path::{Path, PathBuf};

/// A language with a binding.
struct Language {
    name: &'static str,
    /// Its folder; a language without one has no binding yet.
    folder: &'static str,
    /// Sets up everything for development below `build/bindings/<name>/`, with the executable `driver`.
    build: fn(&Path) -> Result<(), String>,
    /// Runs the language's own tests, after `build`.
    test: fn(&Path) -> Result<(), String>,
}

const LANGUAGES: &[Language] = &[
    Language { name: "python", folder: "bindings-python", build: python::build, test: python::test },
    Language { name: "node", folder: "bindings-node", build: node::build, test: node::test },
    Language { name: "c", folder: "bindings-c", build: c::build, test: c::test },
    Language { name: "kotlin", folder: "bindings-kotlin", build: kotlin::build, test: kotlin::test },
];

/// `bindings [language…]`: builds these, or all.
pub(crate) fn bindings(root: &Path, names: &[String]) -> Result<(), String> {
    let languages = chosen(root, names)?;
    build_workspace(root)?;
    languages.into_iter().try_for_each(|language| build(root, language))
}

/// `test-binding [language…]`: builds these, or all, and runs their tests.
pub(crate) fn test_binding(root: &Path, names: &[String]) -> Result<(), String> {
    bindings(root, names)?;
    test_built(root, names)
}

/// Runs the tests of what [`bindings`] built: all of them, also when one fails.
pub(crate) fn test_built(root: &Path, names: &[String]) -> Result<(), String> {
    let mut failed = Vec::new();
    for language in chosen(root, names)? {
        println!("» tests of {}", language.name);
        if let Err(error) = (language.test)(root) {
            eprintln!("{}: {error}", language.name);
            failed.push(language.name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("tests of {} failed", failed.join(", "))) }
}

fn build(root: &Path, language: &Language) -> Result<(), String> {
    (language.build)(root).map_err(|error| format!("{}: {error}", language.name))?;
    let driver = folder(root, language.name).join("driver");
    if !driver.exists() {
        return Err(format!("{}: the build made no {}", language.name, driver.display()));
    }
    Ok(())
}

/// The languages of these names; without names, those that have a folder.
fn chosen(root: &Path, names: &[String]) -> Result<Vec<&'static Language>, String> {
    if names.is_empty() {
        return Ok(LANGUAGES.iter().filter(|language| root.join(language.folder).exists()).collect());
    }
    let find = |name: &String| {
        let found = LANGUAGES.iter().find(|language| language.name == *name);
        found.ok_or_else(|| {
            let known: Vec<_> = LANGUAGES.iter().map(|language| language.name).collect();
            format!("no language {name:?}: there are {}", known.join(", "))
        })
    };
    names.iter().map(find).collect()
}

/// The one build everything is copied from.
pub(crate) fn build_workspace(root: &Path) -> Result<(), String> {
    run(root, "cargo", &["build", "--workspace", "--locked", "--quiet"])
}

/// `build/bindings/<language>`, made if it is not there.
pub(crate) fn folder(root: &Path, language: &str) -> PathBuf {
    let folder = root.join("build/bindings").join(language);
    let _ = fs::create_dir_all(&folder);
    folder
}

/// Where the workspace's build put the dynamic library of a crate: `ottla-python` is `libottla_python.so` or its like.
pub(crate) fn library(root: &Path, package: &str) -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let library = target.join("debug").join(format!("{prefix}{}{suffix}", package.replace('-', "_")));
    if library.exists() { Ok(library) } else { Err(format!("the build made no {}", library.display())) }
}

/// Copies a file unless the one there has the same bytes. The new one takes the old one's place in one step: a process
/// that has the old one open keeps it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let read = |path: &Path| fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let wanted = read(from)?;
    if to.exists() && read(to)? == wanted {
        return Ok(());
    }
    place(to, |temporary| {
        fs::write(temporary, &wanted)?;
        fs::set_permissions(temporary, fs::metadata(from)?.permissions())
    })
}

/// Copies a folder's files; what is not there any more stays where it was copied to, which harms nobody.
pub(crate) fn copy_folder(from: &Path, to: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<(), String> {
    let entries = fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && wanted(&path) {
            copy_folder(&path, &to.join(name), wanted)?;
        } else if path.is_file() && wanted(&path) {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

/// Writes the executable that starts a conformance driver: a `sh` script with this body.
pub(crate) fn script(to: &Path, body: &str) -> Result<(), String> {
    place(to, |temporary| {
        fs::write(temporary, format!("#!/bin/sh\n{}\n", body.trim()))?;
        #[cfg(unix)]
        fs::set_permissions(temporary, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(())
    })
}

pub(crate) fn place(to: &Path, make: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<(), String> {
    let mut temporary = to.as_os_str().to_owned();
    temporary.push(format!(".{}", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let placed = to
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| make(&temporary))
        .and_then(|()| fs::rename(&temporary, to));
    placed.map_err(|error| format!("{}: {error}", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_chosen_by_name_and_unknown_ones_are_refused() {
        let root = crate::root();
        let names = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            chosen(&root, &names).map(|found| found.iter().map(|language| language.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["node", "c"]), Ok(vec!["node", "c"]));
        assert_eq!(
            names(&["pascal"]),
            Err("no language \"pascal\": there are python, node, c, kotlin".to_owned())
        );
    }

    #[test]
    fn copying_replaces_what_differs_and_keeps_what_does_not() {
        let folder = std::env::temp_dir().join(format!("ottla-xtask-copy-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("deep/to"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(&from, "one").unwrap();
        copy(&from, &to).unwrap();
        let first = fs::metadata(&to).unwrap().modified().unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::metadata(&to).unwrap().modified().unwrap(), first);
        fs::write(&from, "two").unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.join("deep")).unwrap().count(), 1, "nothing temporary is left");
        fs::remove_dir_all(&folder).unwrap();
    }
}
