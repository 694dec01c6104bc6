//! confluent-kafka (librdkafka from Python) against the broker: the checks of `peers/confluent-kafka`.

use crate::broker::Cluster;
use crate::program::run;
use crate::setup;
use ottla_env::Env;

async fn check(name: &str) {
    let cluster = Cluster::start().await;
    let mut command = Env::system().spawn_blocking(setup::confluent_kafka).await;
    command.args([cluster.address.as_str(), name]);
    run(command).await.succeeded().says("ok");
}

#[tokio::test]
async fn confluent_kafka_codecs() {
    check("codecs").await;
}

#[tokio::test]
async fn confluent_kafka_classic_group() {
    check("classic_group").await;
}

#[tokio::test]
async fn confluent_kafka_admin() {
    check("admin").await;
}

#[tokio::test]
async fn confluent_kafka_large_batches() {
    check("large_batches").await;
}

#[tokio::test]
async fn confluent_kafka_seek_by_timestamp() {
    check("seek_by_timestamp").await;
}
