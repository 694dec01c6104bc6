//! `make check`: formatting, lints, structure, licences.

use crate::run::run;
use std::path::Path;

/// Pinned so that every machine judges alike.
const CARGO_DENY_VERSION: &str = "0.20.2";

pub(crate) fn check(root: &Path) -> Result<(), String> {
    run(root, "cargo", &["fmt", "--all", "--check"])?;
    crate::tidy::tidy(root)?;
    run(
        root,
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
    )?;
    deny(root)
}

/// Licences, bans and sources by cargo-deny, installed once below `build/tools`.
fn deny(root: &Path) -> Result<(), String> {
    let tools = root.join("build/tools");
    let binary = tools.join("bin/cargo-deny");
    if !binary.exists() {
        let tools = tools.display().to_string();
        let install = [
            "install",
            "cargo-deny",
            "--locked",
            "--quiet",
            "--version",
            CARGO_DENY_VERSION,
            "--root",
            &tools,
        ];
        run(root, "cargo", &install)?;
    }
    let arguments = ["--log-level", "error", "check", "licenses", "bans", "sources"];
    run(root, &binary.display().to_string(), &arguments)
}
