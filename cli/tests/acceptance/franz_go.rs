//! franz-go against the broker: the checks of `peers/franz-go`.

use crate::broker::Cluster;
use crate::program::run;
use crate::setup;
use ottla_env::Env;

async fn check(name: &str) {
    let cluster = Cluster::start().await;
    let mut command = Env::system().spawn_blocking(setup::franz_go).await;
    command.args([cluster.address.as_str(), name]);
    run(command).await.succeeded().says("ok");
}

#[tokio::test]
async fn franz_go_codecs() {
    check("codecs").await;
}

#[tokio::test]
async fn franz_go_classic_group() {
    check("classic_group").await;
}

#[tokio::test]
async fn franz_go_consumer_group() {
    check("consumer_group").await;
}

#[tokio::test]
async fn franz_go_admin() {
    check("admin").await;
}

#[tokio::test]
async fn franz_go_large_batches() {
    check("large_batches").await;
}

#[tokio::test]
async fn franz_go_seek_by_timestamp() {
    check("seek_by_timestamp").await;
}
