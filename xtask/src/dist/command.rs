//! The `ottla` command: one file. Those for musl are static and run on every Linux; those for glibc use its name resolution.

use super::Dist;
use super::archive::tarball;
use super::build::stripped;
use super::machine::Machine;
use super::table::{Attempt, MOST_BYTES, Row, weight};
use super::target::Target;
use crate::bindings::copy;
use crate::run::run;
use std::path::PathBuf;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(2);

fn name(dist: &Dist<'_>, target: Target) -> String {
    format!("ottla-command-{}-{target}", dist.version)
}

fn packed(dist: &Dist<'_>, target: Target) -> PathBuf {
    dist.packages.join(format!("{}.tar.gz", name(dist, target)))
}

pub(super) fn pack(dist: &Dist<'_>, target: Target) -> Result<(), String> {
    let stage = dist.work.join(target.triple).join(name(dist, target));
    copy(&stripped(dist, target).join("ottla"), &stage.join("ottla"))?;
    copy(&dist.root.join("LICENSE"), &stage.join("LICENSE"))?;
    tarball(dist.root, &stage, &packed(dist, target))
}

/// Unpacks it, asks for its version, and lets it start a broker, produce, consume and end.
pub(super) fn attempt(dist: &Dist<'_>, target: Target, machine: &Machine) -> Result<Row, String> {
    let archive = packed(dist, target);
    let mut room = machine.room(dist, target, "command")?;
    machine.leave_loader(&mut room);
    let (from, to) = (archive.display().to_string(), room.folder.display().to_string());
    run(dist.root, "tar", &["-xzf", &from, "-C", &to])?;
    let place = room.folder.join(name(dist, target));
    let command = place.join("ottla").display().to_string();
    let said = room.run_with(&command, &["--version"], &[])?;
    if said.trim() != format!("ottla {}", dist.version) {
        return Err(format!("{command} --version says {said:?}, and the workspace is {}", dist.version));
    }
    // The demo starts itself as other processes, which an emulator does not follow.
    let took = if machine.is_real {
        room.time(&command, &["demo", "--records", "1000"], &[], "doubled", machine.limit(LIMIT))?
    } else {
        room.time(&command, &["--version"], &[], "ottla", machine.limit(LIMIT))?
    };
    println!("  {}: on the path: nothing", name(dist, target));
    let attempt = Attempt::Ran { took, limit: machine.limit(LIMIT), on: machine.name };
    let package = format!("{}.tar.gz", name(dist, target));
    Ok(Row { package, packed: weight(&archive), unpacked: weight(&place), most: MOST_BYTES, attempt })
}
