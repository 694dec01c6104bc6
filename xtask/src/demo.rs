//! `make demo`: builds the command and the bindings as releases, lays out what each language's stage needs below
//! `build/demo/`, and starts the relay (demo/README.md). The tests run the same relay with fewer records and debug builds.

use crate::bindings::{bindings, copy, copy_folder, script};
use crate::run::{run, run_with};
use std::path::{Path, PathBuf};

/// What a release build makes for the demo; one invocation, so that every crate is built once.
const PACKAGES: &[&str] = &["ottla-cli", "ottla-python", "ottla-node", "ottla-c", "ottla-kotlin"];

/// With `--rust` among the arguments every stage is the command's own, and nothing else is built. With `--debug` it is the
/// relay of the tests.
pub(crate) fn demo(root: &Path, arguments: &[String]) -> Result<(), String> {
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let rest =
        arguments.iter().map(String::as_str).filter(|argument| !["--rust", "--debug"].contains(argument));
    if has("--debug") {
        bindings(root, &[])?;
        return built_in_debug(root, rest);
    }
    let wanted = if has("--rust") { &PACKAGES[..1] } else { PACKAGES };
    let packages: Vec<&str> = wanted.iter().flat_map(|package| ["-p", package]).collect();
    run(root, "cargo", &[&["build", "--quiet", "--locked", "--release"], &packages[..]].concat())?;
    let built = Built { root, profile: "release", folder: "build/demo" };
    let programs = if has("--rust") { Vec::new() } else { built.programs()? };
    built.start(&programs, rest)
}

/// The relay of all languages with the debug builds that [`bindings`] made; fails when a record is lost, doubled, altered or
/// out of order, or when a stage fails.
pub(crate) fn test_built(root: &Path) -> Result<(), String> {
    built_in_debug(root, ["--records", "50000"])
}

fn built_in_debug<'a>(root: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let built = Built { root, profile: "debug", folder: "build/bindings/demo" };
    built.start(&built.programs()?, arguments)
}

/// A build of the command and the bindings, and the folder for what each language's stage needs.
struct Built<'a> {
    root: &'a Path,
    profile: &'static str,
    /// From the root.
    folder: &'static str,
}

impl Built<'_> {
    /// Lays out the stages and tells the program of each one.
    fn programs(&self) -> Result<Vec<(&'static str, PathBuf)>, String> {
        Ok(vec![
            ("produce:python", self.python()?),
            ("transform:node", self.node()?),
            ("aggregate:kotlin", self.kotlin()?),
            ("verify:c", self.c()?),
        ])
    }

    fn start<'a>(
        &self,
        programs: &[(&str, PathBuf)],
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), String> {
        let mut command = vec!["demo".to_owned()];
        for (stage, script) in programs {
            // From the root, as the demo runs there: a space in the path above it does no harm.
            let script = script.strip_prefix(self.root).unwrap_or(script).display();
            command.extend(["--program".to_owned(), format!("{stage}:{script}")]);
        }
        command.extend(arguments.into_iter().map(str::to_owned));
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        run_with(self.root, &self.target().join("ottla").display().to_string(), &command, &[])
    }

    fn target(&self) -> PathBuf {
        let target = std::env::var_os("CARGO_TARGET_DIR");
        target.map_or_else(|| self.root.join("target"), PathBuf::from).join(self.profile)
    }

    fn library(&self, name: &str) -> PathBuf {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        self.target().join(format!("{prefix}{name}{suffix}"))
    }

    fn made(&self, path: &str) -> PathBuf {
        self.root.join(self.folder).join(path)
    }

    fn python(&self) -> Result<PathBuf, String> {
        let package = self.made("python/ottla");
        let is_source = |path: &Path| {
            path.extension().is_some_and(|extension| extension == "py")
                || path.file_name().is_some_and(|name| name == "ottla")
        };
        copy_folder(&self.root.join("bindings-python/python/ottla"), &package, &is_source)?;
        copy(&self.library("ottla_python"), &package.join("_ottla.abi3.so"))?;
        let start = self.made("produce");
        script(&start, &format!("PYTHONPATH={}/python exec python3 demo/produce.py \"$@\"", self.folder))?;
        Ok(start)
    }

    fn node(&self) -> Result<PathBuf, String> {
        let package = self.made("node/node_modules/ottla");
        copy(&self.root.join("bindings-node/package.json"), &package.join("package.json"))?;
        copy_folder(&self.root.join("bindings-node/lib"), &package.join("lib"), &|_| true)?;
        copy(&self.library("ottla_node"), &package.join("native/ottla.node"))?;
        // A program finds its packages from where it lies.
        copy(&self.root.join("demo/transform.mjs"), &self.made("node/transform.mjs"))?;
        let start = self.made("transform");
        script(&start, &format!("exec node {}/node/transform.mjs \"$@\"", self.folder))?;
        Ok(start)
    }

    fn kotlin(&self) -> Result<PathBuf, String> {
        let native = self.made("kotlin/libottla_jni.so");
        copy(&self.library("ottla_kotlin"), &native)?;
        // The bindings' build for development has compiled it.
        if self.profile != "debug" {
            run(self.root, "mvn", &["-q", "-B", "-f", "bindings-kotlin/pom.xml", "test-compile"])?;
        }
        let start = self.made("aggregate");
        let (folder, classes) = (self.folder, "build/bindings/kotlin/maven");
        script(
            &start,
            &format!(
                "exec java -Xmx512m -XX:+UseParallelGC -Dottla.library.path=\"$PWD/{folder}/kotlin/libottla_jni.so\" \
                 -cp '{classes}/classes:{classes}/test-classes:{classes}/lib/*' AggregateKt \"$@\""
            ),
        )?;
        Ok(start)
    }

    fn c(&self) -> Result<PathBuf, String> {
        let folder = self.made("c");
        copy(&self.library("ottla_c"), &folder.join("libottla.so.0"))?;
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
        run(self.root, "cc", &[&flags[..], &rest].concat())?;
        Ok(start)
    }
}
