//! The programs of the soak: one a language, each laid out below `build/soak/` with a copy of its library, so that a build
//! meanwhile changes nothing under it.

use crate::bindings::{copy, copy_folder, library, script};
use crate::run::run;
use std::path::{Path, PathBuf};

/// A language with the function that lays out its program and gives what starts it.
pub(super) type Program = (&'static str, fn(&Path, &Path) -> Result<PathBuf, String>);

/// Every program. The flags of the runtimes bound their heaps, so that what grows is not what has not been collected yet.
pub(super) const PROGRAMS: &[Program] =
    &[("python", python), ("node", node), ("c", c), ("kotlin", kotlin), ("rust", rust)];

fn python(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let package = made.join("python/ottla");
    let is_source = |path: &Path| path.extension().is_some_and(|extension| extension == "py");
    copy_folder(&root.join("bindings-python/python/ottla"), &package, &is_source)?;
    copy(&library(root, "ottla-python")?, &package.join("_ottla.abi3.so"))?;
    let start = made.join("start-python");
    let packages = made.join("python");
    script(&start, &format!("PYTHONPATH='{}' exec python3 bench/soak/soak.py \"$@\"", packages.display()))?;
    Ok(start)
}

fn node(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let package = made.join("node/node_modules/ottla");
    copy(&root.join("bindings-node/package.json"), &package.join("package.json"))?;
    copy_folder(&root.join("bindings-node/lib"), &package.join("lib"), &|_| true)?;
    copy(&library(root, "ottla-node")?, &package.join("native/ottla.node"))?;
    // A program finds its packages from where it lies.
    let program = made.join("node/soak.mjs");
    copy(&root.join("bench/soak/soak.mjs"), &program)?;
    let start = made.join("start-node");
    let heap = "--max-old-space-size=48 --max-semi-space-size=2";
    script(&start, &format!("exec node {heap} '{}' \"$@\"", program.display()))?;
    Ok(start)
}

fn c(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let folder = made.join("c");
    let (shared, start) = (folder.join("libottla.so.0"), folder.join("soak"));
    copy(&library(root, "ottla-c")?, &shared)?;
    let flags = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-O1", "-g"];
    let (shared, runpath) = (shared.display().to_string(), format!("-Wl,-rpath,{}", folder.display()));
    let target = start.display().to_string();
    let rest = ["-Ibindings-c/include", "bench/soak/soak.c", &shared, &runpath, "-o", &target];
    run(root, "cc", &[&flags[..], &rest].concat())?;
    Ok(start)
}

fn kotlin(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let native = made.join("kotlin/libottla_jni.so");
    copy(&library(root, "ottla-kotlin")?, &native)?;
    // The program is compiled with the binding's tests.
    run(root, "mvn", &["-q", "-B", "-f", "bindings-kotlin/pom.xml", "test-compile"])?;
    let maven = root.join("build/bindings/kotlin/maven");
    for folder in ["classes", "test-classes", "lib"] {
        copy_folder(&maven.join(folder), &made.join("kotlin").join(folder), &|_| true)?;
    }
    let start = made.join("start-kotlin");
    // A heap that is there from the start, and a compiler that has soon done what it will do.
    let flags = "-XX:+UseSerialGC -Xms48m -Xmx48m -XX:+AlwaysPreTouch -XX:TieredStopAtLevel=1 \
                 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
    script(
        &start,
        &format!(
            "exec java {flags} -Dottla.library.path='{}' -cp '{folder}/classes:{folder}/test-classes:{folder}/lib/*' SoakKt \"$@\"",
            native.display(),
            folder = made.join("kotlin").display(),
        ),
    )?;
    Ok(start)
}

fn rust(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let start = made.join("rust/soak");
    let built = library(root, "ottla-c")?.with_file_name("examples").join("soak");
    copy(&built, &start)?;
    Ok(start)
}
