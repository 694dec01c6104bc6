//! Miri over what is unsafe or easily becomes so, as far as it is Rust alone: `cargo run -p xtask -- miri [package…]`.
//!
//! It needs `rustup toolchain install nightly --component miri,rust-src`, and minutes. What calls functions of a host (Python's,
//! Node's, a JVM's), the network or the compression libraries in C cannot run there: valgrind and sanitizers see that
//! (bindings-c/README.md), and the soak. What is read from the network is decoded without `unsafe` (ottla-wire has none).

use crate::run::run_with;
use std::path::Path;

/// Tests of one package.
struct Part {
    package: &'static str,
    /// Which of its test programs, and with what features.
    target: &'static [&'static str],
    /// Beginnings of the tests' names; none for all.
    tests: &'static [&'static str],
    /// Those among them that cannot run there, and why not.
    skipped: &'static [(&'static str, &'static str)],
}

const PARTS: &[Part] = &[
    Part {
        package: "ottla",
        target: &["--lib", "--features", "facade"],
        tests: &[
            "packed::",
            "producer::batch",
            "producer::buffer_pool",
            "producer::delivery",
            "producer::flush",
            "producer::reports",
            "producer::topics",
            "consumer::records",
            "facade::error_json",
            "facade::admin::common",
            "facade::tests::waiting_comes_back_in_slices",
            "facade::tests::a_panic_inside",
            "facade::tests::log_lines",
        ],
        skipped: &[(
            "one_task_waiting_for_a_whole_batch_is_woken_once",
            "counts on Waker::will_wake, which compares addresses of tables that Miri gives anew each time",
        )],
    },
    Part { package: "ottla-c", target: &["--lib"], tests: &["tests::"], skipped: &[] },
    Part { package: "ottla-python", target: &["--test", "arrow_ffi"], tests: &[], skipped: &[] },
];

/// Property tests have a few cases only: each takes a thousand times as long there.
const CASES: &str = "4";

pub(crate) fn miri(root: &Path, arguments: &[String]) -> Result<(), String> {
    if let Some(unknown) = arguments.iter().find(|name| PARTS.iter().all(|part| part.package != **name)) {
        let known: Vec<_> = PARTS.iter().map(|part| part.package).collect();
        return Err(format!("no tests of {unknown:?} for Miri: there are {}", known.join(", ")));
    }
    let wanted = |part: &&Part| arguments.is_empty() || arguments.iter().any(|name| name == part.package);
    for part in PARTS.iter().filter(wanted) {
        for (name, reason) in part.skipped {
            println!("  without {name}: it {reason}");
        }
        let skipped = part.skipped.iter().flat_map(|(name, _)| ["--skip", name]);
        let head = ["+nightly", "miri", "test", "--locked", "--quiet", "-p", part.package];
        let all: Vec<&str> = head
            .into_iter()
            .chain(part.target.iter().copied())
            .chain(["--"])
            .chain(part.tests.iter().copied())
            .chain(skipped)
            .collect();
        // A folder of its own: another compiler with other flags.
        let variables = [
            ("CARGO_TARGET_DIR", "build/miri"),
            // The facade's runtime lives as long as the process; leaks are valgrind's to find.
            ("MIRIFLAGS", "-Zmiri-disable-isolation -Zmiri-ignore-leaks"),
            ("PROPTEST_CASES", CASES),
        ];
        run_with(root, "cargo", &all, &variables)?;
    }
    Ok(())
}
