//! What a newcomer does with each kind of client, in a world where things are wrong: default options, and how long it
//! takes until an error tells.

use super::world::World;
use crate::admin::{Admin, CallOptions};
use crate::consumer::Consumer;
use crate::error::{Error, ErrorKind};
use crate::producer::Producer;
use crate::record::{Record, TopicPartition};
use ottla_env::Env;
use std::net::SocketAddr;
use std::time::Duration;

/// What the ten seconds of the promise are.
pub(super) const PROMISE: Duration = Duration::from_secs(10);
/// A world that knows no name but `blackhole`, whose address never answers. The promise holds on the clients' own clock,
/// however busy the machine is.
pub(super) fn world() -> World {
    let world = World::new();
    world.net.name("blackhole", &["192.0.2.1"]);
    world.net.swallow("192.0.2.1");
    world
}

/// An address where nothing listens: bound and given back.
pub(super) async fn closed_port(env: &Env) -> SocketAddr {
    env.net().listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap().local_addr().unwrap()
}

/// A kind of client and what is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Sends a record to topic `t`.
    Producer,
    /// Subscribes to topic `t` in group `g` and polls.
    Member,
    /// Assigns itself partition 0 of topic `t` and polls.
    Reader,
    /// The same with the offsets of group `g`.
    GroupReader,
    /// Lists topics.
    Admin,
}

impl Role {
    pub(super) const ALL: [Self; 5] =
        [Self::Producer, Self::Member, Self::Reader, Self::GroupReader, Self::Admin];

    /// Does its part until the first error; nothing when all goes well, or nothing is told in time.
    pub(super) async fn first_error(self, env: &Env, bootstrap: &str) -> Option<Error> {
        match self {
            Self::Producer => {
                let builder = Producer::builder().set("bootstrap.servers", bootstrap).env(env.clone());
                let producer = builder.build().await.unwrap();
                let sent = async {
                    let delivery = producer.send(Record::to("t").value("v")).await?;
                    delivery.await
                };
                let outcome = env.timeout_at(env.now() + PROMISE * 2, sent).await;
                let _ = producer.close(Duration::ZERO).await;
                outcome?.err()
            }
            Self::Member | Self::Reader | Self::GroupReader => {
                let mut builder = Consumer::builder()
                    .set("bootstrap.servers", bootstrap)
                    .set("auto.offset.reset", "earliest")
                    .env(env.clone());
                if self != Self::Reader {
                    builder = builder.set("group.id", "g");
                }
                let consumer = builder.build().await.unwrap();
                if self == Self::Member {
                    consumer.subscribe(["t"]).unwrap();
                } else {
                    consumer.assign([TopicPartition::new("t", 0)]).unwrap();
                }
                let polled = async {
                    loop {
                        if let Err(error) = consumer.poll(Duration::from_secs(1)).await {
                            return error;
                        }
                    }
                };
                let outcome = env.timeout_at(env.now() + PROMISE * 2, polled).await;
                let _ = consumer.close(Duration::ZERO).await;
                outcome
            }
            Self::Admin => {
                let builder = Admin::builder().set("bootstrap.servers", bootstrap).env(env.clone());
                let admin = builder.build().await.unwrap();
                let listed = admin.list_topics(false, CallOptions::default());
                let outcome = env.timeout_at(env.now() + PROMISE * 2, listed).await;
                admin.close(Duration::ZERO).await;
                outcome?.err()
            }
        }
    }

    /// As [`Self::first_error`]; that it comes within ten seconds and says all of `expected`.
    pub(super) async fn is_told(
        self,
        env: &Env,
        bootstrap: &str,
        kind: impl Into<Option<ErrorKind>>,
        expected: &[&str],
    ) {
        let started = env.now();
        let error = self.first_error(env, bootstrap).await;
        let took = env.now() - started;
        let error = error.unwrap_or_else(|| panic!("{self:?} heard nothing"));
        tracing::info!(role = ?self, ?took, %error, "told");
        assert!(took < PROMISE, "{self:?} heard after {took:?}: {error}");
        let text = error.to_string();
        for part in expected {
            assert!(text.contains(part), "{self:?}: {part:?} is not in: {text}");
        }
        if let Some(kind) = kind.into() {
            assert_eq!(error.kind(), kind, "{self:?}: {text}");
        }
    }
}

/// All kinds of clients at once.
pub(super) async fn all_are_told(
    roles: &[Role],
    env: &Env,
    bootstrap: &str,
    kind: impl Into<Option<ErrorKind>>,
    expected: &[&str],
) {
    let kind = kind.into();
    let each = roles.iter().map(|role| role.is_told(env, bootstrap, kind, expected));
    futures_util::future::join_all(each).await;
}

/// Prints what the clients tell, when `OTTLA_TEST_LOG` is set.
pub(super) fn log() {
    if std::env::var_os("OTTLA_TEST_LOG").is_some() {
        let _ = tracing_subscriber::fmt().with_test_writer().try_init();
    }
}
