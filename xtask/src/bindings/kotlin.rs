//! The Kotlin binding: its build for development and its tests. Maven compiles; the native library is Cargo's.

use super::{copy, folder, library, place, script};
use crate::run::run;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Below `build/bindings/kotlin/`: `native/` is laid out as in a jar, `maven/` is Maven's, `lib/` in there what the classes
/// need, `snippets/` has the programs of README and guide; `driver` starts the conformance driver, `aggregate` the demo's
/// stage.
pub(crate) fn build(root: &Path) -> Result<(), String> {
    let native = native(root);
    copy(&library(root, "ottla-kotlin")?, &native)?;
    snippets(root)?;
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

/// Writes the programs of README and guide to where Maven compiles them for the tests.
fn snippets(root: &Path) -> Result<(), String> {
    let binding = root.join("bindings-kotlin");
    let read =
        |path: PathBuf| fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()));
    let readme = read(binding.join("README.md"))?;
    let first = blocks(&readme).into_iter().next().ok_or("README.md has no program in Kotlin")?;
    let made = folder(root, "kotlin").join("snippets");
    for (name, text) in [("Snippet.kt", first.1), ("Guide.kt", guide(&read(binding.join("docs/guide.md"))?))]
    {
        let path = made.join(name);
        // What did not change is not compiled again.
        if !fs::read_to_string(&path).is_ok_and(|found| found == text) {
            place(&path, |temporary| fs::write(temporary, &text))?;
        }
    }
    Ok(())
}

/// The programs in Kotlin of a page, each with the heading it stands under.
fn blocks(page: &str) -> Vec<(String, String)> {
    let (mut found, mut heading, mut block) = (Vec::new(), String::new(), None::<String>);
    for line in page.lines() {
        match (&mut block, line) {
            (Some(text), "```") => {
                found.push((heading.clone(), std::mem::take(text)));
                block = None;
            }
            (Some(text), line) => {
                let _ = writeln!(text, "{line}");
            }
            (None, "```kotlin") => block = Some(String::new()),
            (None, line) => {
                if let Some(text) = line.strip_prefix("## ") {
                    heading = text.to_owned();
                }
            }
        }
    }
    found
}

/// The guide's programs as functions, by their headings.
fn guide(page: &str) -> String {
    let mut text = "// Made from docs/guide.md.
@file:Suppress(\"UNUSED_PARAMETER\")

package dev.ottla.guide

import dev.ottla.*
import dev.ottla.admin.*
import dev.ottla.testing.TestBroker
import kotlinx.coroutines.*
import kotlinx.coroutines.flow.*
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
"
    .to_owned();
    let blocks = blocks(page);
    for (index, (_, block)) in blocks.iter().enumerate() {
        let _ = write!(text, "\nprivate suspend fun task{index}(bootstrap: String) {{\n");
        for line in block.lines() {
            let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        }
        text.push_str("}\n");
    }
    text.push_str("\nval tasks: Map<String, suspend (String) -> Unit> = linkedMapOf(\n");
    for (index, (heading, _)) in blocks.iter().enumerate() {
        let _ = writeln!(text, "    \"{heading}\" to ::task{index},");
    }
    text + ")\n"
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_a_page_stand_under_their_headings() {
        let page = "# Page\n\n## 1. One\n\n```kotlin\na {\n}\n```\n\n```text\nno\n```\n\n## 2. Two\n\n```kotlin\nb()\n```\n";
        assert_eq!(
            blocks(page),
            [("1. One".to_owned(), "a {\n}\n".to_owned()), ("2. Two".to_owned(), "b()\n".to_owned())]
        );
        let guide = guide(page);
        assert!(guide.contains("task0(bootstrap: String) {\n    a {\n    }\n}\n"), "{guide}");
        assert!(guide.ends_with("    \"1. One\" to ::task0,\n    \"2. Two\" to ::task1,\n)\n"), "{guide}");
    }
}
