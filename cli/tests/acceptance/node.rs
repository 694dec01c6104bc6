//! Starting and stopping a node: clean shutdown, mistakes in its settings, a directory that is taken.

use crate::broker::{Broker, Folder, data};
use crate::kill::create;
use crate::load::{Node, Progress, producer, read_all, until_acked, write};
use ottla::admin::NewTopic;
use ottla::record::Record;
use ottla_env::Env;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Kafka's mark of a clean shutdown, one per log directory.
const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";

#[tokio::test]
async fn sigterm_under_load_leaves_a_clean_directory_and_everything_acknowledged() {
    let env = Env::system();
    let folder = Folder::new();
    let mut node = Node::start(folder.path(), &[]).await;
    create(&node.address, NewTopic::new("stopped", 1, 1)).await;
    let progress = Arc::new(Progress::default());
    let mut count = 0;
    let next = move || {
        count += 1;
        Record::to("stopped").value(count.to_string())
    };
    let writer = producer(&node.address, "none").await;
    let writer = env.spawn("writer", write(writer, Arc::clone(&progress), 100, next));
    until_acked(&progress, 200, || node.log()).await;
    node.terminate().await;
    let mark = data(folder.path()).join(CLEAN_SHUTDOWN);
    assert!(mark.exists(), "no {}:\n{}", mark.display(), node.log());
    let before = node.log().len();
    node.restart().await;
    assert!(!mark.exists(), "a node that runs is not cleanly shut down");
    let since = node.log()[before..].to_lowercase();
    assert!(!since.contains("recover"), "nothing is to be recovered:\n{since}");
    until_acked(&progress, 200, || node.log()).await;
    progress.stop.store(true, Ordering::Relaxed);
    let acked = writer.await.expect("the writer does not end early");
    let found = read_all(&node.address, "stopped", 0).await;
    let values = |values: Vec<Option<Vec<u8>>>| values.into_iter().flatten().collect::<Vec<_>>();
    let sent = values(acked.into_iter().map(|record| record.value).collect());
    assert!(
        values(found.into_iter().map(|record| record.value).collect()) == sent,
        "each record once, in order"
    );
    node.terminate().await;
}

/// Starts a node that must not start; its last words.
async fn refused(folder: &Folder, settings: &[&str]) -> String {
    match Broker::try_start(folder.path(), settings).await {
        Ok(_) => panic!("started in spite of {settings:?}"),
        Err(refused) => {
            assert_eq!(refused.status.code(), Some(1), "{}", refused.stderr);
            refused.stderr
        }
    }
}

#[tokio::test]
async fn unknown_property_is_refused_with_a_suggestion() {
    let said = refused(&Folder::new(), &["log.retention.hour=5"]).await;
    assert!(said.contains("log.retention.hour") && said.contains("log.retention.hours"), "{said}");
}

#[tokio::test]
async fn value_of_the_wrong_type_is_refused_with_its_name() {
    let said = refused(&Folder::new(), &["log.segment.bytes=lots"]).await;
    assert!(said.contains("log.segment.bytes") && said.contains("lots"), "{said}");
}

#[tokio::test]
async fn plaintext_beyond_loopback_needs_to_be_said_in_words() {
    let said = refused(&Folder::new(), &["listeners=PLAINTEXT://0.0.0.0:0"]).await;
    assert!(said.contains("PLAINTEXT") && said.contains("loopback"), "{said}");
}

#[tokio::test]
async fn port_in_use_is_told_at_once_with_a_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound");
    let env = Env::system();
    let started = env.now();
    let said = refused(&Folder::new(), &[&format!("listeners=PLAINTEXT://{address}")]).await;
    assert!(said.contains(&address.to_string()) && said.contains("in use"), "{said}");
    assert!(said.contains("another port"), "{said}");
    // Most of it is for a debug build to start on a busy machine.
    assert!(env.now() - started < Duration::from_secs(60), "a taken port is no reason to wait");
}

#[tokio::test]
async fn address_of_another_machine_is_refused() {
    let elsewhere = "listeners=PLAINTEXT://192.0.2.1:0";
    let said = refused(&Folder::new(), &[elsewhere, "ottla.allow.plaintext.beyond.loopback=true"]).await;
    assert!(said.contains("192.0.2.1") && said.contains("address of this machine"), "{said}");
}

#[tokio::test]
async fn directory_that_cannot_be_made_is_refused_with_its_name_and_the_cause() {
    let folder = Folder::new();
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("a temporary folder can be written");
    // Nobody can make a folder there, root neither.
    for directory in [file.display().to_string(), "/proc/ottla".to_owned()] {
        let said = refused(&folder, &[&format!("log.dirs={directory}")]).await;
        assert!(said.contains(&directory) && said.contains("os error"), "{said}");
    }
    let said = refused(&folder, &["log.dirs="]).await;
    assert!(said.contains("log.dirs") && said.contains("no directory is named"), "{said}");
}

#[tokio::test]
async fn directory_of_another_node_cluster_or_format_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    assert!(Broker::start(folder.path(), &[]).await.terminate().await.success());
    let said = refused(&folder, &["node.id=7"]).await;
    assert!(said.contains("belongs to node 1, not 7"), "{said}");
    let said = refused(&folder, &["ottla.cluster.id=AAAAAAAAAAAAAAAAAAAAAA"]).await;
    assert!(said.contains("belongs to cluster"), "{said}");
    let file = data(folder.path()).join("meta.properties");
    let before = std::fs::read_to_string(&file).expect("the node left its identity");
    for (other, expected) in [
        (before.replace("version=1", "version=2"), "has version 2"),
        ("node.id=1\n".to_owned(), "no version"),
    ] {
        std::fs::write(&file, &other).expect("the file can be replaced");
        let said = refused(&folder, &[]).await;
        assert!(said.contains("meta.properties") && said.contains(expected), "{said}");
        assert_eq!(std::fs::read_to_string(&file).ok(), Some(other));
    }
    std::fs::write(&file, before).expect("the file can be replaced");
    assert!(Broker::start(folder.path(), &[]).await.terminate().await.success());
}

#[tokio::test]
async fn directory_of_a_running_node_is_refused() {
    let folder = Folder::new();
    let broker = Broker::start(folder.path(), &[]).await;
    let said = refused(&folder, &[]).await;
    let directory = data(folder.path()).display().to_string();
    assert!(said.contains("another process uses") && said.contains(&directory), "{said}");
    assert!(broker.terminate().await.success());
    // Free again, also after a node that did not say good-bye.
    Broker::start(folder.path(), &[]).await.kill().await;
    assert!(Broker::start(folder.path(), &[]).await.terminate().await.success());
}
