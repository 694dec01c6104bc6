//! The files that travel inside the binary, and the folder on this machine where things are built from them.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The text of an embedded file, named by its path inside this crate.
pub fn text(path: &str) -> Option<&'static str> {
    FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| *text)
}

/// All embedded files below `folder`, by path.
pub fn under(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES
        .iter()
        .copied()
        .filter(move |(name, _)| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// Where downloads and built drivers are kept: `OTTLA_BUILD_DIR`, else the repository's `build/`, else the user's cache.
pub fn build_dir() -> PathBuf {
    if let Some(dir) = env::var_os("OTTLA_BUILD_DIR") {
        return PathBuf::from(dir);
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    if let Some(repository) = repository.filter(|path| path.join("Cargo.toml").is_file()) {
        return repository.join("build");
    }
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
        .unwrap_or_else(env::temp_dir);
    cache.join("ottla")
}

/// Writes the embedded files below `folder` into `destination`, without that prefix.
pub(crate) fn unpack(folder: &str, destination: &Path) -> io::Result<()> {
    for (name, text) in under(folder) {
        let relative = name.strip_prefix(folder).unwrap_or(name).trim_start_matches('/');
        let path = destination.join(relative);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

/// A fingerprint of the embedded files below `folder`: a build made from other text is stale.
pub(crate) fn fingerprint(folder: &str) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for (name, text) in under(folder) {
        for byte in name.bytes().chain([0]).chain(text.bytes()).chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_files_are_found_by_path_and_by_folder() {
        assert!(text("kafka/broker/pom.xml").is_some_and(|pom| pom.contains("kafka_2.13")));
        assert!(under("kafka").count() >= 3);
        assert_eq!(under("kaf").count(), 0);
    }
}
