//! The Kotlin binding: its build for development and its tests. Maven compiles; the native library is Cargo's.

use super::{copy, folder, library, script};
use crate::run::run;
use std::path::{Path, PathBuf};

/// Below `build/bindings/kotlin/`: `native/` is laid out as in a jar, `maven/` is Maven's, `lib/` in there what the classes
/// need; `driver` starts the conformance driver, `aggregate` the demo's stage.
pub(crate) fn build(root: &Path) -> Result<(), String> {
    let native = native(root);
    copy(&library(root, "ottla-kotlin")?, &native)?;
    maven(root, &["test-compile"])?;
    let made = folder(root, "kotlin");
    let classes = made.join("maven");
    let program = |flags: &str, main: &str| {
        format!(
            "exec java {flags} -Dottla.library.path='{}' -cp '{classes}/classes:{classes}/test-classes:{classes}/lib/*' {main} \"$@\"",
            native.display(),
            classes = classes.display(),
        )
    };
    script(&made.join("aggregate"), &program("-XX:+UseParallelGC", "AggregateKt"))?;
    // One of many short-lived processes on a busy machine: it starts quickly and does little.
    script(
        &made.join("driver"),
        &program("-XX:+UseSerialGC -XX:TieredStopAtLevel=1", "dev.ottla.driver.MainKt"),
    )
}

/// Everything Surefire runs, on the JDK of the path and on JDK 25 where there is one.
pub(crate) fn test(root: &Path) -> Result<(), String> {
    maven(root, &["surefire:test"])?;
    match newer_java() {
        Some(java) => maven(root, &["surefire:test", &format!("-Dottla.test.java={}", java.display())]),
        None => Ok(()),
    }
}

/// Where the library lies for development: as it would in a jar, below `build/bindings/kotlin/native/`.
fn native(root: &Path) -> PathBuf {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH.replace('_', "-"));
    let os = if os == "macos" { "darwin" } else { os };
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let name = format!("native/native/{os}-{arch}/{prefix}ottla_jni{suffix}");
    folder(root, "kotlin").join(name)
}

fn maven(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let native = format!("-Dottla.library.path={}", native(root).display());
    run(root, "mvn", &[&["-q", "-B", "-f", "bindings-kotlin/pom.xml", &native], arguments].concat())
}

/// The newest JDK beside the one on the path, where Linux keeps them.
#[allow(clippy::disallowed_methods)] // Looks for programs, decides nothing that a test relies on.
fn newer_java() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib/jvm").ok()?;
    let found = folders.filter_map(|folder| {
        let folder = folder.ok()?.path();
        let name = folder.file_name()?.to_str()?.to_owned();
        let java = folder.join("bin/java");
        (name.contains("25") && java.exists()).then_some(java)
    });
    found.max()
}
