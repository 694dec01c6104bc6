//! Checks and verbs of this repository; `make` calls nothing else.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A command-line tool talks.
#![allow(clippy::disallowed_methods)] // It works on the files of the repository.

mod bindings;
mod check;
mod demo;
mod dist;
mod miri;
mod run;
mod soak;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- check | test | tidy | generate | demo | bindings | test-binding | conformance | bench | soak | miri | dist [arguments]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let verb = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let root = root();
    let outcome = match verb.as_str() {
        "check" => check::check(&root),
        "tidy" => tidy::tidy(&root),
        "test" => run::test(&root, &rest),
        "conformance" => run::conformance(&root, &rest),
        "generate" => run::generate(&root),
        "bindings" => bindings::bindings(&root, &rest),
        "test-binding" => bindings::test_binding(&root, &rest),
        "demo" => demo::demo(&root, &rest),
        "dist" => dist::dist(&root, &rest),
        "bench" => run::bench(&root, &rest),
        "miri" => miri::miri(&root, &rest),
        "soak" => soak::soak(&root, &rest),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root: the parent of this crate.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
