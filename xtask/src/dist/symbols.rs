//! What a built library asks of the system it is loaded on: which versions of glibc's symbols, and which other libraries.
//! A package that asks for more than its name promises is refused here instead of on a user's machine.

use super::Dist;
use super::build::stripped;
use super::target::Target;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const LIBRARIES: &[&str] = &["libottla_python.so", "libottla_node.so", "libottla_kotlin.so", "libottla_c.so"];

/// Parts of glibc, the only libraries that every Linux with glibc has.
const OF_GLIBC: &[&str] = &[
    "libc.so.6",
    "libm.so.6",
    "libpthread.so.0",
    "libdl.so.2",
    "librt.so.1",
    "libutil.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];
/// musl is one library, under this name.
const OF_MUSL: &[&str] = &["libc.so"];

/// Refuses libraries that need more than the target promises.
pub(super) fn judge(dist: &Dist<'_>, target: Target) -> Result<(), String> {
    let folder = stripped(dist, target);
    for library in LIBRARIES {
        judge_library(target, library, &readelf(&folder.join(library))?)?;
    }
    let command = readelf(&folder.join("ottla"))?;
    if target.musl {
        let needed = needed(&command);
        if !needed.is_empty() || command.contains("INTERP") {
            return Err(format!("{target}: the command is not static; it needs {}", needed.join(", ")));
        }
        return Ok(());
    }
    judge_library(target, "ottla", &command)
}

fn judge_library(target: Target, name: &str, dump: &str) -> Result<(), String> {
    let known = if target.musl { OF_MUSL } else { OF_GLIBC };
    let needed = needed(dump);
    if let Some(foreign) = needed.iter().find(|needed| !known.contains(&needed.as_str())) {
        return Err(format!("{target}: {name} needs {foreign}, which not every system has"));
    }
    let glibc = glibc_versions(dump);
    let newest = glibc.last().copied();
    if let (Some(newest), Some(allowed)) = (newest, target.newest_glibc())
        && newest > allowed
    {
        let (major, minor) = newest;
        return Err(format!(
            "{target}: {name} needs glibc {major}.{minor}; its packages promise {}.{}",
            allowed.0, allowed.1
        ));
    }
    let glibc = newest.map_or_else(String::new, |(major, minor)| format!(", glibc {major}.{minor}"));
    println!("  {target}: {name} needs {}{glibc}", needed.join(", "));
    Ok(())
}

/// Dynamic section, program headers and versions of an ELF file.
fn readelf(file: &Path) -> Result<String, String> {
    let output = Command::new("readelf")
        .args(["--wide", "--dynamic", "--version-info", "--program-headers"])
        .arg(file)
        .output()
        .map_err(|error| format!("cannot start readelf: {error}; it comes with binutils"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("readelf {}: {}", file.display(), String::from_utf8_lossy(&output.stderr)))
    }
}

fn needed(dump: &str) -> Vec<String> {
    let name = |line: &str| Some(line.split_once("Shared library: [")?.1.split_once(']')?.0.to_owned());
    dump.lines().filter(|line| line.contains("(NEEDED)")).filter_map(name).collect()
}

/// Every `GLIBC_x.y` a file needs.
fn glibc_versions(dump: &str) -> BTreeSet<(u32, u32)> {
    let words =
        dump.split(|character: char| character.is_whitespace() || character == '(' || character == ')');
    let version = |word: &str| {
        let mut numbers = word.strip_prefix("GLIBC_")?.split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    words.filter_map(version).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = " 0x0001 (NEEDED)  Shared library: [libc.so.6]\n 0x0001 (NEEDED)  Shared library: [libz.so.1]\n\
        0x0010:   Name: GLIBC_2.9  Flags: none  Version: 5\n  0x0020:   Name: GLIBC_2.17  Flags: none\n";

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(glibc_versions(DUMP).into_iter().next_back(), Some((2, 17)));
    }

    #[test]
    fn what_not_every_system_has_is_refused() {
        let target = Target::named("x86_64-unknown-linux-gnu").unwrap();
        assert!(judge_library(target, "x", DUMP).unwrap_err().contains("libz.so.1"));
        let new = DUMP.replace("libz.so.1", "libm.so.6").replace("2.17", "2.34");
        assert!(judge_library(target, "x", &new).unwrap_err().contains("glibc 2.34"));
        assert!(judge_library(target, "x", &new.replace("2.34", "2.17")).is_ok());
    }
}
