//! When the world is not as it should be: no broker, a reader that goes, arguments that are wrong.

use crate::broker::{Cluster, Folder};
use crate::program::{Ran, ottla, ottla_command, run, run_with_input};
use ottla_env::Env;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};

/// What a person waits for an answer that says "nobody is there": ten seconds of the client's, and what eleven debug builds
/// take that start at once on a busy machine. Without that answer, most would take a minute.
const PATIENCE: Duration = Duration::from_secs(40);

/// Every verb that talks to a cluster.
const VERBS: &[&[&str]] = &[
    &["topics", "list"],
    &["topics", "create", "t"],
    &["configs", "describe", "--topic", "t"],
    &["groups", "list"],
    &["groups", "describe", "g"],
    &["produce", "t"],
    &["consume", "t"],
    &["consume", "t", "--group", "g"],
    &["perf", "produce", "t"],
    &["perf", "consume", "t"],
    &["demo"],
];

/// Every verb against an address where no broker is; each ends in time with what `expected` says.
async fn nobody_there(address: &str, expected: &'static [&'static str]) {
    let env = Env::system();
    let started = env.now();
    let verbs = VERBS.iter().map(|verb| {
        let mut command = ottla_command(verb);
        command.args(["--bootstrap", address]);
        env.spawn("verb", run_with_input(command, b"a line\n"))
    });
    for verb in verbs.collect::<Vec<_>>() {
        let ran: Ran = verb.await.expect("the task is not cancelled");
        assert_eq!(ran.status.code(), Some(1), "{}", ran.story());
        for text in expected.iter().copied().chain([address]) {
            assert!(ran.stderr.contains(text), "{text:?} is missing{}", ran.story());
        }
        assert!(!ran.stderr.contains("panicked"), "{}", ran.story());
    }
    let took = env.now() - started;
    assert!(took < PATIENCE, "all verbs side by side took {took:?}");
}

#[tokio::test]
async fn port_without_listener_is_told_within_seconds() {
    // Bound and not listening: nobody else gets the port, and connections are refused.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let address = socket.local_addr().expect("it is bound").to_string();
    nobody_there(&address, &["refused the connection", "check host and port", "broker is running"]).await;
}

#[tokio::test]
async fn listener_that_never_answers_is_told_within_seconds() {
    // Connections are taken by the kernel and nobody reads them.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    nobody_there(&address, &["accepted the connection", "check that the port is a Kafka listener"]).await;
}

#[tokio::test]
async fn head_ends_consume_quietly_although_nothing_more_is_written() {
    let env = Env::system();
    let cluster = Cluster::start().await;
    let produce = ottla_command(&["produce", "head", "-b", &cluster.address]);
    run_with_input(produce, b"one\ntwo\nthree\n").await.succeeded();
    for extra in [&[][..], &["--json"]] {
        let mut command = ottla_command(&["consume", "head", "-b", &cluster.address]);
        command.args(extra);
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("ottla starts");
        let mut lines = BufReader::new(child.stdout.take().expect("standard output is piped")).lines();
        let first = env.timeout_at(env.now() + Duration::from_secs(60), lines.next_line()).await;
        assert!(first.expect("a record comes").expect("it can be read").is_some());
        drop(lines);
        let ended = env.timeout_at(env.now() + Duration::from_secs(60), child.wait_with_output()).await;
        let output =
            ended.expect("consume ends when its reader has gone").expect("a child can be waited for");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{}: {said}", output.status);
    }
}

#[tokio::test]
async fn closed_pipe_is_no_panic_for_any_verb_that_prints() {
    let cluster = Cluster::start().await;
    ottla(&["topics", "create", "closed", "-b", &cluster.address]).await.succeeded();
    for verb in [
        &["--help"][..],
        &["topics", "list"],
        &["topics", "describe", "--json"],
        &["configs", "describe", "--topic", "closed", "--all"],
        &["groups", "list"],
        &["perf", "produce", "closed", "--records", "10"],
        &["perf", "consume", "closed", "--records", "10"],
        &["conformance", "list"],
        &["demo", "--records", "10"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = ottla_command(verb);
        command.env("OTTLA_BOOTSTRAP_SERVERS", &cluster.address).env("BOOTSTRAP", &cluster.address);
        let mut command = tokio::process::Command::from(command);
        command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).kill_on_drop(true);
        let env = Env::system();
        let output = env.timeout_at(env.now() + Duration::from_secs(60), command.output()).await;
        let output = output.expect("it ends").expect("ottla runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{verb:?} {}: {said}", output.status);
    }
}

#[tokio::test]
async fn wrong_arguments_are_refused_with_what_would_be_right() {
    let folder = Folder::new();
    let missing = folder.path().join("missing").display().to_string();
    for (arguments, expected) in [
        (&["topic", "list"][..], &["similar subcommand", "topics"][..]),
        (&["topics", "lst"], &["similar subcommand", "list"]),
        (&["topics", "list", "--jsn"], &["similar argument", "--json"]),
        (&["consume"], &["<TOPICS>"]),
        (&["consume", "t", "--offset", "soon"], &["beginning, end, an offset, or -N"]),
        (&["consume", "t", "--group", "g", "--exit-at-end"], &["cannot be used with", "--group"]),
        (&["groups", "list", "--state", "Stabel"], &["Stable"]),
        (&["groups", "reset-offsets", "g", "--topic", "t"], &["--to-earliest"]),
        (&["topics", "list", "-X", "bootstrap.server=1"], &["did you mean \"bootstrap.servers\"?"]),
        (&["produce", "t", "-X", "ackss=1"], &["did you mean \"acks\"?"]),
        (&["produce", "t", "-X", "group.id=1"], &["an option of the consumer, not of the producer"]),
        (&["produce", "t", "-X", "acks"], &["KEY=VALUE"]),
        (&["produce", "t", "--file", &missing], &["cannot read", &missing]),
        (&["topics", "list", "--command-config", &missing], &["cannot read", &missing]),
        (&["topics", "list", "--bootstrap", "localhost"], &["the port is missing", "host:port"]),
        (&["configs", "alter", "--topic", "t"], &["nothing to alter", "--set"]),
        (&["broker", "--config", &missing], &["cannot read", &missing]),
        (&["broker", "--set", "listeners"], &["KEY=VALUE"]),
        (&["dump-log", &missing], &["cannot read", &missing]),
        (&["dump-log", &folder.path().display().to_string()], &["holds no log files", "orders-0"]),
    ] {
        let said = ottla(arguments).await.failed();
        for text in expected {
            assert!(said.stderr.contains(text), "{text:?} is missing{}", said.story());
        }
    }
}

#[tokio::test]
async fn help_of_every_verb_says_more_than_its_name() {
    let all = run(ottla_command(&["--help"])).await.succeeded();
    for verb in [
        "broker",
        "topics",
        "configs",
        "groups",
        "produce",
        "consume",
        "perf",
        "conformance",
        "dump-log",
        "demo",
    ] {
        assert!(all.row(verb).len() > 3, "{verb}{}", all.story());
        ottla(&[verb, "--help"]).await.succeeded().says("Usage: ottla");
    }
    ottla(&["broker", "--help"]).await.succeeded().says("data in ./ottla-data");
    ottla(&["consume", "--help"]).await.succeeded().says("committing what was printed");
}
