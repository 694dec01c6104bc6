//! Fetches the foreign programs into `build/peers/`, each once: a stamp says what a folder was made from.
//!
//! Every download is pinned by a lock file in `peers/`.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest Go that builds the franz-go program, as its `go.mod` says.
const GO_MINOR: u32 = 26;

/// kcat: the system's, else the distribution's package, fetched and unpacked without being installed.
pub(crate) fn kcat() -> Command {
    if works(Command::new("kcat").arg("-V")) {
        return Command::new("kcat");
    }
    let folder = build_dir().join("kcat");
    let unpacked = || {
        let mut command = Command::new(folder.join("root/usr/bin/kcat"));
        command.env("LD_LIBRARY_PATH", library_path(&folder.join("root")));
        command
    };
    let _lock = Lock::take("kcat");
    if !works(unpacked().arg("-V")) {
        if let Err(reason) = unpack_package("kcat", &folder) {
            panic!(
                "there is no kcat, and its package cannot be had: {reason}\ninstall kcat, or fetch it where apt-get and dpkg are"
            );
        }
        assert!(works(unpacked().arg("-V")), "the unpacked kcat does not run: {:?}", unpacked());
    }
    unpacked()
}

/// Unpacks a Debian package, and those of the libraries it needs that are not installed, below `folder`/root. Needs no root.
fn unpack_package(package: &str, folder: &Path) -> Result<(), String> {
    let (root, archives) = (folder.join("root"), folder.join("archives"));
    for stale in [&root, &archives] {
        let _ = fs::remove_dir_all(stale);
    }
    // apt-get makes no folders of its own.
    for made in [&root, &archives, &folder.join("lists/partial"), &folder.join("cache/archives/partial")] {
        fs::create_dir_all(made).map_err(|error| format!("{}: {error}", made.display()))?;
    }
    let own_lists = [
        format!("Dir::State::Lists={}", folder.join("lists").display()),
        format!("Dir::Cache={}", folder.join("cache").display()),
    ];
    let planned = packages_to_fetch(package, &[]).map(|names| (&[][..], names)).or_else(|_| {
        // The system's lists of packages are missing or too old, and only root may renew them.
        try_run(apt_get(&own_lists).arg("update"))?;
        packages_to_fetch(package, &own_lists).map(|names| (&own_lists[..], names))
    });
    let (options, names) = planned?;
    try_run(apt_get(options).arg("download").args(names).current_dir(&archives))?;
    let fetched = fs::read_dir(&archives).map_err(|error| format!("{}: {error}", archives.display()))?;
    for archive in fetched.filter_map(Result::ok) {
        try_run(Command::new("dpkg").arg("-x").arg(archive.path()).arg(&root))?;
    }
    Ok(())
}

/// A package, and what it needs and the system lacks, with versions.
fn packages_to_fetch(package: &str, options: &[String]) -> Result<Vec<String>, String> {
    // `--print-uris` names what would be fetched, and fetches and installs nothing.
    let plan = ["install", "--print-uris", "--yes", "--no-install-recommends", "--reinstall", package];
    let plan = try_run(apt_get(options).args(plan))?;
    let names = package_names(&plan);
    if names.is_empty() { Err(format!("apt-get names nothing to fetch:\n{plan}")) } else { Ok(names) }
}

fn apt_get(options: &[String]) -> Command {
    let mut command = Command::new("apt-get");
    // The lock is root's, and nothing is changed that it guards.
    command.args(["-o", "Debug::NoLocking=1"]);
    command.args(options.iter().flat_map(|option| ["-o", option]));
    command
}

/// `kcat=1.7.1-2` from lines such as `'http://…/kcat_1.7.1-2_amd64.deb' kcat_1.7.1-2_amd64.deb 33792 MD5Sum:…`.
fn package_names(plan: &str) -> Vec<String> {
    let files = plan.lines().filter(|line| line.starts_with('\'')).filter_map(|line| line.split(' ').nth(1));
    files
        .filter_map(|file| {
            let (name, rest) = file.split_once('_')?;
            let (version, _) = rest.split_once('_')?;
            // An epoch's colon is escaped in names of files.
            Some(format!("{name}={}", version.replace("%3a", ":")))
        })
        .collect()
}

/// The folders with shared libraries of an unpacked package.
fn library_path(root: &Path) -> std::ffi::OsString {
    let mut folders = Vec::new();
    for folder in [root.join("usr/lib"), root.join("lib")] {
        let entries = fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        folders.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
        folders.push(folder);
    }
    std::env::join_paths(folders).unwrap_or_else(|error| panic!("{}: {error}", root.display()))
}

/// The Python of a virtual environment with confluent-kafka, and the program it runs.
pub(crate) fn confluent_kafka() -> Command {
    let venv = made("confluent-kafka", &["requirements.lock"], |source, out| {
        virtual_environment(out, &source.join("requirements.lock"));
    });
    let mut command = Command::new(venv.join("bin").join("python"));
    command.arg("-u").arg(source("confluent-kafka").join("peer.py"));
    command
}

