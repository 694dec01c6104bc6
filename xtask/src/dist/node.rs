//! Node.js: the package `ottla`, and one package for each platform with the native library, which npm chooses by their `os`,
//! `cpu` and `libc`. None has an install script.

use super::build::stripped;
use super::machine::Machine;
use super::room::real_program;
use super::table::{Attempt, MOST_BYTES, Row, weight};
use super::target::{TARGETS, Target};
use super::{Dist, first_snippet, folder, output, write};
use crate::bindings::{copy, copy_folder};
use crate::run::run;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(2);
const BINDING: &str = "bindings-node";

/// The platform's package.
pub(super) fn pack_library(dist: &Dist<'_>, target: Target) -> Result<(), String> {
    let (name, version) = (target.npm_package(), &dist.version);
    let stage = dist.work.join(target.triple).join("node");
    write(
        &stage.join("package.json"),
        &format!(
            r#"{{
  "name": "{name}",
  "version": "{version}",
  "description": "The native library of the package ottla for {target}",
  "license": "Apache-2.0",
  "repository": {{ "type": "git", "url": "git+https://github.com/ottla/ottla.git", "directory": "bindings-node" }},
  "engines": {{ "node": ">=20" }},
  "os": ["linux"],
  "cpu": ["{}"],
  "libc": ["{}"],
  "main": "ottla.node",
  "files": ["ottla.node"]
}}
"#,
            target.npm_cpu(),
            target.npm_libc(),
        ),
    )?;
    write(
        &stage.join("README.md"),
        &format!("The native library of [ottla](https://www.npmjs.com/package/ottla) for {target}.\n"),
    )?;
    copy(&dist.root.join("LICENSE"), &stage.join("LICENSE"))?;
    copy(&stripped(dist, target).join("libottla_node.so"), &stage.join("ottla.node"))?;
    npm_pack(dist, &stage)
}

/// The package `ottla`; its package.json is the folder's own, made ready by `packaging/npm.mjs`.
pub(super) fn pack(dist: &Dist<'_>) -> Result<(), String> {
    let (from, stage) = (dist.root.join(BINDING), dist.work.join("node"));
    let platforms: Vec<_> = TARGETS.iter().map(|target| target.npm_package()).collect();
    let manifest = from.join("package.json").display().to_string();
    let program = dist.root.join("packaging/npm.mjs").display().to_string();
    let mut arguments = vec![program.as_str(), &manifest];
    arguments.extend(platforms.iter().map(String::as_str));
    write(&stage.join("package.json"), &output("node", &arguments)?)?;
    for part in ["lib", "docs"] {
        copy_folder(&from.join(part), &stage.join(part), &|_| true)?;
    }
    copy(&from.join("README.md"), &stage.join("README.md"))?;
    copy(&dist.root.join("LICENSE"), &stage.join("LICENSE"))?;
    npm_pack(dist, &stage)
}

fn npm_pack(dist: &Dist<'_>, stage: &Path) -> Result<(), String> {
    let (stage, to) = (stage.display().to_string(), dist.packages.display().to_string());
    let pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", &to, &stage];
    run(dist.root, "npm", &pack)
}

/// The file `npm pack` writes for a package: `@ottla/linux-x64-gnu` becomes `ottla-linux-x64-gnu-<version>.tgz`.
fn packed(dist: &Dist<'_>, name: &str) -> PathBuf {
    let name = name.trim_start_matches('@').replace('/', "-");
    dist.packages.join(format!("{name}-{}.tgz", dist.version))
}

/// Installs the package with npm, without network and scripts, and runs the README's first snippet. Every platform's package
/// that was made is on offer, as a registry offers them: npm is to choose the one for `target`.
pub(super) fn attempt(dist: &Dist<'_>, target: Target, machine: &Machine) -> Result<Row, String> {
    let (main, library) = (packed(dist, "ottla"), packed(dist, &target.npm_package()));
    let room = machine.room(dist, target, "node")?;
    folder(&room.folder.join("program"))?;
    let program = room.folder.join("program/snippet.mjs");
    write(&program, &first_snippet(&dist.root.join(BINDING).join("README.md"), "js")?)?;
    let named = |name: &str| format!("{name:?}: {:?}", format!("file:{}", packed(dist, name).display()));
    let mut offered: Vec<_> = TARGETS.iter().map(|target| target.npm_package()).collect();
    offered.retain(|name| packed(dist, name).exists());
    let platforms: Vec<_> = offered.iter().map(|name| named(name)).collect();
    let (ottla, platforms) = (named("ottla"), platforms.join(", "));
    write(
        &room.folder.join("program/package.json"),
        &format!(
            r#"{{ "private": true, "dependencies": {{ {ottla} }}, "optionalDependencies": {{ {platforms} }} }}"#
        ),
    )?;
    let prefix = room.folder.join("program").display().to_string();
    let npm = npm()?.display().to_string();
    let (cpu, libc) = (format!("--cpu={}", target.npm_cpu()), format!("--libc={}", target.npm_libc()));
    let install = [
        &npm,
        "install",
        "--offline",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--os=linux",
        &cpu,
        &libc,
        "--prefix",
        &prefix,
    ];
    // npm runs on this machine's Node.js, in an environment as empty; what it installs is the other's.
    let installer = super::room::Room::new(dist, &format!("{}-npm", target.triple))?;
    installer.admit("node", &real_program("node", &["-p", "process.execPath"])?)?;
    installer.run("node", &install)?;
    let installed = room.folder.join("program/node_modules");
    let library_place = installed.join(target.npm_package());
    offered.retain(|name| installed.join(name).join("ottla.node").exists());
    if offered != [target.npm_package()] {
        return Err(format!("npm chose {offered:?} for {target}"));
    }
    let unpacked = weight(&installed.join("ottla")) + weight(&library_place);
    let Some(node) = machine.interpreter("node")? else {
        return Err(format!("no Node.js for {target}"));
    };
    let program = program.display().to_string();
    let node = machine.admit(&room, "node", &node)?;
    let took = room.time(&node, &[&program], &[], "hello", machine.limit(LIMIT))?;
    println!("  {}: on the path: {}", target.npm_package(), room.path());
    let attempt = Attempt::Ran { took, limit: machine.limit(LIMIT), on: machine.name };
    let package = format!("npm: ottla + {}", target.npm_package());
    Ok(Row { package, packed: weight(&main) + weight(&library), unpacked, most: MOST_BYTES, attempt })
}

/// npm's own program, which Node.js runs.
fn npm() -> Result<PathBuf, String> {
    real_program("sh", &["-c", "command -v npm"])
}
