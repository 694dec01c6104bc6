//! From a host name to a byte stream that speaks Kafka, with errors that tell the steps apart.

use super::handshake::{Handshake, HandshakeError};
use super::{PeerFeatures, PeerName};
use crate::config::{AddressFamily, CommonConfig};
use crate::error::{Error, ErrorKind};
use bytes::BytesMut;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use ottla_env::{ConnectOptions, Env, Stream};
use ottla_wire::ApiKey;
use ottla_wire::codec::{encode_request, split_response};
use ottla_wire::frame::{FrameDecoder, FrameError};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// No handshake answer is larger: a row per API is 6 bytes.
const HANDSHAKE_MAX_BYTES: usize = 256 * 1024;

/// A step of opening a connection.
#[derive(Clone, Debug, Default)]
pub(crate) enum Step {
    #[default]
    Starting,
    Resolving(Arc<str>),
    Connecting(SocketAddr),
    ShakingHands(SocketAddr),
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Starting => f.write_str("starting to connect"),
            Self::Resolving(host) => write!(f, "resolving the name {host:?}"),
            Self::Connecting(address) => write!(f, "waiting for {address} to accept the TCP connection"),
            Self::ShakingHands(address) => {
                write!(f, "waiting for {address}, which accepted the connection, to answer ApiVersions")
            }
        }
    }
}

/// What is being waited for, to be told when a deadline ends the wait.
#[derive(Debug, Default)]
pub(crate) struct Progress(Mutex<Step>);

impl Progress {
    fn set(&self, step: Step) {
        *self.0.lock() = step;
    }

    /// The error for a wait that a deadline ended.
    pub(super) fn expired(&self, peer: &PeerName) -> Error {
        let step = self.0.lock().clone();
        let hint = match step {
            Step::Starting | Step::Resolving(_) => dns_hint(peer),
            Step::Connecting(_) => reach_hint(peer),
            Step::ShakingHands(_) => SILENT_HINT.to_owned(),
        };
        Error::timeout("connect", format!("the deadline passed while {step}"))
            .with_context("broker", peer)
            .with_hint(hint)
    }
}

/// Next step when a port takes connections and says nothing.
const SILENT_HINT: &str =
    "check that the port is a Kafka listener with security protocol PLAINTEXT, not TLS or something else";

/// With several addresses, the next one is tried when the one before has not accepted after this long (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);
/// One that accepted gets this long for the handshake before the next one is tried: the round trips are more, and what
/// answers slowly answers.
const HANDSHAKE_HEAD_START: Duration = Duration::from_secs(2);

/// Resolves, connects and shakes hands; the first address that answers wins.
///
/// Addresses are tried in the resolver's order, families in turn, each with a head start before the next: one that swallows
/// packets must not take the time of the others. Each address gets `attempt_timeout`. Errors: `Network`, `Protocol` or
/// `Unsupported`, naming the step that failed last.
pub(crate) async fn open(
    env: &Env,
    config: &CommonConfig,
    peer: &PeerName,
    attempt_timeout: Duration,
    progress: &Progress,
) -> Result<Opened, Error> {
    progress.set(Step::Resolving(peer.address.host.clone()));
    let addresses = in_turn(resolve(env, config, peer, env.now() + attempt_timeout).await?);
    let mut waiting = addresses.into_iter();
    let accepted_at = Mutex::new(None);
    let mut attempts = FuturesUnordered::new();
    let mut errors: Vec<Error> = Vec::new();
    loop {
        if let Some(address) = waiting.next() {
            let accepted_at = &accepted_at;
            attempts.push(async move {
                let deadline = env.now() + attempt_timeout;
                let opened = open_address(env, config, peer, address, deadline, progress, accepted_at).await;
                (address, opened)
            });
        }
        let mut head_start = env.now() + STAGGER;
        loop {
            let next = if waiting.len() == 0 {
                // Nobody is left to be started; attempts end by their own deadlines.
                Some(attempts.next().await)
            } else {
                env.timeout_at(head_start, attempts.next()).await
            };
            match next {
                Some(Some((_, Ok(opened)))) => return Ok(opened),
                Some(Some((address, Err(error)))) => {
                    tracing::debug!(peer = %peer, %address, %error, "connection attempt failed");
                    errors.push(error);
                    break;
                }
                Some(None) => return Err(last_of(errors).unwrap_or_else(|| no_address(config, peer))),
                None => match accepted_at.lock().take() {
                    Some(at) => head_start = at + HANDSHAKE_HEAD_START,
                    None => break,
                },
            }
        }
    }
}

/// A stream that a broker answered on, what it said of itself, and bytes read beyond that.
pub(super) type Opened = (Stream, PeerFeatures, BytesMut);

