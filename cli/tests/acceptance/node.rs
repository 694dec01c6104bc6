//! Starting and stopping a node: clean shutdown, mistakes in its settings, a directory that is taken.

use crate::broker::{Broker, Folder, data};
use crate::kill::create;
use crate::load::{Node, Progress, producer, read_all, until_acked, write};
use ottla::admin::NewTopic;
use ottla::record::Record;
use ottla_env::Env;
use std::sync::Arc;
use std::sync::atomic::Ordering;

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
