//! Compiles what packages hold: with the `dist` profile, and with zig as linker, so that a library built on a new system
//! runs on an old one, on musl and on the other processor.

use super::target::Target;
use super::{Dist, output};
use crate::run::{run, run_with};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The bindings; one invocation, so that every crate is compiled once.
const LIBRARIES: &[&str] = &["ottla-python", "ottla-node", "ottla-c", "ottla-kotlin"];
const COMMAND: &str = "ottla-cli";

/// maturin, cargo-zigbuild and zig, by `packaging/requirements.lock`; the folder with their programs.
pub(super) fn tools(dist: &Dist<'_>) -> Result<PathBuf, String> {
    let lock = dist.root.join("packaging/requirements.lock");
    let wanted = fs::read_to_string(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let tools = dist.root.join("build/tools/dist");
    let stamp = tools.join(".lock");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(tools.join("bin"));
    }
    let _ = fs::remove_dir_all(&tools);
    run(dist.root, "python3", &["-m", "venv", &tools.display().to_string()])?;
    let pip = tools.join("bin/pip").display().to_string();
    let lock = lock.display().to_string();
    let install = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", &lock];
    run(dist.root, &pip, &install)?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(tools.join("bin"))
}

/// Everything for `target`, below `target/<triple>/dist/`.
pub(super) fn build(dist: &Dist<'_>, target: Target) -> Result<(), String> {
    install_standard_library(dist, target)?;
    let build = |packages: &[&str], flags: &str| {
        let linked_for = target.linked_for();
        let mut arguments =
            vec!["zigbuild", "--quiet", "--locked", "--profile", "dist", "--target", &linked_for];
        arguments.extend(packages.iter().flat_map(|package| ["-p", package]));
        let flags_name = format!("CARGO_TARGET_{}_RUSTFLAGS", target.triple.to_uppercase().replace('-', "_"));
        let path = format!("{}:{}", dist.tools.display(), std::env::var("PATH").unwrap_or_default());
        run_with(
            dist.root,
            &dist.tools.join("cargo-zigbuild").display().to_string(),
            &arguments,
            &[("PATH", &path), (&flags_name, flags)],
        )
    };
    if target.musl {
        // A program of musl is linked statically unless told otherwise, and a library for other programs must not be.
        build(LIBRARIES, "-Ctarget-feature=-crt-static")?;
        build(&[COMMAND], "")
    } else {
        build(&[LIBRARIES, &[COMMAND]].concat(), "")
    }
}

/// The standard library for another target comes with rustup; where there is neither, that is said before anything is built.
fn install_standard_library(dist: &Dist<'_>, target: Target) -> Result<(), String> {
    let folder =
        PathBuf::from(output("rustc", &["--print", "target-libdir", "--target", target.triple])?.trim());
    let has_core = |folder: &PathBuf| {
        fs::read_dir(folder).is_ok_and(|mut found| {
            found.any(|entry| {
                entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
            })
        })
    };
    if has_core(&folder) {
        return Ok(());
    }
    run(dist.root, "rustup", &["target", "add", target.triple]).map_err(|error| {
        format!(
            "no standard library for {target} in {}, and it could not be installed: {error}",
            folder.display()
        )
    })
}

/// Copies what was built to [`stripped`], without symbols: what a backtrace of a package shows are addresses.
pub(super) fn strip(dist: &Dist<'_>, target: Target) -> Result<(), String> {
    let (from, to) = (made(dist, target), stripped(dist, target));
    super::folder(&to)?;
    for name in ["libottla_python.so", "libottla_node.so", "libottla_c.so", "libottla_kotlin.so", "ottla"] {
        objcopy(&[
            "--strip-all",
            &from.join(name).display().to_string(),
            &to.join(name).display().to_string(),
        ])?;
    }
    archive(dist, &from.join("libottla_c.a"), &to)
}

/// The static library, as small as it gets: one object with what the header's functions reach, and no name but theirs. A
/// program may have another Rust library beside it.
fn archive(dist: &Dist<'_>, from: &Path, to: &Path) -> Result<(), String> {
    let functions = functions(&super::read(&dist.root.join("bindings-c/include/ottla.h"))?);
    let names = to.join("functions");
    super::write(&names, &functions.join("\n"))?;
    let place = |name: &str| to.join(name).display().to_string();
    let (from, whole, object, made) =
        (from.display().to_string(), place("whole.o"), place("ottla.o"), place("libottla_c.a"));
    let mut link = vec!["-flavor", "gnu", "-r", "--gc-sections", "--strip-debug", "-o", &whole, &from];
    link.extend(functions.iter().flat_map(|name| ["-u", name.as_str()]));
    compiler_tool("rust-lld", &link)?;
    let keep = format!("--keep-global-symbols={}", names.display());
    // The standard library's objects carry their code a second time, for link-time optimization.
    let drop = ["--remove-section=.llvmbc", "--remove-section=.llvmcmd", "--strip-unneeded"];
    objcopy(&[&drop[..], &[&keep, &whole, &object]].concat())?;
    let python = dist.tools.join("python3").display().to_string();
    output(&python, &["-m", "ziglang", "ar", "rcs", &made, &object]).map(|_| ())
}

/// The functions a header declares: every `ottla_…(`.
fn functions(header: &str) -> Vec<String> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let names = header.split('(').filter_map(|before| {
        let name = before.rsplit(|character| !is_name(character)).next()?;
        name.starts_with("ottla_").then(|| name.to_owned())
    });
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

fn objcopy(arguments: &[&str]) -> Result<(), String> {
    compiler_tool("rust-objcopy", arguments)
}

/// A tool that comes with the compiler, and so knows every processor it compiles for.
fn compiler_tool(name: &str, arguments: &[&str]) -> Result<(), String> {
    let sysroot = PathBuf::from(output("rustc", &["--print", "sysroot"])?.trim());
    let program = sysroot.join("lib/rustlib").join(Target::host()?.triple).join("bin").join(name);
    // It is linked with the compiler's own libraries.
    let libraries = format!("LD_LIBRARY_PATH={}", sysroot.join("lib").display());
    output("env", &[&[libraries.as_str(), &program.display().to_string()], arguments].concat()).map(|_| ())
}

/// Where Cargo put what it built for a target.
fn made(dist: &Dist<'_>, target: Target) -> PathBuf {
    let made = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| dist.root.join("target"), PathBuf::from);
    made.join(target.triple).join("dist")
}

/// The libraries and the command of a target, as packages hold them and named as Cargo names them.
pub(super) fn stripped(dist: &Dist<'_>, target: Target) -> PathBuf {
    dist.work.join(target.triple).join("stripped")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_a_header_are_what_stands_before_a_parenthesis() {
        let header = "int ottla_b(ottla_t *x);\nvoid *ottla_a(void (*f)(int));\n/* ottla_a() */\n#define OTTLA_X(y) 1\n";
        assert_eq!(functions(header), ["ottla_a", "ottla_b"]);
    }
}
