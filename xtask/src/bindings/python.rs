//! The Python binding: its build for development and its tests.
//!
//! `build/bindings/python/venv` has what the tests need, by a lock file; the package itself is found through a path file, with
//! the native module of the workspace's debug build beside its sources.

use super::{copy, folder, library, script};
use crate::run::{run, run_with};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn build(root: &Path) -> Result<(), String> {
    let package = root.join("bindings-python/python/ottla");
    copy(&library(root, "ottla-python")?, &package.join("_ottla.abi3.so"))?;
    let venv = venv(root)?;
    let python = venv.join("bin/python");
    let driver = root.join("bindings-python/driver");
    script(
        &folder(root, "python").join("driver"),
        &format!("exec '{}' '{}'", python.display(), driver.display()),
    )
}

/// The virtual environment, made anew when the lock file changed.
fn venv(root: &Path) -> Result<PathBuf, String> {
    let lock = root.join("bindings-python/requirements-dev.lock");
    let wanted = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let venv = folder(root, "python").join("venv");
    let stamp = venv.join(".lock");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(venv);
    }
    let _ = fs::remove_dir_all(&venv);
    let path = venv.display().to_string();
    run(root, "python3", &["-m", "venv", &path])?;
    let pip = venv.join("bin/pip").display().to_string();
    let install = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"];
    run(root, &pip, &[&install[..], &[&lock.display().to_string()]].concat())?;
    let site = fs::read_dir(venv.join("lib"))
        .ok()
        .and_then(|mut found| found.next()?.ok())
        .map(|found| found.path().join("site-packages"))
        .ok_or("the virtual environment has no lib/python3.x")?;
    let package = root.join("bindings-python/python").display().to_string();
    fs::write(site.join("ottla.pth"), package + "\n").map_err(|error| error.to_string())?;
    fs::write(&stamp, wanted).map_err(|error| error.to_string())?;
    Ok(venv)
}

pub(crate) fn test(root: &Path) -> Result<(), String> {
    let python = venv(root)?.join("bin/python").display().to_string();
    run_with(
        &root.join("bindings-python"),
        &python,
        &["-m", "pytest", "-q", "--maxfail=5", "--durations=5", "tests"],
        &[("PYTHONDONTWRITEBYTECODE", "1")],
    )
}