/// The last error, with what happened at other addresses beside it.
fn last_of(mut errors: Vec<Error>) -> Option<Error> {
    let last = errors.pop()?;
    if errors.is_empty() {
        return Some(last);
    }
    let others: Vec<_> = errors.iter().map(|error| error.message().to_owned()).collect();
    Some(last.with_context("also", others.join("; ")))
}

/// Each address once, the families in turn beginning with the first one's: a family that leads nowhere costs one head start.
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let mut seen = BTreeSet::new();
    let first_is_v4 = addresses.first().is_some_and(SocketAddr::is_ipv4);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .filter(|address| seen.insert(*address))
        .partition(|address| address.is_ipv4() == first_is_v4);
    let mut ordered = Vec::with_capacity(first.len() + second.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            return ordered;
        }
        ordered.extend(pair.into_iter().flatten());
    }
}

async fn resolve(
    env: &Env,
    config: &CommonConfig,
    peer: &PeerName,
    deadline: Instant,
) -> Result<Vec<SocketAddr>, Error> {
    let host = &*peer.address.host;
    let resolved = env.timeout_at(deadline, env.net().resolve(host, peer.address.port)).await;
    let addresses = match resolved {
        None => {
            return Err(
                failed(peer, format!("the name {host:?} was not resolved in time")).with_hint(dns_hint(peer))
            );
        }
        Some(Err(error)) => {
            return Err(failed(peer, format!("the name {host:?} cannot be resolved"))
                .with_source(error)
                .with_hint(dns_hint(peer)));
        }
        Some(Ok(addresses)) => addresses,
    };
    let usable: Vec<_> = addresses
        .into_iter()
        .filter(|address| match config.address_family {
            AddressFamily::Any => true,
            AddressFamily::V4 => address.is_ipv4(),
            AddressFamily::V6 => address.is_ipv6(),
        })
        .collect();
    if usable.is_empty() { Err(no_address(config, peer)) } else { Ok(usable) }
}

fn no_address(config: &CommonConfig, peer: &PeerName) -> Error {
    let host = &*peer.address.host;
    match config.address_family {
        AddressFamily::Any => {
            failed(peer, format!("the name {host:?} has no address")).with_hint(dns_hint(peer))
        }
        _ => failed(peer, format!("the name {host:?} has no address of the family asked for"))
            .with_hint("change broker.address.family"),
    }
}

async fn open_address(
    env: &Env,
    config: &CommonConfig,
    peer: &PeerName,
    address: SocketAddr,
    deadline: Instant,
    progress: &Progress,
    accepted_at: &Mutex<Option<Instant>>,
) -> Result<Opened, Error> {
    progress.set(Step::Connecting(address));
    let options = ConnectOptions {
        send_buffer_bytes: config.send_buffer_bytes,
        receive_buffer_bytes: config.receive_buffer_bytes,
    };
    let mut stream = match env.timeout_at(deadline, env.net().connect(address, options)).await {
        Some(Ok(stream)) => stream,
        Some(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            return Err(failed(
                peer,
                format!("{address} refused the connection: nothing listens on that port"),
            )
            .with_hint(reach_hint(peer)));
        }
        Some(Err(error)) => {
            return Err(failed(peer, format!("the connection to {address} failed"))
                .with_source(error)
                .with_hint(reach_hint(peer)));
        }
        None => {
            return Err(failed(peer, format!("{address} did not answer the TCP connection attempt in time"))
                .with_hint(reach_hint(peer)));
        }
    };
    progress.set(Step::ShakingHands(address));
    *accepted_at.lock() = Some(env.now());
    let mut buffer = BytesMut::with_capacity(4096);
    let shaken = env
        .timeout_at(deadline, shake_hands(&mut stream, &mut buffer, &config.client_id, peer, address))
        .await;
    match shaken {
        Some(Ok(features)) => Ok((stream, features, buffer)),
        Some(Err(error)) => Err(error),
        None => Err(failed(
            peer,
            format!("{address} accepted the connection but did not answer ApiVersions in time"),
        )
        .with_hint(SILENT_HINT)),
    }
}

