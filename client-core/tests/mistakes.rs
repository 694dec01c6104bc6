//! Typical first mistakes: each must end within ten seconds, in an error that names the cause and the next step.
// A test that fails says where, talks to sockets of its own, and looks at the real clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types
)]

use ottla::admin::{Admin, CallOptions};
use ottla::config::{ConsumerConfig, ProducerConfig};
use ottla::{Error, ErrorKind};
use ottla_env::{BoxFuture, ConnectOptions, Env, Listener, Net, RngRoot, Stream, SystemClock, SystemNet};
use ottla_wire::codec::{decode_request_header, encode_response};
use ottla_wire::frame::FrameDecoder;
use ottla_wire::messages::api_versions_response::ApiVersion;
use ottla_wire::messages::metadata_response::MetadataResponseBroker;
use ottla_wire::messages::{ApiVersionsResponse, BrokerId, MetadataResponse};
use ottla_wire::{ApiKey, api_version};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The machine's network with a resolver that knows no name but `localhost`.
struct NoDns(SystemNet);

impl Net for NoDns {
    fn connect(&self, address: SocketAddr, options: ConnectOptions) -> BoxFuture<'_, io::Result<Stream>> {
        self.0.connect(address, options)
    }

    fn listen(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        self.0.listen(address)
    }

    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move {
            match host.parse() {
                Ok(address) => Ok(vec![SocketAddr::new(address, port)]),
                Err(_) => Err(io::Error::other("no such host")),
            }
        })
    }
}

fn env() -> Env {
    Env::new(Arc::new(SystemClock::new()), Arc::new(NoDns(SystemNet)), RngRoot::from_seed(1))
}

/// Lists topics at an address; the error must come in time and hold every one of `expected`.
async fn fails(bootstrap: &str, kind: ErrorKind, expected: &[&str]) {
    let admin = Admin::builder().set("bootstrap.servers", bootstrap).env(env()).build().await.unwrap();
    let started = Instant::now();
    let error = admin.list_topics(false, CallOptions::default()).await.unwrap_err();
    let took = started.elapsed();
    admin.close(Duration::from_secs(1)).await;
    assert!(took < Duration::from_secs(10), "{took:?}: {error}");
    check(&error, kind, expected);
}

fn check(error: &Error, kind: ErrorKind, expected: &[&str]) {
    let text = error.to_string();
    for part in expected {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
    assert_eq!(error.kind(), kind, "{text}");
}

/// A listener that answers the first bytes of each connection with `answer` and closes it.
async fn answering(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 256];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

#[tokio::test]
async fn wrong_port() {
    // Bound and given back: nothing listens there now.
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    fails(
        &address,
        ErrorKind::Network,
        &[
            "refused the connection: nothing listens on that port",
            &address,
            "check host and port in bootstrap.servers",
        ],
    )
    .await;
}

#[tokio::test]
async fn misspelt_host() {
    fails(
        "kafak.example:9092",
        ErrorKind::Network,
        &["the name \"kafak.example\" cannot be resolved", "check the spelling in bootstrap.servers"],
    )
    .await;
}

#[tokio::test]
async fn plaintext_to_a_tls_port() {
    let address = answering(&[0x15, 3, 3, 0, 2, 2, 70]).await;
    fails(&address, ErrorKind::Protocol, &["answered with TLS", "PLAINTEXT listener"]).await;
}

#[tokio::test]
async fn port_of_a_web_server() {
    let address = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    fails(&address, ErrorKind::Protocol, &["answered with HTTP", "use the port of a Kafka listener"]).await;
}

#[tokio::test]
async fn port_of_something_else() {
    let address = answering(b"220 mail.example ESMTP\r\n").await;
    fails(&address, ErrorKind::Protocol, &["not Kafka's protocol", "check the port"]).await;
}

#[tokio::test]
async fn listener_that_hangs_up() {
    let address = answering(b"").await;
    fails(
        &address,
        ErrorKind::Network,
        &["closed it before answering the first request", "security protocol PLAINTEXT"],
    )
    .await;
}

#[tokio::test]
async fn listener_that_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let holding = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok(accepted) = listener.accept().await {
            held.push(accepted);
        }
    });
    fails(
        &address,
        ErrorKind::Timeout,
        &["which accepted the connection, to answer ApiVersions", "PLAINTEXT"],
    )
    .await;
    holding.abort();
}

