use super::*;
use crate::config::{AdminConfig, HostPort};
use crate::testing::FakeBroker;
use crate::testing::world::World;

const NAME: &str = "kafka.example";

struct Fixture {
    world: World,
    config: CommonConfig,
}

impl Fixture {
    fn new(addresses: &[&str]) -> Self {
        let world = World::new();
        world.net.name(NAME, addresses);
        let config = AdminConfig::from_map([("bootstrap.servers", format!("{NAME}:9092"))]).unwrap().common;
        Self { world, config }
    }

    async fn broker_at(&self, address: &str) -> FakeBroker {
        FakeBroker::start_at(&self.world.env, SocketAddr::new(address.parse().unwrap(), 9092)).await
    }

    /// Opens; what came of it, and how long that took.
    async fn open(&self) -> (Result<Opened, Error>, Duration) {
        let peer = PeerName { node_id: None, address: HostPort::new(NAME, 9092) };
        let env = &self.world.env;
        let started = env.now();
        let opened = open(env, &self.config, &peer, Duration::from_secs(10), &Progress::default()).await;
        (opened, env.now() - started)
    }

    fn tried(&self) -> Vec<String> {
        self.world.net.tried().iter().map(|address| address.ip().to_string()).collect()
    }
}

#[tokio::test]
async fn an_address_that_swallows_packets_costs_a_head_start_and_no_more() {
    let fixture = Fixture::new(&["10.0.0.1", "10.0.0.2"]);
    fixture.world.net.swallow("10.0.0.1");
    let _broker = fixture.broker_at("10.0.0.2").await;
    let (opened, took) = fixture.open().await;
    assert_eq!(opened.unwrap().0.peer_addr().unwrap().ip().to_string(), "10.0.0.2");
    assert_eq!(took, STAGGER);
}

#[tokio::test]
async fn an_address_that_accepts_and_says_nothing_gets_a_longer_head_start() {
    let fixture = Fixture::new(&["10.0.0.1", "10.0.0.2"]);
    let mut silent = fixture.world.env.net().listen("10.0.0.1:9092".parse().unwrap()).await.unwrap();
    let _broker = fixture.broker_at("10.0.0.2").await;
    let ((opened, took), _held) = tokio::join!(fixture.open(), silent.accept());
    assert_eq!(opened.unwrap().0.peer_addr().unwrap().ip().to_string(), "10.0.0.2");
    assert_eq!(took, HANDSHAKE_HEAD_START);
}

#[tokio::test]
async fn a_refusal_leads_to_the_next_address_at_once() {
    let fixture = Fixture::new(&["10.0.0.1", "10.0.0.2"]);
    let _broker = fixture.broker_at("10.0.0.2").await;
    let (opened, took) = fixture.open().await;
    opened.unwrap();
    assert_eq!(took, Duration::ZERO);
}

#[tokio::test]
async fn nobody_else_is_asked_while_the_first_address_answers() {
    let fixture = Fixture::new(&["10.0.0.1", "10.0.0.2"]);
    let _first = fixture.broker_at("10.0.0.1").await;
    let _second = fixture.broker_at("10.0.0.2").await;
    fixture.open().await.0.unwrap();
    assert_eq!(fixture.tried(), ["10.0.0.1"]);
}

#[tokio::test]
async fn when_every_address_fails_the_error_says_so_of_each() {
    let fixture = Fixture::new(&["10.0.0.1", "10.0.0.2"]);
    fixture.world.net.swallow("10.0.0.1");
    let (opened, took) = fixture.open().await;
    let text = opened.err().unwrap().to_string();
    assert!(text.contains("10.0.0.1:9092 did not answer the TCP connection attempt in time"), "{text}");
    assert!(text.contains("10.0.0.2:9092 refused the connection"), "{text}");
    assert_eq!(took, Duration::from_secs(10));
}

#[test]
fn families_take_turns_and_no_address_comes_twice() {
    let addresses =
        |texts: &[&str]| -> Vec<SocketAddr> { texts.iter().map(|t| t.parse().unwrap()).collect() };
    assert_eq!(
        in_turn(addresses(&["[::1]:1", "[::2]:1", "[::1]:1", "[::3]:1", "10.0.0.1:1", "10.0.0.2:1"])),
        addresses(&["[::1]:1", "10.0.0.1:1", "[::2]:1", "10.0.0.2:1", "[::3]:1"])
    );
    assert!(in_turn(Vec::new()).is_empty());
}
