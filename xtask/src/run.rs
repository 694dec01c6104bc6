//! Runs the tools the verbs are made of, and says which one failed.

use crate::{bindings, demo};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Runs `program` in the repository and waits; prints what it runs and how long it took.
pub(crate) fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    run_with(root, program, arguments, &[])
}

/// [`run`] with environment variables set.
pub(crate) fn run_with(
    root: &Path,
    program: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<(), String> {
    let set: String = variables.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    let line = format!("{set}{program} {}", arguments.join(" "));
    println!("» {line}");
    #[allow(clippy::disallowed_methods)] // A stopwatch for people, no decision hangs on it.
    let started = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot start {program}: {error}; is it installed and on the PATH?"))?;
    if !status.success() {
        return Err(format!("failed ({status}): {line}"));
    }
    println!("  {:.0} s: {line}", started.elapsed().as_secs_f64());
    Ok(())
}

/// Every test of the workspace and of the bindings, which are built first: tests of the suite start their drivers. What a
/// test needs from other registries it sets up itself, below `build/`. All of them run, also when one fails.
pub(crate) fn test(root: &Path, arguments: &[String]) -> Result<(), String> {
    bindings::bindings(root, &[])?;
    let mut all = vec!["test", "--workspace", "--locked", "--no-fail-fast"];
    all.extend(arguments.iter().map(String::as_str));
    let properties = ["test", "--locked", "-p", "ottla-wire", "--test", "batch_properties"];
    let outcomes = [
        // The matrix starts what was built just now.
        run_with(root, "cargo", &all, &[("OTTLA_BUILT", "1")]),
        // A million cases of the eight properties of record batches: what a peer's bytes meet first.
        run_with(root, "cargo", &properties, &[("PROPTEST_CASES", "125000")]),
        bindings::test_built(root, &[]),
        demo::test_built(root),
    ];
    let failed: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// What `make conformance` runs unless its arguments say otherwise: everything.
const MATRIX: &[(&str, &[&str])] = &[
    ("--target", &["kafka", "ottla"]),
    ("--driver", &["rust", "python", "node", "c", "kotlin", "java", "librdkafka"]),
    ("--report", &["build/conformance"]),
];

/// The conformance matrix with its report. The bindings that take part are built first, and so are broker and Rust driver.
pub(crate) fn conformance(root: &Path, arguments: &[String]) -> Result<(), String> {
    let mut all = vec!["run", "--locked", "--quiet", "-p", "ottla-conformance", "--", "run"];
    all.extend(whole_matrix(arguments));
    all.extend(arguments.iter().map(String::as_str));
    let takes_part = |name: &&str| all.iter().any(|word| word.trim_start_matches("--driver=") == *name);
    let bindings = ["python", "node", "c", "kotlin"].into_iter().filter(takes_part);
    let bindings: Vec<String> = bindings.map(str::to_owned).collect();
    if bindings.is_empty() {
        bindings::build_workspace(root)?;
    } else {
        bindings::bindings(root, &bindings)?;
    }
    run(root, "cargo", &all)
}

/// The parts of [`MATRIX`] that `arguments` leave open: naming a broker narrows the brokers, and so on.
fn whole_matrix(arguments: &[String]) -> Vec<&str> {
    let given = |name: &str| {
        arguments
            .iter()
            .any(|found| found == name || found.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
    };
    MATRIX
        .iter()
        .filter(|(name, _)| !given(name) && (*name != "--target" || !given("--bootstrap")))
        .flat_map(|(name, values)| values.iter().flat_map(|value| [*name, *value]))
        .collect()
}

/// Writes the pages in `docs/` and the generated sources of the bindings from the tables in the code.
pub(crate) fn generate(root: &Path) -> Result<(), String> {
    let pages = ["test", "--locked", "--quiet", "-p", "xtask", "--test", "pages", "--test", "generated"];
    run_with(root, "cargo", &pages, &[("OTTLA_WRITE_PAGES", "1")])?;
    // The reference of C is made from the header, which was just written.
    run(root, "python3", &["bindings-c/tools/reference.py"])
}

/// The benchmarks, side by side with peers.
pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<(), String> {
    let mut all = vec!["bench/run.sh"];
    all.extend(arguments.iter().map(String::as_str));
    run(root, "bash", &all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        whole_matrix(&arguments).join(" ")
    }

    #[test]
    fn conformance_runs_everything_unless_told_otherwise() {
        let drivers = "--driver rust --driver python --driver node --driver c --driver kotlin --driver java --driver librdkafka";
        let report = "--report build/conformance";
        assert_eq!(matrix(&[]), format!("--target kafka --target ottla {drivers} {report}"));
        assert_eq!(matrix(&["--target", "ottla"]), format!("{drivers} {report}"));
        assert_eq!(matrix(&["--bootstrap=localhost:9092"]), format!("{drivers} {report}"));
        assert_eq!(
            matrix(&["--driver=rust", "--only", "core.*"]),
            format!("--target kafka --target ottla {report}")
        );
    }
}
