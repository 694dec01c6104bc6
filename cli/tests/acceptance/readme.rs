//! Every command line of the README does what it says.

use crate::broker::{Broker, Folder};
use crate::program::{Ran, run};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};

/// A command of the README and what it is said to print.
#[derive(Debug)]
struct Shown {
    line: String,
    output: Vec<String>,
}

/// The lines after `$ ` in the README's console blocks.
fn shown() -> Vec<Shown> {
    let readme = include_str!("../../../README.md");
    let mut all: Vec<Shown> = Vec::new();
    for block in readme.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("console\n")) {
        for text in block.lines() {
            match (text.strip_prefix("$ "), all.last_mut()) {
                (Some(line), _) => all.push(Shown { line: line.to_owned(), output: Vec::new() }),
                (None, Some(last)) => last.output.push(text.to_owned()),
                (None, None) => panic!("output before any command: {text}"),
            }
        }
    }
    all
}

fn shell(line: &str, folder: &Path) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_ottla"));
    let beside = binary.parent().expect("a binary is in a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env("PATH", format!("{beside}:{path}"));
    command
}

#[tokio::test]
async fn commands_of_the_readme_print_what_it_shows() {
    let folder = Folder::new();
    // Where the README has the broker keep its data.
    let data = format!("log.dirs={}", folder.path().join("ottla-data").display());
    let broker = Broker::start(folder.path(), &[&data]).await;
    let commands = shown()
        .into_iter()
        .filter(|shown| !shown.line.starts_with("make ") && !shown.line.starts_with("cargo "));
    let mut count = 0;
    for Shown { line, output } in commands {
        // Kafka's port may be taken on this machine.
        let mut command = shell(&line.replace("localhost:9092", &broker.address), folder.path());
        command.env("OTTLA_BOOTSTRAP_SERVERS", &broker.address);
        let ran: Ran = run(command).await.succeeded();
        assert!(ran.stderr.is_empty(), "{}", ran.story());
        if output.is_empty() {
            // A verb that changes something is silent; one that shows something shows it.
            let changes = ["create", "produce payments", "alter"].iter().any(|verb| line.contains(verb));
            assert_eq!(ran.stdout.is_empty(), changes && !line.contains("perf"), "{}", ran.story());
        } else {
            assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), output, "{}", ran.story());
        }
        count += 1;
    }
    assert!(count >= 10, "only {count} commands are shown");
    assert!(broker.terminate().await.success());
}

#[tokio::test]
async fn broker_starts_as_the_readme_says() {
    let prefix = "cargo run --release -p ottla-cli -- broker";
    let lines: Vec<String> = shown().into_iter().map(|shown| shown.line).collect();
    let lines: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix(prefix)).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for arguments in lines {
        let arguments = arguments.split('#').next().unwrap_or_default();
        let folder = Folder::new();
        std::fs::write(folder.path().join("server.properties"), "node.id=7\n").expect("a temporary folder");
        // Kafka's port may be taken on this machine.
        let line = format!("exec ottla broker {arguments} --set listeners=PLAINTEXT://127.0.0.1:0");
        let mut command = tokio::process::Command::from(shell(&line, folder.path()));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("sh starts");
        let mut lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        let env = ottla_env::Env::system();
        let ready = env.timeout_at(env.now() + Duration::from_secs(60), lines.next_line()).await;
        let ready = ready.expect("it starts in time").expect("its output can be read").unwrap_or_default();
        assert!(ready.starts_with("ready on 127.0.0.1:"), "{line}: {ready}");
        assert!(folder.path().join("ottla-data").join("meta.properties").exists(), "{line}");
        child.kill().await.expect("a child can be killed");
    }
}

#[tokio::test]
async fn make_has_every_verb_of_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let lines = shown().into_iter().map(|shown| shown.line).filter(|line| line.starts_with("make "));
    for line in lines.collect::<Vec<_>>() {
        // What it would run; the verbs themselves are tests, or take hours.
        let ran = run(shell(&line.replacen("make", "make --dry-run", 1), &root)).await.succeeded();
        assert!(ran.stdout.contains("cargo run"), "{}", ran.story());
        let bootstrap = "--bootstrap broker-1.example:9092";
        assert_eq!(ran.stdout.contains(bootstrap), line.contains("BOOTSTRAP="), "{}", ran.story());
    }
}
