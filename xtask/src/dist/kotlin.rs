//! Kotlin and Java: one jar with the classes and the native library for x86-64 and glibc, its pom, and a jar of its sources;
//! for every other target a jar with the library alone, named by a classifier.

use super::archive::unpacked_zip;
use super::build::stripped;
use super::machine::Machine;
use super::room::Room;
use super::table::{Attempt, MOST_BYTES, Row, weight};
use super::target::Target;
use super::{Dist, first_snippet, read, write};
use crate::bindings::copy;
use crate::run::run;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A virtual machine starts first.
const LIMIT: Duration = Duration::from_secs(3);
const POM: &str = "bindings-kotlin/pom.xml";
const COPY_DEPENDENCIES: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies";

pub(super) fn pack(dist: &Dist<'_>, targets: &[Target]) -> Result<(), String> {
    let within = dist.work.join("jar");
    copy(&dist.root.join("LICENSE"), &within.join("META-INF/LICENSE"))?;
    for target in targets {
        let beside = dist.work.join(target.triple).join("jar");
        let folder = if is_within(*target) { &within } else { &beside };
        let library = folder.join(target.jar_folder()).join("libottla_jni.so");
        copy(&stripped(dist, *target).join("libottla_kotlin.so"), &library)?;
        if !is_within(*target) {
            jar(dist, &library_jar(dist, *target), &[&beside])?;
        }
    }
    let made = dist.work.join("maven");
    let within = format!("-Dottla.dist.resources={}", within.display());
    let directory = format!("-Dottla.build.directory={}", made.display());
    let package =
        ["package", "-q", "-B", "-f", POM, "-P", "dist", "-Dmaven.test.skip=true", &within, &directory];
    run(dist.root, "mvn", &package)?;
    copy(&made.join("ottla.jar"), &packed(dist, "", "jar"))?;
    let sources = dist.root.join("bindings-kotlin/src/main");
    jar(dist, &packed(dist, "-sources", "jar"), &[&sources.join("kotlin"), &sources.join("java")])?;
    copy(&dist.root.join(POM), &packed(dist, "", "pom"))
}

/// Packs what lies in these folders, with the same bytes for the same files.
fn jar(dist: &Dist<'_>, to: &Path, folders: &[&PathBuf]) -> Result<(), String> {
    let to = to.display().to_string();
    let folders: Vec<_> =
        folders.iter().filter(|folder| folder.exists()).map(|folder| folder.display().to_string()).collect();
    let mut arguments = vec!["--create", "--date=1980-01-01T00:00:02Z", "--file", &to];
    arguments.extend(folders.iter().flat_map(|folder| ["-C", folder.as_str(), "."]));
    run(dist.root, "jar", &arguments)
}

/// Whether a target's library lies in the jar itself: all four in one would be several times as large, for everyone.
fn is_within(target: Target) -> bool {
    target.triple == "x86_64-unknown-linux-gnu"
}

fn packed(dist: &Dist<'_>, kind: &str, extension: &str) -> PathBuf {
    dist.packages.join(format!("ottla-{}{kind}.{extension}", dist.version))
}

/// The jar with a target's library: the jar itself, or the one with the target as its classifier.
fn library_jar(dist: &Dist<'_>, target: Target) -> PathBuf {
    let classifier = target.jar_folder().replace("native/", "-");
    packed(dist, if is_within(target) { "" } else { &classifier }, "jar")
}

/// Runs the README's first snippet, compiled beforehand, with nothing but the jar and what its pom declares.
pub(super) fn attempt(dist: &Dist<'_>, target: Target, machine: &Machine) -> Result<Row, String> {
    let (jar, with_library) = (packed(dist, "", "jar"), library_jar(dist, target));
    let package =
        with_library.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let row = |attempt| {
        let (packed, unpacked) = (weight(&with_library), unpacked_zip(&with_library)?);
        Ok(Row { package: package.clone(), packed, unpacked, most: MOST_BYTES, attempt })
    };
    let Some(java) = machine.interpreter("java")? else {
        return row(Attempt::Looked("no JVM for musl here: symbols only"));
    };
    let room = machine.room(dist, target, "kotlin")?;
    let (classes, libraries) = compile(dist, &room)?;
    let class_path = format!("{classes}:{}:{}:{libraries}/*", jar.display(), with_library.display());
    let arguments = ["-cp", &class_path, "SnippetKt"];
    let java = machine.admit(&room, "java", &java)?;
    let took = room.time(&java, &arguments, &[], "hello", machine.limit(LIMIT))?;
    println!("  {package}: on the path: {}", room.path());
    row(Attempt::Ran { took, limit: machine.limit(LIMIT), on: machine.name })
}

/// Compiles the snippet; gives the folders of its classes and of what the pom in the jar declares.
fn compile(dist: &Dist<'_>, room: &Room) -> Result<(String, String), String> {
    let snippet = room.folder.join("Snippet.kt");
    write(&snippet, &first_snippet(&dist.root.join("bindings-kotlin/README.md"), "kotlin")?)?;
    let (libraries, classes) = (dist.work.join("jar-needs"), room.folder.join("classes"));
    let compiler = dist.work.join("kotlin-compiler");
    let pom = packed(dist, "", "pom");
    let version = read(&pom)?;
    let version = version.split_once("<kotlin.version>").and_then(|(_, rest)| rest.split_once('<'));
    let version = format!("-Dkotlin.version={}", version.map(|(version, _)| version).unwrap_or_default());
    let copy_dependencies = |pom: &str, to: &PathBuf| {
        let to = format!("-DoutputDirectory={}", to.display());
        run(
            dist.root,
            "mvn",
            &["-q", "-B", "-f", pom, COPY_DEPENDENCIES, "-DincludeScope=runtime", &to, &version],
        )
    };
    if !libraries.exists() {
        copy_dependencies(&pom.display().to_string(), &libraries)?;
        copy_dependencies("packaging/kotlin-compiler.xml", &compiler)?;
    }
    let class_path = format!("{}/*", compiler.display());
    let needs: Vec<_> = std::fs::read_dir(&libraries)
        .map_err(|error| format!("{}: {error}", libraries.display()))?
        .filter_map(Result::ok)
        .map(|entry| entry.path().display().to_string())
        .collect();
    let against = format!("{}:{}", packed(dist, "", "jar").display(), needs.join(":"));
    let (snippet, classes, libraries) =
        (snippet.display().to_string(), classes.display().to_string(), libraries.display().to_string());
    let compiler =
        ["-cp", &class_path, "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-no-reflect"];
    run(
        dist.root,
        "java",
        &[&compiler[..], &["-nowarn", "-cp", &against, "-d", &classes, &snippet]].concat(),
    )?;
    Ok((classes, libraries))
}
