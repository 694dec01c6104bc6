//! Python: a source distribution by maturin, wheels by `packaging/wheel.py` from it and the built library.

use super::archive::unpacked_zip;
use super::build::stripped;
use super::machine::Machine;
use super::table::{Attempt, MOST_BYTES, Row, weight};
use super::target::Target;
use super::{Dist, first_snippet, write};
use crate::run::run;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(2);

/// The source distribution; pip builds it where there is no wheel and a Rust toolchain.
pub(super) fn sdist(dist: &Dist<'_>) -> Result<PathBuf, String> {
    let maturin = dist.tools.join("maturin").display().to_string();
    let out = dist.packages.display().to_string();
    run(dist.root, &maturin, &["sdist", "-m", "bindings-python/Cargo.toml", "-o", &out])?;
    let sdist = dist.packages.join(format!("ottla-{}.tar.gz", dist.version));
    // Its workspace is a part of ours: it must resolve by itself, from what is in it and what its lock file names.
    let source = dist.work.join("sdist");
    super::folder(&source)?;
    let (packed, source) = (sdist.display().to_string(), source.display().to_string());
    run(dist.root, "tar", &["-xzf", &packed, "-C", &source, "--strip-components=1"])?;
    let manifest = format!("{source}/bindings-python/Cargo.toml");
    let tree = ["tree", "--quiet", "--offline", "--depth", "0", "--manifest-path", &manifest];
    run(dist.root, "cargo", &tree)?;
    Ok(sdist)
}

/// Has pip build the source distribution with this machine's compiler, as where there is no wheel, and runs the README's first
/// snippet; minutes.
pub(super) fn attempt_source(dist: &Dist<'_>, sdist: &Path) -> Result<Row, String> {
    let room = super::room::Room::new(dist, "sdist")?;
    let venv = room.folder.join("venv");
    run(dist.root, "python3", &["-m", "venv", &venv.display().to_string()])?;
    let python = venv.join("bin/python3").display().to_string();
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(&room.folder, &python, &[&install[..], &[&sdist.display().to_string()]].concat())?;
    let snippet = room.folder.join("snippet.py");
    write(&snippet, &first_snippet(&dist.root.join("bindings-python/README.md"), "python")?)?;
    let took = room.time(&python, &[&snippet.display().to_string()], &[], "hello", LIMIT)?;
    let attempt = Attempt::Ran { took, limit: LIMIT, on: "built by pip" };
    let package = format!("ottla-{}.tar.gz", dist.version);
    let unpacked = weight(&dist.work.join("sdist"));
    Ok(Row { package, packed: weight(sdist), unpacked, most: MOST_BYTES, attempt })
}

pub(super) fn pack(dist: &Dist<'_>, target: Target, sdist: &Path) -> Result<(), String> {
    let library = stripped(dist, target).join("libottla_python.so").display().to_string();
    let (sdist, out) = (sdist.display().to_string(), dist.packages.display().to_string());
    let platform = target.wheel_platform();
    let arguments = [
        "packaging/wheel.py",
        "--sdist",
        &sdist,
        "--library",
        &library,
        "--platform",
        &platform,
        "--out",
        &out,
    ];
    run(dist.root, &dist.tools.join("python3").display().to_string(), &arguments)
}

/// Installs the wheel with pip, which sees nothing but the wheel, and runs the README's first snippet.
pub(super) fn attempt(dist: &Dist<'_>, target: Target, machine: &Machine) -> Result<Row, String> {
    let package = format!("ottla-{}-cp310-abi3-{}.whl", dist.version, target.wheel_platform());
    let wheel = dist.packages.join(&package);
    let row = |attempt| {
        let (packed, unpacked) = (weight(&wheel), unpacked_zip(&wheel)?);
        Ok(Row { package: package.clone(), packed, unpacked, most: MOST_BYTES, attempt })
    };
    let Some(python) = machine.interpreter("python3")? else {
        return row(Attempt::Looked("no Python for musl here: symbols only"));
    };
    let room = machine.room(dist, target, "python")?;
    let snippet = room.folder.join("snippet.py");
    write(&snippet, &first_snippet(&dist.root.join("bindings-python/README.md"), "python")?)?;
    let site = room.folder.join("site").display().to_string();
    let install = ["-m", "pip", "install", "--quiet", "--no-index", "--find-links"];
    let packages = dist.packages.display().to_string();
    let python = if machine.is_real {
        room.admit("python3", &python)?;
        room.run("python3", &["-m", "venv", "venv"])?;
        let python = room.folder.join("venv/bin/python3").display().to_string();
        room.run(&python, &[&install[..], &[&packages, "--no-compile", "ottla"]].concat())?;
        python
    } else {
        // pip itself need not be emulated: the wheel is for that processor by its name.
        let platform = target.wheel_platform();
        let place = ["--only-binary", ":all:", "--platform", &platform, "--target", &site, "ottla"];
        let pip = dist.tools.join("python3").display().to_string();
        run(dist.root, &pip, &[&install[..], &[&packages], &place].concat())?;
        python.display().to_string()
    };
    let file = snippet.display().to_string();
    let variables: &[_] = if machine.is_real { &[] } else { &[("PYTHONPATH", site.as_str())] };
    let took = room.time(&python, &[&file], variables, "hello", machine.limit(LIMIT))?;
    println!("  {package}: on the path: {}", room.path());
    row(Attempt::Ran { took, limit: machine.limit(LIMIT), on: machine.name })
}
