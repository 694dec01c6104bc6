//! kafkajs against the broker: the checks of `peers/kafkajs`.

use crate::broker::Cluster;
use crate::program::run;
use crate::setup;
use ottla_env::Env;

async fn check(name: &str) {
    let cluster = Cluster::start().await;
    let mut command = Env::system().spawn_blocking(setup::kafkajs).await;
    command.args([cluster.address.as_str(), name]);
    run(command).await.succeeded().says("ok");
}

#[tokio::test]
async fn kafkajs_codecs() {
    check("codecs").await;
}

#[tokio::test]
async fn kafkajs_classic_group() {
    check("classic_group").await;
}

#[tokio::test]
async fn kafkajs_admin() {
    check("admin").await;
}

#[tokio::test]
async fn kafkajs_large_batches() {
    check("large_batches").await;
}

#[tokio::test]
async fn kafkajs_seek_by_timestamp() {
    check("seek_by_timestamp").await;
}