/// Node with kafkajs beside the program it runs.
pub(crate) fn kafkajs() -> Command {
    let folder = made("kafkajs", &["package.json", "package-lock.json", "peer.mjs"], |source, out| {
        for file in ["package.json", "package-lock.json", "peer.mjs"] {
            copy(&source.join(file), &out.join(file));
        }
        run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(out));
    });
    let mut command = Command::new("node");
    command.arg("--unhandled-rejections=strict").arg(folder.join("peer.mjs"));
    command
}

/// The franz-go program, compiled.
pub(crate) fn franz_go() -> Command {
    let folder = made("franz-go", &["go.mod", "go.sum", "main.go"], |source, out| {
        run(Command::new(go())
            .args(["build", "-mod=readonly", "-o"])
            .arg(out.join("peer"))
            .arg(".")
            .env("GOTOOLCHAIN", "local")
            .current_dir(source));
    });
    Command::new(folder.join("peer"))
}

/// Go from the path when it is new enough, else the one packaged for Python.
fn go() -> PathBuf {
    let said = Command::new("go").arg("version").env("GOTOOLCHAIN", "local").stdin(Stdio::null()).output();
    let version = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    if go_minor(&version).is_some_and(|minor| minor >= GO_MINOR) {
        return PathBuf::from("go");
    }
    let venv = made("go", &["requirements.lock"], |source, out| {
        virtual_environment(out, &source.join("requirements.lock"));
    });
    venv.join("bin").join("go")
}

/// The 26 of "go version go1.26.8 linux/amd64".
fn go_minor(version: &str) -> Option<u32> {
    let version = version.split_whitespace().find_map(|word| word.strip_prefix("go1."))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn virtual_environment(out: &Path, lock: &Path) {
    run(Command::new("python3").args(["-m", "venv"]).arg(out));
    run(Command::new(out.join("bin").join("pip"))
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--only-binary",
            ":all:",
        ])
        .arg("-r")
        .arg(lock));
}

fn works(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The folder of a peer's committed files.
fn source(peer: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("peers").join(peer)
}

fn build_dir() -> PathBuf {
    ottla_conformance::assets::build_dir().join("peers")
}

/// Makes the folder of `peer` from its committed `files` unless a stamp says it is there already.
fn made(peer: &str, files: &[&str], make: impl FnOnce(&Path, &Path)) -> PathBuf {
    let (source, out) = (source(peer), build_dir().join(peer));
    let stamp = out.join(".stamp");
    let fingerprint = fingerprint(&source, files);
    let fresh = || fs::read_to_string(&stamp).is_ok_and(|found| found == fingerprint);
    if !fresh() {
        let _lock = Lock::take(peer);
        if !fresh() {
            if out.exists() {
                fs::remove_dir_all(&out).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
            }
            fs::create_dir_all(&out).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
            make(&source, &out);
            fs::write(&stamp, fingerprint).unwrap_or_else(|error| panic!("{}: {error}", stamp.display()));
        }
    }
    out
}

fn fingerprint(source: &Path, files: &[&str]) -> String {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let path = source.join(file);
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        hasher.write(file.as_bytes());
        hasher.write(&bytes);
    }
    format!("{:016x}", hasher.finish())
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap_or_else(|error| panic!("cannot copy {}: {error}", from.display()));
}

fn run(command: &mut Command) {
    try_run(command).unwrap_or_else(|reason| panic!("{reason}"));
}

/// What a command printed; an error says everything it said.
fn try_run(command: &mut Command) -> Result<String, String> {
    let what = format!("{command:?}");
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("cannot start {what}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{what} ended with {}\n{said}{errors}", output.status))
}

/// An advisory lock on a file, held until dropped; the kernel frees it when the process dies.
struct Lock {
    #[allow(clippy::disallowed_types)] // A lock file, not data whose durability is tested.
    _file: fs::File,
}

impl Lock {
    fn take(name: &str) -> Self {
        let folder = build_dir();
        fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        #[allow(clippy::disallowed_types)] // As above.
        let file = fs::File::create(folder.join(format!("{name}.lock"))).expect("a lock file");
        file.lock().expect("a lock");
        Self { _file: file }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_to_fetch_are_read_from_the_plan() {
        let plan = "Reading package lists...\n'http://deb/kcat_1.7.1-2_amd64.deb' kcat_1.7.1-2_amd64.deb 33792 MD5Sum:4\n'http://deb/x' libx1_1%3a2.0_all.deb 1 SHA256:5\n";
        assert_eq!(package_names(plan), ["kcat=1.7.1-2", "libx1=1:2.0"]);
        assert!(package_names("kcat is already the newest version.\n").is_empty());
    }
}
