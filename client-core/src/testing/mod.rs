//! A broker for tests: real frames over a socket or a pipe, answers made by the test.
//!
//! It serves ApiVersions, Metadata and FindCoordinator out of the box, counts what it is asked, and does with any API
//! whatever a test tells it, sending garbage included.

mod bombs;
mod endings;
mod mistakes;
mod notices;
mod outages;
mod roles;
pub(crate) mod world;

use crate::metadata::NodeId;
use bytes::{Bytes, BytesMut};
use ottla_env::{Env, Stream, Task};
use ottla_wire::codec::{decode_request, decode_request_header, encode_response};
use ottla_wire::frame::FrameDecoder;
use ottla_wire::messages::api_versions_response::ApiVersion;
use ottla_wire::messages::find_coordinator_response::Coordinator;
use ottla_wire::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::messages::{
    ApiVersionsRequest, ApiVersionsResponse, BrokerId, FindCoordinatorRequest, FindCoordinatorResponse,
    MetadataRequest, MetadataResponse, TopicName,
};
use ottla_wire::protocol::{Request, StrBytes};
use ottla_wire::{ApiKey, ErrorCode};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use uuid::Uuid;

/// What to do with a request.
pub(crate) enum Reply {
    /// Send these bytes, frame length included.
    Bytes(Bytes),
    /// Send these bytes after a pause.
    Later(Duration, Bytes),
    /// Send these bytes once the test says so, or drops the other end.
    When(oneshot::Receiver<()>, Bytes),
    /// Send nothing.
    Silence,
    /// Send these bytes and close the connection.
    Close(Bytes),
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    pub(crate) body: Bytes,
}

impl Asked {
    /// What was asked.
    pub(crate) fn decode<R: Request>(&self) -> R {
        decode_request::<R>(self.version, self.body.clone()).unwrap()
    }
}

type Handler = Box<dyn FnMut(Asked) -> Reply + Send>;

struct State {
    handlers: BTreeMap<ApiKey, Handler>,
    versions: Vec<(ApiKey, std::ops::RangeInclusive<i16>)>,
    asked: Vec<ApiKey>,
    connections: usize,
    id: i32,
    advertised: (String, u16),
    /// Partition counts by name.
    topics: BTreeMap<String, i32>,
}

/// The broker; it ends with the value.
pub(crate) struct FakeBroker {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    _task: Task<()>,
}

