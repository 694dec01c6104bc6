//! Fetches and builds what the suite starts: Apache Kafka's jars, its tools, the Java and the librdkafka driver.
//!
//! Each product has its folder in the build directory with a stamp of what it was made from; a second call with the same
//! inputs does nothing. A lock file keeps two processes from building the same thing at once.
#![allow(clippy::disallowed_methods)] // Files of the suite itself.

use crate::assets;
use crate::error::{Context, Error};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Apache Kafka's release the broker is started from.
pub const BROKER_VERSION: &str = "4.4.0";
/// Apache Kafka's release the command line tools come from.
pub const TOOLS_VERSION: &str = "4.3.1";

const STAMP: &str = ".stamp";

/// The folder with the broker's jars; downloads them through Maven when they are not there yet.
pub fn broker_jars() -> Result<PathBuf, Error> {
    jars("kafka/broker", &format!("kafka/broker-{BROKER_VERSION}"))
}

/// The folder with the jars of Apache's command line tools (`org.apache.kafka.tools.TopicCommand` and its kin).
pub fn tools_jars() -> Result<PathBuf, Error> {
    jars("kafka/tools", &format!("kafka/tools-{TOOLS_VERSION}"))
}

/// The folder with the Java driver and its jars, compiled when needed.
pub fn java_driver() -> Result<PathBuf, Error> {
    build("drivers/java", "drivers/java", |work, out| {
        maven(work, &["package", "dependency:copy-dependencies"], &out.join("lib"))?;
        let jar = work.join("target").join("ottla-driver-java.jar");
        fs::copy(&jar, out.join("lib").join("ottla-driver-java.jar"))
            .context(|| format!("cannot copy {}", jar.display()))?;
        Ok(())
    })
}

/// The folder of the librdkafka driver: its script and the virtual environment with confluent-kafka.
pub fn librdkafka_driver() -> Result<PathBuf, Error> {
    build("drivers/librdkafka", "drivers/librdkafka", |work, out| {
        let venv = out.join("venv");
        run(Command::new("python3").arg("-m").arg("venv").arg(&venv))?;
        run(Command::new(venv.join("bin").join("pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"])
            .arg(work.join("requirements.lock")))?;
        fs::copy(work.join("driver.py"), out.join("driver.py"))
            .context(|| "cannot copy driver.py".to_owned())?;
        Ok(())
    })
}

/// The driver of the binding of a language, which `xtask bindings` builds.
pub fn binding_driver(language: &str) -> Result<PathBuf, Error> {
    let driver = assets::build_dir().join("bindings").join(language).join("driver");
    if driver.is_file() {
        return Ok(driver);
    }
    Err(Error::new(format!(
        "the driver of the {language} binding is not built: there is no {}; `cargo run -p xtask -- bindings {language}` \
         in the repository makes it",
        driver.display()
    )))
}

/// The class path made of all jars of a folder.
pub fn class_path(jars: &Path) -> String {
    format!("{}/*", jars.display())
}

fn jars(folder: &str, product: &str) -> Result<PathBuf, Error> {
    build(folder, product, |work, out| maven(work, &["dependency:copy-dependencies"], out))
}

fn maven(work: &Path, goals: &[&str], output: &Path) -> Result<(), Error> {
    let log = work.join("mvn.log");
    run(Command::new("mvn")
        .args(["-q", "-B", "-l"])
        .arg(&log)
        .arg("-f")
        .arg(work.join("pom.xml"))
        .args(goals)
        .arg("-DincludeScope=runtime")
        .arg(format!("-DoutputDirectory={}", output.display())))
    .map_err(|error| Error::caused(format!("Maven failed, see {}", log.display()), error))
}

/// Makes `product` from the embedded `folder` unless a stamp says it is there already.
fn build(
    folder: &str,
    product: &str,
    make: impl FnOnce(&Path, &Path) -> Result<(), Error>,
) -> Result<PathBuf, Error> {
    let out = assets::build_dir().join(product);
    let stamp = out.join(STAMP);
    let fingerprint = assets::fingerprint(folder);
    let fresh = || fs::read_to_string(&stamp).is_ok_and(|found| found == fingerprint);
    if fresh() {
        return Ok(out);
    }
    let work = assets::build_dir().join("work").join(product.replace('/', "-"));
    fs::create_dir_all(&work).context(|| format!("cannot create {}", work.display()))?;
    let _lock = Lock::take(&work.join("lock"))?;
    if fresh() {
        return Ok(out);
    }
    tracing::info!(product, "setting up");
    if out.exists() {
        fs::remove_dir_all(&out).context(|| format!("cannot clear {}", out.display()))?;
    }
    fs::create_dir_all(&out).context(|| format!("cannot create {}", out.display()))?;
    assets::unpack(folder, &work).context(|| format!("cannot write to {}", work.display()))?;
    make(&work, &out)?;
    fs::write(&stamp, fingerprint).context(|| format!("cannot write {}", stamp.display()))?;
    Ok(out)
}

/// Runs a command to its end, its output kept for the error.
fn run(command: &mut Command) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().context(|| format!("cannot start {program}"))?;
    if output.status.success() {
        return Ok(());
    }
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(Error::new(format!("{program} ended with {}: {}", output.status, text.trim())))
}

/// An advisory lock on a file, held until dropped; the kernel frees it when the process dies.
struct Lock {
    #[allow(clippy::disallowed_types)] // A lock file, not data whose durability is tested.
    _file: fs::File,
}

impl Lock {
    fn take(path: &Path) -> Result<Self, Error> {
        #[allow(clippy::disallowed_types)] // As above.
        let file = fs::File::create(path).context(|| format!("cannot create {}", path.display()))?;
        file.lock().context(|| format!("cannot lock {}", path.display()))?;
        Ok(Self { _file: file })
    }
}
