//! A broker's life: start, serve, stop.

use crate::config::{BrokerConfig, ConfigError, ListenerConfig};
use crate::context::{BrokerContext, FetchSessionCache};
use crate::controller::Controller;
use crate::coordinator::GroupCoordinator;
use crate::limits::{Limit, LimitHits};
use crate::log::{DirectoryError, LogManager, LogManagerConfig, LogManagerError, read_cluster_id};
use crate::metadata::{BrokerImage, MetadataImage, MetadataPublisher};
use crate::replication::ReplicaManager;
use crate::replication::decompression::Decompression;
use crate::replication::fetch_session::FetchSessions;
use crate::replication::log_settings;
use crate::server::limits::LimitSettings;
use crate::server::listener::{BoundListener, Server};
use crate::storage::Disk;
use ottla_env::Env;
use parking_lot::Mutex;
use rand::RngExt;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Resolving the name in `listeners` may not hold the start up for longer.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the start waits for a log directory that is still in use.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);
const LOCK_RETRY: Duration = Duration::from_millis(10);

/// Why a broker did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A listener could not be bound.
    #[error("listener {listener} cannot be bound to {address}: {source}")]
    Listen {
        /// Its name.
        listener: String,
        /// Where it was to be bound.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The cluster's metadata cannot be read or written.
    #[error("{0}")]
    Metadata(String),
    /// The log directories cannot be used.
    #[error("the logs cannot be opened: {source}")]
    Storage {
        /// What is in the way.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StartError {
    fn storage(error: LogManagerError) -> Self {
        Self::Storage { source: Box::new(error) }
    }
}

/// Why a broker did not stop cleanly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    /// Logs could not be closed; they will be recovered at the next start.
    #[error("the logs were not closed cleanly: {0}")]
    Logs(String),
}

/// A running broker. Dropping it ends it at once, as a crash would; [`Broker::stop`] ends it cleanly.
pub struct Broker {
    context: Arc<BrokerContext>,
    server: Server,
    addresses: Vec<SocketAddr>,
}

impl Broker {
    /// Starts a broker on the current tokio runtime. Once this returns, it can be connected to.
    pub async fn start(config: BrokerConfig) -> Result<Self, StartError> {
        Self::start_in(Env::system(), config).await
    }

    /// [`Self::start`] in a world of the caller's making.
    pub async fn start_in(env: Env, config: BrokerConfig) -> Result<Self, StartError> {
        let (disk, directories) = log_settings::disk(&config);
        Self::start_on(env, config, disk, directories).await
    }

    /// [`Self::start_in`] with its logs in `directories` of `disk`.
    pub(crate) async fn start_on(
        env: Env,
        config: BrokerConfig,
        disk: Arc<dyn Disk>,
        directories: Vec<PathBuf>,
    ) -> Result<Self, StartError> {
        let config = Arc::new(config);
        let overrides = connection_overrides(&env, &config).await?;
        let mut bound = Vec::new();
        for listener in config.listeners() {
            bound.push(bind(&env, listener).await?);
        }
        let addresses = bound.iter().map(|listener| listener.address).collect();
        let cluster_id = cluster_id(&env, &config, &disk, &directories).map_err(StartError::storage)?;
        let settings = log_settings::settings(&config, directories, &cluster_id)
            .map_err(|error| ConfigError::new(error.name, error.reason))?;
        let logs = open_logs(&env, disk, settings).await.map_err(StartError::storage)?;
        let metadata = Arc::new(MetadataPublisher::new(MetadataImage::empty(cluster_id)));
        let replicas = Arc::new(ReplicaManager::new(config.clone(), logs.clone()));
        let applied_to = replicas.clone();
        metadata.subscribe(move |delta, image| applied_to.apply(delta, image));
        let limits = Arc::new(LimitHits::new(env.clone()));
        let groups = GroupCoordinator::start(&env, &config, &metadata, &replicas);
        let (storage, directory) = logs.metadata_storage().map_err(StartError::storage)?;
        let broker = registration(&config, &bound);
        let controller = Controller::open(
            &env,
            config.clone(),
            metadata.clone(),
            limits.clone(),
            storage,
            &directory,
            broker,
        );
        let controller = Arc::new(controller.await.map_err(|error| StartError::Metadata(error.to_string()))?);
        let sessions = FetchSessions::new(config.size("max.incremental.fetch.session.cache.slots"));
        let context = Arc::new(BrokerContext {
            replicas,
            groups,
            decompression: Decompression::new(
                env.clone(),
                limits.clone(),
                config.size(Limit::DecompressedInflightBytes.setting()),
            ),
            limits,
            fetch_sessions: Mutex::new(FetchSessionCache { sessions, rng: env.rng("fetch sessions") }),
            fetch_max_bytes: config.size("fetch.max.bytes"),
            producer_ids: tokio::sync::Mutex::new(0..0),
            node_id: config.node_id(),
            stopping: AtomicBool::new(false),
            env,
            config,
            metadata,
            controller,
        });
        let limits = LimitSettings::new(&context.config, overrides);
        let server = Server::start(&context, limits, bound);
        Ok(Self { context, server, addresses })
    }

