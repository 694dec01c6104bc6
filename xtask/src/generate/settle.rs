//! Compares a generated file with the one in the repository, or writes it when `make gen` asks.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Set by `make gen`: write instead of compare.
const WRITE: &str = "OTTLA_WRITE_PAGES";

/// Compares `text` with the file at `path` (from the repository's root), or writes it. `Err` says where they differ.
#[allow(clippy::disallowed_methods)] // A file of the repository, not data whose durability is tested.
pub(crate) fn settle(path: &str, text: &str) -> Result<(), String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    if found == text {
        return Ok(());
    }
    if std::env::var_os(WRITE).is_some() {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| format!("{path}: {error}"))?;
        }
        return std::fs::write(&file, text).map_err(|error| format!("{path}: {error}"));
    }
    let line = found.lines().zip(text.lines()).position(|(found, wanted)| found != wanted);
    let line = line.unwrap_or_else(|| found.lines().count().min(text.lines().count()));
    Err(format!(
        "{path}:{} is out of date, run `make gen`:\n  it says      {:?}\n  it shall say {:?}",
        line + 1,
        found.lines().nth(line),
        text.lines().nth(line)
    ))
}

/// Rust source as `cargo fmt` leaves it.
#[allow(dead_code)] // Not every user of this module writes Rust.
pub(crate) fn rustfmt(text: &str) -> Result<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt cannot be started: {error}"))?;
    let mut input = child.stdin.take().ok_or("rustfmt has no input")?;
    // rustfmt reads everything before it writes.
    input.write_all(text.as_bytes()).map_err(|error| format!("rustfmt takes no input: {error}"))?;
    drop(input);
    let output = child.wait_with_output().map_err(|error| format!("rustfmt: {error}"))?;
    if !output.status.success() {
        return Err("rustfmt refuses the text".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}"))
}