/// A cluster that is found at its bootstrap address and then sends its clients to a name nobody knows.
#[tokio::test]
async fn advertised_address_that_cannot_be_resolved() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut decoder, mut buffer) = (FrameDecoder::new(1 << 20), bytes::BytesMut::new());
                while stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
                    while let Some(mut frame) = decoder.decode(&mut buffer).unwrap() {
                        let header = decode_request_header(&mut frame).unwrap();
                        let (key, version, id) = (header.api_key, header.api_version, header.correlation_id);
                        let frame = if ApiKey(key) == ApiKey::API_VERSIONS {
                            let rows = [ApiKey::API_VERSIONS, ApiKey::METADATA].map(|api| {
                                let range = api_version::supported(api.0).unwrap();
                                ApiVersion::default()
                                    .with_api_key(api.0)
                                    .with_min_version(*range.start())
                                    .with_max_version(*range.end())
                            });
                            let answer = ApiVersionsResponse::default().with_api_keys(rows.to_vec());
                            encode_response(key, version, id, &answer)
                        } else {
                            let broker = MetadataResponseBroker::default()
                                .with_node_id(BrokerId(7))
                                .with_host("kafka-internal".to_owned().into())
                                .with_port(9092);
                            encode_response(
                                key,
                                version,
                                id,
                                &MetadataResponse::default().with_brokers(vec![broker]),
                            )
                        };
                        stream.write_all(&frame.unwrap().to_bytes().unwrap()).await.unwrap();
                    }
                }
            });
        }
    });
    fails(
        &address,
        ErrorKind::Network,
        &[
            "the cluster advertises kafka-internal:9092 for node 7, which cannot be reached",
            "advertised.listeners",
        ],
    )
    .await;
}

#[tokio::test]
async fn one_address_of_two_is_wrong_and_both_are_reported_when_both_are() {
    let dead = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let web = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let admin =
        Admin::builder().set("bootstrap.servers", format!("{dead},{web}")).env(env()).build().await.unwrap();
    let text = admin.list_topics(false, CallOptions::default()).await.unwrap_err().to_string();
    assert!(text.contains("nothing listens on that port") && text.contains("answered with HTTP"), "{text}");
}

#[tokio::test]
async fn forgotten_port() {
    let error = Admin::builder().set("bootstrap.servers", "localhost").build().await.unwrap_err();
    check(&error, ErrorKind::Config, &["\"localhost\": the port is missing", "localhost:9092"]);
}

#[tokio::test]
async fn misspelt_option() {
    let error = ProducerConfig::from_map([("bootstrap.server", "localhost:9092")]).unwrap_err();
    check(
        &error,
        ErrorKind::Config,
        &["\"bootstrap.server\" is not an option", "did you mean \"bootstrap.servers\"?"],
    );
}

#[tokio::test]
async fn option_of_the_other_client() {
    let error =
        ConsumerConfig::from_map([("bootstrap.servers", "localhost:9092"), ("acks", "all")]).unwrap_err();
    check(
        &error,
        ErrorKind::Config,
        &["acks is an option of the producer, not of the consumer", "remove it here"],
    );
}

#[tokio::test]
async fn value_of_the_wrong_type() {
    let error = ProducerConfig::from_map([("bootstrap.servers", "localhost:9092"), ("linger.ms", "fast")])
        .unwrap_err();
    check(&error, ErrorKind::Config, &["linger.ms cannot be \"fast\": expected a whole number from 0"]);
}

#[tokio::test]
async fn no_address_at_all() {
    let error = ConsumerConfig::from_map([("group.id", "g")]).unwrap_err();
    check(&error, ErrorKind::Config, &["bootstrap.servers"]);
    assert!(error.hint().is_some(), "{error}");
}

#[tokio::test]
async fn wrong_mechanism() {
    let cases = [
        ("SASL_PLAINTEXT", "PLAIN", "security.protocol=SASL_PLAINTEXT is not supported yet"),
        ("PLAINTEXT", "PLIAN", "remove sasl.mechanism: only listeners with security.protocol=PLAINTEXT"),
    ];
    for (protocol, mechanism, expected) in cases {
        let options = [
            ("bootstrap.servers", "localhost:9092"),
            ("security.protocol", protocol),
            ("sasl.mechanism", mechanism),
        ];
        check(&ProducerConfig::from_map(options).unwrap_err(), ErrorKind::Unsupported, &[expected]);
    }
}

#[tokio::test]
async fn tls_before_it_is_supported() {
    let error = Admin::builder()
        .set("bootstrap.servers", "localhost:9093")
        .set("security.protocol", "SSL")
        .build()
        .await
        .unwrap_err();
    check(&error, ErrorKind::Unsupported, &["security.protocol=SSL is not supported yet", "plaintext"]);
}
