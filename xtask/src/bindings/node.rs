//! The Node.js binding: its build for development and its tests.

use super::{copy, folder, library, script};
use crate::run::run;
use std::path::Path;

const PACKAGE: &str = "bindings-node";

/// Below `build/bindings/node/`: `driver`, which starts the conformance driver. The library goes into the package itself,
/// where a program that uses the package finds it, and so do the tools of its tests.
pub(crate) fn build(root: &Path) -> Result<(), String> {
    let package = root.join(PACKAGE);
    std::fs::create_dir_all(package.join("native")).map_err(|error| format!("{PACKAGE}/native: {error}"))?;
    copy(&library(root, "ottla-node")?, &package.join("native/ottla.node"))?;
    let driver = package.join("driver/main.js").display().to_string();
    script(&folder(root, "node").join("driver"), &format!("exec node '{driver}' \"$@\""))
}

/// Types, then everything `node --test` finds.
pub(crate) fn test(root: &Path) -> Result<(), String> {
    let package = root.join(PACKAGE);
    let lock = package.join("package-lock.json");
    let installed = package.join("node_modules/.package-lock.json");
    let age = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    if age(&installed) < age(&lock) {
        run(root, "npm", &["ci", "--prefix", PACKAGE, "--ignore-scripts", "--no-audit", "--no-fund"])?;
    }
    run(root, "npm", &["run", "--silent", "--prefix", PACKAGE, "types"])?;
    run(root, "npm", &["test", "--silent", "--prefix", PACKAGE])
}