    /// `host:port` of each listener, for a client's `bootstrap.servers`.
    pub fn bootstrap_servers(&self) -> String {
        let addresses = self.addresses.iter().map(|address| {
            // A listener on every interface is reached on this machine by its own name.
            let ip = match address.ip() {
                IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
                IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
                ip => ip,
            };
            SocketAddr::new(ip, address.port()).to_string()
        });
        addresses.collect::<Vec<_>>().join(",")
    }

    /// The bound address of each listener, in the order of the configuration.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What handlers work on.
    #[cfg(test)]
    pub(crate) fn context(&self) -> &Arc<BrokerContext> {
        &self.context
    }

    /// How often peers ran into each limit.
    pub fn limits(&self) -> &LimitHits {
        &self.context.limits
    }

    /// How many clients are connected.
    pub fn connection_count(&self) -> usize {
        self.server.connection_count()
    }

    /// Ends the broker: answers that are due go out within `timeout`, then logs are closed cleanly.
    pub async fn stop(self, timeout: Duration) -> Result<(), StopError> {
        let Self { context, server, .. } = self;
        context.stopping.store(true, Ordering::Release);
        let deadline = context.env.now() + timeout;
        server.stop(&context.env, deadline).await;
        let broker_epoch =
            context.metadata.image().brokers.get(&context.node_id).map_or(-1, |own| own.broker_epoch);
        context.replicas.logs().stop(broker_epoch).await.map_err(|error| StopError::Logs(error.to_string()))
    }
}

impl std::fmt::Debug for Broker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Broker").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// Opens the log directories. One in use is waited for shortly: a broker that was dropped, or killed, lets go of its
/// directory a moment later.
async fn open_logs(
    env: &Env,
    disk: Arc<dyn Disk>,
    settings: LogManagerConfig,
) -> Result<Arc<LogManager>, LogManagerError> {
    let deadline = env.now() + LOCK_TIMEOUT;
    loop {
        match LogManager::start(env.clone(), disk.clone(), settings.clone()).await {
            Err(LogManagerError::Directory(DirectoryError::Locked(_))) if env.now() < deadline => {
                env.sleep(LOCK_RETRY).await;
            }
            outcome => return outcome,
        }
    }
}

