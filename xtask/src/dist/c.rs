//! C and C++: an archive with headers, both libraries and the files of pkg-config and CMake, laid out by the binding's own
//! install rules. It works wherever it is unpacked.

use super::archive::tarball;
use super::build::stripped;
use super::machine::Machine;
use super::table::{Attempt, MOST_BYTES, Row, weight};
use super::target::Target;
use super::{Dist, first_snippet, output, write};
use crate::bindings::copy;
use crate::run::run;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(2);
/// A static library tells of every call where it is patched; a program linked with it takes half of this.
const MOST_BYTES_STATIC: u64 = 25_000_000;

fn name(dist: &Dist<'_>, target: Target) -> String {
    format!("ottla-{}-{target}", dist.version)
}

/// The archive, or with `-static` the one of the static library.
fn packed(dist: &Dist<'_>, target: Target, kind: &str) -> PathBuf {
    dist.packages.join(format!("{}{kind}.tar.gz", name(dist, target)))
}

pub(super) fn pack(dist: &Dist<'_>, target: Target) -> Result<(), String> {
    let work = dist.work.join(target.triple);
    let (made, stage) = (work.join("cmake").display().to_string(), work.join(name(dist, target)));
    let libraries = format!("-DOTTLA_CARGO_DIR={}", stripped(dist, target).display());
    let prefix = format!("-DCMAKE_INSTALL_PREFIX={}", stage.display());
    let configure = ["-S", "bindings-c", "-B", &made, &libraries, &prefix, "-DCMAKE_INSTALL_LIBDIR=lib"];
    run(dist.root, "cmake", &[&configure[..], &["-Wno-dev", "--log-level=WARNING"]].concat())?;
    run(dist.root, "cmake", &["--install", &made])?;
    copy(&dist.root.join("LICENSE"), &stage.join("LICENSE"))?;
    copy(&dist.root.join("bindings-c/README.md"), &stage.join("README.md"))?;
    // The static library is what some build with and most never see: an archive of its own, to be unpacked over the other.
    let with_static = work.join("static").join(name(dist, target));
    copy(&stage.join("lib/libottla.a"), &with_static.join("lib/libottla.a"))?;
    fs::remove_file(stage.join("lib/libottla.a")).map_err(|error| format!("libottla.a: {error}"))?;
    tarball(dist.root, &with_static, &packed(dist, target, "-static"))?;
    tarball(dist.root, &stage, &packed(dist, target, ""))
}

/// Compiles the README's first snippet against the unpacked archive, once with each library, and runs it where no compiler is.
pub(super) fn attempt(dist: &Dist<'_>, target: Target, machine: &Machine) -> Result<[Row; 2], String> {
    let archive = packed(dist, target, "");
    let mut room = machine.room(dist, target, "c")?;
    let folder = room.folder.display().to_string();
    run(dist.root, "tar", &["-xzf", &archive.display().to_string(), "-C", &folder])?;
    let prefix = room.folder.join(name(dist, target));
    let unpacked = weight(&prefix);
    let with_static = packed(dist, target, "-static").display().to_string();
    run(dist.root, "tar", &["-xzf", &with_static, "-C", &folder])?;
    let snippet = room.folder.join("snippet.c");
    write(&snippet, &first_snippet(&dist.root.join("bindings-c/README.md"), "c")?)?;
    let ask = |kind: &[&str]| {
        let path = format!("PKG_CONFIG_PATH={}", prefix.join("lib/pkgconfig").display());
        output("env", &[&[path.as_str(), "pkg-config", "--cflags", "--libs"], kind, &["ottla"]].concat())
    };
    // Named by its place: `-lottla` is the shared one, and not every linker knows `-l:libottla.a`.
    let library = prefix.join("lib/libottla.a");
    let by_place = library.display().to_string();
    let (shared, fixed) = (ask(&[])?, ask(&["--static"])?.replace("-lottla", &by_place));
    let compile = |flags: &str, to: &str| {
        let (to, snippet) = (room.folder.join(to).display().to_string(), snippet.display().to_string());
        let compiler = machine.c_compiler(dist, target);
        let (program, first) = compiler.split_first().ok_or("no C compiler")?;
        let first = first.iter().map(String::as_str);
        let arguments: Vec<&str> = first
            .chain(["-std=c11", "-Wall", "-Werror", &snippet, "-o", &to])
            .chain(flags.split_whitespace())
            .collect();
        run(dist.root, program, &arguments).map(|()| to)
    };
    let (with_shared, with_archive) = (compile(&shared, "with-shared")?, compile(&fixed, "with-archive")?);
    let libraries = prefix.join("lib").display().to_string();
    let took =
        room.time(&with_shared, &[], &[("LD_LIBRARY_PATH", &libraries)], "hello", machine.limit(LIMIT))?;
    machine.leave_loader(&mut room);
    let took_static = room.time(&with_archive, &[], &[], "hello", machine.limit(LIMIT))?;
    println!("  {}: on the path: nothing", name(dist, target));
    let row = |kind: &str, unpacked, most, took| {
        let package = format!("{}{kind}.tar.gz", name(dist, target));
        let attempt = Attempt::Ran { took, limit: machine.limit(LIMIT), on: machine.name };
        Row { package, packed: weight(&packed(dist, target, kind)), unpacked, most, attempt }
    };
    Ok([
        row("", unpacked, MOST_BYTES, took),
        row("-static", weight(&library), MOST_BYTES_STATIC, took_static),
    ])
}
