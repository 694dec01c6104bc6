//! The Apache Kafka fixture itself: it starts, survives a kill, and its command line tools reach it.

use ottla_conformance::kafka::{ApacheKafka, tool};

#[tokio::test]
async fn apache_kafka_starts_and_comes_back_with_its_data_after_a_kill() {
    let mut kafka = ApacheKafka::start().await.expect("Apache Kafka starts");
    let topics = |arguments: &[&str]| {
        let output = tool("org.apache.kafka.tools.TopicCommand")
            .expect("the tools are there")
            .args(["--bootstrap-server", &kafka.bootstrap_servers()])
            .args(arguments)
            .output()
            .expect("java runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    topics(&["--create", "--topic", "kept", "--partitions", "2"]);
    kafka.kill().await.expect("it can be killed");
    kafka.restart().await.expect("it comes back");
    let listed = {
        let output = tool("org.apache.kafka.tools.TopicCommand")
            .expect("the tools are there")
            .args(["--bootstrap-server", &kafka.bootstrap_servers(), "--list"])
            .output()
            .expect("java runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(listed.trim(), "kept");
}