async fn bind(env: &Env, config: &ListenerConfig) -> Result<BoundListener, StartError> {
    let failed = |source| StartError::Listen {
        listener: config.name.clone(),
        address: format!("{}:{}", config.host, config.port),
        source,
    };
    let mut candidates = if config.host.is_empty() {
        vec![SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), config.port)]
    } else if let Ok(ip) = config.host.parse() {
        vec![SocketAddr::new(ip, config.port)]
    } else {
        let deadline = env.now() + RESOLVE_TIMEOUT;
        let resolved = env.timeout_at(deadline, env.net().resolve(&config.host, config.port)).await;
        resolved.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into())).map_err(failed)?
    };
    // A name may have an IPv6 address that this machine does not have.
    candidates.sort_by_key(SocketAddr::is_ipv6);
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for candidate in candidates {
        match env.net().listen(candidate).await {
            Ok(socket) => {
                let address = socket.local_addr().map_err(failed)?;
                return Ok(BoundListener { name: Arc::from(config.name.as_str()), address, socket });
            }
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

/// `max.connections.per.ip.overrides` with its names resolved, which may give several addresses each.
async fn connection_overrides(
    env: &Env,
    config: &BrokerConfig,
) -> Result<BTreeMap<IpAddr, usize>, StartError> {
    let mut overrides = BTreeMap::new();
    for (host, count) in config.connections_per_ip() {
        if let Ok(ip) = host.parse::<IpAddr>() {
            overrides.insert(ip.to_canonical(), *count);
            continue;
        }
        let deadline = env.now() + RESOLVE_TIMEOUT;
        let resolved = env.timeout_at(deadline, env.net().resolve(host, 0)).await;
        let resolved = resolved.unwrap_or_else(|| Err(io::ErrorKind::TimedOut.into()));
        let unknown = |error| {
            let problem = format!("{host} cannot be resolved: {error}");
            ConfigError::new("max.connections.per.ip.overrides", problem)
        };
        let addresses = resolved.map_err(unknown)?;
        overrides.extend(addresses.iter().map(|address| (address.ip().to_canonical(), *count)));
    }
    Ok(overrides)
}

/// What this broker tells the controller of itself.
fn registration(config: &BrokerConfig, bound: &[BoundListener]) -> BrokerImage {
    let endpoints = config.listeners().iter().zip(bound).map(|(config, bound)| {
        let (host, port) = match &config.advertised {
            Some((host, 0)) => (host.clone(), bound.address.port()),
            Some((host, port)) => (host.clone(), *port),
            // Loopback is loopback; a name stays a name; on every interface, whichever the client came in by.
            None if bound.address.ip().is_unspecified() => (String::new(), bound.address.port()),
            None => (config.host.clone(), bound.address.port()),
        };
        (bound.name.clone(), Arc::from(host), port)
    });
    BrokerImage {
        node_id: config.node_id(),
        broker_epoch: 0,
        endpoints: endpoints.collect(),
        rack: config.text("broker.rack").map(Arc::from),
        fenced: false,
    }
}

/// What the configuration or a log directory says, else a new one:
/// 22 letters of URL-safe base64, as Kafka writes a random id.
fn cluster_id(
    env: &Env,
    config: &BrokerConfig,
    disk: &Arc<dyn Disk>,
    directories: &[PathBuf],
) -> Result<Arc<str>, LogManagerError> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if let Some(text) = config.text("ottla.cluster.id") {
        return Ok(Arc::from(text));
    }
    for directory in directories {
        let known = read_cluster_id(&**disk, directory);
        let known = known.map_err(|source| DirectoryError::Io { path: directory.clone(), source })?;
        if let Some(known) = known {
            return Ok(Arc::from(known));
        }
    }
    let mut bits: u128 = env.rng("cluster id").random();
    // The last letter stands for two bits only.
    let last = LETTERS[(bits as usize & 3) << 4];
    bits >>= 2;
    let mut text = String::with_capacity(22);
    for index in 0..21 {
        // Tools take a leading dash for an option.
        let letter = LETTERS[bits as usize & 63];
        text.push(char::from(if index == 0 && letter == b'-' { b'A' } else { letter }));
        bits >>= 6;
    }
    text.push(char::from(last));
    Ok(Arc::from(text))
}
