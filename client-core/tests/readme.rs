//! The Rust of the README compiles, runs, and is what stands there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use ottla_env::Env;
use std::error::Error;
use std::time::Duration;

/// The README's two pieces of Rust as one program: the broker of the second instead of the first's address.
async fn first_steps() -> Result<i64, Box<dyn Error>> {
    // README: client
    use ottla::{consumer::Consumer, producer::Producer, record::Record};
    use std::time::Duration;

    // README: broker
    let broker = ottla_broker::Broker::start(ottla_broker::BrokerConfig::in_memory()).await?;
    let cluster = broker.bootstrap_servers();
    // README: client
    let producer = Producer::builder().set("bootstrap.servers", &cluster).build().await?;
    let delivery =
        producer.send(Record::to("orders").key("customer-7").value("paid").header("channel", "web")).await?;
    println!("at offset {:?}", delivery.await?.offset);
    producer.close(Duration::from_secs(10)).await?;

    let consumer = Consumer::builder()
        .set("bootstrap.servers", &cluster)
        .set("group.id", "billing")
        .set("auto.offset.reset", "earliest")
        .build()
        .await?;
    consumer.subscribe(["orders"])?;
    let mut left = 1;
    while left > 0 {
        for record in consumer.poll(Duration::from_secs(1)).await?.iter() {
            println!("{}-{}@{}", record.topic(), record.partition(), record.offset());
            left -= 1;
        }
    }
    consumer.close(Duration::from_secs(10)).await?;
    // README: end
    Ok(left)
}

#[tokio::test]
async fn rust_of_the_readme_runs() {
    let env = Env::system();
    let ran = env.timeout_at(env.now() + Duration::from_secs(60), first_steps()).await;
    assert_eq!(ran.expect("it ends by itself").unwrap(), 0);
}

/// Code without the differences that do not count: white space, and borrowing what is text already in the README.
fn plain(code: &str) -> String {
    code.split_whitespace().collect::<String>().replace("&cluster", "cluster")
}

/// What stands in this file below the marks of one kind.
fn run(mark: &str) -> String {
    let mut code = String::new();
    let mut wanted = false;
    for line in include_str!("readme.rs").lines() {
        match line.trim().strip_prefix("// README: ") {
            Some(name) => wanted = name == mark,
            None if wanted => code.push_str(line),
            None => {}
        }
    }
    plain(&code)
}

#[test]
fn rust_of_the_readme_is_what_runs_here() {
    let readme = include_str!("../../README.md");
    let blocks = readme.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("rust\n"));
    let blocks: Vec<String> =
        blocks.map(|block| plain(&block.replace("let cluster = \"localhost:9092\";", ""))).collect();
    assert_eq!(blocks, [run("client"), run("broker")]);
}
