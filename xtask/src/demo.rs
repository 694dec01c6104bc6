//! `make demo`: builds the command and the bindings as releases, lays out what each language's stage needs below
//! `build/demo/`, and starts the relay (demo/README.md).

use crate::bindings::{copy, copy_folder, script};
use crate::run::{run, run_with};
use std::path::{Path, PathBuf};

/// What a release build makes for the demo; one invocation, so that every crate is built once.
const PACKAGES: &[&str] = &["ottla-cli", "ottla-python", "ottla-node", "ottla-c", "ottla-kotlin"];

/// With `--rust` among the arguments every stage is the command's own, and nothing else is built.
pub(crate) fn demo(root: &Path, arguments: &[String]) -> Result<(), String> {
    let (rust_only, rest): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| *argument == "--rust");
    let wanted = if rust_only.is_empty() { PACKAGES } else { &PACKAGES[..1] };
    let packages: Vec<&str> = wanted.iter().flat_map(|package| ["-p", package]).collect();
    run(root, "cargo", &[&["build", "--quiet", "--locked", "--release"], &packages[..]].concat())?;
    let mut command = vec!["demo".to_owned()];
    if rust_only.is_empty() {
        let made = root.join("build/demo");
        let (produce, transform) = (python(root, &made)?, node(root, &made)?);
        let (aggregate, verify) = (kotlin(root, &made)?, c(root, &made)?);
        for (stage, script) in [
            ("produce:python", produce),
            ("transform:node", transform),
            ("aggregate:kotlin", aggregate),
            ("verify:c", verify),
        ] {
            // From the root, as the demo runs there: a space in the path above it does no harm.
            let script = script.strip_prefix(root).unwrap_or(&script).display();
            command.extend(["--program".to_owned(), format!("{stage}:{script}")]);
        }
    }
    command.extend(rest.into_iter().cloned());
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    run_with(root, &release(root).join("ottla").display().to_string(), &command, &[])
}

fn release(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("release")
}

fn library(root: &Path, name: &str) -> PathBuf {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    release(root).join(format!("{prefix}{name}{suffix}"))
}

fn python(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let package = made.join("python/ottla");
    let is_source = |path: &Path| {
        path.extension().is_some_and(|extension| extension == "py")
            || path.file_name().is_some_and(|name| name == "ottla")
    };
    copy_folder(&root.join("bindings-python/python/ottla"), &package, &is_source)?;
    copy(&library(root, "ottla_python"), &package.join("_ottla.abi3.so"))?;
    let start = made.join("produce");
    script(&start, "PYTHONPATH=build/demo/python exec python3 demo/produce.py \"$@\"")?;
    Ok(start)
}

fn node(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let package = made.join("node/node_modules/ottla");
    copy(&root.join("bindings-node/package.json"), &package.join("package.json"))?;
    copy_folder(&root.join("bindings-node/lib"), &package.join("lib"), &|_| true)?;
    copy(&library(root, "ottla_node"), &package.join("native/ottla.node"))?;
    // A program finds its packages from where it lies.
    copy(&root.join("demo/transform.mjs"), &made.join("node/transform.mjs"))?;
    let start = made.join("transform");
    script(&start, "exec node build/demo/node/transform.mjs \"$@\"")?;
    Ok(start)
}

fn kotlin(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let native = made.join("kotlin/libottla_jni.so");
    copy(&library(root, "ottla_kotlin"), &native)?;
    run(root, "mvn", &["-q", "-B", "-f", "bindings-kotlin/pom.xml", "test-compile"])?;
    let start = made.join("aggregate");
    let classes = "build/bindings/kotlin/maven";
    script(
        &start,
        &format!(
            "exec java -XX:+UseParallelGC -Dottla.library.path=\"$PWD/build/demo/kotlin/libottla_jni.so\" \
             -cp '{classes}/classes:{classes}/test-classes:{classes}/lib/*' AggregateKt \"$@\""
        ),
    )?;
    Ok(start)
}

fn c(root: &Path, made: &Path) -> Result<PathBuf, String> {
    let folder = made.join("c");
    copy(&library(root, "ottla_c"), &folder.join("libottla.so.0"))?;
    let start = folder.join("verify");
    let (start_text, folder_text) = (start.display().to_string(), folder.display().to_string());
    let library = folder.join("libottla.so.0").display().to_string();
    let flags = [
        "-std=c11",
        "-D_POSIX_C_SOURCE=200809L",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-O2",
        "-Ibindings-c/include",
    ];
    let rest = ["demo/verify.c", &library, &format!("-Wl,-rpath,{folder_text}"), "-o", &start_text];
    run(root, "cc", &[&flags[..], &rest].concat())?;
    Ok(start)
}