async fn shake_hands(
    stream: &mut Stream,
    buffer: &mut BytesMut,
    client_id: &str,
    peer: &PeerName,
    address: SocketAddr,
) -> Result<PeerFeatures, Error> {
    let mut handshake = Handshake::new();
    let mut decoder = FrameDecoder::new(HANDSHAKE_MAX_BYTES);
    // Handshake ids are negative, so that they never meet a request's.
    let mut correlation_id = i32::MIN;
    while let Some((version, request)) = handshake.poll_request() {
        correlation_id += 1;
        let frame = encode_request(version, correlation_id, Some(client_id), &request).map_err(|error| {
            Error::new(ErrorKind::Internal, "connect", "the handshake cannot be encoded").with_source(error)
        })?;
        let lost = |error: io::Error| closed_early(peer, address, Some(error));
        // A handshake frame is one small segment.
        let bytes = frame.to_bytes().ok_or_else(|| closed_early(peer, address, None))?;
        stream.write_all(&bytes).await.map_err(lost)?;
        stream.flush().await.map_err(lost)?;
        let frame = loop {
            match decoder.decode(buffer) {
                Ok(Some(frame)) => break frame,
                Ok(None) => {}
                Err(error) => return Err(not_kafka(peer, address, buffer, &error)),
            }
            if stream.read_buf(buffer).await.map_err(lost)? == 0 {
                return Err(if buffer.is_empty() {
                    closed_early(peer, address, None)
                } else {
                    not_kafka(peer, address, buffer, &"the stream ended within a frame")
                });
            }
        };
        let (answered, body) = split_response(ApiKey::API_VERSIONS.0, version, frame)
            .map_err(|error| not_kafka(peer, address, buffer, &error))?;
        if answered != correlation_id {
            return Err(not_kafka(peer, address, buffer, &"the answer belongs to another request"));
        }
        handshake.handle_response(body).map_err(|error| match error {
            HandshakeError::Codec(error) => not_kafka(peer, address, buffer, &error),
            HandshakeError::Refused(code) => Error::from_code(code, "connect").with_context("broker", peer),
            HandshakeError::NoCommonVersion => {
                Error::new(ErrorKind::Unsupported, "connect", error.to_string()).with_context("broker", peer)
            }
        })?;
    }
    handshake.take_features().ok_or_else(|| closed_early(peer, address, None))
}

fn failed(peer: &PeerName, message: String) -> Error {
    Error::new(ErrorKind::Network, "connect", message).with_context("broker", peer)
}

fn closed_early(peer: &PeerName, address: SocketAddr, error: Option<io::Error>) -> Error {
    let failure = failed(
        peer,
        format!("{address} accepted the connection and closed it before answering the first request"),
    )
    .with_hint(
        "check that the port is a Kafka listener with security protocol PLAINTEXT: \
         a listener for TLS or SASL, or a proxy without a live broker behind it, does this",
    );
    match error {
        Some(error) => failure.with_source(error),
        None => failure,
    }
}

/// What answered is recognised by its first bytes, where it is something common.
fn not_kafka(peer: &PeerName, address: SocketAddr, seen: &[u8], why: &dyn std::fmt::Display) -> Error {
    let (what, hint) = match seen {
        // A TLS record: alert or handshake, version 3.x.
        [0x15 | 0x16, 0x03, ..] => (
            "answered with TLS".to_owned(),
            "the listener expects TLS: use the port of a PLAINTEXT listener (security.protocol=SSL is not supported yet)",
        ),
        [b'H', b'T', b'T', b'P', ..] => (
            "answered with HTTP".to_owned(),
            "the port belongs to a web server: use the port of a Kafka listener, usually 9092",
        ),
        _ => (
            format!("answered with something that is not Kafka's protocol ({why})"),
            "check the port: it must be a Kafka listener with security protocol PLAINTEXT",
        ),
    };
    Error::new(ErrorKind::Protocol, "connect", format!("{address} {what}"))
        .with_context("broker", peer)
        .with_hint(hint)
}

fn dns_hint(peer: &PeerName) -> String {
    match peer.node_id {
        Some(id) => advertised_hint(peer, id),
        None => {
            "check the spelling in bootstrap.servers, and that this machine's DNS knows the name".to_owned()
        }
    }
}

fn reach_hint(peer: &PeerName) -> String {
    match peer.node_id {
        Some(id) => advertised_hint(peer, id),
        None => "check host and port in bootstrap.servers, that the broker is running, and that no firewall is between"
            .to_owned(),
    }
}

fn advertised_hint(peer: &PeerName, id: crate::metadata::NodeId) -> String {
    format!(
        "the cluster advertises {} for node {id}, which cannot be reached from here: \
         set advertised.listeners of that broker to an address clients can reach",
        peer.address
    )
}

/// What a frame too large for the limit looks like once the handshake is over.
pub(super) fn frame_error(peer: &PeerName, error: &FrameError) -> Error {
    let failure =
        Error::new(ErrorKind::Protocol, "read responses", error.to_string()).with_context("broker", peer);
    match error {
        FrameError::TooLarge { .. } => {
            failure.with_hint("raise receive.message.max.bytes if such answers are expected")
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests;
