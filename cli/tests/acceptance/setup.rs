//! Fetches the foreign programs into `build/peers/`, each once: a stamp says what a folder was made from.
//!
//! Every download is pinned by a lock file in `peers/`.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest Go that builds the franz-go program, as its `go.mod` says.
const GO_MINOR: u32 = 26;

/// kcat, from the distribution's package.
pub(crate) fn kcat() -> PathBuf {
    let program = PathBuf::from("kcat");
    if works(&program, "-V") {
        return program;
    }
    let _lock = Lock::take("kcat");
    if !works(&program, "-V") {
        let mut install = Command::new("apt-get");
        install.args(["install", "--yes", "--no-install-recommends", "kcat"]);
        run(install.env("DEBIAN_FRONTEND", "noninteractive"));
    }
    program
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

fn works(program: &Path, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
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
    let what = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("cannot start {what}: {error}"));
    assert!(
        output.status.success(),
        "{what} ended with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
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
