//! `make dist`: packages of every language below `build/dist/`, then each of them installed into an empty environment, where
//! its README's first snippet runs. Knows how packages are laid out, nothing of what is in them.
//!
//! Without arguments: this machine's processor and glibc. `--target <triple>` names others, `--all` means all four; what is
//! built for another processor is tried under qemu-user, what is built for musl on musl's own loader; with all of them pip builds
//! the source distribution, too. `--built` packs what an earlier run compiled.

mod archive;
mod build;
mod c;
mod command;
mod kotlin;
mod machine;
mod node;
mod python;
mod room;
mod symbols;
mod table;
mod target;
mod version;

pub(crate) use version::judge as judge_versions;

use machine::Machine;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use target::{TARGETS, Target};

/// What every step needs to know.
struct Dist<'a> {
    root: &'a Path,
    /// Finished packages.
    packages: PathBuf,
    /// What they are made of, and the environments they are tried in.
    work: PathBuf,
    /// The folder of maturin, cargo-zigbuild and zig.
    tools: PathBuf,
    version: String,
}

pub(crate) fn dist(root: &Path, arguments: &[String]) -> Result<(), String> {
    let (built, arguments): (Vec<String>, Vec<String>) =
        arguments.iter().cloned().partition(|argument| argument == "--built");
    let targets = chosen(&arguments)?;
    let mut dist = Dist {
        root,
        packages: root.join("build/dist"),
        work: root.join("build/dist-work"),
        tools: PathBuf::new(),
        version: version::workspace(root)?,
    };
    // A package of an earlier run is none of this one.
    for folder in [&dist.packages, &dist.work] {
        let _ = fs::remove_dir_all(folder);
        self::folder(folder)?;
    }
    dist.tools = build::tools(&dist)?;
    for target in &targets {
        if built.is_empty() {
            build::build(&dist, *target)?;
        }
        build::strip(&dist, *target)?;
        symbols::judge(&dist, *target)?;
    }
    let sdist = python::sdist(&dist)?;
    for target in &targets {
        python::pack(&dist, *target, &sdist)?;
        node::pack_library(&dist, *target)?;
        c::pack(&dist, *target)?;
        command::pack(&dist, *target)?;
    }
    node::pack(&dist)?;
    kotlin::pack(&dist, &targets)?;

    let mut rows = vec![];
    if arguments.iter().any(|argument| argument == "--all") {
        rows.push(python::attempt_source(&dist, &sdist)?);
    }
    for target in targets {
        let machine = Machine::new(&dist, target)?;
        rows.push(python::attempt(&dist, target, &machine)?);
        rows.push(node::attempt(&dist, target, &machine)?);
        rows.push(kotlin::attempt(&dist, target, &machine)?);
        rows.extend(c::attempt(&dist, target, &machine)?);
        rows.push(command::attempt(&dist, target, &machine)?);
    }
    table::print(&rows);
    table::judge(&rows)
}

/// The targets of the command line.
fn chosen(arguments: &[String]) -> Result<Vec<Target>, String> {
    let mut targets = vec![];
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--all" => targets.extend(TARGETS),
            "--target" => targets.push(Target::named(words.next().unwrap_or_default())?),
            _ => return Err(format!("dist: {word:?} is none of --all, --target <triple> and --built")),
        }
    }
    if targets.is_empty() {
        targets.push(Target::host()?);
    }
    Ok(targets)
}

/// Runs `program` and gives what it prints.
fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let line = format!("{program} {}", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot start {program}: {error}; is it installed and on the PATH?"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("failed ({}): {line}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

/// Makes a folder and those above it.
fn folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(above) = path.parent() {
        folder(above)?;
    }
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The first block of this language in a README, as a reader would copy it.
fn first_snippet(readme: &Path, language: &str) -> Result<String, String> {
    let text = read(readme)?;
    snippet(&text, language).ok_or_else(|| format!("{}: no ```{language} block", readme.display()))
}

fn snippet(text: &str, language: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("\n```{language}\n"))?;
    rest.split_once("\n```").map(|(snippet, _)| format!("{snippet}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_block_of_a_language_is_its_snippet() {
        let text = "# A\n\n```sh\nnpm i\n```\n\n```js\na();\nb();\n```\n\n```js\nc();\n```\n";
        assert_eq!(snippet(text, "js").as_deref(), Some("a();\nb();\n"));
        assert_eq!(snippet(text, "python"), None);
    }

    #[test]
    fn targets_are_this_machine_or_those_named() {
        let of = |words: &[&str]| chosen(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["--all"]).unwrap().len(), 4);
        assert_eq!(of(&["--target", "aarch64-unknown-linux-gnu"]).unwrap()[0].arch, "aarch64");
        assert!(of(&["--fast"]).unwrap_err().contains("--fast"));
    }
}