impl FakeBroker {
    /// Node 1 on a port of its own.
    pub(crate) async fn start(env: &Env) -> Self {
        Self::start_at(env, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Node 1 at this address: where another one was before.
    pub(crate) async fn start_at(env: &Env, address: SocketAddr) -> Self {
        Self::start_node(env, 1, address).await
    }

    /// Node `id`; what it advertises is where it listens.
    pub(crate) async fn start_node(env: &Env, id: i32, address: SocketAddr) -> Self {
        let mut listener = env.net().listen(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            handlers: BTreeMap::new(),
            versions: ottla_wire::api_version::apis()
                .iter()
                .filter_map(|api| Some((api.key, ottla_wire::api_version::supported(api.key.0)?)))
                .collect(),
            asked: Vec::new(),
            connections: 0,
            id,
            advertised: (address.ip().to_string(), address.port()),
            topics: BTreeMap::new(),
        }));
        let accepted = state.clone();
        let serving = env.clone();
        let task = env.spawn("fake broker", async move {
            let mut connections = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                accepted.lock().connections += 1;
                connections
                    .push(serving.spawn("fake connection", serve(serving.clone(), stream, accepted.clone())));
            }
        });
        Self { address, state, _task: task }
    }

    pub(crate) fn bootstrap(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn node_id(&self) -> NodeId {
        NodeId(self.state.lock().id)
    }

    /// Answers requests of a type with what `answer` makes of them.
    pub(crate) fn on<R: Request>(&self, mut answer: impl FnMut(i16, R) -> R::Response + Send + 'static)
    where
        R::Response: 'static,
    {
        self.on_raw(ApiKey(R::KEY), move |asked| {
            let request = decode_request::<R>(asked.version, asked.body.clone()).unwrap();
            Reply::Bytes(encoded(R::KEY, &asked, &answer(asked.version, request)))
        });
    }

    /// Does anything at all with requests of an API.
    pub(crate) fn on_raw(&self, api: ApiKey, handler: impl FnMut(Asked) -> Reply + Send + 'static) {
        self.state.lock().handlers.insert(api, Box::new(handler));
    }

    /// Offers other versions of an API; an empty range offers none.
    pub(crate) fn offer(&self, api: ApiKey, versions: std::ops::RangeInclusive<i16>) {
        let mut state = self.state.lock();
        state.versions.retain(|(offered, _)| *offered != api);
        if !versions.is_empty() {
            state.versions.push((api, versions));
        }
    }

    pub(crate) fn topic(&self, name: &str, partitions: i32) {
        self.state.lock().topics.insert(name.to_owned(), partitions);
    }

    /// Sends clients elsewhere.
    pub(crate) fn advertise(&self, host: &str, port: u16) {
        self.state.lock().advertised = (host.to_owned(), port);
    }

    /// How often an API was asked.
    pub(crate) fn count(&self, api: ApiKey) -> usize {
        self.state.lock().asked.iter().filter(|asked| **asked == api).count()
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.state.lock().connections
    }
}

/// A response's frame.
pub(crate) fn encoded<T: ottla_wire::protocol::Encodable + ottla_wire::protocol::HeaderVersion>(
    api_key: i16,
    asked: &Asked,
    response: &T,
) -> Bytes {
    encode_response(api_key, asked.version, asked.correlation_id, response).unwrap().to_bytes().unwrap()
}

async fn serve(env: Env, mut stream: Stream, state: Arc<Mutex<State>>) {
    let mut decoder = FrameDecoder::new(1 << 20);
    let mut buffer = BytesMut::new();
    loop {
        let mut frame = loop {
            if let Some(frame) = decoder.decode(&mut buffer).unwrap() {
                break frame;
            }
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        };
        let header = decode_request_header(&mut frame).unwrap();
        let asked = Asked { version: header.api_version, correlation_id: header.correlation_id, body: frame };
        let reply = {
            let mut state = state.lock();
            let api = ApiKey(header.api_key);
            state.asked.push(api);
            match state.handlers.remove(&api) {
                Some(mut handler) => {
                    let reply = handler(asked);
                    state.handlers.entry(api).or_insert(handler);
                    reply
                }
                None => state.builtin(api, &asked),
            }
        };
        let written = match reply {
            Reply::Bytes(bytes) => stream.write_all(&bytes).await,
            Reply::Later(pause, bytes) => {
                env.sleep(pause).await;
                stream.write_all(&bytes).await
            }
            Reply::When(released, bytes) => {
                let _ = released.await;
                stream.write_all(&bytes).await
            }
            Reply::Silence => Ok(()),
            Reply::Close(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
        };
        if written.is_err() {
            return;
        }
    }
}

impl State {
    fn builtin(&self, api: ApiKey, asked: &Asked) -> Reply {
        let bytes = match api {
            ApiKey::API_VERSIONS => {
                decode_request::<ApiVersionsRequest>(asked.version, asked.body.clone()).unwrap();
                encoded(api.0, asked, &self.api_versions())
            }
            ApiKey::METADATA => {
                let request = decode_request::<MetadataRequest>(asked.version, asked.body.clone()).unwrap();
                encoded(api.0, asked, &self.metadata(asked.version, &request))
            }
            ApiKey::FIND_COORDINATOR => {
                let request =
                    decode_request::<FindCoordinatorRequest>(asked.version, asked.body.clone()).unwrap();
                encoded(api.0, asked, &self.find_coordinator(asked.version, &request))
            }
            other => panic!("the test gives no answer to {other}"),
        };
        Reply::Bytes(bytes)
    }

    fn api_versions(&self) -> ApiVersionsResponse {
        ApiVersionsResponse::default().with_api_keys(
            self.versions
                .iter()
                .map(|(api, range)| {
                    ApiVersion::default()
                        .with_api_key(api.0)
                        .with_min_version(*range.start())
                        .with_max_version(*range.end())
                })
                .collect(),
        )
    }

    fn metadata(&self, version: i16, request: &MetadataRequest) -> MetadataResponse {
        let (host, port) = &self.advertised;
        let broker = MetadataResponseBroker::default()
            .with_node_id(BrokerId(self.id))
            .with_host(StrBytes::from_string(host.clone()))
            .with_port(i32::from(*port));
        let names: Vec<String> = match &request.topics {
            None => self.topics.keys().cloned().collect(),
            Some(topics) => {
                topics.iter().filter_map(|topic| topic.name.as_ref()).map(|name| name.0.to_string()).collect()
            }
        };
        let topics = names
            .into_iter()
            .map(|name| {
                let topic = MetadataResponseTopic::default()
                    .with_name(Some(TopicName(StrBytes::from_string(name.clone()))));
                match self.topics.get(&name) {
                    Some(partitions) => topic
                        .with_topic_id(if version >= 10 {
                            Uuid::from_u128(name.len() as u128 + 1)
                        } else {
                            Uuid::nil()
                        })
                        .with_partitions(
                            (0..*partitions)
                                .map(|number| {
                                    MetadataResponsePartition::default()
                                        .with_partition_index(number)
                                        .with_leader_id(BrokerId(self.id))
                                        .with_leader_epoch(if version >= 7 { 0 } else { -1 })
                                        .with_replica_nodes(vec![BrokerId(self.id)])
                                        .with_isr_nodes(vec![BrokerId(self.id)])
                                })
                                .collect(),
                        ),
                    None => topic.with_error_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0),
                }
            })
            .collect();
        MetadataResponse::default()
            .with_brokers(vec![broker])
            .with_controller_id(BrokerId(self.id))
            .with_cluster_id(Some(StrBytes::from_static_str("fake")))
            .with_topics(topics)
    }

    fn find_coordinator(&self, version: i16, request: &FindCoordinatorRequest) -> FindCoordinatorResponse {
        let (host, port) = &self.advertised;
        if version < 4 {
            return FindCoordinatorResponse::default()
                .with_node_id(BrokerId(self.id))
                .with_host(StrBytes::from_string(host.clone()))
                .with_port(i32::from(*port));
        }
        FindCoordinatorResponse::default().with_coordinators(
            request
                .coordinator_keys
                .iter()
                .map(|key| {
                    Coordinator::default()
                        .with_key(key.clone())
                        .with_node_id(BrokerId(self.id))
                        .with_host(StrBytes::from_string(host.clone()))
                        .with_port(i32::from(*port))
                })
                .collect(),
        )
    }
}
