//! The C binding: its build for development and its tests.

use super::{folder, library, script};
use crate::run::run;
use std::path::Path;

/// Below `build/bindings/c/`: `cmake/` is CMake's, with the libraries in `lib/`; `driver` starts the conformance driver.
pub(crate) fn build(root: &Path) -> Result<(), String> {
    let library = library(root, "ottla-c")?;
    let cargo = library.parent().map(|folder| format!("-DOTTLA_CARGO_DIR={}", folder.display()));
    let folder = folder(root, "c");
    let made = folder.join("cmake").display().to_string();
    let cargo = cargo.unwrap_or_default();
    let configure =
        ["-S", "bindings-c", "-B", &made, &cargo, "-DOTTLA_BUILD_TESTS=ON", "-DCMAKE_BUILD_TYPE=Release"];
    run(root, "cmake", &[&configure[..], &["-Wno-dev", "--log-level=WARNING"]].concat())?;
    run(root, "cmake", &["--build", &made, "--parallel", "2"])?;
    script(&folder.join("driver"), &format!("exec '{made}/driver/ottla-driver-c' \"$@\""))
}

/// Everything ctest runs: features, robustness, examples, installing, valgrind and the address sanitizer.
pub(crate) fn test(root: &Path) -> Result<(), String> {
    let made = folder(root, "c").join("cmake").display().to_string();
    // Far beyond what the longest takes under valgrind: what hangs has deadlines of its own.
    let limits = ["--timeout", "300", "--parallel", "2"];
    run(root, "ctest", &[&["--test-dir", &made, "--output-on-failure"][..], &limits].concat())
}
